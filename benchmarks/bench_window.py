"""The window from the start of the process: the first one, the first rows."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from pathlib import Path

from benchmarks.report import Figure
from benchmarks.screen import probe, screen
from benchmarks.setting import Setting, runs_of

EMPTY_SECONDS = 0.5
FIRST_ROWS_SECONDS = {10_000: 0.6}
FIRST_ROWS_RATIO = 20.0


def figures(setting: Setting) -> Iterator[Figure]:
    """An empty home, then each size with an index that is there already."""
    with screen() as environ:
        empty = setting.scratch("empty-home")
        (empty / "runs").mkdir()
        config = setting.scratch("empty-config")
        seconds = _median(setting, empty, config, environ, "window")
        yield Figure("window, empty home", "0 runs", seconds, at_most=EMPTY_SECONDS)
        for size in setting.sizes:
            yield _first_rows(setting, size, environ)


def _first_rows(setting: Setting, size: int, environ: dict[str, str]) -> Figure:
    home, config = setting.home(size), setting.config(size)
    probe("settle", home, config, environ)
    seconds = _median(setting, home, config, environ, "rows")
    return Figure(
        "window with first rows", runs_of(size), seconds,
        peer=setting.guild(home, "runs", "-a"), peer_name="guild runs -a",
        at_most=FIRST_ROWS_SECONDS.get(size), ratio=FIRST_ROWS_RATIO if size >= 10_000 else None,
    )  # fmt: skip


def _median(
    setting: Setting, home: Path, config: Path, environ: dict[str, str], what: str
) -> float:
    times = [probe("start", home, config, environ)[what] for _ in range(setting.repeats + 1)]
    return statistics.median(times[1:])
