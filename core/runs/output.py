"""The captured output of a run: read in windows, followed while it grows, of any size.

Why byte offsets and not line numbers: a view can show the beginning, the end or any place of a
file at once, while its lines are still being counted. Numbers, streams and times of lines follow
as soon as the count has come so far.

A viewer calls `extend` now and then (it counts what is new and notices a restart of the run) and
asks for a `window` around the place it shows. The command line uses `follow_output`.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec import Struct

from core.ansi import CARRY_LINES, Span, Styler, plain_text
from core.check import Check
from core.errors import OutputMissing, RunDamaged, RunError, RunNotFound
from core.runs.attrs import read_attr
from core.runs.output_file import Identity, OutputFile, open_output
from core.runs.output_lines import FileLines, LineIndex
from core.runs.output_pages import Page, read_page
from core.runs.output_times import (
    UNKNOWN,
    LineRecord,
    find_stderr,
    read_first_bytes,
    read_first_time,
    read_records,
)
from core.runs.store import Store

CHUNK = 1 << 18
FOLLOW_SECONDS = 0.1
PUBLISH_SECONDS = 0.05
_END = sys.maxsize
"""Behind the end of any file: how far it reaches is seen when its lines are read."""


class OutputState(Struct, frozen=True):
    """How far the output of a run is known.

    Attributes:
        generation: Another number means another file: the run was started again.
        size: Bytes in the file.
        counted: Bytes of it whose lines are counted.
        lines: Lines in these, an unfinished last one included.
        base_time: What relative times count from (milliseconds since 1970-01-01 UTC): the start
            of the run, or else the first line; None when neither is known.
        problem: One sentence when there is nothing to show; else empty.
        left_out: Bytes before what is in the file: of a run elsewhere perhaps not all is here.
        note: Why there may be more by now, as a clause; usually empty.
    """

    generation: int = 0
    size: int = 0
    counted: int = 0
    lines: int = 0
    base_time: int | None = None
    problem: str = ""
    left_out: int = 0
    note: str = ""

    @property
    def is_counted(self) -> bool:
        """Whether every line is counted."""
        return self.counted >= self.size


class OutputLine(Struct, frozen=True):
    """One line, ready to show.

    Attributes:
        offset: Where it begins in the file.
        end: Where the next one begins.
        text: Its text without escapes and control characters.
        spans: Its styles.
        number: From 0; None while not counted.
        record: Its time and stream.
        hidden: Bytes of a very long line that are not in `text`.
    """

    offset: int
    end: int
    text: str
    spans: tuple[Span, ...] = ()
    number: int | None = None
    record: LineRecord = UNKNOWN
    hidden: int = 0


class OutputWindow(Struct, frozen=True):
    """Some consecutive lines.

    Attributes:
        generation: As in OutputState.
        size: Bytes in the file when it was read.
        lines: The lines.
    """

    generation: int
    size: int
    lines: tuple[OutputLine, ...]

    @property
    def begin(self) -> int:
        """Where the first line begins."""
        return self.lines[0].offset if self.lines else 0

    @property
    def end(self) -> int:
        """Where the last line ends."""
        return self.lines[-1].end if self.lines else 0

    @property
    def is_at_end(self) -> bool:
        """Whether its last line is the last of the file."""
        return self.end >= self.size


class TextPosition(Struct, frozen=True):
    """A place between two characters: before character `column` of the line at `offset`."""

    offset: int
    column: int

    def __lt__(self, other: TextPosition) -> bool:
        return (self.offset, self.column) < (other.offset, other.column)


class OutputReader:
    """Reads the output of one run. Any thread may ask; one at a time may extend.

    Args:
        run_dir: Directory of the run.
    """

    def __init__(self, run_dir: Path) -> None:
        self.run_dir = run_dir
        self._lock = threading.Lock()
        self._identity: Identity | None = None
        self._index = LineIndex()
        self._generation = 0
        self._base_time: int | None = None

    @property
    def is_elsewhere(self) -> bool:
        """Whether another machine is asked for more; not often then."""
        return False

    def read_all(self, check: Check) -> None:
        """Read what was left out too, from the next question on; on a worker's thread."""

    def extend(self, check: Check) -> Iterator[OutputState]:
        """Count the lines that were not counted before; yields often enough to show progress.

        The last state yielded is the result. A file that is missing or unreadable gives one state
        with a problem, since it may be there the next time.
        """
        try:
            with open_output(self.run_dir) as file:
                yield from self._extend(file, check)
        except RunError as e:
            with self._lock:
                self._forget()
            yield OutputState(self._generation, problem=f"{e}.")

    def window(self, at: int, before: int, after: int, check: Check) -> OutputWindow:
        """The line that holds byte `at`, up to `before` lines before it and `after` after it.

        Args:
            at: Any byte; one behind the end means the unfinished last line if there is one, else
                the place after the last line.
            before: Number of lines before; with `at` behind the end, these are the last ones.
            after: Number of lines after.
            check: Called between reads; raises to stop.

        Raises:
            RunError: The output cannot be read.
        """
        with open_output(self.run_dir) as file:
            generation, lines = self._lines_of(file, check)
            start = lines.start_of(min(max(0, at), lines.size))
            first = lines.back(start, before)
            shown = _shown(lines, first, start, after)
            number = lines.number_of(first)
        return OutputWindow(generation, lines.size, self._numbered(shown, number))

    def last(self, count: int, check: Check) -> OutputWindow:
        """The last `count` lines (errors as of `window`)."""
        return self.window(_END, count, 0, check)

    def line_offset(self, number: int, check: Check) -> int | None:
        """Where the line with this number (from 0) begins; None when there is none (yet)."""
        with open_output(self.run_dir) as file:
            lines = self._lines_of(file, check)[1]
            offset = lines.offset_of(number)
            return offset if offset is not None and offset < lines.size else None

    def next_stderr(self, at: int, check: Check, *, forward: bool = True) -> int | None:
        """Where the next stretch of stderr lines after (or before) the line at `at` begins.

        Returns:
            The offset of its first line; None when there is none, or streams are not recorded.
        """
        with open_output(self.run_dir) as file:
            lines = self._lines_of(file, check)[1]
            here = lines.number_of(lines.start_of(at))
        found = None if here is None else find_stderr(self.run_dir, here, check, forward=forward)
        return None if found is None else self.line_offset(found, check)

    def text_between(
        self, begin: TextPosition, end: TextPosition, limit: int, check: Check
    ) -> tuple[str, bool]:
        """The shown text between two places.

        Args:
            begin: The first place.
            end: The last place, not before the first.
            limit: Characters to read at most.
            check: Called between reads; raises to stop.

        Returns:
            The text, and whether it is the whole.
        """
        parts: list[str] = []
        length = 0
        with open_output(self.run_dir) as file:
            for line in self._lines_of(file, check)[1].from_start(begin.offset):
                if line.offset > end.offset:
                    break
                if line.offset == end.offset and not end.column:  # up to its beginning
                    parts.append("")
                    break
                text = plain_text(line.text)
                stop = end.column if line.offset == end.offset else len(text)
                part = text[begin.column if line.offset == begin.offset else 0 : stop]
                parts.append(part)
                length += len(part) + 1
                if length - 1 > limit:
                    return "\n".join(parts)[:limit], False
        return "\n".join(parts), True

    def page(self, at: int, check: Check) -> tuple[int, Page | None, int]:
        """Whole lines for a search, from the one that begins at `at`.

        Returns:
            Generation, the page (None at the end of the output), and the size of the output.
        """
        with open_output(self.run_dir) as file:
            generation, lines = self._lines_of(file, check)
            return generation, read_page(lines, at), lines.size

    def is_running(self) -> bool:
        """Whether the run is running, as far as its files say."""
        try:
            run = Store(self.run_dir.parent).read(self.run_dir.name, None)
        except RunNotFound:
            return False
        return run.status == "running"

    def _extend(self, file: OutputFile, check: Check) -> Iterator[OutputState]:
        generation, index = self._synced(file)
        last_byte = file.read(index.covered - 1, 1) if index.covered else b"\n"
        told = time.monotonic()
        while True:
            check()
            data = file.read(index.covered, CHUNK)
            if not data:
                break
            index.add(data)
            last_byte = data[-1:]
            if time.monotonic() - told > PUBLISH_SECONDS:
                told = time.monotonic()
                yield self._state(generation, index, max(file.measure(), index.covered), last_byte)
        yield self._state(generation, index, index.covered, last_byte)

    def _state(self, generation: int, index: LineIndex, size: int, last_byte: bytes) -> OutputState:
        if size == 0:
            text = f"Run {self.run_dir.name[:8]} has written no output yet."
            return OutputState(generation, problem=text)
        lines = index.feeds + (last_byte != b"\n")
        return OutputState(generation, size, index.covered, lines, self._base_time)

    def _lines_of(self, file: OutputFile, check: Check) -> tuple[int, FileLines]:
        generation, index = self._synced(file)
        return generation, FileLines(file, index, check)

    def _synced(self, file: OutputFile) -> tuple[int, LineIndex]:
        """The generation and the index of `file`, a new one when it is not what it was."""
        identity = file.identity(read_first_bytes(self.run_dir))
        with self._lock:
            known = self._identity
            is_same = known is not None and known.is_continued_by(identity)
            if not is_same or file.size < self._index.covered:
                self._forget()
            self._identity = identity
            if self._base_time is None:
                self._base_time = self._read_base_time()
            return self._generation, self._index

    def _forget(self) -> None:
        if self._identity is not None:
            self._generation += 1
        self._identity = None
        self._index = LineIndex()
        self._base_time = None

    def _read_base_time(self) -> int | None:
        try:
            started = read_attr(self.run_dir, "started")
        except RunDamaged:
            started = None
        first = read_first_time(self.run_dir)
        if isinstance(started, int) and (first is None or 0 < started // 1000 <= first):
            return started // 1000
        return first

    def _numbered(self, shown: list[OutputLine], first: int | None) -> tuple[OutputLine, ...]:
        if first is None or not shown:
            return tuple(shown)
        records = read_records(self.run_dir, first, len(shown))
        return tuple(
            OutputLine(line.offset, line.end, line.text, line.spans, first + i, record, line.hidden)
            for i, (line, record) in enumerate(zip(shown, records, strict=True))
        )


def follow_output(
    run_dir: Path, *, is_running: Callable[[], bool], check: Check, follow: bool
) -> Iterator[bytes]:
    """The output of a run as it is on disk, and then what is added to it.

    When the run is started again meanwhile, its new output follows from the beginning.

    Args:
        run_dir: The run.
        is_running: Whether more output can come; asked only when all was read.
        check: Called between reads; raises to stop.
        follow: Whether to wait for more; without it only what is there now is given.

    Raises:
        OutputMissing: There is no output, and none can come.
        RunError: It cannot be read.
    """
    identity: Identity | None = None
    at = 0
    while True:
        check()
        may_grow = follow and is_running()  # asked before reading: then nothing is missed
        try:
            with open_output(run_dir) as file:
                now = file.identity(read_first_bytes(run_dir))
                if file.size < at or (identity is not None and not identity.is_continued_by(now)):
                    at = 0
                identity = now
                while data := file.read(at, CHUNK):
                    check()
                    at += len(data)
                    yield data
        except OutputMissing:
            if not may_grow:
                raise
        if not may_grow:
            return
        time.sleep(FOLLOW_SECONDS)


def _shown(lines: FileLines, first: int, start: int, after: int) -> list[OutputLine]:
    """The lines from the one at `first` to the one `after` lines after the one at `start`."""
    styler = Styler()
    shown: list[OutputLine] = []
    for line in lines.from_start(lines.back(first, CARRY_LINES)):
        text, spans = styler.line(line.text)
        if line.offset < first:
            continue
        if line.offset > start:
            after -= 1
        if after < 0:
            break
        shown.append(OutputLine(line.offset, line.end, text, spans, hidden=line.hidden))
    return shown
