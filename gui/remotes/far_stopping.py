"""Stops runs of one remote, beside all else that is done there.

Why each time on a lane of its own: a process may take half a minute to end, and whoever labels a
run meanwhile, or stops another one, need not wait for that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal, Slot

from gui.changing.change_jobs import ChangeJobs
from gui.changing.change_text import needs_attention, sentence_of
from gui.changing.changes import Changer, Report
from gui.main_window import MainWindow
from gui.remotes.far_place import FarPlace
from gui.remotes.stop_there import StopThere
from gui.services import Services
from gui.views.undo_bar import BarText


class FarStopping(QObject):
    """Stops runs of a remote, and tells when they have ended, or that they have not.

    Args:
        place: Where they are.
        window: Its bar and its jobs.
        services: Shared services of the window.
        show: Lists the runs that were refused.
        parent: Owner.

    Signals:
        changed: Other runs are being stopped.
        ended: Some have ended, or refused (Report).
    """

    changed = Signal()
    ended = Signal(object)

    def __init__(
        self,
        place: FarPlace,
        window: MainWindow,
        services: Services,
        show: Callable[[Report], object],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._place = place
        self._window = window
        self._bridge = services.bridge
        self._show = show
        self._changers: list[Changer] = []

    @property
    def stopping(self) -> frozenset[str]:
        """Ids of the runs that are being stopped."""
        reports = [current[1] for each in self._changers if (current := each.current) is not None]
        return frozenset(run_id for report in reports for run_id in report.command.ids)

    def stop(self, ids: Sequence[str]) -> None:
        """Stop runs; those that are being stopped already are left out."""
        wanted = tuple(run_id for run_id in ids if run_id not in self.stopping)
        if wanted:
            self._idle().do(StopThere(self._place, wanted))
            self.changed.emit()

    def close(self) -> None:
        """Let go of the window; whoever was asked to end by then does."""
        for changer in self._changers:
            changer.close()

    # Inside

    def _idle(self) -> Changer:
        """A changer that does nothing now."""
        for changer in self._changers:
            if not changer.is_busy:
                return changer
        number = len(self._changers) + 1
        place = FarPlace(self._place.name, self._place.remotes, f"stop {number}")
        changer = Changer(place, self._bridge, self)
        ChangeJobs(changer, self._window.jobs, self._show, self)
        changer.began.connect(lambda _command: self.changed.emit())
        changer.ended.connect(self._on_ended)
        self._changers.append(changer)
        return changer

    # Slots

    @Slot(object)
    def _on_ended(self, report: Report) -> None:
        self.changed.emit()
        show = [("Show", lambda: self._show(report))]
        has_list = report.result is not None and len(report.result.refused) > 1
        bar = BarText(
            sentence_of(report), show if has_list else [], is_lasting=needs_attention(report)
        )
        self._window.undo_bar.say(bar)
        self.ended.emit(report)
