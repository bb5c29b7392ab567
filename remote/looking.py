"""Looking at many paths of a server in one breath."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from core.archives.entries import ArchiveEntry
from core.check import Check
from remote import sftp_wire as wire
from remote.remote_home import RemoteHome
from remote.sftp_channel import Request, Task
from remote.sftp_tasks import reason_of
from remote.sftp_wire import text


class Look(Struct, frozen=True):
    """What is at a path of a server.

    Attributes:
        entry: What it is; None where nothing is, or nothing can be said.
        problem: Why nothing can be said, as a clause; empty where something can.
    """

    entry: ArchiveEntry | None = None
    problem: str = ""

    @property
    def is_file(self) -> bool:
        """Whether it is an ordinary file."""
        return self.entry is not None and self.entry.kind == "file"


def look_at_all(there: RemoteHome, paths: Iterable[str], check: Check) -> dict[str, Look]:
    """What is at each of many paths; links are not followed."""
    found: dict[str, Look] = {}
    with there.files.opened() as sftp:
        sftp.run((_look(path, found) for path in dict.fromkeys(paths)), check)
    return found


def _look(path: str, found: dict[str, Look]) -> Task:
    [reply] = yield [Request(wire.LSTAT, text(path))]
    code, message = reply.status()
    if reply.kind == wire.ATTRS:
        found[path] = Look(reply.facts().entry(path))
    else:
        found[path] = Look(problem="" if code == wire.NO_SUCH_FILE else reason_of(code, message))
