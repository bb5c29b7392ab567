from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtWidgets import (
    QAbstractButton,
    QDialog,
    QFileDialog,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
)

from core.sample import make_sample_store
from gui.models.places_model import PlaceKind, Section
from gui.places.place_catalogue import TRASH
from tests.support.application import RUNS, wait_until_settled

# Offscreen there is no window manager to hear of size hints and of windows in front.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


def ids(desk) -> list[str]:
    return [desk.runs.columns.value("id", slot) for slot in desk.runs.model.order]


def type_filter(qtbot, app, text: str) -> None:
    desk = app.sessions[0].desk
    desk.filter_box.field.clear()
    qtbot.keyClicks(desk.filter_box.field, text)
    desk.filter_box.apply_now()
    wait_until_settled(qtbot, app)


def choose(window, qtbot, section: Section, title: str) -> None:
    model = window.places_model
    qtbot.waitUntil(lambda: title in [p.title for p in model.places(section)])
    place = next(p for p in model.places(section) if p.title == title)
    window.places.setCurrentIndex(model.index_of(place.name))


def test_the_status_bar_says_what_is_shown_selected_and_open(app, window, desk, qtbot):
    desk.table.selectRow(0)

    status = window.status
    qtbot.waitUntil(lambda: "·" in status.selection.text())
    assert status.runs.text() == f"{RUNS} runs"
    assert status.selection.text().startswith("1 selected · ")
    assert status.index.text() == "Index up to date"
    assert status.home.text().endswith("project/.guild")


def test_a_filter_narrows_and_clearing_it_brings_everything_back(app, window, desk, qtbot, trigger):
    type_filter(qtbot, app, "status = completed")
    shown = len(desk.runs.model.order)
    assert 0 < shown < RUNS
    assert window.status.runs.text() == f"{shown} of {RUNS} runs"

    trigger("view.clear-filter")
    wait_until_settled(qtbot, app)

    assert len(desk.runs.model.order) == RUNS
    assert desk.filter_box.text() == ""


def test_a_filter_is_not_blamed_for_an_empty_trash(app, window, desk, trigger, qtbot):
    trigger("view.trash")
    wait_until_settled(qtbot, app)
    desk.table.selectAll()
    trigger("run.restore")
    qtbot.waitUntil(lambda: desk.runs.columns.count(deleted=True) == 0)

    type_filter(qtbot, app, "lr = 0.1")

    assert window.centre.empty.title() == "The trash is empty"


def test_where_nothing_matches_the_window_offers_to_clear_the_filter(app, window, desk, qtbot):
    type_filter(qtbot, app, "label = nobody-wrote-this")

    assert window.centre.empty.title() == "Nothing matches"
    assert not desk.table.isVisible()
    window.centre.empty.findChild(QPushButton, "empty:view.clear-filter").click()
    wait_until_settled(qtbot, app)

    assert desk.table.isVisible()
    assert len(desk.runs.model.order) == RUNS


def test_an_expression_that_fails_keeps_the_last_result(app, desk, qtbot):
    type_filter(qtbot, app, "status = completed")
    before = ids(desk)

    type_filter(qtbot, app, "status = = completed")

    assert desk.filter_box.error() is not None
    assert ids(desk) == before


def test_the_trash_is_a_place(app, window, desk, qtbot, trigger):
    trigger("view.trash")
    wait_until_settled(qtbot, app)

    trash = desk.runs.columns.count(deleted=True)
    assert len(desk.runs.model.order) == trash > 0
    assert window.places.current_place().name == TRASH
    trigger("view.this-computer")
    wait_until_settled(qtbot, app)
    assert len(desk.runs.model.order) == RUNS


def test_a_tag_puts_its_filter_into_the_box_and_leaving_it_takes_that_out(app, window, desk, qtbot):
    qtbot.waitUntil(lambda: bool(window.places_model.places(Section.TAGS)))
    tag = window.places_model.places(Section.TAGS)[0]

    choose(window, qtbot, Section.TAGS, tag.title)
    wait_until_settled(qtbot, app)
    assert desk.filter_box.text() == tag.filter
    assert str(len(desk.runs.model.order)) == tag.count

    choose(window, qtbot, Section.PLACES, "This computer")
    wait_until_settled(qtbot, app)
    assert desk.filter_box.text() == ""
    assert len(desk.runs.model.order) == RUNS


