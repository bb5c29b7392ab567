"""Typing a run's label in its cell of the table.

Why an own line over the table and no editor of a delegate: Qt closes a delegate's editor, and
drops what was typed, whenever the model is reset, which here happens as soon as some run anywhere
starts, ends or is labelled by Guild. This one belongs to a run and follows it to its new row.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct
from PySide6.QtCore import QObject, QRect, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit

from gui.naming import named
from gui.services import RunRef
from gui.table.run_list import RunList
from gui.views.filter.filter_problem import FilterProblem
from gui.views.table.run_canvas import RunCanvas

MOST_IN_A_LINE = 2_000
"""Letters: a longer label, or one of several lines, is edited in the dialog."""
LEAST_WIDTH = 180
_AROUND_TEXT = 28  # pixels of frame, padding and cursor
SETTLE_MS = 500
"""How long the line stays after it was written, at most, until the table shows the new label."""

LONGEST = 100_000
"""Letters that can be typed into a line."""
_KEPT_FROM_TABLE = frozenset(
    {Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_F2}
)
_ELSEWHERE = (
    Qt.FocusReason.ActiveWindowFocusReason,
    Qt.FocusReason.PopupFocusReason,
    Qt.FocusReason.MenuBarFocusReason,
)


class TypedLabel(Struct, frozen=True):
    """A label that the user typed for one run.

    Attributes:
        run: The run.
        text: What is to be its label; empty for none.
        expected: The label that was there when the user began.
        tell: To be called with an empty text when it is written, else with one sentence; returns
            whether the user sees it, and the text.
    """

    run: RunRef
    text: str
    expected: str
    tell: Callable[[str], bool]


class LabelLine(QLineEdit):
    """The line itself.

    Signals:
        entered: It is to be written; by how many runs to go on (0, or 1 and -1 for Tab).
        left: The user gave up.
    """

    entered = Signal(int)
    left = Signal()

    def select_whole(self) -> None:
        """Select all of the text, of which the beginning is seen."""
        self.end(False)  # noqa: FBT003 - Qt's signature
        self.home(True)  # noqa: FBT003 - Qt's signature

    # Qt overrides

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit(0)
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        elif key not in _KEPT_FROM_TABLE:
            super().keyPressEvent(event)
        event.accept()

    def focusNextPrevChild(self, next: bool) -> bool:
        self.entered.emit(1 if next else -1)
        return True

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() not in _ELSEWHERE and self.isVisible():
            self.entered.emit(0)


class LabelEditor(QObject):
    """Puts a line over the label of a run, and keeps it there.

    Args:
        table: The table.
        run_list: What it shows.

    Signals:
        label_typed: A label is to be written (a TypedLabel).
        dialog_wanted: The label does not fit into a line, or its column is not shown.
        text_left_over: What was typed cannot be written: one sentence why, and the text.
    """

    label_typed = Signal(object)
    dialog_wanted = Signal()
    text_left_over = Signal(str, str)

    def __init__(self, table: RunCanvas, run_list: RunList) -> None:
        super().__init__(table)
        self._table = table
        self._runs = run_list
        self._slot: int | None = None
        self._expected = self._written = ""
        self._was_refused = False
        self.line: LabelLine | None = None
        self._problem: FilterProblem | None = None
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self.close)
        for signal in (
            run_list.applied,
            run_list.arranged,
            table.verticalScrollBar().valueChanged,
            table.horizontalScrollBar().valueChanged,
            table.horizontalHeader().sectionResized,
            table.horizontalHeader().sectionMoved,
        ):
            signal.connect(self.follow)
        run_list.model.dataChanged.connect(self._on_data_changed)

    @property
    def slot(self) -> int | None:
        """The run whose label is edited; None while none is."""
        return self._slot

    def problem_text(self) -> str:
        """The sentence under the line; empty when there is none."""
        return self._problem.sentence if self._problem is not None else ""

    def start(self, slot: int) -> bool:
        """Begin to edit the label of a run; whether a line was opened."""
        self.close()
        label = self._label_of(slot)
        row = self._runs.model.row_of(slot)
        if not self._runs.ref(slot).can_change or row is None:
            return False
        if self._section() is None or not fits_a_line(label):
            self.dialog_wanted.emit()
            return False
        self._slot, self._expected, self._was_refused = slot, label, False
        self._table.show_cell(self._runs.model.index(row, self._section() or 0))
        self.line = self._make_line(label)
        self.follow()
        self.line.show()
        self.line.setFocus(Qt.FocusReason.OtherFocusReason)
        self.line.select_whole()
        return True

    def close(self) -> None:
        """Take the line away without writing anything."""
        self._settle.stop()
        line, self.line, self._slot = self.line, None, None
        if self._problem is not None:
            self._problem.hide()
            self._problem.deleteLater()
            self._problem = None
        if line is not None:
            had_focus = line.hasFocus()
            line.hide()
            line.deleteLater()
            if had_focus:
                self._table.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def follow(self) -> None:
        """Put the line where its cell is now."""
        if self.line is None or self._slot is None:
            return
        row, section = self._runs.model.row_of(self._slot), self._section()
        if row is None or section is None:
            self._leave_over("The run is not shown any more.")
            return
        self.line.setGeometry(self._place(row, section))
        if self._problem is not None and self._problem.isVisible():
            self._problem.explain(self._problem.sentence)

    # Inside

    def _make_line(self, label: str) -> LabelLine:
        line = named(LabelLine(self._table.viewport()), "labelEdit", "Label")
        line.setMaxLength(LONGEST)
        line.setText(label)
        line.setFrame(True)
        line.entered.connect(self._on_entered)
        line.left.connect(self.close)
        line.textEdited.connect(self._on_edited)
        return line

    def _place(self, row: int, section: int) -> QRect:
        header, table = self._table.horizontalHeader(), self._table
        height = table.verticalHeader().defaultSectionSize()
        left = header.sectionViewportPosition(section)
        room = table.viewport().width()
        width = min(max(header.sectionSize(section), LEAST_WIDTH), room)
        left = max(0, min(left, room - width))
        width = max(width, min(self._text_width(), room - left))
        return QRect(left, row * height - table.verticalScrollBar().value(), width, height - 1)

    def _text_width(self) -> int:
        """What the text needs, so that it is seen whole where there is room at its right."""
        if self.line is None:
            return 0
        return self.line.fontMetrics().horizontalAdvance(self.line.text()) + _AROUND_TEXT

    def _section(self) -> int | None:
        keys = self._runs.model.keys
        return keys.index("label") if "label" in keys else None

    def _label_of(self, slot: int) -> str:
        return self._runs.columns.value("label", slot) or ""

    def _leave_over(self, sentence: str) -> None:
        """The line cannot stay; what was typed in it is not lost."""
        line, expected = self.line, self._expected
        text = line.text() if line is not None and not line.isReadOnly() else expected
        self.close()
        if text != expected:
            self.text_left_over.emit(f"{sentence} The label you typed was not written.", text)

    # Slots

    @Slot(int)
    def _on_entered(self, step: int) -> None:
        line, slot = self.line, self._slot
        if line is None or slot is None or line.isReadOnly():
            return
        if self._was_refused:  # whoever enters it once more has read what it replaces
            self._expected = self._label_of(slot)
        following, expected = self._following(slot, step), self._expected
        text = line.text().strip()
        if text != expected:
            line.setReadOnly(True)
            self._written = text
        elif following is None:
            self.close()
        if following is not None:
            self.start(following)
        if text != expected:
            entry = TypedLabel(self._runs.ref(slot), text, expected, self._teller(line))
            self.label_typed.emit(entry)

    def _following(self, slot: int, step: int) -> int | None:
        row, order = self._runs.model.row_of(slot), self._runs.model.order
        if not step or row is None or not 0 <= row + step < len(order):
            return None
        return order[row + step]

    def _teller(self, line: LabelLine) -> Callable[[str], bool]:
        """Hears whether a text was written; the line it was typed in may be gone by then."""

        def tell(sentence: str) -> bool:
            if self.line is not line:
                return False
            if sentence:
                self._take_back(sentence)
            else:
                self._settle.start()
                self._on_data_changed()
            return True

        return tell

    def _take_back(self, sentence: str) -> None:
        """The label was not written: what was typed stays, to be entered once more."""
        if self.line is not None and self._slot is not None:
            self.line.setReadOnly(False)
            self.line.setFocus(Qt.FocusReason.OtherFocusReason)
            self._was_refused = True
            self._explain(sentence)

    def _explain(self, sentence: str) -> None:
        line = self.line
        if line is not None:
            if self._problem is None:
                self._problem = FilterProblem(line)
            self._problem.explain(sentence)

    @Slot()
    def _on_edited(self) -> None:
        if self._problem is not None:
            self._problem.hide()
        self.follow()

    @Slot()
    def _on_data_changed(self) -> None:
        is_waiting = self._settle.isActive() and self._slot is not None
        if is_waiting and self._label_of(self._slot or 0) == self._written:
            self.close()


def fits_a_line(label: str) -> bool:
    """Whether a label can be typed in one line; others are edited in the dialog."""
    return len(label) <= MOST_IN_A_LINE and len(label.splitlines()) <= 1
