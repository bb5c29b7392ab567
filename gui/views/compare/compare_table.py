"""The table of a comparison: what is pressed, selected and copied."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import cast

from msgspec import Struct
from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QItemSelectionRange,
    QModelIndex,
    QPoint,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QWidget

from gui.compare.compared import Compared
from gui.models.compare_model import CompareModel
from gui.table.run_selection import MAX_RANGES
from gui.theme import Theme
from gui.views.compare.compare_canvas import CompareCanvas

_Flag = QItemSelectionModel.SelectionFlag
_Move = QAbstractItemView.CursorAction
_ENDS = {_Move.MoveHome: 0, _Move.MoveEnd: -1}
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
_TURNS: dict[int, bool] = {Qt.Key.Key_Right: True, Qt.Key.Key_Left: False}
_PLAIN = Qt.KeyboardModifier.NoModifier


class _Kept(Struct, frozen=True):
    """Lines by slot or title of group: those selected, and the current one with its fact."""

    lines: list[str | int]
    current: str | int | None = None
    fact: int = 0


class CompareTable(CompareCanvas):
    """Runs beside each other, selected as the run table selects them.

    Args:
        model: What is compared.
        theme: Colours.
        parent: Owner.

    Signals:
        runs_selected: The user selected these runs (their slots, the current one first).
        run_activated: Enter or a double click on a run (its slot).
        sort_wanted: The user wants this order (pairs of header and whether descending).
        context_requested: The user wants the menu of the selected runs at a global position.
        head_menu_requested: The same for a column (its number, -1 beside them).
        copy_wanted: The user wants the selected runs as text.
    """

    runs_selected = Signal(list)
    run_activated = Signal(int)
    sort_wanted = Signal(object)
    context_requested = Signal(QPoint)
    head_menu_requested = Signal(int, QPoint)
    copy_wanted = Signal()

    def __init__(self, model: CompareModel, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(model, theme, parent)
        self.setObjectName("compareTable")
        self.setAccessibleName("Comparison of runs")
        self._is_restoring = False
        self._scattered: frozenset[int] = frozenset()
        self._telling = QTimer(self, singleShot=True, interval=0)
        self._telling.timeout.connect(self._tell_selected)
        # No override of `selectionChanged`: PySide 6.11 then ends the program when a table goes.
        self.selectionModel().selectionChanged.connect(self._on_selection_changed)
        self.doubleClicked.connect(self._on_activated)
        for head in (self.columns_head, self.rows_head):
            head.sort_clicked.connect(self._on_sort_clicked)
            head.group_clicked.connect(self.turn_group)
            head.menu_requested.connect(self._on_head_menu)
            head.sectionDoubleClicked.connect(self._on_head_activated)

    # What is selected

    def selected_lines(self) -> list[int]:
        """Numbers of the selected lines, from the first on."""
        is_turned = self._compare.is_turned
        lines = set(self._scattered)
        # PySide's stubs do not know that a selection is a list.
        spans = cast("Iterable[QItemSelectionRange]", self.selectionModel().selection())
        for span in spans:
            first, last = (span.left(), span.right()) if is_turned else (span.top(), span.bottom())
            lines.update(range(first, last + 1))
        return sorted(lines)

    def selected_slots(self) -> list[int]:
        """Slots of the selected runs, and of the runs in selected groups; none twice."""
        found: dict[int, None] = {}
        for line in self.selected_lines():
            found.update(dict.fromkeys(self._compare.slots(line)))
        return list(found)

    def current_slot(self) -> int | None:
        """The run of the current line; None on the heading of a group of several."""
        index = self.currentIndex()
        return self._compare.run_of(self._compare.line_at(index)) if index.isValid() else None

    def select_slots(self, slots: Iterable[int], current: int | None) -> None:
        """Select the lines of these runs without telling of it.

        A selected heading stands for the runs of its group: they are selected already.
        """
        model, slots = self._compare, list(slots)
        index = self.currentIndex()
        here = model.slots(model.line_at(index)) if index.isValid() else []
        if current in here or current is None:
            current = None
        heads = self._closed_heads_of(frozenset(slots))
        is_shown = set(slots) == set(self.selected_slots()) and heads.issubset(
            self.selected_lines()
        )
        if current is None and is_shown:
            return
        found = {line for line in map(model.line_of, slots) if line is not None}
        lines = sorted(found | heads)
        self._is_restoring = True
        place = model.line_of(current) if current is not None else None
        if place is not None and model.facts:
            kept = self.currentIndex()
            fact = model.fact_at(kept) if kept.isValid() else 0
            index = model.index_of(place, min(fact, len(model.facts) - 1))
            self.selectionModel().setCurrentIndex(index, _Flag.NoUpdate)
        self._select_lines(lines)
        self._is_restoring = False
        self.show_selected_lines(frozenset(lines))

    def _closed_heads_of(self, slots: frozenset[int]) -> set[int]:
        """The headings of closed groups all of whose runs are among these."""
        model = self._compare
        return {
            line
            for line in model.heads()
            if (group := model.lines[line].group) is not None
            and not model.is_open(group)
            and slots.issuperset(model.slots(line))
        }

    def show_answer(self, answer: Compared, *, is_turned: bool) -> bool:
        kept = self._kept()
        self._is_restoring = True
        is_same = super().show_answer(answer, is_turned=is_turned)
        self._is_restoring = False
        if not is_same:
            self._restore(kept)
        return is_same

    def _kept(self) -> _Kept:
        """What is selected and current, in words that outlive a reset."""
        model, index = self._compare, self.currentIndex()
        lines = [self._key(line) for line in self.selected_lines()]
        if not index.isValid():
            return _Kept(lines)
        return _Kept(lines, self._key(model.line_at(index)), model.fact_at(index))

    def _restore(self, kept: _Kept) -> None:
        """Select the same lines again, as far as they are there, and make the same one current."""
        model = self._compare
        lines = sorted(line for line in map(self._line_of, kept.lines) if line is not None)
        place = self._line_of(kept.current)
        self._is_restoring = True
        if place is not None and model.facts:
            index = model.index_of(place, min(kept.fact, len(model.facts) - 1))
            self.selectionModel().setCurrentIndex(index, _Flag.NoUpdate)
        self._select_lines(lines)
        self._is_restoring = False
        self.show_selected_lines(frozenset(lines))

    def _line_of(self, key: str | int | None) -> int | None:
        if key is None or isinstance(key, int):
            return None if key is None else self._compare.line_of(key)
        heads = enumerate(self._compare.lines)
        return next((n for n, line in heads if line.row is None and self._key(n) == key), None)

    def _key(self, line: int) -> str | int:
        """What a line is: the slot of a run, the title of a group."""
        slot = self._compare.slot(line)
        return self._compare.name(line) if slot is None else slot

    def _select_lines(self, lines: Sequence[int]) -> None:
        """Select exactly these; so scattered ones that Qt would be slow with are only drawn so."""
        ranges = _ranges(lines)
        self._scattered = frozenset(lines) if len(ranges) > MAX_RANGES else frozenset()
        selection = self._selection_of([] if self._scattered else ranges)
        self.selectionModel().select(selection, _Flag.ClearAndSelect)

    def _selection_of(self, ranges: Sequence[tuple[int, int]]) -> QItemSelection:
        model, selection = self._compare, QItemSelection()
        last_fact = len(model.facts) - 1
        if last_fact < 0:
            return selection
        for first, last in ranges:
            top, bottom = model.index_of(first, 0), model.index_of(last, last_fact)
            selection.append(QItemSelectionRange(top, bottom))
        return selection

    # Groups

    def turn_group(self, line: int) -> None:
        """Open the group of a line, or close it."""
        group = self._compare.lines[line].group
        if group is not None:
            self.open_groups([group.title], on=not self._compare.is_open(group))

    def open_groups(self, titles: Sequence[str], *, on: bool) -> None:
        """Show the runs of groups, or their headings alone."""
        kept = self._kept()
        self._is_restoring = True
        self._compare.open_groups(titles, on=on)
        self._is_restoring = False
        self.fit_all()
        self._restore(kept)

    def _turn_current_group(self, *, on: bool) -> bool:
        """Open or close the group that the current line heads; whether it heads one."""
        index = self.currentIndex()
        shown = self._compare.lines[self._compare.line_at(index)] if index.isValid() else None
        if shown is None or shown.row is not None or shown.group is None:
            return False
        if self._compare.is_open(shown.group) != on:
            self.open_groups([shown.group.title], on=on)
        return True

    # Sorting

    def next_sort(self, fact: int, *, is_added: bool) -> tuple[tuple[str, bool], ...]:
        """The order after a click on a column: the best or smallest first, then turned."""
        shown, present = self._compare.facts[fact], self._sort()
        header = shown.column.header
        level = next((level for level in present if level[0] == header), None)
        if level is not None:
            turned = (header, not level[1])
            return tuple(turned if x == level else x for x in present) if is_added else (turned,)
        added = (header, shown.direction == "up")
        return (*present, added) if is_added else (added,)

    def open_column_menu(self) -> None:
        """Ask for the menu of the column that the keyboard is in, at its heading."""
        index, head = self.currentIndex(), self.fact_head
        if not index.isValid():
            index = self._compare.index_of(0)
        self.scrollTo(index)
        fact = self._compare.fact_at(index) if index.isValid() else -1
        start = max(0, head.sectionViewportPosition(fact))
        is_above = head.orientation() == Qt.Orientation.Horizontal
        below = (
            QPoint(start, head.height()) if is_above else QPoint(0, start + head.sectionSize(fact))
        )
        self.head_menu_requested.emit(fact, head.viewport().mapToGlobal(below))

    def _sort(self) -> tuple[tuple[str, bool], ...]:
        answer = self._compare.answer
        return answer.view.sort if answer is not None else ()

    # Slots

    def _on_sort_clicked(self, fact: int, is_added: bool) -> None:
        if fact < len(self._compare.facts):
            self.sort_wanted.emit(self.next_sort(fact, is_added=is_added))

    def _on_head_menu(self, section: int, position: QPoint) -> None:
        head = self.sender()
        if head is self.fact_head:
            self.head_menu_requested.emit(section, position)
            return
        if section >= 0 and section not in self.selected_lines():
            self.setCurrentIndex(self._compare.index_of(section))
        self.context_requested.emit(position)

    def _on_head_activated(self, section: int) -> None:
        if self.sender() is not self.fact_head:
            self._on_activated(self._compare.index_of(section))

    def _on_activated(self, index: QModelIndex) -> None:
        if not index.isValid():
            return
        line = self._compare.line_at(index)
        slot = self._compare.slot(line)
        if slot is None:
            self.turn_group(line)
        else:
            self.run_activated.emit(slot)

    def _on_selection_changed(self) -> None:
        if not self._is_restoring:
            self._scattered = frozenset()
            self.show_selected_lines(frozenset(self.selected_lines()))
            self._telling.start()

    def _tell_selected(self) -> None:
        slots, current = self.selected_slots(), self.current_slot()
        if current in slots:
            slots.remove(current)
            slots.insert(0, current)
        self.runs_selected.emit(slots)

    # Qt overrides

    def moveCursor(self, action: _Move, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        """Home and End lead to the first and the last line, as in the table of runs."""
        count = len(self._compare.lines)
        if action not in _ENDS or not count or not self._compare.facts:
            return super().moveCursor(action, modifiers)
        index = self.currentIndex()
        fact = self._compare.fact_at(index) if index.isValid() else 0
        return self._compare.index_of(_ENDS[action] % count, fact)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_plain = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier == _PLAIN
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_wanted.emit()
        elif event.key() in _ENTER and is_plain:
            self._on_activated(self.currentIndex())
        elif (
            is_plain and event.key() in _TURNS and self._turn_current_group(on=_TURNS[event.key()])
        ):
            event.accept()
        elif event.key() == Qt.Key.Key_Escape and self.selectionModel().hasSelection():
            self.clearSelection()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        position = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            place = self.visualRect(self.currentIndex()).center()
            position = self.viewport().mapToGlobal(place)
        self.context_requested.emit(position)


def _ranges(lines: Sequence[int]) -> list[tuple[int, int]]:
    """Sorted numbers as first and last of each stretch."""
    found: list[tuple[int, int]] = []
    for line in lines:
        if found and line == found[-1][1] + 1:
            found[-1] = (found[-1][0], line)
        else:
            found.append((line, line))
    return found
