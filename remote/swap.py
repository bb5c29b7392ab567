"""Exchanging a run for another version of itself by two renames, and what a crash makes of it.

    swap/ID.new   complete and verified; 1. it was renamed there
    swap/ID.old   2. the run was renamed there, 3. ID.new became the run, 4. this one is removed

After each step a crash (of this program, the server, or the connection) leaves:

1. the run as it was, and ID.new: `recover` removes ID.new. Nothing happened.
2. no run of that id, ID.new and ID.old: `recover` does step 3 and 4. Guild does not see the run
   until then; it is whole, twice.
3. the new run, and ID.old: `recover` does step 4.

Step 4 puts the old version into the trash where both sides had changed it or may have, and erases
it where nothing is lost with it. What `recover` finds it puts into the trash: which of the two was
meant is not recorded, and a run too many there harms nobody.

Where two programs recover at the same time, each rename succeeds in one of them, and the other one
finds it done. The same code works here and on servers: `Renames` is all that it needs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from msgspec import Struct

NEW, OLD = ".new", ".old"


class Renames(Protocol):
    """What a place must be able to do for runs to be exchanged in it."""

    def exists(self, path: str) -> bool:
        """Whether anything is there."""

    def rename_all(self, pairs: Sequence[tuple[str, str]]) -> Mapping[str, str]:
        """Rename directories in this order, never over anything; old path to why it failed."""

    def names(self, directory: str) -> Sequence[str]:
        """Names in a directory; none where there is none."""

    def discard(self, paths: Sequence[str]) -> None:
        """Erase trees."""

    def to_trash(self, path: str, run_id: str) -> None:
        """Move a tree into the trash as a deleted run."""


class Swap(Struct, frozen=True):
    """One run and the version that takes its place.

    Attributes:
        run_id: The run.
        staged: The complete new version.
        keep_old: Whether the old version goes to the trash.
    """

    run_id: str
    staged: str
    keep_old: bool = False


def exchange(place: Renames, swaps: Sequence[Swap], swap_dir: str, runs_dir: str) -> dict[str, str]:
    """Put staged versions in the places of runs; returns ids of those that failed, and why.

    Over a network the renames of all runs go out together: each run is away for no longer than a
    server takes from one request to the next.

    Args:
        place: Where they are.
        swaps: Which.
        swap_dir: A directory on the same file system, which exists.
        runs_dir: The directory of the runs.
    """
    new = {each.run_id: f"{swap_dir}/{each.run_id}{NEW}" for each in swaps}
    old = {each.run_id: f"{swap_dir}/{each.run_id}{OLD}" for each in swaps}
    run = {each.run_id: f"{runs_dir}/{each.run_id}" for each in swaps}
    failed = place.rename_all([(each.staged, new[each.run_id]) for each in swaps])
    failures = {s.run_id: failed[s.staged] for s in swaps if s.staged in failed}
    going = [each for each in swaps if each.run_id not in failures]
    pairs = [
        pair
        for s in going
        for pair in ((run[s.run_id], old[s.run_id]), (new[s.run_id], run[s.run_id]))
    ]
    failed = place.rename_all(pairs)
    for each in going:
        # Where only the first of the two failed, somebody had just taken the run away: its new
        # version is there, whole.
        if why := failed.get(new[each.run_id]):
            failures[each.run_id] = failed.get(run[each.run_id], why)
    done = [each for each in going if each.run_id not in failures]
    replaced = [each for each in done if run[each.run_id] not in failed]
    place.discard([old[each.run_id] for each in replaced if not each.keep_old])
    for each in replaced:
        if each.keep_old:
            place.to_trash(old[each.run_id], each.run_id)
    if len(done) < len(going):
        recover(place, swap_dir, runs_dir)
    return failures


def recover(place: Renames, swap_dir: str, runs_dir: str) -> tuple[str, ...]:
    """Finish or take back what was interrupted; returns ids of runs that were finished.

    Args:
        place: Where it was.
        swap_dir: The directory of exchanges.
        runs_dir: The directory of the runs.
    """
    finished = []
    names = set(place.names(swap_dir))
    ids = sorted({name.rpartition(".")[0] for name in names if name.endswith((NEW, OLD))})
    for run_id in ids:
        new, old = f"{swap_dir}/{run_id}{NEW}", f"{swap_dir}/{run_id}{OLD}"
        has_new, has_old = run_id + NEW in names, run_id + OLD in names
        if has_old and not place.exists(f"{runs_dir}/{run_id}"):
            place.rename_all([(new if has_new else old, f"{runs_dir}/{run_id}")])
            finished.append(run_id)
            has_new, has_old = False, has_new
        if has_new:
            place.discard([new])
        if has_old:
            place.to_trash(old, run_id)
    return tuple(finished)
