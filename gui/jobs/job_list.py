"""The jobs that the user asked for, from their start until they are cleared away.

Why they are not all jobs: reading the index, arranging rows and the like go on all the time, and
nobody asked for them. Who starts a job for the user tells this list of it, and says what the
result means in a sentence.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from msgspec import Struct, field
from PySide6.QtCore import QObject, Signal, Slot

from core.errors import Error
from core.jobs import Job, JobContext, JobState
from gui.job_bridge import JobBridge
from gui.jobs.job_speed import Speed
from gui.jobs.job_text import Grade, Look, Recess, look_of_end, look_of_job, look_of_recess

MOST_FINISHED = 100
"""So many jobs that have ended are kept; the oldest that did not fail go first."""

Act = Callable[[], object]


class JobQuestion(Struct, frozen=True):
    """What a job waits to be told by the user.

    Attributes:
        text: Its words on the row: "passphrase for id_ed25519".
        button: What the button beside them says.
        open: Shows the dialog of the question.
    """

    text: str
    button: str
    open: Act


class JobEnd(Struct, frozen=True):
    """What came of a job.

    Attributes:
        grade: How well it went.
        sentence: What was done, or what went wrong and what to do.
        show: Shows more of it; None when there is nothing to show.
        retry: Does it, or what is left of it, once more; None where that makes no sense.
    """

    grade: Grade
    sentence: str
    show: Act | None = None
    retry: Act | None = None


SumUp = Callable[[object], JobEnd]


def _done(_result: object) -> JobEnd:
    return JobEnd("done", "done")


class UserJob(Struct, eq=False):
    """One job that the user asked for.

    Attributes:
        job: The job.
        icon: Sign of its kind.
        sum_up: Says what its result means.
        retry: Asks for the same once more; None where that makes no sense.
        speed: How fast it is.
        end: What came of it; None until then.
        question: What it waits to be told; None while it goes on.
        recess: Since it could not go on, it waits before it tries again; None while it goes on.
        is_resumed: Whether the next start offers to go on with it, should the program end before.
    """

    job: Job
    icon: str
    sum_up: SumUp
    retry: Act | None
    speed: Speed = field(default_factory=Speed)
    end: JobEnd | None = None
    question: JobQuestion | None = None
    recess: Recess | None = None
    is_resumed: bool = False

    @property
    def look(self) -> Look:
        """How its state is shown."""
        if self.end is not None:
            return look_of_end(self.end.grade, self.end.sentence)
        if self.job.context.is_cancelled or self.job.context.is_held:
            return look_of_job(self.job)
        if self.question is not None:
            question = self.question
            return Look("state-asking", "warning", question.text, question.button)
        if self.recess is not None:
            return look_of_recess(self.recess, time.monotonic())
        return look_of_job(self.job)

    def answer(self) -> None:
        """Do what the button beside the state says: open the question, or try again now."""
        if self.question is not None:
            self.question.open()
        elif self.recess is not None:
            self.recess.end()

    @property
    def retry_act(self) -> Act | None:
        """What does it once more, now that it has ended otherwise than well."""
        if self.end is None or self.end.grade == "done":
            return None
        if self.end.retry is not None:
            return self.end.retry
        return self.retry if self.end.grade in ("failed", "cancelled") else None


class JobList(QObject):
    """Follows jobs and keeps what came of them.

    Args:
        bridge: Tells of the jobs.
        parent: Owner.
        clock: Monotonic seconds.

    Attributes:
        jobs: The jobs, the oldest first.

    Signals:
        about_to_add: A job comes after the last one.
        added: It has (its row).
        about_to_drop: A row goes.
        dropped: It is gone.
        about_to_reorder: Rows change places.
        reordered: They have.
        changed: A row says something else (its row).
        ended: A job has ended (UserJob).
        counted: Other numbers of jobs wait, go on, or have ended.
        asked: A job waits to be told something (UserJob).
    """

    about_to_add = Signal()
    added = Signal(int)
    about_to_drop = Signal(int)
    dropped = Signal()
    about_to_reorder = Signal()
    reordered = Signal()
    changed = Signal(int)
    ended = Signal(object)
    counted = Signal()
    asked = Signal(object)

    def __init__(
        self, bridge: JobBridge, parent: QObject, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(parent)
        self._clock = clock
        self._bridge = bridge
        self.jobs: list[UserJob] = []
        bridge.state_changed.connect(self._on_state_changed)
        bridge.progressed.connect(self._on_progressed)
        bridge.ended.connect(self._on_ended)

    def follow(
        self,
        job: Job,
        icon: str,
        *,
        sum_up: SumUp = _done,
        retry: Act | None = None,
        is_resumed: bool = False,
    ) -> UserJob:
        """Show a job from now on; it may wait already, but must not have ended.

        Args:
            job: The job; its title is what the user asked for.
            icon: Sign of its kind.
            sum_up: Says on the GUI thread what its result means.
            retry: Asks for the same once more, should it fail or be cancelled.
            is_resumed: Whether the next start offers to go on with it.
        """
        row = UserJob(job, icon, sum_up, retry, is_resumed=is_resumed)
        self.about_to_add.emit()
        self.jobs.append(row)
        self.added.emit(len(self.jobs) - 1)
        self.counted.emit()
        return row

    def end(self, job: Job, end: JobEnd) -> None:
        """Say something else of a job that has ended; nothing where it is not listed any more."""
        number = self._number_of(job)
        if number is not None:
            self.jobs[number].end = end
            self.changed.emit(number)
            self.counted.emit()

    def is_listed(self, job: Job) -> bool:
        """Whether there is a row for a job."""
        return self._number_of(job) is not None

    def row_of(self, context: JobContext) -> UserJob | None:
        """The row of the job with this context."""
        return next((row for row in self.jobs if row.job.context is context), None)

    def set_question(self, row: UserJob, question: JobQuestion | None) -> None:
        """A job waits to be told something, or no longer."""
        row.question = question
        self._tell(row)
        if question is not None and row.end is None:
            self.asked.emit(row)

    def set_recess(self, row: UserJob, recess: Recess | None) -> None:
        """A job waits before it tries again, or no longer."""
        row.recess = recess
        row.speed.forget()
        self._tell(row)

    # What the user does

    def cancel(self, rows: Iterable[UserJob]) -> None:
        """Ask jobs to stop."""
        self._on_each(rows, lambda row: row.job.cancel())

    def hold(self, rows: Iterable[UserJob]) -> None:
        """Ask jobs to wait."""
        self._on_each(rows, lambda row: row.job.pause())

    def let_go(self, rows: Iterable[UserJob]) -> None:
        """Let jobs go on."""
        self._on_each(rows, lambda row: row.job.resume())

    def put_first(self, rows: Iterable[UserJob]) -> None:
        """Let jobs that wait be the next ones of their lanes, in this order."""
        for row in reversed(list(rows)):
            waiting = self._bridge.waiting(row.job.lane)
            if waiting and row.job in waiting:
                self._put_before(row, waiting[0])

    def move(self, rows: Iterable[UserJob], by: int) -> None:
        """Let jobs that wait be done earlier (-1) or later (1) than one other of their lane."""
        moved = list(rows)
        for row in moved if by < 0 else reversed(moved):
            waiting = self._bridge.waiting(row.job.lane)
            place = waiting.index(row.job) + by if row.job in waiting else -1
            among = {each.job for each in moved}
            if 0 <= place < len(waiting) and waiting[place] not in among:
                after = next(iter(waiting[place + 1 :]), None)
                self._put_before(row, waiting[place] if by < 0 else after)

    def move_to(self, rows: Iterable[UserJob], number: int) -> None:
        """Let jobs that wait be done before those of their lanes from a row on."""
        moved = list(rows)
        among = {row.job for row in moved}
        for row in moved:
            below = [
                each.job
                for each in self.jobs[number:]
                if each.job.lane == row.job.lane and each.job not in among
            ]
            waiting = self._bridge.waiting(row.job.lane)
            self._put_before(row, next((job for job in below if job in waiting), None))

    def can_move(self, row: UserJob) -> bool:
        """Whether a job waits together with others."""
        return row.end is None and row.job in self._bridge.waiting(row.job.lane)

    def retry(self, rows: Iterable[UserJob]) -> None:
        """Ask for the same once more; the row of the first attempt goes."""
        for row in list(rows):
            act = row.retry_act
            if act is not None:
                self.drop([row])
                act()

    def drop(self, rows: Iterable[UserJob]) -> None:
        """Take jobs that have ended off the list."""
        for row in [row for row in rows if row.end is not None and row in self.jobs]:
            number = self.jobs.index(row)
            self.about_to_drop.emit(number)
            del self.jobs[number]
            self.dropped.emit()
        self.counted.emit()

    @Slot()
    def clear_finished(self) -> None:
        """Take every job that has ended off the list."""
        self.drop(self.jobs[:])

    # Inside

    def _put_before(self, row: UserJob, other: Job | None) -> None:
        """Reorder the lane, and its rows as it is done: who waits stands in the order of turns."""
        if not self._bridge.put_before(row.job, other):
            return
        turns = {job: turn for turn, job in enumerate(self._bridge.waiting(row.job.lane))}
        numbers = [number for number, each in enumerate(self.jobs) if each.job in turns]
        in_turn = sorted((self.jobs[number] for number in numbers), key=lambda r: turns[r.job])
        self.about_to_reorder.emit()
        for number, each in zip(numbers, in_turn, strict=True):
            self.jobs[number] = each
        self.reordered.emit()

    def _tell(self, row: UserJob) -> None:
        if row in self.jobs:
            self.changed.emit(self.jobs.index(row))

    def _number_of(self, job: Job) -> int | None:
        return next((n for n, row in enumerate(self.jobs) if row.job is job), None)

    def _on_each(self, rows: Iterable[UserJob], do: Callable[[UserJob], None]) -> None:
        for row in [row for row in rows if row.end is None and row in self.jobs]:
            do(row)
            row.speed.forget()
            self.changed.emit(self.jobs.index(row))

    def _bound(self) -> None:
        """Forget the oldest jobs that have ended, where there are too many."""
        finished = [row for row in self.jobs if row.end is not None]
        too_many = len(finished) - MOST_FINISHED
        if too_many > 0:
            self.drop(sorted(finished, key=_is_failed)[:too_many])

    # Slots

    @Slot(object)
    def _on_state_changed(self, job: Job) -> None:
        number = self._number_of(job)
        if number is not None and not job.state.is_final:
            self.jobs[number].speed.forget()
            self.changed.emit(number)

    @Slot(object)
    def _on_progressed(self, job: Job) -> None:
        number = self._number_of(job)
        if number is not None and job.state is JobState.RUNNING:
            self.jobs[number].speed.note(self._clock(), job.context.progress.done)
            self.changed.emit(number)

    @Slot(object)
    def _on_ended(self, job: Job) -> None:
        number = self._number_of(job)
        if number is None:
            return
        row = self.jobs[number]
        row.question = row.recess = None
        row.end = _end_of(row)
        self.changed.emit(number)
        self._bound()
        self.counted.emit()
        self.ended.emit(row)


def _end_of(row: UserJob) -> JobEnd:
    error = row.job.error
    if row.job.state is JobState.DONE:
        return row.sum_up(row.job.result)
    if row.job.state is JobState.CANCELLED:
        return JobEnd("cancelled", "cancelled")
    if isinstance(error, Error):
        return JobEnd("failed", error.told)
    return JobEnd("failed", "It failed unexpectedly; the report and the log say more.")


def _is_failed(row: UserJob) -> bool:
    return row.end is not None and row.end.grade == "failed"
