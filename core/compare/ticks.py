"""Where an axis has numbers, and which: few, round, evenly spaced, and never one upon another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from math import ceil, floor, isfinite, log10
from typing import Literal

from msgspec import Struct

TickKind = Literal["number", "whole", "log", "whole-log", "duration", "clock", "words"]

_SECONDS = (
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200,
    86_400, 172_800, 604_800, 2_592_000, 31_536_000,
)  # fmt: skip
_UNITS = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))
_Numbers = Callable[[float, float, int], "list[Tick]"]
_MOST = 1000  # no axis is so long that it had more


class Tick(Struct, frozen=True):
    """A number on an axis.

    Attributes:
        place: Where, in the coordinates of the axis (decimal logarithms on a logarithmic one).
        text: What it says.
    """

    place: float
    text: str


def ticks(
    kind: TickKind, low: float, high: float, most: int, words: Sequence[str] = ()
) -> list[Tick]:
    """The numbers of the part of an axis that is seen.

    Args:
        kind: What places mean.
        low: Where that part begins.
        high: Where it ends; above `low`.
        most: How many there is room for, about.
        words: Those of an axis of words, by place.
    """
    if not (isfinite(low) and isfinite(high)) or not low < high or not isfinite(high - low):
        return []
    most = max(1, min(most, _MOST))
    if kind == "words":
        return _word_ticks(low, high, most, words)
    if kind == "whole":
        return _whole_ticks(low, high, most)
    if kind in ("log", "whole-log"):
        return _log_ticks(low, high, most, _whole_ticks if kind == "whole-log" else _number_ticks)
    if kind == "duration" and high - low >= 2:
        return _duration_ticks(low, high, most)
    if kind == "clock":
        return _clock_ticks(low, high, most)
    return _number_ticks(low, high, most, " s" if kind == "duration" else "")


def round_step(span: float, most: int) -> float:
    """The least of 1, 2, 2.5 and 5 times a power of ten that is used at most `most` times."""
    least = span / most
    power = 10.0 ** floor(log10(least)) if least > 0 else 0.0
    if not power or not isfinite(power):
        return max(least, 5e-324)
    return next((power * n for n in (1, 2, 2.5, 5) if power * n >= least * (1 - 1e-9)), power * 10)


def _number_ticks(low: float, high: float, most: int, unit: str = "") -> list[Tick]:
    step = round_step(high - low, most)
    places = _multiples(step, low, high)
    return [Tick(place, _number_text(place, step) + unit) for place in places]


def _whole_ticks(low: float, high: float, most: int) -> list[Tick]:
    """Numbers of what there is no half of, such as steps."""
    step = max(1.0, round_step(high - low, most))
    step = 5.0 if step == 2.5 else step
    return [Tick(place, f"{place:,.0f}") for place in _multiples(step, low, high)]


def _multiples(step: float, low: float, high: float) -> list[float]:
    first, last = low / step, high / step
    if not (abs(first) < 2**53 and abs(last) < 2**53):  # they cannot be told apart any more
        return []
    numbers = range(ceil(first - 1e-9), min(floor(last + 1e-9), ceil(first) + _MOST) + 1)
    return [0.0 if number == 0 else number * step for number in numbers]


def _number_text(value: float, step: float) -> str:
    size = max(abs(value), step)
    if size >= 1e7 or step < 1e-5:
        digits = max(0, floor(log10(size)) - floor(log10(step) + 1e-9)) if value else 0
        return _short_exponent(f"{value:.{min(digits + 1, 15)}e}") if value else "0"
    decimals = max(0, -floor(log10(step) + 1e-9))
    if abs(step * 10**decimals - round(step * 10**decimals)) > 1e-6:
        decimals += 1  # steps of 2.5
    return f"{value:,.{decimals}f}"


def _short_exponent(text: str) -> str:
    digits, _, exponent = text.partition("e")
    digits = digits.rstrip("0").rstrip(".") if "." in digits else digits
    return f"{digits}e{int(exponent)}"


def _log_ticks(low: float, high: float, most: int, numbers: _Numbers) -> list[Tick]:
    if not -_MOST < low < high < _MOST:  # beyond what floats can be
        return []
    first, last = ceil(low - 1e-9), floor(high + 1e-9)
    decades = last - first + 1
    if high - low < 1 or decades < 2:
        return _between_powers(low, high, most, numbers)
    stride = ceil(decades / most)
    powers = range(ceil(first / stride) * stride, last + 1, stride) or [first]
    found = [Tick(float(n), _power_text(n)) for n in powers]
    if stride == 1 and decades * 3 <= most:
        found += [
            Tick(n + log10(m), _scaled_text(m, n))
            for n in range(first - 1, last + 1)
            for m in (2, 5)
            if low <= n + log10(m) <= high
        ]
    return sorted(found, key=lambda tick: tick.place)


def _between_powers(low: float, high: float, most: int, numbers: _Numbers) -> list[Tick]:
    """Round numbers on a part of a logarithmic axis that is shorter than a power of ten."""
    if not -300 < low < high < 300:
        return []
    values = numbers(10**low, 10**high, most)
    return [Tick(log10(tick.place), tick.text) for tick in values if tick.place > 0]


def _power_text(power: int) -> str:
    return f"{10.0**power:,.{max(0, -power)}f}" if -4 <= power <= 5 else f"1e{power}"


def _scaled_text(multiple: int, power: int) -> str:
    if -4 <= power <= 5:
        return f"{multiple * 10.0**power:,.{max(0, -power)}f}"
    return f"{multiple}e{power}"


def _duration_ticks(low: float, high: float, most: int) -> list[Tick]:
    step = _time_step(high - low, most)
    size, unit = next(pair for pair in _UNITS if step % pair[0] == 0)
    return [Tick(place, f"{place / size:,.0f} {unit}") for place in _multiples(step, low, high)]


def _time_step(span: float, most: int) -> float:
    return next(
        (float(s) for s in _SECONDS if span / s <= most),
        _SECONDS[-1] * round_step(span / _SECONDS[-1], most),
    )


def _clock_ticks(low: float, high: float, most: int) -> list[Tick]:
    try:
        moment = datetime.fromtimestamp(low).astimezone()
        datetime.fromtimestamp(high).astimezone()
    except (OverflowError, ValueError, OSError):
        return []
    offset = moment.utcoffset()
    shift = offset.total_seconds() if offset is not None else 0.0
    step = _time_step(high - low, most)
    places = [place - shift for place in _multiples(step, low + shift, high + shift)]
    form = "%Y-%m-%d" if step >= 86_400 else "%H:%M" if step >= 60 else "%H:%M:%S"
    texts = [f"{datetime.fromtimestamp(place).astimezone():{form}}" for place in places]
    return [Tick(place, text) for place, text in zip(places, texts, strict=True)]


def _word_ticks(low: float, high: float, most: int, words: Sequence[str]) -> list[Tick]:
    first, last = max(0, ceil(low)), min(len(words) - 1, floor(high))
    stride = max(1, ceil((last - first + 1) / most))
    return [Tick(float(n), words[n]) for n in range(first, last + 1, stride)]
