"""The runs of a home and of its trash, as commands change them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from core.home import Home
from core.runs.change import Change, FileEdit, Outcome, apply, revert
from core.runs.store import Store
from gui.changing.commands import Advance, Wording

if TYPE_CHECKING:
    from core.runs.purge import PurgeOutcome
    from core.runs.trash import MoveOutcome

_FILES_LEFT = "Files of it are left, and are erased when the home is opened the next time."


class HomeRuns(Struct, frozen=True):
    """Changes the runs of a home (see gui.changing.commands.ChangeableRuns).

    The window stands before the trash is needed: what moves and erases runs is loaded then.

    Attributes:
        home: The home.
    """

    home: Home

    def worded(self, wording: Wording) -> Wording:
        """How something is spoken of that is done here: as it is."""
        return wording

    def apply(self, ids: Sequence[str], change: Change, advance: Advance) -> Outcome:
        """Change attributes of runs."""
        return apply(Store(self.home.runs_dir), ids, change, advance=advance)

    def revert(self, edits: Sequence[FileEdit], advance: Advance) -> Outcome:
        """Write back what attributes held, where they still hold what was written."""
        return revert(Store(self.home.runs_dir), edits, advance=advance)

    def delete(
        self, ids: Sequence[str], advance: Advance, *, unproven: bool, along: Collection[str]
    ) -> MoveOutcome:
        """Move runs to the trash (see gui.changing.commands.ChangeableRuns)."""
        from core.runs.trash import delete

        return delete(self.home, ids, advance=advance, unproven=unproven, along=along)

    def restore(self, ids: Sequence[str], advance: Advance) -> MoveOutcome:
        """Move runs back from the trash, by their names there."""
        from core.runs.trash import restore

        return restore(self.home, ids, advance=advance)

    def purge(
        self,
        ids: Sequence[str],
        advance: Advance,
        *,
        from_trash: bool,
        unproven: bool,
        along: Collection[str],
    ) -> PurgeOutcome:
        """Erase runs for ever; what a cancelled one left of the last run is told."""
        from core.runs.purge import can_finish, purge

        outcome = purge(
            self.home, ids, from_trash=from_trash, advance=advance, unproven=unproven, along=along
        )
        is_half = outcome.cancelled and bool(outcome.removed) and can_finish(self.home)
        if is_half and not outcome.problem:
            return replace(outcome, problem=_FILES_LEFT)
        return outcome