def test_what_the_user_typed_stays_when_going_to_the_trash(app, window, desk, qtbot, trigger):
    type_filter(qtbot, app, "status = completed")

    trigger("view.trash")
    wait_until_settled(qtbot, app)

    assert desk.filter_box.text() == "status = completed"


def test_changing_the_text_of_a_list_leaves_the_list(app, window, desk, qtbot):
    choose(window, qtbot, Section.LISTS, "Running")

    type_filter(qtbot, app, "status = completed")

    assert window.places.current_place().kind is PlaceKind.RUNS


def test_trials_and_their_batch_are_one_step_apart(app, window, desk, qtbot, trigger):
    columns = desk.runs.columns
    batch = next(s for s in columns.slots() if columns.value("is_batch", s))
    batch_id = columns.value("id", batch)
    desk.runs.select_ids([batch_id])
    assert window.actions_by_id["run.show-trials"].isEnabled()

    trigger("run.show-trials")
    wait_until_settled(qtbot, app)
    trials = {run_id for _, run_id in columns.value("links", batch)}
    assert set(ids(desk)) == trials & {columns.value("id", s) for s in columns.slots()}
    assert len(ids(desk)) > 0
    qtbot.waitUntil(lambda: window.places.current_place() is not None)
    assert window.places.current_place().key == batch_id

    desk.table.selectRow(0)
    trigger("run.show-batch")
    qtbot.waitUntil(lambda: desk.runs.current_ref() is not None)
    qtbot.waitUntil(lambda: desk.runs.current_ref().id == batch_id)


def test_a_link_to_a_run_in_the_trash_leads_there(app, window, desk, qtbot):
    columns = desk.runs.columns
    deleted = columns.value("id", columns.slots(deleted=True)[0])

    window.details.run_requested.emit(deleted)

    qtbot.waitUntil(lambda: desk.runs.current_ref() is not None)
    assert desk.runs.current_ref().id == deleted
    assert desk.runs.current_ref().deleted


def test_a_link_to_a_run_that_is_nowhere_is_explained(window):
    window.details.run_requested.emit("f" * 32)

    assert "ffffffff" in window.centre.notices.text()


def test_copying_ids_and_paths(window, desk, sample_home, trigger):
    desk.table.selectRow(0)
    run_id = ids(desk)[0]

    trigger("run.copy-id")
    assert QGuiApplication.clipboard().text() == run_id
    trigger("run.copy-path")
    assert QGuiApplication.clipboard().text() == str(sample_home / "runs" / run_id)


def test_copying_the_command(app, desk, qtbot, trigger):
    type_filter(qtbot, app, "status = completed")
    desk.table.selectRow(0)
    QGuiApplication.clipboard().clear()

    trigger("run.copy-command")

    qtbot.waitUntil(lambda: "python" in QGuiApplication.clipboard().text())


def test_without_a_selected_run_its_actions_are_off(window, desk):
    desk.table.clearSelection()

    for id_ in ("run.copy", "run.open-folder", "run.reveal", "run.show-batch", "run.show-trials"):
        assert not window.actions_by_id[id_].isEnabled(), id_


def test_a_filter_becomes_a_list_that_every_start_knows(app, window, desk, qtbot, trigger):
    assert not window.actions_by_id["list.save"].isEnabled()
    type_filter(qtbot, app, "status = completed")

    trigger("list.save")
    dialog = window.findChild(QDialog, "listDialog")
    qtbot.keyClicks(dialog.findChild(QLineEdit, "listName"), "Done\r")

    choose(window, qtbot, Section.LISTS, "Done")
    wait_until_settled(qtbot, app)
    assert desk.filter_box.text() == "status = completed"
    assert [saved.name for saved in app.shared.settings.value.lists] == ["Done"]


