from __future__ import annotations

import json
import os
import re
import shutil
import subprocess

import pytest

from cli.completion_command import SHELLS
from tests.support.runs import make_run

BREAKS = " \t\n\"'@><=;|&(:"  # as bash has them


@pytest.fixture
def complete(desk, monkeypatch):
    """What bash is offered for the last word of a line."""
    attrs = {"label": "best one", "started": "2", "tags": "- paper\n- seed 2"}
    make_run(desk.home / "runs", "ab12" * 8, attrs=attrs)
    make_run(
        desk.home / "runs", "cd34" * 8, opref="script:/p '' '' eval.py", attrs={"started": "1"}
    )
    make_run(desk.home / "trash" / "runs", "ef56" * 8)
    os.utime(desk.home / "runs" / ("cd34" * 8), (1, 1))  # not listed yet, it is as old as this

    def ask(line, shell="bash"):
        words = line.split(" ")
        monkeypatch.setenv("COMP_WORDS", line)
        monkeypatch.setenv("COMP_BREAKS", BREAKS)
        monkeypatch.setenv("COMP_CWORD", words[-1] if shell == "fish" else str(len(words) - 1))
        monkeypatch.setenv("_RUNDESK_COMPLETE", f"{shell}_complete")
        monkeypatch.setenv("GUILD_HOME", str(desk.home))
        outcome = desk.call()
        monkeypatch.delenv("_RUNDESK_COMPLETE")
        assert outcome.code == 0, outcome
        assert outcome.err == ""
        return [item.removeprefix("plain,") for item in outcome.lines if item]

    return ask


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_gets_a_script_that_asks_this_program(desk, shell):
    script = desk("completion", shell).out

    assert "_RUNDESK_COMPLETE" in script
    assert "rundesk" in script


def test_bash_understands_its_script(desk):
    script = desk("completion", "bash").out

    done = subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True, check=False)
    assert script
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("shell", SHELLS)
def test_a_name_of_several_lines_is_no_further_answer(complete, desk, shell):
    """The second of them would be a command on the line of whoever wanted a name."""
    name = "x\nplain,$(touch evil) \nplain\nevil"
    run = desk.home / "runs" / ("ab12" * 8)
    (run / name.replace("/", "_")).touch()
    (run / "good").touch()
    (run / ".guild" / "attrs" / "tags").write_text(f"- {json.dumps(name)}\n- good\n")

    assert not [line for line in complete("rundesk cat ab12ab12 ", shell) if "evil" in line]
    assert not [line for line in complete("rundesk list -Ft ", shell) if "evil" in line]
    assert "good" in "".join(complete("rundesk cat ab12ab12 ", shell))


def test_commands_are_completed(complete):
    assert complete("rundesk in") == ["info", "install-desktop"]


def test_options_are_completed(complete):
    assert complete("rundesk list --mar") == ["--marked"]


def test_runs_are_completed_newest_first(complete):
    assert complete("rundesk info ") == ["ab12ab12", "cd34cd34"]
    assert complete("rundesk ls c") == ["cd34cd34"]


def test_runs_are_told_apart_by_operation_and_label(complete, desk):
    desk("list")  # the index knows them from here on

    [answer] = complete("rundesk info a", shell="fish")
    assert re.fullmatch(r"ab12ab12\ttrain.py \d{4}-\d\d-\d\d \d\d:\d\d best one", answer)


def test_a_run_that_the_index_has_not_heard_of_comes_first(complete, desk):
    desk("list")
    make_run(desk.home / "runs", "77" * 16, attrs={"started": "0"})

    assert complete("rundesk info ") == ["77777777", "ab12ab12", "cd34cd34"]


def test_a_run_that_went_is_not_offered(complete, desk):
    desk("list")
    shutil.rmtree(desk.home / "runs" / ("cd34" * 8))

    assert complete("rundesk info ") == ["ab12ab12"]


def test_of_a_word_that_bash_takes_apart_only_its_last_part_is_answered(complete, desk):
    make_run(desk.home / "runs", "0b" * 16, opref="guildfile:/p '' m train")
    desk("list")

    assert complete("rundesk list -Fo m") == ["m:train"]
    assert complete("rundesk list -Fo m:") == ["train"]
    assert complete("rundesk list --operation=m:tr") == ["train"]
    assert complete("rundesk list -Fo 'm:tr") == ["m:train"]
    assert complete("rundesk list -Fo m\\:tr") == ["m:train"]


def test_only_status_options_say_both_of_what_they_can_be(complete):
    [answer] = complete("rundesk list --not-err", shell="fish")

    assert answer == "--not-error\tOnly runs whose status is (not) error."


def test_remotes_are_completed(complete, tmp_path, monkeypatch):
    monkeypatch.setenv("GUILD_CONFIG", str(tmp_path / "config.yml"))
    (tmp_path / "config.yml").write_text("remotes: {gpu1: {type: ssh, host: gpu1}}")

    assert complete("rundesk list -r g") == ["gpu1"]
    assert complete("rundesk push g") == ["gpu1"]


def test_deleted_runs_are_completed_where_they_are_meant(complete):
    assert complete("rundesk output -d ") == ["ef56ef56"]


def test_operations_and_tags_are_completed(complete, desk):
    desk("list")

    assert complete("rundesk list -Fo ") == ["eval.py", "train.py"]
    assert complete("rundesk list -Ft p") == ["paper"]
    assert complete("rundesk list -Ft s") == ["'seed 2'"]


def test_the_home_that_is_typed_is_the_one_that_is_asked(complete, tmp_path):
    (tmp_path / "other").mkdir()

    assert complete(f"rundesk -H {tmp_path}/other info ") == []


def test_a_home_that_cannot_be_read_completes_nothing(complete):
    assert complete("rundesk -H /nowhere info ") == []


def test_an_unknown_question_is_refused(desk, monkeypatch):
    monkeypatch.setenv("_RUNDESK_COMPLETE", "tcsh_complete")

    assert desk.call().code == 1


@pytest.fixture
def lists_columns(complete, desk):
    """The same, where runs have flags."""
    attrs = {"flags": "{lr: 0.1, lag: 2, two words: 3}"}
    make_run(desk.home / "runs", "0a" * 16, attrs=attrs)
    desk("list")
    return complete


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("rundesk compare -c =l", ["lag", "lr"]),
        ("rundesk compare -c =", ["'\"two words\"'", "lag", "lr"]),
        ("rundesk compare -cc loss,=lr,.sta", ["lr,.started", "lr,.status"]),
        ("rundesk compare --group-by .sta", [".started", ".status"]),
        ("rundesk compare --min l", ["label", "lag", "lr"]),
        ("rundesk compare --max nothing", []),
    ],
)
def test_columns_are_completed(lists_columns, line, offered):
    assert lists_columns(line) == offered


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("ab ", ["data/deep/table.csv", "train.py"]),
        ("ab data/", ["data/deep/table.csv"]),
        ("ab tr", ["train.py"]),
        ("ab .guild/op", [".guild/opref"]),
        ("ab nothing", []),
        ("zz ", []),
        ("-r gpu1 ab ", []),
    ],
)
def test_files_of_the_run_are_completed(complete, desk, words, offered):
    run = desk.home / "runs" / ("ab12" * 8)
    for name in ("train.py", "data/deep/table.csv", ".hidden"):
        (run / name).parent.mkdir(parents=True, exist_ok=True)
        (run / name).write_text("x")

    assert complete(f"rundesk cat {words}") == offered
