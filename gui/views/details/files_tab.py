"""The files of a run: a tree that is read as it is opened, and a look into the selected file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QMenu,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from core.clock import now_us
from core.jobs import JobContext
from core.runs.contents import RunContents
from core.runs.files import FileEntry, Listing, shown
from gui.file_manager import open_path, reveal_path
from gui.job_bridge import Latest
from gui.models.files_model import KIND, MODIFIED, NAME, SIZE, FilesModel
from gui.naming import named
from gui.run_mime import files_mime
from gui.services import RunRef, Services
from gui.views.details.details_tab import DetailsTab, set_sizes
from gui.views.details.files_tree import FilesTree
from gui.views.details.packed_files import PackedFiles, can_leave
from gui.views.details.preview import PreviewPane
from gui.views.problem_line import ProblemLine
from gui.views.row_delegate import RowDelegate
from gui.views.time_ticker import TimeTicker

OPEN, REVEAL, COPY, GO = "file.open", "file.reveal", "file.copy-path", "file.go-to-run"
_ROOMY = {MODIFIED: 60, KIND: 42}  # letters that must fit into the tree for a column to be there
MOST_ROWS = 2500  # of one folder; a tree takes 5 us of the GUI thread for each


class FilesTab(DetailsTab):
    """Tree of files above the preview of the selected one.

    Args:
        services: Shared services.
        parent: Owner.
        open_file: Opens a file in its program; False when that failed.
        reveal: Shows a file in the file manager; False when that failed.
    """

    name: ClassVar[str] = "files"
    title: ClassVar[str] = "Files"

    def __init__(
        self,
        services: Services,
        parent: QWidget | None = None,
        *,
        open_file: Callable[[Path], bool] = open_path,
        reveal: Callable[[Path], bool] = reveal_path,
    ) -> None:
        super().__init__(services, parent)
        self._open_file = open_file
        self._reveal = reveal
        theme = services.theme
        self._latest = Latest(services.bridge, "files", self)
        self._waiting: list[str] = []
        self.model = FilesModel(theme.icon, theme.colour, now_us, self)
        self.tree = named(FilesTree(theme, self._path_of), "filesTree", "Files of the run")
        self.preview = PreviewPane(services)
        self._problem = ProblemLine(theme, self)
        self._packed = PackedFiles(
            services.bridge, self._problem.show_note, self._problem.show_problem, self
        )
        self._actions = {
            OPEN: self._action(OPEN, "&Open", self._on_open),
            REVEAL: self._action(REVEAL, "&Reveal in File Manager", self._on_reveal),
            COPY: self._action(COPY, "&Copy Path", self._on_copy),
            GO: self._action(GO, "&Go to Run", self._on_go),
        }
        self._set_up_tree()
        self._build()
        self.model.wanted.connect(self._on_wanted)
        theme.changed.connect(self.model.repaint)
        self.ticker = TimeTicker(self, self.model.repaint)

    def _set_up_tree(self) -> None:
        tree = self.tree
        tree.setModel(self.model)
        tree.setUniformRowHeights(True)
        tree.setItemDelegate(RowDelegate(tree))
        tree.setAllColumnsShowFocus(True)
        tree.setAnimated(False)
        tree.setIndentation(16)
        tree.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        tree.setExpandsOnDoubleClick(False)  # Enter and double click do the same, see _on_activated
        tree.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        tree.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        header = tree.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(40)
        header.setResizeContentsPrecision(0)  # by the rows in view: 20,000 rows would take long
        for column in (KIND, SIZE, MODIFIED):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        tree.activated.connect(self._on_activated)
        tree.pressed.connect(self._on_pressed)
        tree.selectionModel().currentChanged.connect(self._on_current_changed)
        tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        tree.customContextMenuRequested.connect(self._on_menu_requested)

    def _build(self) -> None:
        self._actions[COPY].setShortcut(QKeySequence.StandardKey.Copy)
        for action in self._actions.values():
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            self.tree.addAction(action)
        self.splitter = named(QSplitter(Qt.Orientation.Vertical), "filesSplitter")
        self.splitter.setHandleWidth(1)
        self.splitter.addWidget(self.tree)
        self.splitter.addWidget(self.preview)
        self.splitter.setStretchFactor(0, 2)
        self.splitter.setStretchFactor(1, 3)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setSizes([400, 600])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._problem)
        layout.addWidget(self.splitter, 1)

    def _action(self, name: str, text: str, slot: Callable[[], None]) -> QAction:
        action = named_action(QAction(text, self), name)
        action.triggered.connect(slot)
        return action

    def choices(self) -> dict[str, Any]:
        return {"sizes": self.splitter.sizes()}

    def set_choices(self, choices: Mapping[str, Any]) -> None:
        set_sizes(self.splitter, choices.get("sizes"))

    def current_entry(self) -> FileEntry | None:
        """The entry that is selected."""
        return self.model.entry(self.tree.currentIndex())

    # The run

    def _load(self, run: RunRef) -> None:
        paths = self.model.asked_paths() or [""]
        self._problem.show_problem("")
        self._waiting = paths
        self._list_next(run.contents)
        entry = self.current_entry()
        if entry is not None:
            self._look_into(entry)

    def _clear(self) -> None:
        self._latest.drop()
        self._packed.drop()
        self._waiting = []
        self._problem.show_problem("")
        self.model.clear()
        self.preview.show_message("Select a file to look into it.")

    def _on_wanted(self, path: str) -> None:
        self._waiting.append(path)
        if self.run is not None and not self._latest.is_waiting:
            self._list_next(self.run.contents)

    def _list_next(self, contents: RunContents) -> None:
        if not self._waiting:
            return
        path = self._waiting.pop(0)
        before = self.model.listing(path)

        def list_it(context: JobContext) -> Listing | None:
            found = contents.listing(path, context.check, MOST_ROWS)
            return None if found == before else found

        def listed(found: Listing | None) -> None:
            if found is not None:
                self.model.fill(path, found)
            shown_now = found or before
            if shown_now is not None and shown_now.problem:
                self._problem.show_problem(shown_now.problem)
            self._list_next(contents)

        self._latest.ask("List files", list_it, listed, lambda e: listed(Listing(problem=str(e))))

    # What the user does

    def _on_current_changed(self, current: QModelIndex, _before: QModelIndex) -> None:
        entry = self.model.entry(current)
        if entry is not None:
            self._look_into(entry)

    def _look_into(self, entry: FileEntry) -> None:
        if self.run is None:
            return
        if entry.shape == "file" and not entry.problem:
            self.preview.show_file(self.run, entry.path)
        else:
            self.preview.show_message(_nothing_to_see(entry))

    def _on_activated(self, index: QModelIndex) -> None:
        entry = self.model.entry(index)
        if entry is None:
            return
        first = index.siblingAtColumn(NAME)
        if entry.is_directory:
            self.tree.setExpanded(first, not self.tree.isExpanded(first))
        elif entry.run_id and entry.shape == "run":
            self.run_requested.emit(entry.run_id)
        else:
            self._on_open()

    def _on_open(self) -> None:
        entry = self.current_entry()
        if entry is None or self.run is None or entry.problem:
            return
        if self.run.is_on_disk:
            self._open_in_program(self.run.path / entry.path)
        elif can_leave(entry):
            self._packed.fetch(self.run, entry, self._open_in_program)

    def _open_in_program(self, path: Path) -> None:
        if not self._open_file(path):
            self._problem.show_problem(f"No program could open {path.name}")

    def _on_pressed(self, index: QModelIndex) -> None:
        entry = self.model.entry(index)
        if entry is not None and self.run is not None and not self.run.is_on_disk:
            self._packed.press(self.run, entry)

    def _on_reveal(self) -> None:
        entry = self.current_entry()
        if entry is None or self.run is None or not self.run.is_on_disk:
            return
        if not self._reveal(self.run.path / entry.path):
            self._problem.show_problem(f"No file manager could show {entry.name}")

    def _on_copy(self) -> None:
        """The path for a terminal, and where the file may leave, itself for a file manager."""
        entry = self.current_entry()
        if entry is None or self.run is None:
            return
        path = self.run.path / entry.path
        if entry.problem or not self.run.is_on_disk:
            QGuiApplication.clipboard().setText(str(path))
        else:
            mime = files_mime([path], str(path), is_copied=True)
            QGuiApplication.clipboard().setMimeData(mime)

    def _path_of(self, index: QModelIndex) -> Path | None:
        entry = self.model.entry(index)
        if entry is None or self.run is None or entry.problem:
            return None
        if self.run.is_on_disk:
            return self.run.path / entry.path
        known = self._packed.known(self.run, entry)
        if known is None and can_leave(entry):
            ready = f"{shown(entry.name)} is unpacked: drag it now."
            self._packed.fetch(self.run, entry, lambda _: self._problem.show_note(ready))
        return known

    def _on_go(self) -> None:
        entry = self.current_entry()
        if entry is not None and entry.run_id:
            self.run_requested.emit(entry.run_id)

    def _on_menu_requested(self, place: QPoint) -> None:
        entry = self.model.entry(self.tree.indexAt(place))
        if entry is None:
            return
        menu = self.make_menu(entry)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.tree.viewport().mapToGlobal(place))

    def make_menu(self, entry: FileEntry) -> QMenu:
        """The menu for an entry: only what can be done with it."""
        menu = QMenu(self)
        menu.setObjectName("filesMenu")
        is_on_disk = self.run is not None and self.run.is_on_disk
        is_own = is_on_disk and not entry.problem and entry.shape != "run"
        if is_own or (self.run is not None and can_leave(entry)):
            menu.addAction(self._actions[OPEN])
        if entry.run_id:
            menu.addAction(self._actions[GO])
        if is_on_disk:
            menu.addAction(self._actions[REVEAL])
        menu.addAction(self._actions[COPY])
        return menu

    def _fit_columns(self) -> None:
        """Leave out what says least where a name would have no room: the date, then the kind."""
        letters = self.width() / max(1, self.fontMetrics().averageCharWidth())
        for column, least in _ROOMY.items():
            self.tree.setColumnHidden(column, letters < least)

    # Qt overrides

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_columns()


def named_action(action: QAction, name: str) -> QAction:
    """The same action with its object name."""
    action.setObjectName(name)
    return action


def _nothing_to_see(entry: FileEntry) -> str:
    name, target = shown(entry.name), shown(entry.target)
    if entry.problem and target:
        return f"{name} is a link to {target}: {entry.problem}."
    if entry.problem:
        return f"{name} cannot be shown: {entry.problem}."
    if entry.shape == "run":
        return f"A link to run {entry.run_id[:8]}. Press Enter to go there."
    return "Select a file to look into it."
