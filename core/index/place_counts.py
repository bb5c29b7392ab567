"""How many runs each place holds: the numbers beside smart lists, tags and batches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from core.errors import QueryError
from core.index.columns import RunColumns
from core.index.filters import Filters

MOST_BATCHES = 8
MOST_TAGS = 40

_ENDED = frozenset({"completed", "error", "terminated"})


@dataclass(frozen=True, slots=True)
class BatchCount:
    """How far a batch is.

    Attributes:
        id: The batch's run id.
        title: Its label, or its operation.
        done: Trials that have ended, in whatever way.
        total: Trials that are still in the home.
    """

    id: str
    title: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class PlaceCounts:
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
    return tuple(counts[:MOST_BATCHES])


def _batch(columns: RunColumns, slot: int) -> BatchCount:
    links = columns.value("links", slot) or ()
    trials = [columns.slot_of(run_id) for _, run_id in links]
    states = [columns.value("status", trial) for trial in trials if trial is not None]
    title = columns.value("label", slot) or columns.value("operation", slot) or ""
    done = sum(status in _ENDED for status in states)
    return BatchCount(columns.value("id", slot), title, done, len(states))
