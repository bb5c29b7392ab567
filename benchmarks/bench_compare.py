"""Comparing runs: the whole command beside Guild's, and the table a window shows."""

from __future__ import annotations

import compileall
import statistics
import time
from collections.abc import Callable, Iterator

from benchmarks.report import Figure
from benchmarks.setting import ROOT, Setting, median_ms, runs_of
from core.compare.column_spec import ColumnSpec
from core.compare.groups import flags_but, group_grid, group_table
from core.compare.layout import CORE_COLUMNS, Wanted, lay_out
from core.compare.operation_hints import ProjectHints
from core.compare.table import Column, CompareTable, SortBy, build_table, columns_of
from core.home import Home
from core.index.columns import RunColumns
from core.index.index import RunIndex
from core.index.query_tree import AGGREGATES

COLUMNS = 60
SORTED_BY = ("label", "started", "window", "last loss")
"""Texts that are all different, times, a flag of mixed type, a scalar."""

SHOWN_MS, SORTED_MS = 500.0, 60.0
RATIOS = {10_000: 20.0}
LARGEST_WITH_TARGET = 10_000


def figures(setting: Setting) -> Iterator[Figure]:
    """The command at each size, then what the window waits for."""
    for room in ("core", "cli"):  # as an installer does; the peer's modules are compiled too
        compileall.compile_dir(ROOT / room, quiet=1)
    cache = setting.scratch("compare")
    for size in setting.sizes:
        home = setting.home(size)
        setting.ours("check", "-H", str(home), cache=cache)  # builds the index
        yield Figure(
            "rundesk compare --csv",
            runs_of(size),
            setting.ours("compare", "-H", str(home), "--csv", "-", cache=cache),
            peer=setting.guild(home, "compare", "--csv", "-"),
            peer_name="guild compare --csv",
            ratio=RATIOS.get(size),
        )
        yield from _table_figures(setting, size)


def _table_figures(setting: Setting, size: int) -> Iterator[Figure]:
    index = RunIndex(Home(setting.home(size)), setting.config(size) / "cache")
    try:
        index.load()
        for _ in index.refresh():
            pass
        runs = index.columns
        slots = runs.newest_first()
        runs.decode_flags()  # a window did that when it showed the runs
        yield from _figures(runs, slots, size)
    finally:
        index.close()


def _figures(runs: RunColumns, slots: list[int], size: int) -> Iterator[Figure]:
    def guilds_choice() -> CompareTable:
        layout = lay_out(runs, slots, Wanted(), ProjectHints())
        return build_table(runs, slots, layout.columns, now=0)

    def build() -> CompareTable:
        return build_table(runs, slots, columns, now=0)

    columns = _sixty_columns(runs)
    table = build()
    has_target = size <= LARGEST_WITH_TARGET
    shown, sort = (SHOWN_MS, SORTED_MS) if has_target else (None, None)
    sized = f"{size:,} × {len(columns)}"
    yield Figure("Guild's columns chosen and built", runs_of(size), median_ms(guilds_choice), "ms")
    yield Figure("table built", sized, median_ms(build), "ms", at_most=shown)
    yield Figure("columns that differ found", sized, median_ms(table.differing), "ms")
    for name in SORTED_BY:
        place = table.place_of(name)
        if place is None:
            continue
        first = _first_sort_ms(build, place)
        yield Figure(f"sorted by {name}, the first time", sized, first, "ms", at_most=sort)
        again = median_ms(lambda place=place: table.sorted_by([SortBy(place)]))
        yield Figure(f"sorted by {name}, again", sized, again, "ms", at_most=sort)
    keys = flags_but(runs, slots, ["seed"])
    grouped = median_ms(lambda: group_grid(group_table(runs, table, keys, now=0)))
    yield Figure("grouped by all flags but seed", sized, grouped, "ms")


def _sixty_columns(runs: RunColumns) -> tuple[Column, ...]:
    """Core columns, flags, and of the scalars as many values as find room."""
    specs = [*CORE_COLUMNS, *(ColumnSpec("flag", name) for name in sorted(runs.flag_names()))]
    specs += [
        ColumnSpec("scalar", key, aggregate, heading=f"{aggregate} {key}")
        for aggregate in AGGREGATES
        for key in sorted(runs.scalar_keys())
    ]
    return columns_of(specs)[:COLUMNS]


def _first_sort_ms(build: Callable[[], CompareTable], place: int) -> float:
    """Median milliseconds of sorting a table that was not sorted by this column yet."""
    times = []
    for _ in range(5):
        table = build()
        begin = time.perf_counter()
        table.sorted_by([SortBy(place, descending=True)])
        times.append((time.perf_counter() - begin) * 1000)
    return statistics.median(times)
