"""The filter language: `lr < 0.05 and loss > 0.4`, with Guild's answers and some more forms.

Why lists of slots and not one test a run: each test is one list comprehension over a column, and
the next one only looks at what is left. Over 100,000 runs a comparison takes milliseconds.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Sequence
from itertools import pairwise
from typing import Any

from msgspec import Struct

from core.errors import QueryError
from core.index.query_lexer import Token, next_token
from core.index.query_parser import MAX_TEXT, TIMES, parse_tree
from core.index.query_tree import Chain, Comparison, Constant, Node, Not, TimeTest
from core.index.query_values import Columns, RunValues, Values
from core.index.time_range import begins_range

_ORDER: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
# Written out: calling an operator for each of 100,000 runs takes longer than all the rest.
_ORDERED: dict[Callable[[Any, Any], Any], Callable[[Values, Any, list[int]], list[int]]] = {
    operator.lt: lambda c, w, slots: [s for s in slots if (v := c[s]) is not None and v < w],
    operator.le: lambda c, w, slots: [s for s in slots if (v := c[s]) is not None and v <= w],
    operator.gt: lambda c, w, slots: [s for s in slots if (v := c[s]) is not None and v > w],
    operator.ge: lambda c, w, slots: [s for s in slots if (v := c[s]) is not None and v >= w],
}
_BEGINS_NUMBER = frozenset("-.0123456789")
_SYMBOLS = frozenset(["=", "!=", "<>", "<", "<=", ">", ">="])


class Query(Struct, frozen=True):
    """An expression that was understood.

    Attributes:
        text: As it was written.
        tree: What it means; `str(query.tree)` writes it in its usual form.
    """

    text: str
    tree: Node

    def select(self, columns: Columns, slots: Sequence[int], *, now: int) -> list[int]:
        """Those of `slots` whose runs match, in the same order.

        Args:
            columns: A core.index.columns.RunColumns.
            slots: The runs to look at.
            now: Current time in microseconds since 1970-01-01 UTC.

        Raises:
            QueryError: A time range leads out of the calendar.
        """
        return _select(self.tree, RunValues(columns, now), list(slots))


def parse(text: str) -> Query:
    """Understand an expression.

    Raises:
        QueryError: It is none; the position is that of the first word that does not fit.
    """
    return Query(text, parse_tree(text))


def is_expression(text: str) -> bool:
    """Whether a text in the filter box is meant as an expression, not as words to look for.

    It is when it holds a comparison sign outside quotes, "contains" behind a word, "in [" or the
    beginning of a time range (so that it stays an expression while it is typed), or when it is a
    whole expression with a test in it (`name is undefined`).
    """
    tokens = _tokens(text)
    if any(token.kind in _SYMBOLS for token in tokens):
        return True
    if any(_begins_test(*pair) for pair in pairwise(tokens)):
        return True
    try:
        return _has_test(parse_tree(text))
    except QueryError:
        return False


def _tokens(text: str) -> list[Token]:
    """The words of any text; what is no word is left out."""
    tokens: list[Token] = []
    position = 0
    text = text[:MAX_TEXT]
    while True:
        try:
            token = next_token(text, position)
        except QueryError as e:
            is_number = text[e.position] in _BEGINS_NUMBER
            position = e.position + (e.length if is_number else 1)
            continue
        if token.kind == "end":
            return tokens
        tokens.append(token)
        position = token.end


def _begins_test(first: Token, second: Token) -> bool:
    if first.kind == "in":
        return second.kind == "["
    if second.kind == "contains":
        return first.kind in ("word", "not")
    if first.text.lower() not in TIMES:
        return False
    return second.text[:1].isdigit() or begins_range(second.text)


def _has_test(tree: Node) -> bool:
    if isinstance(tree, Chain):
        return any(map(_has_test, tree.operands))
    if isinstance(tree, Not):
        return _has_test(tree.operand)
    return not isinstance(tree, Constant)


# Selecting


def _select(node: Node, values: RunValues, slots: list[int]) -> list[int]:
    if isinstance(node, Chain):
        return _select_chain(node, values, slots)
    if isinstance(node, Not):
        return _without(slots, _select(node.operand, values, slots))
    if isinstance(node, Constant):
        return slots if node.value else []
    if isinstance(node, TimeTest):
        return _select_time(node, values, slots)
    return _select_test(node, values, slots)


def _select_chain(chain: Chain, values: RunValues, slots: list[int]) -> list[int]:
    """`a or (b and (c or d))`, from the left, each operand only on what it can still decide."""
    found: set[int] = set()
    left = slots
    for operand, joiner in zip(chain.operands, (*chain.joiners, "or"), strict=True):
        hits = _select(operand, values, left)
        if joiner == "and":
            left = hits
        else:
            found.update(hits)
            left = _without(left, hits)
    return [s for s in slots if s in found] if len(found) < len(slots) else slots


def _without(slots: list[int], hits: Collection[int]) -> list[int]:
    gone = set(hits)
    return [s for s in slots if s not in gone]


def _select_time(test: TimeTest, values: RunValues, slots: list[int]) -> list[int]:
    start, end = test.range.span(values.now)
    times = values.columns.values(test.field)
    hits = [s for s in slots if times[s] is not None]
    if start is not None:
        hits = [s for s in hits if times[s] >= start]
    return hits if end is None else [s for s in hits if times[s] < end]


def _select_test(test: Comparison, values: RunValues, slots: list[int]) -> list[int]:
    wanted, is_order = test.value, test.operator in _ORDER
    is_contains = test.operator == "contains"
    column = values.of(test.reference, slots, nan=is_order, empty=not is_contains)
    if is_order:
        return _select_order(_ORDER[test.operator], column, wanted, slots)
    if test.operator == "=":
        return [s for s in slots if column[s] == wanted]
    if test.operator == "!=":
        return [s for s in slots if column[s] != wanted]
    if is_contains:
        hits = _select_containing(column, wanted, slots)
    else:
        hits = [s for s in slots if column[s] in wanted]
    return _without(slots, hits) if test.negated else hits


def _select_order(
    compare: Callable[[Any, Any], Any], column: Values, wanted: Any, slots: list[int]
) -> list[int]:
    """Values that cannot be compared (and missing ones) do not match."""
    try:
        return _ORDERED[compare](column, wanted, slots)
    except TypeError:
        return [s for s in slots if _holds(compare, column[s], wanted)]


def _holds(compare: Callable[[Any, Any], Any], value: Any, wanted: Any) -> bool:
    try:
        return bool(compare(value, wanted))
    except TypeError:
        return False


def _select_containing(column: Values, wanted: Any, slots: list[int]) -> list[int]:
    """Items of lists exactly, else any part of the text, regardless of case."""
    part = str(wanted).lower()
    return [
        s
        for s in slots
        if (v := column[s])
        and (wanted in v if isinstance(v, (list, tuple)) else part in str(v).lower())
    ]
