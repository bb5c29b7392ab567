"""Stops runs: each on a lane of its own, so that one that does not end keeps no other waiting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from core.errors import Error, StopRefused
from core.home import Home
from core.index.news import News
from core.jobs import Job, JobContext, JobState
from core.runs.refusal import Refusal
from core.runs.stop import Stopped, stop
from core.runs.store import Store
from core.text import lower_first, plural
from gui.job_bridge import JobBridge
from gui.table.index_feed import IndexFeed

LANES = 8

Then = Callable[[Sequence[str]], object]


class _Round:
    """Runs that are stopped together, and what becomes of them."""

    def __init__(self, then: Then | None) -> None:
        self.then = then
        self.waiting: set[str] = set()
        self.stopped: list[Stopped] = []
        self.refused: list[Refusal] = []
        self.over: list[str] = []

    def refuse(self, run_id: str, error: Error) -> None:
        """It was not stopped; what ended by itself bars nothing that is to follow."""
        if self.then is not None and isinstance(error, StopRefused) and error.is_over:
            self.over.append(run_id)
        else:
            self.refused.append(Refusal(run_id, error.told))


class Stopper(QObject):
    """Stops the runs of one home.

    Args:
        home: The home.
        bridge: Runs the jobs.
        feed: The index that hears of it.
        parent: Owner.

    Signals:
        changed: Other runs are being stopped; `stopping` says which.
        ended: All runs that were to be stopped together have ended or refused: those that have
            (a list of core.runs.stop.Stopped) and those that have not (a list of Refusal). Neither
            are those that had ended by themselves, where something is to follow.
    """

    changed = Signal()
    ended = Signal(list, list)

    def __init__(self, home: Home, bridge: JobBridge, feed: IndexFeed, parent: QObject) -> None:
        super().__init__(parent)
        self._store = Store(home.runs_dir)
        self._bridge = bridge
        self._feed = feed
        self._jobs: dict[Job, tuple[str, _Round]] = {}
        bridge.ended.connect(self._on_ended)

    @property
    def stopping(self) -> frozenset[str]:
        """Ids of the runs that are being stopped."""
        return frozenset(run_id for run_id, _ in self._jobs.values())

    def stop(self, ids: Sequence[str], then: Then | None = None) -> None:
        """Stop runs.

        Args:
            ids: The runs; those that are being stopped already are left out.
            then: Hears the ids of those that have ended, unless none has.
        """
        round_ = _Round(then)
        for run_id in ids:
            if run_id in self.stopping or self._bridge.is_closed:
                continue
            work = partial(_stop, self._store, run_id)
            job = Job(f"Stop run {run_id[:8]}", self._free_lane(), work)
            self._jobs[job] = run_id, round_
            round_.waiting.add(run_id)
            self._bridge.submit(job)
        self.changed.emit()

    def close(self) -> None:
        """Hear of nothing any more; what does not end is still killed, as the user was told."""
        self._jobs = {}

    def _free_lane(self) -> str:
        """The lane with the fewest jobs: an empty one, unless very many runs are being stopped."""
        taken = Counter(job.lane for job in self._jobs)
        return min((f"stop-{number}" for number in range(LANES)), key=taken.__getitem__)

    @Slot(object)
    def _on_ended(self, job: Job) -> None:
        run_id, round_ = self._jobs.pop(job, ("", None))
        if round_ is None:
            return
        round_.waiting.discard(run_id)
        if isinstance(job.result, Stopped):
            round_.stopped.append(job.result)
        elif isinstance(job.error, Error):
            round_.refuse(run_id, job.error)
        elif job.state is not JobState.CANCELLED:
            round_.refused.append(Refusal(run_id, f"Run {run_id[:8]} could not be stopped."))
        self._feed.tell(News(touched=((False, run_id),)))
        self.changed.emit()
        if not round_.waiting:
            self._finish(round_)

    def _finish(self, round_: _Round) -> None:
        if round_.stopped or round_.refused:
            self.ended.emit(round_.stopped, round_.refused)
        ended = [*(stopped.run_id for stopped in round_.stopped), *round_.over]
        if round_.then is not None and ended:
            round_.then(ended)


def stopped_sentence(stopped: Sequence[Stopped], refused: Sequence[Refusal]) -> str:
    """What became of runs that were to be stopped."""
    parts: list[str] = []
    if len(stopped) == 1:
        parts.append(f"Stopped run {stopped[0].run_id[:8]}")
    elif stopped:
        parts.append(f"Stopped {plural(len(stopped), 'run')}")
    killed = sum(bool(item.killed) for item in stopped)
    if killed:
        parts.append("it had to be killed" if len(stopped) == 1 else f"{killed} had to be killed")
    if len(refused) == 1:
        reason = refused[0].reason.removesuffix(".")
        parts.append(lower_first(reason) if parts else reason)
    elif refused:
        parts.append(f"{len(refused):,} could not be stopped")
    return f"{'; '.join(parts)}."


def _stop(store: Store, run_id: str, context: JobContext) -> Stopped:
    return stop(store, run_id, check=context.check)
