"""Listing the runs of a server by SFTP alone, as it works everywhere.

Ten thousand runs take a dozen seconds. They are asked for some at a time, few at
first, so that rows come at once and keep coming, and others who want something of the server wait
for a part of a second only.

Why a signature: names, sizes and times of a run's small files come with the listing of its
directories. Where they are the same as when its row was made, the files are not asked for again: a
second listing takes a fifth of the time of the first. SFTP's times are whole seconds, so a file
that was written in the last two before it was read may have changed since without a sign, and
counts for nothing. How late it is on the server is told by the newest time seen there, or by our
own clock where that is behind.
"""

from __future__ import annotations

import hashlib
import struct
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from msgspec import Struct, field

from core.check import Check
from core.index.reading import MOST_BYTES
from remote.errors import UnsafeAnswer
from remote.listed_run import (
    MARKERS,
    MOST_LISTED,
    NO_FILE,
    PROTO,
    READ_MARKERS,
    TOO_LARGE,
    WANTED,
    Alive,
    ListedRun,
)
from remote.remote_home import RemoteHome
from remote.sftp_channel import SftpChannel, Task
from remote.sftp_small import Take, look_into, read_known
from remote.sftp_tasks import read_small
from remote.sftp_wire import Facts

_FIRST, _MOST = 50, 500
"""Runs that are asked for together, at first and at last."""

_SETTLED_SECONDS = 2
_MARKERS = {name.encode(): f".guild/{name}" for name in MARKERS}
_READ_MARKERS = frozenset(name.encode() for name in READ_MARKERS)
_ATTRS = {name.encode(): f".guild/attrs/{name}" for name in WANTED}
_NUMBERS = struct.Struct("<QQ")


class _Looked(Struct):
    """What the two directories of a run say."""

    top: str
    guild: dict[bytes, Facts] = field(default_factory=dict)
    attrs: dict[bytes, Facts] = field(default_factory=dict)

    @property
    def facts(self) -> Iterator[Facts]:
        """Of all files that are known."""
        yield from self.guild.values()
        yield from self.attrs.values()


def processes_there(home: RemoteHome, check: Check) -> Alive:
    """The processes of a server, as its /proc shows them."""
    shown = home.files.names("/proc", check)
    return frozenset(entry.name for entry in shown or () if entry.name.isdigit()) or None


def list_by_sftp(
    home: RemoteHome,
    ids: Sequence[str],
    known: Mapping[str, int],
    check: Check,
    newest: int = 0,
) -> Iterator[tuple[str, ListedRun | None]]:
    """The small files of runs, in the order in which they are named.

    Args:
        home: The server's home.
        ids: Names of directories.
        known: Signatures of those of which the rows are known.
        check: Called often; raises to stop.
        newest: The newest time that was seen on the server, in seconds since 1970.

    Yields:
        Each id, and what was found; None where it is no run.
    """
    reader = _Reader(home, known, check, newest)
    start, size = 0, _FIRST
    while start < len(ids):
        yield from reader.read(ids[start : start + size])
        start, size = start + size, min(2 * size, _MOST)


