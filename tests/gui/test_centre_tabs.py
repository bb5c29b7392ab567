from __future__ import annotations

import sys
import types

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton

from gui.compare.chosen_runs import ChosenRuns
from gui.views.centre_tabs import CentreTabs, PageSpec
from tests.support.run_tables import make_columns, make_run, table_rig


class Page(QPushButton):
    """A page that remembers one text."""

    def __init__(self, chosen: ChosenRuns) -> None:
        super().__init__("a page")
        self.chosen = chosen
        self.kept = "nothing"

    def state(self) -> dict[str, object]:
        return {"kept": self.kept}

    def restore(self, state) -> None:
        self.kept = state.get("kept", "nothing")


@pytest.fixture
def pages(monkeypatch):
    """Two pages as two modules have them."""
    for name in ("first", "second"):
        module = types.ModuleType(f"page_{name}")
        module.make = lambda chosen, services: Page(chosen)
        monkeypatch.setitem(sys.modules, module.__name__, module)
    return [
        PageSpec("first", "First", "page_first", is_counting=True),
        PageSpec("second", "Second", "page_second"),
    ]


@pytest.fixture
def rig(qtbot, tmp_path):
    with table_rig(qtbot, make_columns(12), tmp_path) as rig:
        yield rig


@pytest.fixture
def chosen(rig):
    return ChosenRuns(rig.runs, rig.table)


@pytest.fixture
def tabs(rig, chosen, pages, show_in_window):
    tabs = CentreTabs(rig.services, pages)
    show_in_window(tabs, 800, 400)
    tabs.put(rig.table, chosen)
    tabs.show_table(is_empty=False)
    yield tabs
    rig.table.setParent(None)


def titles(tabs: CentreTabs) -> list[str]:
    return [tabs.bar.tabText(place) for place in range(tabs.bar.count())]


def test_the_table_of_runs_is_looked_at_first(tabs, rig):
    assert titles(tabs) == ["Runs", "First", "Second"]
    assert tabs.page_name() == "runs"
    assert rig.table.isVisible()


def test_a_page_is_made_when_it_is_first_looked_at(tabs, chosen):
    made = []
    tabs.page_made.connect(lambda name, page: made.append((name, page.chosen)))

    tabs.show_page("second")
    tabs.show_page("runs")
    tabs.show_page("second")

    assert made == [("second", chosen)]
    assert tabs.current().isVisible()


def test_a_click_on_a_tab_and_the_arrow_keys_lead_from_one_to_the_next(tabs, qtbot):
    place = tabs.bar.tabRect(1).center()

    qtbot.mouseClick(tabs.bar, Qt.MouseButton.LeftButton, pos=place)
    clicked = tabs.page_name()
    qtbot.keyClick(tabs.bar, Qt.Key.Key_Right)

    assert clicked == "first"
    assert tabs.page_name() == "second"


def test_a_tab_says_how_many_runs_were_selected(tabs, rig):
    rig.runs.select_ids([make_run(number).id for number in (2, 5, 7)])

    assert titles(tabs) == ["Runs", "First (3)", "Second"]


def test_a_page_keeps_its_runs_until_the_table_is_back(tabs, rig, chosen):
    rig.runs.select_ids([make_run(number).id for number in (2, 5, 7)])
    tabs.show_page("first")
    rig.runs.select_ids([make_run(5).id])
    during = len(chosen.slots())
    tabs.show_page("runs")

    rig.runs.select_ids([make_run(6).id])

    assert during == 3
    assert len(chosen.slots()) == 12


def test_what_would_be_empty_is_not_shown(tabs, rig):
    tabs.show_page("first")

    tabs.show_table(is_empty=True)

    assert not tabs.current().isVisible()
    assert tabs.empty.isVisible()


def test_a_page_gets_back_what_it_gave_at_the_last_start(tabs):
    tabs.restore({"page": "first", "pages": {"first": {"kept": "this"}, "second": 7}})
    first = tabs.current()
    tabs.show_page("second")

    assert first.kept == "this"
    assert tabs.current().kept == "nothing"


def test_what_a_page_that_was_not_looked_at_had_is_kept(tabs):
    tabs.restore({"page": "runs", "pages": {"first": {"kept": "this"}}})
    tabs.page("second").kept = "that"

    state = tabs.state()

    assert state == {
        "page": "runs",
        "pages": {"first": {"kept": "this"}, "second": {"kept": "that"}},
    }


@pytest.mark.parametrize("state", [{}, {"page": "gone"}, {"page": 3, "pages": [1]}])
def test_a_state_that_is_not_understood_shows_the_runs(tabs, state):
    tabs.restore(state)

    assert tabs.page_name() == "runs"


def test_a_table_without_chosen_runs_has_no_tabs(tabs, qtbot):
    tabs.put(QLabel("another table"), None)
    tabs.show_table(is_empty=False)

    tabs.show_page("first")

    assert tabs.page_name() == "runs"
    assert not tabs.bar.isVisible()


def test_a_page_is_set_up_from_outside_made_or_not(tabs):
    first = tabs.page("first")

    tabs.restore_page("first", {"kept": "this"})
    tabs.restore_page("second", {"kept": "that"})

    assert first.kept == "this"
    assert tabs.page_state("first") == {"kept": "this"}
    assert tabs.page_state("second") == {"kept": "that"}
    assert tabs.page("second").kept == "that"
