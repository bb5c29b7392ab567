"""What the window can do to the runs of a remote, as values (see gui.commands)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from core.errors import StopRefused
from core.index.news import News
from core.runs.change import Change, FileEdit, Outcome
from core.runs.refusal import Refusal
from core.runs.trash import MoveOutcome
from gui.commands import (
    DELETING,
    PURGING,
    RESTORING,
    Advance,
    Command,
    CommandKind,
    Result,
    Wording,
)

if TYPE_CHECKING:
    from gui.remotes.far_place import FarPlace

STOPPING = Wording("Ask", "Asking", "Asked", " to end")


@dataclass(frozen=True, slots=True)
class ChangeThere:
    """Change attributes of runs.

    Attributes:
        place: Where the runs are.
        ids: Which.
        change: What is to become of each.
        wording: How it is spoken of.
    """

    place: FarPlace
    ids: tuple[str, ...]
    change: Change
    wording: Wording
    kind: ClassVar[CommandKind] = "change"

    def run(self, advance: Advance) -> Result:
        """Write the attributes."""
        from remote.remote_store import apply_there

        with self.place.opened(advance) as there:
            outcome = apply_there(there, self.ids, self.change, advance=advance)
        return _result_of(outcome, self.place, self.wording)

    def without(self, ids: Collection[str]) -> ChangeThere:
        """The same for the other runs."""
        return replace(self, ids=_others(self.ids, ids))


@dataclass(frozen=True, slots=True)
class RevertThere:
    """Write back what attributes held, where they still hold what was written.

    Attributes:
        place: Where the runs are.
        edits: What was written.
        wording: How the change is spoken of that is taken back.
    """

    place: FarPlace
    edits: tuple[FileEdit, ...]
    wording: Wording
    kind: ClassVar[CommandKind] = "revert"

    @property
    def ids(self) -> tuple[str, ...]:
        """The runs that were edited."""
        return tuple(dict.fromkeys(edit.run_id for edit in self.edits))

    def run(self, advance: Advance) -> Result:
        """Write the attributes."""
        from remote.remote_store import revert_there

        with self.place.opened(advance) as there:
            outcome = revert_there(there, self.edits, advance=advance)
        return _result_of(outcome, self.place, self.wording)

    def without(self, ids: Collection[str]) -> RevertThere:
        """The same for the other runs."""
        return replace(self, edits=tuple(e for e in self.edits if e.run_id not in ids))


@dataclass(frozen=True, slots=True)
class DeleteThere:
    """Move runs to the trash of their host.

    Attributes:
        place: Where they are.
        ids: Which.
    """

    place: FarPlace
    ids: tuple[str, ...]
    kind: ClassVar[CommandKind] = "delete"

    @property
    def wording(self) -> Wording:
        """How it is spoken of."""
        return self.place.worded(DELETING)

    def run(self, advance: Advance) -> Result:
        """Move them."""
        from remote.remote_store import delete_there

        with self.place.opened(advance) as there:
            outcome = delete_there(there, self.ids, advance=advance)
        back = RestoreThere(self.place, tuple(move.name_there for move in outcome.moves))
        return _result_of_moves(outcome, back)

    def without(self, ids: Collection[str]) -> DeleteThere:
        """The same for the other runs."""
        return replace(self, ids=_others(self.ids, ids))


@dataclass(frozen=True, slots=True)
class RestoreThere:
    """Move runs back from the trash of their host.

    Attributes:
        place: Where they are.
        ids: Their names in the trash.
    """

    place: FarPlace
    ids: tuple[str, ...]
    kind: ClassVar[CommandKind] = "restore"

    @property
    def wording(self) -> Wording:
        """How it is spoken of."""
        return self.place.worded(RESTORING)

    def run(self, advance: Advance) -> Result:
        """Move them."""
        from remote.remote_store import restore_there

        with self.place.opened(advance) as there:
            outcome = restore_there(there, self.ids, advance=advance)
        back = DeleteThere(self.place, tuple(move.name_there for move in outcome.moves))
        return _result_of_moves(outcome, back)

    def without(self, ids: Collection[str]) -> RestoreThere:
        """The same for the other runs."""
        return replace(self, ids=_others(self.ids, ids))


@dataclass(frozen=True, slots=True)
class PurgeThere:
    """Erase runs for ever.

    Attributes:
        place: Where they are.
        ids: Which.
        from_trash: Whether they lie in the trash there.
    """

    place: FarPlace
    ids: tuple[str, ...]
    from_trash: bool
    kind: ClassVar[CommandKind] = "purge"

    @property
    def wording(self) -> Wording:
        """How it is spoken of."""
        return self.place.worded(PURGING)

    def run(self, advance: Advance) -> Result:
        """Erase their files."""
        from remote.remote_store import purge_there

        with self.place.opened(advance) as there:
            done = purge_there(there, self.ids, from_trash=self.from_trash, advance=advance)
        return Result(
            done=done.removed,
            refused=done.refused,
            cancelled=done.cancelled,
            problem=done.problem,
        )

    def without(self, ids: Collection[str]) -> PurgeThere:
        """The same for the other runs."""
        return replace(self, ids=_others(self.ids, ids))


@dataclass(frozen=True, slots=True)
class StopThere:
    """Ask the processes of runs to end.

    Attributes:
        place: Where they are.
        ids: Which.
    """

    place: FarPlace
    ids: tuple[str, ...]
    kind: ClassVar[CommandKind] = "stop"

    @property
    def wording(self) -> Wording:
        """How it is spoken of."""
        return replace(STOPPING, rest=f" on {self.place.name}{STOPPING.rest}")

    def run(self, advance: Advance) -> Result:
        """Ask one after another; none is waited for."""
        from remote.remote_store import stop_there

        stopped, refused = [], []
        with self.place.opened(advance) as there:
            for run_id in self.ids:
                try:
                    stop_there(there, run_id, lambda: advance(0))
                except StopRefused as e:
                    refused.append(Refusal(run_id, f"{e} {e.hint}".strip()))
                else:
                    stopped.append(run_id)
                advance(1)
        return Result(done=tuple(stopped), refused=tuple(refused))

    def without(self, ids: Collection[str]) -> StopThere:
        """The same for the other runs."""
        return replace(self, ids=_others(self.ids, ids))


def _result_of(outcome: Outcome, place: FarPlace, wording: Wording) -> Result:
    done = outcome.changed
    return Result(
        done=done,
        unchanged=len(outcome.unchanged),
        refused=outcome.refused,
        cancelled=outcome.cancelled,
        back=RevertThere(place, outcome.edits, wording) if done else None,
        news=News(written=outcome.edits),
    )


def _result_of_moves(outcome: MoveOutcome, back: Command) -> Result:
    return Result(
        done=tuple(move.run_id for move in outcome.moves),
        refused=outcome.refused,
        cancelled=outcome.cancelled,
        back=back if outcome.moves else None,
    )


def _others(ids: Sequence[str], some: Collection[str]) -> tuple[str, ...]:
    left_out = frozenset(some)
    return tuple(run_id for run_id in ids if run_id not in left_out)
