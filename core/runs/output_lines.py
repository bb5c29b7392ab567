"""Where the lines of a file of any size begin, from a count of line feeds in each block of it.

Why counts and not offsets of lines: counting runs at the speed of memory, eight bytes a block of
64 KiB describe a file of 100 GB in 12 MB, a file may grow while it is counted, and a line of any
length costs nothing: blocks without a line feed are stepped over.

A line ends after its line feed; the last one of a file may lack it.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from msgspec import Struct

from core.check import Check
from core.runs.output_file import OutputFile

BLOCK = 1 << 16
# What is shown of one line; of a longer one its beginning, or what its progress bar drew last.
LINE_BYTES = 1 << 14
TAIL_BYTES = 1 << 12


class LineIndex:
    """Line feeds before each block of a file. One thread adds; any thread may ask."""

    def __init__(self) -> None:
        self._before = array("Q", [0])
        self._end = (0, 0)

    @property
    def covered(self) -> int:
        """Bytes counted so far, from the beginning of the file."""
        return self._end[0]

    @property
    def feeds(self) -> int:
        """Line feeds in these bytes."""
        return self._end[1]

    def add(self, data: bytes | bytearray) -> None:
        """Count the bytes that follow those counted before."""
        covered, feeds = self._end
        at, length = 0, len(data)
        while at < length:
            part = min(BLOCK - covered % BLOCK, length - at)
            feeds += data.count(b"\n", at, at + part)
            at, covered = at + part, covered + part
            if covered % BLOCK == 0:
                self._before.append(feeds)
        self._end = (covered, feeds)

    def feeds_before_block(self, offset: int) -> int | None:
        """Line feeds before the block that `offset` lies in; None where not counted yet."""
        block = offset // BLOCK
        return self._before[block] if block < len(self._before) else None

    def block_of_feed(self, number: int) -> tuple[int, int] | None:
        """The block with a line feed (the first is 1): its offset, and the feeds before it."""
        if not 1 <= number <= self.feeds:
            return None
        block = bisect_left(self._before, number) - 1
        return block * BLOCK, self._before[block]

    def step_back(self, offset: int) -> int:
        """The end of the last block with a line feed before the block boundary `offset`."""
        block = offset // BLOCK
        if block >= len(self._before):
            return offset
        return bisect_left(self._before, self._before[block]) * BLOCK

    def step_forward(self, offset: int) -> int:
        """The next block boundary from `offset` (one itself) whose block may have a line feed."""
        block = offset // BLOCK
        if block >= len(self._before):
            return offset
        after = bisect_right(self._before, self._before[block])
        return max(offset, (after - 1) * BLOCK)


class RawLine(Struct, frozen=True):
    """One line as bytes.

    Attributes:
        offset: Where it begins.
        end: Where the next one begins; the size of the file for an unfinished last line.
        data: What is shown of it, without its line feed.
        hidden: Bytes of it that are not in `data`.
    """

    offset: int
    end: int
    data: bytes
    hidden: int = 0

    @property
    def text(self) -> str:
        """The bytes as text, with a sign in place of what is not UTF-8."""
        return self.data.decode("utf-8", "replace")


class FileLines:
    """Finds lines in an open file. For one thread.

    Args:
        file: The file; lines end at the size it was last measured at.
        index: Counts of its line feeds, as far as they go; longer searches need none.
        check: Called between reads; raises to stop.
    """

    def __init__(self, file: OutputFile, index: LineIndex, check: Check) -> None:
        self.file = file
        self.size = file.size
        self._index = index
        self._check = check

    def start_of(self, at: int) -> int:
        """Where the line that holds byte `at` begins."""
        return self._back(at, 1, at)

    def back(self, start: int, count: int) -> int:
        """Where the line `count` lines before the one that begins at `start` begins, or 0."""
        return self._back(start, count, start - 1) if count else start

    def end_of(self, at: int) -> int:
        """Where the line that holds byte `at` ends."""
        while at < self.size:
            self._check()
            data = self._read(at, BLOCK - at % BLOCK)
            if not data:
                break
            feed = data.find(b"\n")
            if feed >= 0:
                return at + feed + 1
            at = self._index.step_forward(at + len(data))
        return self.size

    def number_of(self, start: int) -> int | None:
        """The number (from 0) of the line that begins at `start`; None where not counted yet."""
        feeds = self._index.feeds_before_block(start)
        if feeds is None:
            return None
        begin = start // BLOCK * BLOCK
        return feeds + self._read(begin, start - begin).count(b"\n")

    def offset_of(self, number: int) -> int | None:
        """Where the line with this number (from 0) begins; None where not counted yet."""
        if number == 0:
            return 0
        found = self._index.block_of_feed(number)
        if found is None:
            return None
        begin, feeds = found
        data = self._read(begin, BLOCK)
        at = -1
        for _ in range(number - feeds):
            at = data.find(b"\n", at + 1)
        return begin + at + 1

    def from_start(self, start: int) -> Iterator[RawLine]:
        """The lines from the one that begins at `start` to the end of the file."""
        while start < self.size:
            self._check()
            data = self._read(start, BLOCK)
            if not data:
                return
            at = 0
            while (feed := data.find(b"\n", at)) >= 0:
                yield _whole_or_cut(start + at, data[at:feed], start + feed + 1)
                at = feed + 1
            if at == 0 or start + len(data) >= self.size:
                last = self._last_of(start + at, data[at:])
                if last is not None:
                    yield last
                    start = last.end
                else:
                    start += at
            else:
                start += at

    def _last_of(self, start: int, data: bytes) -> RawLine | None:
        """The line whose first bytes are `data`: longer than a block, or unfinished."""
        if not data:
            return None
        read_to = start + len(data)
        if read_to >= self.size:
            return _whole_or_cut(start, data, self.size)
        end = self.end_of(read_to)
        has_feed = self._read(end - 1, 1) == b"\n"
        length = end - start - has_feed
        tail = self._read(start + length - TAIL_BYTES, TAIL_BYTES)
        return _cut(start, data, tail, length, end)

    def _back(self, at: int, count: int, before: int) -> int:
        """The byte after the `count`-th line feed in front of `before`, counted backwards."""
        at = min(at, before)
        while at > 0:
            self._check()
            begin = (at - 1) // BLOCK * BLOCK
            data = self._read(begin, at - begin)
            stop = len(data)
            while (feed := data.rfind(b"\n", 0, stop)) >= 0:
                count -= 1
                if count == 0:
                    return begin + feed + 1
                stop = feed
            at = self._index.step_back(begin)
        return 0

    def _read(self, offset: int, length: int) -> bytes:
        return self.file.read(offset, min(length, max(0, self.size - offset)))


def _whole_or_cut(offset: int, data: bytes, end: int) -> RawLine:
    if len(data) <= LINE_BYTES:
        return RawLine(offset, end, data)
    return _cut(offset, data, data[-TAIL_BYTES:], len(data), end)


def _cut(offset: int, head: bytes, tail: bytes, length: int, end: int) -> RawLine:
    """A line too long to show: what its progress bar drew last, else its beginning."""
    drawn = tail.rstrip(b"\r").partition(b"\r")[2]
    if drawn.strip():
        return RawLine(offset, end, drawn, 0)
    data = _without_half_character(head[:LINE_BYTES])
    return RawLine(offset, end, data, length - len(data))


def _without_half_character(data: bytes) -> bytes:
    """The bytes without a UTF-8 character that is cut off at their end."""
    for back in range(1, 4):
        byte = data[-back]
        if byte & 0xC0 == 0x80:
            continue
        wanted = 4 if byte >= 0xF0 else 3 if byte >= 0xE0 else 2 if byte >= 0xC0 else 1
        return data[:-back] if wanted > back else data
    return data
