"""A trash on another file system: copied whole, compared, and only then the original goes."""

from __future__ import annotations

import os
import socket
import threading

import pytest

from core.errors import Cancelled
from core.home import Home
from core.runs import trash as trash_module
from core.runs.purge import finish
from core.runs.trash import delete, restore
from tests.support.other_disk import MakeDisk
from tests.support.patience import PATIENCE
from tests.support.runs import make_run
from tests.support.trees import tree

A, B = ("a" * 32, "b" * 32)


@pytest.fixture
def home(tmp_path, make_disk: MakeDisk):
    """A home whose trash is a disk of its own, and one run with everything a run can hold."""
    home = Home(tmp_path / "home")
    run = make_run(
        home.runs_dir,
        A,
        attrs={"id": A, "label": "x"},
        files={"deep/er/model.bin": os.urandom(70_000), "empty": b"", "script.sh": "#!"},
    )
    (run / "trial").symlink_to(f"../{B}")
    (run / "broken").symlink_to("/nowhere/at/all")
    (run / "script.sh").chmod(0o750)
    (run / "read-only").mkdir()
    (run / os.fsdecode(b"\xff\xfe")).write_text("odd")
    os.link(run / "empty", run / "same")
    os.utime(run / "script.sh", ns=(10**18, 10**18 + 1))
    os.utime(run / "read-only", ns=(10**18, 10**18 + 2))
    os.utime(run / "broken", ns=(10**18, 10**18 + 3), follow_symlinks=False)
    (run / "read-only").chmod(0o555)
    make_disk(home.path / "trash", size="2m")
    return home


def names(directory):
    return sorted(path.name for path in directory.iterdir()) if directory.exists() else []


def times_of_directories(run):
    return {
        path.relative_to(run): path.stat().st_mtime_ns
        for path in [run, *run.rglob("*")]
        if path.is_dir() and not path.is_symlink()
    }


def test_a_run_moves_to_another_disk_and_back_as_it_was(home):
    run = home.runs_dir / A
    before, times = tree(run), times_of_directories(run)

    assert len(delete(home, [A]).moves) == 1
    assert names(home.runs_dir) == []
    assert names(home.trash_dir) == [A]
    assert tree(home.trash_dir / A) == before
    assert times_of_directories(home.trash_dir / A) == times
    assert (home.trash_dir / A / "same").stat().st_nlink == 2

    assert len(restore(home, [A]).moves) == 1
    assert tree(run) == before
    assert times_of_directories(run) == times
    assert names(home.trash_dir) == []


def test_links_move_to_another_disk_as_links(home, tmp_path):
    elsewhere = make_run(tmp_path / "elsewhere", "real")
    (home.runs_dir / B).symlink_to(elsewhere)

    delete(home, [B])

    assert (home.trash_dir / B).readlink() == elsewhere
    assert names(home.runs_dir) == [A]


@pytest.mark.parametrize("is_foreseen", [True, False])
def test_a_full_disk_leaves_the_run_where_it_was(home, monkeypatch, is_foreseen):
    (home.runs_dir / A / "large").write_bytes(os.urandom(3_000_000))
    before = tree(home.runs_dir)
    if not is_foreseen:  # as if somebody else filled the disk meanwhile
        monkeypatch.setattr(trash_module._Mover, "_require_room", lambda *_: None)

    (refused,) = delete(home, [A]).refused

    assert refused.kind == "full"
    if is_foreseen:
        assert "it takes 3.1 MB, and" in refused.reason
    else:
        assert "no space left on device" in refused.reason
    assert tree(home.runs_dir) == before
    assert names(home.trash_dir) == []


def test_a_run_in_the_trash_keeps_its_name_when_the_new_one_does_not_come(home):
    delete(home, [A])
    run = make_run(home.runs_dir, A, files={"large": os.urandom(3_000_000)})

    assert delete(home, [A]).refused[0].kind == "full"

    assert names(home.trash_dir) == [A]
    assert (home.trash_dir / A / "script.sh").exists()
    assert (run / "large").exists()


def test_what_cannot_be_copied_leaves_the_run_where_it_was(home, monkeypatch):
    monkeypatch.chdir(home.runs_dir / A)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")  # the name of a socket may not be long
    before = tree(home.runs_dir)

    (refused,) = delete(home, [A]).refused

    assert "socket is no file, directory or link and cannot be copied" in refused.reason
    assert tree(home.runs_dir) == before
    assert names(home.trash_dir) == []


def test_a_run_that_changes_while_it_is_copied_stays(home):
    (home.runs_dir / A / "large").write_bytes(os.urandom(1_200_000))
    asked = []

    def advance(_amount):
        asked.append(1)
        if len(asked) == 12:
            (home.runs_dir / A / "new").write_text("x")

    (refused,) = delete(home, [A], advance=advance).refused

    assert refused.reason == f"Run {A[:8]} cannot be deleted: it changed while it was copied."
    assert (home.runs_dir / A / "new").exists()
    assert names(home.trash_dir) == []


def test_cancelling_a_copy_leaves_the_run_where_it_was(home):
    before = tree(home.runs_dir)
    copied = []

    def advance(_amount):
        copied.append([name for name in names(home.trash_dir) if name.startswith(".")])
        if copied[-1] and len(copied) > 15:
            raise Cancelled

    outcome = delete(home, [A], advance=advance)

    assert outcome.cancelled
    assert outcome.moves == ()
    assert any(copied)
    assert tree(home.runs_dir) == before
    assert names(home.trash_dir) == []


def test_what_a_copy_is_made_of_is_not_taken_for_left_over(home):
    gate, copying = threading.Event(), threading.Event()
    asked = []

    def advance(_amount):
        asked.append(1)
        if len(asked) == 15:
            copying.set()
            gate.wait(PATIENCE)

    outcomes = []
    worker = threading.Thread(target=lambda: outcomes.append(delete(home, [A], advance=advance)))
    worker.start()
    assert copying.wait(PATIENCE)
    finish(home)
    gate.set()
    worker.join()

    assert len(outcomes[0].moves) == 1
    assert (home.trash_dir / A / "deep" / "er" / "model.bin").exists()


def test_an_original_that_could_not_be_erased_is_not_copied(open_dir, as_ordinary_user, make_disk):
    open_dir.chmod(0o777)
    disk = make_disk(open_dir / "home" / "trash", options="uid=65534")
    disk.chmod(0o777)
    disk.parent.chmod(0o777)
    home = Home(open_dir / "home")
    with as_ordinary_user():
        run = make_run(home.runs_dir, A)
    (run / "roots").mkdir()
    before = tree(home.runs_dir)

    with as_ordinary_user():
        (refused,) = delete(home, [A]).refused

    assert "its directory roots belongs to another user" in refused.reason
    assert tree(home.runs_dir) == before
    assert names(home.trash_dir) == []
