"""Reads a filter expression into a tree.

Why by hand and not by a parser generator: the error has to name the place and say in words what
is missing there, and a time range within an expression has a language of its own.

Guild's grammar, and what Guild refuses as a syntax error and is understood here: `min loss < 1`
(also max, first, last, avg, total, count), `loss step > 100`, `started last 30 days` (any time
range, also for `stopped` and `initialized`), `==`, and more words (see query_lexer).
"""

from __future__ import annotations

from typing import Any, NoReturn, get_args

from core.errors import QueryError
from core.index.query_lexer import COMPARISONS, Token, next_token
from core.index.query_tree import (
    AGGREGATES,
    Chain,
    Comparison,
    Constant,
    Node,
    Not,
    Prefix,
    Reference,
    TimeTest,
)
from core.index.time_range import parse_prefix

MAX_TEXT = 20_000
MAX_DEPTH = 50
TIMES = ("started", "stopped", "initialized")
_OPERATORS = frozenset([*COMPARISONS, "is", "in", "not", "contains"])
_AFTER_A_TERM = frozenset(["end", "and", "or", ")"])
_EXPECTED_VALUE = "A value is missing here."
_VALUE_HINT = "Write a number, a word, or a text in quotes."


def parse_tree(text: str) -> Node:
    """The tree of an expression.

    Raises:
        QueryError: It is not an expression; with the place where it ceases to be one.
    """
    if len(text) > MAX_TEXT:
        raise QueryError("The expression is too long.", position=MAX_TEXT)
    return _Parser(text).parse()


def first_idle_word(text: str) -> Token | None:
    """The first word of an expression that tests nothing: the `keep` of `keep and loss < 0.3`.

    To Guild it is a value that is not empty, and so it is true for every run.

    Raises:
        QueryError: As `parse_tree`.
    """
    parser = _Parser(text)
    parser.parse()
    return parser.idle_word


