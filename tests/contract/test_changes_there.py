"""Runs are changed where they are, on a real server; what cannot be changed is told, one by one."""

import os
import subprocess
import time

import psutil
import pytest

from core.errors import Cancelled, StopRefused
from core.runs.change import FileEdit, SetLabel
from core.runs.trash import Move
from remote.errors import RemoteUnreachable
from remote.remote_store import (
    apply_there,
    delete_there,
    purge_there,
    restore_there,
    revert_there,
)
from remote.sftp_channel import SftpChannel
from remote.stopping import stop_there
from tests.support.patience import PATIENCE
from tests.support.processes import wait_until
from tests.support.runs import make_run
from tests.support.two_homes import KINDS

A, B, C = "a" * 32, "b" * 32, "c" * 32


@pytest.fixture(params=["shell", "sftp only"], ids=str)
def homes(request, make_two_homes):
    homes = make_two_homes(**KINDS[request.param])
    for run_id in (A, B, C):
        make_run(homes.there.runs_dir, run_id, attrs={"label": "before"})
    return homes


def go(_done: int) -> None:
    """Stop nothing."""


class StopAfter:
    """Asks to stop when some runs are done."""

    def __init__(self, most: int) -> None:
        self.left = most

    def __call__(self, done: int) -> None:
        self.left -= done
        if self.left <= 0:
            raise Cancelled


def attr(homes, run_id, name="label"):
    path = homes.there.runs_dir / run_id / ".guild" / "attrs" / name
    return path.read_bytes() if path.exists() else None


def reasons(outcome):
    return [refusal.reason for refusal in outcome.refused]


def trash(homes):
    return sorted(path.name for path in (homes.there.path / "trash" / "runs").iterdir())


# Attributes


def test_labels_are_written_as_guild_writes_them_and_taken_back(homes):
    there = homes.remote()

    done = apply_there(there, [A, B, A], SetLabel("new ${label}"), advance=go)

    assert done.edits == tuple(FileEdit(i, "label", b"before\n", b"new before\n") for i in (A, B))
    assert (attr(homes, A), attr(homes, C)) == (b"new before\n", b"before\n")

    back = revert_there(there, done.edits, advance=go)

    assert back.edits == tuple(FileEdit(i, "label", b"new before\n", b"before\n") for i in (A, B))
    assert (attr(homes, A), back.refused) == (b"before\n", ())


def test_what_is_so_already_is_unchanged(homes):
    done = apply_there(homes.remote(), [A], SetLabel("before"), advance=go)

    assert (done.edits, done.unchanged) == ((), (A,))


def test_a_run_that_is_gone_is_refused_and_the_others_are_changed(homes):
    there = homes.remote()
    (homes.there.runs_dir / A / ".guild" / "opref").unlink()

    done = apply_there(there, [A, B], SetLabel("new"), advance=go)

    assert reasons(done) == ["Run aaaaaaaa was not changed: it is not there any more."]
    assert [edit.run_id for edit in done.edits] == [B]


def test_a_directory_in_place_of_an_attribute_stays(homes):
    path = homes.there.runs_dir / A / ".guild" / "attrs" / "label"
    path.unlink()
    path.mkdir()

    done = apply_there(homes.remote(), [A], SetLabel("new"), advance=go)

    assert reasons(done) == [
        "Run aaaaaaaa was not changed: attribute label is no file, or cannot be read."
    ]
    assert path.is_dir()


def test_an_attribute_that_is_a_link_is_not_followed_and_not_replaced(homes):
    path = homes.there.runs_dir / A / ".guild" / "attrs" / "label"
    path.unlink()
    secret = homes.there.path / "secret"
    secret.write_text("theirs")
    path.symlink_to(secret)

    done = apply_there(homes.remote(), [A], SetLabel("new ${label}"), advance=go)

    [reason] = reasons(done)
    assert reason == (
        "Run aaaaaaaa was not changed: attribute label is no file, or cannot be read."
    )
    assert (path.is_symlink(), secret.read_text()) == (True, "theirs")


@pytest.mark.parametrize(
    ("now", "reason"),
    [
        (b"other\n", "its label was changed meanwhile, to 'other'"),
        (None, "its label was removed meanwhile"),
    ],
)
def test_what_somebody_changed_meanwhile_is_not_taken_back(homes, now, reason):
    there = homes.remote()
    done = apply_there(there, [A, B], SetLabel("new"), advance=go)
    path = homes.there.runs_dir / A / ".guild" / "attrs" / "label"
    path.unlink()
    if now is not None:
        path.write_bytes(now)

    back = revert_there(there, done.edits, advance=go)

    assert reasons(back) == [f"Run aaaaaaaa was not changed: {reason}."]
    assert (attr(homes, A), attr(homes, B)) == (now, b"before\n")


