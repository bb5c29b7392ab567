"""What of a run in a source arrives in a home: its files, directories and links.

What does not: the record of checksums (it is compared and has done its work), and LOCK, which names
a process of another time or machine. Links come back as links from zips, which hold Guild's form of
them: by our record; without one, an empty directory in a batch that is named as a run was the link
to a trial.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct

from core.archives.checksums import MOST_BYTES, Record, parse_record
from core.archives.checksums import NAME as RECORD
from core.archives.entries import ArchiveEntry, link_problem
from core.archives.source import RunSource
from core.errors import ArchiveError

_LOCK = ".guild/LOCK"
_PROTO = ".guild/proto"
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
        return sum(entry.size for entry in self.files.values())


def arrival_of(source: RunSource, run_id: str) -> Arrival:
    """Find out what of a run arrives.

    Raises:
        ArchiveError: It is unsafe, damaged, or no run.
    """
    entries = source.entries(run_id)
    files = {e.name: e for e in entries if e.kind == "file"}
    dirs = {e.name: e for e in entries if e.kind == "dir"}
    links = {e.name: e for e in entries if e.kind == "link"}
    has_record = files.pop(RECORD, None) is not None and source.kind != "home"
    files.pop(_LOCK, None)
    remarks = list(source.remarks(run_id))
    if ".guild/opref" not in files:
        raise ArchiveError(f"Run {run_id[:8]} has no operation (.guild/opref).", path=source.path)
    if source.kind == "zip":
        record = record_of(source, run_id) if has_record else Record()
        missing = record.links if has_record else _trials(dirs, files)
        remarks += _put_links_back(missing, files, dirs, links)
    return Arrival(files, dirs, links, has_record, tuple(remarks))


def record_of(source: RunSource, run_id: str) -> Record:
    """The record that came with a run.

    Raises:
        ArchiveError: It cannot be read.
    """
    with source.open(run_id, RECORD) as file:
        data = file.read(MOST_BYTES)
    try:
        return parse_record(data)
    except ArchiveError as e:
        raise ArchiveError(f"Run {run_id[:8]} cannot be verified: {e}.", path=source.path) from e


def _put_links_back(
    missing: Mapping[str, str],
    files: dict[str, ArchiveEntry],
    dirs: dict[str, ArchiveEntry],
    links: dict[str, ArchiveEntry],
) -> list[str]:
    """Let links take the place of what stands for them; returns sentences on those that do not."""
    remarks = []
    for name, target in missing.items():
        if name in links or not _is_free(name, files, dirs):
            continue
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


def _is_free(name: str, files: Mapping[str, object], dirs: Mapping[str, object]) -> bool:
    """Whether a link can be made there: below directories, and with nothing below itself."""
    parent = name.rpartition("/")[0]
    inside = f"{name}/"
    is_empty = not any(other.startswith(inside) for other in (*files, *dirs))
    return is_empty and (not parent or parent in dirs)


def _trials(dirs: Mapping[str, object], files: Mapping[str, object]) -> dict[str, str]:
    """Links to trials, of which Guild leaves empty directories in a zip."""
    if not any(name.startswith(f"{_PROTO}/") for name in files):
        return {}
    return {name: f"../{name}" for name in dirs if _TRIAL.match(name)}
