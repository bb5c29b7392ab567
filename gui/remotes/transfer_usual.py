"""What holds for every transfer, kept in the settings: how much it may send, how it is verified."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from gui.dialogs.limit_dialog import LimitDialog
from gui.main_window import MainWindow
from gui.settings_file import SettingsFile


class TransferUsual(QObject):
    """Lets the user choose it.

    Args:
        settings: Keep it.
        window: Its actions.
        parent: Owner.
    """

    def __init__(self, settings: SettingsFile, window: MainWindow, parent: QObject) -> None:
        super().__init__(parent)
        self._settings = settings
        self._window = window
        actions = window.actions_by_id
        actions.on("job.limit", self.ask_limit)
        actions.on_toggled("job.verify", lambda on: settings.change(transfer_verify=on))
        for id_ in ("job.limit", "job.verify"):
            actions.set_enabled(id_, "")
        settings.changed.connect(self._show)
        self._show()

    @property
    def is_verified(self) -> bool:
        """Whether checksums of what was copied are always compared."""
        return self._settings.value.transfer_verify

    def bytes_a_second(self) -> int:
        """The limit; 0 for none. On any thread."""
        return self._settings.value.transfer_limit * 1_000

    @Slot()
    def ask_limit(self) -> None:
        """Ask for the limit."""
        dialog = LimitDialog(self._settings.value.transfer_limit, self._window)
        dialog.chosen.connect(lambda value: self._settings.change(transfer_limit=value))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @Slot()
    def _show(self) -> None:
        """Another window of this program may have changed it."""
        self._window.actions_by_id["job.verify"].setChecked(self.is_verified)
        self._window.jobs_panel.show_limit(self._settings.value.transfer_limit)
