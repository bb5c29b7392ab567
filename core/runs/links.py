"""Trials of a batch and steps of a pipeline: links in the run's directory to sibling runs."""

from __future__ import annotations

import os

MAX_LINKS = 100_000


def read_links(run_dir: str) -> tuple[tuple[str, str], ...]:
    """Name and run id of each link to a sibling run, sorted by name.

    Only the text of a link is looked at, never what it leads to: a link whose run was deleted
    still says which run it was.
    """
    try:
        with os.scandir(run_dir) as entries:
            found = [(e.name, _sibling(e.path)) for e in entries if e.is_symlink()]
    except OSError:
        return ()
    links = [(name, run_id) for name, run_id in found if run_id]
    return tuple(sorted(links[:MAX_LINKS]))


def _sibling(path: str) -> str:
    try:
        target = os.readlink(path).rstrip("/")
    except OSError:
        return ""
    parent, _, name = target.rpartition("/")
    if name in ("", ".", ".."):
        return ""
    if parent == "..":
        return name
    runs_dir = os.path.dirname(os.path.dirname(path))
    return name if parent == runs_dir else ""
