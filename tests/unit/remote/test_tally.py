from __future__ import annotations

from core.jobs import JobContext
from remote.moves import Tally


def test_a_transfer_says_which_of_its_runs_the_bytes_belong_to():
    context = JobContext()
    tally = Tally(context)
    context.advance(item="copying")
    tally.expect_runs([100, 0, 50, 250])

    said = []
    for amount in (60, 40, 1, 49, 250):
        tally.pace(amount)
        said.append(context.progress.item)

    assert said == ["run 1 of 4", "run 1 of 4", "run 3 of 4", "run 3 of 4", "run 4 of 4"]
    assert (context.progress.done, context.progress.total) == (400, 400)


def test_of_one_run_it_is_not_said_which():
    context = JobContext()
    tally = Tally(context)
    context.advance(item="copying")
    tally.expect_runs([100])

    tally.pace(10)

    assert context.progress.item == "copying"


def test_after_a_lost_connection_the_runs_that_are_left_are_counted_anew():
    context = JobContext()
    tally = Tally(context)
    tally.expect_runs([100, 100, 100])
    tally.pace(150)
    tally.expect_runs([100, 100])

    tally.pace(10)

    assert context.progress.item == "run 1 of 2"
    assert (context.progress.done, context.progress.total) == (160, 350)
