"""Erasing runs for ever: links not followed, nothing left half, cancelled at any time."""

from __future__ import annotations

import os
import subprocess
import threading
from pathlib import Path

import pytest

from core.errors import Cancelled
from core.home import Home
from core.runs.disk_size import disk_size
from core.runs.purge import finish, purge
from core.runs.trash import delete
from tests.support.directory_ways import BOTH_WAYS, HELD_OPEN
from tests.support.patience import PATIENCE
from tests.support.runs import make_run
from tests.support.trees import tree

pytestmark = BOTH_WAYS

A, B = ("a" * 32, "b" * 32)


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path / "home")
    for run_id in (A, B):
        make_run(home.trash_dir, run_id, files={"x/y/z": "12", "x/0": "", "0/1/2": "345"})
    return home


def names(directory):
    return sorted(path.name for path in directory.iterdir())


def test_a_purged_run_is_gone_and_its_bytes_are_told(home):
    size = disk_size(home.trash_dir / A).bytes

    outcome = purge(home, [A], from_trash=True)

    assert outcome.removed == (A,)
    assert outcome.bytes_freed == size
    assert (outcome.refused, outcome.problem, outcome.cancelled) == ((), "", False)
    assert names(home.trash_dir) == [B]


def test_runs_can_be_erased_without_the_trash(home):
    make_run(home.runs_dir, A, files={"only": "here"})

    assert purge(home, [A], from_trash=False).removed == (A,)

    assert names(home.runs_dir) == []
    assert names(home.trash_dir) == [A, B]


def test_links_are_removed_and_never_followed(home, tmp_path):
    kept = make_run(tmp_path / "kept", "real", files={"data/file": "x"})
    before = tree(kept)
    run = home.trash_dir / A
    (run / "dir").symlink_to(kept, target_is_directory=True)
    (run / "x" / "y" / "up").symlink_to("../../..")
    (run / "file").symlink_to(kept / "data" / "file")
    (run / "sibling").symlink_to(f"../{B}")

    purge(home, [A], from_trash=True)

    assert tree(kept) == before
    assert names(home.trash_dir) == [B]
    assert (home.trash_dir / B / "x" / "y" / "z").exists()


def test_a_run_that_is_a_link_is_only_the_link(home, tmp_path):
    kept = make_run(tmp_path / "kept", "real")
    (home.trash_dir / "link").symlink_to(kept)
    (home.trash_dir / "broken").symlink_to("nowhere")

    assert purge(home, ["link", "broken"], from_trash=True).removed == ("link", "broken")

    assert (kept / ".guild" / "opref").exists()
    assert names(home.trash_dir) == [A, B]


def test_another_name_of_a_file_keeps_its_content(home, tmp_path):
    os.link(home.trash_dir / A / "x" / "y" / "z", tmp_path / "kept")
    size = disk_size(home.trash_dir / A).bytes

    assert purge(home, [A], from_trash=True).bytes_freed == size - 2

    assert (tmp_path / "kept").read_text() == "12"


def test_names_that_are_no_text_and_special_files_go(home):
    run = home.trash_dir / A
    odd = os.fsdecode(b"\xff\n\xfe")
    (run / odd / odd).mkdir(parents=True)
    (run / odd / odd / odd).write_text("x")
    os.mkfifo(run / "pipe")

    purge(home, [A], from_trash=True)

    assert names(home.trash_dir) == [B]


@pytest.fixture
def remove_at_end():
    """Removes directories with a program that manages any depth: pytest's own clean-up does not."""
    paths: list[Path] = []
    yield paths.append
    subprocess.run(["rm", "-rf", *paths], check=True)


def test_a_tree_of_any_depth_goes(home, monkeypatch, remove_at_end):
    remove_at_end(home.path)
    monkeypatch.chdir(home.trash_dir / A)
    for _ in range(3000):
        Path("d").mkdir()
        os.chdir("d")
    monkeypatch.chdir("/")

    assert purge(home, [A], from_trash=True).problem == ""

    assert names(home.trash_dir) == [B]


def test_read_only_directories_are_opened_and_go(open_dir, as_ordinary_user):
    open_dir.chmod(0o777)
    home = Home(open_dir / "home")
    with as_ordinary_user():
        run = make_run(home.trash_dir, A, files={"ro/sub/file": "x", "closed/file": "y"})
        (run / "ro" / "sub" / "file").chmod(0o400)
        for name in ("ro/sub", "ro", "closed"):
            (run / name).chmod(0o555 if name != "closed" else 0)

        outcome = purge(home, [A], from_trash=True)

        assert outcome.problem == ""
        assert names(home.trash_dir) == []


