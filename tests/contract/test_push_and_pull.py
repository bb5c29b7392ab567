"""Runs flow to and from every kind of server, and are on both sides what they were."""

import os
import subprocess
import time
from pathlib import Path

import pytest

from core.home import Home
from core.runs.store import Store
from remote.plan import Options
from tests.support.runs import make_run
from tests.support.two_homes import KINDS, ODD, content, left_over, make_full_run

A, B, C = "a" * 32, "b" * 32, "c" * 32


@pytest.fixture(params=KINDS, ids=str)
def homes(request, make_two_homes):
    return make_two_homes(**KINDS[request.param])


def write(path, data: bytes) -> None:
    """Write a file so that its time is another one in whole seconds, too."""
    before = path.stat().st_mtime if path.exists() else time.time() - 10
    path.write_bytes(data)
    os.utime(path, (before + 5, before + 5))


# Whole runs


def test_a_pulled_run_is_what_it_is_there(homes):
    far = make_full_run(homes.there.runs_dir, A)

    outcome = homes.pull()

    assert outcome.new == (A,)
    assert outcome.refused == ()
    assert content(homes.here.runs_dir / A) == content(far)
    assert left_over(homes.here) == []


def test_a_pushed_run_is_what_it_is_here_without_its_environment(homes):
    near = make_full_run(homes.here.runs_dir, A)

    outcome = homes.push(A)

    assert outcome.new == (A,)
    assert content(homes.there.runs_dir / A) == content(near, env=False)
    assert left_over(homes.there) == []


@pytest.mark.parametrize("kind", [{}, {"sftp_only": True}], ids=["shell", "sftp only"])
def test_a_server_that_takes_rights_away_keeps_those_of_directories(make_two_homes, kind):
    homes = make_two_homes(**kind, umask="0077")
    near = make_full_run(homes.here.runs_dir, A)

    homes.push(A)

    assert content(homes.there.runs_dir / A) == content(near, env=False)


def test_a_second_time_all_is_the_same_and_nothing_travels(homes):
    make_full_run(homes.here.runs_dir, A)
    make_full_run(homes.there.runs_dir, B)
    homes.push(A)
    homes.pull(B)

    assert homes.verdicts("push", A, B) == homes.verdicts("pull", A, B) == {A: "same", B: "same"}
    assert homes.push(A, B).sent == homes.pull(A, B).sent == 0


def test_a_change_there_comes_here_and_one_here_goes_there(homes):
    near = make_full_run(homes.here.runs_dir, A)
    make_full_run(homes.here.runs_dir, B)
    homes.push(A, B)
    write(homes.there.runs_dir / A / "model.bin", b"better")
    write(homes.here.runs_dir / B / "model.bin", b"best")

    assert homes.verdicts("pull", A, B) == {A: "newer there", B: "newer here"}
    assert homes.pull(A, B).updated == (A,)
    assert homes.push(A, B).updated == (B,)

    assert (near / "model.bin").read_bytes() == b"better"
    assert (homes.there.runs_dir / B / "model.bin").read_bytes() == b"best"
    assert content(near, env=False) == content(homes.there.runs_dir / A)
    assert left_over(homes.here) == left_over(homes.there) == []


@pytest.mark.parametrize("direction", ["pull", "push"])
def test_what_is_replaced_as_its_time_alone_says_that_it_is_older_is_in_the_trash(homes, direction):
    source, target = homes.sides(direction)
    for home, text, when in ((target, "mine", 1_600_000_000), (source, "theirs", 1_700_000_000)):
        note = make_run(home.runs_dir, A, files={"note.txt": text}) / "note.txt"
        os.utime(note, (when, when))

    assert homes.move(direction, A).updated == (A,)

    assert (target.runs_dir / A / "note.txt").read_text() == "theirs"
    trash = target.path / "trash" / "runs"
    assert (trash / A / "note.txt").read_text() == "mine"
    (source.runs_dir / A / "note.txt").write_text("theirs once more")
    assert homes.move(direction, A).updated == (A,)  # it is known now that nobody else wrote
    assert [path.name for path in trash.iterdir()] == [A]


