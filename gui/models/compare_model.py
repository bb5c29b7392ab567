"""The rows and columns of the comparison, for Qt: runs and groups along one way, facts the other.

Why one model for both ways: a run's cell says the same whether runs are rows or columns. So
everything is asked by line (a run, or a group of runs) and fact (a column of the comparison), and
only here and in the heads is known which of them goes down.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from msgspec import Struct
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt

from core.compare.cells import is_same
from core.compare.table import CompareTable
from core.index.columns import RunColumns
from core.text import plural
from gui.changing.run_names import run_name
from gui.compare.compare_look import (
    Tone,
    delta_text,
    explained,
    full_text,
    spread_text,
    stats_text,
    tone_of,
    value_text,
)
from gui.compare.compared import Compared, Fact, GroupFact, shown_facts
from gui.models.any_index import NOWHERE, AnyIndex
from gui.models.roles import ACCESSIBLE, ALIGNMENT, DISPLAY, LEFT, RIGHT, TOOLTIP
from gui.table.automatic_labels import AutomaticLabels
from gui.tool_tip import plain_tip

_HORIZONTAL = Qt.Orientation.Horizontal
_FLAGS = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren


class Line(Struct, frozen=True):
    """A run, or the heading of a group.

    Attributes:
        row: Row of the run in the table; None for a group.
        group: The group that it heads or is in; None where runs are not grouped.
        number: Number of that group.
    """

    row: int | None
    group: GroupFact | None = None
    number: int = 0


class Cell(Struct, frozen=True):
    """What one cell says.

    Attributes:
        text: The value; empty where there is none.
        note: In small beside it: the distance from the baseline, or the spread of a group.
        tone: How it stands to the baseline.
        is_best: Whether it is the best of its fact.
    """

    text: str
    note: str = ""
    tone: Tone = "plain"
    is_best: bool = False


NO_CELL = Cell("")
_PLAIN: list[Line] = []


class CompareModel(QAbstractTableModel):
    """What each cell of the comparison says.

    Args:
        columns: The runs, for their names.
        parent: Owner.
        labels: Short forms of automatic labels, which else begin alike; None for others of its own.
    """

    def __init__(
        self,
        columns: RunColumns,
        parent: QObject | None = None,
        labels: AutomaticLabels | None = None,
    ) -> None:
        super().__init__(parent)
        self._columns = columns
        self._labels = labels or AutomaticLabels(columns)
        self._names: dict[int, str] = {}
        self._answer: Compared | None = None
        self._lines: list[Line] = []
        self._facts: list[Fact] = []
        self._cells: dict[tuple[int, int], Cell] = {}
        self._places: dict[int, int] | None = None
        self._closed: set[str] = set()
        self._opened: set[str] = set()  # of the groups of one run
        self._is_turned = False

    # What is shown

    @property
    def answer(self) -> Compared | None:
        """What the cells are about; None before the first answer."""
        return self._answer

    @property
    def lines(self) -> Sequence[Line]:
        """Runs and groups in the order shown."""
        return self._lines

    @property
    def facts(self) -> Sequence[Fact]:
        """The columns of the comparison that are shown."""
        return self._facts

    @property
    def is_turned(self) -> bool:
        """Whether runs are columns."""
        return self._is_turned

    def show(self, answer: Compared, *, is_turned: bool = False) -> bool:
        """Show another answer; returns whether the same cells only say something else."""
        lines, facts = self._lines_of(answer), shown_facts(answer)
        is_same = is_turned == self._is_turned and self._is_alike(answer, lines, facts)
        if not is_same:
            self.beginResetModel()
        self._answer, self._lines, self._facts = answer, lines, facts
        self._is_turned = is_turned
        self._cells.clear()
        self._names.clear()
        self._places = None
        if not is_same:
            self.endResetModel()
        elif lines and facts:
            last = self.index(self.rowCount() - 1, self.columnCount() - 1)
            self.dataChanged.emit(self.index(0, 0), last)
        return is_same

    def line_at(self, index: AnyIndex) -> int:
        """The number of the line of a cell."""
        return index.column() if self._is_turned else index.row()

    def fact_at(self, index: AnyIndex) -> int:
        """The number of the fact of a cell."""
        return index.row() if self._is_turned else index.column()

    def index_of(self, line: int, fact: int = 0) -> QModelIndex:
        """The cell of a line and a fact."""
        return self.index(fact, line) if self._is_turned else self.index(line, fact)

    def slot(self, line: int) -> int | None:
        """The slot of a run's line; None for a group."""
        row = self._lines[line].row
        return None if row is None or self._answer is None else self._answer.table.slots[row]

    def slots(self, line: int) -> list[int]:
        """The slots of a line: its run, or all runs of its group."""
        answer, shown = self._answer, self._lines[line]
        if answer is None:
            return []
        if shown.row is not None:
            return [answer.table.slots[shown.row]]
        return [answer.table.slots[row] for row in shown.group.rows] if shown.group else []

    def run_of(self, line: int) -> int | None:
        """The slot of the one run that a line is about; None for a group of several."""
        slots = self.slots(line)
        return slots[0] if len(slots) == 1 else None

    def line_of(self, slot: int) -> int | None:
        """The line of a run, which may head a group of it alone; None where it is not shown."""
        if self._places is None:
            self._places = {}
            for number, line in enumerate(self._lines):
                if line.group is not None and line.row is None and self.is_open(line.group):
                    continue
                if (found := self.run_of(number)) is not None:
                    self._places.setdefault(found, number)
        return self._places.get(slot)

    def is_baseline(self, line: int) -> bool:
        """Whether a line is the run that the others are measured against."""
        answer, row = self._answer, self._lines[line].row
        return answer is not None and row is not None and row == answer.baseline

    # Groups

    def is_open(self, group: GroupFact) -> bool:
        """Whether the runs of a group are shown below it.

        A group of one run says all of that run: its line only comes when it is asked for.
        """
        if len(group.rows) == 1:
            return group.title in self._opened
        return group.title not in self._closed

    def open_groups(self, titles: Collection[str], *, on: bool) -> None:
        """Show the runs of groups, or their headings alone."""
        to_add, to_drop = (self._opened, self._closed) if on else (self._closed, self._opened)
        to_add.update(titles)
        to_drop.difference_update(titles)
        if self._answer is not None:
            self.show(self._answer, is_turned=self._is_turned)

    def group_titles(self) -> list[str]:
        """Titles of all groups."""
        return [group.title for group in self._answer.groups] if self._answer else []

    def heads(self) -> list[int]:
        """Numbers of the lines that head groups."""
        if self._answer is None or not self._answer.groups:
            return []
        return [number for number, line in enumerate(self._lines) if line.row is None]

    # Cells

    def cell(self, line: int, fact: int) -> Cell:
        """What the cell of a line and a fact says; made when it is first asked for."""
        found = self._cells.get((line, fact))
        if found is None:
            found = self._cells[line, fact] = self._make(self._lines[line], self._facts[fact])
        return found

    def name(self, line: int) -> str:
        """What a line is called: a run by what tells it apart, a group by what its runs share."""
        slot = self.slot(line)
        if slot is not None:
            if slot not in self._names:
                self._names[slot] = self._labels.text(slot, self._label(slot))
            return self._names[slot]
        group = self._lines[line].group
        return group.title if group is not None else ""

    def _label(self, slot: int) -> str:
        return str(self._columns.value("label", slot) or "")

    def mark(self, line: int) -> str:
        """What stands small beside the name: the run's short id, or how many runs a group has."""
        slot = self.slot(line)
        if slot is not None:
            return str(self._columns.value("short_id", slot) or "")
        group = self._lines[line].group
        return plural(len(group.rows), "run") if group is not None else ""

    def operation(self, line: int) -> str:
        """The operation of a run; empty for groups."""
        slot = self.slot(line)
        return "" if slot is None else str(self._columns.value("operation", slot) or "")

    def title(self, fact: int) -> str:
        """The heading of a fact."""
        return self._facts[fact].look.title

    # Inside

    def _lines_of(self, answer: Compared) -> list[Line]:
        if not answer.groups:
            return _plain_lines(len(answer.table))
        lines = [] if answer.baseline is None else [Line(answer.baseline)]
        for number, group in enumerate(answer.groups):
            lines.append(Line(None, group, number))
            if self.is_open(group):
                lines += [Line(row, group, number) for row in group.rows]
        return lines

    def _is_alike(self, answer: Compared, lines: Sequence[Line], facts: Sequence[Fact]) -> bool:
        """Whether an answer has the same lines and facts as the one that is shown."""
        shown = self._answer
        if shown is None or len(lines) != len(self._lines):
            return False
        if answer.table.slots != shown.table.slots:
            return False
        if answer.groups or shown.groups:
            keys = [[(x.row, x.group and x.group.title) for x in y] for y in (lines, self._lines)]
            if keys[0] != keys[1]:
                return False
        return [(f.place, f.look) for f in facts] == [(f.place, f.look) for f in self._facts]

    def _make(self, line: Line, fact: Fact) -> Cell:
        answer = self._answer
        if answer is None:
            return NO_CELL
        if line.row is None:
            return self._group_cell(line, fact)
        value, look = answer.table.value(line.row, fact.place), fact.look
        is_best = answer.table.slots[line.row] in fact.best
        if answer.baseline is None or line.row == answer.baseline:
            return Cell(value_text(look, value), is_best=is_best)
        base = answer.table.value(answer.baseline, fact.place)
        return Cell(
            value_text(look, value),
            delta_text(look, value, base),
            tone_of(look, value, base, fact.direction),
            is_best,
        )

    def _group_cell(self, line: Line, fact: Fact) -> Cell:
        answer, group = self._answer, line.group
        if group is None or answer is None:
            return NO_CELL
        summary = group.summary(fact.place)
        if summary is None:
            return Cell(common_text(answer.table, fact, group))
        text, note = spread_text(fact.look, summary)
        return Cell(text, note, is_best=line.number in fact.best_groups)

    def _tip(self, line: int, fact: int) -> str | None:
        answer, shown, column = self._answer, self._lines[line], self._facts[fact]
        if answer is None:
            return None
        if shown.row is None:
            summary = shown.group.summary(column.place) if shown.group else None
            return None if summary is None else plain_tip(stats_text(column.look, summary))
        text = full_text(column.look, answer.table.value(shown.row, column.place))
        note = self.cell(line, fact).note
        return plain_tip(f"{text}\n{note} against the baseline" if note else text) or None

    def _spoken(self, line: int, fact: int) -> str:
        cell = self.cell(line, fact)
        parts = [self.title(fact), cell.text or "no value"]
        if self._lines[line].row is None:
            parts.append(cell.note)
        elif cell.note:
            parts.append(f"{cell.note} against the baseline")
        if cell.is_best:
            parts.append("best")
        slot = self.slot(line)
        parts.append(self.name(line) if slot is None else run_name(self._columns, slot))
        return ", ".join(part for part in parts if part)

    # Qt overrides

    def rowCount(self, parent: AnyIndex = NOWHERE) -> int:
        if parent.isValid():
            return 0
        return len(self._facts) if self._is_turned else len(self._lines)

    def columnCount(self, parent: AnyIndex = NOWHERE) -> int:
        if parent.isValid():
            return 0
        return len(self._lines) if self._is_turned else len(self._facts)

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        return _FLAGS if index.isValid() else Qt.ItemFlag.NoItemFlags

    def data(self, index: AnyIndex, role: int = DISPLAY) -> Any:
        if not index.isValid():
            return None
        line, fact = self.line_at(index), self.fact_at(index)
        if role == DISPLAY:
            return self.cell(line, fact).text
        if role == TOOLTIP:
            return self._tip(line, fact)
        if role == ALIGNMENT:
            return RIGHT if self._facts[fact].look.is_right else LEFT
        return self._spoken(line, fact) if role == ACCESSIBLE else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = DISPLAY) -> Any:
        is_fact = (orientation == _HORIZONTAL) != self._is_turned
        count = len(self._facts) if is_fact else len(self._lines)
        if not 0 <= section < count or role not in (DISPLAY, TOOLTIP, ACCESSIBLE):
            return None
        if is_fact:
            title, spec = self.title(section), self._facts[section].column.spec
            return title if role == DISPLAY else plain_tip(f"{title}\n{explained(spec)}")
        slot = self.slot(section)
        name = self.name(section) if slot is None or role == DISPLAY else self._label(slot)
        name = name or self.operation(section)
        return name if role == DISPLAY else plain_tip(f"{name}\n{self.mark(section)}")


def _plain_lines(count: int) -> list[Line]:
    """Lines of runs that are not grouped; made once, since 10,000 take 10 ms."""
    _PLAIN.extend(Line(row) for row in range(len(_PLAIN), count))
    return _PLAIN[:count]


def common_text(table: CompareTable, fact: Fact, group: GroupFact) -> str:
    """The value that all runs of a group have; an ellipsis where they have several."""
    values = (table.value(row, fact.place) for row in group.rows)
    first = next(values, None)
    return value_text(fact.look, first) if all(is_same(first, v) for v in values) else "…"
