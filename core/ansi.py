"""Text meant for a terminal, as plain text and styled spans.

Colours and the styles of letters are kept. Every other escape sequence (moving the cursor, titles,
hyperlinks, device control, whatever a hostile program invents) is removed, as are control
characters except tab, and the characters that reorder text to deceive its reader.

Why no terminal emulation: output is read line by line from the middle of files of any size. What
a progress bar drew last on its line (after a carriage return) is shown; concealed text is shown
too, because a viewer must not hide what a program wrote.

Why a style ends after CARRY_LINES lines: a style goes on until it is reset, which for a line in
the middle of a file could be anywhere before. With the limit, reading CARRY_LINES lines more
gives every line the same colours wherever reading began.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

CARRY_LINES = 40
MAX_CODES = 64

# A number of the 256-colour palette (0 to 15 are the terminal's own colours), or red, green, blue.
Colour = int | tuple[int, int, int]


class Style(Struct, frozen=True):
    """How characters look; None as a colour is the default one."""

    fg: Colour | None = None
    bg: Colour | None = None
    bold: bool = False
    faint: bool = False
    italic: bool = False
    underline: bool = False
    inverse: bool = False
    strike: bool = False


PLAIN = Style()


class Span(Struct, frozen=True):
    """A stretch of characters with a style that is not the default.

    Attributes:
        start: Index of its first character.
        end: Index after its last.
        style: How they look.
    """

    start: int
    end: int
    style: Style


_HIDDEN_CLASS = "\x00-\x08\x0a-\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069"
# Each alternative consumes what it scanned, so the whole is linear.
_HIDDEN = (
    # Strings for the terminal, such as titles and links, with their end.
    r"(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])"
    r"[^\x00-\x08\x0a-\x1f\x7f-\x9f]*+(?:\x07|\x1b\\|\x9c)"
    # Control sequences; those that end in m are styles.
    r"|(?:\x1b\[|\x9b)(?P<codes>[0-?]*+)(?P<middle>[ -/]*+)(?P<final>[@-~]?)"
    # The beginning of a string without its end: what follows is shown.
    r"|\x1b[\]PX^_]"
    # Two-character escapes and character sets.
    r"|\x1b[ -/]*+[0-~]?"
    rf"|[{_HIDDEN_CLASS}]"
)
_TOKEN = re.compile(rf"{_HIDDEN}|\r")
_REMOVED = re.compile(_HIDDEN.replace("?P<codes>", "?:").replace("?P<middle>", "?:"))
_SPECIAL = re.compile(rf"[{_HIDDEN_CLASS}\r]")

# Colours and whatever else is a whole control sequence: nearly all that outputs have.
_SEQUENCE = re.compile(r"\x1b\[[0-?]*+[ -/]*+[@-~]")
_SPECIAL_IN_LINES = re.compile("[" + _HIDDEN_CLASS.replace("\n", "\x0b") + "\r]")

_CODES: dict[int, dict[str, Any]] = {
    1: {"bold": True},
    2: {"faint": True},
    3: {"italic": True},
    4: {"underline": True},
    7: {"inverse": True},
    9: {"strike": True},
    21: {"underline": True},
    22: {"bold": False, "faint": False},
    23: {"italic": False},
    24: {"underline": False},
    27: {"inverse": False},
    29: {"strike": False},
    39: {"fg": None},
    49: {"bg": None},
    **{30 + number: {"fg": number} for number in range(8)},
    **{40 + number: {"bg": number} for number in range(8)},
    **{90 + number: {"fg": 8 + number} for number in range(8)},
    **{100 + number: {"bg": 8 + number} for number in range(8)},
}
_EXTENDED = {38: "fg", 48: "bg", 58: ""}


def plain_text(line: str) -> str:
    """The text of a line as it is shown, without styles: the same that `Styler.line` gives."""
    if _SPECIAL.search(line) is None:
        return line
    text = _REMOVED.sub("", line)
    if "\r" not in text:
        return text
    parts = text.split("\r")
    return next((part for part in reversed(parts) if _is_visible(part)), parts[-1])


def plain_lines(text: str) -> str:
    """Lines, joined by line feeds, as they are shown: `plain_text` of each.

    Where all that is hidden are whole sequences, removing them from all lines at once gives the
    same, five times as quickly.
    """
    bare = _SEQUENCE.sub("", text)
    if _SPECIAL_IN_LINES.search(bare) is None:
        return bare
    return "\n".join([plain_text(line) for line in text.split("\n")])


class Styler:
    """Reads consecutive lines and remembers which style goes on from one to the next."""

    def __init__(self) -> None:
        self._style = PLAIN
        self._values: dict[str, Any] = {}
        self._set_on: dict[str, int] = {}
        self._number = 0

    def line(self, text: str) -> tuple[str, tuple[Span, ...]]:
        """The shown text of the next line (given without its line feed) and its styled spans."""
        self._number += 1
        self._expire()
        if _SPECIAL.search(text) is None:
            return text, self._whole(text)
        current = _Part()
        visible: _Part | None = None
        at = 0
        for token in _TOKEN.finditer(text):
            current.add(text[at : token.start()], self._style)
            at = token.end()
            if token.group() == "\r":
                visible = current if current.is_visible else visible
                current = _Part()
            elif token["final"] == "m" and not token["middle"]:
                self._apply(token["codes"])
        current.add(text[at:], self._style)
        shown = current if current.is_visible or visible is None else visible
        return shown.text, tuple(shown.spans)

    def _whole(self, text: str) -> tuple[Span, ...]:
        return (Span(0, len(text), self._style),) if text and self._values else ()

    def _expire(self) -> None:
        if not self._values:
            return
        old = [name for name, on in self._set_on.items() if self._number - on > CARRY_LINES]
        for name in old:
            del self._values[name], self._set_on[name]
        if old:
            self._style = Style(**self._values)

    def _apply(self, codes: str) -> None:
        if codes and codes[0] in "<=>?":  # private modes that end in m are no styles
            return
        for change in _changes(codes):
            if change is None:
                self._values.clear()
                self._set_on.clear()
                continue
            for name, value in change.items():
                self._set(name, value)
        self._style = Style(**self._values) if self._values else PLAIN

    def _set(self, name: str, value: Any) -> None:
        if value is None or value is False:
            self._values.pop(name, None)
            self._set_on.pop(name, None)
        else:
            self._values[name] = value
            self._set_on[name] = self._number


class _Part:
    """What was written since the last carriage return."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._length = 0
        self.is_visible = False
        self.spans: list[Span] = []

    @property
    def text(self) -> str:
        return "".join(self._texts)

    def add(self, text: str, style: Style) -> None:
        if not text:
            return
        start, self._length = self._length, self._length + len(text)
        self._texts.append(text)
        self.is_visible = self.is_visible or _is_visible(text)
        if style == PLAIN:
            return
        last = self.spans[-1] if self.spans else None
        if last is not None and last.end == start and last.style == style:
            self.spans[-1] = Span(last.start, self._length, style)
        else:
            self.spans.append(Span(start, self._length, style))


