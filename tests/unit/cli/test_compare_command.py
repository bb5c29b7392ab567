from __future__ import annotations

import csv
import io
import json
import os
import re

import pytest

from cli.compare_text import grid_lines
from core.compare.table_text import Grid
from core.samples.events import event_file
from tests.support.compare_home import make_compare_home, run_id
from tests.support.runs import make_run

NAN_RUN = 8


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Awkward runs."""
    return make_compare_home(tmp_path_factory.mktemp("compare"))


@pytest.fixture
def compare(desk, home):
    """Calls `rundesk compare` on awkward runs."""
    at_home = desk.on(home)
    return lambda *arguments: at_home("compare", *arguments)


@pytest.fixture
def refused(desk, home):
    """The message of a wrong use of the command."""
    at_home = desk.on(home)
    return lambda *arguments: at_home.fails("compare", *arguments, code=2).err


def rows_of(outcome):
    return list(csv.reader(io.StringIO(outcome.out, newline="")))


def test_a_table_of_text_has_its_numbers_on_the_right(compare):
    assert compare("-cc", "=lr, loss, =opt", "-Fo", "m:train").lines == [
        "run        lr  loss  opt",
        "02020202  0.2   0.7",
        "01010101  0.1   1.5  sgd",
    ]
    assert compare("-t", "-cc", "loss", "1").lines[0] == "run       loss"


def test_a_mark_stands_beside_the_operation_in_text_only(compare):
    text = compare("-cc", ".operation", "-Fm")
    data = compare("-cc", ".operation", "-Fm", "--csv", "-")

    assert text.lines[1] == "0b0b0b0b  other:op [marked]"
    assert data.lines[1] == "0b0b0b0b,other:op"


def test_csv_goes_to_standard_output_or_into_a_file(compare, tmp_path):
    path = tmp_path / "new" / "runs.csv"

    shown = compare("--csv", "-")
    bare = compare("--csv")
    before_another_option = compare("--csv", "-n", "100")
    written = compare("--csv", str(path))

    assert shown.out.count("\n") == 15
    assert bare.out == before_another_option.out == shown.out
    assert path.read_text() == shown.out
    assert (written.out, written.err) == ("", f"{_problem()}\nWrote 14 runs to {path}.\n")


def _problem():
    return "The column “a b c” of an operation is left out: A comma is missing before “b”."


def test_what_an_operation_says_wrongly_is_told_beside_the_data(compare):
    assert compare("--csv", "-").err.strip() == _problem()


def test_json_tells_each_run_by_its_whole_id(compare):
    assert compare("-cc", "=lr, max acc as top, =when", "--json", "-Fo", "m:train").json == [
        {
            "id": run_id(2),
            "values": {"run": "02020202", "lr": 0.2, "top": None, "when": None},
        },
        {
            "id": run_id(1),
            "values": {"run": "01010101", "lr": 0.1, "top": 0.5, "when": None},
        },
    ]


def refuse(constant: str):
    raise AssertionError(f"{constant} is no JSON")


@pytest.mark.parametrize(
    "words",
    [
        ("compare", "-s"),
        ("compare", "-s", "--group-by", "opt"),
        ("list",),
        ("info", run_id(NAN_RUN)),
    ],
)
def test_strict_json_is_read_by_any_reader(desk, home, words):
    at_home = desk.on(home)
    loose = at_home(*words, "--json").out
    strict = at_home(*words, "--strict-json").out

    assert "NaN" in loose or "Infinity" in loose
    found = json.loads(strict, parse_constant=refuse)
    assert json.loads(loose, parse_constant=lambda _: None) == found


def test_nan_infinities_dates_and_lists_are_told(compare):
    by_id = {run["id"]: run["values"] for run in compare("--json", "-s").json}

    assert str(by_id[run_id(NAN_RUN)]["loss"]) == "inf"
    assert compare("-cc", "min loss", "--csv", "-", run_id(NAN_RUN)).lines[1] == "08080808,nan"
    assert by_id[run_id(7)]["when"] == "2020-01-01"
    assert by_id[run_id(7)]["lr"] == [1, 2]


def test_named_runs_are_compared_in_the_order_of_naming(compare):
    outcome = compare("-r", "-p", "--csv", "-", "0303", "1", "0202")

    assert [row[0] for row in rows_of(outcome)[1:]] == ["03030303", "0d0d0d0d", "02020202"]


def test_batches_are_left_out_but_count_in_indexes(compare):
    assert "0e0e0e0e" not in compare("-r", "-p").out
    assert "0e0e0e0e" in compare("-r", "-p", "--include-batch").out
    assert compare("-r", "-p", "14").lines == []


@pytest.mark.parametrize(
    ("option", "first"),
    [
        ("--min", ["02020202", "0c0c0c0c", "01010101"]),
        ("--max", ["09090909", "08080808", "04040404"]),
    ],
)
def test_runs_are_sorted_by_a_header(compare, option, first):
    outcome = compare("-cc", "max loss as l, loss", option, "loss", "--csv", "-", "-n", "3")

    assert [row[0] for row in rows_of(outcome)[1:]] == first


def test_runs_can_be_sorted_by_a_specification_that_is_no_column(compare):
    outcome = compare("-cc", "=lr", "--min", "min loss", "-n", "1", "--csv", "-", "-Fo", "m:train")

    assert rows_of(outcome) == [["run", "lr"], ["02020202", "0.2"]]


def test_columns_that_are_the_same_in_all_runs_can_be_left_out(compare):
    asked = ("-cc", ".operation, .status, =lr, =opt, .label", "--csv", "-")

    assert rows_of(compare("-u", *asked, "0101", "0202"))[0] == ["run", "lr", "opt"]
    assert len(rows_of(compare("-u", *asked, "0101"))[0]) == 6


def test_groups_have_means_and_their_runs(compare):
    documents = compare("--group-by", "operation", "-cc", "loss", "--json", "-Fo", "m:train").json

    (group,) = documents
    assert group["by"] == {"operation": "m:train"}
    assert (group["n"], group["runs"]) == (2, [run_id(2), run_id(1)])
    loss = group["values"]["loss"]
    assert loss["n"] == 2
    assert loss["mean"] == pytest.approx(1.1)
    assert loss["std"] == pytest.approx(0.5656854)


def test_runs_are_grouped_by_all_flags_but_one(compare):
    arguments = ("-Fo", "m:train", "-cc", "loss", "--csv", "-")

    apart = rows_of(compare("--group-by", "all but seed", *arguments))
    together = rows_of(compare("--group-by", "all but seed, lr, =opt", *arguments))

    assert rows_of(compare("--group-by", "all flags but seed", *arguments)) == apart
    assert apart[0] == [
        "lr",
        "opt",
        "n",
        *(f"loss {n}" for n in ("mean", "std", "min", "max", "n")),
    ]
    assert len(apart) == 3
    assert together[0][0] == "n"
    assert together[1][0] == "2"


def test_groups_as_text_are_sorted_and_limited(compare):
    lines = compare("--group-by", "=opt", "-cc", "loss", "--max", "loss", "-n", "1").lines

    assert lines[0].split() == [
        "opt",
        "n",
        "loss",
        "mean",
        "loss",
        "std",
        "loss",
        "min",
        "loss",
        "max",
    ]
    assert len(lines) == 2


def test_groups_go_into_a_file(compare, tmp_path):
    path = tmp_path / "groups.csv"

    outcome = compare("--group-by", "status", "-cc", "loss", "--csv", str(path))

    assert outcome.err == f"Wrote 1 group to {path}.\n"
    assert path.read_text().startswith("status,n,loss mean,")


def test_the_scalars_of_runs_are_listed(compare):
    assert compare("--print-scalars", "0202", "0505").lines == [
        "[02020202] m:train",
        "  loss: 0.7 (step 0)",
        "  sys/mem: 5 (step 0)",
        "[05050505] m:plain",
        "  logs/train#acc: 1 (step 0)",
        "  logs/train#loss: 4 (step 0)",
        "  logs/val#loss: 5 (step 0)",
    ]


def test_curves_are_drawn_into_a_file(compare, qapp, tmp_path):
    path = tmp_path / "curves.png"

    outcome = compare("-cc", "loss, max acc, acc", "--plot", str(path), "-Fo", "m:train")

    assert path.read_bytes().startswith(b"\x89PNG")
    assert (outcome.out, outcome.err) == ("", f"Drew 2 scalars of 2 runs in {path}.\n")


def test_a_plot_and_data_can_be_had_at_once(compare, qapp, tmp_path):
    path = tmp_path / "curves.svg"
    options = ("--group-by", "opt", "-cc", "loss", "--plot", str(path), "--csv", "-")

    outcome = compare(*options, "-Fo", "m:train")

    assert rows_of(outcome)[0][:2] == ["opt", "n"]
    text = path.read_text()
    assert "opt=sgd" in text
    assert "no opt" in text


def test_the_legend_of_a_plot_names_the_runs_that_have_a_curve(desk, qapp, tmp_path):
    curves, runs = (
        {".guild/events.out.tfevents.1.h": event_file({"loss": [2, 1]})},
        desk.home / "runs",
    )
    make_run(runs, run_id(1), files=curves)
    make_run(runs, run_id(2), files=curves)
    make_run(runs, run_id(3))

    outcome = desk("compare", "--plot", str(tmp_path / "curves.svg"))

    names = re.findall(r">(0\d{7})<", (tmp_path / "curves.svg").read_text())
    assert sorted(names) == ["01010101", "02020202"]
    assert outcome.err == f"Drew 1 scalar of 2 runs in {tmp_path / 'curves.svg'}.\n"


def test_of_more_runs_than_colours_those_of_one_value_share_one(desk, qapp, tmp_path):
    curves = {".guild/events.out.tfevents.1.h": event_file({"loss": [2, 1]})}
    for number in range(1, 15):
        opt = f"opt: {'adam' if number % 2 else 'sgd'}\n" if number < 14 else ""
        flags = f"{opt}seed: {number}\n"
        make_run(desk.home / "runs", run_id(number), files=curves, attrs={"flags": flags})

    desk("compare", "--plot", str(tmp_path / "curves.svg"))

    text = (tmp_path / "curves.svg").read_text()
    assert re.findall(r">((?:no )?opt\S*)<", text) == ["opt=adam", "opt=sgd", "no opt"]


def test_a_plot_of_many_scalars_shows_some(compare, desk, home, qapp, tmp_path):
    curves = event_file({f"s{number:02}": [1, 2, number] for number in range(50)})
    run = make_run(desk.home / "runs", files={".guild/events.out.tfevents.1.h": curves})

    outcome = desk("compare", "--plot", str(tmp_path / "many.png"))

    assert run.is_dir()
    assert "shows 36 of 50 scalars; -cc names others." in outcome.err


def test_a_plot_of_nothing_or_of_another_kind_is_refused(desk, home, qapp, tmp_path):
    at_home = desk.on(home)

    nothing = at_home.fails("compare", "-cc", "=lr", "--plot", str(tmp_path / "x.png"))
    other = at_home.fails("compare", "-cc", "loss", "--plot", str(tmp_path / "x.txt"))

    assert "no run has values" in nothing.err
    assert "neither in .png nor in .svg" in other.err
    assert list(tmp_path.glob("x.*")) == []


def test_no_runs_are_no_table(compare, desk):
    assert compare("-Fl", "nowhere").out == ""
    assert compare("-Fl", "nowhere", "--csv", "-").out == ""
    assert compare("-Fl", "nowhere", "--json").json == []
    assert desk("compare").out == ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("-cc", "a b"), "comma is missing before “b”"),
        (("-c", "loss as"), "heading is missing"),
        (("-c", "a", "-cc", "b"), "--cols and --strict-cols exclude each other"),
        (("--min", "a", "--max", "b"), "--min and --max exclude each other"),
        (("--json", "--csv", "-"), "--csv and --json exclude each other"),
        (("-t", "--json"), "--table and --json exclude each other"),
        (("--print-scalars", "--group-by", "=lr"), "exclude each other"),
        (("--print-scalars", "--json"), "exclude each other"),
        (("--min", "a b"), "no column “a b” to sort by"),
        (("--group-by", "=lr,"), "name of a column is missing"),
        (("--group-by", "all but "), "name of a column is missing"),
        (("--print-scalars", "--plot", "x.png"), "exclude each other"),
        (("-n", "0"), "0 is not a whole number from 1 on."),
    ],
)
def test_wrong_use_is_told_in_a_sentence(refused, arguments, words):
    assert words in refused(*arguments)


def test_a_wrong_column_is_pointed_at(refused):
    lines = refused("-cc", "loss, a b").splitlines()

    assert lines[1:3] == ["  loss, a b", "          ^"]


def test_a_file_that_cannot_be_written_is_told(desk, home, tmp_path):
    (tmp_path / "file").write_text("")

    outcome = desk.on(home).fails("compare", "-p", "--csv", str(tmp_path / "file" / "x.csv"))

    assert "Cannot write" in outcome.err


def test_a_link_stays_one_and_leads_to_the_new_table(compare, tmp_path):
    (tmp_path / "old.csv").write_text("old")
    (tmp_path / "link.csv").symlink_to("old.csv")

    compare("-cc", "loss", "--csv", str(tmp_path / "link.csv"), "0202")

    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "old.csv").read_text().startswith("run,loss\n02020202,")


def test_a_pipe_is_written_and_stays_one(compare, tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        compare("-cc", "=lr", "--csv", str(path), "0202")
        assert os.read(reader, 100) == b"run,lr\n02020202,0.2\n"
    finally:
        os.close(reader)
    assert path.is_fifo()


def test_a_run_that_is_not_there_is_told(desk, home):
    assert "No run matches 'ffff'" in desk.on(home).fails("compare", "ffff").err


def test_on_a_terminal_columns_without_room_stand_below_the_others(monkeypatch):
    monkeypatch.setattr("cli.compare_text.terminal_width", lambda: 30)
    grid = Grid(("run", "first", "second"), [("a", "x" * 10, "y" * 12), ("b", "z" * 100, 1)])

    assert grid_lines(Grid(grid.headers[:2], [("a", 1)])) == ["run  first", "a        1"]
    assert [line[:8] for line in grid_lines(grid)] == [
        *("run  fir", "a    xxx", "b    zzz", "", "run  sec", "a    yyy", "b    1"),
    ]
    assert max(map(len, grid_lines(grid))) == 65


def test_cells_cannot_write_to_the_terminal(compare, home, desk):
    attrs = home / "runs" / run_id(1) / ".guild" / "attrs"
    (attrs / "label").write_text('"\\e[2J\\nnext"\n')
    try:
        outcome = compare("-cc", ".label", run_id(1))
    finally:
        (attrs / "label").unlink()

    assert outcome.lines == ["run       label", "01010101  \\x1b[2J next"]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--group-by", "=nothing"), "No run has “nothing” to be grouped by."),
        (("--group-by", "=opt,=nothing"), "No run has “nothing” to be grouped by."),
        (("--min", "nothing"), "No run has “nothing” to be sorted by."),
        (("--max", "=nothing", "--group-by", "=opt"), "No run has “=nothing” to be sorted by."),
    ],
)
def test_a_column_that_no_run_has_is_told(compare, options, sentence):
    outcome = compare("-cc", "loss", *options)

    assert outcome.err.splitlines()[-1] == sentence
    assert outcome.lines


def test_a_column_that_some_runs_have_is_not_told(compare):
    assert "No run has" not in compare("--group-by", "=opt", "--min", "loss").err


def test_a_column_of_groups_that_the_limit_leaves_out_is_not_told(compare):
    first = compare("--group-by", "=opt", "-cc", "loss", "-n", "1", "--json")
    (group,) = first.json

    assert group["by"] == {"opt": None}
    assert "No run has" not in first.err


def test_flags_that_nobody_named_are_not_told(compare):
    outcome = compare("--group-by", "all but seed", "-cc", "loss", "-n", "1")

    assert "to be grouped by" not in outcome.err
