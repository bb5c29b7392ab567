"""A named view of a comparison as a file that can be sent: a JSON document with a version.

Reading one executes nothing and takes what it understands: a key of a later version is kept when
the view is saved again, a value of the wrong kind is left out and said. Sizes are bounded, since a
view may come from anybody.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from core.compare.column_spec import parse_columns
from core.compare.direction import Direction
from core.compare.group_spec import check_group_text
from core.errors import QueryError, SettingsError
from core.runs.guild_files import open_file
from core.text import plural

VERSION = 1
MAX_BYTES = 1_000_000
MAX_ITEMS = 10_000
MAX_TEXT = 20_000
MAX_NAME = 200

_FORMAT = "rundesk-compare-view"
_MOST_TOLD = 3


class CompareView(Struct, frozen=True):
    """How runs are compared.

    Attributes:
        name: Shown to the user; unique regardless of case, never empty.
        columns: Column specifications; None for those of the operations.
        added: Column specifications beside those of the operations.
        order: Headers in the order of their columns, where the user moved one; others stay beside
            the column that they follow otherwise.
        only_different: Whether columns that are the same in all runs are left out.
        sort: Headers of the columns to sort by and whether descending, the most important first.
        group_by: What runs are grouped by: column specifications, or all flags but some.
        filter: Text of the filter box.
        directions: Which way a scalar is better, by key; None for neither.
        plots: What the plots want to remember; kept as it is.
        others: Keys that are not understood; kept as they are.
    """

    name: str
    columns: tuple[str, ...] | None = None
    added: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    only_different: bool = True
    sort: tuple[tuple[str, bool], ...] = ()
    group_by: tuple[str, ...] = ()
    filter: str = ""
    directions: Mapping[str, Direction | None] = field(default_factory=dict)
    plots: Mapping[str, Any] = field(default_factory=dict)
    others: Mapping[str, Any] = field(default_factory=dict)


class LoadedView(Struct, frozen=True):
    """A view as read, and what could not be understood.

    Attributes:
        view: What was understood.
        problems: A sentence each.
    """

    view: CompareView
    problems: tuple[str, ...] = ()


def tidied(name: str) -> str:
    """A name of a view on one line, and no longer than can be read."""
    return " ".join(name.split())[:MAX_NAME].rstrip()


def view_text(view: CompareView) -> str:
    """The document of a view."""
    document = {
        **view.others,
        "format": _FORMAT,
        "version": VERSION,
        "name": view.name,
        "columns": None if view.columns is None else list(view.columns),
        "added": list(view.added),
        "order": list(view.order),
        "only_different": view.only_different,
        "sort": [{"column": header, "descending": descending} for header, descending in view.sort],
        "group_by": list(view.group_by),
        "filter": view.filter,
        "directions": dict(view.directions),
        "plots": dict(view.plots),
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def read_view(path: Path) -> LoadedView:
    """A view from a file, which may come from anywhere.

    Raises:
        SettingsError: The file cannot be read, or is no view.
    """
    try:
        document = read_json(path)
        json.dumps(document, ensure_ascii=False).encode()  # it must be possible to save it again
    except OSError as e:
        raise SettingsError(f"Cannot read {path}", hint=f"{e.strerror or e}.") from e
    except (ValueError, RecursionError) as e:
        hint = "Ask for the file again, or delete it."
        raise SettingsError(f"{path} is not a view: {why_not_json(e)}", hint=hint) from e
    if not isinstance(document, dict) or document.get("format") != _FORMAT:
        raise SettingsError(f"{path} is not a view", hint="Choose a file that Rundesk wrote.")
    return view_of(document, path)


def why_not_json(error: ValueError | RecursionError) -> str:
    """What is wrong with a document, in words for people."""
    if isinstance(error, json.JSONDecodeError):
        if not error.doc.strip():
            return "it is empty"
        is_cut = not error.doc[error.pos :].strip() or "Unterminated" in error.msg
        return "its end is missing" if is_cut else f"it is damaged in line {error.lineno}"
    if isinstance(error, UnicodeError):
        return "it holds bytes that are no text"
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error)


def read_json(path: Path) -> Any:
    """A JSON document of a bounded size from a regular file.

    Raises:
        OSError: It cannot be read.
        ValueError: It is too large, or not JSON.
        RecursionError: It is nested too deeply.
    """
    with os.fdopen(open_file(os.fspath(path), follow=True), "rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise ValueError(f"it is longer than {MAX_BYTES:,} bytes")
    text = data.decode("utf-8")
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        raise
    except ValueError as e:  # Python reads no whole numbers of thousands of digits
        raise ValueError("it holds a number that is too long") from e


_Check = Callable[[Any], Any]
"""A value as the view holds it; ValueError where it is of the wrong kind."""


def view_of(document: Mapping[str, Any], path: Path) -> LoadedView:
    """A view from a document that `view_text` wrote.

    Args:
        document: The document.
        path: Where it is from, for sentences on what is not understood.
    """
    problems: list[str] = []
    document = _with_columns(document, path, problems)
    if isinstance(version := document.get("version"), int) and version > VERSION:
        problems.append(f"{path} was written by a later version; what is new in it is left out.")
    values: dict[str, Any] = {}
    for key, check in _CHECKS.items():
        if key not in document:
            continue
        try:
            values[key] = check(document[key])
        except ValueError as e:
            problems.append(f"“{key}” in {path} is left out: {e}.")
    if not values.get("name"):
        values["name"] = path.stem
    known = {*_CHECKS, "format", "version"}
    others = {key: value for key, value in document.items() if key not in known}
    return LoadedView(CompareView(**values, others=others), tuple(problems))


def _with_columns(
    document: Mapping[str, Any], path: Path, problems: list[str]
) -> Mapping[str, Any]:
    """The document with those of its columns that are understood; a sentence for each other."""
    known = dict(document)
    for key in ("columns", "added", "group_by"):
        texts = document.get(key)
        if not isinstance(texts, list) or len(texts) > MAX_ITEMS:
            continue
        read = check_group_text if key == "group_by" else parse_columns
        kept = [text for text in texts if not isinstance(text, str) or _is_understood(text, read)]
        lost = [text for text in texts if text not in kept]
        problems += [f"The column “{text}” in {path} is left out: it is not understood."
                     for text in lost[:_MOST_TOLD]]  # fmt: skip
        if more := lost[_MOST_TOLD:]:
            problems.append(f"And {plural(len(more), 'other column')}.")
        known[key] = kept if kept or not lost or key != "columns" else None
    return known


def _is_understood(text: str, read: Callable[[str], object]) -> bool:
    try:
        read(text)
    except QueryError:
        return False
    return True


def _require(holds: bool, wanted: str) -> None:  # noqa: FBT001 - reads as a sentence
    if not holds:
        raise ValueError(f"it must be {wanted}")


def _text(value: Any) -> str:
    _require(isinstance(value, str) and len(value) <= MAX_TEXT, "a text")
    return str(value)


def _name(value: Any) -> str:
    return tidied(_text(value))


def _flag(value: Any) -> bool:
    _require(isinstance(value, bool), "true or false")
    return bool(value)


def _items(value: Any) -> list[Any]:
    _require(isinstance(value, list) and len(value) <= MAX_ITEMS, "a list")
    return list(value)


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(map(_text, _items(value)))


def _columns(value: Any) -> tuple[str, ...] | None:
    return None if value is None else _texts(value)


def _sort(value: Any) -> tuple[tuple[str, bool], ...]:
    items = [_map(item) for item in _items(value)]
    return tuple((_text(i.get("column")), _flag(i.get("descending", False))) for i in items)


def _map(value: Any) -> dict[str, Any]:
    _require(isinstance(value, dict) and len(value) <= MAX_ITEMS, "a map")
    return dict(value)


def _directions(value: Any) -> dict[str, Direction | None]:
    found = _map(value)
    _require(all(way in _DIRECTIONS for way in found.values()), "a map to up, down or null")
    return found


_DIRECTIONS: tuple[Direction | None, ...] = ("up", "down", None)
_CHECKS: dict[str, _Check] = {
    "name": _name,
    "columns": _columns,
    "added": _texts,
    "order": _texts,
    "only_different": _flag,
    "sort": _sort,
    "group_by": _texts,
    "filter": _text,
    "directions": _directions,
    "plots": _map,
}
