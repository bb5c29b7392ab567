"""What a worker finds out about the runs of a comparison: values in order, best ones, groups.

Why one snapshot at a time: it is built, sorted and judged on a worker's thread and shown in one
step; nothing on screen is ever half of one answer and half of another. Why the table before
sorting is kept: another order, other groups or another baseline need no value again.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from core.check import Check
from core.compare.cells import is_same
from core.compare.column_order import arranged
from core.compare.column_spec import ColumnSpec, parse_columns
from core.compare.direction import Direction, Directions, best_of, objectives_of
from core.compare.group_spec import flags_left_out
from core.compare.groups import Group, Summary, flags_but, group_rows, summarise
from core.compare.layout import Wanted, lay_out
from core.compare.operation_hints import ProjectHints
from core.compare.table import Column, CompareTable, SortBy, build_table, columns_of
from core.compare.view_file import CompareView
from core.errors import QueryError
from core.index.columns import RunColumns
from core.index.gentle_sort import gentle_sort
from gui.compare.compare_look import Look, headed, look_of, pair_text

_IN_HEADS = frozenset(("run", "label"))
"""Attributes that stand beside each run anyway."""

_MANY = 300
"""Runs of a group of which the numbers are summed up before it is shown."""

_LAST = frozenset(("started", "time"))
"""Attributes that come after flags and scalars, which are why runs are compared."""


class Question(Struct, frozen=True):
    """What is asked for.

    Attributes:
        slots: The runs, the baseline among them.
        baseline: Slot of the run that the others are measured against; None for none.
        view: How they are compared.
        now: Current time in microseconds since 1970-01-01 UTC.
    """

    slots: Sequence[int]
    baseline: int | None
    view: CompareView
    now: int


class Built(Struct, frozen=True):
    """The values of runs in the order they were given, and what does not depend on an order.

    Attributes:
        table: The values; the columns that are grouped by come last.
        objectives: Which way scalars are better, by key.
        problems: Sentences on columns that are not understood.
        groupers: How many columns are there for the groups alone.
        looks: How the other columns read.
        differing: Places of those that are not the same for all runs.
        flags: Names of the flags that are not the same for all runs, whatever is shown.
    """

    table: CompareTable
    objectives: Mapping[str, Direction]
    problems: tuple[str, ...] = ()
    groupers: int = 0
    looks: tuple[Look, ...] = ()
    differing: frozenset[int] = frozenset()
    flags: tuple[str, ...] = ()
    _best: dict[tuple[int, Direction], frozenset[int]] = field(default_factory=dict)

    @property
    def group_specs(self) -> tuple[ColumnSpec, ...]:
        """What the runs are grouped by."""
        first = len(self.table.columns) - self.groupers
        return tuple(column.spec for column in self.table.columns[first:])

    def best(self, place: int, direction: Direction) -> frozenset[int]:
        """Slots of the runs with the best value of a column; found once."""
        key = (place, direction)
        if key not in self._best:
            rows = best_of(self.table.values(place), direction)
            self._best[key] = frozenset(self.table.slots[row] for row in rows)
        return self._best[key]


class GroupFact(Struct, frozen=True):
    """Runs that have something in common.

    Attributes:
        title: What that is, in words; no two groups have the same.
        rows: Their rows in the table, in its order.
        table: The values of all runs.
    """

    title: str
    rows: tuple[int, ...]
    table: CompareTable
    _summaries: dict[int, Summary | None] = field(default_factory=dict)

    def summary(self, place: int) -> Summary | None:
        """Mean and so on of a column, found once; None where there is no number in it."""
        if place not in self._summaries:
            values = (self.table.value(row, place) for row in self.rows)
            self._summaries[place] = summarise(values)
        return self._summaries[place]

    def mean(self, place: int) -> float | None:
        """The mean of a column; None where there is no number in it."""
        found = self.summary(place)
        return None if found is None else found.mean


class Fact(Struct, frozen=True):
    """One column of the comparison.

    Attributes:
        place: Its place in the table.
        column: What it shows.
        look: How it reads.
        direction: Which way it is better; None for neither.
        best: Slots of the best value; empty where there is none, or where all are the same.
        best_groups: Numbers of the groups with the best mean.
        differs: Whether it is not the same for all runs.
    """

    place: int
    column: Column
    look: Look
    direction: Direction | None
    best: frozenset[int]
    best_groups: frozenset[int]
    differs: bool


class Compared(Struct, frozen=True):
    """What a worker found out.

    Attributes:
        view: What was asked.
        table: The values, in the order shown; the baseline is the first row.
        facts: Its columns, those left out that stand beside each run anyway.
        groups: The runs put together; empty where that was not asked for.
        baseline: Row of the baseline; None without one.
        built: The same before it was sorted.
        took: Seconds it took.
    """

    view: CompareView
    table: CompareTable
    facts: tuple[Fact, ...]
    groups: tuple[GroupFact, ...]
    baseline: int | None
    built: Built
    took: float = 0.0


def compare(columns: RunColumns, question: Question, built: Built | None, check: Check) -> Compared:
    """Everything that takes time; for a worker's thread.

    Args:
        columns: All runs.
        question: What is asked.
        built: The values of before, where they are still right.
        check: Raises to stop.
    """
    began = time.perf_counter()
    view = question.view
    built = built or _build(columns, question, check)
    check()
    row, table = _in_order(columns, question, built)
    check()
    groups = _in_order_of_groups(table, _groups(table, built, check), view)
    facts = _facts(groups, built, view, check)
    took = time.perf_counter() - began
    return Compared(view, table, facts, groups, row, built, took)


def shown_facts(answer: Compared) -> list[Fact]:
    """The columns that are shown: with several runs and by wish only those that differ."""
    if not answer.view.only_different or len(answer.table) < 2:
        return list(answer.facts)
    return [fact for fact in answer.facts if fact.differs]


def specs_of(texts: Sequence[str]) -> tuple[list[ColumnSpec], list[str]]:
    """Columns by specification, and a sentence for each text that is not understood."""
    specs: list[ColumnSpec] = []
    problems: list[str] = []
    for text in texts:
        try:
            specs += parse_columns(text)
        except QueryError as e:
            problems.append(f"The column “{text}” is left out: {e}")
    return specs, problems


def default_columns(columns: RunColumns, slots: Sequence[int]) -> list[str]:
    """Specifications of the columns that suit some runs; for a worker's thread."""
    layout = lay_out(columns, slots, Wanted(), ProjectHints())
    laid_out = sorted(layout.columns, key=_is_last)
    return [str(column.spec) for column in laid_out if not _is_in_heads(column)]


