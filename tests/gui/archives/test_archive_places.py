from __future__ import annotations

import shutil
import zipfile

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragMoveEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QDialog, QLabel, QMenu, QPushButton

from core.archives.export import ExportOptions, export_runs
from core.home import Home
from core.runs.tfevents import EventWriter
from gui.archives import shelf_feed
from gui.models.places_model import PlaceKind, Section
from gui.places.place_catalogue import RUNS
from gui.run_mime import mime_of, runs_from
from gui.views.details import packed_files
from tests.support.archives import zip_runs
from tests.support.runs import make_run

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

BATCH, TRIAL, OTHER = "a" * 32, "b" * 32, "c" * 32
CHANGING = ("run.mark", "run.label", "run.tag", "run.comment", "run.delete")


@pytest.fixture
def there(tmp_path):
    """A home elsewhere: a batch, its trial with scalars, another run."""
    there = Home(tmp_path / "there")
    make_run(there.runs_dir, BATCH, files={".guild/proto/.guild/opref": "guildfile:/p 0a m train"})
    (there.runs_dir / BATCH / TRIAL).symlink_to(f"../{TRIAL}")
    attrs = {"label": "from elsewhere", "tags": "[sweep]", "flags": "lr: 0.5"}
    trial = make_run(there.runs_dir, TRIAL, attrs=attrs, files={"train.py": "print(1)\n"})
    with EventWriter(str(trial / ".guild" / "events.out.tfevents.1.box")) as writer:
        writer.add(1, [("loss", 0.25)])
    make_run(there.runs_dir, OTHER, attrs={"label": "another"})
    return there


@pytest.fixture
def archive(there, tmp_path):
    path = tmp_path / "paper.runs.zip"
    export_runs(there, [BATCH, TRIAL, OTHER], path, ExportOptions("zip"))
    return path


@pytest.fixture
def session(open_app, sample_home):
    return open_app(sample_home).sessions[0]


@pytest.fixture
def window(session):
    return session.window


@pytest.fixture
def archives(session):
    return session.desk.archives


def shown(archives, path, qtbot):
    """The desk of an archive that is open and read."""
    archives.open([path])
    desk = archives.front
    qtbot.waitUntil(lambda: desk.feed.is_settled and not desk.runs.is_arranging)
    return desk


def ids_of(desk):
    return [desk.runs.ref(slot).id for slot in desk.runs.model.order]


def places(window):
    return [place.title for place in window.places_model.places(Section.ARCHIVES)]


def preview_of(window):
    return next(d for d in window.findChildren(QDialog, "importPreview") if d.isVisible())


def test_an_archive_opens_as_a_place_with_its_runs(window, archives, archive, qtbot):
    desk = shown(archives, archive, qtbot)

    assert places(window) == ["paper.runs.zip"]
    assert sorted(ids_of(desk)) == [BATCH, TRIAL, OTHER]
    assert window.places.current_place().kind is PlaceKind.ARCHIVE
    assert window.centre.stack.currentWidget() is desk.table
    assert window.status.index.text() == "paper.runs.zip · read only"
    qtbot.waitUntil(lambda: window.places_model.places(Section.ARCHIVES)[0].count == "3")


def test_scalars_come_after_the_rows(archives, archive, qtbot):
    desk = shown(archives, archive, qtbot)
    columns = desk.shelf.columns

    qtbot.waitUntil(lambda: "loss" in columns.scalars(columns.slot_of(TRIAL)))


def test_its_runs_are_filtered_and_the_filter_of_the_home_stays(session, archives, archive, qtbot):
    session.desk.filter_box.set_text("status = completed")
    desk = shown(archives, archive, qtbot)

    qtbot.keyClicks(desk.filter_box.field, "label contains elsewhere")

    qtbot.waitUntil(lambda: ids_of(desk) == [TRIAL])
    archives.leave()
    assert session.window.centre.stack.currentWidget() is session.desk.table
    assert session.desk.filter_box.text() == "status = completed"