class _Parser:
    """Recursive descent; `_token` is the next word, not taken yet.

    Attributes:
        idle_word: The first one that tests nothing; None where every word does.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._token = next_token(text, 0)
        self._depth = 0
        self.idle_word: Token | None = None

    def parse(self) -> Node:
        if self._token.kind == "end":
            raise QueryError("The expression is empty.", position=0)
        tree = self._expression()
        if self._token.kind != "end":
            self._fail_at_end_of_expression()
        return tree

    # The grammar

    def _expression(self) -> Node:
        operands, joiners = [self._operand()], []
        while self._token.kind in ("and", "or"):
            joiners.append(self._take().kind)
            operands.append(self._operand())
        return Chain(tuple(operands), tuple(joiners)) if joiners else operands[0]

    def _operand(self) -> Node:
        if self._token.kind == "not":
            self._enter()
            inner = Not(self._operand())
            self._depth -= 1
            return inner
        if self._token.kind == "(":
            return self._group()
        if self._token.kind != "word":
            return Constant(self._term("A test is missing here.", "Write for example loss < 0.5."))
        return self._test_or_word()

    def _group(self) -> Node:
        opening = self._enter()
        inner = self._expression()
        if self._token.kind != ")":
            if self._token.kind == "end":
                raise QueryError("This bracket is not closed.", position=opening.position)
            self._fail_at_end_of_expression()
        self._take()
        self._depth -= 1
        return inner

    def _test_or_word(self) -> Node:
        word = self._take()
        kind = self._token.kind
        if kind in _AFTER_A_TERM:
            self.idle_word = self.idle_word or word
            return Constant(word.value)
        if kind in _OPERATORS:
            return self._test(_reference(word))
        if kind == "word":
            if word.text.lower() in AGGREGATES:
                return self._aggregate_test(word)
            if self._token.text.lower() == "step":
                return self._step_test(word)
        if word.text.lower() in TIMES and kind in ("word", "number"):
            return self._time_test(word)
        self._fail_after_word(word)

    def _aggregate_test(self, aggregate: Token) -> Node:
        name = self._take()
        step = self._token if self._token.text.lower() == "step" else None
        if step:
            self._take()
        reference = _reference(name)
        if reference.prefix not in ("", "scalar"):
            _fail(name, f"“{aggregate.text}” needs a scalar.")
        if step and aggregate.text.lower() in ("avg", "total", "count"):
            _fail(step, f"“{aggregate.text}” has no step.")
        kind = next(known for known in AGGREGATES if known == aggregate.text.lower())
        return self._test(Reference(reference.name, reference.prefix, kind, step is not None))

    def _step_test(self, name: Token) -> Node:
        reference = _reference(name)
        if reference.prefix not in ("", "scalar"):
            _fail(name, "Only a scalar has a step.")
        self._take()
        return self._test(Reference(reference.name, reference.prefix, None, step=True))

    def _time_test(self, field: Token) -> Node:
        found, end = parse_prefix(self._text, field.end)
        self._token = next_token(self._text, end)
        return TimeTest(field.text.lower(), found)

    def _test(self, reference: Reference) -> Node:
        operator = self._take()
        if operator.kind in COMPARISONS:
            kind = "!=" if operator.kind == "<>" else operator.kind
            return Comparison(reference, kind, self._term())
        if operator.kind == "is":
            kind = "!=" if self._accept("not") else "="
            return Comparison(reference, kind, self._term())
        negated = operator.kind == "not"
        if negated:
            operator = self._take()
        if operator.kind == "in":
            return Comparison(reference, "in", self._list_of_in(), negated)
        if operator.kind == "contains":
            return Comparison(reference, "contains", self._term(), negated)
        _fail(
            operator, "An operator is missing here.", "Write =, !=, <, <=, >, >=, in or contains."
        )

    def _list_of_in(self) -> list[Any]:
        if self._token.kind != "[":
            _fail(self._token, "“in” needs a list.", "Write for example lr in [0.1, 0.2].")
        return self._list()

    def _list(self) -> list[Any]:
        opening = self._enter()
        values = [self._term()]
        while self._accept(","):
            values.append(self._term())
        if self._token.kind == "end":
            raise QueryError("This list is not closed.", position=opening.position)
        if self._token.kind != "]":
            _fail(self._token, "A comma or ] is missing here.")
        self._take()
        self._depth -= 1
        return values

    def _term(self, message: str = _EXPECTED_VALUE, hint: str = _VALUE_HINT) -> Any:
        token = self._token
        if token.kind == "[":
            return self._list()
        if token.kind in ("number", "text", "word"):
            return self._take().value
        if token.kind in ("true", "false", "undefined"):
            self._take()
            return None if token.kind == "undefined" else token.kind == "true"
        _fail(token, message, hint)

    # Words

    def _take(self) -> Token:
        token = self._token
        if token.kind != "end":
            self._token = next_token(self._text, token.end)
        return token

    def _accept(self, kind: str) -> bool:
        if self._token.kind != kind:
            return False
        self._take()
        return True

    def _enter(self) -> Token:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            _fail(self._token, f"The expression is nested deeper than {MAX_DEPTH} levels.")
        return self._take()

    # Errors

    def _fail_at_end_of_expression(self) -> NoReturn:
        if self._token.kind == ")":
            _fail(self._token, "There is no bracket for this to close.")
        _fail(self._token, "“and” or “or” is missing here.", "Put a text with blanks in quotes.")

    def _fail_after_word(self, word: Token) -> NoReturn:
        if self._token.kind in ("word", "number", "text"):
            hint = f"Write for example {word.text} = {self._token.text}."
            _fail(self._token, f"An operator is missing behind “{word.text}”.", hint)
        _fail(self._token, f"“{self._token.text}” does not fit here.")


def _reference(word: Token) -> Reference:
    for prefix in get_args(Prefix):
        if prefix and word.text.startswith(f"{prefix}:"):
            return Reference(word.text[len(prefix) + 1 :], prefix)
    return Reference(word.text)


def _fail(token: Token, message: str, hint: str = "") -> NoReturn:
    raise QueryError(message, position=token.position, length=len(token.text), hint=hint)
