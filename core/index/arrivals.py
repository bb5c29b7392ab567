"""Which runs came to a home and which went: by listing it, or by asking for a few entries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from core.index.access import Access
from core.index.columns import RunColumns
from core.runs.store import Store

Entry = tuple[bool, str]
"""Whether it is in the trash, and its name."""


class Arrivals:
    """Compares the directories of runs and trash with what is known.

    What is in a place that cannot be looked at stays as it was.

    Args:
        stores: The runs (False) and the trash (True).
        access: Tells which of these can be looked at.
        columns: What is known of the runs.
    """

    def __init__(
        self, stores: Mapping[bool, Store], access: Access, columns: Callable[[], RunColumns]
    ) -> None:
        self._stores = stores
        self._access = access
        self._columns = columns
        self._strangers: set[Entry] = set()

    def listed(self) -> tuple[list[Entry], list[int]]:
        """New runs and gone slots, by listing the directories."""
        new: list[Entry] = []
        gone: list[int] = []
        columns = self._columns()
        for deleted in self._access.open_places():
            try:
                names = self._stores[deleted].names()
            except OSError:  # since a moment ago: the next look says why
                continue
            known = columns.known(deleted=deleted)
            unknown = [name for name in names if name not in known]
            if len(names) - len(unknown) < len(known):  # looking for each takes as long again
                there = set(names)
                gone += [slot for run_id, slot in known.items() if run_id not in there]
            self._strangers = {entry for entry in self._strangers if entry[0] is not deleted}
            new += self._runs_among((deleted, name) for name in unknown)
        return new, gone

    def among(self, entries: Iterable[Entry]) -> tuple[list[Entry], list[int], list[int]]:
        """New runs and gone slots among these entries, and slots of known runs that are there."""
        unknown: list[Entry] = []
        gone: list[int] = []
        there: list[int] = []
        columns, places = self._columns(), self._access.open_places()
        for entry in entries:
            deleted, name = entry
            if deleted not in places:
                continue
            slot = columns.slot_of(name, deleted)
            if self._stores[deleted].has(name):
                unknown += [entry] if slot is None else []
                there += [slot] if slot is not None else []
            else:
                self._strangers.discard(entry)
                gone += [slot] if slot is not None else []
        return self._runs_among(unknown), gone, there

    def lost_among(self, entries: Iterable[Entry]) -> list[Entry]:
        """Those of these runs that are none any more, whatever else may be there in their place."""
        lost = [(place, name) for place, name in entries if not self._stores[place].is_run(name)]
        places = self._access.open_places() if lost else ()
        lost = [entry for entry in lost if entry[0] in places]
        self._strangers.update(lost)
        return lost

    def of_strangers(self) -> list[Entry]:
        """Directories that were no runs when they appeared and are runs by now."""
        places = self._access.open_places() if self._strangers else ()
        found = [
            (deleted, name)
            for deleted, name in self._strangers
            if deleted in places and self._stores[deleted].is_run(name)
        ]
        self._strangers.difference_update(found)
        return [key for key in found if self._columns().slot_of(key[1], key[0]) is None]

    def _runs_among(self, entries: Iterable[Entry]) -> list[Entry]:
        found = []
        for deleted, name in entries:
            if self._stores[deleted].is_run(name):
                found.append((deleted, name))
                self._strangers.discard((deleted, name))
            else:
                self._strangers.add((deleted, name))
        return found
