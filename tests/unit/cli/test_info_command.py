from __future__ import annotations

import pytest

from tests.support.runs import make_run

FIRST = 1_700_000_000_000_000
COMMENT = "- body: 'two\n\n    lines'\n  host: box\n  time: 1700000000000000\n  user: ann"
RUN, OLDER = "ab12" * 8, "ab13" * 8


@pytest.fixture
def runs(desk):
    """Two runs with ids that begin alike, the first of them newer and with everything."""
    make_run(desk.home / "runs", OLDER, attrs={"started": str(FIRST), "exit_status": "0"})
    make_run(
        desk.home / "runs",
        RUN,
        attrs={
            "started": str(FIRST + 1_000_000),
            "stopped": str(FIRST + 3_500_000),
            "exit_status": "0",
            "label": "best",
            "tags": "- paper\n- 'seed 2'",
            "flags": "lr: 0.1\nname: a b",
            "comments": COMMENT,
            "cmd": "- python\n- 'a b'",
            "env": "HOME: /home/ada\nPATH: /bin",
            "deps": "data:\n  file:x:\n    paths:\n    - x",
            "plugins": "- cpu",
            "mood": "cheerful",
            "_hidden": "1",
        },
        files={
            ".guild/manifest": "s train.py 0a train.py\nd x 0b file:x\n",
            "train.py": "print(1)\n",
            "x": "data",
        },
    )
    return desk


def test_the_latest_run_is_told_where_none_is_named(runs):
    assert runs("info").lines[0] == f"id: {RUN}"


@pytest.mark.parametrize("text", ["1", "ab12", RUN, "1:1", ":1"])
def test_a_run_is_named_by_index_prefix_id_or_slice_of_one(runs, text):
    assert runs("info", text).lines[0] == f"id: {RUN}"


def test_the_text_tells_everything_about_the_run(runs):
    lines = runs("info").lines

    assert lines.pop(15).startswith("size: ")
    assert lines == [
        f"id: {RUN}",
        "operation: train.py",
        "from: /home/ada/project",
        "status: completed",
        "started: 2023-11-14 22:13:21",
        "stopped: 2023-11-14 22:13:23",
        "marked: no",
        "label: best",
        "sourcecode_digest:",
        "vcs_commit:",
        f"run_dir: {runs.home}/runs/{RUN}",
        "command: python 'a b'",
        "exit_status: 0",
        "pid:",
        "duration: 0:00:02.5",
        "mood: cheerful",
        "tags:",
        "  - paper",
        "  - seed 2",
        "flags:",
        "  lr: 0.1",
        "  name: a b",
        "scalars:",
        "comments:",
        "  ann@box 2023-11-14 22:13:20",
        "    two",
        "    lines",
        "",
    ]


def test_options_add_parts_to_the_text(runs):
    lines = runs("info", "-edmp", "--files").lines

    assert (
        lines[-30:]
        == [
            "environment:",
            "  HOME: /home/ada",
            "  PATH: /bin",
            "manifest:",
            "  sourcecode:",
            "    - train.py",
            "  dependencies:",
            "    - x",
            "dependencies:",
            "  data:",
            "    file:x:",
            "      paths:",
            "        - x",
            "plugins:",
            "  - cpu",
            "files:",
            *(f"  - .guild/attrs/{name}" for name in ATTRS),
            "  - .guild/manifest",
            "  - .guild/opref",
            "  - train.py",
            "  - x",
        ][-30:]
    )


ATTRS = (
    *("_hidden", "cmd", "comments", "deps", "env", "exit_status", "flags", "label", "mood"),
    *("plugins", "started", "stopped", "tags"),
)


def test_options_add_parts_to_the_json(runs):
    document = runs("info", "--json", "-e", "-m", "-p", "--files").json

    assert document["env"] == {"HOME": "/home/ada", "PATH": "/bin"}
    assert document["manifest"] == {"sourcecode": ["train.py"], "dependencies": ["x"]}
    assert document["plugins"] == ["cpu"]
    assert len(document["files"]) == 17
    assert "env" not in runs("info", "--json").json


