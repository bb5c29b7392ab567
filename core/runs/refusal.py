"""Why one run among many was left as it is: a result, where an exception would end the others."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

RefusalKind = Literal["other", "running", "elsewhere", "gone", "exists", "denied", "full", "kept"]

PASSING: frozenset[RefusalKind] = frozenset(("denied", "full"))
"""What may be otherwise the next time: rights are given, room is made."""

PASSING_BACK: frozenset[RefusalKind] = PASSING | {"gone"}
"""The same of what is taken back or done again: a run that was deleted may be restored."""


class Refusal(Struct, frozen=True):
    """A run that was not changed.

    Attributes:
        run_id: The run, by the name it was asked for.
        reason: One sentence fit for the user.
        kind: What can be done about it: "running" may be stopped first; "elsewhere" may still run
            on another machine and can be insisted on; "gone" is not there (any more); "exists"
            finds its place taken; "denied" lacks a permission; "full" lacks space; "kept" was
            to go along with another run, which stays.
    """

    run_id: str
    reason: str
    kind: RefusalKind = "other"
