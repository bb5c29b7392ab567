"""Labels made of flags: the default label, and templates such as `lr=${lr|%.2e}`.

Everything here gives Guild 0.9's text, letter by letter: a label that was made again must equal
the one that the run was born with, and a script that used `guild label` must make the same labels.
That includes what looks odd: a text with blanks is in quotes, letters outside ASCII and the line
ends of a folded text are escapes inside of these, `${label}` is formatted in the same way (with
`${label|unquote}` it stands as it is), and where a template uses `${default_label}` the label is
counted among the flags. `ResetLabel` does without the latter.

What differs: a filter that makes Guild fail (`basename` of a number, a format that overflows)
leaves the value as it is, and so does a format wider than any label should be.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from typing import Any

from core.runs.attr_dump import flow_text

DECIMALS = 5
PATH_LENGTH = 20

_REFERENCE = re.compile(r"(\$\{.+?\})")
_FRACTION = re.compile(r"(\.[0-9]+)")
_WIDE = re.compile(r"[0-9]{4}")
_ELLIPSIS = "…"
_Exists = Callable[[str], bool]


def default_label(flags: Mapping[Any, Any], *, exists: _Exists = os.path.exists) -> str:
    """The label that Guild gives a run by itself: all flags that are not null, by name.

    Args:
        flags: Flag name to value.
        exists: Whether a text is a path that exists, and is shortened therefore.
    """
    names = sorted((name for name in flags if flags[name] is not None), key=str)
    return " ".join(f"{name}={value_text(flags[name], exists=exists)}" for name in names)


def render(template: str, values: Mapping[Any, Any], *, exists: _Exists = os.path.exists) -> str:
    """A template with its references replaced; unknown names and null stand for nothing.

    Args:
        template: Text with references `${NAME}` or `${NAME|FILTER|FILTER:ARGUMENT}`.
        values: What they name: the run's flags, and its label as `label`.
        exists: As for `default_label`.
    """
    parts = _REFERENCE.split(template)
    parts[1::2] = [_resolved(part[2:-1], values, exists) for part in parts[1::2]]
    return "".join(parts)


def value_text(value: Any, *, exists: _Exists = os.path.exists) -> str:
    """A flag's value as it stands in labels: short floats, shortened paths, quotes if needed."""
    if isinstance(value, float):
        return _truncated(flow_text(value))
    if not isinstance(value, str):
        return encoded(value)
    text = flow_text(value)
    if os.path.sep in value and "\0" not in value and exists(value):
        text = shorten_path(value)
    return repr(text) if text[:1] not in ("'", '"') and " " in text else text


def encoded(value: Any) -> str:
    """A value in one line: yes, no, null, `[a, b]`, `{a: b}`, otherwise YAML's text for it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return f"[{', '.join(map(_encoded_item, value))}]"
    if isinstance(value, dict):
        pairs = ((encoded(key), encoded(item)) for key, item in _sorted(value))
        return f"{{{', '.join(f'{key}: {item}' for key, item in pairs)}}}"
    return flow_text(value)


def shorten_path(path: str, length: int = PATH_LENGTH) -> str:
    """A path with parts in its middle left out; the last is always kept."""
    parts = _path_parts(path)
    if len(path) <= length or not parts:
        return path
    if len(parts) == 1:
        return parts[0]
    right = [parts.pop()]
    is_absolute = parts[0].startswith(os.path.sep)
    left = [] if is_absolute else [parts.pop(0)]
    takes_right = not is_absolute
    while parts:
        used = sum(len(part) + 1 for part in left + right)
        part = parts.pop(-1 if takes_right else 0)
        if used + len(part) + len(_ELLIPSIS) >= length:
            break
        (right if takes_right else left).append(part)
        takes_right = not takes_right
    sep = os.path.sep
    shortened = sep.join([sep.join(left), _ELLIPSIS, sep.join(reversed(right))])
    return shortened if len(shortened) < len(path) else path


def _resolved(reference: str, values: Mapping[Any, Any], exists: _Exists) -> str:
    name, *filters = reference.split("|")
    value = values.get(name)
    if name == "default_label" and value is None:
        value = default_label(values, exists=exists)
        return str(_filtered(value, filters))
    if not filters and value is not None:
        return value_text(value, exists=exists)
    value = _filtered(value, filters)
    return "" if value is None else str(value)


def _filtered(value: Any, filters: list[str]) -> Any:
    for text in filters:
        name, _, argument = text.partition(":")
        if name.startswith("%"):
            value = _formatted(value, name)
        elif name == "default":
            value = argument if value is None else value
        elif name == "basename":
            value = _basename(value)
        elif name == "unquote":
            value = _unquoted(value)
        else:
            value = "#error#"
    return value


def _formatted(value: Any, template: str) -> Any:
    if _WIDE.search(template):
        return value
    try:
        return template % value
    except (TypeError, ValueError, OverflowError, LookupError):
        return value


def _basename(value: Any) -> Any:
    if not value:
        return ""
    if not isinstance(value, str):
        return value
    return os.path.basename(value[:-1] if value[-1] in "/\\" else value)


def _unquoted(value: Any) -> Any:
    is_quoted = isinstance(value, str) and len(value) >= 2 and value[0] == value[-1] == "'"
    return value[1:-1] if is_quoted else value


def _encoded_item(value: Any) -> str:
    text = encoded(value)
    return repr(text) if isinstance(value, str) and "," in text else text


def _sorted(value: dict[Any, Any]) -> list[tuple[Any, Any]]:
    try:
        return sorted(value.items(), key=lambda pair: pair[0])
    except TypeError:  # keys of several types
        return sorted(value.items(), key=lambda pair: str(pair[0]))


def _truncated(number: str) -> str:
    """The digits behind the point cut off, not rounded, after the fifth."""
    parts = _FRACTION.split(number)
    return "".join(part[: DECIMALS + 1] if part.startswith(".") else part for part in parts)


def _path_parts(path: str) -> list[str]:
    """Parts of a path; separators that begin it, or follow each other, stay with the part."""
    parts: list[str] = []
    blanks = 0
    for part in path.split(os.path.sep):
        if part:
            parts.append(os.path.sep * blanks + part)
        blanks = 0 if part else blanks + 1
    return [*parts, os.path.sep * (blanks - 1)] if blanks > 1 else parts