def test_files_that_only_one_side_has_stay_unless_their_removal_is_asked_for(homes):
    make_full_run(homes.here.runs_dir, A)
    homes.push(A)
    (homes.there.runs_dir / A / "extra").write_text("only there")
    write(homes.here.runs_dir / A / "model.bin", b"better")

    homes.push(A, choices="mine")
    assert (homes.there.runs_dir / A / "extra").exists()

    write(homes.here.runs_dir / A / "model.bin", b"still better")
    homes.push(A, choices="mine", options=Options(delete=True))
    assert not (homes.there.runs_dir / A / "extra").exists()
    assert (homes.here.runs_dir / A / ".guild/attrs/env").exists()


def test_of_a_conflict_the_other_side_is_put_beside(homes):
    make_full_run(homes.here.runs_dir, A)
    homes.push(A)
    write(homes.there.runs_dir / A / "model.bin", b"theirs")
    write(homes.here.runs_dir / A / "model.bin", b"mine")

    assert homes.verdicts("pull", A) == {A: "conflict"}
    assert homes.pull(A).skipped == (A,)
    new_id = homes.pull(A, choices="both").renamed[A]

    assert (homes.here.runs_dir / new_id / "model.bin").read_bytes() == b"theirs"
    assert (homes.here.runs_dir / A / "model.bin").read_bytes() == b"mine"
    assert (homes.here.runs_dir / new_id / ".guild/attrs/id").read_text() == f"{new_id}\n"


@pytest.mark.parametrize("direction", ["pull", "push"])
def test_of_a_conflict_both_are_kept_once_until_one_of_them_changes(homes, direction):
    make_full_run(homes.here.runs_dir, A)
    homes.push(A)
    write(homes.there.runs_dir / A / "model.bin", b"theirs")
    write(homes.here.runs_dir / A / "model.bin", b"mine")
    write(homes.here.runs_dir / A / ".guild/attrs/label", b"mine\n")
    assert len(homes.move(direction, A, choices="both").renamed) == 1

    assert homes.verdicts(direction, A) == {A: "same"}
    assert homes.move(direction, A, choices="both").renamed == {}
    assert (homes.there.runs_dir / A / "model.bin").read_bytes() == b"theirs"

    write(homes.there.runs_dir / A / "model.bin", b"theirs again")
    write(homes.here.runs_dir / A / "model.bin", b"mine again")
    assert homes.verdicts(direction, A) == {A: "conflict"}


def test_a_sync_that_keeps_both_does_not_multiply_runs(two_homes):
    homes = two_homes
    make_full_run(homes.here.runs_dir, A)
    homes.push(A)
    write(homes.there.runs_dir / A / "model.bin", b"theirs")
    write(homes.here.runs_dir / A / "model.bin", b"mine")

    counts = []
    for _ in range(3):
        homes.sync(choices="both")
        runs = (homes.here.runs_dir, homes.there.runs_dir)
        counts.append(tuple(len(list(each.glob("[!.]*"))) for each in runs))

    assert counts == [(2, 2), (2, 2), (2, 2)]


@pytest.mark.parametrize("direction", ["pull", "push"])
def test_of_a_conflict_what_is_replaced_goes_to_the_trash(homes, direction):
    make_full_run(homes.here.runs_dir, A)
    homes.push(A)
    write(homes.there.runs_dir / A / "model.bin", b"theirs")
    write(homes.here.runs_dir / A / "model.bin", b"mine")

    choice = "theirs" if direction == "pull" else "mine"
    homes.move(direction, A, choices=choice)

    target = homes.here if direction == "pull" else homes.there
    wanted, lost = (b"theirs", b"mine") if direction == "pull" else (b"mine", b"theirs")
    assert (target.runs_dir / A / "model.bin").read_bytes() == wanted
    assert (target.trash_dir / A / "model.bin").read_bytes() == lost


