"""What each tab of the details has in common: it is about one run and asks only when looked at."""

from __future__ import annotations

from typing import ClassVar, Protocol

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from gui.services import RunRef, Services


class RunLookup(Protocol):
    """What the index knows of other runs, at once (`core.index.columns.RunColumns` is one)."""

    def parent(self, run_id: str) -> str | None:
        """Id of the batch or pipeline that links to a run; None when none is known."""


class DetailsTab(QWidget):
    """One lazy tab about one run.

    A subclass implements `_load` (the run is another one, or its files changed while the tab is
    visible) and `_clear` (no run). Neither is called while the tab is hidden: showing it later
    calls `_load` then, so that only the visible tab ever costs time.

    Attributes:
        name: Stable name, used to restore the tab that was open.
        title: Text on the tab.
        lookup: What the index knows of other runs; None without an index.

    Signals:
        run_requested: The user followed a link to another run (its id).
        tab_requested: The user asked for another tab (its name).
    """

    name: ClassVar[str] = ""
    title: ClassVar[str] = ""
    run_requested = Signal(str)
    tab_requested = Signal(str)

    def __init__(self, services: Services, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.services = services
        self.run: RunRef | None = None
        self.lookup: RunLookup | None = None
        self._stale = False

    def show_run(self, run: RunRef | None) -> None:
        """Be about `run` from now on; None shows nothing."""
        if run == self.run:
            return
        self.run = run
        self._clear()
        self._stale = run is not None
        self._load_if_visible()

    def refresh(self) -> None:
        """The same run changed on disk: ask again, keeping scroll and selection."""
        self._stale = self.run is not None
        self._load_if_visible()

    def _load_if_visible(self) -> None:
        if self._stale and self.isVisible() and self.run is not None:
            self._stale = False
            self._load(self.run)

    def _load(self, run: RunRef) -> None:
        raise NotImplementedError

    def _clear(self) -> None:
        raise NotImplementedError

    # Qt overrides

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._load_if_visible()
