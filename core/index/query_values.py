"""What a reference in an expression means for each run, by Guild's rules.

A name without a prefix is the run's attribute of that name, else its flag, else its scalar; the
first that is not null. Twelve attributes are computed (`operation`, `started`, `time` and so on,
times as local text); the others are the files in `.guild/attrs`.

Why many columns and no single run: the selection asks for one list and then reads its items, so a
comparison over 100,000 runs is one list comprehension. Only where a name means several things
for the runs at hand are they merged, run by run. Attributes that every run has are taken from the
columns in memory; the others are read from disk when they are asked for.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol

from core.errors import RunDamaged
from core.index.query_tree import Reference
from core.index.row import decode_links, split_key
from core.runs.opref import Opref, parse_opref
from core.runs.run import MICROSECONDS

Values = Sequence[Any] | Mapping[int, Any]
"""What is asked by slot: a whole column, or a map for the slots at hand."""

_IN_MEMORY = frozenset(
    [
        *("comments", "exit_status", "host", "initialized", "label", "marked"),
        *("sourcecode_digest", "tags", "user", "vcs_commit"),
    ]
)
_TEXTS = frozenset(["label", "host", "user"])


class Columns(Protocol):
    """What a query needs of core.index.columns.RunColumns."""

    def value(self, key: str, slot: int) -> Any:
        """One cell."""

    def values(self, key: str) -> list[Any]:
        """A whole column, by slot."""

    def attrs(self, name: str, slots: Iterable[int]) -> list[Any]:
        """An attribute that is not kept in memory, by slot; only of these slots."""

    def stored(self, name: str) -> list[Any]:
        """A field as the index stores it (lists as JSON text), by slot."""

    def texts(self, *, numbers: bool = False) -> list[str]:
        """Texts in lower case to look for words in, by slot: of numbers, or of all else."""

    def slot_of(self, run_id: str) -> int | None:
        """Where a run is that is not deleted."""

    def may_begin_id(self, word: str) -> bool:
        """Whether the id of some run may begin with the word."""

    def names(self, kind: str) -> set[str]:
        """Names of all of a kind ("flag", "scalar", "attr")."""

    def has_attr(self, name: str) -> list[bool]:
        """Whether each run has an attribute, by slot."""


class RunValues:
    """The values of references over one state of the columns.

    Args:
        columns: Where the values are.
        now: Current time in microseconds since 1970-01-01 UTC, for runs that still run.
    """

    def __init__(self, columns: Columns, now: int) -> None:
        self.columns = columns
        self.now = now
        self._flag_names = columns.names("flag")
        self._attr_names = columns.names("attr")

    def of(
        self, reference: Reference, slots: Sequence[int], *, nan: bool = False, empty: bool = True
    ) -> Values:
        """The values of a reference, at least for `slots`; None where a run has none.

        Args:
            reference: What is asked for.
            slots: The runs that matter.
            nan: Whether a scalar may be NaN; else it counts as missing, as in Guild, whose index
                cannot hold it. No matter to comparisons by size, and slower.
            empty: Whether an empty attribute must not be None, and lists must be lists. No matter
                to "contains", and slower.
        """
        name, prefix = reference.name, reference.prefix
        if prefix == "attr":
            return self._merged([self._attr(name, slots, exact=empty)], slots)
        if prefix == "flag":
            return self._merged([self._flag(name)], slots)
        scalar = self._scalar(reference, slots)
        if scalar is not None and not nan:
            scalar = {s: v if (v := scalar[s]) == v else None for s in slots}
        if prefix == "scalar" or reference.aggregate or reference.step:
            return self._merged([scalar], slots)
        others = [values for values in (self._flag(name), scalar) if values is not None]
        # What is missing is looked for there, what is empty is not.
        exact = empty or bool(others)
        return self._merged([self._attr(name, slots, exact=exact), *others], slots)

    def _merged(self, found: Iterable[Values | None], slots: Sequence[int]) -> Values:
        layers = [values for values in found if values is not None]
        if not layers:
            return dict.fromkeys(slots)
        first, *others = layers
        for other in others:
            first = {s: v if (v := first[s]) is not None else other[s] for s in slots}
        return first

    def _flag(self, name: str) -> Values | None:
        return self.columns.values(f"flag:{name}") if name in self._flag_names else None

    # Scalars

    def _scalar(self, reference: Reference, slots: Sequence[int]) -> Values | None:
        prefix, hash_sign, tag = reference.name.partition("#")
        if not hash_sign:
            prefix, tag = "", reference.name
        column = f"scalar:{reference.aggregate or 'last'}{'_step' if reference.step else ''}:"
        exact, below = self._keys_with(tag)
        if not exact and not below:
            return None
        if prefix:
            name = tag if prefix == ".guild" else reference.name
            own: Values = self.columns.values(column + name)
            return self._with_linked(own, prefix, tag, column, slots)
        whole = self.columns.values(column + tag) if exact else None
        own = self._with_below(whole, below, column, slots) if below or whole is None else whole
        return self._with_linked(own, "", tag, column, slots)

    def _keys_with(self, tag: str) -> tuple[bool, dict[str | None, list[str]]]:
        """Whether any run has the scalar itself; and who has it below, by all of its keys."""
        exact, below = False, {}
        for text in set(self.columns.stored("scalar_keys")):
            if not text or tag not in text:
                continue
            keys = text.split("\n")
            exact = exact or tag in keys
            found = [key for key in keys if key.partition("#")[2] == tag]
            if found:
                below[text] = sorted(found)
        return exact, below

    def _with_below(
        self,
        whole: list[Any] | None,
        below: Mapping[str | None, list[str]],
        column: str,
        slots: Sequence[int],
    ) -> Values:
        texts, value = self.columns.stored("scalar_keys"), self.columns.value
        merged = [None] * len(texts) if whole is None else list(whole)
        for slot in [s for s in slots if texts[s] in below]:
            if merged[slot] is None:
                found = (value(column + key, slot) for key in below[texts[slot]])
                merged[slot] = next((v for v in found if v is not None), None)
        return merged

    def _with_linked(
        self, own: Values, prefix: str, tag: str, column: str, slots: Sequence[int]
    ) -> Values:
        """Who links to trials or steps has their scalars too, behind its own, as in Guild."""
        links = self.columns.stored("links")
        lacking = [slot for slot in slots if links[slot] and own[slot] is None]
        if not lacking:
            return own
        found = {slot: self._linked(links[slot], prefix, tag, column) for slot in lacking}
        return {slot: found.get(slot, own[slot]) for slot in slots}

    def _linked(self, links: str, prefix: str, tag: str, column: str) -> Any:
        """The first value, by name, of the runs that some links lead to."""
        texts, value = self.columns.stored("scalar_keys"), self.columns.value
        keys: list[tuple[str, str, int]] = []
        for name, run_id in decode_links(links):
            slot = self.columns.slot_of(run_id)
            for key in (texts[slot] or "").split("\n") if slot is not None else ():
                directory, own_tag = split_key(key)
                place = f"{name}/{directory}"
                if slot is not None and own_tag == tag and prefix in ("", place):
                    keys.append((place, key, slot))
        found = (value(column + key, slot) for _, key, slot in sorted(keys))
        return next((number for number in found if number is not None), None)

    # Attributes

    def _attr(self, name: str, slots: Sequence[int], *, exact: bool) -> Values | None:
        compute = _COMPUTED.get(name)
        if compute is not None:
            return compute(self, slots)
        if name not in _IN_MEMORY:
            return self.columns.attrs(name, slots) if name in self._attr_names else None
        values = self.columns.values(name)
        if name == "marked":
            return {s: values[s] or None for s in slots}
        if not exact:
            return values
        if name in _TEXTS:
            return self._or_empty(values, name, slots, str)
        if name == "tags":
            lists: list[Any] = [v if v is None else list(v) for v in values]
            return self._or_empty(lists, name, slots, list)
        if name == "comments":
            lists = [v if v is None else [_comment_map(c) for c in v] for v in values]
            return self._or_empty(lists, name, slots, list)
        return values

    def _or_empty(
        self, values: list[Any], name: str, slots: Sequence[int], empty: Callable[[], Any]
    ) -> Values:
        """An attribute that is there but empty is not null; the columns hold None for both."""
        there = self.columns.has_attr(name)
        return {s: v if (v := values[s]) is not None or not there[s] else empty() for s in slots}


def _comment_map(comment: Any) -> dict[str, Any]:
    """A comment as Guild keeps it, keys in its order."""
    return {
        "body": comment.body,
        "host": comment.host,
        "time": comment.time,
        "user": comment.user,
    }


# Computed attributes


def _short_ids(source: RunValues, slots: Sequence[int]) -> Values:
    ids = source.columns.values("id")
    return {s: ids[s][:8] for s in slots}


def _ids(source: RunValues, slots: Sequence[int]) -> Values:
    return source.columns.values("id")


def _statuses(source: RunValues, slots: Sequence[int]) -> Values:
    return source.columns.values("status")


def _operations(source: RunValues, slots: Sequence[int]) -> Values:
    operations = source.columns.values("operation")
    return {s: operations[s] or "" for s in slots}


def _of_opref(part: Callable[[Opref], str]) -> Callable[[RunValues, Sequence[int]], Values]:
    def compute(source: RunValues, slots: Sequence[int]) -> Values:
        oprefs = source.columns.values("opref")
        parts = {text: _opref_part(text, part) for text in {oprefs[s] for s in slots}}
        return {s: parts[oprefs[s]] for s in slots}

    return compute


def _opref_part(text: str | None, part: Callable[[Opref], str]) -> str:
    try:
        return part(parse_opref(text or ""))
    except RunDamaged:
        return ""


def _origin(opref: Opref) -> str:
    """Where the operation comes from; below the user's home, with a `~`."""
    if opref.pkg_type not in ("guildfile", "script"):
        return opref.origin
    home, path = os.path.expanduser("~"), opref.pkg_name
    return f"~/{path[len(home) + 1 :]}" if path.startswith(home) else path


