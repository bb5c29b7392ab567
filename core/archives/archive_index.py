"""What the runs of an archive say, in the columns that tables, filters and commands work with.

Why no cache: an archive is looked at now and then and may be written anew at any time. A large one
of ours says itself what its rows are (core.archives.row_index), which is compared with the runs
when their scalars are read. The rows come first, since a table needs no event file.
"""

from __future__ import annotations

import json
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from core.archives.archive_scalars import ArchivedScalars, read_scalars
from core.archives.source import RunSource
from core.check import Check, go_on
from core.clock import now_us
from core.errors import ArchiveError, RunDamaged, RunNotFound
from core.index.changes import Changes
from core.index.columns import RunColumns
from core.index.row import Row
from core.runs.run import Run
from core.runs.run_json import run_document
from core.runs.run_reading import problem_sentence
from core.text import plural

if TYPE_CHECKING:
    from core.archives.row_helper import RowHelper

CHUNK = 200
"""Runs between two Changes: some 30 ms."""


class ArchiveIndex:
    """The runs of one source in memory; read only, used by one thread at a time.

    Args:
        source: Where the runs are; the caller closes it.
        clock: Now, in microseconds since 1970-01-01 UTC.
        columns: Take the runs; None makes new ones.

    Attributes:
        columns: What is known of the runs, as `core.index.index.RunIndex` has it.
    """

    def __init__(
        self,
        source: RunSource,
        clock: Callable[[], int] = now_us,
        columns: RunColumns | None = None,
    ) -> None:
        self.source = source
        self._lies = 0
        self.columns = columns if columns is not None else RunColumns(self._read_attr, clock)

    @property
    def problem(self) -> str:
        """Sentences on what was not understood of the whole; empty when all was."""
        said = [f"What it says itself of {plural(self._lies, 'run')} is wrong; the runs are right."]
        return " ".join([*self.source.problems(), *(said if self._lies else [])])

    def refresh(self, check: Check = go_on, *, scalars: bool = True) -> Iterator[Changes]:
        """Read all runs, and then their scalars.

        Args:
            check: Called often; raises to stop (core.errors.Cancelled).
            scalars: Whether their event files are read too.
        """
        ids = self.source.ids()
        helper = self._helper(len(ids))
        try:
            yield from self._read(ids, helper, check)
        finally:
            if helper is not None:
                helper.close()
        if scalars:
            yield from self.read_scalars(ids, check)

    def _helper(self, count: int) -> RowHelper | None:
        """A second process where it is worth one; a tar is read from its beginning to its end."""
        if self.source.kind != "zip" or self.source.index is not None or (os.cpu_count() or 1) < 2:
            return None
        from core.archives.row_helper import WORTH_IT, RowHelper

        return RowHelper(self.source.path) if count >= WORTH_IT else None

    def _read(
        self, ids: Sequence[str], helper: RowHelper | None, check: Check
    ) -> Iterator[Changes]:
        """Read from the first run on, and let a helper read from the last one on."""
        chunks = deque(ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))
        done = 0
        while chunks or (helper is not None and helper.asked):
            check()
            while helper is not None and helper.wants_more and len(chunks) > 1:
                helper.ask(chunks.pop())
            answer = helper.answer(wait=not chunks) if helper is not None else None
            if answer is not None:
                some, rows = answer
            else:
                some = chunks.popleft()
                rows = [None] * len(some)
            added = [self._put(i, row) for i, row in zip(some, rows, strict=True)]
            done += len(added)
            slots = tuple(slot for slot in added if slot is not None)
            yield Changes(added=slots, checked=done, total=len(ids))

    def _put(self, run_id: str, row: tuple[Any, ...] | None) -> int | None:
        return self._add(run_id) if row is None else self.columns.put_row(Row(*row))

    def read_scalars(self, ids: Sequence[str], check: Check = go_on) -> Iterator[Changes]:
        """Read the event files of runs; the changes say which runs have scalars now."""
        changed: list[int] = []
        for number, found in enumerate(read_scalars(self.source, ids, check), 1):
            was_wrong = self._set_right(found.run_id)
            slot = self._take(found)
            if slot is None and was_wrong:
                slot = self.columns.slot_of(found.run_id)
            if slot is not None:
                changed.append(slot)
            if len(changed) == CHUNK or number == len(ids):
                yield Changes(changed=tuple(changed), checked=number, total=len(ids))
                changed = []

    def read_again(self, ids: Sequence[str], check: Check = go_on) -> Iterator[Changes]:
        """Read some runs once more, and then their scalars."""
        slots = (self._add(run_id, believing=False) for run_id in ids)
        yield Changes(changed=tuple(slot for slot in slots if slot is not None))
        yield from self.read_scalars(ids, check)

    def json_documents(self, slots: Iterable[int]) -> Iterator[str]:
        """The JSON object of each run, in the shape of core.runs.run_json."""
        for slot in slots:
            known = self._run(slot)
            try:
                run = self.source.run(known.id)
            except RunNotFound:
                run = known
            batch = self.columns.value("batch", slot)
            whole = replace(run, scalars=known.scalars, batch=batch, problem=known.problem)
            yield json.dumps(run_document(whole))

    def _set_right(self, run_id: str) -> bool:
        """Whether the archive's own index was wrong about a run; its row is right now."""
        told = self.source.index.row(run_id) if self.source.index is not None else None
        if told is None:
            return False
        try:
            is_right = Row.of(self.source.run(run_id, brief=True)) == told
        except (ArchiveError, RunNotFound, OSError):
            is_right = False
        if not is_right:
            self._lies += 1
            self._add(run_id, believing=False)
        return not is_right

    def _add(self, run_id: str, *, believing: bool = True) -> int | None:
        index = self.source.index if believing else None
        told = index.row(run_id) if index is not None else None
        if told is not None:
            return self.columns.put_row(told)
        try:
            return self.columns.put(self.source.run(run_id, brief=True))
        except RunNotFound:
            return None
        except (ArchiveError, OSError) as e:
            problem = problem_sentence(run_id, str(e).rstrip("."))
            return self.columns.put(Run(run_id, self.source.run_dir(run_id), problem=problem))

    def _take(self, found: ArchivedScalars) -> int | None:
        slot = self.columns.slot_of(found.run_id)
        if slot is None or not (found.summaries or found.problem):
            return None
        known = self._run(slot)
        problem = known.problem or problem_sentence(known.id, found.problem)
        run = replace(known, scalars=found.summaries, problem=problem)
        own_batch = self.columns.stored("batch")[slot]
        return self.columns.put_row(Row.of(run)._replace(batch=own_batch))

    def _run(self, slot: int) -> Run:
        run_id = self.columns.stored("id")[slot]
        return self.columns.run(slot, self.source.run_dir(run_id).parent)

    def _read_attr(self, run_id: str, deleted: bool, name: str) -> Any:  # noqa: FBT001 - callback
        try:
            return self.source.attr(run_id, name)
        except (RunDamaged, RunNotFound, ArchiveError):
            return None
