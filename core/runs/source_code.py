"""Which files of a run are its source code."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from pathlib import Path

from msgspec import Struct

from core.errors import RunError
from core.runs.files import list_directory, walk_files
from core.runs.manifest import Manifest, read_manifest
from core.text import natural_key

OLD_PLACE = ".guild/sourcecode"
"""Where Guild before 0.9 kept the source code; it wrote no manifest then."""
MOST_FILES = 5000


class SourceFile(Struct, frozen=True):
    """One file of the source code of a run.

    Attributes:
        path: Relative to the run, with "/".
        title: Path for people: as it was in the project where that is known.
    """

    path: str
    title: str


class SourceListing(Struct, frozen=True):
    """The source code of a run, in natural order; files of outer directories first.

    Attributes:
        files: At most MOST_FILES.
        problem: One sentence on what could not be read; empty when all could.
    """

    files: tuple[SourceFile, ...] = ()
    problem: str = ""


def list_source(run_dir: str | Path, check: Callable[[], None] = lambda: None) -> SourceListing:
    """The source code of a run; raises only what `check` raises."""
    manifest = read_manifest(run_dir)
    files = [
        SourceFile(path, manifest.entries[path].source or path) for path in manifest.source_paths()
    ]
    if not files:
        files = _old_files(run_dir, check)
    files.sort(key=_order)
    problem = manifest.problem
    if len(files) > MOST_FILES:
        problem = problem or f"Only {MOST_FILES:,} of {len(files):,} source files are shown"
    return SourceListing(tuple(files[:MOST_FILES]), problem)


def _old_files(run_dir: str | Path, check: Callable[[], None]) -> list[SourceFile]:
    place = Path(run_dir, OLD_PLACE)
    try:
        list_directory(place, check=check)
    except RunError:
        return []
    found = islice(walk_files(place, Manifest(), check=check), MOST_FILES * 4)
    return [SourceFile(f"{OLD_PLACE}/{e.path}", e.path) for e in found if e.shape == "file"]


def _order(file: SourceFile) -> tuple[object, ...]:
    folder, _, name = file.title.rpartition("/")
    return (folder.count("/") + bool(folder), natural_key(folder), natural_key(name))
