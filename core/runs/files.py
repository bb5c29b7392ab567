"""The files of a run: listed one directory at a time, opened without leaving the run.

Why paths are text with "/" relative to the run: they are what Guild's manifest, the command line
and the window all speak of. Names that are no UTF-8 keep their bytes as surrogates.

Why a link is judged by where it really leads: a run may link to other runs (trials, steps,
results it depends on), and those are followed; a link to anywhere else is shown but not opened,
since looking at a run must not read what somebody else's run points at.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Literal

from msgspec import Struct

from core.check import go_on
from core.errors import RunError
from core.runs import guild_files
from core.runs.manifest import FileKind, Manifest, read_manifest

MOST_ENTRIES = 20_000  # of one directory that are listed
MOST_COUNTED = 200_000  # of one directory that are looked at

_DIGITS = re.compile(r"[0-9]+")
_HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")

Shape = Literal["file", "directory", "run", "other"]
EntryKind = FileKind | Literal["directory", "run"]


class FileEntry(Struct, frozen=True):
    """One entry of a directory of a run.

    Attributes:
        name: Name in its directory; bytes that are no UTF-8 as surrogates.
        path: Relative to the run, with "/".
        kind: Where it came from; "directory" for one that the manifest does not name, "run"
            for a link to another run.
        shape: What it is on disk, links followed; "other" for broken links and special files.
        size: Bytes; None for what is no file.
        modified: Microseconds since 1970-01-01 UTC; None when unknown.
        target: What a link says; empty for what is no link.
        run_id: Run that a link leads to; empty otherwise.
        problem: Why it cannot be opened, in a few words; empty when it can.
    """

    name: str
    path: str
    kind: EntryKind
    shape: Shape
    size: int | None = None
    modified: int | None = None
    target: str = ""
    run_id: str = ""
    problem: str = ""

    @property
    def is_directory(self) -> bool:
        """Whether it has entries of its own that can be listed."""
        return self.shape == "directory"


class Listing(Struct, frozen=True):
    """The entries of one directory, directories first, then in natural order.

    Attributes:
        entries: At most MOST_ENTRIES.
        problem: One sentence on what is not listed; empty when all is.
    """

    entries: tuple[FileEntry, ...] = ()
    problem: str = ""


def shown(path: str) -> str:
    """A name or path as people may see it.

    Bytes that are no UTF-8 become signs, and so do control characters and those that change the
    direction of writing: `evil\u202egnp.exe` would be read as "evilexe.png".
    """
    return _HIDDEN.sub("\ufffd", os.fsencode(path).decode("utf-8", "replace"))


def list_directory(
    run_dir: str | Path,
    path: str = "",
    manifest: Manifest | None = None,
    check: Callable[[], None] = go_on,
    most: int = MOST_ENTRIES,
) -> Listing:
    """The entries of a directory of a run.

    Args:
        run_dir: The run.
        path: Directory relative to the run; empty is the run itself.
        manifest: The run's manifest, where the caller has it already.
        check: Called often; raises to stop (core.errors.Cancelled).
        most: More entries than this are counted but not listed.

    Raises:
        RunError: There is no such directory, it may not be read, or it lies outside of the run.
    """
    look = _Look(os.fspath(run_dir), read_manifest(run_dir) if manifest is None else manifest)
    return _listed(look, os.fspath(resolve_path(run_dir, path)), path, check, most)


def _listed(
    look: _Look, real: str, path: str, check: Callable[[], None], most: int = MOST_ENTRIES
) -> Listing:
    """The entries of a directory that is known to be where it may be.

    Args:
        look: Tells what they are.
        real: Where the directory really is.
        path: The directory relative to the run.
        check: Called often; raises to stop.
        most: More entries than this are counted but not listed.

    Raises:
        RunError: It may not be read.
    """
    found = _entries(real, path, check)
    entries: list[FileEntry] = []
    for entry in found[:most]:
        check()
        entries.append(look.at(entry, path))
    entries.sort(key=lambda entry: (not entry.is_directory, natural_name(entry.name)))
    problem = ""
    if len(found) > most:
        more = "more than " if len(found) > MOST_COUNTED else ""
        where = shown(path) or "the run"
        problem = f"{most:,} of {more}{min(len(found), MOST_COUNTED):,} files in {where} are shown"
    return Listing(tuple(entries), problem)


def walk_files(
    run_dir: str | Path,
    manifest: Manifest | None = None,
    *,
    enter: Callable[[FileEntry], bool] = lambda entry: not entry.target,
    check: Callable[[], None] = go_on,
) -> Iterator[FileEntry]:
    """Every entry of a run, each directory before what is in it, in natural order.

    Args:
        run_dir: The run.
        manifest: The run's manifest, where the caller has it already.
        enter: Whether to go into a directory; by default into all but links.
        check: Called often; raises to stop (core.errors.Cancelled).

    Directories that cannot be read are passed over. A directory is entered through one link at
    most, and never through a link in itself: links can make a small run endless.
    """
    look = _Look(os.fspath(run_dir), read_manifest(run_dir) if manifest is None else manifest)
    linked: set[str] = set()
    top = os.fspath(resolve_path(run_dir, ""))
    waiting = [(top, iter(_listed(look, top, "", check).entries))]
    while waiting:
        above, entries = waiting[-1]
        entry = next(entries, None)
        if entry is None:
            waiting.pop()
            continue
        yield entry
        if entry.is_directory and enter(entry) and not _leads_back(run_dir, entry, linked):
            try:
                # Only a link may lead elsewhere. To find that out again for each directory from
                # the run on took a minute where they are a thousand deep inside each other.
                real = resolve_path(run_dir, entry.path) if entry.target else None
                where = f"{above}/{entry.name}" if real is None else os.fspath(real)
                waiting.append((where, iter(_listed(look, where, entry.path, check).entries)))
            except RunError:
                continue


def _leads_back(run_dir: str | Path, entry: FileEntry, linked: set[str]) -> bool:
    """Whether a link leads to where the walk is or has been by a link; notes where it leads."""
    if not entry.target:
        return False
    path = os.path.join(run_dir, entry.path)
    real = os.path.realpath(path)
    is_known = real in linked or is_within(os.path.realpath(os.path.dirname(path)), real)
    linked.add(real)
    return is_known


def _entries(directory: str, path: str, check: Callable[[], None]) -> list[os.DirEntry[str]]:
    """What a directory holds, folders first, then in natural order."""
    try:
        with os.scandir(directory) as found:
            entries = []
            for entry in islice(found, MOST_COUNTED + 1):
                check()
                entries.append(entry)
    except OSError as e:
        raise _cannot(f"list {shown(path) or 'the files of the run'}", e, Path(directory)) from e
    entries.sort(key=lambda e: (not e.is_dir(follow_symlinks=False), natural_name(e.name)))
    return entries


def resolve_path(run_dir: str | Path, path: str) -> Path:
    """Where a path of a run really is.

    Raises:
        RunError: The path is absolute, has "..", does not exist, or leads out of the run to
            anything but another run beside it.
    """
    root = os.fspath(run_dir)
    if path.startswith("/") or "\0" in path or ".." in path.split("/"):
        raise RunError(f"{shown(path)} is no path inside of a run", path=Path(root))
    full = os.path.join(root, path) if path else root
    try:
        real = os.path.realpath(full, strict=True)
    except OSError as e:
        raise _cannot(f"open {shown(path) or 'the run'}", e, Path(full)) from e
    if not (is_within(real, os.path.realpath(root)) or sibling_run(root, real)):
        raise RunError(
            f"{shown(path)} leads out of the run to {shown(real)}",
            path=Path(full),
            hint="Open it in the file manager if you trust it.",
        )
    return Path(real)


def open_file(run_dir: str | Path, path: str) -> BinaryIO:
    """Open a file of a run for reading.

    Raises:
        RunError: It is no file, may not be read, or lies outside of the run.
    """
    real = resolve_path(run_dir, path)
    try:
        return os.fdopen(guild_files.open_file(os.fspath(real)), "rb")
    except OSError as e:
        raise _cannot(f"open {shown(path)}", e, real) from e


def sibling_run(run_dir: str, real: str) -> str:
    """Id of the run beside `run_dir` that the real path is in; empty when it is in none."""
    for runs_dir in {os.path.dirname(os.path.realpath(run_dir)), _real_parent(run_dir)}:
        if is_within(real, runs_dir) and real != runs_dir:
            run_id = os.path.relpath(real, runs_dir).split(os.sep, 1)[0]
            if os.path.exists(os.path.join(runs_dir, run_id, ".guild", "opref")):
                return run_id
    return ""


class _Look:
    """Tells what entries of a run are."""

    def __init__(self, run_dir: str, manifest: Manifest) -> None:
        self._run_dir = run_dir
        self._root = os.path.realpath(run_dir)
        self._manifest = manifest

    def at(self, entry: os.DirEntry[str], directory: str) -> FileEntry:
        path = f"{directory}/{entry.name}" if directory else entry.name
        try:
            if entry.is_symlink():
                return self._link(entry, path)
            found = entry.stat(follow_symlinks=False)
        except OSError as e:
            kind = self._manifest.kind(path)
            return FileEntry(entry.name, path, kind, "other", problem=e.strerror or str(e))
        return self._plain(entry.name, path, found)

    def _plain(self, name: str, path: str, found: os.stat_result) -> FileEntry:
        modified = found.st_mtime_ns // 1000
        if stat.S_ISREG(found.st_mode):
            kind = self._manifest.kind(path)
            return FileEntry(name, path, kind, "file", found.st_size, modified)
        if stat.S_ISDIR(found.st_mode):
            return FileEntry(name, path, self._directory_kind(path), "directory", None, modified)
        problem = "no ordinary file"
        return FileEntry(
            name, path, self._manifest.kind(path), "other", None, modified, "", "", problem
        )

    def _link(self, entry: os.DirEntry[str], path: str) -> FileEntry:
        kind = self._manifest.kind(path)
        target = os.readlink(entry.path)
        try:
            real = os.path.realpath(entry.path, strict=True)
            found = os.stat(real)
        except OSError:
            problem = "broken link"
            return FileEntry(entry.name, path, kind, "other", target=target, problem=problem)
        modified = found.st_mtime_ns // 1000
        run_id = "" if is_within(real, self._root) else sibling_run(self._run_dir, real)
        if run_id and os.path.basename(real) == run_id:
            return FileEntry(entry.name, path, "run", "run", None, modified, target, run_id)
        problem = "" if run_id or is_within(real, self._root) else "leads out of the run"
        if stat.S_ISDIR(found.st_mode):
            shape: Shape = "other" if problem else "directory"
            directory_kind = self._directory_kind(path)
            return FileEntry(
                entry.name, path, directory_kind, shape, None, modified, target, run_id, problem
            )
        size = found.st_size
        return FileEntry(entry.name, path, kind, "file", size, modified, target, run_id, problem)

    def _directory_kind(self, path: str) -> EntryKind:
        kind = self._manifest.kind(path)
        return "directory" if kind == "generated" else kind


def is_within(path: str, directory: str) -> bool:
    """Whether a real path is a directory or lies in it."""
    return path == directory or path.startswith(directory.rstrip(os.sep) + os.sep)


def natural_name(name: str) -> str:
    """Sort key in which "run 9" comes before "run 10".

    A text and not the tuple of `core.text.natural_key`: sorting tuples holds Python's lock, and
    with it the window, for 60 ms where a folder has 20,000 files.
    """
    return _DIGITS.sub(_counted, name.casefold())


def _counted(digits: re.Match[str]) -> str:
    significant = digits[0].lstrip("0")
    return f"{len(significant):03}{significant}"


def _real_parent(run_dir: str) -> str:
    return os.path.realpath(os.path.dirname(os.path.abspath(run_dir)))


def _cannot(what: str, error: OSError, path: Path) -> RunError:
    return RunError(f"Cannot {what}: {guild_files.reason(error)}", path=path)
