"""The tree of a run's files, from which files are dragged to other programs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import QAbstractItemView, QTreeView

from gui.run_mime import files_mime
from gui.theme import Theme
from gui.views.drag_out import start_drag


class FilesTree(QTreeView):
    """A tree whose current file or folder can be dragged out.

    Args:
        theme: Draws what is dragged.
        path_of: Where the entry of an index is on disk; None for one that must not leave.
    """

    def __init__(self, theme: Theme, path_of: Callable[[QModelIndex], Path | None]) -> None:
        super().__init__()
        self._theme = theme
        self._path_of = path_of
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)

    # Qt overrides

    def startDrag(self, supported: Qt.DropAction) -> None:
        path = self._path_of(self.currentIndex())
        if path is not None:
            mime = files_mime([path], str(path), is_copied=False)
            start_drag(self, mime, self._theme, "file-generated", path.name)
