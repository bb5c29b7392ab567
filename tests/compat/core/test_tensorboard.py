"""TensorBoard itself shows the runs that were chosen."""

from __future__ import annotations

import json
import os
import urllib.request

import pytest

from core.errors import Cancelled, Error
from core.tensorboard import find_tensorboard, link_runs, start_tensorboard
from tests.support.plotted import write_events


@pytest.fixture
def runs(tmp_path):
    found = []
    for name in ("a/b: c", "a/b: c", "best"):
        path = tmp_path / f"{len(found):032x}"
        write_events(path, {"loss": [3.0, 2.0, 1.0]})
        found.append((name, path))
    return found


@pytest.fixture
def program(peer):
    found = find_tensorboard({"PATH": ""}, [peer.bin / "python"])
    assert found is not None
    return found


def test_it_shows_the_scalars_of_the_chosen_runs_and_ends(peer, program, runs):
    board = start_tensorboard(program, runs, peer.environ)
    try:
        with urllib.request.urlopen(f"{board.address.rstrip('/')}/data/runs", timeout=30) as answer:
            shown = json.load(answer)
        log_dir = board._log_dir
        assert board.is_running
        assert board.address.startswith("http://localhost:")
    finally:
        board.close()

    assert sorted(shown) == ["a_b_ c 2/.guild", "a_b_ c/.guild", "best/.guild"]
    assert not board.is_running
    assert not log_dir.exists()
    assert all(path.exists() for _, path in runs)


def test_a_start_can_be_cancelled(program, runs, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()

    def check():
        raise Cancelled

    with pytest.raises(Cancelled):
        start_tensorboard(program, runs, os.environ, check=check)
    assert list((tmp_path / "temporary").iterdir()) == []


def test_a_program_that_ends_at_once_is_told_with_its_last_words(tmp_path, runs):
    broken = tmp_path / "tensorboard"
    broken.write_text("#!/bin/sh\necho no module named six >&2\nexit 3\n")
    broken.chmod(0o755)

    with pytest.raises(Error, match="ended at once: no module named six"):
        start_tensorboard(broken, runs, os.environ)


def test_it_is_found_in_the_environment_that_is_active(peer):
    place = peer.bin.parent

    found = find_tensorboard({"VIRTUAL_ENV": str(place), "PATH": "/nowhere"})

    assert found == place / "bin" / "tensorboard"
    assert find_tensorboard({"PATH": "/nowhere"}) is None


def test_names_of_links_are_safe_and_different(tmp_path):
    link_runs(tmp_path, [("../x", tmp_path), ("../x", tmp_path), ("", tmp_path), ("é λ", tmp_path)])

    assert sorted(path.name for path in tmp_path.iterdir()) == ["_x", "_x 2", "run", "é λ"]
