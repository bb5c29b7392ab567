"""Runs that go on at a server: of what is only ever added to, only what is new comes here.

The output of a run, its index and event files are written at their ends alone. Where a copy of a
run that is going on there is here already (it has LOCK.remote), what is new of them is put behind
what is here, in the same files: who shows them sees them grow, and nothing is copied twice.

Whether a file really was only added to is seen from the end of what is here: it comes once more,
and must be the same. When the run has ended, checksums of these files are compared where the
server can compute them. A file that is another one is left to the usual way, which fetches all.

What a crash leaves: a file that ends earlier than the one there, or in the middle of what came. It
is a beginning of it either way, as it is in every copy of a run that is going on, and the next try
goes on from there. A file is given the time that it has there when all of it has come, so that one
that is not whole never looks the same.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress

from msgspec import Struct
from msgspec.structs import replace

from core.archives.entries import ArchiveEntry
from core.home import Home
from core.runs.busy import find_busy
from core.runs.file_facts import set_times
from core.runs.guild_files import read_file
from remote.files import Fetch
from remote.hashes import hash_here, hashes_of_both
from remote.local_shelf import key_of, opened_shelf
from remote.manifest import LOCK_REMOTE
from remote.moves import Move, Tally
from remote.remote_home import RemoteHome

_OVERLAP = 4096
"""Bytes before the end of what is here that come once more, to be compared."""

_MOST_NAME = 256
_WRITE = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


def is_growing(name: str) -> bool:
    """Whether a file of a run is only ever added to: output, its index, and event files."""
    return (
        name in (".guild/output", ".guild/output.index") or ".tfevents." in name.rpartition("/")[2]
    )


def append_grown(
    home: Home, there: RemoteHome, moves: Sequence[Move], tally: Tally
) -> Sequence[Move]:
    """Fetch what is new of files that only grow, of runs that were copied while they went on.

    Args:
        home: The home here.
        there: The home there.
        moves: What a plan says; all of it.
        tally: Counts what travels.

    Returns:
        The moves with what is left of them.

    Raises:
        RemoteError: The connection was lost.
        Cancelled: The job was stopped. What came by then stays, in both cases.
    """
    if not any(move.target and move.target.lock_remote for move in moves):
        return moves
    with opened_shelf(home, key_of(there.name, there.path)):
        come = _bring(home, there, moves, tally)
        left = [_without(move, come.get(move.run_id, set())) for move in moves]
        return _proven(home, there, left, tally)


def _bring(
    home: Home, there: RemoteHome, moves: Sequence[Move], tally: Tally
) -> dict[str, set[str]]:
    """Add to files what is new of them; names of those that are whole then, by their runs."""
    copies = [move for move in moves if _is_copy(home, there, move)]
    with ExitStack() as opened:
        tails = [tail for move in copies for tail in _tails(home, there, move, tally)]
        for tail in tails:
            opened.callback(tail.close)
        saved = sum(tail.have for tail in tails)
        tally.expect(sum(move.item.size for move in moves) - saved)
        fetches = [
            Fetch(tail.path_there, tail.entry.size, tail, tail.have - tail.overlap)
            for tail in tails
        ]
        if fetches:
            there.files.fetch(fetches, tally.check)
    come: dict[str, set[str]] = {}
    for tail in tails:
        if tail.has_come:
            come.setdefault(tail.run_id, set()).add(tail.name)
    return come


def _is_copy(home: Home, there: RemoteHome, move: Move) -> bool:
    """Whether the run here is nothing but a copy of the one that is, or was, going on there."""
    if move.target is None or not move.target.lock_remote or move.choice is not None:
        return False
    run_dir = home.runs_dir / move.run_id
    try:
        noted = read_file(f"{run_dir}/{LOCK_REMOTE}", None, _MOST_NAME)[:_MOST_NAME]
    except OSError:
        return False
    where = noted.decode("utf-8", "replace").partition(":")[0].strip()
    return where == there.name and find_busy(run_dir) is None


def _tails(home: Home, there: RemoteHome, move: Move, tally: Tally) -> Iterator[_Tail]:
    for name in move.item.files:
        source, target = move.source.entries[name], move.target and move.target.entries.get(name)
        if not target or source.kind != "file" or target.kind != "file" or not is_growing(name):
            continue
        if target.size <= source.size:
            path = f"{home.runs_dir}/{move.run_id}/{name}"
            with suppress(OSError):  # it is fetched in the usual way, which says what is wrong
                yield _Tail(move.run_id, name, path, there, source, target, tally)


class _Tail:
    """Puts what is new of a file behind what is here of it.

    Args:
        run_id: The run.
        name: The file in it.
        path: The file here.
        there: The home there.
        source: What it is there.
        target: What it is here.
        tally: Counts.

    Raises:
        OSError: It is no file that may be added to: another one by now, or one with two names.
    """

    def __init__(
        self,
        run_id: str,
        name: str,
        path: str,
        there: RemoteHome,
        source: ArchiveEntry,
        target: ArchiveEntry,
        tally: Tally,
    ) -> None:
        self.run_id = run_id
        self.name = name
        self.path_there = f"{there.run_dir(run_id)}/{name}"
        self.entry = source
        self.have = target.size
        self.overlap = min(_OVERLAP, target.size)
        self.has_come = False
        self._path = path
        self._tally = tally
        self._at = self.have - self.overlap
        self._is_alike = True
        self._descriptor = os.open(path, _WRITE)
        try:
            self._require(target)
            os.lseek(self._descriptor, self._at, os.SEEK_SET)
        except OSError:
            self.close()
            raise

    def take(self, data: bytes) -> None:
        """The next bytes: the end of what is here first."""
        if not self._is_alike:
            return
        known = min(max(0, self.have - self._at), len(data))
        if known:
            self._is_alike = os.read(self._descriptor, known) == data[:known]
            self._at += known
        if not self._is_alike:
            return
        rest = memoryview(data)[known:]
        while rest:
            written = os.write(self._descriptor, rest)
            self._at += written
            rest = rest[written:]
        self._tally.pace(len(data) - known)

    def end(self, problem: str) -> None:
        """All came, or why not."""
        if not problem and self._is_alike and self._at == self.entry.size:
            when = self.entry.mtime_ns
            with suppress(OSError, OverflowError):  # a time that this file system does not know
                set_times(self._path, self._descriptor, when, when)
            self.has_come = True
        self.close()

    def close(self) -> None:
        """Close the file."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _require(self, target: ArchiveEntry) -> None:
        found = os.fstat(self._descriptor)
        is_known = (found.st_size, found.st_mtime_ns) == (target.size, target.mtime_ns)
        if not (stat.S_ISREG(found.st_mode) and found.st_nlink == 1 and is_known):
            raise OSError("the file is another one by now")


