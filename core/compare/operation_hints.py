"""What an operation's project file says about comparing its runs: `compare` and `objective`.

The file is the present one at the place that a run recorded, as in Guild: people change what they
compare after the runs were made. It is only read, within limits: nothing in it is run, models it
takes from packages or other files by `$include` are not looked for, and where it is gone, damaged
or no ordinary file the run's own attributes say it, or nothing does.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from msgspec import Struct

from core.errors import RunDamaged
from core.runs.attrs import load_yaml
from core.runs.guild_files import open_file
from core.runs.opref import Opref, parse_opref

PROJECT_FILE = "guild.yml"
MOST_BYTES = 1024 * 1024
_DEEPEST = 10
_MOST_PARENTS = 100
_MODEL_NAMES = ("model", "config")
_INHERITED = ("operations", "operation-defaults", "params")
_REFERENCE = re.compile(r"\{\{\s*(.*?)\s*\}\}")


class OperationHints(Struct, frozen=True):
    """What a project says about an operation.

    Attributes:
        compare: Column specifications, as they are written; None where it says nothing.
        objective: Column specification of what is to become small, or with "-" before it large;
            empty where it says nothing.
    """

    compare: tuple[str, ...] | None = None
    objective: str = ""


NO_HINTS = OperationHints()


class ProjectHints:
    """Reads project files, each once; make another one to see what became of them."""

    def __init__(self) -> None:
        self._files: dict[str, list[Any]] = {}
        self._hints: dict[str, OperationHints] = {}

    def of(self, opref: str | None) -> OperationHints:
        """What is said about the operation of an opref; never raises."""
        if not opref:
            return NO_HINTS
        if opref not in self._hints:
            self._hints[opref] = self._read(opref)
        return self._hints[opref]

    def _read(self, text: str) -> OperationHints:
        try:
            opref = parse_opref(text)
        except RunDamaged:
            return NO_HINTS
        path = _project_file(opref)
        if not path:
            return NO_HINTS
        if path not in self._files:
            self._files[path] = _models(path)
        return _hints(self._files[path], opref)


def _project_file(opref: Opref) -> str:
    """Absolute path of the project file; empty where the operation has none."""
    path = PurePath(opref.pkg_name)
    if opref.pkg_type != "guildfile" or not path.is_absolute():
        return ""
    return str(path if path.suffix in (".yml", ".yaml") else path / PROJECT_FILE)


def _models(path: str) -> list[Any]:
    """The items of a project file; nothing where it cannot be read or is none."""
    try:
        # A link is followed: the project is the user's own, not a part of the store.
        with os.fdopen(open_file(path, follow=True), "rb") as file:
            data = file.read(MOST_BYTES + 1)
        document = load_yaml(data.decode("utf-8")) if len(data) <= MOST_BYTES else None
    except (OSError, ValueError, RunDamaged):
        return []
    if isinstance(document, Mapping):
        document = [{"model": "", "operations": document}]
    items = document if isinstance(document, list) else []
    return [_named(item) for item in items if isinstance(item, Mapping)]


def _named(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """Operations without a model belong to the one without a name."""
    if "operations" in item and not any(name in item for name in _MODEL_NAMES):
        return {**item, "model": ""}
    return item


def _hints(items: list[Any], opref: Opref) -> OperationHints:
    model = next((item for item in items if item.get("model") == opref.model), None)
    if model is None:
        return NO_HINTS
    whole = _extended(model, items)
    operations, defaults = whole.get("operations"), whole.get("operation-defaults")
    operation = operations.get(opref.op) if isinstance(operations, Mapping) else None
    if operation is None:
        return NO_HINTS
    said = {
        **(defaults if isinstance(defaults, Mapping) else {}),
        **(operation if isinstance(operation, Mapping) else {}),
    }
    params = whole.get("params")
    filled = _Params(params if isinstance(params, Mapping) else {})
    return OperationHints(
        compare=compare_of(filled.fill(said.get("compare"))),
        objective=objective_of(filled.fill(said.get("objective"))),
    )


def _extended(model: Mapping[str, Any], items: list[Any]) -> dict[str, Any]:
    """A model with what it inherits from others of its file, each of them once."""
    by_name = {name: item for item in items if isinstance(name := _name_of(item), str)}
    whole = dict(model)
    seen: set[str] = set()
    waiting = _parents(model)
    while waiting and len(seen) < _MOST_PARENTS:
        name = waiting.pop(0)
        if name in seen or name not in by_name:
            continue
        seen.add(name)
        parent = by_name[name]
        whole = _completed(whole, {key: parent[key] for key in _INHERITED if key in parent})
        waiting = _parents(parent) + waiting
    return whole


def _parents(item: Mapping[str, Any]) -> list[str]:
    found = item.get("extends")
    names = [found] if isinstance(found, str) else found if isinstance(found, list) else []
    return [name for name in names if isinstance(name, str)]


def _completed(
    child: Mapping[str, Any], parent: Mapping[str, Any], depth: int = 0
) -> dict[str, Any]:
    """What a child says, and of the rest what its parent says."""
    merged = dict(child)
    for name, value in parent.items():
        known = merged.get(name)
        if name not in merged:
            merged[name] = value
        elif isinstance(known, Mapping) and isinstance(value, Mapping) and depth < _DEEPEST:
            merged[name] = _completed(known, value, depth + 1)
    return merged


def _name_of(item: Mapping[str, Any]) -> Any:
    return next((item[kind] for kind in _MODEL_NAMES if kind in item), None)


class _Params(Struct, frozen=True):
    values: Mapping[str, Any]

    def fill(self, value: Any) -> Any:
        """A value in which `{{ name }}` stands for a parameter."""
        if isinstance(value, str):
            return _REFERENCE.sub(lambda m: str(self.values.get(m[1], m[0])), value)
        if isinstance(value, list):
            return [self.fill(item) for item in value]
        if isinstance(value, Mapping):
            return {key: self.fill(item) for key, item in value.items()}
        return value


def compare_of(value: Any) -> tuple[str, ...] | None:
    """Column specifications of a `compare` attribute; None where it says nothing.

    An empty list says that no columns are wanted.
    """
    found = [value] if isinstance(value, str) else value
    if not isinstance(found, list):
        return None
    return tuple(str(item) for item in found if isinstance(item, str | int | float))


def objective_of(value: Any) -> str:
    """The specification of an `objective` attribute, with "-" before what is to become large."""
    if isinstance(value, Mapping):
        small, large = value.get("minimize"), value.get("maximize")
        if isinstance(small, str):
            return small
        return f"-{large}" if isinstance(large, str) else ""
    return value if isinstance(value, str) else ""
