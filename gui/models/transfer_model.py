"""The runs of a transfer that is being decided on: which are copied, and what becomes of conflicts.

A box is ticked where something is to happen. Runs can be narrowed to a kind and to words; what
is decided about a run stays while it is not shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct
from PySide6.QtCore import QObject, Qt

from core.text import format_bytes, natural_key
from gui.models.tick_model import TickModel
from gui.remotes.transfer_row import Kind, TransferRow

if TYPE_CHECKING:
    from gui.remotes.transfer_row import Decision

Group = Literal["all", "copy", "pull", "push", "running", "new", "newer-here", "newer-there",
                "conflict", "same", "problem"]  # fmt: skip

HEADINGS = ("Run", "Operation", "Label", "State", "To copy", "What happens")
RUN, OPERATION, LABEL, STATE, SIZE, HAPPENS = range(6)
CHOOSE = "Choose…"
_TO_COPY: tuple[Group, ...] = ("copy", "pull", "push")

_WORDS: Mapping[Kind, str] = {
    "new": "new",
    "newer-here": "newer here",
    "newer-there": "newer there",
    "conflict": "changed on both sides",
    "same": "same",
    "problem": "not possible",
}
_SIGNS: Mapping[Kind, tuple[str, str]] = {
    "new": ("new-run", "added"),
    "newer-here": ("push", "added"),
    "newer-there": ("pull", "added"),
    "conflict": ("warning", "error"),
    "same": ("status-completed", "muted"),
    "problem": ("status-error", "error"),
}
_RANKS: tuple[Kind, ...] = ("conflict", "problem", "new", "newer-there", "newer-here", "same")


class Sum(Struct, frozen=True):
    """How many runs a group has, and how much of them would be copied.

    Attributes:
        runs: Their number.
        bytes: The amount.
    """

    runs: int = 0
    bytes: int = 0


_FOLLOW = "follow until it ends"


class TransferModel(TickModel[TransferRow]):
    """One row a run; ticked ones are copied.

    Args:
        parent: Owner.
        sides: The remotes that runs come from and go to; empty where one side is this computer.

    Attributes:
        sides: These.
    """

    def __init__(self, parent: QObject | None = None, *, sides: Sequence[str] = ()) -> None:
        super().__init__(HEADINGS, (SIZE,), parent)
        self.sides = sides
        self._here, self._there = (f"on {side}" for side in sides) if sides else ("here", "there")
        self._off: set[str] = set()
        self._choices: dict[str, Decision] = {}
        self._group: Group = "all"
        self._words: tuple[str, ...] = ()
        self._follows = False

    # What is known

    def show(self, rows: Sequence[TransferRow]) -> None:
        """Show these runs; what was decided before about one of them stays."""
        self.beginResetModel()
        self._items = list(rows)
        self._order = self._matching()
        self.endResetModel()
        self.decided.emit()

    def narrow(self, group: Group, text: str) -> None:
        """Show the runs of a group in which all words of a text occur."""
        words = tuple(text.casefold().split())
        if (group, words) == (self._group, self._words):
            return
        self.beginResetModel()
        self._group, self._words = group, words
        self._order = self._matching()
        self.endResetModel()

    def sums(self) -> dict[Group, Sum]:
        """Every group that has runs; "copy" are the ticked ones."""
        counts: dict[Group, int] = {}
        amounts: dict[Group, int] = {}
        for item in self._items:
            size = self.size(item)
            for group in self._groups_of(item):
                counts[group] = counts.get(group, 0) + 1
                amounts[group] = amounts.get(group, 0) + size
        return {group: Sum(count, amounts[group]) for group, count in counts.items()}

    def telling_group(self) -> Group:
        """What to look at first: what wants a decision, else what is copied, else everything."""
        if any(item.kind == "conflict" for item in self._items):
            return "conflict"
        return "copy" if any(map(self._can_take, self._items)) else "all"

    def show_following(self, *, on: bool) -> None:
        """Say of running runs that they are followed, or not."""
        self.beginResetModel()
        self._follows = on
        self._order = self._matching()
        self.endResetModel()
        self.decided.emit()

    # What is decided

    def taken(self) -> list[TransferRow]:
        """The runs to which something is to happen."""
        return [item for item in self._items if self.is_taken(item)]

    def choice(self, item: TransferRow) -> Decision:
        """What becomes of a run that changed on both sides."""
        suggested: Decision = next(iter(item.choices), item.leaving)
        return self._choices.get(item.id, suggested)

    def choices(self) -> dict[str, Decision]:
        """The same for all of them, by run id."""
        found = (item for item in self._items if item.kind == "conflict")
        return {item.id: self.choice(item) for item in found}

    def choose(self, rows: Iterable[int], choice: Decision) -> None:
        """Decide about runs that changed on both sides; others are left out."""
        for item in [self.item(row) for row in rows]:
            if choice in item.choices:
                self._choices[item.id] = choice
        self.tell()

    def take_shown(self, *, on: bool) -> None:
        """Tick all rows that are shown, or take their ticks off."""
        self.take(range(self.rowCount()), on=on)

    def conflict_rows(self, among: Iterable[int] | None = None) -> list[int]:
        """Rows of runs that changed on both sides."""
        rows = range(self.rowCount()) if among is None else among
        return [row for row in rows if self.item(row).kind == "conflict"]

    def size(self, item: TransferRow) -> int:
        """How much of a run is copied as it is decided now."""
        return item.bytes if self.is_taken(item) or item.kind != "conflict" else 0

    # Inside

    def _can_take(self, item: TransferRow) -> bool:
        """Whether something can happen to a run; one that wrote nothing new may be followed."""
        is_quiet = item.is_running and item.kind == "same" and not item.is_push
        return item.can_copy or (is_quiet and self._follows)

    def _groups_of(self, item: TransferRow) -> list[Group]:
        groups: list[Group] = ["all", item.kind]
        if item.is_running:
            groups.append("running")
        if self.is_taken(item):
            groups += ["copy", "push" if item.is_push else "pull"]
        return groups

    def _matching(self) -> list[int]:
        return [number for number, item in enumerate(self._items) if self._matches(item)]

    def _matches(self, item: TransferRow) -> bool:
        """Whether a row is shown; one whose tick is taken off stays where it is."""
        if self._group in _TO_COPY and not self._can_take(item):
            return False
        if self._group in ("pull", "push") and item.is_push != (self._group == "push"):
            return False
        if self._group == "running" and not item.is_running:
            return False
        if self._group not in ("all", "running", *_TO_COPY, item.kind):
            return False
        if not self._words:
            return True
        said = f"{item.id} {item.operation} {item.label} {self._state(item)}".casefold()
        return all(word in said for word in self._words)

    def _state(self, item: TransferRow) -> str:
        if item.is_running:
            return f"running {self._here if item.is_push else self._there}"
        if item.kind == "newer-here":
            return f"newer {self._here}"
        return f"newer {self._there}" if item.kind == "newer-there" else _WORDS[item.kind]

    def _happens(self, item: TransferRow) -> str:
        if item.kind == "problem":
            return item.why
        if item.kind == "conflict":
            return item.choices.get(self.choice(item), "nothing")
        if not self.is_taken(item):
            return "nothing"
        if item.is_running and self._follows:
            return f"{item.does}, then follow until it ends" if item.can_copy else _FOLLOW
        return item.does

    # What a row says

    def tick(self, item: TransferRow, *, on: bool) -> None:
        if item.kind == "conflict":
            gentle = next((each for each in item.choices if each != item.leaving), item.leaving)
            if not on:
                self._choices[item.id] = item.leaving
            elif self.choice(item) == item.leaving:
                self._choices[item.id] = gentle
        elif self._can_take(item):
            (self._off.discard if on else self._off.add)(item.id)

    def is_taken(self, item: TransferRow) -> bool:
        if item.kind == "conflict":
            return self.choice(item) != item.leaving
        return self._can_take(item) and item.id not in self._off

    def check(self, item: TransferRow) -> Qt.CheckState | None:
        if not self._can_take(item):
            return None
        return Qt.CheckState.Checked if self.is_taken(item) else Qt.CheckState.Unchecked

    def text(self, item: TransferRow, column: int) -> str:
        if column == STATE:
            return self._state(item)
        if column == SIZE:
            return format_bytes(self.size(item)) if self.is_taken(item) else "–"
        if column == HAPPENS:
            return self._happens(item)
        return (item.id[:8], item.operation, item.short or item.label)[column]

    def sign(self, item: TransferRow, column: int) -> tuple[str, str] | None:
        if column != STATE:
            return None
        return ("status-running", "running") if item.is_running else _SIGNS[item.kind]

    def button(self, item: TransferRow, column: int) -> str | None:
        return CHOOSE if column == HAPPENS and item.choices else None

    def tip(self, item: TransferRow, column: int) -> str:
        if column == RUN:
            return item.id
        if column in (STATE, HAPPENS) and item.why:
            return item.why
        return item.label if column == LABEL else self.text(item, column)

    def rank(self, item: TransferRow, column: int) -> Any:
        if column == SIZE:
            return self.size(item) if self.is_taken(item) else -1
        if column == STATE:
            return (not item.is_running, _RANKS.index(item.kind))
        return natural_key(self.text(item, column))