def test_details_are_about_the_run_of_the_archive(window, archives, archive, qtbot):
    desk = shown(archives, archive, qtbot)

    desk.runs.select_ids([TRIAL])

    overview = window.details.tab("overview")
    qtbot.waitUntil(lambda: "from elsewhere" in overview.heading.toPlainText())
    assert not window.details.run.can_change
    window.details.show_tab("files")
    files = window.details.tab("files")
    qtbot.waitUntil(lambda: files.model.index_of_path("train.py").isValid())
    files.tree.setCurrentIndex(files.model.index_of_path("train.py"))
    qtbot.waitUntil(lambda: "print(1)" in files.preview.code.toPlainText())
    texts = [action.text() for action in files.make_menu(files.current_entry()).actions()]
    assert texts == ["&Open", "&Copy Path"]


def test_what_would_change_its_runs_is_disabled_and_says_why(window, archives, archive, qtbot):
    desk = shown(archives, archive, qtbot)
    desk.runs.select_ids([TRIAL])

    for id_ in CHANGING:
        action = window.actions_by_id[id_]
        assert not action.isEnabled()
        assert "only looked at here: import them" in action.toolTip()
    assert "import it to open its folder" in window.actions_by_id["run.open-folder"].toolTip()
    for id_ in ("run.copy", "run.copy-id", "run.copy-command", "run.reveal", "archive.import"):
        assert window.actions_by_id[id_].isEnabled()

    archives.leave()
    session_runs = window.centre.stack.currentWidget()
    session_runs.selectRow(0)
    qtbot.waitUntil(lambda: window.actions_by_id["run.mark"].isEnabled())
    assert "only looked at" not in window.actions_by_id["run.mark"].toolTip()


def test_keys_on_its_table_never_reach_the_runs_of_the_home(
    session, window, archives, archive, qtbot
):
    session.desk.table.selectAll()
    before = session.desk.runs.columns.count()
    desk = shown(archives, archive, qtbot)
    desk.table.setFocus()
    desk.table.selectAll()

    for key in (Qt.Key.Key_Delete, Qt.Key.Key_F2):
        qtbot.keyClick(desk.table, key)

    assert session.desk.runs.columns.count() == before
    assert sorted(ids_of(desk)) == [BATCH, TRIAL, OTHER]


def test_a_batch_in_it_leads_to_its_trials_and_back(window, archives, archive, qtbot):
    desk = shown(archives, archive, qtbot)
    desk.runs.select_ids([BATCH])

    window.actions_by_id["run.show-trials"].trigger()
    qtbot.waitUntil(lambda: ids_of(desk) == [TRIAL])
    desk.runs.select_ids([TRIAL])
    window.actions_by_id["run.show-batch"].trigger()

    qtbot.waitUntil(lambda: desk.runs.selected_ids() == [BATCH])


def test_a_tag_in_its_details_filters_the_archive(window, archives, archive, qtbot):
    desk = shown(archives, archive, qtbot)

    window.details.tag_requested.emit("sweep")

    qtbot.waitUntil(lambda: ids_of(desk) == [TRIAL])
    assert archives.front is desk


def test_another_place_brings_the_home_back(session, window, archives, archive, qtbot):
    shown(archives, archive, qtbot)

    window.actions_by_id["view.trash"].trigger()

    assert archives.front is None
    assert window.centre.stack.currentWidget() is session.desk.table
    qtbot.waitUntil(lambda: session.desk.runs.view.deleted)
    assert window.actions_by_id["archive.close"].isEnabled() is False


def test_its_selected_runs_are_imported_and_no_other(session, window, archives, archive, qtbot):
    desk = shown(archives, archive, qtbot)
    desk.runs.select_ids([TRIAL])

    window.actions_by_id["archive.import"].trigger()

    dialog = preview_of(window)
    verb = dialog.findChild(QPushButton, "importVerb")
    qtbot.waitUntil(verb.isEnabled)
    assert verb.text() == "Import 1 Run"
    assert dialog.model.rowCount() == 1
    verb.click()
    qtbot.waitUntil(lambda: (session.home.runs_dir / TRIAL).exists())
    assert not (session.home.runs_dir / OTHER).exists()


def test_without_a_selection_all_are_previewed(window, archives, archive, qtbot):
    shown(archives, archive, qtbot)

    window.actions_by_id["archive.import"].trigger()

    verb = preview_of(window).findChild(QPushButton, "importVerb")
    qtbot.waitUntil(lambda: verb.text() == "Import 3 Runs")


