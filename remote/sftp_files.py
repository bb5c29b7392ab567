"""The files of a server by SFTP alone: works everywhere, needs no shell there.

Nothing here follows a link that is the last part of a path, except `names` of a directory that the
caller names. A channel that failed is thrown away and opened anew by the next call: half an answer
in it would be taken for the answer to the next question.

Why most methods take many files at once: over a network one file after another is slow, whatever
the file is.
"""

from __future__ import annotations

import posixpath
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import chain

from core.archives.entries import ArchiveEntry
from core.check import Check, go_on
from core.errors import Cancelled
from core.runs.files import shown
from remote import sftp_wire as wire
from remote.connection import Connection
from remote.errors import (
    RemoteFull,
    RemotePermission,
    RemoteRefused,
    RemoteUnreachable,
    UnsafeAnswer,
)
from remote.files import Fetch, Store, Tree
from remote.in_the_way import require_place
from remote.sftp_channel import Request, SftpChannel, Task, begun
from remote.sftp_listing import Listing, Walk, drained
from remote.sftp_tasks import (
    STATVFS,
    ask_space,
    copy_data,
    cut_off,
    do_one,
    dropping,
    facts_of,
    fetch_all,
    make_dir,
    make_link,
    read_small,
    reason_of,
    store_all,
    try_one,
)
from remote.sftp_wire import Reply, text

_POSIX_RENAME = b"posix-rename@openssh.com"
_HARDLINK = b"hardlink@openssh.com"
_COPY_DATA = b"copy-data"


