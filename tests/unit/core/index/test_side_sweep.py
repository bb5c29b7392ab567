from __future__ import annotations

import os
import threading

import psutil
import pytest

from core.home import Home
from core.index import side_sweep
from core.index.index import RunIndex
from core.index.schema import CacheLost
from core.index.side_sweep import answer_fresh
from tests.support.processes import wait_until
from tests.support.runs import make_run


class Counted:
    """Prepares an answer and counts how often."""

    def __init__(self, index):
        self.index = index
        self.times = 0

    def __call__(self):
        self.times += 1
        labels, places = (self.index.columns.stored(key) for key in ("label", "deleted"))
        return sorted(
            label
            for label, place in zip(labels, places, strict=True)
            if place is not None
        )  # fmt: skip


@pytest.fixture(params=["beside", "before"])
def look(request, monkeypatch):
    """Whether the disk is asked in a second process or first."""
    if request.param == "beside":
        wait_until(lambda: threading.active_count() == 1)  # those of earlier tests have ended
        monkeypatch.setattr(side_sweep, "WORTH_A_PROCESS", 1)
    return request.param


@pytest.fixture
def home(tmp_path):
    for name in "abc":
        make_run(tmp_path / "home" / "runs", name * 32, attrs={"label": name})
    return Home(tmp_path / "home")


@pytest.fixture
def index(home, tmp_path):
    """An index that was loaded from what an earlier program knew."""
    earlier = RunIndex(home, tmp_path / "cache")
    for _ in earlier.refresh():
        pass
    earlier.close()
    index = RunIndex(home, tmp_path / "cache")
    index.load(lazily=True)
    yield index
    index.close()


def write_label(home, name, text):
    (home.runs_dir / (name * 32) / ".guild" / "attrs" / "label").write_text(text)


def test_an_answer_is_prepared_once_where_nothing_changed(index, look):
    prepare = Counted(index)

    assert answer_fresh(index, prepare) == ["a", "b", "c"]
    assert prepare.times == 1


def test_an_edit_in_place_is_in_the_answer(index, home, look):
    write_label(home, "b", "edited\n")
    prepare = Counted(index)

    assert answer_fresh(index, prepare) == ["a", "c", "edited"]
    assert prepare.times == (2 if look == "beside" else 1)


def test_new_and_gone_runs_are_in_the_answer(index, home, look):
    make_run(home.runs_dir, "d" * 32, attrs={"label": "d"})
    (home.runs_dir / ("a" * 32)).rename(home.path / "elsewhere")
    prepare = Counted(index)

    assert answer_fresh(index, prepare) == ["b", "c", "d"]
    assert prepare.times == (2 if look == "beside" else 1)


def test_a_look_that_fails_is_done_again_here(index, home, monkeypatch):
    monkeypatch.setattr(side_sweep, "WORTH_A_PROCESS", 1)
    write_label(home, "b", "edited\n")
    parent, changed_among = os.getpid(), index.changed_among

    def fail_in_child(slots):
        if os.getpid() != parent:
            raise RuntimeError
        return changed_among(slots)

    index.changed_among = fail_in_child

    assert answer_fresh(index, Counted(index)) == ["a", "c", "edited"]


def test_a_failing_answer_leaves_no_process_behind(index, monkeypatch):
    monkeypatch.setattr(side_sweep, "WORTH_A_PROCESS", 1)

    before = psutil.Process().children()

    def fail():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        answer_fresh(index, fail)
    assert psutil.Process().children() == before


def test_a_program_with_threads_never_forks(index, monkeypatch):
    monkeypatch.setattr(side_sweep, "WORTH_A_PROCESS", 1)
    monkeypatch.setattr(os, "fork", lambda: pytest.fail("forked"))
    release = threading.Event()
    thread = threading.Thread(target=release.wait)
    thread.start()
    try:
        assert answer_fresh(index, Counted(index)) == ["a", "b", "c"]
    finally:
        release.set()
        thread.join()


def test_every_run_is_looked_at_by_one_of_the_two(home, tmp_path, monkeypatch):
    monkeypatch.setattr(side_sweep, "WORTH_A_PROCESS", 1)
    monkeypatch.setattr(side_sweep, "PORTION", 3)
    for number in range(100):
        make_run(home.runs_dir, f"{number:032x}", attrs={"label": "old"})
    for _ in (earlier := RunIndex(home, tmp_path / "cache")).refresh():
        pass
    earlier.close()
    for number in range(100):
        (home.runs_dir / f"{number:032x}" / ".guild" / "attrs" / "label").write_text("edited\n")
    index = RunIndex(home, tmp_path / "cache")
    index.load(lazily=True)

    answer = answer_fresh(index, Counted(index))

    assert answer == ["a", "b", "c", *["edited"] * 100]
    index.close()


def test_a_cache_that_is_lost_meanwhile_costs_nothing_but_time(index, home, monkeypatch, look):
    def lose(names):
        monkeypatch.undo()
        raise CacheLost

    prepare = Counted(index)
    columns = index.columns
    assert len(columns.slots()) == 3
    monkeypatch.setattr(index._cache, "fields", lose)

    assert answer_fresh(index, prepare) == ["a", "b", "c"]
    assert index.columns is not columns
