"""Which columns runs are compared by, where the user names none: Guild's choice.

In three sections: the core columns (run, operation, started, time, status, label), those of each
run's operation, and those the user adds. An operation's columns are what its project or the run's
attribute `compare` asks for, else all flags, the step, and all scalars. Columns of the same header
become one; the user's values win over the operation's and those over the core ones.

Unlike in Guild, scalars with blanks or commas in their names, which it cannot ask for, are not left
out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from core.compare.column_spec import ColumnSpec, parse_columns
from core.compare.operation_hints import ProjectHints, compare_of
from core.compare.scalar_cells import Keys, ScalarCells
from core.compare.table import Column, Source
from core.errors import QueryError
from core.index.columns import RunColumns

RUN_COLUMN = ColumnSpec("attr", "run")
CORE_COLUMNS = (
    RUN_COLUMN,
    *(ColumnSpec("attr", name) for name in ("operation", "started", "time", "status", "label")),
)
EXTRA_COLUMNS = (ColumnSpec("attr", "sourcecode"),)
SYSTEM_SCALARS = "sys/"
STEP = "step"

_Place = tuple[int, int, str]  # first run, and what and which it is there


class Wanted(Struct, frozen=True):
    """What is asked for.

    Attributes:
        core: The core columns; without, only the run.
        extra: The source code's digest.
        operation: The columns of the operations.
        system: Scalars that Guild measures of the machine.
        more: What the user adds.
    """

    core: bool = True
    extra: bool = False
    operation: bool = True
    system: bool = False
    more: tuple[ColumnSpec, ...] = ()


class Layout(Struct, frozen=True):
    """Columns, and what could not be made one.

    Attributes:
        columns: From the left; headers are unique.
        problems: A sentence for each specification of an operation that is not understood.
    """

    columns: tuple[Column, ...]
    problems: tuple[str, ...] = ()


def lay_out(
    runs: RunColumns, slots: Sequence[int], wanted: Wanted, projects: ProjectHints
) -> Layout:
    """The columns for runs. Reads project files, and attributes that the index does not keep.

    Args:
        runs: All runs of a home.
        slots: Those that are compared, in order.
        wanted: Which sections.
        projects: Reads what the operations' projects say.
    """
    core = [*(CORE_COLUMNS if wanted.core else [RUN_COLUMN])]
    core += EXTRA_COLUMNS if wanted.extra else ()
    chooser = _OperationColumns(runs, slots, system=wanted.system)
    found = chooser.choose(projects) if wanted.operation else {}
    sections = [_everywhere(core), found, _everywhere(wanted.more)]
    headers = dict.fromkeys(header for section in sections for header in section)
    columns = tuple(
        Column(
            header,
            tuple(source for section in reversed(sections) for source in section.get(header, ())),
        )
        for header in headers
    )
    return Layout(columns, tuple(chooser.problems))


def _everywhere(specs: Iterable[ColumnSpec]) -> dict[str, list[Source]]:
    found: dict[str, list[Source]] = {}
    for spec in specs:
        found.setdefault(spec.header, []).append(Source(spec))
    return found


class _OperationColumns:
    """Collects the columns of the operations: each header where a run first has it."""

    def __init__(self, runs: RunColumns, slots: Sequence[int], *, system: bool) -> None:
        self.problems: list[str] = []
        self._runs = runs
        self._slots = slots
        self._system = system
        self._found: dict[str, list[Source]] = {}
        self._first: dict[str, _Place] = {}

    def choose(self, projects: ProjectHints) -> dict[str, list[Source]]:
        """The sources by header, in order."""
        rows = self._by_project(projects)
        if rows:
            only = None if len(rows) == len(self._slots) else frozenset(map(self._slot, rows))
            self._take_flags(rows, only)
            self._take_scalars(rows, only)
        order = sorted(self._first, key=self._first.__getitem__)
        return {header: self._found[header] for header in order}

    def _by_project(self, projects: ProjectHints) -> list[int]:
        """Take what projects and runs ask for; returns the rows where nothing is asked for."""
        oprefs = self._runs.stored("opref")
        own = self._own_columns()
        asked: dict[tuple[str, ...], list[int]] = {}
        rest = []
        for row, slot in enumerate(self._slots):
            specs = projects.of(oprefs[slot]).compare
            specs = own.get(slot) if specs is None else specs
            if specs is None:
                rest.append(row)
            else:
                asked.setdefault(specs, []).append(row)
        for texts, rows in asked.items():
            only = None if len(rows) == len(self._slots) else frozenset(map(self._slot, rows))
            for number, spec in enumerate(self._parsed(texts)):
                self._add(Source(spec, only), (rows[0], number, ""))
        return rest

    def _own_columns(self) -> dict[int, tuple[str, ...]]:
        """What the runs' own attribute asks for; older versions of Guild wrote it."""
        having = self._runs.has_attr("compare")
        slots = [slot for slot in self._slots if having[slot]]
        values = self._runs.attrs("compare", slots)
        found = {slot: compare_of(values[slot]) for slot in slots}
        return {slot: specs for slot, specs in found.items() if specs is not None}

    def _parsed(self, texts: Iterable[str]) -> Iterator[ColumnSpec]:
        for text in texts:
            try:
                yield from parse_columns(text)
            except QueryError as e:
                self.problems.append(f"The column “{text}” of an operation is left out: {e}")

    def _take_flags(self, rows: Sequence[int], only: frozenset[int] | None) -> None:
        for name in sorted(self._runs.names("flag")):
            values, nulls = self._runs.values(f"flag:{name}"), self._runs.null_flags(name)
            slots = ((row, self._slots[row]) for row in rows)
            first = next((r for r, slot in slots if values[slot] is not None or slot in nulls), -1)
            if first >= 0:
                self._add(Source(ColumnSpec("flag", name), only), (first, 0, name))

    def _take_scalars(self, rows: Sequence[int], only: frozenset[int] | None) -> None:
        wanted = set(rows)
        first: dict[str, int] = {}
        steps: dict[str, list[int]] = {}
        for keys, having in ScalarCells(self._runs, self._slots).by_keys():
            having = [row for row in having if row in wanted] if only is not None else having
            tags = self._tags(keys) if having else []
            for tag in tags:
                first[tag] = min(having[0], first.get(tag, having[0]))
            if tags:
                steps.setdefault("loss" if "loss" in tags else tags[0], []).extend(having)
        for tag, having in steps.items():
            whole = len(steps) == 1 and only is None
            mine = None if whole else frozenset(map(self._slot, having))
            self._add(
                Source(ColumnSpec("scalar", tag, step=True, heading=STEP), mine),
                (min(having), 1, ""),
            )
        for tag, row in first.items():
            self._add(Source(ColumnSpec("scalar", tag), only), (row, 2, tag))

    def _tags(self, keys: Keys) -> list[str]:
        tags = keys.tags()
        if self._system:
            return sorted(tags)
        return sorted(t for t in tags if not t.partition("#")[2].startswith(SYSTEM_SCALARS)
                      and not t.startswith(SYSTEM_SCALARS))  # fmt: skip

    def _add(self, source: Source, place: _Place) -> None:
        header = source.spec.header
        self._found.setdefault(header, []).append(source)
        self._first[header] = min(place, self._first.get(header, place))

    def _slot(self, row: int) -> int:
        return self._slots[row]
