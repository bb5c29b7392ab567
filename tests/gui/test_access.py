"""What everybody needs who does not use a mouse, or does not see the screen."""

from __future__ import annotations

import shutil

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDialog,
    QMenu,
    QPushButton,
    QScrollBar,
    QToolButton,
    QWidget,
)

from gui.places.place_catalogue import RUNS, TRASH
from tests.support.application import wait_until_settled

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

TABS = ["overview", "flags", "scalars", "output", "files", "source", "comments", "attributes"]
DIALOGS = [
    "app.commands", "help.shortcuts", "help.about", "view.columns", "help.filter", "run.label",
    "run.tag",
]  # fmt: skip


@pytest.fixture
def app(open_app, sample_home):
    app = open_app(sample_home)
    app.window.resize(1200, 800)
    app.window.show()
    desk = app.sessions[0].desk
    status = desk.runs.columns.values("status")
    rows = enumerate(desk.runs.model.order)  # which is first depends on the hour
    desk.table.selectRow(next(row for row, slot in rows if status[slot] == "completed"))
    return app


def takes_tab(widget: QWidget) -> bool:
    return bool(widget.focusPolicy().value & Qt.FocusPolicy.TabFocus.value)


def nameless(top: QWidget) -> list[str]:
    """Widgets on screen that can have the keyboard, and that a screen reader has no words for."""
    widgets = [top, *top.findChildren(QWidget)]
    asked = [w for w in widgets if w.isVisible() and takes_tab(w) and not isinstance(w, QScrollBar)]
    assert asked
    return [
        f"{type(w).__name__} {w.objectName()} in {type(w.parentWidget()).__name__}"
        for w in asked
        if not w.accessibleName() and not (isinstance(w, QAbstractButton) and w.text())
    ]


@pytest.mark.parametrize("tab", TABS)
def test_everything_that_can_have_the_keyboard_has_a_name(app, qtbot, tab):
    window = app.window
    qtbot.waitUntil(lambda: window.details.run is not None)

    window.details.show_tab(tab)

    qtbot.waitUntil(lambda: window.details.tab(tab).isVisible())
    assert nameless(window) == []


@pytest.mark.parametrize("page", ["compare", "plots", "diff", "images"])
def test_everything_on_a_page_beside_the_runs_has_a_name(app, qtbot, page):
    tabs = app.window.centre.tabs
    app.window.actions_by_id["view.toggle-details"].setChecked(False)

    tabs.show_page(page)
    qtbot.waitUntil(lambda: tabs.current() is not None, timeout=20_000)

    assert nameless(tabs.page(page)) == []


@pytest.mark.parametrize("id_", DIALOGS)
def test_everything_in_a_dialog_has_a_name(app, qtbot, id_):
    app.window.actions_by_id[id_].trigger()

    def opened() -> list[QWidget]:
        return [w for w in QApplication.topLevelWidgets() if w.isVisible() and w is not app.window]

    qtbot.waitUntil(lambda: bool(opened()))
    dialogs = opened()
    found = [text for dialog in dialogs for text in nameless(dialog)]
    for dialog in dialogs:
        dialog.close()
    assert found == []


def reached_by_tab(window: QWidget, first: QWidget) -> list[str]:
    """Names, or texts, of what Tab reaches until it is back."""
    first.setFocus(Qt.FocusReason.TabFocusReason)
    reached: list[str] = []
    for _ in range(60):
        window.focusNextChild()
        widget = window.focusWidget()
        if widget is first:
            return reached
        text = widget.text() if isinstance(widget, QAbstractButton) else ""
        reached.append(widget.objectName() or text)
    raise AssertionError(f"Tab does not come back: {reached}")


def test_the_tab_key_goes_through_the_panes_as_one_reads(app):
    reached = reached_by_tab(app.window, app.window.places)

    wanted = ["filterEdit", "Columns…", "runTable", "qt_tabwidget_tabbar", "detailsAllTabs"]
    assert [name for name in reached if name in wanted] == wanted
    assert not [name for name in reached if name.startswith("Scroll")]


