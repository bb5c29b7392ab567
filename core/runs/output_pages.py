"""Output in pages of whole lines, for looking through all of it at the speed of memory."""

from __future__ import annotations

import re
from itertools import accumulate

from msgspec import Struct

from core.ansi import plain_lines
from core.runs.output_lines import LINE_BYTES, FileLines

PAGE = 1 << 18
_HALF_LINE = LINE_BYTES // 2
_CONTROLS = bytes(sorted({*range(32), 127} - {9, 10}))
_NOT_ASCII_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


class Page(Struct, frozen=True):
    """Some consecutive whole lines, or the unfinished last one by itself.

    Attributes:
        offset: Where the first line begins.
        end: Where the last line ends.
        data: The lines as they are shown, joined by line feeds; cut where they are too long.
        is_finished: Whether the last line has its line feed.
        is_cut: Whether `data` is one line only, of which it may be a part.
    """

    offset: int
    end: int
    data: bytes
    is_finished: bool
    is_cut: bool = False

    @property
    def text(self) -> str:
        """The lines as they are shown, joined by line feeds."""
        text = self.data.decode("utf-8", "replace")
        if self.data.isascii():
            is_plain = len(self.data.translate(None, _CONTROLS)) == len(self.data)
        else:
            is_plain = _NOT_ASCII_HIDDEN.search(text) is None
        return text if is_plain else plain_lines(text)

    def line_offsets(self) -> list[int]:
        """Where each line begins."""
        if self.is_cut:
            return [self.offset]
        lengths = [len(line) + 1 for line in self.data.split(b"\n")]
        return list(accumulate(lengths[:-1], initial=self.offset))


def read_page(lines: FileLines, at: int) -> Page | None:
    """The page that begins with the line at `at`; None at the end of the file."""
    data = lines.file.read(at, min(PAGE, max(0, lines.size - at)))
    last = data.rfind(b"\n")
    if last >= 0:
        stop = _first_long_line(data, last + 1)
        if stop:
            return Page(at, at + stop, data[: stop - 1], is_finished=True)
    line = next(lines.from_start(at), None)
    if line is None:
        return None
    is_finished = lines.file.read(line.end - 1, 1) == b"\n"
    return Page(line.offset, line.end, line.data, is_finished, is_cut=True)


def _first_long_line(data: bytes, length: int) -> int:
    """Where the first line begins that may be too long to show; `length` when there is none.

    A line longer than LINE_BYTES has no line feed in one of the aligned pieces half as long.
    """
    for begin in range(0, length, _HALF_LINE):
        if data.find(b"\n", begin, begin + _HALF_LINE) < 0 and begin + _HALF_LINE <= length:
            return data.rfind(b"\n", 0, begin) + 1
    return length
