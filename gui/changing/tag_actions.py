"""What can be done to a tag as a whole: rename it, or take it off every run."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Slot

from core.index.columns import RunColumns
from core.runs.change import Change, ChangeTags, RenameTag
from gui.changing.changes import Changer
from gui.changing.commands import Result, Wording
from gui.job_bridge import Latest
from gui.main_window import MainWindow
from gui.models.label_preview_model import one_line
from gui.models.places_model import PlaceKind
from gui.places.navigation import Navigation
from gui.places.place_catalogue import RUNS
from gui.services import Services

_IDS = ("tag.rename", "tag.delete")
_NO_TAG = "Choose a tag in the places first."
_LONGEST = 30  # letters of a tag in a sentence


class TagActions(QObject):
    """Connects the actions on the tag that is marked in the places.

    Args:
        window: Its places and actions.
        columns: Which runs have which tags.
        changer: Changes them.
        navigation: Follows a tag to its new name.
        services: Shared services of the window.
        parent: Owner.
    """

    def __init__(
        self,
        window: MainWindow,
        columns: RunColumns,
        changer: Changer,
        navigation: Navigation,
        services: Services,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._window = window
        self._columns = columns
        self._changer = changer
        self._navigation = navigation
        self._theme = services.theme
        self._question = Latest(services.bridge, "query", self)
        actions = window.actions_by_id
        actions["tag.rename"].triggered.connect(self.rename)
        actions["tag.delete"].triggered.connect(self.delete)
        window.places.subject_changed.connect(self.refresh)
        self.refresh()

    def unbind(self) -> None:
        """Let go of the actions: the home is closed."""
        window, self._question = self._window, self._question
        self._question.drop()
        window.actions_by_id["tag.rename"].triggered.disconnect(self.rename)
        window.actions_by_id["tag.delete"].triggered.disconnect(self.delete)
        window.places.subject_changed.disconnect(self.refresh)
        for id_ in _IDS:
            window.actions_by_id.set_enabled(id_, _NO_TAG)

    @Slot()
    def refresh(self) -> None:
        """Enable what can be done to the marked place."""
        why_not = _NO_TAG if self._current() is None else ""
        for id_ in _IDS:
            self._window.actions_by_id.set_enabled(id_, why_not)

    @Slot()
    def rename(self) -> None:
        """Ask for the new name of the marked tag, and give it to all its runs."""
        tag, columns = self._current(), self._columns
        if tag is None:
            return

        def ask(counts: dict[str, int]) -> None:
            from gui.dialogs.tag_dialog import TagDialog

            dialog = TagDialog(tag, counts, self._theme, self._window)
            dialog.chosen.connect(lambda new, sync: self._rename(tag, new, sync=sync))
            dialog.finished.connect(dialog.deleteLater)
            dialog.open()

        self._question.ask("Count tags", lambda _: columns.tags(), ask)

    @Slot()
    def delete(self) -> None:
        """Take the marked tag off all runs; that can be taken back."""
        tag = self._current()
        if tag is not None:
            change = ChangeTags(add=(), delete=(tag,), clear=False, sync_labels=False)
            name = short(tag)
            wording = Wording(
                f"Delete the tag {name} of",
                f"Deleting the tag {name} of",
                f"Deleted the tag {name} of",
            )
            self._change_all(tag, change, wording)

    # Inside

    def _current(self) -> str | None:
        """The tag that is meant, which may be empty: Guild writes such; None for no tag."""
        place = self._window.places.subject()
        return place.key if place is not None and place.kind is PlaceKind.TAG else None

    def _rename(self, tag: str, new: str, *, sync: bool) -> None:
        name = f"{short(tag)} to {short(new)}"
        wording = Wording(
            f"Rename the tag {name} on",
            f"Renaming the tag {name} on",
            f"Renamed the tag {name} on",
        )

        was_shown = self._navigation.place == (PlaceKind.TAG, tag)

        def follow(result: Result) -> None:
            # The old place may be gone before the job has ended: all runs are shown then.
            is_here = self._navigation.place in ((PlaceKind.TAG, tag), RUNS)
            if result.done and was_shown and is_here:
                self._navigation.show_tag(new)

        self._change_all(tag, RenameTag(tag, new, sync_labels=sync), wording, follow)

    def _change_all(
        self,
        tag: str,
        change: Change,
        wording: Wording,
        on_end: Callable[[Result], object] | None = None,
    ) -> None:
        columns = self._columns
        self._question.ask(
            "Find the runs of a tag",
            lambda _: runs_with(columns, tag),
            lambda ids: self._changer.apply(ids, change, wording, on_end),
        )


def runs_with(columns: RunColumns, tag: str) -> list[str]:
    """Ids of the runs that have a tag, those in the trash left out."""
    tags, ids = columns.values("tags"), columns.stored("id")
    return [ids[slot] for slot in columns.slots() if tag in (tags[slot] or ())]


def short(tag: str) -> str:
    """A tag in a sentence: quoted, cut, on one line, kept apart from the direction around it."""
    return f"“\u2068{one_line(tag[:_LONGEST])}{'…' if len(tag) > _LONGEST else ''}\u2069”"
