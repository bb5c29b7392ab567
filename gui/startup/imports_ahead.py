"""Imports what the pages beside the table of runs need, once nothing else is to be done.

Why: numpy, the plots and the differences take 0.2 to 0.4 s to import, for which the window would
stand still when such a page is opened for the first time. Why not at the start: most starts want to
see runs. Why with a rest between the modules: loading a library holds Python's lock for some ten
milliseconds, and several in a row would be felt by whoever scrolls meanwhile. On which thread:
see `gui.startup.gentle_imports`.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer

from gui.job_bridge import JobBridge
from gui.startup.gentle_imports import GentleImports, lacking

LANE = "imports ahead"
"""Who wants a module now does not wait behind the rests of this one."""

WAIT_MS = 1_500
"""From the first sight of all runs; who opens a page sooner waits for its import alone."""

REST_SECONDS = 0.02

MOST_RUNS = 50_000
"""What is imported takes 30 MB, for which beside 100,000 runs there is no room within 400 MB: there
they come when a page is opened."""

MODULES = (
    "numpy",
    "gui.views.compare.compare_page",
    "gui.views.plots.plots_page",
    "gui.views.plots.curves_view",
    "gui.views.plots.scatter_view",
    "gui.views.plots.parallel_view",
    "gui.views.compare.diff_view",
    "gui.views.compare.image_grid",
)
"""In the order in which they are likely to be wanted, what others need first."""


class ImportsAhead(QObject):
    """Imports the modules, once a process.

    Args:
        bridge: Runs the job.
        parent: Owner.
        modules: Their names.
    """

    def __init__(
        self, bridge: JobBridge, parent: QObject, modules: Sequence[str] = MODULES
    ) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._modules = tuple(modules)
        self._is_asked = False
        self._timer = QTimer(self, singleShot=True, interval=WAIT_MS)
        self._timer.timeout.connect(self._ask)
        self._imports = GentleImports(bridge, self, LANE, REST_SECONDS)

    def start(self, runs: int) -> None:
        """There is nothing else to do: import in a moment, unless that was done before.

        Args:
            runs: How many there are.
        """
        if runs <= MOST_RUNS and not self._is_asked and lacking(self._modules):
            self._timer.start()

    def close(self) -> None:
        """Import nothing more."""
        self._timer.stop()
        self._imports.stop()
        self._is_asked = True

    def _ask(self) -> None:
        if self._is_asked or self._bridge.is_closed:
            return
        self._is_asked = True
        self._imports.want(self._modules, lambda: None)
