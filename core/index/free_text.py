"""Plain words in the filter box: runs in which every one of them occurs somewhere.

A word is looked for, regardless of case, in the operation, label, tags, comments, flags (as
`name=value`) and names of scalars, and at the beginning of the id. Words in quotes belong
together.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.index.query_values import Columns

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
        left = _holding(columns, left, word)
    return left


def _holding(columns: Columns, slots: list[int], word: str) -> list[int]:
    texts, others = columns.texts(), _named(columns, slots, word)
    if _may_be_number(word):
        numbers = columns.texts(numbers=True)
        return [s for s in slots if word in texts[s] or word in numbers[s] or s in others]
    if others:
        return [s for s in slots if word in texts[s] or s in others]
    return [s for s in slots if word in texts[s]]


def _named(columns: Columns, slots: list[int], word: str) -> set[int]:
    """Runs in whose id or names the word is: these are few, or few different ones."""
    ids, keys = columns.stored("id"), columns.stored("scalar_keys")
    is_head = columns.may_begin_id(word)
    found = {s for s in slots if ids[s].startswith(word)} if is_head else set()
    having = {text for text in set(keys) if text and word in text.lower()}
    if having:
        found.update([s for s in slots if keys[s] in having])
    for name in columns.names("flag"):
        if word in f"{name.lower()}=":
            column = columns.values(f"flag:{name}")
            found.update([s for s in slots if column[s] is not None])
    return found


def _may_be_number(word: str) -> bool:
    """Whether a flag that is a float may hold the word: most words cannot be in a number."""
    _, equals, right = word.rpartition("=")
    return _NUMERIC.match(right if equals else word) is not None
