"""Runs that look the same, compared by checksums: what a listing cannot tell.

Sizes and times are equal on both sides, so no plan sees that a disk, a careless copy or somebody
who set times has made another file of one. Here the files of such runs are hashed on each side. A
run that is not the same becomes a conflict: which of both files is right nobody can know but the
user, who is asked as for any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from core.check import Check
from core.home import Home
from remote.hashes import hash_here, hashes_of_both
from remote.manifest import ENVIRONMENT, USER_FILES, are_same
from remote.moves import Move
from remote.plan import PlanItem
from remote.remote_home import RemoteHome

DIFFERS = "Sizes and times are the same here and there, but checksums are not."


def verified_items(
    home: Home,
    there: RemoteHome,
    items: Sequence[PlanItem],
    moves: Mapping[str, Move],
    check: Check,
) -> list[PlanItem]:
    """What a plan says, after files that look the same were hashed on both sides.

    Runs that go on are left as they are, and so are those that would stay as they are anyway.

    Args:
        home: The home here.
        there: The home there.
        items: What the plan says.
        moves: What both sides have, by id.
        check: Called often; raises to stop.

    Raises:
        RemoteError: The server cannot be asked, or answers nonsense.
    """
    sizes = {
        f"{item.run_id}/{name}": moves[item.run_id].source.entries[name].size
        for item in items
        if item.run_id in moves and (item.is_to_do or item.verdict in ("same", "conflict"))
        for name in _alike(moves[item.run_id])
    }

    def own(path: str) -> str:
        return hash_here(f"{home.runs_dir}/{path}", sizes[path], check)

    here, digests = hashes_of_both(there, there.runs_dir, sizes, own, check)
    wrong: dict[str, list[str]] = {}
    for path in sizes:
        if here[path] != digests[path]:
            run_id, _, name = path.partition("/")
            wrong.setdefault(run_id, []).append(name)
    return [
        _corrected(item, moves[item.run_id], wrong[item.run_id]) if item.run_id in wrong else item
        for item in items
    ]


def _alike(move: Move) -> Iterator[str]:
    """Names of files that look the same on both sides, and are not written by people."""
    source, target = move.source, move.target
    if target is None or source.is_running or target.is_running:
        return
    for name in source.files.keys() & target.entries.keys():
        is_compared = name not in ENVIRONMENT and name not in USER_FILES
        if is_compared and are_same(source.entries[name], target.entries[name]):
            yield name


def _corrected(item: PlanItem, move: Move, names: Sequence[str]) -> PlanItem:
    files = (*item.files, *names)
    size = sum(move.source.entries[name].size for name in files)
    differs = (*item.differs, *names)
    if item.verdict != "same":
        return replace(item, files=files, size=size, differs=differs)
    return replace(item, verdict="conflict", files=files, size=size, differs=differs, why=DIFFERS)
