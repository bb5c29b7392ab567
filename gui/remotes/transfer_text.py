"""What is said after a push, a pull or a sync: one sentence, how well it went, and the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from core.runs.refusal import Refusal
from core.text import format_bytes, plural
from gui.export_text import refused_part, remarks_text
from gui.job_text import Grade
from gui.remotes.transfer_row import Direction

if TYPE_CHECKING:
    from remote.moves import TransferOutcome

_DONE: Mapping[Direction, str] = {"push": "Pushed", "pull": "Pulled", "sync": "Synced"}
_TITLES: Mapping[Direction, str] = {
    "push": "Push {runs} to {place}",
    "pull": "Pull {runs} from {place}",
    "sync": "Sync {runs} with {place}",
}


def job_title(direction: Direction, count: int, place: str) -> str:
    """What a job is called: "Pull 24 runs from gpu1"."""
    return _TITLES[direction].format(runs=plural(count, "run"), place=place)


def transfer_sentence(direction: Direction, outcomes: Sequence[TransferOutcome]) -> str:
    """What was copied, what was not, and what was verified."""
    new = sum(len(outcome.new) + len(outcome.renamed) for outcome in outcomes)
    updated = sum(len(outcome.updated) for outcome in outcomes)
    merged = sum(len(outcome.merged) for outcome in outcomes)
    beside = sum(len(outcome.renamed) for outcome in outcomes)
    skipped = sum(len(outcome.skipped) for outcome in outcomes)
    parts = []
    if new or updated:
        sent = sum(outcome.sent for outcome in outcomes)
        checked = "checksums" if outcomes[0].verified == "checksums" else "sizes"
        what = plural(new + updated, "run")
        parts.append(f"{_DONE[direction]} {what}, {format_bytes(sent)}, {checked} verified")
    if beside:
        parts.append(f"{beside:,} of them under a new id")
    if merged:
        parts.append(f"took over label, tags or comments of {plural(merged, 'run')}")
    if skipped:
        parts.append(f"{plural(skipped, 'run')} needed no change")
    refused = left_out(outcomes)
    if refused:
        parts.append(refused_part(refused))
    said = "; ".join(parts) or "Nothing was copied"
    if is_cancelled(outcomes):
        said = f"Cancelled: {said[:1].lower()}{said[1:]}"
    remarks = [remark for outcome in outcomes for remark in outcome.remarks]
    return f"{said[:1].upper()}{said[1:]}. {remarks_text(tuple(remarks))}".strip()


def transfer_grade(outcomes: Sequence[TransferOutcome]) -> Grade:
    """How well it went."""
    if is_cancelled(outcomes):
        return "cancelled"
    has_remarks = any(outcome.remarks for outcome in outcomes)
    return "partly" if left_out(outcomes) or has_remarks else "done"


def is_cancelled(outcomes: Sequence[TransferOutcome]) -> bool:
    """Whether the rest was not tried."""
    return any(outcome.cancelled for outcome in outcomes)


def left_out(outcomes: Sequence[TransferOutcome]) -> list[Refusal]:
    """Runs that were not copied, each with a reason."""
    return [refusal for outcome in outcomes for refusal in outcome.refused]


def touched(outcomes: Sequence[TransferOutcome]) -> tuple[str, ...]:
    """Runs that are otherwise now on the side that received them, by their ids there."""
    found: dict[str, None] = {}
    for outcome in outcomes:
        ids = (*outcome.new, *outcome.updated, *outcome.merged, *outcome.renamed.values())
        found |= dict.fromkeys(ids)
    return tuple(found)
