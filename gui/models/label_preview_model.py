"""Label before and after for each run that a change is about, as far as it was worked out."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from msgspec import Struct
from PySide6.QtCore import QAbstractTableModel, QObject, Qt

from core.errors import Error
from core.jobs import JobContext
from core.runs.run_attrs import Change
from core.text import upper_first
from gui.models.any_index import NOWHERE, AnyIndex
from gui.models.roles import ACCESSIBLE, DISPLAY, TOOLTIP
from gui.tool_tip import plain_tip

KindRole = 257  # "changed", "same", "refused", or "" while it is not known

HEADINGS = ("Run", "Label now", "After")
FIRST_SLICE = 40
SLICE_SECONDS = 0.05
LONGEST = 300  # letters of a cell: a label may have 100,000
_SAME = "stays the same"
_NONE = "no label"


class Previews(Protocol):
    """Works out labels (see core.runs.label_preview.LabelPreviews)."""

    def begin(self) -> None:
        """Another change is looked at."""

    def of(self, run_id: str, change: Change) -> tuple[str, str]:
        """The label of a run now, and what a change would make of it.

        Raises:
            core.errors.Error: The change would refuse, or the run cannot be read.
        """


class LabelPreview(Struct, frozen=True):
    """What a change makes of one run's label.

    Attributes:
        before: The label now; empty for none.
        after: The label then.
        refusal: One sentence on why the run cannot be changed; empty when it can.
    """

    before: str
    after: str
    refusal: str = ""

    @property
    def kind(self) -> str:
        """What a row is told apart by."""
        if self.refusal:
            return "refused"
        return "same" if self.before == self.after else "changed"


class LabelPreviewModel(QAbstractTableModel):
    """As many rows as there are runs from the start; what is not known yet is empty.

    Args:
        count: How many runs there are.
        name: How the run of a row is called.
        label: The label of the run of a row, as far as it is known already.
        parent: Owner.
    """

    def __init__(
        self,
        count: int,
        name: Callable[[int], str],
        label: Callable[[int], str],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._count = count
        self._name = name
        self._label = label
        self._found: list[LabelPreview] = []
        self.changes = self.refusals = 0

    @property
    def known(self) -> int:
        """How many runs were worked out, from the first one on."""
        return len(self._found)

    def forget(self) -> None:
        """Another change: nothing is known of it."""
        self._found = []
        self.changes = self.refusals = 0
        self._tell(0, self._count - 1)

    def add(self, found: Sequence[LabelPreview]) -> None:
        """What the change makes of the next runs."""
        first = len(self._found)
        self._found += found
        self.changes += sum(preview.kind == "changed" for preview in found)
        self.refusals += sum(preview.kind == "refused" for preview in found)
        self._tell(first, len(self._found) - 1)

    def preview(self, row: int) -> LabelPreview | None:
        """What is known of a row."""
        return self._found[row] if row < len(self._found) else None

    def _tell(self, first: int, last: int) -> None:
        if first <= last:
            self.dataChanged.emit(self.index(first, 1), self.index(last, 2))

    def _text(self, row: int, column: int) -> str:
        if column == 0:
            return self._name(row)
        preview = self.preview(row)
        if column == 1:
            is_read = preview is not None and not preview.refusal
            return (preview.before if preview and is_read else self._label(row)) or _NONE
        if preview is None:
            return ""
        if preview.refusal:
            return preview.refusal
        return _SAME if preview.kind == "same" else preview.after or _NONE

    # Qt overrides

    def rowCount(self, parent: AnyIndex = NOWHERE) -> int:
        return 0 if parent.isValid() else self._count

    def columnCount(self, parent: AnyIndex = NOWHERE) -> int:
        return 0 if parent.isValid() else len(HEADINGS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = DISPLAY) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == DISPLAY:
            return HEADINGS[section]
        return None

    def data(self, index: AnyIndex, role: int = DISPLAY) -> Any:
        if not index.isValid():
            return None
        row, column = index.row(), index.column()
        if role == DISPLAY:
            return one_line(self._text(row, column))
        if role == TOOLTIP:
            return plain_tip(self._text(row, column)) or None
        if role == ACCESSIBLE:
            return f"{HEADINGS[column]}: {one_line(self._text(row, column)) or 'not known yet'}"
        if role == KindRole:
            preview = self.preview(row)
            return preview.kind if preview else ""
        return None


def work_out_labels(
    known: Previews, ids: Sequence[str], change: Change, context: JobContext
) -> None:
    """Publish what a change makes of each label, in slices (tuples of LabelPreview)."""
    found: list[LabelPreview] = []
    told, is_first = time.monotonic(), True
    known.begin()
    context.interrupt_with(change.close)  # a pattern may search for long
    for run_id in ids:
        context.check()
        found.append(_preview(known, run_id, change))
        is_due = len(found) >= FIRST_SLICE if is_first else time.monotonic() - told > SLICE_SECONDS
        if is_due:
            context.publish(tuple(found))
            found, told, is_first = [], time.monotonic(), False
    context.publish(tuple(found))


def _preview(known: Previews, run_id: str, change: Change) -> LabelPreview:
    try:
        before, after = known.of(run_id, change)
    except Error as e:
        why = str(e)
        return LabelPreview("", "", upper_first(why.partition(": ")[2] or why))  # the run is seen
    return LabelPreview(before, after)


def one_line(text: str) -> str:
    """A text of any length in one short line: line breaks are shown, not made."""
    cut = text[:LONGEST] + ("…" if len(text) > LONGEST else "")
    if cut.isprintable():
        return cut
    return "".join(letter if letter.isprintable() else _sign(letter) for letter in cut)


def _sign(letter: str) -> str:
    if letter in "\n\r\u2028\u2029":
        return "↵"
    return letter if letter in _INVISIBLE else " "


# Not "printable" to Python, but what joins emoji and keeps the direction of letters.
_INVISIBLE = frozenset("\u200c\u200d\u200e\u200f\u2066\u2067\u2068\u2069\ufe0f")
