"""The files of a run in an archive, listed as those of a run in a home are.

Why one directory at a time: a run may have a million files. Such a run lies on the disk
(core.archives.large_run), and no more of it comes into memory than is shown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import BinaryIO

from core.archives.entries import ArchiveEntry
from core.archives.large_run import LargeRun
from core.archives.source import RunSource
from core.check import Check, go_on
from core.errors import ArchiveError
from core.runs.files import MOST_ENTRIES, EntryKind, FileEntry, Listing, natural_name, shown
from core.runs.links import linked_run
from core.runs.manifest import LARGEST_MANIFEST, Manifest, parse_manifest

MANIFEST = ".guild/manifest"
_CHECK_EACH = 1000


def find_entry(source: RunSource, run_id: str, name: str) -> ArchiveEntry | None:
    """The entry of a name; None where a run has none.

    Raises:
        ArchiveError: The run is unsafe or damaged.
    """
    entries = source.entries(run_id)
    if isinstance(entries, LargeRun):
        found = entries.find(name)
        return None if found is None else found[0]
    return next((entry for entry in entries if entry.name == name), None)


def files_by_name(
    source: RunSource, run_id: str, entries: Mapping[str, ArchiveEntry], check: Check
) -> Iterator[tuple[ArchiveEntry, BinaryIO]]:
    """Entry and content of some files of a run.

    Why not always as `source.files` gives them: it asks of each of a million files whether that is
    wanted, and in a zip a few are found at once.

    Args:
        source: Where the run is.
        run_id: The run.
        entries: The files, by name.
        check: Called often; raises to stop.

    Raises:
        ArchiveError: The run is unsafe or damaged.
    """
    if source.kind == "zip" and isinstance(source.entries(run_id, check), LargeRun):
        for name, entry in entries.items():
            check()
            yield entry, source.open(run_id, name)
        return
    for _, entry, file in source.files([run_id], check, lambda _id, e: e.name in entries):
        yield entry, file


def file_names(entries: Collection[ArchiveEntry], directory: str) -> list[str]:
    """Names of all files in a directory and below it, sorted."""
    if isinstance(entries, LargeRun):
        return sorted(entry.name for entry in entries.below(directory, "file"))
    names = (entry.name for entry in entries if entry.kind == "file")
    return sorted(name for name in names if name.startswith(f"{directory}/"))


def read_archived_manifest(source: RunSource, run_id: str) -> Manifest:
    """The manifest of a run; an empty one where it has none.

    Raises:
        ArchiveError: The run is unsafe or damaged.
    """
    if find_entry(source, run_id, MANIFEST) is None:
        return Manifest()
    try:
        with source.open(run_id, MANIFEST) as file:
            return parse_manifest(file.read(LARGEST_MANIFEST + 1))
    except ArchiveError as e:
        return Manifest(problem=str(e))


def list_archived_directory(
    source: RunSource,
    run_id: str,
    path: str = "",
    *,
    most: int = MOST_ENTRIES,
    check: Check = go_on,
) -> Listing:
    """The entries of a directory of a run.

    Args:
        source: Where the run is.
        run_id: The run.
        path: Directory relative to the run; empty is the run itself.
        most: More entries than this are counted but not listed.
        check: Called often; raises to stop.

    Raises:
        ArchiveError: The run is unsafe or damaged.
    """
    manifest = read_archived_manifest(source, run_id)
    entries = source.entries(run_id, check)
    if isinstance(entries, LargeRun):
        found = entries.in_directory(path)
        first, further = _split(found, most, check)
    else:
        first, further = _ordered(_by_directory(entries).get(path, [])), 0
        first, further = first[:most], max(0, len(first) - most)
    problem = ""
    if further:
        count = f"{len(first):,} of {len(first) + further:,}"
        problem = f"{count} files in {shown(path) or 'the run'} are shown"
    return Listing(tuple(_file_entry(entry, manifest) for entry in first), problem)


def iter_archived_files(source: RunSource, run_id: str) -> Iterator[FileEntry]:
    """Every entry of a run, each directory before what is in it, in natural order.

    In a directory with very many entries their order is that of the list on the disk.

    Raises:
        ArchiveError: The run is unsafe or damaged.
    """
    manifest = read_archived_manifest(source, run_id)
    entries = source.entries(run_id)
    below = {} if isinstance(entries, LargeRun) else _by_directory(entries)

    def inside(path: str) -> Iterator[ArchiveEntry]:
        if isinstance(entries, LargeRun):
            coming = entries.in_directory(path)
            first = list(islice(coming, MOST_ENTRIES + 1))
            return iter(_ordered(first)) if len(first) <= MOST_ENTRIES else chain(first, coming)
        return iter(_ordered(below.get(path, [])))

    waiting = [inside("")]
    while waiting:
        item = next(waiting[-1], None)
        if item is None:
            waiting.pop()
            continue
        yield _file_entry(item, manifest)
        if item.kind == "dir":
            waiting.append(inside(item.name))


def _by_directory(entries: Iterable[ArchiveEntry]) -> dict[str, list[ArchiveEntry]]:
    """What is in each directory, also in those that have no entry of their own."""
    found = {entry.name: entry for entry in entries}
    for name in list(found):
        while name := name.rpartition("/")[0]:
            found.setdefault(name, ArchiveEntry(name, "dir"))
    below: dict[str, list[ArchiveEntry]] = {}
    for name, entry in found.items():
        below.setdefault(name.rpartition("/")[0], []).append(entry)
    return below


def _split(
    entries: Iterator[ArchiveEntry], most: int, check: Check
) -> tuple[list[ArchiveEntry], int]:
    """The first entries in order, and how many come after them."""
    first = _ordered(list(islice(entries, most)))
    further = 0
    for further, _ in enumerate(entries, 1):
        if not further % _CHECK_EACH:
            check()
    return first, further


def _ordered(entries: list[ArchiveEntry]) -> list[ArchiveEntry]:
    return sorted(entries, key=lambda e: (e.kind != "dir", natural_name(e.name)))


def _file_entry(entry: ArchiveEntry, manifest: Manifest) -> FileEntry:
    name = entry.name.rpartition("/")[2]
    kind: EntryKind = manifest.kind(entry.name)
    modified = entry.mtime_ns // 1000 or None
    if entry.kind == "dir":
        kind = "directory" if kind == "generated" else kind
        return FileEntry(name, entry.name, kind, "directory", None, modified)
    if entry.kind == "link":
        run_id = linked_run(entry.target, "..")
        if run_id:
            return FileEntry(name, entry.name, "run", "run", None, modified, entry.target, run_id)
        return FileEntry(name, entry.name, kind, "other", None, modified, entry.target)
    return FileEntry(name, entry.name, kind, "file", entry.size, modified)