def test_what_belongs_to_another_user_is_a_refusal_before_anything_is_lost(
    open_dir, as_ordinary_user
):
    assert os.geteuid() == 0, "making files of another user needs root's rights"
    open_dir.chmod(0o777)
    home = Home(open_dir / "home")
    with as_ordinary_user():
        run = make_run(home.trash_dir, A, files={"checkpoint": "x"})
    (run / "out" / "sub").mkdir(parents=True)
    (run / "out" / "sub" / "root.bin").write_text("x")
    before = tree(home.path)

    with as_ordinary_user():
        (refused,) = purge(home, [A], from_trash=True).refused

    assert refused.kind == "denied"
    assert "its directory out belongs to another user" in refused.reason
    assert tree(home.path) == before


def test_another_disk_mounted_in_a_run_is_refused(home, make_disk):
    disk = make_disk(home.trash_dir / A / "data")
    (disk / "precious").write_text("x")

    (refused,) = purge(home, [A], from_trash=True).refused

    assert "another file system is mounted at its directory data" in refused.reason
    assert (disk / "precious").exists()
    assert (home.trash_dir / A / "x" / "y" / "z").exists()


def test_a_directory_mounted_from_the_same_disk_is_never_entered(home, tmp_path):
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("x")
    place = home.trash_dir / A / "data"
    place.mkdir()
    subprocess.run(["mount", "--bind", precious, place], check=True)
    try:
        outcome = purge(home, [A], from_trash=True)
    finally:
        mounts = Path("/proc/mounts").read_text().splitlines()
        for path in (line.split()[1] for line in mounts):
            if path.startswith(str(home.path)):
                subprocess.run(["umount", path], check=True)

    assert (precious / "file").read_text() == "x"
    assert outcome.removed == (A,)
    assert "files of it are left" in outcome.problem
    finish(home)
    assert names(home.trash_dir) == [B]


def test_a_running_run_is_not_erased(home, monkeypatch):
    run = make_run(home.runs_dir, A, files={".guild/LOCK": str(os.getpid())})
    monkeypatch.chdir(run)

    (refused,) = purge(home, [A], from_trash=False).refused

    assert refused.kind == "running"
    assert names(home.runs_dir) == [A]


def fill_up(directory):
    for number in range(300):
        (directory / f"{number}").touch()


def test_a_full_disk_does_not_keep_a_run_from_being_erased(tmp_path, make_disk):
    home = Home(make_disk(tmp_path / "disk", options="nr_inodes=200"))
    make_run(home.trash_dir, A, files={"x/y": "1"})
    with pytest.raises(OSError, match="No space left"):
        fill_up(home.path)

    assert purge(home, [A], from_trash=True).removed == (A,)

    assert names(home.trash_dir) == []


def many_files(home, count):
    run = make_run(home.trash_dir, "c" * 32)
    for number in range(count):
        if number % 1000 == 0:
            directory = run / f"part{number}"
            directory.mkdir()
        os.close(os.open(f"{directory}/{number}", os.O_CREAT))
    return run.name


def test_a_purge_of_100_000_files_asks_often_whether_it_is_cancelled(tmp_path, make_disk):
    home = Home(make_disk(tmp_path / "disk", size="256m"))  # made in a tenth of the time there
    for run_id in (A, B):
        make_run(home.trash_dir, run_id)
    name = many_files(home, 100_000)
    asked = []

    def advance(_amount):
        if not (home.trash_dir / name).exists():
            asked.append(1)
            if len(asked) == 20:
                raise Cancelled

    outcome = purge(home, [A, name, B], from_trash=True, advance=advance)

    assert outcome.cancelled
    assert outcome.removed == (A, name)
    assert [entry for entry in names(home.trash_dir) if not entry.startswith(".")] == [B]
    left = disk_size(home.trash_dir / ".rundesk").files
    assert 90_000 < left < 100_000
    finish(home)
    assert names(home.trash_dir) == [B]


@HELD_OPEN
def test_the_next_purge_takes_up_nothing_that_another_is_doing(home):
    name = many_files(home, 2000)
    other = threading.Event()
    gate = threading.Event()

    def advance(_amount):
        if not (home.trash_dir / name).exists():
            other.set()
            gate.wait(PATIENCE)

    outcomes = []
    worker = threading.Thread(
        target=lambda: outcomes.append(purge(home, [name], from_trash=True, advance=advance))
    )
    worker.start()
    assert other.wait(PATIENCE)
    freed = finish(home)
    gate.set()
    worker.join()

    assert freed == 0
    assert outcomes[0].problem == ""
    assert names(home.trash_dir) == [A, B]


def test_finishing_leaves_everything_else_alone(home):
    delete(home, [])
    (home.trash_dir / ".rundesk").mkdir()
    (home.trash_dir / ".rundesk" / "of somebody").mkdir()
    before = tree(home.path)

    assert finish(home) == 0

    assert tree(home.path) == before


def test_finishing_a_home_without_directories_is_nothing(tmp_path):
    assert finish(Home(tmp_path / "nowhere")) == 0