class _Reader:
    def __init__(
        self, home: RemoteHome, known: Mapping[str, int], check: Check, newest: int
    ) -> None:
        self._home = home
        self._known = known
        self._check = check
        self._newest = newest
        self._left = MOST_LISTED

    def read(self, ids: Sequence[str]) -> list[tuple[str, ListedRun | None]]:
        """Some of the runs."""
        looked = {run_id: _Looked(self._home.run_dir(run_id)) for run_id in ids}
        found: list[tuple[str, ListedRun | None]] = []
        with self._home.files.opened() as sftp:
            sftp.run(self._looks(sftp, looked), self._check)
            self._note_time(looked)
            tasks: list[Task] = []
            for run_id, each in looked.items():
                listed = self._listed(run_id, each) if b"opref" in each.guild else None
                found.append((run_id, listed))
                if listed is not None and not listed.is_known:
                    tasks += self._reads(sftp, each, listed)
            sftp.run(tasks, self._check)
        for _, listed in found:
            if listed is not None and listed.problems:
                listed.signature = 0  # a right that was given changes no time
        return found

    def _looks(self, sftp: SftpChannel, looked: Mapping[str, _Looked]) -> Iterator[Task]:
        for each in looked.values():
            yield look_into(sftp, f"{each.top}/.guild", _MARKERS, each.guild)
            yield look_into(sftp, f"{each.top}/.guild/attrs", _ATTRS, each.attrs)

    def _note_time(self, looked: Mapping[str, _Looked]) -> None:
        """Find out how late it is on the server."""
        for each in looked.values():
            for facts in each.facts:
                self._newest = max(self._newest, facts.mtime)

    def _listed(self, run_id: str, looked: _Looked) -> ListedRun:
        listed = ListedRun()
        listed.names.update(_MARKERS[name] for name in looked.guild)
        listed.names.update(_ATTRS[name] for name in looked.attrs)
        for name, facts in ((_MARKERS[n], f) for n, f in looked.guild.items()):
            listed.times[name] = float(facts.mtime)
        if b"exit_status" in looked.attrs:
            listed.times[_ATTRS[b"exit_status"]] = float(looked.attrs[b"exit_status"].mtime)
        settled = min(self._newest, int(time.time())) - _SETTLED_SECONDS
        listed.signature = _signature(looked, settled)
        listed.is_known = listed.signature != 0 and self._known.get(run_id) == listed.signature
        return listed

    def _reads(self, sftp: SftpChannel, looked: _Looked, listed: ListedRun) -> Iterator[Task]:
        wanted = [(_ATTRS[name], facts) for name, facts in looked.attrs.items()]
        wanted += [(_MARKERS[n], f) for n, f in looked.guild.items() if n in _READ_MARKERS]
        for name, facts in wanted:
            take = partial(self._take, listed, name)
            if facts.kind != "file" and facts.mode:
                take(None, NO_FILE)
            elif facts.size > MOST_BYTES:
                take(None, TOO_LARGE)
            elif facts.kind != "file":  # some servers do not say what is in a directory
                yield self._read_unknown(sftp, f"{looked.top}/{name}", take)
            elif facts.size:
                yield read_known(sftp, f"{looked.top}/{name}", facts, take)
            else:
                take(b"", "")
        if b"proto" in looked.guild:
            name = f".guild/{PROTO}"
            take = partial(self._take, listed, name)
            yield self._read_unknown(sftp, f"{looked.top}/{name}", take)

    def _read_unknown(self, sftp: SftpChannel, path: str, take: Take) -> Task:
        found: dict[str, tuple[bytes | None, float]] = {}
        yield from read_small(sftp, path, found)
        take(found[path][0], "")

    def _take(self, listed: ListedRun, name: str, data: bytes | None, problem: str) -> None:
        if data is None:
            listed.lose(name, problem)
            return
        self._left -= len(data)
        if self._left < 0:
            raise UnsafeAnswer(f"{self._home.name} lists runs without end.", remote=self._home.name)
        listed.put(name, data)


def _signature(looked: _Looked, settled: int) -> int:
    """A number of 63 bits; 0 where a file could change without another one."""
    guild = looked.guild
    if b"LOCK" in guild or b"LOCK.remote" in guild or b"proto" in guild:
        return 0  # what these mean depends on more than they hold
    if any(facts.mtime > settled for facts in looked.facts):
        return 0
    digest = hashlib.blake2b(digest_size=8)
    for found in (guild, looked.attrs):
        for name, facts in sorted(found.items()):
            digest.update(name + b"\0" + _NUMBERS.pack(facts.size, facts.mtime))
        digest.update(b"/")
    return int.from_bytes(digest.digest(), "little") >> 1 or 1