def drop(window, mime, kind, event_type=QDropEvent):
    """Drop something on the first place of a kind; whether it was taken."""
    view = window.places
    index = view.model().index_of(kind)
    position = view.visualRect(index).center() if index.isValid() else QPoint(5, view.height() - 5)
    where = position if event_type is QDragMoveEvent else QPointF(position)
    copy, no_key = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    event = event_type(where, copy, mime, Qt.MouseButton.LeftButton, no_key)
    event.ignore()
    (view.dragMoveEvent if event_type is QDragMoveEvent else view.dropEvent)(event)
    return event.isAccepted()


def dragged(desk, ids):
    desk.runs.select_ids(ids)
    return mime_of(desk.runs.ref(desk.runs.selected_slots()[0]), ids, is_copied=False)


def test_runs_dropped_on_this_computer_are_previewed(window, archives, archive, qtbot):
    mime = dragged(shown(archives, archive, qtbot), [TRIAL, OTHER])

    assert not mime.hasUrls()
    assert drop(window, mime, RUNS, QDragMoveEvent)
    assert drop(window, mime, RUNS)

    verb = preview_of(window).findChild(QPushButton, "importVerb")
    qtbot.waitUntil(lambda: verb.text() == "Import 2 Runs")


def test_runs_are_refused_by_every_other_place(window, archives, archive, qtbot):
    mime = dragged(shown(archives, archive, qtbot), [TRIAL])

    for place in ((PlaceKind.TRASH, ""), (PlaceKind.ARCHIVE, str(archive))):
        assert not drop(window, mime, place, QDragMoveEvent)
        assert not drop(window, mime, place)
    assert not [d for d in window.findChildren(QDialog, "importPreview") if d.isVisible()]


def test_runs_of_an_export_directory_leave_as_directories(there, archives, qtbot):
    desk = shown(archives, there.runs_dir, qtbot)

    mime = dragged(desk, [TRIAL])

    assert [url.toLocalFile() for url in mime.urls()] == [str(there.runs_dir / TRIAL)]
    assert runs_from(mime).file == there.runs_dir


def test_copied_runs_are_pasted_into_the_home(window, archives, archive, qtbot):
    desk = shown(archives, archive, qtbot)
    desk.runs.select_ids([OTHER])
    window.actions_by_id["run.copy"].trigger()
    assert QGuiApplication.clipboard().text() == OTHER

    window.actions_by_id["run.paste"].trigger()

    verb = preview_of(window).findChild(QPushButton, "importVerb")
    qtbot.waitUntil(lambda: verb.text() == "Import 1 Run")


def files(*paths):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


def test_files_dropped_beside_the_places_become_archives_or_are_imported(
    window, archives, archive, qtbot
):
    assert drop(window, files(archive), (PlaceKind.ARCHIVE, "none"))

    menu = next(m for m in window.findChildren(QMenu, "dropMenu") if m.isVisible())
    assert [a.text() for a in menu.actions() if a.text()] == [
        "&Open as Archive",
        "&Import…",
        "Cancel",
    ]
    menu.actions()[0].trigger()
    menu.close()

    assert archives.paths == (archive,)
    assert archives.front is not None


def test_files_dropped_on_this_computer_are_imported_at_once(window, archive, qtbot):
    assert drop(window, files(archive), RUNS)

    verb = preview_of(window).findChild(QPushButton, "importVerb")
    qtbot.waitUntil(lambda: verb.text() == "Import 3 Runs")


def test_archives_are_remembered_by_the_home_and_read_when_looked_at(
    open_app, sample_home, archive, qtbot
):
    app = open_app(sample_home)
    desk = shown(app.sessions[0].desk.archives, archive, qtbot)
    desk.table.show_columns(["status", "label"])
    app.shutdown()

    session = open_app(sample_home).sessions[0]

    assert places(session.window) == ["paper.runs.zip"]
    assert session.desk.archives.front is None
    assert session.window.places_model.places(Section.ARCHIVES)[0].count == ""
    again = shown(session.desk.archives, archive, qtbot)
    assert again.table.column_keys() == ["status", "label"]


def test_closing_takes_it_off_the_places(session, window, archives, archive, qtbot):
    shown(archives, archive, qtbot)

    window.actions_by_id["archive.close"].trigger()

    assert places(window) == []
    assert archives.front is None
    assert archive.exists()
    assert window.centre.stack.currentWidget() is session.desk.table


