"""Every run of a home (and of its trash) in memory: one list a field, indexed by slot.

Why lists and not SQL or a list of objects: filtering and sorting 100,000 runs by a list's items
takes milliseconds, ten to a hundred times less than SQL over JSON, and a table cell is one list
access. Why slots: a slot is a run's number for as long as the program runs, never moved and never
given to another run. So the index may add and change runs on its thread while a filter reads the
lists on another and the window on a third: each reads single items, which is atomic, and whatever
was changed meanwhile is announced and looked at again.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from pathlib import Path
from typing import Any

from core.index.attr_columns import AttrColumns, AttrReader
from core.index.flag_columns import FlagColumns
from core.index.gentle_sort import gentle_sort
from core.index.parents import Parents
from core.index.ranks import KnownRanks, Ranks
from core.index.row import (
    FIELDS,
    INTERNED,
    Row,
    decode_comments,
    decode_links,
    decode_tags,
)
from core.index.scalar_columns import ScalarColumns
from core.index.size_column import SizeColumn
from core.index.stored_fields import NAMES, StoredFields, Take
from core.index.text_column import TextColumn
from core.index.where_column import WhereColumn
from core.runs.run import MICROSECONDS, Run, ScalarSummary

_NAMES = frozenset(NAMES)
_ID_LAST = (*(name for name in NAMES if name != "id"), "id")
"""Its length says how many slots there are: by then the other columns have them."""

_NUMERIC_FIELDS = frozenset(
    {"started", "stopped", "initialized", "exit_status", "pid", "duration", "size"}
)


_Told = SizeColumn | WhereColumn
_Family = FlagColumns | ScalarColumns | AttrColumns | _Told


class RunColumns:
    """What every run of a home says.

    Keys of columns are the names in `core.index.row.FIELDS`, and "short_id", "duration", "size",
    "where", "batch", "pipeline", "flag:NAME", "scalar:AGGREGATE:KEY", "attr:NAME".

    Args:
        read_attr: Reads attributes that are not kept in the index.
        clock: Now, in microseconds since 1970-01-01 UTC.
    """

    def __init__(self, read_attr: AttrReader | None = None, clock: Callable[[], int] = int) -> None:
        self._fields = StoredFields()
        self._known_slots: dict[bool, dict[str, int]] | None = {False: {}, True: {}}
        self._flags = FlagColumns()
        self._scalars = ScalarColumns(self._fields)
        self._attrs = AttrColumns(self._fields, read_attr or (lambda run_id, deleted, name: None))
        self.sizes = SizeColumn()
        self.wheres = WhereColumn()
        self._told: dict[str, _Told] = {"size": self.sizes, "where": self.wheres}
        own: dict[str, _Family] = {"flag": self._flags, "scalar": self._scalars}
        self._families = {**own, "attr": self._attrs, **self._told}
        self._texts = TextColumn(self._fields, self._flags)
        self._ranks = KnownRanks()
        self._parents = Parents(self._fields)
        self._words: dict[Any, Any] = {}
        self._moved = 0  # counts changes of the order by time
        self._newest: dict[bool, tuple[int, list[int]]] = {}
        self._lock = threading.RLock()
        self._clock = clock

    def __len__(self) -> int:
        return len(self._fields["id"])

    # Writing: only the index does this

    def put(self, run: Run, *, deleted: bool = False) -> int:
        """Add a run or replace what was known of it; returns its slot."""
        return self.put_row(Row.of(run), deleted=deleted)

    def put_row(self, row: Row, *, deleted: bool = False) -> int:
        """Add a row or replace what was known of its run; returns its slot."""
        with self._lock:
            self._take_all()
            slot = self._slot_of[deleted].get(row.id)
            if slot is None:
                slot = len(self)
                for name in _ID_LAST:
                    self._fields[name].append(None)
                self._slot_of[deleted][row.id] = slot
            self._fill(slot, row)
            if self._fields["deleted"][slot] is None:
                self._fields["deleted"][slot] = deleted  # last: only now others see the run
                self._moved += 1
            return slot

    def patch(self, slot: int, values: Mapping[str, Any]) -> None:
        """Replace some fields of a run by stored ones; the others are as they were."""
        with self._lock:
            self._take_all()
            for name, value in values.items():
                word = self._words.setdefault(value, value) if name in INTERNED else value
                self._fields[name][slot] = word
            self._attrs.forget(slot)
            self._texts.forget(slot)

    def move(self, slots: Sequence[int], *, deleted: bool) -> list[int]:
        """Take runs to the other place as they are; returns their new slots in the same order."""
        with self._lock:
            self._take_all()
            fields, first = self._fields, len(self)
            moved = range(first, first + len(slots))
            for name in _ID_LAST:
                old = [None] * len(slots) if name == "deleted" else [fields[name][s] for s in slots]
                fields[name].extend(old)
            self._flags.copy(slots, first)
            for slot, new in zip(slots, moved, strict=True):
                self.remove(slot)
                self._texts.forget(new)
                self._slot_of[deleted][fields["id"][new]] = new
                fields["deleted"][new] = deleted
                self._attrs.forget(new)
            return list(moved)

    def differs(self, slot: int, row: Row) -> bool:
        """Whether a row says anything else than what is known (flags change with a new start)."""
        return any(
            self._fields[name][slot] != value
            for name, value in zip(FIELDS, row, strict=True)
            if name not in ("flags", "signature")
        )

    def load(self, take: Take, *, lazily: bool = False) -> None:
        """Fill empty columns from a cache.

        Args:
            take: Gives the stored fields by name.
            lazily: Take them when they are asked for: only where there is one thread.
        """
        with self._lock:
            if lazily:
                self._fields.defer(take)
            else:
                self._fields.update(take(NAMES))
            self._known_slots = None
            self._parents.clear()
            self._flags.defer(self._flag_texts)
            self._texts.clear()
            self._moved += 1
            if not lazily:
                self._settle()

    def remove(self, slot: int) -> None:
        """The run is gone; its slot stays empty for ever."""
        with self._lock:
            self._take_all()
            place = self._fields["deleted"][slot]
            self._slot_of.get(place, {}).pop(self._fields["id"][slot], None)
            self._fields["deleted"][slot] = None
            self._moved += 1
            for name in ("summaries", "comments", "links"):
                self._fields[name][slot] = None
            self._flags.forget(slot)
            self._texts.forget(slot)
            self._ranks.clear()

    @property
    def damaged(self) -> set[int]:
        """Slots of runs whose stored flags could not be understood; the index empties it."""
        return self._flags.damaged

    # Reading

    def slots(self, deleted: bool = False) -> list[int]:  # noqa: FBT001, FBT002 - reads as a place
        """Slots of all runs, or of all deleted ones, in no particular order."""
        return [slot for slot, place in enumerate(self._fields["deleted"]) if place is deleted]

    def count(self, *, deleted: bool = False) -> int:
        """How many runs, or deleted ones, there are."""
        return self._fields["deleted"].count(deleted)

    def known(self, *, deleted: bool) -> Mapping[str, int]:
        """Slots of all runs by id. Shared, and the index adds to it: for its thread only."""
        return self._slot_of[deleted]

    def slot_of(self, run_id: str, deleted: bool = False) -> int | None:  # noqa: FBT001, FBT002 - as above
        """The slot of a run; None when there is no such run."""
        return self._slot_of[deleted].get(run_id)

    def value(self, key: str, slot: int) -> Any:
        """One cell; None where the run has no such value. Never reads a disk and never waits."""
        if key in _NAMES:
            return self._field_value(key, self._fields[key], slot)
        kind, _, name = key.partition(":")
        family = self._families.get(kind)
        return family.value(name, slot) if family else self._derived(key, slot)

    def values(self, key: str) -> list[Any]:
        """A whole column by slot, at least as long as there are slots; None is missing.

        The first call for a flag, scalar or attribute makes the column (attributes are read from
        disk then), so ask on a worker's thread. The list is shared: do not change it.
        """
        kind, _, name = key.partition(":")
        if kind == "flag":
            return self._flags.column(name, len(self))
        if kind == "scalar":
            return self._scalars.column(name)
        if kind == "attr":
            return self._attrs.column(name)
        if key in self._told:
            return self._told[key].column(len(self))
        if key in _DECODERS:
            return self._decoded(key)
        if key in _NAMES and key != "batch":
            return self._fields[key]
        if key in _WHOLE:
            return _WHOLE[key](self._fields, self._clock)
        return [self.value(key, slot) for slot in range(len(self))]

    def attrs(self, name: str, slots: Iterable[int]) -> list[Any]:
        """An attribute by slot, read from disk where that is needed, but only for some slots.

        What it says of other slots means nothing. The list is shared: do not change it.
        """
        return self._attrs.column(name, slots)

    def stored(self, name: str) -> list[Any]:
        """A field of core.index.row by slot, in its stored form. Shared: do not change it."""
        return self._fields[name]

    def texts(self, *, numbers: bool = False) -> list[str]:
        """What is searched for words, by slot: see core.index.text_column. Do not change it.

        Args:
            numbers: Flags that are floats; else everything but these.
        """
        return self._texts.numbers() if numbers else self._texts.words()

    def may_begin_id(self, word: str) -> bool:
        """Whether the id of some run may begin with the word (in lower case); never takes long."""
        return self._texts.may_begin_id(word)

    def ranks(self, key: str) -> Ranks:
        """What a column is sorted by.

        Numbers come before texts, texts in natural order, NaN last (but before what is missing).
        """
        return self._ranks.of(key, self.values(key), are_numbers=key in _NUMERIC_FIELDS)

    def newest_first(self, *, deleted: bool = False) -> list[int]:
        """Slots of all runs as Guild lists them: by start, else by when the run was made.

        Runs with neither come last, by id. The list is shared: do not change it.
        """
        known = self._newest.get(deleted)
        if known is None or known[0] != self._moved:
            moved = self._moved
            ordered = _sorted_by_time(self._fields, self.slots(deleted))
            known = self._newest[deleted] = (moved, ordered)
        return known[1]

    def flag_names(self) -> dict[str, int]:
        """Names of all flags with the number of runs that have each."""
        return self._flags.counts(self.slots(), len(self))

    def scalar_keys(self) -> dict[str, int]:
        """Keys of all scalars with the number of runs; those of a batch's trials are left out."""
        found = _listed(self._fields["scalar_keys"], self.slots())
        return {key: n for key, n in found.items() if "/.guild#" not in key}

    def attr_names(self) -> dict[str, int]:
        """Names of all attributes with the number of runs that have each."""
        return dict(_listed(self._fields["attr_names"], self.slots()))

    def names(self, kind: str) -> set[str]:
        """Names of all of a kind ("flag", "scalar", "attr") that any run has, deleted ones too.

        Milliseconds at 100,000 runs, unlike the counts of `flag_names` and its like.
        """
        if kind == "flag":
            return self._flags.names()
        column = self._fields["scalar_keys" if kind == "scalar" else "attr_names"]
        return {name for text in set(column) if text for name in text.split("\n")}

    def has_attr(self, name: str) -> list[bool]:
        """Whether each run has an attribute of this name, by slot."""
        column = self._fields["attr_names"]
        having = {text for text in set(column) if text and name in text.split("\n")}
        return [text in having for text in column]

    def tags(self) -> dict[str, int]:
        """All tags with the number of runs that have each."""
        tags = self._fields["tags"]
        live = [tags[slot] for slot in self.slots() if tags[slot]]
        return dict(Counter(tag for text in live for tag in decode_tags(text)))

    def operations(self) -> dict[str, int]:
        """All operations with the number of runs of each."""
        operations = self._fields["operation"]
        return dict(Counter(operations[slot] for slot in self.slots() if operations[slot]))

    def scalars(self, slot: int) -> dict[str, ScalarSummary]:
        """All scalars of a run."""
        return self._scalars.of(slot)

    def flags(self, slot: int) -> dict[str, Any]:
        """All flags of a run."""
        return self._flags.of(slot)

    def known_flags(self, slot: int) -> dict[str, Any] | None:
        """The flags of a run, in no order; None until all are decoded. Never waits."""
        return self._flags.known(slot)

    def null_flags(self, name: str) -> Set[int]:
        """Slots of the runs that have a flag of this name, but null. Do not change it."""
        return self._flags.nulls(name)

    def children(self, slot: int) -> list[int]:
        """Slots of the trials or steps a run links to, deleted ones included."""
        links = self._fields["links"][slot]
        ids = {run_id for _, run_id in decode_links(links)} if links else ()
        places = self._slot_of.values()
        return [known[run_id] for run_id in ids for known in places if run_id in known]

    def parent(self, run_id: str) -> str | None:
        """The batch or pipeline that links to a run."""
        parent = self._parents.of(run_id)
        return parent[0] if parent else None

    def batch_of(self, run_id: str) -> str | None:
        """The batch that links to a run."""
        return self._parent_of(run_id, is_batch=True)

    def run(self, slot: int, runs_dir: Path = Path()) -> Run:
        """What the index knows of a run as a value (no command, no dependencies)."""
        return Row(*(self._fields[name][slot] for name in FIELDS)).to_run(
            runs_dir, self.flags(slot), self.scalars(slot), self.value("batch", slot)
        )

    def decode_flags(self) -> None:
        """Make the columns of flags from what was loaded and not looked at yet."""
        self._flags.decode()

    # Inside

    def _take_all(self) -> None:
        """Take what a cache still has of the fields: what is written next belongs to all."""
        if self._fields.is_complete:
            return
        self._fields.complete()
        self._settle()

    def _settle(self) -> None:
        """Make what is known by the fields, now that all of them are there."""
        for name in INTERNED:
            column = self._fields[name]
            self._fields[name] = list(map(self._words.setdefault, column, column))
        self._flags.take()
        _ = self._slot_of, self._parents.make()

    def _flag_texts(self) -> list[str | None]:
        """The stored flags, which are kept by their own columns from now on."""
        texts = self._fields["flags"]
        self._fields["flags"] = [None] * len(texts)
        return texts

    @property
    def _slot_of(self) -> dict[bool, dict[str, int]]:
        """Slots by place and id."""
        if self._known_slots is None:
            known: dict[bool, dict[str, int]] = {False: {}, True: {}}
            for slot, run_id in enumerate(self._fields["id"]):
                known[self._fields["deleted"][slot]][run_id] = slot
            self._known_slots = known  # now that it is whole: other threads ask, too
        return self._known_slots

    def _fill(self, slot: int, row: Row) -> None:
        fields = self._fields
        if (fields["started"][slot], fields["initialized"][slot]) != (row.started, row.initialized):
            self._moved += 1
        for name, value in zip(FIELDS, row, strict=True):
            if name in INTERNED:
                value = self._words.setdefault(value, value)
            self._fields[name][slot] = None if name == "flags" else value
        self._flags.put(slot, row.flags)
        self._scalars.refresh(slot)
        self._attrs.forget(slot)
        self._texts.forget(slot)
        if row.links:
            self._parents.note(slot)

    def _decoded(self, key: str) -> list[Any]:
        column, decode = self._fields[key], _DECODERS[key]
        known = {value: decode(value) for value in set(column) if value is not None}
        return [known.get(value) for value in column]

    def _field_value(self, key: str, column: list[Any], slot: int) -> Any:
        value = column[slot] if slot < len(column) else None
        if value is None:
            return self._derived(key, slot) if key == "batch" else None
        decode = _DECODERS.get(key)
        return decode(value) if decode else value

    def _derived(self, key: str, slot: int) -> Any:
        if key == "short_id":
            return self._fields["id"][slot][:8]
        if key == "duration":
            return _duration(self._fields, slot, self._clock)
        if key in ("batch", "pipeline"):
            return self._parent_of(self._fields["id"][slot], is_batch=key == "batch")
        return None

    def _parent_of(self, run_id: str, *, is_batch: bool) -> str | None:
        parent = self._parents.of(run_id)
        return parent[0] if parent and parent[1] is is_batch else None


