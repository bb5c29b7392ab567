"""Named values of two runs beside each other: flags, attributes, packages, keys of a document.

Why values are the same when their texts are: NaN is itself here, `1` differs from `1.0` and from
`'1'` as it does in the file, and what people see as the same is the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from msgspec import Struct

from core.text import MAX_TEXT, flag_text, natural_key

Change = Literal["same", "changed", "removed", "added", "unsure"]
"""What became of something: "removed" is on the left only, "added" on the right only; "unsure" is
what was not compared."""

MOST_KEYS = 50_000
"""Values of a document on each side; what it has beyond is left out."""

_PLAIN_KEY = re.compile(r"[A-Za-z_][\w-]*\Z")
_PACKAGE = re.compile(r"([A-Za-z0-9][\w.-]*?)(?:\[[^\]]*\])?\s*(===?|@)\s*(.+)\Z")
_EDITABLE = re.compile(r"-e\s+(.*?)(?:[#&]egg=([\w.-]+).*)?\Z")


class Fact(Struct, frozen=True):
    """One named value on both sides.

    Attributes:
        name: Its name, for people.
        change: What became of it.
        left: Its text on the left; None where it is not there.
        right: The same on the right.
        values: The values themselves, None where they are not there.
    """

    name: str
    change: Change
    left: str | None
    right: str | None
    values: tuple[Any, Any] = (None, None)


def diff_maps(
    left: Mapping[str, Any], right: Mapping[str, Any], text_of: Callable[[Any], str] = flag_text
) -> tuple[Fact, ...]:
    """The values of two maps by name, in natural order.

    Args:
        left: The one before.
        right: The one after.
        text_of: How values are told; texts in quotes where they could be taken for numbers, or
            `plain_words` where all values are texts anyway.
    """
    names = sorted(left.keys() | right.keys(), key=natural_key)
    return tuple(fact_of(name, left, right, text_of) for name in names)


def fact_of(
    name: str,
    left: Mapping[str, Any],
    right: Mapping[str, Any],
    text_of: Callable[[Any], str] = flag_text,
) -> Fact:
    """What became of one value; one of the two maps has it, or both have."""
    if name not in right:
        return Fact(name, "removed", text_of(left[name]), None, (left[name], None))
    if name not in left:
        return Fact(name, "added", None, text_of(right[name]), (None, right[name]))
    values = left[name], right[name]
    texts = text_of(values[0]), text_of(values[1])
    is_same = texts[0] == texts[1] and (len(texts[0]) <= MAX_TEXT or values[0] == values[1])
    return Fact(name, "same" if is_same else "changed", *texts, values)


def plain_words(value: Any) -> str:
    """A value without quotes, cut where it is very long."""
    text = value if isinstance(value, str) else flag_text(value)
    return text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + "…"


def moment_text(value: Any) -> str:
    """Microseconds since 1970-01-01 UTC as local date and time; empty where they are none.

    To the microsecond, so that two moments that differ never read the same.
    """
    if not isinstance(value, int) or isinstance(value, bool):
        return ""
    seconds, rest = divmod(value, 1_000_000)
    try:
        then = datetime.fromtimestamp(seconds, UTC).astimezone()
    except (OverflowError, OSError, ValueError):
        return ""
    return f"{then:%Y-%m-%d %H:%M:%S}.{rest:06} {then:%Z}"


def flat_values(
    value: Any, name: str = "", *, lists_whole: bool = False
) -> tuple[dict[str, Any], bool]:
    """Each value of a document by its path, e.g. `model.layers[2].size`; and whether that is all.

    An empty list or map is a value.

    Args:
        value: The document.
        name: Path of the document itself.
        lists_whole: Whether a list without maps and lists in it is one value.
    """
    found: dict[str, Any] = {}
    waiting: list[tuple[str, Any]] = [(name, value)]
    while waiting:
        path, each = waiting.pop()
        if _has_parts(each) and not (lists_whole and isinstance(each, list) and _is_flat(each)):
            waiting.extend(_below(path, each))
            continue
        if len(found) >= MOST_KEYS:
            return found, False
        found[path] = each
    return found, True


def read_packages(frozen: Any) -> dict[str, str]:
    """Versions by package, from the lines that `pip freeze` wrote.

    A package without a version has the place it comes from instead.
    """
    lines = frozen if isinstance(frozen, list) else str(frozen or "").splitlines()
    found: dict[str, str] = {}
    for line in lines:
        text = str(line).strip()
        if text and not text.startswith("#"):
            name, version = _package(text)
            found[name] = version
    return found


def _has_parts(value: Any) -> bool:
    return isinstance(value, (dict, list)) and bool(value)


def _is_flat(value: list[Any]) -> bool:
    return not any(isinstance(each, (dict, list)) for each in value)


def _below(path: str, value: dict[Any, Any] | list[Any]) -> Sequence[tuple[str, Any]]:
    """What is directly in a list or map; the first one last."""
    if isinstance(value, list):
        named = ((f"{path}[{index}]", each) for index, each in enumerate(value))
    else:
        named = ((joined_path(path, key), each) for key, each in value.items())
    return list(_limited(named))[::-1]


def _limited(named: Iterator[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    for _, pair in zip(range(MOST_KEYS + 1), named, strict=False):
        yield pair


def joined_path(path: str, key: Any) -> str:
    """The path of a key of the map at a path."""
    text = key if isinstance(key, str) else flag_text(key)
    if not isinstance(key, str) or not _PLAIN_KEY.match(text):
        text = json.dumps(text, ensure_ascii=False) if isinstance(key, str) else f"<{text}>"
    return f"{path}.{text}" if path else text


def _package(line: str) -> tuple[str, str]:
    editable = _EDITABLE.match(line)
    if editable:
        place, name = editable.groups()
        return name or place.rstrip("/").rpartition("/")[2] or line, place
    pinned = _PACKAGE.match(line)
    if pinned:
        return pinned[1], pinned[3]
    return line, ""
