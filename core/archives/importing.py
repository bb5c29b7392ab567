"""Runs arrive: written beside the runs, verified, renamed into place.

What happens when something goes wrong:

* Killed while a run is written or verified: it is in `incoming` only, which nobody lists, and
  `core.archives.incoming.finish` removes it at the next import or start. Runs before it are there.
* Killed between the two renames of a replacement: the old run is in the trash, the new one waits,
  complete, in `incoming/…/swap`; `finish` puts it in place.
* Full disk, a damaged file, a checksum that differs: that run is refused and removed from
  `incoming`, the others go on.
* A second process that brings the same run: one of the renames finds the place taken and that run
  is refused ("exists"). Two imports work in directories of their own.
* The run that is to be replaced is running: refused, as the trash refuses it.
* The archive is replaced meanwhile: what was opened is read to its end. It is cut meanwhile:
  its runs fail their checks.
* A move (of directories and homes only) removes a run there when the one here is complete, in
  place and on the disk; where it changed meanwhile, or not all of it could arrive, it stays.

Why nothing is forced to the disk where runs are copied: the source still has them.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from typing import Literal

from msgspec import Struct, field

from core.archives.incoming import PART, SWAP, finish, put_in_place, staging_area
from core.archives.plan import ImportPlan, PlanItem
from core.archives.quick_import import SMALL_BYTES, iter_written
from core.archives.room import free_for, lack_of_room
from core.archives.source import RunSource, clause_of
from core.archives.unpacking import BrokenOff, Unpacking
from core.errors import ArchiveError, Cancelled, Error, RunDamaged, RunError
from core.home import Home
from core.runs.attr_dump import dump_yaml
from core.runs.erase import discard
from core.runs.refusal import Refusal
from core.runs.store import Store
from core.runs.trash import Refused, delete, refusal_of, require_idle, restore

Choice = Literal["mine", "theirs", "merge", "both"]


class ImportOutcome(Struct, frozen=True):
    """What became of runs that were to arrive.

    Attributes:
        imported: Ids of runs that are here now and were not.
        replaced: Ids of runs whose older version is in the trash.
        merged: Ids of runs here that took over what people wrote there.
        complete: Ids of runs here that were to be merged and have all of that already.
        renamed: Id there to the new id here, of runs kept beside the one here.
        skipped: Ids of runs that stay as they are: the same, or because the one here is kept.
        refused: Runs that are not here, and of a move those that are still there, and why.
        removed: Ids of runs that a move removed there.
        bytes: What their files hold.
        remarks: Sentences on what else is to be known.
        cancelled: Whether the rest was not tried.
    """

    imported: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    merged: tuple[str, ...] = ()
    complete: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    skipped: tuple[str, ...] = ()
    refused: tuple[Refusal, ...] = ()
    removed: tuple[str, ...] = ()
    bytes: int = 0
    remarks: tuple[str, ...] = ()
    cancelled: bool = False


def import_runs(
    home: Home,
    plan: ImportPlan,
    choices: Mapping[str, Choice] | Choice = "mine",
    ids: Sequence[str] | None = None,
    *,
    move: bool = False,
    advance: Callable[[int], None] = lambda amount: None,
) -> ImportOutcome:
    """Bring runs into a home.

    Args:
        home: The home.
        plan: The runs, as `core.archives.plan.plan_import` found them; its sources are open.
        choices: What becomes of conflicts, for all or by id; without a choice the run here stays.
        ids: Which runs of the plan; None for all.
        move: Whether runs are removed where they were; archives cannot be moved from.
        advance: Called with the number of bytes that were written, often; it may raise Cancelled,
            which ends in an outcome.

    Raises:
        ArchiveError: Nothing can be written to the home, or it has not enough room.
    """
    wanted = None if ids is None else set(ids)
    items = [item for item in plan.items if wanted is None or item.run.id in wanted]
    work = _Import(home, choices, advance)
    work.remarks += _cleaned(home, work.check)
    todo = work.sort(items)
    if move and any(item.source.kind in ("zip", "tar") for item in todo):
        raise ArchiveError("Runs cannot be moved out of an archive.", hint="Copy them instead.")
    require_room(home, todo)
    moving = _Moving(home, todo) if move else None
    try:
        with staging_area(home) as area:
            for source in dict.fromkeys(item.source for item in todo):
                work.take([item for item in todo if item.source is source], source, area)
    except Cancelled:
        work.cancelled = True
    if moving is not None and not work.cancelled:
        moving.finish(work)
    return work.outcome()


class _Moving:
    """Removes runs where they were, once they are here."""

    def __init__(self, home: Home, items: Sequence[PlanItem]) -> None:
        from core.archives import taking  # nobody moves runs out of an archive

        self._taking = taking
        self._home = home
        self._items = items
        self._before = {item.run.id: taking.signature_of(item) for item in items}

    def finish(self, work: _Import) -> None:
        """Remove those that arrived and did not change meanwhile."""
        done = [item for item in self._items if item.run.id in work.arrived]
        removed, refused = self._taking.remove_sources(self._home, done, self._before)
        work.removed += removed
        work.refused += refused


def _cleaned(home: Home, check: Callable[[], None]) -> Sequence[str]:
    try:
        return finish(home, check)
    except OSError:
        return ()


def require_room(home: Home, items: Sequence[PlanItem]) -> None:
    """Refuse runs that cannot fit.

    Raises:
        ArchiveError: The runs declare more than there is room for.
    """
    lack = lack_of_room(home, sum(item.size for item in items), free_for(home))
    if lack:
        raise ArchiveError(lack, path=home.path, hint="Choose fewer runs, or make room.")


class _Import:
    """Takes runs and counts."""

    def __init__(
        self,
        home: Home,
        choices: Mapping[str, Choice] | Choice,
        advance: Callable[[int], None],
    ) -> None:
        self.arrived: dict[str, str] = {}
        self.removed: list[str] = []
        self.refused: list[Refusal] = []
        self.remarks: list[str] = []
        self.cancelled = False
        self._home = home
        self._choices = choices
        self._advance = advance
        self._imported: list[str] = []
        self._replaced: list[str] = []
        self._merged: list[str] = []
        self._complete: list[str] = []
        self._renamed: dict[str, str] = {}
        self._skipped: list[str] = []
        self._bytes = 0

    def check(self) -> None:
        """Stop where that is asked for."""
        self._advance(0)

    def sort(self, items: Sequence[PlanItem]) -> list[PlanItem]:
        """The runs that are to be written; the others are dealt with."""
        todo = []
        for item in items:
            choice = self._choice(item)
            if item.is_twice:
                continue  # the earlier source decides
            if item.verdict == "problem":
                self.refused.append(Refusal(item.run.id, item.why))
            elif item.verdict == "same" or choice == "mine":
                self._skipped.append(item.run.id)
            elif choice == "merge":
                self._merge(item)
            else:
                todo.append(item)
        return todo

    def take(self, items: Sequence[PlanItem], source: RunSource, area: str) -> None:
        """Write runs of one source; a file that cannot be read costs its run only.

        Raises:
            Cancelled: It was cancelled.
        """
        left = {item.run.id: item for item in items}
        with closing(self._take_quickly(items, source, f"{area}/{PART}")) as quick:
            for run_id in quick:
                item = left.pop(run_id)
                self._settle(item, f"{area}/{PART}/{run_id}", area)
                self._advance(item.size)
        while left:
            unpacking = Unpacking(source, f"{area}/{PART}", self._advance)
            try:
                for run_id, staged in unpacking.runs(list(left)):
                    self._settle(left.pop(run_id), staged.path, area, staged.finish)
                error: Exception = ArchiveError("not all of its files are there")
                failed = list(left)
            except BrokenOff as e:
                error = e.error
                failed = [e.run_id] if e.run_id else list(left)
            for run_id in failed:
                self._refuse(left.pop(run_id), error)

    def _take_quickly(
        self, items: Sequence[PlanItem], source: RunSource, directory: str
    ) -> Generator[str, None, None]:
        """Write the small ordinary runs; the ids of those that are written.

        A tar is read through for them, and again for the others: not where those are most of it.
        """
        small = [item.run.id for item in items if item.size <= SMALL_BYTES]
        rest = sum(item.size for item in items if item.size > SMALL_BYTES)
        if source.kind == "tar" and rest > sum(item.size for item in items) // 2:
            return
        with closing(iter_written(source, small, directory)) as portions:
            for _, written in portions:
                yield from written
                self.check()

    def _settle(
        self, item: PlanItem, staged: str, area: str, finish: Callable[[], None] = lambda: None
    ) -> None:
        """Put a run in place that is written."""
        try:
            finish()
            self._place(item, staged, area)
        except (Refused, Error, OSError) as e:
            discard(staged)
            self._refuse(item, e)
            return
        self._bytes += item.size
        self.remarks += [f"Run {item.run.id[:8]}: {remark}" for remark in item.remarks]

    def _place(self, item: PlanItem, staged: str, area: str) -> None:
        run_id = item.run.id
        target = f"{self._home.runs_dir}/{run_id}"
        if item.verdict == "new":
            put_in_place(staged, target)
            self._imported.append(run_id)
            self.arrived[run_id] = run_id
        elif self._choice(item) == "both":
            new = uuid.uuid4().hex
            _give_id(staged, new)
            put_in_place(staged, f"{self._home.runs_dir}/{new}")
            self._renamed[run_id] = self.arrived[run_id] = new
        else:
            self._replace(run_id, staged, f"{area}/{SWAP}/{run_id}")
            self._replaced.append(run_id)
            self.arrived[run_id] = run_id

    def _replace(self, run_id: str, staged: str, waiting: str) -> None:
        """Exchange a run for the one that arrived; the old one goes to the trash."""
        require_idle(self._home.runs_dir / run_id, unproven=False)
        os.rename(staged, waiting)
        moved = delete(self._home, [run_id])
        if moved.refused:
            discard(waiting)
            raise Refused(moved.refused[0].kind, "the one here cannot go to the trash")
        try:
            put_in_place(waiting, f"{self._home.runs_dir}/{run_id}")
        except OSError:
            restore(self._home, [run_id])
            raise

    def _merge(self, item: PlanItem) -> None:
        from core.archives.merge import merge_of  # with all that changes runs: most imports do not
        from core.runs.change import apply

        try:
            change = merge_of(item.source, item.run.id)
        except (RunDamaged, ArchiveError) as e:
            self._refuse(item, e)
            return
        done = apply(Store(self._home.runs_dir), [item.run.id], change, advance=lambda n: None)
        self.refused += done.refused
        self._merged += done.changed
        self._complete += done.unchanged

    def _choice(self, item: PlanItem) -> Choice | None:
        if item.verdict != "conflict":
            return None
        if isinstance(self._choices, str):
            return self._choices
        return self._choices.get(item.run.id, "mine")

    def _refuse(self, item: PlanItem, error: Exception) -> None:
        if isinstance(error, ArchiveError):
            clause = clause_of(error).replace(f"{item.run.id}/", "")  # files of zips have it
            error = RunError(clause)
        self.refused.append(refusal_of(error, item.run.id, "imported"))

    def outcome(self) -> ImportOutcome:
        """What came of it."""
        return ImportOutcome(
            imported=tuple(self._imported),
            replaced=tuple(self._replaced),
            merged=tuple(self._merged),
            complete=tuple(self._complete),
            renamed=self._renamed,
            skipped=tuple(self._skipped),
            refused=tuple(self.refused),
            removed=tuple(self.removed),
            bytes=self._bytes,
            remarks=tuple(self.remarks),
            cancelled=self.cancelled,
        )


def _give_id(run_dir: str, run_id: str) -> None:
    """Write another id into a run that nobody uses yet."""
    path = f"{run_dir}/.guild/attrs/id"
    if os.path.lexists(path):
        os.unlink(path)
        with open(path, "wb") as file:
            file.write(dump_yaml(run_id))
