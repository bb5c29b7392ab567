"""Erasing runs for ever, from the trash or at once: a run is never left without some of its files.

A run first leaves its directory by one rename (see core.runs.aside), so that no list shows it any
more, Guild's neither; then its files go. Killed or cancelled before the rename, the run is as it
was; after it, the run is gone for everybody, and what is left of its files is erased by `finish`:
at the next purge, or when a window opens the home.

Before the rename we look whether every directory in it may be emptied, since a run that is half
erased could not be used any more, and could not be erased either.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from msgspec import Struct

from core.errors import Cancelled, RunError
from core.home import Home
from core.runs.aside import clear, drop_if_empty, erase_aside, is_left_over, put_aside
from core.runs.erase import find_obstacle
from core.runs.refusal import Refusal
from core.runs.store import Store
from core.runs.trash import (
    Refused,
    going_along,
    refusal_of,
    require_idle,
    require_no_parent,
    require_run,
)


class PurgeOutcome(Struct, frozen=True):
    """What became of runs that were to be erased.

    Attributes:
        removed: Those that are gone; a cancelled purge may have left files of the last of them
            aside, for `finish`.
        bytes_freed: What their files held that have been erased.
        refused: Those that are where they were, whole, and why.
        cancelled: Whether the rest was not tried.
        problem: One sentence on files of removed runs that could not be erased; usually empty.
    """

    removed: tuple[str, ...] = ()
    bytes_freed: int = 0
    refused: tuple[Refusal, ...] = ()
    cancelled: bool = False
    problem: str = ""


def purge(
    home: Home,
    ids: Sequence[str],
    *,
    from_trash: bool,
    advance: Callable[[int], None] = lambda amount: None,
    unproven: bool = False,
    along: Collection[str] = (),
) -> PurgeOutcome:
    """Erase runs for ever.

    Args:
        home: The home of the runs.
        ids: Names of the runs.
        from_trash: Whether they are in the trash.
        advance: Called with 1 after each run and with 0 while one goes on; it may raise
            Cancelled, which ends in an outcome.
        unproven: Take also runs that may be running where we cannot look, e.g. another machine.
        along: Those of the runs that go only with a run that links to them, and stay where it does.
    """
    store = Store(home.trash_dir if from_trash else home.runs_dir)
    purge = _Purge(store, advance, unproven, along)
    cancelled = False
    try:
        for run_id in dict.fromkeys(ids):
            purge.take(run_id)
            advance(1)
    except Cancelled:
        cancelled = True
    drop_if_empty(purge.store.runs_dir)
    removed, refused = tuple(purge.removed), tuple(purge.refused)
    return PurgeOutcome(removed, purge.freed, refused, cancelled, purge.problem)


def finish(home: Home, check: Callable[[], None] = lambda: None) -> int:
    """Erase what killed or cancelled purges and moves left; returns how many bytes that freed.

    Cheap where there is nothing to do: two looks at a directory.

    Args:
        home: The home.
        check: Called every few milliseconds; raises to stop.

    Raises:
        OSError: Something cannot be erased.
    """
    return clear(home.runs_dir, check) + clear(home.trash_dir, check)


def can_finish(home: Home) -> bool:
    """Whether there is something for `finish` to erase."""
    return is_left_over(home.runs_dir) or is_left_over(home.trash_dir)


class _Purge:
    """Erases runs one by one and counts."""

    def __init__(
        self,
        store: Store,
        advance: Callable[[int], None],
        unproven: bool,  # noqa: FBT001 - private
        along: Collection[str],
    ) -> None:
        self.store = store
        self._company = going_along(store, along)
        self.removed: list[str] = []
        self.refused: list[Refusal] = []
        self.freed = 0
        self.problem = ""
        self._check = lambda: advance(0)
        self._unproven = unproven

    def take(self, run_id: str) -> None:
        """Erase one run, or note why not."""
        try:
            require_no_parent(self._company, run_id)
            aside = self._put_aside(run_id)
        except (Refused, RunError, OSError) as e:
            self.refused.append(refusal_of(e, run_id, "erased"))
            self._company.note_refused(run_id)
            return
        self.removed.append(run_id)
        try:
            self.freed += erase_aside(aside, self._check)
        except OSError as e:
            said = (e.strerror or str(e)).lower()
            self.problem = f"Run {run_id[:8]} is gone, but files of it are left in {aside}: {said}."

    def _put_aside(self, run_id: str) -> str:
        require_run(self.store, run_id)
        run_dir = self.store.run_dir(run_id)
        require_idle(run_dir, unproven=self._unproven)
        obstacle = find_obstacle(run_dir, self._check)
        if obstacle:
            raise Refused("denied", obstacle)
        return put_aside(self.store.runs_dir, run_id)
