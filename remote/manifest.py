"""What a run consists of, here or on a server, and whether two of them are the same.

What is no part of it: LOCK, which names a process of one machine, LOCK.remote, which says where a
copy was last seen running, what a killed change left, and the record of checksums of an export.

Why a time counts in whole seconds where one side has no more: SFTP knows no others, so a file that
was sent so must not look changed.

Why a server is asked by one `find` where it has GNU's: twelve thousand files take a tenth of a
second so, whatever the distance.
"""

from __future__ import annotations

import hashlib
import os
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from core.archives.checksums import NAME as RECORD
from core.archives.entries import ArchiveEntry, sort_out
from core.archives.run_tree import look_at
from core.archives.tree_items import TreeItem
from core.check import Check
from core.errors import ArchiveError
from core.runs.attr_file import TEMPORARY
from core.runs.busy import find_busy
from core.runs.files import shown
from core.runs.guild_files import reason
from remote.files import Tree
from remote.found import (
    FIND,
    FIND_NAMED,
    FIND_STORE,
    MANY,
    MOST_WORDS,
    StoreReader,
    listed,
    parse_found,
    words_of,
)
from remote.looking import Look, look_at_all
from remote.remote_home import RemoteHome
from remote.running import Running
from remote.sftp_wire import encode

LOCK, LOCK_REMOTE = ".guild/LOCK", ".guild/LOCK.remote"
ATTRS = ".guild/attrs/"
ENVIRONMENT = frozenset([".guild/attrs/env", ".guild/ENV", ".guild/proto/.guild/attrs/env"])
"""Left at home unless asked for, and no difference between here and there."""

USER_ATTRS = ("label", "tags", "marked", "comments")
"""Attributes that people write."""

USER_FILES = frozenset(ATTRS + name for name in USER_ATTRS)
_UNSIGNED = USER_FILES | ENVIRONMENT
_NOTES = frozenset([LOCK_REMOTE, RECORD])
_NEVER = _NOTES | {LOCK}
_SECOND = 1_000_000_000
_MOST_OUTPUT = 256 << 20
_AT_ONCE = 500
_KIND, _FILE, _DIRECTORY = 0o170000, 0o100000, 0o040000


class Manifest(Struct, frozen=True):
    """What one run consists of on one side.

    Attributes:
        run_id: The run.
        entries: Name to entry: files, directories and links.
        is_running: It has a LOCK, and nothing proves that its process has ended.
        lock_remote: It has a LOCK.remote: it is a copy of a run that was running elsewhere.
        remarks: Sentences on what is left out: devices, links that lead out of it.
        problem: Why it cannot be copied, as a sentence; empty when it can.
        attrs: Contents of attributes that people write, where they were asked for.
        digest: Of what a server said of it (remote.found); empty where that is not known.
    """

    run_id: str
    entries: Mapping[str, ArchiveEntry] = field(default_factory=dict)
    is_running: bool = False
    lock_remote: bool = False
    remarks: tuple[str, ...] = ()
    problem: str = ""
    attrs: Mapping[str, bytes | None] = field(default_factory=dict)
    digest: bytes = b""

    @property
    def files(self) -> dict[str, ArchiveEntry]:
        """Its files."""
        return {name: e for name, e in self.entries.items() if e.kind == "file"}

    @property
    def size(self) -> int:
        """Bytes of its files."""
        return sum(entry.size for entry in self.entries.values())

    def signature(self) -> str:
        """A short text that is another one when anything but what people write has changed."""
        said = []
        for name in sorted(self.entries.keys() - _UNSIGNED):
            entry = self.entries[name]
            if entry.kind != "dir":
                when = entry.mtime_ns // _SECOND if entry.kind == "file" else 0
                said.append(repr((name, entry.kind, entry.size, when, entry.target)))
        return hashlib.sha256("".join(said).encode()).hexdigest()[:32]


def are_same(one: ArchiveEntry, other: ArchiveEntry) -> bool:
    """Whether two entries look like the same content."""
    if one.kind != other.kind or one.size != other.size or one.target != other.target:
        return False
    if one.kind != "file" or one.mtime_ns == other.mtime_ns:
        return True
    is_coarse = not one.mtime_ns % _SECOND or not other.mtime_ns % _SECOND
    return is_coarse and one.mtime_ns // _SECOND == other.mtime_ns // _SECOND


