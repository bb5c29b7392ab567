from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTreeView, QWidget

import gui.views.details.files_tree
import gui.views.table.run_table
from core.index.arrange import SortKey
from gui.run_mime import COPIED_TYPE, RUNS_TYPE, files_mime, is_ours, runs_mime, url_of
from gui.theme import Theme
from gui.views.drag_out import drag_picture
from tests.support.run_tables import make_columns, make_run, table_rig

Held = Qt.KeyboardModifier
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def rig(qtbot, tmp_path):
    with table_rig(qtbot, make_columns(1_000), tmp_path) as rig:
        yield rig


@pytest.fixture
def dragged(monkeypatch) -> list[tuple[QMimeData, str]]:
    """What was dragged, and the words beside the pointer; a real drag would wait for the mouse."""
    found: list[tuple[QMimeData, str]] = []
    for module in (gui.views.table.run_table, gui.views.details.files_tree):
        monkeypatch.setattr(
            module, "start_drag", lambda source, mime, theme, icon, text: found.append((mime, text))
        )
    return found


def drag_from(view, position: QPoint) -> None:
    port = view.viewport()
    QTest.mousePress(port, LEFT, Held.NoModifier, position)
    QTest.mouseMove(port, position + QPoint(4, 4))
    QTest.mouseMove(port, position + QPoint(30, 30))  # a real drag ends with the button up
    QTest.mouseRelease(port, LEFT, Held.NoModifier, position + QPoint(30, 30))


def middle_of(rig, row: int) -> QPoint:
    return rig.table.visualRect(rig.runs.model.index(row, 1)).center()


def selected_row_in_view(rig) -> int:
    rows = range(rig.table.rowAt(40), rig.table.rowAt(400))
    return next(r for r in rows if rig.runs.selection.has_slot(rig.runs.model.order[r]))


def test_selected_runs_leave_as_directories_and_ids(rig, dragged):
    ids = [make_run(n).id for n in (1, 2, 4)]
    rig.runs.select_ids(ids)

    drag_from(rig.table, middle_of(rig, 2))

    ((mime, text),) = dragged
    assert text == "3 runs"
    assert [Path(url.toLocalFile()).name for url in mime.urls()] == ids
    assert all(Path(url.toLocalFile()).is_absolute() for url in mime.urls())
    assert mime.text().splitlines() == ids
    assert json.loads(mime.data(RUNS_TYPE).data()) == {"ids": ids}
    assert not mime.hasFormat(COPIED_TYPE)
    assert is_ours(mime)
    assert rig.selected_ids() == ids


def test_a_run_that_is_not_selected_is_dragged_alone(rig, dragged):
    rig.runs.select_ids([make_run(1).id, make_run(2).id])

    drag_from(rig.table, middle_of(rig, 5))

    ((mime, text),) = dragged
    assert [Path(url.toLocalFile()).name for url in mime.urls()] == [make_run(5).id]
    assert text.startswith(make_run(5).id[:8])
    assert rig.selected_ids() == [make_run(5).id]


def test_a_selection_scattered_by_a_sort_is_dragged_whole(rig, dragged):
    rig.runs.select_ids([make_run(n).id for n in range(0, 1_000, 2)])
    rig.runs.show(sort=[SortKey("scalar:last:loss")])
    rig.settle()
    rig.runs.show(sort=[SortKey("started")])
    rig.settle()
    assert rig.runs.selection.is_scattered

    drag_from(rig.table, middle_of(rig, selected_row_in_view(rig)))

    ((mime, text),) = dragged
    assert text == "500 runs"
    assert len(mime.urls()) == 500
    assert rig.runs.selection.count() == 500


def test_a_click_into_a_scattered_selection_selects_the_one_run(rig, dragged):
    rig.runs.select_ids([make_run(n).id for n in range(0, 1_000, 2)])
    rig.runs.show(sort=[SortKey("started")])
    rig.settle()
    assert rig.runs.selection.is_scattered
    row = selected_row_in_view(rig)

    QTest.mouseClick(rig.table.viewport(), LEFT, Held.NoModifier, middle_of(rig, row))

    assert rig.selected_ids() == [rig.shown_ids()[row]]
    assert dragged == []


