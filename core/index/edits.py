"""Notices files that were rewritten in place, with half the looks of a whole signature.

Why: an edit in place moves no directory's time, so it is only ever found by asking each file; and
asking the system costs nearly all of what an idle window costs. Every other pass over all runs asks
for these files alone, and the whole signature is only looked at where one of them is another one.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache

from core.home import Home
from core.index.columns import RunColumns
from core.index.signature import IN_PLACE


class Edits:
    """What the files that are rewritten in place looked like at the last look.

    Args:
        home: The home.
        columns: What is known of its runs.
    """

    def __init__(self, home: Home, columns: RunColumns) -> None:
        self._dirs = {False: os.fspath(home.runs_dir), True: os.fspath(home.trash_dir)}
        self._columns = columns
        self._seen: dict[int, int] = {}

    def among(self, slots: Sequence[int]) -> list[int]:
        """Slots whose files are others than at the last look, or are looked at first now."""
        deleted, seen = self._columns.stored("deleted"), self._seen
        found: list[int] = []
        for place, directory in self._dirs.items():
            here = [slot for slot in slots if deleted[slot] is place]
            for slot, number in zip(here, self._look(directory, here), strict=True):
                if seen.get(slot) != number:
                    seen[slot] = number
                    found.append(slot)
        return found

    def _look(self, directory: str, slots: Sequence[int]) -> list[int]:
        """A number for each run that differs when one of the files does."""
        ids, names = self._columns.stored("id"), self._columns.stored("attr_names")
        if os.stat not in os.supports_dir_fd:
            return [_number(f"{directory}/{ids[slot]}", names[slot], None) for slot in slots]
        try:
            descriptor = os.open(directory, os.O_RDONLY)
        except OSError:
            return [0 for _ in slots]
        try:
            return [_number(ids[slot], names[slot], descriptor) for slot in slots]
        finally:
            os.close(descriptor)


def _number(run: str, names: str | None, descriptor: int | None) -> int:
    numbers: list[int] = []
    try:
        for suffix in _files(names or ""):
            stat = os.stat(run + suffix, dir_fd=descriptor)
            numbers += (stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size)
    except OSError as e:
        numbers.append(e.errno or 1)
    return hash(tuple(numbers))


@lru_cache(maxsize=4096)
def _files(names: str) -> tuple[str, ...]:
    present = set(names.split("\n"))
    return tuple(f"/.guild/attrs/{name}" for name in IN_PLACE if name in present)