def _digests(source: RunValues, slots: Sequence[int]) -> Values:
    digests = source.columns.values("sourcecode_digest")
    return {s: (digests[s] or "")[:8] for s in slots}


def _times(name: str) -> Callable[[RunValues, Sequence[int]], Values]:
    def compute(source: RunValues, slots: Sequence[int]) -> Values:
        times = source.columns.values(name)
        return {s: local_text(times[s]) for s in slots}

    return compute


def _durations(source: RunValues, slots: Sequence[int]) -> Values:
    values, now = source.columns.values, source.now
    status, started, stopped = values("status"), values("started"), values("stopped")
    return {s: _duration(started[s], now if status[s] == "running" else stopped[s]) for s in slots}


def _duration(started: int | None, ended: int | None) -> str | None:
    if started is None or not ended:
        return None
    minutes, seconds = divmod((ended - started) // MICROSECONDS, 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"


def local_text(time: int | None) -> str:
    """A time as Guild's filters see it: local, to the second; empty when there is none."""
    if not time:
        return ""
    minute, second = divmod(time // MICROSECONDS, 60)
    return f"{_minute_text(minute)}:{second:02}"


@lru_cache(maxsize=100_000)
def _minute_text(minute: int) -> str:
    try:
        return f"{datetime.fromtimestamp(minute * 60):%Y-%m-%d %H:%M}"  # noqa: DTZ006 - local
    except (ValueError, OverflowError, OSError):
        return ""


_COMPUTED: dict[str, Callable[[RunValues, Sequence[int]], Values]] = {
    "id": _ids,
    "run": _short_ids,
    "short_id": _short_ids,
    "model": _of_opref(lambda opref: opref.model),
    "op": _of_opref(lambda opref: opref.op),
    "operation": _operations,
    "from": _of_opref(_origin),
    "sourcecode": _digests,
    "started": _times("started"),
    "stopped": _times("stopped"),
    "status": _statuses,
    "time": _durations,
}
COMPUTED = tuple(_COMPUTED)
"""Names of the computed attributes."""
