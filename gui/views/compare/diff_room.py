"""The right part of the diff page, and how things are compared there.

Why it is made a turn of the event loop after the rest of the page: making and dressing all of it at
once took some 40 ms, for which the window stood still. What was chosen before it is there is
remembered until then.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.compare.diff_look import DiffLookup
from gui.services import Services
from gui.views.compare.diff_bar import ARRANGEMENTS, MODES, DiffBar
from gui.views.compare.diff_pane import DiffPane
from gui.views.compare.diff_wrap import Arrangement
from gui.views.compare.image_pair import PairMode
from gui.views.tab_order import lead_through


class DiffRoom(QWidget):
    """Where a pane is, or will be.

    Args:
        services: Shared services.
        bar: Says how texts are compared.
        lookup: Colours them.
        before: What the Tab key reaches before the pane.

    Attributes:
        mode: How pictures are compared.

    Signals:
        completed: The pane is there, as `complete_soon` wanted it.
        place_changed: Another difference was gone to, or there are others.
    """

    completed = Signal()
    place_changed = Signal()

    def __init__(
        self, services: Services, bar: DiffBar, lookup: DiffLookup, before: QWidget
    ) -> None:
        super().__init__()
        self._services, self._bar, self._lookup, self._before = services, bar, lookup, before
        self._pane: DiffPane | None = None
        self._arrangement: Arrangement = "auto"
        self.mode: PairMode = "beside"
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._completion = QTimer(self, singleShot=True, interval=0)
        self._completion.timeout.connect(self._complete)
        bar.arrangement_chosen.connect(self._on_arrangement)

    @property
    def pane(self) -> DiffPane:
        """The pane, made now if need be."""
        if self._pane is None:
            self._pane = self._make_pane()
        return self._pane

    @property
    def is_made(self) -> bool:
        """Whether the pane is there."""
        return self._pane is not None

    @property
    def is_waiting(self) -> bool:
        """Whether the pane will be made in a moment."""
        return self._completion.isActive()

    def complete_soon(self) -> None:
        """Make the pane in the next turn of the event loop."""
        self._completion.start()

    def set_mode(self, mode: PairMode) -> None:
        """Compare pictures in another way."""
        self.mode = mode
        if self._pane is not None:
            self._pane.set_mode(mode)

    def state(self) -> dict[str, object]:
        """What the next start restores."""
        return {
            "mode": self.mode,
            "arrangement": self._arrangement,
            "wraps": self._bar.wraps.isChecked(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take what `state` gave; what is not understood is left as it is."""
        if isinstance(mode := state.get("mode"), str) and mode in MODES:
            self.set_mode(mode)
        if isinstance(state.get("wraps"), bool):
            self._bar.wraps.setChecked(state["wraps"])
        arrangement = state.get("arrangement")
        if isinstance(arrangement, str) and arrangement in ARRANGEMENTS:
            self._on_arrangement(arrangement)

    # Inside

    def _make_pane(self) -> DiffPane:
        pane, bar = DiffPane(self._services), self._bar
        pane.set_mode(self.mode)
        pane.canvas.arrange(self._arrangement)
        pane.canvas.wrap(on=bar.wraps.isChecked())
        pane.show_only_differences(on=bar.only.isChecked())
        bar.wrap_toggled.connect(lambda on: pane.canvas.wrap(on=on))
        bar.only_differences_toggled.connect(lambda on: pane.show_only_differences(on=on))
        self._lookup.coloured.connect(pane.canvas.show_spans)
        pane.place_changed.connect(self.place_changed)
        self._layout.addWidget(pane)
        lead_through(self._before, pane)
        return pane

    @Slot()
    def _complete(self) -> None:
        _ = self.pane
        self.completed.emit()

    @Slot(str)
    def _on_arrangement(self, arrangement: Arrangement) -> None:
        self._arrangement = arrangement
        self._bar.show_arrangement(arrangement)
        if self._pane is not None:
            self._pane.canvas.arrange(arrangement)
