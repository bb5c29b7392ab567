"""Values as people read them: flags, sizes, durations. No locale, no colours, no Qt."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from itertools import islice
from typing import Any

_DIGITS = re.compile(r"(\d{1,4000})")
_MOST_ZEROS = 4000
_FEW_ZEROS = 0x7F
_EXPONENT = re.compile(r"[-+]?[0-9][0-9_]*(?:\.[0-9_]*)?[eE][-+]?[0-9]+\Z")  # Guild reads a float
_PLAIN = re.compile(r"[A-Za-z_/][\w./+=-]*\Z")
_RESERVED = frozenset(["y", "n", "yes", "no", "true", "false", "on", "off", "null", "none", "~"])
_UNITS = ("KB", "MB", "GB", "TB", "PB")
MAX_TEXT = 10_000
"""Characters of a value's text; what is beyond is cut, with an ellipsis."""


def flag_text(value: Any) -> str:
    """A flag's value as Guild shows it: yes, no, null, `[a, b]`, `{k: v}`, `'1'` for a text.

    Unlike Guild's, letters outside ASCII stay as they are, and a very long text is cut.
    """
    text = _flag_text(value, 0)
    return text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + "…"


def _flag_text(value: Any, depth: int) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return _quoted(value[: MAX_TEXT + 1])  # more is never shown, and quoting it takes seconds
    if isinstance(value, float):
        return float_text(value)
    if isinstance(value, (dict, list, tuple)):
        return "…" if depth > 20 else _collection_text(value, depth + 1)
    try:
        return str(value)
    except ValueError:  # a whole number of more digits than Python converts
        return hex(value)


def _collection_text(value: Any, depth: int) -> str:
    if isinstance(value, dict):
        items = list(value.items())
        if len(items) > MAX_TEXT:  # then not all of them are shown
            items = sorted(items, key=lambda item: str(item[0]))[:MAX_TEXT]
        pairs = sorted(f"{_flag_text(k, depth)}: {_flag_text(v, depth)}" for k, v in items)
        return "{" + ", ".join(pairs) + "}"
    return "[" + ", ".join(_flag_text(item, depth) for item in islice(value, MAX_TEXT)) + "]"


def float_text(value: float) -> str:
    """All digits of a float that matter, in YAML's words for what is no number."""
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    return repr(value)


@lru_cache(maxsize=4096)
def _quoted(text: str) -> str:
    """The text, in quotes where it would otherwise be read as another type."""
    if _PLAIN.match(text) and text.lower() not in _RESERVED:
        return text
    if not text or _EXPONENT.match(text):
        return f"'{text}'"
    import yaml  # only for the few texts that may need quotes

    dumped = yaml.safe_dump(text, default_flow_style=True, allow_unicode=True, width=1 << 30)
    return dumped.removesuffix("\n").removesuffix("\n...")


def format_bytes(size: int) -> str:
    """A size for people: "812 bytes", "48.2 MB" (powers of 1000, as file managers count)."""
    if size < 1000:
        return f"{size} byte{'' if size == 1 else 's'}"
    power = min((len(str(size)) - 1) // 3, len(_UNITS))
    amount = size / 1000**power
    unit = _UNITS[power - 1]
    return f"{amount:.1f} {unit}" if amount < 99.95 else f"{amount:.0f} {unit}"


def format_duration(seconds: float) -> str:
    """A duration as H:MM:SS, with days before, and tenths where there are few seconds.

    One form for all, so that a column of them can be compared at a glance.
    """
    tenths = int(seconds * 10)
    if tenths < 100:
        return f"0:00:{tenths // 10:02}.{tenths % 10}"
    days, rest = divmod(int(seconds), 86_400)
    clock = f"{rest // 3600}:{rest % 3600 // 60:02}:{rest % 60:02}"
    return f"{days} d {clock}" if days else clock


def natural_key(text: str) -> str:
    """Sort key in which "run 9" comes before "run 10", letters regardless of case.

    A text and no list of its parts: that takes twelve times the memory, and 100,000 such lists
    are compared one after the other while nothing else may run.
    """
    parts = _DIGITS.split(text.casefold())
    parts[1::2] = map(_number_key, parts[1::2])
    return "".join(parts)


@lru_cache(maxsize=4096)  # texts of many runs hold the same few numbers again and again
def _number_key(digits: str) -> str:
    """Digits so that they sort as numbers, before letters; of equal ones more zeros come first."""
    if not digits.isascii():
        digits = "".join(str(int(digit)) for digit in digits)
    number = digits.lstrip("0")
    zeros = len(digits) - len(number)
    # One letter beyond these, and the whole text takes twice the memory.
    end = chr(_FEW_ZEROS - zeros) if zeros < _FEW_ZEROS else f"\0{chr(_MOST_ZEROS - zeros)}"
    return f"\0{chr(len(number))}{number}{end}"


def plural(count: int, one: str, many: str = "") -> str:
    """The count with its word: "1 run", "12,408 runs"."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def lower_first(text: str) -> str:
    """The text as it reads within a sentence."""
    return text[:1].lower() + text[1:]


def upper_first(text: str) -> str:
    """The text as it reads at the beginning of a sentence."""
    return text[:1].upper() + text[1:]
