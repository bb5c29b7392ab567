"""Which home the first window shows."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from core.errors import HomeError
from core.home import Home, find_home_in, resolve_home
from gui.window_state import WindowState


def first_home(explicit: Path | None, state: WindowState) -> tuple[Home | None, str]:
    """The home to start with, and a sentence on why there is none.

    Guild's rules, so that both show the same runs in the same terminal; but where those only
    lead to the user's usual home, the home used last is shown, as after a double-click.
    """
    user_home = Path.home()
    try:
        found = resolve_home(explicit, os.environ, Path.cwd(), user_home)
    except HomeError as e:
        return None, f"{e} {e.hint}".strip()
    is_usual = explicit is None and found.path == user_home / ".guild"
    recent = state.recent_homes(1) if is_usual else []
    return (Home(recent[0]) if recent and recent[0].is_dir() else found), ""


def homes_in(folders: Sequence[Path]) -> tuple[list[Path], str]:
    """The homes that folders mean, and a sentence on the first that is not there."""
    found: list[Path] = []
    problem = ""
    for folder in folders:
        absolute = folder.absolute()
        if not absolute.is_dir():
            problem = problem or f"Cannot open {folder}: there is no such folder."
            continue
        home = find_home_in(absolute)
        found.append(home.path if home else absolute)
    return found, problem