def _build(columns: RunColumns, question: Question, check: Check) -> Built:
    projects, view, slots = ProjectHints(), question.view, question.slots
    if view.columns is None:
        more, problems = specs_of(view.added)
        wanted = Wanted(more=tuple(map(headed, more)))
        layout = lay_out(columns, slots, wanted, projects)
        laid_out = tuple(sorted(layout.columns, key=_is_last))
        said = [*problems, *layout.problems]
    else:
        specs, said = specs_of(view.columns)
        laid_out = columns_of(map(headed, specs))
    check()
    groupers, problems = _groupers(columns, slots, view.group_by)
    by_group = [Column(f"group by {spec}", columns_of([spec])[0].sources) for spec in groupers]
    table = build_table(columns, slots, [*laid_out, *by_group], now=question.now, check=check)
    objectives = objectives_of(columns, slots, projects)
    looks = []
    for place, column in enumerate(laid_out):
        check()
        looks.append(look_of(column, table.values(place)))
    check()
    differing = frozenset(table.differing())
    flags = _varying_flags(columns, slots, check)
    said = [*said, *problems]
    return Built(table, objectives, tuple(said), len(by_group), tuple(looks), differing, flags)


def _groupers(
    columns: RunColumns, slots: Sequence[int], texts: Sequence[str]
) -> tuple[list[ColumnSpec], list[str]]:
    """What the runs are grouped by, and a sentence for each text that is not understood."""
    found: list[ColumnSpec] = []
    problems: list[str] = []
    for text in texts:
        try:
            left_out = flags_left_out(text)
            is_list = left_out is None
            found += parse_columns(text) if is_list else flags_but(columns, slots, left_out or ())
        except QueryError as e:
            problems.append(f"The column “{text}” is left out: {e}")
    return list(dict.fromkeys(found)), problems


