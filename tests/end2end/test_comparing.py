"""Comparing runs on a real screen: by keys alone, and by the mouse."""

from __future__ import annotations

import csv

import pytest

from core.sample import make_sample_store
from tests.support.driven_window import DrivenWindow, open_window

RUNS = 16


@pytest.fixture
def home(tmp_path):
    home = tmp_path / "home"
    make_sample_store(home, runs=RUNS, seed=3)
    return home


@pytest.fixture
def window(desktop, home, tmp_path) -> DrivenWindow:
    return open_window(desktop, home, tmp_path / "config")


@pytest.fixture
def compare_first(window, desktop):
    """Compares the first runs by keys; gives their ids."""

    def compare(count: int) -> list[str]:
        ids = window.select_first(count)["ids"]
        desktop.key("alt+2")
        window.wait_for("they are compared", lambda s: len(s["compared"]) == count)
        window.wait_for("the comparison has the keyboard", has_keyboard)
        return ids[:count]

    return compare


def has_keyboard(state) -> bool:
    return state["focus"].startswith("compareTable")


def test_runs_are_compared_pinned_and_gone_to_by_keys(window, desktop, compare_first):
    ids = compare_first(4)

    desktop.key("Home", "Down", "Down")
    window.wait_for("the third row is selected", lambda s: s["picked"] == [ids[2]])
    desktop.key("ctrl+b")
    state = window.wait_for("it is the baseline", lambda s: s.get("pinned") == ids[2])
    state = window.wait_for("it is first", lambda s: s["compared"][:1] == [ids[2]])
    assert sorted(state["compared"]) == sorted(ids)

    desktop.key("Return")
    state = window.wait_for("the run is shown", lambda s: s["page"] == "runs")
    window.wait_for("it is selected", lambda s: s["selected_ids"] == [ids[2]])
    desktop.key("alt+2")
    window.wait_for("the same are compared", lambda s: sorted(s["compared"]) == sorted(ids))


def test_runs_are_grouped_and_groups_closed_by_keys(window, desktop, compare_first):
    ids = compare_first(6)

    desktop.key("ctrl+g")
    window.wait_for("the menu is open", lambda s: "No Groups" in s["menu"])
    desktop.key("o")  # Operation
    state = window.wait_for("there are groups", lambda s: len(s["compared"]) > len(ids))
    desktop.key("Home", "Left")
    window.wait_for("one is closed", lambda s: len(s["compared"]) < len(state["compared"]))
    desktop.key("Right")
    window.wait_for("it is open", lambda s: s["compared"] == state["compared"])


def test_headings_sort_rows_select_and_menus_pin_by_the_mouse(window, desktop, compare_first):
    ids = compare_first(6)
    headings = window.ask()["headings"]
    title = next(name for name in ("Operation", "Status") if name in headings)

    desktop.click(*headings[title])
    state = window.wait_for("it is sorted", lambda s: len(s["sort"]) == 1)
    first = state["sort"]
    x, y = headings[title]
    desktop.click(x + 30, y)  # so far from the first that it is no double click
    window.wait_for("it is turned", lambda s: s["sort"] == [[first[0][0], not first[0][1]]])

    state = window.wait_for("it is shown", lambda s: len(s["compared"]) == len(ids))
    desktop.click(*state["lines"][3])
    window.wait_for("the row is selected", lambda s: s["picked"] == [state["compared"][3]])
    desktop.click(*state["lines"][3], button=3)
    window.wait_for("its menu is open", lambda s: "Pin as Baseline" in s["menu"])
    desktop.key("b")
    window.wait_for("it is the baseline", lambda s: s.get("pinned") == state["compared"][3])


def test_a_double_click_leads_to_the_run_and_a_tab_back(window, desktop, compare_first):
    ids = compare_first(3)
    state = window.ask()

    desktop.double_click(*state["lines"][1])
    window.wait_for("the run is shown", lambda s: s["page"] == "runs")
    window.wait_for("it is selected", lambda s: s["selected_ids"] == [ids[1]])
    desktop.click(*window.ask()["tabs"]["Compare (3)"])

    window.wait_for("the same are compared", lambda s: s["compared"] == ids)


def test_a_compared_run_is_deleted_by_its_key_and_comes_back(window, desktop, compare_first, home):
    ids = compare_first(5)
    columns = ("completed", "error", "terminated")
    done = next(i for i in ids if status_of(home, i) in columns)
    desktop.key("Home", *["Down"] * ids.index(done))
    window.wait_for("the row is selected", lambda s: s["picked"] == [done])

    desktop.key("Delete")
    window.wait_for("it is compared no more", lambda s: s["compared"] and done not in s["compared"])
    desktop.key("ctrl+z")
    window.wait_for("it is back", lambda s: done in s["compared"])


def status_of(home, run_id: str) -> str:
    from core.runs.store import Store

    return Store(home / "runs").read(run_id, None).status


def test_the_comparison_is_copied_as_a_table(window, desktop, compare_first):
    ids = compare_first(3)

    desktop.key("ctrl+c")
    state = window.wait_for("it is copied", lambda s: s["clipboard"].startswith("run\t"))

    rows = list(csv.DictReader(state["clipboard"].splitlines(), delimiter="\t"))
    assert [row["run"] for row in rows] == [run_id[:8] for run_id in ids]


def test_every_page_is_reached_by_its_keys(window, desktop, compare_first):
    compare_first(3)

    for keys, page in (
        ("alt+3", "plots"),
        ("alt+4", "diff"),
        ("alt+5", "images"),
        ("alt+2", "compare"),
        ("alt+1", "runs"),
    ):
        desktop.key(keys)
        window.wait_for(f"the page is {page}", lambda s, page=page: s["page"] == page)
    assert "Compare (3)" in window.ask()["tabs"]
