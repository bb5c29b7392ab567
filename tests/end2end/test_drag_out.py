"""Runs dragged out of the window into a real file manager, and pasted there."""

from __future__ import annotations

import filecmp
from pathlib import Path

import pytest

from core.sample import make_sample_store
from tests.support.desktop import Desktop, wait_until
from tests.support.driven_window import DrivenWindow, open_window

MANY = 500


@pytest.fixture
def drop_zone(desktop, tmp_path) -> Path:
    """A folder, open in a file manager on the right of the screen."""
    folder = tmp_path / "for a colleague"
    folder.mkdir()
    window = desktop.open_folder(folder)
    desktop.run("xdotool", "windowsize", "--sync", window, "400", "400")
    desktop.run("xdotool", "windowmove", "--sync", window, "1020", "460")
    return folder


DROP_AT = (1300, 800)


def open_narrow(desktop: Desktop, home: Path, config: Path) -> DrivenWindow:
    """The application on the left of the screen."""
    window = open_window(desktop, home, config)
    (found,) = desktop.windows("Rundesk")
    desktop.run("xdotool", "windowsize", "--sync", found, "1000", "820")
    desktop.run("xdotool", "windowmove", "--sync", found, "0", "20")
    desktop.activate(found)
    return window


def drag(desktop: Desktop, start: list[int], end: tuple[int, int]) -> None:
    """Press on a place, move on in steps as a hand does, and let go."""
    (x, y), (to_x, to_y), steps = start, end, 10
    moves = [
        ["mousemove", str(x + (to_x - x) * n // steps), str(y + (to_y - y) * n // steps)]
        for n in range(1, steps + 1)
    ]
    desktop.run("xdotool", "mousemove", str(x), str(y), "sleep", "0.1")
    desktop.run("xdotool", "mousedown", "1", "sleep", "0.2")
    for move in moves:
        desktop.run("xdotool", *move, "sleep", "0.08")
    desktop.run("xdotool", "sleep", "0.3", "mouseup", "1")  # fmt: skip


def is_same(here: Path, there: Path) -> bool:
    """Whether two trees hold the same files."""
    found = filecmp.dircmp(here, there)
    if found.left_only or found.right_only or found.diff_files or found.funny_files:
        return False
    return all(is_same(here / name, there / name) for name in found.common_dirs)


def test_one_run_arrives_as_its_directory(desktop, drop_zone, tmp_path):
    home = tmp_path / "home"
    make_sample_store(home, runs=12, seed=3)
    window = open_narrow(desktop, home, tmp_path / "config")
    state = window.wait_for("the rows have places", lambda s: s["cells"]["label"])
    run_id = state["ids"][3]

    drag(desktop, state["cells"]["label"][3], DROP_AT)

    wait_until(
        lambda: (
            (drop_zone / run_id).is_dir() and is_same(home / "runs" / run_id, drop_zone / run_id)
        ),
        "the run arrives",
    )
    assert [path.name for path in drop_zone.iterdir()] == [run_id]
    assert (home / "runs" / run_id).is_dir()
    assert window.ask()["rows"] == 12


def test_a_drop_arrives_that_was_let_go_before_the_file_manager_answered(
    desktop, drop_zone, tmp_path
):
    home = tmp_path / "home"
    make_sample_store(home, runs=12, seed=3)
    window = open_narrow(desktop, home, tmp_path / "config")
    state = window.wait_for("the rows have places", lambda s: s["cells"]["label"])
    x, y = state["cells"]["label"][3]

    desktop.run("xdotool", "mousemove", str(x), str(y), "sleep", "0.1", "mousedown", "1")
    desktop.run("xdotool", "sleep", "0.2", "mousemove", str(x + 40), str(y + 40), "sleep", "0.3")
    desktop.run("xdotool", "mousemove", *map(str, DROP_AT), "mouseup", "1")  # one move, no rest

    wait_until(lambda: (drop_zone / state["ids"][3]).is_dir(), "the run arrives")


def test_hundreds_of_runs_arrive_at_once(desktop, drop_zone, tmp_path):
    home = tmp_path / "home"
    make_sample_store(home, runs=MANY, seed=3)
    window = open_narrow(desktop, home, tmp_path / "config")
    desktop.key("ctrl+f", "Down")
    window.wait_for("the table has the keyboard", lambda s: "runTable" in s["focus"])
    desktop.key("ctrl+a")
    state = window.wait_for("all are selected", lambda s: s["selected"] == MANY)

    drag(desktop, state["cells"]["label"][4], DROP_AT)

    wait_until(lambda: len(list(drop_zone.iterdir())) == MANY, "all runs arrive", 60)
    assert {path.name for path in drop_zone.iterdir()} == set(state["ids"])
    assert window.ask()["selected"] == MANY


def test_copied_runs_are_pasted_into_a_file_manager(desktop, drop_zone, tmp_path):
    home = tmp_path / "home"
    make_sample_store(home, runs=12, seed=3)
    window = open_narrow(desktop, home, tmp_path / "config")
    ids = window.select_first(2)["selected_ids"]
    desktop.key("ctrl+c")
    window.wait_for("they are copied", lambda s: s["clipboard"].split() == ids)

    desktop.activate(desktop.wait_for_window("for a colleague"))
    desktop.click(*DROP_AT)
    desktop.key("ctrl+v")

    wait_until(lambda: {p.name for p in drop_zone.iterdir()} == set(ids), "both arrive")
    assert {path.name for path in (home / "runs").iterdir()} >= set(ids)
