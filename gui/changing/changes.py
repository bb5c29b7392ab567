"""Does things to runs: one command after another, each a job, each told to the index at once.

Why one after another: Ctrl+Z pressed while a change still goes on means that change, so an undo is
not chosen when it is asked for but when what was asked before has ended.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal, Slot

from core.errors import Error
from core.jobs import Job
from core.runs.change import Change
from core.runs.refusal import PASSING, PASSING_BACK, RefusalKind
from gui.changing.change_place import ChangePlace
from gui.changing.commands import Command, CommandKind, Result, Wording
from gui.changing.history import History, Step
from gui.job_bridge import JobBridge

Kind = Literal["do", "undo", "redo"]
_MOVES: tuple[CommandKind, ...] = ("delete", "restore", "purge")
OnEnd = Callable[[Result], object]

log = logging.getLogger(__name__)


class Report(Struct, frozen=True):
    """What came of a command.

    Attributes:
        kind: Done for the first time, taken back, or done again.
        title: What the user had asked for: "Mark 3 runs".
        command: What was done now.
        result: What came of it; None when it failed as a whole or never began.
        error: Why it failed.
        is_told: Whoever asked for it has told the user where that was done.
    """

    kind: Kind
    title: str
    command: Command
    result: Result | None
    error: Error | None = None
    is_told: bool = False


class _Request(Struct, frozen=True):
    kind: Kind
    step: Step | None = None
    on_end: OnEnd | None = None


class Changer(QObject):
    """Changes the runs of one place and takes that back.

    Args:
        place: Where they are.
        bridge: Runs the jobs.
        parent: Owner.

    Attributes:
        history: What can be taken back or done again.

    Signals:
        began: A command is being done (Command).
        submitted: By which job, and what it is reported as until it ends (Job, Report).
        progressed: How far it is (core.jobs.Progress), ten times a second.
        ended: It ended, whatever came of it (Report).
        history_changed: Other steps can be taken back or done again.
    """

    began = Signal(object)
    submitted = Signal(object, object)
    progressed = Signal(object)
    ended = Signal(object)
    history_changed = Signal()

    def __init__(self, place: ChangePlace, bridge: JobBridge, parent: QObject) -> None:
        super().__init__(parent)
        self.history = History()
        self._place = place
        self._bridge = bridge
        self._waiting: deque[_Request] = deque()
        self._request: _Request | None = None
        self._step: Step | None = None
        self._job: Job | None = None
        bridge.ended.connect(self._on_ended)
        bridge.progressed.connect(self._on_progressed)

    def detach(self) -> None:
        """The runs are not shown any more: what goes on goes on, but who asked for it is gone."""
        self._waiting = deque(replace(request, on_end=None) for request in self._waiting)
        if self._request is not None:
            self._request = replace(self._request, on_end=None)

    @property
    def current(self) -> tuple[Job, Report] | None:
        """The job that goes on and what it is reported as until it ends; None while none does."""
        request, step = self._request, self._step
        if self._job is None or request is None or step is None:
            return None
        return self._job, Report(request.kind, step.title, step.command, None)

    @property
    def is_busy(self) -> bool:
        """Whether something is being done, or waits to be."""
        return self._job is not None or bool(self._waiting)

    @property
    def going_ids(self) -> frozenset[str]:
        """The runs that are being moved or erased, or wait to be."""
        steps = [self._step if self._job else None, *(request.step for request in self._waiting)]
        commands = [step.command for step in steps if step and step.command.kind in _MOVES]
        return frozenset(run_id for command in commands for run_id in command.ids)

    def apply(
        self, ids: Sequence[str], change: Change, wording: Wording, on_end: OnEnd | None = None
    ) -> None:
        """Change attributes of runs of this place (not of its trash).

        Args:
            ids: The runs; nothing happens without any.
            change: What is to become of each.
            wording: How the bar and the menus speak of it.
            on_end: Hears the result on the GUI thread, refusals and all; not called when the
                whole job failed or was cancelled before it began. It returns True where it has
                told the user, and no bar is to say it once more.
        """
        self.do(self._place.change(ids, change, wording), on_end)

    def do(self, command: Command, on_end: OnEnd | None = None) -> None:
        """Do a command as soon as what was asked for before is done."""
        if command.ids:
            step = Step(command.wording.title(len(command.ids)), command)
            self._ask(_Request("do", step, on_end))

    @Slot()
    def undo(self) -> None:
        """Take back what was done last."""
        self._ask(_Request("undo"))

    @Slot()
    def redo(self) -> None:
        """Do again what was taken back last."""
        self._ask(_Request("redo"))

    def again(self, report: Report) -> None:
        """Do once more what was refused for a reason that may have passed.

        Why an undo that lacked a right is not kept for the next Ctrl+Z: it would bar the steps
        before for as long as the right is missing. The bar offers it instead.
        """
        if report.result is None:
            return
        kinds = PASSING if report.kind == "do" else PASSING_BACK
        for_now = refused_for_now(report.result, kinds)
        rest = Step(report.title, report.command.without(set(report.command.ids) - for_now))
        kept = {"undo": self.history.undo_step, "redo": self.history.redo_step}.get(report.kind)
        self._ask(_Request(report.kind, None if kept == rest else rest))

    @Slot()
    def cancel(self) -> None:
        """Stop after the run that is being changed, and do nothing of what waits."""
        self._waiting.clear()
        if self._job is not None:
            self._job.cancel()

    def close(self) -> Callable[[], str]:
        """Let what was asked for go on without the window.

        Returns:
            Gives one sentence on what was left undone, empty for nothing, once the queue of jobs
            is closed.
        """
        begun = [(self._job, self._step)] if self._job and self._step else []
        self._job = None
        while self._waiting and not self._bridge.is_closed:
            step = self._waiting.popleft().step
            if step is not None:
                begun.append((self._bridge.submit(self._job_of(step)), step))
        return lambda: left_sentence(begun)

    # Inside

    def _ask(self, request: _Request) -> None:
        if self._bridge.is_closed:
            return
        self._waiting.append(request)
        self._begin_next()

    def _begin_next(self) -> None:
        while self._waiting and self._job is None:
            request = self._waiting.popleft()
            step = self._step_of(request)
            if step is not None:
                self._begin(request, step)

    def _step_of(self, request: _Request) -> Step | None:
        if request.step is not None:
            return request.step
        return self.history.take_undo() if request.kind == "undo" else self.history.take_redo()

    def _begin(self, request: _Request, step: Step) -> None:
        self._place.begin(step.command)
        self._request, self._step, self._job = request, step, self._job_of(step)
        self.began.emit(step.command)
        self.submitted.emit(self._job, Report(request.kind, step.title, step.command, None))
        self._bridge.submit(self._job)

    def _job_of(self, step: Step) -> Job:
        return Job(step.title, self._place.lane, partial(self._place.carry_out, step.command))

    def _remember(self, kind: Kind, step: Step, result: Result) -> None:
        """Keep what takes back what was done, and what is still to be done of a half."""
        keep, keep_rest = self.history.keep_redo, self.history.keep_undo
        if kind == "redo":
            keep, keep_rest = keep_rest, keep
        if kind == "do":
            if result.back is not None:
                self.history.add(Step(_title(step, result), result.back))
            return
        # A full disk passes; what is refused for another reason would only bar the steps before.
        is_full = any(refusal.kind == "full" for refusal in result.refused)
        waiting = refused_for_now(result) if is_full else frozenset()
        if result.cancelled or waiting:
            done = {*result.done, *(refusal.run_id for refusal in result.refused)} - waiting
            rest = step.command.without(done)
            if not result.cancelled:
                rest = rest.without(set(rest.ids) - waiting)
            if rest.ids:
                keep_rest(Step(step.title, rest))
        if result.back is not None:
            keep(Step(step.title, result.back))

    def _give_back(self, kind: Kind, step: Step) -> None:
        """It failed as a whole: it can be tried again."""
        if kind == "undo":
            self.history.keep_undo(step)
        elif kind == "redo":
            self.history.keep_redo(step)

    # Slots

    @Slot(object)
    def _on_ended(self, job: Job) -> None:
        if job is not self._job or self._request is None or self._step is None:
            return
        request, step, self._job = self._request, self._step, None
        result = job.result if isinstance(job.result, Result) else None
        if result is not None:
            self._remember(request.kind, step, result)
        else:
            self._place.fail()
            self._give_back(request.kind, step)
        self.history_changed.emit()
        error = job.error if isinstance(job.error, Error) else None
        self._tell(Report(request.kind, step.title, step.command, result, error), request.on_end)
        self._begin_next()

    def _tell(self, report: Report, on_end: OnEnd | None) -> None:
        for refusal in report.result.refused if report.result else ():
            log.info("%s: run %s: %s", report.title, refusal.run_id, refusal.reason)
        if report.result is not None and on_end is not None:
            report = replace(report, is_told=on_end(report.result) is True)
        self.ended.emit(report)

    @Slot(object)
    def _on_progressed(self, job: Job) -> None:
        if job is self._job:
            self.progressed.emit(job.context.progress)


def refused_for_now(result: Result, kinds: Collection[RefusalKind] = PASSING) -> frozenset[str]:
    """Runs that were refused for a reason that may pass."""
    return frozenset(r.run_id for r in result.refused if r.kind in kinds)


def left_sentence(begun: Sequence[tuple[Job, Step]]) -> str:
    """What was not done when the window closed, for the next time; empty when all was."""
    return " ".join(filter(None, (_left(job, step) for job, step in begun)))


def _left(job: Job, step: Step) -> str:
    if not isinstance(job.result, Result):
        return "" if job.error else f"“{step.title}” was not done: the window was closed."
    result, count = job.result, len(step.command.ids)
    if not result.cancelled:
        return ""
    done = len(result.done) + result.unchanged + len(result.refused)
    return (
        f"“{step.title}” was stopped when the window closed: {done:,} of {count:,} runs are done, "
        "the others are as they were."
    )


def _title(step: Step, result: Result) -> str:
    """What was asked for, with the number of runs that were really changed."""
    return step.command.wording.title(len(result.done))
