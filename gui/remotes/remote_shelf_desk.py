"""The runs of a remote in a table of their own, and those in its trash.

They have what an archive has, and besides what is done to hosts.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from PySide6.QtCore import QPoint, Slot

from gui.archives.shelf_desk import ShelfDesk
from gui.archives.shelf_feed import Told
from gui.menus import REMOTE_COMPARE_MENU, REMOTE_RUNS_MENU, REMOTE_TRASH_MENU, MenuSpec
from gui.remotes.far_actions import FarActions
from gui.table.table_choices import pop_up

if TYPE_CHECKING:
    from core.check import Check
    from core.index.changes import Changes
    from core.runs.change import FileEdit
    from gui.changing.editing import Editing
    from remote.catalog import CatalogShelf

_AT_HOME_ONLY = (
    *("run.restore", "run.empty-trash", "run.export", "run.push", "tag.rename", "tag.delete"),
)
_NOT_IN_TRASH = (
    *("run.mark", "run.label", "run.edit-label", "run.tag", "run.comment", "run.stop"),
    *("run.delete", "run.export", "run.push", "run.pull", "tag.rename", "tag.delete"),
)
_PULL_FIRST = "These runs are on {title}: pull them first."
_RESTORE_FIRST = "These runs are deleted: restore them first."


class RemoteShelfDesk(ShelfDesk):
    """Puts the runs of a remote into a window (see ShelfDesk).

    Attributes:
        actions: Change its runs; whoever makes the desk says by what.
        editing: Edits its runs; None where they cannot be.
        can: Tells what its host can, in words; empty while that is not known.
    """

    actions: FarActions | None = None
    editing: Editing | None = None
    can: Callable[[], str] = str
    _is_looking = False
    compare_menu = REMOTE_COMPARE_MENU
    menu: ClassVar[MenuSpec] = REMOTE_RUNS_MENU
    held: ClassVar[tuple[str, ...]] = _AT_HOME_ONLY
    why_held: ClassVar[str] = _PULL_FIRST

    def show(self) -> None:
        """Come to the front."""
        super().show()
        actions = self._window.actions_by_id
        actions.release()
        actions.hold(self.held, self.why_held.format(title=self.shelf.title))
        if self.actions is not None:
            self.actions.bind()
        if self.editing is not None:
            self.editing.set_front(on=True)

    def leave(self) -> None:
        """Let the home come back to the front."""
        if self.actions is not None:
            self.actions.unbind()
        if self.editing is not None:
            self.editing.unbind()
        super().leave()

    # What was done there (see gui.remotes.far_tidying.FarTable)

    def take_written(self, edits: Sequence[FileEdit]) -> None:
        """Show what was written into some of the runs."""
        shelf = self._catalog
        self.feed.do_soon(lambda check: shelf.take_written(edits, check))

    def forget(self, ids: Sequence[str]) -> None:
        """Show runs no more that are not there any more."""
        shelf = self._catalog
        self.feed.do_soon(lambda _check: shelf.forget(ids))

    def look_at_running(self) -> None:
        """Show of running runs that they have ended, and runs that came, when the host says so.

        Where the connection over which they were listed is another one by now, all are listed anew.
        """
        if self.feed.is_settled and not self._catalog.is_connected:
            self.look_now()
        elif not self._is_looking:
            self._is_looking = True
            self.feed.do_soon(self._look_at_running)

    def select_ids(self, ids: Sequence[str]) -> object:
        """Select these."""
        return self.runs.select_ids(ids)

    def show_stopping(self, ids: Collection[str]) -> None:
        """Say of runs that they are being stopped."""
        slots = map(self.shelf.columns.slot_of, ids)
        self.runs.model.show_stopping(frozenset(slot for slot in slots if slot is not None))
        if self.actions is not None:
            self.actions.refresh()

    # Inside

    @property
    def _catalog(self) -> CatalogShelf:
        return cast("CatalogShelf", self.shelf)

    def _look_at_running(self, check: Check) -> Iterator[Changes]:
        """On the worker's thread."""
        try:
            yield from self._catalog.look_at_running(check)
        finally:
            self._is_looking = False

    def _state_text(self) -> str:
        if not self.feed.is_settled:
            return f"Listing the runs of {self.shelf.title}…"
        if not self.feed.last.is_read:
            state = "not connected" if self.feed.last.is_declined else "offline"
            return f"{self.shelf.title} · {state}"
        return " · ".join(filter(None, (self.shelf.title, self.can())))

    def _explain_emptiness(self) -> None:
        show, actions = self.tabs.empty.show_state, self._window.actions_by_id
        title, told = self.shelf.title, self.feed.last
        if not self.feed.is_settled:
            show("remote", f"Connecting to {title}…", "Its runs appear in a moment.")
        elif not told.is_read and told.problem:
            buttons = [actions["remote.refresh"], actions["remote.test"], actions["remote.edit"]]
            sign = "remote" if told.is_declined else "warning"
            why = f"{title} cannot be reached" if told.may_pass else f"Not connected to {title}"
            show(sign, why, told.problem, buttons)
        elif not self.runs.view.filters.is_empty:
            sentence = f"No run of {title} matches the filter."
            show("search", "Nothing matches", sentence, [actions["view.clear-filter"]])
        else:
            self._explain_none()

    def _explain_none(self) -> None:
        sentence = "Drag runs of this computer onto its place, or push them."
        self.tabs.empty.show_state("remote", f"No runs on {self.shelf.title}", sentence)

    # Slots

    @Slot(object)
    def _on_told(self, told: Told) -> None:
        """What was copied of the run in the details is compared with it once more."""
        super()._on_told(told)
        if told.is_read and self._is_front:
            self._window.details.refresh()

    @Slot(QPoint)
    def _on_context_requested(self, position: QPoint) -> None:
        pop_up(self.menu, self._window, position)


class RemoteTrashDesk(RemoteShelfDesk):
    """Puts the deleted runs of a remote into a window."""

    menu = REMOTE_TRASH_MENU
    compare_menu = REMOTE_TRASH_MENU
    held = _NOT_IN_TRASH
    why_held = _RESTORE_FIRST

    def _explain_none(self) -> None:
        title = f"The {self.shelf.title[:1].lower()}{self.shelf.title[1:]} is empty"
        self.tabs.empty.show_state("trash", title, "Runs that are deleted there come here.")
