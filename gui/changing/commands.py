"""What the window can do to runs, as values: each is done by a job and knows what takes it back.

Why values and no QUndoCommand: a QUndoCommand does its work at once on the GUI thread and cannot
fail, while ours run as jobs, may be cancelled half-way and may be refused for some of the runs.
What takes a command back is therefore only known when it has ended: it is the result's `back`,
made of what was really done and of nothing else. `gui.changing.history` keeps those.

The commands are the same for a home here and for a remote: what differs is how runs are changed
there, and that is what ChangeableRuns says.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol

from msgspec import Struct, field
from msgspec.structs import force_setattr, replace

from core.index.news import News
from core.runs.change import Change, FileEdit, Outcome
from core.runs.refusal import Refusal
from core.text import plural

if TYPE_CHECKING:
    from core.runs.purge import PurgeOutcome
    from core.runs.trash import MoveOutcome

CommandKind = Literal["change", "revert", "delete", "restore", "purge", "stop"]

Advance = Callable[[int], None]
"""Called with the number of runs done since the call before; raises Cancelled to stop."""


class Wording(Struct, frozen=True):
    """How a command is spoken of; the runs stand between the verb and `rest`.

    Attributes:
        verb: As on a button or in a menu: "Move".
        doing: While it goes on: "Moving".
        done: Afterwards: "Moved".
        rest: What follows the runs: " to the trash".
    """

    verb: str
    doing: str
    done: str
    rest: str = ""

    def title(self, count: int) -> str:
        """What the user asks for: "Move 3 runs to the trash"."""
        return f"{self.verb} {plural(count, 'run')}{self.rest}"

    def progress(self, count: int) -> str:
        """What goes on: "Moving 3 runs to the trash"."""
        return f"{self.doing} {plural(count, 'run')}{self.rest}"

    def sentence(self, ids: Sequence[str]) -> str:
        """What was done, with the one run by its name: "Moved run 7f3c21ab to the trash"."""
        runs = f"run {ids[0][:8]}" if len(ids) == 1 else plural(len(ids), "run")
        return f"{self.done} {runs}{self.rest}"


LABELLING = Wording("Label", "Labelling", "Labelled")
CLEARING = Wording("Clear the label of", "Clearing the label of", "Cleared the label of")
TAGGING = Wording("Change the tags of", "Changing the tags of", "Changed the tags of")
COMMENTING = Wording("Comment on", "Commenting on", "Commented on")
MARKING = Wording("Mark", "Marking", "Marked")
UNMARKING = Wording("Unmark", "Unmarking", "Unmarked")
DELETING = Wording("Move", "Moving", "Moved", " to the trash")
RESTORING = Wording("Restore", "Restoring", "Restored", " from the trash")
PURGING = Wording("Delete", "Deleting", "Deleted", " permanently")


class Result(Struct, frozen=True):
    """What came of a command.

    Attributes:
        done: Ids of the runs that were changed, as they were called before.
        unchanged: How many runs needed no change.
        refused: Runs that stayed as they were, and why.
        cancelled: Stopped before the last run; the others are as they were.
        back: What takes back what was done; None where nothing can.
        news: What the index is to look at.
        freed: Bytes that were set free.
        problem: One sentence on what went wrong besides; usually empty.
    """

    done: tuple[str, ...] = ()
    unchanged: int = 0
    refused: tuple[Refusal, ...] = ()
    cancelled: bool = False
    back: Command | None = None
    news: News = field(default_factory=News)
    freed: int = 0
    problem: str = ""


class Command(Protocol):
    """Something to be done to runs."""

    @property
    def ids(self) -> tuple[str, ...]:
        """The runs."""

    @property
    def wording(self) -> Wording:
        """How it is spoken of."""

    @property
    def kind(self) -> CommandKind:
        """What it does, whichever runs it does that to."""

    def run(self, advance: Advance) -> Result:
        """Do it, on a worker's thread."""

    def without(self, ids: Collection[str]) -> Command:
        """The same for the other runs."""


