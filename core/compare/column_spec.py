"""Guild's column specifications: `min loss, loss step as step, =lr, .label`.

    [attr:NAME | .NAME] | [flag:NAME | =NAME] | [scalar:][min|max|first|last|avg|total|count] KEY
    [step] [as HEADING], several with commas between; names with blanks or commas in quotes

What Guild refuses as a syntax error and is understood here: an aggregate behind `scalar:`, a key
behind it that begins with a dot (`scalar:.guild#loss`), flags in quotes, and flags and attributes
that are named like a keyword (`=step`). What only fails in Guild when it looks for the value is
refused here at once: the step of an average, a total or a count.

Why by hand: as in `core.index.query_parser`, the error has to name the place and say in words what
is wrong there, and there is no word that could not be a name somewhere.
"""

from __future__ import annotations

import re
from typing import Literal, NoReturn

from msgspec import Struct
from msgspec.structs import replace

from core.errors import QueryError, RunDamaged
from core.index.query_tree import AGGREGATES, Aggregate
from core.runs.attrs import load_yaml

Kind = Literal["attr", "flag", "scalar"]

MAX_TEXT = 200_000
"""Characters of a list of columns: some thousands of them."""

WITHOUT_STEP = frozenset(["avg", "total", "count"])

_PREFIXES: dict[str, Kind] = {"scalar:": "scalar", "attr:": "attr", "flag:": "flag", "=": "flag"}
_KEYWORDS = frozenset([*AGGREGATES, "step", "as", "select"])
_BLANKS = re.compile(r"[ \t\n]*")
_PREFIX = re.compile(r"scalar:|attr:|flag:|[.=]")
_WORD = re.compile(r"[^'\", \t\n][^ ,\n]*")
_LITERAL = re.compile(r"""("(?:[^\\\n]|\\.)*?"|'(?:[^\\\n]|\\.)*?')""")
_BARE = re.compile(r"[^'\", \t\n.=][^ ,\n\t]*\Z")


class ColumnSpec(Struct, frozen=True):
    """One column that was asked for.

    Attributes:
        kind: Where its values come from.
        name: Name of the attribute or flag, or key of the scalar: `[prefix#]tag`.
        aggregate: Which value of a scalar; None stands for the last one.
        step: Whether the scalar's step is meant instead of its value.
        heading: What it is to be called; empty for its own name.
    """

    kind: Kind
    name: str
    aggregate: Aggregate | None = None
    step: bool = False
    heading: str = ""

    @property
    def header(self) -> str:
        """What stands above the column, as in Guild: aggregates share it unless they say `as`."""
        if self.heading:
            return self.heading
        if self.kind != "scalar":
            return self.name
        return f"{self.name.replace('#', ' ').strip()}{' step' if self.step else ''}"

    @property
    def is_number(self) -> bool:
        """Whether it is a scalar's value, of which one may be the best (a step is not)."""
        return self.kind == "scalar" and not self.step and self.aggregate != "count"

    def __str__(self) -> str:
        """The specification as text, which `parse_column` understands."""
        mark = {"attr": ".", "flag": "=", "scalar": ""}[self.kind]
        words = [self.aggregate or "", mark + _quoted(self.name), "step" if self.step else ""]
        heading = f"as {_quoted(self.heading)}" if self.heading else ""
        return " ".join(filter(None, [*words, heading]))


def parse_columns(text: str) -> tuple[ColumnSpec, ...]:
    """The columns of a list with commas between.

    Raises:
        QueryError: It is not understood; with the place where it ceases to be.
    """
    if len(text) > MAX_TEXT:
        raise QueryError("The list of columns is too long.", position=MAX_TEXT)
    return _Parser(text).parse()


def parse_column(text: str) -> ColumnSpec:
    """A single column.

    Raises:
        QueryError: It is not understood, or there are several.
    """
    parser = _Parser(text)
    column = parser.column()
    if parser.has_more:
        parser.fail("Only one column can be named here.")
    return column


class _Token(Struct, frozen=True):
    kind: str  # "word", "text" (in quotes), ",", "end", a prefix, or a keyword
    text: str
    position: int
    value: str = ""


