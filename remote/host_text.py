"""What a host wrote, made safe to show: it may be anybody's."""

from __future__ import annotations

import unicodedata

_MOST_LETTERS = 2000


def shown(text: str | bytes) -> str:
    """`text` without control characters that could play tricks on a screen; cut where it is long.

    Ends of lines stay.
    """
    plain = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    kept = (c for c in plain[:_MOST_LETTERS] if c == "\n" or unicodedata.category(c)[0] != "C")
    return "".join(kept).strip()
