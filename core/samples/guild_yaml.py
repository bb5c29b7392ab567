"""Writing values as Guild writes its attributes.

Why not `core.runs.attr_dump` alone: a sample store has a hundred thousand attributes, and most are
a few short words that can be remembered or put together without PyYAML.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, TypeAlias

from core.runs.attr_dump import dump_yaml

Scalar: TypeAlias = str | int | float | bool | None

# A longer text may have to be folded, which depends on where in the line it begins.
_LONGEST_PLAIN = 60


def dump(value: Any) -> str:
    """One YAML document as Guild writes an attribute, with its final newline."""
    return dump_yaml(value).decode()


def dump_text(value: Scalar) -> str:
    """`dump` for a short text, a number, a boolean or null; remembers what it wrote."""
    return _inline(value) + "\n"


def dump_list(words: Iterable[str]) -> str:
    """`dump` for a list of short texts, at a tenth of its cost."""
    listed = list(words)
    if not all(map(_is_short, listed)):
        return dump(listed)
    return "".join(f"- {_inline(word)}\n" for word in listed) or "[]\n"


def dump_map(values: Mapping[str, Any]) -> str:
    """`dump` for a map, fast where its values are short texts, numbers, booleans or null."""
    if not values:
        return "{}\n"
    if not all(map(_is_short, values.values())):
        return dump(dict(values))
    return "".join(f"{_inline(key)}: {_inline(values[key])}\n" for key in sorted(values))


def _is_short(value: object) -> bool:
    """Whether a value is written the same wherever in a line it begins."""
    return not isinstance(value, list | dict) and len(ascii(value)) <= _LONGEST_PLAIN


def _inline(value: Scalar) -> str:
    # The type belongs to the key of the cache: 1, 1.0 and True are equal.
    return _inline_of(type(value).__name__, value)


@lru_cache(maxsize=8192)
def _inline_of(_kind: str, value: Scalar) -> str:
    return dump(value).rstrip("\n")
