from __future__ import annotations

import pytest

from core.jobs import Job, Progress
from gui.jobs.job_speed import Speed
from gui.jobs.job_text import amount_text, counts_text, left_text, look_of_job, rate_text

GB = 1_000_000_000


@pytest.mark.parametrize(
    ("progress", "text"),
    [
        (Progress(1_900_000_000, 5 * GB, "bytes"), "1.9 of 5.0 GB"),
        (Progress(310_000_000, 5 * GB, "bytes"), "310 MB of 5.0 GB"),
        (Progress(1, 1, "bytes"), "1 of 1 byte"),
        (Progress(1, 2, "bytes"), "1 of 2 bytes"),
        (Progress(7_000, None, "bytes"), "7.0 KB"),
        (Progress(9, 1_024, "runs"), "9 of 1,024 runs"),
        (Progress(1, 1, "runs"), "1 of 1 run"),
        (Progress(3, None, "files"), "3 files"),
        (Progress(), ""),
    ],
)
def test_an_amount_is_told_in_the_unit_of_the_whole(progress, text):
    assert amount_text(progress) == text


@pytest.mark.parametrize(
    ("per_second", "unit", "text"),
    [
        (118_000_000, "bytes", "118 MB/s"),
        (45.4, "runs", "45 runs/s"),
        (0.25, "runs", "0.2 runs/s"),
        (None, "bytes", ""),
    ],
)
def test_a_rate_is_short(per_second, unit, text):
    assert rate_text(per_second, unit) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "1 s"),
        (26.6, "27 s"),
        (61, "1 min"),
        (3_599, "1 h"),
        (7_500, "2 h 5 min"),
        (40_000, "11 h"),
        (900_000, "10 days"),
        (None, ""),
    ],
)
def test_the_time_left_is_short(seconds, text):
    assert left_text(seconds) == text


def test_the_status_bar_counts_what_matters():
    assert counts_text(0, 0, 0) == ""
    assert counts_text(2, 0, 1) == "2 jobs going on"
    assert counts_text(1, 1, 1) == "1 job going on · 1 failed"
    assert counts_text(0, 1, 5) == "1 job failed"
    assert counts_text(0, 0, 5) == "5 jobs finished"


def test_a_job_that_was_asked_to_wait_or_to_stop_says_so_at_once():
    job = Job("x", "a", lambda context: None)
    assert look_of_job(job).text == "waiting"

    job.pause()
    assert look_of_job(job).text == "paused"
    job.cancel()
    assert look_of_job(job).text == "stopping…"


def test_a_speed_needs_time_and_forgets_what_was_long_ago():
    speed = Speed()
    speed.note(100.0, 0)
    speed.note(100.1, 50)
    assert speed.per_second() is None

    speed.note(102.0, 200)
    assert speed.per_second() == 100
    assert speed.seconds_left(300) == 1

    for second in range(103, 130):
        speed.note(second, 200 + 10 * (second - 102))
    assert speed.per_second() == 10

    speed.forget()
    assert speed.per_second() is None
    assert speed.seconds_left(1_000) is None
