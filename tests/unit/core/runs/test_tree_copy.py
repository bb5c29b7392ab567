"""Copies of runs while somebody changes what is copied."""

import os

import pytest

from core.errors import RunError
from core.runs.tree_copy import copy_tree
from tests.support.runs import make_run


@pytest.fixture
def source(tmp_path):
    return make_run(tmp_path / "runs", files={"result.txt": "mine"})


@pytest.fixture
def target(tmp_path):
    (tmp_path / "copy").mkdir()
    return tmp_path / "copy"


@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_a_file_that_becomes_something_else_meanwhile_is_not_read(source, target, tmp_path, kind):
    (tmp_path / "secret").write_text("secret")
    place = source / "result.txt"

    def replace():
        place.unlink(missing_ok=True)
        if kind == "link":
            place.symlink_to(tmp_path / "secret")
        else:
            os.mkfifo(place)

    with pytest.raises((OSError, RunError)):
        copy_tree(source, target, replace)

    assert not any(p.read_text() == "secret" for p in target.rglob("*") if p.is_file())
