"""The scalars of some runs by specification: whole columns cut out of the packed summaries.

Why not a value at a time: runs of one operation have the same keys, so their packed numbers have
the same shape. Put behind each other, a column is every so manyth number of them: 60 columns of
10,000 runs take some 20 ms, unpacked one by one a second. Where there are many keys that few runs
have, a column is a map and holds only what there is.

As in Guild, a run that links to others (a pipeline to its steps, a batch to its trials) has their
scalars too, below the name of the link.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any

from core.compare.cells import Cells
from core.compare.column_spec import ColumnSpec
from core.index.columns import RunColumns
from core.index.row import SUMMARY, SUMMARY_NAMES, decode_links, split_key

_WIDTH = len(SUMMARY_NAMES)
_SPARSE = 8
_PIECE = 2_000_000
"""Bytes of packed numbers that are put behind each other at once."""


class ScalarCells:
    """The scalars of runs.

    Args:
        runs: All runs.
        slots: Those that matter; a row is a place in this list.
    """

    def __init__(self, runs: RunColumns, slots: Sequence[int]) -> None:
        self._rows = len(slots)
        self._groups = _groups(runs, slots)

    def by_keys(self) -> Iterator[tuple[Keys, list[int]]]:
        """The different lists of keys, each with the rows of the runs that have it, in order."""
        for group in self._groups:
            yield group.keys, group.rows

    def keys_of(self, name: str) -> list[str]:
        """The keys that a name stands for in any of the runs."""
        return list(dict.fromkeys(group.keys.names[place] for group, place in self._having(name)))

    def column(self, spec: ColumnSpec) -> Cells:
        """The values that a specification of a scalar asks for; None where there is none."""
        found = self._having(spec.name)
        present = sum(len(group.rows) for group, _ in found)
        if present * _SPARSE < self._rows:
            return {
                row: value
                for group, place in found
                for row, value in zip(group.rows, group.numbers(place, spec), strict=True)
            }
        if len(found) == 1 and present == self._rows:
            group, place = found[0]
            return group.numbers(place, spec)
        cells: list[Any] = [None] * self._rows
        for group, place in found:
            for row, value in zip(group.rows, group.numbers(place, spec), strict=True):
                cells[row] = value
        return cells

    def _having(self, name: str) -> list[tuple[_Group, int]]:
        """The groups that have a scalar, each with its place there."""
        words = {name, name.partition("#")[2]}
        numbers = {number for word in words for number in self._by_word.get(word, ())}
        groups = [self._groups[number] for number in sorted(numbers)]
        return [(group, place) for group in groups if (place := group.keys.find(name)) >= 0]

    @cached_property
    def _by_word(self) -> dict[str, list[int]]:
        """Numbers of the groups that have a key or tag: there may be as many groups as runs."""
        found: dict[str, list[int]] = {}
        for number, group in enumerate(self._groups):
            for word in {*group.keys.names, *group.keys.tags()}:
                found.setdefault(word, []).append(number)
        return found


class Keys:
    """Finds a scalar among the keys of a run, by Guild's rules.

    Args:
        names: Keys in the order of the packed summaries.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self._places = {name: place for place, name in enumerate(names)}
        self._by_tag: dict[str, list[tuple[str, int]]] | None = None

    def find(self, name: str) -> int:
        """The place of a scalar; -1 where there is none.

        A tag alone is that of the run itself, else of the first directory that has one; before a
        `#` stands how the directory begins.
        """
        place = self._places.get(name)
        if place is not None:
            return place
        by_tag = self._tags()
        prefix, hash_sign, tag = name.partition("#")
        if hash_sign:
            found = _beginning(by_tag.get(tag, ()), prefix)
            if found >= 0:
                return found
        return next((place for _, place in by_tag.get(name, ())), -1)

    def tags(self) -> set[str]:
        """Tags without the directory they are in."""
        return {split_key(name)[1] for name in self.names}

    def _tags(self) -> dict[str, list[tuple[str, int]]]:
        if self._by_tag is None:
            self._by_tag = {}
            for (prefix, tag), place in sorted(
                (split_key(name), place) for place, name in enumerate(self.names)
            ):
                self._by_tag.setdefault(tag, []).append((prefix, place))
        return self._by_tag


