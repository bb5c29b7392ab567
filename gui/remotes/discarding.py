"""Shows what interrupted transfers with a remote keep on both sides, and erases it when agreed."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Slot

from core.errors import Error
from core.home import Home
from core.jobs import Job, JobContext
from core.runs.guild_files import reason
from core.text import format_bytes
from gui.dialogs.runs_question import Question, RunsQuestion
from gui.job_bridge import Latest
from gui.job_list import JobEnd
from gui.main_window import MainWindow
from gui.remotes.remote_set import RemoteSet
from gui.services import Services
from gui.views.undo_bar import BarText

if TYPE_CHECKING:
    from remote.kept_pieces import KeptPieces
    from remote.remote_home import RemoteHome


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

    def _look(self, remote: str, context: JobContext) -> KeptPieces:
        from remote.kept_pieces import kept_pieces

        with closing(self._open(remote, None, context)) as there:
            return kept_pieces(self._home, there, context.check)

    def _erase(self, remote: str, context: JobContext) -> KeptPieces:
        from remote.kept_pieces import discard_pieces

        context.advance(item="erasing")
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
        self._window.job_actions.open_panel()

    # Slots

    def _on_found(self, remote: str, found: KeptPieces) -> None:
        if not found:
            text = f"Interrupted transfers with {remote} keep nothing."
            self._window.undo_bar.say(BarText(text))
            return
        question = Question(
            "discardQuestion",
            f"Erase what interrupted transfers with {remote} keep?",
            "The next transfer would go on with it; without it that one begins anew. No run is "
            "lost. What nobody goes on with goes by itself after two weeks.",
            [
                f"{format_bytes(found.here)} on this computer",
                f"{format_bytes(found.there)} on {remote}",
            ],
            lambda _count: "Erase",
            2,
        )
        dialog = RunsQuestion(question, self._services.theme, self._window)
        dialog.agreed.connect(lambda _also: self._agreed(remote))
        dialog.open()

    @Slot(object)
    def _on_failed(self, error: Error) -> None:
        text = f"{error}{'' if str(error).endswith('.') else '.'} {error.hint}".strip()
        self._window.undo_bar.say(BarText(text, is_lasting=True))


def _erased(remote: str, found: KeptPieces) -> str:
    return f"erased {format_bytes(found.here)} here and {format_bytes(found.there)} on {remote}"
