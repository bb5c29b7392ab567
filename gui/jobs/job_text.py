"""What a job says of itself in the jobs panel: state, amount, rate and time left as short text."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

from msgspec import Struct

from core.jobs import Job, JobState, Progress
from core.text import format_bytes, plural

Grade = Literal["done", "partly", "failed", "cancelled"]


class Look(Struct, frozen=True):
    """How a state is shown.

    Attributes:
        icon: Name of its sign.
        token: Role of its colour.
        text: Its words.
        button: What stands on a button beside them; empty for none.
    """

    icon: str
    token: str
    text: str
    button: str = ""


class Recess(Struct, frozen=True):
    """A job that waits before it tries once more by itself.

    Attributes:
        reason: Why it could not go on, as part of a sentence: "no route to host".
        until: When it tries again, in monotonic seconds.
        end: Lets it try at once.
    """

    reason: str
    until: float
    end: Callable[[], object]


_ENDS: dict[Grade, tuple[str, str]] = {
    "done": ("status-completed", "completed"),
    "partly": ("warning", "warning"),
    "failed": ("status-error", "error"),
    "cancelled": ("status-terminated", "terminated"),
}


def look_of_end(grade: Grade, sentence: str) -> Look:
    """How a job is shown that has ended."""
    return Look(*_ENDS[grade], sentence)


def look_of_recess(recess: Recess, now: float) -> Look:
    """How a job is shown that tries again later."""
    seconds = max(0, math.ceil(recess.until - now))
    when = f"retry in {left_text(seconds)}" if seconds else "trying again"
    return Look("warning", "error", f"{recess.reason} · {when}", "Now")


def look_of_job(job: Job) -> Look:
    """How a job is shown that waits or goes on."""
    if job.context.is_cancelled:
        return Look("status-terminated", "terminated", "stopping…")
    if job.context.is_held:
        return Look("pause", "warning", "pausing…" if job.state is JobState.RUNNING else "paused")
    if job.state is JobState.QUEUED:
        return Look("status-pending", "pending", "waiting")
    return Look("status-running", "running", job.context.progress.item or "working")


def amount_text(progress: Progress) -> str:
    """How much is done: "1.9 of 5.0 GB", "9 of 24 runs"; empty before anything is known."""
    done, total = progress.done, progress.total
    if progress.unit != "bytes":
        if total is None:
            return _count(done, progress.unit) if done else ""
        return f"{done:,} of {_count(total, progress.unit)}"
    if total is None:
        return format_bytes(done) if done else ""
    some, whole = format_bytes(done), format_bytes(total)
    if some.split()[-1].removesuffix("s") == whole.split()[-1].removesuffix("s"):
        some = some.split()[0]
    return f"{some} of {whole}"


def rate_text(per_second: float | None, unit: str) -> str:
    """A speed: "118 MB/s", "45 runs/s"; empty while it is not known."""
    if per_second is None:
        return ""
    if unit == "bytes":
        return f"{format_bytes(round(per_second))}/s"
    return f"{per_second:,.0f} {unit}/s" if per_second >= 10 else f"{per_second:.1f} {unit}/s"


def left_text(seconds: float | None) -> str:
    """How long it still takes: "27 s", "3 min", "2 h 5 min"; empty while it is not known."""
    if seconds is None:
        return ""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours >= 48:
        return f"{hours // 24} days"
    return f"{hours} h {rest} min" if rest and hours < 10 else f"{hours} h"


def counts_text(going: int, failed: int, finished: int) -> str:
    """What the status bar says of all jobs of the panel; empty without any."""
    if going:
        text = f"{plural(going, 'job')} going on"
        return f"{text} · {failed:,} failed" if failed else text
    if failed:
        return f"{plural(failed, 'job')} failed"
    return f"{plural(finished, 'job')} finished" if finished else ""


def _count(number: int, unit: str) -> str:
    return plural(number, unit.removesuffix("s"))
