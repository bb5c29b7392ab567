"""Stops runs of a remote, as commands (see gui.changing.commands).

Why they are no commands at home: there `gui.changing.stopper` gives each run a lane of its own.

Why stopping for the sake of something else is one command with it: what is asked for once goes on
as one, also while the window closes, and nothing comes between both.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, ClassVar

from msgspec import Struct
from msgspec.structs import replace

from core.errors import Cancelled
from core.runs.refusal import Refusal
from core.text import lower_first
from gui.changing.commands import Advance, Command, CommandKind, Result, Wording

if TYPE_CHECKING:
    from gui.remotes.far_place import FarPlace

STOPPING = Wording("Stop", "Stopping", "Stopped")


class StopThere(Struct, frozen=True):
    """Ask the processes of runs to end, and wait until they have.

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
        return replace(STOPPING, rest=f" on {self.place.name}")

    def run(self, advance: Advance) -> Result:
        """Stop them all, and wait; who is not waited for any more may still end."""
        from remote.stopping import end_there

        refused: list[Refusal] = []
        try:
            with self.place.opened(advance) as there:
                refused += end_there(there, self.ids, lambda: advance(0))
        except Cancelled:
            said = f"on {self.place.name} was asked to end, and is not waited for."
            refused = [Refusal(run_id, f"Run {run_id[:8]} {said}") for run_id in self.ids]
        stay = {refusal.run_id for refusal in refused}
        done = tuple(run_id for run_id in self.ids if run_id not in stay)
        return Result(done=done, refused=tuple(refused))

    def without(self, ids: Collection[str]) -> StopThere:
        """The same for the other runs."""
        return replace(self, ids=tuple(each for each in self.ids if each not in ids))


class StopFirst(Struct, frozen=True):
    """Let runs end, and then do something to them; what does not end stays as it is.

    Attributes:
        place: Where they are.
        running: Those that are running.
        then: What is done; to others as well, perhaps.
    """

    place: FarPlace
    running: tuple[str, ...]
    then: Command

    @property
    def ids(self) -> tuple[str, ...]:
        """The runs."""
        return self.then.ids

    @property
    def kind(self) -> CommandKind:
        """What it does in the end."""
        return self.then.kind

    @property
    def wording(self) -> Wording:
        """How it is spoken of; taking it back starts nothing, so its name is that of the end."""
        words = self.then.wording
        doing, done = lower_first(words.doing), lower_first(words.done)
        return replace(words, doing=f"Stopping and {doing}", done=f"Stopped and {done}")

    def run(self, advance: Advance) -> Result:
        """Stop them all, wait, and do it."""
        from remote.stopping import end_there

        with self.place.opened(advance) as there:
            stay = end_there(there, self.running, lambda: advance(0))
        why = {refusal.run_id: refusal for refusal in stay}
        result = self.then.run(advance)
        refused = (why.get(r.run_id, r) if r.kind == "running" else r for r in result.refused)
        return replace(result, refused=tuple(refused))

    def without(self, ids: Collection[str]) -> StopFirst:
        """The same for the other runs."""
        running = tuple(each for each in self.running if each not in ids)
        return replace(self, running=running, then=self.then.without(ids))
