"""What is said after runs were changed: one sentence, and what the user may do then."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from core.runs.refusal import PASSING, PASSING_BACK, Refusal
from core.text import format_bytes, lower_first, plural
from gui.changing.changes import Report
from gui.changing.commands import (
    DELETING,
    RESTORING,
    Command,
    DeleteRuns,
    RestoreRuns,
    Result,
    RevertEdits,
    Wording,
)

Offer = Literal["undo", "redo", "again", "show", "stop", "insist"]

MOST_NAMES = 3


def sentence_of(report: Report) -> str:
    """What was done, what was refused, and what is left."""
    result = report.result
    if result is None:
        return _failure(report)
    done, left = _done_part(report, result), _left_part(report, result)
    said = f"{done}; {lower_first(left)}" if done and left else done or left
    return f"{said or _nothing(report, result)}. {result.problem}".strip()


def offers_of(report: Report) -> tuple[Offer, ...]:
    """What can be done about it, the most likely first."""
    result = report.result
    if result is None:
        return ()
    offers: list[Offer] = []
    if result.back is not None:
        offers.append("redo" if report.kind == "undo" else "undo")
    kinds = {refusal.kind for refusal in result.refused}
    is_removal = report.command.kind in ("delete", "purge")
    if is_removal and "running" in kinds:
        offers.append("stop")
    elif is_removal and "elsewhere" in kinds:
        offers.append("insist")
    elif kinds & (PASSING if report.kind == "do" else PASSING_BACK):
        offers.append("again")
    if len(result.refused) > 1 or (result.refused and result.done):
        offers.append("show")
    return tuple(offers)


def needs_attention(report: Report) -> bool:
    """Whether something was not done, so that the sentence stays until it is closed."""
    result = report.result
    return result is None or bool(result.refused or result.cancelled or result.problem)


def _failure(report: Report) -> str:
    if report.error is None:
        return f"Not done: {lower_first(report.title)}."
    return report.error.told


def _done_part(report: Report, result: Result) -> str:
    if not result.done:
        return ""
    undone = _undone_by(report.command) if report.kind == "undo" else None
    if undone is not None:
        said = f"Undone: {lower_first(undone.title(len(result.done)))}"
    else:
        said = report.command.wording.sentence(result.done)
    if result.freed:
        said += f", {format_bytes(result.freed)} are free again"
    return f"Stopped: {lower_first(said)}" if result.cancelled else said


def _undone_by(command: Command) -> Wording | None:
    """How that is spoken of which a command takes back; None where it takes nothing back."""
    if isinstance(command, RestoreRuns):
        return command.runs.worded(DELETING)
    if isinstance(command, DeleteRuns):
        return command.runs.worded(RESTORING)
    return command.wording if isinstance(command, RevertEdits) else None


def _left_part(report: Report, result: Result) -> str:
    parts = []
    if result.refused:
        parts.append(_refused_part(report, result))
    if result.cancelled:
        known = len(result.done) + result.unchanged + len(result.refused)
        left = len(report.command.ids) - known
        parts += [f"{plural(left, 'run')} left as they were"] if left else []
    return "; ".join(parts)


def _refused_part(report: Report, result: Result) -> str:
    refused = result.refused
    if len(refused) == 1:
        return refused[0].reason.removesuffix(".")
    if report.command.kind == "revert" and all(r.kind == "other" for r in refused):
        return f"{plural(len(refused), 'run')} changed meanwhile and left: {_names(refused)}"
    count = f"{len(refused):,}" if result.done else plural(len(refused), "run")
    kinds = {refusal.kind for refusal in refused}
    if kinds == {"running"}:
        return f"{count} are still running"
    if kinds == {"running", "kept"}:
        running = sum(refusal.kind == "running" for refusal in refused)
        kept = len(refused) - running
        belong = "belongs" if kept == 1 else "belong"
        stay, them = ("stays" if kept == 1 else "stay"), ("it" if running == 1 else "them")
        alive = plural(running, "run is", "runs are")
        return f"{alive} still running, and {kept:,} that {belong} to {them} {stay}"
    if kinds == {"gone"}:
        return f"{count} are not there any more"
    why = {refusal.reason.partition(": ")[2].removesuffix(".") for refusal in refused}
    return f"{count} refused" + (f": {why.pop()}" if len(why) == 1 and all(why) else "")


def _nothing(report: Report, result: Result) -> str:
    if result.cancelled:
        return f"Stopped before anything was done: {lower_first(report.title)}"
    if result.unchanged == 1:
        return "Nothing to change: the run is like that already"
    return f"Nothing to change: {plural(result.unchanged, 'run')} are like that already"


def _names(refused: Sequence[Refusal]) -> str:
    names = ", ".join(refusal.run_id[:8] for refusal in refused[:MOST_NAMES])
    more = len(refused) - MOST_NAMES
    return f"{names} and {more:,} more" if more > 0 else names