@pytest.mark.parametrize(
    ("tab", "inside"), [("files", "filesTree"), ("output", "outputView"), ("scalars", "curvePlot")]
)
def test_the_tab_key_goes_from_the_tabs_into_the_tab(app, qtbot, tab, inside):
    app.window.details.show_tab(tab)
    qtbot.waitUntil(lambda: app.window.details.tab(tab).isVisible())
    widget = app.window.findChild(QWidget, inside)
    qtbot.waitUntil(lambda: widget.isEnabled() and widget.isVisible())

    reached = reached_by_tab(app.window, app.window.places)

    assert reached.index("detailsAllTabs") < reached.index(inside)


@pytest.mark.parametrize(("name", "entry"), [("placesTree", "Refresh"), ("runTable", "Copy &Id")])
def test_shift_and_f10_open_the_menu_of_what_has_the_keyboard(app, qtbot, name, entry):
    widget = app.window.findChild(QWidget, name)
    widget.setFocus()

    qtbot.keyClick(widget, Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)

    def menus() -> list[QMenu]:
        return [menu for menu in app.window.findChildren(QMenu) if menu.isVisible()]

    qtbot.waitUntil(lambda: bool(menus()))
    texts = [action.text().replace("&", "") for action in menus()[0].actions()]
    for menu in menus():
        menu.close()
    assert entry.replace("&", "") in texts


def test_the_keyboard_is_at_the_runs_from_the_start(app):
    assert app.window.focusWidget().objectName() == "runTable"


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_return_presses_the_button_that_has_the_keyboard(app, qtbot, key):
    button = next(b for b in app.window.findChildren(QPushButton) if b.text() == "Columns…")
    button.setFocus()

    qtbot.keyClick(button, key)

    qtbot.waitUntil(lambda: any(d.isVisible() for d in app.window.findChildren(QDialog)))
    for dialog in app.window.findChildren(QDialog):
        dialog.close()


def test_return_opens_the_menu_of_a_button_that_has_nothing_else(app, qtbot):
    button = app.window.findChild(QToolButton, "detailsAllTabs")
    button.setFocus()
    seen = []

    def close_menu() -> None:
        menu = QApplication.activePopupWidget()
        seen.append(isinstance(menu, QMenu))
        menu.close()

    QTimer.singleShot(0, app.window, close_menu)
    qtbot.keyClick(button, Qt.Key.Key_Return)

    assert seen == [True]


def test_entries_of_menus_that_are_on_show_a_tick_and_no_icon(app, qtbot):
    app.window.details.show_tab("output")

    def ticked() -> dict[str, QAction]:
        actions = app.window.findChildren(QAction)
        return {a.objectName(): a for a in actions if a.isCheckable() and not a.icon().isNull()}

    # Icons of menus come after the rows.
    qtbot.waitUntil(lambda: {"output.wrap", "compare.only-different"} <= ticked().keys())
    assert not [name for name, action in ticked().items() if action.isIconVisibleInMenu()]


def filter_runs(app, qtbot, text: str) -> None:
    box = app.sessions[0].desk.filter_box
    box.field.setText(text)
    box.field.textEdited.emit(text)
    box.apply_now()
    wait_until_settled(qtbot, app)


def test_the_keyboard_stays_where_the_runs_are_while_none_is_shown(app, qtbot):
    app.sessions[0].desk.table.setFocus()

    filter_runs(app, qtbot, "op = nothing")
    qtbot.waitUntil(lambda: app.window.centre.empty.isVisible())
    assert app.window.focusWidget().text() == "Clear Filter"

    filter_runs(app, qtbot, "")
    qtbot.waitUntil(lambda: app.sessions[0].desk.table.isVisible())
    assert app.window.focusWidget().objectName() == "runTable"


def test_an_empty_trash_leaves_the_keyboard_at_the_tabs_above(open_app, sample_home, qtbot):
    shutil.rmtree(sample_home / "trash", ignore_errors=True)
    app = open_app(sample_home)
    app.window.show()
    app.sessions[0].desk.table.setFocus()

    app.sessions[0].desk.navigation.go(TRASH)
    wait_until_settled(qtbot, app)
    qtbot.waitUntil(lambda: app.window.centre.empty.isVisible())
    assert app.window.focusWidget().objectName() == "centreTabBar"

    app.sessions[0].desk.navigation.go(RUNS)
    wait_until_settled(qtbot, app)
    assert app.window.focusWidget().objectName() == "runTable"
