"""Folders of runs dragged in from a file manager, and single files out of an archive."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from core.sample import make_sample_store
from tests.end2end.test_archive_place import NAME
from tests.end2end.test_archive_place import window as archive_window
from tests.end2end.test_drag_out import DROP_AT, drag, drop_zone, open_narrow
from tests.end2end.test_import import archive, home, icon_in, runs_there
from tests.support.desktop import Desktop, wait_until
from tests.support.driven_window import DrivenWindow

__all__ = ["archive", "archive_window", "drop_zone", "home", "runs_there"]

TABLE = (500, 400)


def show_folder(desktop: Desktop, folder: Path) -> str:
    """A folder in a file manager on the right of the screen; the window's id."""
    shown = desktop.open_folder(folder)
    desktop.run("xdotool", "windowsize", "--sync", shown, "400", "400")
    desktop.run("xdotool", "windowmove", "--sync", shown, "1020", "460")
    return shown


def drag_in(desktop: Desktop, window: DrivenWindow, shown: str, verb: str = "") -> None:
    """Drag all of a folder onto the table, again where a busy file manager missed it.

    Args:
        desktop: The screen.
        window: The application.
        shown: The file manager.
        verb: The button of the preview when all of it came; empty for any preview.
    """

    def has_come() -> bool:
        state = window.ask()
        return state["in_front"] == "Import runs" and (not verb or verb in state["buttons"])

    def asks() -> bool:
        desktop.activate(shown)
        desktop.key("ctrl+a")
        drag(desktop, list(icon_in(desktop, shown)), TABLE)
        end = time.monotonic() + 8
        while time.monotonic() < end:
            if has_come():
                return True
            time.sleep(0.05)
        if window.ask()["in_front"] == "Import runs":
            desktop.key("Escape")  # it missed that all was selected
        return False

    wait_until(asks, "the drop is taken", 120)


@pytest.fixture
def window(desktop, home, tmp_path) -> DrivenWindow:
    return open_narrow(desktop, home, tmp_path / "config")


@pytest.mark.parametrize("count", [1, 500])
def test_folders_of_runs_are_dragged_in(desktop, home, window, tmp_path, peer, count):
    there = tmp_path / "there"
    make_sample_store(there, runs=count, seed=8)
    folder = desktop.user_home / "from a colleague"
    (there / "runs").rename(folder)
    ids = {path.name for path in folder.iterdir()}
    verb = "Import 1 Run" if count == 1 else f"Import {len(ids):,} Runs"
    shown = show_folder(desktop, folder)

    drag_in(desktop, window, shown, verb)
    window.press(verb)

    wait_until(lambda: ids <= {p.name for p in (home / "runs").iterdir()}, "all arrive", 120)
    window.wait_for("they are in the table", lambda s: s["rows"] == 12 + len(ids))
    assert {path.name for path in folder.iterdir()} == ids
    assert ids <= {run["id"] for run in peer.json(home, "runs", "--json")}
    assert not (home / "incoming").exists()


def test_what_holds_no_run_is_refused_with_a_sentence(desktop, home, window):
    folder = desktop.user_home / "from a colleague"
    (folder / "holiday").mkdir(parents=True)
    (folder / "holiday" / "picture.txt").write_text("no run")
    before = sorted(path.name for path in (home / "runs").iterdir())
    shown = show_folder(desktop, folder)

    drag_in(desktop, window, shown)

    state = window.wait_for("it is said", lambda s: any("holiday" in w for w in s["words"]))
    assert any("no run" in words.lower() for words in state["words"])
    desktop.key("Escape")
    window.wait_for("the preview is gone", lambda s: s["in_front"] != "Import runs")
    assert sorted(path.name for path in (home / "runs").iterdir()) == before


def test_a_file_of_a_packed_run_is_dragged_into_a_folder(
    desktop, archive_window, runs_there, drop_zone, tmp_path
):
    window = archive_window
    state = window.ask()
    assert state["place"] == NAME
    desktop.click(*state["cells"]["label"][0])
    window.wait_for("its details are shown", lambda s: s["tab"] == "Overview")
    for tab in ("Flags", "Scalars", "Output", "Files"):  # in a narrow window not all can be seen
        desktop.key("alt+Right")
        window.wait_for("the next tab is shown", lambda s, tab=tab: s["tab"] == tab)
    state = window.wait_for("its files are listed", lambda s: s["files"])
    run_dir = tmp_path / "there" / "runs" / state["ids"][0]
    name = next(n for n in state["files"] if (run_dir / n).is_file())

    drag(desktop, state["files"][name], DROP_AT)

    wait_until(lambda: (drop_zone / name).is_file(), "the file arrives")
    assert (drop_zone / name).read_bytes() == (run_dir / name).read_bytes()
    assert [path.name for path in drop_zone.iterdir()] == [name]
