"""Archives come into the window from a real file manager and from its command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.archives.export import ExportOptions, export_runs
from core.desktop import APPLICATION_ID, install, uninstall
from core.home import Home
from core.sample import make_sample_store
from tests.support.desktop import BIN, Desktop, wait_until
from tests.support.driven_window import DrivenWindow, open_window

VERB = "Import 3 Runs"


@pytest.fixture
def home(desktop) -> Path:
    home = desktop.user_home / ".guild"
    make_sample_store(home, runs=12, seed=3)
    return home


@pytest.fixture
def runs_there(tmp_path) -> list[str]:
    there = tmp_path / "there"
    make_sample_store(there, runs=12, seed=8)
    plain = [p for p in (there / "runs").iterdir() if not any(c.is_symlink() for c in p.iterdir())]
    return sorted(path.name for path in plain)[:3]


@pytest.fixture
def archive(desktop, tmp_path, runs_there) -> Path:
    folder = desktop.user_home / "from a colleague"
    folder.mkdir()
    path = folder / "paper.runs.zip"
    done = export_runs(Home(tmp_path / "there"), runs_there, path, ExportOptions("zip"))
    assert set(done.exported) == set(runs_there)
    return path


@pytest.fixture
def window(desktop, home, tmp_path) -> DrivenWindow:
    return open_window(desktop, home, tmp_path / "config")


@pytest.fixture
def file_manager(desktop, archive) -> str:
    """The folder of the archive, open on the right of the screen; the window's id."""
    window = desktop.open_folder(archive.parent)
    desktop.run("xdotool", "windowsize", "--sync", window, "400", "400")
    desktop.run("xdotool", "windowmove", "--sync", window, "1020", "460")
    return window


def import_and_undo(window, desktop, home, runs_there, peer, press) -> None:
    """What follows the preview, whatever led to it."""
    state = window.wait_for("it can be imported", lambda s: VERB in s["buttons"])
    press(state["buttons"][VERB])
    window.wait_for("the runs are in the table", lambda s: set(runs_there) <= set(s["ids"]))
    state = window.wait_for("the bar offers undo", lambda s: "Undo" in s["bar_buttons"])
    assert set(runs_there) <= {run["id"] for run in peer.json(home, "runs", "--json")}

    window.press("Undo")

    window.wait_for("the runs are gone", lambda s: not set(runs_there) & set(s["ids"]))
    assert set(runs_there) <= {run["id"] for run in peer.json(home, "runs", "--json", "--deleted")}


def test_what_is_copied_in_a_file_manager_is_pasted_by_keys(
    window, desktop, home, runs_there, file_manager, peer
):
    desktop.activate(file_manager)
    desktop.key("ctrl+a", "ctrl+c")
    desktop.activate(desktop.wait_for_window("Rundesk$"))
    desktop.key("ctrl+f", "Down")
    window.wait_for("the table has the keyboard", lambda s: "runTable" in s["focus"])

    desktop.key("ctrl+v")

    def press(_place):
        desktop.key("Return")

    import_and_undo(window, desktop, home, runs_there, peer, press)


def test_an_archive_is_dragged_in_from_a_file_manager(
    window, desktop, home, runs_there, file_manager, peer
):
    main = desktop.wait_for_window("Rundesk$")
    desktop.run("xdotool", "windowsize", "--sync", main, "1000", "820")
    desktop.run("xdotool", "windowmove", "--sync", main, "0", "20")
    desktop.activate(file_manager)

    drag(desktop, icon_in(desktop, file_manager), (500, 400))

    window.wait_for("the preview is in front", lambda s: s["in_front"] == "Import runs")
    import_and_undo(window, desktop, home, runs_there, peer, lambda at: desktop.click(*at))


def test_an_archive_named_on_the_command_line_is_previewed(desktop, home, archive):
    desktop.start(BIN / "rundesk-gui", archive)

    desktop.wait_for_window("Import runs")


def test_an_archive_that_is_opened_with_the_desktop_entry_is_previewed(desktop, home, archive):
    share = desktop.user_home / ".local" / "share"
    install(share, str(BIN / "rundesk-gui"))
    desktop.start("gtk-launch", APPLICATION_ID, archive)

    desktop.wait_for_window("Import runs")
    uninstall(share)


def icon_in(desktop: Desktop, window: str) -> tuple[int, int]:
    """Where the first icon of a file manager's folder is: below its bars, right of its places."""
    place = desktop.run("xdotool", "getwindowgeometry", "--shell", window)
    found = dict(line.split("=") for line in place.splitlines() if "=" in line)
    wait_until(lambda: desktop.windows("from a colleague"), "the folder is shown")
    return int(found["X"]) + 220, int(found["Y"]) + 110


def drag(desktop: Desktop, start: tuple[int, int], end: tuple[int, int]) -> None:
    """Press on a place, move on in steps as a hand does, and let go."""
    (x, y), (to_x, to_y), steps = start, end, 10
    desktop.run("xdotool", "mousemove", str(x), str(y), "sleep", "0.2")
    desktop.run("xdotool", "mousedown", "1", "sleep", "0.2")
    for n in range(1, steps + 1):
        at = (x + (to_x - x) * n // steps, y + (to_y - y) * n // steps)
        desktop.run("xdotool", "mousemove", str(at[0]), str(at[1]), "sleep", "0.08")
    desktop.run("xdotool", "sleep", "0.3", "mouseup", "1")