def test_json_is_that_of_the_list_with_what_takes_longer(runs):
    (listed,) = runs("list", "--json", "-n1").json
    document = runs("info", "--json").json

    assert {key: document[key] for key in listed} == listed
    assert list(document)[: len(listed)] == list(listed)
    assert list(document)[len(listed) :] == ["size", "attributes", "proto_flags"]
    assert document["size"] == sum(
        path.stat().st_size for path in (runs.home / "runs" / RUN).rglob("*") if path.is_file()
    )
    assert document["attributes"] == {"mood": "cheerful"}


def test_indexes_count_after_the_filters(runs):
    assert runs("info", "1", "-Fu").lines[0] == f"id: {OLDER}"
    assert "'2'" in runs.fails("info", "2", "-Fu").err


def test_options_and_arguments_mix_in_any_order(runs):
    expected = runs("info", "--json", "1", "-Fl", "best", "-e").data

    assert runs("info", "-e", "-Fl", "best", "1", "--json").data == expected
    assert runs("info", "-Fl", "best", "1", "-e", "--json").data == expected


def test_an_unknown_run_is_said_in_one_sentence(runs):
    err = runs.fails("info", "zz").err

    assert err.splitlines()[0] == "rundesk: No run matches 'zz'."


def test_an_ambiguous_prefix_names_the_runs(runs):
    assert "'ab1' matches 2 runs" in runs.fails("info", "ab1").err


def test_an_index_out_of_range_tells_how_many_there_are(runs):
    assert "the list has 2 runs" in runs.fails("info", "3").err


def test_an_empty_home_has_no_run_to_show(desk):
    assert "There is no run to show." in desk.fails("info").err
    assert "No run matches the filters." in desk.fails("info", "-Fm").err


def test_a_deleted_run_is_found_only_among_the_deleted(desk):
    make_run(desk.home / "trash" / "runs", RUN)

    desk.fails("info", "ab12")
    assert desk("info", "ab12", "--deleted").lines[0] == f"id: {RUN}"


def test_an_unreadable_run_is_told_as_far_as_it_can_be_read(desk):
    make_run(desk.home / "runs", RUN, opref="x", attrs={"label": "kept", "flags": "{"})

    lines = desk("info").lines

    assert "operation:" in lines
    assert "label: kept" in lines
    assert any(line.startswith("problem: ") for line in lines)
    assert desk("info", "--json").json["label"] == "kept"


def test_an_attribute_that_cannot_be_read_is_a_note(desk):
    make_run(desk.home / "runs", RUN, attrs={"env": "{", "own": "["})

    outcome = desk("info", "--json", "--env")

    assert outcome.json["env"] == {}
    assert outcome.json["attributes"] == {"own": None}
    assert "attribute env" in outcome.err
    assert "attribute own" in outcome.err


def test_a_trial_names_its_batch_even_a_deleted_one(desk):
    make_run(desk.home / "runs", RUN)
    batch = make_run(desk.home / "trash" / "runs", OLDER, files={".guild/proto/.guild/opref": "x"})
    (batch / RUN).symlink_to(f"../{RUN}")

    assert desk("info", "--json").json["batch"] == OLDER
    assert f"batch: {OLDER}" in desk("info").lines


def test_a_batch_tells_the_flags_of_its_prototype(desk):
    proto = {".guild/proto/.guild/opref": "x", ".guild/proto/.guild/attrs/flags": "lr: [1, 2]\n"}
    make_run(desk.home / "runs", RUN, files=proto)

    assert desk("info", "--json").json["proto_flags"] == {"lr": [1, 2]}
    assert desk("info").lines[-3:] == ["proto-flags:", "  lr: [1, 2]", "scalars:"]


@pytest.fixture
def closed_run(desk, open_dir):
    """A run whose directory may be entered but not listed, in a home of its own."""
    run_dir = make_run(open_dir / "runs", RUN, attrs={"label": "best"})
    run_dir.chmod(0o311)
    return desk.on(open_dir)


def test_files_that_may_not_be_listed_leave_the_rest_told(closed_run, as_ordinary_user):
    with as_ordinary_user():
        told = closed_run("info", RUN, "--files")
        document = closed_run("info", RUN, "--files", "--json")

    assert "label: best" in told.lines
    assert "Cannot list the files of the run" in told.err
    assert (document.json["label"], document.json["files"]) == ("best", None)
    assert told.err == document.err
