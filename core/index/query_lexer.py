"""Words of a filter expression, one at a time, each with its place in the text.

Why on demand and not all at once: a span of time (`started after 9:00`) has words of its own, so
the parser reads it from the text and goes on behind it.

Why more words than Guild's: a word that begins with a digit (`7f3c21ab`, `2026-01-01`), with a
letter outside ASCII or with one of `_ / . ~` is a syntax error in Guild; here it is that text.
"""

from __future__ import annotations

import re
from typing import Any

from msgspec import Struct

from core.errors import QueryError, RunDamaged
from core.runs.attrs import load_yaml

KEYWORDS = frozenset(["and", "or", "in", "not", "true", "false", "is", "undefined", "contains"])
COMPARISONS = frozenset(["=", "!=", "<>", "<", "<=", ">", ">=", "=="])

LONGEST_NUMBER = 1000
"""Characters; Python itself takes longer for each digit the more there are."""

_BLANKS = re.compile(r"[ \t\n]*")
_SYMBOL = re.compile(r"[()\[\],]|<>|!=|==|=|<=|<|>=|>")
_WORD = re.compile(r"[a-zA-Z][^ ,<>!=\n()\[\]]*")
_NUMBER = re.compile(r"-?\.?\d+(?:\.\d+)?(?:e[+-]?\d+)?", re.ASCII)
_LITERAL = re.compile(r"""("(?:[^\\\n]|\\.)*?"|'(?:[^\\\n]|\\.)*?')""")
_OWN_WORD = re.compile(r"[\w/.~][^ \t,<>!=\n()\[\]'\"]*")
_GLUED = re.compile(r"[^ \t,<>!=\n()\[\]'\"]+")


class Token(Struct, frozen=True):
    """One word.

    Attributes:
        kind: "word", "number", "text" (in quotes), "end"; a keyword's or symbol's own text.
        text: As it is written.
        position: Index of its first character.
        value: What a number, text or word stands for.
    """

    kind: str
    text: str
    position: int
    value: Any = None

    @property
    def end(self) -> int:
        """Index behind its last character."""
        return self.position + len(self.text)


def next_token(text: str, position: int) -> Token:
    """The first word at or behind a position.

    Raises:
        QueryError: What is there is no word, or a text in quotes that means nothing.
    """
    blanks = _BLANKS.match(text, position)
    start = blanks.end() if blanks else position
    if start >= len(text):
        return Token("end", "", len(text))
    if symbol := _SYMBOL.match(text, start):
        return Token("=" if symbol[0] == "==" else symbol[0], symbol[0], start)
    if word := _WORD.match(text, start):
        lowered = word[0].lower()
        return Token(lowered if lowered in KEYWORDS else "word", word[0], start, word[0])
    if number := _NUMBER.match(text, start):
        return _number(text, start, number[0])
    if literal := _LITERAL.match(text, start):
        return Token("text", literal[0], start, _decode(literal[0], start))
    if own := _OWN_WORD.match(text, start):
        return Token("word", own[0], start, own[0])
    raise _unknown(text, start)


def _number(text: str, start: int, number: str) -> Token:
    """A number, unless letters or digits follow at once and make it a word of ours."""
    glued = _GLUED.match(text, start + len(number))
    if glued and glued[0].lower() not in ("and", "or"):
        word = number + glued[0]
        return Token("word", word, start, word)
    if len(number) > LONGEST_NUMBER:
        raise QueryError(
            f"The number is longer than {LONGEST_NUMBER:,} digits.",
            position=start,
            length=len(number),
        )
    return Token("number", number, start, _decode(number, start))


def _decode(text: str, start: int) -> Any:
    try:
        return load_yaml(text)
    except RunDamaged as e:
        raise QueryError(
            f"{_shortened(text)} is not a valid value.",
            position=start,
            length=len(text),
            hint='Between double quotes, write \\" for a quote and \\\\ for a backslash.',
        ) from e


def _unknown(text: str, start: int) -> QueryError:
    character = text[start]
    if character in "'\"":
        return QueryError(
            f"The closing {character} is missing.", position=start, length=len(text) - start
        )
    return QueryError(
        f"“{character}” has no meaning here.",
        position=start,
        hint="Put a value with unusual characters in quotes.",
    )


def _shortened(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"
