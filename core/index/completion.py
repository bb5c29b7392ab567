"""What may be meant by the word at the cursor of the filter box.

Why vocabulary and values are asked apart: counting names and values over 100,000 runs takes up
to 100 ms, so both are gathered on a worker's thread and kept; choosing from them takes none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any, Literal

from msgspec import Struct, field

from core.errors import QueryError
from core.index.columns import RunColumns
from core.index.query_lexer import next_token
from core.index.query_parser import parse_tree
from core.index.query_roles import Expected, roles_of
from core.index.query_tree import AGGREGATES, Comparison, value_text
from core.index.query_values import COMPUTED, RunValues
from core.runs.run import STATUSES
from core.text import plural

Kind = Literal["attribute", "flag", "scalar", "keyword", "value"]

MOST = 60
MOST_VALUES = 300
LONGEST_TYPED = 8  # digits of a number that people type
FIELDS = (
    *("operation", "status", "label", "tags", "started", "stopped", "op", "model", "time", "id"),
    *("marked", "exit_status", "host", "user", "from", "sourcecode", "vcs_commit", "comments"),
)
RANGES = (
    *("today", "yesterday", "last hour", "last 24 hours", "last 7 days", "last 30 days"),
    *("this week", "this month", "last week", "last month", "this year", "after ", "before "),
    "between ",
)
_SYMBOLS = ("=", "!=", "<", "<=", ">", ">=")
_WORDY = ("contains", "in [", "not in [", "is undefined", "is not undefined")
_WORD_BEFORE = re.compile(r"""(?:"[^"\n]*|'[^'\n]*|[^\s,<>!=()\[\]"']*)\Z""")
_WORD_AFTER = re.compile(r"""[^\s,<>!=()\[\]"']*""")


class Vocabulary(Struct, frozen=True):
    """The names that runs have, each with the number of runs that have it."""

    flags: Mapping[str, int] = field(default_factory=dict)
    scalars: Mapping[str, int] = field(default_factory=dict)
    attributes: Mapping[str, int] = field(default_factory=dict)

    def knows(self, name: str) -> bool:
        """Whether a name in an expression is one of these, with or without a prefix."""
        prefix, colon, rest = name.partition(":")
        if colon and prefix in ("attr", "flag", "scalar"):
            return self.knows(rest)
        tag = name.partition("#")[2] or name
        return (
            name in FIELDS
            or name in COMPUTED
            or any(name in names for names in (self.flags, self.scalars, self.attributes))
            or tag in self.scalars
            or any(key.endswith(f"#{name}") for key in self.scalars)
        )


class Suggestion(Struct, frozen=True):
    """One completion.

    Attributes:
        text: What the word becomes.
        kind: What it is.
        detail: For people, e.g. "flag · 12 runs".
    """

    text: str
    kind: Kind
    detail: str = ""


class Spot(Struct, frozen=True):
    """The word at the cursor.

    Attributes:
        start: Index of its first character.
        end: Index behind its last one.
        prefix: Its letters before the cursor.
        expected: What it may be.
        name: The name whose value it is; empty elsewhere.
    """

    start: int
    end: int
    prefix: str
    expected: Expected
    name: str = ""


def vocabulary_of(columns: RunColumns) -> Vocabulary:
    """Count the names that runs have; on a worker's thread."""
    return Vocabulary(columns.flag_names(), columns.scalar_keys(), columns.attr_names())


def values_of(columns: RunColumns, name: str, now: int) -> dict[str, int]:
    """The most frequent values of a name, as they are written in an expression.

    Measured numbers that only one run has are left out: they would hide the runs they belong to.

    Args:
        columns: The runs.
        name: A name as in an expression.
        now: Microseconds since 1970-01-01 UTC.
    """
    try:
        tree = parse_tree(f"{name} = 0")
    except QueryError:
        return {}
    if not isinstance(tree, Comparison):
        return {}
    slots = columns.slots()
    values = RunValues(columns, now).of(tree.reference, slots)
    # With their types: True equals 1, but is written otherwise.
    counts = Counter((type(v), v) for v in _each(values[slot] for slot in slots))
    common = ((v, n) for (_, v), n in counts.most_common() if not _is_measured(v, n))
    return {value_text(value): count for value, count in islice(common, MOST_VALUES)}


def _is_measured(value: Any, count: int) -> bool:
    """Whether nobody types this: a number with many digits that a single run has."""
    return count == 1 and isinstance(value, float) and len(repr(value)) > LONGEST_TYPED


