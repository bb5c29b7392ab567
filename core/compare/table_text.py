"""A table as text: CSV, TSV, Markdown, LaTeX or JSON, to be pasted and read by other programs.

CSV, TSV and JSON give every digit, and CSV what `guild compare --csv` gives: nothing for a missing
value, True and False, lists as Python writes them. JSON is what any program reads: null also for
NaN and the infinities, which CSV and TSV tell. Markdown and LaTeX are for people: numbers
as short as they can be without being another float32, yes and no, nothing for a missing value.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
import struct
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, islice
from typing import Any, Literal, TextIO, get_args

from msgspec import Struct

from core.runs.run_json import plain_value, strict_json
from core.text import flag_text

TextFormat = Literal["csv", "tsv", "markdown", "latex", "json"]
FORMATS: tuple[TextFormat, ...] = get_args(TextFormat)

_PIECE = 500
_FLOAT32 = struct.Struct("<f")
_BREAKS = re.compile(r"[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~&])")
_LATEX = {
    **{char: f"\\{char}" for char in "&%$#_{}"},
    **{"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"},
    **{"<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\textquotedbl{}"},
}
_LATEX_CHARS = re.compile("[" + re.escape("".join(_LATEX)) + "]")


class Grid(Struct, frozen=True):
    """A table that is to be written.

    Attributes:
        headers: What stands above the columns.
        rows: Values, one a column; may be made while they are written, but read once only.
    """

    headers: tuple[str, ...]
    rows: Iterable[Sequence[Any]]


def write_grid(grid: Grid, form: TextFormat, out: TextIO) -> None:
    """Write a table; nothing at all where it has no columns, but JSON is always a list."""
    if grid.headers or form == "json":
        _WRITERS[form](grid, out)


def grid_text(grid: Grid, form: TextFormat) -> str:
    """The text of a table."""
    out = io.StringIO()
    write_grid(grid, form, out)
    return out.getvalue()


def cell_text(value: Any) -> str:
    """A value for people; empty where it is missing."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return number_text(value) if type(value) is float else flag_text(value)


def number_text(value: float) -> str:
    """A float with as few digits as tell it from others: 0.7 for the float32 nearest to 0.7.

    Scalars are float32 and full of digits that mean nothing when they are shown as what Python
    computes with; a float that is none keeps all its digits.
    """
    if not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    try:
        if _FLOAT32.unpack(_FLOAT32.pack(value))[0] != value:
            return repr(value)
    except OverflowError:  # larger than a float32 can be
        return repr(value)
    for digits in range(6, 9):
        text = f"{value:.{digits}g}"
        if _as_float32(text) == value:
            return text
    return f"{value:.9g}"


def _as_float32(text: str) -> float:
    try:
        return float(_FLOAT32.unpack(_FLOAT32.pack(float(text)))[0])
    except OverflowError:  # rounded up beyond the largest
        return math.inf


def _write_csv(grid: Grid, out: TextIO) -> None:
    _write_separated(grid, out, ",")


def _write_tsv(grid: Grid, out: TextIO) -> None:
    _write_separated(grid, out, "\t")


def _write_separated(grid: Grid, out: TextIO, delimiter: str) -> None:
    rest = chain([grid.headers], grid.rows)
    while rows := list(islice(rest, _PIECE)):
        text = _separated(rows, delimiter, csv.QUOTE_MINIMAL)
        # Python leaves a lone carriage return unquoted, and readers end the line there.
        out.write(_separated(rows, delimiter, csv.QUOTE_NONNUMERIC) if "\r" in text else text)


def _separated(rows: Iterable[Sequence[Any]], delimiter: str, quoting: Literal[0, 2]) -> str:
    part = io.StringIO()
    writer = csv.writer(part, delimiter=delimiter, lineterminator="\n", quoting=quoting)
    writer.writerows(rows)
    return part.getvalue()


def _write_json(grid: Grid, out: TextIO) -> None:
    opening = "["
    for row in grid.rows:
        document = {
            header: plain_value(value) for header, value in zip(grid.headers, row, strict=True)
        }
        out.write(f"{opening}{strict_json(json.dumps(document))}")
        opening = ",\n "
    out.write("[]\n" if opening == "[" else "]\n")


def _write_markdown(grid: Grid, out: TextIO) -> None:
    rows = list(grid.rows)
    numeric = _numeric_columns(grid, rows)
    rule = ["---:" if is_numeric else "---" for is_numeric in numeric]
    lines = [[_markdown(header) for header in grid.headers], rule]
    lines += [[_markdown(cell_text(value)) for value in row] for row in rows]
    out.writelines(f"| {' | '.join(line)} |\n" for line in lines)


def _write_latex(grid: Grid, out: TextIO) -> None:
    rows = list(grid.rows)
    letters = "".join("r" if numeric else "l" for numeric in _numeric_columns(grid, rows))
    out.write(f"\\begin{{tabular}}{{{letters}}}\n\\hline\n")
    out.write(_latex_line(grid.headers) + "\\hline\n")
    out.writelines(_latex_line([cell_text(value) for value in row]) for row in rows)
    out.write("\\hline\n\\end{tabular}\n")


def _latex_line(cells: Iterable[str]) -> str:
    return " & ".join(map(_latex, cells)) + " \\\\\n"


def _markdown(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", _BREAKS.sub(" ", text)).strip()


def _latex(text: str) -> str:
    escaped = _LATEX_CHARS.sub(lambda match: _LATEX[match[0]], _BREAKS.sub(" ", text))
    # Behind \\ a bracket would be read as a distance, and a star as an order.
    return f"{{}}{escaped}" if escaped.startswith(("[", "*")) else escaped


def _numeric_columns(grid: Grid, rows: Sequence[Sequence[Any]]) -> list[bool]:
    """Whether each column holds numbers, and nothing but numbers."""
    kinds = [{type(row[place]) for row in rows} for place in range(len(grid.headers))]
    return [bool(found - {type(None)}) and found <= {int, float, type(None)} for found in kinds]


_WRITERS: dict[TextFormat, Callable[[Grid, TextIO], None]] = {
    "csv": _write_csv,
    "tsv": _write_tsv,
    "markdown": _write_markdown,
    "latex": _write_latex,
    "json": _write_json,
}
