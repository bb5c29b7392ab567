"""The small files of many runs by SFTP, with as few requests and as little waiting as may be.

The two directories of a run that hold them are listed first: that tells which of the wanted files
are there, how long they are and when they were written, so that each then costs an opening, one
reading and a closing, and one that did not change costs nothing. Nothing is waited for where an
answer is not needed for the next question: two breaths a directory, two a file, hundreds of them
at once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from remote import sftp_wire as wire
from remote.errors import UnsafeAnswer
from remote.sftp_channel import Request, SftpChannel, Task
from remote.sftp_listing import NAMES_COST
from remote.sftp_tasks import attributes_for_reading, read_small, reason_of
from remote.sftp_wire import Facts, text

_MOST_ANSWERS = 4096
"""Answers after which a directory is not believed."""

_FOR_READING = attributes_for_reading()

Take = Callable[[bytes | None, str], None]
"""Is given the content of a file. Without one: why it cannot be read, or nothing if it is gone."""


def look_into(
    sftp: SftpChannel, path: str, wanted: Collection[bytes], found: dict[bytes, Facts]
) -> Task:
    """Task: what is known of the wanted names in a directory; nothing where there is none.

    Raises:
        UnsafeAnswer: The directory has no end.
    """
    at_once = 2  # what a hundred names need: they, and that there are no more
    while True:
        [reply] = yield [Request(wire.OPENDIR, text(path))]
        if reply.kind != wire.HANDLE:
            return
        handle = text(reply.text())
        asking = [Request(wire.READDIR, handle, NAMES_COST)] * at_once
        replies = yield [*asking, Request(wire.CLOSE, handle)]
        for each in replies[:-1]:
            names = each.names() if each.kind == wire.NAME else ()
            if not names:
                return
            for name, facts in names:
                if name in wanted:
                    found[name] = facts
        at_once *= 8
        if at_once > _MOST_ANSWERS:
            raise UnsafeAnswer(f"{sftp.name} lists files without end.", remote=sftp.name)


def read_known(sftp: SftpChannel, path: str, facts: Facts, take: Take) -> Task:
    """Task: the content of a file of which the size is known."""
    [reply] = yield [Request(wire.OPEN, text(path) + _FOR_READING)]
    if reply.kind != wire.HANDLE:
        code, message = reply.status()
        take(None, "" if code == wire.NO_SUCH_FILE else reason_of(code, message))
        return
    handle = text(reply.text())
    size = min(facts.size + 1, sftp.limits.read)  # a byte more: whether it has grown
    body = b"".join((handle, bytes(8), size.to_bytes(4, "big")))
    got, _closed = yield [Request(wire.READ, body, size), Request(wire.CLOSE, handle)]
    data = got.text() if got.kind == wire.DATA else b""
    if len(data) == facts.size:
        take(data, "")
        return
    found: dict[str, tuple[bytes | None, float]] = {}
    yield from read_small(sftp, path, found)  # it is another one by now, or takes many answers
    take(found[path][0], "")
