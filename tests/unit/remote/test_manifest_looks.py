"""Whether a run still is what was listed: a quick look never misses what a whole one would see."""

import os

import pytest

from core.archives.checksums import NAME as RECORD
from remote.manifest import is_as_listed, manifest_here
from tests.support.runs import make_run

ID = "a" * 32


@pytest.fixture
def run_dir(tmp_path):
    return make_run(tmp_path, ID, attrs={"label": "one"}, files={"model": b"12345", "in/two": b""})


def listed(run_dir):
    return manifest_here(ID, str(run_dir), lambda: None)


def rewrite(path, data):
    """Another content, with the time of the old one."""
    when = path.stat().st_mtime_ns
    path.write_bytes(data)
    os.utime(path, ns=(when, when))


def swap_for_link(path):
    path.unlink()
    path.symlink_to("two")


CHANGES = {
    "grown": lambda run: rewrite(run / "model", b"123456"),
    "rewritten": lambda run: os.utime(run / "model", ns=(1, 1)),
    "other rights": lambda run: (run / "model").chmod(0o600),
    "rights of a directory": lambda run: (run / "in").chmod(0o700),
    "new": lambda run: (run / "in" / "three").touch(),
    "new and the time put back": lambda run: (
        when := (run / "in").stat().st_mtime_ns,
        (run / "in" / "three").touch(),
        os.utime(run / "in", ns=(when, when)),
    ),
    "gone": lambda run: (run / "model").unlink(),
    "a link by now": lambda run: swap_for_link(run / "in" / "two"),
    "a directory by now": lambda run: ((run / "model").unlink(), (run / "model").mkdir()),
    "running by now": lambda run: (run / ".guild" / "LOCK").write_text("1"),
    "running elsewhere by now": lambda run: (run / ".guild" / "LOCK.remote").write_text("box"),
}


def test_a_run_that_nobody_touched_is_as_it_was_listed(run_dir):
    assert is_as_listed(listed(run_dir), str(run_dir))


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_changes_is_seen(run_dir, change):
    before = listed(run_dir)

    CHANGES[change](run_dir)

    assert not is_as_listed(before, str(run_dir))


def test_a_run_that_is_gone_is_not_as_it_was(run_dir):
    before = listed(run_dir)
    run_dir.rename(run_dir.with_name("b"))

    assert not is_as_listed(before, str(run_dir))


def test_what_never_travels_makes_no_difference(run_dir):
    (run_dir / RECORD).write_text("checksums")
    (run_dir / ".guild" / "LOCK.remote").write_text("box")
    before = listed(run_dir)
    assert RECORD not in before.entries

    (run_dir / RECORD).write_text("other checksums")

    assert is_as_listed(before, str(run_dir))
