"""Replacing small files of a server whole or not at all, one of them or hundreds at once.

Each is written beside itself under a hidden name and renamed. A crash before the rename leaves the
hidden file, which the next change of the run removes (core.runs.attr_file); after it the change is
done. Hundreds go side by side: three breaths for all of them, not three for each.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from core.check import Check
from core.runs.attr_file import TEMPORARY
from remote import sftp_wire as wire
from remote.errors import RemoteFull
from remote.remote_home import RemoteHome
from remote.sftp_channel import Request, SftpChannel, Task
from remote.sftp_tasks import reason_of
from remote.sftp_wire import Reply, attributes, text

_POSIX_RENAME = b"posix-rename@openssh.com"
_USUAL = 0o644


class SmallWrite(Struct, frozen=True):
    """A small file that is to be replaced.

    Attributes:
        path: Where it is.
        data: What it holds then; None to remove it.
        mode: The mode that it gets.
    """

    path: str
    data: bytes | None
    mode: int = _USUAL


def write_all_small(
    there: RemoteHome, writes: Sequence[SmallWrite], check: Check
) -> Mapping[str, str]:
    """Replace small files of a server, each by one rename; paths of those that failed, and why.

    Raises:
        RemoteFull: Some could not be written, as the disk there is full; others may be.
        RemoteUnreachable: The connection was lost: each is as it was or as it should be.
    """
    failures: dict[str, tuple[int, str]] = {}
    with there.files.opened() as sftp:
        sftp.run((_replaced(sftp, each, failures) for each in writes), check)
    full = [path for path, (code, _) in failures.items() if code == wire.FAILURE]
    if full:
        there.files.require_room(full[0], "write")
    return {path: reason_of(*said) for path, said in failures.items()}


def problems_of(there: RemoteHome, writes: Sequence[SmallWrite], check: Check) -> Mapping[str, str]:
    """The same; a disk that is full is the problem of those it had no room for.

    What was written by then can be told from the rest, as each file is looked at.
    """
    try:
        return write_all_small(there, writes, check)
    except RemoteFull as e:
        held = there.files.read([each.path for each in writes], check)
        return {w.path: str(e).rstrip(".") for w in writes if held[w.path] != w.data}


def _replaced(sftp: SftpChannel, write: SmallWrite, failures: dict[str, tuple[int, str]]) -> Task:
    """Task: one file; its problem is put into `failures`."""
    path = write.path
    if write.data is None:
        [reply] = yield [Request(wire.REMOVE, text(path))]
        _note(path, [reply], failures, is_gone_fine=True)
        return
    directory = path.rpartition("/")[0]
    temporary = f"{directory}/{TEMPORARY}{uuid.uuid4().hex[:8]}"
    flags = wire.FOR_WRITING | wire.CREATE | wire.EXCLUSIVE
    opening = Request(
        wire.OPEN, text(temporary) + flags.to_bytes(4, "big") + attributes(mode=write.mode)
    )
    [opened] = yield [opening]
    if opened.kind != wire.HANDLE and opened.status()[0] == wire.NO_SUCH_FILE:
        [_, opened] = yield [  # a run without any attribute
            Request(wire.MKDIR, text(directory) + attributes(mode=0o755)),
            opening,
        ]
    if opened.kind != wire.HANDLE:
        code, message = opened.status()
        failures[path] = code or wire.UNSUPPORTED, message
        return
    handle = text(opened.text())
    done = yield [
        *_writes(handle, write.data, sftp.limits.write),
        Request(wire.FSETSTAT, handle + attributes(mode=write.mode)),
        Request(wire.CLOSE, handle),
    ]
    if not _note(path, done, failures):
        if _POSIX_RENAME in sftp.extensions:
            body = text(_POSIX_RENAME) + text(temporary) + text(path)
            done = yield [Request(wire.EXTENDED, body)]
        else:
            yield [Request(wire.REMOVE, text(path))]
            done = yield [Request(wire.RENAME, text(temporary) + text(path))]
    if _note(path, done, failures):
        yield [Request(wire.REMOVE, text(temporary))]


def _writes(handle: bytes, data: bytes, most: int) -> Iterator[Request]:
    for at in range(0, len(data), most):
        piece = data[at : at + most]
        yield Request(wire.WRITE, handle + at.to_bytes(8, "big") + text(piece), len(piece))


def _note(
    path: str,
    replies: Sequence[Reply],
    failures: dict[str, tuple[int, str]],
    *,
    is_gone_fine: bool = False,
) -> bool:
    """Whether one of the answers is a failure, or one was before; the first is put down."""
    for reply in replies:
        code, message = reply.status()
        if code != wire.OK and not (is_gone_fine and code == wire.NO_SUCH_FILE):
            failures.setdefault(path, (code, message))
    return path in failures
