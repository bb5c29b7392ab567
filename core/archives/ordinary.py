"""Ordinary small runs that arrive from somewhere: nothing of them needs the general way.

An import of ten thousand runs writes three hundred thousand files, nearly all of them of runs
that are small, with plain names and no surprises. For those one reads the list, unpacks and
verifies in a few lines (core.archives.quick_unzip, quick_untar, quick_read); whatever is unusual
or wrong goes the general way (core.archives.arrival, core.archives.unpacking), which has a sentence
for it. Both ways bring the same; the tests hold them to it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from stat import S_IFREG

from msgspec import Struct

from core.archives.checksums import NAME as RECORD
from core.archives.quick_run import Item
from core.archives.run_tree import LOCK

OPREF = ".guild/opref"
PROTO = ".guild/proto/"
NOT_ARRIVING = frozenset([RECORD, LOCK])
_MOST_KNOWN = 60_000  # files of runs


class Ordinary(Struct, frozen=True):
    """A run of an archive that can be taken the quick way.

    Attributes:
        files: How many files of it arrive.
        size: Their bytes as they are declared.
        unpack: Gives everything that arrives, verified; None where something is wrong with it.
    """

    files: int
    size: int
    unpack: Callable[[], list[Item] | None]


class KnownRuns:
    """What was found out of runs: a plan asks for each, and so does the import after it.

    Not of more than some thousands: each takes about eight kilobytes.
    """

    def __init__(self) -> None:
        self._known: dict[str, Ordinary | None] = {}
        self._room = _MOST_KNOWN

    def get(self, run_id: str, find: Callable[[str], Ordinary | None]) -> Ordinary | None:
        """The run as `find` gives it."""
        if run_id in self._known:
            return self._known[run_id]
        found = find(run_id)
        self._room -= 1 + (found.files if found is not None else 0)
        if self._room > 0:
            self._known[run_id] = found
        return found


def ordinary_run(
    files: Mapping[str, int],
    unpack: Callable[[], list[Item] | None],
    *,
    is_compared: bool = True,
) -> Ordinary | None:
    """A run with these files; None where that is no run.

    Args:
        files: Path relative to the run to size.
        unpack: Gives everything that is in it.
        is_compared: Whether its record of checksums, where it has one, is of these files.
    """
    if OPREF not in files:
        return None
    left_out = files.keys() & NOT_ARRIVING
    size = sum(files.values()) - sum(files[path] for path in left_out)
    return Ordinary(
        len(files) - len(left_out), size, lambda: _arriving(unpack(), is_compared=is_compared)
    )


def _arriving(items: list[Item] | None, *, is_compared: bool) -> list[Item] | None:
    """What of a run is to be written; None where it is not what was exported."""
    if items is None:
        return None
    record = next((item[4] for item in items if item[0] == RECORD), None)
    if record is not None and is_compared:
        digests = _digests(record)
        if digests is None or not _are_right(items, digests):
            return None
    return [item for item in items if item[0] not in NOT_ARRIVING]


def _are_right(items: Iterable[Item], digests: dict[str, str]) -> bool:
    """Whether every file is there that was exported, and as it was."""
    files = ((path, data) for path, kind, _, _, data in items if kind == S_IFREG)
    found = {path: data for path, data in files if path not in NOT_ARRIVING}
    sha256 = hashlib.sha256
    for path, digest in digests.items():
        data = found.get(path)
        if data is None or sha256(data).hexdigest() != digest:
            return False
    return True


def _digests(record: bytes) -> dict[str, str] | None:
    """The checksums of a record by their paths; None where a line is unusual."""
    if b"\\" in record or not record.isascii():
        return None
    lines = record.decode("ascii").split("\n")
    if lines.pop():
        return None
    digests = {line[66:]: line[:64] for line in lines if line[64:66] == "  "}
    others = [line for line in lines if line[64:66] != "  "]
    return digests if all(line.startswith("#") for line in others) else None
