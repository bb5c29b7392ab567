"""`rundesk diff` on two runs written by hand."""

from __future__ import annotations

import sys

import pytest

from cli import screen
from tests.support.archives import FORMS
from tests.support.runs import make_run

OLD, NEW = "aa11" * 8, "bb22" * 8
MANIFEST = "s train.py 0a train.py\n"


@pytest.fixture(autouse=True)
def runs(desk, tmp_path):
    project = tmp_path / "project"
    project.mkdir()
    (project / "train.py").write_text("lr = 0.3\nprint(lr)\n")
    opref = f"script:{project} '' '' train.py"
    make_run(
        desk.home / "runs",
        OLD,
        opref=opref,
        attrs={"started": "1700000000000000", "flags": "lr: 0.1\nseed: 1", "env": "A: x"},
        files={
            ".guild/manifest": MANIFEST,
            ".guild/output": "one\ntwo\n",
            "train.py": "lr = 0.1\nprint(lr)\n",
            "table.csv": "step,loss\n1,0.5\n2,0.4\n",
            "config.json": '{"a": {"b": 1}}',
            "model.bin": b"\0\1",
            "results/a.txt": "same",
            "results/b.txt": "1\n",
        },
    )
    make_run(
        desk.home / "runs",
        NEW,
        opref=opref,
        attrs={"started": "1700000001000000", "flags": "lr: 0.2", "env": "A: y"},
        files={
            ".guild/manifest": MANIFEST,
            ".guild/output": "one\nthree\n",
            "train.py": "lr = 0.2\nprint(lr)\n",
            "table.csv": "step,loss\n1,0.5\n2,0.3\n",
            "config.json": '{"a": {"b": 2}}',
            "model.bin": b"\0\2",
            "results/a.txt": "same",
            "results/b.txt": "2\n",
        },
    )


def test_the_latest_run_is_compared_to_the_one_before(desk):
    document = desk("diff", "--json").json

    assert (document["left"], document["right"]) == (OLD, NEW)


def test_without_options_all_sections_are_told(desk):
    assert desk("diff", OLD, NEW).lines == [
        "flags:",
        "  ~ lr    0.1 → 0.2",
        "  - seed  1",
        "attributes:",
        "  ~ started  2023-11-14 22:13:20.000000 UTC → 2023-11-14 22:13:21.000000 UTC",
        "environment:",
        "  ~ A  x → y",
        "source code:",
        "  ~ train.py  19 bytes",
        "files:",
        "  ~ config.json  15 bytes",
        "  ~ model.bin  2 bytes",
        "  ~ table.csv  22 bytes",
        "  ~ results/b.txt  2 bytes",
        "output:",
        "  ~ output  8 bytes → 10 bytes",
    ]


def test_the_same_run_does_not_differ_from_itself(desk):
    assert desk("diff", OLD, OLD).lines == ["Nothing differs."]


@pytest.mark.parametrize(
    ("option", "sections"),
    [
        ("-f", ["flags"]),
        ("-e", ["environment", "packages"]),
        ("-D", ["dependencies"]),
        ("-a", ["flags", "attributes", "environment", "packages", "dependencies"]),
        ("-fO", ["flags", "output"]),
        ("-s", ["source"]),
    ],
)
def test_options_choose_sections(desk, option, sections):
    assert list(desk("diff", OLD, NEW, option, "--json").json["sections"]) == sections


def test_source_code_is_told_line_by_line(desk):
    assert desk("diff", OLD, NEW, "-s").lines == [
        "--- aa11aa11/train.py",
        "+++ bb22bb22/train.py",
        "@@ -1,2 +1,2 @@",
        "-lr = 0.1",
        "+lr = 0.2",
        " print(lr)",
    ]


def test_output_is_told_line_by_line(desk):
    assert desk("diff", OLD, NEW, "-O").lines[-3:] == [" one", "-two", "+three"]


def test_a_table_is_told_by_cell(desk):
    assert desk("diff", OLD, NEW, "-p", "table.csv").lines == [
        "--- aa11aa11/table.csv",
        "+++ bb22bb22/table.csv",
        "  ~ step 2: loss 0.4 → 0.3",
    ]


