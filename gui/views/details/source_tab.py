"""The source code that a run was made with, coloured."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QSize,
    Qt,
)
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QAbstractItemView, QListView, QSplitter, QVBoxLayout, QWidget

from core.errors import Error
from core.runs.files import shown
from core.runs.source_code import SourceFile, SourceListing
from gui.job_bridge import Latest
from gui.models.any_index import NOWHERE, AnyIndex
from gui.naming import named
from gui.services import RunRef, Services
from gui.tool_tip import plain_tip
from gui.views.details.details_tab import DetailsTab
from gui.views.details.preview import PreviewPane
from gui.views.problem_line import ProblemLine
from gui.views.row_delegate import RowDelegate

_MOST_ROWS = 8  # of the list that are in view before it scrolls


class SourceTab(DetailsTab):
    """List of source files above the code of the selected one.

    Going from run to run keeps the file that is looked at, where the next run has it too.
    """

    name: ClassVar[str] = "source"
    title: ClassVar[str] = "Source"

    def __init__(self, services: Services, parent: QWidget | None = None) -> None:
        super().__init__(services, parent)
        self._latest = Latest(services.bridge, "files", self)
        self._wanted = ""  # title of the file that was chosen last
        self.model = SourceModel(lambda: services.theme.icon("file-source", "accent"), self)
        self.list = named(QListView(), "sourceList", "Source files")
        self.preview = PreviewPane(services)
        self.preview.code.setObjectName("sourceView")
        self._problem = ProblemLine(services.theme, self)
        self.list.setModel(self.model)
        self.list.setItemDelegate(RowDelegate(self.list))
        self.list.setUniformItemSizes(True)
        side = max(16, self.list.fontMetrics().height())
        self.list.setIconSize(QSize(side, side))
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.selectionModel().currentChanged.connect(self._on_current_changed)
        self.splitter = named(QSplitter(Qt.Orientation.Vertical), "sourceSplitter")
        self.splitter.setHandleWidth(1)
        self.splitter.addWidget(self.list)
        self.splitter.addWidget(self.preview)
        self.splitter.setStretchFactor(0, 0)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._problem)
        layout.addWidget(self.splitter, 1)

    def show_file(self, title: str) -> None:
        """Look at the file with this path; does nothing when the run has none such."""
        row = self.model.row_of(title)
        if row >= 0:
            self.list.setCurrentIndex(self.model.index(row))

    def _load(self, run: RunRef) -> None:
        contents = run.contents
        self._latest.ask(
            "List source code",
            lambda context: contents.source(context.check),
            self._on_listed,
            self._on_error,
        )

    def _clear(self) -> None:
        self._latest.drop()
        self._problem.show_problem("")
        self.model.show(())
        self.list.hide()
        self.preview.show_message("")

    def _on_error(self, error: Error) -> None:
        self._clear()
        self._problem.show_problem(str(error))

    def _on_listed(self, listing: SourceListing) -> None:
        self._problem.show_problem(listing.problem)
        wanted = self._wanted
        if listing.files != self.model.files:
            self.model.show(listing.files)
            self._fit_list()
        if not listing.files:
            self.preview.show_message("This run has no source code of its own.")
            return
        row = self.model.row_of(wanted)
        index = self.model.index(row if row >= 0 else _main_row(listing.files))
        if index == self.list.currentIndex():
            self._look_into(listing.files[index.row()])
        self.list.setCurrentIndex(index)
        self._wanted = wanted  # a file that only stands in for it is not what the user chose

    def _fit_list(self) -> None:
        """Give the list the height of its rows, up to a few."""
        count = len(self.model.files)
        self.list.setVisible(count > 1)
        height = self.list.sizeHintForRow(0) * min(count, _MOST_ROWS) + 4
        self.splitter.setSizes([height, max(1, self.height() - height)])

    def _on_current_changed(self, current: QModelIndex, _before: QModelIndex) -> None:
        if current.isValid():
            file = self.model.files[current.row()]
            self._wanted = file.title
            self._look_into(file)

    def _look_into(self, file: SourceFile) -> None:
        if self.run is not None:
            self.preview.show_file(self.run, file.path)


def _main_row(files: tuple[SourceFile, ...]) -> int:
    """The file to begin with: the first program rather than a project file or a note."""
    return next((n for n, file in enumerate(files) if file.title.endswith(".py")), 0)


class SourceModel(QAbstractListModel):
    """Titles of source files.

    Args:
        icon: Makes the icon of a row.
        parent: Owner.
    """

    def __init__(self, icon: Callable[[], QIcon], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._icon = icon
        self.files: tuple[SourceFile, ...] = ()

    def show(self, files: tuple[SourceFile, ...]) -> None:
        """Show other files."""
        self.beginResetModel()
        self.files = files
        self.endResetModel()

    def row_of(self, title: str) -> int:
        """Row of the file with this title; -1 when there is none."""
        return next((n for n, file in enumerate(self.files) if file.title == title), -1)

    # Qt overrides

    def rowCount(self, parent: AnyIndex = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.files)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        file = self.files[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return shown(file.title)
        if role == Qt.ItemDataRole.DecorationRole:
            return self._icon()
        return plain_tip(shown(file.path)) if role == Qt.ItemDataRole.ToolTipRole else None