def _without(move: Move, names: set[str]) -> Move:
    """A move without files that have come."""
    if not names or move.target is None:
        return move
    files = tuple(name for name in move.item.files if name not in names)
    size = sum(move.source.entries[name].size for name in files)
    entries = {**move.target.entries, **{name: move.source.entries[name] for name in names}}
    item = replace(move.item, files=files, size=size)
    return replace(move, item=item, target=replace(move.target, entries=entries))


class _Checked(Struct, frozen=True):
    """A file of a run that has ended, of which both sides look the same."""

    move: Move
    name: str

    @property
    def path(self) -> str:
        return f"{self.move.run_id}/{self.name}"

    @property
    def size(self) -> int:
        return self.move.source.entries[self.name].size


def _proven(home: Home, there: RemoteHome, moves: Sequence[Move], tally: Tally) -> list[Move]:
    """Compare checksums of what came in pieces, of runs that have ended; fetch what is another."""
    if not there.capabilities.can_hash:
        return list(moves)
    checked = [
        _Checked(move, name)
        for move in moves
        if _is_copy(home, there, move) and not move.source.is_running and move.target is not None
        for name in move.source.entries.keys() & move.target.entries.keys()
        if is_growing(name) and name not in move.item.files
    ]
    sizes = {each.path: each.size for each in checked}

    def own(path: str) -> str:
        return hash_here(f"{home.runs_dir}/{path}", sizes[path], tally.check)

    here, digests = hashes_of_both(there, there.runs_dir, sizes, own, tally.check)
    wrong: dict[str, list[str]] = {}
    for each in checked:
        if here[each.path] != digests[each.path]:
            wrong.setdefault(each.move.run_id, []).append(each.name)
    return [_with(move, wrong.get(move.run_id, [])) for move in moves]


def _with(move: Move, names: Sequence[str]) -> Move:
    files = (*move.item.files, *names)
    size = sum(move.source.entries[name].size for name in files)
    return replace(move, item=replace(move.item, files=files, size=size)) if names else move
