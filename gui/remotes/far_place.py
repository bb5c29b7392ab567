"""The runs of one remote as a place where runs are changed (see gui.changing.change_place).

It is also what the commands change (gui.changing.commands.ChangeableRuns), over a connection for
each.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from msgspec.structs import replace

from core.jobs import JobContext
from core.runs.change import Change, FileEdit, Outcome
from gui.changing.commands import Advance, ChangeRuns, Command, Result, Wording
from gui.remotes.remote_set import RemoteSet

if TYPE_CHECKING:
    from core.runs.purge import PurgeOutcome
    from core.runs.trash import MoveOutcome
    from remote.related_there import FoundThere
    from remote.remote_home import RemoteHome


class FarPlace:
    """Carries out commands on the runs of one remote, and of its trash.

    Args:
        name: The remote.
        remotes: Connects.
        doing: What is done there one after another, as a part of the name of the lane.
    """

    def __init__(self, name: str, remotes: RemoteSet, doing: str = "change") -> None:
        self.name = name
        self.lane = f"{doing} {name}"
        self.remotes = remotes

    def change(self, ids: Sequence[str], change: Change, wording: Wording) -> Command:
        """The command that changes attributes of runs."""
        return ChangeRuns(self, tuple(ids), change, self.worded(wording))

    def begin(self, _command: Command) -> None:
        """Nothing: whoever shows the runs hears when it has ended."""

    def fail(self) -> None:
        """Nothing: nothing was said before."""

    def carry_out(self, command: Command, context: JobContext) -> Result:
        """Connect, and do it; what the host asks is asked for this job.

        Raises:
            core.errors.Error: The host cannot be reached, or the connection was lost.
        """
        self.remotes.connector(self.name, context)(context.check)
        doing = "waiting for the end" if command.kind == "stop" else "changing"
        context.advance(total=len(command.ids), unit="runs", item=doing)
        with self.remotes.asking.during(context):
            return command.run(context.advance)

    @contextmanager
    def opened(self, advance: Advance) -> Iterator[RemoteHome]:
        """The home there, on a worker's thread; `advance` is called while waiting.

        Raises:
            RemoteError: The host cannot be reached.
        """
        from remote.remote_home import open_remote_home

        def check() -> None:
            advance(0)

        session = self.remotes.session(self.name)
        connection, path = session.connection(check), session.remote.guild_home
        with closing(open_remote_home(connection, path, check=check)) as there:
            yield there

    def find_related(
        self, ids: Sequence[str], context: JobContext, *, in_trash: bool
    ) -> FoundThere:
        """Trials and steps of runs there, on a worker's thread.

        Raises:
            RemoteError: The host cannot be asked.
        """
        from remote.related_there import related_there

        self.remotes.connector(self.name, None)(context.check)
        with self.opened(lambda _done: context.check()) as there:
            return related_there(there, ids, context.check, in_trash=in_trash)

    # What commands do

    def worded(self, wording: Wording) -> Wording:
        """How something is spoken of that is done there."""
        return replace(wording, rest=f"{wording.rest} on {self.name}")

    def apply(self, ids: Sequence[str], change: Change, advance: Advance) -> Outcome:
        """Change attributes of runs."""
        from remote.remote_store import apply_there

        with self.opened(advance) as there:
            return apply_there(there, ids, change, advance=advance)

    def revert(self, edits: Sequence[FileEdit], advance: Advance) -> Outcome:
        """Write back what attributes held, where they still hold what was written."""
        from remote.remote_store import revert_there

        with self.opened(advance) as there:
            return revert_there(there, edits, advance=advance)

    def delete(
        self, ids: Sequence[str], advance: Advance, *, unproven: bool, along: Collection[str]
    ) -> MoveOutcome:
        """Move runs to the trash of their host, which always knows what runs there.

        So `unproven` makes no difference.
        """
        from remote.remote_store import delete_there

        with self.opened(advance) as there:
            return delete_there(there, ids, advance=advance, along=along)

    def restore(self, ids: Sequence[str], advance: Advance) -> MoveOutcome:
        """Move runs back from the trash of their host, by their names there."""
        from remote.remote_store import restore_there

        with self.opened(advance) as there:
            return restore_there(there, ids, advance=advance)

    def purge(
        self,
        ids: Sequence[str],
        advance: Advance,
        *,
        from_trash: bool,
        unproven: bool,
        along: Collection[str],
    ) -> PurgeOutcome:
        """Erase runs for ever; `unproven` as for `delete`."""
        from remote.remote_store import purge_there

        with self.opened(advance) as there:
            return purge_there(there, ids, from_trash=from_trash, advance=advance, along=along)
