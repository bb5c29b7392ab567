from __future__ import annotations

import os
import zipfile

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QGuiApplication, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from core.archives.export import ExportOptions, export_runs
from core.archives.parcel import export_packed, pack_runs, repack_runs
from core.archives.source import open_source
from core.errors import ArchiveError, Cancelled
from core.home import Home
from core.scratch import Scratch
from gui.views.jobs import parcel_bar
from tests.support.runs import make_run

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

A, B, C = "a" * 32, "b" * 32, "c" * 32


@pytest.fixture
def there(tmp_path):
    home = Home(tmp_path / "there")
    for run_id in (A, B, C):
        make_run(home.runs_dir, run_id, attrs={"label": f"run {run_id[0]}"}, files={"x": "y" * 99})
    return home


@pytest.fixture
def scratch(tmp_path):
    scratch = Scratch(tmp_path / "scratch")
    yield scratch
    scratch.close()


def ids_in(path):
    source = open_source(path)
    try:
        return sorted(source.ids())
    finally:
        source.close()


def go_on(_amount):
    """Nothing asks to stop."""


@pytest.fixture
def session(open_app, there):
    session = open_app(there.path).sessions[0]
    session.desk.runs.select_ids([A, B])
    return session


@pytest.fixture
def window(session):
    return session.window


# Packing


def test_runs_of_a_home_are_packed(there, scratch):
    parcel = pack_runs(there, [A, C], "two.runs.zip", scratch, advance=go_on)

    assert ids_in(parcel.path) == [A, C]
    assert (parcel.path.name, parcel.runs) == ("two.runs.zip", 2)
    assert parcel.size == parcel.path.stat().st_size


@pytest.mark.parametrize("form", ["zip", "tar.zst", "directory"])
def test_runs_of_an_archive_are_packed_anew(there, scratch, tmp_path, form):
    file = tmp_path / f"all.{form}"
    export_runs(there, [A, B, C], file, ExportOptions(form))

    parcel = repack_runs(file, [B], "one.runs.zip", scratch, advance=go_on)

    assert ids_in(parcel.path) == [B]
    with zipfile.ZipFile(parcel.path) as packed:
        assert packed.read(f"{B}/.guild/attrs/label") == b"run b\n"


def test_a_run_that_is_gone_fails_the_whole_parcel(there, scratch):
    with pytest.raises(ArchiveError, match="Not all runs can be packed"):
        pack_runs(there, [A, "f" * 32], "x.runs.zip", scratch, advance=go_on)


def test_packing_can_be_cancelled(there, scratch):
    def stop(_amount):
        raise Cancelled

    with pytest.raises(Cancelled):
        pack_runs(there, [A, B], "x.runs.zip", scratch, advance=stop)
    with pytest.raises(Cancelled):
        repack_runs(there.runs_dir, [A], "x.runs.zip", scratch, advance=stop)


def test_a_scratch_that_cannot_be_written_is_told(there, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ArchiveError, match="Nothing can be packed"):
        pack_runs(there, [A], "x.runs.zip", Scratch(tmp_path / "file"), advance=go_on)


def test_a_full_disk_is_told_and_nothing_of_the_archive_stays(there, make_disk, tmp_path):
    make_run(there.runs_dir, "d" * 32, files={"data": os.urandom(3 << 20)})
    disk = make_disk(tmp_path / "disk", size="2m")
    scratch = Scratch(disk / "scratch")

    for pack in (
        lambda: pack_runs(there, ["d" * 32], "x.runs.zip", scratch, advance=go_on),
        lambda: repack_runs(there.runs_dir, ["d" * 32], "x.runs.zip", scratch, advance=go_on),
    ):
        with pytest.raises(ArchiveError, match=r"[Nn]o space left|cannot be packed: .* left"):
            pack()
    assert not list(disk.rglob("*.zip"))
    scratch.close()
    assert not list((disk / "scratch").iterdir())


# In the window


def test_a_copied_archive_is_a_file_on_the_clipboard(window, qtbot):
    window.actions_by_id["run.copy-archive"].trigger()

    qtbot.waitUntil(lambda: "Copied 2 runs as" in window.undo_bar.sentence)
    (url,) = QGuiApplication.clipboard().mimeData().urls()
    assert url.fileName() == "there-2.runs.zip"
    assert ids_in(url.toLocalFile()) == [A, B]
    assert window.jobs.jobs[-1].end.grade == "done"


def test_an_archive_to_drag_lies_ready_until_it_is_closed(window, qtbot):
    window.actions_by_id["run.drag-archive"].trigger()
    parcel = window.centre.parcel
    qtbot.waitUntil(parcel.isVisible)

    assert "2 runs" in parcel.findChild(parcel_bar.QLabel, "parcelAbout").text()
    parcel.findChild(QPushButton, "parcelCopy").click()
    assert QGuiApplication.clipboard().mimeData().urls()[0].fileName() == "there-2.runs.zip"
    QTest.keyClick(parcel, Qt.Key.Key_Escape)

    assert not parcel.isVisible()


