"""What the actions on windows, colours and help do: everything that needs no open home."""

from __future__ import annotations

from functools import partial
from typing import get_args

from PySide6.QtWidgets import QApplication

from core.log_file import LogFile
from core.settings import SchemeChoice
from gui.file_manager import open_path
from gui.main_window import MainWindow
from gui.services import Services
from gui.settings_file import SettingsFile


class WindowActions:
    """Connects one window's actions; the dialogs are made when they are asked for."""

    def __init__(
        self, window: MainWindow, services: Services, settings: SettingsFile, log_file: LogFile
    ) -> None:
        self._window = window
        self._services = services
        self._settings = settings
        self._log_file = log_file
        actions = window.actions_by_id
        actions.on("app.commands", self.show_commands)
        actions.on("app.quit", QApplication.closeAllWindows)
        actions.on("help.shortcuts", self.show_shortcuts)
        actions.on("help.about", self.show_about)
        actions.on("help.log", self.open_log_folder)
        for choice in get_args(SchemeChoice):
            actions.on(f"view.scheme-{choice}", partial(self.use_scheme, choice))
        settings.changed.connect(self._check_scheme)
        self._check_scheme()

    def use_scheme(self, choice: SchemeChoice) -> None:
        """Use these colours from now on, in every window and after the next start."""
        self._settings.change(scheme=choice)

    def show_commands(self) -> None:
        """Open the command palette."""
        from gui.dialogs.command_palette import CommandPalette
        from gui.views.two_column_delegate import TwoColumnDelegate

        delegate = TwoColumnDelegate(self._services.theme)
        palette = CommandPalette(self._window.actions_by_id, delegate, self._window)
        palette.finished.connect(palette.deleteLater)
        palette.show_over(self._window)

    def show_shortcuts(self) -> None:
        """List every shortcut."""
        from gui.dialogs.shortcuts_dialog import ShortcutsDialog

        dialog = ShortcutsDialog(self._window.actions_by_id, self._services.theme, self._window)
        dialog.finished.connect(dialog.deleteLater)
        dialog.show()

    def show_about(self) -> None:
        """Say what this is."""
        from gui.dialogs.about_dialog import AboutDialog

        dialog = AboutDialog(self._window)
        dialog.finished.connect(dialog.deleteLater)
        dialog.show()

    def open_log_folder(self) -> None:
        """Show the log files in the file manager."""
        folder = self._log_file.path.parent
        if not open_path(folder):
            self._window.centre.notices.say("log", f"The log files are in {folder}.", "info")

    def _check_scheme(self) -> None:
        id_ = f"view.scheme-{self._settings.value.scheme}"
        self._window.actions_by_id[id_].setChecked(True)
