"""kill -9 before each change of a delete, restore or purge: no run is lost, none is half there."""

from __future__ import annotations

import os
import shutil
from itertools import count

import pytest

from core.home import Home
from core.runs.purge import finish, purge
from core.runs.trash import delete, restore
from tests.support.kills import kill_at_each_step
from tests.support.runs import make_run
from tests.support.trees import tree

A, B = ("a" * 32, "b" * 32)
FILES = {"out/model": "12345", "out/deep/log": "x", "0": ""}


def build(home):
    run = make_run(home.runs_dir, A, attrs={"id": A, "label": "mine"}, files=FILES)
    (run / "trial").symlink_to(f"../{B}")
    make_run(home.runs_dir, B, attrs={"id": B})
    return home


@pytest.fixture
def new_home(tmp_path):
    """Makes a home with two runs, each time anew."""
    numbers = count()
    return lambda: build(Home(tmp_path / f"home{next(numbers)}"))


@pytest.fixture
def whole(tmp_path):
    """What the run A holds when it is whole."""
    return tree(build(Home(tmp_path / "whole")).runs_dir / A, times=False)


def seen(directory):
    """What Guild takes for runs."""
    return [name for name in names(directory) if (directory / name / ".guild" / "opref").exists()]


def names(directory):
    return sorted(path.name for path in directory.iterdir()) if directory.exists() else []


def content(path):
    return tree(path, times=False)


def test_a_delete_that_is_killed_leaves_the_run_in_one_place(new_home, whole):
    def examine(home):
        places = [home.runs_dir / A, home.trash_dir / A]
        assert [place.exists() for place in places].count(True) == 1
        assert content(next(place for place in places if place.exists())) == whole
        assert (home.runs_dir / B).exists()

    assert kill_at_each_step(new_home, lambda home: delete(home, [A]), examine) >= 2


def test_a_restore_that_is_killed_leaves_the_run_in_one_place(new_home, whole):
    def deleted():
        home = new_home()
        delete(home, [A])
        return home

    def examine(home):
        places = [home.runs_dir / A, home.trash_dir / A]
        assert [place.exists() for place in places].count(True) == 1
        assert content(next(place for place in places if place.exists())) == whole

    assert kill_at_each_step(deleted, lambda home: restore(home, [A]), examine) >= 1


def test_a_delete_that_makes_room_first_keeps_both_runs(new_home, whole):
    def twice():
        home = new_home()
        make_run(home.trash_dir, A, attrs={"id": A, "label": "older"})
        return home

    def examine(home):
        found = [home.runs_dir / name for name in seen(home.runs_dir)]
        found += [home.trash_dir / name for name in seen(home.trash_dir)]
        texts = [(run / ".guild" / "attrs" / "id").read_text() for run in found]
        assert texts.count(f"{A}\n") == 2
        mine = [run for run in found if (run / "out").exists()]
        assert [content(run) for run in mine] == [whole]

    assert kill_at_each_step(twice, lambda home: delete(home, [A]), examine) >= 2


def test_a_move_of_a_link_that_is_killed_keeps_the_link(new_home):
    def linked():
        home = new_home()
        (home.runs_dir / "link").symlink_to("/somewhere")
        return home

    def examine(home):
        places = [home.runs_dir / "link", home.trash_dir / "link"]
        found = [place for place in places if os.path.lexists(place)]
        assert found
        assert all(str(place.readlink()) == "/somewhere" for place in found)

    assert kill_at_each_step(linked, lambda home: delete(home, ["link"]), examine) >= 2


def test_a_purge_that_is_killed_leaves_the_run_whole_or_nowhere(new_home, whole):
    def deleted():
        home = new_home()
        delete(home, [A])
        return home

    def examine(home):
        assert seen(home.trash_dir) in ([A], [])
        if seen(home.trash_dir):
            assert content(home.trash_dir / A) == whole
        finish(home)
        assert names(home.trash_dir) == seen(home.trash_dir)

    steps = kill_at_each_step(deleted, lambda home: purge(home, [A], from_trash=True), examine)
    assert steps >= 12


@pytest.mark.parametrize("work", [delete, restore])
def test_a_move_between_disks_that_is_killed_leaves_whole_runs_only(
    tmp_path, make_disk, whole, work
):
    disk = make_disk(tmp_path / "disk")
    numbers = count()

    def prepare():
        home = Home(tmp_path / f"far{next(numbers)}")
        shutil.rmtree(disk / "runs", ignore_errors=True)
        home.path.mkdir()
        (home.path / "trash").symlink_to(disk)
        build(home)
        if work is restore:
            delete(home, [A])
        return home

    def examine(home):
        found = [place / A for place in (home.runs_dir, home.trash_dir) if (place / A).exists()]
        assert found
        assert all(content(run) == whole for run in found)
        assert set(seen(home.runs_dir)) - {A} == {B}
        assert set(seen(home.trash_dir)) <= {A}
        finish(home)
        assert names(home.runs_dir) == seen(home.runs_dir)
        assert names(home.trash_dir) == seen(home.trash_dir)

    assert kill_at_each_step(prepare, lambda home: work(home, [A]), examine) >= 30
