"""The runs a command is about: a home's index brought up to date, filtered and ordered."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click
from msgspec import Struct

from cli.chosen_runs import require_home
from cli.completion_command import complete_run
from cli.screen import note, printable, time_text
from core.clock import now_us
from core.directories import Directories
from core.errors import HomeError, RunNotFound
from core.home import Home
from core.index.access import LAST_SEEN
from core.index.arrange import View, arrange
from core.index.columns import RunColumns
from core.index.filters import Filters
from core.index.index import RunIndex
from core.index.side_sweep import answer_fresh
from core.runs.selection import needs_order, resolve_run
from core.runs.store import Store

if TYPE_CHECKING:  # most commands are about a home
    from core.archives.archive_index import ArchiveIndex
    from core.compare.column_spec import ColumnSpec

_FEW = 72
_MINUTES = 16  # letters of a time, without its seconds

Answer = TypeVar("Answer")

run_argument = click.argument("run", required=False, shell_complete=complete_run)
"""One run; the latest where none is named."""


class Listing(Struct, frozen=True):
    """Runs of a home in the order of their list.

    Attributes:
        columns: What the runs say.
        slots: Those that are listed, in order.
    """

    columns: RunColumns
    slots: list[int]

    @property
    def ids(self) -> list[str]:
        """Ids in the order of the list."""
        values = self.columns.values("id")
        return [values[slot] for slot in self.slots]

    def first(self, count: int | None) -> Listing:
        """Its first runs; all of them for None."""
        return Listing(self.columns, self.slots[:count])


class FoundRun(Struct, frozen=True):
    """A run that was named.

    Attributes:
        home: The home it is in.
        id: Its whole id.
        deleted: Whether it lies in the trash.
    """

    home: Home
    id: str
    deleted: bool

    @property
    def store(self) -> Store:
        """The directory of runs it is in."""
        return store_of(self.home, deleted=self.deleted)

    @property
    def path(self) -> Path:
        """Its directory."""
        return self.store.run_dir(self.id)


@contextmanager
def open_index(home: Home) -> Iterator[RunIndex]:
    """The index of a home with what was known last time; ask it through `up_to_date`."""
    # Thousands of rows and no cycle among them: looking for some took a fifth of the command.
    gc.disable()
    # For a home that is not there nothing is kept: its name may have been mistyped.
    index = RunIndex(home, Directories.of_user().cache if home.path.is_dir() else None)
    try:
        index.load(lazily=True)
        yield index
    finally:
        gc.enable()
        index.close()


def up_to_date(index: RunIndex, prepare: Callable[[], Answer], *, deleted: bool = False) -> Answer:
    """What `prepare` makes of the index (perhaps twice) when it says what the disk says.

    Args:
        index: An open index.
        prepare: Makes the answer, without writing it anywhere.
        deleted: Whether it is about the trash.

    Raises:
        HomeError: The runs, or the trash, cannot be listed.
    """
    answer = answer_fresh(index, prepare)
    problem = index.problem_of(deleted=deleted)
    if problem and index.home.path.is_dir():
        raise HomeError(problem.replace(LAST_SEEN, ""), hint=_hint_for_home(index.home))
    warn_without_runs(index.home)
    return answer


def listing_of(index: RunIndex | ArchiveIndex, filters: Filters, *, deleted: bool) -> Listing:
    """The runs that match, newest first.

    Raises:
        QueryError: A filter is not understood.
    """
    view = View(deleted=deleted, filters=filters)
    return Listing(index.columns, arrange(index.columns, view, now=now_us()))


def find_run(home: Home, text: str | None, filters: Filters, *, deleted: bool) -> FoundRun:
    """The run that a command is about.

    Only an index, a slice or a filter needs the whole list; an id is looked up among the names.

    Args:
        home: The home.
        text: What names the run; None for the latest.
        filters: Which runs may be meant.
        deleted: Whether to look in the trash.

    Raises:
        RunNotFound: There is none.
        RunAmbiguous: There are several.
        QueryError: A filter is not understood.
    """
    require_home(home)
    if text is not None and not needs_order(text) and filters == Filters():
        ids: Sequence[str] = store_of(home, deleted=deleted).ids()
    else:
        with open_index(home) as index:
            ids = up_to_date(
                index, lambda: listing_of(index, filters, deleted=deleted).ids, deleted=deleted
            )
    if text is not None:
        return FoundRun(home, ids[resolve_run(text, ids)], deleted)
    if not ids:
        raise RunNotFound("There is no run to show.", hint=_hint_for_none(filters))
    return FoundRun(home, ids[0], deleted)


def store_of(home: Home, *, deleted: bool) -> Store:
    """The runs of a home, or its trash."""
    return Store(home.trash_dir if deleted else home.runs_dir)


def warn_where_missing(home: Home) -> None:
    """Say so where the home does not exist yet, which otherwise looks like an empty one."""
    if not home.path.is_dir():
        note(f"There is no Guild home at {home.path} yet.")


def warn_without_runs(home: Home) -> None:
    """Say so where the home has no directory of runs, and never had one that we knew."""
    if home.path.is_dir() and not os.path.lexists(home.runs_dir):
        note(f"The home {home.path} has no directory of runs.")


# For completion: quick answers from what was known last time


def known_runs(home: Home, *, deleted: bool) -> list[tuple[str, str]]:
    """Short id and a few words of each run, newest first; before them those that came since."""
    store = store_of(home, deleted=deleted)
    present = frozenset(store.names())
    with open_index(home) as index:
        columns = index.columns
        slots = arrange(columns, View(deleted=deleted), now=now_us())
        texts = {columns.value("id", slot): _few_words(columns, slot) for slot in slots}
    new = [run_id for run_id in present.difference(texts) if store.is_run(run_id)]
    new.sort(key=lambda run_id: store.run_dir(run_id).stat().st_mtime, reverse=True)
    known = ((run_id[:8], text) for run_id, text in texts.items() if run_id in present)
    return [*((run_id[:8], "") for run_id in new), *known]


def _few_words(columns: RunColumns, slot: int) -> str:
    """What tells a run from others: labels that are all flags begin alike."""
    started = columns.value("started", slot)
    when = time_text(started)[:_MINUTES]
    words = (columns.value("operation", slot), when, columns.value("label", slot))
    return printable(" ".join(word for word in words if word))[:_FEW]


def known_operations(home: Home, *, deleted: bool) -> list[str]:
    """Names of operations."""
    with open_index(home) as index:
        return list(index.columns.operations())


def known_tags(home: Home, *, deleted: bool) -> list[str]:
    """Tags of runs."""
    with open_index(home) as index:
        return list(index.columns.tags())


def known_columns(home: Home, *, deleted: bool) -> list[ColumnSpec]:
    """Columns of attributes, flags and scalars of any run, deleted ones too."""
    from core.compare.column_spec import ColumnSpec
    from core.index.query_values import COMPUTED

    with open_index(home) as index:
        columns = index.columns
        found = [ColumnSpec("attr", name) for name in {*columns.names("attr"), *COMPUTED}]
        found += [ColumnSpec("flag", name) for name in columns.names("flag")]
        found += [ColumnSpec("scalar", name) for name in columns.names("scalar")]
        return found


def _hint_for_home(home: Home) -> str:
    if os.path.lexists(home.runs_dir):
        return ""
    return f"If its runs are really gone, make the directory again: mkdir {home.runs_dir}"


def _hint_for_none(filters: Filters) -> str:
    return "No run matches the filters." if filters != Filters() else "The home has no runs."
