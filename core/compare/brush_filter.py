"""What was brushed in a plot, as the text of a filter box: the user sees it and may change it.

Why what is found is tried before it is used: a name may mean an attribute here and a flag there, a
text in the box may be words and no expression, and the plot may be about selected runs only. So the
shortest text that shows exactly these runs is taken, and where none of a few does, their short ids
are it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isfinite
from typing import Any, Literal

from msgspec.structs import replace

from core.compare.axes import are_numbers
from core.errors import QueryError
from core.index.arrange import View, arrange
from core.index.columns import RunColumns
from core.index.filters import Filters
from core.index.query_parser import MAX_TEXT, parse_tree
from core.index.query_tree import AGGREGATES, Chain, Comparison, Node, Prefix, Reference
from core.index.row import OWN_DIRECTORY

MOST_VALUES = 40
"""Of more different words than these nobody reads the list: ids are as good."""

Wording = Literal["plain", "told apart", "own"]
_WORDINGS: tuple[Wording, ...] = ("plain", "told apart", "own")
"""How a column is named: `loss`, `scalar:loss` where there is a flag of that name too, and
`scalar:.guild#loss` where runs have another loss in a directory of theirs."""

_ATTRIBUTES = ("operation", "status", "label", "host", "exit_status")


def brush_filter(
    runs: RunColumns, brushed: Sequence[int], keys: Sequence[str], before: str, view: View, now: int
) -> str:
    """The text that shows exactly some runs; empty where they are too many to be told so.

    Args:
        runs: All runs.
        brushed: Slots of those that are wanted.
        keys: Columns on which they were brushed.
        before: Text of the filter box, within which they were brushed.
        view: What the table shows now; of it the place counts.
        now: Current time in microseconds since 1970-01-01 UTC.
    """
    wanted = sorted(brushed)
    for text in _candidates(runs, wanted, keys, before):
        if len(text) <= MAX_TEXT and _shown(runs, text, view, now) == wanted:
            return text
    return ""


def _candidates(
    runs: RunColumns, wanted: Sequence[int], keys: Sequence[str], before: str
) -> Iterator[str]:
    if not wanted:
        return
    for wording in _WORDINGS:
        found = [_tests(runs, wanted, key, wording) for key in keys]
        if found and all(found):
            tests = [test for some in found for test in some]
            yield _joined(tests)
            if before.strip():
                yield from _within(tests, before)
    names = runs.stored("id")
    yield _joined([Comparison(Reference("run"), "in", [names[slot][:8] for slot in wanted])])


def _within(tests: list[Node], before: str) -> Iterator[str]:
    """The same among what a text shows; nothing where that text is words."""
    try:
        yield _joined([parse_tree(before), *tests])
    except QueryError:
        return


def _joined(tests: list[Node]) -> str:
    return str(tests[0] if len(tests) == 1 else Chain(tuple(tests), ("and",) * (len(tests) - 1)))


def _tests(runs: RunColumns, wanted: Sequence[int], key: str, wording: Wording) -> list[Node]:
    """Tests that are true for these runs; none where an expression has no word for the column."""
    reference = _reference(key, wording)
    column = runs.values(key)
    values = [column[slot] for slot in wanted]
    if reference is None or any(value is None for value in values):
        return []
    if are_numbers(values) and all(map(isfinite, values)):
        return _range(reference, values)
    different = list({repr(value): value for value in values}.values())
    if len(different) > MOST_VALUES:
        return []
    if len(different) == 1:
        return [Comparison(reference, "=", different[0])]
    return [Comparison(reference, "in", different)]


def _range(reference: Reference, values: Sequence[Any]) -> list[Node]:
    low, high = min(values), max(values)
    if low == high:
        return [Comparison(reference, "=", low)]
    return [Comparison(reference, ">=", low), Comparison(reference, "<=", high)]


def _reference(key: str, wording: Wording) -> Reference | None:
    family, colon, name = key.partition(":")
    is_plain = wording == "plain"
    if not colon:
        return Reference(key, "" if is_plain else "attr") if key in _ATTRIBUTES else None
    if family == "scalar":
        word, _, name = name.partition(":")
        aggregate = next((each for each in AGGREGATES if each == word), None)
        if aggregate is None:
            return None
        if wording == "own" and "#" not in name:
            name = f"{OWN_DIRECTORY}#{name}"
        prefix: Prefix = "" if is_plain else "scalar"
        return Reference(name, prefix, None if aggregate == "last" else aggregate)
    if family in ("flag", "attr"):
        return Reference(name, "" if is_plain else "flag" if family == "flag" else "attr")
    return None


def _shown(runs: RunColumns, text: str, view: View, now: int) -> list[int]:
    """Slots of the runs that a text shows, sorted; nothing where it is not understood."""
    try:
        filters = replace(Filters.of_box(text), trials_of=view.filters.trials_of)
        return sorted(arrange(runs, View(deleted=view.deleted, filters=filters), now=now))
    except QueryError:
        return []
