"""What this program did to runs itself, told to the index so that it need not find out.

Why: the sweeps would see it, but only after up to some seconds; and 10,000 runs that were moved
need no reading at all: what they say is known, only their place is another one. The next sweep
confirms what is taken from here.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.index.index import Changes, RunIndex
from core.index.row import FIELDS, Row, encode_flags
from core.runs.store import Store

if TYPE_CHECKING:
    from core.index.columns import RunColumns

PORTION = 50
"""Runs moved in memory between two chances to stop or to pause: some 5 ms."""


@dataclass(frozen=True, slots=True)
class News:
    """Runs whose files or place are others now.

    Attributes:
        touched: Runs (deleted, id) to look at: changed, new or gone.
        moved: Runs (id, name there) that went to the trash, or came back from it.
        to_trash: Which of both.
    """

    touched: tuple[tuple[bool, str], ...] = ()
    moved: tuple[tuple[str, str], ...] = ()
    to_trash: bool = True

    def __bool__(self) -> bool:
        return bool(self.touched or self.moved)


def take_news(
    index: RunIndex,
    news: News,
    check: Callable[[], None] = lambda: None,
    urgent: Sequence[int] = (),
) -> Iterator[Changes]:
    """Bring the columns up to date with what was done; on the thread of the index.

    Args:
        index: What is brought up to date.
        news: What was done.
        urgent: Slots of runs on screen: they are read first.
        check: Called between portions; raises to stop.
    """
    if not os.path.isdir(index.home.path):
        return  # nothing can be told of its runs; the sweep says so
    rest = list(news.touched)
    for start in range(0, len(news.moved), PORTION):
        check()
        portion = news.moved[start : start + PORTION]
        yield _move(index, portion, rest, to_trash=news.to_trash)
    if len(rest) > len(urgent) > 0:
        ids, deleted = index.columns.stored("id"), index.columns.stored("deleted")
        first = {(bool(deleted[slot]), ids[slot]) for slot in urgent if deleted[slot] is not None}
        yield from _look_at(index, [key for key in rest if key in first], check)
        rest = [key for key in rest if key not in first]
    yield from _look_at(index, rest, check)


def _move(
    index: RunIndex,
    moved: Sequence[tuple[str, str]],
    rest: list[tuple[bool, str]],
    *,
    to_trash: bool,
) -> Changes:
    """Take rows to the other place as they are; what must be read or forgotten goes to `rest`."""
    columns = index.columns
    moving: list[tuple[str, int]] = []
    for run_id, there in moved:
        slot = columns.slot_of(run_id, not to_trash)
        # An id is part of what is kept of a run, so one that was renamed is read anew.
        if slot is None or run_id != there or columns.slot_of(there, to_trash) is not None:
            rest += [(not to_trash, run_id), (to_trash, there)]
        else:
            moving.append((run_id, slot))
    rows = [_row(columns, slot) for _, slot in moving]
    for _, slot in moving:
        columns.remove(slot)
    added = [columns.put_row(row, deleted=to_trash) for row in rows]
    index.note_moved([run_id for run_id, _ in moving], to_trash=to_trash)
    return Changes(added=tuple(added), removed=tuple(slot for _, slot in moving))


def _row(columns: RunColumns, slot: int) -> Row:
    flags = columns.flags(slot)
    row = Row(*(columns.stored(name)[slot] for name in FIELDS))
    return row._replace(flags=encode_flags(flags) if flags else None)


def _look_at(
    index: RunIndex, keys: Sequence[tuple[bool, str]], check: Callable[[], None]
) -> Iterator[Changes]:
    """Read what is there of these runs (deleted, id) and forget what is not."""
    home = index.home
    stores = {False: Store(home.runs_dir), True: Store(home.trash_dir)}
    there = {key for key in keys if stores[key[0]].is_run(key[1])}
    slots = (index.columns.slot_of(run_id, place) for place, run_id in set(keys) - there)
    gone = [slot for slot in slots if slot is not None]
    if gone:
        yield index.forget(gone)
    yield from index.read_new([key for key in keys if key in there], check)