def test_a_pointer_that_moves_with_the_button_down_drags_it(window, qtbot, monkeypatch):
    window.actions_by_id["run.drag-archive"].trigger()
    parcel = window.centre.parcel
    qtbot.waitUntil(parcel.isVisible)
    dragged = []
    monkeypatch.setattr(
        parcel_bar, "start_drag", lambda _widget, mime, *_: dragged.append(mime.urls())
    )

    for kind, x in ((QMouseEvent.Type.MouseButtonPress, 9), (QMouseEvent.Type.MouseMove, 60)):
        place = QPointF(x, 9)
        left = Qt.MouseButton.LeftButton
        event = QMouseEvent(
            kind, place, parcel.mapToGlobal(place), left, left, Qt.KeyboardModifier.NoModifier
        )
        QGuiApplication.sendEvent(parcel, event)

    assert [url.fileName() for urls in dragged for url in urls] == ["there-2.runs.zip"]


def test_selected_runs_of_an_archive_are_packed(session, window, there, tmp_path, qtbot):
    file = tmp_path / "paper.runs.tar.zst"
    export_runs(there, [A, B, C], file, ExportOptions("tar.zst"))
    session.desk.archives.open([file])
    desk = session.desk.archives.front
    qtbot.waitUntil(lambda: len(desk.runs.model.order) == 3)
    desk.runs.select_ids([C])
    qtbot.waitUntil(lambda: window.actions_by_id["run.copy-archive"].isEnabled())

    window.actions_by_id["run.copy-archive"].trigger()

    qtbot.waitUntil(lambda: "Copied 1 run as" in window.undo_bar.sentence)
    (url,) = QGuiApplication.clipboard().mimeData().urls()
    assert ids_in(url.toLocalFile()) == [C]


def test_what_cannot_be_packed_is_said(session, window, qtbot):
    session.desk.parcels._begin(session.desk.parcels._wanted(("e" * 32,), "copy"))

    qtbot.waitUntil(lambda: "Not all runs can be packed" in window.undo_bar.sentence)


def test_the_actions_wait_for_a_selection(session, window, qtbot):
    session.desk.runs.selection.clearSelection()

    qtbot.waitUntil(lambda: not window.actions_by_id["run.copy-archive"].isEnabled())
    assert "Select a run first" in window.actions_by_id["run.drag-archive"].toolTip()


def test_what_was_packed_goes_with_the_window(open_app, there, tmp_path, qtbot):
    app = open_app(there.path)
    app.sessions[0].desk.runs.select_ids([A])
    app.window.actions_by_id["run.copy-archive"].trigger()
    qtbot.waitUntil(lambda: "Copied 1 run as" in app.window.undo_bar.sentence)

    assert app.shutdown()

    assert not list((tmp_path / "config" / "cache" / "scratch").iterdir())


def test_runs_of_an_archive_are_exported_without_a_home(there, scratch, tmp_path):
    first = tmp_path / "a.runs.zip"
    export_runs(there, [A, B, C], first, ExportOptions())

    outcome = export_packed(first, [A, C], tmp_path / "b.tar.zst", scratch, advance=go_on)

    assert outcome.exported == (A, C)
    assert ids_in(tmp_path / "b.tar.zst") == [A, C]
    assert not list((tmp_path / "scratch").rglob("x"))


def test_a_damaged_run_is_refused_and_the_others_are_exported(there, scratch, tmp_path):
    first = tmp_path / "a.runs.zip"
    (there.runs_dir / B / "stored").write_bytes(b"find me")
    export_runs(there, [A, B], first, ExportOptions())
    data = bytearray(first.read_bytes())
    data[data.index(b"find me")] ^= 1
    first.write_bytes(data)

    outcome = export_packed(first, [A, B], tmp_path / "b.zip", scratch, advance=go_on)

    assert outcome.exported == (A,)
    assert [refusal.run_id for refusal in outcome.refused] == [B]


def test_an_archive_is_not_exported_onto_itself(there, scratch, tmp_path):
    first = tmp_path / "a.runs.zip"
    export_runs(there, [A], first, ExportOptions())

    with pytest.raises(ArchiveError, match="the runs themselves are there"):
        export_packed(first, [A], first, scratch, advance=go_on)


def test_a_cancelled_export_of_an_archive_leaves_nothing(there, scratch, tmp_path):
    first = tmp_path / "a.runs.zip"
    export_runs(there, [A, B], first, ExportOptions())

    def stop(amount):
        if amount:
            raise Cancelled

    assert export_packed(first, [A, B], tmp_path / "b.zip", scratch, advance=stop).cancelled
    assert not (tmp_path / "b.zip").exists()
