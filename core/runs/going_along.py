"""Trials and steps that go only because their batch or pipeline goes: where it stays, so do they.

A batch that is running is refused. Its pending trials are refused by nothing of their own, but the
batch would miss them: it starts them one after the other, and skips those that are gone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

LinkedIds = Callable[[str], Iterable[str]]
"""Ids of the runs that a run links to, as it is now; none where it is gone."""


class GoingAlong:
    """Tells which of the runs that go along must stay, by what was refused so far.

    Whoever moves runs asks for each of them in the order given, those that were chosen first.

    Args:
        along: Runs that nobody chose: they go because a run goes that links to them.
        linked: Reads what a refused run links to.
    """

    def __init__(self, along: Collection[str], linked: LinkedIds) -> None:
        self._along = frozenset(along)
        self._linked = linked
        self._kept_by: dict[str, str] = {}

    def note_refused(self, run_id: str) -> None:
        """Keep what goes along with a run that stays where it is."""
        if not self._along:
            return
        for linked in self._linked(run_id):
            if linked in self._along and linked != run_id:
                self._kept_by.setdefault(linked, run_id)

    def goes_along(self, run_id: str) -> bool:
        """Whether nobody chose it."""
        return run_id in self._along

    def why_kept(self, run_id: str) -> str:
        """Why a run must stay, as a clause; empty where it may go."""
        parent = self._kept_by.get(run_id)
        return f"it belongs to run {parent[:8]}, which stays" if parent else ""
