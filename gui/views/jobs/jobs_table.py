"""The table of jobs: what keys, clicks and the pointer do in it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QKeyCombination, QPoint, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QToolTip, QWidget

from gui.jobs.job_list import JobList, UserJob
from gui.models.jobs_model import ACTS, JOB, LEFT, PROGRESS, RATE, STATE, JobsModel
from gui.naming import named
from gui.theme import Theme
from gui.views.jobs.jobs_delegate import BAR_WIDTH, ActName, JobsDelegate, RowButton, acts_of
from gui.views.plain_table import make_plain

_LEAST_STATE = 17  # letters of a state that is worth reading
_LEAST_TITLE = 16  # the same of a title, beside a job's progress
_BAR_MARGINS = 16  # beside a bar that stands alone
_GOING = (RATE, LEFT, PROGRESS)  # columns that make room for that, in this order
_EMPTY = "No jobs. Pushes, pulls, exports, imports and changes of many runs are listed here."
_MOVES = {
    QKeyCombination(Qt.KeyboardModifier.AltModifier, Qt.Key.Key_Up).toCombined(): -1,
    QKeyCombination(Qt.KeyboardModifier.AltModifier, Qt.Key.Key_Down).toCombined(): 1,
}
"""Keys that let jobs that wait be done earlier or later."""
_WHOLE = (PROGRESS, RATE, LEFT)  # what a job that does not go on leaves to its sentence


class JobsTable(QTableView):
    """One row a job.

    Args:
        jobs: The jobs.
        theme: Colours.
        parent: Owner.

    Signals:
        context_requested: The user wants the menu of the selected jobs at a global position.
        selection_changed: Other jobs are selected.
    """

    context_requested = Signal(QPoint)
    selection_changed = Signal()

    def __init__(self, jobs: JobList, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "jobsTable", "Jobs")
        self._jobs = jobs
        self._theme = theme
        self._model = JobsModel(jobs, self)
        self._delegate = JobsDelegate(theme, self)
        self._widths: dict[int, int] = {}
        self._set_up()
        jobs.added.connect(self._on_added)
        jobs.changed.connect(self._on_changed)
        jobs.dropped.connect(self._spread_sentences)
        theme.changed.connect(self.viewport().update)
        self.selectionModel().selectionChanged.connect(self._on_selection_changed)

    def selected_jobs(self) -> list[UserJob]:
        """The selected jobs, from the top."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        return [self._model.row(row) for row in rows]

    def select_job(self, row: UserJob) -> None:
        """Select one job and bring it into view."""
        number = self._model.number_of(row)
        if number >= 0:
            self.selectRow(number)
            self.scrollTo(self._model.index(number, JOB))

    def copy(self) -> None:
        """Put the selected jobs on the clipboard: title and state, one a line."""
        lines = [f"{row.job.title}\t{row.look.text}" for row in self.selected_jobs()]
        QGuiApplication.clipboard().setText("\n".join(lines))

    # Inside

    def _set_up(self) -> None:
        self.setModel(self._model)
        self.setItemDelegate(self._delegate)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        make_plain(self)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDragDropOverwriteMode(False)
        self.setMouseTracking(True)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setMinimumSectionSize(30)
        header.setStretchLastSection(False)
        for column in range(ACTS + 1):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(STATE, QHeaderView.ResizeMode.Stretch)
        self._use_font()

    def _use_font(self) -> None:
        metrics = self.fontMetrics()
        self.verticalHeader().setDefaultSectionSize(metrics.height() + 12)
        letters = {PROGRESS: "999 MB of 10.0 GB", RATE: "118.8 MB/s", LEFT: "12 h 5 min"}
        for column, text in letters.items():
            bar = BAR_WIDTH + 8 if column == PROGRESS else 0
            self._widths[column] = metrics.horizontalAdvance(text) + bar + 26
        self._widths[ACTS] = self._delegate.acts_width()
        for column, width in self._widths.items():
            self.setColumnWidth(column, width)
        self._fit_columns()

    def _fit_columns(self) -> None:
        """Leave out what says least where a state would have no room."""
        letter, width = max(1, self.fontMetrics().averageCharWidth()), self.viewport().width()
        titles = max(self.sizeHintForColumn(JOB), 0)
        job = max(12 * letter, min(titles, 48 * letter, width * 3 // 10))
        self.setColumnWidth(JOB, job)
        room = width - job - self._widths[ACTS] - _LEAST_STATE * letter
        room -= sum(self._widths[column] for column in _GOING)
        for column in _GOING:
            if column == PROGRESS:  # the last one left
                room = self._fit_progress(job, room)
            self.setColumnHidden(column, room < 0)
            room += self._widths[column] if room < 0 else 0
        self._fit_rows()

    def _fit_progress(self, job: int, room: int) -> int:
        """Let a title do with less beside it, then show the bar without the amount.

        Args:
            job: The width of the titles.
            room: What would be left; below 0 so much is missing.

        Returns:
            What is left then.
        """
        letter = max(1, self.fontMetrics().averageCharWidth())
        spare = min(max(0, -room), max(0, job - _LEAST_TITLE * letter))
        self.setColumnWidth(JOB, job - spare)
        room += spare
        width = self._widths[PROGRESS] if room >= 0 else BAR_WIDTH + _BAR_MARGINS
        self.setColumnWidth(PROGRESS, width)
        return room + self._widths[PROGRESS] - width

    def _spread_sentences(self) -> None:
        for number in range(len(self._jobs.jobs)):
            self._spread_sentence(number)

    def _spread_sentence(self, number: int) -> None:
        """Let the sentence of a job that ended, asks or waits take the room of its progress."""
        row = self._jobs.jobs[number]
        is_wide = row.end is not None or bool(row.look.button)
        span = 1 + len(_WHOLE) if is_wide else 1
        if self.columnSpan(number, STATE) != span:
            self.setSpan(number, STATE, 1, span)
        self._fit_row(number)

    def _fit_rows(self) -> None:
        for number in range(len(self._jobs.jobs)):
            self._fit_row(number)

    def _fit_row(self, number: int) -> None:
        """Give a sentence on what came of a job the lines that it takes."""
        row, height = self._jobs.jobs[number], self.verticalHeader().defaultSectionSize()
        if row.end is not None and not row.look.button:
            others = (self.columnWidth(c) for c in _WHOLE if not self.isColumnHidden(c))
            width = self.columnWidth(STATE) + sum(others)
            height = max(height, self._delegate.row_height(row, width, self.font()))
        if self.rowHeight(number) != height:
            self.setRowHeight(number, height)

    def _button_at(self, place: QPoint) -> tuple[UserJob, RowButton] | None:
        index = self.indexAt(place)
        if not index.isValid() or index.column() not in (STATE, ACTS):
            return None
        row = self._model.row(index.row())
        if index.column() == STATE:
            area = self._delegate.answer_area(row, self.visualRect(index), self.font())
            return (row, RowButton("answer", area)) if area.contains(place) else None
        found = self._delegate.button_at(row, self.visualRect(index), place)
        return None if found is None else (row, found)

    def _point_at(self, place: QPoint | None) -> None:
        found = self._button_at(place) if place is not None else None
        pointed = None
        if found is not None:
            pointed = (self._model.number_of(found[0]), found[1].name)
        if pointed != self._delegate.pointed:
            self._delegate.pointed = pointed
            self.viewport().update()

    def act(self, name: ActName, rows: list[UserJob]) -> None:
        """Do what a button does to the jobs that have such a button."""
        jobs = self._jobs
        if name == "answer":
            for row in [row for row in rows if row.look.button][:1]:
                row.answer()
            return
        able = [row for row in rows if name in acts_of(row)]
        if name == "show":
            for row in able[:1]:
                if row.end is not None and row.end.show is not None:
                    row.end.show()
            return
        does = {
            "pause": jobs.hold, "resume": jobs.let_go, "cancel": jobs.cancel,
            "retry": jobs.retry, "drop": jobs.drop,
        }  # fmt: skip
        does[name](able)

    # Slots

    def _on_added(self, number: int) -> None:
        self._spread_sentences()
        self._fit_columns()
        if not self.selectionModel().hasSelection():
            self.selectRow(number)
        self.scrollToBottom()

    def _on_changed(self, number: int) -> None:
        row = self._jobs.jobs[number]
        is_spread = self.columnSpan(number, STATE) > 1
        if row.end is not None or is_spread != bool(row.look.button):
            self._spread_sentence(number)
        self.selection_changed.emit()

    def _on_selection_changed(self) -> None:
        self.selection_changed.emit()

    # Qt overrides

    def event(self, event: QEvent) -> bool:
        """Keys that move jobs here mean that, whatever they do elsewhere in the window."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.keyCombination().toCombined() in _MOVES
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        rows = self.selected_jobs()
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.key() == Qt.Key.Key_Delete:
            self.act("cancel", rows)
            self.act("drop", rows)
        elif event.key() == Qt.Key.Key_Space:
            is_held = any(row.job.context.is_held for row in rows)
            self.act("resume" if is_held else "pause", rows)
        elif (by := _MOVES.get(event.keyCombination().toCombined())) is not None:
            self._jobs.move(rows, by)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.act("answer", rows)
            self.act("show", rows)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        found = self._button_at(event.position().toPoint())
        if found is not None and event.button() == Qt.MouseButton.LeftButton:
            return  # the button is pressed, and the selection stays
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        found = self._button_at(event.position().toPoint())
        if found is not None and event.button() == Qt.MouseButton.LeftButton:
            row, button = found
            self.act(button.name, [row])
            return
        super().mouseReleaseEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point_at(event.position().toPoint())
        super().mouseMoveEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._point_at(None)
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            found = self._button_at(event.pos())
            if found is not None:
                QToolTip.showText(event.globalPos(), found[1].tip, self)
                return True
        return super().viewportEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._use_font()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_columns()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        position = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            area = self.visualRect(self.currentIndex())
            position = self.viewport().mapToGlobal(area.bottomLeft() + QPoint(24, 0))
        self.context_requested.emit(position)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._jobs.jobs:
            return
        painter = QPainter(self.viewport())
        painter.setPen(self._theme.colour("muted"))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(self.viewport().rect().adjusted(12, 0, -12, 0), int(flags), _EMPTY)
        painter.end()
