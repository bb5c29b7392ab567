"""Guild's own diff command: which one, on what, and how it ends."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest

from core.compare.diff_command import (
    choose_command,
    guild_config_path,
    read_diff_commands,
    run_apart,
)
from core.compare.diff_paths import command_paths, project_dir, source_dir
from core.errors import RunError, RunNotFound, SettingsError
from core.jobs import JobContext
from tests.support.patience import PATIENCE
from tests.support.runs import make_run


def commands(tmp_path: Path, text: str):
    path = tmp_path / "config.yml"
    path.write_text(text)
    return read_diff_commands(path)


def test_the_configuration_is_found_as_by_guild(tmp_path):
    home, here = tmp_path / "home", tmp_path / "here"
    here.mkdir()
    assert guild_config_path({}, here, home) == home / ".guild" / "config.yml"

    (here / "guild-config.yml").write_text("")
    assert guild_config_path({}, here, home) == here / "guild-config.yml"
    assert guild_config_path({"GUILD_CONFIG": "x.yml"}, here, home) == here / "x.yml"


def test_one_command_is_for_everything(tmp_path):
    found = commands(tmp_path, "diff: {command: meld --newtab}")

    assert choose_command(found, "/a/train.py") == ["meld", "--newtab"]


def test_commands_are_chosen_by_ending_or_expression(tmp_path):
    found = commands(
        tmp_path,
        "diff:\n  command:\n    .png: one\n    '\\.(txt|md)': two\n"
        "    '[': three\n    default: four",
    )

    assert choose_command(found, "/a.b/x.png") == ["one"]
    assert choose_command(found, "/a/x.md") == ["two"]
    assert choose_command(found, "/a/x") == ["four"]


@pytest.mark.parametrize("text", ["", "remotes: {}", "diff: {}", "diff: x", "[1]"])
def test_without_the_setting_there_is_a_usual_command(tmp_path, text):
    assert commands(tmp_path, text) == {}
    assert choose_command({}, "x")[0] in ("meld", "xxdiff", "dirdiff", "colordiff", "diff")


def test_without_a_configuration_there_is_a_usual_command(tmp_path):
    assert read_diff_commands(tmp_path / "none.yml") == {}


@pytest.mark.parametrize("text", ["diff: {command: [a]}", "diff: {command: {a: 1}}", "a: ["])
def test_a_setting_that_is_no_command_is_told(tmp_path, text):
    with pytest.raises(SettingsError):
        commands(tmp_path, text)


def test_a_configuration_that_cannot_be_read_is_told(tmp_path):
    with pytest.raises(SettingsError, match="Cannot read"):
        read_diff_commands(tmp_path)


def test_a_program_that_is_cancelled_is_ended(tmp_path):
    context = JobContext()
    script = "import sys, time; print('begun', flush=True); time.sleep(600)"
    said = []

    def work():
        words = [sys.executable, "-c", script]
        said.append(run_apart(words, tmp_path, tmp_path, interrupt_with=interrupt))

    ready = threading.Event()

    def interrupt(end):
        context.interrupt_with(end)
        ready.set()

    thread = threading.Thread(target=work)
    thread.start()
    assert ready.wait(PATIENCE)
    context.cancel()
    thread.join(PATIENCE)

    assert not thread.is_alive()
    assert said[0] in ("", "begun\n")


def test_paths_are_those_that_guild_gives(tmp_path):
    old, new = make_run(tmp_path, "a" * 32), make_run(tmp_path, "b" * 32)

    def names(sections, paths=()):
        return [str(left.relative_to(old)) for left, _ in command_paths(old, new, sections, paths)]

    assert names([]) == ["."]
    assert names(["flags", "environment", "output"]) == [
        *(".guild/attrs/env", ".guild/attrs/flags", ".guild/output"),
    ]
    assert names(["attributes", "flags"]) == [".guild/attrs"]
    assert names([], ["a/b.txt"]) == ["a/b.txt"]
    for bad in ("/etc", "../x", "a/../../x"):
        with pytest.raises(RunError, match="is no path inside of a run"):
            names([], [bad])


def test_source_code_is_where_the_attribute_says(tmp_path):
    run = make_run(tmp_path, attrs={"op": "sourcecode: {dest: .guild/sourcecode}"})
    assert source_dir(run) == run / ".guild/sourcecode"

    for bad in ("sourcecode: {dest: ../x}", "sourcecode: {dest: /etc}", "x", "a: ["):
        (run / ".guild/attrs/op").write_text(bad)
        assert source_dir(run) == run


def test_the_project_is_that_of_the_operation(tmp_path):
    run = make_run(tmp_path, opref="guildfile:/p/guild.yml 1 '' train", attrs={"op": "{}"})
    assert project_dir(run) == Path("/p")

    (run / ".guild/attrs/op").write_text("sourcecode: {root: src}")
    assert project_dir(run) == Path("/p/src")
    (run / ".guild/opref").write_text("builtin:x 1 '' y")
    with pytest.raises(RunNotFound, match="It is not known where"):
        project_dir(run)
