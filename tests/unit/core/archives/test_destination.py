from __future__ import annotations

import os

import pytest

from core.archives.destination import look_at_destination
from core.home import Home


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path / "home")
    home.runs_dir.mkdir(parents=True)
    return home


def test_a_place_that_can_be_written_has_no_problem_and_room(home, tmp_path):
    outlook = look_at_destination(home, tmp_path / "x.zip", "zip")

    assert outlook.problem == outlook.note == ""
    assert outlook.free > 0
    assert not (tmp_path / "x.zip").exists()


def test_a_directory_that_is_not_there_will_be_made(home, tmp_path):
    outlook = look_at_destination(home, tmp_path / "a" / "b", "directory")

    assert outlook.problem == ""
    assert outlook.note == "The directory will be made."
    assert not (tmp_path / "a").exists()


def test_what_is_there_is_added_to(home, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    (tmp_path / "none").mkdir()
    (tmp_path / "x.zip").write_bytes(b"PK\x03\x04")

    assert "added" in look_at_destination(home, tmp_path / "full", "directory").note
    assert look_at_destination(home, tmp_path / "none", "directory").note == ""
    assert "added" in look_at_destination(home, tmp_path / "x.zip", "zip").note


@pytest.mark.parametrize(
    ("name", "kind", "said"),
    [
        ("home/runs", "directory", "the runs themselves are there"),
        ("home/runs/x.zip", "zip", "the runs themselves are there"),
        ("file", "directory", "is a file"),
        ("file/below", "directory", "is no directory"),
        ("dir", "zip", "is a directory: add"),
        ("gone/x.zip", "zip", "There is no directory"),
        ("file", "zip", "is no zip: choose another name"),
        ("file", "tar.gz", "is no tar.gz: choose"),
        ("file", "tar.zst", "is no tar.zst: choose"),
        ("pipe", "zip", "is no archive: choose"),
        ("a\0b", "zip", "no name that a file can have"),
        ("x" * 300, "directory", "Cannot look at"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(home, tmp_path, name, kind, said):
    (tmp_path / "file").write_text("x")
    (tmp_path / "dir").mkdir()
    os.mkfifo(tmp_path / "pipe")

    outlook = look_at_destination(home, tmp_path / name, kind)

    assert said in outlook.problem


def test_where_nothing_may_be_written_it_is_said(home, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)

    assert "may not write" in look_at_destination(home, tmp_path / "x.zip", "zip").problem
    assert "may not write" in look_at_destination(home, tmp_path / "x", "directory").problem
