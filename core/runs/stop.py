"""Stopping a run: its process is asked to end, and what does not end in time is ended.

Why its own process first and the others later: a batch stops its trial and a shell script its
programs when they are told, and each then writes down how it ended. They are told themselves only
when the run's process has gone without them, or after a while. At the end of the grace everything
that is left is killed.

Why nothing is written here: the process that started the run (Guild's, or our supervisor) sees it
end and writes its exit status. We wait until it has, and say what became of the run. That is
also so where a batch of Guild calls its stopped trial completed, now and then: two of its threads
wait for the trial, and only the quicker one learns how it ended.

No signal is ever sent to a process that is not evidently the run's: see core.runs.busy.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from core.errors import RunNotFound, StopRefused
from core.runs.busy import began_after, belongs, find_process, foreign_host
from core.runs.run import Run, RunStatus
from core.runs.status import read_markers
from core.runs.store import Store

if TYPE_CHECKING:
    import psutil

GRACE_SECONDS = 30.0
"""As long as Guild waits: some operations save a large model when they are told to end."""

CHILD_SECONDS = 5.0
"""So long the run's process is left to end what it started."""

SETTLE_SECONDS = 5.0
"""So long the exit status is waited for once all processes have ended."""

ORPHAN_SECONDS = 0.5
"""The same where the process that started the run has gone as well."""

_LOOK_SECONDS = 0.05


class Stopped(Struct, frozen=True):
    """What became of a run that was to be stopped.

    Attributes:
        run_id: The run.
        status: Its status now: "terminated" as a rule; "running" where it was not waited for;
            "error" where nobody wrote down how it ended.
        exit_status: Its exit status; None where none was written.
        killed: How many processes did not end by themselves.
    """

    run_id: str
    status: RunStatus
    exit_status: int | None = None
    killed: int = 0


def stop(
    store: Store,
    run_id: str,
    *,
    grace: float = GRACE_SECONDS,
    check: Callable[[], None] = lambda: None,
    wait: bool = True,
) -> Stopped:
    """Stop a run of this machine, with everything it started.

    Args:
        store: Where the run is.
        run_id: The run.
        grace: Seconds until what has not ended is killed; 0 kills at once.
        check: Called many times a second while waiting; raises to stop waiting. The processes
            have been asked to end by then.
        wait: Whether to wait for the end; otherwise the run's process is only asked.

    Raises:
        RunNotFound: There is no such run.
        StopRefused: It does not run here, or no process is evidently its own.
    """
    process = find_own_process(store, run_id)
    starter = _parent(process)
    tree = _Tree(process)
    if not wait:
        tree.ask_first()
        return Stopped(run_id, "running")
    killed = _end(tree, grace, check)
    run = _settled(store, run_id, starter, check)
    return Stopped(run_id, run.status, run.exit_status, killed)


def find_own_process(store: Store, run_id: str) -> psutil.Process:
    """The process of a run, which may be sent signals.

    Raises:
        RunNotFound: There is no such run.
        StopRefused: It does not run here, or no process is evidently its own.
    """
    run_dir = store.run_dir(run_id)
    if not store.is_run(run_id):
        raise RunNotFound(f"There is no run {run_id[:8]}.", path=run_dir)
    guild_dir = f"{run_dir}/.guild"
    markers = read_markers(guild_dir, _names(guild_dir))
    if markers.remote is not None:
        where = markers.remote.partition(":")[0] or "another machine"
        raise _refusal(run_dir, f"it was last seen running on {where}; stop it there")
    host = foreign_host(run_dir) if markers.lock is not None else ""
    if host:
        raise _refusal(run_dir, f"it was started on {host}; stop it there")
    process = find_process(markers.lock_pid or 0)
    if process is None:
        raise _refusal(run_dir, "it is not running", is_over=True)
    if began_after(process, markers.lock_time) or not belongs(process, run_dir, markers.lock_time):
        raise _refusal(
            run_dir,
            f"process {process.pid}, which its LOCK names, is not evidently its own",
        )
    return process