def test_its_menu_shows_imports_and_closes(session, window, archives, archive, qtbot):
    shown(archives, archive, qtbot)
    archives.leave()
    place = window.places_model.places(Section.ARCHIVES)[0]
    acts = {a.text(): a for a in session._place_menu.make(place).actions()}

    acts["&Show Its Runs"].trigger()
    assert archives.front is not None
    acts["&Import…"].trigger()
    qtbot.waitUntil(lambda: preview_of(window).model.rowCount() == 3)
    acts["&Close Archive"].trigger()

    assert places(window) == []


def test_two_of_one_name_are_told_apart(window, archives, archive, tmp_path, qtbot):
    other = tmp_path / "older" / archive.name
    other.parent.mkdir()
    shutil.copy(archive, other)

    archives.open([archive, other])

    notes = [place.note for place in window.places_model.places(Section.ARCHIVES)]
    assert notes == [tmp_path.name, "older"]


def test_a_damaged_archive_says_so_in_a_sentence(window, archives, archive, qtbot):
    archive.write_bytes(archive.read_bytes()[:-100])

    shown(archives, archive, qtbot)

    assert window.centre.empty.title() == "paper.runs.zip cannot be read"
    assert window.centre.stack.currentWidget() is window.centre.empty
    texts = [label.text() for label in window.centre.empty.findChildren(QLabel)]
    assert any("its end is missing" in text for text in texts)
    (place,) = window.places_model.places(Section.ARCHIVES)
    assert place.icon == "warning"
    assert "its end is missing" in place.tip


def test_an_archive_that_comes_back_whole_is_read(archives, archive, qtbot):
    whole = archive.read_bytes()
    archive.write_bytes(whole[:-100])
    desk = shown(archives, archive, qtbot)

    archive.write_bytes(whole)

    qtbot.waitUntil(lambda: len(ids_of(desk)) == 3, timeout=8000)


def test_an_archive_that_vanishes_says_so_and_keeps_its_rows(window, archives, archive, qtbot):
    desk = shown(archives, archive, qtbot)

    archive.unlink()

    qtbot.waitUntil(
        lambda: "cannot be reached any more" in window.centre.notices.text(), timeout=8000
    )
    assert len(ids_of(desk)) == 3


def test_an_archive_that_was_written_anew_is_read_again(window, archives, archive, there, qtbot):
    desk = shown(archives, archive, qtbot)
    make_run(there.runs_dir, "d" * 32)

    fresh = zip_runs(there.runs_dir, archive.with_name("fresh.zip"))
    fresh.replace(archive)

    qtbot.waitUntil(lambda: len(ids_of(desk)) == 4, timeout=8000)
    qtbot.waitUntil(lambda: "changed and was read again" in window.centre.notices.text())


def test_the_keyboard_stays_in_the_places_that_are_walked_through(
    session, window, archives, archive, qtbot
):
    archives.open([archive])
    assert window.focusWidget() is archives.front.table or window.centre.isAncestorOf(
        window.focusWidget()
    )
    archives.leave()
    window.places.setFocus()
    window.places.mark(RUNS)

    for _ in range(2):
        qtbot.keyClick(window.places, Qt.Key.Key_Down)

    assert archives.front is not None
    assert window.focusWidget() is window.places
    qtbot.keyClick(window.places, Qt.Key.Key_Up)
    assert archives.front is None
    assert window.focusWidget() is window.places


def test_a_window_clears_what_a_killed_one_left(open_app, sample_home, tmp_path, qtbot):
    left = tmp_path / "config" / "cache" / "scratch" / "scratch-killed"
    left.mkdir(parents=True)
    (left / "half.runs.zip").write_text("x")

    open_app(sample_home)

    qtbot.waitUntil(lambda: not left.exists())


def test_f5_reads_it_again_at_once(window, archives, archive, qtbot):
    desk = shown(archives, archive, qtbot)
    with qtbot.waitSignal(desk.feed.told):
        window.actions_by_id["view.refresh"].trigger()


def test_the_window_closes_while_an_archive_is_shown(
    open_app, sample_home, archive, qtbot, tmp_path
):
    app = open_app(sample_home)
    desk = shown(app.sessions[0].desk.archives, archive, qtbot)
    desk.runs.select_ids([TRIAL])
    qtbot.waitUntil(lambda: app.window.details.run is not None)

    assert app.shutdown()

    scratch = tmp_path / "config" / "cache" / "scratch"
    assert not scratch.exists() or not list(scratch.iterdir())