class _Group:
    """Rows whose runs have the same keys, and their numbers behind each other."""

    def __init__(self, keys: Keys, rows: list[int], packed: Sequence[bytes]) -> None:
        self.keys = keys
        self.rows = rows
        self._packed = packed

    @cached_property
    def _pieces(self) -> list[tuple[memoryview[float], memoryview[int]]]:
        many = max(1, _PIECE // (len(self.keys.names) * SUMMARY.size))
        starts = range(0, len(self._packed), many)
        return [_numbers(self._packed[start : start + many]) for start in starts]

    def numbers(self, place: int, spec: ColumnSpec) -> list[Any]:
        """One number of every row."""
        if spec.aggregate == "avg":
            totals, counts = self._cut(place, "total"), self._cut(place, "count")
            return [t / n if n else None for t, n in zip(totals, counts, strict=True)]
        return self._cut(place, f"{spec.aggregate or 'last'}{'_step' if spec.step else ''}")

    def _cut(self, place: int, name: str) -> list[Any]:
        field = SUMMARY_NAMES.index(name)
        start, stride = place * _WIDTH + field, len(self.keys.names) * _WIDTH
        is_whole = name == "count" or name.endswith("_step")
        found: list[Any] = []
        for floats, wholes in self._pieces:
            found += (wholes if is_whole else floats)[start::stride].tolist()
        return found


def _beginning(found: Iterable[tuple[str, int]], prefix: str) -> int:
    """The first whose directory begins so; exactly, else regardless of case as in Guild."""
    candidates = list(found)
    for fold in (str, str.lower):
        for name, place in candidates:
            if fold(name).startswith(fold(prefix)):
                return place
    return -1


def _groups(runs: RunColumns, slots: Sequence[int]) -> list[_Group]:
    """Runs by their keys. What changes while this goes on is missing, and announced as changed."""
    texts, summaries, links = map(runs.stored, ("scalar_keys", "summaries", "links"))
    rows: dict[str, list[int]] = {}
    packed: dict[str, list[bytes]] = {}
    for row, slot in enumerate(slots):
        text, numbers = texts[slot], summaries[slot]
        if links[slot]:
            text, numbers = _with_linked(runs, slot)
        if text and numbers and len(numbers) == (text.count("\n") + 1) * SUMMARY.size:
            rows.setdefault(text, []).append(row)
            packed.setdefault(text, []).append(numbers)
    return [_Group(Keys(text.split("\n")), rows[text], packed[text]) for text in rows]


def _with_linked(runs: RunColumns, slot: int) -> tuple[str, bytes]:
    """Keys and numbers of a run and of those it links to, as far as they are not deleted."""
    texts, summaries = runs.stored("scalar_keys"), runs.stored("summaries")
    names, numbers = [texts[slot] or ""], [summaries[slot] or b""]
    linked = runs.stored("links")[slot]
    for name, run_id in decode_links(linked) if linked else ():
        other = runs.slot_of(run_id)
        keys, packed = (texts[other], summaries[other]) if other is not None else (None, None)
        if keys and packed:
            names += [_below(name, key) for key in keys.split("\n")]
            numbers.append(packed)
    return "\n".join(filter(None, names)), b"".join(numbers)


def _below(link: str, key: str) -> str:
    prefix, tag = split_key(key)
    return f"{link}/{prefix}#{tag}"


def _numbers(packed: Sequence[bytes]) -> tuple[memoryview[float], memoryview[int]]:
    """Packed summaries as floats and as whole numbers, of which each item is one or the other."""
    words = array("q", b"".join(packed))
    if sys.byteorder == "big":
        words.byteswap()
    whole = memoryview(words)
    return whole.cast("B").cast("d"), whole
