"""What is said after an export: one sentence, and which runs were left out of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.runs.refusal import Refusal
from core.text import format_bytes, lower_first, plural, upper_first
from gui.jobs.job_text import Grade

if TYPE_CHECKING:
    from core.archives.export import ExportOutcome


def export_sentence(outcome: ExportOutcome, *, is_move: bool) -> str:
    """What was exported, what was not, and what else is to be known."""
    name = outcome.path.name or str(outcome.path)
    parts = [_done_part(outcome, name, is_move=is_move)]
    if outcome.skipped:
        was = "was" if len(outcome.skipped) == 1 else "were"
        parts.append(f"{plural(len(outcome.skipped), 'run')} {was} there already")
    if outcome.refused:
        parts.append(refused_part(outcome.refused))
    said = "; ".join(part for part in parts if part) or "Nothing was exported"
    return f"{upper_first(said)}. {remarks_text(outcome.remarks)}".strip()


def export_grade(outcome: ExportOutcome) -> Grade:
    """How well it went."""
    if outcome.cancelled:
        return "cancelled"
    return "partly" if outcome.refused or outcome.skipped or outcome.remarks else "done"


def left_out(outcome: ExportOutcome) -> list[Refusal]:
    """Runs that were not exported, or are still here, each with a reason."""
    there = "There is a run of this id already; it stays as it is."
    return [*outcome.refused, *(Refusal(run_id, there, "exists") for run_id in outcome.skipped)]


def refused_part(refused: Sequence[Refusal]) -> str:
    """Why runs were refused, as a part of a sentence."""
    if len(refused) == 1:
        return lower_first(refused[0].reason.removesuffix("."))
    return f"{len(refused):,} refused"


def remarks_text(remarks: Sequence[str]) -> str:
    """The first remark, and how many more there are."""
    if len(remarks) < 2:
        return "".join(remarks)
    return f"{remarks[0]} There are {plural(len(remarks) - 1, 'more remark')}: see the log."


def _done_part(outcome: ExportOutcome, name: str, *, is_move: bool) -> str:
    if outcome.cancelled and not outcome.exported:
        return "Cancelled: nothing was exported"
    if not outcome.exported:
        return ""
    done = outcome.removed if is_move else outcome.exported
    verb = "Moved" if is_move else "Exported"
    if not done:
        return f"Exported {plural(len(outcome.exported), 'run')} to {name}, and moved none"
    said = f"{verb} {plural(len(done), 'run')} to {name}, {_size_part(outcome)}"
    return f"Cancelled: {said[:1].lower()}{said[1:]}" if outcome.cancelled else said


def _size_part(outcome: ExportOutcome) -> str:
    """Of an archive what it takes; older runs may be in it too."""
    if outcome.archive_bytes is None:
        return format_bytes(outcome.bytes)
    return f"which is {format_bytes(outcome.archive_bytes)}"
