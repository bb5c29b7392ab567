"""Exporting into an archive: it appears, or changes, by one rename when it is complete.

* Killed, cancelled or on a full disk before the rename: the old archive is as it was (or there is
  none), and only a hidden part file is left, which `core.archives.part_file` removes.
* Killed after it: the archive is complete. Its bytes are on the disk before its name is.
* A second process that adds to the same archive is refused: the old archive is locked while it is
  copied. A program that knows no locks, such as Guild, and replaces the archive meanwhile, is
  noticed before the rename; then ours is refused.
* A run that cannot be read to its end: what was written of it is taken back, the others stay.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from core.archives.checksums import NAME as RECORD
from core.archives.entries import ArchiveEntry
from core.archives.packer import OutFile, Packer
from core.archives.part_file import lock, part_file
from core.archives.parts import PackedRun, Part, Taken, iter_parts
from core.archives.record_file import RecordFile
from core.archives.run_reader import RunReader
from core.archives.run_tree import RunTree, without_links
from core.archives.small_files import GUILD
from core.archives.squeeze import Pool, is_worth_it
from core.archives.tree_items import MANY, TreeItem
from core.errors import ArchiveError
from core.runs.file_facts import set_mode
from core.runs.guild_files import open_file, reason

if TYPE_CHECKING:
    from core.archives.row_index import IndexWriter

WORTH_IT = 2000
"""An archive of fewer runs opens within a second without an index (core.archives.row_index)."""

MOST_BUFFERED = 8 << 20
"""A run of so many bytes is read before any of it is written."""

_LARGE = 1 << 20


class ArchiveTarget:
    """An archive that runs are written to.

    Args:
        path: The archive.
        packer: Writes it.
        ids: Runs that it has already.
        suffix: ".zip", whose links take Guild's form, ".tar.gz" or ".tar.zst".
        index: Takes the rows of the runs; None where no index is written.
    """

    def __init__(
        self,
        path: Path,
        packer: Packer,
        ids: set[str],
        suffix: str,
        index: IndexWriter | None = None,
    ) -> None:
        self.path = path
        self.suffix = suffix
        self._packer = packer
        self._ids = ids
        self._index = index
        self._is_zip = suffix == ".zip"

    def has(self, run_id: str) -> bool:
        """Whether the archive has a run of that id."""
        return run_id in self._ids

    def take(self, run_id: str, run_dir: str, tree: RunTree, reader: RunReader) -> str:
        """Write a run; returns the SHA-256 of the record that went with it.

        Raises:
            OSError: The run cannot be read.
            RunError: It changed meanwhile. The message is a clause.
            ArchiveError: The archive cannot be written.
        """
        form = without_links(tree, run_dir) if self._is_zip else tree
        reader.unrecorded = tree.links.keys()
        is_small = form.bytes <= MOST_BUFFERED and len(form.items) <= MANY
        contents = _read_all(form, reader) if is_small else None
        if contents is None:
            self._packer.mark()
        stream = self._packer.begin_run()
        try:
            written, newest = self._write(run_id, run_dir, form, contents, reader)
            digest = reader.record.end(tree.links)
            self._add_record(run_id, reader.record, newest)
        except BaseException as e:
            if contents is None and not isinstance(e, ArchiveError):
                self._packer.take_back()
            raise
        self._ids.add(run_id)
        if self._index is not None:
            self._note(self._index, run_id, written, tree.links, stream)
        reader.remarks += form.remarks[len(tree.remarks) :]
        return digest

    def take_ordinary(self, runs_dir: Path, ids: Sequence[str]) -> Taken:
        """Write small ordinary runs; those that are not written are to be taken one by one.

        Raises:
            ArchiveError: The archive cannot be written.
        """
        parts = iter_parts(runs_dir, ids, self.suffix, with_rows=self._index is not None)
        with closing(parts):
            for asked, part in parts:
                yield asked, self.add_part(part)

    def add_part(self, part: Part) -> Sequence[PackedRun]:
        """Write runs that were packed already; those that are in the archive now.

        Raises:
            ArchiveError: The archive cannot be written.
        """
        if not part.runs or not self._packer.add_part(*part[:3], part.size):
            return ()
        self._ids.update(run.id for run in part.runs)
        if self._index is not None:
            from core.index.row import Row

            for run in part.runs:
                row = None if run.row is None else Row(*run.row)
                self._index.add(run.id, row, max(0, self._packer.begin_run() - 1))
        return part.runs

    def _note(
        self,
        index: IndexWriter,
        run_id: str,
        written: Sequence[tuple[TreeItem, bytes | None]],
        links: Mapping[str, str],
        stream: int,
    ) -> None:
        from core.archives.written_row import Written, written_row

        things = [Written(item.path, item.kind, data) for item, data in written]
        index.add(run_id, written_row(run_id, things, links.items()), stream)

    def _write(
        self,
        run_id: str,
        run_dir: str,
        form: RunTree,
        contents: list[bytes] | None,
        reader: RunReader,
    ) -> tuple[list[tuple[TreeItem, bytes | None]], int]:
        """Write everything.

        Returns:
            What is in `.guild`, with the contents that were at hand, and when the newest of all
            was modified, in nanoseconds since 1970.
        """
        written: list[tuple[TreeItem, bytes | None]] = []
        top, newest = os.stat(run_dir), 0
        self._packer.add(ArchiveEntry(run_id, "dir", 0, top.st_mode & 0o7777, top.st_mtime_ns))
        for number, item in enumerate(form.items):
            entry = _entry(run_id, item)
            newest = max(newest, item.found.st_mtime_ns)
            data = None
            if contents is not None:
                data = contents[number]
            elif item.kind != "file" or item.size < _LARGE:
                data = reader.whole(item) if item.kind == "file" else b""
            if data is None:
                self._add_large(entry, item, reader)
            else:
                self._packer.add(entry, data)
            if self._index is not None and item.path.startswith(GUILD):
                written.append((item, data))
        return written, newest

    def _add_large(self, entry: ArchiveEntry, item: TreeItem, reader: RunReader) -> None:
        descriptor = open_file(item.source, follow=True)
        try:
            size = os.fstat(descriptor).st_size
            is_packed = is_worth_it(descriptor, size)
            now = ArchiveEntry(entry.name, "file", size, entry.mode, entry.mtime_ns)
            self._packer.add_large(now, reader.pieces(item, descriptor, size), is_packed=is_packed)
        finally:
            os.close(descriptor)

    def _add_record(self, run_id: str, record: RecordFile, mtime_ns: int) -> None:
        entry = ArchiveEntry(f"{run_id}/{RECORD}", "file", record.size, 0o644, mtime_ns)
        if record.size < _LARGE:
            self._packer.add(entry, b"".join(record.pieces()))
        else:
            self._packer.add_large(entry, record.pieces(), is_packed=True)


@contextmanager
def archive_target(
    path: Path, suffix: str, check: Callable[[], None], *, count: int = 0
) -> Iterator[tuple[ArchiveTarget, Callable[[], None]]]:
    """An archive to write to, and what makes it visible; without that call nothing happened.

    Args:
        path: The archive; it may be there.
        suffix: ".zip", ".tar.gz" or ".tar.zst".
        check: Called while an old archive is copied; raises to stop.
        count: How many runs are to be written. Of very many there is an index, unless they are
            added to others: what those say was not looked at.

    Raises:
        ArchiveError: It cannot be written, or what is there cannot be added to.
    """
    path = Path(os.path.realpath(path))
    with ExitStack() as closing:
        old = _opened_old(path, closing)
        try:
            file, part = closing.enter_context(part_file(path.parent))
        except OSError as e:
            raise ArchiveError(f"Cannot write {path}: {reason(e)}.", path=path) from e
        pool = closing.enter_context(Pool())
        out = OutFile(file, path)
        closing.callback(out.abandon)
        packer, ids = _packer(path, suffix, out, pool, old, check)
        closing.callback(packer.close)

        index = _new_index() if old is None and count >= WORTH_IT else None

        def publish() -> None:
            packer.finish(index)
            out.settle()
            _publish(file, part, path, old)

        yield ArchiveTarget(path, packer, ids, suffix, index), publish


def _new_index() -> IndexWriter:
    from core.archives.row_index import IndexWriter

    return IndexWriter()


def _packer(
    path: Path,
    suffix: str,
    out: OutFile,
    pool: Pool,
    old: BinaryIO | None,
    check: Callable[[], None],
) -> tuple[Packer, set[str]]:
    """What writes the archive, and the runs that are in it; only what this needs is loaded."""
    if suffix == ".zip":
        from core.archives.zip_packer import ZipPacker

        if old is None:
            return ZipPacker(out, pool), set()
        from core.archives.old_archive import copy_zip

        ids, records, count = copy_zip(old, out, path, check)
        return ZipPacker(out, pool, records, count), ids
    from core.archives.tar_packer import GzipSqueezer, TarPacker, ZstdSqueezer

    tar = TarPacker(out, GzipSqueezer(out, pool) if suffix == ".tar.gz" else ZstdSqueezer(out))
    if old is None:
        return tar, set()
    from core.archives.old_archive import copy_tar

    return tar, copy_tar(old, tar, path, check)


def _opened_old(path: Path, closing: ExitStack) -> BinaryIO | None:
    """The archive that is there, locked; None without one."""
    try:
        old = closing.enter_context(os.fdopen(open_file(os.fspath(path), follow=True), "rb"))
    except FileNotFoundError:
        return None
    except OSError as e:
        raise ArchiveError(f"Cannot add to {path}: {reason(e)}.", path=path) from e
    if not lock(old.fileno()):
        raise ArchiveError(
            f"Cannot add to {path}: another process is just doing that.",
            path=path,
            hint="Wait for it to end, or choose another name.",
        )
    return old


def _publish(file: BinaryIO, part: Path, path: Path, old: BinaryIO | None) -> None:
    """Bring the file to the disk and give it its name.

    Raises:
        ArchiveError: That fails, or another program changed what is there.
    """
    try:
        os.fsync(file.fileno())
        if old is None:
            _link_or_rename(part, path)
        else:
            _require_unchanged(path, old)
            set_mode(file.fileno(), os.fstat(old.fileno()).st_mode)
            os.replace(part, path)
        _sync_directory(path.parent)
    except OSError as e:
        raise ArchiveError(f"Cannot write {path}: {reason(e)}.", path=path) from e


def _link_or_rename(part: Path, path: Path) -> None:
    """Give the file its name unless there is another one by now.

    Raises:
        OSError: There is.
    """
    try:
        os.link(part, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without further names
        if os.path.lexists(path):
            raise FileExistsError(17, "another program made it meanwhile", str(path)) from None
        os.rename(part, path)


def _require_unchanged(path: Path, old: BinaryIO) -> None:
    now, then = os.stat(path), os.fstat(old.fileno())
    if (now.st_dev, now.st_ino, now.st_size) != (then.st_dev, then.st_ino, old.seek(0, 2)):
        raise OSError(17, "another program changed it meanwhile")


def _sync_directory(directory: Path) -> None:
    with suppress(OSError):  # not every file system can; the content is on the disk
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _entry(run_id: str, item: TreeItem) -> ArchiveEntry:
    mode = item.found.st_mode & 0o7777
    name = f"{run_id}/{item.path}"
    return ArchiveEntry(name, item.kind, item.size, mode, item.found.st_mtime_ns, item.target)


def _read_all(form: RunTree, reader: RunReader) -> list[bytes]:
    """The content of every item, empty for those that are no files.

    Raises:
        OSError: One cannot be read.
    """
    return [reader.whole(item) if item.kind == "file" else b"" for item in form.items]
