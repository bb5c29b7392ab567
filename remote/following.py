"""Which runs of a server are followed: pulled again and again until they have ended.

The time between two looks grows while nothing is new, and is short again when something is. A run
is no longer followed when it has ended, is gone, or could not be pulled several times in a row.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from msgspec import Struct

from remote.moves import Tally
from remote.transfer import Order, TransferPlan

SHORTEST_SECONDS = 1.0
LONGEST_SECONDS = 10.0
_GROWTH = 1.5
_MOST_MISSES = 3


class Following(Struct, frozen=True):
    """A job that follows runs, published to whoever follows the job.

    Attributes:
        ids: The runs that go on.
    """

    ids: tuple[str, ...]


@dataclass(slots=True)
class Followed:
    """The runs that a job follows.

    Attributes:
        pause: Seconds until it looks again.
        shortest: The fewest of them.
    """

    shortest: float = SHORTEST_SECONDS
    pause: float = field(init=False)
    _misses: dict[str, int] = field(default_factory=dict)
    _sent: int = 0

    def __post_init__(self) -> None:
        self.pause = self.shortest

    @property
    def ids(self) -> tuple[str, ...]:
        """The runs that go on."""
        return tuple(self._misses)

    def note(self, plan: TransferPlan, order: Order, tally: Tally) -> None:
        """Learn from a pull that was made which runs still go on."""
        wanted = None if order.ids is None else set(order.ids)
        going = [
            item.run_id
            for item in plan.items
            if item.is_running and (wanted is None or item.run_id in wanted)
        ]
        self._misses = dict(self._patient(going, tally))
        is_new = tally.sent > self._sent
        self._sent = tally.sent
        longer = min(LONGEST_SECONDS, self.pause * _GROWTH)
        self.pause = self.shortest if is_new else longer

    def forgive(self, tally: Tally) -> None:
        """Before the next pull: what is tried again is not refused yet."""
        for run_id in self._misses:
            tally.refused.pop(run_id, None)

    def _patient(self, going: Iterable[str], tally: Tally) -> Iterable[tuple[str, int]]:
        for run_id in going:
            misses = self._misses.get(run_id, 0) + 1 if run_id in tally.refused else 0
            if misses < _MOST_MISSES:
                yield run_id, misses
