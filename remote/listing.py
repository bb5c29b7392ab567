"""Listing all runs of a server: the small files that their rows are made of, as they arrive.

With a shell one command streams them, for five hundred runs at a time, in the order in which they
are asked for: names in `.guild` by `find`, contents by `grep`, with the name before each line.
(A tar of two hundred thousand files would be 200 MB of headers; this is 20.) Ten thousand runs take
a second or two so, whatever the distance. Without, the same files are asked for by SFTP, many at
once, which takes ten times as long.

A LOCK whose process is proven to be gone counts for nothing; another one means that the run is
running there.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from core.archives.small_files import SmallFiles
from core.archives.source import Check
from core.runs.guild_files import MOST_BYTES
from core.runs.status import Markers
from remote.connection import ByteChannel
from remote.errors import UnsafeAnswer
from remote.remote_home import RemoteHome
from remote.sftp_wire import decode, encode

CHUNK = 500
WANTED = (
    *("exit_status", "started", "stopped", "initialized", "label", "tags", "marked", "comments"),
    *("flags", "host", "user", "sourcecode_digest", "vcs_commit"),
)
"""Attributes that rows show."""

_MARKERS = ("LOCK", "LOCK.remote", "PENDING", "STAGED", "batch", "opref")
_PROTO = "proto/.guild/opref"
_READ = (
    *(f".guild/{name}" for name in ("opref", "LOCK", "LOCK.remote", "batch", _PROTO)),
    *(f".guild/attrs/{name}" for name in WANTED),
)
_PATHS = " ".join(f'"$r/{name}"' for name in _READ)
_EACH = (
    'find "$@" -mindepth 2 -maxdepth 2 -path "./*/.guild/*" -printf "%p\\0"; printf "=\\0";'
    f' for r; do printf "%s\\0" {_PATHS}; done | xargs -0 grep -asHZ "" /dev/null; echo ='
)
_COMMAND = (
    "cd -- {directory} || {{ cat >/dev/null; exit 3; }};"
    " (cd /proc 2>/dev/null && echo [0-9]*) || echo;"
    f" xargs -0 -n {CHUNK} sh -c {shlex.quote(_EACH)} sh"
)
_LONGEST_SECTION = 1 << 30
_EXIT = ".guild/attrs/exit_status"
_PID = re.compile(r"[0-9]{1,10}")


@dataclass(slots=True)
class ListedRun:
    """The small files of one run, as a server gave them.

    Attributes:
        names: Names of its files in `.guild`, relative to the run.
        contents: Of those that rows need, relative to the run.
        times: When LOCK and exit_status were written, in seconds since 1970.
        problem: Why it could not be listed.
    """

    names: set[str] = field(default_factory=set)
    contents: dict[str, bytes] = field(default_factory=dict)
    times: dict[str, float] = field(default_factory=dict)


class RemoteSmallFiles(SmallFiles):
    """What a server knows of one run (see core.runs.run_reading.RunFiles).

    Args:
        run_dir: What stands for its directory.
        listed: What was listed.
        remote: The remote's name: where the run is running, if it is.
        alive: Numbers of the server's processes; None where it does not show them.
    """

    def __init__(
        self, run_dir: str, listed: ListedRun, remote: str, alive: frozenset[str] | None
    ) -> None:
        super().__init__(
            run_dir,
            listed.names,
            listed.contents.get,
            lambda name: listed.times.get(name, 0.0),
            lambda: (),
        )
        self._listed = listed
        self._remote = remote
        self._alive = alive

    def markers(self) -> Markers:
        """The marker files; a LOCK that counts is one of the remote."""
        found = super().markers()
        if found.lock is None:
            return found
        is_running = found.remote is None and self._is_running(found)
        remote = self._remote if is_running else found.remote
        return Markers(found.pending, found.staged, remote)

    def _is_running(self, found: Markers) -> bool:
        """Whether a LOCK counts; where no processes are shown, as Guild sees it."""
        pid = _PID.match((found.lock or "").strip())
        if pid is None or (self._alive is not None and pid[0] not in self._alive):
            return False
        if self._alive is not None:
            return True
        ended = self._listed.times.get(_EXIT, 0.0)
        return _EXIT not in self._listed.names or 0.0 < ended <= found.lock_time


def list_runs(
    home: RemoteHome, ids: Sequence[str], check: Check
) -> Iterator[tuple[str, ListedRun, frozenset[str] | None]]:
    """The small files of runs, in the order in which they are named, as they arrive.

    Args:
        home: The server's home.
        ids: Names of directories; of those that are no runs nothing comes.
        check: Called often; raises to stop.

    Yields:
        Id, files, and the numbers of the server's processes where it shows them.
    """
    abilities = home.capabilities.abilities
    if home.capabilities.can_find and "grepz" in abilities:
        yield from _by_shell(home, ids, check)
    else:
        yield from _by_sftp(home, ids, check)


def _by_shell(
    home: RemoteHome, ids: Sequence[str], check: Check
) -> Iterator[tuple[str, ListedRun, frozenset[str] | None]]:
    if not ids:
        return
    stream = home.connection.start(_COMMAND.format(directory=shlex.quote(home.runs_dir)))
    try:
        stream.write(b"".join(encode(f"./{run_id}") + b"\0" for run_id in ids), check)
        stream.end_input()
        reading = _Sections(stream, home.name, check)
        pids = reading.until(b"\n").decode("ascii", "replace").split()
        alive = frozenset(pids) if "proc" in home.capabilities.abilities else None
        for start in range(0, len(ids), CHUNK):
            some = ids[start : start + CHUNK]
            runs = parse_section(
                reading.until(b"=\0", after=b"\0"), reading.until(b"=\n", after=b"\n")
            )
            for run_id in some:
                listed = runs.get(run_id)
                if listed is not None and ".guild/opref" in listed.names:
                    yield run_id, listed, alive
    finally:
        stream.close()


def parse_section(names: bytes, lines: bytes) -> dict[str, ListedRun]:
    """Understand what the command printed of some runs.

    Args:
        names: Path and NUL of everything in `.guild`.
        lines: Path, NUL and text of each line of the wanted ones.
    """
    runs: dict[str, ListedRun] = {}
    for path in decode(names).split("\0"):
        run_id, _, name = path[2:].partition("/")
        if not name:
            continue
        listed = runs.get(run_id)
        if listed is None:
            listed = runs[run_id] = ListedRun()
        listed.names.add(name)
    _take_contents(runs, lines)
    return runs


def _take_contents(runs: Mapping[str, ListedRun], lines: bytes) -> None:
    """Put the lines together again: those of one file follow each other."""
    known, listed, name = b"", None, ""
    pieces: list[bytes] = []
    for line in lines.split(b"\n"):
        path, found, content = line.partition(b"\0")
        if not found:
            continue
        if path != known:
            _put(listed, name, pieces)
            known, pieces = path, []
            run_id, _, name = decode(path).removeprefix("./").partition("/")
            listed = runs.get(run_id)
        pieces.append(content)
    _put(listed, name, pieces)
    for run in runs.values():  # grep says nothing of empty files
        if ".guild/opref" in run.names:
            run.contents.setdefault(".guild/opref", b"")


def _put(listed: ListedRun | None, name: str, pieces: list[bytes]) -> None:
    if listed is not None:
        pieces.append(b"")
        data = b"\n".join(pieces)
        if len(data) <= MOST_BYTES:
            listed.names.add(name)
            listed.contents[name] = data


class _Sections:
    """Cuts a stream where its parts end."""

    def __init__(self, stream: ByteChannel, name: str, check: Check) -> None:
        self._stream = stream
        self._name = name
        self._check = check
        self._buffer = bytearray()

    def until(self, end: bytes, *, after: bytes = b"") -> bytes:
        """What comes before `end`, which counts at the beginning and behind `after` only."""
        whole = after + end
        searched = 0
        while True:
            if after and self._buffer.startswith(end):
                del self._buffer[: len(end)]
                return b""
            at = self._buffer.find(whole, searched)
            if at >= 0:
                data = bytes(self._buffer[: at + len(after)])
                del self._buffer[: at + len(whole)]
                return data
            searched = max(0, len(self._buffer) - len(whole))
            more = self._stream.read(1 << 20, self._check)
            if not more or len(self._buffer) > _LONGEST_SECTION:
                why = "without end" if more else "not to the end"
                raise UnsafeAnswer(f"{self._name} lists its runs {why}.", remote=self._name)
            self._buffer += more


def _by_sftp(
    home: RemoteHome, ids: Sequence[str], check: Check
) -> Iterator[tuple[str, ListedRun, frozenset[str] | None]]:
    shown = home.files.names("/proc", check)
    pids = frozenset(entry.name for entry in shown or () if entry.name.isdigit())
    alive = pids or None
    size = CHUNK // 5
    for start in range(0, len(ids), size):
        for run_id, listed in _some_by_sftp(home, ids[start : start + size], check).items():
            yield run_id, listed, alive


def _some_by_sftp(home: RemoteHome, ids: Sequence[str], check: Check) -> dict[str, ListedRun]:
    dirs = {f"{home.run_dir(run_id)}/.guild": run_id for run_id in ids}
    found = home.files.listings(dirs, check)
    runs: dict[str, ListedRun] = {}
    paths: dict[str, tuple[ListedRun, str]] = {}
    for path, run_id in dirs.items():
        listed = ListedRun()
        for entry in found.get(path, ()):
            listed.names.add(f".guild/{entry.name}")
            listed.times[f".guild/{entry.name}"] = entry.mtime_ns / 1e9
        if ".guild/opref" in listed.names:
            runs[run_id] = listed
            top = home.run_dir(run_id)
            paths.update((f"{top}/{name}", (listed, name)) for name in _wanted(listed))
    for path, (data, mtime) in home.files.read_with_times(paths, check).items():
        if data is not None:
            listed, name = paths[path]
            listed.names.add(name)
            listed.contents[name] = data
            listed.times[name] = mtime
    return runs


def _wanted(listed: ListedRun) -> list[str]:
    """Names of the files that the row of a run needs; attributes are asked for without knowing."""
    names = [f".guild/{name}" for name in _MARKERS if f".guild/{name}" in listed.names]
    names += [f".guild/attrs/{name}" for name in WANTED]
    return names + ([f".guild/{_PROTO}"] if ".guild/proto" in listed.names else [])