class SftpFiles:
    """Files over one SFTP channel, opened when it is needed.

    Every method raises RemoteRefused where the server refuses, and RemoteUnreachable where it is
    gone.

    Args:
        connection: The server.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._channel: SftpChannel | None = None
        self._lock = threading.RLock()

    @property
    def name(self) -> str:
        """How the remote is called."""
        return self._connection.name

    @property
    def extensions(self) -> Mapping[bytes, bytes]:
        """What the server can beyond version 3."""
        with self.opened() as sftp:
            return sftp.extensions

    def give_up(self) -> bool:
        """Close the channel where nobody uses it; whether there was one."""
        if not self._lock.acquire(blocking=False):
            return False
        try:
            was_open = self._channel is not None
            self._drop()
            return was_open
        finally:
            self._lock.release()

    def close(self) -> None:
        """Let go of the channel: it is left to whoever needs one next."""
        with self._lock:
            channel, self._channel = self._channel, None
            self._connection.withdraw(self.give_up)
            if channel is not None:
                self._connection.leave(channel)

    def look(self, path: str) -> ArchiveEntry | None:
        """What is at a path; None where nothing is."""
        reply = self._ask(Request(wire.LSTAT, text(path)))
        code, message = reply.status()
        if code == wire.NO_SUCH_FILE:
            return None
        self._require(code, message, "look at", path)
        return reply.facts().entry(path)

    def names(self, path: str, check: Check = go_on) -> list[ArchiveEntry] | None:
        """What is in a directory, unordered; None where there is none."""
        with self.opened() as sftp:
            listing = Listing(sftp)
            sftp.run([listing.one_directory(path, "", lambda name: None)], check)
        code, message = listing.failures.get(path, (wire.OK, ""))
        if code == wire.NO_SUCH_FILE:
            return None
        self._require(code, message, "list", path)
        return listing.found

    def trees(self, paths: Sequence[str], check: Check = go_on) -> Mapping[str, Tree]:
        """Everything below each of the directories; one that is missing has a problem."""
        with self.opened() as sftp:
            walks = {path: Walk(path) for path in paths}
            waiting: deque[Task] = deque(
                Listing(sftp).tree(path, "", walk, lambda task: waiting.append(task))
                for path, walk in walks.items()
            )
            while waiting:
                sftp.run(drained(waiting), check)
        return {path: walk.tree() for path, walk in walks.items()}

    def listings(
        self, paths: Iterable[str], check: Check = go_on
    ) -> Mapping[str, list[ArchiveEntry]]:
        """What is in each of many directories; those that are none are left out."""
        with self.opened() as sftp:
            found = {path: Listing(sftp) for path in paths}
            tasks = (
                listing.one_directory(path, "", lambda name: None)
                for path, listing in found.items()
            )
            sftp.run(tasks, check)
        return {
            path: listing.found for path, listing in found.items() if path not in listing.failures
        }

    def read(self, paths: Iterable[str], check: Check = go_on) -> Mapping[str, bytes | None]:
        """Contents of small files; None of those that are missing, links or no files."""
        found: dict[str, tuple[bytes | None, float]] = {}
        with self.opened() as sftp:
            sftp.run((read_small(sftp, path, found) for path in paths), check)
        return {path: data for path, (data, _) in found.items()}

    def fetch(self, wanted: Iterable[Fetch], check: Check = go_on) -> None:
        """Bring files; each sink is told of its own problem."""
        with self.opened() as sftp:
            fetch_all(sftp, wanted, check)

    def store(self, given: Iterable[Store], check: Check = go_on) -> None:
        """Send files into directories that exist; each spring is told of its own problem."""
        with self.opened() as sftp:
            failed = store_all(sftp, given, check)
        if failed:
            try:
                self.require_room(failed[0].path, "take the file")
            finally:
                vain: list[str] = []  # who looks at them afterwards sees what became of it
                with self.opened() as sftp:
                    sftp.run((try_one(cut_off(give), give.path, vain) for give in failed), check)

    def make_dirs(
        self, paths: Sequence[str], check: Check = go_on, further: Iterable[Task] = ()
    ) -> set[str]:
        """Make directories, each after its parent; returns those that were not there before.

        Args:
            paths: Which.
            check: Called often; raises to stop.
            further: Tasks that go out behind them, in the same breath.
        """
        made: set[str] = set()
        refused: list[str] = []
        depths: dict[int, list[str]] = {}
        for path in dict.fromkeys(paths):
            depths.setdefault(path.count("/"), []).append(path)
        levels = [level for _, level in sorted(depths.items())]
        with self.opened() as sftp:
            # Most servers do one thing after another; with the others it goes level by level.
            making = (make_dir(path, made, refused) for level in levels for path in level)
            sftp.run(chain(making, further), check)
            if refused:
                missing = set(refused)
                refused.clear()
                for level in levels:
                    sftp.run((make_dir(p, made, refused) for p in level if p in missing), check)
        if refused:
            require_place(self, refused[0])
            self._require(wire.PERMISSION_DENIED, "", "make the directory", refused[0])
        return made

    def make_links(self, links: Mapping[str, ArchiveEntry], check: Check = go_on) -> None:
        """Make links, with their times where the server can; what is there is replaced."""
        failures: list[tuple[int, str, str]] = []
        with self.opened() as sftp:
            sftp.run((make_link(sftp, path, e, failures) for path, e in links.items()), check)
        for code, message, path in failures:
            self._require(code, message, "make the link", path)

    def give_facts(self, entries: Mapping[str, ArchiveEntry], check: Check = go_on) -> None:
        """Give files and directories mode and time: path to the entry that has them."""
        requests = [
            (path, Request(wire.SETSTAT, text(path) + facts_of(entry)))
            for path, entry in entries.items()
        ]
        self._do_all("set the time of", requests, check)

    def share(self, pairs: Mapping[str, str], check: Check = go_on) -> Sequence[str]:
        """Give files a second name, new path to old one; returns the new ones that failed."""
        failed: list[str] = []
        with self.opened() as sftp:
            if _HARDLINK not in sftp.extensions:
                return list(pairs)
            requests = (
                (new, Request(wire.EXTENDED, text(_HARDLINK) + text(old) + text(new)))
                for new, old in pairs.items()
            )
            sftp.run((try_one(request, new, failed) for new, request in requests), check)
        return failed

    def begin_copy(self, old: str, new: str, size: int, check: Check = go_on) -> bool:
        """Copy the first bytes of a file there; False where the server cannot."""
        with self.opened() as sftp:
            if _COPY_DATA not in sftp.extensions:
                return False
            done: list[bool] = []
            sftp.run([copy_data(old, new, size, done)], check)
            return bool(done)

    def rename_all(
        self,
        pairs: Sequence[tuple[str, str]],
        check: Check = go_on,
        further: Iterable[Task] = (),
    ) -> Mapping[str, str]:
        """Rename, in this order; refused where the new name exists.

        Args:
            pairs: Old and new paths.
            check: Called often; raises to stop.
            further: Tasks that go out behind them, in the same breath.

        Returns:
            Old path to why it failed.
        """
        failures: list[tuple[int, str, str]] = []
        tasks = (
            do_one(Request(wire.RENAME, text(old) + text(new)), old, failures) for old, new in pairs
        )
        with self.opened() as sftp:
            sftp.run(chain(tasks, further), check)
        return {path: reason_of(code, message) for code, message, path in failures}

    def replace(self, old: str, new: str) -> None:
        """Rename a file over another one in one step, where the server can."""
        with self.opened() as sftp:
            is_able = _POSIX_RENAME in sftp.extensions
        if is_able:
            body = text(_POSIX_RENAME) + text(old) + text(new)
            code, message = self._ask(Request(wire.EXTENDED, body)).status()
        else:
            self.remove(new)
            code, message = self._ask(Request(wire.RENAME, text(old) + text(new))).status()
        self._require(code, message, "replace", new)

    def remove(self, path: str) -> None:
        """Remove a file or link; nothing happens where there is none."""
        code, message = self._ask(Request(wire.REMOVE, text(path))).status()
        if code != wire.NO_SUCH_FILE:
            self._require(code, message, "remove", path)

    def drop_empty(self, paths: Sequence[str], check: Check = go_on) -> None:
        """Remove those of the directories that are empty, in this order; the others stay."""
        with self.opened() as sftp:
            sftp.run(dropping(paths, []), check)

    def remove_trees(self, paths: Sequence[str], check: Check = go_on) -> None:
        """Remove directories with everything in them; those that are gone are passed over."""
        trees = self.trees(paths, check)
        inner = [
            (f"{path}/{entry.name}", entry.kind)
            for path, tree in trees.items()
            for entry in tree.entries
        ]
        files = [(p, Request(wire.REMOVE, text(p))) for p, kind in inner if kind != "dir"]
        self._do_all("remove", files, check, is_gone_fine=True)
        for level in _by_depth([*(p for p, kind in inner if kind == "dir"), *paths]):
            requests = [(p, Request(wire.RMDIR, text(p))) for p in level]
            self._do_all("remove", requests, check, is_gone_fine=True)

    def free_bytes(self, path: str) -> int | None:
        """How much room is left; None where the server does not say."""
        found: list[tuple[int, int] | None] = []
        with self.opened() as sftp:
            if STATVFS in sftp.extensions:
                sftp.run([ask_space([path], found)])
        return found[0][0] if found and found[0] else None

    def login(self) -> str:
        """The absolute path of the directory in which a login begins."""
        with self.opened() as sftp:
            reply = Reply(sftp.where.kind, sftp.where.body)
        code, message = reply.status()
        self._require(code, message, "find", ".")
        names = reply.names()
        if len(names) != 1:
            raise UnsafeAnswer(f"{self.name} answers what was not asked.", remote=self.name)
        return wire.decode(names[0][0])

    def _do_all(
        self,
        what: str,
        requests: Sequence[tuple[str, Request]],
        check: Check,
        *,
        is_gone_fine: bool = False,
    ) -> None:
        failures: list[tuple[int, str, str]] = []
        with self.opened() as sftp:
            sftp.run((do_one(request, path, failures) for path, request in requests), check)
        for code, message, path in failures:
            if not (is_gone_fine and code == wire.NO_SUCH_FILE):
                self._require(code, message, what, path)

    def _ask(self, request: Request) -> Reply:
        with self.opened() as sftp:
            return sftp.ask(request)

    def _require(self, code: int, message: str, what: str, path: str) -> None:
        """Raise where a status is not OK."""
        if code == wire.OK:
            return
        if code == wire.FAILURE:
            self.require_room(path, what)
        kind = RemotePermission if code == wire.PERMISSION_DENIED else RemoteRefused
        raise kind(
            f"{self.name} does not {what} {shown(path)}: {reason_of(code, message)}.",
            remote=self.name,
        )

    def require_room(self, path: str, what: str) -> None:
        """Servers say "failure" where a disk is full: ask how much is left.

        Args:
            path: Where something could not be written.
            what: What could not be done, as a verb.

        Raises:
            RemoteFull: There is none.
        """
        free = None
        with suppress(RemoteRefused):
            free = self.free_bytes(posixpath.dirname(path) or ".")
        if free is not None and free < 1 << 16:
            raise RemoteFull(
                f"{self.name} cannot {what} {shown(path)}: its disk is full.",
                hint="Make room there; what was sent is kept.",
                remote=self.name,
            )

    @contextmanager
    def opened(self) -> Iterator[SftpChannel]:
        """The channel; after a failure in the middle of an answer it is closed."""
        with self._lock:
            if self._channel is None or not self._channel.channel.is_open:
                self._begin()
            assert self._channel is not None
            try:
                yield self._channel
            except (Cancelled, RemoteUnreachable, UnsafeAnswer):
                self._drop()
                raise
            finally:
                if self._channel is not None and not self._channel.is_idle:
                    self._drop()

    def _begin(self) -> None:
        """Take the channel that was left, or open one."""
        left = self._connection.left()
        if isinstance(left, SftpChannel) and left.channel.is_open:
            self._channel = left
        else:
            self._channel = begun(self._connection.open_sftp(), self.name)
        self._connection.withdraw(self.give_up)
        self._connection.offer_to_yield(self.give_up)

    def _drop(self) -> None:
        if self._channel is not None:
            self._channel.close()
            self._channel = None


def _by_depth(paths: Sequence[str]) -> Iterator[list[str]]:
    depths: dict[int, list[str]] = {}
    for path in paths:
        depths.setdefault(path.count("/"), []).append(path)
    for _, level in sorted(depths.items(), reverse=True):
        yield level
