"""Bringing the files of runs that are pulled, each by the way that is best for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from msgspec import Struct, field

from remote.files import Fetch, Tree
from remote.found import FIND_WORDS, MOST_WORDS, listed, parse_found, words_of
from remote.local_shelf import FileSink, StagedPull
from remote.manifest import Manifest, digests_of
from remote.moves import Build, Move, Tally
from remote.remote_home import RemoteHome
from remote.tar_stream import Afterwards, Arrival, fetch_by_tar


class Arriving(Struct, eq=False):  # two of them are never compared by what is in them
    """One run that is being pulled.

    Attributes:
        move: What the plan says of it.
        build: What it will consist of.
        staged: Where it is written.
        source: What it is there, as it was last listed.
        names: Files that are to come.
        doubtful: Names of files that did not come in a tar, which says not why.
    """

    move: Move
    build: Build
    staged: StagedPull
    source: Manifest
    names: list[str]
    doubtful: set[str] = field(default_factory=set)


class _Arrival(NamedTuple):
    """A file that comes in a tar (see remote.tar_stream.Arrival)."""

    staged: StagedPull
    name: str
    size: int
    pace: Callable[[int], None]
    is_hashed: bool

    def put(self, data: bytes) -> None:
        """All of it came at once."""
        self.staged.put(self.name, data, is_hashed=self.is_hashed)
        self.pace(len(data))

    def sink(self) -> FileSink:
        """Takes it piece by piece."""
        return self.staged.sink(self.name, self.pace, is_hashed=self.is_hashed)

    def miss(self, problem: str) -> None:
        """It did not come."""
        self.staged.problems[self.name] = problem


def fetch_files(
    there: RemoteHome, arriving: Sequence[Arriving], tally: Tally, *, is_hashed: bool
) -> Mapping[str, Tree] | None:
    """Bring all files that are missing.

    Args:
        there: The server's home.
        arriving: The runs.
        tally: Counts.
        is_hashed: Whether checksums are taken of what comes.

    Returns:
        How the runs are listed there after it, where that came along.
    """
    by_tar: dict[str, Arrival] = {}
    by_sftp: list[Fetch] = []
    for each in arriving:
        for name in each.staged.missing(each.names):
            size = each.staged.entries[name].size
            path = f"{each.move.run_id}/{name}"
            arrival = _Arrival(each.staged, name, size, tally.pace, is_hashed)
            can_tar = there.capabilities.can_tar and name not in each.doubtful
            if can_tar and not each.staged.is_begun(name):
                by_tar[path] = arrival
                continue
            sink = arrival.sink()
            tally.spare(sink.offset)
            by_sftp.append(Fetch(f"{there.runs_dir}/{path}", size, sink, sink.offset))
    try:
        if by_sftp:
            there.files.fetch(by_sftp, tally.check)
    finally:
        for fetch in by_sftp:
            fetch.sink.close()
    return _fetch_by_tar(there, by_tar, arriving, tally) if by_tar else None


def _is_all(wanted: Mapping[str, Arrival], arriving: Sequence[Arriving]) -> bool:
    """Whether every file of the runs is wanted."""
    files = sum(e.kind == "file" for each in arriving for e in each.source.entries.values())
    return len(wanted) == files


def _fetch_by_tar(
    there: RemoteHome, wanted: Mapping[str, Arrival], arriving: Sequence[Arriving], tally: Tally
) -> Mapping[str, Tree] | None:
    ids = [each.move.run_id for each in arriving]
    words = words_of(ids) if there.capabilities.can_find else None
    after = None if words is None else Afterwards(FIND_WORDS, words)
    is_all = words is not None and len(words) <= MOST_WORDS and _is_all(wanted, arriving)
    said = fetch_by_tar(there.connection, there.runs_dir, wanted, tally.check, after, is_all=is_all)
    if said is None:
        return None
    known = digests_of({each.move.run_id: each.source for each in arriving})
    return parse_found(listed(said.output, there.name), ids, said.errors, known=known)
