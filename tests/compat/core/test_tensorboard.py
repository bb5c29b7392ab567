"""TensorBoard itself shows the runs that were chosen."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request

import psutil
import pytest

from core.errors import Cancelled, Error
from core.tensorboard import (
    boards_scratch,
    end_boards_in,
    find_tensorboard,
    link_runs,
    start_tensorboard,
)
from tests.support.patience import PATIENCE
from tests.support.plotted import write_events
from tests.support.processes import wait_until


@pytest.fixture
def runs(tmp_path):
    found = []
    for name in ("a/b: c", "a/b: c", "best"):
        path = tmp_path / f"{len(found):032x}"
        write_events(path, {"loss": [3.0, 2.0, 1.0]})
        found.append((name, path))
    return found


@pytest.fixture
def program(peer, monkeypatch):
    monkeypatch.setattr("core.tensorboard.PATIENCE", 4 * PATIENCE)
    found = find_tensorboard({"PATH": ""}, [peer.bin / "python"])
    assert found is not None
    return found


@pytest.fixture
def scratch(tmp_path):
    scratch = boards_scratch(tmp_path / "boards")
    yield scratch
    scratch.close()


def links(runs):
    return lambda log_dir: link_runs(log_dir, runs)


def readers_of(path):
    """Processes that name something below a directory on their command lines."""
    found = psutil.process_iter(["cmdline"])
    return [each for each in found if str(path) in " ".join(each.info["cmdline"] or ())]


def test_it_shows_the_scalars_of_the_chosen_runs_and_ends(peer, program, runs, scratch, tmp_path):
    board = start_tensorboard(program, links(runs), peer.environ, scratch)
    names = ["a_b_ c 2/.guild", "a_b_ c/.guild", "best/.guild"]

    def shown():  # it reads them when it is open already
        address = f"{board.address.rstrip('/')}/data/runs"
        with urllib.request.urlopen(address, timeout=PATIENCE) as answer:
            return sorted(json.load(answer))

    try:
        wait_until(lambda: shown() == names)
        assert board.is_running
        assert readers_of(tmp_path / "boards")
        assert board.address.startswith("http://localhost:")
    finally:
        board.close()

    assert not board.is_running
    assert not readers_of(tmp_path / "boards")
    assert not list((tmp_path / "boards").glob("*/*"))
    assert all(path.exists() for _, path in runs)


_START_AND_DIE = """
import os, signal, sys
from pathlib import Path
from core.tensorboard import boards_scratch, link_runs, start_tensorboard
program, place, run = map(Path, sys.argv[1:])
board = start_tensorboard(
    program, lambda log_dir: link_runs(log_dir, [("a", run)]), os.environ, boards_scratch(place)
)
print(board.address, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_program_started_is_ended_by_the_next_one(peer, program, runs, tmp_path):
    place, run = tmp_path / "boards", runs[0][1]
    argv = [sys.executable, "-c", _START_AND_DIE, str(program), str(place), str(run)]
    said = subprocess.run(
        argv, env=os.environ, capture_output=True, text=True, timeout=4 * PATIENCE
    )
    assert said.stdout.startswith("http://localhost:"), said.stderr
    (left,) = place.iterdir()
    assert readers_of(place)

    boards_scratch(place).clear_abandoned()

    assert not readers_of(place)
    assert not left.exists()
    assert (run / ".guild").is_dir()


def test_what_a_living_program_started_is_left_alone(peer, program, runs, scratch, tmp_path):
    board = start_tensorboard(program, links(runs), peer.environ, scratch)
    try:
        boards_scratch(tmp_path / "boards").clear_abandoned()
        assert board.is_running
    finally:
        board.close()


def test_other_programs_that_name_the_directory_are_left_alone(tmp_path):
    other = subprocess.Popen([sys.executable, "-c", "input()", str(tmp_path / "boards" / "x")],
                             stdin=subprocess.PIPE)  # fmt: skip
    try:
        end_boards_in(tmp_path / "boards")
        assert other.poll() is None
    finally:
        other.communicate(b"\n")


def test_a_start_can_be_cancelled(program, runs, scratch, tmp_path):
    def check():
        raise Cancelled

    with pytest.raises(Cancelled):
        start_tensorboard(program, links(runs), os.environ, scratch, check=check)
    assert not list((tmp_path / "boards").glob("*/*"))
    assert not readers_of(tmp_path / "boards")


def test_a_program_that_ends_at_once_is_told_with_its_last_words(tmp_path, runs, scratch):
    broken = tmp_path / "tensorboard"
    broken.write_text("#!/bin/sh\necho no module named six >&2\nexit 3\n")
    broken.chmod(0o755)

    with pytest.raises(Error, match="ended at once: no module named six"):
        start_tensorboard(broken, links(runs), os.environ, scratch)


def test_it_is_found_in_the_environment_that_is_active(peer):
    place = peer.bin.parent

    found = find_tensorboard({"VIRTUAL_ENV": str(place), "PATH": "/nowhere"})

    assert found == place / "bin" / "tensorboard"
    assert find_tensorboard({"PATH": "/nowhere"}) is None


def test_none_of_the_current_directory_is_taken(tmp_path, monkeypatch):
    (tmp_path / "tensorboard").write_text("#!/bin/sh\n")
    (tmp_path / "tensorboard").chmod(0o755)
    monkeypatch.chdir(tmp_path)

    assert find_tensorboard({}) is None
    assert find_tensorboard({"PATH": ""}) is None


def test_names_of_links_are_safe_and_different(tmp_path):
    link_runs(tmp_path, [("../x", tmp_path), ("../X", tmp_path), ("", tmp_path), ("é λ", tmp_path)])

    assert sorted(path.name for path in tmp_path.iterdir()) == ["_X 2", "_x", "run", "é λ"]
