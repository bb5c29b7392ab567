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