def test_a_list_with_a_taken_name_is_refused_in_the_dialog(app, window, qtbot, trigger):
    type_filter(qtbot, app, "status = completed")
    for _ in range(2):
        trigger("list.save")
        dialog = window.findChildren(QDialog, "listDialog")[-1]
        qtbot.keyClicks(dialog.findChild(QLineEdit, "listName"), "Done\r")

    assert dialog.isVisible()
    assert "already" in dialog.findChild(QLabel, "listProblem").text()
    dialog.reject()
    assert len(app.shared.settings.value.lists) == 1


def test_a_filter_that_is_not_understood_does_not_become_a_list(app, window, qtbot, trigger):
    type_filter(qtbot, app, "status = completed")
    type_filter(qtbot, app, "status >> completed")
    trigger("list.save")
    dialog = window.findChild(QDialog, "listDialog")

    qtbot.keyClicks(dialog.findChild(QLineEdit, "listName"), "Broken\r")

    assert dialog.findChild(QLineEdit, "listFilter").text() == "status >> completed"
    assert "missing" in dialog.findChild(QLabel, "listProblem").text()
    assert not app.shared.settings.value.lists
    dialog.reject()


def test_lists_are_moved_deleted_and_brought_back(app, window, qtbot, trigger):
    from core.saved_lists import SavedList

    app.shared.settings.change(lists=(SavedList("A", "a"), SavedList("B", "b")))
    choose(window, qtbot, Section.LISTS, "B")

    trigger("list.move-up")
    assert [saved.name for saved in app.shared.settings.value.lists] == ["B", "A"]
    trigger("list.delete")
    assert [saved.name for saved in app.shared.settings.value.lists] == ["A"]
    assert "not touched" in window.centre.notices.text()
    window.centre.notices.findChild(QPushButton, "noticeButton").click()

    assert [saved.name for saved in app.shared.settings.value.lists] == ["B", "A"]


def test_f6_walks_through_the_panes_and_back(window, desk, qtbot, trigger):
    window.activateWindow()
    desk.table.setFocus()
    desk.table.selectRow(0)
    seen = []
    for _ in range(4):
        trigger("view.next-pane")
        seen.append(window.focusWidget())

    assert window.places in seen
    assert desk.filter_box.field in seen
    assert desk.table in seen
    assert any(window.details.isAncestorOf(widget) for widget in seen)
    trigger("view.previous-pane")
    assert window.focusWidget() is seen[2]


def test_f6_passes_over_panes_without_anything_to_focus(window, desk, trigger):
    desk.table.clearSelection()
    desk.table.setFocus()

    trigger("view.next-pane")

    assert window.focusWidget() is window.places


def test_the_window_fits_a_small_screen_with_every_pane(window, desk):
    window.resize(1024, 640)
    desk.table.selectRow(0)

    assert window.minimumSizeHint().width() <= 1024
    assert window.minimumSizeHint().height() <= 640


def test_panes_are_hidden_and_shown(window, trigger):
    for name, pane in (("places", window.places), ("details", window.details)):
        trigger(f"view.toggle-{name}")
        assert not pane.isVisible()
        trigger(f"view.toggle-{name}")
        assert pane.isVisible()


def test_every_control_without_a_text_has_an_accessible_name(window, desk):
    desk.table.selectRow(0)
    buttons = [b for b in window.findChildren(QAbstractButton) if b.isVisible()]
    assert len(buttons) > 8

    silent = [
        (type(b).__name__, b.objectName())
        for b in buttons
        if not b.text() and not b.accessibleName() and not b.toolTip() and not _is_qts_own(b)
    ]
    assert silent == []


def _is_qts_own(button: QAbstractButton) -> bool:
    return button.objectName().startswith("qt_") or button.objectName() in (
        "ScrollLeftButton",
        "ScrollRightButton",
    )