def lead_of(one: ArchiveEntry, other: ArchiveEntry) -> int:
    """By how many nanoseconds an entry is newer than another; 0 where nobody can tell.

    Where one side knows whole seconds only, what both wrote within one says nothing: cut off to the
    second, the later one looks like the older.
    """
    times = one.mtime_ns, other.mtime_ns
    is_coarse = any(when % _SECOND == 0 for when in times)
    if is_coarse and times[0] // _SECOND == times[1] // _SECOND:
        return 0
    return times[0] - times[1]


def manifests_here(runs_dir: Path, ids: Iterable[str], check: Check) -> dict[str, Manifest]:
    """What runs of this computer consist of; those that are not there are left out."""
    found = {}
    for run_id in ids:
        manifest = manifest_here(run_id, f"{runs_dir}/{run_id}", check)
        is_run = ".guild/opref" in manifest.entries
        if is_run or (manifest.problem and os.path.lexists(f"{runs_dir}/{run_id}/.guild/opref")):
            found[run_id] = manifest
    return found


def manifest_here(run_id: str, run_dir: str, check: Check) -> Manifest:
    """What a directory of this computer consists of as a run."""
    check()
    try:
        found = _usual_entries(run_dir)
        remarks: Sequence[str] = ()
        if found is None:
            tree = look_at(run_dir, with_env=True, check=check)
            found, remarks = list(map(_entry_of, tree.items)), tree.remarks
    except OSError as e:
        what = f" of {shown(e.filename)}" if e.filename else ""
        return Manifest(run_id, problem=f"It cannot be read{what}: {reason(e)}.")
    manifest = manifest_of(run_id, found)
    return replace(
        manifest,
        is_running=find_busy(run_dir) is not None,
        remarks=(*(f"{remark}." for remark in remarks), *manifest.remarks),
    )


def is_as_listed(manifest: Manifest, run_dir: str) -> bool:
    """Whether a run of this computer still looks the way it was listed, which is quickly seen.

    Where it does not, or something in it is unusual, `manifest_here` tells what it is like now.
    """
    entries = manifest.entries
    count = 0
    has_note = False
    waiting = [("", run_dir)]
    try:
        while waiting:
            within, directory = waiting.pop()
            with os.scandir(directory) as found:
                for entry in found:
                    name = within + entry.name
                    known = entries.get(name)
                    if known is None:
                        has_note = has_note or name == LOCK_REMOTE
                        if name in _NOTES:
                            continue
                        return False
                    if not _is_still(known, entry.stat(follow_symlinks=False)):
                        return False
                    if known.kind == "dir":
                        waiting.append((f"{name}/", entry.path))
                    count += 1
    except OSError:
        return False
    return count == len(entries) and has_note == manifest.lock_remote and not manifest.is_running


def _is_still(known: ArchiveEntry, facts: os.stat_result) -> bool:
    mode = facts.st_mode
    if facts.st_mtime_ns != known.mtime_ns or mode & 0o7777 != known.mode:
        return False
    if known.kind == "dir":
        return mode & _KIND == _DIRECTORY
    return known.kind == "file" and mode & _KIND == _FILE and facts.st_size == known.size


def _usual_entries(run_dir: str) -> list[ArchiveEntry] | None:
    """The entries of a run of nothing but files and directories; None of others.

    Two thirds of the time that it takes to look at a run in general.
    """
    found: list[ArchiveEntry] = []
    waiting = [("", run_dir)]
    while waiting:
        within, directory = waiting.pop()
        with os.scandir(directory) as entries:
            for entry in entries:
                name = within + entry.name
                try:
                    facts = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    return None  # removed while we looked
                mode = facts.st_mode
                if mode & _KIND == _FILE:
                    size = facts.st_size
                    found.append(ArchiveEntry(name, "file", size, mode & 0o7777, facts.st_mtime_ns))
                elif mode & _KIND == _DIRECTORY:
                    found.append(ArchiveEntry(name, "dir", 0, mode & 0o7777, facts.st_mtime_ns))
                    waiting.append((f"{name}/", entry.path))
                else:
                    return None
    found.sort()
    return found


