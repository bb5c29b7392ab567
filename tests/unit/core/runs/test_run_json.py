from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from core.runs.run import Comment, Run, ScalarSummary
from core.runs.run_json import MAX_DEPTH, plain_value, run_document

KEYS = [
    *("id", "run_dir", "opref", "operation", "status", "exit_status", "started", "stopped"),
    *("label", "tags", "marked", "comments", "flags", "scalars", "host", "user", "from"),
    *("remote", "sourcecode_digest", "vcs_commit", "pid", "cmd", "deps", "batch", "problem"),
]


def run(**changes):
    return Run(id="a1" * 16, path=Path("/home/u/.guild/runs/a1"), **changes)


def test_keys_are_those_that_are_promised_in_their_order():
    assert list(run_document(run())) == KEYS


def test_a_run_of_which_nothing_is_known_has_nulls_and_empty_lists():
    document = run_document(run())

    nulls = {key for key, value in document.items() if value is None}
    assert nulls == set(KEYS) - {
        *("id", "run_dir", "status", "tags", "marked", "comments", "flags", "scalars")
    }
    assert document["tags"] == []
    assert document["comments"] == []
    assert document["flags"] == {}
    assert document["scalars"] == {}
    assert document["marked"] is False


def test_known_values_are_given_as_they_are():
    document = run_document(
        run(
            opref="script:/p '' '' train.py",
            operation="train.py",
            status="completed",
            exit_status=0,
            started=5,
            stopped=7,
            label="best",
            tags=("b", "a"),
            marked=True,
            comments=(Comment("two\nlines", "ann", "gpu1", 9),),
            flags={"lr": 0.1, "n": 3},
            cmd=("python", "-u", "train.py"),
            deps={"data": {"file:x": {"paths": ["x"]}}},
            batch="b2" * 16,
        )
    )

    assert document["opref"] == "script:/p '' '' train.py"
    assert (document["status"], document["exit_status"]) == ("completed", 0)
    assert (document["started"], document["stopped"]) == (5, 7)
    assert (document["label"], document["tags"], document["marked"]) == ("best", ["b", "a"], True)
    assert document["comments"] == [
        {"body": "two\nlines", "user": "ann", "host": "gpu1", "time": 9}
    ]
    assert document["flags"] == {"lr": 0.1, "n": 3}
    assert document["from"] == "/p"
    assert document["cmd"] == ["python", "-u", "train.py"]
    assert document["deps"] == {"data": {"file:x": {"paths": ["x"]}}}
    assert document["batch"] == "b2" * 16


def test_an_operation_comes_from_what_guild_says():
    def origin(opref):
        return run_document(run(opref=opref, project="elsewhere"))["from"]

    assert origin("script:/p '' '' train.py") == "/p"
    assert origin("guildfile:/p/guild.yml 9a43 m train") == "/p/guild.yml"
    assert origin("package:gpkg.foo 1.0 m train") == "gpkg.foo==1.0"
    assert origin("builtin:guildai 0.9.0 '' +") == "guildai"
    assert origin("too few words") is None


def test_a_scalar_tells_values_steps_average_and_count():
    summary = ScalarSummary(
        last=3.0, last_step=9, first=1.0, first_step=0, min=1.0, min_step=0,
        max=3.0, max_step=9, total=6.0, count=4,
    )  # fmt: skip

    document = run_document(run(scalars={"loss": summary}))

    assert document["scalars"] == {
        "loss": {
            "last": 3.0, "last_step": 9, "first": 1.0, "first_step": 0, "min": 1.0, "min_step": 0,
            "max": 3.0, "max_step": 9, "avg": 1.5, "total": 6.0, "count": 4,
        }
    }  # fmt: skip


def test_dates_bytes_and_sets_become_what_json_can_hold():
    flags = {
        "day": date(2020, 1, 2),
        "at": datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC),
        "raw": b"\xff",
        "set": {"b", "a"},
        "nested": [{"day": date(2021, 1, 1)}],
    }

    assert plain_value(flags) == {
        "day": "2020-01-02",
        "at": "2020-01-02T03:04:05+00:00",
        "raw": "/w==",
        "set": ["a", "b"],
        "nested": [{"day": "2021-01-01"}],
    }


def test_keys_that_are_no_text_become_text():
    flags = {2: "a", True: "b", None: "c", date(2020, 1, 2): "d", 0.5: "e", (1, 2): "f"}

    assert plain_value(flags) == {
        "2": "a",
        "true": "b",
        "null": "c",
        "2020-01-02": "d",
        "0.5": "e",
        "[1, 2]": "f",
    }


def test_nan_and_infinities_are_written_as_python_writes_them():
    text = json.dumps(
        run_document(run(flags={"a": float("nan"), "b": float("inf"), "c": float("-inf")}))
    )

    assert '"flags": {"a": NaN, "b": Infinity, "c": -Infinity}' in text


def test_a_loop_of_references_ends_instead_of_failing():
    loop: list = [1]
    loop += [loop, loop]

    assert plain_value({"f": loop}) == {"f": [1, "…", "…"]}


def test_the_same_value_twice_is_no_loop():
    shared = [1]

    assert plain_value([shared, shared]) == [[1], [1]]


def test_what_lies_too_deep_is_cut():
    deep: list = []
    for _ in range(2000):
        deep = [deep]

    text = json.dumps(plain_value(deep))

    assert text == "[" * MAX_DEPTH + json.dumps("…") + "]" * MAX_DEPTH


def test_a_number_too_large_for_decimal_text_is_written_as_hexadecimal():
    assert json.loads(json.dumps(plain_value({"n": 1 << 20_000})))["n"] == hex(1 << 20_000)


def test_text_has_only_ascii_even_for_names_that_are_not_unicode():
    text = json.dumps(run_document(run(label="Ünïcode \udcff")))

    assert text.isascii()
    assert json.loads(text)["label"] == "Ünïcode \udcff"


yaml_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.dates()
    | st.datetimes()
    | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers() | st.dates(), inner),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), yaml_values), yaml_values)
def test_whatever_yaml_gives_can_be_written_and_read_back(flags, deps):
    text = json.dumps(run_document(run(flags=flags, deps=deps)))

    document = json.loads(text)
    assert set(document["flags"]) == set(flags)
    assert "\n" not in text
