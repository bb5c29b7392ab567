"""What this program did to runs itself, told to the index so that it need not find out.

Why: the sweeps would see it, but only after up to some seconds; and 10,000 runs that were moved
need no reading at all: what they say is known, only their place is another one. The next sweep
confirms what is taken from here.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from core.index.changes import Changes
from core.index.index import RunIndex
from core.index.written_fields import written_fields
from core.runs.store import Store

if TYPE_CHECKING:
    from core.runs.change import FileEdit

PORTION = 500
"""Runs moved in memory between two chances to stop or to pause: some 5 ms."""

MANY = 100
"""Of so many runs that were written it is believed what was written until they are read: reading
them takes seconds. Fewer are read at once."""


class News(Struct, frozen=True):
    """Runs whose files or place are others now.

    Attributes:
        touched: Runs (deleted, id) to look at: changed, new or gone.
        written: What was written into runs that are not deleted, in the order of writing.
        moved: Runs (id, name there) that went to the trash, or came back from it.
        to_trash: Which of both.
    """

    touched: tuple[tuple[bool, str], ...] = ()
    written: tuple[FileEdit, ...] = ()
    moved: tuple[tuple[str, str], ...] = ()
    to_trash: bool = True

    def __bool__(self) -> bool:
        return bool(self.touched or self.written or self.moved)


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
    yield from _take_moves(index, news, rest, check)
    yield from _take_writes(index, news.written, rest, check)
    if len(rest) > len(urgent) > 0:
        ids, deleted = index.columns.stored("id"), index.columns.stored("deleted")
        first = {(bool(deleted[slot]), ids[slot]) for slot in urgent if deleted[slot] is not None}
        yield from _look_at(index, [key for key in rest if key in first], check)
        rest = [key for key in rest if key not in first]
    yield from _look_at(index, rest, check)


def _take_moves(
    index: RunIndex, news: News, rest: list[tuple[bool, str]], check: Callable[[], None]
) -> Iterator[Changes]:
    """What is shown comes first, then the cache, which hears of all that was moved in any case."""
    moved: list[int] = []
    try:
        for start in range(0, len(news.moved), PORTION):
            check()
            portion = news.moved[start : start + PORTION]
            changes = _move(index, portion, rest, to_trash=news.to_trash)
            moved += changes.added
            yield changes
    finally:
        if moved:
            ids = index.columns.stored("id")
            index.note_moved([ids[slot] for slot in moved], to_trash=news.to_trash)


def _take_writes(
    index: RunIndex,
    edits: Sequence[FileEdit],
    rest: list[tuple[bool, str]],
    check: Callable[[], None],
) -> Iterator[Changes]:
    """Put what was written into the rows; runs of which more must be known go to `rest`."""
    by_run: dict[str, dict[str, bytes | None]] = {}
    for edit in edits:
        by_run.setdefault(edit.run_id, {})[edit.attr] = edit.after
    if len(by_run) < MANY:
        rest += [(False, run_id) for run_id in by_run]
        return
    written = list(by_run.items())
    for start in range(0, len(written), PORTION):
        check()
        changed = []
        for run_id, values in written[start : start + PORTION]:
            slot = index.columns.slot_of(run_id)
            fields = None if slot is None else written_fields(index.columns, slot, values)
            if slot is None or fields is None:
                rest.append((False, run_id))
            else:
                index.columns.patch(slot, fields)
                changed.append(slot)
        index.note_written(changed)
        yield Changes(changed=tuple(changed))


def _move(
    index: RunIndex,
    moved: Sequence[tuple[str, str]],
    rest: list[tuple[bool, str]],
    *,
    to_trash: bool,
) -> Changes:
    """Take rows to the other place as they are; what must be read or forgotten goes to `rest`."""
    columns = index.columns
    moving: list[int] = []
    for run_id, there in moved:
        slot = columns.slot_of(run_id, not to_trash)
        # An id is part of what is kept of a run, so one that was renamed is read anew.
        if slot is None or run_id != there or columns.slot_of(there, to_trash) is not None:
            rest += [(not to_trash, run_id), (to_trash, there)]
        else:
            moving.append(slot)
    added = columns.move(moving, deleted=to_trash)
    return Changes(added=tuple(added), removed=tuple(moving))


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
