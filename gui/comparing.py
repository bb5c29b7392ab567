"""Connects the actions that compare runs with the pages beside the table of runs."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from gui.chosen_runs import LEAST, ChosenRuns
from gui.main_window import MainWindow
from gui.run_list import RunList
from gui.views.centre_tabs import RUNS

_TOO_FEW = "Two runs or more are needed to compare."


class Comparing(QObject):
    """Shows the pages about the chosen runs.

    Args:
        window: Its actions and its tabs.
        chosen: The runs that are compared.
        runs: The table of runs.
        parent: Owner.
    """

    def __init__(
        self, window: MainWindow, chosen: ChosenRuns, runs: RunList, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._actions = window.actions_by_id
        self._tabs = window.centre.tabs
        self._window = window
        self._chosen = chosen
        self._runs = runs
        self._bound = (("view.runs", self.show_runs), ("compare.open", self.compare))
        for id_, do in self._bound:
            self._actions[id_].triggered.connect(do)
        runs.arranged.connect(self.refresh)
        self.refresh()

    def unbind(self) -> None:
        """Let go of the actions: the home is closed."""
        for id_, do in self._bound:
            self._actions[id_].triggered.disconnect(do)
        self._actions.set_enabled("compare.open", "No home is open.")

    @Slot()
    def refresh(self) -> None:
        """Enable what can be done with the runs that are shown."""
        is_enough = len(self._runs.model.order) >= LEAST
        self._actions.set_enabled("compare.open", "" if is_enough else _TOO_FEW)

    @Slot()
    def show_runs(self) -> None:
        """Look at the table of runs."""
        self._tabs.show_page(RUNS)
        self._window.focus_runs()

    @Slot()
    def compare(self) -> None:
        """Compare the selected runs, or all that are shown."""
        self._chosen.take_selection()
        self._tabs.show_page("compare")
        self._window.focus_runs()
