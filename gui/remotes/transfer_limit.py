"""How much transfers may send a second: asked in a small dialog, kept in the settings."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from gui.dialogs.limit_dialog import LimitDialog
from gui.main_window import MainWindow
from gui.settings_file import SettingsFile


class TransferLimit(QObject):
    """Lets the user choose the limit.

    Args:
        settings: Keep it.
        window: Its action.
        parent: Owner.
    """

    def __init__(self, settings: SettingsFile, window: MainWindow, parent: QObject) -> None:
        super().__init__(parent)
        self._settings = settings
        self._window = window
        window.actions_by_id.on("job.limit", self.ask)
        window.actions_by_id.set_enabled("job.limit", "")

    @property
    def kilobytes(self) -> int:
        """The limit; 0 for none."""
        return self._settings.value.transfer_limit

    @Slot()
    def ask(self) -> None:
        """Ask for it."""
        dialog = LimitDialog(self.kilobytes, self._window)
        dialog.chosen.connect(lambda value: self._settings.change(transfer_limit=value))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