def _entry_of(item: TreeItem) -> ArchiveEntry:
    mode, when = item.found.st_mode & 0o7777, item.found.st_mtime_ns
    return ArchiveEntry(item.path, item.kind, item.size, mode, when, item.target)


def manifest_of(run_id: str, entries: Iterable[ArchiveEntry], problem: str = "") -> Manifest:
    """Sort out what a run consists of; whatever is unsafe in it is its problem."""
    if problem:
        return Manifest(run_id, problem=f"It cannot be listed: {problem}.")
    listed = list(entries)
    names = {entry.name for entry in listed}
    try:
        sorted_out = sort_out(listed)
    except ArchiveError as e:
        return Manifest(run_id, problem=str(e))
    kept = {
        entry.name: entry
        for entry in sorted_out.entries
        if entry.name not in _NEVER and not entry.name.startswith(ATTRS + TEMPORARY)
    }
    return Manifest(run_id, kept, LOCK in names, LOCK_REMOTE in names, sorted_out.remarks)


def manifests_there(
    home: RemoteHome,
    ids: Sequence[str],
    check: Check,
    known: Mapping[str, Manifest] | None = None,
) -> dict[str, Manifest]:
    """What runs of a server consist of; those that are not there are left out.

    Args:
        home: The server's home.
        ids: The runs.
        check: Called often; raises to stop.
        known: What they were before; of those that are so still nothing need be understood again.

    Raises:
        RemoteError: The server does not answer, or answers nonsense.
    """
    trees = trees_there(home, home.runs_dir, ids, check, digests_of(known or {}))
    return manifests_from(home, ids, trees, check, known)


def digests_of(known: Mapping[str, Manifest]) -> dict[str, bytes]:
    """The digests of runs, of those that have one."""
    return {run_id: manifest.digest for run_id, manifest in known.items() if manifest.digest}


def manifests_of_both(
    runs_dir: Path,
    home: RemoteHome,
    ids: Sequence[str],
    check: Check,
    meanwhile: Callable[[], object] = lambda: None,
) -> tuple[dict[str, Manifest], dict[str, Manifest]]:
    """What runs consist of here and there, both looked at at the same time.

    Args:
        runs_dir: Where the runs are here.
        home: The server's home.
        ids: The runs.
        check: Called often; raises to stop.
        meanwhile: Called once, when the server has begun; where it says that it changed runs
            there, they are looked at anew.

    Raises:
        RemoteError: The server does not answer, or answers nonsense.
    """
    here: dict[str, Manifest] = {}
    there: dict[str, Manifest] = {}
    for start in range(0, len(ids), _AT_ONCE) or [0]:
        some = ids[start : start + _AT_ONCE]
        with listing_there(home, home.runs_dir, some, check) as listing:
            if not start and meanwhile():
                return manifests_of_both(runs_dir, home, ids, check)
            here.update(manifests_here(runs_dir, some, check))
            there.update(manifests_from(home, some, listing(), check))
    return here, there


def manifests_from(
    home: RemoteHome,
    ids: Sequence[str],
    trees: Mapping[str, Tree],
    check: Check,
    known: Mapping[str, Manifest] | None = None,
) -> dict[str, Manifest]:
    """What runs of a server consist of, by how they were listed; as `manifests_there`."""
    found = {}
    for run_id in ids:
        tree = trees.get(run_id, Tree())
        if tree.is_known and known is not None:
            found[run_id] = known[run_id]
        elif any(entry.name == ".guild/opref" for entry in tree.entries):
            manifest = manifest_of(run_id, tree.entries, tree.problem)
            found[run_id] = replace(manifest, digest=tree.digest)
        elif tree.problem and tree.entries:
            found[run_id] = Manifest(run_id, problem=f"It cannot be listed: {tree.problem}.")
    return _with_running(home, found, check)


def trees_there(
    home: RemoteHome,
    directory: str,
    names: Sequence[str],
    check: Check,
    known: Mapping[str, bytes] | None = None,
) -> dict[str, Tree]:
    """Everything below directories of one directory of a server, by their names.

    Args:
        home: The server's home.
        directory: Where they are.
        names: Which.
        check: Called often; raises to stop.
        known: Digests of what was said of them before (Tree.is_known).
    """
    found: dict[str, Tree] = {}
    for start in range(0, len(names), _AT_ONCE):
        some = names[start : start + _AT_ONCE]
        with listing_there(home, directory, some, check, known) as listing:
            found.update(listing())
    return found


