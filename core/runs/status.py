"""What state a run is in, from the marker files beside its attributes.

Guild's order, with three of its mistakes corrected: a restarted run is running although the exit
status of the attempt before is still there; a LOCK whose process began after the file was written
belongs to somebody else by now; and a LOCK made on another machine says nothing about the
processes of this one, so that run was running there when last seen.

Showing may guess; whoever changes or stops a run must ask `core.runs.processes` for proof.
"""

from __future__ import annotations

import os
import re
from functools import lru_cache

from msgspec import Struct

from core.runs.guild_files import open_file
from core.runs.run import RunStatus

# Process start times have the resolution of the kernel's clock tick and are counted from boot,
# whose own time is rounded to seconds.
START_TOLERANCE = 2.0
_LONGEST_LOCK = 256


class Markers(Struct, frozen=True):
    """The marker files of a run.

    Attributes:
        pending: PENDING exists.
        staged: STAGED exists.
        remote: Content of LOCK.remote; None without the file.
        lock: Content of LOCK (ten characters at most, as Guild reads); None without the file.
        lock_time: Modification time of LOCK in seconds since 1970; 0 without the file.
    """

    pending: bool = False
    staged: bool = False
    remote: str | None = None
    lock: str | None = None
    lock_time: float = 0.0

    @property
    def lock_pid(self) -> int | None:
        """The process id in LOCK; None when there is none or it is no id of a process."""
        if self.lock is None:
            return None
        try:
            return max(0, int(self.lock)) or None
        except ValueError:
            return None


class State(Struct, frozen=True):
    """What the markers mean.

    Attributes:
        status: The run's status.
        pid: Its process, while it runs on this machine.
        remote: Where it runs, when that is not this machine.
    """

    status: RunStatus
    pid: int | None = None
    remote: str = ""


def read_markers(guild_dir: str, names: frozenset[str] | set[str]) -> Markers:
    """Read the markers of a run.

    Args:
        guild_dir: The run's `.guild` directory.
        names: Names in that directory.
    """
    lock, lock_time = _read_lock(f"{guild_dir}/LOCK") if "LOCK" in names else (None, 0.0)
    # That it exists is what counts, as in Guild: whoever may not read it sees no name.
    remote = _read_lock(f"{guild_dir}/LOCK.remote")[0] or "" if "LOCK.remote" in names else None
    return Markers("PENDING" in names, "STAGED" in names, remote, lock, lock_time)


def status_of(
    markers: Markers, exit_status: int | None, exit_time: float | None, host: str
) -> State:
    """The state of a run.

    Args:
        markers: Its marker files.
        exit_status: Its exit_status attribute; None when absent or unreadable.
        exit_time: When that file was written, in seconds since 1970; None without the file.
        host: Its host attribute; empty when unknown.
    """
    if markers.remote is not None:
        return State("running", remote=_remote_name(markers.remote))
    if markers.pending:
        return State("pending")
    if markers.staged:
        return State("staged")
    is_newest = exit_status is None or exit_time is None or markers.lock_time >= exit_time
    if is_newest and markers.lock_pid is not None:
        if host and host not in names_of_this_machine():
            return State("running", remote=host)
        if is_alive(markers.lock_pid, markers.lock_time):
            return State("running", pid=markers.lock_pid)
    return State(status_of_exit(exit_status))


def status_of_exit(exit_status: int | None) -> RunStatus:
    """The final status that a return code means; no code at all is an error."""
    if exit_status == 0:
        return "completed"
    if exit_status is not None and exit_status < 0:
        return "terminated"
    return "error"


def is_alive(pid: int, written: float) -> bool:
    """Whether the process `pid` exists and began before `written` (seconds since 1970)."""
    if pid <= 0 or (os.path.isdir("/proc/self") and not os.path.isdir(f"/proc/{pid}")):
        return False
    import psutil  # 20 ms to import, and most looks at a store meet no live process

    try:
        process = psutil.Process(pid)
        is_zombie = process.status() == psutil.STATUS_ZOMBIE
        return not is_zombie and process.create_time() <= written + START_TOLERANCE
    except psutil.AccessDenied:
        return True
    except (psutil.Error, OverflowError, ValueError):
        return False


def _read_lock(path: str) -> tuple[str | None, float]:
    try:
        descriptor = open_file(path)
    except OSError:
        return None, 0.0
    try:
        data = os.read(descriptor, _LONGEST_LOCK)
        time = os.fstat(descriptor).st_mtime
    except OSError:
        return None, 0.0
    finally:
        os.close(descriptor)
    return lock_text(path, data), time


def lock_text(path: str, data: bytes) -> str:
    """What a LOCK (of which Guild reads ten characters) or a LOCK.remote says."""
    text = data[:_LONGEST_LOCK].decode("utf-8", "replace").strip()
    return text[:10] if path.endswith("LOCK") else text


def _remote_name(text: str) -> str:
    return re.sub(r"\s+", " ", text.partition(":")[0]) or "another machine"


@lru_cache(maxsize=1)
def names_of_this_machine() -> frozenset[str]:
    """What runs may call the machine this program is on."""
    import socket  # only runs with a LOCK ask

    name = socket.gethostname()
    return frozenset({name, name.partition(".")[0], "localhost"})
