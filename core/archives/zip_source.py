"""Runs in a zip, ours or Guild's: everything is read in place, nothing is extracted.

Why the status is the truth: Guild's own listing of a zip sees attributes only and calls a staged
or pending run an error. The markers are in the zip, so they are read here.

Why an empty directory counts as a link: Guild writes no links into a zip, and of a batch's link to
a trial an empty directory with the trial's id is left. In ours a record says what was a link.
"""

from __future__ import annotations

import os
import re
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from itertools import islice, pairwise
from pathlib import Path
from stat import S_IFREG
from typing import TYPE_CHECKING, BinaryIO

from core.archives.archive_name import stem_of
from core.archives.checksums import NAME as RECORD
from core.archives.checksums import parse_record
from core.archives.entries import ArchiveEntry
from core.archives.large_run import LargeRun, Placed
from core.archives.ordinary import PROTO, Ordinary, ordinary_run
from core.archives.packed_source import PackedSource
from core.archives.pieces import file_of, read_at
from core.archives.quick_unzip import Packed, list_run, unpack
from core.archives.roots import RunRoots, root_of_opref, without_dot
from core.archives.run_tree import LOCK
from core.archives.small_files import SmallFiles
from core.archives.source import SourceKind, Wanted, clause_of
from core.archives.zip_content import ZipContents
from core.archives.zip_directory import ZipRecord, find_directory, iter_names
from core.archives.zip_records import LargeRunRecords, RunRecords
from core.check import Check
from core.errors import ArchiveError, RunDamaged
from core.runs.files import shown
from core.runs.guild_files import MOST_BYTES

if TYPE_CHECKING:
    from core.archives.row_index import RowIndex

_RUN_ID = re.compile(r"[0-9a-f]{32}\Z")
_LONGEST_TARGET = 4096
_CHECK_EACH = 0x3FFF
_LARGE_LIST = 4 << 20  # bytes of the list of a run's files
_FARTHEST = 1 << 62  # what begins there is not in the file, which is told when it is read
_NOBODY = b"\0"  # the group of what is in no run


