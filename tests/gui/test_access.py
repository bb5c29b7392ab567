"""What everybody needs who does not use a mouse, or does not see the screen."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QScrollBar, QWidget

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

TABS = ["overview", "flags", "scalars", "output", "files", "source", "comments", "attributes"]
DIALOGS = ["app.commands", "help.shortcuts", "help.about", "view.columns", "help.filter"]


@pytest.fixture
def app(open_app, sample_home):
    app = open_app(sample_home)
    app.window.resize(1200, 800)
    app.window.show()
    app.sessions[0].desk.table.selectRow(1)
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


def test_the_tab_key_goes_through_the_panes_as_one_reads(app):
    window = app.window
    window.places.setFocus(Qt.FocusReason.TabFocusReason)
    reached: list[str] = []

    for _ in range(40):
        window.focusNextChild()
        widget = window.focusWidget()
        reached.append(widget.objectName() if widget else "")
        if reached[-1] == "placesTree":
            break

    places = [name for name in ("filterEdit", "runTable") if name in reached]
    assert places == ["filterEdit", "runTable"]
    assert reached.index("filterEdit") < reached.index("runTable")
    assert reached[-1] == "placesTree"  # round the ends, without getting stuck
