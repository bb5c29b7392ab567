"""Runs that go on at a server are followed until they end: only what is new of them travels."""

import os
import threading

import pytest
from msgspec.structs import replace

from core.jobs import JobContext
from core.runs.store import Store
from remote.errors import RemoteError
from remote.following import Following
from tests.support.patience import PATIENCE
from tests.support.processes import end_well, wait_until
from tests.support.two_homes import content, left_over, make_full_run

A, B = "a" * 32, "b" * 32
EVENTS = ".guild/events.out.tfevents.0001.host"
GROWING = (".guild/output", ".guild/output.index", EVENTS)


@pytest.fixture
def running(homes, start_operation):
    """A run that goes on there, with half a megabyte in each file that grows."""
    return begin(homes, start_operation)


class Running:
    """A run that goes on, and its process."""

    def __init__(self, run_dir, process):
        self.run_dir = run_dir
        self.process = process

    def grow(self, amount=1000, *names):
        """Add to what only grows."""
        for name in names or GROWING:
            with (self.run_dir / name).open("ab") as file:
                file.write(os.urandom(amount))

    def finish(self):
        """End well, as an operation does."""
        (self.run_dir / "result.txt").write_text("at the very end")
        end_well(self.run_dir, self.process)


def begin(homes, start_operation, run_id=A):
    run_dir = make_full_run(homes.there.runs_dir, run_id)
    (run_dir / ".guild/attrs/exit_status").unlink()
    running = Running(run_dir, start_operation(run_dir))
    running.grow(500_000)
    return running


def here(homes, run_id=A):
    return homes.here.runs_dir / run_id


def same(homes, running, name):
    copy = here(homes) / name
    return copy.exists() and copy.read_bytes() == (running.run_dir / name).read_bytes()


class Follower:
    """A pull that follows, on a thread of its own."""

    def __init__(self, homes, *ids):
        self.context = JobContext()
        self.published = []
        self.outcome = None
        self.error = None
        self.context.follow(self.published.append)
        self._homes = replace(homes, context=self.context, waits=(0.01, 0.01))
        self._ids = ids
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        if self.error is None and self._thread.is_alive():
            self._thread.join(PATIENCE)
        self.context.cancel()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()

    @property
    def followed(self):
        """The runs that were followed, each time it looked."""
        return [item.ids for item in self.published if isinstance(item, Following)]

    def _run(self):
        try:
            self.outcome = self._homes.pull(*self._ids, follows=True)
        except RemoteError as e:
            self.error = e


# What travels


def test_only_what_is_new_of_output_and_events_travels(homes, running):
    homes.pull(A)
    running.grow(1000)

    outcome = homes.pull(A)

    assert outcome.sent == 3 * 1000
    assert all(same(homes, running, name) for name in GROWING)
    assert Store(homes.here.runs_dir).read(A, scalars=None).status == "running"


def test_what_was_pulled_of_a_run_that_goes_on_is_not_looked_at_as_changed(homes, running):
    homes.pull(A)
    for _ in range(3):
        running.grow(10)
        assert homes.verdicts("pull", A) == {A: "newer there"}
        homes.pull(A)
    assert homes.verdicts("pull", A) == {A: "same"}
    assert homes.pull(A).sent == 0


def test_who_reads_the_output_here_sees_it_grow_in_the_same_file(homes, running):
    homes.pull(A)
    with (here(homes) / ".guild/output").open("rb") as reader:
        before = len(reader.read())
        running.grow(1234)
        homes.pull(A)

        assert len(reader.read()) == 1234
    assert before == 500_000


def test_output_that_was_written_anew_comes_whole(homes, running):
    homes.pull(A)
    (running.run_dir / ".guild/output").write_bytes(os.urandom(600_000))

    outcome = homes.pull(A)

    assert outcome.sent >= 600_000
    assert same(homes, running, ".guild/output")


def test_a_file_that_only_looks_added_to_is_found_out_when_the_run_has_ended(homes, running):
    homes.pull(A)
    output = running.run_dir / ".guild/output"
    output.write_bytes(b"?" + output.read_bytes()[1:] + b"and more")
    homes.pull(A)
    running.finish()

    homes.pull(A)

    can_hash = homes.remote().capabilities.can_hash
    assert same(homes, running, ".guild/output") == can_hash
    assert Store(homes.here.runs_dir).read(A, scalars=None).status == "completed"