class _Parser:
    """`_token` is the next word, not taken yet."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._token = self._next(0)

    @property
    def has_more(self) -> bool:
        return self._token.kind != "end"

    def parse(self) -> tuple[ColumnSpec, ...]:
        columns = [self.column()]
        while self._token.kind == ",":
            self._take()
            columns.append(self.column())
        if self.has_more:
            self.fail("A comma is missing before “{}”.", hint="Put names with blanks in quotes.")
        return tuple(columns)

    def column(self) -> ColumnSpec:
        kind = self._kind()
        column = self._scalar() if kind == "scalar" else ColumnSpec(kind, self._name())
        while self._token.kind == "as":
            self._take()
            column = replace(column, heading=self._heading())
        return column

    def _kind(self) -> Kind:
        if self._token.kind == ".":
            self._take(after_prefix=True)
            return "attr"
        kind = _PREFIXES.get(self._token.kind)
        if kind is not None:
            self._take(after_prefix=True)
        return kind or "scalar"

    def _scalar(self) -> ColumnSpec:
        aggregate = next((name for name in AGGREGATES if name == self._token.kind), None)
        if aggregate is not None:
            self._take(after_prefix=True)
        if self._token.kind in _KEYWORDS:
            hint = f"If a scalar is called “{self._token.text}”, put it in quotes."
            self.fail("The name of a scalar is missing before “{}”.", hint=hint)
        column = ColumnSpec("scalar", self._name(), aggregate)
        if self._token.kind != "step":
            return column
        if aggregate in WITHOUT_STEP:
            self.fail(f"The {_NAMES[str(aggregate)]} of a scalar has no step.")
        self._take()
        return replace(column, step=True)

    def _name(self) -> str:
        """The name of what the column shows; keywords are names too, where one must come."""
        if self._token.kind in (",", "end") or not self._token.value:
            self.fail("The name of a column is missing here.")
        return self._take().value

    def _heading(self) -> str:
        if self._token.kind in (",", "end", "as") or not self._token.value:
            self.fail(
                "The heading is missing behind “as”.", hint="Put headings with blanks in quotes."
            )
        return self._take().value

    def _take(self, *, after_prefix: bool = False) -> _Token:
        taken = self._token
        self._token = self._next(taken.position + len(taken.text), is_name=after_prefix)
        return taken

    def _next(self, position: int, *, is_name: bool = False) -> _Token:
        """The word at or behind a position; where a name must come, prefixes belong to it."""
        blanks = _BLANKS.match(self._text, position)
        start = blanks.end() if blanks else position
        if start >= len(self._text):
            return _Token("end", "", len(self._text))
        if self._text[start] == ",":
            return _Token(",", ",", start)
        if not is_name and (prefix := _PREFIX.match(self._text, start)):
            return _Token(prefix[0], prefix[0], start)
        if word := _WORD.match(self._text, start):
            kind = word[0] if word[0] in _KEYWORDS else "word"
            return _Token(kind, word[0], start, word[0])
        if literal := _LITERAL.match(self._text, start):
            return _Token("text", literal[0], start, _decode(literal[0], start))
        rest = len(self._text) - start
        quote = self._text[start]
        raise QueryError(f"The closing {quote} is missing.", position=start, length=rest)

    def fail(self, message: str, *, hint: str = "") -> NoReturn:
        token = self._token
        raise QueryError(
            message.format(token.text), position=token.position, length=len(token.text), hint=hint
        )


_NAMES = {"avg": "average", "total": "total", "count": "count"}


def _decode(literal: str, start: int) -> str:
    try:
        return str(load_yaml(literal))
    except RunDamaged as e:
        raise QueryError(
            "This text in quotes is not understood.",
            position=start,
            length=len(literal),
            hint='Between double quotes, write \\" for a quote and \\\\ for a backslash.',
        ) from e


def _quoted(name: str) -> str:
    """A name that is read as itself, in quotes where that is needed."""
    if _BARE.match(name) and name not in _KEYWORDS and not _PREFIX.match(name):
        return name
    escaped = "".join(map(_escaped, name))
    return f'"{escaped}"'


def _escaped(char: str) -> str:
    if char in '"\\':
        return f"\\{char}"
    if char.isascii() and char.isprintable():
        return char
    code = ord(char)
    return (
        f"\\x{code:02x}"
        if code < 0x100
        else f"\\u{code:04x}"
        if code < 0x10000
        else (f"\\U{code:08x}")
    )