def test_labels_and_tags_that_changed_on_different_sides_are_both_kept(homes):
    make_full_run(homes.here.runs_dir, A)
    homes.push(A)
    write(homes.there.runs_dir / A / ".guild/attrs/label", b"from there\n")
    write(homes.here.runs_dir / A / ".guild/attrs/tags", b"- here\n")

    homes.pull(A)
    homes.push(A)

    for home in (homes.here, homes.there):
        run = Store(home.runs_dir).read(A, scalars=None)
        assert (run.label, run.tags) == ("from there", ("here",))
    assert homes.verdicts("pull", A) == {A: "same"}


def test_tags_that_were_added_on_both_sides_are_merged_and_removed_ones_stay_away(homes):
    make_full_run(homes.here.runs_dir, A)
    write(homes.here.runs_dir / A / ".guild/attrs/tags", b"- old\n- both\n")
    homes.push(A)
    write(homes.there.runs_dir / A / ".guild/attrs/tags", b"- both\n- there\n")
    write(homes.here.runs_dir / A / ".guild/attrs/tags", b"- old\n- both\n- here\n")

    homes.pull(A)
    homes.push(A)

    for home in (homes.here, homes.there):
        assert Store(home.runs_dir).read(A, scalars=None).tags == ("both", "here", "there")


def test_checksums_are_compared_where_that_is_asked_for(homes):
    make_full_run(homes.here.runs_dir, A)
    make_full_run(homes.there.runs_dir, B)

    assert homes.push(A, verify=True).verified == "checksums"
    assert homes.pull(B, verify=True).new == (B,)


def spoil(run_dir, name="model.bin"):
    """Give a file other content of the same size and time, as a bad disk would."""
    path = run_dir / name
    found = path.stat()
    path.write_bytes(os.urandom(found.st_size))
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))


@pytest.mark.parametrize("direction", ["push", "pull"])
def test_runs_that_only_look_the_same_are_conflicts_where_checksums_are_asked_for(homes, direction):
    for run_id in (A, B):
        make_full_run(homes.here.runs_dir, run_id)
    homes.push(A, B)
    spoil(homes.there.runs_dir / A)

    assert homes.verdicts(direction, A, B) == {A: "same", B: "same"}
    items = homes.plan(direction, A, B, options=Options(verify=True)).items
    assert [(item.verdict, item.differs) for item in items] == [
        ("conflict", ("model.bin",)),
        ("same", ()),
    ]
    [refusal] = homes.move(direction, A, B, options=Options(verify=True)).refused
    assert f"Run {A[:8]} differs in model.bin" in refusal.reason


@pytest.mark.parametrize("direction", ["push", "pull"])
@pytest.mark.parametrize("choice", ["mine", "theirs"])
def test_a_spoiled_file_is_replaced_from_the_side_that_counts(homes, direction, choice):
    near = make_full_run(homes.here.runs_dir, A)
    homes.push(A)
    far = homes.there.runs_dir / A
    spoil(far)
    wanted = {"mine": near, "theirs": far}[choice] / "model.bin"
    content = wanted.read_bytes()

    outcome = homes.move(direction, A, choices=choice, options=Options(verify=True))

    assert outcome.refused == ()
    is_sent = (choice == "theirs") == (direction == "pull")
    copies = [(side / "model.bin").read_bytes() == content for side in (near, far)]
    assert copies == ([True, True] if is_sent else [choice == "mine", choice == "theirs"])


def test_a_file_that_only_grew_sends_its_end_where_the_server_can_tell(homes):
    near = make_full_run(homes.here.runs_dir, A, **{"big.log": os.urandom(3_000_000)})
    homes.push(A)
    with (near / "big.log").open("ab") as file:
        file.write(b"x" * 1000)
    os.utime(near / "big.log", (2_000_000_000, 2_000_000_000))

    sent = homes.push(A).sent

    can_hash = not homes.server.options.sftp_only
    assert sent == (1000 if can_hash else 3_001_000)
    far = homes.there.runs_dir / A / "big.log"
    assert far.read_bytes() == (near / "big.log").read_bytes()
    with far.open("ab") as file:
        file.write(b"y" * 500)
    os.utime(far, (2_000_000_100, 2_000_000_100))
    assert homes.pull(A).sent == (500 if can_hash else 3_001_500)
    assert far.read_bytes() == (near / "big.log").read_bytes()