def test_a_file_with_a_second_name_is_not_written_into(homes, running, tmp_path):
    homes.pull(A)
    copy = tmp_path / "copy"
    os.link(here(homes) / ".guild/output", copy)
    running.grow(1000)

    homes.pull(A)

    assert copy.stat().st_size == 500_000
    assert same(homes, running, ".guild/output")


def test_a_copy_that_is_started_again_here_is_left_alone(homes, running, start_operation):
    homes.pull(A)
    start_operation(here(homes))
    running.grow(1000)

    outcome = homes.pull(A)

    assert "running" in outcome.refused[0].reason
    assert (here(homes) / ".guild/output").stat().st_size == 500_000


def test_what_a_crash_left_of_a_file_that_grows_is_gone_on_with(homes, running):
    homes.pull(A)
    running.grow(50_000)
    new = (running.run_dir / ".guild/output").read_bytes()
    with (here(homes) / ".guild/output").open("ab") as file:
        file.write(new[500_000:520_000])

    outcome = homes.pull(A)

    assert outcome.sent == 3 * 50_000 - 20_000
    assert outcome.refused == ()
    assert all(same(homes, running, name) for name in GROWING)


# Until it ends


def test_a_followed_run_arrives_as_it_grows_and_settles_by_itself(homes, running):
    with Follower(homes, A) as follower:
        for _ in range(3):
            running.grow(777)
            wait_until(lambda: all(same(homes, running, name) for name in GROWING))
        assert Store(homes.here.runs_dir).read(A, scalars=None).status == "running"
        running.finish()

    assert follower.error is None
    assert follower.outcome.new == (A,)
    assert follower.outcome.updated == ()
    assert follower.outcome.refused == ()
    assert Store(homes.here.runs_dir).read(A, scalars=None).status == "completed"
    assert content(here(homes)) == content(running.run_dir)
    assert left_over(homes.here) == []


def test_what_is_new_in_a_followed_run_comes_too(homes, running):
    with Follower(homes, A):
        wait_until(lambda: here(homes).exists())
        (running.run_dir / "checkpoint.bin").write_bytes(os.urandom(100_000))
        wait_until(lambda: same(homes, running, "checkpoint.bin"))
        running.finish()


def test_runs_are_followed_until_each_has_ended_and_ended_ones_are_not(homes, start_operation):
    one, other = (begin(homes, start_operation, run_id) for run_id in (A, B))
    make_full_run(homes.there.runs_dir, "c" * 32)

    with Follower(homes) as follower:
        wait_until(lambda: follower.followed)
        assert set(follower.followed[0]) == {A, B}
        one.finish()
        wait_until(lambda: follower.followed[-1] == (B,))
        other.finish()

    assert set(follower.outcome.new) == {A, B, "c" * 32}


def test_a_run_that_has_ended_is_not_followed(homes):
    make_full_run(homes.there.runs_dir, A)

    outcome = homes.pull(A, follows=True)

    assert outcome.new == (A,)


def test_a_run_that_is_taken_away_there_is_no_longer_followed(homes, running):
    with Follower(homes, A) as follower:
        wait_until(lambda: follower.followed)
        running.run_dir.rename(homes.there.path / "away")

    assert follower.outcome.new == (A,)
    assert "not there any more" in follower.outcome.refused[0].reason


def test_a_cut_connection_does_not_end_the_following(homes, running):
    with Follower(homes, A) as follower:
        wait_until(lambda: follower.followed)
        homes.server.kill_sessions()
        running.grow(4321)
        wait_until(lambda: all(same(homes, running, name) for name in GROWING))
        running.finish()

    assert follower.error is None
    assert follower.outcome.refused == ()


def test_following_can_be_stopped_and_what_came_stays(homes, running):
    with Follower(homes, A) as follower:
        wait_until(lambda: follower.followed)
        follower.context.cancel()

    assert follower.outcome.cancelled
    assert Store(homes.here.runs_dir).read(A, scalars=None).status == "running"
    assert homes.memory.unfinished(homes.here.path) == []


def test_the_time_of_the_last_look_is_kept(homes, running):
    lock = here(homes) / ".guild/LOCK.remote"
    with Follower(homes, A) as follower:
        wait_until(lambda: follower.followed and lock.exists())
        os.utime(lock, (1000, 1000))
        wait_until(lambda: lock.stat().st_mtime > 1000)
        running.finish()

    assert not lock.exists()
