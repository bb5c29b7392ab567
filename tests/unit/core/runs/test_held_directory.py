"""What both ways of working in a directory promise, and what Windows asks for besides."""

import os
import stat
from types import SimpleNamespace

import pytest

from core.runs import held_directory
from core.runs.held_directory import BY_PATH, START, is_link
from tests.support.directory_ways import BOTH_WAYS, HELD_OPEN

pytestmark = BOTH_WAYS


@pytest.fixture
def directory(tmp_path, way):
    (tmp_path / "inner").mkdir()
    with_way = held_directory.START.directory(str(tmp_path / "inner"))
    yield with_way
    with_way.close()


@pytest.fixture
def inner(tmp_path, directory):
    return tmp_path / "inner"


def test_this_platform_holds_directories_open():
    assert START is not BY_PATH


def test_files_are_made_read_renamed_and_removed(directory, inner):
    with os.fdopen(directory.create("new"), "wb") as file:
        file.write(b"text")
    (inner / "old").write_text("old")

    directory.replace("new", "old")

    assert directory.names() == ["old"]
    with os.fdopen(directory.open("old"), "rb") as file:
        assert file.read() == b"text"
    assert directory.stat("old").st_size == 4
    directory.unlink("old")
    assert list(inner.iterdir()) == []


def test_a_file_that_is_there_is_not_made_again(directory, inner):
    (inner / "here").write_text("mine")

    with pytest.raises(FileExistsError):
        directory.create("here")

    assert (inner / "here").read_text() == "mine"


def test_directories_are_made_and_entered_in_turn(directory, inner):
    directory.make_directory("below")
    below = directory.directory("below")
    (inner / "below" / "file").write_text("x")

    assert below.names() == ["file"]
    assert below.own_stat().st_ino == (inner / "below").stat().st_ino
    below.sync()
    below.close()
    with pytest.raises(NotADirectoryError):
        directory.directory("below/file")


@pytest.mark.parametrize("target", ["file", "folder", "nowhere"])
def test_links_are_neither_opened_nor_entered_and_their_own_facts_are_told(
    directory, inner, target
):
    (inner / "file").write_text("x")
    (inner / "folder").mkdir()
    (inner / "link").symlink_to(target)

    with pytest.raises(OSError, match="it is a link"):
        directory.open("link")
    with pytest.raises(OSError, match="it is a link"):
        directory.directory("link")

    assert stat.S_ISLNK(directory.stat("link").st_mode)


def test_what_may_be_written_is_asked_of_the_system(open_dir, as_ordinary_user, way):
    for name, mode in (("open", 0o666), ("closed", 0o444)):
        (open_dir / name).write_text("")
        (open_dir / name).chmod(mode)

    with as_ordinary_user():
        directory = held_directory.START.directory(str(open_dir))
        may = [directory.may_write(name) for name in ("open", "closed")]
        directory.close()

    assert may == [True, False]


@HELD_OPEN
def test_a_directory_is_locked_until_it_is_closed(tmp_path, way):
    first, second = (held_directory.START.directory(str(tmp_path)) for _ in range(2))
    assert first.lock()

    with pytest.raises(BlockingIOError):
        second.lock()

    first.close()
    assert second.lock()
    second.close()


@pytest.mark.parametrize("way", ["paths"], indirect=True)
def test_a_directory_known_by_its_path_says_that_it_is_not_locked(directory):
    assert directory.lock() is False


@pytest.mark.parametrize("way", ["paths"], indirect=True)
def test_a_file_that_somebody_reads_is_replaced_when_he_has_done(directory, inner, monkeypatch):
    """Windows refuses to replace a file that is open."""
    (inner / "new").write_text("new")
    (inner / "old").write_text("old")
    replace, tries = os.replace, []

    def refuse_while_open(source, target):
        tries.append(target)
        if len(tries) < 3:
            raise PermissionError(13, "it is open")
        replace(source, target)

    monkeypatch.setattr(os, "replace", refuse_while_open)

    directory.replace("new", "old")

    assert (inner / "old").read_text() == "new"
    assert len(tries) == 3


@pytest.mark.parametrize("way", ["paths"], indirect=True)
def test_what_stays_refused_is_refused(directory, inner, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "it is open")

    monkeypatch.setattr(os, "unlink", refuse)
    (inner / "file").write_text("")

    with pytest.raises(PermissionError):
        directory.unlink("file")


def test_a_junction_of_windows_is_a_link_and_an_ordinary_directory_is_none(tmp_path):
    junction = SimpleNamespace(st_mode=stat.S_IFDIR | 0o777, st_reparse_tag=0xA0000003)
    cloud = SimpleNamespace(st_mode=stat.S_IFDIR | 0o777, st_reparse_tag=0x9000001A)

    assert is_link(junction)
    assert not is_link(cloud)
    assert not is_link(tmp_path.stat())