def test_a_document_is_told_by_key(desk):
    assert desk("diff", OLD, NEW, "-p", "config.json").lines[2:] == ["  ~ a.b  1 → 2"]


def test_bytes_are_told_by_size_and_digest(desk):
    lines = desk("diff", OLD, NEW, "-p", "model.bin").lines

    assert lines[2] == "The first difference is at byte 1."
    assert lines[3].startswith("2 bytes, SHA-256 ")


def test_of_a_directory_the_files_that_differ_are_told(desk):
    lines = desk("diff", OLD, NEW, "-p", "results/").lines

    assert [line for line in lines if line.startswith("---")] == ["--- aa11aa11/results/b.txt"]


def test_a_file_that_is_named_is_told_to_be_the_same(desk):
    lines = desk("diff", OLD, NEW, "-p", "results/a.txt").lines

    assert lines[-1] == "results/a.txt is the same on both sides."


def test_files_of_guild_can_be_named(desk):
    assert desk("diff", OLD, NEW, "-p", ".guild/attrs/env").lines[-2:] == ["-A: x", "+A: y"]


def test_json_has_what_text_has(desk):
    document = desk("diff", OLD, NEW, "-f", "-p", "table.csv", "-p", "train.py", "--json").json

    assert document["sections"]["flags"] == {
        "same": 0,
        "differences": [
            {"name": "lr", "change": "changed", "left": 0.1, "right": 0.2},
            {"name": "seed", "change": "removed", "left": 1, "right": None},
        ],
        "problem": None,
    }
    table, text = document["files"]
    assert table["rows"] == [
        {"change": "changed", "left": 2, "right": 2, "cells": {"loss": ["0.4", "0.3"]}}
    ]
    assert text["hunks"][0]["lines"] == ["-lr = 0.1", "+lr = 0.2", " print(lr)"]
    assert (text["look"], text["same"], text["rows"], text["values"]) == ("text", False, None, None)


def test_files_are_told_in_json_by_name(desk):
    document = desk("diff", OLD, NEW, "--json").json

    assert document["sections"]["source"]["differences"] == [
        {
            "name": "train.py",
            "change": "changed",
            "left_path": "train.py",
            "right_path": "train.py",
            "left_size": 19,
            "right_size": 19,
            "moved_from": None,
        }
    ]
    assert document["sections"]["files"]["same"] == 1
    assert document["files"] == []


def test_a_run_is_compared_to_its_project(desk):
    lines = desk("diff", "-w", OLD).lines

    assert lines[-3:] == ["-lr = 0.1", "+lr = 0.3", " print(lr)"]


def test_a_run_is_compared_to_a_directory(desk, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    document = desk("diff", "-d", str(other), "--json").json  # the latest run

    assert (document["left"], document["right"]) == (NEW, str(other))
    assert document["sections"]["source"]["differences"][0]["change"] == "removed"


def test_filters_choose_what_numbers_count(desk):
    assert "at least" not in desk.fails("diff", "-F", "lr = 0.1").err
    assert desk.fails("diff", "-F", "lr = 0.1").err == (
        "rundesk: Two runs are needed to compare, and there is one.\n"
    )


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        ([OLD], 2, "Two runs are needed: rundesk diff RUN OTHER."),
        ([OLD, "cc"], 1, "cc"),
        (["-w", "-d", "x"], 2, "-w/--working and -d/--dir exclude each other."),
        (["-w", OLD, NEW], 2, "-w/--working and -d/--dir take one run."),
        (["-d", "no-such"], 1, "There is no directory "),
        ([OLD, NEW, "-p", "none.txt"], 1, "Neither aa11aa11 nor bb22bb22 has a file none.txt."),
        ([OLD, NEW, "-p", "../x"], 1, "Neither aa11aa11 nor bb22bb22 has a file ../x."),
        ([OLD, NEW, "-c", ""], 1, "The diff command is empty."),
        ([OLD, NEW, "-c", "'"], 1, 'The diff command "\'" is not understood'),
        ([OLD, NEW, "-c", "/no/such/program"], 1, "Cannot start the diff command /no/such/program"),
        ([OLD, NEW, "-c", "true", "-p", "/etc"], 1, "/etc is no path inside of a run"),
    ],
)
def test_mistakes_are_told_in_a_sentence(desk, arguments, code, sentence):
    assert sentence in desk.fails("diff", *arguments, code=code).err


