"""A real window on a real screen shows a store that real Guild made, driven by keys only."""

from __future__ import annotations

import pytest

from core.sample import STORY_RUNS
from tests.support.driven_window import DrivenWindow, open_window
from tests.support.patience import PATIENCE


@pytest.fixture
def window(desktop, guild_store, tmp_path) -> DrivenWindow:
    return open_window(desktop, guild_store.home, tmp_path / "config")


@pytest.fixture
def listed(peer, guild_store) -> list[str]:
    """Ids as Guild lists them, newest first."""
    return [run["id"] for run in peer.json(guild_store.home, "runs", "--json")]


def test_every_run_that_guild_lists_is_in_the_window(window, listed):
    state = window.ask()

    assert "Rundesk" in state["title"]
    assert set(state["ids"]) == set(listed)


def test_the_keyboard_is_enough(window, desktop, listed):
    """Filter, go to the table, walk, read the details, copy, look up shortcuts, quit."""
    desktop.key("ctrl+f")
    window.wait_for("the filter has the keyboard", lambda s: "filterEdit" in s["focus"])
    desktop.type("status = completed")
    desktop.key("Return")
    found = window.wait_for("fewer runs are shown", lambda s: 0 < s["rows"] < len(listed))

    desktop.key("ctrl+f", "Down")
    window.wait_for("the table has the keyboard", lambda s: "runTable" in s["focus"])
    desktop.key("Home", "Down", "Down")
    walked = window.wait_for("the third run is current", lambda s: s["current"] == s["ids"][2])
    assert walked["rows"] == found["rows"]

    desktop.key("ctrl+shift+c")
    window.wait_for("its id is copied", lambda s: s["clipboard"].strip() == s["current"] != "")

    first = window.ask()["tab"]
    desktop.key("alt+Right")
    window.wait_for("the next tab is open", lambda s: s["tab"] not in ("", first))

    desktop.key("ctrl+shift+f")
    window.wait_for("all runs are back", lambda s: s["rows"] == len(listed) and not s["filter"])

    desktop.key("ctrl+question")
    window.wait_for("the shortcuts are listed", lambda s: "shortcuts" in s["in_front"].lower())
    desktop.key("Escape")
    window.wait_for("the window is in front again", lambda s: "Rundesk" in s["in_front"])

    desktop.key("ctrl+q")
    assert window.program.wait(PATIENCE) == 0, desktop.logs()


def test_panes_are_reached_one_after_another(window, desktop):
    reached = set()
    for _ in range(6):
        before = window.ask()["focus"]
        desktop.key("F6")
        state = window.wait_for("the focus moves", lambda s, before=before: s["focus"] != before)
        reached.add(state["focus"].split(" < ")[0])

    assert {"placesTree", "filterEdit", "runTable"} <= reached


def test_shift_and_arrows_select_several_runs(window):
    state = window.select_first(3)

    assert state["selected_ids"] == state["ids"][:3]


@pytest.mark.parametrize("key", ["Menu", "shift+F10"])
def test_menus_open_and_close_by_keys(window, desktop, key):
    desktop.key("ctrl+f", "Down", "Home")
    window.wait_for("a run is selected", lambda s: s.get("selected") == 1)

    desktop.key(key)
    window.wait_for("the menu of the run is open", lambda s: "Copy Path" in s["menu"])
    desktop.key("Escape")
    window.wait_for("it is closed", lambda s: not s["menu"] and "runTable" in s["focus"])

    desktop.key("F6")  # the details
    desktop.key("F6")
    window.wait_for("the places have the keyboard", lambda s: "placesTree" in s["focus"])
    desktop.key(key)
    window.wait_for("the menu of the place is open", lambda s: "Copy Home Path" in s["menu"])
    desktop.key("Escape")
    window.wait_for("it is closed", lambda s: not s["menu"] and "placesTree" in s["focus"])


def test_a_tab_is_entered_searched_and_left_by_keys(window, desktop):
    desktop.key("ctrl+f", "Down", "Home", "Return")
    window.wait_for("the tabs have the keyboard", lambda s: "detailsTabs" in s["focus"])
    desktop.key("Right", "Right", "Right")
    window.wait_for("the output is shown", lambda s: s["tab"] == "Output")

    desktop.key("Tab", "Tab")
    inside = window.wait_for("the tab has the keyboard", lambda s: "stackedwidget" in s["focus"])
    assert "detailsTabs" in inside["focus"]
    desktop.key("ctrl+f")
    window.wait_for("the search has the keyboard", lambda s: "Find" in s["focus"])
    desktop.key("Escape")
    window.wait_for("the output has the keyboard", lambda s: "outputView" in s["focus"])
    desktop.key("Escape")
    window.wait_for("the runs have the keyboard", lambda s: "runTable" in s["focus"])


def test_the_trash_is_one_key_away(window, desktop, peer, guild_store):
    deleted = peer.json(guild_store.home, "runs", "--deleted", "--json")
    assert deleted

    desktop.key("ctrl+2")
    state = window.wait_for("the trash is shown", lambda s: s["rows"] == len(deleted))
    assert set(state["ids"]) == {run["id"] for run in deleted}

    desktop.key("ctrl+1")
    window.wait_for("the runs are back", lambda s: s["rows"] > len(deleted))


def test_what_was_open_is_open_again(window, desktop, guild_store, tmp_path, listed):
    desktop.key("ctrl+f")
    window.wait_for("the filter has the keyboard", lambda s: "filterEdit" in s["focus"])
    desktop.type("status = completed")
    desktop.key("Return")
    filtered = window.wait_for("fewer runs", lambda s: 0 < s["rows"] < len(listed))["rows"]
    desktop.key("ctrl+q")
    assert window.program.wait(PATIENCE) == 0

    again = open_window(desktop, guild_store.home, tmp_path / "config")

    state = again.wait_for("the same runs are shown", lambda s: s["rows"] == filtered)
    assert state["filter"] == "status = completed"


def test_a_home_without_runs_leads_to_a_sample_store_by_keys(desktop, tmp_path):
    (tmp_path / "home" / "runs").mkdir(parents=True)
    window = open_window(desktop, tmp_path / "home", tmp_path / "config")
    assert window.ask()["rows"] == 0

    desktop.key("ctrl+shift+p")
    window.wait_for("the commands are listed", lambda s: "commandEdit" in s["focus"])
    desktop.type("sample")
    desktop.key("Return")

    window.wait_for("the sample store is open", lambda s: s["rows"] == STORY_RUNS)
    assert list((tmp_path / "home" / "runs").iterdir()) == []
