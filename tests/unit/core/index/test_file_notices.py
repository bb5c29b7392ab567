import ctypes
import errno
import os
import shutil
import sys
from pathlib import Path

import pytest

from core.index.file_notices import FileNotices, file_system
from tests.support.runs import make_run

A, B, C = "a" * 32, "b" * 32, "c" * 32

pytestmark = pytest.mark.usefixtures("on_linux")


@pytest.fixture
def on_linux():
    assert sys.platform == "linux"


@pytest.fixture
def runs(tmp_path):
    for run_id in (A, B):
        make_run(tmp_path, run_id, attrs={"label": "old", "started": "1"})
    return tmp_path


@pytest.fixture
def notices():
    notices = FileNotices(lambda path: "ext4")
    yield notices
    notices.close()


def attr(runs, run_id, name):
    return runs / run_id / ".guild" / "attrs" / name


def test_attribute_that_is_rewritten_in_place_is_told(runs, notices):
    assert notices.cover(1, str(runs), A)
    assert notices.cover(2, str(runs), B)
    assert notices.take() == {}

    attr(runs, B, "started").write_text("2")

    assert notices.take() == {2: {"started"}}
    assert notices.take() == {}


def test_reading_is_not_told(runs, notices):
    notices.cover(1, str(runs), A)

    attr(runs, A, "label").read_text()
    list(attr(runs, A, "").iterdir())

    assert notices.take() == {}


def test_of_what_comes_goes_or_is_put_in_place_it_is_told_that_something_did(runs, notices):
    notices.cover(1, str(runs), A)
    for change in (
        lambda: attr(runs, A, "marked").write_text("true"),
        lambda: attr(runs, A, "marked").unlink(),
        lambda: (
            attr(runs, A, ".new").write_text("new"),
            attr(runs, A, ".new").rename(attr(runs, A, "label")),
        ),
    ):
        change()

        assert notices.take() == {1: set()}


def test_run_that_is_moved_is_told_under_its_new_number(runs, notices):
    trash = runs / "trash"
    trash.mkdir()
    notices.cover(1, str(runs), A)
    (runs / A).rename(trash / A)

    assert notices.cover(3, str(trash), A)

    assert not notices.covers(1)
    attr(trash, A, "label").write_text("new")
    assert notices.take() == {3: {"label"}}


def test_run_that_is_gone_is_not_covered_any_more(runs, notices):
    notices.cover(1, str(runs), A)
    notices.cover(2, str(runs), B)

    shutil.rmtree(runs / A)
    notices.take()

    assert not notices.covers(1)
    assert notices.covers(2)
    assert not notices.cover(1, str(runs), A)


def test_attributes_that_are_moved_away_are_not_covered_any_more(runs, notices):
    notices.cover(1, str(runs), A)

    attr(runs, A, "").rename(runs / "elsewhere")
    notices.take()

    assert not notices.covers(1)


def test_what_comes_to_a_place_and_goes_is_told(runs, notices):
    inode = runs.stat().st_ino
    assert not notices.covers_place(False, inode)
    notices.cover_place(False, str(runs))
    assert notices.covers_place(False, inode)

    (runs / A).rename(runs / "other")
    shutil.rmtree(runs / B)
    attr(runs, "other", "label").write_text("new")

    assert notices.take() == {}
    assert notices.entries == {(False, A), (False, "other"), (False, B)}


def test_place_that_is_moved_or_gone_is_not_covered_any_more(runs, notices):
    for place, name, go in ((False, A, lambda p: p.rename(runs / "x")), (True, B, shutil.rmtree)):
        directory = runs / name
        inode = directory.stat().st_ino
        notices.cover_place(place, str(directory))
        assert notices.covers_place(place, inode)

        go(directory)
        notices.take()

        assert notices.is_incomplete
        assert not notices.covers_place(place, inode)
        notices.is_incomplete = False


