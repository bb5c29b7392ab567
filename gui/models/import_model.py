"""The runs that could be imported, which of them are to be, and what becomes of those here already.

A box is ticked where something is to happen. What was decided about a run stays when further
archives are added and all of them are looked at again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QObject, Qt

from core.archives.importing import Choice
from core.archives.plan import PlanItem
from core.text import format_bytes, natural_key, plural
from gui.models.any_index import NOWHERE
from gui.models.tick_model import TickModel

Key = tuple[str, str]

HEADINGS = ("Run", "Operation", "Label", "Status", "Size", "Here", "What happens")
RUN, OPERATION, LABEL, STATUS, SIZE, HERE, HAPPENS = range(7)
CHOICES: tuple[Choice, ...] = ("mine", "theirs", "merge", "both")
MOST_NAMED = 6


_WORDS: Mapping[str, str] = {
    "new": "new",
    "same": "same",
    "conflict": "differs",
    "problem": "problem",
    "twice": "twice",
}
_SIGNS: Mapping[str, tuple[str, str]] = {
    "new": ("import", "added"),
    "same": ("status-completed", "muted"),
    "conflict": ("warning", "warning"),
    "problem": ("status-error", "error"),
    "twice": ("status-completed", "muted"),
}
_FIRST = ("conflict", "problem", "new", "same", "twice")
_HAPPENS: Mapping[Choice, str] = {
    "mine": "keep mine",
    "theirs": "take theirs",
    "merge": "merge",
    "both": "keep both",
}
_MERGED = frozenset({"label", "tags", "comments", "marked"})


class ImportModel(TickModel[PlanItem]):
    """One row a run of a source; a tick on one that differs keeps both, or merges."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(HEADINGS, (SIZE,), parent)
        self._off: set[Key] = set()
        self._choices: dict[Key, Choice] = {}
        self._is_whole = False

    # What is known

    def clear(self) -> None:
        """All is looked at once more."""
        self.beginResetModel()
        self._items, self._order, self._is_whole = [], [], False
        self.endResetModel()

    def add(self, items: Sequence[PlanItem]) -> None:
        """Runs that were just seen; those here already are not compared yet."""
        first = len(self._items)
        self.beginInsertRows(NOWHERE, first, first + len(items) - 1)
        self._items += items
        self._order += range(first, len(self._items))
        self.endInsertRows()

    def finish(self, items: Sequence[PlanItem]) -> None:
        """All runs, compared."""
        self._is_whole = True
        if len(items) == len(self._items):
            self._items = list(items)
            self.tell()
            return
        self.beginResetModel()
        self._items, self._order = list(items), list(range(len(items)))
        self.endResetModel()
        self.decided.emit()

    def verdicts(self) -> Counter[str]:
        """How many runs are new, the same, in conflict, a problem, or in an earlier source too."""
        return Counter(map(_kind, self._items))

    def first_problem(self) -> str:
        """Why the first run that cannot be imported cannot, and of how many others that is so."""
        found = [item for item in self._items if _kind(item) == "problem"]
        if not found or not self._is_whole:
            return ""
        more = len(found) - 1
        others = f" {plural(more, 'more run', 'more runs')} cannot be imported." if more else ""
        return f"{found[0].why}{others}"

    # What is decided

    def taken(self) -> list[PlanItem]:
        """The runs to which something is to happen, in the order of their sources."""
        return [item for item in self._items if self.is_taken(item)]

    def choice(self, item: PlanItem) -> Choice:
        """What becomes of a run that is here with other content."""
        return self._choices.get(key_of(item), "mine")

    def choices(self) -> dict[str, Choice]:
        """The same for all of them, by run id."""
        found = (item for item in self._items if item.verdict == "conflict")
        return {item.run.id: self.choice(item) for item in found}

    def take_all(self, *, new: bool, others: bool) -> None:
        """Tick all rows of a kind, or take their ticks off."""
        for item in self._items:
            self.tick(item, on=new if item.verdict == "new" else others)
        self.tell()

    def choose(self, rows: Iterable[int], choice: Choice) -> None:
        """Decide what becomes of runs that are here with other content; others are left out."""
        for item in [self.item(row) for row in rows]:
            if item.verdict == "conflict":
                self._choices[key_of(item)] = choice
        self.tell()

    def conflict_rows(self, among: Iterable[int] | None = None) -> list[int]:
        """Rows of runs that are here with other content."""
        if not self._is_whole:
            return []
        rows = range(len(self._items)) if among is None else among
        return [row for row in rows if self.item(row).verdict == "conflict"]

    # What a row says

    def tick(self, item: PlanItem, *, on: bool) -> None:
        if item.verdict == "new":
            (self._off.discard if on else self._off.add)(key_of(item))
        elif item.verdict == "conflict" and not on:
            self._choices[key_of(item)] = "mine"
        elif item.verdict == "conflict" and self.choice(item) == "mine":
            self._choices[key_of(item)] = gentle_choice(item)

    def is_taken(self, item: PlanItem) -> bool:
        if item.verdict == "conflict":
            return self._is_whole and self.choice(item) != "mine"
        return item.verdict == "new" and key_of(item) not in self._off

    def text(self, item: PlanItem, column: int) -> str:
        run = item.run
        if column == SIZE:
            return format_bytes(item.size) if item.files else ""
        if column == HERE:
            return "comparing…" if self._is_open(item) else _WORDS[_kind(item)]
        if column == HAPPENS:
            return self._happens(item)
        if column == STATUS and _kind(item) == "problem":
            return ""  # of what is refused not all was read
        return (run.id[:8], run.operation, run.label, run.status)[column]

    def _happens(self, item: PlanItem) -> str:
        if item.verdict == "problem":
            return _briefly(item.why)
        if item.verdict == "conflict":
            return "" if self._is_open(item) else _HAPPENS[self.choice(item)]
        return "import" if self.is_taken(item) else "nothing"

    def _is_open(self, item: PlanItem) -> bool:
        """Whether it is not known yet if the run here is the same."""
        return item.verdict == "conflict" and not self._is_whole

    def sign(self, item: PlanItem, column: int) -> tuple[str, str] | None:
        if column == STATUS and _kind(item) != "problem":
            return f"status-{item.run.status}", item.run.status
        if column == HERE:
            return ("status-pending", "muted") if self._is_open(item) else _SIGNS[_kind(item)]
        return None

    def tip(self, item: PlanItem, column: int) -> str:
        if column == RUN:
            return f"{item.run.id}\n{item.source.path}"
        if column in (HERE, HAPPENS) and (item.why or item.differs or item.remarks):
            return about(item)
        return self.text(item, column)

    def check(self, item: PlanItem) -> Qt.CheckState | None:
        if item.verdict in ("same", "problem"):
            return None
        return Qt.CheckState.Checked if self.is_taken(item) else Qt.CheckState.Unchecked

    def rank(self, item: PlanItem, column: int) -> Any:
        if column == SIZE:
            return item.size
        if column == HERE:
            return _FIRST.index(_kind(item))
        return natural_key(self.text(item, column))


def _kind(item: PlanItem) -> str:
    """Its verdict, or that an earlier source has it too, which is no problem."""
    return "twice" if item.is_twice else item.verdict


def _briefly(why: str) -> str:
    """A problem without what the row says already: which run of which archive it is."""
    before, refused, reason = why.partition(" is refused: ")
    return f"refused: {reason}" if refused and before.startswith("Run ") else why


def key_of(item: PlanItem) -> Key:
    """What a decision about a run is remembered by."""
    return str(item.source.path), item.run.id


def gentle_choice(item: PlanItem) -> Choice:
    """What loses nothing: merge what people wrote, or keep both where the files differ too."""
    return "merge" if set(item.differs) <= _MERGED else "both"


def about(item: PlanItem) -> str:
    """What is to be known of a run before it is imported, in sentences."""
    said = [item.why] if item.why else []
    if item.differs:
        more = len(item.differs) + item.further - MOST_NAMED
        names = ", ".join(item.differs[:MOST_NAMED])
        said.append(f"Differs: {names}{f' and {more:,} more' if more > 0 else ''}.")
    return " ".join([*said, *item.remarks])
