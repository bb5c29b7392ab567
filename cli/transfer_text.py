"""What is said of transfers: their plans, what came of them, how far they are."""

from __future__ import annotations

import sys
import time
from collections.abc import Collection, Sequence
from typing import Any

from msgspec import to_builtins

from cli.endings import end, tell_remarks
from cli.questions import MOST_NAMES
from cli.screen import note, printable, write_line
from core.jobs import JobContext
from core.runs.files import shown
from core.text import format_bytes, plural
from remote.following import Following
from remote.moves import TransferOutcome
from remote.plan import PlanItem
from remote.transfer import TransferPlan
from remote.worker import GoingOn, Waiting

_STEP_SECONDS = 0.1
_WORDS = {
    "new": "new",
    "newer here": "newer here",
    "newer there": "newer there",
    "same": "the same",
    "conflict": "changed on both sides",
    "problem": "that cannot be copied",
}


def plan_document(plan: TransferPlan) -> dict[str, Any]:
    """A plan as JSON."""
    return {
        "direction": plan.direction,
        "remote": plan.remote,
        "size": plan.size,
        "items": [_item_document(item) for item in plan.items],
    }


def _item_document(item: PlanItem) -> dict[str, Any]:
    return {
        "id": item.run_id,
        "verdict": item.verdict,
        "to_do": item.is_to_do,
        "running": item.is_running,
        "files": len(item.files),
        "size": item.size,
        "differs": [shown(name) for name in item.differs],
        "extra": [shown(name) for name in item.extra],
        "remarks": list(item.remarks),
        "why": item.why or None,
    }


def outcome_document(outcome: TransferOutcome) -> dict[str, Any]:
    """What came of a transfer as JSON."""
    document: dict[str, Any] = to_builtins(outcome)
    return document


def show_plan(plan: TransferPlan, *, is_half: bool, without: Collection[str] = frozenset()) -> None:
    """Write one line a run that is not the same on both sides, and count them all.

    Args:
        plan: What would be done.
        is_half: The plan is one direction of a sync, which is then named.
        without: Runs that were shown before, and get no second line.
    """
    direction = f"{plan.direction}  " if is_half else ""
    for item in plan.items:
        if item.verdict != "same" and item.run_id not in without:
            write_line(f"{direction}{plan_line(item)}")
    note(f"{plan.direction.capitalize()}: {counts(plan)}" if is_half else counts(plan))


def describe_plan(plan: TransferPlan, items: Sequence[PlanItem]) -> None:
    """Say what a question is about."""
    size = format_bytes(sum(item.size for item in items))
    where = f"{'to' if plan.direction == 'push' else 'from'} {plan.remote}"
    note(f"You are about to {plan.direction} {plural(len(items), 'run')} ({size}) {where}:")
    for item in items[:MOST_NAMES]:
        note(f"  {plan_line(item)}")
    if len(items) > MOST_NAMES:
        note(f"  and {len(items) - MOST_NAMES:,} more")
    note(counts(plan))


def plan_line(item: PlanItem) -> str:
    """One run of a plan."""
    words = [f"{item.run_id[:8]}  {item.verdict:11}  {format_bytes(item.size):>10}"]
    if item.is_running:
        words.append("running")
    if item.differs:
        more = f" and {len(item.differs) - MOST_NAMES} more" * (len(item.differs) > MOST_NAMES)
        words.append(f"(differs in {', '.join(map(shown, item.differs[:MOST_NAMES]))}{more})")
    if item.why:
        words.append(f"({item.why})")
    return printable("  ".join(words))


def counts(plan: TransferPlan) -> str:
    """How many runs are of each kind."""
    verdicts = [item.verdict for item in plan.items]
    found = [f"{verdicts.count(v):,} {word}" for v, word in _WORDS.items() if v in verdicts]
    return f"{plural(len(verdicts), 'run')}: {', '.join(found)}." if found else "No runs."


def tell_outcome(outcome: TransferOutcome, verb: str) -> None:
    """Say what came of it.

    Args:
        outcome: Of the transfer.
        verb: "Pushed", "Pulled" or "Synced".

    Raises:
        Cancelled: The user interrupted it.
        click.exceptions.Exit: Runs were refused.
    """
    note(f"{verb} {plural(_count(outcome), 'run')} ({format_bytes(outcome.sent)} sent).")
    if outcome.updated:
        note(f"{plural(len(outcome.updated), 'run was', 'runs were')} updated.")
    if outcome.merged:
        note(f"Merged what people wrote into {plural(len(outcome.merged), 'run')}.")
    for old, new in outcome.renamed.items():
        note(f"Run {old[:8]} was put beside the other one as {new[:8]}.")
    if outcome.left:
        are = "it is" if len(outcome.left) == 1 else "they are"
        note(f"{plural(len(outcome.left), 'run')} left as {are}.")
    if outcome.idle:
        note(f"{plural(len(outcome.idle), 'run')} had nothing new.")
    if outcome.sent:
        note(f"Verified by {outcome.verified}.")
    tell_remarks(outcome.remarks)
    left = "what has arrived is kept for the next time"
    end(outcome.refused, cancelled=outcome.cancelled, left=left)


def _count(outcome: TransferOutcome) -> int:
    return len({*outcome.new, *outcome.updated, *outcome.merged, *outcome.renamed})


class ProgressLine:
    """One line on a terminal that says how far a transfer is; nothing where it is none.

    Args:
        context: Of the job.
    """

    def __init__(self, context: JobContext) -> None:
        self._context = context
        self._is_shown = sys.stderr is not None and sys.stderr.isatty()
        self._begun = self._last = time.monotonic()
        self._followed: tuple[str, ...] = ()
        context.follow(self._tell)

    def tick(self) -> None:
        """Show the state, a few times a second."""
        now = time.monotonic()
        if not self._is_shown or now - self._last < _STEP_SECONDS:
            return
        self._last = now
        progress = self._context.progress
        total = progress.total or 0
        share = f"{min(100, 100 * progress.done // total):3} %  " if total else ""
        speed = progress.done / max(0.1, now - self._begun)
        self._write(f"{share}{format_bytes(progress.done)}  {format_bytes(int(speed))}/s")

    def end(self) -> None:
        """Remove the line."""
        if self._is_shown:
            self._write("")

    def _tell(self, item: object) -> None:
        if isinstance(item, Waiting):
            self.end()
            seconds = max(0.0, item.until - time.monotonic())
            note(f"{item.reason.rstrip('.')}; trying again in {seconds:.0f} s.")
        elif isinstance(item, GoingOn):
            self._last = 0.0
        elif isinstance(item, Following) and item.ids != self._followed:
            self.end()
            self._followed = item.ids
            names = f"run {item.ids[0][:8]}" if len(item.ids) == 1 else f"{len(item.ids):,} runs"
            they = "it ends" if len(item.ids) == 1 else "they end"
            note(f"Following {names} until {they}; Ctrl+C stops.")

    def _write(self, text: str) -> None:
        sys.stderr.write(f"\r\x1b[K{text}")
        sys.stderr.flush()
