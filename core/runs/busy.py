"""Whether a run may be moved or removed now, and which process is really its own.

Why stricter than `core.runs.status`: showing may guess, acting may not. A run with a LOCK is busy
until it is proven dead: the LOCK is of this machine, and its process is gone or is evidently
another one, to which the system gave the same number later.

What proves whose process it is, strongest first: Guild and Rundesk start it with RUN_ID or RUN_DIR
in its environment, it works in the run's directory, and it began before the LOCK was written. An
operation may change its directory, so that alone proves nothing against it.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from core.errors import RunDamaged
from core.runs.attrs import read_attr
from core.runs.refusal import RefusalKind
from core.runs.status import START_TOLERANCE, Markers, names_of_this_machine, read_markers

if TYPE_CHECKING:
    import psutil

FRESH_SECONDS = 10.0
"""A LOCK without a number may be one that is being written for so long."""


class Busy(Struct, frozen=True):
    """Why a run is not to be touched.

    Attributes:
        kind: "running" here, or "elsewhere": on another machine, or nobody can tell.
        reason: A clause that follows "Run abcd1234 ", e.g. "is running (process 4711)".
        pid: Its process; None when it is not one of this machine or not known.
    """

    kind: RefusalKind
    reason: str
    pid: int | None = None


def find_busy(run_dir: str | Path) -> Busy | None:
    """Why a run is busy; None when it is proven that nothing runs in it.

    LOCK.remote does not count: it is a note that the run was last seen running on a remote, whose
    own copy is not touched by what happens here. Nor does PENDING, which trials keep that nobody
    will ever start.
    """
    guild_dir = f"{run_dir}/.guild"
    if not os.path.lexists(f"{guild_dir}/LOCK"):
        return None
    markers = read_markers(guild_dir, frozenset({"LOCK"}))
    if markers.lock is None:
        return Busy("elsewhere", "has a LOCK that cannot be read")
    host = foreign_host(run_dir)
    if host:
        return Busy("elsewhere", f"may still be running on {host}")
    if markers.lock_pid is None or markers.lock_pid <= 0:
        is_fresh = time.time() - markers.lock_time < FRESH_SECONDS
        return Busy("running", "is just being started") if is_fresh else None
    return _busy_with(run_dir, markers, markers.lock_pid)


def foreign_host(run_dir: str | Path) -> str:
    """The other machine that made the run; empty for this one and where that is not recorded."""
    try:
        host = read_attr(run_dir, "host")
    except RunDamaged:
        return ""
    return host if isinstance(host, str) and host not in names_of_this_machine() else ""


def find_process(pid: int) -> psutil.Process | None:
    """A process that is there and has not ended; None otherwise."""
    if pid <= 0:
        return None
    import psutil  # 20 ms to import, and most runs have no LOCK

    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else process
    except psutil.AccessDenied:
        return process
    except (psutil.Error, OverflowError, ValueError):
        return None


def belongs(process: psutil.Process, run_dir: str | Path, lock_time: float) -> bool | None:
    """Whether a process is that of a run; None when it cannot be told.

    Args:
        process: The process whose number is in the LOCK.
        run_dir: The run's directory.
        lock_time: When the LOCK was written, in seconds since 1970.
    """
    is_within = _works_within(process, run_dir)
    names_run = _names_run(process, run_dir)
    if is_within or names_run:
        return True
    if began_after(process, lock_time):
        return False
    return None if is_within is None or names_run is None else False


def began_after(process: psutil.Process, lock_time: float) -> bool:
    """Whether a process began after the LOCK was written, so that it cannot be the one."""
    import psutil

    try:
        return process.create_time() > lock_time + START_TOLERANCE
    except psutil.Error:
        return False


def _busy_with(run_dir: str | Path, markers: Markers, pid: int) -> Busy | None:
    process = find_process(pid)
    if process is None:
        return None
    is_own = belongs(process, run_dir, markers.lock_time)
    if is_own is None and find_process(pid) is not None:
        return Busy("elsewhere", f"may still be running (process {pid} cannot be looked at)", pid)
    return Busy("running", f"is running (process {pid})", pid) if is_own else None


def _works_within(process: psutil.Process, run_dir: str | Path) -> bool | None:
    import psutil

    try:
        cwd = process.cwd()
    except (psutil.Error, OSError):
        return None
    top = os.path.realpath(run_dir)
    return cwd == top or cwd.startswith(f"{top}{os.sep}")


def _names_run(process: psutil.Process, run_dir: str | Path) -> bool | None:
    import psutil

    try:
        environ = process.environ()
    except (psutil.Error, OSError):
        return None
    named = environ.get("RUN_DIR")
    is_dir = named is not None and os.path.realpath(named) == os.path.realpath(run_dir)
    return is_dir or environ.get("RUN_ID") == os.path.basename(run_dir)
