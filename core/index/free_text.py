"""Plain words in the filter box: runs in which every one of them occurs somewhere.

A word is looked for, regardless of case, in the operation, label, tags, comments, flags (as
`name=value`) and names of scalars, and at the beginning of the id. Words in quotes belong
together.

Why field by field and not one text a run: most columns hold few different values, and each of
them is looked at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from core.index.query_values import Columns
from core.index.row import decode_comments, decode_tags
from core.text import flag_text

_WORDS = re.compile(r"""\"([^\"]*)\"|'([^']*)'(?!\S)|(\S+)""")
_NUMERIC = re.compile(r"[-+.0-9einfa]+\Z")

_FlagTest = tuple[Callable[[Any], bool], bool]
"""A test of a flag's value, and whether floats may pass it: most words cannot be in a number."""

_LISTS: dict[str, Callable[[str], Iterable[str]]] = {
    "tags": decode_tags,
    "comments": lambda stored: (comment.body for comment in decode_comments(stored)),
}


def words_of(text: str) -> list[str]:
    """The words of a text in lower case; one in quotes may have blanks."""
    found = (next(filter(None, match.groups()), "") for match in _WORDS.finditer(text))
    return [word.lower() for word in found if word.strip()]


def select_text(columns: Columns, slots: Sequence[int], text: str) -> list[int]:
    """Those of `slots` whose runs hold every word of a text, in the same order."""
    left = list(slots)
    for word in words_of(text):
        found = _holding(columns, left, word)
        left = [s for s in left if s in found]
    return left


def _holding(columns: Columns, slots: list[int], word: str) -> set[int]:
    ids = columns.values("id")
    found = {s for s in slots if ids[s].startswith(word)}
    for key in ("operation", "label", "scalar_keys"):
        column = columns.stored(key)
        _add(found, column, slots, {text for text in set(column) if text and word in text.lower()})
    for key, texts_of in _LISTS.items():
        column = columns.stored(key)
        _add(found, column, slots, {v for v in set(column) if v and _occurs(word, texts_of(v))})
    for name in columns.names("flag"):
        test = _flag_test(name.lower(), word)
        if test is not None:
            _add_flag(found, columns.values(f"flag:{name}"), slots, test)
    return found


def _add(found: set[int], column: list[Any], slots: list[int], holding: set[Any]) -> None:
    if holding:
        found.update([s for s in slots if column[s] in holding])


def _add_flag(found: set[int], column: list[Any], slots: list[int], test: _FlagTest) -> None:
    matches, floats_too = test
    values = column if floats_too else [v for v in column if v.__class__ is not float]
    try:
        different = set(values) - {None}
        is_plain = True not in different and False not in different  # which equal 1 and 0
    except TypeError:  # lists and maps among the values
        is_plain = False
    if is_plain:
        _add(found, column, slots, {value for value in different if matches(value)})
    else:
        found.update([s for s in slots if (v := column[s]) is not None and matches(v)])


def _occurs(word: str, texts: Iterable[str]) -> bool:
    return any(word in text.lower() for text in texts)


def _flag_test(name: str, word: str) -> _FlagTest | None:
    """Whether `name=value` holds the word, as a test of the value; None when it never does."""
    if word in f"{name}=":
        return (lambda value: True), True
    left, equals, right = word.partition("=")
    if equals:
        fits = name.endswith(left)
        return ((lambda value: _text(value).startswith(right)), True) if fits else None
    return (lambda value: word in _text(value)), _NUMERIC.match(word) is not None


def _text(value: Any) -> str:
    if type(value) is float:
        return repr(value)
    return (value if isinstance(value, str) else flag_text(value)).lower()
