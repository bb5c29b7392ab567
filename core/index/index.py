"""What the runs of one home say: the disk is the truth, the columns are what is known of it.

The index of a home is used by one thread at a time (the lane "index"); its columns may be read by
any. `load` fills them from the cache at once, `refresh` brings them up to date with the disk, and
`core.index.watch` keeps them so while a window is open. The listing of the directories always wins
over the cache, and without a usable cache everything works from memory.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from core.clock import now_us
from core.errors import RunDamaged
from core.home import Home
from core.index.access import Access
from core.index.arrivals import Arrivals
from core.index.changes import Changes, together
from core.index.columns import RunColumns
from core.index.documents import as_json, complete, is_whole, prepare
from core.index.reading import (
    MOST_BYTES,
    Reading,
    read_rows,
)
from core.index.row import Row
from core.index.run_reader import RunReader
from core.index.schema import Cache, CacheLost, cache_file
from core.index.signature import FRESH, IN_PLACE, find_changed
from core.index.sizes import Sizes
from core.index.soundness import SoundFields
from core.runs.attrs import read_attr
from core.runs.run import Run
from core.runs.store import Store

SLICE = 500
"""Runs looked at between two chances to stop: some 7 ms."""

_IN_PLACE = frozenset(IN_PLACE)

MOST_DUE = 300
AGAIN_SECONDS = 2.1
"""After this long a run that was changing when it was read is read once more."""


def live_among(columns: RunColumns, slots: Sequence[int]) -> list[int]:
    """Those of the slots whose runs had a process on this machine when they were read."""
    statuses, pids = columns.stored("status"), columns.stored("pid")
    return [s for s in slots if pids[s] is not None and statuses[s] == "running"]


class RunIndex:
    """The runs and the trash of one home.

    Args:
        home: The home.
        cache_dir: Where the cache file is kept; None keeps nothing.
        clock: Now, in microseconds since 1970-01-01 UTC.

    Attributes:
        arrivals: Tells which runs came and went.
    """

    def __init__(
        self, home: Home, cache_dir: Path | None, clock: Callable[[], int] = now_us
    ) -> None:
        self.home = home
        self.columns = RunColumns(self._read_attr, clock)
        self._clock = clock
        self._cache = Cache(cache_file(cache_dir, home.path) if cache_dir else None)
        self._sound = SoundFields(self._cache)
        self._stores = {
            False: Store(home.runs_dir, MOST_BYTES),
            True: Store(home.trash_dir, MOST_BYTES),
        }
        places = {deleted: store.runs_dir for deleted, store in self._stores.items()}
        self._sizes = Sizes(places, cache_dir, home.path)
        self._again: dict[tuple[bool, str], float] = {}
        self._awaited: set[int] = set()
        self._reader = RunReader(self._stores)
        self._access = Access(home, lambda: self.columns.count() > 0)
        self.arrivals = Arrivals(self._stores, self._access, lambda: self.columns)

    @property
    def problem(self) -> str:
        """One sentence on why the home cannot be looked at now; empty when it can."""
        return self._access.problem

    def problem_of(self, *, deleted: bool) -> str:
        """The same of its runs, or of its trash."""
        return self._access.problems[deleted]

    @property
    def cache_problem(self) -> str:
        """One sentence on why the cache is not kept on disk; empty when it is."""
        return self._cache.problem

    @property
    def cache_path(self) -> Path | None:
        """The cache file; None when nothing is kept."""
        return self._cache.file

    def load(self, *, lazily: bool = False) -> Changes:
        """Fill the columns from the cache; what they say may be old until `refresh`.

        Args:
            lazily: Take what the cache has when it is asked for, where there is one thread only;
                CacheLost may then come from any look at the columns, and `start_again` helps.
        """
        try:
            self.columns.load(self._sound.take, lazily=lazily)
            count = len(self.columns)
        except CacheLost:
            self.start_again()
            count = 0
        if not lazily:
            self._cache.end_reading()
        return Changes(added=tuple(range(count)), total=count)

    def start_again(self) -> None:
        """Know nothing any more."""
        self._sound.suspects.clear()
        self.columns = RunColumns(self._read_attr, self._clock)

    @property
    def suspects(self) -> set[int]:
        """Slots of runs of which the cache says what cannot be right: they must be read again."""
        return self._sound.suspects | self.columns.damaged

    def refresh(
        self, check: Callable[[], None] = lambda: None, urgent: Sequence[int] = ()
    ) -> Iterator[Changes]:
        """Bring the columns up to date with the disk.

        Args:
            check: Called between slices; raises to stop.
            urgent: Slots to look at first.
        """
        new, gone = self.arrivals.listed()
        if gone:
            yield self.forget(gone)
        known = [*urgent, *self._others(urgent)]
        yield from self.read_new(new, check)
        yield from self.sweep(known, check)

    def forget(self, slots: Sequence[int]) -> Changes:
        """Take runs out that are gone."""
        ids, deleted = self.columns.stored("id"), self.columns.stored("deleted")
        keys = [(bool(deleted[slot]), ids[slot]) for slot in slots]
        for slot, key in zip(slots, keys, strict=True):
            self.columns.remove(slot)
            self._again.pop(key, None)
            self._reader.forget(key[1])
        self._cache.store([], keys)
        return Changes(removed=tuple(slots))

    def note_written(self, slots: Sequence[int]) -> None:
        """This program wrote what the columns say already: these are read once, a little later.

        Until then they keep the signature of before, so that nothing is lost if it ends sooner.
        """
        ids, deleted = self.columns.stored("id"), self.columns.stored("deleted")
        when = time.monotonic() + AGAIN_SECONDS
        self._again.update({(bool(deleted[slot]), ids[slot]): when for slot in slots})
        self._awaited.update(slots)

    def note_moved(self, ids: Sequence[str], *, to_trash: bool) -> None:
        """Runs went to the other place as they were; the columns know (`core.index.news`)."""
        self._cache.move(ids, to_trash=to_trash)

    def read_new(
        self, keys: Sequence[tuple[bool, str]], check: Callable[[], None] = lambda: None
    ) -> Iterator[Changes]:
        """Read runs (deleted, id), many of them in processes of their own."""
        done = 0
        for deleted in (False, True):
            ids = [run_id for place, run_id in keys if place is deleted]
            known = partial(self._is_known, deleted=deleted)
            for readings in self._reader.read(ids, check, deleted=deleted, is_known=known):
                check()
                done += len(readings)
                checked = min(done, len(keys))  # a first look counts, and what was read then too
                yield self._take(readings, deleted=deleted, checked=checked, total=len(keys))

    def sweep(
        self, slots: Sequence[int], check: Callable[[], None] = lambda: None
    ) -> Iterator[Changes]:
        """Look whether runs changed, and read those that did."""
        for start in range(0, len(slots), SLICE):
            check()
            part = slots[start : start + SLICE]
            checked = min(start + SLICE, len(slots))
            yield self.reread(self.changed_among(part), checked=checked, total=len(slots))

    def changed_among(self, slots: Sequence[int]) -> list[int]:
        """Those of the slots whose runs must be read again."""
        places = self._access.open_places()
        names = ("id", "attr_names", "is_batch", "signature", "deleted")
        *looked_at, deleted = map(self.columns.stored, names)
        if self._awaited:
            slots = [slot for slot in slots if slot not in self._awaited]
        certain = self.suspects.union(live_among(self.columns, slots))
        found = [slot for slot in slots if slot in certain and deleted[slot] in places]
        for place in places:
            looks = (
                (slot, *(column[slot] for column in looked_at))
                for slot in slots
                if deleted[slot] is place and slot not in certain
            )
            found += find_changed(os.fspath(self._stores[place].runs_dir), looks)
        return found

    def written_among(self, touched: Mapping[int, Set[str]]) -> list[int]:
        """Those of the runs of which somebody wrote attributes that must be read again.

        Args:
            touched: Slots to names of attributes that were rewritten in place: of those that no
                program rewrites alone a signature knows nothing.
        """
        deleted = self.columns.stored("deleted")
        slots = [slot for slot in touched if deleted[slot] is not None]
        changed = self.changed_among(slots)
        others = [s for s in slots if s not in self._awaited and touched[s] - _IN_PLACE]
        return [*dict.fromkeys((*changed, *others))]

    def reread(self, slots: Sequence[int], *, checked: int = 0, total: int = 0) -> Changes:
        """Read known runs again, and forget those that are none any more.

        `checked` and `total` are passed on.
        """
        ids, deleted = self.columns.stored("id"), self.columns.stored("deleted")
        known = {(bool(deleted[s]), ids[s]): s for s in slots if deleted[s] is not None}
        gone = self.arrivals.lost_among(known)
        news = self.forget([known.pop(key) for key in gone]) if gone else Changes()
        for part in self.read_new(list(known)):
            news = together(news, part)
        return Changes(news.added, news.changed, news.removed, checked, total)

    def measure(
        self, check: Callable[[], None] = lambda: None, slots: Sequence[int] | None = None
    ) -> Iterator[Changes]:
        """Find out how large runs are (column "size"), where that is not known or has changed.

        Unlike everything else this may go on beside the index, on a thread of its own.

        Args:
            check: Called every few milliseconds; raises to stop, and may sleep.
            slots: The runs; None for all, deleted ones included.
        """
        if slots is None:
            slots = [*self.columns.slots(), *self.columns.slots(deleted=True)]
        for news in self._sizes.measure(self.columns, slots, check):
            yield Changes(changed=news, total=len(slots))

    def due(self, now: float) -> list[int]:
        """Slots of runs that were changing when they were read and are to be read again.

        Not more than MOST_DUE at once: nobody waits for what is very likely known.
        """
        keys = [*islice((key for key, when in self._again.items() if when <= now), MOST_DUE)]
        for key in keys:
            del self._again[key]
        found = [self.columns.slot_of(run_id, deleted) for deleted, run_id in keys]
        slots = [slot for slot in found if slot is not None]
        self._awaited.difference_update(slots if self._again else self._awaited.copy())
        return slots

    def json_documents(self, slots: Iterable[int]) -> Iterator[str]:
        """The JSON object of each run, in the shape of core.runs.run_json, from prepared text."""
        ids, deleted, statuses, pids, own_batches = map(
            self.columns.stored, ("id", "deleted", "status", "pid", "batch")
        )
        dirs = {place: json.dumps(f"{s.runs_dir}/")[:-1] for place, s in self._stores.items()}
        batch_of = self.columns.batch_of
        prepared: dict[bool, dict[str, str]] = {}
        for slot in slots:
            place, run_id = bool(deleted[slot]), ids[slot]
            if place not in prepared:
                prepared[place] = self._cache.documents(deleted=place)
            text = prepared[place].get(run_id, "")
            if not is_whole(text):
                text = self._document_now(run_id, deleted=place)
            batch = own_batches[slot] or batch_of(run_id)
            yield complete(text, dirs[place] + as_json(run_id)[1:], statuses[slot], pids[slot],
                           "null" if batch is None else as_json(batch))  # fmt: skip

    def write_late(self) -> None:
        """Write into the cache what waited there for another program; mostly nothing does."""
        self._cache.write_late()

    def close(self) -> None:
        """Let go of the cache file."""
        self._cache.close()

    # Inside

    def _is_known(self, run_id: str, *, deleted: bool) -> bool:
        return self.columns.slot_of(run_id, deleted) is not None

    def _others(self, urgent: Sequence[int]) -> list[int]:
        first = set(urgent)
        slots = [*self.columns.slots(), *self.columns.slots(deleted=True)]
        return [slot for slot in slots if slot not in first]

    def _take(
        self, readings: Sequence[Reading], *, deleted: bool, checked: int, total: int
    ) -> Changes:
        added: list[int] = []
        changed: list[int] = []
        kept: list[tuple[bool, Sequence[Any], str]] = []
        suspects = self.suspects
        for values, document, newest in readings:
            row = Row(*values)
            known = self.columns.slot_of(row.id, deleted)
            if self._is_changing(row, known, newest, deleted=deleted):
                continue
            is_news = known is None or known in suspects or self.columns.differs(known, row)
            if is_news or self.columns.value("signature", known or 0) != row.signature:
                slot = self.columns.put_row(row, deleted=deleted)
                kept.append((deleted, row, document))
                if is_news:
                    (added if known is None else changed).append(slot)
                    changed += self.columns.children(slot)  # they know their batch by its links
        self._cache.store(kept, [])
        self._sound.suspects.difference_update(changed)
        self.columns.damaged.difference_update(changed)
        return Changes(tuple(added), tuple(changed), (), checked, total)

    def _is_changing(self, row: Row, known: int | None, newest: int, *, deleted: bool) -> bool:
        """Whether the row is a look at a half-written file: keep what was known and look again.

        Guild writes in place, so that a reader may meet a file that is empty for a moment.
        """
        is_fresh = newest > time.time_ns() - FRESH
        if is_fresh:
            self._again[deleted, row.id] = time.monotonic() + AGAIN_SECONDS
        if not is_fresh or row.problem is None or known is None:
            return False
        was_fine = self.columns.value("problem", known) is None
        if was_fine:
            self._again[deleted, row.id] = time.monotonic() + 0.1
        return was_fine

    def _document_now(self, run_id: str, *, deleted: bool) -> str:
        found = read_rows(self._stores[deleted], [run_id])
        run = Run(run_id, self._stores[deleted].run_dir(run_id))
        return found[0][1] if found else prepare(run)

    def _read_attr(self, run_id: str, deleted: bool, name: str) -> Any:  # noqa: FBT001 - callback
        try:
            return read_attr(f"{self._stores[deleted].runs_dir}/{run_id}", name)
        except RunDamaged:
            return None