def drop(window, path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    event = QDropEvent(
        QPointF(50, 50),
        Qt.DropAction.CopyAction,
        mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    window.dropEvent(event)


@pytest.mark.parametrize("what", ["home", "project", "runs"])
def test_a_dropped_home_is_previewed_and_can_be_opened(app, window, tmp_path, qtbot, what):
    home = tmp_path / "other" / ".guild"
    home.parent.mkdir()
    make_sample_store(home, runs=4)
    folder = {"home": home, "project": home.parent, "runs": home / "runs"}[what]

    drop(window, folder)
    open_as_home(window, qtbot)

    qtbot.waitUntil(lambda: app.sessions[0].home.path == home)
    wait_until_settled(qtbot, app)
    assert len(app.sessions[0].desk.runs.model.order) == 4
    assert "other" in window.windowTitle()


def open_as_home(window, qtbot):
    """Presses the button of the preview that opens what was dropped."""
    button = window.findChild(QPushButton, "importOpenHome")
    qtbot.waitUntil(button.isVisible)
    button.click()


def test_a_dropped_folder_without_runs_is_explained_and_changes_nothing(
    app, window, tmp_path, qtbot
):
    (tmp_path / "empty").mkdir()

    drop(window, tmp_path / "empty")

    problems = window.findChild(QLabel, "importProblems")
    qtbot.waitUntil(lambda: "There is no run in" in problems.text())
    problems.window().reject()
    assert len(app.sessions[0].desk.runs.model.order) == RUNS


def test_the_home_before_becomes_a_recent_one(app, window, tmp_path, sample_home, qtbot):
    make_sample_store(tmp_path / "other", runs=4)
    drop(window, tmp_path / "other")
    open_as_home(window, qtbot)
    qtbot.waitUntil(lambda: app.sessions[0].home.path == tmp_path / "other")

    (recent,) = window.places_model.places(Section.HOMES)
    assert recent.key == str(sample_home)
    window.places.home_chosen.emit(recent)

    qtbot.waitUntil(lambda: app.sessions[0].home.path == sample_home)


def test_the_sample_store_is_made_shown_and_gone_at_the_end(open_app, qtbot, tmp_path):
    app = open_app(None)
    assert app.window.centre.empty.title() == "No runs yet"

    app.window.centre.empty.findChild(QPushButton, "empty:home.open-sample").click()
    qtbot.waitUntil(lambda: "sample" in app.window.windowTitle(), timeout=20_000)
    wait_until_settled(qtbot, app)
    path = app.sessions[0].home.path

    # Where the next start clears up after a killed one.
    assert tmp_path / "config" / "cache" / "scratch" in path.parents
    assert app.window.status.home.text() == "Sample store, gone when Rundesk is closed"
    assert len(app.sessions[0].desk.runs.model.order) > 20
    assert app.shutdown()
    assert not path.exists()
    assert app.shared.window_state.recent_homes(9) == []


def test_open_home_asks_for_a_folder_and_stays_usable(window, qtbot, trigger, monkeypatch):
    monkeypatch.setattr(QFileDialog, "open", lambda self: None)

    trigger("home.open")

    dialog = window.findChild(QFileDialog, "homeDialog")
    assert dialog.fileMode() is QFileDialog.FileMode.Directory


def test_a_home_that_vanishes_is_said_and_comes_back_by_itself(
    app, window, desk, sample_home, qtbot
):
    away = sample_home.with_name("away")
    shutil.move(sample_home, away)
    qtbot.waitUntil(lambda: str(sample_home) in window.centre.notices.text(), timeout=10_000)
    assert len(desk.runs.model.order) == RUNS

    shutil.move(away, sample_home)

    qtbot.waitUntil(lambda: window.centre.notices.text() == "", timeout=10_000)
    assert len(desk.runs.model.order) == RUNS


def test_details_that_found_no_home_are_read_when_it_is_back(app, window, desk, sample_home, qtbot):
    away = sample_home.with_name("away")
    shutil.move(sample_home, away)
    qtbot.waitUntil(lambda: str(sample_home) in window.centre.notices.text(), timeout=10_000)
    desk.runs.select_ids([ids(desk)[5]])
    overview = window.details.tab("overview")
    qtbot.waitUntil(lambda: not overview.problem.isHidden(), timeout=10_000)

    shutil.move(away, sample_home)

    qtbot.waitUntil(lambda: overview.problem.isHidden(), timeout=10_000)
    assert not overview.facts.isHidden()


def test_a_run_that_appears_is_shown_and_counted(app, window, desk, sample_home, qtbot):
    source = next(path for path in (sample_home / "trash" / "runs").iterdir())
    shutil.copytree(source, sample_home / "runs" / ("9" * 32), symlinks=True)

    qtbot.waitUntil(lambda: "9" * 32 in ids(desk), timeout=10_000)
    expected = str(RUNS + 1)
    qtbot.waitUntil(
        lambda: window.places_model.places(Section.PLACES)[0].count == expected, timeout=10_000
    )


@pytest.mark.parametrize(
    ("action", "name"), [("help.shortcuts", "shortcutsDialog"), ("help.about", "aboutDialog")]
)
def test_help_is_not_modal_and_closes_by_escape(window, qtbot, trigger, action, name):
    trigger(action)

    dialog = window.findChild(QDialog, name)
    assert dialog.isVisible()
    assert not dialog.isModal()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: window.findChild(QDialog, name) is None)


def test_the_palette_finds_a_command_by_a_few_letters_and_does_it(window, qtbot, trigger):
    trigger("app.commands")
    palette = window.findChild(QDialog, "commandPalette")
    edit = palette.findChild(QLineEdit, "commandEdit")
    assert len(palette.shown_actions()) == len(list(window.actions_by_id))
    assert palette.shown_actions()[0].objectName().startswith("run.")

    qtbot.keyClicks(edit, "togg")
    qtbot.keyClicks(edit, "\b\b\b\bdark")
    assert palette.shown_actions()[0].objectName() == "view.scheme-dark"
    found = palette.findChild(QListWidget, "commandList")
    assert found.item(0).text() == "View: Dark Colours"
    edit.setText("view: toolbar")
    assert palette.shown_actions()[0].objectName() == "view.toggle-toolbar"
    qtbot.keyClick(edit, Qt.Key.Key_Return)

    assert not window.toolbar.isVisible()


def test_the_palette_knows_explanations_and_says_when_nothing_is_found(window, trigger):
    trigger("app.commands")
    palette = window.findChild(QDialog, "commandPalette")
    edit = palette.findChild(QLineEdit, "commandEdit")
    nothing = palette.findChild(QLabel, "commandNothing")

    edit.setText("always dark")
    assert [action.objectName() for action in palette.shown_actions()] == ["view.scheme-dark"]
    assert not nothing.isVisible()
    edit.setText("no such command")
    assert palette.shown_actions() == []
    assert nothing.isVisible()
    palette.close()


def test_the_context_menu_offers_what_can_be_done_with_runs(window, desk, qtbot):
    from PySide6.QtWidgets import QMenu

    desk.table.selectRow(0)
    desk.table.context_requested.emit(QPoint(10, 10))
    menu = next(m for m in window.findChildren(QMenu) if m.isVisible())

    names = [a.objectName() for a in menu.actions()]
    assert {"run.copy-id", "run.reveal", "run.show-trials"} <= set(names)
    menu.close()


def lightness(picture) -> float:
    """How light the pixels around the middle of a picture are, texts and all."""
    places = range(-40, 41, 4)
    middle = picture.rect().center()
    pixels = [picture.pixelColor(middle + QPoint(x, y)) for x in places for y in places]
    return sum(pixel.lightness() for pixel in pixels) / len(pixels)


def test_a_light_and_a_dark_window_differ(app, window, qtbot, trigger):
    trigger("view.scheme-light")
    light = window.grab().toImage()
    trigger("view.scheme-dark")
    dark = window.grab().toImage()

    assert lightness(light) > 200
    assert lightness(dark) < 80
    assert window.actions_by_id["view.scheme-dark"].isChecked()
    app.shared.theme.force(None)
