"""What is said after an import: one sentence, and which runs were left out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.runs.refusal import Refusal
from core.text import format_bytes, plural
from gui.archives.export_text import refused_part, remarks_text
from gui.jobs.job_text import Grade

if TYPE_CHECKING:
    from core.archives.importing import ImportOutcome


def import_sentence(outcome: ImportOutcome) -> str:
    """What was imported, what was not, and what else is to be known."""
    new = len(outcome.imported) + len(outcome.renamed)
    parts = [f"Imported {plural(new, 'run')}, {format_bytes(outcome.bytes)}"] if new else []
    if outcome.renamed:
        parts.append(f"{len(outcome.renamed):,} of them under a new id")
    if outcome.replaced:
        old = "the old one is" if len(outcome.replaced) == 1 else "the old ones are"
        parts.append(f"replaced {plural(len(outcome.replaced), 'run')}, {old} in the trash")
    if outcome.merged:
        parts.append(f"merged into {plural(len(outcome.merged), 'run')}")
    if outcome.complete:
        has = plural(len(outcome.complete), "run has", "runs have")
        parts.append(f"{has} all that was to be merged already")
    if outcome.skipped:
        parts.append(plural(len(outcome.skipped), "run stays as it is", "runs stay as they are"))
    if outcome.refused:
        parts.append(refused_part(outcome.refused))
    said = "; ".join(parts) or "Nothing was imported"
    if outcome.cancelled:
        said = f"Cancelled: {said[:1].lower()}{said[1:]}"
    return f"{said[:1].upper()}{said[1:]}. {remarks_text(outcome.remarks)}".strip()


def import_grade(outcome: ImportOutcome) -> Grade:
    """How well it went."""
    if outcome.cancelled:
        return "cancelled"
    return "partly" if outcome.refused or outcome.remarks else "done"


def arrived(outcome: ImportOutcome) -> tuple[str, ...]:
    """Runs that are here now and were not, by their ids here."""
    return (*outcome.imported, *outcome.renamed.values())


def is_clean(outcome: ImportOutcome) -> bool:
    """Whether deleting what arrived takes the import back."""
    return bool(arrived(outcome)) and not (outcome.replaced or outcome.merged)


def left_out(outcome: ImportOutcome) -> list[Refusal]:
    """Runs that were not imported, each with a reason."""
    return list(outcome.refused)
