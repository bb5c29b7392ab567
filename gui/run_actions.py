"""What the actions on runs do, and when they can be done."""

from __future__ import annotations

import shlex
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from core.errors import Error
from gui.action_set import ActionSet
from gui.bound_actions import BoundActions
from gui.file_manager import open_path, reveal_path
from gui.job_bridge import JobBridge, Latest
from gui.table.run_list import RunList
from gui.views.table.run_table import RunTable

MOST_FOLDERS = 10
"""So many folders are opened at once; nobody wants a hundred windows by mistake."""

_ON_ANY = (
    "run.copy",
    "run.copy-rows",
    "run.copy-id",
    "run.copy-path",
    "run.copy-command",
    "run.reveal",
)
_NO_RUN = "Select a run first."
_NO_TRIAL = "The run is no trial of a batch that is known."
_NO_BATCH = "The run is no batch."
_PACKED = "The run is packed in an archive: import it to open its folder."


class RunActions(QObject):
    """Connects the actions of one window with the selected runs of one table.

    Args:
        actions: Those of the window.
        table: Whose runs.
        bridge: Runs what reads a disk.
        parent: Owner; its end disconnects the actions.

    Signals:
        run_wanted: Show this run (its id).
        trials_wanted: Show only the trials of this batch (its id).
        failed: Something could not be done (one sentence).
    """

    run_wanted = Signal(str)
    trials_wanted = Signal(str)
    failed = Signal(str)

    def __init__(
        self, actions: ActionSet, table: RunTable, bridge: JobBridge, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._actions = actions
        self._table = table
        self._runs: RunList = table.run_list
        self._reading = Latest(bridge, "details", self)
        self._runs.selection_changed.connect(self.refresh)
        self._runs.current_changed.connect(self.refresh)
        does: dict[str, Callable[[], object]] = {
            "run.copy": table.copy_runs,
            "run.copy-rows": table.copy_rows,
            "run.copy-id": table.copy_ids,
            "run.copy-path": table.copy_paths,
            "run.copy-command": self.copy_command,
            "run.open-folder": self.open_folders,
            "run.reveal": self.reveal,
            "run.show-batch": self.show_batch,
            "run.show-trials": self.show_trials,
        }
        self._bound = BoundActions(actions, does)
        self.bind()

    def bind(self) -> None:
        """Take the actions: what they do concerns this table from now on."""
        self._bound.bind()
        self.refresh()

    def unbind(self) -> None:
        """Let go of the actions: the table is not shown any more."""
        self._bound.unbind(_NO_RUN)

    def refresh(self) -> None:
        """Enable what can be done with the selected runs."""
        if not self._bound.is_bound:
            return
        enable, current = self._actions.set_enabled, self._runs.current_ref()
        nothing = "" if current is not None else _NO_RUN
        for id_ in _ON_ANY:
            enable(id_, nothing)
        packed = "" if current is None or current.is_on_disk else _PACKED
        enable("run.open-folder", nothing or packed)
        enable("run.show-batch", nothing or ("" if self._value("batch") else _NO_TRIAL))
        enable("run.show-trials", nothing or ("" if self._value("is_batch") else _NO_BATCH))

    def copy_command(self) -> None:
        """Put the command line of the current run on the clipboard."""
        ref = self._runs.current_ref()
        if ref is None:
            return
        contents = ref.contents
        self._reading.ask(
            f"Read the command of run {ref.id[:8]}",
            lambda context: contents.run(context.check).cmd,
            self._on_command_read,
            self._on_error,
        )

    def open_folders(self) -> None:
        """Open the directories of the selected runs."""
        refs = [ref for ref in self._runs.selected_refs() if ref.is_on_disk]
        for ref in refs[:MOST_FOLDERS]:
            if not open_path(ref.path):
                self.failed.emit(f"No program could open {ref.path}.")
                return

    def reveal(self) -> None:
        """Show the current run's directory, or its archive, in the folder around it."""
        ref = self._runs.current_ref()
        if ref is None:
            return
        path = ref.path if ref.is_on_disk or ref.shelf is None else ref.shelf.file
        if path is not None and not reveal_path(path):
            self.failed.emit(f"No file manager could show {path}.")

    def show_batch(self) -> None:
        """Go to the batch of the current trial."""
        if batch := self._value("batch"):
            self.run_wanted.emit(batch)

    def show_trials(self) -> None:
        """Show only the trials of the current batch."""
        if self._value("is_batch"):
            self.trials_wanted.emit(self._value("id"))

    def _value(self, key: str) -> str:
        slot = self._runs.current_slot()
        return "" if slot is None else self._runs.columns.value(key, slot) or ""

    def _on_command_read(self, cmd: tuple[str, ...]) -> None:
        if cmd:
            QGuiApplication.clipboard().setText(shlex.join(cmd))
        else:
            self.failed.emit("This run has no command: it was never started.")

    def _on_error(self, error: Error) -> None:
        self.failed.emit(str(error))