class ChangeableRuns(Protocol):
    """The runs of one place and of its trash, and how they are changed there.

    All of it is called on a worker's thread, with what hears of the progress (`Advance`). Runs that
    cannot be changed are refused one by one.
    """

    def worded(self, wording: Wording) -> Wording:
        """How something is spoken of that is done there."""

    def apply(self, ids: Sequence[str], change: Change, advance: Advance) -> Outcome:
        """Change attributes of runs."""

    def revert(self, edits: Sequence[FileEdit], advance: Advance) -> Outcome:
        """Write back what attributes held, where they still hold what was written."""

    def delete(
        self, ids: Sequence[str], advance: Advance, *, unproven: bool, along: Collection[str]
    ) -> MoveOutcome:
        """Move runs to the trash.

        Args:
            ids: Which.
            advance: Hears of the progress.
            unproven: Take those too that cannot be told to have ended.
            along: Those of them that stay where a run stays that links to them.
        """

    def restore(self, ids: Sequence[str], advance: Advance) -> MoveOutcome:
        """Move runs back from the trash, by their names there."""

    def purge(
        self,
        ids: Sequence[str],
        advance: Advance,
        *,
        from_trash: bool,
        unproven: bool,
        along: Collection[str],
    ) -> PurgeOutcome:
        """Erase runs for ever; `unproven` and `along` as for `delete`."""


class ChangeRuns(Struct, frozen=True):
    """Change attributes of runs.

    Attributes:
        runs: Where they are.
        ids: Which.
        change: What is to become of each.
        wording: How it is spoken of.
    """

    runs: ChangeableRuns
    ids: tuple[str, ...]
    change: Change
    wording: Wording
    kind: ClassVar[CommandKind] = "change"

    def run(self, advance: Advance) -> Result:
        """Write the attributes."""
        outcome = self.runs.apply(self.ids, self.change, advance)
        return _result_of(outcome, self.runs, self.wording)

    def without(self, ids: Collection[str]) -> ChangeRuns:
        """The same for the other runs."""
        return replace(self, ids=_others(self.ids, ids))


class RevertEdits(Struct, frozen=True):
    """Write back what attributes held, where they still hold what was written.

    Attributes:
        runs: Where they are.
        edits: What was written.
        wording: How the change is spoken of that is taken back.
        ids: The runs that were edited; found once, since the window asks for them at each end.
    """

    runs: ChangeableRuns
    edits: tuple[FileEdit, ...]
    wording: Wording
    ids: tuple[str, ...] = ()
    kind: ClassVar[CommandKind] = "revert"

    def __post_init__(self) -> None:
        force_setattr(self, "ids", tuple(dict.fromkeys(edit.run_id for edit in self.edits)))

    def run(self, advance: Advance) -> Result:
        """Write the attributes."""
        outcome = self.runs.revert(self.edits, advance)
        return _result_of(outcome, self.runs, self.wording)

    def without(self, ids: Collection[str]) -> RevertEdits:
        """The same for the other runs."""
        return replace(self, edits=tuple(e for e in self.edits if e.run_id not in ids))


class DeleteRuns(Struct, frozen=True):
    """Move runs to the trash.

    Attributes:
        runs: Where they are.
        ids: Which.
        unproven: Take also runs that may be running where we cannot look.
        along: Those of the runs that go only with a run that links to them, and stay where it does.
    """

    runs: ChangeableRuns
    ids: tuple[str, ...]
    unproven: bool = False
    along: tuple[str, ...] = ()
    kind: ClassVar[CommandKind] = "delete"

    @property
    def wording(self) -> Wording:
        """How it is spoken of."""
        return self.runs.worded(DELETING)

    def run(self, advance: Advance) -> Result:
        """Move them."""
        outcome = self.runs.delete(self.ids, advance, unproven=self.unproven, along=self.along)
        back = RestoreRuns(self.runs, *_there(outcome, self.along))
        return _result_of_moves(outcome, back, to_trash=True)

    def without(self, ids: Collection[str]) -> DeleteRuns:
        """The same for the other runs."""
        return replace(self, ids=_others(self.ids, ids))


