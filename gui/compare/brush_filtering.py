"""Lets the table of runs show only those that were brushed in a plot."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal

from core.clock import now_us
from core.compare.brush_filter import brush_filter
from core.text import plural
from gui.job_bridge import JobBridge, Latest
from gui.table.run_list import LANE, RunList
from gui.views.filter.filter_edit import FilterEdit


class BrushFiltering(QObject):
    """Finds the text for the filter box, and puts it there.

    Args:
        runs: The table of runs.
        filter_box: Its filter.
        show: Shows the runs of a text, as if the user had typed it.
        bridge: Runs the question: an expression is tried before it is used.
        parent: Owner.

    Signals:
        failed: The runs cannot be told by a text (a sentence); they stay selected.
    """

    failed = Signal(str)

    def __init__(
        self,
        runs: RunList,
        filter_box: FilterEdit,
        show: Callable[[str], object],
        bridge: JobBridge,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._runs = runs
        self._filter_box = filter_box
        self._show = show
        self._question = Latest(bridge, LANE, self)

    def narrow(
        self, slots: Sequence[int], keys: Sequence[str], on_done: Callable[[], None]
    ) -> None:
        """Show only these runs, which were brushed on some columns; then call `on_done`."""
        columns, view, before = self._runs.columns, self._runs.view, self._filter_box.text()
        wanted, now = list(slots), now_us()

        def then(text: str) -> None:
            if not text:
                runs = plural(len(wanted), "run")
                self.failed.emit(f"No filter says which {runs} these are; they are selected.")
                return
            self._show(text)
            on_done()

        self._question.ask(
            "Filter what is brushed",
            lambda _: brush_filter(columns, wanted, keys, before, view, now),
            then,
        )
