"""The archives in the places of one home: which are open, which one is in front.

Why each is read only when it is first looked at: a place that is remembered costs nothing at a
start, and its file may lie on a disk that sleeps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QFileDialog

from core.archives.archive_name import SUFFIXES
from core.scratch import Scratch
from gui.archives.last_folder import LastFolder
from gui.job_bridge import Latest
from gui.main_window import MainWindow
from gui.models.places_model import Place, PlaceKind, Section
from gui.services import Services
from gui.views.status_line import short_path

if TYPE_CHECKING:  # most starts show no archive
    from gui.archives.shelf_desk import ShelfDesk
    from gui.archives.shelf_exporting import ShelfExporting
    from gui.archives.shelf_feed import Told

MOST_REMEMBERED = 50

_NONE = "No archive is shown."


class ArchivePlaces(QObject):
    """Opens, shows and closes archives beside one home.

    Args:
        window: Where they are shown.
        scratch: Keeps what of their runs is looked at.
        services: Shared services of that window.
        parent: Owner.

    Attributes:
        folder: Where archives were last looked for.

    Signals:
        front_changed: The home, or an archive, is shown now in place of another.
        selection_changed: Other runs of an archive are selected.
        filter_changed: The text of the filter box in front is another one.
        import_wanted: Import these runs of an archive, None for all (its path, their ids).
    """

    front_changed = Signal()
    selection_changed = Signal()
    filter_changed = Signal()
    import_wanted = Signal(object, object)

    def __init__(
        self, window: MainWindow, scratch: Scratch, services: Services, parent: QObject
    ) -> None:
        super().__init__(parent)
        self.folder = LastFolder()
        self._window = window
        self._services = services
        self._scratch = scratch
        self._leftovers = Latest(services.bridge, "leftovers", self)
        self._desks: dict[Path, ShelfDesk] = {}
        self._states: dict[Path, Mapping[str, Any]] = {}
        self._counts: dict[Path, int] = {}
        self._problems: dict[Path, str] = {}
        self._front: Path | None = None
        self._bound: list[tuple[str, Callable[[], object]]] = [
            ("archive.open", self.choose),
            ("archive.open-directory", self.choose_directory),
            ("archive.import", self.import_selected),
            ("archive.close", self.close_front),
        ]
        for id_, do in self._bound:
            window.actions_by_id[id_].triggered.connect(do)
        self._enable()
        self._exporting: ShelfExporting | None = None

    @property
    def front(self) -> ShelfDesk | None:
        """The archive that is shown; None while the home is."""
        return self._desks.get(self._front) if self._front is not None else None

    @property
    def paths(self) -> tuple[Path, ...]:
        """The archives in the places, in the order in which they were opened."""
        return tuple(self._states)

    # Life

    def restore(self, state: Mapping[str, Any]) -> None:
        """Show the places of the last time; nothing is read."""
        found = state.get("archives")
        for path, known in found.items() if isinstance(found, dict) else ():
            if isinstance(path, str) and Path(path).is_absolute():
                self._states[Path(path)] = known if isinstance(known, dict) else {}
        self._show_places()

    @Slot()
    def clear_leftovers(self) -> None:
        """Remove what killed windows left of runs that they looked at or packed."""
        scratch = self._scratch
        self._leftovers.ask("Clear leftovers", lambda _: scratch.clear_abandoned(), lambda _: None)

    def state(self) -> dict[str, Any]:
        """What `restore` takes, as plain values."""
        kept = list(self._states.items())[-MOST_REMEMBERED:]
        states = {
            str(path): self._desks[path].state() if path in self._desks else dict(known)
            for path, known in kept
        }
        return {"archives": states}

    def unbind(self) -> None:
        """Let go of the window: the home is closed."""
        for id_, do in self._bound:
            self._window.actions_by_id[id_].triggered.disconnect(do)
            self._window.actions_by_id.set_enabled(id_, "No home is open.")
        if self._exporting is not None:
            self._exporting.unbind()
        self.leave()
        for desk in self._desks.values():
            desk.close()
        self._desks = {}
        self._window.places_model.show({Section.ARCHIVES: []})

    # What others ask for

    def open(self, paths: Iterable[Path]) -> None:
        """Put archives into the places, and show the last of them (absolute paths)."""
        last = None
        for path in paths:
            last = path
            self._states.setdefault(path, {})
        if last is not None:
            self._show_places()
            self.show(last)
            self._window.focus_runs()

    def show(self, path: Path) -> None:
        """Bring an archive to the front."""
        if path not in self._states:
            return
        if path != self._front:
            self._leave_front()
            self._front = path
            desk = self._desks.get(path) or self._make(path)
            self.front_changed.emit()
            desk.show()
        self._window.places.mark((PlaceKind.ARCHIVE, str(path)))
        self._enable()

    def leave(self) -> None:
        """Bring the home back to the front."""
        if self._front is not None:
            self._leave_front()
            self.front_changed.emit()
            self._enable()

    def close(self, path: Path) -> None:
        """Take an archive off the places."""
        if path == self._front:
            self.leave()
        desk = self._desks.pop(path, None)
        if desk is not None:
            desk.close()
        self._states.pop(path, None)
        self._counts.pop(path, None)
        self._problems.pop(path, None)
        self._show_places()

    @Slot()
    def choose(self) -> None:
        """Let the user choose archives."""
        dialog = QFileDialog(self._window, "Open an archive of runs")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        patterns = " ".join(f"*{suffix}" for suffix in SUFFIXES)
        dialog.setNameFilters([f"Archives ({patterns})", "All files (*)"])
        self._ask(dialog)

    @Slot()
    def choose_directory(self) -> None:
        """Let the user choose a directory."""
        dialog = QFileDialog(self._window, "Open a directory of runs")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        self._ask(dialog)

    @Slot()
    def import_selected(self) -> None:
        """Import the selected runs of the archive in front, or all of them."""
        front = self.front
        if front is not None and self._front is not None:
            self.import_wanted.emit(self._front, tuple(front.runs.selected_ids()) or None)

    @Slot()
    def close_front(self) -> None:
        """Close the archive that is shown."""
        if self._front is not None:
            self.close(self._front)

    # Inside

    def _ask(self, dialog: QFileDialog) -> None:
        dialog.setObjectName("archiveDialog")
        dialog.setDirectory(self.folder.begin())
        dialog.filesSelected.connect(lambda names: self._on_chosen([Path(n) for n in names]))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_chosen(self, paths: Sequence[Path]) -> None:
        self.folder.note(paths[-1])
        self.open(paths)

    def _make(self, path: Path) -> ShelfDesk:
        if self._exporting is None:
            from gui.archives.shelf_exporting import ShelfExporting

            self._exporting = ShelfExporting(self, self._window, self._scratch, self._services)
        from core.archives.shelf import archive_shelf
        from core.archives.shelf_look import ShelfLook
        from gui.archives.shelf_desk import ShelfDesk

        shelf = archive_shelf(path, self._scratch)
        desk = ShelfDesk(shelf, ShelfLook(shelf, path), self._window, self._services, self)
        desk.counted.connect(partial(self._on_counted, path))
        desk.feed.told.connect(partial(self._on_told, path))
        desk.filter_changed.connect(self.filter_changed)
        desk.runs.selection_changed.connect(self.selection_changed)
        self._desks[path] = desk
        desk.start(self._states[path])
        return desk

    def _leave_front(self) -> None:
        front, self._front = self.front, None
        if front is not None:
            front.leave()

    def _on_counted(self, path: Path, count: int) -> None:
        if self._counts.get(path) != count:
            self._counts[path] = count
            self._show_places()

    def _on_told(self, path: Path, told: Told) -> None:
        self._problems[path] = told.problem
        self._show_places()

    @Slot()
    def _enable(self) -> None:
        enable = self._window.actions_by_id.set_enabled
        enable("archive.open", "")
        enable("archive.open-directory", "")
        for id_ in ("archive.import", "archive.close"):
            enable(id_, "" if self._front is not None else _NONE)

    def _show_places(self) -> None:
        places = archive_places(self.paths, self._counts, self._problems)
        self._window.places_model.show({Section.ARCHIVES: places})


def archive_places(
    paths: Sequence[Path], counts: Mapping[Path, int], problems: Mapping[Path, str]
) -> list[Place]:
    """The archives as places; those of one name are told apart by their directories.

    Args:
        paths: In their order.
        counts: How many runs are in those that were read.
        problems: Sentences on what is wrong with some.
    """
    names = [path.name for path in paths]

    def tip(path: Path) -> str:
        about = f"The runs of {short_path(path, Path.home())}, read only"
        return f"{about}\n{problems.get(path, '')}".strip()

    return [
        Place(
            PlaceKind.ARCHIVE,
            str(path),
            path.name or str(path),
            "warning" if problems.get(path) else "archive",
            f"{counts[path]:,}" if path in counts else "",
            tip=tip(path),
            note=path.parent.name if names.count(path.name) > 1 else "",
        )
        for path in paths
    ]
