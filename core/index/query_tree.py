"""What a filter expression means, as a tree of values; `str` writes it as an expression again."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

from core.errors import QueryError
from core.index.query_lexer import next_token
from core.index.time_range import TimeRange

Aggregate = Literal["last", "first", "min", "max", "avg", "total", "count"]
AGGREGATES: tuple[Aggregate, ...] = ("last", "first", "min", "max", "avg", "total", "count")
Prefix = Literal["", "attr", "flag", "scalar"]


class Reference(Struct, frozen=True):
    """A value of a run by its name.

    Attributes:
        name: Without the prefix.
        prefix: Where to look; "" takes the first of attribute, flag and scalar that there is.
        aggregate: Which value of a scalar; None stands for "last" and allows other kinds.
        step: Whether the scalar's step is meant instead of its value.
    """

    name: str
    prefix: Prefix = ""
    aggregate: Aggregate | None = None
    step: bool = False

    def __str__(self) -> str:
        words = [self.aggregate or "", f"{self.prefix}:{self.name}" if self.prefix else self.name]
        return " ".join([*filter(None, words), *(["step"] if self.step else [])])


class Constant(Struct, frozen=True):
    """A value without a test; true for all runs unless it is empty, zero, false or undefined."""

    value: Any

    def __str__(self) -> str:
        return value_text(self.value)


class Comparison(Struct, frozen=True):
    """A comparison of a run's value.

    Attributes:
        reference: The run's value.
        operator: "=", "!=", "<", "<=", ">", ">=", "in", "contains".
        value: What it is compared with; a list for "in".
        negated: Whether "not" stands before "in" or "contains".
    """

    reference: Reference
    operator: str
    value: Any
    negated: bool = False

    def __str__(self) -> str:
        no = "not " if self.negated else ""
        return f"{self.reference} {no}{self.operator} {value_text(self.value)}"


class TimeTest(Struct, frozen=True):
    """Whether a run's time lies in a span, e.g. `started last 30 days`.

    Attributes:
        field: "started", "stopped" or "initialized".
        range: The span.
    """

    field: str
    range: TimeRange

    def __str__(self) -> str:
        return f"{self.field} {self.range.text}"


class Not(Struct, frozen=True):
    """The runs that do not match."""

    operand: Node

    def __str__(self) -> str:
        return f"not {_operand_text(self.operand)}"


class Chain(Struct, frozen=True):
    """Operands joined by "and" and "or", which bind equally and group to the right.

    `a and b or c` is `a and (b or c)`, as in Guild. Why not a tree of pairs: a chain may be
    long, and a tree as deep as it would exhaust the stack.

    Attributes:
        operands: Two or more.
        joiners: "and" or "or" between them, one less.
    """

    operands: tuple[Node, ...]
    joiners: tuple[str, ...]

    def __str__(self) -> str:
        parts = [_operand_text(self.operands[0])]
        for joiner, operand in zip(self.joiners, self.operands[1:], strict=True):
            parts += [joiner, _operand_text(operand)]
        return " ".join(parts)


Node = Constant | Comparison | TimeTest | Not | Chain


def value_text(value: Any) -> str:
    """A constant as it is written in an expression."""
    if value is None:
        return "undefined"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{', '.join(map(value_text, value))}]"
    if isinstance(value, str):
        return value if _is_word(value) else _quoted(value)
    return _number_text(value)


def _is_word(text: str) -> bool:
    """Whether a text stands for itself without quotes."""
    try:
        token = next_token(text, 0)
    except QueryError:
        return False
    return token.kind == "word" and token.text == text


def _number_text(value: Any) -> str:
    if value == float("inf"):
        return "1e999"
    return "-1e999" if value == float("-inf") else repr(value)


def _operand_text(node: Node) -> str:
    return f"({node})" if isinstance(node, Chain) else str(node)


def _quoted(text: str) -> str:
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    code = ord(character)
    is_letter = 0xA0 <= code < 0xD800 and code not in (0x2028, 0x2029)
    if 0x20 <= code < 0x7F or is_letter or (code >= 0x10000 and character.isprintable()):
        return character
    return f"\\U{code:08X}"
