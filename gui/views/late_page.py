"""What stands in the place of a page while its modules are imported.

Why imported in parts (`gui.startup.gentle_imports`): numpy and the plots take 0.1 to 0.2 s, for
which the window would stand still where a page is opened before they were imported ahead
(`gui.startup.imports_ahead`). Why nothing is said at first: most pages are there before anybody
could read it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from gui.job_bridge import JobBridge
from gui.naming import in_role, named
from gui.startup.gentle_imports import GentleImports
from gui.tool_tip import plain

PATIENCE_MS = 400


class LatePage(QWidget):
    """Empty at first; after a moment it says what is waited for.

    Args:
        bridge: Imports.
        parent: Owner.
    """

    def __init__(self, bridge: JobBridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("latePage")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # the keyboard waits here for the page
        self._imports = GentleImports(bridge, self)
        self.sentence = in_role(named(plain(QLabel()), "lateSentence"), "muted")
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout = QVBoxLayout(self)
        layout.addWidget(self.sentence)
        self._saying = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._saying.timeout.connect(self.sentence.show)

    def wait_for(self, title: str, modules: Sequence[str], then: Callable[[], None]) -> None:
        """Import modules in place of those that were waited for before.

        Args:
            title: Of the page.
            modules: Their names.
            then: Called when they are there, unless others are waited for by then, or nothing.
        """
        self.setAccessibleName(title)
        self.sentence.setText(f"Opening {title}…")
        self.sentence.hide()
        self._saying.start()
        self._imports.want(modules, then)

    def stop(self) -> None:
        """Wait for nothing more."""
        self._saying.stop()
        self._imports.stop()
