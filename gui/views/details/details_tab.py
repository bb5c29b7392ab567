"""What each tab of the details has in common: it is about one run and asks only when looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Protocol

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QSplitter, QWidget

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
        selected_count: How many runs are selected.
        selected_ids: Gives their ids.

    Signals:
        run_requested: The user followed a link to another run (its id).
        tab_requested: The user asked for another tab (its name).
        tag_requested: The user asked for the runs with a tag (its name).
        action_requested: The user asked for an action of the window (its id).
        change_wanted: The user edited something here (a gui.changing.wanted_change.WantedChange).
        label_typed: The user typed the label of the run (gui.views.table.label_editor.TypedLabel).
    """

    name: ClassVar[str] = ""
    title: ClassVar[str] = ""
    run_requested = Signal(str)
    tab_requested = Signal(str)
    tag_requested = Signal(str)
    action_requested = Signal(str)
    change_wanted = Signal(object)
    label_typed = Signal(object)

    def __init__(self, services: Services, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.services = services
        self.run: RunRef | None = None
        self.lookup: RunLookup | None = None
        self.selected_count = 1
        self.selected_ids: Callable[[], Sequence[str]] = self._own_id
        self._stale = False

    def show_run(self, run: RunRef | None) -> None:
        """Be about `run` from now on; None shows nothing."""
        if run == self.run:
            return
        self.run = run
        self._clear()
        self._stale = run is not None
        self._load_if_visible()

    def show_selected(self, count: int, ids: Callable[[], Sequence[str]]) -> None:
        """So many runs are selected; the one the tab is about is among them."""
        self.selected_count, self.selected_ids = count, ids
        self._on_selected(count)

    def refresh(self) -> None:
        """The same run changed on disk: ask again, keeping scroll and selection."""
        self._stale = self.run is not None
        self._load_if_visible()

    def choices(self) -> dict[str, Any]:
        """How the user set this tab up, for the next start; plain values."""
        return {}

    def set_choices(self, choices: Mapping[str, Any]) -> None:
        """Take what `choices` gave; what is not understood is left as it is."""

    def _load_if_visible(self) -> None:
        if self._stale and self.isVisible() and self.run is not None:
            self._stale = False
            self._load(self.run)

    def _own_id(self) -> Sequence[str]:
        return [self.run.id] if self.run is not None else []

    def _on_selected(self, count: int) -> None:
        """Other runs are selected; most tabs do not care."""

    def _load(self, run: RunRef) -> None:
        raise NotImplementedError

    def _clear(self) -> None:
        raise NotImplementedError

    # Qt overrides

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._load_if_visible()


def set_sizes(splitter: QSplitter, sizes: object) -> None:
    """Give the parts of a splitter the sizes that `QSplitter.sizes` gave another time."""
    if not isinstance(sizes, list) or len(sizes) != splitter.count():
        return
    if all(isinstance(size, int) and 0 < size < 10_000 for size in sizes):
        splitter.setSizes(sizes)
