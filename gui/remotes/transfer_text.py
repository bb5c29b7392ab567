"""What is said after a push, a pull or a sync: one sentence, how well it went, and the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from core.text import format_bytes, plural
from gui.archives.export_text import refused_part, remarks_text
from gui.jobs.job_text import Grade
from gui.remotes.transfer_row import Direction

if TYPE_CHECKING:
    from remote.memory import Unfinished
    from remote.moves import TransferOutcome

_DONE: Mapping[Direction, str] = {"push": "Pushed", "pull": "Pulled", "sync": "Synced"}
_TITLES: Mapping[Direction, str] = {
    "push": "Push {runs} to {place}",
    "pull": "Pull {runs} from {place}",
    "sync": "Sync {runs} with {place}",
}


def job_title(direction: Direction, ids: Sequence[str], place: str, source: str = "") -> str:
    """What a job is called: "Pull 24 runs from gpu1", "Copy run 7f3c21ab from gpu1 to cluster"."""
    runs = runs_text(ids)
    if source:
        return f"Copy {runs} from {source} to {place}"
    return _TITLES[direction].format(runs=runs, place=place)


def runs_text(ids: Sequence[str]) -> str:
    """How many runs, or which one: jobs of one run each are told apart by that."""
    return f"run {ids[0][:8]}" if len(ids) == 1 else plural(len(ids), "run")


def transfer_sentence(direction: Direction, outcome: TransferOutcome, source: str = "") -> str:
    """What was copied, what was not, and what was verified.

    Args:
        direction: Which way.
        outcome: What came of it.
        source: The remote that the runs come from, where that is not this computer.
    """
    copied = len(outcome.new) + len(outcome.updated) + len(outcome.renamed)
    parts = []
    if copied:
        what = f"{'Copied' if source else _DONE[direction]} {plural(copied, 'run')}"
        parts.append(f"{what}, {format_bytes(outcome.sent)}, {outcome.verified} verified")
    if outcome.renamed:
        parts.append(f"{len(outcome.renamed):,} of them under a new id")
    if outcome.merged:
        parts.append(f"took over label, tags or comments of {plural(len(outcome.merged), 'run')}")
    if outcome.left:
        were = "it was" if len(outcome.left) == 1 else "they were"
        parts.append(f"{plural(len(outcome.left), 'run')} left as {were}")
    if outcome.idle:
        parts.append(f"{plural(len(outcome.idle), 'run')} had nothing new")
    if outcome.refused:
        parts.append(refused_part(outcome.refused))
    said = "; ".join(parts) or "Nothing was copied"
    if outcome.cancelled:
        said = f"Cancelled: {said[:1].lower()}{said[1:]}"
        said += ". What has arrived is kept for the next time" if outcome.sent else ""
    return f"{said[:1].upper()}{said[1:]}. {remarks_text(outcome.remarks)}".strip()


def transfer_grade(outcome: TransferOutcome) -> Grade:
    """How well it went."""
    if outcome.cancelled:
        return "cancelled"
    return "partly" if outcome.refused or outcome.remarks else "done"


def interrupted_sentence(lines: Sequence[Unfinished]) -> str:
    """What an earlier program did not finish, and can be gone on with."""
    followed = [line for line in lines if line.options.get("followed")]
    copied = [line for line in lines if line not in followed]
    parts = []
    if copied:
        ways = {line.direction for line in copied}
        way = {"push": "to", "pull": "from"}[ways.pop()] if len(ways) == 1 else "with"
        what = f"Copying {_runs_of(copied)} {way} {_places_of(copied)}"
        parts.append(f"{what} was interrupted. What has arrived is kept.")
    if followed:
        what = f"Following {_runs_of(followed)} on {_places_of(followed)}"
        parts.append(f"{what} was interrupted.")
    return " ".join(parts)


def following_sentence(outcome: TransferOutcome, total: int) -> str:
    """What became of runs that were followed, as a clause of their job."""
    if outcome.cancelled:
        return "not followed any more; what has arrived is kept"
    ended = total - len(outcome.refused)
    parts = [f"{plural(ended, 'run')} ended"] if ended else []
    parts += [refused_part(outcome.refused)] if outcome.refused else []
    return f"done, {'; '.join(parts)}"


def _runs_of(lines: Sequence[Unfinished]) -> str:
    if any(line.options.get("all") for line in lines):
        return "runs"
    return plural(sum(len(line.runs) for line in lines), "run")


def _places_of(lines: Sequence[Unfinished]) -> str:
    return ", ".join(sorted({line.remote for line in lines}))


def touched(outcome: TransferOutcome) -> tuple[str, ...]:
    """Runs that are otherwise now on the side that received them, by their ids there."""
    ids = (*outcome.new, *outcome.updated, *outcome.merged, *outcome.renamed.values())
    return tuple(dict.fromkeys(ids))
