"""Imports runs: shows what would come, does it by a job, and says what came of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QGuiApplication

from core.errors import Error
from core.home import Home
from core.index.news import News
from core.jobs import Job, JobContext, JobState
from core.text import plural
from gui.archives.archive_places import ArchivePlaces
from gui.archives.exporting import LANE
from gui.archives.import_text import arrived, import_grade, import_sentence, is_clean, left_out
from gui.changing.changes import Changer
from gui.changing.commands import DeleteRuns
from gui.changing.home_runs import HomeRuns
from gui.jobs.job_list import JobEnd
from gui.main_window import MainWindow
from gui.run_mime import runs_from
from gui.services import Services
from gui.table.index_feed import IndexFeed
from gui.table.run_list import RunList
from gui.views.undo_bar import BarText

if TYPE_CHECKING:
    from core.archives.importing import ImportOutcome
    from gui.archives.import_look import ImportWanted
    from gui.dialogs.import_preview import ImportPreview

_NO_HOME = "No home is open."

log = logging.getLogger(__name__)


class Importing(QObject):
    """Connects what brings runs in with one home.

    Args:
        home: Where they go.
        window: Its actions, its bar and its jobs.
        runs: What is shown.
        feed: The index that hears of them.
        changer: Takes an import back.
        services: Shared services of the window.
        archives: Know where archives were last looked for; own this.

    Signals:
        home_wanted: Open this home instead of importing it (its path).
    """

    home_wanted = Signal(object)

    def __init__(
        self,
        home: Home,
        window: MainWindow,
        runs: RunList,
        feed: IndexFeed,
        changer: Changer,
        services: Services,
        archives: ArchivePlaces,
    ) -> None:
        super().__init__(archives)
        self._home = home
        self._window = window
        self._runs = runs
        self._feed = feed
        self._changer = changer
        self._folder = archives.folder
        self._services = services
        self._preview: ImportPreview | None = None
        self._jobs: dict[Job, ImportWanted] = {}
        self._bound: list[tuple[str, Callable[[], object]]] = [
            ("run.import", self.ask),
            ("run.paste", self.paste),
        ]
        for id_, do in self._bound:
            window.actions_by_id[id_].triggered.connect(do)
            window.actions_by_id.set_enabled(id_, "")
        services.bridge.ended.connect(self._on_ended)

    def unbind(self) -> None:
        """Let go of the actions: the home is closed. Jobs go on."""
        for id_, do in self._bound:
            self._window.actions_by_id[id_].triggered.disconnect(do)
            self._window.actions_by_id.set_enabled(id_, _NO_HOME)
        self._bound = []
        if self._preview is not None:
            self._preview.reject()

    @Slot()
    def ask(self) -> None:
        """Let the user choose archives, in front of a preview that takes directories too."""
        preview = self._shown_preview()
        preview.browse_files()

    @Slot()
    def paste(self) -> None:
        """Preview the files and directories that were copied."""
        copied = QGuiApplication.clipboard().mimeData()
        runs = runs_from(copied)
        if runs is not None and runs.file is not None:
            self.preview_some(runs.file, runs.ids)
            return
        urls = copied.urls()
        paths = [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
        if paths:
            self.preview(paths)
        else:
            sentence = "Nothing to paste: copy runs, directories or archives first."
            self._window.undo_bar.say(BarText(sentence))

    def preview(self, paths: Sequence[Path]) -> None:
        """Show what an import of these places would bring, beside what is shown already."""
        self._shown_preview().add(paths)

    @Slot(object, object)
    def preview_some(self, path: Path, ids: Sequence[str] | None) -> None:
        """Show what an import of some runs of an archive, or of all, would bring."""
        if ids is None:
            self.preview([path])
        else:
            self._shown_preview().add_some(path, ids)

    def _shown_preview(self) -> ImportPreview:
        if self._preview is None:
            from gui.dialogs.import_preview import ImportPreview

            preview = ImportPreview(self._home, self._services, self._window, self._folder)
            preview.chosen.connect(self.begin)
            preview.home_wanted.connect(self.home_wanted)
            preview.finished.connect(self._on_closed)
            preview.finished.connect(preview.deleteLater)
            self._preview = preview
            preview.open()
        return self._preview

    def begin(self, wanted: ImportWanted) -> None:
        """Import as the user decided."""
        title = f"Import {plural(len(wanted.items), 'run')} from {_titles(wanted)}"
        job = Job(title, LANE, partial(_import, self._home, self._feed, wanted))
        self._jobs[job] = wanted
        self._window.jobs.follow(job, "import", sum_up=_sum_up)
        self._services.bridge.submit(job)
        self._window.undo_bar.dismiss()

    # Inside

    def _undo(self, outcome: ImportOutcome) -> None:
        self._changer.do(DeleteRuns(HomeRuns(self._home), arrived(outcome)))

    def _list(self, sentence: str, outcome: ImportOutcome) -> None:
        from gui.dialogs.refusals_dialog import RefusalsDialog  # most starts show none

        dialog = RefusalsDialog(sentence, left_out(outcome), self._window)
        dialog.selection_wanted.connect(self._runs.select_ids)
        dialog.open()

    def _acts(
        self, outcome: ImportOutcome, sentence: str
    ) -> list[tuple[str, Callable[[], object]]]:
        acts: list[tuple[str, Callable[[], object]]] = []
        here = (*arrived(outcome), *outcome.replaced, *outcome.merged)
        if is_clean(outcome):
            acts.append(("Undo", partial(self._undo, outcome)))
        if here:
            acts.append(("Select", partial(self._runs.select_ids, here)))
        if left_out(outcome):
            acts.append(("List", partial(self._list, sentence, outcome)))
        return acts

    # Slots

    @Slot()
    def _on_closed(self) -> None:
        self._preview = None

    @Slot(object)
    def _on_ended(self, job: Job) -> None:
        wanted = self._jobs.pop(job, None)
        if wanted is None:
            return
        wanted.opened.close()
        bar = self._window.undo_bar
        if job.state is JobState.DONE:
            outcome = cast("ImportOutcome", job.result)
            for remark in outcome.remarks:
                log.info("%s: %s", job.title, remark)
            sentence = import_sentence(outcome)
            acts = self._acts(outcome, sentence)
            end = _sum_up(outcome)
            self._window.jobs.end(job, JobEnd(end.grade, end.sentence, _show_of(acts)))
            bar.say(BarText(sentence, acts, is_lasting=end.grade != "done"))
        elif isinstance(job.error, Error):
            bar.say(BarText(job.error.told, is_lasting=True))


def _import(
    home: Home, feed: IndexFeed, wanted: ImportWanted, context: JobContext
) -> ImportOutcome:
    """Import, and tell the index; on a worker's thread."""
    from core.archives.importing import import_runs  # not needed to open a window
    from core.archives.plan import ImportPlan

    sizes = (item.size for item in wanted.items if wanted.choices.get(item.run.id) != "merge")
    context.advance(total=sum(sizes), unit="bytes", item="copying")
    plan = ImportPlan(wanted.items)
    outcome = import_runs(home, plan, wanted.choices, advance=context.advance)
    here = (*arrived(outcome), *outcome.replaced, *outcome.merged)
    in_trash = ((True, run_id) for run_id in outcome.replaced)
    feed.tell(News(touched=(*((False, run_id) for run_id in here), *in_trash)))
    return outcome


def _sum_up(result: Any) -> JobEnd:
    return JobEnd(import_grade(result), import_sentence(result))


def _titles(wanted: ImportWanted) -> str:
    titles = list({item.source.path: item.source.title for item in wanted.items}.values())
    more = len(titles) - 1
    return f"{titles[0]} and {plural(more, 'more', 'more')}" if more else titles[0]


def _show_of(acts: Sequence[tuple[str, Callable[[], object]]]) -> Callable[[], object] | None:
    """What the jobs panel shows of a result: the list of what was left out, else the runs."""
    return next((do for text, do in reversed(acts) if text != "Undo"), None)
