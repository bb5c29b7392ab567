"""Nothing that a run says is taken for HTML."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QLabel

from core.index.columns import RunColumns
from core.runs.run import Run
from gui.models.cell_texts import CellTexts
from gui.table.columns import describe
from gui.tool_tip import MOST_LINES, WIDEST, plain, plain_tip

HOSTILE = "<img src=file:///etc/passwd><b>bold</b> & more"


def test_tool_tip_shows_tags_as_they_are(qapp):
    document = QTextDocument()

    document.setHtml(plain_tip(HOSTILE))

    assert document.toPlainText() == HOSTILE


def test_plain_tool_tip_is_left_alone():
    assert plain_tip("a & b > c") == "a & b > c"


def test_tool_tip_is_cut():
    lines = plain_tip("x" * 1_000_000).split("\n")

    assert lines == ["x" * WIDEST] * (MOST_LINES - 1) + ["…"]


def test_long_lines_are_broken_between_words_and_short_ones_kept():
    tags = ", ".join(f"tag-{number}" for number in range(30))

    lines = plain_tip(f"first\n\n{tags}").split("\n")

    assert lines[:2] == ["first", ""]
    assert all(len(line) <= WIDEST for line in lines)
    assert " ".join(lines[2:]) == tags


def test_plain_label_shows_tags(qtbot):
    label = plain(QLabel(HOSTILE))
    qtbot.addWidget(label)

    assert label.textFormat() == Qt.TextFormat.PlainText


def test_tool_tip_of_a_label_in_the_table_is_no_html():
    columns = RunColumns()
    slot = columns.put(Run("a" * 32, Path("/runs/a"), label=HOSTILE))
    texts = CellTexts(columns, lambda: 0)
    texts.set_layout([describe("label")])

    assert "&lt;img" in texts.tooltip(0, slot)


def test_cell_of_a_label_of_megabytes_is_short():
    columns = RunColumns()
    slot = columns.put(Run("a" * 32, Path("/runs/a"), label="x" * 5_000_000))
    texts = CellTexts(columns, lambda: 0)
    texts.set_layout([describe("label")])

    assert len(texts.text(0, slot)) <= 1_000
    assert len(texts.accessible(0, slot)) <= 1_100


def test_cell_of_a_label_says_what_it_holds_in_that_order():
    columns = RunColumns()
    slot = columns.put(Run("a" * 32, Path("/runs/a"), label="\u202egnp.exe\u202c and \u05d0\u05d1"))
    texts = CellTexts(columns, lambda: 0)
    texts.set_layout([describe("label")])

    assert texts.text(0, slot) == "gnp.exe and \u05d0\u05d1"
