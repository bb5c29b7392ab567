"""Delete, restore, purge, mark and undo on a real screen, by keys alone and by the mouse."""

from __future__ import annotations

import pytest

from core.sample import make_sample_store
from tests.support.desktop import wait_until
from tests.support.driven_window import DrivenWindow, open_window

RUNS = 14


@pytest.fixture
def home(tmp_path):
    home = tmp_path / "home"
    make_sample_store(home, runs=RUNS, seed=3)
    return home


@pytest.fixture
def window(desktop, home, tmp_path) -> DrivenWindow:
    return open_window(desktop, home, tmp_path / "config")


@pytest.fixture
def guild_lists(peer, home):
    """Ids as Guild lists them."""
    return lambda *options: {run["id"] for run in peer.json(home, "runs", "--json", *options)}


@pytest.fixture
def select_plain(window, desktop):
    """Filters for trials and plain runs that have ended, and selects the first ones by keys."""

    def select(count: int) -> list[str]:
        desktop.key("ctrl+f")
        window.wait_for("the filter has the keyboard", lambda s: "filterEdit" in s["focus"])
        desktop.type('status = completed and operation = "birdsong:train"')
        desktop.key("Return")
        window.wait_for("fewer are shown", lambda s: count <= s["rows"] < RUNS)
        return window.select_first(count)["selected_ids"]

    return select


def test_keys_delete_undo_redo_restore_and_guild_agrees(window, desktop, select_plain, guild_lists):
    ids = set(select_plain(2))

    desktop.key("Delete")
    gone = window.wait_for("they are gone", lambda s: not ids & set(s["ids"]))
    window.wait_for("the bar says so", lambda s: s["bar"] == "Moved 2 runs to the trash.")
    assert len(gone["selected_ids"]) == 1
    assert ids <= guild_lists("--deleted")
    assert not ids & guild_lists()

    desktop.key("ctrl+z")
    window.wait_for("they are back", lambda s: set(s["selected_ids"]) == ids)
    assert ids <= guild_lists()
    assert not ids & guild_lists("--deleted")

    desktop.key("ctrl+shift+z")
    window.wait_for("they are gone again", lambda s: not ids & set(s["ids"]))

    desktop.key("ctrl+shift+f", "ctrl+2")
    window.wait_for("the trash is shown", lambda s: ids <= set(s.get("ids", ())))
    desktop.key("ctrl+f", "Down", "ctrl+a", "ctrl+shift+u")
    window.wait_for("nothing is left there", lambda s: s["rows"] == 0)
    assert ids <= guild_lists()
    assert guild_lists("--deleted") == set()


def test_the_bar_is_reached_by_keys(window, desktop, select_plain, guild_lists):
    ids = set(select_plain(1))
    desktop.key("Delete")
    window.wait_for("the bar offers undo", lambda s: "Undo" in s["bar_buttons"])

    desktop.key("F6")
    window.wait_for("the bar has the keyboard", lambda s: "undoBar" in s["focus"])
    desktop.key("space")

    window.wait_for("it is back", lambda s: set(s["selected_ids"]) == ids)
    window.wait_for("the table has the keyboard", lambda s: "runTable" in s["focus"])
    assert ids <= guild_lists()


def test_escape_closes_the_bar(window, desktop, select_plain):
    select_plain(1)
    desktop.key("Delete")
    window.wait_for("the bar is there", lambda s: s["bar"])

    desktop.key("F6")
    window.wait_for("the bar has the keyboard", lambda s: "undoBar" in s["focus"])
    desktop.key("Escape")

    window.wait_for("the bar is gone", lambda s: not s["bar"])
    window.wait_for("the table has the keyboard", lambda s: "runTable" in s["focus"])


def test_purging_needs_more_than_enter(window, desktop, select_plain, guild_lists):
    (run_id,) = select_plain(1)

    desktop.key("shift+Delete")
    question = "Delete 1 Run Permanently"
    window.wait_for("it is asked", lambda s: question in s["buttons"])
    desktop.key("Return")
    window.wait_for("the question is gone", lambda s: question not in s["buttons"])
    assert run_id in guild_lists()

    desktop.key("shift+Delete")
    window.press(question)
    window.wait_for("it is gone", lambda s: run_id not in s["ids"])
    window.wait_for("the bar says so", lambda s: "free again" in s["bar"])
    assert run_id not in guild_lists() | guild_lists("--deleted")


def test_the_mouse_deletes_from_the_menu_and_takes_it_back(window, desktop, guild_lists):
    state = window.ask()
    (x, y) = state["cells"]["label"][2]
    run_id = state["ids"][2]
    desktop.click(x + 40, y, button=3)
    window.wait_for("the menu is open", lambda s: "Delete" in s["menu"])
    desktop.key("d")
    window.wait_for("it is gone", lambda s: run_id not in s["ids"])
    assert run_id in guild_lists("--deleted")

    window.wait_for("undo is offered", lambda s: "Undo" in s["bar_buttons"])
    window.press("Undo")

    window.wait_for("it is back", lambda s: run_id in s["ids"])
    assert run_id in guild_lists()


def test_a_mark_is_seen_by_guild(window, desktop, select_plain, peer, home):
    (run_id,) = select_plain(1)
    was_marked = run_id in window.ask()["marked"]

    desktop.key("ctrl+m")

    window.wait_for("the mark is shown", lambda s: (run_id in s["marked"]) is not was_marked)
    listed = {run["id"] for run in peer.json(home, "runs", "--json", "--marked")}
    assert (run_id in listed) is not was_marked


def test_two_windows_on_one_home_see_the_same(window, desktop, home, tmp_path):
    other = open_window(desktop, home, tmp_path / "other-config")
    both = (window, other)
    desktop.key("ctrl+f")
    front = wait_until(
        lambda: next((w for w in both if "filterEdit" in w.ask()["focus"]), None),
        "one of them has the keyboard",
    )
    back = other if front is window else window
    run_id = front.ask()["ids"][2]

    desktop.key("Down")
    front.wait_for("the table has the keyboard", lambda s: "runTable" in s["focus"])
    desktop.key("Home", "Down", "Down")
    front.wait_for("it is current", lambda s: s["selected_ids"] == [run_id])
    desktop.key("Delete")

    front.wait_for("it is gone here", lambda s: run_id not in s["ids"])
    back.wait_for("it is gone there", lambda s: run_id not in s["ids"])
