"""What views are given: the few things shared by the whole window, made once by `gui.app`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.directories import Directories
from gui.job_bridge import JobBridge
from gui.theme import Theme


@dataclass(frozen=True, slots=True)
class Services:
    """Shared services of one window.

    Attributes:
        bridge: Runs jobs and tells of them on the GUI thread.
        theme: Colours, icons, fonts.
        directories: Where the application's own files are.
    """

    bridge: JobBridge
    theme: Theme
    directories: Directories


@dataclass(frozen=True, slots=True)
class RunRef:
    """Which run a details tab is about.

    Attributes:
        id: The run's id.
        path: Its directory, in the runs or in the trash.
        deleted: Whether it lies in the trash.
    """

    id: str
    path: Path
    deleted: bool = False