def test_selected_runs_of_an_archive_are_exported(window, archives, archive, qtbot, tmp_path):
    desk = shown(archives, archive, qtbot)
    export = window.actions_by_id["run.export"]
    qtbot.waitUntil(lambda: not export.isEnabled())
    desk.runs.select_ids([TRIAL])
    qtbot.waitUntil(export.isEnabled)
    export.trigger()
    dialog = window.findChild(QDialog, "shelfExportDialog")
    assert dialog.selectedFiles()[0].endswith("paper-bbbbbbbb.runs.zip")

    dialog.fileSelected.emit(str(tmp_path / "one.runs.zip"))
    dialog.reject()

    qtbot.waitUntil(lambda: "Exported 1 run to one.runs.zip" in window.undo_bar.sentence)
    assert zipfile.ZipFile(tmp_path / "one.runs.zip").testzip() is None
    archives.leave()
    assert not export.isEnabled()


def test_a_label_that_was_edited_in_an_export_directory_is_seen(
    window, archives, there, qtbot, tmp_path, monkeypatch
):
    monkeypatch.setattr(shelf_feed, "LOOK_SECONDS", 0.05)
    export_runs(there, [TRIAL], tmp_path / "out", ExportOptions())
    desk = shown(archives, tmp_path / "out", qtbot)
    columns = desk.shelf.columns

    (tmp_path / "out" / TRIAL / ".guild" / "attrs" / "label").write_text("edited by hand")

    qtbot.waitUntil(
        lambda: columns.value("label", columns.slot_of(TRIAL)) == "edited by hand", timeout=10_000
    )


@pytest.fixture
def packed_tab(window, archives, archive, qtbot):
    """The files of a packed run, one of them selected; what would be opened is noted."""
    desk = shown(archives, archive, qtbot)
    desk.runs.select_ids([TRIAL])
    window.details.show_tab("files")
    packed_tab = window.details.tab("files")
    qtbot.waitUntil(lambda: packed_tab.model.index_of_path("train.py").isValid())
    packed_tab.tree.setCurrentIndex(packed_tab.model.index_of_path("train.py"))
    packed_tab.opened = []
    packed_tab._open_file = lambda path: not packed_tab.opened.append(path)
    return packed_tab


def test_a_file_of_a_packed_run_is_opened_as_a_copy(packed_tab, qtbot):
    packed_tab._actions["file.open"].trigger()

    qtbot.waitUntil(lambda: bool(packed_tab.opened))
    assert packed_tab.opened[0].name == "train.py"
    assert packed_tab.opened[0].read_text() == "print(1)\n"
    assert packed_tab._problem.problem == ""


def test_a_file_of_a_packed_run_can_be_dragged_when_it_was_pressed(packed_tab, qtbot):
    index = packed_tab.tree.currentIndex()

    packed_tab.tree.pressed.emit(index)

    qtbot.waitUntil(
        lambda: packed_tab._packed.known(packed_tab.run, packed_tab.current_entry()) is not None
    )
    assert packed_tab._path_of(index).read_text() == "print(1)\n"


def test_a_large_file_of_a_packed_run_is_dragged_at_the_second_attempt(
    packed_tab, qtbot, monkeypatch
):
    monkeypatch.setattr(packed_files, "AT_ONCE", 1)
    index = packed_tab.tree.currentIndex()
    packed_tab.tree.pressed.emit(index)

    assert packed_tab._path_of(index) is None

    assert packed_tab._problem.note.startswith("Unpacking train.py")
    qtbot.waitUntil(lambda: packed_tab._problem.note == "train.py is unpacked: drag it now.")
    assert packed_tab._path_of(index).is_file()


def test_a_file_of_an_archive_that_is_gone_is_said_to_be(packed_tab, archive, qtbot):
    archive.write_bytes(b"")

    packed_tab._actions["file.open"].trigger()

    qtbot.waitUntil(lambda: packed_tab._problem.problem.startswith("Cannot unpack train.py"))
    assert not packed_tab.opened


def test_copies_of_files_go_with_the_window(open_app, sample_home, archive, qtbot):
    app = open_app(sample_home)
    desk = shown(app.sessions[0].desk.archives, archive, qtbot)
    copy = desk.shelf.contents(TRIAL).file_copy("train.py", lambda _amount: None)
    assert copy.is_file()

    app.sessions[0].window.close()

    qtbot.waitUntil(lambda: not copy.exists())
