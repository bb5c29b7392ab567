import os

import pytest

from core.home import Home
from remote.local_shelf import LocalPlace
from remote.swap import Swap, exchange
from tests.support.runs import make_run

A = "a" * 32


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path / "home")
    home.runs_dir.mkdir(parents=True)
    return home


@pytest.fixture
def staged(tmp_path):
    """A new version of the run, complete."""
    return make_run(tmp_path / "home" / "incoming" / "part", A, files={"model.bin": "new"})


def swap(home, staged, *, keep_old):
    swap_dir = home.path / "incoming" / "swap"
    swap_dir.mkdir()
    one = [Swap(A, str(staged), keep_old)]
    failures = exchange(LocalPlace(home), one, str(swap_dir), str(home.runs_dir))
    assert list(swap_dir.iterdir()) == []
    return failures


@pytest.mark.parametrize("keep_old", [False, True])
def test_the_new_version_takes_the_place_of_the_old_one(home, staged, keep_old):
    make_run(home.runs_dir, A, files={"model.bin": "old"})

    assert swap(home, staged, keep_old=keep_old) == {}

    assert (home.runs_dir / A / "model.bin").read_text() == "new"
    assert (home.trash_dir / A).exists() == keep_old


@pytest.mark.parametrize("keep_old", [False, True])
def test_a_run_that_was_just_taken_away_is_there_in_its_new_version(home, staged, keep_old):
    assert swap(home, staged, keep_old=keep_old) == {}

    assert (home.runs_dir / A / "model.bin").read_text() == "new"
    assert not (home.trash_dir / A).exists()


def test_an_old_version_goes_to_a_trash_on_another_disk_whole(home, staged, make_disk):
    old = make_run(home.runs_dir, A, files={"model.bin": "old", "deep/file": "x"})
    (old / "model.bin").chmod(0o640)
    make_disk(home.trash_dir)

    assert swap(home, staged, keep_old=True) == {}

    assert (home.trash_dir / A / "model.bin").read_text() == "old"
    assert (home.trash_dir / A / "model.bin").stat().st_mode & 0o777 == 0o640
    assert [path.name for path in home.trash_dir.iterdir()] == [A]


def test_an_old_version_stays_where_it_is_kept_when_the_trash_is_full(home, staged, make_disk):
    make_run(home.runs_dir, A, files={"model.bin": os.urandom(300_000)})
    make_disk(home.trash_dir, size="64k")

    with pytest.raises(OSError, match="No space"):
        swap(home, staged, keep_old=True)

    kept = home.path / "incoming" / "swap" / f"{A}.old"
    assert (kept / "model.bin").stat().st_size == 300_000
    assert (home.runs_dir / A / "model.bin").read_text() == "new"
    assert list(home.trash_dir.iterdir()) == []
