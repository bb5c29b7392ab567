from __future__ import annotations

import os

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLabel, QLineEdit, QPushButton, QToolButton

from core.archives.destination import Outlook
from core.home import Home
from gui.archives.export_choice import Exportable, ExportHabit, format_of_text, path_of, with_format
from gui.dialogs.export_dialog import ExportDialog
from tests.support.runs import make_run

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path / "home")
    home.runs_dir.mkdir(parents=True)
    return home


@pytest.fixture
def ids(home):
    ids = tuple(f"{number:032x}" for number in range(5))
    for run_id in ids:
        make_run(home.runs_dir, run_id, files={"model.bin": "x" * 1000})
    return ids


@pytest.fixture
def open_dialog(qtbot, services, home, tmp_path):
    dialogs = []

    def open_(ids, habit=None, **more):
        habit = habit or ExportHabit(str(tmp_path))
        dialog = ExportDialog(Exportable(home, tuple(ids), **more), habit, services)
        dialogs.append(dialog)
        dialog.show()
        settle(dialog)
        return dialog

    def settle(dialog):
        qtbot.waitUntil(
            lambda: (
                not dialog._typing.isActive()
                and not dialog._looking.is_waiting
                and not dialog._counting.is_waiting
            )
        )

    open_.settle = settle
    yield open_
    for dialog in dialogs:
        dialog.reject()
        dialog.deleteLater()


def verb(dialog):
    return dialog.findChild(QPushButton, "exportVerb")


def note(dialog):
    return dialog.findChild(QLabel, "exportNote")


def summary(dialog):
    return dialog.findChild(QLabel, "exportSummary").text()


def press_format(dialog, kind):
    dialog.findChild(QToolButton, f"exportFormat-{kind}").click()


def type_path(open_dialog, dialog, text):
    dialog.findChild(QLineEdit, "exportDestination").setText(str(text))
    open_dialog.settle(dialog)


def test_it_suggests_an_archive_where_the_last_one_was(open_dialog, ids, tmp_path):
    dialog = open_dialog(ids[:3], ExportHabit(str(tmp_path), "tar.zst"), name="paper")

    assert dialog.field.text() == f"{tmp_path}/paper.runs.tar.zst"
    assert verb(dialog).text() == "Export 3 Runs"
    assert verb(dialog).isEnabled()
    assert dialog.wanted().options.format == "tar.zst"


def test_the_size_is_counted_beside_what_is_free(open_dialog, ids):
    dialog = open_dialog(ids[:2])

    assert summary(dialog).startswith("About 2.")
    assert " unpacked, " in summary(dialog)
    assert "free there" in summary(dialog)
    press_format(dialog, "directory")
    open_dialog.settle(dialog)
    assert "unpacked" not in summary(dialog)


def test_another_format_changes_the_name_and_a_name_the_format(open_dialog, ids, tmp_path):
    dialog = open_dialog(ids[:1], name="one")

    press_format(dialog, "directory")
    assert dialog.field.text() == f"{tmp_path}/one"
    press_format(dialog, "tar.gz")
    assert dialog.field.text() == f"{tmp_path}/one.runs.tar.gz"
    type_path(open_dialog, dialog, tmp_path / "plain.zip")
    assert dialog.findChild(QToolButton, "exportFormat-zip").isChecked()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Say where"),
        ("{tmp}/missing/x.zip", "There is no directory"),
        ("{tmp}/home/runs/x", "the runs themselves are there"),
        ("{tmp}/file.txt", "is a file"),
        ("{tmp}/odd.zip", "is no zip"),
    ],
)
def test_what_cannot_be_is_said_below_the_field(open_dialog, ids, tmp_path, text, said):
    (tmp_path / "file.txt").write_text("x")
    (tmp_path / "odd.zip").write_text("x")
    dialog = open_dialog(ids[:1])

    type_path(open_dialog, dialog, text.format(tmp=tmp_path))

    assert said in note(dialog).text()
    assert note(dialog).property("role") == "error"
    assert not verb(dialog).isEnabled()


def test_an_archive_that_is_there_is_added_to(open_dialog, ids, tmp_path):
    (tmp_path / "old.zip").write_bytes(b"PK\x03\x04")
    dialog = open_dialog(ids[:1])

    type_path(open_dialog, dialog, tmp_path / "old.zip")

    assert "added to it" in note(dialog).text()
    assert note(dialog).property("role") == "muted"
    assert verb(dialog).isEnabled()


