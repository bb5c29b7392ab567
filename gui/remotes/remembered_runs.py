"""What was last seen of the runs of remotes that nobody looked at since the start.

Why: the column "Where" would be gone after each start, and come back only when a remote is looked
at. What is kept of its last listing says enough, and no host is asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from PySide6.QtCore import QObject, Signal

from core.index.columns import RunColumns
from core.jobs import JobContext
from gui.job_bridge import Latest
from gui.remotes.remote_state import RemoteState
from gui.services import Services

LANE = "where"


class RememberedRuns(QObject):
    """Reads the kept listings of remotes, each once.

    Args:
        services: Shared services of the window.
        parent: Owner.

    Signals:
        found: Runs of a remote as they were last seen (its name, their RunColumns).
    """

    found = Signal(str, object)

    def __init__(self, services: Services, parent: QObject) -> None:
        super().__init__(parent)
        self._cache = services.directories.cache
        self._reading = Latest(services.bridge, LANE, self)
        self._asked: set[str] = set()

    def read(self, states: Iterable[RemoteState]) -> None:
        """Read what is kept of these remotes, unless that was done."""
        paths = {
            state.name: str(state.remote.values.get("guild-home") or "")
            for state in states
            if state.name not in self._asked
        }
        if paths:
            self._asked |= paths.keys()
            self._reading.ask(
                "Read what is kept of remotes",
                partial(self._work, paths),
                lambda _none: None,
                on_item=lambda item: self.found.emit(*item),
            )

    def stop(self) -> None:
        """Read nothing more: the home is closed."""
        self._reading.drop()

    def _work(self, paths: dict[str, str], context: JobContext) -> None:
        from remote.catalog import Catalog, filled

        for name, path in paths.items():
            columns = RunColumns()
            for _changes in filled(columns, Catalog(self._cache, name, path).load()):
                context.check()
            if len(columns):
                context.publish((name, columns))
