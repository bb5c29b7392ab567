"""The size of a run: its own files, each once, links not followed."""

from __future__ import annotations

import os
import subprocess

import pytest

from core.errors import Cancelled
from core.runs.disk_size import DiskSize, disk_size
from tests.support.runs import make_run


@pytest.fixture
def run(tmp_path):
    return make_run(
        tmp_path / "runs",
        opref="12345",
        attrs={"label": "abc"},
        files={"model.bin": b"x" * 1000, "deep/er/empty": b""},
    )


def test_the_size_is_what_the_files_hold(run):
    assert disk_size(run) == DiskSize(bytes=5 + 4 + 1000, files=4)


def test_what_links_lead_to_is_not_counted(run):
    (run / "trial").symlink_to("../b2")
    (run / "itself").symlink_to(".")
    (run / "elsewhere").symlink_to(run / "model.bin")

    assert disk_size(run).bytes == 1009


def test_a_file_of_several_names_counts_once(run):
    os.link(run / "model.bin", run / "same.bin")

    assert disk_size(run) == DiskSize(bytes=1009, files=5)


def test_a_run_that_is_a_link_holds_nothing_itself(run):
    link = run.parent / ("b" * 32)
    link.symlink_to(run.name)

    assert disk_size(link) == DiskSize()


def test_a_run_that_is_gone_has_no_size(tmp_path):
    assert disk_size(tmp_path / "gone") == DiskSize()


def test_names_that_are_no_text_are_counted(run):
    (run / os.fsdecode(b"\xff\xfe")).write_bytes(b"12")

    assert disk_size(run).bytes == 1011


def test_measuring_can_be_stopped(run):
    def stop():
        raise Cancelled

    with pytest.raises(Cancelled):
        disk_size(run, stop)


def test_measuring_asks_often_whether_to_stop(run):
    for number in range(2000):
        (run / f"{number}").touch()
    asked = []

    disk_size(run, lambda: asked.append(1))

    assert len(asked) >= 4


def test_a_directory_that_may_not_be_read_is_told(run, as_ordinary_user, open_dir):
    other = make_run(open_dir, files={"secret/a": "12", "b": "345"})
    for path in [other, *other.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    (other / "secret").chmod(0o700)
    if os.geteuid() != 0:
        (other / "secret").chmod(0)

    with as_ordinary_user():
        size = disk_size(other)

    (other / "secret").chmod(0o755)
    assert size.unread == 1
    assert size.files == 2


def test_du_counts_the_same_and_the_directories_besides(run):
    directories = [path for path in [run, *run.rglob("*")] if path.is_dir()]

    told = subprocess.run(
        ["du", "-s", "-B1", "--apparent-size", run], capture_output=True, text=True, check=True
    )

    counted = int(told.stdout.split()[0]) - sum(path.stat().st_size for path in directories)
    assert disk_size(run).bytes == counted
