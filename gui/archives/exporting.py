"""Exports the selected runs: asks how, does it by a job, and says what came of it."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from core.home import Home
from core.index.linked_runs import linked_runs
from core.index.news import News
from core.jobs import Job, JobContext
from core.runs.disk_size import disk_size
from core.runs.related import Related, related
from core.text import plural
from gui.archives.archive_places import ArchivePlaces
from gui.archives.export_choice import Exportable, ExportHabit, ExportWanted
from gui.archives.export_endings import ExportEndings, sum_up
from gui.job_bridge import Latest
from gui.main_window import MainWindow
from gui.services import Services
from gui.table.index_feed import IndexFeed
from gui.table.run_list import RunList

if TYPE_CHECKING:
    from core.archives.export import ExportOutcome

LANE = "archives"
_LONGEST_NAME = 40
_NO_RUN = "Select a run first."
_DELETED = "Deleted runs cannot be exported: restore them first."


class Exporting(QObject):
    """Connects the action that exports runs with one home.

    Args:
        home: Where the runs are.
        window: Its actions, its bar and its jobs.
        runs: What is shown, and what of it is selected.
        feed: The index that hears of runs that were moved away.
        archives: One of them may be in front; then the action is about its runs.
        services: Shared services of the window.
        parent: Owner.

    Attributes:
        habit: What was chosen the last time.
    """

    def __init__(
        self,
        home: Home,
        window: MainWindow,
        runs: RunList,
        feed: IndexFeed,
        archives: ArchivePlaces,
        services: Services,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self.habit = ExportHabit()
        self._home = home
        self._window = window
        self._runs = runs
        self._feed = feed
        self._archives = archives
        self._services = services
        self._endings = ExportEndings(window, archives, runs.select_ids)
        self._relatives = Latest(services.bridge, "query", self)
        self._jobs: dict[Job, ExportWanted] = {}
        self._action = window.actions_by_id["run.export"]
        self._action.triggered.connect(self.ask)
        services.bridge.ended.connect(self._on_ended)
        archives.front_changed.connect(self.refresh)
        for signal in (runs.selection_changed, runs.view_changed, runs.arranged):
            signal.connect(self.refresh)
        self.refresh()

    def unbind(self) -> None:
        """Let go of the action: the home is closed. Jobs go on."""
        self._relatives.drop()
        self._action.triggered.disconnect(self.ask)
        self._window.actions_by_id.set_enabled("run.export", "No home is open.")

    @Slot()
    def refresh(self) -> None:
        """Enable the action where runs are selected."""
        if self._archives.front is not None:
            return
        why_not = _DELETED if self._runs.view.deleted else ""
        why_not = why_not or ("" if self._runs.selection.count() else _NO_RUN)
        self._window.actions_by_id.set_enabled("run.export", why_not)

    @Slot()
    def ask(self) -> None:
        """Ask where the selected runs are to go."""
        ids = tuple(self._runs.selected_ids())
        if not ids or self._runs.view.deleted or self._archives.front is not None:
            return
        columns = self._runs.columns
        links = columns.stored("links")
        if not any(links[slot] for slot in self._runs.selected_slots()):
            self._open(ids, Related())
            return
        self._relatives.ask(
            "Look for trials and steps",
            lambda _context: related(linked_runs(columns, deleted=False), ids),
            partial(self._open, ids),
        )

    def begin(self, wanted: ExportWanted) -> None:
        """Export as the user decided."""
        if self._services.bridge.is_closed:
            return
        kind = wanted.options.format or "zip"
        self.habit = ExportHabit(str(wanted.path.parent), kind)
        self._archives.folder.note(wanted.path)
        verb = "Move" if wanted.options.move else "Export"
        title = f"{verb} {plural(len(wanted.ids), 'run')} to {wanted.path.name or wanted.path}"
        job = Job(title, LANE, partial(_export, self._home, self._feed, wanted))
        self._jobs[job] = wanted
        retry, end = partial(self.begin, wanted), partial(sum_up, wanted.options.move)
        self._window.jobs.follow(job, "export", sum_up=end, retry=retry)
        self._services.bridge.submit(job)
        self._window.undo_bar.dismiss()

    # Inside

    def _open(self, ids: tuple[str, ...], found: Related) -> None:
        from gui.dialogs.export_dialog import ExportDialog

        columns, statuses = self._runs.columns, self._runs.columns.stored("status")
        slots = {run_id: columns.slot_of(run_id) for run_id in (*ids, *found.own)}
        running = frozenset(
            i for i, s in slots.items() if s is not None and statuses[s] == "running"
        )
        runs = Exportable(
            self._home,
            ids,
            found.own,
            plural(len(found.own), "trial or step", "trials and steps"),
            running,
            self._name_of(ids),
        )
        dialog = ExportDialog(runs, self.habit, self._services, self._window)
        dialog.chosen.connect(self.begin)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _name_of(self, ids: tuple[str, ...]) -> str:
        """What an archive may be called: after the one run, or the home."""
        if len(ids) > 1:
            return file_name(f"{self._home.name}-{len(ids)}")
        slot = self._runs.columns.slot_of(ids[0])
        operation = "" if slot is None else self._runs.columns.value("operation", slot) or ""
        return file_name(f"{operation or 'run'}-{ids[0][:8]}")

    # Slots

    @Slot(object)
    def _on_ended(self, job: Job) -> None:
        wanted = self._jobs.pop(job, None)
        if wanted is None:
            return
        is_move = wanted.options.move
        self._endings.tell(job, is_move=is_move, again=partial(self.begin, wanted))


def _export(
    home: Home, feed: IndexFeed, wanted: ExportWanted, context: JobContext
) -> ExportOutcome:
    """Count, and export; on a worker's thread."""
    from core.archives.export import export_runs  # its packers are only needed now

    context.advance(unit="bytes", item="counting")
    if not wanted.options.copy_resources:  # else more is copied than the runs hold
        sizes = (disk_size(home.runs_dir / i, context.check).bytes for i in wanted.ids)
        context.advance(total=sum(sizes))
    context.advance(item="moving" if wanted.options.move else "copying")
    outcome = export_runs(home, wanted.ids, wanted.path, wanted.options, advance=context.advance)
    if outcome.removed:
        feed.tell(News(touched=tuple((False, run_id) for run_id in outcome.removed)))
    return outcome


def file_name(text: str) -> str:
    """A name that every file system takes."""
    letters = (letter if letter.isalnum() or letter in "-_." else "-" for letter in text)
    plain = re.sub("--+", "-", "".join(letters))
    return plain.strip("-.")[:_LONGEST_NAME] or "runs"
