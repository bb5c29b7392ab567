from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from core.runs.refusal import Refusal
from gui.dialogs.refusals_dialog import RefusalsDialog, RefusalsModel

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

LONG = "Run aaaaaaaa cannot be imported: data/events.out is not what was exported. " * 3


@pytest.fixture
def dialog(qtbot):
    parent = QWidget()
    qtbot.addWidget(parent)
    refusals = [Refusal(f"{n:032x}", LONG if n % 2 else "Short.") for n in range(60)]
    dialog = RefusalsDialog("60 runs were left out.", refusals, parent)
    dialog.show()
    qtbot.waitExposed(dialog)
    yield dialog
    dialog.close()


def room_for(table, row: int) -> int:
    """How high the reason of a row is as it is shown."""
    width = table.columnWidth(1) - 8
    flags = int(Qt.TextFlag.TextWordWrap)
    text = str(table.model().index(row, 1).data())
    return table.fontMetrics().boundingRect(0, 0, width, 9999, flags, text).height()


def in_view(table) -> range:
    last = table.rowAt(table.viewport().height() - 1)
    return range(table.rowAt(0), last if last >= 0 else table.model().rowCount())


def test_every_reason_in_view_is_shown_as_a_whole(dialog, qtbot):
    table = dialog._table
    qtbot.waitUntil(lambda: table.rowHeight(1) > table.rowHeight(0))

    for place in (0, table.verticalScrollBar().maximum() // 2, 10**6):
        table.verticalScrollBar().setValue(place)
        assert all(table.rowHeight(row) >= room_for(table, row) for row in in_view(table))
    assert room_for(table, 1) > room_for(table, 0)


def test_reasons_stay_whole_when_the_dialog_becomes_narrow(dialog, qtbot):
    table = dialog._table
    qtbot.waitUntil(lambda: table.rowHeight(1) > table.rowHeight(0))
    before = table.rowHeight(1)

    dialog.resize(360, 400)

    qtbot.waitUntil(lambda: table.rowHeight(1) > before)
    assert all(table.rowHeight(row) >= room_for(table, row) for row in in_view(table))


def test_ids_and_reasons_are_copied(dialog):
    dialog.copy()

    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[0] == f"{0:032x}\tShort."
    assert len(lines) == 60


def test_the_name_of_a_file_is_written_as_it_is():
    said = ("data/x.bin is missing in it.", "it is running.")
    refusals = [Refusal("a" * 32, f"Run aaaaaaaa cannot be imported: {each}") for each in said]

    model = RefusalsModel(refusals)

    reasons = [model.data(model.index(row, 1)) for row in range(2)]
    assert reasons == ["data/x.bin is missing in it.", "It is running."]
