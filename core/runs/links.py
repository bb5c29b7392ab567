"""Trials of a batch and steps of a pipeline: links in the run's directory to sibling runs.

Why an absolute link counts whatever store it names: Guild before 0.8 linked steps by the path
that the store had then. Stores are moved and copied, homes are reached through links; the id at the
end is still that of the step.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

MAX_LINKS = 100_000
_ABSOLUTE = re.compile(r"(?:[A-Za-z]:)?/(?:.*/)?runs/([0-9a-f]{32})\Z", re.DOTALL)


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


def find_batch(runs_dirs: Iterable[Path], run_id: str) -> str | None:
    """The batch that links to a run; None where none does.

    One look a run: a third of a second among 100,000 of them.

    Args:
        runs_dirs: Where batches may be: a deleted one still knows its trials.
        run_id: The trial.
    """
    for runs_dir in map(str, runs_dirs):
        for name in _names(runs_dir):
            is_linked = os.path.islink(f"{runs_dir}/{name}/{run_id}")
            if is_linked and os.path.isdir(f"{runs_dir}/{name}/.guild/proto"):
                return name
    return None


def _names(directory: str) -> list[str]:
    try:
        return os.listdir(directory)
    except OSError:
        return []


def linked_run(target: str, runs_dir: str) -> str:
    """Id of the run that a link in a run's directory leads to; empty when it leads elsewhere.

    Args:
        target: What the link says.
        runs_dir: The directory that the run is in.
    """
    target = target.rstrip("/")
    parent, _, name = target.rpartition("/")
    if name in ("", ".", ".."):
        return ""
    if parent in ("..", runs_dir):
        return name
    absolute = _ABSOLUTE.match(target)
    return absolute[1] if absolute else ""


def _sibling(path: str) -> str:
    try:
        target = os.readlink(path)
    except OSError:
        return ""
    if os.sep != "/":  # on Windows, which also puts "//?/" before a drive
        target = target.replace(os.sep, "/").removeprefix("//?/")
    return linked_run(target, os.path.dirname(os.path.dirname(path)))
