"""The menu of a place, and F2 on it: what can be done with it, and nothing that cannot be done now.

The right button goes nowhere, so actions on a tag or a list must be told which one is meant. What
is done to the trash or to a remote is done to what is shown: those are gone to first.

Why one module for all kinds: each kind has some actions of the window and some things that
concern this place alone, and two listeners would open two menus.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu

from gui.action_set import fill_menu
from gui.file_manager import reveal_path
from gui.main_window import MainWindow
from gui.menus import (
    HOME_PLACE_MENU,
    LIST_MENU,
    REMOTE_MENU,
    REMOTE_TRASH_PLACE_MENU,
    TAG_MENU,
    TRASH_PLACE_MENU,
    MenuSpec,
)
from gui.models.places_model import Place, PlaceKind
from gui.startup.home_opener import HomeOpener
from gui.views.sidebar.place_drops import PlaceDrop

_SPECS: dict[PlaceKind, MenuSpec] = {
    PlaceKind.RUNS: HOME_PLACE_MENU,
    PlaceKind.TRASH: TRASH_PLACE_MENU,
    PlaceKind.OWN_LIST: LIST_MENU,
    PlaceKind.TAG: TAG_MENU,
    PlaceKind.REMOTE: REMOTE_MENU,
    PlaceKind.REMOTE_TRASH: REMOTE_TRASH_PLACE_MENU,
}
_ABOUT_WHAT_IS_SHOWN = (PlaceKind.TRASH, PlaceKind.REMOTE, PlaceKind.REMOTE_TRASH)
"""What the menus of these offer is done to the runs that are shown: they are shown first."""

_NAMED_BY = {PlaceKind.OWN_LIST: "list.edit", PlaceKind.TAG: "tag.rename"}


class PlaceMenu(QObject):
    """Opens the menu of the place that was clicked with the right button, or by the Menu key.

    Args:
        window: Its places and actions.
        opener: Opens other homes.
        forget: Drops a home from the recent ones.
        parent: Owner.

    Signals:
        archive_action: What is to be done with an archive ("show", "import" or "close"; its path).
    """

    archive_action = Signal(str, object)

    def __init__(
        self,
        window: MainWindow,
        opener: HomeOpener,
        forget: Callable[[Path], object],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._window = window
        self._opener = opener
        self._forget = forget
        window.places.menu_requested.connect(self._on_menu_requested)
        window.places.name_requested.connect(self._on_name_requested)

    def make(self, place: Place) -> QMenu:
        """The menu of a place."""
        menu = QMenu(self._window)
        menu.setObjectName("placeMenu")
        menu.setAccessibleName(place.title)
        if place.kind is PlaceKind.HOME:
            self._add_home(menu, Path(place.key))
        elif place.kind is PlaceKind.ARCHIVE:
            self._add_archive(menu, Path(place.key))
        elif place.kind is PlaceKind.BATCH:
            self._add_batch(menu, place.key)
        elif place.filter:
            menu.addAction("Copy &Filter", lambda: _copy(place.filter or ""))
        if place.kind in _SPECS:
            if not menu.isEmpty():
                menu.addSeparator()
            fill_menu(menu, _SPECS[place.kind], self._window.actions_by_id)
        return menu

    def _add_home(self, menu: QMenu, home: Path) -> None:
        self._add(menu, "home.open", "&Open Here", lambda: self._opener.open_folders([home]))
        beside = "Open in &New Window"
        self._add(menu, "home.open-window", beside, lambda: self._opener.open_beside(home))
        menu.addSeparator()
        self._add(menu, "run.copy", "Copy &Path", lambda: _copy(str(home)))
        menu.addAction("&Remove from Recent Homes", lambda: self._forget(home))

    def _add(self, menu: QMenu, like: str, text: str, do: Callable[[], object]) -> None:
        """Add an entry with the icon of the action that does the same elsewhere."""
        action = menu.addAction(self._window.actions_by_id.icon(like), text)
        action.triggered.connect(lambda _checked=False: do())

    def _add_archive(self, menu: QMenu, archive: Path) -> None:
        def act(what: str) -> Callable[[], None]:
            return lambda: self.archive_action.emit(what, archive)

        self._add(menu, "archive.open", "&Show Its Runs", act("show"))
        self._add(menu, "archive.import", "&Import…", act("import"))
        menu.addSeparator()
        self._add(menu, "run.reveal", "&Reveal in File Manager", lambda: reveal_path(archive))
        self._add(menu, "run.copy", "Copy &Path", lambda: _copy(str(archive)))
        menu.addSeparator()
        self._add(menu, "archive.close", "&Close Archive", act("close"))

    def make_drop_menu(self, drop: PlaceDrop) -> QMenu:
        """What can become of files that were dropped."""
        menu = QMenu(self._window)
        menu.setObjectName("dropMenu")
        menu.setAccessibleName("What was dropped")

        def open_all() -> None:
            for path in drop.paths:
                self.archive_action.emit("show", path)

        menu.addAction("&Open as Archive", open_all)
        menu.addAction("&Import…", lambda: self._window.folders_dropped.emit(list(drop.paths)))
        menu.addSeparator()
        menu.addAction("Cancel")
        return menu

    def _add_batch(self, menu: QMenu, batch_id: str) -> None:
        menu.addAction(
            "Select the &Batch", lambda: self._window.details.run_requested.emit(batch_id)
        )
        menu.addAction("Copy &Id", lambda: _copy(batch_id))

    @Slot(object, QPoint)
    def _on_menu_requested(self, place: Place, position: QPoint) -> None:
        places = self._window.places
        if place.kind in _ABOUT_WHAT_IS_SHOWN:
            places.choose(place)
        else:
            places.ask_about(place)

        def forget() -> None:
            if places.subject() is place:  # else the menu of another one is open by now
                places.ask_about(None)

        menu = self.make(place)
        menu.aboutToHide.connect(menu.deleteLater)
        # In the next turn: a menu hides before it triggers what was chosen in it.
        menu.aboutToHide.connect(lambda: QTimer.singleShot(0, places, forget))
        if menu.isEmpty():
            forget()
        else:
            menu.popup(position)

    @Slot(object)
    def _on_name_requested(self, place: Place) -> None:
        if id_ := _NAMED_BY.get(place.kind):
            self._window.actions_by_id[id_].trigger()


def _copy(text: str) -> None:
    QGuiApplication.clipboard().setText(text)
