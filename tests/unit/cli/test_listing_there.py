"""`list --remote`: of a server without a shell, runs that did not change are not read again."""

import os
import shutil
import time

import pytest

import remote.list_by_sftp
from core.home import Home
from tests.support.far_box import know
from tests.support.runs import make_run

A, B, C, NOW = "a1" * 16, "b2" * 16, "c3" * 16, "d4" * 16


@pytest.fixture
def sftp_runs(far_user, start_ssh_server):
    """The runs of a remote "box" that has no shell; the last one is of this moment."""
    server = start_ssh_server(sftp_only=True)
    know(far_user, box=server)
    runs_dir = Home(server.login / ".guild").runs_dir
    for number, run_id in enumerate((A, B, C)):
        attrs = {"started": str(1_700_000_000_000_000 + number), "exit_status": "0"}
        age(make_run(runs_dir, run_id, attrs={**attrs, "label": f"label of {run_id[:2]}"}))
    make_run(runs_dir, NOW, attrs={"started": "1700000000000009", "label": "of this moment"})
    return runs_dir


def age(run_dir) -> None:
    """Let a run be one that nobody has touched for an hour."""
    when = time.time() - 3600
    for path in (run_dir, *run_dir.rglob("*")):
        os.utime(path, (when, when))


@pytest.fixture
def read(monkeypatch):
    """Ids of runs of which files were read there."""
    ids = []
    real = remote.list_by_sftp.read_known

    def counting(sftp, path, facts, take):
        ids.append(path.partition("/runs/")[2][:32])
        return real(sftp, path, facts, take)

    monkeypatch.setattr(remote.list_by_sftp, "read_known", counting)
    return ids


def test_only_runs_that_changed_are_read_again(desk, sftp_runs, read):
    first = desk("list", "--remote", "box").out
    assert set(read) == {A, B, C, NOW}
    read.clear()
    (sftp_runs / B / ".guild" / "attrs" / "label").write_text("another\n")
    shutil.rmtree(sftp_runs / C)

    second = desk("list", "--remote", "box").out

    assert len(first.splitlines()) == 4
    assert set(read) == {B, NOW}
    found = [line.split("  ")[-1].strip() for line in second.splitlines()]
    assert found == ["of this moment", "another", "label of a1"]


def test_documents_tell_of_all_that_a_run_has(desk, sftp_runs, read):
    desk("list", "--remote", "box")
    read.clear()

    found = desk("list", "--remote", "box", "--json").json

    assert [run["label"] for run in found][1:] == [f"label of {i[:2]}" for i in (C, B, A)]
    assert set(read) == {A, B, C, NOW}


def test_runs_are_chosen_from_what_is_known(desk, sftp_runs, read):
    desk("list", "--remote", "box")
    read.clear()

    desk("label", "-y", "-r", "box", "2", "--set", "first")

    assert (sftp_runs / C / ".guild" / "attrs" / "label").read_text() == "first\n"
    assert set(read) == {NOW}
