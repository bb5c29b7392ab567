"""Merging what people wrote about a run on two sides, attribute by attribute.

What only one side changed since both were last seen equal is taken from there. Of tags and comments
that both changed, what was added on either side is there afterwards, and what was removed on
either side is not. A label that became two different ones cannot be merged: somebody must choose.

Where nothing is remembered, nothing is lost: tags and comments of both sides are kept, a mark is
kept, and of two labels that of the newer file wins only where the older side has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from msgspec import Struct, field

from core.errors import RunDamaged
from core.runs.attr_dump import dump_yaml
from core.runs.attrs import load_yaml

Contents = Mapping[str, bytes | None]
_LISTS = ("tags", "comments")


class Merged(Struct, frozen=True):
    """What two sides become.

    Attributes:
        for_target: Attributes to write where the run is sent; None removes one.
        for_source: Attributes that are newer where it would be sent to.
        unsettled: Attributes of which somebody must choose.
    """

    for_target: Contents = field(default_factory=dict)
    for_source: Contents = field(default_factory=dict)
    unsettled: tuple[str, ...] = ()


def merge_attrs(
    source: Contents, target: Contents, base: Contents | None, newer: AbstractSet[str]
) -> Merged:
    """Merge the attributes of two sides.

    Args:
        source: Attribute name to its bytes where the run comes from.
        target: The same where it would go.
        base: The same when both were last seen equal; None when they never were.
        newer: Names of those whose file is newer in the source.
    """
    for_target: dict[str, bytes | None] = {}
    for_source: dict[str, bytes | None] = {}
    unsettled: list[str] = []
    for name, own in source.items():
        other = target.get(name)
        if own == other or _value(own) == _value(other) is not _DAMAGED:
            continue
        merged = _merge_one(name, own, other, base, name in newer)
        if merged is _DAMAGED:
            unsettled.append(name)
            continue
        if merged != other:
            for_target[name] = merged
        if merged != own:
            for_source[name] = merged
    return Merged(for_target, for_source, tuple(unsettled))


class _Damaged:
    """Stands for what cannot be read or merged."""


_DAMAGED: Any = _Damaged()


def _merge_one(
    name: str,
    own: bytes | None,
    other: bytes | None,
    base: Contents | None,
    is_newer: bool,  # noqa: FBT001 - private
) -> Any:
    """The merged bytes; None where it is removed; _DAMAGED where it cannot be merged."""
    if base is not None and name in base:
        if own == base[name]:
            return other
        if other == base[name]:
            return own
    if name in _LISTS:
        return _merged_list(name, own, other, base.get(name) if base else None)
    if name == "marked":
        return own if own is not None and (other is None or is_newer) else other
    if own is None or other is None:
        return own if other is None else other
    return _DAMAGED


def _merged_list(name: str, own: bytes | None, other: bytes | None, base: bytes | None) -> Any:
    values = [_value(data) for data in (own, other, base)]
    lists = [[] if value is None else value for value in values]
    if any(not isinstance(value, list) for value in lists):
        return _DAMAGED
    ours, theirs, before = lists
    kept = [v for v in theirs if v in ours or v not in before]
    added = [v for v in ours if v not in kept and v not in before]
    merged = [*kept, *added]
    if name == "tags":
        merged.sort(key=str)
    else:
        merged.sort(key=_time_of)
    for data, value in ((own, ours), (other, theirs)):
        if value == merged and data is not None:
            return data
    return dump_yaml(merged) if merged or own is not None else None


def _time_of(comment: Any) -> int:
    time = comment.get("time") if isinstance(comment, dict) else None
    return time if isinstance(time, int) else 0


def _value(data: bytes | None) -> Any:
    if data is None or not data.strip():
        return None
    try:
        return load_yaml(data.decode("utf-8", "surrogateescape"))
    except RunDamaged:
        return _DAMAGED
