"""Which runs are running, where, and how a question speaks of those that must stay."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from core.index.columns import RunColumns
from core.text import plural

_MOST_HOSTS = 3


def running_at(columns: RunColumns, ids: Sequence[str], place: str = "") -> list[str]:
    """Those of some runs that are known to be running in their own place.

    Args:
        columns: What is known of them; a run that is not there does not count.
        ids: The runs.
        place: The remote that they are on; empty for this computer.
    """
    slots = [columns.slot_of(run_id) for run_id in ids]
    return [
        run_id
        for run_id, slot in zip(ids, slots, strict=True)
        if slot is not None
        and columns.value("status", slot) == "running"
        and (columns.value("remote", slot) or "") == place
    ]


def stay_sentence(chosen: int, running: int, running_along: int, *, has_along: bool) -> str:
    """What a question says of runs that cannot go now; empty where nothing is running.

    Args:
        chosen: How many runs were chosen.
        running: How many of them are running.
        running_along: How many are running of those that may go along.
        has_along: Whether some may go along.
    """
    if running:
        who = "It is" if chosen == 1 else f"{running:,} of them {'is' if running == 1 else 'are'}"
        them = "it" if running == 1 else "them"
        stay = "stays" if running == 1 else "stay"
        also = f" with what belongs to {them}" if has_along else ""
        return f"{who} running and {stay}{also}; stop {them} first."
    if running_along == 1:
        return "1 that would go along is running and stays; stop it first."
    if running_along:
        return f"{running_along:,} that would go along are running and stay; stop them first."
    return ""


def doubt_words(count: int, *, is_for_good: bool) -> tuple[str, str]:
    """Title and sentence of the question whether runs are to go of which nobody knows if they run.

    Args:
        count: How many runs.
        is_for_good: They are erased; otherwise they go to the trash.
    """
    runs = plural(count, "run")
    still, them = ("it still runs", "it") if count == 1 else ("they still run", "them")
    why = f"Whether {still} cannot be told from here, for example because another machine started"
    if is_for_good:
        erased = "The files are erased. This cannot be undone."
        return f"Permanently delete {runs} that may be running?", f"{why} {them}. {erased}"
    return f"Move {runs} that may be running to the trash?", f"{why} {them}."


def elsewhere_sentence(count: int, hosts: Collection[str], *, is_rest: bool) -> str:
    """That runs are running on other machines, and can be stopped only there; empty for none.

    Args:
        count: How many.
        hosts: The machines, as far as they are known.
        is_rest: Whether others are running here.
    """
    if not count:
        return ""
    names = sorted(hosts)
    where = ", ".join(names) if names and len(names) <= _MOST_HOSTS else "other machines"
    if is_rest:
        runs = "1 more runs" if count == 1 else f"{count:,} more run"
    else:
        runs = "It runs" if count == 1 else "They run"
    return f"{runs} on {where} and can be stopped only there."
