"""Runs that arrive on a server: written where nobody lists them, verified before they count.

    HOME/incoming/push-KEY/part/ID     being written; KEY stands for the home that pushes
    HOME/incoming/push-KEY/pieces/…    large files of which a part is there, by version
    HOME/incoming/push-KEY/swap/ID.*   see remote.swap

A run appears by one rename. When the connection is lost or this program dies before, the next push
from the same home finds the files in `part` and `pieces` and goes on; one that was interrupted
between the two renames of an exchange is finished by the next push or pull of anybody, since until
then the run is away. What else others left there is theirs, until it is a day old. What this home
began and did not go on with for two weeks is removed by its next transfer.

A full disk or a missing right there: the run stays in `part`, and the next push goes on with it.
"""

from __future__ import annotations

import hashlib
import shlex
import time
from collections.abc import Mapping, Sequence

from core.archives.entries import ArchiveEntry
from core.check import Check, go_on
from core.runs.aside import NAME as HIDDEN
from core.runs.aside import random_suffix
from remote import swap
from remote.errors import RemoteRefused
from remote.manifest import trees_there
from remote.remote_home import RemoteHome
from remote.sftp_tasks import STATVFS, ask_space, dropping
from remote.sftp_wire import encode

INCOMING, PREFIX = "incoming", "push-"
KEPT_PARTS = ("part", "pieces")
"""Directories of an area with what a later transfer goes on with."""

_PARTS = (*KEPT_PARTS, "swap")
_COPIED_AT_ONCE = 2000
_COPY = (
    "xargs -0 -n 128 sh -c 'while [ $# -gt 1 ]; do"
    ' cp -p -- "$1" "$2" 2>/dev/null && printf "%s\\\\0" "$2"; shift 2; done\' sh'
)
"""Copies files, each old path before its new one; prints the new paths of those that it copied."""

_OLD_SECONDS = 86_400
_KEPT_SECONDS = 14 * 86_400


class RemotePlace:
    """A home of a server, for remote.swap.

    Args:
        home: The home.
        check: Called while waiting; raises to stop.
    """

    def __init__(self, home: RemoteHome, check: Check) -> None:
        self._home = home
        self._check = check

    def exists(self, path: str) -> bool:
        """Whether anything is there."""
        return self._home.files.look(path) is not None

    def rename_all(self, pairs: Sequence[tuple[str, str]]) -> Mapping[str, str]:
        """Rename directories in this order, never over anything; old path to why it failed."""
        # Not to be stopped between two renames that belong together.
        return self._home.files.rename_all(pairs, lambda: None)

    def names(self, directory: str) -> Sequence[str]:
        """Names in a directory; none where there is none."""
        return [entry.name for entry in self._home.files.names(directory, self._check) or ()]

    def discard(self, paths: Sequence[str]) -> None:
        """Erase trees."""
        if not paths:
            return
        if {"rm", "xargs"} <= self._home.capabilities.programs and (
            "xargs0" in self._home.capabilities.abilities
        ):
            given = b"".join(encode(path) + b"\0" for path in paths)
            done = self._home.connection.run(
                "xargs -0 rm -rf --", given=given, check=self._check, is_slow=True
            )
            if not done.code:
                return
        self._home.files.remove_trees(paths, self._check)

    def to_trash(self, path: str, run_id: str) -> None:
        """Move a tree into the trash as a deleted run, as Guild does."""
        home, files = self._home, self._home.files
        files.make_dirs([f"{home.path}/trash", home.trash_dir], self._check)
        target = f"{home.trash_dir}/{run_id}"
        pairs = [(path, target)]
        if files.look(target) is not None:
            pairs.insert(0, (target, f"{target}_{random_suffix()}"))
        failed = files.rename_all(pairs, lambda: None)
        if failed:
            why = next(iter(failed.values()))
            raise RemoteRefused(
                f"{home.name} does not move run {run_id[:8]} to its trash: {why}.",
                remote=home.name,
            )


