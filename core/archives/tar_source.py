"""Runs in a tar, plain or packed by gzip or zstd, read through once when it is opened.

In that one pass the entries are noted and the small files in `.guild` kept, both packed: some 3 KB
a run. All else is read again when it is asked for, from the nearest mark of the stream on.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from core.archives.archive_name import stem_of
from core.archives.entries import ArchiveEntry, EntryKind
from core.archives.large_run import MANY, LargeRun, Placed
from core.archives.ordinary import Ordinary, ordinary_run
from core.archives.packed_source import PackedSource
from core.archives.pieces import file_of
from core.archives.quick_untar import MOST_ENTRIES, is_ordinary, unpack
from core.archives.roots import RunRoots, without_dot
from core.archives.small_files import GUILD, SmallFiles
from core.archives.source import SourceKind, Wanted, clause_of
from core.archives.stream_log import IndexLies, StreamLog
from core.archives.tar_headers import TarMember
from core.archives.tar_log import TarLog
from core.archives.tar_pass import read_through
from core.archives.tar_stream import Packing, TarStream
from core.check import Check, go_on
from core.errors import ArchiveError, RunDamaged
from core.runs.files import shown
from core.runs.guild_files import MOST_BYTES
from core.text import plural

if TYPE_CHECKING:
    from core.archives.row_index import RowIndex

_Named = tuple[str, TarMember]
_SOURCE_CODE = ".guild/sourcecode/"
_MOST_NAMES = 40_000
_PIECE = 1 << 20


class _Content(NamedTuple):
    """Of an entry: what it is, and where in the unpacked stream its bytes are."""

    kind: EntryKind
    position: int
    size: int


class TarSource(PackedSource):
    """Runs of one tar (see core.archives.source.RunSource).

    Args:
        path: The tar.
        packing: How it is packed.
        check: Called often; raises to stop (core.errors.Cancelled).
        with_index: Whether its index is asked for (see core.archives.source.open_source).
        for_import: Whether nobody wants to know anything of its runs.

    Raises:
        ArchiveError: It is damaged or holds no run.
    """

    kind: SourceKind = "tar"

    def __init__(
        self,
        path: Path,
        packing: Packing,
        check: Check,
        *,
        with_index: bool = False,
        for_import: bool = False,
    ) -> None:
        super().__init__(path)
        self._keeps = not for_import
        self._known: tuple[str, list[_Named]] = "", []
        self._packing = packing
        self._stream = TarStream(self._descriptor, packing, path)
        self._log: TarLog | StreamLog = TarLog()
        self._damage: ArchiveError | None = None
        try:
            self.index = _index_of(self._descriptor, packing) if with_index else None
            if self.index is None:
                self._read_through(check)
            else:
                self._believe(self.index)
        except ArchiveError as e:
            self.close()
            said = str(e).rstrip(".")
            is_named = said.startswith(path.name)
            clause = f"it{said[len(path.name) :]}" if is_named else clause_of(e)
            raise ArchiveError(f"Cannot read {path.name}: {clause}.", path=path) from e
        except BaseException:
            self.close()
            raise

    def open(self, run_id: str, name: str) -> BinaryIO:
        """Open a file of a run."""
        content = self._content_of(run_id, name)
        if content is None or content.kind != "file":
            what = f"There is no file {shown(name)} in run {run_id[:8]} of {self.title}."
            raise ArchiveError(what, path=self.path)
        return file_of(self._pieces(content.position, content.size))

    def files(
        self, ids: Sequence[str], check: Check, wanted: Wanted = lambda run_id, entry: True
    ) -> Iterator[tuple[str, ArchiveEntry, BinaryIO]]:
        """Id, entry and content of each file of runs, in the order of the stream.

        Runs follow each other in a tar, so this is one pass; files of two runs that are mixed
        are read run by run.
        """
        for run_id in sorted(ids, key=self._number.__getitem__):
            for entry, position in self._placed_files(run_id, check):
                check()
                if wanted(run_id, entry):
                    yield run_id, entry, file_of(self._pieces(position, entry.size))

    def problems(self) -> list[str]:
        """Sentences on what was not understood of the whole."""
        outside = self._log.outside if isinstance(self._log, TarLog) else 0
        is_cut = isinstance(self._log, TarLog) and not self._log.has_end
        cut = f"{self.title} has no end: files or runs that followed may be missing."
        lead = plural(outside, f"name in {self.title} leads", f"names in {self.title} lead")
        said = f"{lead} out of it and {'is' if outside == 1 else 'are'} left out."
        return [*super().problems(), *([said] if outside else []), *([cut] if is_cut else [])]

    # Inside

    def _read_through(self, check: Check) -> None:
        log, stream = (
            TarLog(keeps=self._keeps),
            TarStream(self._descriptor, self._packing, self.path),
        )
        roots = RunRoots(read_through(stream, log, check), stem_of(self.path))
        log.assign(roots.owner)
        if not roots.ids and not roots.problems and log.count:
            raise ArchiveError("There is no run in it.")
        self._stream, self._log, self._roots = stream, log, roots
        self._root_of = {run_id: root for root, run_id in roots.ids.items()}
        self._number = {run_id: log.first(root) for root, run_id in roots.ids.items()}

    def _believe(self, index: RowIndex) -> None:
        self._log, self._roots = StreamLog(self._stream, index), RunRoots((), "")
        self._root_of = {i: i.encode("utf-8", "surrogateescape") for i in index.ids}
        self._number = {run_id: number for number, run_id in enumerate(index.ids)}

    def _log_of(self, run_id: str) -> TarLog:
        """What is remembered of the part of the tar that a run is in.

        Raises:
            RunNotFound: There is no such run.
            ArchiveError: That part is damaged.
        """
        self._root(run_id)
        if isinstance(self._log, TarLog):
            return self._log
        try:
            return self._log.of(run_id, go_on)
        except (IndexLies, ArchiveError):
            self._doubt()
            return self._log_of(run_id)

    def _doubt(self) -> None:
        """Read all and believe the index no more; where that is damaged, stay with what there is.

        Raises:
            ArchiveError: It is damaged.
        """
        if self._damage is None:
            try:
                self._read_through(go_on)  # by a stream that knows nothing of it
            except ArchiveError as e:
                self._damage = e
            else:
                self.index = None
                self._roots.problems.append("Its own index is wrong and was not used.")
        if self._damage is not None:
            raise ArchiveError(str(self._damage), path=self.path) from self._damage

    def _placed_files(self, run_id: str, check: Check) -> Iterator[Placed]:
        """Files of a run and where their contents are, in the order of these."""
        entries = self.entries(run_id, check)
        if isinstance(entries, LargeRun):
            return entries.placed("file")
        members = dict(self._members(run_id))
        files = [(e, members[e.name].position) for e in entries if e.kind == "file"]
        return iter(sorted(files, key=itemgetter(1)))

    def _content_of(self, run_id: str, name: str) -> _Content | None:
        """Where the content of an entry is; None where there is none of that name."""
        large = self._large(run_id)
        if large is None:
            member = dict(self._members(run_id)).get(name)
            return None if member is None else _Content(member.kind, member.position, member.size)
        found = large.find(name)
        return None if found is None else _Content(found[0].kind, found[1], found[0].size)

    def _is_large(self, run_id: str) -> bool:
        return self._log_of(run_id).count_of(self._root(run_id)) > MANY

    def _placed_entries(self, run_id: str, known: LargeRun) -> Iterator[Placed]:
        """Hard links come last, when the files are known that they are."""
        log, root = self._log_of(run_id), self._root(run_id)
        skip = len(root) + 1 if root else 0
        for member in log.members(root):
            if not member.is_hard:
                yield _entry((_text(member.name[skip:]), member)), member.position
        for member in log.members(root):
            if member.is_hard:
                found = known.find(_text(without_dot(member.target)[skip:]))
                is_file = found is not None and found[0].kind == "file"
                size, position = (found[0].size, found[1]) if found and is_file else (0, 0)
                plain = member._replace(kind="file" if is_file else "other", size=size)
                yield _entry((_text(member.name[skip:]), plain)), position

    def _members(self, run_id: str) -> list[_Named]:
        """Name relative to the run and member of each entry; hard links are what they link to."""
        if self._known[0] != run_id:
            log, root = self._log_of(run_id), self._root(run_id)
            skip = len(root) + 1 if root else 0
            found = list(log.members(root))
            plain = {each.name: each for each in found if not each.is_hard}
            named = [(_text(each.name[skip:]), _resolved(each, plain)) for each in found]
            self._known = run_id, named
        return self._known[1]

    def _ordinary(self, run_id: str) -> Ordinary | None:
        log, root = self._log_of(run_id), self._root(run_id)
        skip = len(root) + 1 if root else 0
        members = log.members_if_few(root, MOST_ENTRIES)
        if members is None or not is_ordinary(members, skip):
            return None
        files = {_text(each.name[skip:]): each.size for each in members if each.kind == "file"}
        return ordinary_run(files, partial(unpack, self._stream, members, skip))

    def _small_files(self, run_id: str) -> SmallFiles:
        log, root = self._log_of(run_id), self._root(run_id)
        kept, further = log.small_files(root), log.is_partial(root)

        def read(name: str) -> bytes | None:
            found = kept.get(name)
            if found is not None and found[0] is not None:
                return found[0]
            return self._small(run_id, name) if found is not None or further else None

        def mtime(name: str) -> float:
            return kept[name][1] / 1e9 if name in kept else 0.0

        names = list(kept)
        if further:
            names = self._names_in_guild(run_id)
        run_dir = os.fspath(self.run_dir(run_id))
        return SmallFiles(run_dir, names, read, mtime, lambda: self._links(run_id))

    def _names_in_guild(self, run_id: str) -> list[str]:
        """Names in `.guild`; of a large run without source code."""
        large = self._large(run_id)
        if large is None:
            return [name for name, _ in self._members(run_id) if name.startswith(GUILD)]
        found = (e.name for kind in ("file", "link") for e in large.below(GUILD[:-1], kind))
        return list(islice((n for n in found if not n.startswith(_SOURCE_CODE)), _MOST_NAMES))

    def _small(self, run_id: str, name: str) -> bytes | None:
        """A file in `.guild` that was too large to be kept."""
        try:
            content = self._content_of(run_id, name)
            if content is None:
                return None
            if content.kind != "file":
                raise RunDamaged("it is a link, and links in a run are not followed")
            if content.size > MOST_BYTES:
                raise RunDamaged(f"it is larger than {MOST_BYTES >> 10:,} KB")
            return b"".join(self._pieces(content.position, content.size))
        except (ArchiveError, OSError) as e:
            raise RunDamaged(clause_of(e)) from e

    def _links(self, run_id: str) -> Iterator[tuple[str, str]]:
        large = self._large(run_id)
        if large is not None:
            found = ((entry.name, entry.target) for entry, _ in large.placed("link"))
        else:
            links = ((n, m) for n, m in self._members(run_id) if m.kind == "link")
            found = ((name, _text(member.target)) for name, member in links)
        yield from ((name, target) for name, target in found if "/" not in name)

    def _pieces(self, position: int, size: int) -> Iterator[bytes]:
        at, end = position, position + size
        while at < end:
            if self._stream.position != at:  # somebody else read in between
                self._stream.go_to(at)
            piece = self._stream.read(min(_PIECE, end - at))
            if not piece:
                raise ArchiveError(f"{self.title} is cut off.", path=self.path)
            at += len(piece)
            yield piece

    def _listed_entries(self, run_id: str) -> Iterator[ArchiveEntry]:
        return map(_entry, self._members(run_id))


def _index_of(descriptor: int, packing: Packing) -> RowIndex | None:
    from core.archives.index_place import in_gzip, in_zstd  # an import believes none

    size = os.fstat(descriptor).st_size
    if packing == "zstd":
        return in_zstd(descriptor, size)
    return in_gzip(descriptor, size) if packing == "gzip" else None


def _entry(named: _Named) -> ArchiveEntry:
    name, member = named
    if member.is_sparse:
        raise ArchiveError(f"The file “{shown(name)[:200]}” has holes in a form of its own.")
    return ArchiveEntry(
        name=name,
        kind=member.kind,
        size=member.size,
        mode=member.mode,
        mtime_ns=member.mtime_ns,
        target=_text(member.target) if member.kind == "link" else "",
    )


def _resolved(member: TarMember, plain: dict[bytes, TarMember]) -> TarMember:
    """A hard link becomes a file of the same content; one to elsewhere is never written."""
    if not member.is_hard:
        return member
    other = plain.get(without_dot(member.target))
    if other is None or other.kind != "file":
        return member._replace(kind="other")
    return member._replace(size=other.size, position=other.position, is_sparse=other.is_sparse)


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")