def _each(values: Iterable[Any]) -> Iterable[Any]:
    """Texts, numbers and so on; items of lists one by one; maps and dates cannot be written."""
    for value in values:
        if isinstance(value, list):
            yield from (item for item in value if isinstance(item, (str, int, float)))
        elif isinstance(value, (str, int, float)) and value not in ("", None):
            yield value


def spot_at(text: str, cursor: int) -> Spot:
    """The word at a cursor, and what it may be."""
    before = _WORD_BEFORE.search(text, 0, cursor)
    start = before.start() if before else cursor
    after = _WORD_AFTER.match(text, cursor)
    roles = roles_of(text[:start])
    end = after.end() if after else cursor
    for part in reversed(roles.parts if roles.expected is Expected.TIME else []):
        if part.role == "time":
            start = part.start
    return Spot(start, end, text[start:cursor], roles.expected, roles.name)


def suggest(spot: Spot, words: Vocabulary, values: Mapping[str, int]) -> list[Suggestion]:
    """Completions for the word at the cursor, the likeliest first.

    Args:
        spot: From `spot_at`.
        words: Names that may be meant.
        values: Values of `spot.name`, from `values_of`.
    """
    wanted = spot.prefix.lstrip("\"'").lower()
    fitting = [s for s in _candidates(spot, words, values) if wanted in s.text.lower()]
    fitting.sort(key=lambda s: not s.text.lower().lstrip("\"'").startswith(wanted))
    if len(fitting) == 1 and fitting[0].text == spot.prefix:
        return []
    return fitting[:MOST]


def _candidates(spot: Spot, words: Vocabulary, values: Mapping[str, int]) -> list[Suggestion]:
    if spot.expected is Expected.NAME:
        return [*_names(words), *_keywords("not")] if spot.prefix else _names(words)
    if spot.expected is Expected.SCALAR:
        return _counted(words.scalars, "scalar")
    if spot.expected is Expected.OPERATOR:
        scalars = _counted(words.scalars, "scalar") if spot.name.lower() in AGGREGATES else []
        return scalars + (_keywords(*_SYMBOLS, *_WORDY) if words.knows(spot.name) else [])
    if spot.expected is Expected.TIME:
        return [Suggestion(text, "keyword") for text in RANGES]
    if spot.expected is Expected.STATE:
        return _keywords("undefined", "not undefined", "true", "false")
    if spot.expected is Expected.LIST:
        return _keywords("[")
    if spot.expected is Expected.JOINER:
        return _keywords("and", "or")
    return _values(spot.name, values)


def _keywords(*texts: str) -> list[Suggestion]:
    return [Suggestion(text, "keyword") for text in texts]


def _names(words: Vocabulary) -> list[Suggestion]:
    """Fields, scalars, flags; then what is rarely asked for."""
    fields = [Suggestion(name, "attribute", "field") for name in FIELDS]
    known = {*FIELDS, *COMPUTED}
    flags = {_plain(name, "flag", known): count for name, count in words.flags.items()}
    known.update(words.flags)
    scalars = {_plain(name, "scalar", known): count for name, count in words.scalars.items()}
    rest = {n: c for n, c in words.attributes.items() if n not in known}
    found = _counted(scalars, "scalar") + _counted(flags, "flag") + fields
    return [s for s in [*found, *_counted(rest, "attribute")] if _is_one_word(s.text)]


def _plain(name: str, prefix: str, others: Iterable[str]) -> str:
    """The name, with a prefix where another thing of this name would be meant."""
    return f"{prefix}:{name}" if name in others else name


def _counted(counts: Mapping[str, int], kind: Kind) -> list[Suggestion]:
    # What is below a directory, and what the machine logged itself, is rarely meant.
    ordered = sorted(
        counts, key=lambda name: ("sys/" in name, "#" in name, -counts[name], name.casefold())
    )
    return [Suggestion(n, kind, f"{kind} · {plural(counts[n], 'run')}") for n in ordered]


def _is_one_word(name: str) -> bool:
    try:
        token = next_token(name, 0)
    except QueryError:
        return False
    return token.kind == "word" and token.text == name


def _values(name: str, values: Mapping[str, int]) -> list[Suggestion]:
    found = [Suggestion(t, "value", plural(count, "run")) for t, count in values.items()]
    if name == "status":
        found += [Suggestion(s, "value") for s in STATUSES if s not in values]
    return found
