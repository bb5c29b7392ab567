"""Deleting and restoring runs on one file system."""

from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path

import pytest

from core.errors import Cancelled
from core.home import Home
from core.runs.trash import Move, MoveOutcome, delete, restore
from tests.support.directory_ways import BOTH_WAYS
from tests.support.runs import make_run
from tests.support.trees import tree

pytestmark = BOTH_WAYS

A, B, C = ("a" * 32, "b" * 32, "c" * 32)


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path / "home")
    for run_id in (A, B, C):
        make_run(home.runs_dir, run_id, attrs={"id": run_id}, files={"out/model": run_id})
    return home


def names(directory):
    return sorted(path.name for path in directory.iterdir()) if directory.exists() else []


def test_deleting_and_restoring_changes_nothing_in_a_run(home):
    before = tree(home.runs_dir)

    deleted = delete(home, [A, B])
    assert (names(home.runs_dir), names(home.trash_dir)) == ([C], [A, B])
    restored = restore(home, [B, A])

    assert deleted == MoveOutcome((Move(A, A), Move(B, B)))
    assert restored == MoveOutcome((Move(B, B), Move(A, A)))
    assert tree(home.runs_dir) == before
    assert names(home.trash_dir) == []


def test_a_run_that_is_in_the_trash_already_makes_room(home):
    delete(home, [A])
    make_run(home.runs_dir, A, attrs={"id": A, "label": "second"})

    (move,) = delete(home, [A]).moves

    assert move.name_there == A
    assert move.displaced.startswith(f"{A}_")
    assert names(home.trash_dir) == [A, move.displaced]
    assert (home.trash_dir / A / ".guild" / "attrs" / "label").exists()
    assert (home.trash_dir / move.displaced / "out" / "model").exists()


def test_restoring_onto_an_id_that_is_there_is_refused(home):
    delete(home, [A])
    make_run(home.runs_dir, A, attrs={"label": "second"})
    before = tree(home.path)

    (refused,) = restore(home, [A]).refused

    assert refused.kind == "exists"
    assert refused.reason == f"Run {A[:8]} cannot be restored: there is a run {A[:8]} already."
    assert tree(home.path) == before


def displaced_twice(home):
    """Lets two runs of one id be in the trash; returns the longer name."""
    delete(home, [A])
    make_run(home.runs_dir, A, attrs={"id": A, "label": "second"})
    return delete(home, [A]).moves[0].displaced


def test_a_displaced_run_keeps_its_longer_name_while_another_has_its_id(home):
    longer = displaced_twice(home)

    assert restore(home, [longer]).moves == (Move(longer, longer),)
    assert names(home.runs_dir) == sorted([B, C, longer])


def test_a_displaced_run_gets_its_id_back_when_no_other_has_it(home):
    longer = displaced_twice(home)
    restore(home, [A])
    (home.runs_dir / A).rename(home.runs_dir / ("d" * 32))

    assert restore(home, [longer]).moves == (Move(longer, A),)
    assert (home.runs_dir / A / "out" / "model").exists()


def test_both_runs_of_one_id_can_be_restored_at_once_in_any_order(home):
    longer = displaced_twice(home)

    outcome = restore(home, [longer, A])

    assert outcome.refused == ()
    assert {A, longer} <= set(names(home.runs_dir))


def test_a_name_that_only_looks_displaced_is_kept(home):
    name = "sweep_abcdefgh"
    make_run(home.trash_dir, name, attrs={"id": name})

    assert restore(home, [name]).moves == (Move(name, name),)


def test_what_somebody_else_moved_already_is_said(home):
    delete(home, [A])

    assert [r.reason for r in delete(home, [A]).refused] == [
        "Run aaaaaaaa cannot be deleted: it was moved to the trash already."
    ]
    restore(home, [A])
    (refusal,) = restore(home, [A]).refused
    assert refusal.reason == "Run aaaaaaaa cannot be restored: it was restored already."
    assert refusal.kind == "gone"


@pytest.mark.parametrize("name", ["nope", "", ".", "..", "../runs", "a/b", "/etc", "a\0b", ".hid"])
def test_what_is_no_run_is_refused(home, name):
    make_run(home.runs_dir, ".hid")
    before = tree(home.path)

    (refused,) = delete(home, [name]).refused

    assert refused.kind == "gone"
    assert refused.run_id == name
    assert tree(home.path) == before


def test_other_directories_among_the_runs_are_left_alone(home):
    (home.runs_dir / "incoming" / "x").mkdir(parents=True)

    assert delete(home, ["incoming"]).refused[0].kind == "gone"
    assert (home.runs_dir / "incoming" / "x").exists()


def test_one_refusal_does_not_end_the_rest(home):
    outcome = delete(home, [A, "nope", B, A])

    assert [move.run_id for move in outcome.moves] == [A, B]
    assert [refusal.run_id for refusal in outcome.refused] == ["nope"]


def test_progress_is_told_and_cancelling_ends_between_two_runs(home):
    told = []

    def advance(amount):
        told.append(amount)
        if sum(told) == 2:
            raise Cancelled

    outcome = delete(home, [A, B, C], advance=advance)

    assert outcome == MoveOutcome((Move(A, A), Move(B, B)), (), cancelled=True)
    assert names(home.runs_dir) == [C]


