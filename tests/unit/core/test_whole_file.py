import contextlib
import os
import subprocess

import pytest

from core.errors import Error
from core.whole_file import write_whole
from tests.support.patience import PATIENCE
from tests.support.processes import wait_until


@pytest.fixture
def others_read():
    """New files may be read by everybody."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def test_texts_and_bytes_are_written_one_after_the_other(tmp_path):
    path = tmp_path / "file"

    write_whole(path, ["é\r\n", b"\x00\xff", "half \ud800"])

    assert path.read_bytes() == "é\r\n".encode() + b"\x00\xff" + rb"half \ud800"
    assert list(tmp_path.iterdir()) == [path]


def test_a_new_file_may_be_read_by_whom_the_user_lets_read_new_files(tmp_path, others_read):
    path = tmp_path / "file"

    write_whole(path, ["text"])

    assert path.stat().st_mode & 0o777 == 0o644


def test_permissions_of_the_file_before_stay(tmp_path, others_read):
    path = tmp_path / "file"
    path.write_text("old")
    path.chmod(0o660)

    write_whole(path, ["new"])

    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o660


def test_what_breaks_off_leaves_the_file_as_it_was(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")

    def pieces():
        yield "new"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_whole(path, pieces())

    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(Error, match="Cannot write") as e:
        write_whole(tmp_path / "file" / "below.csv", ["text"])

    assert e.value.told.startswith(f"Cannot write {tmp_path / 'file' / 'below.csv'}: ")
    assert e.value.told.endswith("Choose a directory you may write to, with enough free space.")


def test_a_link_stays_one(tmp_path):
    (tmp_path / "file").write_text("old")
    link = tmp_path / "link"
    link.symlink_to("file")

    write_whole(link, ["new"])

    assert link.is_symlink()
    assert (tmp_path / "file").read_text() == "new"


def test_a_link_to_what_is_not_there_yet_makes_it(tmp_path):
    link = tmp_path / "link"
    link.symlink_to("file")

    write_whole(link, ["new"])

    assert (tmp_path / "file").read_text() == "new"


def test_a_pipe_is_written_to_and_stays_one(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE)
    held = opened_for_writing(pipe)  # until then, or the reader would see an end

    write_whole(pipe, ["a" * 100_000, b"b"])
    os.close(held)

    assert reader.communicate(timeout=PATIENCE)[0] == b"a" * 100_000 + b"b"
    assert pipe.is_fifo()


def test_a_pipe_that_nobody_reads_is_not_waited_for(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    with pytest.raises(Error, match=r"Cannot write .*pipe: nobody reads from it\."):
        write_whole(pipe, ["text"])

    assert pipe.is_fifo()


def test_a_name_as_long_as_names_may_be_is_written(tmp_path):
    path = tmp_path / ("n" * 255)

    write_whole(path, ["text"])

    assert path.read_text() == "text"


def opened_for_writing(pipe):
    """A pipe, as soon as somebody has opened it for reading."""
    opened = []

    def is_read():
        with contextlib.suppress(OSError):
            opened.append(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
        return opened

    wait_until(is_read)
    return opened[0]
