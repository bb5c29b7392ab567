"""How the chosen runs are compared, and the answer: asked for again whenever it is out of date."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from core.clock import now_us
from core.compare.view_file import CompareView
from core.errors import Error
from core.jobs import JobContext
from gui.compare.chosen_runs import ChosenRuns
from gui.compare.compared import Compared, Question, compare, default_columns
from gui.job_bridge import FIRST_PAINT_MS, JobBridge, Latest

LANE = "compare"
_REST = 3  # after an answer the comparison rests this many times as long as it took
_LONGEST_REST_MS = 1_000
_SHORTEST_REST_MS = 20
LONG_MS = 400
"""After so long without an answer the user is told that one is on its way."""
_REBUILDING = ("columns", "added", "group_by")
"""Changes of a view that need other values; the rest is another order of the same."""


class Comparison(QObject):
    """Compares the chosen runs while anybody looks.

    Args:
        chosen: The runs.
        bridge: Runs the questions.
        parent: Owner.
        clock: The present in microseconds since 1970-01-01 UTC.

    Signals:
        found: There is another answer.
        view_changed: The runs are to be compared in another way (the answer follows).
        failed: There is no answer (a core.errors.Error); the last one stays.
        takes_long: The answer is still on its way, as that of a hundred thousand runs.
    """

    found = Signal()
    view_changed = Signal()
    failed = Signal(object)
    takes_long = Signal()

    def __init__(
        self,
        chosen: ChosenRuns,
        bridge: JobBridge,
        parent: QObject | None = None,
        clock: Callable[[], int] = now_us,
    ) -> None:
        super().__init__(parent)
        self._chosen = chosen
        self._clock = clock
        self._view = CompareView("")
        self._answer: Compared | None = None
        self._is_on = False
        self._is_stale = True
        self._is_built = False
        self._question = Latest(bridge, LANE, self)
        self._defaults = Latest(bridge, LANE, self)
        self._rest = QTimer(self, singleShot=True, interval=_SHORTEST_REST_MS)
        self._rest.timeout.connect(self._on_rested)
        self._look = QTimer(self, singleShot=True, interval=FIRST_PAINT_MS)
        self._look.timeout.connect(self._on_rested)
        self._patience = QTimer(self, singleShot=True, interval=LONG_MS)
        self._patience.timeout.connect(self.takes_long)
        chosen.changed.connect(self._on_chosen_changed)
        chosen.values_changed.connect(self._on_values_changed)
        chosen.pinned_changed.connect(self._on_chosen_changed)

    @property
    def view(self) -> CompareView:
        """How the runs are compared; without a name it is none of the saved ones."""
        return self._view

    @property
    def answer(self) -> Compared | None:
        """What was found last."""
        return self._answer

    @property
    def is_waiting(self) -> bool:
        """Whether an answer is being computed or due."""
        return self._question.is_waiting or (self._is_on and self._is_stale)

    def change(self, **changes: Any) -> None:
        """Change some of how the runs are compared (attributes of CompareView)."""
        self.show(replace(self._view, **changes))

    def show(self, view: CompareView) -> None:
        """Compare the runs in this way."""
        before, self._view = self._view, view
        if view == before:
            return
        if any(getattr(view, name) != getattr(before, name) for name in _REBUILDING):
            self._is_built = False
        self.view_changed.emit()
        self._ask_soon(at_once=True)

    def find_default_columns(self, on_found: Callable[[list[str]], None]) -> None:
        """Call `on_found` with the specifications of the columns that suit the runs."""
        columns, slots = self._chosen.columns, list(self._chosen.slots())
        self._defaults.ask("Choose columns", lambda _: default_columns(columns, slots), on_found)

    def set_on(self, *, on: bool) -> None:
        """Whether anybody looks: nothing is asked while nobody does."""
        if on == self._is_on:
            return
        self._is_on = on
        if not on:
            self._is_stale = self._is_stale or self._question.is_waiting
            self._question.drop()
            self._rest.stop()
            self._look.stop()
            self._patience.stop()
        elif self._is_stale:
            self._look.start()

    # Asking

    def _ask_soon(self, *, at_once: bool = False) -> None:
        """Ask when there is time; what the user did does not wait for a running answer."""
        self._is_stale = True
        is_free = not self._question.is_waiting and not self._rest.isActive()
        if self._is_on and (at_once or is_free):
            self._ask()

    def _ask(self) -> None:
        self._is_stale = False
        self._rest.stop()
        columns, baseline = self._chosen.columns, self._chosen.pinned_slot()
        slots = list(self._chosen.slots())
        if baseline is not None and baseline not in slots:
            slots.insert(0, baseline)
        question = Question(slots, baseline, self._view, self._clock())
        built = self._answer.built if self._is_built and self._answer else None

        def work(context: JobContext) -> Compared:
            return compare(columns, question, built, context.check)

        self._question.ask("Compare runs", work, self._on_found, self._on_failed)
        self._patience.start()

    # Slots

    @Slot()
    def _on_chosen_changed(self) -> None:
        self._is_built = False
        self._ask_soon(at_once=True)

    @Slot(object)
    def _on_values_changed(self, _slots: frozenset[int]) -> None:
        self._is_built = False
        self._ask_soon()

    def _on_rested(self) -> None:
        if self._is_stale and self._is_on:
            self._ask()

    def _on_found(self, answer: Compared) -> None:
        self._patience.stop()
        rest = min(max(_SHORTEST_REST_MS, int(answer.took * 1000 * _REST)), _LONGEST_REST_MS)
        self._rest.start(rest)
        self._answer = answer
        self._is_built = not self._is_stale
        self.found.emit()

    def _on_failed(self, error: Error) -> None:
        self._patience.stop()
        self._rest.start(_LONGEST_REST_MS)
        self.failed.emit(error)
