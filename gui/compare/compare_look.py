"""How the values of a comparison read: titles, texts, deltas to the baseline, which is best.

Why a delta is written with the digits of its value and a percentage with two: what matters is how
far apart two runs are, and 0.0213 beside 0.1234 says that at a glance, 0.021299999 does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from msgspec import Struct

from core.compare.baseline import delta
from core.compare.column_spec import ColumnSpec
from core.compare.direction import Direction
from core.compare.groups import Summary
from core.compare.table import Column
from core.text import flag_text, float_text
from gui.table.columns import AGGREGATES, FIELDS, scalar_text

Kind = Literal["number", "text", "status", "mono", "quiet"]
Tone = Literal["plain", "same", "better", "worse"]

LONGEST = 1_000  # letters of a cell: measuring a text of megabytes takes seconds at each paint
SAMPLE = 200
_MOST_PERCENT = 1e6  # of more, only the distance itself says anything

_KINDS: dict[str, Kind] = {
    "status": "status", "id": "mono", "run": "mono", "short_id": "mono", "vcs_commit": "mono",
    "sourcecode": "mono", "sourcecode_digest": "mono", "started": "quiet", "stopped": "quiet",
}  # fmt: skip
_RIGHT = frozenset(("time",))
_TITLES = {"time": "Duration", "run": "Run", "id": "Full id", "from": "From", "op": "Operation"}


class Look(Struct, frozen=True):
    """How one column of a comparison reads.

    Attributes:
        title: Its heading.
        kind: How its cells are drawn.
        is_right: Whether they stand at the right, digits below digits.
        is_flag: Whether its values are those of a flag: the text '10' is not the number 10.
        is_scalar: Whether its values are those of a scalar, and shown with few digits.
        is_whole: The numbers of a scalar are all whole.
        has_delta: Whether the distance from the baseline's value says something.
    """

    title: str
    kind: Kind = "text"
    is_right: bool = False
    is_flag: bool = False
    is_scalar: bool = False
    is_whole: bool = False
    has_delta: bool = False


def look_of(column: Column, values: Sequence[Any]) -> Look:
    """How a column reads, by some of its values."""
    spec = column.spec
    there = [value for value in values if value is not None][:SAMPLE]
    is_number = _are_numbers(there)
    if spec.kind == "scalar":
        is_whole = spec.step or spec.aggregate == "count" or _are_whole(there)
        title = title_of(column)
        return Look(
            title,
            "number",
            is_right=True,
            is_scalar=True,
            is_whole=is_whole,
            has_delta=spec.is_number,
        )
    if spec.kind == "flag":
        kind: Kind = "number" if is_number else "text"
        return Look(title_of(column), kind, is_right=is_number, is_flag=True)
    kind = _KINDS.get(spec.name, "number" if is_number else "text")
    return Look(title_of(column), kind, is_right=is_number or spec.name in _RIGHT)


def title_of(column: Column) -> str:
    """The heading of a column; attributes that every run has are called as in the run table."""
    spec = column.spec
    if spec.kind != "attr" or spec.heading:
        return _one_line(column.header)
    title = _TITLES.get(spec.name) or FIELDS.get(spec.name, ("",))[0]
    return title or _one_line(column.header)


def explained(spec: ColumnSpec) -> str:
    """What a column shows, in words: "minimum of the scalar loss"."""
    if spec.kind != "scalar":
        return f"{'Flag' if spec.kind == 'flag' else 'Attribute'} {spec.name}"
    words = {
        None: "Last value", "last": "Last value", "first": "First value", "min": "Minimum",
        "max": "Maximum", "avg": "Average", "total": "Sum", "count": "Number of values",
    }  # fmt: skip
    what = words[spec.aggregate]
    return f"{f'Step of the {what.lower()}' if spec.step else what} of the scalar {spec.name}"


def headed(spec: ColumnSpec) -> ColumnSpec:
    """The same column with a heading that says which value of a scalar it shows."""
    if spec.kind != "scalar" or spec.heading or spec.aggregate in (None, "last"):
        return spec
    key = f"{spec.aggregate}_step" if spec.step else str(spec.aggregate)
    heading = AGGREGATES[key].replace("{}", spec.name)
    return ColumnSpec(spec.kind, spec.name, spec.aggregate, spec.step, heading)


def value_text(look: Look, value: Any) -> str:
    """The short text of a cell; empty where the value is missing."""
    if value is None:
        return ""
    if look.is_scalar and isinstance(value, float):
        return scalar_text(value, whole=look.is_whole)
    return _one_line(full_text(look, value)[:LONGEST])


def full_text(look: Look, value: Any) -> str:
    """All of a value, every digit."""
    if value is None:
        return ""
    return flag_text(value) if look.is_flag else _full(value)


def pair_text(name: str, value: Any) -> str:
    """What runs of a group have in common, e.g. "lr=0.1"; empty where they all lack it."""
    return "" if value is None else f"{_one_line(name)}={_one_line(flag_text(value)[:LONGEST])}"


def delta_text(look: Look, value: Any, base: Any) -> str:
    """How far a value is from the baseline's: "+0.0213 · +14 %"; empty where that says nothing."""
    found = delta(value, base) if look.has_delta else None
    if found is None or not found.difference or found.difference != found.difference:
        return ""
    sign = "+" if found.difference > 0 else "−"
    text = f"{sign}{scalar_text(abs(found.difference), whole=look.is_whole)}"
    share = _MOST_PERCENT if found.percent is None else abs(found.percent)
    return f"{text} · {sign}{_percent(share)}" if share < _MOST_PERCENT else text


def tone_of(look: Look, value: Any, base: Any, direction: Direction | None) -> Tone:
    """How a value stands to the baseline's."""
    if value == base or (value is None and base is None):
        return "same"
    found = delta(value, base) if look.has_delta and direction else None
    if found is None or found.difference != found.difference:
        return "plain"
    return "better" if (found.difference > 0) == (direction == "up") else "worse"


def spread_text(look: Look, summary: Summary) -> tuple[str, str]:
    """The mean of a group, and in small beside it how far its values spread."""
    if summary.deviation is None or summary.least == summary.most:
        return value_text(look, summary.least), ""
    return scalar_text(float(summary.mean)), f"± {scalar_text(summary.deviation)}"


def stats_text(look: Look, summary: Summary) -> str:
    """Everything about the numbers of a group, a line each."""
    deviation = "none, of one value" if summary.deviation is None else repr(summary.deviation)
    return (
        f"{look.title}\nMean {float_text(float(summary.mean))}\nStandard deviation {deviation}\n"
        f"Minimum {_full(summary.least)}\nMaximum {_full(summary.most)}\n"
        f"Values {summary.n:,}"
    )


def _percent(share: float) -> str:
    return f"{share:,.0f} %" if share >= 10 else f"{share:.2g} %"


def _one_line(text: str) -> str:
    return text if text.isprintable() else " ".join(text.split())


def _full(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return float_text(value)
    if isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value):
        return ", ".join(value)
    return flag_text(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _are_numbers(values: Sequence[Any]) -> bool:
    return bool(values) and sum(map(_is_number, values)) * 2 > len(values)


def _are_whole(values: Sequence[Any]) -> bool:
    return bool(values) and all(_is_number(v) and float(v).is_integer() for v in values)