@contextmanager
def listing_there(
    home: RemoteHome,
    directory: str,
    names: Sequence[str],
    check: Check,
    known: Mapping[str, bytes] | None = None,
) -> Iterator[Callable[[], dict[str, Tree]]]:
    """The same, begun: the server lists while something else is done; the call waits for it."""
    if not (home.capabilities.can_find and names):
        yield lambda: _walked(home, directory, names, check)
        return
    words, given = words_of(names), b""
    if words is not None and len(words) <= MOST_WORDS:
        command = FIND_NAMED.format(runs=shlex.quote(directory), words=words)
    else:
        given = b"".join(encode(f"./{name}") + b"\0" for name in names)
        command = FIND.format(runs=shlex.quote(directory))
    with home.connection.running(command, given=given, check=check) as running:
        yield lambda: _found(home, names, running, check, known)


@contextmanager
def listing_store(home: RemoteHome, check: Check) -> Iterator[Callable[[], dict[str, Tree] | None]]:
    """Everything in the directory of runs of a server, by name; begun, as `listing_there`.

    The answer is None where that is to be asked otherwise: there are too many runs, or none can be
    listed.
    """
    if not home.capabilities.can_find:
        yield lambda: None
        return
    command = FIND_STORE.format(runs=shlex.quote(home.runs_dir))
    with home.connection.running(command, check=check) as running:

        def answer() -> dict[str, Tree] | None:
            reader = StoreReader()
            done = running.result(most=_MOST_OUTPUT, check=check, take=reader.take)
            if done.output == MANY:
                return None
            return reader.trees(home.name, done.errors)

        yield answer


def _walked(
    home: RemoteHome, directory: str, names: Sequence[str], check: Check
) -> dict[str, Tree]:
    trees = home.files.trees([f"{directory}/{name}" for name in names], check) if names else {}
    return {name: trees[f"{directory}/{name}"] for name in names}


def _found(
    home: RemoteHome,
    names: Sequence[str],
    running: Running,
    check: Check,
    known: Mapping[str, bytes] | None,
) -> dict[str, Tree]:
    done = running.result(most=_MOST_OUTPUT, check=check)
    return parse_found(listed(done.output, home.name), names, done.errors, known=known)


def _with_running(
    home: RemoteHome, found: dict[str, Manifest], check: Check
) -> dict[str, Manifest]:
    """Forget the LOCKs whose processes have ended for certain."""
    locked = [run_id for run_id, manifest in found.items() if manifest.is_running]
    if not locked:
        return found
    alive = alive_there(home, locked, check)
    return {
        run_id: manifest if run_id in alive or not manifest.is_running
        else replace(manifest, is_running=False)
        for run_id, manifest in found.items()
    }  # fmt: skip


def alive_there(home: RemoteHome, ids: Sequence[str], check: Check) -> set[str]:
    """Which of the runs that have a LOCK may be running: all whose process is not proven gone.

    A process is gone where the server shows its processes, the run was made on that very machine,
    and the number in the LOCK is none of them.
    """
    paths = {run_id: f"{home.run_dir(run_id)}/{LOCK}" for run_id in ids}
    hosts = {run_id: f"{home.run_dir(run_id)}/{ATTRS}host" for run_id in ids}
    texts = home.files.read([*paths.values(), *hosts.values()], check)
    if "proc" not in home.capabilities.abilities:
        return set(ids)
    own = {home.capabilities.host, home.capabilities.host.partition(".")[0], ""}
    pids: dict[str, str] = {}
    for run_id in ids:
        host = (texts[hosts[run_id]] or b"").decode("utf-8", "replace").strip()
        pid = (texts[paths[run_id]] or b"").strip()[:10]
        is_here = host in own or not home.capabilities.host
        if is_here and pid.isdigit():
            pids[run_id] = f"/proc/{int(pid)}"
    shown = look_at_all(home, pids.values(), check)
    gone = {i for i, path in pids.items() if shown[path] == Look()}
    return {*ids} - gone
