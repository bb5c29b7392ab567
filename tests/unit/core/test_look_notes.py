from __future__ import annotations

import json
import os

import pytest

from core.going_notes import own_process
from core.look_notes import MOST_BYTES, LookNotes
from tests.support.kills import kill_at_each_step

LOOK = {"table": '{"columns": ["label"]}', "filter": "loss < 1 \ud800"}


@pytest.fixture
def notes(tmp_path) -> LookNotes:
    return LookNotes(tmp_path / "looks")


def leave(tmp_path, text: str | bytes, process: str = "1@0", age: int = 0) -> None:
    """A note as a program that was killed leaves it."""
    (tmp_path / "looks").mkdir(exist_ok=True)
    note = tmp_path / "looks" / f"home-1-{process}"
    note.write_bytes(text.encode() if isinstance(text, str) else text)
    os.utime(note, (1e9 - age, 1e9 - age))


def test_what_a_living_program_shows_is_not_taken(notes, tmp_path):
    notes.write("home-1", LOOK)

    assert notes.take_killed("home-1") == {}
    assert len(list((tmp_path / "looks").iterdir())) == 1


def test_what_was_dropped_leaves_nothing(notes, tmp_path):
    notes.write("home-1", LOOK)
    notes.drop("home-1")
    notes.drop("home-2")

    assert not any((tmp_path / "looks").iterdir())


def test_what_a_killed_program_showed_is_taken_once_and_stays_noted(notes, tmp_path):
    leave(tmp_path, json.dumps(LOOK))

    assert notes.take_killed("home-2") == {}
    assert notes.take_killed("home-1") == LOOK
    assert notes.take_killed("home-1") == {}
    (note,) = (tmp_path / "looks").iterdir()
    assert json.loads(note.read_text()) == LOOK

    notes.drop("home-1")

    assert not any((tmp_path / "looks").iterdir())


def test_of_several_the_newest_that_is_understood_counts(notes, tmp_path):
    leave(tmp_path, "{", "1@0")
    leave(tmp_path, '{"filter": "new"}', "1@1", age=10)
    leave(tmp_path, '{"filter": "old"}', "1@2", age=20)

    assert notes.take_killed("home-1") == {"filter": "new"}
    assert len(list((tmp_path / "looks").iterdir())) == 1


@pytest.mark.parametrize(
    "rubbish",
    [b"", b"\0\xff", b"[" * 100_000, b"[1]", b'"x"', b'{"a": "' + b"x" * MOST_BYTES + b'"}'],
)
def test_a_note_that_is_rubbish_is_nothing_and_goes(notes, tmp_path, rubbish):
    leave(tmp_path, rubbish)

    assert notes.take_killed("home-1") == {}
    assert not any((tmp_path / "looks").iterdir())


def test_what_is_no_text_in_a_note_is_left_out(notes, tmp_path):
    leave(tmp_path, '{"filter": 1, "tab": "output", "table": {}}')

    assert notes.take_killed("home-1") == {"tab": "output"}


def test_a_directory_that_cannot_be_made_stops_nothing(tmp_path):
    (tmp_path / "looks").write_text("a file")
    notes = LookNotes(tmp_path / "looks")

    notes.write("home-1", LOOK)
    notes.drop("home-1")

    assert notes.take_killed("home-1") == {}


def test_a_kill_at_any_moment_leaves_what_was_shown_before_or_after(tmp_path):
    def prepare():
        for note in (tmp_path / "looks").glob("*"):
            note.unlink()
        leave(tmp_path, '{"filter": "before"}')

    def work(_):
        own_process.cache_clear()  # it is another process
        notes = LookNotes(tmp_path / "looks")
        assert notes.take_killed("home-1") == {"filter": "before"}
        notes.write("home-1", {"filter": "after"})

    seen = []

    def examine(_):
        notes = LookNotes(tmp_path / "looks")
        seen.append(notes.take_killed("home-1")["filter"])
        assert len(list((tmp_path / "looks").iterdir())) == 1
        notes.drop("home-1")

    steps = kill_at_each_step(prepare, work, examine)

    assert steps >= 3
    assert seen == ["before"] * (len(seen) - 1) + ["after"]
