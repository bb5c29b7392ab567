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
import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from core.archives.checksums import NAME as RECORD
from core.archives.entries import ArchiveEntry, EntryKind, sort_out
from core.archives.run_tree import look_at
from core.errors import ArchiveError
from core.runs.attr_file import TEMPORARY
from core.runs.busy import find_busy
from core.runs.files import shown
from core.runs.guild_files import reason
from remote.connection import Check, Completed, Running
from remote.errors import UnsafeAnswer
from remote.files import MOST_ENTRIES, Tree
from remote.remote_home import RemoteHome
from remote.sftp_wire import decode, encode

LOCK, LOCK_REMOTE = ".guild/LOCK", ".guild/LOCK.remote"
ATTRS = ".guild/attrs/"
ENVIRONMENT = frozenset([".guild/attrs/env", ".guild/ENV", ".guild/proto/.guild/attrs/env"])
"""Left at home unless asked for, and no difference between here and there."""

USER_ATTRS = ("label", "tags", "marked", "comments")
"""Attributes that people write."""

USER_FILES = frozenset(ATTRS + name for name in USER_ATTRS)
_UNSIGNED = USER_FILES | ENVIRONMENT
_NEVER = frozenset([LOCK, LOCK_REMOTE, RECORD])
_SECOND = 1_000_000_000
_KINDS: dict[str, EntryKind] = {"f": "file", "d": "dir", "l": "link"}
_PRINT = '-printf "%y %s %m %T@ %p\\\\0%l\\\\0"'
_FIND = (
    "if cd -- {runs} 2>/dev/null; then xargs -0 sh -c "
    f"'find \"$@\" {_PRINT}' sh;"
    " else cat >/dev/null; fi; echo done"
)
FIND_ALL = f"find . -mindepth 1 {_PRINT}; echo done"
"""Lists everything in the directory in which it is run; `parse_all` understands it."""

