from __future__ import annotations

import csv
import io
import json
from math import inf, nan

import pytest

from core.runs.tfevents import EventWriter
from tests.support.runs import make_run

RUN, OTHER = "ab12" * 8, "cd34" * 8


def write(path, points, tag="loss"):
    path.parent.mkdir(parents=True, exist_ok=True)
    with EventWriter(str(path)) as writer:
        for step, value in points:
            writer.add(step, [(tag, value)])


@pytest.fixture
def runs(desk):
    first = make_run(desk.home / "runs", RUN, attrs={"started": "1700000000000001"})
    other = make_run(desk.home / "runs", OTHER, attrs={"started": "1700000000000000"})
    write(first / ".guild" / "events.out.tfevents.1", [(0, 1.0), (1, 0.1)])
    write(first / "logs" / "events.out.tfevents.1", [(5, nan), (6, inf)], "a,b")
    write(other / ".guild" / "events.out.tfevents.1", [(3, 2.0)])
    return first, other


def rows(text):
    return list(csv.reader(io.StringIO(text)))


def test_every_step_is_a_row_with_the_columns_of_guilds_export(desk, runs):
    assert rows(desk("scalars", RUN).out) == [
        ["run", "path", "tag", "value", "step"],
        [RUN, ".guild", "loss", "1.0", "0"],
        [RUN, ".guild", "loss", "0.10000000149011612", "1"],
        [RUN, "logs", "a,b", "nan", "5"],
        [RUN, "logs", "a,b", "inf", "6"],
    ]


def test_runs_come_in_the_order_in_which_they_are_named(desk, runs):
    assert [row[0] for row in rows(desk("scalars", "2", "1", "--csv").out)[1:]] == [
        OTHER,
        *[RUN] * 4,
    ]


def test_runs_without_scalars_are_told_of_beside_the_data(desk, runs):
    make_run(desk.home / "runs", "ef56" * 8, attrs={"started": "1700000000000002"})

    none = desk("scalars", "ef56")
    some = desk("scalars", "ef56", RUN)

    assert (none.out, none.err) == ("run,path,tag,value,step\n", "1 run logged no scalars.\n")
    assert some.err == ""


def test_a_file_is_written_whole(desk, runs, tmp_path):
    target = tmp_path / "out.csv"

    result = desk("scalars", RUN, "--csv", str(target))

    assert (result.out, result.err) == ("", f"Wrote the scalars of 1 run to {target}.\n")
    assert len(rows(target.read_text())) == 5
    assert list(tmp_path.glob(".*part")) == []


def test_a_file_that_cannot_be_written_is_an_error(desk, runs, tmp_path):
    result = desk.fails("scalars", RUN, "--csv", str(tmp_path / "no" / "out.csv"))

    assert "Cannot write" in result.err


def test_json_is_one_document(desk, runs):
    found = json.loads(desk("scalars", RUN, "--json").out)

    assert found[1] == {
        "run": RUN,
        "path": ".guild",
        "tag": "loss",
        "key": "loss",
        "value": 0.10000000149011612,
        "step": 1,
        "wall_time": 0.0,
    }
    assert [value["value"] for value in found[2:]] == ["nan", "inf"]
    assert found[2]["key"] == "logs#a,b"


def test_runs_without_scalars_have_a_heading_only(desk, runs):
    make_run(desk.home / "runs", "ef56" * 8)

    assert desk("scalars", "ef56", "--csv").out == "run,path,tag,value,step\n"
    assert json.loads(desk("scalars", "ef56", "--json").out) == []


def test_a_damaged_file_is_told_and_keeps_the_other_runs_not_back(desk, runs):
    path = runs[0] / ".guild" / "events.out.tfevents.1"
    path.write_bytes(path.read_bytes()[:-1] + b"\xff")

    result = desk("scalars", RUN, OTHER)

    assert "wrong checksum" in result.err
    assert [row[3] for row in rows(result.out)[1:]] == ["1.0", "nan", "inf", "2.0"]


def test_csv_and_json_exclude_each_other(desk, runs):
    assert "exclude each other" in desk.fails("scalars", RUN, "--csv", "-", "--json", code=2).err


def test_no_run_named_is_an_error(desk, runs):
    assert "No run is named." in desk.fails("scalars").err
