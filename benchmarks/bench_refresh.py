"""An open window whose home is changed by others: how soon it shows, what it costs."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.report import Figure
from benchmarks.screen import probe, screen
from benchmarks.setting import Setting, runs_of

NEW_RUN_SECONDS = {10_000: 1.0, 100_000: 2.0}
VISIBLE_SECONDS = 1.0
ANYWHERE_SECONDS = {10_000: 5.0, 100_000: 40.0}
IDLE_PERCENT = 3.0
GAP_P99_MS, GAP_MAX_MS = 16.0, 50.0
MEMORY_MB = {100_000: 400.0}


def figures(setting: Setting) -> Iterator[Figure]:
    """Changes, gaps, idle cost and memory at each size, without and with an index."""
    with screen() as environ:
        for size in setting.sizes:
            home, config = setting.home(size), setting.scratch(setting.config(size).name)
            first = probe("settle", home, config, environ)
            yield from _gaps(first, "first index", "gap_start", size)
            found = probe("live", home, config, environ)
            yield from _gaps(found, "start with index", "gap_start", size)
            yield from _gaps(found, "runs change", "gap_changes", size)
            yield from _changes(found, size)


def _changes(found: dict[str, float], size: int) -> Iterator[Figure]:
    for what, key, unit, target in (
        ("new run is in the window", "new_run", "s", NEW_RUN_SECONDS.get(size, 1.0)),
        ("edit in place, visible", "edit_visible", "s", VISIBLE_SECONDS),
        ("edit in place, anywhere", "edit_anywhere", "s", ANYWHERE_SECONDS.get(size)),
        ("longest gap while scrolling", "scroll_gap_max", "ms", GAP_MAX_MS),
        ("idle cost of a core", "idle", "%", IDLE_PERCENT),
        ("memory, window open", "rss", "MB", MEMORY_MB.get(size)),
        ("memory, peak", "rss_peak", "MB", MEMORY_MB.get(size)),
    ):
        yield Figure(what, runs_of(size), found[key], unit, at_most=target)


def _gaps(found: dict[str, float], when: str, key: str, size: int) -> Iterator[Figure]:
    for name, kind, target in (("p99", "p99", GAP_P99_MS), ("longest", "max", GAP_MAX_MS)):
        what = f"gap of the GUI thread, {when}: {name}"
        yield Figure(what, runs_of(size), found[f"{key}_{kind}"], "ms", at_most=target)
