"""The colour and line of each chosen run: the same in the comparison and in every plot.

Ask `run_colours(chosen, services)` for the one object of a home's chosen runs; repaint on
`changed`. What decides by itself: up to twelve runs have a colour each; of more, the first flag
that has two to twelve values gives it. The user may name another column.

Why asked on a worker's thread: the values of a column of 100,000 runs may have to be made first.
Until they are there, runs have the colour they had.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QColor

from core.compare.axes import value_text
from core.compare.colouring import (
    MOST,
    OTHERS,
    Colouring,
    best_key,
    colour_keys,
    colour_runs,
    colour_values,
)
from core.index.columns import RunColumns
from core.jobs import JobContext
from gui.changing.run_names import run_name
from gui.job_bridge import Latest
from gui.services import Services
from gui.theme import Theme

if TYPE_CHECKING:
    from gui.compare.chosen_runs import ChosenRuns

AUTOMATIC = "auto"
ALL_BUT = "but:"
"""Before a flag's name: runs with the same flags but this one (a seed) share a colour."""
SOLID_COLOURS = 6  # of twelve runs, the later six have broken lines: a second sign beside colour

MOST_LETTERS, MOST_IN_LEGEND = 40, 22
MOST_SHORTENED = 40
"""Finding out what tells a run apart takes some 0.2 ms each."""


class RunStyle(Struct, frozen=True):
    """How a run is drawn.

    Attributes:
        number: Of its colour, 0 to 11.
        is_scale: Whether the colour is a step of a scale, and none of the palette.
        is_dashed: Whether its line is broken.
    """

    number: int = 0
    is_scale: bool = False
    is_dashed: bool = False

    def colour(self, theme: Theme) -> QColor:
        """The colour, in the scheme in force."""
        return theme.scale_colour(self.number) if self.is_scale else theme.curve_colour(self.number)

    @property
    def line(self) -> Qt.PenStyle:
        """The kind of line."""
        return Qt.PenStyle.DashLine if self.is_dashed else Qt.PenStyle.SolidLine


class LegendEntry(Struct, frozen=True):
    """What a colour means.

    Attributes:
        name: Text of the value, or name of the run.
        style: How it is drawn.
        slot: The run, where the entry is one; else None.
    """

    name: str
    style: RunStyle
    slot: int | None = None


