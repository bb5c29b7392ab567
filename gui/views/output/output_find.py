"""The search through the output of a run: counts, goes from match to match, marks what is shown.

Counting goes on in a job of its own lane; the first match is gone to as soon as it is found, and
lines are marked without waiting for the count.
"""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, Signal

from core.errors import Error
from core.jobs import JobContext
from core.runs.output import OutputReader, OutputWindow, TextPosition
from core.runs.output_matchers import Found, Needle
from core.runs.output_search import Match, OutputSearch, SearchState
from gui.job_bridge import JobBridge, Latest

TELL_SECONDS = 0.05
_FAR = TextPosition(1 << 62, 0)
_START = TextPosition(0, -1)


class OutputFind(QObject):
    """Searches in one output for one needle at a time.

    Signals:
        changed: There is another count, current match or problem.
        match_found: The match to go to (Match).
        marks_found: The matches on some lines: offset of the line to columns.
    """

    changed = Signal()
    match_found = Signal(object)
    marks_found = Signal(object)

    def __init__(self, bridge: JobBridge, parent: QObject) -> None:
        super().__init__(parent)
        self.state: SearchState | None = None
        self.current: Match | None = None
        self.problem = ""
        self._search: OutputSearch | None = None
        self._window: OutputWindow | None = None
        self._from = _START
        self._pending: bool | None = None
        self._looked_from: TextPosition | None = None  # where not all before was counted yet
        self._counts = Latest(bridge, "output-search", self)
        self._steps = Latest(bridge, "output-match", self)
        self._marks = Latest(bridge, "output-mark", self)

    def start(self, reader: OutputReader, needle: Needle, at: TextPosition) -> None:
        """Search for another needle, and go to its first match from `at`."""
        self.stop()
        self._from = at
        self._pending = True

        def work(context: JobContext) -> object:
            return self._count(OutputSearch(reader, needle), context)

        self._counts.ask("Search in output", work, self._on_counted, self._on_error, self._on_item)

    def stop(self) -> None:
        """Search no more."""
        for latest in (self._counts, self._steps, self._marks):
            latest.drop()
        if self._search is not None:
            self._search.close()
        self._search = self.state = self.current = None
        self.problem = ""
        self._pending = self._looked_from = None
        self.marks_found.emit({})
        self.changed.emit()

    def extend(self) -> None:
        """The output grew, or is another one: search what is new."""
        search = self._search
        if search is not None and not self._counts.is_waiting and not self.problem:
            self._counts.ask(
                "Search in new output",
                lambda context: self._count(search, context),
                self._on_counted,
                self._on_error,
                self._on_item,
            )

    def go(self, at: TextPosition, *, forward: bool) -> None:
        """Go to the next match after (or before) a place, around the end if need be."""
        self._from, self._looked_from = at, None
        self._pending = forward
        self._step()

    def mark(self, window: OutputWindow) -> None:
        """Mark the matches on these lines."""
        self._window = window
        search = self._search
        if search is None:
            return
        lines = window.lines

        def work(_context: JobContext) -> dict[int, list[tuple[int, int]]]:
            return _by_line(
                [line.offset for line in lines], search.find_in([x.text for x in lines])
            )

        self._marks.ask("Mark matches", work, self.marks_found.emit, self._on_error)

    @staticmethod
    def _count(search: OutputSearch, context: JobContext) -> SearchState | None:
        """Runs in the job: tells of the search itself first, then how far it is."""
        context.publish(search)
        state = None
        told = 0.0
        for state in search.extend(context.check):
            if time.monotonic() - told > TELL_SECONDS:
                told = time.monotonic()
                context.publish(state)
        return state

    def _on_item(self, item: object) -> None:
        if isinstance(item, OutputSearch):
            is_new = item is not self._search
            self._search = item
            if is_new and self._window is not None:
                self.mark(self._window)
        elif isinstance(item, SearchState):
            self._on_counted(item)

    def _on_counted(self, state: SearchState | None) -> None:
        if state is None:
            return
        if self.state is not None and state.generation != self.state.generation:
            self.current = None
        self.state = state
        self.changed.emit()
        self._step()
        self._number()

    def _on_error(self, error: Error) -> None:
        self.problem = str(error)
        self._pending = None
        self.changed.emit()

    def _step(self) -> None:
        """Look for the match that is waited for, in what was searched until now."""
        search, state, forward, at = self._search, self.state, self._pending, self._from
        if search is None or state is None or forward is None or self._steps.is_waiting:
            return
        is_beyond = not state.is_complete and at.offset > state.searched
        if not (state.is_complete or (is_beyond and forward) or (state.count and not is_beyond)):
            return
        if is_beyond and at == self._looked_from:
            return  # nothing follows there: the first one of all is what comes next
        self._looked_from = at if is_beyond else None

        def work(context: JobContext) -> tuple[Match | None, bool]:
            if is_beyond:
                return search.ahead(at, context.check), False
            match = search.next(at, context.check, forward=forward)
            if match is None and state.is_complete:
                around = _START if forward else _FAR
                match = search.next(around, context.check, forward=forward)
            return match, state.is_complete

        self._steps.ask("Find match", work, self._on_match, self._on_error)

    def _number(self) -> None:
        """Find out which of all matches the current one is, where it was found ahead of them."""
        search, state, current = self._search, self.state, self.current
        if search is None or state is None or not state.is_complete or self._steps.is_waiting:
            return
        if current is None or current.number:
            return
        before = TextPosition(current.begin.offset, current.begin.column - 1)
        self._steps.ask(
            "Count matches",
            lambda context: search.next(before, context.check),
            self._on_numbered,
            self._on_error,
        )

    def _on_numbered(self, match: Match | None) -> None:
        self.current = match
        self.changed.emit()
        self._step()

    def _on_match(self, found: tuple[Match | None, bool]) -> None:
        match, is_final = found
        if match is None and not is_final:
            self._step() if self.state is not None and self.state.is_complete else None
            return
        self._pending = None
        self.current = match
        self.changed.emit()
        if match is not None:
            self.match_found.emit(match)


def _by_line(offsets: list[int], found: list[Found]) -> dict[int, list[tuple[int, int]]]:
    marks: dict[int, list[tuple[int, int]]] = {}
    for one in found:
        marks.setdefault(offsets[one.line], []).append((one.start, one.end))
    return marks
