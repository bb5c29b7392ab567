"""The runs of one remote as a place where runs are changed (see gui.change_place)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from core.jobs import JobContext
from core.runs.change import Change
from gui.commands import Advance, Command, Result, Wording
from gui.remotes.far_commands import ChangeThere
from gui.remotes.remote_set import RemoteSet

if TYPE_CHECKING:
    from remote.remote_home import RemoteHome


class FarPlace:
    """Carries out commands on the runs of one remote, and of its trash.

    Args:
        name: The remote.
        remotes: Connects.
    """

    def __init__(self, name: str, remotes: RemoteSet) -> None:
        self.name = name
        self.lane = f"change {name}"
        self._remotes = remotes

    def change(self, ids: Sequence[str], change: Change, wording: Wording) -> Command:
        """The command that changes attributes of runs."""
        return ChangeThere(self, tuple(ids), change, self.worded(wording))

    def worded(self, wording: Wording) -> Wording:
        """How something is spoken of that is done there."""
        return replace(wording, rest=f"{wording.rest} on {self.name}")

    def begin(self, _command: Command) -> None:
        """Nothing: whoever shows the runs hears when it has ended."""

    def fail(self) -> None:
        """Nothing: nothing was said before."""

    def carry_out(self, command: Command, context: JobContext) -> Result:
        """Connect, and do it; what the host asks is asked for this job.

        Raises:
            core.errors.Error: The host cannot be reached, or the connection was lost.
        """
        self._remotes.connector(self.name, context)(context.check)
        context.advance(total=len(command.ids), unit="runs", item="changing")
        with self._remotes.asking.during(context):
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

        session = self._remotes.session(self.name)
        connection, path = session.connection(check), session.remote.guild_home
        with closing(open_remote_home(connection, path, check=check)) as there:
            yield there
