"""What the filter box says of a word that tests nothing: the `tag:keep` of `tag:keep and lr < 1`.

Why it is no error: Guild takes such a word for a value, which is true for every run, and so do
expressions that are kept in scripts and lists. In the box it is nearly always a slip.
"""

from __future__ import annotations

from core.index.query_lexer import Token
from core.index.query_tree import value_text

_FIELDS = {
    "tag": "tags",
    "tags": "tags",
    "label": "label",
    "op": "operation",
    "operation": "operation",
    "comment": "comments",
    "comments": "comments",
}
"""What people write before a colon, as in the search boxes of other programs."""


def hint_of(word: Token) -> str:
    """Why a word alone is of no use, and what to write."""
    head, colon, rest = word.text.partition(":")
    field = _FIELDS.get(head.lower()) if colon and rest else None
    if field is None:
        wish = f"for example “label contains {word.text}” or “{word.text} = true”"
    else:
        wish = f"“{field} contains {value_text(rest)}”"
    return f"“{word.text}” alone tests nothing and is true for every run. Write {wish}."
