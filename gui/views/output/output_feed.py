"""Brings the output of a run from disk to the view: all reading happens in jobs.

Three lanes, so that scrolling never waits: windows of lines; counting what is new, which for a
gigabyte takes a second; and errands such as copying a large selection.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct
from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QWidget

from core.errors import Error, RunError
from core.jobs import JobContext
from core.runs.contents import RunContents
from core.runs.output import OutputReader, OutputState, OutputWindow, TextPosition
from gui.job_bridge import JobBridge, Latest
from gui.views.attention import Attention
from gui.views.output.output_canvas import Place

GROWING_MS = 100
QUIET_MS = 500
COPY_LIMIT = 10_000_000


class _Opened(Struct, frozen=True):
    is_running: bool
    has_failed: bool
    window: OutputWindow | None


class _Grown(Struct, frozen=True):
    state: OutputState
    window: OutputWindow | None


class OutputFeed(QObject):
    """Reads for one view. `lines` lines on each side of a place, and the last ones if `follow`.

    Signals:
        opened: The first look at a run: whether it is running, and whether it failed.
        state_changed: How much output there is (OutputState).
        window_read: Lines to show (OutputWindow).
        text_read: Text to copy, and whether it is all that was selected.
        stderr_found: Where the next stretch of stderr begins; None when there is none.
    """

    opened = Signal(bool, bool)
    state_changed = Signal(object)
    window_read = Signal(object)
    text_read = Signal(str, bool)
    stderr_found = Signal(object)

    def __init__(self, bridge: JobBridge, parent: QObject) -> None:
        super().__init__(parent)
        self._attention = Attention(parent) if isinstance(parent, QWidget) else None
        self.reader: OutputReader | None = None
        self._contents: RunContents | None = None
        self.state = OutputState()
        self.lines = 200
        self.follow = False
        self._wanted: Place | None = None
        self._windows = Latest(bridge, "output", self)
        self._counts = Latest(bridge, "output-count", self)
        self._errands = Latest(bridge, "output-errand", self)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._on_due)

    @property
    def is_reading(self) -> bool:
        """Whether lines are on their way."""
        return self._windows.is_waiting

    def open(self, contents: RunContents) -> None:
        """Read the output of another run."""
        self.close()
        self.reader, self._contents = contents.output(), contents
        self.begin()
        self.look()

    def begin(self) -> None:
        """Read the last lines of a run that is running, failed or followed, else its first ones."""
        reader, contents, lines = self.reader, self._contents, self.lines
        if reader is None or contents is None:
            return

        def work(context: JobContext) -> _Opened:
            is_running = reader.is_running()
            has_failed = not is_running and _has_failed(contents, context)
            try:
                if is_running or has_failed or self.follow:
                    window = reader.last(lines, context.check)
                else:
                    window = reader.window(0, 0, lines, context.check)
            except RunError:  # the count of lines says why
                return _Opened(is_running, has_failed, None)
            return _Opened(is_running, has_failed, window)

        self._windows.ask("Open output", work, self._on_opened)

    def close(self) -> None:
        """Read nothing any more."""
        self._timer.stop()
        for latest in (self._windows, self._counts, self._errands):
            latest.drop()
        self.reader = None
        self.state = OutputState()
        self._wanted = None

    def pause(self) -> None:
        """Do not look for more output until `look` is called."""
        self._timer.stop()
        self._counts.drop()

    def look(self) -> None:
        """See how much output there is now, and again after a while."""
        reader, known = self.reader, self.state
        if reader is None or self._counts.is_waiting:
            return
        self._timer.stop()

        def work(context: JobContext) -> _Grown:
            state = known
            for state in reader.extend(context.check):
                if not state.is_counted:
                    context.publish(state)
            is_new = (state.generation, state.size) != (known.generation, known.size)
            if self.follow and is_new and not state.problem:
                return _Grown(state, reader.last(self.lines, context.check))
            return _Grown(state, None)

        self._counts.ask("Count lines of output", work, self._on_grown, self._retry, self._tell)

    def want(self, place: Place) -> None:
        """Read the lines around a place; of several wishes the last one counts."""
        if self.reader is None:
            return
        if self._windows.is_waiting:
            self._wanted = place
            return
        reader, lines = self.reader, self.lines

        def work(context: JobContext) -> OutputWindow:
            if place == "end":
                return reader.last(lines, context.check)
            return reader.window(place, lines, lines, context.check)

        self._windows.ask("Read output", work, self._on_window, self._retry)

    def read_all(self) -> None:
        """Read what was left out as well, however long that takes."""
        self._errand(
            "Read all output",
            lambda reader, context: reader.read_all(context.check),
            lambda _none: self.look(),
        )

    def copy(self, begin: TextPosition, end: TextPosition) -> None:
        """Read the text between two places, COPY_LIMIT characters at most."""
        self._errand(
            "Copy output",
            lambda reader, context: reader.text_between(begin, end, COPY_LIMIT, context.check),
            lambda result: self.text_read.emit(*result),
        )

    def find_stderr(self, at: int, *, forward: bool) -> None:
        """Look for the next stretch of stderr after or before the line at an offset."""

        def work(reader: OutputReader, context: JobContext) -> int | None:
            return reader.next_stderr(at, context.check, forward=forward)

        self._errand("Find stderr", work, self.stderr_found.emit)

    def _errand(
        self,
        title: str,
        work: Callable[[OutputReader, JobContext], object],
        on_result: Callable[[Any], None],
    ) -> None:
        reader = self.reader
        if reader is not None:
            self._errands.ask(title, lambda context: work(reader, context), on_result)

    @Slot()
    def _on_due(self) -> None:
        """Look again, unless that is to ask another machine and nobody would see the answer."""
        is_far = self.reader is not None and self.reader.is_elsewhere
        if is_far and self._attention is not None and not self._attention.may_ask():
            self._timer.start(QUIET_MS)
        else:
            self.look()

    def _on_opened(self, opened: _Opened) -> None:
        self.opened.emit(opened.is_running, opened.has_failed)
        if opened.window is not None:
            self._on_window(opened.window)

    def _on_window(self, window: OutputWindow) -> None:
        self.window_read.emit(window)
        wanted, self._wanted = self._wanted, None
        if wanted is not None:
            self.want(wanted)

    def _on_grown(self, grown: _Grown) -> None:
        is_new = grown.state != self.state
        self._tell(grown.state)
        if grown.window is not None and self.follow:
            self.window_read.emit(grown.window)
        self._timer.start(GROWING_MS if is_new else QUIET_MS)

    def _tell(self, state: OutputState) -> None:
        if state != self.state:
            self.state = state
            self.state_changed.emit(state)

    def _retry(self, _error: object) -> None:
        """Reading failed: the next look says why, or finds the output back."""
        self._wanted = None
        if not self._counts.is_waiting:
            self._timer.start(QUIET_MS)


def _has_failed(contents: RunContents, context: JobContext) -> bool:
    """Whether a run ended otherwise than it should; false where that cannot be told."""
    try:
        return contents.run(context.check).status in ("error", "terminated")
    except Error:
        return False
