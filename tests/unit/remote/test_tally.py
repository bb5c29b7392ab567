from __future__ import annotations

import time

from core.jobs import JobContext
from remote.moves import Tally
from tests.support.patience import PATIENCE


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


def test_what_is_kept_of_an_earlier_try_is_not_waited_for():
    context = JobContext()
    tally = Tally(context)
    tally.expect_runs([100, 100, 100])
    tally.pace(100)
    tally.spare(70)
    tally.spare(0)

    said = []
    for amount in (30, 1, 99):
        tally.pace(amount)
        tally.tell()
        said.append(context.progress.item)

    assert said == ["run 2 of 3", "run 3 of 3", "run 3 of 3"]
    assert (context.progress.done, context.progress.total) == (230, 230)
    tally.spare(10)
    assert context.progress.total == 230


def test_another_limit_counts_at_once():
    limit = 10_000
    tally = Tally(JobContext(), lambda: limit)
    began = time.monotonic()
    tally.pace(5_000)
    assert time.monotonic() - began >= 0.4

    limit = 0
    tally.pace(10_000_000)
    assert time.monotonic() - began < PATIENCE


def test_a_limit_that_is_lifted_ends_the_waiting():
    limits = iter([100, 100, 100])
    tally = Tally(JobContext(), lambda: next(limits, 0))
    began = time.monotonic()

    tally.pace(1_000_000)

    assert time.monotonic() - began < PATIENCE
    assert tally.sent == 1_000_000


def test_what_comes_in_one_piece_is_counted_at_its_pace():
    seen = []

    class Context(JobContext):
        def advance(self, amount=0, **changes):
            super().advance(amount, **changes)
            seen.append(self.progress.done)

    tally = Tally(Context(), 50_000)
    tally.expect_runs([25_000])

    tally.pace(25_000)

    assert seen[-1] == 25_000
    assert len([done for done in seen if 0 < done < 25_000]) >= 2
