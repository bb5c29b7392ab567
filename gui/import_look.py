"""Looks into what is to be imported, on a worker's thread: first rows first."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.archives.importing import Choice
from core.archives.opened import OpenedSources, open_sources
from core.archives.plan import ImportPlan, PlanItem, plan_import
from core.home import Home
from core.jobs import JobContext

FIRST_SLICE = 40
SLICE_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found.

    Attributes:
        opened: The sources; open.
        plan: Their runs beside those of the home.
    """

    opened: OpenedSources
    plan: ImportPlan


@dataclass(frozen=True, slots=True)
class ImportWanted:
    """What the user decided.

    Attributes:
        opened: The sources; whoever has this closes them.
        items: The runs.
        choices: What becomes of those that are here with other content, by id.
    """

    opened: OpenedSources
    items: tuple[PlanItem, ...]
    choices: dict[str, Choice]


def look_into(
    home: Home, paths: Sequence[Path], opened_by_now: list[OpenedSources], context: JobContext
) -> Looked:
    """Open places and plan; publishes runs (tuples of PlanItem) as they are seen.

    Args:
        home: Where the runs would go.
        paths: Files and directories.
        opened_by_now: Gets what was opened, so that it is closed whatever comes after.
        context: Of the job.
    """
    opened = open_sources(home, paths, check=context.check)
    opened_by_now.append(opened)
    slices = _Slices(context)
    plan = plan_import(home, opened.sources, check=context.check, found=slices.add)
    slices.tell()
    return Looked(opened, ImportPlan(plan.items, (*opened.problems, *plan.problems)))


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
