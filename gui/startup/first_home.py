"""Which home the first window shows."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from core.errors import HomeError
from core.home import Home, find_home_in, resolve_home
from gui.window_state import WindowState


class FirstHome(Struct, frozen=True):
    """What the first window shows.

    Attributes:
        home: None where the one that was named cannot be shown.
        is_awaited: Nobody named it and it is not there yet: Guild makes it with the first run.
        problem: Why there is no home, as a sentence; empty when there is one.
    """

    home: Home | None
    is_awaited: bool = False
    problem: str = ""


def first_home(explicit: Path | None, state: WindowState) -> FirstHome:
    """The home to start with.

    Guild's rules, so that both show the same runs in the same terminal; but where those only
    lead to the user's usual home, the home used last is shown, as after a double-click.
    """
    user_home = Path.home()
    try:
        found = resolve_home(explicit, os.environ, Path.cwd(), user_home)
    except HomeError as e:
        return FirstHome(None, problem=str(e))  # its hint is for the command line
    is_usual = explicit is None and found.path == user_home / ".guild"
    recent = state.recent_homes(1) if is_usual else []
    if recent and os.path.isdir(recent[0]):  # noqa: PTH112 - no name is too long for it
        return FirstHome(Home(recent[0]))
    return FirstHome(found, is_awaited=explicit is None and not found.path.is_dir())


def homes_in(folders: Sequence[Path]) -> tuple[list[Path], str]:
    """The homes that folders mean, and a sentence on the first that is not there."""
    found: list[Path] = []
    problem = ""
    for folder in folders:
        absolute = folder.absolute()
        if not absolute.is_dir():
            why = "it is no folder" if absolute.exists() else "there is no such folder"
            problem = problem or f"Cannot open {folder}: {why}."
            continue
        home = find_home_in(absolute)
        found.append(home.path if home else absolute)
    return found, problem
