"""Exports the selected runs of an archive that is a place, without importing them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QFileDialog

from core.jobs import Job, JobContext
from core.scratch import Scratch
from core.text import plural
from gui.archives.export_choice import SUFFIXES
from gui.archives.export_endings import ExportEndings, sum_up
from gui.archives.exporting import LANE, file_name
from gui.main_window import MainWindow
from gui.services import Services

if TYPE_CHECKING:
    from core.archives.export import ExportOutcome
    from gui.archives.archive_places import ArchivePlaces
    from gui.archives.shelf_desk import ShelfDesk

_NO_RUN = "Select a run first."
_FILTERS = {
    "Zip": SUFFIXES["zip"],
    "Tar with zstd": SUFFIXES["tar.zst"],
    "Tar with gzip": SUFFIXES["tar.gz"],
}


class ShelfExporting(QObject):
    """Lets the action that exports runs work on the archive in front.

    Args:
        archives: Of whose runs some are selected; owns this.
        window: Its actions, its bar and its jobs.
        scratch: Keeps the runs while they are packed anew.
        services: Shared services of the window.
    """

    def __init__(
        self, archives: ArchivePlaces, window: MainWindow, scratch: Scratch, services: Services
    ) -> None:
        super().__init__(archives)
        self._window = window
        self._archives = archives
        self._scratch = scratch
        self._services = services
        self._endings = ExportEndings(window, archives)
        self._jobs: dict[Job, Callable[[], object]] = {}
        self._action = window.actions_by_id["run.export"]
        self._action.triggered.connect(self.ask)
        services.bridge.ended.connect(self._on_ended)
        archives.front_changed.connect(self.refresh)
        archives.selection_changed.connect(self.refresh)

    def unbind(self) -> None:
        """Let go of the action: the home is closed. Jobs go on."""
        self._action.triggered.disconnect(self.ask)

    @Slot()
    def refresh(self) -> None:
        """Enable the action where runs are selected."""
        front = self._archives.front
        if front is not None:
            why_not = "" if front.runs.selection.count() else _NO_RUN
            self._window.actions_by_id.set_enabled("run.export", why_not)

    @Slot()
    def ask(self) -> None:
        """Ask where the selected runs of the archive are to go."""
        front = self._archives.front
        if front is None or front.shelf.file is None:
            return
        ids = tuple(front.runs.selected_ids())
        if not ids:
            return
        file = front.shelf.file
        dialog = QFileDialog(self._window, f"Export {plural(len(ids), 'run')} of {file.name}")
        dialog.setObjectName("shelfExportDialog")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)  # runs are added, none replaced
        dialog.setNameFilters([f"{name} (*{suffix})" for name, suffix in _FILTERS.items()])
        dialog.setDirectory(str(file.parent))
        dialog.selectFile(f"{_name_of(front, ids)}{SUFFIXES['zip']}")
        dialog.filterSelected.connect(partial(_show_format, dialog))
        dialog.fileSelected.connect(lambda name: self.begin(file, ids, Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def begin(self, file: Path, ids: tuple[str, ...], path: Path) -> None:
        """Export runs of an archive.

        Args:
            file: The archive.
            ids: Its runs.
            path: Where to, absolute; an archive by its name, or else a directory.
        """
        if self._services.bridge.is_closed:
            return
        title = f"Export {plural(len(ids), 'run')} of {file.name} to {path.name}"
        job = Job(title, LANE, partial(_export, file, ids, path, self._scratch))
        self._jobs[job] = again = partial(self.begin, file, ids, path)
        end = partial(sum_up, False)  # noqa: FBT003 - nothing is moved out of an archive
        self._window.jobs.follow(job, "export", sum_up=end, retry=again)
        self._archives.folder.note(path)
        self._services.bridge.submit(job)
        self._window.undo_bar.dismiss()

    @Slot(object)
    def _on_ended(self, job: Job) -> None:
        again = self._jobs.pop(job, None)
        if again is not None:
            self._endings.tell(job, is_move=False, again=again)


def _export(
    file: Path, ids: tuple[str, ...], path: Path, scratch: Scratch, context: JobContext
) -> ExportOutcome:
    from core.archives.parcel import export_packed  # its packers are only needed now

    context.advance(unit="bytes", item="copying")
    return export_packed(file, ids, path, scratch, advance=context.advance)


def _show_format(dialog: QFileDialog, chosen: str) -> None:
    """Give the name the ending of the format that was chosen."""
    from gui.archives.export_choice import with_format

    kinds = {"Zip": "zip", "Tar with zstd": "tar.zst", "Tar with gzip": "tar.gz"}
    kind = kinds.get(chosen.partition(" (")[0])
    names = dialog.selectedFiles()
    if kind is not None and names:
        dialog.selectFile(Path(with_format(names[0], cast("Any", kind))).name)


def _name_of(front: ShelfDesk, ids: tuple[str, ...]) -> str:
    title = front.shelf.title.split(".")[0]
    return file_name(f"{title}-{len(ids)}" if len(ids) > 1 else f"{title}-{ids[0][:8]}")
