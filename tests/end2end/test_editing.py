"""Labels, tags and comments on a real screen, by keys alone and by the mouse; Guild sees them."""

from __future__ import annotations

import pytest

from core.sample import make_sample_store
from tests.support.driven_window import DrivenWindow, open_window

RUNS = 12


@pytest.fixture
def home(tmp_path):
    home = tmp_path / "home"
    make_sample_store(home, runs=RUNS, seed=3)
    return home


@pytest.fixture
def window(desktop, home, tmp_path) -> DrivenWindow:
    return open_window(desktop, home, tmp_path / "config")


@pytest.fixture
def guild_sees(peer, home):
    """What Guild says of a run."""
    return lambda run_id, *options: peer.json(home, "runs", "info", run_id, "--json", *options)


def test_f2_writes_a_label_and_ctrl_z_takes_it_back(window, desktop, guild_sees):
    state = window.select_first(1)
    (run_id,) = state["selected_ids"]
    before = state["labels"][run_id]

    desktop.key("F2")
    window.wait_for("the label can be typed", lambda s: "labelEdit" in s["focus"])
    desktop.type("by hand ${lr}")
    desktop.key("Return")
    window.wait_for("the label is shown", lambda s: s["labels"][run_id] == "by hand ${lr}")
    window.wait_for("the table has the keyboard", lambda s: s["focus"].startswith("runTable"))
    assert guild_sees(run_id)["label"] == "by hand ${lr}"

    desktop.key("ctrl+z")
    window.wait_for("it is taken back", lambda s: s["labels"][run_id] == before)
    assert guild_sees(run_id)["label"] == before


def test_several_runs_are_labelled_by_keys(window, desktop, guild_sees):
    ids = window.select_first(3)["selected_ids"]

    desktop.key("F2")
    window.wait_for("the dialog is open", lambda s: "labelTemplate" in s["focus"])
    desktop.key("alt+p", "alt+s")
    desktop.type("same for all")
    desktop.key("Return")

    window.wait_for("all have it", lambda s: {s["labels"][i] for i in ids} == {"same for all"})
    assert [guild_sees(run_id)["label"] for run_id in ids] == ["same for all"] * 3


def test_tags_are_added_by_keys(window, desktop, guild_sees):
    ids = window.select_first(2)["selected_ids"]

    desktop.key("ctrl+t")
    window.wait_for("the tags are open", lambda s: "tagField" in s["focus"])
    desktop.type("quite new")
    desktop.key("Return", "Return")

    window.wait_for("the tag is a place", lambda s: "quite new" in s["places"])
    window.wait_for("the table has the keyboard", lambda s: s["focus"].startswith("runTable"))
    assert all("quite new" in guild_sees(run_id)["tags"] for run_id in ids)


def test_a_comment_is_written_by_keys(window, desktop, guild_sees):
    ids = window.select_first(2)["selected_ids"]

    desktop.key("ctrl+alt+m")
    window.wait_for("a comment can be typed", lambda s: "commentEdit" in s["focus"])
    desktop.type("first line")
    desktop.key("Return")
    desktop.type("second line")
    window.wait_for("all of it is there", lambda s: s["comment"] == "first line\nsecond line")
    desktop.key("ctrl+Return")

    window.wait_for("it is written", lambda s: s["comment"] == "")
    for run_id in ids:
        comments = guild_sees(run_id, "--comments")["comments"]
        assert comments[-1]["body"] == "first line\nsecond line"


def test_a_slow_second_click_on_a_label_edits_it(window, desktop, guild_sees):
    state = window.ask()
    (x, y), run_id = state["cells"]["label"][1], state["ids"][1]
    desktop.click(x + 30, y)
    window.wait_for("the run is current", lambda s: s["current"] == run_id)
    assert guild_sees(run_id)["label"] == state["labels"][run_id]

    desktop.click(x + 80, y)  # so far from the first that it is no double click
    window.wait_for("the label can be typed", lambda s: "labelEdit" in s["focus"])
    desktop.key("ctrl+a")
    desktop.type("clicked twice")
    desktop.click(x + 30, state["cells"]["label"][5][1])

    window.wait_for("it is written", lambda s: s["labels"][run_id] == "clicked twice")
    assert guild_sees(run_id)["label"] == "clicked twice"


def test_a_tag_is_renamed_from_its_menu(window, desktop, guild_sees):
    tag = window.wait_for("tags are counted", lambda s: s["tags"])["tags"][0]
    window.press_place(tag)
    window.wait_for("only its runs are shown", lambda s: tag in s["filter"])
    shown = window.wait_for("they are arranged", lambda s: 0 < s["rows"] < RUNS)["ids"]
    window.press_place(tag, 3)

    desktop.key("m")
    window.wait_for("the dialog is open", lambda s: "tagName" in s["focus"])
    desktop.type("renamed")
    desktop.key("Return")

    window.wait_for("the new tag is shown", lambda s: "renamed" in s["filter"])
    window.wait_for("its runs are shown", lambda s: set(s.get("ids", ())) == set(shown))
    assert all("renamed" in guild_sees(run_id)["tags"] for run_id in shown)


def test_the_right_button_deletes_the_tag_under_it_and_not_the_one_shown(window, desktop):
    tags = window.wait_for("tags are counted", lambda s: len(s["tags"]) > 1)["tags"]
    shown, other = tags[:2]
    window.press_place(shown)
    window.wait_for("only its runs are shown", lambda s: shown in s["filter"])
    window.press_place(other, 3)

    window.wait_for("its menu is open", lambda s: "Delete Tag" in s["menu"])
    desktop.key("Up", "Return")

    left = window.wait_for("the tag is gone", lambda s: other not in s["tags"])
    assert shown in left["tags"]
    assert shown in left["filter"]


def test_a_click_on_a_chip_shows_its_runs(window, desktop):
    state = window.ask()
    row = state["tags_of"].index(next(tags for tags in state["tags_of"] if tags))
    x, y = state["cells"]["tags"][row]

    desktop.click(x + 20, y)

    clicked = state["tags_of"][row][0]
    window.wait_for("its runs are shown", lambda s: clicked in s["filter"] and s["rows"] < RUNS)
