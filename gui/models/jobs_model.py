"""The jobs of the panel as rows: what is done, how far it is, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QMimeData,
    QModelIndex,
    QObject,
    Qt,
)

from gui.jobs.job_list import JobList, UserJob
from gui.jobs.job_text import amount_text, left_text, rate_text
from gui.models.any_index import NOWHERE, AnyIndex
from gui.tool_tip import plain_tip

JOBS_TYPE = "application/x-rundesk-jobs"
JobRole = int(Qt.ItemDataRole.UserRole) + 1
JOB, STATE, PROGRESS, RATE, LEFT, ACTS = range(6)
TITLES = ("Job", "State", "Progress", "Rate", "Left", "")
_RIGHT = (RATE, LEFT)
_Role = Qt.ItemDataRole


class JobsModel(QAbstractTableModel):
    """One row a job, the oldest first.

    Args:
        jobs: The jobs.
        parent: Owner.
    """

    def __init__(self, jobs: JobList, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._told: dict[UserJob, tuple[str, ...]] = {}
        self._dragged: list[UserJob] = []
        jobs.about_to_add.connect(self._on_about_to_add)
        jobs.added.connect(lambda _row: self.endInsertRows())
        jobs.about_to_drop.connect(lambda row: self.beginRemoveRows(NOWHERE, row, row))
        jobs.dropped.connect(self._on_dropped)
        jobs.about_to_reorder.connect(self._on_about_to_reorder)
        jobs.reordered.connect(self._on_reordered)
        jobs.changed.connect(self._on_changed)
        self._places: list[tuple[QModelIndex, UserJob]] = []

    def row(self, number: int) -> UserJob:
        """The job of a row."""
        return self._jobs.jobs[number]

    def number_of(self, row: UserJob) -> int:
        """The row of a job; -1 when it is not listed any more."""
        return self._jobs.jobs.index(row) if row in self._jobs.jobs else -1

    # Slots

    def _on_about_to_add(self) -> None:
        last = len(self._jobs.jobs)
        self.beginInsertRows(NOWHERE, last, last)

    def _on_dropped(self) -> None:
        self._told = {row: texts for row, texts in self._told.items() if row in self._jobs.jobs}
        self.endRemoveRows()

    def _on_about_to_reorder(self) -> None:
        self.layoutAboutToBeChanged.emit()
        indexes = self.persistentIndexList()
        self._places = [(index, self._jobs.jobs[index.row()]) for index in indexes]

    def _on_reordered(self) -> None:
        """The selection goes with the jobs."""
        for index, row in self._places:
            self.changePersistentIndex(index, self.index(self.number_of(row), index.column()))
        self._places = []
        self.layoutChanged.emit()

    def _on_changed(self, number: int) -> None:
        """Repaint the cells that say something else; ten times a second most say the same."""
        row = self._jobs.jobs[number]
        now = (*(_text(row, column) for column in range(ACTS)), _acts_key(row))
        now = (*now[:PROGRESS], f"{now[PROGRESS]} {fraction_of(row):.3f}", *now[RATE:])
        before = self._told.get(row, ("",) * len(now))
        self._told[row] = now
        other = [column for column in range(len(now)) if now[column] != before[column]]
        if other:
            self.dataChanged.emit(self.index(number, min(other)), self.index(number, max(other)))

    # Qt overrides

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        usual = super().flags(index)
        if not index.isValid():
            return usual | Qt.ItemFlag.ItemIsDropEnabled
        can_move = self._jobs.can_move(self._jobs.jobs[index.row()])
        return usual | Qt.ItemFlag.ItemIsDragEnabled if can_move else usual

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        return [JOBS_TYPE]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """The rows by number: they are only understood by this very table."""
        data = QMimeData()
        rows = sorted({index.row() for index in indexes})
        data.setData(JOBS_TYPE, ",".join(map(str, rows)).encode())
        self._dragged = [self._jobs.jobs[number] for number in rows]
        return data

    def dropMimeData(
        self, data: QMimeData, action: Qt.DropAction, row: int, _column: int, parent: AnyIndex
    ) -> bool:
        """Jobs that wait are done in the order in which they were laid."""
        if not data.hasFormat(JOBS_TYPE) or action != Qt.DropAction.MoveAction:
            return False
        number = row if row >= 0 else parent.row() if parent.isValid() else self.rowCount()
        dragged, self._dragged = self._dragged, []
        self._jobs.move_to([each for each in dragged if self._jobs.can_move(each)], number)
        return False  # nothing is left to be removed where they came from

    def rowCount(self, parent: AnyIndex = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._jobs.jobs)

    def columnCount(self, parent: AnyIndex = NOWHERE) -> int:
        return 0 if parent.isValid() else len(TITLES)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == _Role.DisplayRole:
            return TITLES[section]
        if role == _Role.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section in _RIGHT else Qt.AlignmentFlag.AlignLeft
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        return None

    def data(self, index: AnyIndex, role: int = _Role.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._jobs.jobs):
            return None
        row, column = self._jobs.jobs[index.row()], index.column()
        if role == _Role.DisplayRole:
            return _text(row, column)
        if role == _Role.ToolTipRole:
            return plain_tip(_text(row, column)) or None
        if role == _Role.AccessibleTextRole:
            button = f", {row.look.button}" if column == STATE and row.look.button else ""
            return f"{TITLES[column]}: {_text(row, column)}{button}" if column != ACTS else ""
        if role == JobRole:
            return row
        return None


def _text(row: UserJob, column: int) -> str:
    progress, is_going = row.job.context.progress, row.end is None
    if column == JOB:
        return row.job.title
    if column == STATE:
        return row.look.text
    if column == PROGRESS:
        return amount_text(progress) if is_going or _is_stopped(row) else ""
    if column == RATE:
        return rate_text(row.speed.per_second(), progress.unit) if is_going else ""
    if column == LEFT:
        return left_text(row.speed.seconds_left(progress.total)) if is_going else ""
    return ""


def fraction_of(row: UserJob) -> float:
    """How much of a job is done, from 0 to 1; 0 while it is not known of how much."""
    if row.end is not None and row.end.grade in ("done", "partly"):
        return 1.0
    progress = row.job.context.progress
    return min(1.0, progress.done / progress.total) if progress.total else 0.0


def _is_stopped(row: UserJob) -> bool:
    return row.end is not None and row.end.grade == "cancelled"


def _acts_key(row: UserJob) -> str:
    """What changes when the buttons of a row do."""
    context = row.job.context
    return f"{row.look.button} {context.is_held} {context.is_cancelled} {row.end}"
