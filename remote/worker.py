"""A transfer as a job: connect, plan, copy, and try again where that may help.

What may pass (a lost connection, a server that takes no more sessions) is waited for, longer each
time, as long as anything was sent in between; what cannot pass ends the job at once. After each
loss the plan is made anew: what has arrived by then is the same on both sides, and of the rest the
kept bytes are used.

Runs that go on at the server are followed where that is asked for: pulled again and again until
they have ended. That has no end of its patience, and a lane of its own, so that other transfers of
the same remote need not wait for it.

The job is in the journal from its beginning to its end, however it ends. What is found there at
the next start was killed, and can be gone on with.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from msgspec import Struct, field
from msgspec.structs import replace

from core.check import Check
from core.errors import Cancelled
from core.home import Home
from core.jobs import JobContext
from remote.connection import Connection
from remote.errors import RemoteError, TransferBusy
from remote.following import SHORTEST_SECONDS, Followed, Following
from remote.manifest import LOCK_REMOTE
from remote.memory import TransferMemory, Unfinished
from remote.moves import Tally, TransferOutcome
from remote.plan import Choice, Direction, Options
from remote.remote_home import RemoteHome, open_remote_home
from remote.transfer import Order, TransferPlan, plan_transfer, run_transfer

WAITS = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)
"""Seconds before each new try; after the last without a byte the job fails."""

Connect = Callable[[Check], Connection]


class Waiting(Struct, frozen=True):
    """A job that waits to try again, published to whoever follows it.

    Attributes:
        reason: Why, as a sentence.
        until: When it tries, on the clock of time.monotonic().
        now: Lets it try at once.
    """

    reason: str
    until: float
    now: Callable[[], None]


class GoingOn(Struct, frozen=True):
    """A job that waited and tries again, published to whoever follows it."""


class TransferRequest(Struct, frozen=True):
    """What is asked for.

    Attributes:
        home: The home here.
        remote: The remote's name.
        path: The home there, as the configuration says it.
        directions: One after another: a sync pulls and pushes.
        ids: Which runs; None for all of where they come from.
        options: What is asked for beyond.
        order: What becomes of the plan.
    """

    home: Home
    remote: str
    path: str
    directions: tuple[Direction, ...]
    ids: tuple[str, ...] | None = None
    options: Options = field(default_factory=Options)
    order: Order = field(default_factory=Order)

    @property
    def lane(self) -> str:
        """The lane of core.jobs in which it goes."""
        return f"{lane_of(self.remote)}-follow" if self.order.follows else lane_of(self.remote)


def lane_of(remote: str) -> str:
    """The lane of core.jobs for all that goes on with one remote."""
    return f"remote-{remote}"


class TransferWork:
    """The work of a job (see core.jobs.Job): call it with the job's context.

    Args:
        request: What is asked for.
        connect: Gives the connection, made anew where it was lost.
        memory: Journal, and what was last seen equal.
        plans: Plans that the user has seen, to be carried out as they are; None to make them.
        waits: Seconds before each new try.
        pause: The fewest seconds between two looks at a run that is followed.
        limit: Gives the bytes a second that may travel, which may be others meanwhile; None for
            those of the order.
        is_noted: Whoever asks keeps the line in the journal; otherwise it is there while this goes
            on.
    """

    def __init__(
        self,
        request: TransferRequest,
        connect: Connect,
        memory: TransferMemory,
        *,
        plans: Sequence[TransferPlan] | None = None,
        waits: Sequence[float] = WAITS,
        pause: float = SHORTEST_SECONDS,
        limit: Callable[[], int] | None = None,
        is_noted: bool = False,
    ) -> None:
        self._limit = limit
        self._is_noted = is_noted
        self._request = request
        self._connect = connect
        self._memory = memory
        self._plans = list(plans or ())
        self._waits = waits
        self._followed = Followed(pause)

    @property
    def going(self) -> tuple[str, ...]:
        """The runs that were pulled, as they are running there still."""
        return self._followed.ids

    def __call__(self, context: JobContext) -> TransferOutcome:
        """Do it; being cancelled ends in an outcome, too.

        Raises:
            RemoteError: It failed for good; what was done by then stays.
        """
        request = self._request
        tally = Tally(context, request.order.limit if self._limit is None else self._limit)
        number = None if self._is_noted else note_request(request, self._memory)
        cancelled = False
        try:
            for direction in request.directions:
                self._with_patience(direction, tally)
            if request.order.follows:
                self._follow(tally)
        except Cancelled:
            cancelled = True
        finally:
            if number is not None:
                self._memory.end(number)
        verified = "checksums" if request.order.is_verified else "sizes"
        return tally.outcome(verified=verified, cancelled=cancelled)

    def _with_patience(
        self, direction: Direction, tally: Tally, ids: Sequence[str] | None = None
    ) -> None:
        waits = list(self._waits)
        while True:
            sent = tally.sent
            try:
                self._once(direction, tally, ids)
            except RemoteError as e:
                if tally.sent > sent:
                    waits = list(self._waits)
                if not e.retryable or not waits:
                    raise
                self._plans.clear()
                tally.refused.clear()
                wait = waits[0] if ids is not None and len(waits) == 1 else waits.pop(0)
                _wait(wait, e, tally.context)
            else:
                return

    def _follow(self, tally: Tally) -> None:
        """Pull runs that go on until they have ended."""
        while ids := self._followed.ids:
            tally.context.publish(Following(ids))
            _sleep(self._followed.pause, tally.context)
            self._followed.forgive(tally)
            with suppress(TransferBusy):  # then the next look brings it
                self._with_patience("pull", tally, ids)
            tally.updated[:] = [i for i in dict.fromkeys(tally.updated) if i not in tally.new]
            tally.merged[:] = dict.fromkeys(tally.merged)
            self._note_seen()

    def _note_seen(self) -> None:
        """Let the runs that still go on say when they were last seen so."""
        for run_id in self._followed.ids:
            with suppress(OSError):
                os.utime(self._request.home.runs_dir / run_id / LOCK_REMOTE)

    def _once(self, direction: Direction, tally: Tally, ids: Sequence[str] | None) -> None:
        request = self._request
        there = open_remote_home(self._connect(tally.check), request.path, check=tally.check)
        try:
            plan = self._plan(direction, there, tally, ids)
            order = self._order(direction)
            run_transfer(request.home, there, plan, order, memory=self._memory, tally=tally)
        finally:
            there.close()
        if direction == "pull":
            self._followed.note(plan, order, tally)

    def _order(self, direction: Direction) -> Order:
        """What becomes of a plan: of a sync the pull alone keeps both, or each would be twice."""
        order = self._request.order
        if direction == "pull" or len(self._request.directions) == 1:
            return order
        if isinstance(order.choices, str):
            return replace(order, choices={}) if order.choices == "both" else order
        others = {run: choice for run, choice in order.choices.items() if choice != "both"}
        return replace(order, choices=others)

    def _plan(
        self, direction: Direction, there: RemoteHome, tally: Tally, again: Sequence[str] | None
    ) -> TransferPlan:
        """What is to be done: what the user saw, or of runs that are followed what is new."""
        for plan in self._plans if again is None else ():
            if plan.direction == direction:
                self._plans.remove(plan)
                return plan
        request = self._request
        ids = request.ids if again is None else again
        if ids is None and len(request.directions) == 1:
            ids = request.order.ids
        return plan_transfer(
            request.home, there, direction, ids, request.options,
            memory=self._memory, check=tally.check,
        )  # fmt: skip


def note_request(request: TransferRequest, memory: TransferMemory) -> int:
    """Write into the journal what is asked for; the number of the line."""
    ids, options = journal_words(request)
    return memory.begin(request.home.path, request.remote, request.directions[0], ids, options)


def journal_words(request: TransferRequest) -> tuple[tuple[str, ...], dict[str, object]]:
    """What the journal has of a request beside its remote: ids of runs, and options."""
    ids = request.order.ids or request.ids
    return tuple(ids or ()), {
        "all": ids is None,
        "path": request.path,
        "with_env": request.options.with_env,
        "delete": request.options.delete,
        "verify": request.order.is_verified,
        "compare": request.options.verify,
        "limit": request.order.limit,
        "choices": request.order.choices,
        "follow": request.order.follows,
        "sync": len(request.directions) > 1,
    }


def request_of(unfinished: Unfinished, home: Home) -> TransferRequest:
    """What was asked for, to go on with it, and what was decided about conflicts."""
    options = unfinished.options
    directions: tuple[Direction, ...] = (unfinished.direction,)
    if options.get("sync"):
        directions = ("pull", "push")
    limit = options.get("limit")
    rate = limit if isinstance(limit, int) else 0
    return TransferRequest(
        home,
        unfinished.remote,
        str(options.get("path", "")),
        directions,
        None if options.get("all") else unfinished.runs,
        Options(
            bool(options.get("with_env")),
            bool(options.get("delete")),
            bool(options.get("compare")),
        ),
        Order(
            choices=_choices_of(options.get("choices")),
            is_verified=bool(options.get("verify")),
            limit=rate,
            follows=bool(options.get("follow")),
        ),
    )


def _choices_of(said: object) -> Mapping[str, Choice] | Choice:
    """Decisions as the journal has them; none where it has something else."""
    known: dict[object, Choice] = {"mine": "mine", "theirs": "theirs", "both": "both"}
    if isinstance(said, str) and said in known:
        return known[said]
    items = said.items() if isinstance(said, dict) else ()
    return {
        str(run): known[choice] for run, choice in items if choice in ("mine", "theirs", "both")
    }


def _wait(seconds: float, error: RemoteError, context: JobContext) -> None:
    """Wait until it is time, until somebody wants it now, or until the job is cancelled."""
    at_once = threading.Event()
    until = time.monotonic() + seconds
    context.publish(Waiting(str(error), until, at_once.set))
    _sleep(seconds, context, at_once)
    context.publish(GoingOn())


def _sleep(seconds: float, context: JobContext, ended: threading.Event | None = None) -> None:
    """Wait, but no longer than until it is ended or the job is cancelled."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0 and not (ended and ended.is_set()):
        context.sleep(min(0.1, left))
