"""What differs between two runs, section by section: values at once, files by name and content.

Why files are compared by content and not by the manifest's digests: a digest tells what was copied
when the run began, and an operation, or somebody, may have written over it. Files of equal size
are read until they differ; a large one is not, and is said to be unsure until it is looked at.

Why a section that cannot be read does not end the others: see CONTRIBUTING, a failure concerns one
run or one home, never all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from itertools import islice
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from core.check import Check, go_on
from core.compare.diff_facts import (
    Change,
    Fact,
    diff_maps,
    flat_values,
    moment_text,
    plain_words,
    read_packages,
)
from core.compare.diff_side import OUTPUT, DiffSide
from core.compare.diff_window import first_difference
from core.errors import Error, RunDamaged
from core.runs.files import FileEntry
from core.text import flag_text, natural_key

SectionName = Literal[
    "flags", "attributes", "environment", "packages", "source", "dependencies", "files", "output"
]

SECTIONS: tuple[SectionName, ...] = (
    *("flags", "attributes", "environment", "packages", "source", "dependencies", "files"),
    "output",
)
MOST_FILES = 20_000
MOST_READ_OF_ALL = 1024 * 1024 * 1024

OF_EACH_RUN = ("id", "initialized", "started", "stopped", "random_seed")
"""Attributes that differ between any two runs; they come last."""
_TIMES = frozenset(("initialized", "started", "stopped"))
_OF_TEXTS = ("environment", "packages")
_ELSEWHERE = frozenset({"flags", "env", "pip_freeze", "deps"})


class FilePair(Struct, frozen=True):
    """A file that is on either side.

    Attributes:
        name: How it is called for people: of source code the path in the project.
        change: What became of it.
        left: Its path on the left; None where it is not there.
        right: Its path on the right.
        sizes: Bytes on the left and right; None where it is not there.
        moved_from: Name on the left of the file that has this content, where only the name
            changed; empty otherwise.
    """

    name: str
    change: Change
    left: str | None
    right: str | None
    sizes: tuple[int | None, int | None] = (None, None)
    moved_from: str = ""


class Section(Struct, frozen=True, dict=True):
    """One kind of thing that runs have.

    Attributes:
        name: Which kind.
        facts: Values by name; empty for sections of files.
        files: Files by name; empty for sections of values.
        problem: One sentence on what could not be read; empty when all could.
    """

    name: SectionName
    facts: tuple[Fact, ...] = ()
    files: tuple[FilePair, ...] = ()
    problem: str = ""

    @cached_property
    def counts(self) -> Counter[Change]:
        """How many there are of each change."""
        counts: Counter[Change] = Counter(fact.change for fact in self.facts)
        counts.update(pair.change for pair in self.files)
        return counts

    @property
    def differing(self) -> int:
        """How many differ, or may."""
        return sum(count for change, count in self.counts.items() if change != "same")


class RunDiff(Struct, frozen=True):
    """What differs between two runs.

    Attributes:
        left: Name of the left side.
        right: Name of the right side.
        sections: Those that were asked for, in the order of SECTIONS.
    """

    left: str
    right: str
    sections: tuple[Section, ...]

    def section(self, name: SectionName) -> Section | None:
        """The section of this name, if it was asked for."""
        return next((each for each in self.sections if each.name == name), None)


def diff_runs(
    left: DiffSide,
    right: DiffSide,
    wanted: Iterable[SectionName] = SECTIONS,
    check: Check = go_on,
    on_section: Callable[[Section], None] = lambda section: None,
) -> RunDiff:
    """Compare two runs.

    Args:
        left: The one before.
        right: The one after.
        wanted: Sections to compare.
        check: Called often; raises to stop (core.errors.Cancelled).
        on_section: Hears each section as soon as it is known.

    Raises:
        Cancelled: `check` raised it.
    """
    asked = set(wanted)
    work = _Work(left, right, check)
    sections = []
    for name in SECTIONS:
        if name in asked:
            check()
            sections.append(work.section(name))
            on_section(sections[-1])
    return RunDiff(left.name, right.name, tuple(sections))


def has_file(side: DiffSide, path: str) -> bool:
    """Whether a side has a file that can be opened."""
    return side.size(path) is not None


class _Work:
    """Compares two sides, and counts what was read for it."""

    def __init__(self, left: DiffSide, right: DiffSide, check: Check) -> None:
        self._sides = (left, right)
        self._check = check
        self._read = 0

    def section(self, name: SectionName) -> Section:
        if name == "attributes":
            return self._attributes()
        if name in ("source", "files", "output"):
            return self._files_section(name)
        readers: Mapping[str, tuple[str, Callable[[Any], dict[str, Any]]]] = {
            "flags": ("flags", _as_map),
            "environment": ("env", _as_map),
            "packages": ("pip_freeze", read_packages),
            "dependencies": ("deps", lambda deps: flat_values(_as_map(deps), lists_whole=True)[0]),
        }
        return self._values(name, *readers[name])

    def _values(
        self, name: SectionName, attr: str, read: Callable[[Any], dict[str, Any]]
    ) -> Section:
        maps, problem = [], ""
        for side in self._sides:
            try:
                maps.append(read(side.attr(attr)))
            except RunDamaged as e:
                maps.append({})
                problem = problem or _problem(side, e)
        text_of = plain_words if name in _OF_TEXTS else flag_text
        return Section(name, diff_maps(maps[0], maps[1], text_of), problem=problem)

    def _attributes(self) -> Section:
        maps: list[dict[str, Any]] = [{}, {}]
        problem = ""
        for side, values in zip(self._sides, maps, strict=True):
            problem = self._take_attributes(side, values) or problem
        facts = sorted(diff_maps(maps[0], maps[1]), key=lambda fact: fact.name in OF_EACH_RUN)
        return Section("attributes", tuple(map(_readable, facts)), problem=problem)

    def _take_attributes(self, side: DiffSide, values: dict[str, Any]) -> str:
        """Put the attributes of a side with the values; what could not be read."""
        problem = ""
        try:
            names = side.attr_names()
        except RunDamaged as e:
            return _problem(side, e)
        for name in names:
            if name in _ELSEWHERE:
                continue
            self._check()
            try:
                values |= flat_values(side.attr(name), name, lists_whole=True)[0]
            except RunDamaged as e:
                problem = problem or _problem(side, e)
        return problem

    def _files_section(self, name: SectionName) -> Section:
        listings: list[dict[str, str]] = []
        problem = ""
        for side in self._sides:
            try:
                paths, trouble = self._paths(side, name)
            except Error as e:
                paths, trouble = {}, f"{e}."
            listings.append(paths)
            problem = problem or trouble
        pairs = self._pairs(*listings)
        return Section(name, files=tuple(pairs), problem=problem)

    def _paths(self, side: DiffSide, name: SectionName) -> tuple[dict[str, str], str]:
        """Paths by the names for people, and what could not be listed."""
        if name == "source":
            files, problem = side.source(self._check)
            return {file.title: file.path for file in files}, problem
        if name == "output":
            return ({"output": OUTPUT} if has_file(side, OUTPUT) else {}), ""
        found = (entry for entry in side.files(self._check) if _is_result(entry))
        paths = [entry.path for entry in islice(found, MOST_FILES + 1)]
        problem = ""
        if len(paths) > MOST_FILES:
            problem = f"Only the first {MOST_FILES:,} files of {side.name[:8]} are compared."
        return {path: path for path in paths[:MOST_FILES]}, problem

    def _pairs(self, left: Mapping[str, str], right: Mapping[str, str]) -> list[FilePair]:
        pairs = []
        for name in sorted(left.keys() | right.keys(), key=_order):
            self._check()
            pairs.append(self._pair(name, left.get(name), right.get(name)))
        return self._with_moves(pairs)

    def _pair(self, name: str, left: str | None, right: str | None) -> FilePair:
        sizes = self._size(0, left), self._size(1, right)
        if left is None or right is None:
            change: Change = "added" if left is None else "removed"
        else:
            change = self._compared((left, right), sizes)
        return FilePair(name, change, left, right, sizes)

    def _size(self, number: int, path: str | None) -> int | None:
        if path is None:
            return None
        return self._sides[number].size(path)

    def _compared(self, paths: tuple[str, str], sizes: tuple[int | None, int | None]) -> Change:
        """Whether two files are the same, found by reading them where that does not take long."""
        if None in sizes:
            return "unsure"
        if sizes[0] != sizes[1]:
            return "changed"
        size = sizes[0] or 0
        most = min(side.most_read for side in self._sides)
        if size > most or self._read + size > MOST_READ_OF_ALL:
            return "unsure"
        self._read += size
        try:
            with self._sides[0].open(paths[0]) as one, self._sides[1].open(paths[1]) as other:
                return "same" if first_difference(one, other, self._check) is None else "changed"
        except (Error, OSError):
            return "unsure"

    def _with_moves(self, pairs: list[FilePair]) -> list[FilePair]:
        """Pairs in which a file that only has another name is one, not two."""
        gone: dict[int, list[FilePair]] = {}
        for pair in pairs:
            if pair.change == "removed" and pair.sizes[0]:
                gone.setdefault(pair.sizes[0], []).append(pair)
        moved: set[str] = set()
        found = []
        for pair in pairs:
            if pair.change == "added" and pair.right and (size := pair.sizes[1]):
                for old in gone.get(size, ()):
                    if old.name not in moved and self._is_move(old, pair):
                        moved.add(old.name)
                        pair = FilePair(
                            *(pair.name, "changed", old.left, pair.right, (size, size)), old.name
                        )
                        break
            found.append(pair)
        return [pair for pair in found if pair.change != "removed" or pair.name not in moved]

    def _is_move(self, old: FilePair, new: FilePair) -> bool:
        return (
            old.left is not None
            and new.right is not None
            and self._compared((old.left, new.right), (old.sizes[0], new.sizes[1])) == "same"
        )


def _as_map(value: Any) -> dict[str, Any]:
    """A map with text as keys; another value is the one of an empty name."""
    if value is None:
        return {}
    return {str(k): v for k, v in value.items()} if isinstance(value, dict) else {"": value}


def _is_result(entry: FileEntry) -> bool:
    """Whether it is a file that belongs to no other section."""
    return entry.shape == "file" and entry.kind != "source" and not entry.problem


def _problem(side: DiffSide, error: RunDamaged) -> str:
    return f"Of run {side.name[:8]} the {error}."


def _order(name: str) -> tuple[str, str]:
    folder, _, last = name.rpartition("/")
    return natural_key(folder), natural_key(last)


def _readable(fact: Fact) -> Fact:
    """A fact with moments as people write them; its values stay the microseconds."""
    if fact.name not in _TIMES:
        return fact
    left, right = (
        text if value is None else moment_text(value) or text
        for text, value in zip((fact.left, fact.right), fact.values, strict=True)
    )
    return replace(fact, left=left, right=right)
