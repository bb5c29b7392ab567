"""What of a run in a source arrives in a home: its files, directories and links.

What does not: the record of checksums (it is compared and has done its work), and LOCK, which names
a process of another time or machine. Links come back as links from zips, which hold Guild's form of
them: by our record; without one, an empty directory in a batch that is named as a run was the link
to a trial.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, MutableMapping
from itertools import chain

from msgspec import Struct

from core.archives.checksums import NAME as RECORD
from core.archives.checksums import iter_record, lines_of
from core.archives.entries import ArchiveEntry, EntryKind, link_problem
from core.archives.large_run import EntriesOfKind, LargeRun
from core.archives.source import RunSource, clause_of
from core.check import Check, go_on
from core.errors import ArchiveError

_LOCK = ".guild/LOCK"
_PROTO = ".guild/proto"
_Entries = Mapping[str, ArchiveEntry]
_TRIAL = re.compile(r"[0-9a-f]{32}\Z")


class Arrival(Struct, frozen=True):
    """What a run in a source becomes.

    Attributes:
        files: Name to entry.
        dirs: Name to entry.
        links: Name to entry.
        has_record: Whether its files can be compared with what was exported.
        remarks: Sentences on what does not arrive.
    """

    files: Mapping[str, ArchiveEntry]
    dirs: Mapping[str, ArchiveEntry]
    links: Mapping[str, ArchiveEntry]
    has_record: bool
    remarks: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of all files as they are declared."""
        if isinstance(self.files, EntriesOfKind):
            return self.files.bytes
        return sum(entry.size for entry in self.files.values())


def arrival_of(source: RunSource, run_id: str, check: Check = go_on) -> Arrival:
    """Find out what of a run arrives.

    Args:
        source: Where it is.
        run_id: The run.
        check: Called often; raises to stop.

    Raises:
        ArchiveError: It is unsafe, damaged, or no run.
    """
    entries = source.entries(run_id, check)
    files, dirs, links = (_of_kind(entries, kind) for kind in ("file", "dir", "link"))
    has_record = files.pop(RECORD, None) is not None and source.kind != "home"
    files.pop(_LOCK, None)
    remarks = list(source.remarks(run_id))
    if ".guild/opref" not in files:
        raise ArchiveError(f"Run {run_id[:8]} has no operation (.guild/opref).", path=source.path)
    if source.kind == "zip":
        missing = _recorded_links(source, run_id) if has_record else _trials(dirs, files)
        remarks += _put_links_back(missing, files, dirs, links)
    return Arrival(files, dirs, links, has_record, tuple(remarks))


def record_of(source: RunSource, run_id: str) -> Iterator[tuple[str, str, str]]:
    """What the record that came with a run says (see core.archives.checksums.iter_record).

    Raises:
        ArchiveError: It cannot be read.
    """
    with source.open(run_id, RECORD) as file:
        try:
            yield from iter_record(lines_of(file))
        except ArchiveError as e:
            what = f"Run {run_id[:8]} cannot be verified: {clause_of(e)}."
            raise ArchiveError(what, path=source.path) from e


def _of_kind(
    entries: Collection[ArchiveEntry], kind: EntryKind
) -> MutableMapping[str, ArchiveEntry]:
    if isinstance(entries, LargeRun):
        return EntriesOfKind(entries, kind)
    return {entry.name: entry for entry in entries if entry.kind == kind}


def _recorded_links(source: RunSource, run_id: str) -> dict[str, str]:
    return {path: target for path, digest, target in record_of(source, run_id) if not digest}


def _put_links_back(
    missing: Mapping[str, str],
    files: MutableMapping[str, ArchiveEntry],
    dirs: MutableMapping[str, ArchiveEntry],
    links: MutableMapping[str, ArchiveEntry],
) -> list[str]:
    """Let links take the place of what stands for them; returns sentences on those that do not."""
    remarks = []
    has_below = _below_of(files, dirs)
    for name, target in missing.items():
        parent = name.rpartition("/")[0]
        if name in links or has_below(name) or (parent and parent not in dirs):
            continue  # only below directories, and with nothing below itself
        try:
            problem = link_problem(name, target)
        except ArchiveError as e:
            problem = str(e).removesuffix(".")
        if problem:
            remarks.append(f"{problem} and is left out.")
            continue
        files.pop(name, None)
        dirs.pop(name, None)
        links[name] = ArchiveEntry(name, "link", target=target)
    return remarks


def _below_of(files: _Entries, dirs: _Entries) -> Callable[[str], bool]:
    """Tells whether anything is below a name."""
    large = [entries for entries in (files, dirs) if isinstance(entries, EntriesOfKind)]
    if large:
        return lambda name: any(entries.has_below(name) for entries in large)
    above: set[str] = set()
    for name in chain(files, dirs):
        parent = name.rpartition("/")[0]
        while parent and parent not in above:
            above.add(parent)
            parent = parent.rpartition("/")[0]
    return above.__contains__


def _trials(dirs: _Entries, files: _Entries) -> dict[str, str]:
    """Links to trials, of which Guild leaves empty directories in a zip."""
    if not _below_of(files, {})(_PROTO):
        return {}
    return {name: f"../{name}" for name in dirs if _TRIAL.match(name)}
