"""Sizes of runs: measured once, remembered, measured again when a run changed."""

from __future__ import annotations

import os
import threading

import pytest

from core.errors import Cancelled
from core.home import Home
from core.index.arrange import SortKey, View, arrange
from core.index.index import RunIndex
from core.index.sizes import sizes_file
from core.runs.disk_size import disk_size
from core.runs.trash import delete
from tests.support.runs import make_run

A, B, C = ("a" * 32, "b" * 32, "c" * 32)


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path / "home")
    for size, run_id in enumerate((A, B, C), start=1):
        make_run(
            home.runs_dir, run_id, attrs={"started": str(size)}, files={"f": b"x" * 100 * size}
        )
    return home


@pytest.fixture
def open_index(home, tmp_path):
    """Opens the index, up to date; all of them are closed at the end."""
    opened = []

    def open_one():
        index = RunIndex(home, tmp_path / "cache")
        index.load()
        for _ in index.refresh():
            pass
        opened.append(index)
        return index

    yield open_one
    for index in opened:
        index.close()


def size_of(index, run_id, *, deleted=False):
    return index.columns.value("size", index.columns.slot_of(run_id, deleted))


def changed_in(parts):
    return [slot for part in parts for slot in part.changed]


def test_sizes_are_unknown_until_they_are_measured(open_index):
    index = open_index()

    assert size_of(index, A) is None
    assert set(index.columns.values("size")) == {None}


def test_measuring_tells_whose_size_became_known(open_index, home):
    index = open_index()

    changed = changed_in(index.measure())

    assert sorted(changed) == sorted(index.columns.slots())
    assert size_of(index, B) == disk_size(home.runs_dir / B).bytes
    assert changed_in(index.measure()) == []


def test_sizes_are_remembered_until_the_run_changes(open_index, home):
    list(open_index().measure())
    (home.runs_dir / A / "f").write_bytes(b"x" * 5000)
    (home.runs_dir / B / "f").write_bytes(b"x" * 5000)
    (home.runs_dir / B / ".guild" / "attrs" / "label").write_text("new\n")
    index = open_index()

    list(index.measure())

    assert size_of(index, A) == disk_size(home.runs_dir / A).bytes - 4900
    assert size_of(index, B) == disk_size(home.runs_dir / B).bytes


def test_deleting_a_run_does_not_measure_it_again(open_index, home):
    index = open_index()
    list(index.measure())
    before = size_of(index, A)
    (home.runs_dir / A / "f").write_bytes(b"")  # would be noticed if it were measured
    delete(home, [A])
    for _ in index.refresh():
        pass

    list(index.measure())

    assert size_of(index, A, deleted=True) == before


def test_some_runs_can_be_measured_first(open_index):
    index = open_index()
    slot = index.columns.slot_of(B)

    assert changed_in(index.measure(slots=[slot])) == [slot]
    assert size_of(index, A) is None


def test_measuring_that_is_stopped_keeps_what_it_learnt(open_index):
    index = open_index()
    calls = []

    def check():
        calls.append(1)
        if len(calls) > 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        list(index.measure(check))
    learnt = {run_id for run_id in (A, B, C) if size_of(index, run_id) is not None}
    again = open_index()
    list(again.measure(lambda: None, slots=[again.columns.slot_of(run_id) for run_id in learnt]))

    assert 0 < len(learnt) < 3
    assert all(size_of(again, run_id) == size_of(index, run_id) for run_id in learnt)


def test_a_running_run_is_measured_again_after_a_while(open_index, home, monkeypatch):
    monkeypatch.setattr("core.index.sizes.RUNNING_SECONDS", 3600.0)
    (home.runs_dir / A / ".guild" / "LOCK").write_text(str(os.getpid()))
    index = open_index()
    list(index.measure())
    before = size_of(index, A)
    (home.runs_dir / A / "g").write_bytes(b"x" * 77)
    list(index.measure())
    assert size_of(index, A) == before

    monkeypatch.setattr("core.index.sizes.RUNNING_SECONDS", 0.0)
    list(index.measure())

    assert size_of(index, A) == before + 77


def test_large_runs_are_sorted_by_size(open_index):
    index = open_index()
    list(index.measure())

    order = arrange(index.columns, View(sort=(SortKey("size", descending=True),)), now=0)

    assert [index.columns.value("id", slot) for slot in order] == [C, B, A]


@pytest.mark.parametrize(
    "content", [b"", b"this is no database", b"SQLite format 3\0" + b"x" * 500]
)
def test_a_damaged_file_of_sizes_is_made_anew(open_index, home, tmp_path, content):
    list(open_index().measure())
    path = sizes_file(tmp_path / "cache", home.path)
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    path.write_bytes(content)

    index = open_index()
    list(index.measure())
    assert size_of(index, A) is not None

    (home.runs_dir / A / "f").write_bytes(b"")
    again = open_index()
    list(again.measure())
    assert size_of(again, A) == size_of(index, A)


def test_without_a_cache_sizes_are_measured_each_time(home):
    index = RunIndex(home, None)
    for _ in index.refresh():
        pass

    list(index.measure())

    assert size_of(index, A) is not None
    index.close()


def test_measuring_goes_on_beside_the_index(open_index, home):
    index = open_index()
    measured = threading.Thread(target=lambda: list(index.measure()))
    measured.start()
    for number in range(20):
        (home.runs_dir / A / ".guild" / "attrs" / "label").write_text(f"{number}\n")
        for _ in index.refresh():
            pass
    measured.join()

    assert size_of(index, C) is not None