class RunColours(QObject):
    """Gives the chosen runs their colours.

    Args:
        chosen: The runs.
        services: Shared services.

    Signals:
        changed: Colours, or what they mean, are others now.
    """

    changed = Signal()

    def __init__(self, chosen: ChosenRuns, services: Services) -> None:
        super().__init__(chosen)
        self._chosen = chosen
        self._theme = services.theme
        self._wish = AUTOMATIC
        self._found = Colouring("", {}, {})
        self._own: dict[int, int] = {}
        self._labels = chosen.labels
        self._is_one_operation: bool | None = None
        self._latest = Latest(services.bridge, "colours", self)
        chosen.changed.connect(self._look)
        chosen.values_changed.connect(self._look)
        services.theme.changed.connect(self.changed)
        self._look()

    @property
    def wish(self) -> str:
        """What the user wants to decide: a column's key, "" for each run, or AUTOMATIC."""
        return self._wish

    @property
    def key(self) -> str:
        """What decides now: a column's key, or "" for the run itself."""
        return self._found.key

    @property
    def is_scale(self) -> bool:
        """Whether colours are the steps of a scale."""
        return self._found.is_scale

    @property
    def mixed(self) -> int | None:
        """The number of the colour that runs of different values share; None without one."""
        return next((n for n, name in self._found.names.items() if name == OTHERS), None)

    def colour_by(self, wish: str) -> None:
        """Let a column decide; "" gives each run its own colour, AUTOMATIC what suits."""
        if wish != self._wish:
            self._wish = wish
            self._look()

    def style(self, slot: int) -> RunStyle:
        """How a run is drawn; one that is not chosen like the first."""
        number = self._found.numbers.get(slot, 0)
        is_own = not self._found.key
        return RunStyle(number, self._found.is_scale, is_own and number >= SOLID_COLOURS)

    def numbers(self, slots: Iterable[int]) -> tuple[int, ...]:
        """The numbers of the colours of many runs."""
        known = self._found.numbers.get
        return tuple([known(slot, 0) for slot in slots])

    def palette(self) -> tuple[QColor, ...]:
        """The colours by number, in the scheme in force."""
        styles = [RunStyle(number, self._found.is_scale) for number in range(MOST)]
        return tuple(style.colour(self._theme) for style in styles)

    def colour(self, slot: int) -> QColor:
        """The colour of a run in the scheme in force."""
        return self.style(slot).colour(self._theme)

    def legend(self) -> list[LegendEntry]:
        """What the colours mean; nothing where single runs of more than twelve share them."""
        if self._found.key:
            return [
                LegendEntry(name, RunStyle(number, self._found.is_scale))
                for number, name in sorted(self._found.names.items())
            ]
        if len(self._found.numbers) > MOST:
            return []
        return [
            LegendEntry(self.name(slot, MOST_IN_LEGEND), self.style(slot), slot)
            for slot in self._found.numbers
        ]

    def name(self, slot: int, most: int = MOST_LETTERS) -> str:
        """A run's name: by what tells it apart, without the operation where all have the same.

        Args:
            slot: The run.
            most: Letters that an automatic label is to have at most.
        """
        columns = self._chosen.columns
        if self._is_one_operation is None:
            operations = columns.stored("operation")
            self._is_one_operation = len({operations[s] for s in self._found.numbers}) < 2
        label = self._labels.text(slot, str(columns.value("label", slot) or ""), most)
        operation = "" if self._is_one_operation else columns.value("operation", slot)
        parts = columns.value("short_id", slot), operation, label
        return " · ".join(str(part) for part in parts if part)

    def namer(self, count: int) -> Callable[[int], str]:
        """What names the runs of a list of so many: many by all of their labels, which is quick."""
        if count <= MOST_SHORTENED:
            return self.name
        columns = self._chosen.columns
        return lambda slot: run_name(columns, slot)

    @Slot()
    def _look(self, *_news: Any) -> None:
        slots, columns = list(self._chosen.slots()), self._chosen.columns
        wish, own = self._wish, self._own
        if wish == "" or (wish == AUTOMATIC and len(slots) <= MOST):
            self._latest.drop()
            self._take(colour_runs(slots, own))
            return
        self._latest.ask(
            "Colour the runs", lambda context: _colouring(columns, slots, wish, context), self._take
        )

    def _take(self, found: Colouring) -> None:
        self._is_one_operation = None
        if not found.key:
            self._own = dict(found.numbers)
        if found != self._found:
            self._found = found
            self.changed.emit()


def run_colours(chosen: ChosenRuns, services: Services) -> RunColours:
    """The one object that gives these runs their colours; it lives as long as they do."""
    for child in chosen.children():
        if isinstance(child, RunColours):
            return child
    return RunColours(chosen, services)


def _colouring(
    columns: RunColumns, slots: Sequence[int], wish: str, context: JobContext
) -> Colouring:
    """On a worker's thread: what gives many runs their colours."""
    key = wish
    if wish == AUTOMATIC:
        keys = colour_keys(columns)
        context.check()
        key = best_key(slots, keys, columns.value) or "operation"
    context.check()
    if key.startswith(ALL_BUT):
        return colour_values(key, slots, _other_flags(columns, slots, key.removeprefix(ALL_BUT)))
    values = columns.values(key)
    return colour_values(key, slots, [values[slot] for slot in slots])


def _other_flags(columns: RunColumns, slots: Sequence[int], left_out: str) -> list[str]:
    """The flags of each run but one, in words: of those on which the runs differ."""
    cells: dict[str, list[str]] = {}
    for name in sorted(columns.flag_names()):
        values = columns.values(f"flag:{name}")
        texts = ["–" if values[s] is None else value_text(values[s]) for s in slots]
        if name != left_out and len(set(texts)) > 1:
            cells[name] = texts
    if not cells:
        return ["all runs"] * len(slots)
    return [
        " ".join(f"{name}={texts[place]}" for name, texts in cells.items())
        for place in range(len(slots))
    ]
