from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QMenu

from core.sample import make_sample_store
from core.saved_lists import SavedList
from gui.models.places_model import Place, PlaceKind, Section
from tests.support.application import wait_until_settled

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def right_click(window, qtbot):
    """Opens the menu of a place that is not the marked one, as a click with the right button."""

    def open_(place: Place) -> QMenu:
        window.places.menu_requested.emit(place, QPoint(0, 0))
        menu = window.findChildren(QMenu, "placeMenu")[-1]
        qtbot.waitUntil(menu.isVisible)
        return menu

    yield open_
    for menu in window.findChildren(QMenu, "placeMenu"):
        menu.close()


@pytest.fixture
def menu_of(app, window, right_click, qtbot):
    """Opens the menu of a place by its title, which is gone to first."""

    def open_(section: Section, title: str) -> QMenu:
        model = window.places_model
        qtbot.waitUntil(lambda: title in [place.title for place in model.places(section)])
        place = next(place for place in model.places(section) if place.title == title)
        window.places.setCurrentIndex(model.index_of(place.name))
        wait_until_settled(qtbot, app)
        return right_click(place)

    return open_


def texts(menu: QMenu) -> list[str]:
    return [action.text().replace("&", "") for action in menu.actions() if action.text()]


def choose(menu: QMenu, text: str) -> None:
    action = next(a for a in menu.actions() if a.text().replace("&", "") == text)
    assert action.isEnabled()
    menu.close()
    action.trigger()


def clipboard() -> str:
    return QGuiApplication.clipboard().text()


def test_this_computer_offers_its_folder_and_path(menu_of):
    assert texts(menu_of(Section.PLACES, "This computer")) == [
        "Import…",
        "Open Home Folder",
        "Copy Home Path",
        "Refresh",
    ]


def test_a_list_that_everybody_has_gives_its_filter(menu_of):
    menu = menu_of(Section.LISTS, "Marked")
    assert texts(menu) == ["Copy Filter"]

    choose(menu, "Copy Filter")

    assert clipboard() == "marked = true"


def test_a_list_of_the_user_can_also_be_changed(app, menu_of):
    app.shared.settings.change(lists=(SavedList("Mine", "lr < 1"),))

    menu = menu_of(Section.LISTS, "Mine")

    assert texts(menu)[:3] == ["Copy Filter", "Edit List…", "Delete List"]
    choose(menu, "Copy Filter")
    assert clipboard() == "lr < 1"


def test_a_tag_gives_its_filter(app, menu_of, window, qtbot):
    model = window.places_model
    qtbot.waitUntil(lambda: bool(model.places(Section.TAGS)))
    tag = model.places(Section.TAGS)[0]

    choose(menu_of(Section.TAGS, tag.title), "Copy Filter")

    assert clipboard() == tag.filter


def test_a_batch_is_selected_among_the_runs(app, menu_of, window, qtbot):
    model = window.places_model
    qtbot.waitUntil(lambda: bool(model.places(Section.BATCHES)))
    batch = model.places(Section.BATCHES)[0]

    choose(menu_of(Section.BATCHES, batch.title), "Select the Batch")
    wait_until_settled(qtbot, app)

    qtbot.waitUntil(lambda: app.sessions[0].desk.runs.current_ref() is not None)
    assert app.sessions[0].desk.runs.current_ref().id == batch.key


def test_entries_of_an_archive_have_the_icons_of_their_actions(app):
    place = Place(PlaceKind.ARCHIVE, "/data/paper.zip", "paper.zip")

    menu = app.sessions[0]._place_menu.make(place)

    entries = [action for action in menu.actions() if not action.isSeparator()]
    assert len(entries) == 5
    assert not any(action.icon().isNull() for action in entries)
    menu.deleteLater()


def test_another_home_opens_in_another_window_or_is_forgotten(app, window, qtbot, tmp_path):
    other = tmp_path / "other" / ".guild"
    other.parent.mkdir()
    make_sample_store(other, runs=6, seed=1)
    app.shared.window_state.add_recent_home(other, 8)
    place = Place(PlaceKind.HOME, str(other), "other")

    def menu() -> QMenu:
        return app.sessions[0]._place_menu.make(place)

    choose(menu(), "Copy Path")
    assert clipboard() == str(other)
    choose(menu(), "Open in New Window")
    qtbot.waitUntil(lambda: len(app.sessions) == 2)
    qtbot.waitUntil(lambda: app.sessions[1].desk.feed.is_settled)
    assert app.sessions[1].home.path == other
    choose(menu(), "Remove from Recent Homes")
    assert other not in app.shared.window_state.recent_homes(9)


