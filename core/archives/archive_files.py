"""The files of a run in an archive, listed as those of a run in a home are."""

from __future__ import annotations

from core.archives.entries import ArchiveEntry
from core.archives.source import RunSource
from core.errors import ArchiveError
from core.runs.files import EntryKind, FileEntry, natural_name
from core.runs.links import linked_run
from core.runs.manifest import LARGEST_MANIFEST, Manifest, parse_manifest

MANIFEST = ".guild/manifest"


def read_archived_manifest(source: RunSource, run_id: str) -> Manifest:
    """The manifest of a run; an empty one where it has none.

    Raises:
        ArchiveError: The run is unsafe or damaged.
    """
    if all(entry.name != MANIFEST for entry in source.entries(run_id)):
        return Manifest()
    try:
        with source.open(run_id, MANIFEST) as file:
            return parse_manifest(file.read(LARGEST_MANIFEST + 1))
    except ArchiveError as e:
        return Manifest(problem=str(e))


def list_archived_files(source: RunSource, run_id: str) -> list[FileEntry]:
    """Every entry of a run, each directory before what is in it, in natural order.

    Raises:
        ArchiveError: The run is unsafe or damaged.
    """
    manifest = read_archived_manifest(source, run_id)
    found = {entry.name: entry for entry in source.entries(run_id)}
    for name in list(found):  # directories that have no entry of their own
        while name := name.rpartition("/")[0]:
            found.setdefault(name, ArchiveEntry(name, "dir"))
    below: dict[str, list[ArchiveEntry]] = {}
    for name, entry in found.items():
        below.setdefault(name.rpartition("/")[0], []).append(entry)
    listed: list[FileEntry] = []
    waiting = [iter(_ordered(below.get("", [])))]
    while waiting:
        item = next(waiting[-1], None)
        if item is None:
            waiting.pop()
            continue
        listed.append(_file_entry(item, manifest))
        if item.kind == "dir":
            waiting.append(iter(_ordered(below.get(item.name, []))))
    return listed


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