class RemoteShelf:
    """The area of one home of ours in a home of a server.

    Args:
        home: The server's home; its directories are made.
        key: Stands for our home (remote.local_shelf.key_of).
        check: Called often; raises to stop.
    """

    def __init__(self, home: RemoteHome, key: str, check: Check) -> None:
        self.home = home
        self.place = RemotePlace(home, check)
        self._check = check
        self._is_dropped = False
        self.path, self._is_new = self._made(key)

    def _made(self, key: str) -> tuple[str, bool]:
        """Make the area, in one breath where the runs are on the file system of the home.

        Returns:
            The area, and whether it was not there before.
        """
        home, files = self.home, self.home.files
        found: list[tuple[int, int] | None] = []
        asking = []
        if STATVFS in files.extensions:
            asking.append(ask_space([home.path, home.runs_dir], found))
        usual, _ = bases_of(home)
        area = f"{usual}/{PREFIX}{key}"
        above = [*_parents(home.path), home.path, home.runs_dir]
        made = files.make_dirs([*above, usual, *_dirs_of(area)], self._check, asking)
        base = _base_of(home, found)
        if base != usual:
            files.drop_empty([*reversed(_dirs_of(area)), usual], self._check)
            area = f"{base}/{PREFIX}{key}"
            made = files.make_dirs([base, *_dirs_of(area)], self._check)
        return area, f"{area}/part" in made

    @property
    def part(self) -> str:
        """Where runs are written."""
        return f"{self.path}/part"

    def left(self, ids: Sequence[str]) -> dict[str, dict[str, ArchiveEntry]]:
        """What earlier tries left of runs: id to name to entry."""
        if self._is_new:
            return {}
        names = {entry.name for entry in self.home.files.names(self.part, self._check) or ()}
        wanted = [run_id for run_id in ids if run_id in names]
        trees = trees_there(self.home, self.part, wanted, self._check)
        return {run_id: {e.name: e for e in tree.entries} for run_id, tree in trees.items()}

    def pieces(self) -> dict[str, int]:
        """Parts of large files that are there: path to bytes."""
        directory = f"{self.path}/pieces"
        found = self.home.files.names(directory, self._check) or ()
        return {f"{directory}/{entry.name}": entry.size for entry in found}

    def piece(self, run_id: str, entry: ArchiveEntry) -> str:
        """Where the beginning of a large file of this version is kept."""
        version = f"{run_id}\0{entry.name}\0{entry.size}\0{entry.mtime_ns}"
        return f"{self.path}/pieces/{hashlib.sha256(encode(version)).hexdigest()[:32]}"

    def put(
        self, ids: Sequence[str], names: Mapping[str, str], *, is_last: bool = False
    ) -> dict[str, str]:
        """Let complete runs appear; ids of those that could not, and why.

        Args:
            ids: Which, as they are called in `part`.
            names: Ids that they get where these are others.
            is_last: Whether nothing else comes: then directories that are empty go along, in the
                same breath.
        """
        pairs = [
            (f"{self.part}/{run_id}", self.home.run_dir(names.get(run_id, run_id)))
            for run_id in ids
        ]
        stay: list[str] = []
        emptied = dropping(_emptied(self.path), stay) if is_last else ()
        # Not to be stopped: what appears there is to be told of here.
        failed = self.home.files.rename_all(pairs, go_on, emptied)
        self._is_dropped = is_last and self.path not in stay
        return {
            run_id: failed[old]
            for run_id, (old, _) in zip(ids, pairs, strict=True)
            if old in failed
        }

    def exchange(self, ids: Sequence[str], kept: Sequence[str]) -> dict[str, str]:
        """Let complete runs take the places of those of their ids; failures, and why.

        Args:
            ids: Which.
            kept: Those whose old version goes to the trash.
        """
        swaps = [swap.Swap(run_id, f"{self.part}/{run_id}", run_id in kept) for run_id in ids]
        return swap.exchange(self.place, swaps, f"{self.path}/swap", self.home.runs_dir)

    def copy_there(self, pairs: Mapping[str, str]) -> list[str]:
        """Copy files on the server by its shell, new path to old one; the new ones that failed."""
        can = self.home.capabilities
        if "cp" not in can.programs:
            return list(pairs)
        if "xargs" not in can.programs or "xargs0" not in can.abilities:
            return [new for new, old in pairs.items() if not self._is_copied(old, new)]
        done: set[bytes] = set()
        items = list(pairs.items())
        for start in range(0, len(items), _COPIED_AT_ONCE):
            some = items[start : start + _COPIED_AT_ONCE]
            given = b"".join(encode(old) + b"\0" + encode(new) + b"\0" for new, old in some)
            said = self.home.connection.run(_COPY, given=given, check=self._check, is_slow=True)
            done.update(said.output.split(b"\0"))
        return [new for new in pairs if encode(new) not in done]

    def _is_copied(self, old: str, new: str) -> bool:
        command = f"cp -p -- {shlex.quote(old)} {shlex.quote(new)}"
        return not self.home.connection.run(command, check=self._check, is_slow=True).code

    def close(self) -> None:
        """Remove the directories that are empty."""
        if not self._is_dropped:
            drop_if_empty(self.home, self.path)


