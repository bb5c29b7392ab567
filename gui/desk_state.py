"""What of an open home is remembered until the next time it is opened."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gui.archives.export_choice import ExportHabit
from gui.models.places_model import PlaceKind
from gui.places.navigation import PlaceName
from gui.places.place_catalogue import RUNS
from gui.window_state import HomeState

if TYPE_CHECKING:
    from gui.desk import Desk
    from gui.main_window import MainWindow

_KEYS = frozenset(
    (
        *("table", "pages", "history", "export", "place/kind", "place/key"),
        *("archives", "folder", "filter", "tab", "selected", "pinned"),
    )
)
_NOT_OWN = (PlaceKind.HOME, PlaceKind.ARCHIVE)
"""Places whose runs are not the home's."""


def take_over(window: MainWindow, state: HomeState) -> None:
    """Remember how a home and its window looked in a program that was killed, if one was."""
    windows = window.look().keys()
    for key, text in state.take_look().items():
        if key in windows:
            state.write(key, text)
        elif key in _KEYS:
            state.write_own(key, text)


def recall(desk: Desk, window: MainWindow, state: HomeState) -> None:
    """Show of a home what was shown the last time, also by a program that was killed."""
    take_over(window, state)
    if left := str(state.read_own("left", "") or ""):
        window.centre.notices.say("left", left)
        state.write_own("left", "")
    if title := state.take_killed():
        window.centre.notices.say(
            "killed",
            f"“{title}” was going on when Rundesk was killed: some of the runs are done, "
            "the others are as they were. Do it again for the rest.",
        )
    desk.table.restore(read_map(state, "table"))
    desk.exporting.habit = ExportHabit.from_map(read_map(state, "export"))
    window.centre.tabs.restore(read_map(state, "pages"))
    desk.filter_box.history.restore(texts_of(read_map(state, "history")))
    desk.navigation.start(read_place(state), str(state.read_own("filter", "") or ""))
    window.details.show_tab(str(state.read_own("tab", "overview")))
    if selected := str(state.read_own("selected", "") or ""):
        desk.navigation.want_run(selected)
    if pinned := str(state.read_own("pinned", "") or ""):
        desk.comparing.chosen.pin(pinned)
    desk.archives.restore(read_map(state, "archives"))
    desk.archives.folder.path = str(state.read("folder", "") or "")


def remember(desk: Desk, window: MainWindow, state: HomeState) -> None:
    """Keep what is shown of a home for the next time."""
    for key, text in look_of(desk, window).items():
        state.write_own(key, text)
    state.write("folder", desk.archives.folder.path)


def look_of(desk: Desk, window: MainWindow) -> dict[str, str]:
    """What is shown of a home, by the names under which it is remembered for this home."""
    kind, key = desk.navigation.place
    current = desk.runs.current_ref()
    return {
        "table": json.dumps(desk.table.state()),
        "pages": json.dumps(window.centre.tabs.state()),
        "history": json.dumps({"texts": list(desk.filter_box.history.texts)}),
        "export": json.dumps(desk.exporting.habit.as_map()),
        "place/kind": kind.value,
        "place/key": key,
        "archives": json.dumps(desk.archives.state()),
        "folder": desk.archives.folder.path,
        "filter": desk.filter_box.text(),
        "tab": window.details.tab_name(),
        "selected": current.id if current else "",
        "pinned": desk.comparing.chosen.pin_kept or "",
    }


def read_place(state: HomeState) -> PlaceName:
    """The place that was shown; the runs where none is remembered."""
    kind = state.read_own("place/kind", PlaceKind.RUNS.value)
    known = {place.value: place for place in PlaceKind if place not in _NOT_OWN}
    if not isinstance(kind, str) or kind not in known:
        return RUNS
    return (known[kind], str(state.read_own("place/key", "") or ""))


def read_map(state: HomeState, key: str) -> dict[str, Any]:
    """A map of plain values; empty where none that can be understood is remembered."""
    try:
        value = json.loads(str(state.read_own(key, "")))
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def texts_of(value: dict[str, Any]) -> list[str]:
    """The texts remembered in a map under "texts"; what is no text is left out."""
    texts = value.get("texts")
    return [text for text in texts if isinstance(text, str)] if isinstance(texts, list) else []
