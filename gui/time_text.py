"""Times as short text for people (durations are core.text.format_duration's).

Why constants and not `strftime("%a")`: Qt sets the process's locale, so Python would name days in
the system's language beside English words ("Fr. 16:40", "2 min ago").
"""

from __future__ import annotations

from datetime import UTC, datetime

from core.runs.run import MICROSECONDS

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_MINUTE, _HOUR = 60, 3600
_RECENT_DAYS = 330  # a day and a month mean one day only


def relative_time(time: int, now: int) -> str:
    """How long ago, or when: "now", "2 min ago", "yest. 22:14", "Fri 16:40", "12 Nov".

    Args:
        time: Microseconds since 1970-01-01 UTC.
        now: The present, in the same unit.

    Returns:
        At most 11 characters, in local time; an empty text where no calendar has that time.
    """
    seconds = (now - time) // MICROSECONDS
    then, today = _local(time), _local(now)
    if then is None or today is None:
        return ""
    if -_MINUTE < seconds < _HOUR:
        return "now" if seconds < _MINUTE else f"{seconds // _MINUTE} min ago"
    if 0 <= seconds < 24 * _HOUR and then.date() == today.date():
        return f"{seconds // _HOUR} h ago"
    return _calendar_text(then, today)


def exact_time(time: int) -> str:
    """Local date and time with seconds and zone, e.g. "Fri 2024-11-15 16:40:02 CET"."""
    then = _local(time)
    if then is None:
        return ""
    return f"{DAYS[then.weekday()]} {then:%Y-%m-%d %H:%M:%S %Z}"


def is_date(text: str) -> bool:
    """Whether what `relative_time` gave says a day of the calendar already, and no distance."""
    return not (text == "now" or text.endswith(" ago") or text.startswith("yest."))


def iso_time(time: int) -> str:
    """Local date and time for other programs, e.g. "2024-11-15T16:40:02+01:00"."""
    then = _local(time)
    return "" if then is None else then.isoformat(timespec="seconds")


def day_text(time: int | None, now: int, *, with_clock: bool = False) -> str:
    """The local day: "12 Nov", with the year where it is another one, and with a clock if asked.

    Args:
        time: Microseconds since 1970-01-01 UTC; None gives an empty text.
        now: The present, in the same unit.
        with_clock: Hours and minutes too: "12 Nov 16:40".
    """
    then, today = None if time is None else _local(time), _local(now)
    if then is None or today is None:
        return ""
    day = _day(then, today)
    return f"{day} {then:%H:%M}" if with_clock else day


def brief_day(time: int | None, now: int) -> str:
    """The local day where there is little room: "12 Nov", or "Nov 2024" of eleven months ago.

    Args:
        time: Microseconds since 1970-01-01 UTC; None gives an empty text.
        now: The present, in the same unit.
    """
    then, today = None if time is None else _local(time), _local(now)
    if then is None or today is None:
        return ""
    month = MONTHS[then.month - 1]
    is_recent = abs((today.date() - then.date()).days) < _RECENT_DAYS
    return f"{then.day} {month}" if is_recent else f"{month} {then.year}"


def _calendar_text(then: datetime, today: datetime) -> str:
    clock = f"{then:%H:%M}"
    days = (today.date() - then.date()).days
    if days == 0:
        return clock
    if days == 1:
        return f"yest. {clock}"
    if 1 < days < 7:
        return f"{DAYS[then.weekday()]} {clock}"
    return _day(then, today)


def _day(then: datetime, today: datetime) -> str:
    day = f"{then.day} {MONTHS[then.month - 1]}"
    return day if then.year == today.year else f"{day} {then.year}"


def _local(time: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(time / MICROSECONDS, tz=UTC).astimezone()
    except (OverflowError, ValueError, OSError):
        return None