def bases_of(home: RemoteHome) -> tuple[str, str]:
    """The directories of a server's home that may hold areas."""
    return f"{home.path.rstrip('/')}/{INCOMING}", f"{home.runs_dir}/{HIDDEN}"


def recover_there(
    home: RemoteHome,
    key: str,
    check: Check,
    listed: Mapping[str, Sequence[ArchiveEntry]] | None = None,
) -> tuple[str, ...]:
    """Finish exchanges that were interrupted on a server; returns ids of runs that are back.

    Args:
        home: The server's home.
        key: Stands for our home: what it left is ours to remove.
        check: Called often; raises to stop.
        listed: What is in each of `bases_of`; None where that is to be asked.
    """
    place = RemotePlace(home, check)
    finished: list[str] = []
    if listed is None:
        listed = home.files.listings(bases_of(home), check)
    for base in bases_of(home):
        for entry in listed.get(base, ()):
            if not entry.name.startswith(PREFIX):
                continue
            area = f"{base}/{entry.name}"
            is_old = time.time() - entry.mtime_ns / 1e9 > _OLD_SECONDS
            if entry.name == PREFIX + key or is_old:
                finished += swap.recover(place, f"{area}/swap", home.runs_dir)
                if entry.name == PREFIX + key:
                    forget_kept(home, area, check, older_than=time.time() - _KEPT_SECONDS)
                drop_if_empty(home, area)
            else:
                finished += _finish_for_others(place, f"{area}/swap", home.runs_dir)
    return tuple(finished)


def area_of(home: RemoteHome, key: str) -> str:
    """The area of one home of ours in a home of a server, whether it is there or not."""
    found: list[tuple[int, int] | None] = []
    with home.files.opened() as sftp:
        if STATVFS in sftp.extensions:
            sftp.run([ask_space([home.path, home.runs_dir], found)])
    return f"{_base_of(home, found)}/{PREFIX}{key}"


def forget_kept(home: RemoteHome, area: str, check: Check, *, older_than: float) -> None:
    """Remove what was begun before a time, in seconds since 1970, and not gone on with since."""
    place = RemotePlace(home, check)
    parts = [f"{area}/{name}" for name in KEPT_PARTS]
    for part, entries in home.files.listings(parts, check).items():
        old = [entry for entry in entries if entry.mtime_ns < older_than * 1e9]
        place.discard([f"{part}/{entry.name}" for entry in old if entry.kind == "dir"])
        for entry in old:
            if entry.kind != "dir":
                home.files.remove(f"{part}/{entry.name}")


def drop_if_empty(home: RemoteHome, area: str) -> None:
    """Remove the directories of an area that are empty."""
    home.files.drop_empty(_emptied(area), go_on)


def _finish_for_others(place: RemotePlace, swap_dir: str, runs_dir: str) -> list[str]:
    """Bring back runs that are away; what else is there may be in use."""
    names = set(place.names(swap_dir))
    finished = []
    for name in sorted(names):
        run_id = name.removesuffix(swap.OLD)
        is_whole = run_id + swap.NEW in names
        if name.endswith(swap.OLD) and is_whole and not place.exists(f"{runs_dir}/{run_id}"):
            place.rename_all([(f"{swap_dir}/{run_id}{swap.NEW}", f"{runs_dir}/{run_id}")])
            finished.append(run_id)
    return finished


def _base_of(home: RemoteHome, found: Sequence[tuple[int, int] | None]) -> str:
    """The directory for areas, on the file system of the runs.

    Args:
        home: The home.
        found: What the server says of the home's and the runs' file systems; nothing where it does
            not say.
    """
    usual, hidden = bases_of(home)
    own, runs = (each and each[1] for each in found or (None, None))
    return usual if own == runs else hidden


def _dirs_of(area: str) -> list[str]:
    """An area and the directories in it."""
    return [area, *(f"{area}/{name}" for name in _PARTS)]


def _emptied(area: str) -> list[str]:
    """The directories of an area, and what holds areas, in the order in which they go."""
    return [*(f"{area}/{name}" for name in _PARTS), area, area.rpartition("/")[0]]


def _parents(path: str) -> list[str]:
    """The directories above a home, outermost first."""
    parts = path.strip("/").split("/")[:-1]
    return ["/" + "/".join(parts[: n + 1]) for n in range(len(parts))]