def test_a_run_that_is_gone_is_not_taken_back(homes):
    there = homes.remote()
    done = apply_there(there, [A], SetLabel("new"), advance=go)
    delete_there(there, [A], advance=go)

    back = revert_there(there, done.edits, advance=go)

    assert reasons(back) == ["Run aaaaaaaa was not changed: it is not there any more."]


def test_a_change_that_is_stopped_says_what_is_done(homes):
    done = apply_there(homes.remote(), [A, B, C], SetLabel("new"), advance=StopAfter(1))

    assert (done.cancelled, [edit.run_id for edit in done.edits]) == (True, [A])
    assert attr(homes, B) == b"before\n"


@pytest.mark.parametrize(
    "change",
    [
        lambda there: apply_there(there, [A], SetLabel("new"), advance=go),
        lambda there: delete_there(there, [A], advance=go),
        lambda there: restore_there(there, [A], advance=go),
        lambda there: purge_there(there, [A], from_trash=False, advance=go),
    ],
)
def test_a_lost_connection_concerns_all_runs(homes, change):
    there = homes.remote()
    there.connection.close()

    with pytest.raises(RemoteUnreachable):
        change(there)

    assert attr(homes, A) == b"before\n"


@pytest.mark.parametrize("kind", ["shell", "one session"])
def test_hundreds_of_runs_are_changed_in_a_few_breaths(make_two_homes, kind, monkeypatch):
    homes = make_two_homes(**KINDS[kind])
    ids = [f"{number:032x}" for number in range(450)]
    for run_id in ids:
        make_run(homes.there.runs_dir, run_id, attrs={"label": "before", "flags": "lr: 0.1"})
    (homes.there.runs_dir / ids[7] / ".guild" / "opref").unlink()
    there = homes.remote()
    breaths = counted_breaths(monkeypatch)

    done = apply_there(there, ids, SetLabel("${lr} ${label}"), advance=go)
    back = revert_there(there, done.edits, advance=go)
    gone = delete_there(there, ids, advance=go)
    again = restore_there(there, [move.name_there for move in gone.moves], advance=go)
    erased = purge_there(there, ids[:100], from_trash=False, advance=go)

    assert len(breaths) < 100  # one run after another: more than ten thousand
    others = [run_id for run_id in ids if run_id != ids[7]]
    assert [edit.run_id for edit in done.edits] == others
    assert {edit.after for edit in done.edits} == {b"0.1 before\n"}
    assert [edit.run_id for edit in back.edits] == others
    assert [move.run_id for move in again.moves] == [move.run_id for move in gone.moves] == others
    assert len(erased.removed) == 99
    for outcome in (done, gone, erased):
        assert [refusal.run_id for refusal in outcome.refused] == [ids[7]]
    assert attr(homes, ids[200]) == b"before\n"


def counted_breaths(monkeypatch):
    """What is asked of the server's files, each time for as many runs as there are."""
    breaths = []
    run = SftpChannel.run

    def counting(channel, *arguments):
        breaths.append(1)
        run(channel, *arguments)

    monkeypatch.setattr(SftpChannel, "run", counting)
    return breaths


def test_an_attribute_that_cannot_be_written_is_told_and_the_others_are(homes):
    there = homes.remote()
    attrs = homes.there.runs_dir / A / ".guild" / "attrs"
    (attrs / "label").unlink()
    attrs.rmdir()
    attrs.write_text("in the way")

    done = apply_there(there, [A, B], SetLabel("new"), advance=go)

    assert [edit.run_id for edit in done.edits] == [B]
    [reason] = reasons(done)
    assert reason.startswith("Run aaaaaaaa was not changed: attribute label cannot be written: ")


# Trash


def test_runs_go_to_the_trash_and_back(homes):
    there = homes.remote()

    gone = delete_there(there, [A, B], advance=go)

    assert gone.moves == (Move(A, A, ""), Move(B, B, ""))
    assert trash(homes) == [A, B]

    back = restore_there(there, [A, B], advance=go)

    assert back.moves == (Move(A, A), Move(B, B))
    assert (trash(homes), attr(homes, A)) == ([], b"before\n")


