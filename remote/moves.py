"""What a push and a pull have in common.

Which files make the new version of a run, in which parts the work is done, and what came of it.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import accumulate

from msgspec import Struct, field

from core.archives.entries import ArchiveEntry
from core.jobs import JobContext
from core.runs.refusal import Refusal
from remote.manifest import ATTRS, USER_ATTRS, Manifest
from remote.plan import Choice, Known, Options, PlanItem, sendable

MOST_RUNS = 500
MOST_BYTES = 2 << 30
"""Runs appear in parts of so many runs or bytes: what is done by then stays, whatever comes."""

GROWN_SIZE = 1 << 20
"""Bytes from which on it is worth asking whether a file has only grown."""

_PACE_SECONDS = 0.2
"""So often a transfer that is held back tells how far it is, and hears of another limit."""

ROUNDS = 3
"""So often files that changed while they were copied are copied again."""

_SECOND = 1_000_000_000
_TOLD_BYTES = 64 << 10  # small files make no progress that anybody could see, one by one


class Move(Struct, frozen=True):
    """One run that is to be sent.

    Attributes:
        item: What the plan says of it.
        source: What it is where it comes from.
        target: What it is where it goes; None where it is not.
        choice: What becomes of a conflict; None where there is none.
    """

    item: PlanItem
    source: Manifest
    target: Manifest | None = None
    choice: Choice | None = None

    @property
    def run_id(self) -> str:
        """The run."""
        return self.item.run_id


class Build(Struct, frozen=True):
    """Which files make the version that a run becomes.

    Attributes:
        from_source: Names that are sent.
        from_target: Names that are taken of the run that is there.
        written: Names of attributes to their bytes, as they result from both sides.
        entries: All of it but `written`; directories too.
        is_beside: Whether it is a further run, with an id of its own.
        keeps_old: Whether the version that was there goes to the trash.
    """

    from_source: tuple[str, ...]
    from_target: tuple[str, ...] = ()
    written: Mapping[str, bytes] = field(default_factory=dict)
    entries: Mapping[str, ArchiveEntry] = field(default_factory=dict)
    is_beside: bool = False
    keeps_old: bool = False


class TransferOutcome(Struct, frozen=True):
    """What came of a push or pull.

    Attributes:
        new: Ids of runs that are there now and were not.
        updated: Ids of runs that have a newer version now.
        merged: Ids of runs of which only what people wrote was changed.
        renamed: Id to the new id of runs that were put beside the one there.
        skipped: Ids of runs that stay as they are: the same, newer there, or by choice.
        refused: Runs that were not sent, and why.
        sent: Bytes of content that travelled.
        verified: "sizes", or "checksums" where those were compared too.
        remarks: Sentences on what else is to be known.
        cancelled: Whether the rest was not tried.
        left: Those of the skipped that differ, and stay as they are because somebody chose so, or
            nobody chose anything.
    """

    new: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    merged: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    skipped: tuple[str, ...] = ()
    refused: tuple[Refusal, ...] = ()
    sent: int = 0
    verified: str = "sizes"
    remarks: tuple[str, ...] = ()
    cancelled: bool = False
    left: tuple[str, ...] = ()

    @property
    def idle(self) -> tuple[str, ...]:
        """Runs in which there was nothing new for the side that receives."""
        chosen = frozenset(self.left)
        return tuple(run_id for run_id in self.skipped if run_id not in chosen)


class Tally:
    """Counts while a transfer goes on, and keeps to its pace.

    Args:
        context: Of the job.
        limit: Bytes a second that may travel, or what gives them; 0 for as many as will.

    Attributes:
        known: What was seen equal, to be remembered: id to what.
    """

    def __init__(self, context: JobContext, limit: int | Callable[[], int] = 0) -> None:
        self.new: list[str] = []
        self.updated: list[str] = []
        self.merged: list[str] = []
        self.renamed: dict[str, str] = {}
        self.skipped: dict[str, None] = {}
        self.left: dict[str, None] = {}
        self.refused: dict[str, Refusal] = {}
        self.remarks: list[str] = []
        self.known: dict[str, Known] = {}
        self.sent = 0
        self._ends: list[int] = []
        self._said = 0
        self.context = context
        self._limit_now = None if isinstance(limit, int) else limit
        self._limit = limit if isinstance(limit, int) else limit()
        self._begun = time.monotonic()
        self._paced = 0
        self._untold = 0
        self._quiet = 0

    def check(self) -> None:
        """Stop or wait where that is asked for."""
        self.context.check()

    def pace(self, amount: int) -> None:
        """Count bytes that travel, and wait where there would be too many a second.

        What came in one piece is counted as it might have come at that pace: who watches sees how
        far it is, and not how large the pieces are.
        """
        self.sent += amount
        self._look_at_limit()
        if not self._limit and self._untold + amount < self._quiet:
            self._untold += amount
            self.context.check()
            return
        while self._limit and amount > (step := max(1, int(self._limit * _PACE_SECONDS))):
            self._count(step)
            self._wait_for(step)
            amount -= step
        self._count(amount)
        if self._limit:
            self._wait_for(amount)

    def _count(self, amount: int) -> None:
        self._untold += amount
        run_now = self._run_now(self._untold)
        if run_now is None and self._untold < _TOLD_BYTES and not self._limit:
            self.context.check()
        else:
            self.tell(run_now)

    def _wait_for(self, amount: int) -> None:
        """Wait until so many more bytes may have travelled."""
        self._paced += amount
        ahead = 0.0
        while self._limit:
            ahead = self._paced / self._limit - (time.monotonic() - self._begun)
            if ahead <= 0:
                break
            self.context.sleep(min(ahead, _PACE_SECONDS))
            self._look_at_limit()
        if ahead < -1:  # a pause is not made up for
            self._begun, self._paced = time.monotonic(), 0

    def _look_at_limit(self) -> None:
        """Another limit counts from now on."""
        if self._limit_now is not None and (limit := self._limit_now()) != self._limit:
            self._limit, self._begun, self._paced = limit, time.monotonic(), 0

    def tell(self, run_now: str | None = None) -> None:
        """Add what was counted last to the progress, and which run it is in where that is news."""
        untold, self._untold = self._untold, 0
        self.context.advance(untold, item=run_now)
        self._quiet = self._bytes_without_news()

    @property
    def done(self) -> set[str]:
        """Ids of runs of which something was sent."""
        return {*self.new, *self.updated, *self.merged, *self.renamed}

    def expect(self, amount: int) -> None:
        """Add bytes to what the progress goes up to."""
        known = self.context.progress.done
        self.context.advance(total=known + amount, unit="bytes")

    def spare(self, amount: int) -> None:
        """Take bytes off what the progress goes up to: an earlier try brought them there."""
        if amount:
            now = self.context.progress
            done, total = now.done + self._untold, now.total or 0
            self._ends = [end if end <= done else max(done, end - amount) for end in self._ends]
            self.context.advance(total=max(done, total - amount))

    def expect_runs(self, sizes: Sequence[int]) -> None:
        """Add runs of so many bytes, in the order in which they go, to what is to be done."""
        known = self.context.progress.done
        self._ends = [known + end for end in accumulate(sizes)]
        self._said = self._quiet = 0
        self.expect(sum(sizes))

    def _run_now(self, amount: int) -> str | None:
        """Which of the runs the next bytes belong to, in words; None where that is no news."""
        number = bisect_left(self._ends, self.context.progress.done + amount) + 1
        number = min(number, len(self._ends))
        if number <= self._said or len(self._ends) < 2:
            return None
        self._said = number
        return f"run {number:,} of {len(self._ends):,}"

    def _bytes_without_news(self) -> int:
        """How many bytes nobody need be told of, one by one: those of the run that goes."""
        if len(self._ends) < 2 or self._said >= len(self._ends):
            return _TOLD_BYTES
        end = self._ends[self._said - 1] if self._said else 0
        return min(_TOLD_BYTES, end - self.context.progress.done)

    def refuse(self, run_id: str, why: str) -> None:
        """Note why a run was not sent, as a clause."""
        reason = why if why.endswith(".") else f"Run {run_id[:8]} was not copied: {why}."
        self.refused[run_id] = Refusal(run_id, reason)

    def outcome(self, *, verified: str, cancelled: bool = False) -> TransferOutcome:
        """What came of it."""
        return TransferOutcome(
            tuple(self.new),
            tuple(self.updated),
            tuple(self.merged),
            self.renamed,
            tuple(self.skipped),
            tuple(self.refused.values()),
            self.sent,
            verified,
            tuple(self.remarks),
            cancelled,
            tuple(run_id for run_id in self.left if run_id in self.skipped),
        )


def build_of(move: Move, options: Options) -> Build:
    """Which files make the version that a run becomes."""
    item, source, target = move.item, move.source, move.target
    dirs = {name: entry for name, entry in source.entries.items() if entry.kind == "dir"}
    if target is None or move.choice == "both":
        names = tuple(sendable(source, item.direction, options))
        entries = {**dirs, **{name: source.entries[name] for name in names}}
        return Build(names, entries=entries, is_beside=target is not None)
    merged = {ATTRS + name: data for name, data in item.merged.items()}
    for name in item.unsettled:
        merged[ATTRS + name] = source.attrs.get(name)
    taken = {*item.files, *merged, *_removed(item, options)}
    kept = tuple(n for n, e in target.entries.items() if e.kind != "dir" and n not in taken)
    target_dirs = {n: e for n, e in target.entries.items() if e.kind == "dir"}
    entries = {
        **target_dirs,
        **dirs,
        **{name: target.entries[name] for name in kept},
        **{name: source.entries[name] for name in item.files},
    }
    for name in taken:
        if name not in item.files:
            entries.pop(name, None)
    written = {name: data for name, data in merged.items() if data is not None}
    is_kept = item.verdict == "conflict" or item.is_guessed
    return Build(item.files, kept, written, entries, keeps_old=is_kept)


def is_only_words(move: Move, options: Options) -> bool:
    """Whether only what people wrote changes: then no new version is made of the run."""
    if move.target is None or move.choice == "both":
        return False
    return not move.item.files and not _removed(move.item, options)


def _removed(item: PlanItem, options: Options) -> tuple[str, ...]:
    """Files that are taken out of a run; none of one that is newer where it is."""
    own = "newer here" if item.direction == "pull" else "newer there"
    return item.extra if options.delete and item.verdict != own else ()


def is_unsaid(move: Move, now: Mapping[str, bytes | None]) -> bool:
    """Whether people have written nothing about the target since the plan was made.

    Args:
        move: What the plan knows.
        now: What is written there now, attribute to bytes.
    """
    known = move.target.attrs if move.target else {}
    return all(known.get(name) == now.get(name) for name in known)


def parts_of(moves: Sequence[Move]) -> Iterator[list[Move]]:
    """The moves in parts of which the runs appear together."""
    part: list[Move] = []
    size = 0
    for move in moves:
        if part and (len(part) >= MOST_RUNS or size + move.item.size > MOST_BYTES):
            yield part
            part, size = [], 0
        part.append(move)
        size += move.item.size
    if part:
        yield part


def known_apart(move: Move, source: Manifest) -> Known:
    """What is to be remembered of a run that was put beside that of the other side."""
    target = move.target or source
    here, there = (source, target) if move.item.direction == "push" else (target, source)
    return Known(here.signature(), there.signature(), is_apart=True)


def known_of(move: Move, source: Manifest, target: Manifest) -> Known:
    """What is to be remembered of a run that both sides have alike now.

    The attributes are those of the source: what was merged from them is known to the target then,
    and what the target had more is newer there from now on.
    """
    is_push = move.item.direction == "push"
    attrs = {name: source.attrs.get(name) for name in USER_ATTRS}
    of_source = source.signature()
    of_target = of_source if target.entries == source.entries else target.signature()
    return Known(*((of_source, of_target) if is_push else (of_target, of_source)), attrs)
