"""Runs as one archive for another program: packed by a job, then copied or ready to be dragged.

Why packed first: a drag and a paste hand over files that exist, and packing takes seconds; with a
button held down nobody waits that long. So the drag begins at a parcel that appears when it is
packed, and stays until it is closed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from msgspec import Struct
from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QGuiApplication

from core.errors import Error
from core.home import Home
from core.jobs import Job, JobContext, JobState
from core.runs.disk_size import disk_size
from core.scratch import Scratch
from core.text import format_bytes, plural
from gui.archives.archive_places import ArchivePlaces
from gui.archives.exporting import LANE, file_name
from gui.jobs.job_list import JobEnd
from gui.main_window import MainWindow
from gui.run_mime import files_mime
from gui.services import Services
from gui.table.run_list import RunList
from gui.views.undo_bar import BarText

if TYPE_CHECKING:
    from core.archives.parcel import Parcel

Use = Literal["copy", "drag"]

_NO_RUN = "Select a run first."
_DELETED = "Deleted runs cannot be packed: restore them first."


class _Wanted(Struct, frozen=True):
    """What is packed.

    Attributes:
        ids: The runs.
        file: The archive that they are in; None where they are the home's.
        name: What the new archive is called.
        use: What for.
    """

    ids: tuple[str, ...]
    file: Path | None
    name: str
    use: Use


class Parcels(QObject):
    """Connects the actions that pack runs with one home and the archives beside it.

    Args:
        home: The home.
        window: Its actions, its bar, its jobs, and where a parcel lies.
        runs: The runs of the home, and what of them is selected.
        archives: Of whose runs some may be selected instead.
        scratch: Keeps what is packed until the program ends.
        services: Shared services of the window.
        parent: Owner.
    """

    def __init__(
        self,
        home: Home,
        window: MainWindow,
        runs: RunList,
        archives: ArchivePlaces,
        scratch: Scratch,
        services: Services,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._home = home
        self._window = window
        self._runs = runs
        self._archives = archives
        self._scratch = scratch
        self._services = services
        self._jobs: dict[Job, _Wanted] = {}
        self._bound: list[tuple[str, Callable[[], object]]] = [
            ("run.copy-archive", self.copy),
            ("run.drag-archive", self.drag),
        ]
        for id_, do in self._bound:
            window.actions_by_id[id_].triggered.connect(do)
        services.bridge.ended.connect(self._on_ended)
        archives.front_changed.connect(self.refresh)
        archives.selection_changed.connect(self.refresh)
        for signal in (runs.selection_changed, runs.view_changed, runs.arranged):
            signal.connect(self.refresh)
        self.refresh()

    def unbind(self) -> None:
        """Let go of the actions: the home is closed. What is packed stays until the end."""
        for id_, do in self._bound:
            self._window.actions_by_id[id_].triggered.disconnect(do)
            self._window.actions_by_id.set_enabled(id_, "No home is open.")
        self._bound = []
        self._window.centre.parcel.dismiss()

    @Slot()
    def refresh(self) -> None:
        """Enable the actions where runs are selected."""
        runs = self._front()
        why_not = _DELETED if runs.view.deleted else "" if runs.selection.count() else _NO_RUN
        for id_, _ in self._bound:
            self._window.actions_by_id.set_enabled(id_, why_not)

    @Slot()
    def copy(self) -> None:
        """Pack the selected runs and put the archive on the clipboard."""
        self._ask("copy")

    @Slot()
    def drag(self) -> None:
        """Pack the selected runs into a parcel that can be dragged."""
        self._ask("drag")

    # Inside

    def _front(self) -> RunList:
        front = self._archives.front
        return front.runs if front is not None else self._runs

    def _ask(self, use: Use) -> None:
        runs = self._front()
        ids = tuple(runs.selected_ids())
        if ids and not runs.view.deleted:
            self._begin(self._wanted(ids, use))

    def _wanted(self, ids: tuple[str, ...], use: Use) -> _Wanted:
        front = self._archives.front
        title = front.shelf.title if front is not None else self._home.name
        name = f"{_name_of(self._front(), ids, title.split('.')[0])}.runs.zip"
        return _Wanted(ids, front.shelf.file if front is not None else None, name, use)

    def _begin(self, wanted: _Wanted) -> None:
        if self._services.bridge.is_closed:
            return
        title = _said(wanted).replace("Packing", "Pack", 1)
        job = Job(title, LANE, partial(_pack, self._home, wanted, self._scratch))
        self._jobs[job] = wanted
        retry = partial(self._begin, wanted)
        self._window.jobs.follow(job, "archive", sum_up=partial(_sum_up, wanted), retry=retry)
        self._services.bridge.submit(job)
        show = partial(self._window.actions_by_id["view.toggle-jobs"].setChecked, True)  # noqa: FBT003 - Qt's
        acts: list[tuple[str, Callable[[], object]]] = [
            ("Cancel", job.cancel),
            ("Show Progress", show),
        ]
        self._window.undo_bar.say(BarText(f"{_said(wanted)}…", acts, is_lasting=True))

    # Slots

    @Slot(object)
    def _on_ended(self, job: Job) -> None:
        wanted = self._jobs.pop(job, None)
        if wanted is None:
            return
        bar = self._window.undo_bar
        bar.dismiss()
        if job.state is JobState.DONE:
            self._hand_over(wanted, cast("Parcel", job.result))
        elif isinstance(job.error, Error):
            bar.say(BarText(job.error.told, is_lasting=True))

    def _hand_over(self, wanted: _Wanted, parcel: Parcel) -> None:
        if wanted.use == "drag":
            self._window.centre.parcel.offer(parcel.path, parcel.runs, parcel.size)
            return
        mime = files_mime([parcel.path], str(parcel.path), is_copied=True)
        QGuiApplication.clipboard().setMimeData(mime)
        what = f"{parcel.path.name} ({format_bytes(parcel.size)})"
        sentence = f"Copied {plural(parcel.runs, 'run')} as {what}: paste it in a file manager."
        self._window.undo_bar.say(BarText(sentence))


def _pack(home: Home, wanted: _Wanted, scratch: Scratch, context: JobContext) -> Parcel:
    """Pack; on a worker's thread."""
    from core.archives.parcel import pack_runs, repack_runs  # most windows pack nothing

    context.advance(unit="bytes", item="counting")
    if wanted.file is not None:
        context.advance(item="copying")
        return repack_runs(wanted.file, wanted.ids, wanted.name, scratch, advance=context.advance)
    sizes = (disk_size(home.runs_dir / i, context.check).bytes for i in wanted.ids)
    context.advance(total=sum(sizes), item="copying")
    return pack_runs(home, wanted.ids, wanted.name, scratch, advance=context.advance)


def _said(wanted: _Wanted) -> str:
    return f"Packing {plural(len(wanted.ids), 'run')} into {wanted.name}"


def _sum_up(wanted: _Wanted, result: Any) -> JobEnd:
    ready = "ready to be dragged" if wanted.use == "drag" else "on the clipboard"
    return JobEnd("done", f"{format_bytes(result.size)}, {ready}")


def _name_of(runs: RunList, ids: tuple[str, ...], title: str) -> str:
    """What an archive is called: after its one run, or where the runs come from."""
    if len(ids) > 1:
        return file_name(f"{title}-{len(ids)}")
    slot = runs.columns.slot_of(ids[0])
    operation = "" if slot is None else runs.columns.value("operation", slot) or ""
    return file_name(f"{operation or 'run'}-{ids[0][:8]}")
