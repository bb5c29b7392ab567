"""What can be dropped on the places: files from a file manager, and runs of an archive.

Runs of an archive go onto this computer and nowhere else; files may become a place or be imported,
so whoever drops them is asked, unless it was on this computer.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint

from gui.models.places_model import Place, PlaceKind
from gui.run_mime import RunsFrom, runs_from


@dataclass(frozen=True, slots=True)
class PlaceDrop:
    """Something that was dropped on the places.

    Attributes:
        position: Where, on the screen.
        runs: Runs of an archive; None where files were dropped.
        paths: The files.
        is_for_home: Whether they were dropped on this computer itself.
    """

    position: QPoint
    runs: RunsFrom | None = None
    paths: tuple[Path, ...] = ()
    is_for_home: bool = False


def read_drop(mime: QMimeData, place: Place | None, position: QPoint) -> PlaceDrop | None:
    """What it would be to drop this there; None where it is refused."""
    is_for_home = place is not None and place.kind is PlaceKind.RUNS
    runs = runs_from(mime)
    if runs is not None and runs.file is not None:
        return PlaceDrop(position, runs, is_for_home=True) if is_for_home else None
    if runs is not None:
        return None  # runs of a home are where they belong
    paths = tuple(Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile())
    return PlaceDrop(position, None, paths, is_for_home) if paths else None
