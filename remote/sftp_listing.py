"""Listing directories and trees by SFTP, many at once, and believing none of it.

Names that are none, and lists without end, end the listing: no honest server has them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

from core.archives.entries import ArchiveEntry
from core.runs.files import shown
from remote import sftp_wire as wire
from remote.errors import UnsafeAnswer
from remote.files import MOST_ENTRIES, Tree
from remote.sftp_channel import Request, SftpChannel, Task
from remote.sftp_tasks import reason_of
from remote.sftp_wire import Reply, text

_DOT = ArchiveEntry(".", "dir")  # stands for the directory itself and the one above

_MOST_ANSWERS = 64
"""Answers with entries of one directory that are asked for at once."""

NAMES_COST = 4096
"""What an answer with entries is taken to need of what is under way."""

_LONGEST = 4096
"""Letters of a path in a run after which there are too many directories in each other."""


class Walk:
    """A tree that is being listed."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.entries: dict[str, ArchiveEntry] = {}
        self.problem = ""

    def tree(self) -> Tree:
        """What was found, directories before what is in them."""
        return Tree(tuple(entry for _, entry in sorted(self.entries.items())), self.problem)


class Listing:
    """Lists directories; refuses names that are none, and lists without end."""

    def __init__(self, sftp: SftpChannel) -> None:
        self.found: list[ArchiveEntry] = []
        self.failures: dict[str, tuple[int, str]] = {}
        self._sftp = sftp
        self._left = MOST_ENTRIES

    def one_directory(self, path: str, within: str, below: Callable[[str], None]) -> Task:
        """Task: the entries of a directory; names begin with `within`."""
        [reply] = yield [Request(wire.OPENDIR, text(path))]
        code, message = reply.status()
        if code != wire.OK:
            self.failures[path] = code, message
            return
        handle = text(reply.text())
        links: list[ArchiveEntry] = []
        seen: set[str] = set()
        is_at_end = False
        at_once = 2
        while not is_at_end:
            replies = yield [Request(wire.READDIR, handle, NAMES_COST)] * at_once
            at_once = min(2 * at_once, _MOST_ANSWERS)  # what has many entries has many more
            for each in replies:
                entries = list(self._entries(each, within))
                is_at_end = is_at_end or not entries  # an answer with no names has no end
                for entry in self._fresh(entries, seen):
                    (links if entry.kind == "link" else self.found).append(entry)
                    if entry.kind == "dir":
                        below(entry.name)
        closing = [Request(wire.CLOSE, handle)]
        base = f"{path}/".removesuffix(within)  # names of entries begin with what is within
        asking = [Request(wire.READLINK, text(f"{base}{link.name}")) for link in links]
        replies = yield closing + asking
        for link, each in zip(links, replies[1:], strict=True):
            names = each.names() if each.kind == wire.NAME else []
            target = wire.decode(names[0][0]) if names else ""
            self.found.append(ArchiveEntry(link.name, "link", 0, link.mode, link.mtime_ns, target))

    def tree(self, path: str, within: str, walk: Walk, later: Callable[[Task], None]) -> Task:
        """Task: the entries of a directory of a tree; `later` gets the tasks of those below."""
        if len(within) > _LONGEST:
            raise UnsafeAnswer(
                f"{self._sftp.name} lists directories without end.", remote=self._sftp.name
            )
        one = Listing(self._sftp)
        one._left = self._left
        below: list[str] = []
        yield from one.one_directory(path, within, below.append)
        self._left -= len(one.found)
        if path in one.failures and not walk.problem:
            code, message = one.failures[path]
            walk.problem = f"{shown(within or path)}: {reason_of(code, message)}"
        for entry in one.found:
            walk.entries[entry.name] = entry
        for name in below:
            later(self.tree(f"{walk.path}/{name}", f"{name}/", walk, later))

    def _fresh(self, entries: list[ArchiveEntry], seen: set[str]) -> Iterator[ArchiveEntry]:
        """Those that are no dots; a name that comes twice ends the listing."""
        for entry in entries:
            if entry is _DOT:
                continue
            if entry.name in seen:
                raise UnsafeAnswer(
                    f"{self._sftp.name} lists {shown(entry.name)} twice.", remote=self._sftp.name
                )
            seen.add(entry.name)
            yield entry

    def _entries(self, reply: Reply, within: str) -> Iterator[ArchiveEntry]:
        if reply.kind != wire.NAME:
            return
        for raw, facts in reply.names():
            if raw in (b".", b".."):
                yield _DOT
                continue
            if not raw or b"/" in raw or b"\0" in raw:
                raise UnsafeAnswer(
                    f"{self._sftp.name} lists the name {shown(wire.decode(raw))!r}, which is none.",
                    remote=self._sftp.name,
                )
            self._left -= 1
            if self._left < 0:
                raise UnsafeAnswer(
                    f"{self._sftp.name} lists files without end.", remote=self._sftp.name
                )
            yield facts.entry(within + wire.decode(raw))


def drained(waiting: deque[Task]) -> Iterator[Task]:
    """Tasks until none is left, also those that come meanwhile."""
    while waiting:
        yield waiting.popleft()