def test_too_little_room_for_a_directory_is_said(open_dialog, ids, tmp_path):
    dialog = open_dialog(ids[:2])
    dialog._on_looked(Outlook(free=100))
    assert note(dialog).text() == ""
    press_format(dialog, "directory")
    open_dialog.settle(dialog)

    dialog._on_looked(Outlook(free=100))

    assert note(dialog).text().endswith(", and only 100 bytes are free there.")
    assert note(dialog).property("role") == "error"
    dialog._on_looked(Outlook(free=1 << 30))
    assert note(dialog).property("role") == "muted"


def test_running_runs_cannot_move_and_are_not_counted(open_dialog, ids):
    dialog = open_dialog(ids[:3], running=frozenset(ids[:1]))

    dialog.move_runs.click()

    assert verb(dialog).text() == "Move 2 Runs"
    assert dialog.wanted().ids == ids[1:3]
    assert "cannot be moved" in dialog.findChild(QLabel, "exportMoveNote").text()
    assert not dialog.env.isEnabled()


def test_where_all_run_nothing_can_be_moved(open_dialog, ids):
    dialog = open_dialog(ids[:1], running=frozenset(ids[:1]))
    said = dialog.findChild(QLabel, "exportMoveNote").text()
    assert said == "A run is still running: exported as far as it is."

    dialog.move_runs.click()

    assert not verb(dialog).isEnabled()


def test_trials_go_along_unless_they_are_taken_off(open_dialog, ids):
    dialog = open_dialog(ids[:1], own=ids[1:4], own_words="3 trials")
    assert verb(dialog).text() == "Export 4 Runs"

    dialog.along.click()

    assert verb(dialog).text() == "Export 1 Run"
    assert dialog.wanted().ids == ids[:1]


def test_enter_exports_what_is_chosen(open_dialog, ids, qtbot, tmp_path):
    dialog = open_dialog(ids[:2], name="two")
    chosen = []
    dialog.chosen.connect(chosen.append)
    dialog.resources.click()
    dialog.env.click()

    qtbot.keyClick(dialog.field, Qt.Key.Key_Return)

    (wanted,) = chosen
    assert wanted.path == tmp_path / "two.runs.zip"
    assert wanted.options.copy_resources
    assert wanted.options.with_env
    assert not wanted.options.move


def test_return_before_the_destination_is_known_waits_for_it(open_dialog, ids, qtbot, tmp_path):
    dialog = open_dialog(ids[:1])
    chosen = []
    dialog.chosen.connect(chosen.append)

    dialog.field.setText(str(tmp_path / "missing" / "x.zip"))
    qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
    open_dialog.settle(dialog)

    assert "There is no directory" in note(dialog).text()
    assert chosen == []
    assert dialog.isVisible()
    dialog.field.setText(str(tmp_path / "x.zip"))
    qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(chosen) == 1)
    assert chosen[0].path == tmp_path / "x.zip"


def test_return_on_browse_browses(open_dialog, ids, qtbot):
    dialog = open_dialog(ids[:1])
    chosen = []
    dialog.chosen.connect(chosen.append)
    browse = dialog.findChild(QPushButton, "exportBrowse")
    browse.setFocus()

    qtbot.keyClick(browse, Qt.Key.Key_Return)

    browser = dialog.findChild(QFileDialog, "exportBrowser")
    assert browser is not None
    assert chosen == []
    browser.reject()


def test_a_text_means_a_path_below_the_users_directory(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))

    assert path_of("~/a/../b.zip") == tmp_path / "b.zip"
    assert path_of(" b ") == tmp_path / "b"
    assert path_of("~nobody-at-all/x") == tmp_path / "~nobody-at-all" / "x"
    assert path_of("/x/./y") == path_of(os.sep + "x/y")


def test_endings_are_exchanged_and_never_doubled():
    assert with_format("a.zip", "tar.gz") == "a.runs.tar.gz"
    assert with_format("a.runs.tar.zst", "zip") == "a.runs.zip"
    assert with_format("a.runs.zip", "directory") == "a"
    assert with_format("a.b", "zip") == "a.b.runs.zip"
    assert format_of_text("a.TGZ") == "tar.gz"


def test_a_habit_that_makes_no_sense_is_forgotten():
    assert ExportHabit.from_map({"directory": 3, "format": "rar"}) == ExportHabit()
    assert ExportHabit.from_map(ExportHabit("/x", "tar.gz").as_map()).format == "tar.gz"
