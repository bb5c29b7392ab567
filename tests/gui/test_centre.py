from __future__ import annotations

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QTableView, QToolButton

from gui.views.centre import Centre
from gui.views.empty_state import EmptyState


@pytest.fixture
def actions(qtbot, services):
    made = []
    for id_, text in (("list.save", "Save Filter as &List…"), ("view.columns", "&Columns…")):
        action = QAction(services.theme.icon("columns"), text)
        action.setObjectName(id_)
        made.append(action)
    return made


@pytest.fixture
def centre(qtbot, services, actions, show_in_window):
    centre = Centre(services, *actions)
    centre.put(QLineEdit(), QTableView())
    return centre


def row_buttons(centre: Centre) -> list[QPushButton]:
    return centre.filter_row.findChildren(QPushButton)


def test_buttons_beside_the_filter_have_texts_where_there_is_room(centre, show_in_window):
    show_in_window(centre, 800, 400)

    assert [button.text() for button in row_buttons(centre)] == ["Save as List…", "Columns…"]
    assert all(button.icon().isNull() for button in row_buttons(centre))


def test_in_a_narrow_window_they_are_icons_that_still_have_names(centre, show_in_window):
    show_in_window(centre, 260, 400)

    assert [button.text() for button in row_buttons(centre)] == ["", ""]
    assert not any(button.icon().isNull() for button in row_buttons(centre))
    assert [button.accessibleName() for button in row_buttons(centre)] == [
        "Save as List…",
        "Columns…",
    ]


def test_they_do_what_the_action_does_when_it_can_be_done(centre, actions, show_in_window, qtbot):
    show_in_window(centre, 800, 400)
    actions[0].setEnabled(False)
    save, columns = row_buttons(centre)

    with qtbot.waitSignal(actions[1].triggered):
        columns.click()

    assert not save.isEnabled()


def test_the_headline_stays_bold_when_the_colours_change(qtbot, services, show_in_window):
    app, theme = QApplication.instance(), services.theme
    before = (app.palette(), app.styleSheet(), app.font())
    theme.dress(app)
    empty = EmptyState(theme)
    show_in_window(empty)
    empty.show_state("empty-runs", "No runs yet", "Runs appear here.")

    theme.force("dark")

    title = empty.findChild(QLabel, "emptyTitle")
    assert title.font().bold()
    assert title.font().pointSizeF() > app.font().pointSizeF()
    theme.force(None)
    app.setPalette(before[0])
    app.setStyleSheet(before[1])
    app.setFont(before[2])


@pytest.mark.parametrize(("share", "are_stacked"), [(3, False), (1.2, True)])
def test_buttons_of_an_empty_place_are_never_cut_off(
    qtbot, services, show_in_window, share, are_stacked
):
    empty = EmptyState(services.theme)
    choices = [QAction("Open a &Sample Store"), QAction("&Open Home…")]
    show_in_window(empty, 900)
    empty.show_state("empty-runs", "No runs yet", "Runs appear here.", choices)

    first, second = empty.findChildren(QPushButton)
    empty.resize(int(first.sizeHint().width() * share), 500)
    qtbot.waitUntil(lambda: first.isVisible() and first.x() > 0)

    assert first.width() >= first.sizeHint().width()
    assert (second.y() > first.y()) == are_stacked


def test_the_button_for_more_commands_has_a_name_and_a_sign(open_app, sample_home):
    app = open_app(sample_home)

    button = app.window.toolbar.findChild(QToolButton, "qt_toolbar_ext_button")

    assert button.accessibleName() == "More commands"
    assert not button.icon().isNull()
