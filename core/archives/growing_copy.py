"""The copy of a run that goes on elsewhere: what the run wrote since is put behind what is here.

Output, its index and event files are only ever added to, so of these nothing comes twice. Whether a
file really was only added to is seen from the end of what is here, which comes once more; one that
is another file is found out so, and all of the run is copied anew. Other files that are otherwise
now come whole, and take the place of the old ones in one step: whoever reads meanwhile reads the
one or the other.

Of very long output only the end is copied, from the beginning of a line on. Its index is left out
then, since nobody knows which line of it is the first one here.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Literal

from msgspec import Struct, field

from core.archives.entries import ArchiveEntry
from core.archives.large_run import LargeRun
from core.archives.source import LiveSource
from core.check import Check
from core.errors import ArchiveError
from core.runs.scalars import EVENT_FILE, is_event_file

Part = Literal["facts", "output", "events", "files"]

MOST_WHOLE = 8 << 20
"""Output of more bytes is copied from its end, unless all of it is asked for."""

TAIL_BYTES = 2 << 20
"""So much of it."""

MOST_BYTES = 1 << 30
"""Of one part of a run. More is not worth the wait for a look: import the run."""

OUTPUT, OUTPUT_INDEX = ".guild/output", ".guild/output.index"
OUTPUTS = frozenset({OUTPUT, OUTPUT_INDEX})

_OVERLAP = 512
"""Bytes before the end of what is here that come once more, to be compared."""

_PIECE = 1 << 20
_SECOND = 1_000_000_000
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


class OtherFile(Exception):
    """A file that only grows is another one than the one that was copied."""


class Copied(Struct, frozen=True):
    """One file of a copy.

    Attributes:
        entry: What it was there when it was copied.
        left_out: Bytes at its beginning that were not.
    """

    entry: ArchiveEntry
    left_out: int = 0


class Copy(Struct):
    """Parts of one run, in a directory of its own.

    Attributes:
        path: Stands for the run's directory.
        parts: Which of its parts are here.
        stale: Those of them that may be otherwise there by now.
        files: What is here, by name.
        is_whole: Whether all of its output is wanted, however long that is.
    """

    path: Path
    parts: set[Part] = field(default_factory=set)
    stale: set[Part] = field(default_factory=set)
    files: dict[str, Copied] = field(default_factory=dict)
    is_whole: bool = False

    @property
    def left_out(self) -> int:
        """Bytes of output that are not here."""
        known = self.files.get(OUTPUT)
        return known.left_out if known is not None else 0


def wanted_of(entries: Collection[ArchiveEntry], part: Part) -> dict[str, ArchiveEntry]:
    """The files of a part, by name."""
    is_wanted = _WANTED[part]
    if isinstance(entries, LargeRun):
        entries = tuple(entries.with_text(_TEXTS[part]))
    return {e.name: e for e in entries if e.kind == "file" and is_wanted(e.name)}


def copy_end(
    source: LiveSource, run_id: str, entry: ArchiveEntry, copy: Copy, check: Check
) -> None:
    """Copy the end of long output, from the beginning of a line on, in place of what was here."""
    start = max(0, entry.size - TAIL_BYTES)
    with source.rest(run_id, {OUTPUT: start}, check)[OUTPUT] as file:
        data = file.read()
    skipped = data.find(b"\n") + 1 if start else 0
    forget(copy, {OUTPUT_INDEX} & copy.files.keys())
    _write(copy.path, entry, [data[skipped:]])
    copy.files[OUTPUT] = Copied(entry._replace(size=start + len(data)), start + skipped)


def is_long(copy: Copy, wanted: Mapping[str, ArchiveEntry]) -> bool:
    """Whether so much output is new that only its end is copied."""
    entry, known = wanted.get(OUTPUT), copy.files.get(OUTPUT)
    if entry is None or copy.is_whole:
        return False
    here = known.entry.size if known is not None else 0
    return entry.size - here > MOST_WHOLE


def bring_up_to_date(source: LiveSource, run_id: str, copy: Copy, part: Part, check: Check) -> None:
    """Bring what is new of a part that was copied before.

    Killed at any point this leaves a copy that nobody uses any more; stopped at any point, one that
    is gone on with.

    Args:
        source: Where the run is; no other thread uses it meanwhile.
        run_id: The run.
        copy: The copy.
        part: Which part.
        check: Called often; raises to stop.

    Raises:
        OtherFile: The copy is of no use any more.
        ArchiveError: A file is gone by now, or the server does not answer.
    """
    wanted = wanted_of(source.entries(run_id), part)
    gone = [name for name in copy.files if _WANTED[part](name) and name not in wanted]
    forget(copy, gone)
    if part == "output" and is_long(copy, wanted):
        copy_end(source, run_id, wanted[OUTPUT], copy, check)
    if copy.left_out:
        wanted.pop(OUTPUT_INDEX, None)
    changed = {name: e for name, e in wanted.items() if not _is_same(copy.files.get(name), e)}
    starts = {name: _start_of(copy.files.get(name), e) for name, e in changed.items()}
    if not changed:
        return
    left_out = copy.left_out if OUTPUT in wanted else 0
    if sum(entry.size for entry in wanted.values()) - left_out > MOST_BYTES:
        raise ArchiveError(f"The {part} of run {run_id[:8]} became too large for a look.")
    for name, file in source.rest(run_id, starts, check).items():
        check()
        with file:
            if name in copy.files and grows(name):
                _append(copy, changed[name], file, starts[name])
            else:
                _replace(copy, changed[name], file)


def forget(copy: Copy, names: Collection[str]) -> None:
    """Remove files of a copy."""
    for name in list(names):
        (copy.path / name).unlink(missing_ok=True)
        del copy.files[name]


def grows(name: str) -> bool:
    """Whether a file of a run is only ever added to."""
    return name in OUTPUTS or is_event(name)


def is_event(name: str) -> bool:
    """Whether a file of a run is an event file, by its name."""
    directory, _, last = name.rpartition("/")
    return directory != ".guild/attrs" and is_event_file(last)


def set_time(path: Path, entry: ArchiveEntry) -> None:
    """Give a copy the time that the file has there."""
    with suppress(OverflowError, OSError):  # a time that this file system does not know
        os.utime(path, ns=(entry.mtime_ns, entry.mtime_ns))


def _is_same(known: Copied | None, entry: ArchiveEntry) -> bool:
    if known is None:
        return False
    if grows(entry.name):  # times are told more coarsely in one way than in another
        seconds = known.entry.mtime_ns // _SECOND, entry.mtime_ns // _SECOND
        return known.entry.size == entry.size and seconds[0] == seconds[1]
    return known.entry == entry


def _start_of(known: Copied | None, entry: ArchiveEntry) -> int:
    if known is None or not grows(entry.name):
        return 0
    if entry.size < known.entry.size:
        raise OtherFile(entry.name)
    return max(known.left_out, known.entry.size - _OVERLAP)


def _append(copy: Copy, entry: ArchiveEntry, file: BinaryIO, start: int) -> None:
    known, path = copy.files[entry.name], copy.path / entry.name
    with path.open("r+b") as target:
        here = target.seek(0, os.SEEK_END) + known.left_out
        target.seek(start - known.left_out)
        if file.read(here - start) != target.read():
            raise OtherFile(entry.name)
        while piece := file.read(_PIECE):
            target.write(piece)
        size = target.tell() + known.left_out
    set_time(path, entry)
    copy.files[entry.name] = Copied(entry._replace(size=size), known.left_out)


def _replace(copy: Copy, entry: ArchiveEntry, file: BinaryIO) -> None:
    try:
        _write(copy.path, entry, iter(lambda: file.read(_PIECE), b""))
    except (FileExistsError, IsADirectoryError, NotADirectoryError) as e:
        raise OtherFile(entry.name) from e  # a file there was a directory here, or the reverse
    copy.files[entry.name] = Copied(entry)


def _write(top: Path, entry: ArchiveEntry, pieces: Iterable[bytes]) -> None:
    target = top / entry.name
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = top.parent / "coming"  # beside the run: no reader finds it
    temporary.unlink(missing_ok=True)
    with os.fdopen(os.open(temporary, _CREATE, 0o600), "wb") as copy:
        copy.writelines(pieces)
    set_time(temporary, entry)
    os.replace(temporary, target)


def _is_fact(name: str) -> bool:
    is_guild = name.startswith(".guild/") and name not in OUTPUTS
    return is_guild and not name.startswith(".guild/sourcecode/") and not is_event(name)


_WANTED: Mapping[Part, Callable[[str], bool]] = {
    "facts": _is_fact,
    "output": OUTPUTS.__contains__,
    "events": is_event,
    "files": lambda _name: True,
}
_TEXTS: Mapping[Part, str] = {
    "facts": ".guild/",
    "output": OUTPUT,
    "events": EVENT_FILE,
    "files": "",
}
"""What is in every name of a part: nearly all files of a run with very many are in none."""
