"""Plain words in the filter box: runs in which every one of them occurs somewhere.

A word is looked for, regardless of case, in the operation, label, tags, comments, flags (as
`name=value`) and names of scalars, and at the beginning of the id. Words in quotes belong
together.

Why field by field and not one text a run: most columns hold few different values, so each is
looked at once, and a run that has matched is not looked at again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from core.index.query_values import Columns
from core.text import flag_text

_WORDS = re.compile(r"""\"([^\"]*)\"|'([^']*)'(?!\S)|(\S+)""")
_NUMERIC = re.compile(r"[-+.0-9einfa]+\Z")


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
    for key, test in _field_tests(word):
        _add(found, columns.values(key), slots, test)
    _add_scalars(found, columns.values("scalar_keys"), slots, word)
    for name in columns.names("flag"):
        match = _flag_test(name.lower(), word)
        if match is not None:
            _add(found, columns.values(f"flag:{name}"), slots, match)
    return found


def _add(found: set[int], column: list[Any], slots: list[int], test: Callable[[Any], bool]) -> None:
    found.update([s for s in slots if s not in found and (v := column[s]) is not None and test(v)])


def _add_scalars(found: set[int], column: list[Any], slots: list[int], word: str) -> None:
    holding = {text for text in set(column) if text and word in text.lower()}
    if holding:
        found.update([s for s in slots if column[s] in holding])


def _field_tests(word: str) -> tuple[tuple[str, Callable[[Any], bool]], ...]:
    return (
        ("operation", lambda text: word in text.lower()),
        ("label", lambda text: word in text.lower()),
        ("tags", lambda tags: any(word in tag.lower() for tag in tags)),
        ("comments", lambda comments: any(word in c.body.lower() for c in comments)),
    )


def _flag_test(name: str, word: str) -> Callable[[Any], bool] | None:
    """Whether `name=value` holds the word, as a test of the value; None when it never does."""
    if word in f"{name}=":
        return lambda value: True
    left, equals, right = word.partition("=")
    if equals:
        if not name.endswith(left):
            return None
        return lambda value: _text(value).startswith(right)
    if _NUMERIC.match(word):
        return lambda value: word in _text(value)
    # Numbers need no look when a letter is searched that they never have.
    return lambda value: type(value) not in (int, float) and word in _text(value)


def _text(value: Any) -> str:
    return (value if isinstance(value, str) else flag_text(value)).lower()
