"""Stops runs of a remote, as a command (see gui.commands).

Why it is no command at home: there `gui.stopper` stays until the processes have ended.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, ClassVar

from msgspec import Struct
from msgspec.structs import replace

from core.errors import StopRefused
from core.runs.refusal import Refusal
from gui.commands import Advance, CommandKind, Result, Wording

if TYPE_CHECKING:
    from gui.remotes.far_place import FarPlace

STOPPING = Wording("Ask", "Asking", "Asked", " to end")


class StopThere(Struct, frozen=True):
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
        return replace(self, ids=tuple(each for each in self.ids if each not in ids))