def test_a_saved_filter_is_marked_in_the_places_at_once(app, window, qtbot):
    desk = app.sessions[0].desk
    desk.filter_box.set_text("status = completed")
    desk.filter_box.apply_now()
    wait_until_settled(qtbot, app)
    window.actions_by_id["list.save"].trigger()
    dialog = window.findChild(QDialog, "listDialog")

    qtbot.keyClicks(dialog.findChild(QLineEdit, "listName"), "Done\r")

    def marked() -> str:
        place = window.places.current_place()
        return place.title if place else ""

    qtbot.waitUntil(lambda: marked() == "Done")
    assert desk.filter_box.text() == "status = completed"
    assert window.actions_by_id["list.edit"].isEnabled()


def test_the_menu_key_opens_the_menu_of_the_marked_place(app, window, qtbot):
    places = window.places
    places.setCurrentIndex(places.model().index_of((PlaceKind.TRASH, "")))
    point = places.visualRect(places.currentIndex()).center()
    reason = QContextMenuEvent.Reason.Keyboard
    event = QContextMenuEvent(reason, point, places.viewport().mapToGlobal(point))
    asked: list[Place] = []
    places.menu_requested.connect(lambda place, _: asked.append(place))

    QApplication.sendEvent(places.viewport(), event)

    assert [place.kind for place in asked] == [PlaceKind.TRASH]
    for menu in window.findChildren(QMenu, "placeMenu"):
        menu.close()


def test_homes_that_are_paths_with_strange_letters_are_copied_whole(app):
    home = Path("/tmp/a & b/ünï🎉")

    choose(app.sessions[0]._place_menu.make(Place(PlaceKind.HOME, str(home), "x")), "Copy Path")

    assert clipboard() == str(home)


def enter(menu: QMenu, text: str, qtbot) -> None:
    """Choose an entry as keys do: the menu hides, and then does what was chosen."""
    action = next(a for a in menu.actions() if a.text().replace("&", "") == text)
    menu.setActiveAction(action)
    qtbot.keyClick(menu, Qt.Key.Key_Return)


def test_the_menu_of_another_tag_is_about_that_tag(app, window, right_click, qtbot):
    desk, model = app.sessions[0].desk, window.places_model
    qtbot.waitUntil(lambda: len(model.places(Section.TAGS)) > 1)
    marked, other = model.places(Section.TAGS)[:2]
    before = desk.runs.columns.tags()
    desk.navigation.show_tag(marked.key)
    qtbot.waitUntil(lambda: window.places.current_place() == marked)
    shown = desk.filter_box.text()

    enter(right_click(other), "Delete Tag", qtbot)

    qtbot.waitUntil(lambda: other.key not in desk.runs.columns.tags())
    assert desk.runs.columns.tags()[marked.key] == before[marked.key]
    assert desk.filter_box.text() == shown
    qtbot.waitUntil(lambda: window.places.subject() == window.places.current_place())


def test_the_menu_of_a_list_is_about_it_where_all_runs_are_shown(app, window, right_click, qtbot):
    app.shared.settings.change(lists=(SavedList("Mine", "lr < 1"), SavedList("Other", "lr > 1")))
    model = window.places_model
    qtbot.waitUntil(lambda: "Other" in [place.title for place in model.places(Section.LISTS)])
    place = next(place for place in model.places(Section.LISTS) if place.title == "Other")

    menu = right_click(place)
    assert window.actions_by_id["list.delete"].isEnabled()
    enter(menu, "Delete List", qtbot)

    assert [each.name for each in app.shared.settings.value.lists] == ["Mine"]
    qtbot.waitUntil(lambda: not window.actions_by_id["list.delete"].isEnabled())


def test_a_menu_that_is_closed_leaves_actions_to_the_marked_place(app, window, right_click, qtbot):
    model = window.places_model
    qtbot.waitUntil(lambda: bool(model.places(Section.TAGS)))

    menu = right_click(model.places(Section.TAGS)[0])
    assert window.actions_by_id["tag.delete"].isEnabled()
    qtbot.keyClick(menu, Qt.Key.Key_Escape)

    qtbot.waitUntil(lambda: not window.actions_by_id["tag.delete"].isEnabled())


def test_the_trash_is_shown_before_its_menu_offers_to_empty_it(app, window, right_click, qtbot):
    place = next(p for p in window.places_model.places(Section.PLACES) if p.kind is PlaceKind.TRASH)

    right_click(place)

    assert window.places.current_place().kind is PlaceKind.TRASH
    qtbot.waitUntil(lambda: app.sessions[0].desk.runs.view.deleted)
