"""How far a value is from that of the run that others are measured against."""

from __future__ import annotations

from typing import Any

from msgspec import Struct


class Delta(Struct, frozen=True):
    """A number beside the baseline's.

    Attributes:
        difference: The number less the baseline's; NaN where one of them is.
        percent: The same in percent of the baseline's amount; None where that is zero or infinite.
    """

    difference: float
    percent: float | None


def delta(value: Any, baseline: Any) -> Delta | None:
    """The distance of two cells; None where one is no number (yes and no are none)."""
    if type(value) not in (int, float) or type(baseline) not in (int, float):
        return None
    try:
        difference = float(value - baseline)
        percent = 100 * difference / abs(baseline)
    except ZeroDivisionError:
        return Delta(difference, None)
    except OverflowError:  # whole numbers of more digits than a float holds
        return None
    return Delta(difference, percent if percent == percent else None)
