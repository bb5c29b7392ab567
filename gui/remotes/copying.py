"""What push, pull and sync do on a worker's thread: compare, copy, try again, follow.

What may pass (a lost connection, a host that is busy) is waited for, longer each time; what cannot
pass ends the job at once. What has arrived by then stays, so that the next try goes on with the
rest: both sides are compared anew before it, as another program may have been there meanwhile.

The journal has the job as long as it goes on. Whoever cancels it strikes it out; a crash, or the
end of the program, does not, and the next start offers to go on.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from core.errors import Error
from core.home import Home
from core.jobs import JobContext
from gui.job_text import Recess
from gui.remotes.plan_rows import Compared, orders_of
from gui.remotes.remote_set import RemoteSet
from gui.remotes.remote_state import address_of
from gui.remotes.transfer_row import Direction, TransferOptions, TransferWanted

if TYPE_CHECKING:
    from remote.memory import TransferMemory, Unfinished
    from remote.moves import TransferOutcome
    from remote.remote_home import RemoteHome
    from remote.transfer import TransferPlan

WAITS = (1.0, 2.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0)
"""Seconds before each further try; the last one repeats."""
FOLLOW_SECONDS = 4.0
"""How often it is asked what a running run has written since."""
_GLANCE = 0.1

GOES_ON = Recess("", 0.0, lambda: None)
"""Published when a job goes on that had waited."""

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Task:
    """What is asked for.

    Attributes:
        home: The home here.
        remote: The remote's name.
        direction: Which way.
        ids: The runs; None for all.
        options: How they are copied.
    """

    home: Home
    remote: str
    direction: Direction
    ids: tuple[str, ...] | None
    options: TransferOptions


class Copier:
    """Compares and copies; its methods run on workers' threads.

    Args:
        remotes: Connects.
        state_dir: Where it is remembered what was copied.
    """

    def __init__(self, remotes: RemoteSet, state_dir: Path) -> None:
        self._remotes = remotes
        self._state_dir = state_dir

    def compare(self, task: Task, context: JobContext) -> Compared:
        """Compare both sides.

        Raises:
            Error: The remote cannot be asked.
        """
        began = time.monotonic()

        def work(there: RemoteHome, address: str) -> Compared:
            plans = self._plans(task, there, context)
            return Compared(plans, time.monotonic() - began, f"{address} · {there.path}")

        return self._on_remote(task.remote, context, work)

    def copy(
        self, task: Task, wanted: TransferWanted, compared: Compared | None, context: JobContext
    ) -> list[TransferOutcome]:
        """Copy as the user decided; one outcome a plan.

        Args:
            task: What was asked for.
            wanted: What was decided.
            compared: What it was decided about; None to compare first.
            context: Of the job.

        Raises:
            Error: It cannot be done, however often it is tried.
        """
        memory = self._memory()
        number = memory.begin(*_entry(task, wanted))
        plans = compared.plans if compared is not None else None

        def work(there: RemoteHome, _address: str) -> list[TransferOutcome]:
            nonlocal plans
            now, plans = plans, None  # another try compares anew
            if now is None:
                now = self._plans(replace(task, ids=wanted.ids), there, context)
            return self._run(task, wanted, there, now, context)

        try:
            return self._insist(task.remote, context, work)
        finally:
            if not self._remotes.is_closing:
                memory.end(number)

    def follow(
        self, task: Task, arrived: Callable[[tuple[str, ...]], None], context: JobContext
    ) -> int:
        """Copy what running runs write until they have ended; returns how many were followed.

        Args:
            task: The runs; they were pulled before.
            arrived: Hears which runs have more now.
            context: Of the job.
        """
        going = set(task.ids or ())
        total = len(going)
        context.advance(total=total, unit="runs", item=f"following {total:,}")

        def work(there: RemoteHome, _address: str) -> list[str]:
            [plan] = self._plans(replace(task, ids=tuple(going)), there, context)
            ids = tuple(item.run_id for item in plan.items if item.is_to_do)
            wanted = TransferWanted(ids, {}, task.options)
            quiet = JobContext()  # its bytes are not what this job counts
            context.interrupt_with(quiet.cancel)
            if ids:
                self._run(task, wanted, there, (plan,), quiet)
                arrived(ids)
            return [item.run_id for item in plan.items if not item.is_running]

        while going:
            ended = self._insist(task.remote, context, work)
            going -= set(ended)
            context.advance(len(ended), item=f"following {len(going):,}")
            if going:
                context.sleep(FOLLOW_SECONDS)
        return total

    def unfinished(self, home: Home) -> list[Unfinished]:
        """What the journal says is not done."""
        return self._memory().unfinished(home.path)

    def forget(self, number: int) -> None:
        """Strike a transfer out of the journal."""
        self._memory().end(number)

    # Inside

    def _memory(self) -> TransferMemory:
        from remote.memory import TransferMemory

        return TransferMemory(self._state_dir)

    def _on_remote(
        self, name: str, context: JobContext, work: Callable[[RemoteHome, str], Value]
    ) -> Value:
        """Do something in the home of a remote, connecting to it where that is needed."""
        from remote.remote_home import open_remote_home

        with self._remotes.using(name, context) as session:
            connection = session.connection(context.check)
            path = session.remote.guild_home
            there = open_remote_home(connection, path, check=context.check)
            try:
                return work(there, address_of(session.remote))
            finally:
                there.close()

    def _insist(
        self, name: str, context: JobContext, work: Callable[[RemoteHome, str], Value]
    ) -> Value:
        """Do it, and once more for as long as that may help."""
        attempt = 0
        for _ in count():
            done = context.progress.done
            try:
                return self._on_remote(name, context, work)
            except Error as e:
                if not e.retryable:
                    raise
                attempt = 0 if context.progress.done > done else attempt
                _wait(e, WAITS[min(attempt, len(WAITS) - 1)], context)
                attempt += 1
        raise AssertionError("a count has no end")

    def _plans(
        self, task: Task, there: RemoteHome, context: JobContext
    ) -> tuple[TransferPlan, ...]:
        from core.runs.store import Store
        from remote.plan import Options
        from remote.transfer import ids_there, plan_transfer

        memory, check = self._memory(), context.check
        options = Options(with_env=task.options.with_env, delete=task.options.remove_extra)
        if task.direction != "sync":
            plan = plan_transfer(
                task.home, there, task.direction, task.ids, options, memory=memory, check=check
            )
            return (plan,)
        far = set(ids_there(there, check))
        some = [i for i in task.ids if i in far] if task.ids is not None else None
        pull = plan_transfer(task.home, there, "pull", some, options, memory=memory, check=check)
        own = task.ids if task.ids is not None else Store(task.home.runs_dir).ids()
        newer = [item.run_id for item in pull.items if item.verdict == "newer here"]
        ids = [*newer, *(run_id for run_id in own if run_id not in far)]
        push = plan_transfer(task.home, there, "push", ids, options, memory=memory, check=check)
        items = tuple(item for item in pull.items if item.verdict != "newer here")
        return (replace(pull, items=items), push)

    def _run(
        self,
        task: Task,
        wanted: TransferWanted,
        there: RemoteHome,
        plans: tuple[TransferPlan, ...],
        context: JobContext,
    ) -> list[TransferOutcome]:
        from remote.transfer import run_transfer

        memory, outcomes = self._memory(), []
        for plan, order in zip(plans, orders_of(plans, wanted), strict=True):
            context.advance(-context.progress.done, item=_doing(plan.direction))
            outcome = run_transfer(task.home, there, plan, order, memory=memory, context=context)
            outcomes.append(outcome)
            if outcome.cancelled:
                break
        return outcomes


def _wait(error: Error, seconds: float, context: JobContext) -> None:
    """Let a while pass, or until somebody says "now"."""
    is_told = threading.Event()
    until = time.monotonic() + seconds
    reason = str(error).rpartition(": ")[2].rstrip(".")
    context.publish(Recess(reason, until, is_told.set))
    try:
        while time.monotonic() < until and not is_told.wait(_GLANCE):
            context.check()
    finally:
        context.publish(GOES_ON)


def _doing(direction: str) -> str:
    return "sending" if direction == "push" else "copying"


def _entry(task: Task, wanted: TransferWanted) -> tuple[Any, ...]:
    """What the journal is told: nothing that is secret."""
    options = wanted.options
    asked: Mapping[str, object] = {
        "direction": task.direction,
        "choices": dict(wanted.choices),
        "verify": options.verify,
        "delete": options.remove_extra,
        "with_env": options.with_env,
    }
    direction = "push" if task.direction == "push" else "pull"
    return (task.home.path, task.remote, direction, wanted.ids, asked)


def task_of(home: Home, entry: Unfinished) -> tuple[Task, TransferWanted]:
    """What an entry of the journal asks for."""
    asked = entry.options
    options = TransferOptions(
        verify=asked.get("verify") is True,
        remove_extra=asked.get("delete") is True,
        with_env=asked.get("with_env") is True,
    )
    direction: Direction = "sync" if asked.get("direction") == "sync" else entry.direction
    choices = asked.get("choices")
    task = Task(home, entry.remote, direction, entry.runs, options)
    known = choices if isinstance(choices, dict) else {}
    return task, TransferWanted(entry.runs, known, options)
