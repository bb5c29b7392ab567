"""The smallest look at a run's files that tells whether it changed since it was read.

Why these five: Guild rewrites labels, tags and comments in place, which moves no directory's time;
everything else it does creates or removes a file in `.guild` or `attrs` (seen for every command:
starts, ends, stages, marks, first comments, restarts).
Times are compared for inequality, never "newer than": copies and restores set them back. The
inode's change time is part of it because nothing can set that one.

Why not the other attributes, of which somebody may rewrite one in place by hand (as by
`echo … > started`): nothing but its own time tells of that, so that each attribute is one more look
at each run. One more costs a third of all (10,000 runs: 96 ms of a processor, 128 ms with
`started`), and there are a dozen of them, none more likely than another. No command of Guild or of
this program writes one of them alone: a start and a restart put a LOCK into `.guild`, an end adds
and removes files; and editors mostly write a new file and rename it, which moves the time of
`attrs`. An open window hears of such an edit from the system all the same
(`RunIndex.written_among`); a command, and a window where the system's watches are used up, show it
when anything else of the run changes, also its `attrs` by `touch`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import lru_cache

IN_PLACE = ("label", "tags", "comments")

# Two writes within one tick of an older kernel's clock leave equal times: a run whose files are
# this fresh (nanoseconds) when it is read is read once more later.
FRESH = 2_000_000_000


def sign(run_dir: str, attr_names: str | None, *, is_batch: bool = False) -> tuple[int, int]:
    """A number that differs when the run's files changed, and when they last did.

    Args:
        run_dir: The run's directory.
        attr_names: Names of its attributes when it was read, one a line.
        is_batch: Whether links to trials may be added to its directory.

    Returns:
        A number of 64 bits, 0 where the run is gone; the newest modification time in
        nanoseconds since 1970.
    """
    numbers: list[int] = []
    newest = 0
    for suffix in looked_at(attr_names or "", is_batch):
        try:
            stat = os.stat(run_dir + suffix)
        except OSError as e:
            if suffix == "/.guild" and isinstance(e, FileNotFoundError | NotADirectoryError):
                return _dead_link(run_dir), 0
            numbers.append(e.errno or 1)
        else:
            numbers += (stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size)
            newest = max(newest, stat.st_mtime_ns)
    return hash(tuple(numbers)) or 1, newest


Look = tuple[int, str, str | None, int | None, int]
"""A run's number (whatever it means), id, attribute names, whether it is a batch, signature."""


def find_changed(runs_dir: str, looks: Iterable[Look]) -> list[int]:
    """Numbers of those of the runs whose signature is another one now.

    Why not `sign` for each: nearly always nothing changed and every file is there; and the system
    finds files a tenth faster from the directory of runs than from the root.
    """
    if os.stat not in os.supports_dir_fd:
        return [look[0] for look in looks if _differs(runs_dir, look)]
    try:
        directory = os.open(runs_dir, os.O_RDONLY)
    except OSError:
        return [look[0] for look in looks if _differs(runs_dir, look)]
    try:
        return [
            look[0]
            for look in looks
            if _quick_signature(directory, look) != look[4] and _differs(runs_dir, look)
        ]
    finally:
        os.close(directory)


def _quick_signature(directory: int, look: Look) -> int:
    """What `sign` says of a run of which all files are there; 0 where one is not."""
    _, run_id, attr_names, is_batch, _ = look
    numbers: list[int] = []
    try:
        for suffix in looked_at(attr_names or "", bool(is_batch)):
            stat = os.stat(run_id + suffix, dir_fd=directory)
            numbers += (stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size)
    except OSError:
        return 0
    return hash(tuple(numbers)) or 1


def _differs(runs_dir: str, look: Look) -> bool:
    _, run_id, attr_names, is_batch, signature = look
    return sign(f"{runs_dir}/{run_id}", attr_names, is_batch=bool(is_batch))[0] != signature


def _dead_link(run_dir: str) -> int:
    """A link that leads nowhere is there and stays as it is."""
    return 2 if os.path.islink(run_dir) and not os.path.exists(run_dir) else 0


@lru_cache(maxsize=4096)
def looked_at(attr_names: str, is_batch: bool) -> tuple[str, ...]:  # noqa: FBT001 - cached by position
    """Ends of the paths that a signature looks at: two directories, files edited in place, more."""
    names = set(attr_names.split("\n"))
    in_place = tuple(f"/.guild/attrs/{name}" for name in IN_PLACE if name in names)
    root = ("",) if is_batch or "steps" in names else ()
    return ("/.guild", "/.guild/attrs", *in_place, *root)
