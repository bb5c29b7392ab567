"""Where in an archive its runs are.

A run is wherever `.guild/opref` is, at any depth: people compress an export directory, a home or
one run's directory with their file manager. A prototype within a run is no run of its own.
"""

from __future__ import annotations

from collections.abc import Iterable

from core.archives.entries import is_run_id, safe_name
from core.errors import ArchiveError
from core.runs.files import shown

_MARK = b"/.guild/opref"
MOST_SAID = 3


def root_of_opref(name: bytes) -> bytes | None:
    """The directory of the run that an entry makes one; None for any other entry."""
    if name.endswith(_MARK):
        return without_dot(name)[: -len(_MARK)]
    return b"" if without_dot(name) == _MARK[1:] else None


def without_dot(name: bytes) -> bytes:
    """A name without the "./" that tar puts before it."""
    while name.startswith(b"./"):
        name = name[2:]
    return name


class RunRoots:
    """The runs of an archive by where they are.

    Args:
        found: Directories that have an opref, in the order of the archive.
        stem: The archive's name without suffixes: the id where a run has no directory.

    Attributes:
        ids: Id by directory.
        problems: Sentences on runs that are left out.
    """

    def __init__(self, found: Iterable[bytes], stem: str) -> None:
        candidates = dict.fromkeys(found)
        self.ids: dict[bytes, str] = {}
        self.problems: list[str] = []
        deleted = 0
        taken: set[str] = set()
        for root in candidates:
            if _has_root_above(root, candidates):
                continue
            if root.startswith(b"trash/runs/") or b"/trash/runs/" in root:
                deleted += 1
                continue
            run_id = _id_of(root, stem)
            if run_id and run_id not in taken:
                self.ids[root] = run_id
                taken.add(run_id)
            else:
                self._leave_out(root, run_id)
        if deleted:
            what = "deleted run in it is" if deleted == 1 else "deleted runs in it are"
            self.problems.append(f"{deleted:,} {what} left out.")
        self._depths = sorted({_depth(root) for root in self.ids})

    def owner(self, name: bytes) -> bytes | None:
        """The directory of the run that an entry belongs to; None for what is in no run."""
        for depth in self._depths:
            if depth == 0:
                return b""
            parts = name.split(b"/", depth)
            root = b"/".join(parts[:depth])
            if root in self.ids:
                return root
        return None

    def _leave_out(self, root: bytes, run_id: str) -> None:
        name = shown(root.decode("utf-8", "surrogateescape")) or "."
        why = "is there twice; the first is shown" if run_id else "has no safe name and is left out"
        if len(self.problems) < MOST_SAID:
            self.problems.append(f"The run “{name[:100]}” {why}.")


def _id_of(root: bytes, stem: str) -> str:
    """The id of a run; empty where its directory has no safe name."""
    try:
        name = safe_name(root.decode("utf-8"))[-1] if root else stem
    except (UnicodeDecodeError, ArchiveError):
        return ""
    return name if is_run_id(name) else ""


def _depth(root: bytes) -> int:
    return root.count(b"/") + 1 if root else 0


def _has_root_above(root: bytes, roots: dict[bytes, None]) -> bool:
    if root and b"" in roots:
        return True
    at = root.rfind(b"/")
    while at > 0:
        if root[:at] in roots:
            return True
        at = root.rfind(b"/", 0, at)
    return False
