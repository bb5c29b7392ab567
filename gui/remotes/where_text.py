"""Where a run is, in words, and the sign for it: what the column "Where" shows.

The words carry all of it: the sign only repeats their beginning.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

Relation = Literal["same", "newer-here", "newer-there", "differs"]

COPYING = "copying"
_RANKS: tuple[Relation, ...] = ("differs", "newer-there", "newer-here", "same")
_WORDS: Mapping[Relation, str] = {
    "same": "here, {places}",
    "newer-here": "newer here, {places}",
    "newer-there": "here, newer on {places}",
    "differs": "here, differs on {places}",
}


def where_text(relations: Mapping[str, Relation], *, is_copying: bool = False) -> str:
    """Where a run is that is here.

    Args:
        relations: How it is on the remotes that have it, by their names.
        is_copying: Whether it is being copied now.
    """
    if is_copying:
        return COPYING
    if not relations:
        return "here"
    worst = next(rank for rank in _RANKS if rank in relations.values())
    places = [name for name, relation in relations.items() if relation == worst]
    return _WORDS[worst].format(places=", ".join(places))


def far_text(remotes: Sequence[str], *, is_copying: bool = False) -> str:
    """Where a run is that is not here.

    Args:
        remotes: Those that have it, the one that is looked at first.
        is_copying: Whether it is being copied now.
    """
    return COPYING if is_copying else f"on {', '.join(remotes)}"


def where_sign(text: str) -> tuple[str, str]:
    """Icon and token of such a text."""
    if text == COPYING:
        return "sync", "accent"
    if "differs on" in text:
        return "where-differs", "warning"
    if text.startswith("newer here"):
        return "push", "accent"
    if "newer on" in text:
        return "pull", "accent"
    if text.startswith("on "):
        return "where-there", "muted"
    return ("where-here", "muted") if text == "here" else ("where-both", "completed")
