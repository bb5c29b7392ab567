"""The index: built for the first time, filtered and sorted in memory, brought up to date."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.report import Figure
from benchmarks.setting import Setting, median_ms, runs_of
from core.clock import now_us
from core.home import Home
from core.index.arrange import SortKey, View, arrange
from core.index.filters import Filters
from core.index.index import RunIndex

# The sizes that the design gives targets for; other sizes are printed without one.
BUILD_SECONDS = {10_000: 4.0, 100_000: 40.0}
FIRST_ROWS_SECONDS = 1.0
FILTER_MS = {10_000: 10.0, 100_000: 30.0}
SORT_MS = {100_000: 60.0}

FILTERS = {
    "flag": "lr > 0.005",
    "flag and scalar": "lr > 0.001 and last val_accuracy > 0.7",
    "text": "label contains window",
}
SORTS = {"flag of mixed type": "flag:window", "scalar": "scalar:last:loss", "label": "label"}


def figures(setting: Setting) -> Iterator[Figure]:
    """First build, refresh, filters and sorts at each size."""
    for size in setting.sizes:
        home = setting.home(size)
        yield from _build(setting, home, size)
        index = RunIndex(Home(home), setting.directory / "scratch" / "index")
        begin = time.perf_counter()
        index.load()
        yield Figure("index loaded from its cache", runs_of(size), time.perf_counter() - begin)
        yield _refresh(index, size)
        yield from _filters(index, size)
        yield from _sorts(index, size)
        index.close()


def _build(setting: Setting, home: Path, size: int) -> Iterator[Figure]:
    _warm(home, setting)
    index = RunIndex(Home(home), setting.scratch("index"))
    begin = time.perf_counter()
    index.load()
    first = None
    for changes in index.refresh(lambda: None):
        if first is None and changes.added:
            first = time.perf_counter() - begin
    built = time.perf_counter() - begin
    index.close()
    peer_index = home / "cache" / "runs"
    peer = setting.guild(
        home, "compare", "--csv", "-",
        before=lambda: shutil.rmtree(peer_index, ignore_errors=True),
    )  # fmt: skip
    yield Figure(
        "first index: first rows", runs_of(size), first or built, at_most=FIRST_ROWS_SECONDS
    )
    yield Figure(
        "first index: all runs", runs_of(size), built, peer=peer,
        peer_name="guild compare, no index", at_most=BUILD_SECONDS.get(size),
    )  # fmt: skip


def _warm(home: Path, setting: Setting) -> None:
    """Let the system read every file once: the figures are of a warm disk."""
    index = RunIndex(Home(home), setting.scratch("warm"))
    index.load()
    for _ in index.refresh(lambda: None):
        pass
    index.close()


def _refresh(index: RunIndex, size: int) -> Figure:
    def look() -> None:
        for _ in index.refresh(lambda: None):
            pass

    return Figure("look at every run, none changed", runs_of(size), median_ms(look, 3), "ms")


def _filters(index: RunIndex, size: int) -> Iterator[Figure]:
    for name, expression in FILTERS.items():
        view = View(filters=Filters(expression=expression))
        found = len(arrange(index.columns, view, now=now_us()))
        yield Figure(
            f"filter by {name}: {found:,} found", runs_of(size),
            median_ms(lambda view=view: arrange(index.columns, view, now=now_us())), "ms",
            at_most=FILTER_MS.get(size),
        )  # fmt: skip


def _sorts(index: RunIndex, size: int) -> Iterator[Figure]:
    for name, key in SORTS.items():
        view = View(sort=(SortKey(key),))
        begin = time.perf_counter()
        arrange(index.columns, view, now=now_us())
        first = (time.perf_counter() - begin) * 1000
        yield Figure(f"sort by {name}, first time", runs_of(size), first, "ms")
        yield Figure(
            f"sort by {name}", runs_of(size),
            median_ms(lambda view=view: arrange(index.columns, view, now=now_us())), "ms",
            at_most=SORT_MS.get(size),
        )  # fmt: skip
