"""What differs between two runs as text, coloured on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from cli.screen import BOLD, DIM, aligned, coloured, printable, write_text
from core.compare.diff_facts import Change, Fact
from core.compare.diff_file import FileDiff, FileFacts
from core.compare.diff_hunks import hunks_of
from core.compare.diff_runs import FilePair, RunDiff, Section
from core.compare.diff_table import Row, TableDiff
from core.text import format_bytes

_REMOVED, _ADDED, _CHANGED, _PLACE = "31", "32", "33", "36"
_SIGNS: dict[Change, tuple[str, str]] = {
    "changed": ("~", _CHANGED),
    "removed": ("-", _REMOVED),
    "added": ("+", _ADDED),
    "unsure": ("?", _CHANGED),
    "same": (" ", ""),
}
_LINE_COLOURS = {"-": _REMOVED, "+": _ADDED, " ": ""}
_MOST_VALUE = 200  # letters of a value
_TITLES = {"source": "source code"}


def write_diff(runs: RunDiff, files: Sequence[tuple[str, FileDiff]]) -> None:
    """Write all that differs; a line says so where nothing does."""
    compared = {name for name, _ in files}
    for section in runs.sections:
        write_text("".join(f"{line}\n" for line in _section_lines(section, compared)))
    for name, diff in files:
        write_text("".join(f"{line}\n" for line in _file_lines(runs, name, diff)))
    if not files and all(not (each.differing or each.problem) for each in runs.sections):
        write_text("Nothing differs.\n")


def _section_lines(section: Section, compared: set[str]) -> Iterator[str]:
    """A heading and what differs; nothing for a section in which nothing does."""
    facts = [fact for fact in section.facts if fact.change != "same"]
    pairs = [pair for pair in section.files if pair.change != "same" and pair.name not in compared]
    if not (facts or pairs or section.problem):
        return
    yield coloured(f"{_TITLES.get(section.name, section.name)}:", BOLD)
    yield from _fact_lines(facts)
    for pair in pairs:
        sign, colour = _SIGNS[pair.change]
        yield coloured(f"  {sign} {printable(pair.name)}", colour) + coloured(
            f"  {_sizes(pair)}", DIM
        )
    if section.problem:
        yield f"  {printable(section.problem)}"


def _fact_lines(facts: Sequence[Fact]) -> Iterator[str]:
    names = aligned([[printable(fact.name)] for fact in facts])
    for (name,), fact in zip(names, facts, strict=True):
        sign, colour = _SIGNS[fact.change]
        texts = [_value(text) for text in (fact.left, fact.right) if text is not None]
        yield f"  {coloured(sign, colour)} {name}  {' → '.join(texts)}"


def _value(text: str) -> str:
    text = printable(text)
    return text if len(text) <= _MOST_VALUE else f"{text[:_MOST_VALUE]}…"


def _sizes(pair: FilePair) -> str:
    if pair.moved_from:
        return f"was {printable(pair.moved_from)}"
    known = [format_bytes(size) for size in pair.sizes if size is not None]
    if pair.change == "unsure" and known:
        return f"{known[0]}, not compared: name it with -p"
    return " → ".join(dict.fromkeys(known))


def _file_lines(runs: RunDiff, name: str, diff: FileDiff) -> Iterator[str]:
    yield coloured(f"--- {_place(runs.left, diff.left)}", BOLD)
    yield coloured(f"+++ {_place(runs.right, diff.right)}", BOLD)
    for note in diff.notes:
        yield coloured(printable(note), DIM)
    if diff.is_same:
        yield f"{printable(name)} is the same on both sides."
    elif diff.table is not None:
        yield from _table_lines(diff.table)
    elif diff.look == "document":
        yield from _fact_lines([fact for fact in diff.document if fact.change != "same"])
    elif diff.look == "text" and diff.text is not None:
        for hunk in hunks_of(diff.text):
            yield coloured(hunk.heading, _PLACE)
            for sign, line in hunk.lines:
                yield coloured(f"{sign}{_line(line)}", _LINE_COLOURS[sign])
    else:
        yield from _fact_of_bytes(diff)


def _line(line: str) -> str:
    """A line with its blanks, and nothing that could steer a terminal."""
    return "\t".join(map(printable, line.split("\t")))


def _place(side: str, facts: FileFacts | None) -> str:
    return (
        f"{printable(side[:8] if len(side) == 32 else side)}/{printable(facts.path)}"
        if facts
        else "nothing"
    )


def _fact_of_bytes(diff: FileDiff) -> Iterator[str]:
    for facts in (diff.left, diff.right):
        if facts is not None:
            digest = f", SHA-256 {facts.digest}" if facts.digest else ""
            yield f"{format_bytes(facts.size)}{digest}"


def _table_lines(table: TableDiff) -> Iterator[str]:
    for column in table.columns:
        if column.change != "same":
            sign, colour = _SIGNS[column.change]
            yield coloured(f"  {sign} column {printable(column.name)}", colour)
    for row in table.rows:
        if row.change != "same":
            sign, colour = _SIGNS[row.change]
            cells = ", ".join(_cells(table, row))
            yield f"  {coloured(sign, colour)} {_row_name(table, row)}: {cells}"


def _row_name(table: TableDiff, row: Row) -> str:
    if table.key:
        place = next(i for i, column in enumerate(table.columns) if column.name == table.key)
        return f"{printable(table.key)} {printable(next(filter(None, row.cells[place]), ''))}"
    return f"row {row.left if row.right is None else row.right}"


def _cells(table: TableDiff, row: Row) -> Iterable[str]:
    for column, (left, right) in zip(table.columns, row.cells, strict=True):
        if left != right and column.name != table.key:
            texts = [_value(text) for text in (left, right) if text is not None]
            yield f"{printable(column.name)} {' → '.join(texts)}"