def test_a_run_that_is_in_the_trash_already_makes_room(homes):
    there = homes.remote()
    delete_there(there, [A], advance=go)
    make_run(homes.there.runs_dir, A, attrs={"label": "second"})

    [move] = delete_there(there, [A], advance=go).moves

    assert trash(homes) == sorted([A, move.displaced])
    assert move.displaced.startswith(f"{A}_")

    [back] = restore_there(there, [move.displaced], advance=go).moves

    assert back.name_there == move.displaced  # its own id is taken in the trash

    restore_there(there, [A], advance=go)
    delete_there(there, [move.displaced], advance=go)
    assert trash(homes) == [move.displaced]


def test_a_displaced_run_gets_its_id_back_where_it_is_free(homes):
    there = homes.remote()
    displaced = f"{A}_abcd1234"
    delete_there(there, [A], advance=go)
    base = homes.there.path / "trash" / "runs"
    (base / A).rename(base / displaced)

    [move] = restore_there(there, [displaced], advance=go).moves

    assert move == Move(displaced, A)
    assert attr(homes, A) == b"before\n"


def test_an_id_that_is_taken_is_not_overwritten_by_restoring(homes):
    there = homes.remote()
    delete_there(there, [A], advance=go)
    make_run(homes.there.runs_dir, A, attrs={"label": "second"})

    back = restore_there(there, [A, B], advance=go)

    first, second = reasons(back)
    assert first.startswith("Run aaaaaaaa was not restored: ")
    assert second.startswith("Run bbbbbbbb was not restored: ")
    assert (attr(homes, A), trash(homes)) == (b"second\n", [A])


def test_a_run_that_is_gone_is_not_deleted(homes):
    gone = delete_there(homes.remote(), ["d" * 32, A], advance=go)

    assert reasons(gone) == ["Run dddddddd was not deleted: it is not there any more."]
    assert trash(homes) == [A]


def test_a_run_that_may_be_running_is_not_deleted_and_not_erased(homes):
    there = homes.remote()
    (homes.there.runs_dir / A / ".guild" / "LOCK").write_text(str(os.getpid()))

    gone = delete_there(there, [A], advance=go)
    erased = purge_there(there, [A], from_trash=False, advance=go)

    assert reasons(gone) == ["Run aaaaaaaa was not deleted: it is running."]
    assert reasons(erased) == ["Run aaaaaaaa was not erased: it is running."]
    assert [refusal.kind for refusal in (*gone.refused, *erased.refused)] == ["running"] * 2
    assert attr(homes, A) == b"before\n"


def test_a_delete_that_is_stopped_says_what_is_done(homes):
    gone = delete_there(homes.remote(), [A, B], advance=StopAfter(1))

    assert (gone.cancelled, [move.run_id for move in gone.moves]) == (True, [A])
    assert attr(homes, B) == b"before\n"


# For ever


class InTheWay:
    """Lets somebody else take a run's name in the trash, once all of its wave are judged."""

    def __init__(self, homes, name: str, after: int) -> None:
        self.path = homes.there.trash_dir / name
        self.left = after

    def __call__(self, done: int) -> None:
        self.left -= done
        if done and not self.left:
            make_run(self.path.parent, self.path.name)


def link(homes, parent, *linked):
    """Let a run be the batch of others."""
    make_run(homes.there.runs_dir / parent / ".guild", "proto")
    for run_id in linked:
        (homes.there.runs_dir / parent / run_id).symlink_to(f"../{run_id}")


def names_in(path):
    return {each.name for each in path.iterdir()}


def test_where_a_batch_cannot_be_renamed_its_trials_stay_with_it(homes):
    link(homes, A, B, C)

    outcome = delete_there(homes.remote(), [A, B, C], advance=InTheWay(homes, A, 1), along=(B, C))

    assert outcome.moves == ()
    assert names_in(homes.there.runs_dir) == {A, B, C}
    assert names_in(homes.there.trash_dir) == {A}
    assert [refusal.kind for refusal in outcome.refused] == ["other", "kept", "kept"]
    assert f"it belongs to run {A[:8]}, which stays." in reasons(outcome)[1]


def test_trials_of_a_batch_that_goes_along_and_cannot_be_renamed_come_back(homes):
    link(homes, A, B)
    link(homes, B, C)

    outcome = delete_there(homes.remote(), [A, B, C], advance=InTheWay(homes, B, 3), along=(B, C))

    assert [move.run_id for move in outcome.moves] == [A]
    assert names_in(homes.there.runs_dir) == {B, C}
    assert {refusal.run_id: refusal.kind for refusal in outcome.refused} == {B: "other", C: "kept"}