def _varying_flags(columns: RunColumns, slots: Sequence[int], check: Check) -> tuple[str, ...]:
    found = []
    for name in sorted(columns.names("flag")):
        check()
        values = columns.values(f"flag:{name}")
        first = values[slots[0]] if slots else None
        if any(not is_same(first, values[slot]) for slot in slots):
            found.append(name)
    return tuple(found)


def _in_order(
    columns: RunColumns, question: Question, built: Built
) -> tuple[int | None, CompareTable]:
    """The table sorted, the baseline first; and the baseline's row."""
    table = built.table
    levels = [
        SortBy(place, descending=descending)
        for header, descending in question.view.sort
        if (place := table.place_of(header)) is not None
    ]
    if levels:
        table = table.sorted_by(levels)
    if question.baseline is None:
        return None, table
    row = table.row_of(columns.value("id", question.baseline))
    if row:
        table = table.taken([row, *(other for other in range(len(table)) if other != row)])
    return (None if row is None else 0), table


def _facts(
    groups: Sequence[GroupFact], built: Built, view: CompareView, check: Check
) -> tuple[Fact, ...]:
    directions = Directions(view.directions, built.objectives)
    facts = []
    for place, look in enumerate(built.looks):
        column = built.table.columns[place]
        if view.columns is None and _is_in_heads(column):
            continue
        check()
        direction = directions.of(column.spec)
        best = built.best(place, direction) if direction else frozenset[int]()
        means = [group.mean(place) for group in groups] if direction else []
        best_groups = best_of(means, direction)
        facts.append(
            Fact(place, column, look, direction, best, best_groups, place in built.differing)
        )
    return tuple(arranged(facts, view.order, lambda fact: fact.column.header))


def _groups(table: CompareTable, built: Built, check: Check) -> tuple[GroupFact, ...]:
    if not built.groupers:
        return ()
    first = len(table.columns) - built.groupers
    found = group_rows(table, range(first, len(table.columns)))
    names = [spec.header for spec in built.group_specs]
    titles = _titles(names, found)
    groups = tuple(
        GroupFact(title, group.rows, table) for title, group in zip(titles, found, strict=True)
    )
    for group in groups:
        if len(group.rows) > _MANY:  # too many to be summed up while the window draws
            check()
            for place in range(first):
                group.summary(place)
    return groups


def _titles(names: Sequence[str], groups: Sequence[Group]) -> list[str]:
    """What the runs of each group have in common: what all groups share is left out."""
    kept = [
        place
        for place in range(len(names))
        if len({repr(group.values[place]) for group in groups}) > 1
    ]
    kept = kept or list(range(len(names)))
    titles: dict[str, None] = {}
    for group in groups:
        pairs = [pair_text(names[place], group.values[place]) for place in kept]
        title = "  ".join(filter(None, pairs)) or "nothing in common"
        while title in titles:  # 1 and "1" are two groups that read the same
            title += " ’"
        titles[title] = None
    return list(titles)


def _in_order_of_groups(
    table: CompareTable, groups: tuple[GroupFact, ...], view: CompareView
) -> tuple[GroupFact, ...]:
    """Groups by their means in the columns that are sorted by; else by their first rows."""
    ordered = list(groups)
    for header, descending in reversed(view.sort) if groups else ():
        place = table.place_of(header)
        if place is None:
            continue
        means = {group.title: group.mean(place) for group in ordered}
        there = [group for group in ordered if _is_number(means[group.title])]
        missing = [group for group in ordered if not _is_number(means[group.title])]
        if there:
            keys = [means[group.title] for group in there]
            order = gentle_sort(list(range(len(there))), keys.__getitem__, descending=descending)
            ordered = [there[number] for number in order] + missing
    return tuple(ordered)


def _is_in_heads(column: Column) -> bool:
    return column.spec.kind == "attr" and column.spec.name in _IN_HEADS


def _is_last(column: Column) -> bool:
    return column.spec.kind == "attr" and column.spec.name in _LAST


def _is_number(value: Any) -> bool:
    return value is not None and value == value
