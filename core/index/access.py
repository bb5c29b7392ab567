"""Which places of a home can be looked at now, and in a sentence why the others cannot.

Why it is asked before each look: where a directory may not be entered, or its disk is away, every
run of it would only look damaged or gone. What was known of them stays until it can be told.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from core.home import Home

LAST_SEEN = "; what is shown is what was last seen"
"""Ends the sentence on a place that went away, for those who do show it."""


class Access:
    """The runs (False) and the trash (True) of a home, each with what is in the way.

    Args:
        home: The home.
        knows_runs: Whether any of its runs (not those in the trash) is known.

    Attributes:
        problems: A sentence a place, as of the last look; empty where nothing is in the way.
    """

    def __init__(self, home: Home, knows_runs: Callable[[], bool]) -> None:
        self.problems = {False: "", True: ""}
        self._home = home
        self._knows_runs = knows_runs

    @property
    def problem(self) -> str:
        """The first problem; empty when there is none."""
        return self.problems[False] or self.problems[True]

    def open_places(self) -> list[bool]:
        """Look, and return the places that can be looked at."""
        away = not os.path.isdir(self._home.path)
        if away:
            self.problems = dict.fromkeys(self.problems, _not_there("home", self._home.path))
            return []
        runs_dir, trash_dir = self._home.runs_dir, self._home.trash_dir
        self.problems = {False: _refusal(runs_dir), True: _refusal(trash_dir)}
        if not self.problems[False] and not os.path.isdir(runs_dir) and self._knows_runs():
            self.problems[False] = _not_there("directory", runs_dir)
        return [place for place, problem in self.problems.items() if not problem]


def _not_there(kind: str, path: Path) -> str:
    return f"The {kind} {path} is not there now{LAST_SEEN}."


def _refusal(directory: Path) -> str:
    """Why a directory cannot be listed or entered; empty when it can, or is not there at all."""
    try:
        os.scandir(directory).close()
        os.stat(f"{directory}/.")
    except FileNotFoundError:
        reason = "it is a link that leads nowhere" if os.path.islink(directory) else ""
    except NotADirectoryError:
        reason = "it is not a directory"
    except OSError as e:
        reason = e.strerror or str(e)
    else:
        return ""
    return f"Cannot list {directory}: {reason}." if reason else ""
