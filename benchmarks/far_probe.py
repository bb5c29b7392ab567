"""A program that shows the runs of a remote in the real window, and prints JSON.

    python -m benchmarks.far_probe HOME CONFIG

The remote is called "box" in Guild's configuration of whoever `$HOME` is. Its place is opened, its
runs arrive, and then they are listed again.
"""

from __future__ import annotations

import time
from typing import Any

from benchmarks.bulk_probe import OwnGaps, print_measured
from benchmarks.probe import settle, wait_until
from gui.app import App
from gui.models.places_model import PlaceKind


def main() -> None:
    """Open the window, measure, close it."""
    print_measured(_measure)


def settled_desk(app: App) -> Any:
    """The desk of the window, as soon as its runs and the remotes are known."""
    desk = app.sessions[0].desk
    assert desk is not None
    app.window.resize(1600, 950)
    wait_until(lambda: desk.feed.is_settled)
    remotes: Any = app.sessions[0].remote_desk
    wait_until(lambda: remotes.remotes.is_listed)
    settle()
    return desk


def _measure(app: App) -> dict[str, float]:
    desk = settled_desk(app)
    found: dict[str, float] = {}
    gaps = OwnGaps()
    _time(gaps, "open", found, lambda: _choose(app), lambda: desk.front is not desk)
    _time(gaps, "arrive", found, lambda: None, lambda: _is_read(desk))
    _time(gaps, "again", found, lambda: _look_again(desk), lambda: _is_read(desk))
    found["shown"] = len(desk.front.runs.model.order)
    return found


def _time(gaps: OwnGaps, name: str, found: dict[str, float], begin: Any, is_done: Any) -> None:
    """Seconds until it is done, and the gaps meanwhile and a moment after."""
    before = time.perf_counter()
    gaps.begin()
    with gaps.of(f"{name}_gap", found):
        begin()
        wait_until(is_done)
        found[name] = time.perf_counter() - before
        if name != "open":
            settle()
    found[f"{name}_work_max"] = max(gaps.work)


def _choose(app: App) -> None:
    index = app.window.places_model.index_of((PlaceKind.REMOTE, "box"))
    app.window.places.setCurrentIndex(index)


def _is_read(desk: Any) -> bool:
    front = desk.front
    return front is not desk and front.feed.last.is_read and not front.runs.is_arranging


def _look_again(desk: Any) -> None:
    from gui.archives.shelf_feed import Told

    desk.front.feed.last = Told()
    desk.front.look_now()


if __name__ == "__main__":
    main()
