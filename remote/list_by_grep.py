"""Listing the runs of a server that has a shell with `find` and `grep`, but no Perl.

One command streams five hundred runs at a time, in the order in which they are asked for: what is
in `.guild` by `find`, contents by `grep`, with the name before each line. (A tar of two hundred
thousand files would be 200 MB of headers; this is 20.) What cannot be read there is left out
without a word.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence

from core.check import Check
from core.index.reading import MOST_BYTES
from remote.byte_channel import ByteChannel
from remote.errors import UnsafeAnswer
from remote.listed_run import (
    MARKERS,
    NO_FILE,
    OPREF,
    PROTO,
    READ_MARKERS,
    TOO_LARGE,
    WANTED,
    ListedRun,
)
from remote.remote_home import RemoteHome
from remote.sftp_wire import decode, encode

CHUNK = 500
"""Runs of one section of the stream."""

_READ = tuple(
    f".guild/{name}" for name in (*READ_MARKERS, PROTO, *(f"attrs/{name}" for name in WANTED))
)
_NAMES = frozenset((*(f".guild/{name}" for name in MARKERS), *_READ))
_PATHS = " ".join(f'"$r/{name}"' for name in _READ)
_EACH = (
    # What is no file is named wherever it is: grep follows links.
    'find -H "$@" -mindepth 1 -maxdepth 3 ! -path "./*/.guild*" -prune'
    ' -o -path "./*/.guild/*/*" -type f -o -printf "%y%p\\0"; printf "=\\0";'
    f' for r; do printf "%s\\0" {_PATHS}; done'
    ' | xargs -0 grep -asHZ -D skip "" /dev/null; echo ='
)
_COMMAND = (
    "cd -- {directory} || {{ cat >/dev/null; exit 3; }};"
    f" xargs -0 -n {CHUNK} sh -c {shlex.quote(_EACH)} sh"
)
_LONGEST_SECTION = 1 << 30


def can_grep(home: RemoteHome) -> bool:
    """Whether a server has what this needs."""
    return home.capabilities.can_find and "grepz" in home.capabilities.abilities


def list_by_grep(
    home: RemoteHome, ids: Sequence[str], check: Check
) -> Iterator[tuple[str, ListedRun | None]]:
    """The small files of runs, in the order in which they are named, as they arrive.

    Args:
        home: The server's home.
        ids: Names of directories.
        check: Called often; raises to stop.

    Yields:
        Each id, and what was found; None where it is no run.
    """
    if not ids:
        return
    stream = home.connection.start(_COMMAND.format(directory=shlex.quote(home.runs_dir)))
    try:
        stream.write(b"".join(encode(f"./{run_id}") + b"\0" for run_id in ids), check)
        stream.end_input()
        reading = _Sections(stream, home.name, check)
        for start in range(0, len(ids), CHUNK):
            some = ids[start : start + CHUNK]
            runs = parse_section(
                reading.until(b"=\0", after=b"\0"), reading.until(b"=\n", after=b"\n")
            )
            for run_id in some:
                listed = runs.get(run_id)
                yield run_id, listed if listed is not None and OPREF in listed.names else None
    finally:
        stream.close()


def parse_section(names: bytes, lines: bytes) -> dict[str, ListedRun]:
    """Understand what the command printed of some runs.

    Args:
        names: Kind, path and NUL of everything in `.guild`.
        lines: Path, NUL and text of each line of the wanted ones.
    """
    runs: dict[str, ListedRun] = {}
    for said in decode(names).split("\0"):
        run_id, _, name = said[3:].partition("/")
        if name not in _NAMES:
            continue
        listed = runs.get(run_id)
        if listed is None:
            listed = runs[run_id] = ListedRun()
        if name in _READ and said[0] != "f":
            listed.lose(name, NO_FILE)
        else:
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
        if OPREF in run.names:
            run.contents.setdefault(OPREF, b"")


def _put(listed: ListedRun | None, name: str, pieces: list[bytes]) -> None:
    if listed is None or name in listed.problems or name not in _NAMES:
        return
    pieces.append(b"")
    data = b"\n".join(pieces)
    if len(data) <= MOST_BYTES:
        listed.put(name, data)
    else:
        listed.lose(name, TOO_LARGE)


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
            self._check()  # where there is always more, no read has to wait
            more = self._stream.read(1 << 20, self._check)
            if not more:
                raise UnsafeAnswer(
                    f"{self._name} does not list its runs to the end.", remote=self._name
                )
            if len(self._buffer) > _LONGEST_SECTION:
                raise UnsafeAnswer(f"{self._name} lists runs without end.", remote=self._name)
            self._buffer += more
