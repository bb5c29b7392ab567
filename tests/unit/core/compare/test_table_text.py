import csv
import io
import json
from datetime import date

import pytest

from core.compare.table_text import FORMATS, Grid, cell_text, grid_text, number_text, write_grid

NAN, INF = float("nan"), float("inf")
FLOAT32 = 0.699999988079071  # the one nearest to 0.7


@pytest.fixture
def grid():
    rows = [
        ("a", FLOAT32, 3, True, None, [1, "x"], date(2020, 1, 1)),
        ("b|c, d", NAN, -1, False, "", {"k": 2}, "two\nlines"),
    ]
    return Grid(("run", "loss", "n", "flag", "none", "list", "other"), rows)


def test_csv_is_what_guild_writes(grid):
    assert grid_text(grid, "csv") == (
        "run,loss,n,flag,none,list,other\n"
        "a,0.699999988079071,3,True,,\"[1, 'x']\",2020-01-01\n"
        '"b|c, d",nan,-1,False,,{\'k\': 2},"two\nlines"\n'
    )


def test_tsv_keeps_tabs_within_quotes():
    text = grid_text(Grid(("a", "b"), [("x\ty", 1.5)]), "tsv")

    assert text == 'a\tb\n"x\ty"\t1.5\n'


def test_json_is_a_list_of_what_each_row_says(grid):
    first, second = json.loads(grid_text(grid, "json"))

    assert first == {
        **{"run": "a", "loss": FLOAT32, "n": 3, "flag": True, "none": None},
        **{"list": [1, "x"], "other": "2020-01-01"},
    }
    assert second["loss"] is None  # CSV says nan; NaN would make all of the document unreadable


def test_markdown_is_escaped_and_numbers_stand_on_the_right(grid):
    assert grid_text(grid, "markdown") == (
        "| run | loss | n | flag | none | list | other |\n"
        "| --- | ---: | ---: | --- | --- | --- | --- |\n"
        "| a | 0.7 | 3 | yes |  | \\[1, x\\] | 2020-01-01 |\n"
        "| b\\|c, d | nan | -1 | no |  | \\{k: 2\\} | two lines |\n"
    )


def test_latex_is_escaped():
    grid = Grid(("50% & more", "x_1"), [("a\\b~^{}", 0.5), ("[#]", None), ("*$", 2.0)])

    assert grid_text(grid, "latex") == (
        "\\begin{tabular}{lr}\n\\hline\n"
        "50\\% \\& more & x\\_1 \\\\\n\\hline\n"
        "a\\textbackslash{}b\\textasciitilde{}\\textasciicircum{}\\{\\} & 0.5 \\\\\n"
        "{}[\\#] &  \\\\\n"
        "{}*\\$ & 2 \\\\\n"
        "\\hline\n\\end{tabular}\n"
    )


@pytest.mark.parametrize(("form", "text"), [(f, "[]\n" if f == "json" else "") for f in FORMATS])
def test_a_table_without_columns_is_nothing(form, text):
    assert grid_text(Grid((), []), form) == text


@pytest.mark.parametrize("form", FORMATS)
def test_rows_may_be_made_while_they_are_written(form, grid):
    out = io.StringIO()

    write_grid(Grid(grid.headers, (row for row in grid.rows)), form, out)

    assert out.getvalue() == grid_text(grid, form)


def test_csv_comes_back_as_it_was():
    texts = ['quote"s', "comma,", "line\r\nend", " blank ", "é", "'", "=1+1", ""]

    (_, row) = csv.reader(io.StringIO(grid_text(Grid(tuple(texts), [texts]), "csv"), newline=""))

    assert row == texts


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (FLOAT32, "0.7"),
        (0.7, "0.7"),
        (1 / 3, "0.3333333333333333"),
        (0.3333333432674408, "0.33333334"),
        (16777216.0, "16777216"),
        (123456792.0, "1.2345679e+08"),
        (1.401298464324817e-45, "1.4013e-45"),
        (3.4028234663852886e38, "3.4028235e+38"),
        (1e300, "1e+300"),
        (-0.0, "-0"),
        (2.0, "2"),
        (NAN, "nan"),
        (INF, "inf"),
        (-INF, "-inf"),
    ],
)
def test_floats_have_as_few_digits_as_tell_them_apart(value, text):
    assert number_text(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (True, "yes"), (3, "3"), ("1", "1"), ("", ""), ([1, "1"], "[1, '1']")],
)
def test_cells_are_texts_for_people(value, text):
    assert cell_text(value) == text
