"""Where runs are changed: a home here, or a remote. Both are changed in the same way on screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from core.errors import HomeError
from core.home import Home
from core.index.news import News
from core.jobs import JobContext
from core.runs.change import Change
from gui.changing.commands import ChangeRuns, Command, Result, Wording
from gui.changing.home_runs import HomeRuns
from gui.table.index_feed import IndexFeed

MANY = 200
"""Changes of so many runs are told to the index in one go, not found out half-way."""


class ChangePlace(Protocol):
    """Carries out commands on the runs of one place."""

    @property
    def lane(self) -> str:
        """Its commands go one after another, on this lane."""

    def change(self, ids: Sequence[str], change: Change, wording: Wording) -> Command:
        """The command that changes attributes of runs."""

    def begin(self, command: Command) -> None:
        """A command is about to be carried out."""

    def carry_out(self, command: Command, context: JobContext) -> Result:
        """Do it, on a worker's thread.

        Raises:
            core.errors.Error: Nothing of it could be done.
        """

    def fail(self) -> None:
        """What was about to be carried out was not."""


class HomePlace:
    """The runs of a home and of its trash (see ChangePlace).

    Args:
        home: The home.

    Attributes:
        home: The home.
    """

    lane = "change"

    def __init__(self, home: Home) -> None:
        self.home = home
        self._runs = HomeRuns(home)
        self._feed: IndexFeed | None = None

    def attach(self, feed: IndexFeed | None, current: Command | None = None) -> None:
        """Tell an index of everything from now on, or none: one that is opened later finds it.

        Args:
            feed: The index.
            current: What is being carried out.
        """
        self._feed = feed
        if current is not None:
            self.begin(current)

    def change(self, ids: Sequence[str], change: Change, wording: Wording) -> Command:
        """The command that changes attributes of runs."""
        return ChangeRuns(self._runs, tuple(ids), change, wording)

    def begin(self, command: Command) -> None:
        """Let the index not look half-way where many runs are changed."""
        if len(command.ids) >= MANY and self._feed is not None:
            self._feed.hold()

    def carry_out(self, command: Command, context: JobContext) -> Result:
        """Do it, and tell the index.

        Raises:
            HomeError: The home is not there.
        """
        path = self.home.path
        if not path.is_dir():  # else an undo would be spent on runs that come back with it
            raise HomeError(f"Nothing was changed: {path} is not there now.")
        context.advance(total=len(command.ids))
        result = command.run(context.advance)
        self._tell(result.news)
        return result

    def fail(self) -> None:
        """Let the index look again."""
        self._tell(News())

    def _tell(self, news: News) -> None:
        feed = self._feed  # another thread may take it away
        if feed is not None:
            feed.tell(news)
