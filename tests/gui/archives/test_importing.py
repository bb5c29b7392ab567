from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QFileDialog, QLabel, QPushButton

from core.archives.export import ExportOptions, export_runs
from core.archives.importing import ImportOutcome
from core.home import Home
from core.runs.refusal import Refusal
from core.sample import make_sample_store
from gui.archives.import_text import import_grade, import_sentence, is_clean
from gui.startup.single_instance import Call
from gui.startup.start import archives_in
from tests.support.runs import make_run
from tests.support.tidying import press_in_bar

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

A, B = "a" * 32, "b" * 32


@pytest.fixture
def session(open_app, sample_home):
    return open_app(sample_home).sessions[0]


@pytest.fixture
def window(session):
    return session.window


@pytest.fixture
def archive(tmp_path):
    there = Home(tmp_path / "there")
    make_run(there.runs_dir, A, attrs={"label": "from elsewhere"})
    make_run(there.runs_dir, B)
    path = tmp_path / "x.runs.tar.zst"
    assert len(export_runs(there, [A, B], path, ExportOptions("tar.zst")).exported) == 2
    return path


def preview_of(window):
    return next(d for d in window.findChildren(QDialog, "importPreview") if d.isVisible())


def accept(window, qtbot):
    dialog = preview_of(window)
    verb = dialog.findChild(QPushButton, "importVerb")
    qtbot.waitUntil(verb.isEnabled)
    verb.click()


def test_what_is_dropped_is_previewed_and_imported_and_taken_back(session, window, archive, qtbot):
    window.folders_dropped.emit([archive])
    accept(window, qtbot)

    qtbot.waitUntil(lambda: "Imported 2 runs" in window.undo_bar.sentence)
    columns = session.desk.runs.columns
    qtbot.waitUntil(lambda: None not in (columns.slot_of(A), columns.slot_of(B)))
    assert columns.value("label", columns.slot_of(A)) == "from elsewhere"
    assert window.jobs.jobs[-1].end.grade == "done"

    press_in_bar(window.undo_bar, "Undo", qtbot)

    qtbot.waitUntil(lambda: columns.slot_of(A) is None and columns.slot_of(B) is None)
    assert (session.home.trash_dir / A / ".guild" / "opref").exists()
    qtbot.waitUntil(lambda: "Moved 2 runs to the trash" in window.undo_bar.sentence)


def test_what_arrived_can_be_selected(session, window, archive, qtbot):
    session.desk.importing.preview([archive])
    accept(window, qtbot)
    qtbot.waitUntil(lambda: window.undo_bar.button("Select") is not None)
    columns, model = session.desk.runs.columns, session.desk.runs.model
    qtbot.waitUntil(lambda: {columns.slot_of(A), columns.slot_of(B)} <= set(model.order))

    press_in_bar(window.undo_bar, "Select", qtbot)

    qtbot.waitUntil(lambda: set(session.desk.runs.selected_ids()) == {A, B})


def test_a_run_that_differs_is_merged_as_chosen(session, window, tmp_path, qtbot):
    make_run(session.home.runs_dir, A)
    make_run(tmp_path / "there", A, attrs={"label": "theirs"})
    session.desk.importing.preview([tmp_path / "there" / A])
    dialog = preview_of(window)
    qtbot.waitUntil(lambda: bool(dialog.model.conflict_rows()))

    dialog.model.choose(dialog.model.conflict_rows(), "merge")
    accept(window, qtbot)

    qtbot.waitUntil(lambda: "Merged into 1 run" in window.undo_bar.sentence)
    assert window.undo_bar.button("Undo") is None
    label = session.home.runs_dir / A / ".guild" / "attrs" / "label"
    assert label.read_text() == "theirs\n"


def test_a_merge_with_nothing_to_add_says_so(session, window, tmp_path, qtbot):
    make_run(session.home.runs_dir, A, files={"a": "mine"})
    make_run(tmp_path / "there", A, files={"a": "theirs"})
    session.desk.importing.preview([tmp_path / "there" / A])
    dialog = preview_of(window)
    qtbot.waitUntil(lambda: bool(dialog.model.conflict_rows()))

    dialog.model.choose(dialog.model.conflict_rows(), "merge")
    accept(window, qtbot)

    said = "1 run has all that was to be merged already."
    qtbot.waitUntil(lambda: window.undo_bar.sentence.startswith(said))


