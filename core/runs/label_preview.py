"""What changes would make of the labels of many runs, asked again at every letter typed.

Why what was read is kept for some seconds: reading 10,000 runs takes a second or two, and making
their labels from what is known a tenth of that. Nothing is decided on it: a change that is carried
out reads again, under the lock of the run.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from core.errors import Error
from core.runs.change import preview
from core.runs.run_attrs import Change, RunAttrs, Values
from core.runs.store import Store

FRESH_SECONDS = 15.0
MOST_BYTES = 64_000_000
"""So much is kept of all runs together; what is beyond is read each time."""

_NAMES = ("label", "flags")


class LabelPreviews:
    """Labels before and after; used by one thread at a time.

    Args:
        store: Where the runs are.
        clock: Seconds of a clock that never goes back.
    """

    def __init__(self, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._known: dict[str, tuple[str, _KnownAttrs]] = {}
        self._bytes = 0
        self._since = clock()

    def begin(self) -> None:
        """Another change is looked at: forget what was read too long ago."""
        if self._clock() - self._since > FRESH_SECONDS:
            self._known.clear()
            self._bytes = 0
        if not self._known:
            self._since = self._clock()

    def of(self, run_id: str, change: Change) -> tuple[str, str]:
        """The label of a run now, and what a change would make of it.

        Raises:
            Error: The change would refuse, or the run cannot be read.
        """
        found = self._known.get(run_id)
        before, attrs = found if found is not None else self._read(run_id)
        after = change.values(attrs).get("label", before)
        return before, "" if after is None else str(after)

    def _read(self, run_id: str) -> tuple[str, _KnownAttrs]:
        reading = _Reading()
        before, _ = preview(self._store, run_id, reading)
        found = before, _KnownAttrs(run_id, reading.contents)
        self._bytes += sum(len(data or b"") for data in reading.contents.values())
        if self._bytes < MOST_BYTES:
            self._known[run_id] = found
        return found


class _Reading(Change):
    """Changes nothing; remembers what a change of a label may look at."""

    def __init__(self) -> None:
        self.contents: dict[str, bytes | None] = {}

    def values(self, attrs: RunAttrs) -> Values:
        self.contents = {name: attrs.content(name) for name in _NAMES}
        return {}


class _KnownAttrs(RunAttrs):
    """Attributes that were read, decoded once."""

    def __init__(self, run_id: str, contents: Mapping[str, bytes | None]) -> None:
        super().__init__(run_id, contents.get)
        self._values: dict[str, Any] = {}

    def value(self, name: str) -> Any:
        if name not in _NAMES:
            raise Error(f"attribute {name} was not read")
        if name not in self._values:
            self._values[name] = super().value(name)
        return self._values[name]
