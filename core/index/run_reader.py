"""Reads the runs of a home for its index: many at once, and those that take long at the end.

Why runs with very large event files come last: a gigabyte of events takes half a minute, and nobody
should wait for that to see the others. Such a run is shown without scalars until they are read;
its row is signed so that a look which ends before that is made up for by the next one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from core.check import Check
from core.index.reading import (
    CHUNK,
    HEAVY_BYTES,
    WORTH_PROCESSES,
    Reading,
    read_first_look,
    read_in_processes,
    read_light_rows,
    read_rows,
)
from core.runs.store import Store

if TYPE_CHECKING:
    from core.runs.scalars import ScalarReading, ScalarState

PROCESSES = 2


class RunReader:
    """Reads runs, and goes on with the event files of running ones where it ended.

    Args:
        stores: The runs, and those in the trash (True).
    """

    def __init__(self, stores: Mapping[bool, Store]) -> None:
        self._stores = stores
        self._states: dict[str, ScalarState] = {}  # of running runs

    def forget(self, run_id: str) -> None:
        """A run is gone."""
        self._states.pop(run_id, None)

    def read(
        self,
        ids: Sequence[str],
        check: Check,
        *,
        deleted: bool,
        is_known: Callable[[str], bool],
    ) -> Iterator[list[Reading]]:
        """Runs by chunks.

        Args:
            ids: Which.
            check: Called often while a large event file is read; raises to stop.
            deleted: Whether they are in the trash.
            is_known: Whether a run of this id is shown already: it keeps its scalars until the new
                ones are there.
        """
        store = self._stores[deleted]
        heavy: list[str] = []
        for readings, late in self._light(store, ids):
            heavy += late
            yield readings
        for run_id in heavy:
            if not is_known(run_id):
                yield read_first_look(store, run_id)
        for run_id in heavy:
            yield read_rows(store, [run_id], partial(self._scalars, check=check))

    def _light(self, store: Store, ids: Sequence[str]) -> Iterator[tuple[list[Reading], list[str]]]:
        if len(ids) >= WORTH_PROCESSES:
            yield from read_in_processes(store.runs_dir, ids, PROCESSES)
            return
        scalars = partial(self._scalars, most=HEAVY_BYTES)
        for start in range(0, len(ids), CHUNK):
            yield read_light_rows(store, ids[start : start + CHUNK], scalars)

    def _scalars(
        self, run_dir: str, most: int | None = None, check: Check = lambda: None
    ) -> ScalarReading:
        """Read on from where the last look at a running run ended, however far that is."""
        from core.runs.scalars import read_summaries

        run_id = os.path.basename(run_dir)
        state = self._states.get(run_id)
        most = most if state is None else None
        reading = read_summaries(run_dir, state, linked=False, most=most, check=check)
        if os.path.exists(f"{run_dir}/.guild/LOCK"):
            self._states[run_id] = reading.state
        else:
            self._states.pop(run_id, None)
        return reading
