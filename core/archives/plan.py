"""What an import would do, without doing it: each run of the sources beside the home's own.

A run that is here already is the same when every file is, whatever its times: the environment,
which stays behind when runs leave, and what only one program keeps do not count. The checksums that
came with a run answer that without its files being read; otherwise they are read where they are,
each source once, and only what has the same length here.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection, Iterator, Mapping, MutableSet, Sequence
from pathlib import Path
from typing import Literal

from msgspec import Struct

from core.archives.arrival import Arrival, arrival_of, record_of
from core.archives.entries import ArchiveEntry
from core.archives.large_run import EntriesOfKind
from core.archives.many_names import ManyNames
from core.archives.read_back import digest_of
from core.archives.room import swelling
from core.archives.run_tree import iter_tree
from core.archives.source import RunSource
from core.errors import ArchiveError, RunNotFound
from core.home import Home
from core.runs.files import shown
from core.runs.guild_files import open_file, reason
from core.runs.run import Run
from core.runs.store import Store

Verdict = Literal["new", "same", "conflict", "problem"]

MOST_NAMED = 10_000
"""Files of a run that are named as different."""

_PIECE = 1 << 20
_CHECK_EACH = 1000
_NO_DIFFERENCE = frozenset(
    {
        *(".guild/attrs/env", ".guild/ENV", ".guild/LOCK", ".guild/LOCK.remote"),
        ".guild/proto/.guild/attrs/env",
    }
)
_ATTRS = ".guild/attrs/"


class PlanItem(Struct, frozen=True):
    """One run of a source.

    Attributes:
        run: What is known of it.
        source: Where it is; open as long as the plan is used.
        verdict: "new", "same" (here already), "conflict" (here with other content) or "problem"
            (it cannot be imported).
        why: What is the problem, as a sentence; empty without one.
        differs: Attributes and files that differ from the run here, attributes by their names.
        size: Bytes of its files.
        files: How many they are.
        remarks: Sentences on what of it does not arrive.
        is_twice: Whether the only problem is that an earlier source has the run too.
        further: How many more files differ than are named.
    """

    run: Run
    source: RunSource
    verdict: Verdict
    why: str = ""
    differs: tuple[str, ...] = ()
    size: int = 0
    files: int = 0
    remarks: tuple[str, ...] = ()
    is_twice: bool = False
    further: int = 0


class ImportPlan(Struct, frozen=True):
    """What an import would do.

    Attributes:
        items: The runs, in the order of the sources.
        problems: Sentences on what of the sources was not understood.
        warnings: Sentences on what is to be thought of before.
    """

    items: tuple[PlanItem, ...] = ()
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class _Known:
    """A run that is here and there.

    Args:
        is_large: Whether its files are too many for memory.
    """

    def __init__(self, *, is_large: bool) -> None:
        self.differs: dict[str, None] = {}
        self.further = 0
        self.wanted: MutableSet[str] = ManyNames() if is_large else set()

    def differ(self, name: str) -> None:
        """A file is not the same, or only here or there."""
        if name in self.differs or len(self.differs) < MOST_NAMED:
            self.differs[name] = None
        else:
            self.further += 1


def plan_import(
    home: Home,
    sources: Sequence[RunSource],
    *,
    only: Mapping[Path, Collection[str]] | None = None,
    with_runs: bool = True,
    check: Callable[[], None] = lambda: None,
    found: Callable[[PlanItem], None] = lambda item: None,
) -> ImportPlan:
    """Compare the runs of sources with those of a home.

    Args:
        home: Where they would be imported.
        sources: Where they are, opened by `core.archives.source.open_source`.
        only: Which runs, by the path of their source; of a source that is not named all.
        with_runs: Whether what is known of each run is read, which takes most of the time; without
            it an item's `run` says only which it is.
        check: Called often; raises to stop.
        found: Called with each run as soon as it is seen, in the order of the plan. One that is
            here already is a "conflict" until its content is compared.
    """
    items: list[PlanItem] = []
    problems: list[str] = []
    warnings: list[str] = []
    taken: dict[str, RunSource] = {}
    for source in sources:
        problems += source.problems()
        wanted = (only or {}).get(source.path)
        ids = [i for i in source.ids() if wanted is None or i in wanted]
        its_own = _Planning(home, source, taken, check, with_runs=with_runs).items(ids, found)
        items += its_own
        warnings += filter(None, [swelling(source, sum(item.size for item in its_own))])
    return ImportPlan(tuple(items), tuple(problems), tuple(warnings))


class _Planning:
    """Plans the runs of one source."""

    def __init__(
        self,
        home: Home,
        source: RunSource,
        taken: dict[str, RunSource],
        check: Callable[[], None],
        *,
        with_runs: bool,
    ) -> None:
        self._with_runs = with_runs
        self._store = Store(home.runs_dir)
        self._source = source
        self._taken = taken
        self._check = check
        self._known: dict[str, _Known] = {}

    def items(self, ids: Sequence[str], found: Callable[[PlanItem], None]) -> list[PlanItem]:
        """One item for each of these runs."""
        items = []
        for run_id in ids:
            items.append(self._item(run_id))
            found(items[-1])
        self._compare_contents()
        return [self._judged(item) for item in items]

    def _item(self, run_id: str) -> PlanItem:
        self._check()
        is_here = os.path.lexists(self._store.run_dir(run_id))
        arrival = None
        run = Run(run_id, self._source.run_dir(run_id))
        try:
            run = self._run(run_id)
            quick = None if is_here else self._source.ordinary(run_id, self._check)
            if quick is not None:
                facts = (quick.size, quick.files, tuple[str, ...]())
            else:
                self._source.require_readable(run_id, self._check)
                arrival = arrival_of(self._source, run_id, self._check)
                facts = (arrival.size, len(arrival.files), arrival.remarks)
        except (ArchiveError, RunNotFound) as e:
            return PlanItem(run, self._source, "problem", str(e))
        first = self._taken.setdefault(run_id, self._source)
        if first is not self._source:
            is_alike = first.title == self._source.title
            where = shown(str(first.path)) if is_alike else first.title
            why = f"The run is in {where} too, and is taken from there."
            return PlanItem(run, self._source, "problem", why, (), *facts, is_twice=True)
        if arrival is None or not is_here:
            return PlanItem(run, self._source, "new", "", (), *facts)
        self._look_at_own(run_id, arrival)
        return PlanItem(run, self._source, "conflict", "", (), *facts)

    def _run(self, run_id: str) -> Run:
        if self._with_runs:
            return self._source.run(run_id, brief=True)
        return Run(run_id, self._source.run_dir(run_id))

    def _look_at_own(self, run_id: str, arrival: Arrival) -> None:
        """Note what differs by its length, and what has to be read."""
        is_large = isinstance(arrival.files, EntriesOfKind)
        known = self._known[run_id] = _Known(is_large=is_large)
        here: MutableSet[str] = ManyNames() if is_large else set()
        alike = 0
        run_dir = self._store.run_dir(run_id)
        try:
            for item in iter_tree(run_dir, with_env=True, check=self._check):
                if item.kind != "dir":
                    here.add(item.path)
                if item.kind == "file":
                    alike += self._compare_size(item.path, item.size, arrival, known)
        except OSError as e:
            known.differs[f"the run here, which cannot be read ({reason(e)})"] = None
            return
        if alike < len(arrival.files):
            self._note_missing(arrival, known, here)
        if arrival.has_record and self._source.kind == "zip":
            self._compare_record(run_id, known)

    def _compare_size(self, name: str, size: int, arrival: Arrival, known: _Known) -> bool:
        """Look at a file of the run here; returns whether it is there too, of the same length."""
        if name in _NO_DIFFERENCE or name in arrival.links:
            return False
        entry = arrival.files.get(name)
        if entry is not None and entry.size == size:
            known.wanted.add(name)
            return True
        known.differ(name)
        return False

    def _note_missing(self, arrival: Arrival, known: _Known, here: Collection[str]) -> None:
        """Note the files that are there only."""
        for number, name in enumerate(arrival.files):
            if not number % _CHECK_EACH:
                self._check()
            if name not in here and name not in _NO_DIFFERENCE and name not in arrival.links:
                known.differ(name)

    def _compare_record(self, run_id: str, known: _Known) -> None:
        for name, digest, _ in record_of(self._source, run_id):
            self._check()
            if digest and name in known.wanted:
                if digest != self._own_digest(run_id, name):
                    known.differ(name)
                known.wanted.discard(name)

    def _compare_contents(self) -> None:
        """Read what must be read, in one pass."""
        ids = [run_id for run_id, known in self._known.items() if known.wanted]

        def is_wanted(run_id: str, entry: ArchiveEntry) -> bool:
            return entry.name in self._known[run_id].wanted

        if not ids:
            return
        try:
            for run_id, entry, file in self._source.files(ids, self._check, is_wanted):
                if digest_of(file, self._check) != self._own_digest(run_id, entry.name):
                    self._known[run_id].differ(entry.name)
        except ArchiveError as e:
            for run_id in ids:
                self._known[run_id].differs[f"what cannot be read ({e})"] = None

    def _own_digest(self, run_id: str, name: str) -> str:
        digest = hashlib.sha256()
        try:
            descriptor = open_file(f"{self._store.run_dir(run_id)}/{name}")
        except OSError:
            return ""
        with os.fdopen(descriptor, "rb") as file:
            while piece := file.read(_PIECE):
                self._check()
                digest.update(piece)
        return digest.hexdigest()

    def _judged(self, item: PlanItem) -> PlanItem:
        known = self._known.get(item.run.id)
        if known is None or item.verdict != "conflict":
            return item
        differs = tuple(_named(sorted(known.differs)))
        verdict: Verdict = "conflict" if differs else "same"
        facts = (item.size, item.files, item.remarks)
        return PlanItem(item.run, item.source, verdict, "", differs, *facts, further=known.further)


def _named(differs: Sequence[str]) -> Iterator[str]:
    """Attributes by their names first, then files."""
    attrs = [name for name in differs if name.startswith(_ATTRS)]
    yield from (name.removeprefix(_ATTRS) for name in attrs)
    yield from (shown(name) for name in differs if name not in attrs)
