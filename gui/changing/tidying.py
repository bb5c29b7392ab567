"""All that changes the runs of one home in one window, put together."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, Slot

from core.home import Home
from core.jobs import JobContext
from core.runs.refusal import Refusal
from core.runs.stop import Stopped
from core.text import format_bytes
from gui.changing.after_change import AfterChange
from gui.changing.change_actions import ChangeActions
from gui.changing.change_bar import ChangeBar
from gui.changing.change_jobs import ChangeJobs
from gui.changing.run_changes import RunChanges
from gui.changing.stopper import Stopper, stopped_sentence
from gui.job_bridge import Latest
from gui.main_window import MainWindow
from gui.services import Services
from gui.table.index_feed import IndexFeed
from gui.table.run_list import RunList
from gui.views.undo_bar import BarText

log = logging.getLogger(__name__)


class Tidying(QObject):
    """Marks, stops, deletes, restores and erases runs, and takes that back.

    Args:
        home: The home.
        window: Its actions and its bar.
        runs: What is shown, and what of it is selected.
        feed: The index that hears of every change.
        services: Shared services of the window.
        parent: Owner.

    Attributes:
        changer: Changes the runs; whoever changes them uses this one.
        changes: What the actions do.
        stopper: Stops runs.
    """

    def __init__(
        self,
        home: Home,
        window: MainWindow,
        runs: RunList,
        feed: IndexFeed,
        services: Services,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._home = home
        self._window = window
        self._leftovers = Latest(services.bridge, "leftovers", self)
        self._runs = runs
        self.changer = window.changers.take(home, feed)
        self.stopper = Stopper(home, services.bridge, feed, self)
        self.changes = RunChanges(home, runs, self.changer, self.stopper, services, window, self)
        actions = window.actions_by_id
        self._actions = ChangeActions(actions, runs, self.changes, self.stopper, self)
        self._bar = ChangeBar(self.changer, window.undo_bar, actions, self)
        self._jobs = ChangeJobs(self.changer, window.jobs, self.changes.show_refusals, self)
        self._after = AfterChange(runs, self.changer, lambda: runs.view.deleted, self)
        self._bar.list_wanted.connect(self.changes.show_refusals)
        self._bar.stop_wanted.connect(self.changes.stop_first)
        self._bar.insist_wanted.connect(self.changes.insist)
        self.changes.selection_wanted.connect(self._runs.select_ids)
        self.stopper.changed.connect(self._on_stopping_changed)
        self.stopper.ended.connect(self._on_stopped)
        feed.settled.connect(self.finish_purges)

    def set_front(self, *, on: bool) -> None:
        """Whether the actions are about runs of this home."""
        self._actions.set_front(on=on)
        self._bar.set_front(on=on)

    @Slot()
    def finish_purges(self) -> None:
        """Take up what killed purges, exports and imports left; nobody waits for it."""
        work = partial(_finish, self._home)
        self._leftovers.ask("Erase what was left of deleted runs", work, self._tell_leftovers)

    def close(self) -> None:
        """Let go of the window; changes that go on are told of by whoever keeps the changer."""
        self._leftovers.drop()
        self.changes.close()
        self.stopper.close()
        self._actions.unbind()
        self._bar.unbind()
        self._window.changers.park()

    # Slots

    @Slot(int)
    def mark(self, slot: int) -> None:
        """Mark a run by its star, or take the mark off; not in the trash."""
        if not self._runs.view.deleted:
            self.changes.mark_ids([self._runs.columns.value("id", slot)])

    def _tell_leftovers(self, sentences: tuple[str, ...]) -> None:
        for sentence in sentences:
            log.info("%s", sentence)
        if sentences:
            self._window.undo_bar.say(BarText(" ".join(sentences)))

    @Slot()
    def _on_stopping_changed(self) -> None:
        slots = map(self._runs.columns.slot_of, self.stopper.stopping)
        self._runs.model.show_stopping(frozenset(slot for slot in slots if slot is not None))

    @Slot(list, list)
    def _on_stopped(self, stopped: Sequence[Stopped], refused: Sequence[Refusal]) -> None:
        sentence = stopped_sentence(stopped, refused)

        def show() -> None:
            from gui.dialogs.refusals_dialog import RefusalsDialog  # most starts show none

            dialog = RefusalsDialog(sentence, refused, self._window)
            dialog.selection_wanted.connect(self._runs.select_ids)
            dialog.open()

        buttons = [("Show", show)] if len(refused) > 1 else []
        self._window.undo_bar.say(BarText(sentence, buttons, is_lasting=bool(refused)))


def _finish(home: Home, context: JobContext) -> tuple[str, ...]:
    """Take up what killed processes left; sentences on what the user should know of it."""
    # Here, as the window stands before they are needed.
    from core.archives.incoming import finish as finish_imports
    from core.runs.purge import finish

    try:
        freed = finish(home, context.check)
        if freed:
            said = format_bytes(freed)
            log.info("%s of deleted runs were left by a purge that did not end", said)
        return finish_imports(home, context.check)
    except OSError as e:
        log.warning("What killed processes left cannot be removed: %s", e)
        return ()