def test_ctrl_c_puts_directories_ids_and_a_table_on_the_clipboard(rig):
    rig.table.show_columns(["label", "scalar:last:loss"])
    rig.settle()
    ids = [make_run(1).id, make_run(2).id]
    rig.runs.select_ids(ids)

    QTest.keyClick(rig.table, Qt.Key.Key_C, Held.ControlModifier)

    mime = QGuiApplication.clipboard().mimeData()
    assert mime.text().splitlines() == ids
    assert [Path(url.toLocalFile()).name for url in mime.urls()] == ids
    verb, *urls = mime.data(COPIED_TYPE).data().decode().split("\n")
    assert verb == "copy"
    assert urls == [url.toString() for url in mime.urls()]
    assert f"<td>{make_run(1).label}</td>" in mime.html()
    assert "<th>Label</th><th>loss</th>" in mime.html()


def test_hundreds_of_runs_are_copied_with_a_table_made_by_a_worker(rig):
    QGuiApplication.clipboard().setText("before")
    rig.table.selectAll()

    QTest.keyClick(rig.table, Qt.Key.Key_C, Held.ControlModifier)
    rig.wait_until(lambda: QGuiApplication.clipboard().mimeData().hasFormat(RUNS_TYPE))

    mime = QGuiApplication.clipboard().mimeData()
    assert len(mime.urls()) == len(mime.text().splitlines()) == 1_000
    assert mime.html().count("<tr>") == 1_001


def test_thousands_of_runs_are_copied_without_a_table(qtbot, tmp_path):
    with table_rig(qtbot, make_columns(2_500), tmp_path) as rig:
        rig.table.selectAll()

        rig.table.copy_runs()

        mime = QGuiApplication.clipboard().mimeData()
        assert len(mime.urls()) == 2_500
        assert not mime.hasHtml()


def test_a_run_of_an_odd_name_has_an_address():
    mime = runs_mime(Path("/a b/runs"), ["0" * 32, "ID_x y#z"], is_copied=True)

    assert [url.toLocalFile() for url in mime.urls()] == [
        "/a b/runs/" + "0" * 32,
        "/a b/runs/ID_x y#z",
    ]
    assert mime.data(COPIED_TYPE).data().endswith(b"/ID_x%20y%23z")


def test_what_runs_say_is_no_markup_in_the_copied_table(qtbot, tmp_path):
    with table_rig(qtbot, make_columns(3, label="<img src=x> & co"), tmp_path) as rig:
        rig.runs.select_ids([make_run(1).id])

        rig.table.copy_runs()

        html = QGuiApplication.clipboard().mimeData().html()
        assert "&lt;img src=x&gt; &amp; co" in html
        assert "<img" not in html


def test_a_name_that_is_no_utf_8_keeps_its_bytes():
    assert url_of(Path("/runs/a b#c")).toEncoded().data() == b"file:///runs/a%20b%23c"
    assert url_of(Path("/runs/\udcff")).toEncoded().data().lower() == b"file:///runs/%ff"


def test_the_picture_shows_a_pile_where_there_are_several(qtbot):
    widget = QWidget()
    qtbot.addWidget(widget)
    theme = Theme("light")

    one = drag_picture(widget, theme, "run-link", "3 runs", is_pile=False)
    pile = drag_picture(widget, theme, "run-link", "3 runs", is_pile=True)
    long = drag_picture(widget, theme, "run-link", "a very long label " * 40, is_pile=False)

    assert one.width() < pile.width()
    assert one.width() < long.width() < 400


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_a_file_is_dragged_out_of_the_details(open_app, sample_home, qtbot, dragged):
    app = open_app(sample_home)
    app.window.resize(1400, 900)
    app.window.show()
    app.sessions[0].desk.table.selectRow(3)
    app.window.details.show_tab("files")
    tree = app.window.findChild(QTreeView, "filesTree")
    qtbot.waitUntil(lambda: tree.isVisible() and tree.model().rowCount() > 1)

    index = tree.model().index(tree.model().rowCount() - 1, 0)
    drag_from(tree, tree.visualRect(index).center())

    ((mime, text),) = dragged
    path = Path(mime.urls()[0].toLocalFile())
    assert path.exists()
    assert path.name == text == index.data()
    assert mime.text() == str(path)


def test_a_copied_file_says_that_it_is_not_cut():
    mime = files_mime([Path("/a/b.txt")], "/a/b.txt", is_copied=True)

    assert mime.data(COPIED_TYPE).data() == b"copy\nfile:///a/b.txt"
    assert not is_ours(mime)
