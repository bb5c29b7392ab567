"""The settings in force: one object an application, changed by handing out a new value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal

from core.settings import FILE_NAME, Settings, load_settings, save_settings
from gui.job_bridge import JobBridge, Latest

LANE = "settings"


class SettingsFile(QObject):
    """Loads once at start; each change is in force at once and written by a job.

    Args:
        config_dir: Directory of the file.
        bridge: Runs the writing.
        parent: Owner.

    Attributes:
        value: The settings in force.
        problems: Sentences about the file, to show once.

    Signals:
        changed: `value` is another one.
        failed: The file could not be written (a core.errors.Error); the change is kept in memory.
    """

    changed = Signal()
    failed = Signal(object)

    def __init__(self, config_dir: Path, bridge: JobBridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.path = config_dir / FILE_NAME
        loaded = load_settings(self.path)
        self.value: Settings = loaded.settings
        self.problems = loaded.problems
        self._saving = Latest(bridge, LANE, self)

    def change(self, **values: Any) -> None:
        """Replace fields of the settings by name."""
        wanted = replace(self.value, **values)
        if wanted == self.value:
            return
        self.value = wanted
        path = self.path
        self._saving.ask(
            "Save the settings",
            lambda _context: save_settings(path, wanted),
            lambda _none: None,
            self.failed.emit,
        )
        self.changed.emit()

    def flush(self) -> None:
        """Write at once what is still waiting: the application ends.

        Raises:
            SettingsError: The file cannot be written.
        """
        if self._saving.is_waiting:
            self._saving.drop()
            save_settings(self.path, self.value)