def test_import_asks_for_archives_also_while_one_is_in_front(session, window, archive, qtbot):
    session.desk.archives.open([archive])
    front = session.desk.archives.front
    qtbot.waitUntil(lambda: front.runs.model.rowCount() == 2)
    front.runs.select_ids([A])

    window.actions_by_id["run.import"].trigger()
    dialog = preview_of(window)
    browser = dialog.findChild(QFileDialog, "importBrowser")
    qtbot.waitUntil(browser.isVisible)
    browser.filesSelected.emit([str(archive)])
    browser.accept()

    qtbot.waitUntil(lambda: dialog.model.rowCount() == 2)
    dialog.reject()


def test_copied_files_are_pasted(window, archive, qtbot):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(archive))])
    QGuiApplication.clipboard().setMimeData(mime)

    window.actions_by_id["run.paste"].trigger()

    dialog = preview_of(window)
    qtbot.waitUntil(lambda: dialog.model.rowCount() == 2)
    dialog.reject()


def test_another_start_with_an_archive_previews_it_in_this_window(open_app, sample_home, archive):
    app = open_app(sample_home)

    app._on_called(app.sessions[0], Call((archive,)))

    assert preview_of(app.window).findChild(QLabel, "importTitle").text() == f"From {archive.name}"
    preview_of(app.window).reject()


def test_the_archives_among_what_is_opened_are_told_by_their_names():
    names = ["lab", "x.ZIP", "x.runs.tar.zst", "x.tgz", "notes.txt"]

    found = archives_in([Path(name) for name in names])

    assert [path.name for path in found] == ["x.ZIP", "x.runs.tar.zst", "x.tgz"]


def test_without_a_home_an_archive_says_what_to_do_first(open_app, archive, tmp_path):
    (tmp_path / "no-home").write_text("a file")
    app = open_app(tmp_path / "no-home")
    assert app.sessions[0].desk is None

    app.preview([archive])

    assert "Open a home first" in app.window.centre.notices.text()


def test_where_nothing_was_copied_it_is_said(window):
    QGuiApplication.clipboard().setText("only words")

    window.actions_by_id["run.paste"].trigger()

    assert "Nothing to paste" in window.undo_bar.sentence


def test_a_second_drop_is_added_to_the_open_preview(window, archive, tmp_path, qtbot):
    make_run(tmp_path / "more", "c" * 32)
    window.actions_by_id["run.import"].trigger()
    first = preview_of(window)

    window.folders_dropped.emit([archive])
    window.folders_dropped.emit([tmp_path / "more"])

    assert preview_of(window) is first
    qtbot.waitUntil(lambda: first.model.rowCount() == 3)
    first.reject()


def test_a_dropped_home_can_be_opened_instead(session, window, tmp_path, qtbot):
    make_sample_store(tmp_path / "other", runs=4)
    window.folders_dropped.emit([tmp_path / "other"])
    button = preview_of(window).findChild(QPushButton, "importOpenHome")
    qtbot.waitUntil(button.isVisible)

    button.click()

    qtbot.waitUntil(lambda: session.home.path == tmp_path / "other")


def test_closing_the_home_closes_the_preview(session, window, archive, tmp_path, qtbot):
    make_sample_store(tmp_path / "other", runs=4)
    session.desk.importing.preview([archive])
    dialog = preview_of(window)

    session.open_home(Home(tmp_path / "other"))

    assert not dialog.isVisible()


def test_sentences_say_what_was_done_and_what_not():
    refusal = Refusal(A, "Run aaaaaaaa cannot be imported: it is damaged.")

    assert import_sentence(ImportOutcome()) == "Nothing was imported."
    assert import_sentence(ImportOutcome(refused=(refusal,))) == refusal.reason
    both = ImportOutcome(imported=(A,), renamed={B: A}, bytes=2000)
    assert import_sentence(both).startswith("Imported 2 runs, 2.0")
    assert "1 of them under a new id" in import_sentence(both)
    mixed = ImportOutcome(replaced=(A,), merged=(B,), skipped=(A, B), cancelled=True)
    assert import_sentence(mixed) == (
        "Cancelled: replaced 1 run, the old one is in the trash; merged into 1 run; "
        "2 runs stay as they are."
    )
    full = ImportOutcome(complete=(A,), skipped=(B,))
    assert import_sentence(full) == (
        "1 run has all that was to be merged already; 1 run stays as it is."
    )


def test_only_a_clean_import_can_be_taken_back():
    assert is_clean(ImportOutcome(imported=(A,)))
    assert is_clean(ImportOutcome(renamed={A: B}))
    assert not is_clean(ImportOutcome())
    assert not is_clean(ImportOutcome(imported=(A,), replaced=(B,)))
    assert import_grade(ImportOutcome(imported=(A,), remarks=("One.",))) == "partly"
    assert import_grade(ImportOutcome(cancelled=True)) == "cancelled"