class ZipSource(PackedSource):
    """Runs of one zip (see core.archives.source.RunSource).

    Args:
        path: The zip.
        check: Called often; raises to stop (core.errors.Cancelled).
        with_index: Whether its index is asked for (see core.archives.source.open_source).

    Raises:
        ArchiveError: It is damaged or holds no run.
    """

    kind: SourceKind = "zip"

    def __init__(self, path: Path, check: Check, *, with_index: bool = False) -> None:
        super().__init__(path)
        self._known = RunRecords("", b"", b"", 0, path)
        try:
            self._directory = find_directory(self._descriptor, path)
            self._places = self._find_runs(check)
            self.index = self._find_index() if with_index else None
        except BaseException:
            self.close()
            raise
        self._contents = ZipContents(self._descriptor, path)
        self._unreadable_files: dict[str, str] = {}
        self._root_of = {run_id: root for root, run_id in self._roots.ids.items()}

    def open(self, run_id: str, name: str) -> BinaryIO:
        """Open a file of a run."""
        record = self._named(run_id, name)
        if record is None or record.kind != "file":
            what = f"There is no file {shown(name)} in run {run_id[:8]} of {self.title}."
            raise ArchiveError(what, path=self.path)
        return file_of(self._contents.pieces(record))

    def files(
        self, ids: Sequence[str], check: Check, wanted: Wanted = lambda run_id, entry: True
    ) -> Iterator[tuple[str, ArchiveEntry, BinaryIO]]:
        """Id, entry and content of each file of runs."""
        for run_id in ids:
            entries = self.entries(run_id, check)
            listed = self._listed(run_id)
            if isinstance(entries, LargeRun):
                placed = entries.placed("file")
            else:
                places = dict(listed.places)
                placed = ((entry, places[entry.name]) for entry in entries)
            for entry, place in placed:
                check()
                if entry.kind == "file" and wanted(run_id, entry):
                    yield run_id, entry, file_of(self._contents.pieces(listed.at(place)))

    # Inside

    def _find_index(self) -> RowIndex | None:
        from core.archives.index_place import in_zip  # an import believes none

        return in_zip(self._descriptor, self._directory.start, self._directory.size)

    def _find_runs(self, check: Check) -> dict[str, array[int]]:
        """Begins and ends of the pieces of the central directory that are a run's.

        One pass where runs are directories at the top, as nearly always; else a second one.
        """
        found: list[bytes] = []
        places = self._grouped(lambda name: name.partition(b"/")[0], found, check)
        self._roots = RunRoots(found, stem_of(self.path))
        if not self._roots.ids and not self._roots.problems and self._directory.count:
            raise ArchiveError(f"There is no run in {self.title}.", path=self.path)
        if b"" in places or b".." in places:
            self._roots.problems.append(f"Names in {self.title} that lead out of it are left out.")
        if any(b"/" in root or not root for root in self._roots.ids) or b"." in places:
            places = self._grouped(self._owner, [], check)
        return {run_id: places[root] for root, run_id in self._roots.ids.items()}

    def _grouped(
        self, group_of: Callable[[bytes], bytes], found: list[bytes], check: Check
    ) -> dict[bytes, array[int]]:
        """Pieces of the central directory by group; roots of runs are added to `found`."""
        places: dict[bytes, array[int]] = {}
        prefix, place = b"\0", array("Q")
        for number, (begin, end, name) in enumerate(self._names()):
            if not number & _CHECK_EACH:
                check()
            if name.endswith(b"opref") and (root := root_of_opref(name)) is not None:
                found.append(root)
            if not name.startswith(prefix):
                group = group_of(name)
                place = places.setdefault(group, array("Q"))
                prefix = group + b"/" if group else b"\0"
            if place and place[-1] == begin:
                place[-1] = end
            else:
                place.extend((begin, end))
        return places

    def _owner(self, name: bytes) -> bytes:
        root = self._roots.owner(without_dot(name))
        return _NOBODY if root is None else root

    def _names(self) -> Iterator[tuple[int, int, bytes]]:
        return iter_names(self._descriptor, self._directory, self.path)

    def _listed(self, run_id: str) -> RunRecords:
        if self._known.run_id != run_id:
            root, shift = self._root(run_id), self._directory.shift
            if self._is_large(run_id):
                pieces = self._pieces_of(run_id)
                self._known = LargeRunRecords(
                    run_id, root, pieces, self._descriptor, shift, self.path
                )
            else:
                self._known = RunRecords(run_id, root, self._data_of(run_id), shift, self.path)
        return self._known

    def _named(self, run_id: str, name: str) -> ZipRecord | None:
        """The record of a name; None where there is none."""
        large = self._large(run_id)
        if large is None:
            return self._listed(run_id).named(name)
        found = large.find(name)
        return None if found is None else self._listed(run_id).at(found[1])

    def _pieces_of(self, run_id: str) -> list[tuple[int, int]]:
        """Begins and ends of the pieces of the central directory that are a run's."""
        self._root(run_id)
        place = self._places[run_id]
        return list(zip(place[::2], place[1::2], strict=True))

    def _is_large(self, run_id: str) -> bool:
        return sum(end - begin for begin, end in self._pieces_of(run_id)) > _LARGE_LIST

    def _data_of(self, run_id: str) -> bytes:
        """What the list of the zip says of a run.

        Raises:
            ArchiveError: The zip became shorter.
        """
        pieces = self._pieces_of(run_id)
        data = b"".join([read_at(self._descriptor, end - at, at) for at, end in pieces])
        if len(data) < sum([end - at for at, end in pieces]):
            what = f"{self.title} became shorter since it was opened."
            raise ArchiveError(what, path=self.path)
        return data

    def _ordinary(self, run_id: str) -> Ordinary | None:
        """The run; one with links is none, as what stands for them is told elsewhere."""
        root = self._root(run_id)
        if not root or self._is_large(run_id):
            return None
        found = list_run(self._data_of(run_id), root, self._directory.shift)
        if found is None or self._may_have_links(found):
            return None
        files = {entry.path: entry.size for entry in found if entry.kind == S_IFREG}
        return ordinary_run(files, partial(unpack, self._descriptor, found))

    def _may_have_links(self, entries: Sequence[Packed]) -> bool:
        """Whether something of a run may stand for a link."""
        record = next((entry for entry in entries if entry.path == RECORD), None)
        if record is None:  # then empty directories may stand for trials
            return any(entry.path.startswith(PROTO) for entry in entries)
        found = unpack(self._descriptor, [record])
        return found is None or b"\n# link\t" in b"\n" + found[0][4]

    def _small_files(self, run_id: str) -> SmallFiles:
        listed = self._listed(run_id)
        inner = listed.inner()

        def read(name: str) -> bytes | None:
            at = inner.get(name)
            return None if at is None else self._small(listed, at)

        def mtime(name: str) -> float:
            return listed.at(inner[name]).mtime_ns / 1e9

        run_dir = os.fspath(self.run_dir(run_id))
        return SmallFiles(run_dir, inner, read, mtime, lambda: self._links(listed))

    def _small(self, listed: RunRecords, at: int) -> bytes:
        """The content of a small file.

        Raises:
            RunDamaged: It cannot be read. The message is a clause.
        """
        data = self._contents.plain_small(*listed.raw(at), most=MOST_BYTES)
        if data is not None:
            return data
        record = listed.at(at)
        if record.kind != "file":
            raise RunDamaged("it is a link, and links in a run are not followed")
        return self._content(record, MOST_BYTES)

    def _content(self, record: ZipRecord, most: int) -> bytes:
        if record.size > most:
            raise RunDamaged(f"it is larger than {most >> 10:,} KB")
        try:
            return self._contents.small(record)
        except (ArchiveError, OSError) as e:
            raise RunDamaged(clause_of(e)) from e

    def _links(self, listed: RunRecords) -> Iterator[tuple[str, str]]:
        """Links in the run's directory, and what stands in a zip where links were."""
        inner = listed.inner()
        if RECORD in inner:  # it names all links there were: nothing else need be looked at
            with suppress(RunDamaged, ArchiveError):
                yield from parse_record(self._small(listed, inner[RECORD])).links.items()
                return
        for name, at in listed.places:
            if "/" in name:
                continue
            record = listed.at(at)
            if record.kind == "link":
                with suppress(RunDamaged):
                    yield name, self._target(listed, at)
            elif record.kind == "dir" and _RUN_ID.match(name):
                yield name, f"../{name}"

    def _target(self, listed: RunRecords, at: int) -> str:
        return self._content(listed.at(at), _LONGEST_TARGET).decode("utf-8", "surrogateescape")

    def _listed_entries(self, run_id: str) -> Iterator[ArchiveEntry]:
        listed = self._listed(run_id)
        return (entry for entry, _ in self._checked(listed, listed.places))

    def _placed_entries(self, run_id: str, known: LargeRun) -> Iterator[Placed]:
        del known  # there are no hard links in a zip
        listed = self._listed(run_id)
        return self._checked(listed, listed.places)

    def _unreadable(self, run_id: str) -> str:
        return self._unreadable_files.get(run_id, "")

    def _checked(self, listed: RunRecords, places: Iterable[tuple[str, int]]) -> Iterator[Placed]:
        """Entries and places; raises ArchiveError where two of them share bytes of the file."""
        begins, ends = array("Q"), array("Q")  # of a run with a million files no record is kept
        for name, at in places:
            record = listed.at(at)
            begins.append(min(record.offset, _FARTHEST))
            ends.append(min(record.offset + len(record.raw_name) + record.packed, _FARTHEST))
            if not name and record.kind == "dir":
                continue  # the run's own directory
            kind = record.kind
            if kind == "file" and name != LOCK and (problem := self._contents.problem(record)):
                what = f"the file “{shown(name)[:200]}” {problem}"
                self._unreadable_files.setdefault(listed.run_id, what)
            entry = ArchiveEntry(
                name=name,
                kind=kind,
                size=record.size if kind == "file" else 0,
                mode=record.mode & 0o7777,
                mtime_ns=record.mtime_ns,
                target=self._target(listed, at) if kind == "link" else "",
            )
            yield entry, at
        if _overlap(begins, ends):
            raise ArchiveError("Two of its files share the same bytes.")


def _overlap(begins: array[int], ends: array[int]) -> bool:
    """Whether two stretches of a file have bytes in common."""
    if all(begin >= end for begin, end in zip(islice(begins, 1, None), ends, strict=False)):
        return False  # they follow each other, as in nearly every zip
    order = sorted(range(len(begins)), key=begins.__getitem__)
    return any(begins[after] < ends[before] for before, after in pairwise(order))
