"""What differs between two runs as JSON: the shape that `rundesk diff --json` promises to keep.

The document has these keys (new ones may come, none goes or changes its type):

* `left`, `right`: ids of the runs, or the path of a directory.
* `sections`: {name: section} for each section that was asked for: `flags`, `attributes`,
  `environment`, `packages`, `source`, `dependencies`, `files`, `output`. Each has `same`, how many
  of its entries are the same; `differences`, a list; `problem`, one sentence or null.
* `files`: files that were asked for by `-p`, `-s` or `-O`, see below.

A difference has `name` and `change`: "changed", "removed" (on the left only), "added" (on the right
only) or "unsure" (a large file of the same size). One of values has `left` and `right`, null where
the value is not there. One of files has `left_path`, `right_path`, `left_size`, `right_size`, null
where the file is not there, and `moved_from`, the name on the left of a file that only has another
name, else null.

A file has `name`, `look` ("text", "table", "document", "image" or "binary"), `same`, `left` and
`right` ({path, size, sha256} or null; sha256 is null but for binary files), `notes` (sentences on
what is left out), and one of these keys that suits its look, the others being null:

* `hunks`: list of {left, left_count, right, right_count, lines}, each line a text that begins with
  " ", "-" or "+".
* `columns`: [{name, change}], and `rows`: [{change, left, right, cells}] of the rows that differ;
  left and right are numbers of rows from 1 or null, cells {column: [left, right]} what differs.
* `values`: differences of values by key, as in sections.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.compare.diff_facts import Fact
from core.compare.diff_file import FileDiff, FileFacts
from core.compare.diff_hunks import hunks_of
from core.compare.diff_runs import FilePair, RunDiff, Section
from core.compare.diff_table import Row, TableDiff
from core.runs.run_json import plain_value


def diff_document(runs: RunDiff, files: Sequence[tuple[str, FileDiff]]) -> dict[str, Any]:
    """The diff as a value that `json.dumps` writes; the module says what each key means."""
    return {
        "left": runs.left,
        "right": runs.right,
        "sections": {section.name: _section(section) for section in runs.sections},
        "files": [_file(name, diff) for name, diff in files],
    }


def _section(section: Section) -> dict[str, Any]:
    differences = [_fact(fact) for fact in section.facts if fact.change != "same"]
    differences += [_pair(pair) for pair in section.files if pair.change != "same"]
    return {
        "same": section.counts["same"],
        "differences": differences,
        "problem": section.problem or None,
    }


def _fact(fact: Fact) -> dict[str, Any]:
    left, right = map(plain_value, fact.values)
    return {"name": fact.name, "change": fact.change, "left": left, "right": right}


def _pair(pair: FilePair) -> dict[str, Any]:
    return {
        "name": pair.name,
        "change": pair.change,
        "left_path": pair.left,
        "right_path": pair.right,
        "left_size": pair.sizes[0],
        "right_size": pair.sizes[1],
        "moved_from": pair.moved_from or None,
    }


def _file(name: str, diff: FileDiff) -> dict[str, Any]:
    is_text = diff.text is not None and diff.look == "text"
    return {
        "name": name,
        "look": diff.look,
        "same": diff.is_same,
        "left": _facts(diff.left),
        "right": _facts(diff.right),
        "notes": list(diff.notes),
        "hunks": _hunks(diff) if is_text else None,
        "columns": _columns(diff.table),
        "rows": _rows(diff.table),
        "values": (
            [_fact(fact) for fact in diff.document if fact.change != "same"]
            if diff.look == "document"
            else None
        ),
    }


def _facts(facts: FileFacts | None) -> dict[str, Any] | None:
    if facts is None:
        return None
    return {"path": facts.path, "size": facts.size, "sha256": facts.digest or None}


def _hunks(diff: FileDiff) -> list[dict[str, Any]]:
    assert diff.text is not None
    return [
        {
            "left": hunk.left,
            "left_count": hunk.left_count,
            "right": hunk.right,
            "right_count": hunk.right_count,
            "lines": [f"{sign}{line}" for sign, line in hunk.lines],
        }
        for hunk in hunks_of(diff.text)
    ]


def _columns(table: TableDiff | None) -> list[dict[str, Any]] | None:
    if table is None:
        return None
    return [{"name": column.name, "change": column.change} for column in table.columns]


def _rows(table: TableDiff | None) -> list[dict[str, Any]] | None:
    if table is None:
        return None
    return [_row(table, row) for row in table.rows if row.change != "same"]


def _row(table: TableDiff, row: Row) -> dict[str, Any]:
    cells = {
        column.name: list(cell)
        for column, cell in zip(table.columns, row.cells, strict=True)
        if cell[0] != cell[1]
    }
    return {"change": row.change, "left": row.left, "right": row.right, "cells": cells}
