"""Asks before runs are moved to the trash, out of it, or erased: here and on remotes alike.

Why nothing is asked before a run goes to the trash: it can be taken back. What cannot be taken
back is asked, and so is whether the trials of a batch go along, since nobody selected those.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace
from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from core.text import plural
from gui.changing.changes import Changer
from gui.changing.commands import ChangeableRuns, Command, DeleteRuns, PurgeRuns, RestoreRuns
from gui.changing.run_names import run_name
from gui.changing.running_words import running_at, stay_sentence
from gui.dialogs.runs_question import COUNTING, MOST_NAMES, Question, RunsQuestion
from gui.table.run_list import RunList
from gui.theme import Theme

Ids = tuple[str, ...]
Make = Callable[[Ids, Ids], Command]
"""What is done to runs: all of them, and those of them that only go along."""


class Along(Struct, frozen=True):
    """Trials and steps that belong to some runs and to no others.

    Attributes:
        ids: Which; none where there are none.
        words: How many of what: "3 trials".
    """

    ids: Ids = ()
    words: str = ""


class Surroundings(Protocol):
    """What is known of the runs beside what the table shows."""

    def find_along(self, ids: Ids, then: Callable[[Along], None], *, from_trash: bool) -> None:
        """Find what could go along with runs; an earlier question is not answered any more."""

    def count_size(self, ids: Ids, tell: Callable[[str], None], *, from_trash: bool) -> None:
        """Tell the size of runs as a text, as far as it is known, until it is whole."""

    def stop_counting(self) -> None:
        """Nobody wants to know it any more."""


class PlaceFacts(Struct, frozen=True):
    """What distinguishes the places of runs.

    Attributes:
        on: Behind a number of runs: " on gpu1"; empty for this computer.
        files: What is erased there.
        running_as: What the "remote" of a run says that is running there: "gpu1"; empty here.
        has_both: Whether the table has the runs in the trash too, as deleted ones.
    """

    on: str = ""
    files: str = "The files"
    running_as: str = ""
    has_both: bool = True


AT_HOME = PlaceFacts()


def words_along(count: int, parents_are_batches: set[bool]) -> str:
    """How many trials, or steps, or both.

    Args:
        count: How many.
        parents_are_batches: Whether the runs that link to them are batches.
    """
    if len(parents_are_batches) == 2:
        return plural(count, "trial or step", "trials and steps")
    return plural(count, "trial" if True in parents_are_batches else "step")


def verb_to_trash(count: int) -> str:
    """On the button that moves so many runs to the trash."""
    return f"Move {plural(count, 'Run')} to Trash"


def verb_for_good(count: int) -> str:
    """On the button that erases so many runs."""
    return f"Delete {plural(count, 'Run')} Permanently"


class RemovalQuestions(QObject):
    """Asks where it must be asked, and then lets runs be moved or erased.

    Args:
        runs: As they are shown.
        changer: Moves and erases them.
        place: Where they are, for the commands.
        around: What else is known of them.
        theme: Signs of the questions.
        window: What they are over.
        parent: Owner.
        facts: What distinguishes their place.
    """

    def __init__(
        self,
        runs: RunList,
        changer: Changer,
        place: ChangeableRuns,
        around: Surroundings,
        theme: Theme,
        window: QWidget,
        parent: QObject,
        facts: PlaceFacts = AT_HOME,
    ) -> None:
        super().__init__(parent)
        self._runs = runs
        self._changer = changer
        self._place = place
        self._around = around
        self._theme = theme
        self._window = window
        self._facts = facts
        self._open: RunsQuestion | None = None

    def close(self) -> None:
        """Ask nothing more."""
        self._around.stop_counting()
        if self._open is not None:
            self._open.reject()

    def selected(self) -> Ids:
        """The selected runs but those that are going already: keys may come faster than disks.

        What is labelled meanwhile is not left out: it goes as soon as that is done.
        """
        going = self._changer.going_ids
        return tuple(run_id for run_id in self._runs.selected_ids() if run_id not in going)

    def delete(self, ids: Ids) -> None:
        """Move runs to the trash."""
        self._around.find_along(ids, partial(self._ask_delete, ids), from_trash=False)

    def restore(self, ids: Ids) -> None:
        """Move runs back from the trash."""
        self._around.find_along(ids, partial(self._ask_restore, ids), from_trash=True)

    def purge(self, ids: Ids, *, from_trash: bool) -> None:
        """Erase runs for ever."""
        then = partial(self._ask_purge, ids, from_trash=from_trash)
        self._around.find_along(ids, then, from_trash=from_trash)

    def empty_trash(self) -> None:
        """Erase every run in the trash for ever."""
        columns = self._runs.columns
        ids = columns.stored("id")
        slots = columns.newest_first(deleted=self._facts.has_both)
        self._ask_purge(tuple(ids[slot] for slot in slots), Along(), from_trash=True)

    def ask(self, question: Question, go: Callable[[bool], object]) -> RunsQuestion:
        """Open a question in place of the one before; `go` hears whether others go along."""
        if self._open is not None:
            self._open.reject()
        dialog = RunsQuestion(question, self._theme, self._window)
        dialog.agreed.connect(go)
        dialog.finished.connect(self._on_answered)
        self._open = dialog
        dialog.open()
        return dialog

    def names(self, ids: Sequence[str], *, from_trash: bool = False) -> list[str]:
        """The first of these runs as people know them."""
        columns, deleted = self._runs.columns, from_trash and self._facts.has_both
        slots = [columns.slot_of(run_id, deleted) for run_id in ids[:MOST_NAMES]]
        return [run_name(columns, slot) for slot in slots if slot is not None]

    # Inside

    def _ask_delete(self, ids: Ids, along: Along) -> None:
        if not along.ids:
            self._changer.do(DeleteRuns(self._place, ids))
            return
        question = replace(
            self._about_along(ids, along, from_trash=False),
            object_name="deleteQuestion",
            title=f"Move {plural(len(ids), 'run')}{self._facts.on} to the trash?",
            verb=verb_to_trash,
        )

        def make_delete(chosen: Ids, others: Ids) -> Command:
            return DeleteRuns(self._place, chosen, along=others)

        self._ask_which(question, ids, along, make_delete)

    def _ask_restore(self, ids: Ids, along: Along) -> None:
        if not along.ids:
            self._changer.do(RestoreRuns(self._place, ids))
            return
        question = replace(
            self._about_along(ids, along, from_trash=True),
            object_name="restoreQuestion",
            title=f"Restore {plural(len(ids), 'run')} from the trash{self._facts.on}?",
            verb=lambda count: f"Restore {plural(count, 'Run')}",
        )

        def make_restore(chosen: Ids, others: Ids) -> Command:
            return RestoreRuns(self._place, chosen, along=others)

        self._ask_which(question, ids, along, make_restore)

    def _ask_purge(self, ids: Ids, along: Along, *, from_trash: bool) -> None:
        if not ids:
            return
        where = "" if from_trash else ", not moved to the trash"
        stay = "" if from_trash else self._stay(ids, along)
        question = Question(
            "purgeQuestion",
            f"Delete {plural(len(ids), 'run')}{self._facts.on} permanently?",
            f"{self._facts.files} are erased{where}. This cannot be undone. {stay}".rstrip(),
            self.names(ids, from_trash=from_trash),
            verb_for_good,
            len(ids),
            also=len(along.ids),
            also_text=f"Take {along.words} along",
            has_size=True,
        )

        def make(chosen: Ids, others: Ids) -> Command:
            return PurgeRuns(self._place, chosen, from_trash, along=others)

        dialog = self._ask_which(question, ids, along, make)

        def count(also: bool) -> None:
            dialog.show_size(COUNTING)
            all_ids = (*ids, *along.ids) if also else ids
            self._around.count_size(all_ids, dialog.show_size, from_trash=from_trash)

        count(question.is_also)
        dialog.also_changed.connect(count)
        dialog.finished.connect(self._around.stop_counting)

    def _about_along(self, ids: Ids, along: Along, *, from_trash: bool) -> Question:
        """What all questions have in common that are asked for the sake of trials and steps."""
        have = "It has" if len(ids) == 1 else "They have"
        stay = "" if from_trash else self._stay(ids, along)
        return Question(
            "",
            "",
            f"{have} {along.words} that nothing else uses. {stay}".rstrip(),
            self.names(ids, from_trash=from_trash),
            str,
            len(ids),
            also=len(along.ids),
            also_text=f"Take {along.words} along",
            is_also=True,
            is_safe=True,
        )

    def _stay(self, ids: Ids, along: Along) -> str:
        """That runs stay because they are running, as far as it is known; they are refused."""
        columns, place = self._runs.columns, self._facts.running_as
        running = len(running_at(columns, ids, place))
        others = len(running_at(columns, along.ids, place))
        return stay_sentence(len(ids), running, others, has_along=bool(along.ids))

    def _ask_which(self, question: Question, ids: Ids, along: Along, make: Make) -> RunsQuestion:
        def go(also: bool) -> None:
            others = along.ids if also else ()
            self._changer.do(make((*ids, *others), others))

        return self.ask(question, go)

    # Slots

    @Slot()
    def _on_answered(self) -> None:
        self._open = None
