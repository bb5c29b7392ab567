"""The runs of a remote in a table of their own: what an archive has, and what is done to hosts."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Slot

from gui.menus import REMOTE_COMPARE_MENU, REMOTE_RUNS_MENU
from gui.remotes.far_changes import FarChanges
from gui.shelf_desk import ShelfDesk
from gui.table_choices import pop_up

_AT_HOME_ONLY = (
    *("run.restore", "run.empty-trash", "run.export", "run.push", "tag.rename", "tag.delete"),
)
_PULL_FIRST = "These runs are on {title}: pull them first."


class RemoteShelfDesk(ShelfDesk):
    """Puts the runs of a remote into a window (see ShelfDesk).

    Attributes:
        changes: Changes its runs; whoever makes the desk says by what.
    """

    changes: FarChanges | None = None
    compare_menu = REMOTE_COMPARE_MENU

    def show(self) -> None:
        """Come to the front."""
        super().show()
        actions = self._window.actions_by_id
        actions.release()
        actions.hold(_AT_HOME_ONLY, _PULL_FIRST.format(title=self.shelf.title))
        if self.changes is not None:
            self.changes.bind()

    def leave(self) -> None:
        """Let the home come back to the front."""
        if self.changes is not None:
            self.changes.unbind()
        super().leave()

    # Inside

    def _state_text(self) -> str:
        if not self.feed.is_settled:
            return f"Listing the runs of {self.shelf.title}…"
        return self.shelf.title if self.feed.last.is_read else f"{self.shelf.title} · offline"

    def _explain_emptiness(self) -> None:
        show, actions = self.tabs.empty.show_state, self._window.actions_by_id
        title, told = self.shelf.title, self.feed.last
        if not self.feed.is_settled:
            show("remote", f"Connecting to {title}…", "Its runs appear in a moment.")
        elif not told.is_read and told.problem:
            buttons = [actions["remote.refresh"], actions["remote.test"], actions["remote.edit"]]
            show("warning", f"{title} cannot be reached", told.problem, buttons)
        elif not self.runs.view.filters.is_empty:
            sentence = f"No run of {title} matches the filter."
            show("search", "Nothing matches", sentence, [actions["view.clear-filter"]])
        else:
            sentence = "Drag runs of this computer onto its place, or push them."
            show("remote", f"No runs on {title}", sentence)

    # Slots

    @Slot(QPoint)
    def _on_context_requested(self, position: QPoint) -> None:
        pop_up(REMOTE_RUNS_MENU, self._window, position)
