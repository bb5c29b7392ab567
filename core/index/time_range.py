"""Spans of time as people write them: "last 30 days", "after 9:00", "between 1-1 and 4-30".

The language is Guild's (`-Fs`), in local time, and its answers are the same but for two things.
Why two: Guild ends a month at the beginning of its last day, so that on the 30th "this month"
leaves out all of that day; here a month has all its days. And what Guild's own help promises but
its parser refuses, is understood: "last week|month|year" is the calendar unit before this one,
"last 2 weeks" (months, years) ends now, as "last 2 days" does.

Times are microseconds since 1970-01-01 UTC, like those of runs. The time zone is the system's.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import NoReturn

from msgspec import Struct

from core.errors import QueryError
from core.runs.run import MICROSECONDS

MAX_TEXT = 1000
HINT = "Write for example “last 30 days”, “today”, “after 2026-01-31” or “between 9:00 and 12:00”."

# In this order, as in Guild: "min" ends where an "ago" begins without a blank between them.
_TOKEN = re.compile(
    r"""[ \t\n]* (?:
      (?P<date>  [0-9]{4}-[0-9]{1,2}-[0-9]{1,2} | [0-9]{2}-[0-9]{1,2}-[0-9]{1,2}
               | [0-9]{1,2}-[0-9]{1,2})
    | (?P<time>  [0-9]{1,2}:[0-9]{2}:[0-9]{2} | [0-9]{1,2}:[0-9]{2})
    | (?P<day>days?) | (?P<week>weeks?) | (?P<month>months?) | (?P<year>years?)
    | (?P<number>[0-9]+)
    | (?P<hour>hours?|hrs?) | (?P<minute>minutes?|mins?)
    | (?P<word>[a-z]+)
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_BLANK = re.compile(r"[ \t\n]*")
_KEYWORDS = frozenset(
    ["today", "yesterday", "this", "last", "ago", "before", "after", "between", "and"]
)
_UNITS = ("minute", "hour", "day", "week", "month", "year")

Span = tuple[int | None, int | None]
_Bounds = Callable[[datetime], tuple[datetime | None, datetime | None]]


@dataclass(frozen=True, slots=True)
class TimeRange:
    """A span that is still relative to now.

    Attributes:
        text: As it was written, blanks around it taken off.
    """

    text: str
    _bounds: _Bounds = field(compare=False, repr=False)
    _position: int = field(default=0, compare=False, repr=False)

    def span(self, now: int) -> Span:
        """First microsecond inside and first one after it; None where there is no limit.

        Args:
            now: Current time in microseconds since 1970-01-01 UTC.

        Raises:
            QueryError: It leads to a day that does not exist or out of the calendar.
        """
        try:
            local = datetime.fromtimestamp(now // MICROSECONDS)  # noqa: DTZ006 - local time is meant
            start, end = self._bounds(local.replace(microsecond=now % MICROSECONDS))
            return _micros(start), _micros(end)
        except (ValueError, OverflowError, OSError) as e:
            raise QueryError(
                f"“{self.text}” is not a possible time.",
                position=self._position,
                length=len(self.text),
                hint=HINT,
            ) from e


def parse_range(text: str) -> TimeRange:
    """Understand a whole text as a span of time.

    Raises:
        QueryError: It is none; the position is that of the first word that does not fit.
    """
    if len(text) > MAX_TEXT:
        raise QueryError("The time range is too long.", position=MAX_TEXT, hint=HINT)
    reader = _Reader(text, 0)
    found = reader.read_range()
    reader.expect_end()
    return found


def parse_prefix(text: str, position: int) -> tuple[TimeRange, int]:
    """Understand as much of `text` from `position` on as makes a span of time.

    Returns:
        The span, and the position behind its last word.

    Raises:
        QueryError: No span begins there.
    """
    reader = _Reader(text, position)
    return reader.read_range(), reader.position


def begins_range(word: str) -> bool:
    """Whether a time range may begin with this word, or with one that begins so."""
    starts = ("today", "yesterday", "this", "last", "before", "after", "between")
    return len(word) > 1 and any(start.startswith(word.lower()) for start in starts)


class _Token(Struct, frozen=True):
    kind: str
    text: str
    position: int


class _Reader:
    """Reads a range word by word; `position` is behind the last word it took."""

    def __init__(self, text: str, position: int) -> None:
        self.text = text
        self.position = position

    def read_range(self) -> TimeRange:
        start = _skip_blanks(self.text, self.position)
        bounds = self._range()
        return TimeRange(self.text[start : self.position], bounds, start)

    def expect_end(self) -> None:
        if self._peek().kind != "end":
            self._fail()

    # The grammar

    def _range(self) -> _Bounds:
        if self._accept("between"):
            return self._between()
        token = self._peek()
        if token.kind in ("before", "after"):
            return self._open_range()
        if token.kind in ("date", "time"):
            return _whole(*self._moment())
        return self._unit_range(rolling=True)

    def _between(self) -> _Bounds:
        first = self._end_of_between()
        self._expect("and")
        second = self._end_of_between()

        def bounds(now: datetime) -> tuple[datetime | None, datetime | None]:
            (start1, end1), (start2, end2) = first(now), second(now)
            if start1 is None or start2 is None:
                raise ValueError("one of its ends has no beginning")
            return (start1, end2) if start1 < start2 else (start2, end1)

        return bounds

    def _end_of_between(self) -> _Bounds:
        token = self._peek()
        if token.kind in ("date", "time"):
            moment, _ = self._moment()
            return lambda now: (moment(now), moment(now))
        if token.kind in ("before", "after"):
            return self._open_range()
        return self._unit_range()

    def _open_range(self) -> _Bounds:
        before = self._take().kind == "before"
        if self._peek().kind in ("date", "time"):
            moment, _ = self._moment()
            return lambda now: (None, moment(now)) if before else (moment(now), None)
        unit = self._unit_range()
        return lambda now: (None, unit(now)[0]) if before else (unit(now)[1], None)

    def _unit_range(self, *, rolling: bool = False) -> _Bounds:
        token = self._take()
        if token.kind in ("today", "yesterday"):
            return _calendar("day", int(token.kind == "yesterday"))
        if token.kind == "this":
            return _calendar(self._unit(), 0)
        if token.kind == "number":
            unit = self._unit()
            self._expect("ago")
            return _calendar(unit, int(token.text[:12]))
        if token.kind == "last":
            return self._last(rolling=rolling)
        self._fail(token)

    def _last(self, *, rolling: bool) -> _Bounds:
        number = self._accept("number") if rolling else None
        token = self._peek()
        unit = self._unit()
        if number is None and unit in ("week", "month", "year"):
            return _calendar(unit, 1)
        if not rolling:
            self._fail(token)
        count = int(number.text[:12]) if number else 1
        return lambda now: (_earlier(now, unit, count), None)

    def _unit(self) -> str:
        token = self._take()
        if token.kind not in _UNITS:
            self._fail(token)
        return token.kind

    def _moment(self) -> tuple[Callable[[datetime], datetime], str]:
        """A point in time, and the unit that it names when it stands alone."""
        token = self._take()
        if token.kind == "time":
            clock = self._clock(token)
            return (lambda now: datetime.combine(now, clock)), _unit_of_clock(token)
        day = self._day(token)
        if self._peek().kind != "time":
            return day, "day"
        token = self._take()
        clock = self._clock(token)
        return (lambda now: datetime.combine(day(now), clock)), _unit_of_clock(token)

    def _clock(self, token: _Token) -> time:
        numbers = [*map(int, token.text.split(":")), 0]
        if numbers[0] > 23 or max(numbers[1:3]) > 59:
            self._fail(token, f"There is no time {token.text}.")
        return time(numbers[0], numbers[1], numbers[2])

    def _day(self, token: _Token) -> Callable[[datetime], datetime]:
        *years, month, day = token.text.split("-")
        year = years[0] if years else ""
        if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31):
            self._fail(token, f"There is no day {token.text}; write it as year-month-day.")
        return lambda now: datetime(  # noqa: DTZ001 - local time is meant
            _full_year(year, now), int(month), int(day)
        )

    # Words

    def _peek(self) -> _Token:
        match = _TOKEN.match(self.text, self.position)
        if match is None or match.lastgroup is None:
            start = _skip_blanks(self.text, self.position)
            rest = self.text[start:]
            return _Token("unknown" if rest else "end", rest[:1], start)
        kind, text = match.lastgroup, match[match.lastgroup]
        if kind == "word":
            kind = text.lower() if text.lower() in _KEYWORDS else "unknown"
        return _Token(kind, text, match.start(match.lastgroup))

    def _take(self) -> _Token:
        token = self._peek()
        if token.kind not in ("end", "unknown"):
            self.position = token.position + len(token.text)
        return token

    def _accept(self, kind: str) -> _Token | None:
        return self._take() if self._peek().kind == kind else None

    def _expect(self, kind: str) -> None:
        token = self._take()
        if token.kind != kind:
            self._fail(token, f"“{kind}” is missing here.")

    def _fail(self, token: _Token | None = None, message: str = "") -> NoReturn:
        token = token or self._peek()
        if token.kind == "end":
            message = "The time range is not complete."
        raise QueryError(
            message or f"“{token.text}” does not fit into a time range.",
            position=token.position,
            length=len(token.text),
            hint=HINT,
        )


def _skip_blanks(text: str, position: int) -> int:
    match = _BLANK.match(text, position)
    return match.end() if match else position


def _unit_of_clock(token: _Token) -> str:
    return "second" if token.text.count(":") == 2 else "minute"


def _full_year(text: str, now: datetime) -> int:
    if not text:
        return now.year
    return int(text) if len(text) == 4 else now.year // 100 * 100 + int(text)


def _whole(moment: Callable[[datetime], datetime], unit: str) -> _Bounds:
    """The day, minute or second that a point in time names."""
    lengths = {"day": timedelta(days=1), "minute": timedelta(minutes=1)}
    length = lengths.get(unit, timedelta(seconds=1))
    return lambda now: (moment(now), moment(now) + length)


def _calendar(unit: str, ago: int) -> _Bounds:
    """The minute, hour, day, week, month or year so many before this one."""

    def bounds(now: datetime) -> tuple[datetime, datetime]:
        start = _beginning(now, unit)
        return _shifted(start, unit, -ago), _shifted(start, unit, 1 - ago)

    return bounds


def _beginning(now: datetime, unit: str) -> datetime:
    if unit == "minute":
        return now.replace(second=0, microsecond=0)
    if unit == "hour":
        return now.replace(minute=0, second=0, microsecond=0)
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if unit == "week":
        return day - timedelta(days=day.weekday())
    if unit == "day":
        return day
    return day.replace(day=1) if unit == "month" else day.replace(month=1, day=1)


def _shifted(moment: datetime, unit: str, count: int) -> datetime:
    """So many units later, on the first day of a month at most as late as `moment`'s day."""
    if unit in ("month", "year"):
        months = moment.year * 12 + moment.month - 1 + count * (12 if unit == "year" else 1)
        return _in_month(moment, months // 12, months % 12 + 1)
    return moment + count * timedelta(**{f"{unit}s": 1})


def _in_month(moment: datetime, year: int, month: int) -> datetime:
    for day in (moment.day, 30, 29, 28):
        try:
            return moment.replace(year=year, month=month, day=day)
        except ValueError:
            if not 1 <= year <= 9999 or day == 28:
                raise
    raise AssertionError  # every month has 28 days


def _earlier(now: datetime, unit: str, count: int) -> datetime:
    """The moment that many units ago; hours are real ones, also where clocks were changed."""
    if unit in ("minute", "hour"):
        step = timedelta(**{f"{unit}s": count})
        return datetime.fromtimestamp(now.timestamp() - step.total_seconds())  # noqa: DTZ006 - as above
    return _shifted(now, unit, -count)


def _micros(moment: datetime | None) -> int | None:
    """Microseconds since 1970, rounded up to seconds: starts of runs are compared by seconds."""
    if moment is None:
        return None
    seconds = round(moment.replace(microsecond=0).timestamp())
    return (seconds + (moment.microsecond > 0)) * MICROSECONDS
