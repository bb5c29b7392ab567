"""What the user decided once for all homes: a small TOML file that may also be edited by hand.

Why TOML and not the window's own store: people edit, comment and copy settings between machines.
So saving changes only the values that differ, and keeps comments and keys we do not know.
Geometry, columns and the like belong to one screen and one home: gui keeps them elsewhere.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, get_args

from msgspec import Struct, field

from core.errors import SettingsError
from core.own_file import replace_text
from core.saved_lists import Lists, SavedList

FILE_NAME = "settings.toml"
MAX_BYTES = 1_000_000

SchemeChoice = Literal["system", "light", "dark"]
LogLevel = Literal["debug", "info", "warning", "error"]


class Settings(Struct, frozen=True):
    """One field a setting; a change means a new object handed to those who need it.

    Attributes:
        scheme: "light", "dark", or "system" to follow the desktop live.
        recent_homes: How many homes the places remember, 0 to 50.
        log_level: What the log file keeps.
        transfer_limit: Kilobytes a second that pushes and pulls may send; 0 for all there is.
        transfer_verify: Whether they always compare checksums of what they copied.
        lists: The user's smart lists, in their order.
    """

    scheme: SchemeChoice = "system"
    recent_homes: int = 8
    log_level: LogLevel = "info"
    transfer_limit: int = 0
    transfer_verify: bool = False
    lists: Lists = field(default=())


class LoadedSettings(Struct, frozen=True):
    """Settings as read, and what could not be understood.

    Attributes:
        settings: Every field usable: a bad value fell back to its default.
        problems: One sentence each, with the line of the file.
    """

    settings: Settings
    problems: tuple[str, ...] = ()


def load_settings(path: Path) -> LoadedSettings:
    """Read the settings file; one that is absent means all defaults. Never raises."""
    try:
        text = _read_text(path)
        import tomllib  # 2 ms that a start without settings need not pay

        data = tomllib.loads(text)
    except FileNotFoundError:
        return LoadedSettings(Settings())
    except OSError as e:
        return LoadedSettings(Settings(), (f"Cannot read {path}: {e.strerror or e}.",))
    except ValueError as e:  # tomllib's error, text that is not UTF-8, or too long a file
        return LoadedSettings(Settings(), (f"{path} is not valid TOML: {e}.",))
    except RecursionError:
        return LoadedSettings(Settings(), (f"{path} is nested too deeply.",))
    return _from_data(data, text, path)


def save_settings(path: Path, settings: Settings) -> None:
    """Write what differs from the file, atomically; comments and unknown keys stay.

    Raises:
        SettingsError: The file cannot be read or written, or is not TOML at present.
    """
    import tomllib

    import tomlkit  # 35 ms that a start without a change need not pay
    from tomlkit.exceptions import TOMLKitError

    target = Path(os.path.realpath(path))  # a link into a versioned directory stays one
    try:
        text = _read_text(target) if target.exists() else ""
        document = tomlkit.parse(text)
        known = _from_data(tomllib.loads(text), text, target).settings
        _merge(document, known, settings)
        replace_text(target, tomlkit.dumps(document))
    except OSError as e:
        raise SettingsError(
            f"Cannot save the settings in {path}",
            hint=f"{e.strerror or e}. Check the permissions and free space of that folder.",
        ) from e
    except (TOMLKitError, ValueError) as e:
        raise SettingsError(
            f"The settings were not saved, because {path} is not valid TOML",
            hint=f"{e}. Correct the file or move it away.",
        ) from e


def _read_text(path: Path) -> str:
    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise ValueError(f"it is longer than {MAX_BYTES:,} bytes")
    return data.decode("utf-8")


# Reading


def _from_data(data: Mapping[str, Any], text: str, path: Path) -> LoadedSettings:
    values: dict[str, Any] = {}
    problems: list[str] = []
    for name in Settings.__struct_fields__:
        if name not in data:
            continue
        line = _line_of(text, rf"(?:\[\[?\s*)?{name}\b")
        where = f"{path}, line {line}"
        if name == "lists":
            values["lists"] = _read_lists(data["lists"], text, path, problems)
        elif (expected := _CHECKS[name](data[name])) is None:
            values[name] = data[name]
        else:
            problems.append(f"{where}: “{name}” must be {expected}.")
    return LoadedSettings(Settings(**values), tuple(problems))


def _one_of(choices: tuple[str, ...]) -> Callable[[object], str | None]:
    expected = " or ".join(f"“{choice}”" for choice in choices)
    return lambda value: None if value in choices else expected


def _check_count(value: object) -> str | None:
    fits = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 50
    return None if fits else "a whole number from 0 to 50"


def _check_limit(value: object) -> str | None:
    fits = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 10_000_000
    return None if fits else "a whole number from 0 to 10000000"


_CHECKS: dict[str, Callable[[object], str | None]] = {
    "scheme": _one_of(get_args(SchemeChoice)),
    "recent_homes": _check_count,
    "log_level": _one_of(get_args(LogLevel)),
    "transfer_limit": _check_limit,
    "transfer_verify": lambda value: None if isinstance(value, bool) else "true or false",
}


def _read_lists(value: object, text: str, path: Path, problems: list[str]) -> Lists:
    if not isinstance(value, list):
        line = _line_of(text, r"\[?\s*lists\b")
        problems.append(f"{path}, line {line}: “lists” must be tables headed [[lists]].")
        return ()
    found: dict[str, SavedList] = {}
    for number, item in enumerate(value):
        saved = _read_list(item)
        if saved is None or saved.name.casefold() in found:
            line = _line_of(text, r"\[\[\s*lists\s*\]\]", skip=number)
            problems.append(
                f"{path}, line {line}: a list needs a “name” of its own and a “filter”, both text."
            )
        else:
            found[saved.name.casefold()] = saved
    return tuple(found.values())


def _read_list(item: object) -> SavedList | None:
    if not isinstance(item, Mapping):
        return None
    name, text = item.get("name"), item.get("filter", "")
    if not isinstance(name, str) or not isinstance(text, str) or not name.strip():
        return None
    return SavedList(" ".join(name.split()), text)


def _line_of(text: str, pattern: str, skip: int = 0) -> int:
    start = re.compile(rf"\s*{pattern}")
    hits = [n for n, line in enumerate(text.splitlines(), 1) if start.match(line)]
    return hits[min(skip, len(hits) - 1)] if hits else 1


# Writing


def _merge(document: Any, known: Settings, wanted: Settings) -> None:
    for name in Settings.__struct_fields__:
        value = getattr(wanted, name)
        if value == getattr(known, name):
            continue
        if name == "lists":
            document["lists"] = _merged_lists(document.get("lists"), value)
        else:
            document[name] = value


def _merged_lists(old: Any, lists: Lists) -> Any:
    import tomlkit

    tables = old if isinstance(old, list) else []
    by_name = {saved.name: table for table in tables if (saved := _read_list(table))}
    merged = tomlkit.aot()
    for saved in lists:
        table = by_name.get(saved.name, tomlkit.table())
        table["name"], table["filter"] = saved.name, saved.filter
        merged.append(table)
    for table in tables:  # What could not be read is the user's, not ours to drop.
        if _read_list(table) is None and isinstance(table, Mapping):
            merged.append(table)
    return merged
