"""Runs that arrive here: written where nobody lists them, complete and verified before they count.

    incoming/pull-KEY/part/ID     being written; KEY stands for the remote
    incoming/pull-KEY/pieces/…    large files of which a part is here, by version
    incoming/pull-KEY/swap/ID.*   see remote.swap

A run appears among the others by one rename. What happens when the program dies before: the next
pull from the same remote finds the files in `part` and `pieces` and goes on from there. A file
counts as complete when it has the size and the time that it has on the server, and it is given its
time last; a piece is only added to, so that whatever is there is a beginning of the file.

Where `runs` is on another disk than the home, all of this is in the hidden directory among the
runs (core.runs.aside), since a run must arrive by a rename.

A full disk, or a missing right: the run stays in `part`, the others go on, and the next try goes on
with it. A second process: the area is locked while somebody works in it.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from core.archives.entries import ArchiveEntry
from core.archives.incoming import staging_base, staging_bases
from core.home import Home
from core.runs.aside import drop_if_empty, place_for_copy, random_suffix
from core.runs.erase import erase
from core.runs.file_facts import set_link_times, set_mode, try_times
from core.runs.guild_files import open_directory, reason
from core.runs.held_directory import Directory
from core.runs.status import names_of_this_machine
from core.runs.tree_copy import copy_tree
from remote import swap
from remote.errors import TransferBusy
from remote.holes import is_hole
from remote.kept import KEPT_DAYS, PREFIX
from remote.local_copy import copy_beginning, copy_file, linked
from remote.manifest import LOCK_REMOTE, USER_FILES

PIECE_SIZE = 1 << 20
"""Bytes from which on a file is kept while it is not complete."""

_OLD_SECONDS = KEPT_DAYS * 86_400
_MODES = 0o777
_PRIVATE = 0o700
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_APPEND = os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0)

Advance = Callable[[int], None]


def key_of(*words: str) -> str:
    """A short name for a remote or a home, the same each time."""
    return hashlib.sha256("\0".join(words).encode("utf-8", "surrogateescape")).hexdigest()[:8]


def own_key(home: Home) -> str:
    """What stands for a home of this computer on servers."""
    return key_of(*sorted(names_of_this_machine()), str(home.path))


class LocalPlace:
    """A home of this computer, for remote.swap.

    Args:
        home: The home.
    """

    def __init__(self, home: Home) -> None:
        self._home = home

    def exists(self, path: str) -> bool:
        """Whether anything is there."""
        return os.path.lexists(path)

    def rename_all(self, pairs: Sequence[tuple[str, str]]) -> Mapping[str, str]:
        """Rename directories in this order, never over anything; old path to why it failed."""
        failures = {}
        for old, new in pairs:
            try:
                if os.path.lexists(new):
                    failures[old] = "there is a run of that id by now"
                else:
                    os.rename(old, new)
            except OSError as e:
                failures[old] = reason(e)
        return failures

    def names(self, directory: str) -> Sequence[str]:
        """Names in a directory; none where there is none."""
        try:
            return os.listdir(directory)
        except OSError:
            return ()

    def discard(self, paths: Sequence[str]) -> None:
        """Erase trees."""
        for path in paths:
            erase(path)

    def to_trash(self, path: str, run_id: str) -> None:
        """Move a tree into the trash as a deleted run, as Guild does.

        Where the trash is on another disk it is copied beside the deleted runs, renamed to be one,
        and erased here. Killed while copying: it is where it was, and the copy is cleared away as
        any other. Killed after: it is in the trash, whole, and what is left here goes there, too,
        at the next start.
        """
        trash = self._home.trash_dir
        trash.mkdir(parents=True, exist_ok=True)
        target = trash / run_id
        if os.path.lexists(target):
            os.rename(target, trash / f"{run_id}_{random_suffix()}")
        try:
            os.rename(path, target)
        except OSError as e:
            if e.errno != errno.EXDEV:
                raise
            with place_for_copy(trash) as place:
                copy_tree(path, place, lambda: None)
                os.rename(place, target)
            erase(path)


class LocalShelf:
    """The area of one remote in a home, locked as long as it is open.

    Args:
        home: The home.
        key: Stands for the remote (`key_of`).

    Raises:
        TransferBusy: Another process works in it.
        OSError: It cannot be made.
    """

    def __init__(self, home: Home, key: str) -> None:
        self.home = home
        self.place = LocalPlace(home)
        self._opened: Directory | None = None
        self._inside = ""
        self._usual_mode: int | None = None
        os.makedirs(home.runs_dir, exist_ok=True)
        self.path = f"{staging_base(home)}/{PREFIX}{key}"
        for name in ("part", "pieces", "swap"):
            os.makedirs(f"{self.path}/{name}", mode=_PRIVATE, exist_ok=True)
        self._held = open_directory(self.path)
        try:
            self._held.lock()
        except BlockingIOError as e:
            self._held.close()
            raise TransferBusy(
                "Another window or command transfers runs between the same two places.",
                hint="Wait until it is done.",
            ) from e
        except OSError:
            pass  # the file system knows no locks

    def recover(self) -> tuple[str, ...]:
        """Finish or take back exchanges that were interrupted."""
        return swap.recover(self.place, f"{self.path}/swap", str(self.home.runs_dir))

    def forget_old(self) -> None:
        """Remove what was begun long ago and never gone on with."""
        limit = time.time() - _OLD_SECONDS
        for path in self.kept():
            if os.lstat(path).st_mtime < limit:
                erase(path)

    def kept(self) -> list[str]:
        """Runs that are not whole, and parts of large files."""
        parts = [f"{self.path}/{name}" for name in ("part", "pieces")]
        return [f"{part}/{name}" for part in parts for name in self.place.names(part)]

    def directory(self, path: str) -> Directory:
        """A directory of a run that arrives, open until another one is asked for."""
        if self._opened is None or path != self._inside:
            self._let_go()
            self._opened, self._inside = open_directory(path), path
        return self._opened

    def usual_mode(self, descriptor: int) -> int:
        """The mode that files get here where nobody asks for one, seen at the first of them."""
        if self._usual_mode is None:
            self._usual_mode = os.fstat(descriptor).st_mode & _MODES
        return self._usual_mode

    def stage(self, run_id: str, entries: Mapping[str, ArchiveEntry]) -> StagedPull:
        """Begin to write a run, or go on with one."""
        self._let_go()
        return StagedPull(self, run_id, entries)

    def put(self, staged: Sequence[StagedPull]) -> Mapping[str, str]:
        """Let complete runs appear; ids of those that could not, and why."""
        self._let_go()
        runs_dir = self.home.runs_dir
        failed = self.place.rename_all([(s.path, f"{runs_dir}/{s.run_id}") for s in staged])
        return {each.run_id: failed[each.path] for each in staged if each.path in failed}

    def exchange(self, staged: Sequence[tuple[StagedPull, bool]]) -> Mapping[str, str]:
        """Let complete runs take the places of those of their ids; failures, and why.

        Args:
            staged: Each with whether its old version goes to the trash.
        """
        self._let_go()
        swaps = [swap.Swap(each.run_id, each.path, is_kept) for each, is_kept in staged]
        return swap.exchange(self.place, swaps, f"{self.path}/swap", str(self.home.runs_dir))

    def close(self) -> None:
        """Let go; what is complete is gone from here, what is not is kept for the next time."""
        with suppress(OSError):
            for name in ("part", "pieces", "swap"):
                os.rmdir(f"{self.path}/{name}")
            os.rmdir(self.path)
            os.rmdir(os.path.dirname(self.path))
        drop_if_empty(self.home.runs_dir)
        self._let_go()
        self._held.close()

    def _let_go(self) -> None:
        """Hold no directory that is going to be called otherwise."""
        opened, self._opened = self._opened, None
        if opened is not None:
            opened.close()


@contextmanager
def opened_shelf(home: Home, key: str) -> Iterator[LocalShelf]:
    """A shelf, closed at the end; what was interrupted in it is finished first."""
    shelf = LocalShelf(home, key)
    try:
        shelf.recover()
        yield shelf
    finally:
        shelf.close()


def finish_pulls(home: Home) -> tuple[str, ...]:
    """Finish exchanges that a killed pull left; returns ids of runs that are whole again.

    Cheap where there is nothing to do: two looks at a directory. Kept bytes stay for the next pull,
    for two weeks.
    """
    finished: list[str] = []
    place = LocalPlace(home)
    for base in staging_bases(home):
        for name in place.names(base):
            if name.startswith(PREFIX):
                with suppress(TransferBusy, OSError):
                    shelf = LocalShelf(home, name.removeprefix(PREFIX))
                    try:
                        finished += shelf.recover()
                        shelf.forget_old()
                    finally:
                        shelf.close()
    return tuple(finished)


class StagedPull:
    """One run that arrives.

    Args:
        shelf: Where.
        run_id: The run.
        entries: What it will consist of.

    Attributes:
        path: Its directory as long as it is not a run.
        digests: SHA-256 of files that arrived whole and were hashed on their way.
        words: What people wrote, of the attributes that arrived just now.
    """

    def __init__(self, shelf: LocalShelf, run_id: str, entries: Mapping[str, ArchiveEntry]) -> None:
        self.run_id = run_id
        self.path = f"{shelf.path}/part/{run_id}"
        self._shelf = shelf
        self.entries = entries
        self.digests: dict[str, str] = {}
        self.problems: dict[str, str] = {}
        self.words: dict[str, bytes] = {}
        self._arrived: dict[str, ArchiveEntry] = {}
        self._pieces = f"{shelf.path}/pieces"
        self._is_fresh = self._made()
        self._clear_strange()
        self._dirs = {""}
        for name, entry in entries.items():
            self.make_parents(f"{name}/" if entry.kind == "dir" else name)

    def _made(self) -> bool:
        """Make the directory; whether it was not there."""
        try:
            os.mkdir(self.path, _PRIVATE)
        except FileExistsError:
            return False
        return True

    def missing(self, names: Iterable[str]) -> list[str]:
        """Which of the files are not here yet, or not as they are on the server."""
        return [name for name in names if not self._has(name)]

    def is_begun(self, name: str) -> bool:
        """Whether a part of a large file is here, and of no other version of it."""
        size = self.entries[name].size
        return size >= PIECE_SIZE and 0 < self.piece_of(name)[1] <= size

    def put(self, name: str, data: bytes, *, is_hashed: bool = False) -> None:
        """Write all of a small file, with its mode and time."""
        entry = self.entries[name]
        parent, _, leaf = name.rpartition("/")
        if parent not in self._dirs:
            self.make_parents(name)
        held = self._shelf.directory(f"{self.path}/{parent}" if parent else self.path)
        try:
            descriptor = held.create(leaf)
        except FileExistsError:  # of a try before, or of another version
            held.unlink(leaf)
            descriptor = held.create(leaf)
        try:
            done = os.write(descriptor, data) if data else 0
            while done < len(data):
                done += os.write(descriptor, memoryview(data)[done:])
            if entry.mode & _MODES != self._shelf.usual_mode(descriptor):
                set_mode(descriptor, entry.mode & _MODES)
            try_times(f"{self.path}/{name}", descriptor, entry.mtime_ns)
        finally:
            os.close(descriptor)
        if is_hashed:
            self.digests[name] = hashlib.sha256(data).hexdigest()
        if name in USER_FILES:
            self.words[name] = data
        self.note_arrival(name, entry)

    def piece_of(self, name: str) -> tuple[str, int]:
        """Where a part of a large file is, and how many bytes of it."""
        path = self._piece(self.entries[name], name)
        try:
            return path, os.lstat(path).st_size
        except OSError:
            return path, 0

    def begin_with(self, name: str, source: str, size: int) -> None:
        """Let a large file begin with the first bytes of a file of this computer."""
        entry = self.entries[name]
        path = self._piece(entry, name)
        copy_beginning(source, path, size)

    def sink(self, name: str, advance: Advance, *, is_hashed: bool = False) -> FileSink:
        """Takes the content of a file."""
        return FileSink(self, name, advance, is_hashed=is_hashed)

    def share(self, name: str, run_dir: str, *, is_linked: bool) -> None:
        """Take a file or link of the run that is here.

        Args:
            name: Which.
            run_dir: The run.
            is_linked: Whether both may be one file on the disk: only where the old one is erased.
        """
        source, target = f"{run_dir}/{name}", f"{self.path}/{name}"
        self.make_parents(name)
        with suppress(FileNotFoundError):
            os.unlink(target)
        if os.path.islink(source):
            os.symlink(os.readlink(source), target)
        elif not is_linked or not linked(source, target):
            copy_file(source, target)

    def write(self, name: str, data: bytes) -> None:
        """Write a small file of our own."""
        self.make_parents(name)
        with suppress(FileNotFoundError):
            os.unlink(f"{self.path}/{name}")
        with open(os.open(f"{self.path}/{name}", _CREATE, 0o666), "wb") as file:
            file.write(data)

    def finish(self, remote: str = "") -> None:
        """Make links, remove what does not belong to the run, set modes and times of directories.

        Args:
            remote: Where the run is going on; empty where it has ended.
        """
        for name, entry in self.entries.items():
            path = f"{self.path}/{name}"
            if entry.kind == "link" and not _says(path, entry.target):
                with suppress(FileNotFoundError):
                    os.unlink(path)
                os.symlink(entry.target, path)
                with suppress(OSError, OverflowError):
                    set_link_times(path, entry.mtime_ns, entry.mtime_ns)
        if remote:
            self.write(LOCK_REMOTE, remote.encode())
        for name in sorted(self._dirs, reverse=True):
            entry_of = self.entries.get(name)
            path = f"{self.path}/{name}" if name else self.path
            os.chmod(path, entry_of.mode & _MODES if entry_of and entry_of.mode else 0o755)
            if entry_of is not None and entry_of.mtime_ns:
                with suppress(OSError, OverflowError):
                    os.utime(path, ns=(entry_of.mtime_ns, entry_of.mtime_ns))

    def discard(self) -> None:
        """Remove what is here of it."""
        erase(self.path)

    def make_parents(self, name: str) -> None:
        """Make the directories above a name."""
        parent = name.rpartition("/")[0]
        if parent in self._dirs:
            return
        self.make_parents(parent)
        with suppress(FileExistsError):
            os.mkdir(f"{self.path}/{parent}", _PRIVATE)
        self._dirs.add(parent)

    def note_arrival(self, name: str, entry: ArchiveEntry) -> None:
        """Note that a file is here, whole."""
        self._arrived[name] = entry
        self.problems.pop(name, None)

    def forget(self, name: str) -> None:
        """Remove a file that is not to be used."""
        self._arrived.pop(name, None)
        with suppress(OSError):
            os.unlink(f"{self.path}/{name}")
        with suppress(OSError):
            os.unlink(self._piece(self.entries[name], name))

    def _has(self, name: str) -> bool:
        entry = self.entries[name]
        if self._is_fresh or name in self._arrived:  # what is here came just now
            return self._arrived.get(name) == entry
        try:
            found = os.lstat(f"{self.path}/{name}")
        except OSError:
            return False
        return (
            stat.S_ISREG(found.st_mode)
            and found.st_size == entry.size
            and found.st_mtime_ns == entry.mtime_ns
        )

    def _piece(self, entry: ArchiveEntry, name: str) -> str:
        version = f"{self.run_id}\0{name}\0{entry.size}\0{entry.mtime_ns}"
        return f"{self._pieces}/{hashlib.sha256(os.fsencode(version)).hexdigest()[:32]}"

    def _clear_strange(self) -> None:
        """Remove what an earlier try left and the run has no more: before anything is written."""
        if self._is_fresh:
            return
        for directory, dirs, files in os.walk(self.path, topdown=False):
            inner = os.path.relpath(directory, self.path)
            within = "" if inner == "." else f"{inner}/"
            os.chmod(directory, _PRIVATE)
            for name in [*files, *(d for d in dirs if os.path.islink(f"{directory}/{d}"))]:
                entry = self.entries.get(within + name)
                if entry is None or entry.kind != "file":
                    os.unlink(f"{directory}/{name}")
            for name in dirs:
                known = self.entries.get(within + name)
                if known is not None and known.kind != "dir":
                    erase(f"{directory}/{name}")


class FileSink:
    """Writes one file of a run that arrives.

    Args:
        run: The run.
        name: The file.
        advance: Called with the bytes that came; raises to stop.
        is_hashed: Whether its checksum is noted in `run.digests`.
    """

    __slots__ = (
        *("_advance", "_descriptor", "_digest", "_entry", "_is_large", "_name", "_path", "_run"),
        *("_target", "offset"),
    )

    def __init__(self, run: StagedPull, name: str, advance: Advance, *, is_hashed: bool) -> None:
        self._run = run
        self._name = name
        self._entry = run.entries[name]
        self._advance = advance
        self._target = f"{run.path}/{name}"
        self._is_large = self._entry.size >= PIECE_SIZE
        self._path, self.offset = run.piece_of(name) if self._is_large else (self._target, 0)
        if self.offset > self._entry.size:
            self.offset = 0
        self._digest = hashlib.sha256() if is_hashed and not self.offset else None
        self._descriptor = -1

    def take(self, data: bytes) -> None:
        """The next bytes."""
        if self._descriptor < 0:
            self._open()
        if self._digest is not None:
            self._digest.update(data)
        if self._is_large and is_hole(data):
            os.lseek(self._descriptor, len(data), os.SEEK_CUR)
        else:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
        self._advance(len(data))

    def end(self, problem: str) -> None:
        """All came, or why not."""
        if problem:
            self._run.problems[self._name] = problem
        else:
            if self._descriptor < 0:
                self._open()
            self._complete()
        self.close()

    def close(self) -> None:
        """Close the file; of a large one the beginning is kept."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _open(self) -> None:
        self._run.make_parents(self._name)
        if self._is_large:
            self._descriptor = os.open(self._path, _APPEND, 0o600)
            os.lseek(self._descriptor, self.offset, os.SEEK_SET)
            if not self.offset:
                os.ftruncate(self._descriptor, 0)
            return
        try:
            self._descriptor = os.open(self._path, _CREATE, 0o600)
        except FileExistsError:
            os.unlink(self._path)  # of a try before, or of another version
            self._descriptor = os.open(self._path, _CREATE, 0o600)

    def _complete(self) -> None:
        entry, descriptor = self._entry, self._descriptor
        if self._is_large:
            os.ftruncate(descriptor, entry.size)  # it may end in a hole
        if entry.mode & _MODES != 0o600:
            set_mode(descriptor, entry.mode & _MODES)
        try_times(self._path, descriptor, entry.mtime_ns)
        if self._digest is not None:
            self._run.digests[self._name] = self._digest.hexdigest()
        if self._is_large:
            os.replace(self._path, self._target)
        self._run.note_arrival(self._name, entry)


def _says(path: str, target: str) -> bool:
    try:
        return os.readlink(path) == target
    except OSError:
        return False


def reason_of(error: OSError) -> str:
    """Why something could not be written here, as a clause."""
    return reason(error)


def free_bytes(path: Path) -> int:
    """How much room is left on the disk of a directory."""
    return shutil.disk_usage(path).free
