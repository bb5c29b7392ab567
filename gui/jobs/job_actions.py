"""What the actions on jobs do, when they can be done, and when the panel opens by itself."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QPoint, QTimer, Slot
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QMenu

from core.jobs import JobState
from gui.action_set import ActionSet, fill_menu
from gui.jobs.job_list import JobList, UserJob
from gui.jobs.job_text import counts_text
from gui.menus import JOBS_MENU
from gui.views.jobs.jobs_delegate import ActName, acts_of
from gui.views.jobs.jobs_panel import JobsPanel
from gui.views.status_line import StatusLine

NEWS_MS = 20_000
"""So long the status bar says that jobs have finished; a failure stays until it is cleared."""

_NONE = "No job is selected that this could be done to."


class JobActions(QObject):
    """Joins the actions of a window with its jobs.

    Args:
        actions: Those of the window.
        jobs: The jobs.
        panel: Where they are shown.
        status: Says how many there are.
        parent: Owner.
    """

    def __init__(
        self,
        actions: ActionSet,
        jobs: JobList,
        panel: JobsPanel,
        status: StatusLine,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._actions = actions
        self._jobs = jobs
        self._panel = panel
        self._status = status
        does: dict[str, Callable[[], object]] = {
            "job.pause": self.pause,
            "job.answer": lambda: self._act("answer"),
            "job.next": lambda: self._jobs.put_first(self._targets()),
            "job.earlier": lambda: self._jobs.move(self._targets(), -1),
            "job.later": lambda: self._jobs.move(self._targets(), 1),
            "job.cancel": lambda: self._act("cancel"),
            "job.retry": lambda: self._act("retry"),
            "job.show": lambda: self._act("show"),
            "job.clear": jobs.clear_finished,
        }
        for id_, do in does.items():
            actions.on(id_, do)
        self._news = QTimer(self, singleShot=True, interval=NEWS_MS)
        self._news.timeout.connect(self._on_old_news)
        jobs.counted.connect(self.refresh)
        jobs.ended.connect(self._on_ended)
        jobs.asked.connect(self._on_asked)
        panel.table.selection_changed.connect(self.refresh)
        panel.table.context_requested.connect(self._on_context_requested)
        status.jobs.clicked.connect(actions["view.toggle-jobs"].trigger)
        self.refresh()

    def open_panel(self) -> None:
        """Show the panel."""
        self._actions["view.toggle-jobs"].setChecked(True)

    @Slot()
    def pause(self) -> None:
        """Let the selected jobs wait; or go on, where one of them waits already."""
        self._act("resume" if self._able("resume") else "pause")

    @Slot()
    def refresh(self) -> None:
        """Enable what can be done, and count."""
        is_held = bool(self._able("resume"))
        self._actions["job.pause"].setText("&Resume Job" if is_held else "&Pause Job")
        can_pause = is_held or bool(self._able("pause"))
        self._actions.set_enabled("job.pause", "" if can_pause else _NONE)
        names: tuple[ActName, ...] = ("cancel", "retry", "show")
        for name in names:
            self._actions.set_enabled(f"job.{name}", "" if self._able(name) else _NONE)
        is_asked = any(row.look.button for row in self._targets())
        self._actions.set_enabled("job.answer", "" if is_asked else "No selected job asks.")
        is_queued = any(row.job.state is JobState.QUEUED for row in self._targets())
        for id_ in ("job.next", "job.earlier", "job.later"):
            self._actions.set_enabled(id_, "" if is_queued else "No selected job waits.")
        ends = [row.end for row in self._jobs.jobs if row.end is not None]
        self._actions.set_enabled("job.clear", "" if ends else "No job has ended.")
        failed = sum(end.grade == "failed" for end in ends)
        going = len(self._jobs.jobs) - len(ends)
        finished = len(ends) if self._news.isActive() else 0
        self._status.show_jobs(counts_text(going, failed, finished), is_failed=bool(failed))

    # Inside

    def _targets(self) -> list[UserJob]:
        return self._panel.table.selected_jobs()

    def _able(self, name: ActName) -> list[UserJob]:
        return [row for row in self._targets() if name in acts_of(row)]

    def _act(self, name: ActName) -> None:
        self._panel.table.act(name, self._targets())
        self.refresh()

    # Slots

    @Slot(object)
    def _on_ended(self, row: UserJob) -> None:
        """A job that failed is seen: the panel opens, and the screen reader says it."""
        if row.end is None:
            return
        self._news.start()
        self.refresh()
        if row.end.grade == "failed":
            self.open_panel()
        said = f"{row.job.title}: {row.end.sentence}"
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._panel.table, said))

    @Slot()
    def _on_old_news(self) -> None:
        """Who looked elsewhere is told when they come back, for as long."""
        if not self._panel.isActiveWindow():
            self._news.start()
        self.refresh()

    @Slot(object)
    def _on_asked(self, row: UserJob) -> None:
        """A question is seen, and heard; it opens when it is clicked."""
        self.open_panel()
        said = f"{row.job.title}: {row.look.text}"
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._panel.table, said))
        self.refresh()

    @Slot(QPoint)
    def _on_context_requested(self, position: QPoint) -> None:
        menu = QMenu(self._panel)
        fill_menu(menu, JOBS_MENU, self._actions)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(position)
