"""What the actions on smart lists do: save, edit, delete, put in order."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Slot

from core.saved_lists import SavedList, add_list, change_list, delete_list, move_list
from gui.main_window import MainWindow
from gui.models.places_model import Place, PlaceKind
from gui.settings_file import SettingsFile

_ON_OWN_LIST = ("list.edit", "list.delete", "list.move-up", "list.move-down")


class ListActions(QObject):
    """Changes the lists in the settings; every window hears of it from there.

    Args:
        window: Its filter box gives the text, its places the list.
        settings: Where the lists are kept.
        parent: Owner.
    """

    def __init__(self, window: MainWindow, settings: SettingsFile, parent: QObject) -> None:
        super().__init__(parent)
        self._window = window
        self._settings = settings
        self._text = ""
        actions = window.actions_by_id
        actions.on("list.save", self.save)
        actions.on("list.edit", self.edit)
        actions.on("list.delete", self.delete)
        actions.on("list.move-up", lambda: self.move(-1))
        actions.on("list.move-down", lambda: self.move(1))
        window.places.subject_changed.connect(self.refresh)
        self.refresh()

    def show_text(self, text: str) -> None:
        """The text of the filter box is another one."""
        self._text = text.strip()
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Enable what can be done now."""
        actions = self._window.actions_by_id
        actions["list.save"].setEnabled(bool(self._text))
        for id_ in _ON_OWN_LIST:
            actions[id_].setEnabled(self._current() is not None)

    def save(self) -> None:
        """Ask for a name and keep the filter under it."""
        self._ask("Save as list", "Save", SavedList("", self._text), self._add)

    def edit(self) -> None:
        """Change name or filter of the list that is marked in the places."""
        saved = self._current()
        if saved is None:
            return

        def keep(new: SavedList) -> None:
            lists = change_list(self._settings.value.lists, saved.name, new)
            self._settings.change(lists=lists)
            self._go_to(new)

        self._ask(f"Edit “{saved.name}”", "Save", saved, keep)

    def delete(self) -> None:
        """Delete the marked list; a bar offers to take that back."""
        saved, before = self._current(), self._settings.value.lists
        if saved is None:
            return
        self._settings.change(lists=delete_list(before, saved.name))
        self._window.centre.notices.say(
            "list",
            f"The list “{saved.name}” is deleted. Its runs are not touched.",
            "info",
            "Undo",
            lambda: self._settings.change(lists=before),
        )

    def move(self, by: int) -> None:
        """Move the marked list by so many places."""
        saved = self._current()
        if saved is not None:
            self._settings.change(lists=move_list(self._settings.value.lists, saved.name, by))

    def _add(self, new: SavedList) -> None:
        self._settings.change(lists=add_list(self._settings.value.lists, new))
        self._go_to(new)

    def _go_to(self, saved: SavedList) -> None:
        """Show the runs of a list, and mark it in the places as soon as it is there."""
        name = saved.name.strip()
        place = Place(PlaceKind.OWN_LIST, name, name, filter=saved.filter)
        self._window.places.place_chosen.emit(place)

    def _current(self) -> SavedList | None:
        place = self._window.places.subject()
        if place is None or place.kind is not PlaceKind.OWN_LIST:
            return None
        return next((s for s in self._settings.value.lists if s.name == place.key), None)

    def _ask(
        self, title: str, verb: str, saved: SavedList, keep: Callable[[SavedList], object]
    ) -> None:
        from gui.dialogs.list_dialog import ListDialog  # most starts show none

        dialog = ListDialog(title, verb, saved, keep, self._window)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
