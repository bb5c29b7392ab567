"""The texts of the cells of the run table, each made when it is first looked at.

Why kept: making a text costs ten times as much as drawing it. Why a missing value is not kept: it
may only be missing until a worker has read the column it belongs to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core.index.columns import RunColumns
from core.runs.run import MICROSECONDS
from core.text import format_duration, plural
from gui.table.automatic_labels import AutomaticLabels
from gui.table.columns import Column
from gui.time_text import exact_time, relative_time
from gui.tool_tip import plain_tip

STOPPING = "stopping…"
"""The note on the status of a run that is being stopped."""

_LONGEST = 1_000  # letters of a cell: measuring a text of megabytes takes seconds at each paint
_SHORT = 8  # letters of an id
_MANY = 2_000  # changes of more runs than this forget everything: that is quicker


class CellTexts:
    """What each cell says, by section of the table and slot of the run.

    Args:
        columns: The runs' values.
        clock: The present in microseconds since 1970-01-01 UTC.

    Attributes:
        place: The remote that the runs are on, which need not be said of each; empty for none.
    """

    place = ""

    def __init__(self, columns: RunColumns, clock: Callable[[], int]) -> None:
        self._columns = columns
        self._clock = clock
        self._layout: Sequence[Column] = ()
        self._makers: list[Callable[[int], str]] = []
        self._texts: list[dict[int, str]] = []
        self._notes: list[dict[int, str]] = []
        self._stopping: frozenset[int] = frozenset()
        self.labels = AutomaticLabels(columns)
        self._has_whole_labels = False

    def set_layout(self, layout: Sequence[Column]) -> None:
        """The sections are these columns now; forgets everything."""
        self._layout = layout
        self._makers = [self._maker(column) for column in layout]
        self._texts = [{} for _ in layout]
        self._notes = [{} for _ in layout]

    @property
    def is_empty(self) -> bool:
        """Whether nothing was made of any run yet."""
        return self.labels.is_untouched and not any(self._texts) and not any(self._notes)

    def show_stopping(self, slots: frozenset[int]) -> frozenset[int]:
        """These runs are being stopped; returns those that read differently now."""
        changed, self._stopping = self._stopping ^ slots, slots
        self.forget(changed)
        return changed

    def show_whole_labels(self, *, on: bool) -> int | None:
        """Show automatic labels as they are, or what tells runs apart.

        Returns:
            The section that reads differently now; None where none does.
        """
        if on == self._has_whole_labels:
            return None
        self._has_whole_labels = on
        keys = [column.key for column in self._layout]
        if "label" not in keys:
            return None
        self.forget_section(keys.index("label"))
        return keys.index("label")

    def forget(self, slots: frozenset[int]) -> int | None:
        """The values of these runs are others now.

        Returns:
            The section that may read differently for other runs too; None where none does.
        """
        keys = [column.key for column in self._layout]
        label = keys.index("label") if self.labels.look_at(slots) and "label" in keys else None
        if label is not None:
            self._texts[label].clear()
        for texts in (*self._texts, *self._notes):
            if len(slots) > _MANY:
                texts.clear()
            else:
                for slot in slots:
                    texts.pop(slot, None)
        return label

    def forget_section(self, section: int) -> None:
        """All of a column reads differently now."""
        self._texts[section].clear()

    def text(self, section: int, slot: int) -> str:
        """The short text of a cell; empty when the value is missing."""
        texts = self._texts[section]
        found = texts.get(slot)
        if found is None:
            found = self._makers[section](slot)[:_LONGEST]
            if found and self._is_lasting(section, slot):
                texts[slot] = found
        return found

    def made(self, section: int) -> dict[int, str]:
        """The texts of a section made so far, by slot, for painting; `text` makes the others."""
        return self._texts[section]

    def note(self, section: int, slot: int) -> str:
        """The small text after a cell's own: "4 trials", "trial", "on gpu1"."""
        notes = self._notes[section]
        found = notes.get(slot)
        if found is None:
            found = notes[slot] = self._note(self._layout[section].key, slot)
        return found

    def tooltip(self, section: int, slot: int) -> str | None:
        """All of a value; None when it is missing."""
        column = self._layout[section]
        problem = self._columns.value("problem", slot)
        value = self._columns.value(column.value_key, slot)
        if column.key == "status" and problem:
            return plain_tip(str(problem))
        made = self._columns.value("initialized", slot)
        if value is None and column.key == "started" and made is not None:
            return plain_tip(f"No start is recorded; made {exact_time(made)}")
        if value is None:
            return None
        text = exact_time(value) if column.kind == "time" else column.full_text(value)
        return plain_tip(text)

    def accessible(self, section: int, slot: int) -> str:
        """What a screen reader says: the cell, and the run's status."""
        parts = [self.text(section, slot) or "no value", self.note(section, slot)]
        if self._layout[section].key != "status":
            parts.append(str(self._columns.value("status", slot) or ""))
        elif self.has_problem(slot):
            parts.append("has a problem")
        return ", ".join(part for part in parts if part)

    def tags(self, slot: int) -> tuple[str, ...]:
        """The tags of a run."""
        return self._columns.value("tags", slot) or ()

    def is_marked(self, slot: int) -> bool:
        """Whether the user marked the run."""
        return bool(self._columns.value("marked", slot))

    def has_problem(self, slot: int) -> bool:
        """Whether something of the run cannot be read; the status cell's tip says what."""
        return bool(self._columns.value("problem", slot))

    # Inside

    def _maker(self, column: Column) -> Callable[[int], str]:
        value, key, text = self._columns.value, column.value_key, column.text
        if key == "started":
            return self._started
        if column.kind == "time":
            return self._time_maker(key)
        if column.kind == "duration":
            return self._duration
        if column.key == "label":
            return lambda slot: self._label(column, slot)

        def make(slot: int) -> str:
            found = value(key, slot)
            return "" if found is None else text(found)

        return make

    def _label(self, column: Column, slot: int) -> str:
        found = self._columns.value("label", slot)
        if found is None or self._has_whole_labels:
            return "" if found is None else column.text(found)
        return self.labels.text(slot, column.text(found))

    def _started(self, slot: int) -> str:
        """When it began; without that, in brackets, when it was made: it has its place by it."""
        time, made = (self._columns.value(key, slot) for key in ("started", "initialized"))
        if time is not None:
            return relative_time(time, self._clock())
        text = "" if made is None else relative_time(made, self._clock())
        return text and f"({text})"

    def _time_maker(self, key: str) -> Callable[[int], str]:
        def make(slot: int) -> str:
            time = self._columns.value(key, slot)
            return "" if time is None else relative_time(time, self._clock())

        return make

    def _duration(self, slot: int) -> str:
        seconds = self._columns.value("duration", slot)
        started = self._columns.value("started", slot)
        if started is not None and self._columns.value("status", slot) == "running":
            seconds = max(0, self._clock() - started) // MICROSECONDS
            return format_duration(seconds).partition(".")[0]  # it ticks by the second
        return "" if seconds is None else format_duration(seconds)

    def _is_lasting(self, section: int, slot: int) -> bool:
        """Whether the text stays right until the run or the column is forgotten."""
        column = self._layout[section]
        if column.key == "label":
            return self.labels.is_ready
        return not (column.kind == "duration" and self._columns.value("status", slot) == "running")

    def _note(self, key: str, slot: int) -> str:
        value = self._columns.value
        if key == "status" and slot in self._stopping and value("status", slot) == "running":
            return STOPPING
        if key == "status" and value("status", slot) == "running":
            remote = value("remote", slot)
            return f"on {remote}" if remote and remote != self.place else ""
        if key != "operation":
            return ""
        if value("is_batch", slot):
            return plural(len(value("links", slot) or ()), "trial")
        if not (value("operation", slot) or value("label", slot)):
            return str(value("id", slot))[:_SHORT]  # a run that cannot be read has no other name
        return "trial" if value("batch", slot) else ""