def test_a_run_that_is_a_link_is_the_link(home, tmp_path):
    elsewhere = make_run(tmp_path / "elsewhere", "real")
    link = "e" * 32
    (home.runs_dir / link).symlink_to(elsewhere)

    assert delete(home, [link]).moves == (Move(link, link),)

    assert (home.trash_dir / link).readlink() == elsewhere
    assert not os.path.lexists(home.runs_dir / link)
    assert (elsewhere / ".guild" / "opref").exists()
    restore(home, [link])
    assert (home.runs_dir / link).readlink() == elsewhere


def test_a_broken_link_can_be_deleted_and_restored(home):
    link = "e" * 32
    (home.runs_dir / link).symlink_to("../nowhere")

    delete(home, [link])
    assert (home.trash_dir / link).readlink() == Path("../nowhere")
    restore(home, [link])

    assert (home.runs_dir / link).readlink() == Path("../nowhere")


def test_a_link_in_the_trash_is_displaced_and_never_replaced(home):
    home.trash_dir.mkdir(parents=True)
    (home.trash_dir / A).symlink_to("nowhere")

    (move,) = delete(home, [A]).moves

    assert (home.trash_dir / move.displaced).readlink() == Path("nowhere")
    assert (home.trash_dir / A / "out").is_dir()


def test_an_empty_directory_in_the_trash_is_displaced_as_by_guild(home):
    (home.trash_dir / A).mkdir(parents=True)

    (move,) = delete(home, [A]).moves

    assert names(home.trash_dir / move.displaced) == []


def test_names_that_are_no_text_are_moved(home):
    name = os.fsdecode(b"\xff\xfe")
    make_run(home.runs_dir, name, files={name: "x"})

    assert delete(home, [name]).moves == (Move(name, name),)
    assert (home.trash_dir / name / name).exists()


@pytest.mark.parametrize("closed", ["run", "runs", "trash"])
def test_a_place_that_may_not_be_changed_is_a_refusal_with_its_reason(
    open_dir, as_ordinary_user, closed
):
    home = Home(open_dir)
    run = make_run(home.runs_dir, A)
    home.trash_dir.mkdir(parents=True)
    for path in [open_dir, *open_dir.rglob("*")]:
        path.chmod(0o777 if path.is_dir() else 0o666)
    place = {"run": run, "runs": home.runs_dir, "trash": home.trash_dir}[closed]
    place.chmod(0o555)
    before = tree(open_dir)

    with as_ordinary_user():
        (refused,) = delete(home, [A]).refused

    assert refused.kind == "denied"
    assert f"Run {A[:8]} cannot be deleted: {place} may not be changed" in refused.reason
    assert tree(open_dir) == before


def test_a_trash_that_is_removed_meanwhile_is_made_again(home):
    def advance(amount):
        if amount:
            shutil.rmtree(home.path / "trash")

    assert [move.run_id for move in delete(home, [A, B], advance=advance).moves] == [A, B]
    assert names(home.runs_dir) == [C]


def test_a_home_that_is_renamed_meanwhile_is_not_made_again(home, monkeypatch):
    moved = home.path.with_name("renamed")
    delete(home, [A])
    rename = os.rename

    def rename_late(source, target):
        if home.path.exists():
            rename(home.path, moved)
        rename(source, target)

    monkeypatch.setattr(os, "rename", rename_late)
    outcome = delete(home, [B, C])

    assert outcome.moves == ()
    assert {refusal.kind for refusal in outcome.refused} == {"gone"}
    assert not home.path.exists()
    assert (names(moved / "runs"), names(moved / "trash" / "runs")) == ([B, C], [A])


def test_a_trash_that_is_a_file_is_a_refusal(home):
    (home.path / "trash").write_text("")

    (refused,) = delete(home, [A]).refused

    assert "cannot be deleted" in refused.reason
    assert names(home.runs_dir) == [A, B, C]


def test_two_that_delete_the_same_runs_in_the_same_moment_lose_none(home):
    ids = [f"{number:032x}" for number in range(60)]
    for run_id in ids:
        make_run(home.runs_dir, run_id, attrs={"id": run_id})
    outcomes = []
    start = threading.Barrier(4)

    def work():
        start.wait()
        outcomes.append(delete(home, ids))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    moved = [move.run_id for outcome in outcomes for move in outcome.moves]
    assert sorted(moved) == ids
    assert {refusal.kind for outcome in outcomes for refusal in outcome.refused} <= {"gone"}
    assert len(names(home.trash_dir)) == len(ids)
    assert names(home.runs_dir) == [A, B, C]


def test_deleting_and_restoring_in_the_same_moment_loses_none(home):
    ids = [f"{number:032x}" for number in range(30)]
    for run_id in ids:
        make_run(home.runs_dir, run_id, attrs={"id": run_id})
    threads = [
        threading.Thread(target=lambda work=work: [work(home, ids) for _ in range(10)])
        for work in (delete, restore, delete, restore)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    left = names(home.runs_dir) + names(home.trash_dir)
    assert sorted(name for name in left if name not in (A, B, C)) == ids
