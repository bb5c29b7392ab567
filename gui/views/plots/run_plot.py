"""What the plots with one sign a run have in common: a dot each, or a line each.

They ask for columns and pictures only while somebody looks, name the run under the pointer and
select the one that is clicked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from PySide6.QtCore import QPoint, Signal, Slot
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from gui.job_bridge import Latest
from gui.naming import in_role
from gui.plots.picture_feed import PictureFeed, Work
from gui.plots.plot_columns import AxisKeys, axis_keys, cell_text, key_title
from gui.plots.plotted import Plotted
from gui.views.plots.plot_buttons import command
from gui.views.plots.plot_readout import PlotReadout, ReadoutRow
from gui.views.wrap_bar import WrapBar


class RunPlot(QWidget):
    """A plot of runs under its controls; each kind of plot fills in what is its own.

    Args:
        plotted: The runs, and what drawing them needs.
        parent: Owner.

    Signals:
        runs_wanted: The user clicked at a run: its slot.
        only_wanted: The table is to show only the brushed runs: their slots, and the columns on
            which they were brushed.
        drawn: What was asked for is on screen.
    """

    runs_wanted = Signal(list)
    only_wanted = Signal(list, list)
    drawn = Signal()

    def __init__(self, plotted: Plotted, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        chosen, colours, services = plotted.chosen, plotted.colours, plotted.services
        self._chosen, self._colours, self._services = chosen, colours, services
        self._is_looked_at = False
        self._brushed: tuple[list[int], list[str]] = ([], [])
        self._note = in_role(QLabel("", self), "muted")
        tip = "Filter the runs down to those that are brushed"
        self.only = command("Show Only These", tip, self)
        self.only.clicked.connect(lambda: self.only_wanted.emit(*self._brushed))
        self.only.hide()
        self._key_question = Latest(services.bridge, "columns", self)
        self._feed = PictureFeed("Draw runs", services.bridge, self._work_if_looked_at, self)
        self._feed.made.connect(self._on_picture)
        self._feed.settled.connect(self._on_settled)
        chosen.changed.connect(self._on_chosen)
        chosen.values_changed.connect(self._on_values)
        chosen.standing_out_changed.connect(self._on_standing_out)
        colours.changed.connect(self._feed.want)

    def look(self, *, on: bool) -> None:
        """Whether somebody looks at the plot."""
        self._is_looked_at = on
        if on:
            self._on_chosen()

    def forget_brushes(self) -> None:
        """What was brushed is all that there is now."""
        self._offer_only((), ())

    # What each kind of plot does

    def _work(self) -> Work | None:
        """What makes the picture that is wanted now; None while columns are not known."""
        raise NotImplementedError

    def _on_keys(self, keys: AxisKeys) -> None:
        """These columns can be axes."""
        raise NotImplementedError

    def _on_picture(self, picture: Any) -> None:
        """Show a picture."""
        raise NotImplementedError

    def _unpoint(self) -> None:
        """No run is under the pointer."""
        raise NotImplementedError

    # What is common

    def _lay_out(self, bar: WrapBar, plot: QWidget) -> None:
        """Have the plot under its controls, and the sheet that names runs over it."""
        self._plot = plot
        self._readout = PlotReadout(self._services.theme, plot)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(bar)
        layout.addWidget(plot, 1)

    def _offer_only(self, slots: Sequence[int], keys: Sequence[str]) -> None:
        """Runs were brushed on these columns; none, or all of them, are no filter."""
        self._brushed = (list(slots), list(keys))
        if self.only.hasFocus():
            self._plot.setFocus()  # else Qt leads the keyboard on to some other button
        self.only.setVisible(0 < len(slots) < len(self._chosen.slots()))

    def _name_run(self, slot: int, keys: Iterable[str], at: QPoint) -> None:
        """Say which run is under the pointer, and what it has in some columns."""
        columns = self._chosen.columns
        rows = [
            ReadoutRow(key_title(key), cell_text(key, columns.value(key, slot))) for key in keys
        ]
        self._readout.show_rows(self._colours.name(slot), rows)
        self._readout.place(at)

    def _places_of(self, wanted: Iterable[int], slots: Iterable[int]) -> tuple[int, ...]:
        """Where some runs are among all."""
        found = set(wanted)
        return tuple(place for place, slot in enumerate(slots) if slot in found) if found else ()

    def _work_if_looked_at(self) -> Work | None:
        return self._work() if self._is_looked_at else None

    # Slots

    @Slot()
    def _on_chosen(self) -> None:
        if not self._is_looked_at:
            return
        columns, slots = self._chosen.columns, list(self._chosen.slots())
        self._key_question.ask(
            "Look for columns",
            lambda context: axis_keys(columns, slots, context.check),
            self._on_keys,
        )

    @Slot(object)
    def _on_values(self, _slots: object) -> None:
        self._feed.want()

    @Slot()
    def _on_standing_out(self) -> None:
        self._feed.want()

    @Slot()
    def _on_settled(self) -> None:
        self.drawn.emit()