class RestoreRuns(Struct, frozen=True):
    """Move runs back from the trash.

    Attributes:
        runs: Where they are.
        ids: Their names in the trash.
        along: Those of them that went there only with a run that links to them, so that they do
            not go without it when this is taken back.
    """

    runs: ChangeableRuns
    ids: tuple[str, ...]
    along: tuple[str, ...] = ()
    kind: ClassVar[CommandKind] = "restore"

    @property
    def wording(self) -> Wording:
        """How it is spoken of."""
        return self.runs.worded(RESTORING)

    def run(self, advance: Advance) -> Result:
        """Move them."""
        outcome = self.runs.restore(self.ids, advance)
        ids, along = _there(outcome, self.along)
        back = DeleteRuns(self.runs, ids, along=along)
        return _result_of_moves(outcome, back, to_trash=False)

    def without(self, ids: Collection[str]) -> RestoreRuns:
        """The same for the other runs."""
        return replace(self, ids=_others(self.ids, ids))


class PurgeRuns(Struct, frozen=True):
    """Delete runs for ever.

    Attributes:
        runs: Where they are.
        ids: Which.
        from_trash: Whether they lie in the trash.
        unproven: Take also runs that may be running where we cannot look.
        along: Those of the runs that go only with a run that links to them, and stay where it does.
    """

    runs: ChangeableRuns
    ids: tuple[str, ...]
    from_trash: bool
    unproven: bool = False
    along: tuple[str, ...] = ()
    kind: ClassVar[CommandKind] = "purge"

    @property
    def wording(self) -> Wording:
        """How it is spoken of."""
        return self.runs.worded(PURGING)

    def run(self, advance: Advance) -> Result:
        """Erase their files."""
        outcome = self.runs.purge(
            self.ids,
            advance,
            from_trash=self.from_trash,
            unproven=self.unproven,
            along=self.along,
        )
        ids = (*outcome.removed, *_refused(outcome.refused))
        return Result(
            done=outcome.removed,
            refused=outcome.refused,
            cancelled=outcome.cancelled,
            news=News(touched=tuple((self.from_trash, run_id) for run_id in ids)),
            freed=outcome.bytes_freed,
            problem=outcome.problem,
        )

    def without(self, ids: Collection[str]) -> PurgeRuns:
        """The same for the other runs."""
        return replace(self, ids=_others(self.ids, ids))


def _result_of(outcome: Outcome, runs: ChangeableRuns, wording: Wording) -> Result:
    done = outcome.changed
    return Result(
        done=done,
        unchanged=len(outcome.unchanged),
        refused=outcome.refused,
        cancelled=outcome.cancelled,
        back=RevertEdits(runs, outcome.edits, wording) if done else None,
        news=News(
            touched=tuple((False, run_id) for run_id in _refused(outcome.refused)),
            written=outcome.edits,
        ),
    )


def _result_of_moves(outcome: MoveOutcome, back: Command, *, to_trash: bool) -> Result:
    touched = [(not to_trash, run_id) for run_id in _refused(outcome.refused)]
    touched += [(to_trash, move.displaced) for move in outcome.moves if move.displaced]
    return Result(
        done=tuple(move.run_id for move in outcome.moves),
        refused=outcome.refused,
        cancelled=outcome.cancelled,
        back=back if outcome.moves else None,
        news=News(
            touched=tuple(touched),
            moved=tuple((move.run_id, move.name_there) for move in outcome.moves),
            to_trash=to_trash,
        ),
    )


def _there(outcome: MoveOutcome, along: Collection[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of runs where they are now, and of those that only went along (named as before)."""
    went_along = frozenset(along)
    names = tuple(move.name_there for move in outcome.moves)
    return names, tuple(m.name_there for m in outcome.moves if m.run_id in went_along)


def _refused(refusals: Sequence[Refusal]) -> list[str]:
    """Runs that are not what they were thought to be: the index had better look at them."""
    return [refusal.run_id for refusal in refusals]


def _others(ids: tuple[str, ...], some: Collection[str]) -> tuple[str, ...]:
    left_out = frozenset(some)
    return tuple(run_id for run_id in ids if run_id not in left_out)
