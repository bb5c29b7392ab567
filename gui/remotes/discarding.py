"""Shows what interrupted transfers with a remote keep on both sides, and erases it when agreed.

What an earlier program did not finish is not offered any more after that: it is in the journal, and
would be offered at each start.
"""

from __future__ import annotations

from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, cast

from msgspec import Struct
from PySide6.QtCore import QObject, Slot

from core.clock import now_us
from core.errors import Error
from core.home import Home
from core.jobs import Job, JobContext
from core.runs.guild_files import reason
from core.text import format_bytes, plural
from gui.dialogs.runs_question import Question, RunsQuestion
from gui.job_bridge import Latest
from gui.jobs.job_list import JobEnd
from gui.main_window import MainWindow
from gui.remotes.remote_set import RemoteSet
from gui.remotes.transferring import TOPIC as TRANSFERS_TOPIC
from gui.services import Services
from gui.views.undo_bar import BarText

if TYPE_CHECKING:
    from remote.kept_pieces import KeptPieces
    from remote.memory import TransferMemory
    from remote.remote_home import RemoteHome


class _Found(Struct, frozen=True):
    """What there is.

    Attributes:
        pieces: What is kept.
        offered: How many transfers an earlier program did not finish.
    """

    pieces: KeptPieces
    offered: int


class Discarding(QObject):
    """Lets the user see and erase kept pieces of one home.

    Args:
        home: The home here.
        remotes: Connects.
        window: What is asked and said in it, and its jobs.
        services: Shared services of the window.
        parent: Owner.
    """

    def __init__(
        self,
        home: Home,
        remotes: RemoteSet,
        window: MainWindow,
        services: Services,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._home = home
        self._remotes = remotes
        self._window = window
        self._services = services
        self._since = now_us()
        self._looking = Latest(services.bridge, "kept pieces", self)

    def ask(self, remote: str) -> None:
        """Find out what is kept, and ask whether it is to go."""
        self._looking.ask(
            f"Look what transfers with {remote} keep",
            partial(self._look, remote),
            partial(self._on_found, remote),
            self._on_failed,
        )

    def close(self) -> None:
        """Ask nothing more: the home is closed."""
        self._looking.drop()

    # On a worker's thread

    def _open(self, remote: str, context: JobContext | None, check: JobContext) -> RemoteHome:
        from remote.remote_home import open_remote_home

        connection = self._remotes.connector(remote, context)(check.check)
        path = self._remotes.session(remote).remote.guild_home
        return open_remote_home(connection, path, check=check.check)

    def _look(self, remote: str, context: JobContext) -> _Found:
        from remote.kept_pieces import kept_pieces

        with closing(self._open(remote, None, context)) as there:
            pieces = kept_pieces(self._home, there, context.check)
        return _Found(pieces, len(self._offered(remote)))

    def _memory(self) -> TransferMemory:
        from remote.memory import TransferMemory

        return TransferMemory(self._services.directories.state)

    def _offered(self, remote: str) -> list[int]:
        """Lines of the journal that are older than this window: nobody works on them."""
        found = self._memory().unfinished(self._home.path)
        return [each.id for each in found if each.remote == remote and each.begun < self._since]

    def _erase(self, remote: str, context: JobContext) -> KeptPieces:
        from remote.kept_pieces import discard_pieces

        context.advance(item="erasing")
        for number in self._offered(remote):
            self._memory().end(number)
        try:
            with closing(self._open(remote, context, context)) as there:
                return discard_pieces(self._home, there, context.check)
        except OSError as e:
            raise Error(f"Pieces in {self._home.path} cannot be erased: {reason(e)}.") from e

    # Inside

    def _agreed(self, remote: str) -> None:
        """Erase it when transfers with that remote that were asked for before have ended."""
        job = Job(
            f"Erase kept pieces of {remote}", f"remote-{remote}", partial(self._erase, remote)
        )
        self._window.jobs.follow(
            job,
            "clear-list",
            sum_up=lambda found: JobEnd("done", _erased(remote, cast("KeptPieces", found))),
            retry=partial(self._agreed, remote),
        )
        self._services.bridge.submit(job)
        self._window.centre.notices.drop(TRANSFERS_TOPIC)
        self._window.job_actions.open_panel()

    # Slots

    def _on_found(self, remote: str, found: _Found) -> None:
        pieces = found.pieces
        if not pieces and not found.offered:
            text = f"Interrupted transfers with {remote} keep nothing."
            self._window.undo_bar.say(BarText(text))
            return
        names = [
            f"{format_bytes(pieces.here)} on this computer",
            f"{format_bytes(pieces.there)} on {remote}",
        ]
        if found.offered:
            names.append(f"{plural(found.offered, 'transfer')} to go on with")
        question = Question(
            "discardQuestion",
            f"Erase what interrupted transfers with {remote} keep?",
            "The next transfer would go on with it; without it that one begins anew. No run is "
            "lost. What nobody goes on with goes by itself after two weeks.",
            names,
            lambda _count: "Erase",
            len(names),
        )
        dialog = RunsQuestion(question, self._services.theme, self._window)
        dialog.agreed.connect(lambda _also: self._agreed(remote))
        dialog.open()

    @Slot(object)
    def _on_failed(self, error: Error) -> None:
        self._window.undo_bar.say(BarText(error.told, is_lasting=True))


def _erased(remote: str, found: KeptPieces) -> str:
    return f"erased {format_bytes(found.here)} here and {format_bytes(found.there)} on {remote}"
