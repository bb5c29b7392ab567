"""How many runs each place holds: the numbers beside smart lists, tags and batches."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from core.errors import QueryError
from core.index.columns import RunColumns
from core.index.filters import Filters
from core.text import flag_text, natural_key

MOST_BATCHES = 8
MOST_TAGS = 40
MOST_VARYING = 3
MOST_TRIALS = 32  # of a batch whose flags are compared

_ENDED = frozenset({"completed", "error", "terminated"})


class BatchCount(Struct, frozen=True):
    """How far a batch is.

    Attributes:
        id: The batch's run id.
        label: Its label; empty when it has none.
        operation: What it executes, e.g. "train+".
        done: Trials that have ended, in whatever way.
        total: Trials that are still in the home.
        started: When it began, in microseconds since 1970-01-01 UTC; None before that.
        varying: Flags in which its trials differ, at most MOST_VARYING; empty if it has a label.
    """

    id: str
    label: str
    operation: str
    done: int
    total: int
    started: int | None = None
    varying: tuple[str, ...] = ()


class PlaceCounts(Struct, frozen=True):
    """The numbers beside the places.

    Attributes:
        runs: Runs of the home.
        trash: Deleted runs.
        lists: Number of runs of each list by its name; None where its filter is not understood.
        tags: Runs of each tag, the most used first, at most MOST_TAGS.
        batches: Those with trials that have not ended, then the newest; at most MOST_BATCHES.
    """

    runs: int = 0
    trash: int = 0
    lists: dict[str, int | None] = field(default_factory=dict)
    tags: dict[str, int] = field(default_factory=dict)
    batches: tuple[BatchCount, ...] = ()


def count_places(
    columns: RunColumns,
    lists: Sequence[tuple[str, Filters]],
    *,
    now: int,
    check: Callable[[], None] = lambda: None,
) -> PlaceCounts:
    """Count the runs of each place.

    Args:
        columns: The runs.
        lists: Name and filter of each smart list.
        now: Microseconds since 1970-01-01 UTC, for filters like "last 7 days".
        check: Called between counts; raises to stop.
    """
    slots = columns.slots()
    counts: dict[str, int | None] = {}
    for name, filters in lists:
        check()
        counts[name] = _count(columns, slots, filters, now)
    check()
    return PlaceCounts(
        runs=len(slots),
        trash=columns.count(deleted=True),
        lists=counts,
        tags=_most_used(columns.tags()),
        batches=_batches(columns, slots),
    )


def _count(columns: RunColumns, slots: list[int], filters: Filters, now: int) -> int | None:
    try:
        return len(filters.select(columns, slots, now=now))
    except QueryError:
        return None


def _most_used(tags: dict[str, int]) -> dict[str, int]:
    names = sorted(tags, key=lambda tag: (-tags[tag], tag.casefold()))
    return {name: tags[name] for name in names[:MOST_TAGS]}


def _batches(columns: RunColumns, slots: list[int]) -> tuple[BatchCount, ...]:
    is_batch, started = columns.values("is_batch"), columns.values("started")
    batches = [slot for slot in slots if is_batch[slot]]
    batches.sort(key=lambda slot: started[slot] or 0, reverse=True)
    counts = [count for slot in batches if (count := _batch(columns, slot)).total]
    counts.sort(key=lambda count: count.done == count.total)
    return tuple(_described(columns, count) for count in counts[:MOST_BATCHES])


def _batch(columns: RunColumns, slot: int) -> BatchCount:
    links = columns.value("links", slot) or ()
    trials = [columns.slot_of(run_id) for _, run_id in links]
    states = [columns.value("status", trial) for trial in trials if trial is not None]
    return BatchCount(
        id=columns.value("id", slot),
        label=columns.value("label", slot) or "",
        operation=columns.value("operation", slot) or "",
        done=sum(status in _ENDED for status in states),
        total=len(states),
        started=columns.value("started", slot),
    )


def _described(columns: RunColumns, count: BatchCount) -> BatchCount:
    """With its varying flags, where no label says what the batch is."""
    return count if count.label else replace(count, varying=_varying_flags(columns, count.id))


def _varying_flags(columns: RunColumns, batch_id: str) -> tuple[str, ...]:
    """The flags in which trials differ, those with fewest values first: a seed says least."""
    slot = columns.slot_of(batch_id)
    if slot is None:
        return ()
    flags = [columns.flags(trial) for trial in columns.children(slot)[:MOST_TRIALS]]
    texts = {
        name: {flag_text(each[name]) if name in each else "" for each in flags}
        for name in {name for each in flags for name in each}
    }
    names = [name for name, values in texts.items() if len(values) > 1]
    return tuple(sorted(names, key=lambda name: (len(texts[name]), natural_key(name))))[
        :MOST_VARYING
    ]
