from __future__ import annotations

import time
from datetime import datetime

import pytest

from core.errors import QueryError
from core.index.query_values import local_text
from core.index.time_range import begins_range, parse_prefix, parse_range


def local(*numbers):
    return datetime(*numbers)  # noqa: DTZ001 - ranges are about local time


LOCAL_NOW = local(2026, 11, 23, 9, 30, 15, 250_000)  # a Monday


def micros(moment):
    return round(moment.timestamp()) * 1_000_000


def span(text, now=LOCAL_NOW):
    start, end = parse_range(text).span(int(now.timestamp() * 1_000_000))
    return local_text(start) or None, local_text(end) or None


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("today", "2026-11-23 00:00:00", "2026-11-24 00:00:00"),
        ("Yesterday", "2026-11-22 00:00:00", "2026-11-23 00:00:00"),
        ("this minute", "2026-11-23 09:30:00", "2026-11-23 09:31:00"),
        ("2 hours ago", "2026-11-23 07:00:00", "2026-11-23 08:00:00"),
        ("this week", "2026-11-23 00:00:00", "2026-11-30 00:00:00"),
        ("1 week ago", "2026-11-16 00:00:00", "2026-11-23 00:00:00"),
        ("11 months ago", "2025-12-01 00:00:00", "2026-01-01 00:00:00"),
        ("2 years ago", "2024-01-01 00:00:00", "2025-01-01 00:00:00"),
        ("last 90 min", "2026-11-23 08:00:16", None),
        ("last day", "2026-11-22 09:30:16", None),
        ("after 9:00", "2026-11-23 09:00:00", None),
        ("before 1-2", None, "2026-01-02 00:00:00"),
        ("before 25-1-2 8:05:09", None, "2025-01-02 08:05:09"),
        ("after yesterday", "2026-11-23 00:00:00", None),
        ("2026-02-03", "2026-02-03 00:00:00", "2026-02-04 00:00:00"),
        ("2-3 10:00", "2026-02-03 10:00:00", "2026-02-03 10:01:00"),
        ("10:00:05", "2026-11-23 10:00:05", "2026-11-23 10:00:06"),
        ("between 3-1 and 1-1", "2026-01-01 00:00:00", "2026-03-01 00:00:00"),
        ("between yesterday and today", "2026-11-22 00:00:00", "2026-11-24 00:00:00"),
    ],
)
def test_a_range_is_a_span_of_local_time(text, start, end):
    assert span(text) == (start, end)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("last week", "2026-11-16 00:00:00", "2026-11-23 00:00:00"),
        ("last month", "2026-10-01 00:00:00", "2026-11-01 00:00:00"),
        ("last year", "2025-01-01 00:00:00", "2026-01-01 00:00:00"),
        ("last 2 weeks", "2026-11-09 09:30:16", None),
        ("last 6 months", "2026-05-23 09:30:16", None),
        ("before last month", None, "2026-10-01 00:00:00"),
    ],
)
def test_what_guilds_help_promises_and_its_parser_refuses_is_understood(text, start, end):
    assert span(text) == (start, end)


def test_a_month_has_all_its_days():
    last_day = local(2026, 11, 30, 18, 0)

    assert span("this month", last_day) == ("2026-11-01 00:00:00", "2026-12-01 00:00:00")


def test_months_back_end_in_short_months():
    assert span("last 1 month", local(2026, 3, 31))[0] == "2026-02-28 00:00:00"
    assert span("last 1 year", local(2028, 2, 29))[0] == "2027-02-28 00:00:00"


@pytest.fixture
def in_berlin(monkeypatch):
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("in_berlin")
def test_hours_are_real_ones_where_clocks_are_changed():
    after_change = local(2026, 10, 25, 3, 30)  # an hour ago it was 2:30, for the second time

    start, _ = parse_range("last 2 hours").span(micros(after_change))

    assert start == micros(after_change) - 2 * 3_600_000_000


@pytest.mark.usefixtures("in_berlin")
def test_a_day_is_as_long_as_the_clock_says():
    start, end = parse_range("today").span(micros(local(2026, 10, 25, 12, 0)))

    assert end - start == 25 * 3_600_000_000


@pytest.mark.parametrize(
    ("text", "position", "length"),
    [
        ("", 0, 1),
        ("last", 4, 1),
        ("last 3 moons", 7, 5),
        ("today yesterday", 6, 9),
        ("after 2026-13-01", 6, 10),
        ("25:00", 0, 5),
        ("between 1-1 or 2-1", 12, 2),
        ("last ten days", 5, 3),
    ],
)
def test_an_error_names_the_place(text, position, length):
    with pytest.raises(QueryError) as caught:
        parse_range(text)

    assert (caught.value.position, caught.value.length) == (position, length)


@pytest.mark.parametrize(
    "text", ["2-30", "9999 years ago", "last 999999999999999999 days", "9999-12-31", "0000-1-1"]
)
def test_a_time_out_of_the_calendar_is_an_error_when_it_is_used(text):
    found = parse_range(text)

    with pytest.raises(QueryError, match="not a possible time"):
        found.span(micros(LOCAL_NOW))


def test_a_range_within_another_text_ends_where_it_no_longer_fits():
    found, end = parse_prefix("started last 3 days and lr = 1", 7)

    assert (found.text, end) == ("last 3 days", 19)


def test_words_that_may_begin_a_range():
    assert begins_range("las")
    assert begins_range("Today")
    assert not begins_range("l")
    assert not begins_range("well")
