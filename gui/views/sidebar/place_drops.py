"""What can be dropped on the places: files from a file manager, runs of any place of this window.

Runs of an archive go onto this computer and nowhere else; runs of this computer go to remotes, and
those of a remote to this computer or to another remote. Files may become a place or be imported, so
whoever drops them is asked, unless it was on this computer.
"""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct
from PySide6.QtCore import QMimeData, QPoint

from gui.models.places_model import Place, PlaceKind
from gui.run_mime import RunsFrom, runs_from


class PlaceDrop(Struct, frozen=True):
    """Something that was dropped on the places.

    Attributes:
        position: Where, on the screen.
        runs: The runs; None where files were dropped.
        paths: The files.
        is_for_home: Whether they were dropped on this computer itself.
        remote: The remote that they were dropped on; empty for none.
    """

    position: QPoint
    runs: RunsFrom | None = None
    paths: tuple[Path, ...] = ()
    is_for_home: bool = False
    remote: str = ""


def read_drop(
    mime: QMimeData, place: Place | None, position: QPoint, *, is_own: bool
) -> PlaceDrop | None:
    """What it would be to drop this there; None where it is refused.

    Args:
        mime: What is dragged.
        place: Where the pointer is; None beside all places.
        position: The same on the screen.
        is_own: Whether it is dragged out of this window, whose home and remotes are meant then.
    """
    is_for_home = place is not None and place.kind is PlaceKind.RUNS
    runs = runs_from(mime)
    if runs is not None:
        comes_home = runs.file is not None or (bool(runs.remote) and is_own)
        if is_for_home and comes_home:
            return PlaceDrop(position, runs, is_for_home=True)
        leaves = place is not None and is_own and runs.file is None and place.takes_runs
        if place is None or not leaves or place.key == runs.remote:
            return None  # runs of a home are where they belong
        return PlaceDrop(position, runs, remote=place.key)
    paths = tuple(Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile())
    return PlaceDrop(position, None, paths, is_for_home) if paths else None