def _is_visible(text: str) -> bool:
    return bool(text) and not text.isspace()


def _changes(codes: str) -> Iterator[dict[str, Any] | None]:
    """What each code of an SGR sequence changes; None is a reset."""
    items = codes.split(";", MAX_CODES)[:MAX_CODES]
    at = 0
    while at < len(items):
        numbers = [_number(part) for part in items[at].split(":", 8)[:8]]
        at += 1
        code = numbers[0]
        if code == 0:
            yield None
        elif code in _EXTENDED:
            if len(numbers) == 1:
                rest = [_number(part) for part in items[at : at + 4]]
                colour, used = _extended(rest)
                at += used
            else:
                colour = _extended_with_colons(numbers[1:])
            if colour is not None and _EXTENDED[code]:
                yield {_EXTENDED[code]: colour}
        elif code == 4 and numbers[1:2] == [0]:
            yield {"underline": False}
        elif code in _CODES:
            yield _CODES[code]


def _extended(rest: list[int]) -> tuple[Colour | None, int]:
    """The colour that `5;N` or `2;R;G;B` names, and how many codes that took."""
    if rest[:1] == [5]:
        return (rest[1] if len(rest) > 1 and 0 <= rest[1] < 256 else None), 2
    if rest[:1] == [2]:
        return _rgb(rest[1:4]), 4
    return None, 1


def _extended_with_colons(rest: list[int]) -> Colour | None:
    """The colour that `5:N`, `2:R:G:B` or `2:SPACE:R:G:B` names."""
    if rest[:1] == [2] and len(rest) > 4:
        return _rgb(rest[2:5])
    return _extended(rest)[0]


def _rgb(parts: list[int]) -> Colour | None:
    if len(parts) < 3 or not all(0 <= part < 256 for part in parts):
        return None
    return parts[0], parts[1], parts[2]


def _number(text: str) -> int:
    """A code; an empty one is 0, what is no number or too long is -1."""
    if not text:
        return 0
    return int(text) if len(text) <= 4 and text.isdecimal() and text.isascii() else -1
