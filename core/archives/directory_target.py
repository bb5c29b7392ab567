"""Exporting into a directory: each run appears there by one rename, whole.

Until then it is below `.rundesk`, a hidden name that neither Guild nor we take for a run. Killed
before the rename, the run is not there, and what was copied is removed by the next export into the
directory or the next start (see core.archives.part_file). On a full disk it is removed at once.
The directory gets `.guild-nocopy`, as Guild's exports have, so that no project that it lies in
copies it as source code.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

from core.archives.checksums import NAME as RECORD
from core.archives.parts import Taken
from core.archives.quick_copy import iter_copied
from core.archives.run_reader import RunReader
from core.archives.run_tree import RunTree
from core.archives.tree_items import Found, TreeItem
from core.errors import ArchiveError
from core.runs.aside import place_for_copy
from core.runs.erase import erase
from core.runs.file_facts import set_link_times, set_mode, set_times
from core.runs.guild_files import open_file, reason

_LARGE = 1 << 20
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


class DirectoryTarget:
    """A directory of runs.

    Args:
        path: The directory; it is made.

    Raises:
        ArchiveError: It cannot be made or written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            os.makedirs(path, exist_ok=True)
            with open(path / ".guild-nocopy", "ab"):
                pass
        except FileExistsError as e:
            raise ArchiveError(f"Cannot export to {path}: it is no directory.", path=path) from e
        except OSError as e:
            raise ArchiveError(f"Cannot export to {path}: {reason(e)}.", path=path) from e

    def has(self, run_id: str) -> bool:
        """Whether there is anything of that name."""
        return os.path.lexists(self.path / run_id)

    def take(self, run_id: str, run_dir: str, tree: RunTree, reader: RunReader) -> str:
        """Write a run; returns the SHA-256 of the record that went with it.

        Raises:
            OSError: It cannot be read or written.
            RunError: It changed meanwhile. The message is a clause.
        """
        with place_for_copy(self.path) as place:
            for item in tree.items:
                _copy(item, f"{place}/{item.path}", reader)
            digest = reader.record.end(tree.links)
            if os.path.isdir(f"{place}/.guild"):
                _write_new(f"{place}/{RECORD}", reader.record.pieces())
            dirs = [item for item in tree.items if item.kind == "dir"]
            for item in reversed(dirs):  # filling a directory moves its time
                _dress(f"{place}/{item.path}", item.found)
            _dress(place, os.stat(run_dir))
            os.rename(place, self.path / run_id)
        return digest

    def take_ordinary(self, runs_dir: Path, ids: Sequence[str]) -> Taken:
        """Write small ordinary runs; those that are not written are to be taken one by one.

        All of them are copied into one hidden directory; from there each gets its place.
        """
        with ExitStack() as ending:
            try:
                place = ending.enter_context(place_for_copy(self.path))
            except OSError:  # told of each run by the general way
                yield ids, []
                return
            copying = ending.enter_context(closing(iter_copied(runs_dir, ids, place)))
            for asked, copied in copying:
                yield asked, [run for run in copied if self._put_in_place(place, run.id)]

    def _put_in_place(self, place: str, run_id: str) -> bool:
        """Let a copy appear; False, and it is gone, where another program was quicker."""
        try:
            os.rename(f"{place}/{run_id}", self.path / run_id)
        except OSError:
            erase(f"{place}/{run_id}")
            return False
        return True


def _copy(item: TreeItem, target: str, reader: RunReader) -> None:
    if item.kind == "dir":
        os.mkdir(target, 0o700)
    elif item.kind == "link":
        os.symlink(item.target, target)
        set_link_times(target, item.found.st_atime_ns, item.found.st_mtime_ns)
    else:
        _copy_file(item, target, reader)


def _copy_file(item: TreeItem, target: str, reader: RunReader) -> None:
    descriptor = os.open(target, _CREATE, 0o600)
    try:
        if item.size < _LARGE:
            _write_all(descriptor, reader.whole(item))
        else:
            _copy_large(item, descriptor, reader)
        set_mode(descriptor, item.found.st_mode)
        set_times(target, descriptor, item.found.st_atime_ns, item.found.st_mtime_ns)
    finally:
        os.close(descriptor)


def _copy_large(item: TreeItem, descriptor: int, reader: RunReader) -> None:
    source = open_file(item.source, follow=True)
    try:
        for piece in reader.pieces(item, source, os.fstat(source).st_size):
            _write_all(descriptor, piece)
    finally:
        os.close(source)


def _write_new(path: str, pieces: Iterable[bytes]) -> None:
    descriptor = os.open(path, _CREATE, 0o644)
    try:
        for piece in pieces:
            _write_all(descriptor, piece)
    finally:
        os.close(descriptor)


def _write_all(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _dress(directory: str, found: Found | os.stat_result) -> None:
    os.chmod(directory, found.st_mode & 0o7777)
    os.utime(directory, ns=(found.st_atime_ns, found.st_mtime_ns))
