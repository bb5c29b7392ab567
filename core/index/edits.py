"""Notices that runs changed, with half the looks that their whole signatures take.

Why: an edit in place moves no directory's time, so it is only ever found by asking each file; and
asking the system costs nearly all of what an idle window costs. Every other look at a run asks for
these files alone. What is noticed here is looked at again by the index, which decides.
"""

from __future__ import annotations

import os
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache

from core.home import Home
from core.index.columns import RunColumns
from core.index.signature import IN_PLACE, looked_at

_DIRECTORIES = 2  # come before the files in what a signature looks at
_NUMBERS = 3  # of each look


class Edits:
    """What the files that are rewritten in place looked like at the last look.

    Args:
        home: The home.
        columns: What is known of its runs.
    """

    def __init__(self, home: Home, columns: RunColumns) -> None:
        self._dirs = {False: os.fspath(home.runs_dir), True: os.fspath(home.trash_dir)}
        self._columns = columns
        self._seen = array("q")  # by slot, 0 where nothing was seen: a tenth of a dict

    def among(self, slots: Sequence[int], *, whole: bool) -> list[int]:
        """Slots of runs that may have changed.

        Args:
            slots: The runs to look at.
            whole: Look at all that the signature is made of; else only at files that are
                rewritten in place, where these were seen before.
        """
        deleted = self._columns.stored("deleted")
        found: list[int] = []
        for place, directory in self._dirs.items():
            here = [slot for slot in slots if deleted[slot] is place]
            with _opened(directory) as descriptor:
                prefix = "" if descriptor is not None else f"{directory}/"
                look = self._is_other if whole else self._is_edited
                found += [slot for slot in here if look(slot, prefix, descriptor)]
        return found

    def _is_other(self, slot: int, prefix: str, descriptor: int | None) -> bool:
        stored = self._columns.stored
        is_batch = bool(stored("is_batch")[slot])
        suffixes = looked_at(stored("attr_names")[slot] or "", is_batch)
        numbers = _numbers(prefix + stored("id")[slot], suffixes, descriptor)
        if not numbers or stored("status")[slot] == "running":
            return True
        count = len(_files(stored("attr_names")[slot] or ""))
        first = _NUMBERS * _DIRECTORIES
        self._see(slot, numbers[first : first + _NUMBERS * count])
        return bool((hash(tuple(numbers)) or 1) != stored("signature")[slot])

    def _is_edited(self, slot: int, prefix: str, descriptor: int | None) -> bool:
        seen = self._seen[slot] if slot < len(self._seen) else 0
        if not seen:
            return self._is_other(slot, prefix, descriptor)
        files = _files(self._columns.stored("attr_names")[slot] or "")
        numbers = _numbers(prefix + self._columns.stored("id")[slot], files, descriptor)
        return self._see(slot, numbers) != seen

    def _see(self, slot: int, numbers: Sequence[int]) -> int:
        missing = slot + 1 - len(self._seen)
        if missing > 0:
            self._seen.extend([0] * missing)
        self._seen[slot] = number = hash(tuple(numbers)) or 1
        return number


@contextmanager
def _opened(directory: str) -> Iterator[int | None]:
    """A descriptor to find runs from; None where the system or the directory has none."""
    descriptor = None
    if os.stat in os.supports_dir_fd:
        try:
            descriptor = os.open(directory, os.O_RDONLY)
        except OSError:
            descriptor = None
    try:
        yield descriptor
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _numbers(run: str, suffixes: Sequence[str], descriptor: int | None) -> list[int]:
    """Times and size of each file of a run; nothing where one cannot be looked at."""
    numbers: list[int] = []
    try:
        for suffix in suffixes:
            stat = os.stat(run + suffix, dir_fd=descriptor)
            numbers += (stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size)
    except OSError:
        return []
    return numbers


@lru_cache(maxsize=4096)
def _files(attr_names: str) -> tuple[str, ...]:
    """Ends of the paths of those files of a run that are rewritten in place."""
    return looked_at(attr_names, is_batch=False)[_DIRECTORIES:][: _count(attr_names)]


def _count(attr_names: str) -> int:
    return len(set(IN_PLACE).intersection(attr_names.split("\n")))
