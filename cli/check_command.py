"""`rundesk check`: what the program sees and where it keeps its own files."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections import Counter
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import click

from cli.listing import open_index, warn_where_missing, warn_without_runs
from cli.parsing import DeskCommand, Request, json_option
from cli.screen import printable, write_json, write_line
from core.directories import Directories
from core.home import Home
from core.index.index import RunIndex
from core.index.side_sweep import answer_fresh
from core.log_file import FILE_NAME
from core.runs.purge import can_finish
from core.runs.run import STATUSES
from core.text import format_bytes, plural
from core.version import program_version
from remote.kept import KEPT_DAYS, kept_bytes

PACKAGES = ("click", "PySide6-Essentials", "numpy", "paramiko", "psutil", "PyYAML")

KEPT = f"of interrupted pulls, to go on with; the first transfer after {KEPT_DAYS} days erases it"
LEFT_OVER = "files of killed commands, which the next delete, restore or purge erases"


@click.command(cls=DeskCommand, short_help="Show home, runs, index, free space and versions.")
@json_option
@click.pass_obj
def check(request: Request, *, as_json: bool) -> None:
    """Show the home, its runs, the index, free space and versions."""
    home = request.home
    warn_where_missing(home)
    with open_index(home) as index:
        runs = answer_fresh(index, lambda: _run_facts(index))
        if not index.problem:
            warn_without_runs(home)
        found = _home_facts(home) | runs | _index_facts(index) | _program_facts()
    if as_json:
        write_json(found)
        return
    width = max(map(len, found)) + 2
    for name, value in found.items():
        write_line(f"{name + ':':{width}}{printable(_text(name, value))}".rstrip())


def _home_facts(home: Home) -> dict[str, Any]:
    """Where the runs are and how much space is left for more."""
    return {
        "home": str(home.path),
        "home_exists": home.path.is_dir(),
        "home_writable": os.access(home.path, os.W_OK),
        "runs_dir": str(home.runs_dir),
        "free_space": _free_space(home.path),
        "left_over": can_finish(home),
        "kept": kept_bytes(home),
    }


def _run_facts(index: RunIndex) -> dict[str, Any]:
    """How many runs there are, of which status, and how many cannot be read."""
    columns = index.columns
    slots = columns.slots()
    status, problem = columns.values("status"), columns.values("problem")
    counts = Counter(status[slot] for slot in slots)
    return {
        "runs": len(slots),
        "statuses": {name: counts[name] for name in STATUSES},
        "deleted": columns.count(deleted=True),
        "unreadable": sum(1 for slot in slots if problem[slot]),
    }


def _index_facts(index: RunIndex) -> dict[str, Any]:
    """Where the index is and whether it works."""
    path = index.cache_path
    return {
        "index": None if path is None else str(path),
        "index_size": _size(path),
        "index_problem": index.cache_problem or index.problem or None,
    }


def _program_facts() -> dict[str, Any]:
    """Versions, and where to look when something is wrong."""
    return {
        "version": program_version(),
        "python": platform.python_version(),
        "python_exe": sys.executable,
        "platform": platform.platform(),
        "packages": {name: _version(name) for name in PACKAGES},
        "log": str(Directories.of_user().state / FILE_NAME),
    }


def _text(name: str, value: Any) -> str:
    if value is None:
        return "none" if name in ("index", "index_problem") else "unknown"
    if name == "left_over":
        return LEFT_OVER if value else "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name == "kept":
        return f"{format_bytes(value)} {KEPT}" if value else "nothing"
    if name in ("free_space", "index_size"):
        return format_bytes(value)
    if name in ("runs", "deleted", "unreadable"):
        return plural(value, "run")
    if isinstance(value, dict):
        return ", ".join(f"{key} {item}" for key, item in value.items() if item)
    return str(value)


def _free_space(path: Path) -> int | None:
    """Free bytes where the home is or would be; None when that cannot be told."""
    for place in (path, *path.parents):
        try:
            return shutil.disk_usage(place).free
        except FileNotFoundError:
            continue
        except OSError:
            return None
    return None


def _size(path: Path | None) -> int | None:
    """Bytes of the index with what SQLite keeps beside it; None where there is none."""
    if path is None or not path.exists():
        return None
    return sum(each.stat().st_size for each in path.parent.glob(f"{path.name}*"))


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
