import os
import socket
from pathlib import Path

import pytest

from core.runs.guild_files import (
    open_directory,
    open_file,
    open_guild_file,
    opened_directory,
    read_file,
    reason,
)
from core.runs.manifest import read_manifest
from core.runs.store import Store
from core.runs.tail import read_tail
from tests.support.directory_ways import BOTH_WAYS, HELD_OPEN
from tests.support.runs import make_run

pytestmark = BOTH_WAYS

A, B = "a" * 32, "b" * 32
A_LINK = "it is a link, and links in a run are not followed"


def why(function, *args):
    with pytest.raises(OSError) as caught:  # noqa: PT011 - the reason is what is tested
        function(*args)
    return reason(caught.value)


def open_descriptors() -> dict[str, str]:
    return {
        path.name: str(path.readlink()) for path in Path("/proc/self/fd").iterdir() if path.exists()
    }


def test_a_file_is_read_whole_however_large(tmp_path):
    for size in (0, 1, 65_535, 65_536, 65_537, 3_000_000):
        (tmp_path / "file").write_bytes(b"x" * size)

        assert len(read_file(str(tmp_path / "file"))) == size


def test_of_a_file_that_is_too_large_a_little_more_than_the_limit_is_read(tmp_path):
    with (tmp_path / "file").open("wb") as file:
        file.truncate(1 << 40)

    assert 5_000_000 < len(read_file(str(tmp_path / "file"), most=5_000_000)) < 7_000_000


@pytest.mark.parametrize("read", [open_file, read_file])
def test_what_is_no_file_is_told_and_never_waited_for(tmp_path, read):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(tmp_path / "socket"))

    assert why(read, str(tmp_path / "pipe")) == "it is not a file"
    assert why(read, str(tmp_path / "folder")).endswith("is a directory")
    assert why(read, str(tmp_path / "socket")) == "no such device or address"
    assert why(read, str(tmp_path / "gone")) == "no such file or directory"
    assert why(read, "/dev/zero") == "it is not a file"


@pytest.mark.parametrize("read", [open_file, read_file, open_directory])
def test_no_link_is_followed(tmp_path, read):
    (tmp_path / "file").write_text("x")
    for name, target in (("link", "file"), ("up", ".."), ("gone", "nowhere"), ("loop", "loop")):
        (tmp_path / name).symlink_to(target)

        assert why(read, str(tmp_path / name)) == A_LINK


def test_a_link_is_followed_to_a_file_where_the_caller_wants_it(tmp_path):
    (tmp_path / "file").write_text("x")
    (tmp_path / "link").symlink_to("file")
    (tmp_path / "zero").symlink_to("/dev/zero")

    descriptor = open_file(str(tmp_path / "link"), follow=True)

    assert os.read(descriptor, 9) == b"x"
    os.close(descriptor)
    with pytest.raises(OSError, match="it is not a file"):
        open_file(str(tmp_path / "zero"), follow=True)


@HELD_OPEN
def test_names_are_looked_up_in_the_directory_that_was_opened(tmp_path):
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "file").write_text("mine")

    with opened_directory(str(tmp_path / "here")) as directory:
        (tmp_path / "here").rename(tmp_path / "there")
        (tmp_path / "here").mkdir()
        (tmp_path / "here" / "file").write_text("not mine")

        assert read_file("file", directory) == b"mine"


def test_no_descriptor_is_left_open(tmp_path):
    run_dir = make_run(tmp_path, files={".guild/manifest": "", ".guild/output": "x\n"})
    os.mkfifo(run_dir / ".guild" / "pipe")
    before = open_descriptors()

    Store(tmp_path).read(run_dir.name)
    read_manifest(run_dir)
    read_tail(run_dir, 1, ended=True)
    assert why(open_guild_file, run_dir, "pipe") == "it is not a file"
    assert why(open_guild_file, run_dir, "gone") == "no such file or directory"

    assert open_descriptors() == before


def test_a_run_on_another_disk_that_is_linked_into_the_store_is_read(tmp_path):
    make_run(tmp_path / "scratch", A, attrs={"label": "far"}, files={".guild/output": "hello\n"})
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / A).symlink_to(tmp_path / "scratch" / A)

    run = Store(tmp_path / "runs").read(A)

    assert (run.label, run.problem) == ("far", "")
    assert read_tail(run.path, 1, ended=True)[0].text == "hello"


def test_a_run_whose_guild_directory_is_a_link_says_so_and_shows_nothing(tmp_path):
    other = make_run(tmp_path / "elsewhere", B, attrs={"label": "secret"})
    (tmp_path / "runs" / A).mkdir(parents=True)
    (tmp_path / "runs" / A / ".guild").symlink_to(other / ".guild")
    store = Store(tmp_path / "runs")

    run = store.read(A)

    assert store.ids() == [A]
    assert (
        run.problem == f"Run aaaaaaaa cannot be read fully: its .guild cannot be read ({A_LINK})."
    )
    assert (run.label, run.opref, run.attr_names) == ("", "", ())


def test_a_run_whose_attributes_are_a_link_says_so_and_shows_the_rest(tmp_path):
    other = make_run(tmp_path / "elsewhere", B, attrs={"label": "secret", "exit_status": "0"})
    run_dir = make_run(tmp_path / "runs", A)
    (run_dir / ".guild" / "attrs").rmdir()
    (run_dir / ".guild" / "attrs").symlink_to(other / ".guild" / "attrs")

    run = Store(tmp_path / "runs").read(A)

    assert A_LINK in run.problem
    assert (run.label, run.exit_status, run.attr_names) == ("", None, ())
    assert run.operation == "train.py"


@pytest.mark.parametrize("name", ["opref", "manifest", "output"])
def test_no_file_of_guild_is_read_through_a_link(tmp_path, name):
    secret = tmp_path / "secret"
    secret.write_text("script:/secret '' '' secret.py")
    run_dir = make_run(tmp_path / "runs", A)
    (run_dir / ".guild" / name).unlink(missing_ok=True)
    (run_dir / ".guild" / name).symlink_to(secret)

    run = Store(tmp_path / "runs").read(A)

    assert "secret" not in run.opref + run.operation
    assert (A_LINK in run.problem) == (name == "opref")
    assert read_tail(run_dir, 1, ended=True) == ()
    if name == "manifest":
        assert A_LINK in read_manifest(run_dir).problem


def test_a_prototype_that_is_a_link_is_a_problem(tmp_path):
    other = make_run(tmp_path / "elsewhere", B, opref="script:/secret '' '' secret.py")
    run_dir = make_run(tmp_path / "runs", A, opref="builtin:guildai 0.7.3 '' +")
    (run_dir / ".guild" / "proto").symlink_to(other)

    run = Store(tmp_path / "runs").read(A)

    assert run.operation == "+"
    assert A_LINK in run.problem
