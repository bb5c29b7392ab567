from __future__ import annotations

import fcntl
import os
from pathlib import Path

from tests.support.runs import make_run


def test_the_check_tells_home_runs_index_and_versions(desk):
    make_run(desk.home / "runs", "a" * 32, attrs={"exit_status": "0"})
    make_run(desk.home / "runs", "b" * 32, opref="damaged")
    make_run(desk.home / "trash" / "runs", "c" * 32)

    found = desk("check", "--json").json

    assert found["home"] == str(desk.home)
    assert found["runs_dir"] == str(desk.home / "runs")
    assert (found["runs"], found["deleted"], found["unreadable"]) == (2, 1, 1)
    assert found["statuses"]["completed"] == 1
    assert sum(found["statuses"].values()) == 2
    assert found["free_space"] > 0
    assert Path(found["index"]).is_relative_to(desk.user_home)
    assert found["index_size"] > 0
    assert found["index_problem"] is None
    assert found["version"]
    assert set(found["packages"]) >= {"click", "PyYAML", "PySide6-Essentials"}


def test_the_check_is_readable(desk):
    lines = desk("check").lines

    assert f"home:          {desk.home}" in lines
    assert "runs:          0 runs" in lines
    assert "index_problem: none" in lines


def test_an_index_that_cannot_be_kept_is_told_and_does_no_harm(desk):
    make_run(desk.home / "runs")
    (desk.user_home / ".cache").write_text("a file where a directory is needed")

    outcome = desk("check", "--json")

    assert outcome.json["runs"] == 1
    assert outcome.json["index_problem"]
    assert len(desk("list").lines) == 1


def test_an_index_that_is_damaged_is_built_again(desk):
    make_run(desk.home / "runs")
    index = Path(desk("check", "--json").json["index"])
    index.write_bytes(b"no database" * 1000)

    assert desk("check", "--json").json["index_problem"] is None
    assert len(desk("list").lines) == 1


def test_a_home_that_does_not_exist_yet_is_told(desk, monkeypatch):
    monkeypatch.chdir(desk.user_home)

    found = desk.call("check", "--json").json

    assert found["home"] == str(desk.user_home / ".guild")
    assert found["home_exists"] is False
    assert found["free_space"] > 0
    assert found["index"] is None
    assert not (desk.user_home / ".cache").exists()


def test_what_interrupted_pulls_keep_is_told(desk):
    assert desk("check", "--json").json["kept"] == 0
    area = desk.home / "incoming" / "pull-abcd1234" / "pieces"
    area.mkdir(parents=True)
    (area / "0123").write_bytes(b"x" * 2_000_000)

    assert desk("check", "--json").json["kept"] >= 2_000_000
    assert "MB of interrupted pulls, to go on with" in desk("check").out


def test_what_killed_commands_left_is_told_unless_somebody_works_on_it(desk):
    place = desk.home / "trash" / "runs" / ".rundesk" / "copy-abcdefgh"
    assert desk("check", "--json").json["left_over"] is False
    place.mkdir(parents=True)
    (place / "half").write_text("x")

    assert desk("check", "--json").json["left_over"] is True
    assert "left_over:     files of killed commands" in desk("check").out
    descriptor = os.open(place, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    assert desk("check", "--json").json["left_over"] is False
    os.close(descriptor)