def test_a_file_that_grew_and_begins_otherwise_now_is_sent_whole(homes):
    near = make_full_run(homes.here.runs_dir, A, **{"big.log": os.urandom(3_000_000)})
    (near / "big.log").chmod(0o640)
    homes.push(A)
    with (near / "big.log").open("r+b") as file:
        file.write(b"another beginning")
        file.seek(0, os.SEEK_END)
        file.write(b"x" * 1000)
    os.utime(near / "big.log", (2_000_000_000, 2_000_000_000))

    assert homes.push(A).sent == 3_001_000

    far = homes.there.runs_dir / A / "big.log"
    assert far.read_bytes() == (near / "big.log").read_bytes()
    assert far.stat().st_mode & 0o777 == 0o640
    assert left_over(homes.there) == []


# Runs that go on


def test_a_run_that_goes_on_there_is_shown_so_here_until_it_has_ended(homes, start_operation):
    far = make_full_run(homes.there.runs_dir, A)
    (far / ".guild/attrs/exit_status").unlink()
    process = start_operation(far)

    homes.pull(A)
    here = Store(homes.here.runs_dir)
    assert (here.read(A, scalars=None).status, here.read(A, scalars=None).remote) == (
        "running",
        "box",
    )
    assert not (homes.here.runs_dir / A / ".guild/LOCK").exists()

    process.kill()
    process.wait()
    (far / ".guild/attrs/exit_status").write_text("0\n")
    (far / ".guild/LOCK").unlink()
    homes.pull(A)
    assert here.read(A, scalars=None).status == "completed"


def test_a_run_that_was_killed_there_is_settled_although_no_file_changed(homes, start_operation):
    far = make_full_run(homes.there.runs_dir, A)
    (far / ".guild/attrs/exit_status").unlink()
    process = start_operation(far)
    homes.pull(A)

    process.kill()
    process.wait()
    (far / ".guild/LOCK").unlink()
    homes.pull(A)

    assert Store(homes.here.runs_dir).read(A, scalars=None).status == "error"
    assert not (homes.here.runs_dir / A / ".guild/LOCK.remote").exists()


def test_a_run_that_goes_on_where_it_would_be_replaced_is_left_alone(homes, start_operation):
    near = make_full_run(homes.here.runs_dir, A)
    homes.push(A)
    start_operation(homes.there.runs_dir / A)
    write(near / "model.bin", b"better")

    for choices in (None, "mine"):
        assert "running" in homes.push(A, choices=choices).refused[0].reason
    assert (homes.there.runs_dir / A / "model.bin").read_bytes() != b"better"


# What is left out


@pytest.mark.parametrize("direction", ["push", "pull"])
def test_links_keep_what_they_say_and_their_times(homes, direction):
    source, target = homes.sides(direction)
    run = make_full_run(source.runs_dir, A)
    (run / "newest").symlink_to("model.bin")
    os.utime(run / "newest", (1_500_000_000, 1_500_000_000), follow_symlinks=False)

    homes.move(direction, A)

    link = target.runs_dir / A / "newest"
    assert link.readlink() == Path("model.bin")
    assert link.lstat().st_mtime == 1_500_000_000
    assert (target.runs_dir / A / "model.bin").stat().st_mtime > 1_500_000_000


def test_devices_and_links_out_of_the_run_are_left_out_and_told(homes):
    far = make_full_run(homes.there.runs_dir, A)
    os.mkfifo(far / "pipe")
    (far / "passwords").symlink_to("/etc/passwd")
    (far / "loop").symlink_to("loop")

    outcome = homes.pull()

    near = homes.here.runs_dir / A
    assert outcome.new == (A,)
    assert not os.path.lexists(near / "pipe")
    assert not os.path.lexists(near / "passwords")
    assert (near / "loop").is_symlink()
    assert any("pipe" in remark for remark in outcome.remarks)
    assert any("passwords" in remark for remark in outcome.remarks)


