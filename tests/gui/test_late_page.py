"""A page whose modules are not imported yet: the window goes on, and the page comes by itself."""

from __future__ import annotations

import sys
import threading
import types

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from gui.compare.chosen_runs import ChosenRuns
from gui.startup.gentle_imports import lacking
from gui.views import late_page
from gui.views.centre_tabs import CentreTabs, PageSpec
from tests.support.run_tables import make_columns, table_rig

MODULE = """
import late_gate
from PySide6.QtWidgets import QPushButton
late_gate.opened.wait(30)
def make(chosen, services):
    page = QPushButton("late")
    page.state = lambda: {}
    page.restore = lambda state: page.setText(state.get("text", "late"))
    return page
"""


@pytest.fixture
def gate(tmp_path, monkeypatch):
    """The module of a page, which is imported for as long as the gate is shut."""
    module = types.ModuleType("late_gate")
    module.opened = threading.Event()
    monkeypatch.setitem(sys.modules, "late_gate", module)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "page_late.py").write_text(MODULE)
    yield module.opened
    module.opened.set()
    sys.modules.pop("page_late", None)


@pytest.fixture
def tabs(qtbot, tmp_path, show_in_window, gate, monkeypatch):
    ready = types.ModuleType("page_ready")
    ready.make = lambda chosen, services: QPushButton("ready")
    monkeypatch.setitem(sys.modules, "page_ready", ready)
    pages = [PageSpec("late", "Late", "page_late"), PageSpec("ready", "Ready", "page_ready")]
    with table_rig(qtbot, make_columns(12), tmp_path) as rig:
        tabs = CentreTabs(rig.services, pages)
        show_in_window(tabs, 800, 400)
        tabs.put(rig.table, ChosenRuns(rig.runs, rig.table))
        tabs.show_table(is_empty=False)
        yield tabs
        gate.set()
        rig.table.setParent(None)


def standing_in(tabs):
    return tabs.stack.currentWidget().objectName() == "latePage"


def test_the_tab_changes_at_once_and_the_page_follows(tabs, qtbot, gate):
    made, told, done = [], [], []
    tabs.page_made.connect(lambda name, _page: made.append(name))
    tabs.page_changed.connect(told.append)

    tabs.show_page("late", done.append)
    at_once = tabs.page_name(), tabs.current(), standing_in(tabs), list(done)
    gate.set()
    qtbot.waitUntil(lambda: tabs.current() is not None)

    assert at_once == ("late", None, True, [])
    assert made == ["late"]
    assert told == ["late", "late"]
    assert done == [tabs.current()]
    assert tabs.current().isVisible()


def test_after_a_moment_it_says_what_is_waited_for(tabs, qtbot, monkeypatch):
    tabs.show_page("late")
    sentence = tabs._late.sentence
    assert not sentence.isVisible()

    qtbot.waitUntil(sentence.isVisible, timeout=late_page.PATIENCE_MS + 5_000)

    assert sentence.text() == "Opening Late…"


def test_who_goes_on_to_another_tab_stays_there(tabs, qtbot, gate):
    done = []
    tabs.show_page("late", done.append)
    qtbot.waitUntil(lambda: "page_late" in sys.modules)
    tabs.show_page("ready")
    gate.set()
    qtbot.waitUntil(lambda: not lacking(["page_late"]))
    qtbot.wait(50)

    assert tabs.page_name() == "ready"
    assert tabs.current().text() == "ready"
    assert done == []
    tabs.show_page("late")
    assert tabs.current().text() == "late"


def test_what_it_had_the_last_time_is_kept_until_it_is_there(tabs, qtbot, gate):
    tabs.restore({"page": "late", "pages": {"late": {"text": "as it was"}}})
    state = tabs.state()
    gate.set()
    qtbot.waitUntil(lambda: tabs.current() is not None)

    assert state == {"page": "late", "pages": {"late": {"text": "as it was"}}}
    assert tabs.current().text() == "as it was"


def test_the_keyboard_of_the_table_waits_for_the_page(tabs, qtbot, gate):
    tabs._table.setFocus(Qt.FocusReason.OtherFocusReason)
    tabs.show_page("late")
    meanwhile = tabs.window().focusWidget()
    gate.set()
    qtbot.waitUntil(lambda: tabs.current() is not None)

    assert meanwhile is tabs._late
    assert tabs.window().focusWidget() is tabs.current()


def test_a_home_that_is_closed_meanwhile_gets_no_page(tabs, qtbot, gate):
    tabs.show_page("late")
    qtbot.waitUntil(lambda: "page_late" in sys.modules)
    tabs._table = None  # else it would go with its home, and the rig needs it
    tabs.clear()
    gate.set()
    qtbot.waitUntil(lambda: not lacking(["page_late"]))
    qtbot.wait(50)

    assert tabs.page_name() == "runs"
    assert tabs.current() is None


def test_a_module_that_another_thread_imports_is_not_there_yet(tabs, qtbot, gate):
    tabs.show_page("late")
    qtbot.waitUntil(lambda: "page_late" in sys.modules)

    assert lacking(["page_late", "sys"]) == ["page_late"]
