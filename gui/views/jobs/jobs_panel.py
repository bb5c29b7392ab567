"""The panel below the runs: the table of jobs, and two buttons in its heading."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from gui.jobs.job_list import JobList
from gui.naming import named
from gui.theme import Theme
from gui.views.jobs.jobs_table import JobsTable


class JobsPanel(QFrame):
    """Shows the jobs of a list.

    Args:
        jobs: The jobs.
        theme: Colours.
        limit: Limits how much transfers may send.
        clear: Takes off what has ended.
        hide: Hides the panel.
        parent: Owner.

    Attributes:
        table: The jobs.
    """

    def __init__(
        self,
        jobs: JobList,
        theme: Theme,
        limit: QAction,
        clear: QAction,
        hide: QAction,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("jobsPanel")
        self._theme = theme
        self.table = JobsTable(jobs, theme)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.table)
        self._buttons = QWidget(self.table)
        row = QHBoxLayout(self._buttons)
        row.setContentsMargins(0, 0, 4, 0)
        row.setSpacing(2)
        self._is_limited = False
        self._limit = named(QToolButton(), "jobsLimit")
        self._clear = named(QToolButton(), "jobsClear", "Clear finished jobs")
        self._hide = named(QToolButton(), "jobsHide", "Hide the jobs")
        for button, action in ((self._limit, limit), (self._clear, clear), (self._hide, hide)):
            button.setToolTip(action.toolTip())
            button.clicked.connect(action.trigger)
            row.addWidget(button)
        self._clear.setEnabled(clear.isEnabled())
        clear.enabledChanged.connect(self._clear.setEnabled)
        self.table.horizontalHeader().installEventFilter(self)
        theme.changed.connect(self._draw_icons)
        self.show_limit(0)
        self.setMinimumHeight(4 * self.table.verticalHeader().defaultSectionSize())

    def usual_height(self) -> int:
        """Enough for the heading and four jobs."""
        return 5 * self.table.verticalHeader().defaultSectionSize() + 6

    def show_limit(self, kilobytes: int) -> None:
        """Say how much transfers may send a second; 0 for as much as will."""
        self._is_limited = bool(kilobytes)
        now = f"{kilobytes:,} KB/s" if kilobytes else "no limit"
        self._limit.setToolTip(f"Limit the bandwidth of transfers (now: {now})")
        self._limit.setAccessibleName(f"Limit the bandwidth of transfers, now {now}")
        self._draw_icons()

    def _draw_icons(self) -> None:
        token = "accent" if self._is_limited else "muted"
        self._limit.setIcon(self._theme.icon("limit", token))
        self._clear.setIcon(self._theme.icon("clear-list", "muted"))
        self._hide.setIcon(self._theme.icon("close", "muted"))

    def _place_buttons(self) -> None:
        """At the right end of the heading, where the column of buttons has no title."""
        header = self.table.horizontalHeader()
        size = self._buttons.sizeHint()
        height = header.height() - 2
        place = header.geometry()
        self._buttons.setGeometry(
            place.right() - size.width() + 1, place.top(), size.width(), height
        )
        self._buttons.raise_()

    # Qt overrides

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.Move):
            self._place_buttons()
        return super().eventFilter(watched, event)
