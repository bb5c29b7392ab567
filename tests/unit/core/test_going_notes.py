from __future__ import annotations

import os

import psutil
import pytest

from core.going_notes import GoingNotes


@pytest.fixture
def notes(tmp_path) -> GoingNotes:
    return GoingNotes(tmp_path / "going")


def test_what_a_living_program_does_is_not_told(notes, tmp_path):
    notes.write("home-1", "Label 500 runs")

    assert notes.take_killed("home-1") == ""
    assert [note.read_text() for note in (tmp_path / "going").iterdir()] == ["Label 500 runs"]


def test_what_has_ended_leaves_nothing(notes, tmp_path):
    notes.write("home-1", "Label 500 runs")
    notes.write("home-1", "")
    notes.write("home-2", "")

    assert not any((tmp_path / "going").iterdir())


def test_what_killed_programs_did_is_told_once_for_its_home_alone(notes, tmp_path):
    began = int(psutil.Process(os.getpid()).create_time())
    for process in ("1@0", f"{os.getpid()}@{began - 60}"):
        (tmp_path / "going").mkdir(exist_ok=True)
        (tmp_path / "going" / f"home-1-{process}").write_text(f"Mark runs of {process}")

    told = [notes.take_killed("home-2"), *(notes.take_killed("home-1") for _ in range(3))]

    assert told[0] == told[3] == ""
    assert {text.partition(" of ")[0] for text in told[1:3]} == {"Mark runs"}
    assert told[1] != told[2]


@pytest.mark.parametrize("rubbish", [b"", b"\0\xff\n" * 90_000, b"x" * 1_000_000])
def test_a_note_that_is_rubbish_is_short_and_goes(notes, tmp_path, rubbish):
    (tmp_path / "going").mkdir()
    (tmp_path / "going" / "home-1-1@0").write_bytes(rubbish)

    assert len(notes.take_killed("home-1")) <= 200

    assert not any((tmp_path / "going").iterdir())


def test_a_directory_that_cannot_be_made_stops_nothing(tmp_path):
    (tmp_path / "going").write_text("a file")
    notes = GoingNotes(tmp_path / "going")

    notes.write("home-1", "Label 500 runs")
    notes.write("home-1", "")

    assert notes.take_killed("home-1") == ""
