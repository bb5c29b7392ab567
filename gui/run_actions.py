"""What the actions on runs do, and when they can be done."""

from __future__ import annotations

import shlex
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from core.errors import Error
from core.runs.store import Store
from gui.action_set import ActionSet
from gui.file_manager import open_path, reveal_path
from gui.job_bridge import JobBridge, Latest
from gui.run_list import RunList
from gui.views.run_table import RunTable

MOST_FOLDERS = 10
"""So many folders are opened at once; nobody wants a hundred windows by mistake."""

_ON_ANY = (
    "run.copy",
    "run.copy-rows",
    "run.copy-id",
    "run.copy-path",
    "run.open-folder",
    "run.reveal",
)


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
        self._bound: list[tuple[str, Callable[[], object]]] = [
            ("run.copy", table.copy_runs),
            ("run.copy-rows", table.copy_rows),
            ("run.copy-id", table.copy_ids),
            ("run.copy-path", table.copy_paths),
            ("run.copy-command", self.copy_command),
            ("run.open-folder", self.open_folders),
            ("run.reveal", self.reveal),
            ("run.show-batch", self.show_batch),
            ("run.show-trials", self.show_trials),
        ]
        for id_, do in self._bound:
            actions[id_].triggered.connect(do)
        self.refresh()

    def unbind(self) -> None:
        """Let go of the actions: the home is closed."""
        for id_, do in self._bound:
            self._actions[id_].triggered.disconnect(do)
            self._actions[id_].setEnabled(False)
        self._bound = []

    def refresh(self) -> None:
        """Enable what can be done with the selected runs."""
        current = self._runs.current_slot()
        for id_ in _ON_ANY:
            self._actions[id_].setEnabled(current is not None)
        self._actions["run.copy-command"].setEnabled(current is not None)
        self._actions["run.show-batch"].setEnabled(bool(self._value("batch")))
        self._actions["run.show-trials"].setEnabled(bool(self._value("is_batch")))

    def copy_command(self) -> None:
        """Put the command line of the current run on the clipboard."""
        ref = self._runs.current_ref()
        if ref is None:
            return
        store = Store(ref.path.parent)
        self._reading.ask(
            f"Read the command of run {ref.id[:8]}",
            lambda _context: store.read(ref.id, None).cmd,
            self._on_command_read,
            self._on_error,
        )

    def open_folders(self) -> None:
        """Open the directories of the selected runs."""
        for ref in self._runs.selected_refs()[:MOST_FOLDERS]:
            if not open_path(ref.path):
                self.failed.emit(f"No program could open {ref.path}.")
                return

    def reveal(self) -> None:
        """Show the current run's directory in the folder around it."""
        ref = self._runs.current_ref()
        if ref is not None and not reveal_path(ref.path):
            self.failed.emit(f"No file manager could show {ref.path}.")

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
