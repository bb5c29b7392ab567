"""Two tables cell by cell: which columns and rows are there, which cells are others.

Why rows are known by a key where there is one: with a row put in above, everything below would
differ if rows were compared by number. A key is the first column, common to both, that has no text
twice; a table without one is compared row by row as a text is.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import TypeVar

from msgspec import Struct, field

from core.check import Check
from core.compare.diff_facts import Change
from core.compare.diff_lines import diff_sequences

MOST_ROWS = 50_000
MOST_COLUMNS = 300
"""Columns that are shown: of wider tables the key and those that differ."""
MOST_READ_COLUMNS = 50_000
MOST_CELLS = 1_000_000
"""Of both tables together; of wide ones fewer rows are compared."""
MOST_CELL = 500
"""Letters of a cell that are kept for showing."""

T = TypeVar("T")

_Pair = tuple[int | None, int | None]  # rows of both sides that belong together


class Column(Struct, frozen=True):
    """One column of either table.

    Attributes:
        name: Its heading; the second one of a name has its number behind it.
        change: Whether both have it.
    """

    name: str
    change: Change


class Row(Struct, frozen=True):
    """One row of either table.

    Attributes:
        change: What became of it.
        left: Number of the row on the left, from 1; None where it is not there.
        right: The same on the right.
        cells: For each column the text on the left and on the right, None where it is not there.
    """

    change: Change
    left: int | None
    right: int | None
    cells: tuple[tuple[str | None, str | None], ...]


class TableDiff(Struct, frozen=True):
    """What differs between two tables.

    Attributes:
        columns: Those of the right side, and those that are on the left only where they were; of
            very many the key and those that differ.
        rows: All rows of both, in an order that both have as far as they agree; one that differs
            may do so in a column that is not shown.
        key: The column by which rows were known; empty where they were compared in order.
        is_same: Whether no cell and no row differs.
        notes: A sentence each on what is left out.
    """

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    key: str = ""
    is_same: bool = False
    notes: tuple[str, ...] = ()


class _Table(Struct, frozen=True):
    names: list[str]
    rows: list[list[str]]
    where: dict[str, int] = field(default_factory=dict)

    def cell(self, row: int, name: str) -> str | None:
        """The text in a column; None where the row or table has none."""
        place = self.where.get(name)
        cells = self.rows[row]
        return cells[place] if place is not None and place < len(cells) else None


def diff_tables(left: str, right: str, delimiter: str, check: Check) -> TableDiff | None:
    """Compare the texts of two tables; None where one of them is no table.

    Args:
        left: The one before; its first row holds the headings.
        right: The one after.
        delimiter: What is between cells; a comma stands for a semicolon where that is clearly used.
        check: Called often; raises to stop (core.errors.Cancelled).
    """
    ours, theirs = _read(left, delimiter, check), _read(right, delimiter, check)
    if ours is None or theirs is None:
        return None
    columns = _columns(ours.names, theirs.names)
    most = min(MOST_ROWS, MOST_CELLS // len(columns))
    notes = [
        f"Only the first {most:,} rows on the {side} are compared."
        for side, table in (("left", ours), ("right", theirs))
        if len(table.rows) > most
    ]
    del ours.rows[most:], theirs.rows[most:]
    key = _key(ours, theirs)
    order = _by_key(ours, theirs, key) if key else _in_order(ours, theirs, check)
    pairs = list(_checked(order, check))
    places: Sequence[int] = range(len(columns))
    if len(columns) > MOST_COLUMNS:
        places, note = _narrowed(ours, theirs, pairs, columns, key, check)
        notes.append(note)
    rows = tuple(_row(ours, theirs, pair, columns, places) for pair in _checked(pairs, check))
    is_same = {each.change for each in columns} | {each.change for each in rows} <= {"same"}
    shown = tuple(columns[place] for place in places)
    return TableDiff(shown, rows, key, is_same, tuple(notes))


def _narrowed(
    left: _Table,
    right: _Table,
    pairs: Sequence[_Pair],
    columns: Sequence[Column],
    key: str,
    check: Check,
) -> tuple[Sequence[int], str]:
    """Which of very many columns are shown, and a sentence on it."""
    both = [(one, other) for one, other in pairs if one is not None and other is not None]
    differing = []
    for place, column in enumerate(columns):
        check()
        name = column.name
        if column.change != "same" or any(
            left.cell(one, name) != right.cell(other, name) for one, other in both
        ):
            differing.append(place)
    of_all = f"Of {len(columns):,} columns"
    if not differing:
        return range(MOST_COLUMNS), f"{of_all} the first {MOST_COLUMNS:,} are shown; none differs."
    heads = [place for place, column in enumerate(columns) if column.name == key]
    places = sorted({*heads, *differing[: MOST_COLUMNS - len(heads)]})
    is_cut = len(differing) > MOST_COLUMNS - len(heads)
    which = f"the first of the {len(differing):,}" if is_cut else f"the {len(differing):,}"
    return places, f"{of_all} {which} that differ are shown."


def _read(text: str, delimiter: str, check: Check) -> _Table | None:
    first = text.split("\n", 1)[0]
    if delimiter == "," and first.count(";") > first.count(","):
        delimiter = ";"
    rows: list[list[str]] = []
    try:
        for row in _checked(csv.reader(io.StringIO(text), delimiter=delimiter), check):
            if row:
                rows.append(row)
            if len(rows) > MOST_ROWS + 1:
                break
    except csv.Error:
        return None
    widest = max(map(len, rows), default=0)
    if not widest or widest > MOST_READ_COLUMNS:
        return None
    names = _distinct([*rows[0], *("" for _ in range(widest - len(rows[0])))])
    return _Table(names, rows[1:], {name: index for index, name in enumerate(names)})


def _distinct(names: Sequence[str]) -> list[str]:
    """The names, with a number behind those that are there already, and for none at all."""
    seen: Counter[str] = Counter()
    taken = set(names)
    found = []
    for name in names:
        seen[name] += 1
        number = seen[name]
        made = name if number == 1 and name else f"{name or 'column'} ({number})"
        while made != name and made in taken:
            number += 1
            made = f"{name or 'column'} ({number})"
        taken.add(made)
        found.append(made)
    return found


def _columns(left: Sequence[str], right: Sequence[str]) -> list[Column]:
    return [
        Column(name, "same" if pair[0] is not None and pair[1] is not None else _only(pair))
        for name, pair in _merged(left, right)
    ]


def _only(pair: _Pair) -> Change:
    return "removed" if pair[1] is None else "added"


def _merged(left: Sequence[str], right: Sequence[str]) -> Iterator[tuple[str, _Pair]]:
    """All names of two lists without repeats, in the order of the right one."""
    places = {name: index for index, name in enumerate(left)}
    others = {name: index for index, name in enumerate(right)}
    told = 0
    for index, name in enumerate(right):
        place = places.get(name)
        if place is not None:
            for number in range(told, place):
                if left[number] not in others:
                    yield left[number], (number, None)
            told = max(told, place + 1)
        yield name, (place, index)
    for number in range(told, len(left)):
        if left[number] not in others:
            yield left[number], (number, None)


def _key(left: _Table, right: _Table) -> str:
    """The column that tells rows apart on both sides and has texts in common; empty for none."""
    for name in left.names:
        if name not in right.where:
            continue
        ours, theirs = _texts(left, name), _texts(right, name)
        if len(ours) == len(left.rows) and len(theirs) == len(right.rows) and ours & theirs:
            return name
    return ""


def _texts(table: _Table, name: str) -> set[str]:
    return {text for row in range(len(table.rows)) if (text := table.cell(row, name))}


def _by_key(left: _Table, right: _Table, key: str) -> Iterator[_Pair]:
    ours = [left.cell(row, key) or "" for row in range(len(left.rows))]
    theirs = [right.cell(row, key) or "" for row in range(len(right.rows))]
    return (pair for _, pair in _merged(ours, theirs))


def _in_order(left: _Table, right: _Table, check: Check) -> Iterator[_Pair]:
    names = [name for name in left.names if name in right.where]
    ours = [tuple(left.cell(row, name) for name in names) for row in range(len(left.rows))]
    theirs = [tuple(right.cell(row, name) for name in names) for row in range(len(right.rows))]
    waiting: list[int] = []  # rows on the left only, until it is seen what stands in their place
    for block in diff_sequences(ours, theirs, check):
        lefts, rights = range(block.left, block.left_end), range(block.right, block.right_end)
        if block.kind == "removed":
            waiting = list(lefts)
            continue
        if block.kind == "added":
            yield from zip_longest(waiting, rights)
        else:
            yield from ((row, None) for row in waiting)
            yield from zip(lefts, rights, strict=True)
        waiting = []
    yield from ((row, None) for row in waiting)


def _row(
    left: _Table,
    right: _Table,
    pair: _Pair,
    columns: Sequence[Column],
    places: Sequence[int],
) -> Row:
    cells = [
        (
            None if pair[0] is None else left.cell(pair[0], column.name),
            None if pair[1] is None else right.cell(pair[1], column.name),
        )
        for column in columns
    ]
    left_number, right_number = (None if place is None else place + 1 for place in pair)
    return Row(
        _change_of(pair, cells, columns),
        left_number,
        right_number,
        tuple(_short_pair(*cells[place]) for place in places),
    )


def _change_of(
    pair: _Pair, cells: Sequence[tuple[str | None, str | None]], columns: Sequence[Column]
) -> Change:
    if None in pair:
        return _only(pair)
    both = (cell for cell, column in zip(cells, columns, strict=True) if column.change == "same")
    return "same" if all(one == other for one, other in both) else "changed"


def _short_pair(one: str | None, other: str | None) -> tuple[str | None, str | None]:
    """Both texts cut for showing; texts that are others stay so."""
    if one != other and one and other and one[:MOST_CELL] == other[:MOST_CELL]:
        return f"{one[:MOST_CELL]}… ({len(one):,})", f"{other[:MOST_CELL]}… ({len(other):,}) ≠"
    return one and one[:MOST_CELL], other and other[:MOST_CELL]


def _checked(items: Iterable[T], check: Check) -> Iterator[T]:
    for number, item in enumerate(items):
        if number % 500 == 0:
            check()
        yield item
