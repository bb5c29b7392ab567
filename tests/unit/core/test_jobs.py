import gc
import threading
import weakref

import pytest

from core.errors import Error
from core.jobs import Job, JobQueue, JobState
from tests.support.patience import PATIENCE


@pytest.fixture
def queue():
    queue = JobQueue()
    yield queue
    assert queue.close(PATIENCE)


def test_job_ends_with_its_result(queue):
    job = queue.submit(Job("count", "a", lambda context: 7))

    assert job.wait(PATIENCE)
    assert (job.state, job.result, job.error) == (JobState.DONE, 7, None)


def test_failure_is_kept_with_the_job(queue):
    def work(context):
        raise Error("Cannot do it.")

    job = queue.submit(Job("fail", "a", work))

    assert job.wait(PATIENCE)
    assert job.state is JobState.FAILED
    assert str(job.error) == "Cannot do it."


def test_mistake_is_kept_and_the_lane_goes_on(queue, caplog):
    def broken(context):
        return {}["missing"]

    first = queue.submit(Job("mistake", "a", broken))
    second = queue.submit(Job("next", "a", lambda context: 1))

    assert second.wait(PATIENCE)
    assert isinstance(first.error, KeyError)
    assert second.state is JobState.DONE
    assert "Job 'mistake' broke" in caplog.text


def test_mistake_of_a_listener_does_not_end_the_lane(queue, caplog):
    job = Job("heard", "a", lambda context: 1)
    job.subscribe(lambda job: {}["missing"])
    queue.submit(job)
    after = queue.submit(Job("after", "a", lambda context: 2))

    assert after.wait(PATIENCE)
    assert job.state is JobState.DONE
    assert "Listener of job 'heard' broke" in caplog.text


def test_jobs_of_a_lane_run_one_after_another_and_lanes_side_by_side(queue):
    both = threading.Barrier(2, timeout=PATIENCE)
    order = []

    def meet(context):
        both.wait()

    first = queue.submit(Job("1", "a", meet))
    second = queue.submit(Job("2", "b", meet))
    for number in range(20):
        queue.submit(Job(str(number), "c", lambda context, number=number: order.append(number)))
    last = queue.submit(Job("last", "c", lambda context: None))

    assert first.wait(PATIENCE)
    assert second.wait(PATIENCE)
    assert last.wait(PATIENCE)
    assert order == list(range(20))


def test_no_job_is_left_behind(queue):
    jobs = [queue.submit(Job(str(i), "a", lambda context: None)) for i in range(3000)]

    assert all(job.wait(PATIENCE) for job in jobs)


def test_cancel_wakes_what_is_stuck_and_what_is_queued(queue):
    gate, entered = threading.Event(), threading.Event()

    def stuck(context):
        context.interrupt_with(gate.set)
        entered.set()
        assert gate.wait(PATIENCE)
        context.check()

    running = queue.submit(Job("running", "a", stuck))
    waiting = queue.submit(Job("waiting", "a", stuck))
    assert entered.wait(PATIENCE)

    waiting.cancel()
    running.cancel()

    assert running.wait(PATIENCE)
    assert waiting.wait(PATIENCE)
    assert (running.state, waiting.state) == (JobState.CANCELLED, JobState.CANCELLED)


def test_what_waits_is_cancelled_at_once_however_long_the_one_before_takes(queue):
    gate, entered = threading.Event(), threading.Event()

    def slow(context):
        entered.set()
        gate.wait(PATIENCE)

    running = queue.submit(Job("running", "a", slow))
    waiting = queue.submit(Job("waiting", "a", lambda context: pytest.fail("it was done")))
    last = queue.submit(Job("last", "a", lambda context: "done"))
    assert entered.wait(PATIENCE)
    heard = []
    waiting.subscribe(lambda job: heard.append(job.state))

    waiting.cancel()

    assert (waiting.state, waiting.wait(0), heard) == (
        JobState.CANCELLED, True, [JobState.CANCELLED],
    )  # fmt: skip
    assert queue.waiting("a") == [last]
    assert queue.active() == [running, last]
    gate.set()
    assert last.wait(PATIENCE)
    assert (last.result, waiting.error, heard) == ("done", None, [JobState.CANCELLED])


def test_interrupt_of_a_cancelled_job_is_called_at_once():
    job = Job("x", "a", lambda context: None)
    job.cancel()
    called = threading.Event()

    job.context.interrupt_with(called.set)

    assert called.is_set()


def test_paused_job_waits_and_goes_on(queue):
    states, paused, steps = [], threading.Event(), []

    def work(context):
        for step in range(3):
            context.advance(1, total=3, item=str(step))
            steps.append(step)
        return "whole"

    job = Job("pause", "a", work)
    job.subscribe(lambda job: states.append(job.state))
    job.subscribe(lambda job: paused.set() if job.state is JobState.PAUSED else None)
    job.pause()
    queue.submit(job)
    assert paused.wait(PATIENCE)
    assert steps == []

    job.resume()

    assert job.wait(PATIENCE)
    assert job.result == "whole"
    assert states == [JobState.PAUSED, JobState.RUNNING, JobState.RUNNING, JobState.DONE]


