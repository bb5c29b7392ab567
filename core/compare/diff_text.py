"""Two texts line by line: which lines are the same, changed, removed and added.

What people would not call a difference of lines is told in a sentence and compared away: marks of
the encoding, the way lines end, a missing end of the last one. Letters that are hidden from view
stay in the lines; whoever shows them must make them visible.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

from msgspec import Struct

from core.check import Check
from core.compare.diff_lines import Block, diff_sequences
from core.compare.diff_pairs import common_start, pair_lines
from core.compare.diff_window import Window
from core.text import format_bytes, plural

MOST_LINES = 400_000
"""Of each side; a text of more lines is compared up to there."""
LONG_LINE = 2000
"""Letters of a line that are kept for showing."""

_BEFORE = 200  # letters of a cut line that are kept before its first difference


class TextSide(Struct, frozen=True):
    """The lines of one side.

    Attributes:
        lines: Those that are held, without their ends; long ones cut.
        encoding: How they were decoded; empty where there was nothing to decode.
        is_there: Whether there is such a file.
    """

    lines: tuple[str, ...]
    encoding: str = ""
    is_there: bool = True


class TextDiff(Struct, frozen=True, dict=True):
    """What differs between two texts.

    Attributes:
        left: The one before.
        right: The one after.
        blocks: What both are made of; they count the lines that are held from 0.
        first: Number of the first line that is held, on both sides: those before are the same.
        is_same: Whether not a single byte differs.
        notes: A sentence each on what is left out or is no difference of lines.
    """

    left: TextSide
    right: TextSide
    blocks: tuple[Block, ...]
    first: int = 1
    is_same: bool = False
    notes: tuple[str, ...] = ()

    @cached_property
    def longest(self) -> tuple[str, str]:
        """The longest line of either side."""
        left, right = (max(side.lines, key=len, default="") for side in (self.left, self.right))
        return left, right

    @cached_property
    def removed(self) -> int:
        """Lines that are not on the right, changed ones included."""
        return sum(b.left_end - b.left for b in self.blocks if b.kind != "same")

    @cached_property
    def added(self) -> int:
        """Lines that are not on the left, changed ones included."""
        return sum(b.right_end - b.right for b in self.blocks if b.kind != "same")


class RawText(Struct, frozen=True):
    """A text as it was read.

    Attributes:
        text: The text; its lines end by LF, CRLF or CR.
        encoding: How it was decoded.
        is_there: Whether there is such a file.
        is_end: Whether it goes to the end of its file.
    """

    text: str
    encoding: str = ""
    is_there: bool = True
    is_end: bool = True


def diff_texts(
    left: RawText,
    right: RawText,
    check: Check,
    *,
    window: Window | None = None,
    cleaned: Callable[[str], str] | None = None,
) -> TextDiff:
    """Compare two texts line by line.

    Args:
        left: The one before.
        right: The one after.
        check: Called often; raises to stop (core.errors.Cancelled).
        window: Which part of their files they are; None for the whole.
        cleaned: Makes of each line what is compared and shown.

    Raises:
        Cancelled: `check` raised it.
    """
    lines, others = _lines_of(left, cleaned), _lines_of(right, cleaned)
    notes = _notes(left, right)
    if max(len(lines), len(others)) > MOST_LINES:
        notes.append(
            f"Only the first {MOST_LINES:,} lines are compared, of "
            f"{len(lines):,} on the left and {len(others):,} on the right."
        )
        lines, others = lines[:MOST_LINES], others[:MOST_LINES]
    check()
    blocks = pair_lines(diff_sequences(lines, others, check), lines, others, check)
    shown, shown_others, is_cut = _shortened(lines, others, blocks)
    if is_cut:
        notes.append(f"Lines longer than {LONG_LINE:,} characters are cut.")
    if window is not None:
        notes += _window_notes(window)
    return TextDiff(
        TextSide(shown, left.encoding, left.is_there),
        TextSide(shown_others, right.encoding, right.is_there),
        blocks,
        1 if window is None else window.lines_before + 1,
        _is_same(left, right, window),
        tuple(notes),
    )


def _is_same(left: RawText, right: RawText, window: Window | None) -> bool:
    if window is None:
        return left.text == right.text and left.is_there == right.is_there
    return window.first_difference is None and left.is_there and right.is_there


def _lines_of(raw: RawText, cleaned: Callable[[str], str] | None) -> list[str]:
    text = raw.text
    if cleaned is None and "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    return [cleaned(line.removesuffix("\r")) for line in lines] if cleaned else lines


def _notes(left: RawText, right: RawText) -> list[str]:
    """What differs apart from lines."""
    notes: list[str] = []
    if not (left.text and right.text):
        return notes
    if _plain_encoding(left.encoding) != _plain_encoding(right.encoding):
        names = left.encoding.upper(), right.encoding.upper()
        notes.append(f"The encoding differs: {names[0]} on the left, {names[1]} on the right.")
    ends = _line_ends(left.text), _line_ends(right.text)
    if all(ends) and ends[0] != ends[1]:
        notes.append(f"Lines end differently: {ends[0]} on the left, {ends[1]} on the right.")
    open_ends = [raw.is_end and raw.text[-1] not in "\r\n" for raw in (left, right)]
    if open_ends[0] != open_ends[1] and left.is_end and right.is_end:
        side = "left" if open_ends[0] else "right"
        notes.append(f"The last line on the {side} has no end.")
    return notes


def _plain_encoding(encoding: str) -> str:
    return encoding.removesuffix("-sig")


def _line_ends(text: str) -> str:
    """How lines end; empty where there is no end of a line."""
    pairs, lines, returns = text.count("\r\n"), text.count("\n"), text.count("\r")
    if not lines + returns:
        return ""
    if pairs == lines == returns:
        return "CRLF"
    if not returns:
        return "LF"
    return "CR" if not lines else "mixed"


def _window_notes(window: Window) -> list[str]:
    notes = []
    if window.lines_before:
        notes.append(f"{plural(window.lines_before, 'line')} before are the same on both sides.")
    if window.same_after:
        notes.append(f"{format_bytes(window.same_after)} after are the same on both sides.")
    if any(window.left_out):
        left, right = map(format_bytes, window.left_out)
        notes.append(f"The rest was not compared: {left} on the left, {right} on the right.")
    return notes


def _shortened(
    left: Sequence[str], right: Sequence[str], blocks: Sequence[Block]
) -> tuple[tuple[str, ...], tuple[str, ...], bool]:
    """Both sides with long lines cut; of a changed pair so that the first difference is kept."""
    if max(map(len, left), default=0) <= LONG_LINE >= max(map(len, right), default=0):
        return tuple(left), tuple(right), False
    ours, theirs = [_cut(line, 0) for line in left], [_cut(line, 0) for line in right]
    for block in blocks:
        if block.kind == "changed":
            for i, j in zip(
                range(block.left, block.left_end), range(block.right, block.right_end), strict=True
            ):
                if max(len(left[i]), len(right[j])) > LONG_LINE:
                    place = max(0, common_start(left[i], right[j]) - _BEFORE)
                    place = place if place > LONG_LINE // 2 else 0
                    ours[i], theirs[j] = _cut(left[i], place), _cut(right[j], place)
    return tuple(ours), tuple(theirs), True


def _cut(line: str, place: int) -> str:
    part = line[place : place + LONG_LINE]
    return f"{'… ' if place else ''}{part}{' …' if place + LONG_LINE < len(line) else ''}"
