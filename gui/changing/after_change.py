"""Which runs are selected after runs went away or came back.

Why the neighbour is chosen before anything is done: afterwards its place in the table is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from PySide6.QtCore import QObject, Slot

from gui.changing.changes import Changer, Report
from gui.changing.commands import Command, DeleteRuns, PurgeRuns, RestoreRuns
from gui.table.run_list import RunList


class AfterChange(QObject):
    """Selects the neighbour of runs that went, and the runs that an undo brought back.

    Args:
        runs: What is shown.
        changer: Changes the runs.
        is_trash: Tells whether what is shown are deleted runs.
        parent: Owner.
    """

    def __init__(
        self, runs: RunList, changer: Changer, is_trash: Callable[[], bool], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._runs = runs
        self._is_trash = is_trash
        self._neighbour: str | None = None
        changer.began.connect(self._on_began)
        changer.ended.connect(self._on_ended)

    @Slot(object)
    def _on_began(self, command: Command) -> None:
        self._runs.expect_ids(())
        self._neighbour = (
            self._neighbour_of(frozenset(command.ids)) if self._goes(command) else None
        )

    @Slot(object)
    def _on_ended(self, report: Report) -> None:
        result = report.result
        if result is None or not result.done:
            return
        if self._goes(report.command):
            self._select_neighbour(frozenset(result.done))
        elif report.kind != "do" and result.news.moved:
            self._runs.expect_ids(there for _, there in result.news.moved)

    def _goes(self, command: Command) -> bool:
        """Whether the command takes runs out of the place that is shown."""
        if isinstance(command, PurgeRuns):
            return command.from_trash == self._is_trash()
        if isinstance(command, DeleteRuns):
            return not self._is_trash()
        return isinstance(command, RestoreRuns) and self._is_trash()

    def _select_neighbour(self, gone: frozenset[str]) -> None:
        """Unless the user selected something else meanwhile, or some runs were refused."""
        if self._neighbour is not None and gone.issuperset(self._runs.selected_ids()):
            self._runs.select_ids([self._neighbour])

    def _neighbour_of(self, going: Collection[str]) -> str | None:
        """The first run below the current one that stays, else the first one above it."""
        order, ids = self._runs.model.order, self._runs.columns.stored("id")
        slot = self._runs.current_slot()
        row = self._runs.model.row_of(slot) if slot is not None else None
        if row is None or ids[order[row]] not in going:
            return None
        rows = (*range(row + 1, len(order)), *range(row - 1, -1, -1))
        return next((ids[order[r]] for r in rows if ids[order[r]] not in going), None)
