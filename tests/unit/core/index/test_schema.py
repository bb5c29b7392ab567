"""The files of the cache: whose they are, and when they go."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from core.index.schema import VERSION, Cache, cache_file

DIGEST = "0123456789abcdef01234567"


@pytest.fixture
def cache_dir(tmp_path):
    (tmp_path / "cache").mkdir()
    return tmp_path / "cache"


def open_and_close(file):
    cache = Cache(file)
    cache.fields(["id"])
    cache.close()
    return cache


def names(directory):
    return sorted(path.name for path in directory.iterdir())


def test_files_of_older_versions_go_when_one_of_this_version_is_made(cache_dir, tmp_path):
    for suffix in ("", "-wal", "-shm"):
        (cache_dir / f"index-{VERSION - 1}-{DIGEST}.sqlite{suffix}").write_bytes(b"old")
    others = [
        f"index-{VERSION + 1}-{DIGEST}.sqlite",
        f"index-{VERSION}-{DIGEST}.sqlite",
        f"index-{VERSION - 1}-{DIGEST}.sqlite.mine",
        "index-notes.txt",
    ]
    for name in others:
        (cache_dir / name).write_bytes(b"keep")

    file = cache_file(cache_dir, tmp_path)
    open_and_close(file)

    assert names(cache_dir) == sorted([*others, file.name])


def test_files_of_older_versions_are_left_alone_by_a_file_that_is_there(cache_dir, tmp_path):
    file = cache_file(cache_dir, tmp_path)
    open_and_close(file)
    older = cache_dir / f"index-{VERSION - 1}-{DIGEST}.sqlite"
    older.write_bytes(b"made again by an older program")

    open_and_close(file)

    assert names(cache_dir) == sorted([older.name, file.name])


def test_an_older_file_that_cannot_be_removed_keeps_nothing_from_working(cache_dir, tmp_path):
    (cache_dir / f"index-{VERSION - 1}-{DIGEST}.sqlite").mkdir()

    cache = open_and_close(cache_file(cache_dir, tmp_path))

    assert cache.problem == ""


@pytest.mark.parametrize("part", ["", "-wal"])
@pytest.mark.parametrize("mode", [0o000, 0o444])
def test_a_file_that_the_user_may_not_use_is_made_anew(open_dir, as_ordinary_user, mode, part):
    """As one is left that was made by `sudo`, or with other rights."""
    file = cache_file(open_dir, open_dir / "home")
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE other (column)")
    connection.close()
    barred = Path(f"{file}{part}")
    barred.touch()
    barred.chmod(mode)
    open_dir.chmod(0o777)

    with as_ordinary_user():
        cache = open_and_close(file)

    assert cache.problem == ""
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT count(*) FROM run").fetchone() == (0,)
    connection.close()


def test_why_a_file_cannot_be_kept_is_said_in_words(cache_dir, tmp_path):
    file = cache_file(tmp_path / "cache" / "file", tmp_path)
    file.parent.write_text("in the way")

    problem = open_and_close(file).problem

    assert (
        problem == f"The index {file} cannot be kept on disk (File exists); it works from memory."
    )
