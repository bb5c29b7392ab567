"""Writing values as Guild writes its attributes.

Why: every reader of a sample store, Guild included, must meet the forms that Guild 0.9 leaves
on disk: sorted keys, lists not indented under their key, lines folded at 80 columns, text that
looks like a number quoted, and the one-letter words y and n quoted too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, TypeAlias

import yaml

Scalar: TypeAlias = str | int | float | bool | None

# A longer text may have to be folded, which depends on where in the line it begins.
_LONGEST_PLAIN = 60


class _GuildDumper(yaml.SafeDumper):
    """PyYAML's dumper with the rules that Guild adds."""


class _FastDumper(yaml.CSafeDumper):
    """The same in C; it breaks long lines of text in double quotes at other places."""


for _dumper in (_GuildDumper, _FastDumper):
    _dumper.add_implicit_resolver(
        "tag:yaml.org,2002:bool", re.compile(r"^(?:y|Y|n|N)$"), list("yYnN")
    )
    _dumper.add_implicit_resolver(
        "tag:yaml.org,2002:float",
        re.compile(r"^[-+]?[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)$"),
        list("-+0123456789"),
    )


def dump(value: Any) -> str:
    """One YAML document as Guild writes an attribute, with its final newline."""
    text: str = yaml.dump(value, Dumper=_FastDumper, default_flow_style=False, indent=2)
    if '"' in text:
        text = yaml.dump(value, Dumper=_GuildDumper, default_flow_style=False, indent=2)
    return text.strip().removesuffix("\n...") + "\n"


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