@pytest.mark.parametrize("form", ["zip", "tar.gz", "tar.zst", "directory"])
def test_runs_of_an_archive_are_compared_and_nothing_stays(desk, tmp_path, form):
    runs_dir = desk.home / "runs"
    archive = runs_dir if form == "directory" else FORMS[form](runs_dir, tmp_path)
    empty = desk.on(tmp_path / "nothing")
    empty.home.mkdir()
    lines = empty("diff", "-A", str(archive), OLD[:4], NEW[:4], "-s").lines

    assert lines[-3:] == ["-lr = 0.1", "+lr = 0.2", " print(lr)"]
    assert empty("diff", "-A", str(archive), "--json").json["left"] == OLD  # 2 and 1
    assert [path for path in desk.user_home.rglob("*") if path.name.startswith("scratch-")] == []


# Another program


@pytest.fixture
def program(tmp_path):
    """A command that writes the words it was given into a file, and that file."""
    said = tmp_path / "said"
    script = tmp_path / "program.py"
    script.write_text(f"import sys; open({str(said)!r}, 'a').write('|'.join(sys.argv[1:]) + '\\n')")
    return f"{sys.executable} {script}", said


def test_a_program_is_given_both_runs_without_a_shell(desk, program):
    command, said = program
    desk("diff", OLD, NEW, "-c", f"{command} '$HOME; *'")
    runs_dir = desk.home / "runs"

    assert said.read_text() == f"$HOME; *|{runs_dir / OLD}|{runs_dir / NEW}\n"


def test_a_program_is_given_what_is_asked_for(desk, program):
    command, said = program
    desk("diff", OLD, NEW, "-c", command, "-f", "-O", "-p", "table.csv")
    old = desk.home / "runs" / OLD

    assert [line.split("|")[0] for line in said.read_text().splitlines()] == [
        *map(str, (old / ".guild/attrs/flags", old / ".guild/output", old / "table.csv"))
    ]


def test_the_program_of_guilds_configuration_is_chosen_by_ending(desk, program):
    command, said = program
    config = desk.user_home / ".guild" / "config.yml"
    config.parent.mkdir()
    config.write_text(f"diff:\n  command:\n    .csv: {command} csv\n    default: {command} other\n")
    desk("diff", OLD, NEW, "-g", "-p", "table.csv", "-p", "train.py")

    assert [line.split("|")[0] for line in said.read_text().splitlines()] == ["csv", "other"]


def test_a_configuration_that_is_none_is_told(desk):
    config = desk.user_home / ".guild" / "config.yml"
    config.parent.mkdir()
    config.write_text("diff: {command: [1]}")

    assert "is no command." in desk.fails("diff", OLD, NEW, "-g").err


def test_on_a_terminal_what_differs_is_coloured(desk, monkeypatch):
    monkeypatch.setattr(screen, "has_colours", lambda: True)
    lines = desk("diff", OLD, NEW, "-s").lines

    assert "\x1b[31m-lr = 0.1\x1b[0m" in lines
    assert "\x1b[32m+lr = 0.2\x1b[0m" in lines


def test_nothing_in_a_file_steers_the_terminal(desk):
    for run_id, text in ((OLD, "\x1b]0;evil\x07"), (NEW, "x")):
        (desk.home / "runs" / run_id / "results" / "b.txt").write_text(f"{text}\t{'z' * 60}\n")
    lines = desk("diff", OLD, NEW, "-p", "results/b.txt").lines

    assert lines[-2] == "-\\x1b]0;evil\\x07\t" + "z" * 60