def test_a_run_that_cannot_be_read_there_costs_the_others_nothing(homes):
    make_full_run(homes.there.runs_dir, A)
    odd = make_full_run(homes.there.runs_dir, B)
    (odd / ".guild/opref").unlink()

    outcome = homes.pull(A, B, C)

    assert outcome.new == (A,)
    assert {refusal.run_id for refusal in outcome.refused} == {B, C}


def test_names_of_any_bytes_arrive(homes):
    make_full_run(homes.there.runs_dir, A)
    homes.pull()

    assert (homes.here.runs_dir / A / ODD).read_bytes() == b"odd"


# Homes


def test_a_home_that_is_not_there_yet_is_made(homes):
    make_full_run(homes.here.runs_dir, A)
    homes.there.runs_dir.rmdir()
    homes.there.path.rmdir()

    assert homes.pull().new == ()
    assert homes.push(A).new == (A,)
    assert isinstance(homes.there, Home)


# What happens between a plan and its transfer


@pytest.mark.parametrize("direction", ["pull", "push"])
def test_what_is_written_about_a_run_after_the_plan_is_not_overwritten(homes, direction):
    make_full_run(homes.here.runs_dir, A)
    homes.push(A)
    source, target = homes.sides(direction)
    write(source.runs_dir / A / ".guild/attrs/label", b"from the source\n")
    plan = homes.plan(direction, A)
    write(target.runs_dir / A / ".guild/attrs/label", b"written meanwhile\n")

    outcome = homes.move(direction, A, plan=plan)

    (refusal,) = outcome.refused
    assert refusal.run_id == A
    assert "changed" in refusal.reason
    assert "meanwhile" in refusal.reason
    assert (target.runs_dir / A / ".guild/attrs/label").read_bytes() == b"written meanwhile\n"


@pytest.mark.parametrize("direction", ["pull", "push"])
def test_a_run_that_was_started_again_after_the_plan_is_left_alone(homes, direction):
    make_full_run(homes.here.runs_dir, A)
    homes.push(A)
    source, target = homes.sides(direction)
    write(source.runs_dir / A / "model.bin", b"better")
    plan = homes.plan(direction, A)
    before = (target.runs_dir / A / "model.bin").read_bytes()
    with subprocess.Popen(["sleep", "60"], cwd=target.runs_dir / A) as running:
        (target.runs_dir / A / ".guild/LOCK").write_text(str(running.pid))
        outcome = homes.move(direction, A, plan=plan)
        running.kill()

    assert [refusal.run_id for refusal in outcome.refused] == [A]
    assert (target.runs_dir / A / "model.bin").read_bytes() == before


@pytest.mark.parametrize("direction", ["pull", "push"])
def test_files_are_not_removed_from_a_run_that_goes_on(homes, start_operation, direction):
    source, target = (home.runs_dir / A for home in homes.sides(direction))
    make_full_run(source.parent, A)
    homes.move(direction, A)
    (source / "deep/er/empty").unlink()
    start_operation(target)

    outcome = homes.move(direction, A, options=Options(delete=True))

    assert "running" in outcome.refused[0].reason
    assert (target / "deep/er/empty").exists()


@pytest.mark.parametrize("direction", ["pull", "push"])
def test_what_is_newer_where_a_label_goes_is_not_removed(homes, direction):
    source, target = (home.runs_dir / A for home in homes.sides(direction))
    make_full_run(source.parent, A)
    homes.move(direction, A)
    write(target / "further", b"written since")
    write(source / ".guild/attrs/label", b"of the source\n")

    homes.move(direction, A, options=Options(delete=True))

    assert (target / "further").read_bytes() == b"written since"
    assert (target / ".guild/attrs/label").read_text() == "of the source\n"


def test_a_file_that_shrinks_while_it_is_sent_arrives_as_it_is_then(homes):
    run_dir = make_full_run(homes.here.runs_dir, A)
    plan = homes.plan("push")
    os.truncate(run_dir / "model.bin", 60_000)
    (run_dir / "deep/er/empty").unlink()

    outcome = homes.push(plan=plan)

    assert outcome.new == (A,)
    assert content(homes.there.runs_dir / A) == content(run_dir, env=False)
