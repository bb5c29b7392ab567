"""Editing labels, tags and comments: from what the user does in the window to a change of runs.

The same for the runs of the home and for those of a remote: whichever are in front.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, SignalInstance, Slot
from PySide6.QtGui import QGuiApplication

from core.jobs import JobContext
from core.runs.change import Change
from core.runs.change_typed import TypeLabel
from core.text import plural
from gui.changing.changes import Changer, Report
from gui.changing.commands import CLEARING, LABELLING, TAGGING, Result, Wording
from gui.changing.tag_counts import TagCounts
from gui.changing.wanted_change import WantedChange
from gui.job_bridge import Latest
from gui.main_window import MainWindow
from gui.models.label_preview_model import Previews
from gui.services import Services
from gui.views.details.comments_tab import CommentsTab
from gui.views.table.label_editor import TypedLabel
from gui.views.table.run_table import RunTable

_IDS = ("run.label", "run.edit-label", "run.tag", "run.comment")
_DELETED = "Deleted runs cannot be changed: restore them first."
_NO_RUN = "Select a run first."

Tell = Callable[[str], bool]
"""Hears why something was not written, or an empty text; returns whether the user sees it."""


class Editing(QObject):
    """Connects the actions that edit runs, and what is edited in place, with one table.

    It is not in front at first: see `set_front`.

    Args:
        window: Its actions and details.
        table: The runs.
        changer: Changes them.
        previews: Makes what works out labels before they are changed.
        services: Shared services of the window.
        parent: Owner.
        place: Where the runs are, where that is not the open home.
    """

    def __init__(
        self,
        window: MainWindow,
        table: RunTable,
        changer: Changer,
        previews: Callable[[], Previews],
        services: Services,
        parent: QObject,
        *,
        place: str = "",
    ) -> None:
        super().__init__(parent)
        self._window = window
        self._previews = previews
        self._place = place
        self._table = table
        self._runs = table.run_list
        self._changer = changer
        self._services = services
        self._question = Latest(services.bridge, "query", self)
        self._open: dict[int, tuple[Change, Tell]] = {}
        self._is_front = False
        actions, details = window.actions_by_id, window.details
        self._bound: list[tuple[SignalInstance, Callable[..., object]]] = [
            (actions["run.label"].triggered, self.label),
            (actions["run.edit-label"].triggered, self.edit_label),
            (actions["run.tag"].triggered, self.tag),
            (actions["run.comment"].triggered, self.comment),
            (details.change_wanted, self._on_change_wanted),
            (details.label_typed, self._on_label_typed),
        ]
        editor = table.label_editor
        editor.label_typed.connect(self._on_label_typed)
        editor.dialog_wanted.connect(self.label)
        editor.text_left_over.connect(self._on_text_left_over)
        self._runs.selection_changed.connect(self.refresh)
        self._runs.arranged.connect(self.refresh)
        changer.ended.connect(self._on_ended)

    def unbind(self) -> None:
        """Let go of the window: the runs are not looked at any more."""
        self._question.drop()
        self._table.label_editor.close()
        self.set_front(on=False)

    @Slot()
    def refresh(self) -> None:
        """Enable what can be done with the selected runs."""
        if not self._is_front:
            return
        count = self._runs.selection.count()
        why_not = _DELETED if self._runs.view.deleted else "" if count else _NO_RUN
        for id_ in _IDS:
            self._window.actions_by_id.set_enabled(id_, why_not)
        self._window.details.show_selected(max(1, count), self._runs.selected_ids)

    def set_front(self, *, on: bool) -> None:
        """Whether details and actions are about runs of this home."""
        if on == self._is_front:
            return
        self._is_front = on
        for signal, do in self._bound:
            if on:
                signal.connect(do)
            else:
                signal.disconnect(do)
        for id_ in _IDS if not on else ():
            self._window.actions_by_id.set_enabled(id_, _NO_RUN)
        self.refresh()

    # Actions

    @Slot()
    def label(self) -> None:
        """Ask what to do to the labels of the selected runs."""
        slots = tuple(self._runs.selected_slots())
        if not slots or self._runs.view.deleted:
            return
        ids = tuple(self._runs.selected_ids())
        from gui.dialogs.label_dialog import LabelDialog, Labelled

        labelled = Labelled(ids, self._runs.columns, slots, self._previews(), self._place)
        dialog = LabelDialog(labelled, self._services, self._window)
        dialog.chosen.connect(partial(self._changer.apply, ids))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @Slot()
    def edit_label(self) -> None:
        """Edit the label of the one selected run in its cell, of several in the dialog.

        Beside another page than the runs there is no cell to be seen.
        """
        if self._runs.selection.count() > 1 or not self._table.isVisible():
            self.label()
        else:
            self._table.edit_label()

    @Slot()
    def tag(self) -> None:
        """Ask which tags the selected runs are to have."""
        columns, slots = self._runs.columns, tuple(self._runs.selected_slots())
        if not slots or self._runs.view.deleted:
            return
        ids = tuple(self._runs.selected_ids())

        def work(context: JobContext) -> TagCounts:
            tags = [columns.value("tags", slot) or () for slot in slots]
            context.check()
            return TagCounts.of(tags, columns.tags())

        self._question.ask("List tags", work, partial(self._ask_tags, ids))

    @Slot()
    def comment(self) -> None:
        """Go to where a comment is written."""
        self._window.actions_by_id["view.toggle-details"].setChecked(True)
        self._window.details.show_tab("comments")
        tab = self._window.details.tab("comments")
        if isinstance(tab, CommentsTab):
            tab.write_comment()

    # Inside

    def _ask_tags(self, ids: tuple[str, ...], counts: TagCounts) -> None:
        title = f"run {ids[0][:8]}" if len(ids) == 1 else plural(len(ids), "run")
        title += f" on {self._place}" if self._place else ""
        from gui.dialogs.tag_editor import TagEditor

        editor = TagEditor(counts, title, self._services, self._window)
        editor.chosen.connect(lambda change: self._changer.apply(ids, change, TAGGING))
        editor.finished.connect(editor.deleteLater)
        editor.open()

    def _apply(self, ids: Sequence[str], change: Change, wording: Wording, tell: Tell) -> None:
        self._open[id(change)] = (change, tell)
        self._changer.apply(ids, change, wording, partial(self._on_result, change))

    def _on_result(self, change: Change, result: Result) -> bool:
        """Tell whoever asked; True where a bar need not say it once more."""
        _, tell = self._open.pop(id(change))
        sentence = refusal_sentence(result)
        return tell(sentence) and bool(sentence) and not result.done

    # Slots

    @Slot(object)
    def _on_ended(self, report: Report) -> None:
        """A change that failed as a whole gives no result."""
        if report.result is None and report.command.kind == "change":
            found = self._open.pop(id(getattr(report.command, "change", None)), None)
            if found is not None:
                found[1](str(report.error or "It was stopped before it was written."))

    @Slot(object)
    def _on_change_wanted(self, wanted: WantedChange) -> None:
        self._apply(wanted.ids, wanted.change, wanted.wording, wanted.tell)

    @Slot(object)
    def _on_label_typed(self, typed: TypedLabel) -> None:
        change = TypeLabel(typed.text, typed.expected)

        def tell(sentence: str) -> bool:
            if not typed.tell(sentence) and sentence:
                self._on_text_left_over(sentence, typed.text)
            return True

        self._apply((typed.run.id,), change, LABELLING if typed.text else CLEARING, tell)

    @Slot(str, str)
    def _on_text_left_over(self, sentence: str, text: str) -> None:
        clipboard = QGuiApplication.clipboard()
        self._window.centre.notices.say(
            "label", sentence, "warning", "Copy What You Typed", lambda: clipboard.setText(text)
        )


def refusal_sentence(result: Result) -> str:
    """Why not all runs were changed, in one sentence; empty when all were."""
    if len(result.refused) == 1 and not result.done:
        clause = result.refused[0].reason.partition(": ")[2] or result.refused[0].reason
        return f"{clause[0].upper()}{clause[1:]}"  # which run it is, is seen
    if result.refused:
        return f"{plural(len(result.refused), 'run')} were not changed: {result.refused[0].reason}"
    return "It was stopped before all runs were changed." if result.cancelled else ""
