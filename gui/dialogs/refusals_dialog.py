"""Lists the runs that were left as they were, and why; the list can be copied."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractTableModel,
    QObject,
    Qt,
    QTimer,
    Signal,
    Slot,
)
from PySide6.QtGui import QGuiApplication, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from core.runs.refusal import Refusal
from core.text import upper_first
from gui.dialogs.dialog_size import text_size
from gui.models.any_index import NOWHERE, AnyIndex
from gui.naming import in_role, named
from gui.tool_tip import plain, plain_tip
from gui.views.plain_table import make_plain

_TITLES = ("Run", "Why")
_PADDING = 8  # between the sentences of two rows
_Role = Qt.ItemDataRole


class RefusalsModel(QAbstractTableModel):
    """One row a run: its short id and the reason."""

    def __init__(self, refusals: Sequence[Refusal], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._refusals = tuple(refusals)

    # Qt overrides

    def rowCount(self, parent: AnyIndex = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._refusals)

    def columnCount(self, parent: AnyIndex = NOWHERE) -> int:
        return 0 if parent.isValid() else len(_TITLES)

    def data(self, index: AnyIndex, role: int = _Role.DisplayRole) -> str | None:
        if not index.isValid():
            return None
        refusal = self._refusals[index.row()]
        if role == _Role.DisplayRole:
            return _why(refusal) if index.column() else refusal.run_id[:8]
        if role == _Role.ToolTipRole:
            return plain_tip(refusal.reason if index.column() else refusal.run_id)
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole
    ) -> str | int | None:
        if orientation == Qt.Orientation.Horizontal and role == _Role.DisplayRole:
            return _TITLES[section]
        if role == _Role.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return None


class RefusalsTable(QTableView):
    """Rows as high as their sentences; those in view are measured, as there may be thousands.

    Args:
        refusals: What the rows say.
    """

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__()
        self.setModel(RefusalsModel(refusals, self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        make_plain(self)
        self.setWordWrap(True)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        self._fitting = QTimer(self, singleShot=True, interval=0)  # when columns have their widths
        self._fitting.timeout.connect(self._fit_rows)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)

    @Slot()
    def _fit_rows(self) -> None:
        """Measure the rows in view, from the top on: a higher one moves those below it away."""
        row, rows = max(0, self.rowAt(0)), self.model().rowCount()
        while row < rows and self.rowViewportPosition(row) < self.viewport().height():
            usual = self.verticalHeader().defaultSectionSize()
            self.setRowHeight(row, max(usual, self.sizeHintForRow(row) + _PADDING))
            row += 1

    # Qt overrides

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fitting.start()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        self._fit_rows()


class RefusalsDialog(QDialog):
    """A table of run and reason.

    Args:
        sentence: What was done.
        refusals: Runs that were left out of it.
        parent: The window.
        can_select: Whether those runs are shown in the table and can be selected there.

    Signals:
        selection_wanted: Select these runs in the table (their ids).
    """

    selection_wanted = Signal(list)

    def __init__(
        self,
        sentence: str,
        refusals: Sequence[Refusal],
        parent: QWidget,
        *,
        can_select: bool = True,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("refusalsDialog")
        self.setWindowTitle("Runs that were left as they were")
        self._refusals = tuple(refusals)
        said = in_role(plain(QLabel(sentence)), "heading")
        said.setWordWrap(True)
        self._table = named(RefusalsTable(refusals), "refusalsTable", "Runs and reasons")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 18, 18, 14)
        layout.setSpacing(12)
        layout.addWidget(said)
        layout.addWidget(self._table, 1)
        layout.addWidget(self._buttons(can_select=can_select))
        copy = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), self._table)
        copy.activated.connect(self.copy)
        self.resize(text_size(self, 77, 21))
        self.finished.connect(self.deleteLater)

    def copy(self) -> None:
        """Put ids and reasons on the clipboard, one run a line."""
        lines = [f"{refusal.run_id}\t{refusal.reason}" for refusal in self._refusals]
        QGuiApplication.clipboard().setText("\n".join(lines) + "\n")
        self._copy.setText("Copied")

    def _buttons(self, *, can_select: bool) -> QDialogButtonBox:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self._copy = named(QPushButton("Copy List"), "copyRefusals")
        select = named(QPushButton("Select These Runs"), "selectRefused")
        acts = [(self._copy, self.copy), (select, self._on_select)]
        for button, do in acts if can_select else acts[:1]:
            button.setAutoDefault(False)
            button.clicked.connect(do)
            buttons.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        return buttons

    def _on_select(self) -> None:
        self.accept()
        self.selection_wanted.emit([refusal.run_id for refusal in self._refusals])


def _why(refusal: Refusal) -> str:
    """The reason without what the row and the heading say: which run, and what was to be done."""
    lead, _, clause = refusal.reason.partition(": ")
    if not clause or not lead.startswith("Run "):
        return refusal.reason
    is_word = clause.partition(" ")[0].isalpha()  # and not the name of a file
    return upper_first(clause) if is_word else clause