def _duration(fields: StoredFields, slot: int, clock: Callable[[], int]) -> float | None:
    started = fields["started"][slot]
    if started is None:
        return None
    stopped = clock() if fields["status"][slot] == "running" else fields["stopped"][slot]
    return None if stopped is None else max(0, stopped - started) / MICROSECONDS


def _durations(fields: StoredFields, clock: Callable[[], int]) -> list[float | None]:
    """Of all runs: asking for each by itself takes five times as long."""
    now, names = clock(), ("status", "started", "stopped")
    return [
        None
        if started is None or (ended := now if status == "running" else stopped) is None
        else max(0, ended - started) / MICROSECONDS
        for status, started, stopped in zip(*(fields[name] for name in names), strict=False)
    ]


def _short_ids(fields: StoredFields, _clock: Callable[[], int]) -> list[str]:
    return [run_id[:8] for run_id in fields["id"]]


def _sorted_by_time(fields: StoredFields, slots: Sequence[int]) -> list[int]:
    """Slots of before: of runs that come while this goes on the times are not there yet."""
    started, made, ids = (fields[name] for name in ("started", "initialized", "id"))
    times = [made[slot] if time is None else time for slot, time in enumerate(started)]
    timed = [slot for slot in slots if times[slot] is not None]
    timeless = sorted((slot for slot in slots if times[slot] is None), key=ids.__getitem__)
    return gentle_sort(timed, times.__getitem__, descending=True) + timeless


def _listed(texts: Sequence[str | None], slots: Sequence[int]) -> Counter[str]:
    """How many runs list each name in a field that holds one a line."""
    counts: Counter[str] = Counter()
    lists = Counter(text for slot in slots if (text := texts[slot]))
    for text, count in lists.items():
        counts.update(dict.fromkeys(text.split("\n"), count))
    return counts


_WHOLE: dict[str, Callable[[StoredFields, Callable[[], int]], list[Any]]] = {
    "duration": _durations,
    "short_id": _short_ids,
}
_DECODERS: dict[str, Callable[[Any], Any]] = {
    "tags": decode_tags,
    "comments": decode_comments,
    "links": decode_links,
    "attr_names": lambda text: tuple(text.split("\n")),
    "marked": bool,
    "is_batch": bool,
}