def test_what_came_back_leaves_a_run_that_was_in_the_trash_under_its_name(homes):
    link(homes, A, B)
    link(homes, B, C)
    make_run(homes.there.trash_dir, C, attrs={"label": "older"})

    delete_there(homes.remote(), [A, B, C], advance=InTheWay(homes, B, 3), along=(B, C))

    assert names_in(homes.there.trash_dir) == {A, B, C}
    older = homes.there.trash_dir / C / ".guild" / "attrs" / "label"
    assert older.read_text().strip() == "older"
    assert attr(homes, C) is not None


def test_a_batch_that_can_be_renamed_takes_its_trials_along(homes):
    link(homes, A, B, C)

    outcome = delete_there(homes.remote(), [A, B, C], advance=go, along=(B, C))

    assert [move.run_id for move in outcome.moves] == [A, B, C]
    assert outcome.refused == ()


def test_runs_are_erased_with_what_an_earlier_try_left(homes):
    there = homes.remote()
    make_run(homes.there.path / "incoming", "removed-abcd1234")
    delete_there(there, [A], advance=go)

    done = purge_there(there, [A, "d" * 32], from_trash=True, advance=go)

    assert done.removed == (A,)
    assert reasons(done) == ["Run dddddddd was not erased: it is not there any more."]
    assert trash(homes) == []
    assert not (homes.there.path / "incoming").exists()


def test_runs_are_erased_among_the_runs(homes):
    done = purge_there(homes.remote(), [A], from_trash=False, advance=go)

    assert done.removed == (A,)
    assert sorted(path.name for path in homes.there.runs_dir.iterdir()) == [B, C]


def test_an_erasing_that_is_stopped_says_what_is_done(homes):
    done = purge_there(homes.remote(), [A, B], from_trash=False, advance=StopAfter(1))

    assert (done.cancelled, done.removed) == (True, (A,))
    assert attr(homes, B) == b"before\n"


# Processes


@pytest.fixture
def with_shell(make_two_homes):
    homes = make_two_homes()
    make_run(homes.there.runs_dir, A)
    return homes


@pytest.fixture
def process():
    """Starts processes that end with the test."""
    started = []

    def start(cwd, **environ):
        started.append(subprocess.Popen(["sleep", "1000"], cwd=cwd, env=os.environ | environ))
        # A moment after its exec a process has an environment that cannot be read yet.
        wait_until(lambda: psutil.Process(started[-1].pid).environ())
        return started[-1]

    yield start
    for each in started:
        each.kill()
        each.wait()


def lock(homes, pid) -> None:
    (homes.there.runs_dir / A / ".guild" / "LOCK").write_text(str(pid))


def refusal_of(there) -> str:
    with pytest.raises(StopRefused) as error:
        stop_there(there, A, lambda: None)
    return f"{error.value} {error.value.hint}".strip()


def test_a_process_in_the_directory_of_its_run_is_asked_to_end(with_shell, process):
    running = process(with_shell.there.runs_dir / A)
    lock(with_shell, running.pid)

    stop_there(with_shell.remote(), A, lambda: None)

    assert running.wait(PATIENCE) == -15


def test_a_process_with_the_id_of_its_run_is_asked_to_end(with_shell, process):
    running = process("/", RUN_ID=A)
    lock(with_shell, running.pid)

    stop_there(with_shell.remote(), A, lambda: None)

    assert running.wait(PATIENCE) == -15


def test_a_process_that_is_another_ones_is_left_alone(with_shell, process):
    other = process("/", RUN_ID=B)
    lock(with_shell, other.pid)

    assert refusal_of(with_shell.remote()) == (
        "Run aaaaaaaa on box was not stopped: its process has ended, or is not evidently its own."
    )
    time.sleep(0.1)
    assert other.poll() is None


def test_a_process_that_has_ended_is_told(with_shell):
    lock(with_shell, 999_999_999)

    assert "its process has ended, or is not evidently its own." in refusal_of(with_shell.remote())


@pytest.mark.parametrize("content", ["", "none", "-1"])
def test_a_lock_without_a_number_is_no_process(with_shell, content):
    lock(with_shell, content)

    assert refusal_of(with_shell.remote()) == "Run aaaaaaaa is not running on box."


def test_without_a_lock_nothing_is_running(with_shell):
    assert refusal_of(with_shell.remote()) == "Run aaaaaaaa is not running on box."


def test_without_a_shell_no_process_is_stopped(make_two_homes):
    homes = make_two_homes(sftp_only=True)
    make_run(homes.there.runs_dir, A)
    lock(homes, os.getpid())

    assert refusal_of(homes.remote()) == (
        "Run aaaaaaaa cannot be stopped: box runs no commands for us. Log in there, and end it."
    )
