"""What became known of runs since it was last told: what an index, a shelf and a listing tell."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from math import inf

from msgspec import Struct


class Changes(Struct, frozen=True):
    """What became known since the changes before.

    Attributes:
        added: Slots of new runs.
        changed: Slots of runs that say something else now.
        removed: Slots of runs that are gone.
        checked: How many of `total` runs have been looked at in this pass.
        total: How many runs there are to look at.
    """

    added: tuple[int, ...] = ()
    changed: tuple[int, ...] = ()
    removed: tuple[int, ...] = ()
    checked: int = 0
    total: int = 0

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


def together(first: Changes, second: Changes) -> Changes:
    """What became known by one and then by the other."""
    return Changes(
        first.added + second.added,
        first.changed + second.changed,
        first.removed + second.removed,
        second.checked,
        second.total,
    )


def gathered(
    parts: Iterable[Changes],
    seconds: float,
    check: Callable[[], None],
    *,
    told: float = -inf,
    hurries: Callable[[], bool] = lambda: False,
) -> Iterator[Changes]:
    """Several parts at once: each telling costs a window a new order of its rows.

    Args:
        parts: What becomes known, piece by piece.
        seconds: How long is waited after one telling, and what whoever is told does with it,
            until the next.
        check: Called before each part; raises to stop.
        told: When something was told last (`time.monotonic`); where that was never, the first
            part is told at once.
        hurries: Whether what is known is to be told now.
    """
    waiting = Changes()
    for part in parts:
        check()
        waiting = together(waiting, part)
        if time.monotonic() - told >= seconds or hurries():
            yield waiting
            waiting, told = Changes(), time.monotonic()
    if waiting:
        yield waiting
