"""Runs of an archive that stands in the places: dragged in, refused, packed and dragged out."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.archives.source import open_source
from tests.end2end.test_drag_out import DROP_AT, drag, drop_zone, open_narrow
from tests.end2end.test_import import archive, file_manager, home, icon_in, runs_there
from tests.support.desktop import Desktop, wait_until
from tests.support.driven_window import DrivenWindow

__all__ = ["archive", "drop_zone", "file_manager", "home", "runs_there"]

NAME = "paper.runs.zip"


@pytest.fixture
def window(desktop, home, archive, tmp_path) -> DrivenWindow:
    """The window on the left of the screen, with the archive in front."""
    window = open_narrow(desktop, home, tmp_path / "config")
    desktop.key("ctrl+shift+a")
    window.wait_for("a file is asked for", lambda s: "archive" in s["in_front"].lower())
    desktop.type(str(archive))
    desktop.key("Return")
    window.wait_for("the archive is shown", lambda s: s["place"] == NAME and s["rows"] == 3)
    return window


def drag_onto(desktop: Desktop, window: DrivenWindow, row: int, place: str) -> None:
    """Drag a row of the table onto a place."""
    state = window.ask()
    drag(desktop, state["cells"]["label"][row], tuple(state["places"][place]))


def test_a_run_is_dragged_from_the_archive_to_this_computer(desktop, window, home, peer):
    run_id = window.ask()["ids"][1]

    drag_onto(desktop, window, 1, "This computer")
    window.press("Import 1 Run")

    wait_until(lambda: (home / "runs" / run_id).is_dir(), "the run is in the home")
    assert run_id in {run["id"] for run in peer.json(home, "runs", "--json")}


def test_a_drop_on_the_trash_is_refused(desktop, window, home):
    before = sorted(path.name for path in (home / "runs").iterdir())

    drag_onto(desktop, window, 1, "Trash")

    state = window.ask()
    assert (state["place"], state["buttons"]) == (NAME, {})
    assert sorted(path.name for path in (home / "runs").iterdir()) == before


def test_packed_runs_are_no_folders_until_they_are_packed_anew(desktop, window, drop_zone):
    state = window.ask()
    drag(desktop, state["cells"]["label"][0], DROP_AT)
    assert list(drop_zone.iterdir()) == []

    desktop.click(*state["cells"]["label"][0])
    window.wait_for("one is selected", lambda s: s["selected"] == 1)
    desktop.key("ctrl+alt+shift+a")
    parcel = window.wait_for("the parcel lies ready", lambda s: s["parcel"])["parcel"]
    drag(desktop, parcel, DROP_AT)

    (arrived,) = wait_until(lambda: list(drop_zone.glob("*.runs.zip")), "the archive arrives")
    source = open_source(Path(arrived))
    assert source.ids() == [state["ids"][0]]
    source.close()


def test_an_archive_dragged_onto_the_places_opens_as_one(
    desktop, home, archive, file_manager, tmp_path
):
    window = open_narrow(desktop, home, tmp_path / "config")
    end = window.ask()["places"]["Trash"]

    def asks() -> bool:
        drag(desktop, list(icon_in(desktop, file_manager)), tuple(end))
        return "Open as Archive" in window.ask()["menu"]

    wait_until(asks, "the drop is taken", 60)
    desktop.key("Down", "Return")

    window.wait_for("the archive is shown", lambda s: s["place"] == NAME and s["rows"] == 3)
