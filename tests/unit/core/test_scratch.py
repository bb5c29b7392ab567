from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.scratch import Scratch

_LEAVE = """
import os, sys, time
from pathlib import Path
from core.scratch import Scratch
scratch = Scratch(Path(sys.argv[1]))
path = scratch.make()
(path / "left").write_text("x")
print(path, flush=True)
time.sleep(60)
"""


@pytest.fixture
def scratch(tmp_path):
    scratch = Scratch(tmp_path / "scratch")
    yield scratch
    scratch.close()


def test_nothing_is_made_before_it_is_needed(scratch, tmp_path):
    assert not (tmp_path / "scratch").exists()


def test_each_directory_is_new_and_private(scratch):
    first, second = scratch.make(), scratch.make()

    assert first != second
    assert first.stat().st_mode & 0o777 == 0o700
    assert not list(first.iterdir())


def test_closing_removes_everything(scratch, tmp_path):
    (scratch.make() / "file").write_text("x")

    scratch.close()

    assert not list((tmp_path / "scratch").iterdir())


def test_nothing_is_given_out_after_closing(scratch):
    scratch.close()

    with pytest.raises(FileNotFoundError, match="ending"):
        scratch.make()


def test_what_a_killed_process_left_is_removed_and_that_of_a_living_one_stays(scratch, tmp_path):
    place = tmp_path / "scratch"
    with _leaver(place) as living, _leaver(place) as killed:
        paths = [process.stdout.readline().strip() for process in (living, killed)]
        killed.kill()
        killed.wait()

        scratch.make()

        assert [Path(path).exists() for path in paths] == [True, False]
        living.kill()


def test_one_that_was_never_begun_is_removed_when_it_is_old(scratch, tmp_path):
    old, fresh = (tmp_path / "scratch" / f"new-{name}" for name in ("old", "fresh"))
    for path in (old, fresh):
        path.mkdir(parents=True)
    os.utime(old, (1, 1))

    scratch.clear_abandoned()

    assert (old.exists(), fresh.exists()) == (False, True)


def test_the_own_directory_is_never_taken_for_abandoned(scratch):
    path = scratch.make()

    scratch.clear_abandoned()

    assert path.is_dir()


def test_nothing_to_clear_is_no_error(tmp_path):
    Scratch(tmp_path / "nowhere").clear_abandoned()

    assert not (tmp_path / "nowhere").exists()


def _leaver(place):
    argv = [sys.executable, "-c", _LEAVE, str(place)]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
