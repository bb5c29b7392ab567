"""The output of a run that is packed, or on another machine: copied, and then read like any other.

It is copied when it is first asked something. Of a run that goes on, what it wrote since is brought
now and then by whoever counts its lines, and by nobody else: reading lines never waits for that.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from msgspec.structs import replace

from core.archives.growing_copy import OUTPUTS, Part
from core.archives.run_copies import RunCopies
from core.archives.source import LiveSource, RunSource
from core.check import Check, go_on
from core.errors import ArchiveError, Error, RunError, RunNotFound
from core.runs.output import OutputReader, OutputState, OutputWindow

LOOK_SECONDS = 1.0
PATIENCE = 10
"""How many times longer than a look the time until the next one is, at least."""

Use = Callable[[Check], AbstractContextManager[RunSource]]


def copied(run_id: str, use: Use, copies: RunCopies, part: Part, check: Check) -> Path:
    """The directory with the copy of a part of a run; it is copied if need be.

    Raises:
        core.errors.Error: It cannot be.
    """
    known = copies.has(run_id, part)
    if known is not None:
        return known
    with use(check) as source:
        return copies.copy(source, run_id, part, check)


class ArchivedOutput(OutputReader):
    """Reads the output of one run of a source (see core.runs.output.OutputReader).

    Args:
        run_id: The run.
        use: Gives the source to one thread at a time.
        copies: Has the copy.
    """

    def __init__(self, run_id: str, use: Use, copies: RunCopies) -> None:
        super().__init__(Path(run_id))
        self._id = run_id
        self._use = use
        self._copies = copies
        self._due = 0.0
        self._goes_on = False

    @property
    def is_elsewhere(self) -> bool:
        """Whether another machine is asked for more."""
        return self._goes_on

    def extend(self, check: Check) -> Iterator[OutputState]:
        """Bring what was written since, and count the lines that were not counted before.

        Where the other machine cannot be asked for a while, what is here is what there is.
        """
        note = ""
        try:
            if time.monotonic() >= self._due:
                self._look(check)
            self._find(check)
        except Error as e:
            here = self._copies.at_hand(self._id, "output") if e.retryable else None
            if here is None:
                yield OutputState(problem=e.told)
                return
            self.run_dir, note = here, "not connected"
        left_out = self._copies.left_out(self._id)
        for state in super().extend(check):
            yield replace(state, left_out=left_out, note=note)

    def window(self, at: int, before: int, after: int, check: Check) -> OutputWindow:
        """The lines around a place."""
        self._find(check)
        return super().window(at, before, after, check)

    def last(self, count: int, check: Check) -> OutputWindow:
        """The last lines."""
        self._find(check)
        return super().last(count, check)

    def read_all(self, check: Check) -> None:
        """Read what was left out too, from the next question on."""
        with self._use(check):
            self._copies.want_whole(self._id)

    def is_running(self, check: Check = go_on) -> bool:
        """Whether it goes on, as far as is known; in an archive no run does."""
        with self._use(check) as source:
            self._goes_on = isinstance(source, LiveSource) and source.goes_on(self._id)
        return self._goes_on

    def _look(self, check: Check) -> None:
        """Ask how much was written meanwhile, if the run goes on; once more when it has ended."""
        was_going_on = self._goes_on
        began = time.monotonic()
        self._due = began + LOOK_SECONDS
        with self._use(check) as source:
            if isinstance(source, LiveSource) and (self.is_running(check) or was_going_on):
                source.renew(self._id, OUTPUTS, check)
                self._copies.doubt(self._id, "output")
                self._goes_on = source.goes_on(self._id)
        now = time.monotonic()
        self._due = now + max(LOOK_SECONDS, PATIENCE * (now - began))

    def _find(self, check: Check) -> None:
        try:
            self.run_dir = copied(self._id, self._use, self._copies, "output", check)
        except (ArchiveError, RunNotFound) as e:
            raise RunError(str(e).rstrip("."), hint=e.hint) from e
