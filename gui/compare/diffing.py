"""Connects the actions about differences with the pages Diff and Images."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Slot

from gui.action_set import ActionSet
from gui.bound_actions import BoundActions
from gui.compare.chosen_runs import LEAST, ChosenRuns
from gui.views.centre_tabs import CentreTabs

if TYPE_CHECKING:  # the page is made late: the window shows its runs sooner
    from gui.views.compare.diff_view import DiffView
    from gui.views.compare.image_grid import ImageGrid

DIFF, IMAGES = "diff", "images"
_TOO_FEW = "Two runs or more are needed to compare."
_NO_PAGE = "This is about two runs side by side: look at the tab Diff first."
_ON_PAGE = (
    *("diff.next", "diff.previous", "diff.swap"),
    "diff.open-program",
)


class Diffing(QObject):
    """Shows the pages, and lets the actions work on them.

    Args:
        actions: Those of the window.
        tabs: Has the pages.
        chosen: The runs that the pages are about.
        parent: Owner.
    """

    def __init__(
        self, actions: ActionSet, tabs: CentreTabs, chosen: ChosenRuns, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._actions = actions
        self._tabs = tabs
        self._chosen = chosen
        self._bound = BoundActions(
            self._actions,
            {
                "view.diff": self.show_diff,
                "view.images": self.show_images,
                "diff.next": self._next,
                "diff.previous": self._previous,
                "diff.swap": self._swap,
                "diff.open-program": self._open_program,
            },
        )
        self._tabs.page_changed.connect(self.refresh)
        chosen.changed.connect(self.refresh)

    def bind(self) -> None:
        """Take the actions."""
        self._bound.bind()
        self.refresh()

    def unbind(self, why_not: str) -> None:
        """Let go of the actions: they can do nothing, for this reason."""
        self._bound.unbind(why_not)

    @Slot()
    def refresh(self) -> None:
        """Enable what can be done with the runs that are chosen."""
        if not self._bound.is_bound:
            return
        count = len(self._chosen.slots())
        self._actions.set_enabled("view.diff", "" if count >= LEAST else _TOO_FEW)
        self._actions.set_enabled("view.images", "" if count else "There are no runs.")
        is_seen = self._tabs.page_name() == DIFF
        why_not = _NO_PAGE if not is_seen else "" if count >= LEAST else _TOO_FEW
        for id_ in _ON_PAGE:
            self._actions.set_enabled(id_, why_not)

    # What the actions do

    @Slot()
    def show_diff(self) -> None:
        """Look at what differs between the selected runs."""
        self._show(DIFF)

    @Slot()
    def show_images(self) -> None:
        """Look at the pictures of the selected runs."""
        self._show(IMAGES)

    def _show(self, name: str) -> None:
        self._chosen.take_selection()
        self._tabs.show_page(name, lambda page: cast("DiffView | ImageGrid", page).list.setFocus())

    @Slot()
    def _next(self) -> None:
        if page := self._page():
            page.go_to_difference(1)

    @Slot()
    def _previous(self) -> None:
        if page := self._page():
            page.go_to_difference(-1)

    @Slot()
    def _swap(self) -> None:
        if page := self._page():
            page.swap()

    @Slot()
    def _open_program(self) -> None:
        if page := self._page():
            page.open_program()

    def _page(self) -> DiffView | None:
        """The page Diff, while it is looked at."""
        if self._tabs.page_name() != DIFF:
            return None
        return cast("DiffView | None", self._tabs.current())
