"""What each word of an expression is for, also while it is still being typed.

Why not from the tree: there is none for most of the time somebody types, and colours and
completions are wanted just then. The roles follow the grammar from the left and never fail.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import Literal

from msgspec import Struct, field

from core.errors import QueryError
from core.index.query_lexer import COMPARISONS, Token, next_token
from core.index.query_parser import TIMES
from core.index.query_tree import AGGREGATES
from core.index.time_range import begins_range, parse_prefix

Role = Literal["name", "keyword", "operator", "value", "time", "bracket", "unknown"]


class Expected(Enum):
    """What may come next."""

    NAME = auto()
    SCALAR = auto()
    OPERATOR = auto()
    VALUE = auto()
    STATE = auto()  # behind "is"
    LIST = auto()  # behind "in"
    TIME = auto()
    JOINER = auto()


class Part(Struct, frozen=True):
    """A piece of the text.

    Attributes:
        role: What it is for.
        start: Index of its first character.
        end: Index behind its last one.
        text: The piece.
    """

    role: Role
    start: int
    end: int
    text: str


class Roles(Struct):
    """The pieces of a text, and what may come behind them.

    Attributes:
        parts: From the left; blanks are left out.
        expected: What may come next.
        name: The name whose operator or value comes next; empty elsewhere.
    """

    parts: list[Part] = field(default_factory=list)
    expected: Expected = Expected.NAME
    name: str = ""
    _depth: int = 0

    def _add(self, role: Role, token: Token, expected: Expected | None = None) -> None:
        self.parts.append(Part(role, token.position, token.end, token.text))
        if expected is not None:
            self.expected = expected


def roles_of(text: str) -> Roles:
    """The roles of a text's words."""
    roles = Roles()
    position = 0
    while True:
        try:
            token = next_token(text, position)
        except QueryError as e:
            end = min(len(text), e.position + e.length)
            roles.parts.append(Part("unknown", e.position, end, text[e.position : end]))
            position = end
            continue
        if token.kind == "end":
            return roles
        position = _take(roles, text, token)


def _take(roles: Roles, text: str, token: Token) -> int:
    """Give a word its role; returns where the next one begins."""
    if roles.expected in (Expected.OPERATOR, Expected.TIME) and _begins_time(roles, token):
        return _take_time(roles, text, token)
    if roles.expected in (Expected.NAME, Expected.SCALAR):
        _take_operand(roles, text, token)
    elif roles.expected in (Expected.OPERATOR, Expected.TIME):
        _take_operator(roles, token)
    elif roles.expected is Expected.JOINER:
        _take_joiner(roles, text, token)
    else:
        _take_value(roles, token)
    return token.end


def _begins_time(roles: Roles, token: Token) -> bool:
    if roles.name.lower() not in TIMES:
        return False
    return token.text[:1].isdigit() or begins_range(token.text)


def _take_time(roles: Roles, text: str, token: Token) -> int:
    try:
        _, end = parse_prefix(text, token.position)
    except QueryError:
        # Not complete: the words up to the next "and" belong to it.
        roles._add("time", token, Expected.TIME)
        return token.end
    roles.parts.append(Part("time", token.position, end, text[token.position : end]))
    roles.expected, roles.name = Expected.JOINER, ""
    return end


def _take_operand(roles: Roles, text: str, token: Token) -> None:
    if token.kind in ("not", "and", "or"):
        roles._add("keyword", token, Expected.NAME)
    elif token.kind in ("(", ")", "[", "]", ","):
        roles._add("bracket", token)
    elif token.kind == "word":
        if token.text.lower() in AGGREGATES and _is_word(text, token.end):
            roles._add("keyword", token, Expected.SCALAR)
            return
        roles._add("name", token, Expected.OPERATOR)
        roles.name = token.text
        if token.text.lower() in TIMES:
            roles.expected = Expected.TIME
    else:
        roles._add("value", token, Expected.JOINER)


def _is_word(text: str, position: int) -> bool:
    try:
        return next_token(text, position).kind == "word"
    except QueryError:
        return False


def _take_operator(roles: Roles, token: Token) -> None:
    if token.kind in COMPARISONS:
        roles._add("operator", token, Expected.VALUE)
    elif token.kind == "is":
        roles._add("keyword", token, Expected.STATE)
    elif token.kind == "in":
        roles._add("keyword", token, Expected.LIST)
    elif token.kind == "contains":
        roles._add("keyword", token, Expected.VALUE)
    elif token.kind == "not" or token.text.lower() == "step":
        roles._add("keyword", token, Expected.OPERATOR)
    else:
        _take_joiner(roles, "", token)


def _take_value(roles: Roles, token: Token) -> None:
    if token.kind == "[":
        roles._depth += 1
        roles._add("bracket", token, Expected.VALUE)
        return
    if token.kind == "not" and roles.expected is Expected.STATE:
        roles._add("keyword", token)
        return
    if token.kind == "]":
        roles._depth = max(0, roles._depth - 1)
    role: Role = "bracket" if token.kind in ("]", ",", "(", ")") else "value"
    roles._add(role, token)
    if not roles._depth and token.kind != ",":
        roles.expected, roles.name = Expected.JOINER, ""


def _take_joiner(roles: Roles, text: str, token: Token) -> None:
    roles.name = ""
    if token.kind in ("and", "or"):
        roles._add("keyword", token, Expected.NAME)
    elif token.kind in ("(", ")", "[", "]", ","):
        roles._add("bracket", token, Expected.JOINER)
    else:
        roles.expected = Expected.NAME
        _take_operand(roles, text, token)
