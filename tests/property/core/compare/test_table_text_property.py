import csv
import io
import json
import re
import struct

from hypothesis import given
from hypothesis import strategies as st

from core.compare.table_text import Grid, grid_text, number_text

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
values = (
    st.none() | st.booleans() | st.integers() | st.floats() | texts | st.lists(texts, max_size=3)
)


@st.composite
def grids(draw, cells=values):
    headers = draw(st.lists(texts, min_size=1, max_size=4, unique=True))
    rows = draw(st.lists(st.tuples(*[cells] * len(headers)), max_size=5))
    return Grid(tuple(headers), rows)


@given(grids(texts))
def test_texts_come_back_from_csv_and_tsv_as_they_were(grid):
    for form, delimiter in (("csv", ","), ("tsv", "\t")):
        text = io.StringIO(grid_text(grid, form), newline="")
        headers, *rows = csv.reader(text, delimiter=delimiter)
        assert [tuple(headers), *map(tuple, rows)] == [grid.headers, *grid.rows]


@given(grids())
def test_json_is_one_document_with_every_row(grid):
    documents = json.loads(grid_text(grid, "json"))

    assert [set(document) for document in documents] == [set(grid.headers) for _ in grid.rows]


@given(grids())
def test_markdown_has_a_line_a_row_and_a_cell_a_column(grid):
    lines = grid_text(grid, "markdown").splitlines()

    assert len(lines) == 2 + len(grid.rows)
    for line in lines:
        assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) == len(grid.headers) + 1


@given(grids())
def test_latex_has_a_line_a_row_and_no_comment_or_open_group(grid):
    text = grid_text(grid, "latex")
    plain = re.sub(r"\\(?:text\w+\{\}|begin\{tabular\}\{[lr]+\}|end\{tabular\}|hline|.)", "", text)

    assert text.count("\n") == 6 + len(grid.rows)
    assert not re.search(r"[%$#_~^\\]", plain)
    assert plain.replace("{}", "").count("{") == 0
    assert plain.count("&") == (1 + len(grid.rows)) * (len(grid.headers) - 1)


def as_float32(value):
    """The float32 nearest to a number; None where it is too large for one."""
    try:
        return struct.unpack("<f", struct.pack("<f", value))[0]
    except OverflowError:
        return None


@given(st.floats(width=32, allow_nan=False))
def test_a_float32_is_read_as_itself_again(value):
    assert as_float32(float(number_text(value))) == value


@given(st.floats(allow_nan=False))
def test_a_float_that_is_no_float32_keeps_every_digit(value):
    found = float(number_text(value))

    assert found == value or (as_float32(value) == value and as_float32(found) == value)