class _Tree:
    """A process and all that it started, also what it started later or left behind."""

    def __init__(self, root: psutil.Process) -> None:
        self._root = root
        self._others: dict[psutil.Process, None] = {}
        self.look()

    def look(self) -> list[psutil.Process]:
        """Those that are left, the first one first; new ones are noticed."""
        import psutil

        for known in [self._root, *self._others]:
            try:
                self._others.update(dict.fromkeys(known.children(recursive=True)))
            except psutil.Error:
                continue
        self._others = {process: None for process in self._others if _is_there(process)}
        first = [self._root] if self.has_first else []
        return [*first, *self._others]

    @property
    def has_first(self) -> bool:
        """Whether the run's own process is left."""
        return _is_there(self._root)

    def ask_first(self) -> None:
        """Ask the run's own process to end.

        Raises:
            StopRefused: We may not.
        """
        import psutil

        try:
            self._root.terminate()
        except psutil.NoSuchProcess:
            return
        except psutil.AccessDenied as e:
            raise StopRefused(
                f"Process {self._root.pid} belongs to another user and cannot be stopped."
            ) from e

    def ask_others(self) -> None:
        """Ask what the run started to end."""
        for process in self._others:
            _send(process, signal.SIGTERM)

    def kill(self) -> int:
        """End everything that is left at once; returns how many processes that were."""
        left = self.look()
        for process in left:
            _kill(process)
        return len(left)


def _end(tree: _Tree, grace: float, check: Callable[[], None]) -> int:
    """End a tree of processes; returns how many were killed."""
    begin = time.monotonic()
    if grace > 0:
        tree.ask_first()
    asked_others = False
    while left := tree.look():
        check()
        passed = time.monotonic() - begin
        if passed >= grace:
            break
        if not asked_others and (not tree.has_first or passed >= min(CHILD_SECONDS, grace / 2)):
            tree.ask_others()
            asked_others = True
        time.sleep(_LOOK_SECONDS)
    if not left:
        return 0
    killed = 0
    while count := tree.kill():
        check()
        killed = max(killed, count)
        time.sleep(_LOOK_SECONDS)
    return killed


def _settled(
    store: Store, run_id: str, starter: psutil.Process | None, check: Callable[[], None]
) -> Run:
    """The run when whoever started it has written how it ended, or has not for long.

    Raises:
        RunNotFound: It was removed meanwhile.
    """
    lock = f"{store.run_dir(run_id)}/.guild/LOCK"
    begin = time.monotonic()
    while True:
        is_orphan = starter is None or not _is_there(starter)
        passed = time.monotonic() - begin
        if not os.path.lexists(lock) or passed >= (
            min(ORPHAN_SECONDS, SETTLE_SECONDS) if is_orphan else SETTLE_SECONDS
        ):
            return store.read(run_id, scalars=None)
        check()
        time.sleep(_LOOK_SECONDS)


def _parent(process: psutil.Process) -> psutil.Process | None:
    """What started a process; None where that has gone and the system took it over."""
    import psutil

    try:
        parent = process.parent()
    except psutil.Error:
        return None
    return None if parent is None or parent.pid == 1 else parent


def _is_there(process: psutil.Process) -> bool:
    import psutil

    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True


def _send(process: psutil.Process, number: int) -> None:
    import psutil

    try:
        process.send_signal(number)
    except psutil.Error:
        return  # it has ended, or is not ours to end; what is left is seen by the next look


def _kill(process: psutil.Process) -> None:
    import psutil

    try:
        process.kill()
    except psutil.Error:
        return


def _names(guild_dir: str) -> frozenset[str]:
    try:
        return frozenset(os.listdir(guild_dir))
    except OSError:
        return frozenset()


def _refusal(run_dir: Path, why: str, *, is_over: bool = False) -> StopRefused:
    said = f"Run {run_dir.name[:8]} cannot be stopped: {why}."
    return StopRefused(said, path=run_dir, is_over=is_over)
