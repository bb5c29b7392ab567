"""A page that compares runs in memory, and how to wait for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import shiboken6
from msgspec import Struct
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from core.compare.view_file import CompareView
from core.index.columns import RunColumns
from gui.compare.chosen_runs import ChosenRuns
from gui.compare.compared import Compared, Question, compare
from gui.models.compare_model import CompareModel
from gui.views.compare.compare_page import ComparePage, make
from tests.support.run_tables import NOW, TableRig, make_run, table_rig


def compared(
    runs: RunColumns, slots: Sequence[int], baseline: int | None = None, **view: Any
) -> Compared:
    """What is found out about some runs, in this thread."""
    question = Question(list(slots), baseline, CompareView("", **view), NOW)
    return compare(runs, question, None, lambda: None)


def ids(*numbers: int) -> list[str]:
    """Ids of the invented runs with these numbers."""
    return [make_run(number).id for number in numbers]


class PageRig(Struct):
    """A page over invented runs."""

    table_rig: TableRig
    chosen: ChosenRuns
    page: ComparePage

    @property
    def model(self) -> CompareModel:
        """What the page shows."""
        return self.page.table.compare_model

    def settle(self) -> None:
        """Wait until the page shows what was asked for."""
        self.table_rig.settle()
        wait = self.table_rig.wait_until
        wait(lambda: not self.page.comparison.is_waiting)

    def titles(self) -> list[str]:
        """Headings of the columns that are shown."""
        return [fact.look.title for fact in self.model.facts]

    def shown_ids(self) -> list[str]:
        """Ids of the runs that are shown, in order; titles of groups."""
        columns = self.table_rig.columns
        return [
            self.model.name(line) if slot is None else columns.value("id", slot)
            for line, slot in enumerate(map(self.model.slot, range(len(self.model.lines))))
        ]

    def text(self, line: int, title: str) -> str:
        """What a cell says."""
        return self.model.cell(line, self.titles().index(title)).text


@contextmanager
def page_rig(qtbot: Any, columns: RunColumns, tmp_path: Path) -> Iterator[PageRig]:
    """A visible page that compares all runs of `columns`; closed at the end."""
    with table_rig(qtbot, columns, tmp_path) as rig:
        chosen = ChosenRuns(rig.runs, rig.table)
        window = QWidget()
        page = make(chosen, rig.services)
        page.setParent(window)
        window.resize(1000, 600)
        page.resize(1000, 600)
        page.show()
        window.show()
        found = PageRig(rig, chosen, page)
        found.settle()
        try:
            yield found
        finally:
            window.close()
            shiboken6.delete(window)  # now: an answer that is still on its way finds nobody


def click_heading(
    rig: Any, title: str, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    """Click at the heading of a column, and wait for what it brings about."""
    head = rig.page.table.columns_head
    section = rig.titles().index(title)
    rig.page.table.scrollTo(rig.model.index(0, section))
    place = QPoint(head.sectionViewportPosition(section) + 12, head.height() // 2)
    QTest.mouseClick(head.viewport(), Qt.MouseButton.LeftButton, modifier, place)
    rig.settle()


@pytest.fixture
def open_comparison(qtbot, tmp_path):
    """Open a page that compares, over columns; closed with the test."""
    with ExitStack() as stack:
        yield lambda columns: stack.enter_context(page_rig(qtbot, columns, tmp_path))
