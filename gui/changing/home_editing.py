"""Editing the runs of the open home, and their tags as a whole."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Slot

from core.home import Home
from core.runs.label_preview import LabelPreviews
from core.runs.store import Store
from gui.changing.changes import Changer
from gui.changing.editing import Editing
from gui.changing.tag_actions import TagActions
from gui.main_window import MainWindow
from gui.places.navigation import Navigation
from gui.services import Services
from gui.views.table.run_table import RunTable


class HomeEditing(Editing):
    """Edits runs where the home is (see Editing); it is in front from the start.

    Args:
        home: Where the runs are.
        window: Its actions and details.
        table: The runs.
        changer: Changes them.
        navigation: Shows the runs of a tag.
        services: Shared services of the window.
        parent: Owner.
    """

    def __init__(
        self,
        home: Home,
        window: MainWindow,
        table: RunTable,
        changer: Changer,
        navigation: Navigation,
        services: Services,
        parent: QObject,
    ) -> None:
        previews = partial(LabelPreviews, Store(home.runs_dir))
        super().__init__(window, table, changer, previews, services, parent)
        self._tags = TagActions(window, self._runs.columns, changer, navigation, services, self)
        window.details.action_requested.connect(self._on_action_requested)
        table.tag_clicked.connect(navigation.show_tag)
        self.set_front(on=True)

    def unbind(self) -> None:
        """Let go of the window: the home is closed."""
        super().unbind()
        self._tags.unbind()
        self._window.details.action_requested.disconnect(self._on_action_requested)

    @Slot(str)
    def _on_action_requested(self, id_: str) -> None:
        action = self._window.actions_by_id[id_]
        if action.isEnabled():
            action.trigger()
