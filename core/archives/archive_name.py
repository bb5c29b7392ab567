"""What files are called that are archives of runs; apart, since a start asks for nothing else."""

from __future__ import annotations

from pathlib import Path

ZIP_SUFFIXES = (".zip",)
TAR_SUFFIXES = (".tar.zst", ".tzst", ".tar.gz", ".tgz", ".tar")
SUFFIXES = (*ZIP_SUFFIXES, *TAR_SUFFIXES)


def is_archive_name(path: Path) -> bool:
    """Whether a file is called like an archive that may hold runs; does not look at the disk."""
    return path.name.lower().endswith(SUFFIXES)


def stem_of(path: Path) -> str:
    """The name of an archive without the suffixes that say what it is."""
    name = path.name
    for suffix in (*(f".runs{suffix}" for suffix in SUFFIXES), *SUFFIXES):
        if name.lower().endswith(suffix):
            return name[: -len(suffix)]
    return name