_DONE = b"done\n"
_NAMED = re.compile(r"\./([^/'’]+)(?=[/'’])")
_MOST_OUTPUT = 256 << 20
_AT_ONCE = 500


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
    """

    run_id: str
    entries: Mapping[str, ArchiveEntry] = field(default_factory=dict)
    is_running: bool = False
    lock_remote: bool = False
    remarks: tuple[str, ...] = ()
    problem: str = ""
    attrs: Mapping[str, bytes | None] = field(default_factory=dict)

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


def manifests_here(runs_dir: Path, ids: Iterable[str], check: Check) -> dict[str, Manifest]:
    """What runs of this computer consist of; those that are not there are left out."""
    found = {}
    for run_id in ids:
        run_dir = f"{runs_dir}/{run_id}"
        if os.path.lexists(f"{run_dir}/.guild/opref"):
            found[run_id] = manifest_here(run_id, run_dir, check)
    return found


def manifest_here(run_id: str, run_dir: str, check: Check) -> Manifest:
    """What a directory of this computer consists of as a run."""
    try:
        tree = look_at(run_dir, with_env=True, check=check)
    except OSError as e:
        what = f" of {shown(e.filename)}" if e.filename else ""
        return Manifest(run_id, problem=f"It cannot be read{what}: {reason(e)}.")
    found = (
        ArchiveEntry(
            item.path, item.kind, item.size, item.found.st_mode & 0o7777,
            item.found.st_mtime_ns, item.target,
        )
        for item in tree.items
    )  # fmt: skip
    manifest = manifest_of(run_id, found)
    return replace(
        manifest,
        is_running=find_busy(run_dir) is not None,
        remarks=(*(f"{remark}." for remark in tree.remarks), *manifest.remarks),
    )


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


def manifests_there(home: RemoteHome, ids: Sequence[str], check: Check) -> dict[str, Manifest]:
    """What runs of a server consist of; those that are not there are left out.

    Raises:
        RemoteError: The server does not answer, or answers nonsense.
    """
    return _manifests(home, ids, trees_there(home, home.runs_dir, ids, check), check)


def manifests_of_both(
    runs_dir: Path, home: RemoteHome, ids: Sequence[str], check: Check
) -> tuple[dict[str, Manifest], dict[str, Manifest]]:
    """What runs consist of here and there, both looked at at the same time.

    Raises:
        RemoteError: The server does not answer, or answers nonsense.
    """
    here: dict[str, Manifest] = {}
    there: dict[str, Manifest] = {}
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        with listing_there(home, home.runs_dir, some, check) as listed:
            here.update(manifests_here(runs_dir, some, check))
            there.update(_manifests(home, some, listed(), check))
    return here, there


def _manifests(
    home: RemoteHome, ids: Sequence[str], trees: Mapping[str, Tree], check: Check
) -> dict[str, Manifest]:
    found = {}
    for run_id in ids:
        tree = trees.get(run_id, Tree())
        if any(entry.name == ".guild/opref" for entry in tree.entries):
            found[run_id] = manifest_of(run_id, tree.entries, tree.problem)
        elif tree.problem and tree.entries:
            found[run_id] = Manifest(run_id, problem=f"It cannot be listed: {tree.problem}.")
    return _with_running(home, found, check)


def trees_there(
    home: RemoteHome, directory: str, names: Sequence[str], check: Check
) -> dict[str, Tree]:
    """Everything below directories of one directory of a server, by their names."""
    found: dict[str, Tree] = {}
    for start in range(0, len(names), _AT_ONCE):
        some = names[start : start + _AT_ONCE]
        with listing_there(home, directory, some, check) as listed:
            found.update(listed())
    return found


@contextmanager
def listing_there(
    home: RemoteHome, directory: str, names: Sequence[str], check: Check
) -> Iterator[Callable[[], dict[str, Tree]]]:
    """The same, begun: the server lists while something else is done; the call waits for it."""
    if not (home.capabilities.can_find and names):
        yield lambda: _walked(home, directory, names, check)
        return
    given = b"".join(encode(f"./{name}") + b"\0" for name in names)
    command = _FIND.format(runs=shlex.quote(directory))
    with home.connection.running(command, given=given, check=check) as running:
        yield lambda: _found(home, names, running, check)


def _walked(
    home: RemoteHome, directory: str, names: Sequence[str], check: Check
) -> dict[str, Tree]:
    trees = home.files.trees([f"{directory}/{name}" for name in names], check) if names else {}
    return {name: trees[f"{directory}/{name}"] for name in names}


def _found(
    home: RemoteHome, names: Sequence[str], running: Running, check: Check
) -> dict[str, Tree]:
    done = running.result(most=_MOST_OUTPUT, check=check)
    return parse_found(_listed(home, done), names, done.errors)


def parse_all(home: RemoteHome, names: Sequence[str], done: Completed) -> dict[str, Tree]:
    """What FIND_ALL said of some of the directories where it ran.

    Raises:
        UnsafeAnswer: It is nothing that find prints.
    """
    return parse_found(_listed(home, done), names, done.errors, has_others=True)


def _listed(home: RemoteHome, done: Completed) -> bytes:
    if not done.output.endswith(_DONE):
        raise UnsafeAnswer(f"{home.name} lists its files in no known form.", remote=home.name)
    return done.output[: -len(_DONE)]


def parse_found(
    output: bytes, names: Sequence[str], errors: str = "", *, has_others: bool = False
) -> dict[str, Tree]:
    """Understand what `find` printed of directories.

    Args:
        output: What it printed, each entry as `_PRINT` says.
        names: The directories that were asked for.
        errors: What it complained of.
        has_others: Whether there may be more beside them, which are passed over.

    Raises:
        UnsafeAnswer: It is nothing that find prints.
    """
    fields = decode(output).split("\0")
    entries: dict[str, list[ArchiveEntry]] = {name: [] for name in names}
    try:
        for line, target in zip(fields[:-1:2], fields[1::2], strict=True):
            kind, size, mode, when, path = line.split(" ", 4)
            top, _, name = path.removeprefix("./").partition("/")
            of_one = entries.get(top)
            if of_one is None:
                if has_others:
                    continue
                raise UnsafeAnswer("The server lists files that were not asked for.")
            if name:  # and not the directory itself
                of_one.append(
                    ArchiveEntry(
                        name, _KINDS.get(kind, "other"), max(0, int(size)) if kind == "f" else 0,
                        int(mode, 8) & 0o7777, _time_of(when), target if kind == "l" else "",
                    )
                )  # fmt: skip
    except ValueError as e:
        raise UnsafeAnswer("The server lists its files in no known form.") from e
    if any(len(of_one) > MOST_ENTRIES for of_one in entries.values()):
        raise UnsafeAnswer("The server lists files without end.")
    problems = _problems_of(errors)
    return {name: Tree(tuple(found), problems.get(name, "")) for name, found in entries.items()}


def _time_of(text: str) -> int:
    """Nanoseconds of seconds with a fraction, of which find prints ten digits."""
    whole, _, part = text.partition(".")
    return int(whole + part[:9]) if len(part) > 8 else int(f"{whole}{part:0<9}")


def _problems_of(errors: str) -> dict[str, str]:
    """What `find` said of the directories it was given: the first complaint of each."""
    problems: dict[str, str] = {}
    for line in errors.splitlines():
        why = line.rpartition(":")[2].strip().lower() or "it cannot be read"
        for name in _NAMED.findall(line):
            problems.setdefault(name, why)
    return problems


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
    alive = set()
    for run_id in ids:
        host = (texts[hosts[run_id]] or b"").decode("utf-8", "replace").strip()
        pid = (texts[paths[run_id]] or b"").strip()[:10]
        is_here = host in own or not home.capabilities.host
        if not is_here or not pid.isdigit() or home.files.look(f"/proc/{int(pid)}") is not None:
            alive.add(run_id)
    return alive