def test_paused_job_can_be_cancelled(queue):
    job = Job("pause", "a", lambda context: context.check())
    job.pause()
    queue.submit(job)

    job.cancel()

    assert job.wait(PATIENCE)
    assert job.state is JobState.CANCELLED


def test_progress_is_a_snapshot_and_items_are_published(queue):
    seen = []

    def work(context):
        context.follow(seen.append)
        context.advance(2, total=5, unit="files", item="a.txt")
        before = context.progress
        context.advance(3)
        context.publish("part")
        return before

    job = queue.submit(Job("progress", "a", work))

    assert job.wait(PATIENCE)
    assert (job.result.done, job.result.total, job.result.item) == (2, 5, "a.txt")
    assert job.context.progress.done == 5
    assert seen == ["part"]


def test_sleep_ends_when_the_job_is_cancelled(queue):
    asleep = threading.Event()

    def work(context):
        asleep.set()
        context.sleep(3600)

    job = queue.submit(Job("sleep", "a", work))
    assert asleep.wait(PATIENCE)

    job.cancel()

    assert job.wait(PATIENCE)


def test_closed_queue_takes_no_more_and_says_who_is_busy():
    queue, gate, entered = JobQueue(), threading.Event(), threading.Event()

    def deaf(context):
        entered.set()
        gate.wait(PATIENCE)

    job = queue.submit(Job("deaf", "a", deaf))
    assert entered.wait(PATIENCE)

    assert not queue.close(0.01)
    assert [active.title for active in queue.active()] == ["deaf"]
    with pytest.raises(RuntimeError):
        queue.submit(Job("late", "a", deaf))

    gate.set()
    assert job.wait(PATIENCE)
    assert queue.close(PATIENCE)


def test_whoever_hears_that_a_job_has_ended_finds_it_no_longer_among_the_active(queue):
    found = []
    job = Job("heard", "a", lambda context: 1)
    job.subscribe(lambda job: found.append((job.state, queue.active() == [job])))

    assert queue.submit(job).wait(PATIENCE)

    assert found == [(JobState.RUNNING, True), (JobState.DONE, False)]


def test_a_worker_waits_for_more_jobs_of_its_lane_for_a_while():
    queue, threads = JobQueue(idle_seconds=3600), []
    for _ in range(3):
        job = Job("Note", "a", lambda _: threads.append(threading.current_thread()))
        assert queue.submit(job).wait(PATIENCE)

    assert len(set(threads)) == 1
    assert queue.active() == []
    assert queue.close(PATIENCE)  # does not wait until the worker gives up by itself
    threads[0].join(PATIENCE)
    assert not threads[0].is_alive()


def test_a_worker_that_waited_in_vain_ends_and_another_is_born():
    queue, threads = JobQueue(idle_seconds=0), []
    for _ in range(20):
        job = Job("Note", "a", lambda _: threads.append(threading.current_thread()))
        assert queue.submit(job).wait(PATIENCE)
        threads[-1].join(PATIENCE)

    assert len(set(threads)) == 20
    assert queue.close(PATIENCE)


def test_what_a_job_found_is_not_held_by_its_worker():
    queue = JobQueue(idle_seconds=3600)
    job = Job("Find", "a", lambda _: set())
    known = weakref.ref(job)
    assert queue.submit(job).wait(PATIENCE)
    queue.submit(Job("Wait for the worker", "a", lambda _: None)).wait(PATIENCE)

    del job
    gc.collect()

    assert known() is None
    assert queue.close(PATIENCE)


@pytest.fixture
def waiting():
    """A queue with a job that goes on until it is told, and three that wait; what was done."""
    queue = JobQueue()
    begun, go, order = threading.Event(), threading.Event(), []

    def go_on(_context):
        begun.set()
        go.wait(PATIENCE)

    running = queue.submit(Job("first", "lane", go_on))
    assert begun.wait(PATIENCE)
    jobs = [
        queue.submit(Job(name, "lane", lambda _context, name=name: order.append(name)))
        for name in ("second", "third", "fourth")
    ]
    yield queue, running, jobs, go, order
    go.set()
    assert queue.close(PATIENCE)


@pytest.mark.parametrize(
    ("moved", "before", "order"),
    [
        (2, 0, ["fourth", "second", "third"]),
        (0, 2, ["third", "second", "fourth"]),
        (0, None, ["third", "fourth", "second"]),
    ],
)
def test_a_job_that_waits_can_be_put_before_others_of_its_lane(waiting, moved, before, order):
    queue, _running, jobs, go, done = waiting

    assert queue.put_before(jobs[moved], None if before is None else jobs[before])

    assert [job.title for job in queue.waiting("lane")] == order
    go.set()
    assert all(job.wait(PATIENCE) for job in jobs)
    assert done == order


def test_only_jobs_that_wait_in_one_lane_change_places(waiting):
    queue, running, jobs, go, _done = waiting
    other = Job("elsewhere", "other", lambda _context: None)

    assert not queue.put_before(jobs[0], running)
    assert not queue.put_before(running, jobs[0])
    assert not queue.put_before(jobs[0], other)
    assert not queue.put_before(jobs[0], jobs[0])
    assert [job.title for job in queue.waiting("lane")] == ["second", "third", "fourth"]
    go.set()
    assert all(job.wait(PATIENCE) for job in jobs)
    assert not queue.put_before(jobs[0], None)
    assert queue.waiting("lane") == []
