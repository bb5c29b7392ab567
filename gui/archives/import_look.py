"""Looks into what is to be imported, on a worker's thread: first rows first."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from msgspec import Struct, field

from core.archives.importing import Choice
from core.archives.opened import OpenedSources, open_sources
from core.archives.plan import ImportPlan, PlanItem, plan_import
from core.archives.room import free_for
from core.home import Home
from core.jobs import JobContext

FIRST_SLICE = 40
SLICE_SECONDS = 0.05


class Looked(Struct, frozen=True):
    """What was found.

    Attributes:
        opened: The sources; open.
        plan: Their runs beside those of the home.
        free: Bytes that are free there; None where that is not known.
    """

    opened: OpenedSources
    plan: ImportPlan
    free: int | None = None


class ImportWanted(Struct, frozen=True):
    """What the user decided.

    Attributes:
        opened: The sources; whoever has this closes them.
        items: The runs.
        choices: What becomes of those that are here with other content, by id.
    """

    opened: OpenedSources
    items: tuple[PlanItem, ...]
    choices: dict[str, Choice]


class ImportPlaces(Struct, frozen=True):
    """What is to be looked into.

    Attributes:
        paths: Files and directories, in the order in which they were named.
        only: Which runs of some of them; of those that are not named here all.
    """

    paths: tuple[Path, ...] = ()
    only: Mapping[Path, frozenset[str]] = field(default_factory=dict)

    def with_all(self, paths: Iterable[Path]) -> ImportPlaces:
        """These, and all runs of some more."""
        new = tuple(paths)
        only = {path: ids for path, ids in self.only.items() if path not in new}
        return ImportPlaces(tuple(dict.fromkeys((*self.paths, *new))), only)

    def with_some(self, path: Path, ids: Iterable[str]) -> ImportPlaces:
        """These, and some runs of one more; of one that is wanted whole nothing changes."""
        if path in self.paths and path not in self.only:
            return self
        some = self.only.get(path, frozenset()).union(ids)
        paths = tuple(dict.fromkeys((*self.paths, path)))
        return ImportPlaces(paths, {**self.only, path: some})


def look_into(
    home: Home, places: ImportPlaces, opened_by_now: list[OpenedSources], context: JobContext
) -> Looked:
    """Open places and plan; publishes runs (tuples of PlanItem) as they are seen.

    Args:
        home: Where the runs would go.
        places: Files and directories.
        opened_by_now: Gets what was opened, so that it is closed whatever comes after.
        context: Of the job.
    """
    opened = open_sources(home, places.paths, check=context.check)
    opened_by_now.append(opened)
    slices = _Slices(context)
    only, check = places.only, context.check
    plan = plan_import(home, opened.sources, only=only, check=check, found=slices.add)
    slices.tell()
    problems = (*opened.problems, *plan.problems)
    free = None
    with suppress(OSError):  # who writes there says why it cannot be
        free = free_for(home)
    return Looked(opened, ImportPlan(plan.items, problems, plan.warnings), free)


class _Slices:
    """Publishes what is found a slice at a time: each telling costs the window a new picture."""

    def __init__(self, context: JobContext) -> None:
        self._context = context
        self._found: list[PlanItem] = []
        self._told = time.monotonic()
        self._is_first = True

    def add(self, item: PlanItem) -> None:
        self._found.append(item)
        is_due = time.monotonic() - self._told >= SLICE_SECONDS
        if is_due or (self._is_first and len(self._found) >= FIRST_SLICE):
            self.tell()

    def tell(self) -> None:
        if self._found:
            self._context.publish(tuple(self._found))
            self._found, self._told, self._is_first = [], time.monotonic(), False