def test_link_to_another_file_system_is_not_covered(runs, notices):
    shm = Path("/dev/shm")
    assert shm.stat().st_dev != runs.stat().st_dev
    beside = shm / f"rundesk-test-{os.getpid()}"
    try:
        make_run(beside, B, attrs={"label": "old"})
        (runs / "link").symlink_to(beside / B)

        assert not notices.cover(1, str(runs), "link")
    finally:
        shutil.rmtree(beside)


def test_file_system_of_other_machines_is_not_covered(runs):
    notices = FileNotices(lambda path: "nfs4")

    assert not notices.cover(1, str(runs), A)
    assert notices.take() == {}
    notices.close()


def overflow(runs):
    """More writes than the system can tell of."""
    most = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    files = [os.open(attr(runs, A, name), os.O_WRONLY) for name in ("label", "started")]
    for number in range(most + 10):  # one that repeats the one before is told once
        os.write(files[number % 2], b"x")
    for file in files:
        os.close(file)


def test_more_than_the_system_can_tell_is_known_to_be_missing(runs, notices):
    notices.cover(1, str(runs), A)
    overflow(runs)

    assert not notices.is_incomplete
    assert notices.take() == {1: {"label", "started"}}
    assert notices.is_incomplete


def test_only_a_part_of_the_watches_is_taken(runs, notices, monkeypatch):
    monkeypatch.setattr("core.index.file_notices._most_watches", lambda: 1)

    assert notices.cover(1, str(runs), A)
    assert not notices.cover(2, str(runs), B)
    assert notices.cover(1, str(runs), A)
    assert len(notices) == 1
    assert notices.is_full

    shutil.rmtree(runs / A)
    notices.take()

    assert notices.cover(2, str(runs), B)


def test_where_watches_are_used_up_a_run_that_is_covered_can_be_covered_again(
    runs, notices, monkeypatch
):
    make_run(runs, C)
    assert notices.cover(1, str(runs), A)
    assert notices.cover(2, str(runs), B)
    refuse_more(notices, monkeypatch)
    assert not notices.cover(3, str(runs), C)

    notices.uncover(1)

    assert notices.cover(1, str(runs), A)
    assert notices.is_full


def refuse_more(notices, monkeypatch):
    """The system answers as it does when another program took all watches but the two there are."""
    add = notices._add

    def add_known(descriptor, path, mask):
        watch = add(descriptor, path, mask)
        if watch <= 2:
            return watch
        ctypes.set_errno(errno.ENOSPC)
        return -1

    monkeypatch.setattr(notices, "_add", add_known)


def test_place_that_is_on_another_disk_now_is_told_of(runs, notices):
    shm = Path("/dev/shm")
    assert shm.stat().st_dev != runs.stat().st_dev
    beside = shm / f"rundesk-test-{os.getpid()}"
    place = runs / "place"
    place.symlink_to(runs / A)
    notices.cover_place(False, str(place))
    try:
        beside.mkdir()
        place.unlink()
        place.symlink_to(beside)

        notices.cover_place(False, str(place))

        assert notices.covers_place(False, beside.stat().st_ino)
    finally:
        shutil.rmtree(beside)


def test_place_is_covered_anew_where_it_may_not_have_been_told_that_it_went(runs, notices):
    inode = runs.stat().st_ino
    notices.cover_place(False, str(runs))
    notices.cover(1, str(runs), A)
    overflow(runs)

    notices.take()

    assert not notices.covers_place(False, inode)
    notices.cover_place(False, str(runs))
    assert notices.covers_place(False, inode)


def test_nothing_is_told_after_the_end(runs, notices):
    notices.cover(1, str(runs), A)
    attr(runs, A, "label").write_text("new")

    notices.close()

    assert notices.take() == {}
    assert not notices.covers(1)
    assert not notices.cover(1, str(runs), A)


def test_kind_of_file_system_is_that_of_the_innermost_mount():
    assert file_system("/proc/self") == "proc"
    assert file_system("/dev/shm/x") == "tmpfs"
    assert file_system("/dev/shmx") != "tmpfs" or file_system("/dev") == "tmpfs"
    assert file_system("/") != ""
