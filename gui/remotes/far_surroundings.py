"""What a host is asked before its runs are moved or erased: their size, their trials and steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, QTimer, Slot

from core.errors import Error
from core.index.columns import RunColumns
from core.jobs import JobContext
from core.text import format_bytes, plural
from gui.changing.removal_questions import Along, Ids, words_along
from gui.job_bridge import JobBridge, Latest
from gui.remotes.far_place import FarPlace
from gui.views.undo_bar import BarText, UndoBar

Sizes = Callable[[Sequence[str], Callable[[], None]], dict[str, int]]
"""Asks the host how large runs are (their ids, called while waiting)."""

PATIENCE_MS = 400
"""A host that answers later is waited for with a word about it."""

_SIZES_AT_ONCE = 200


class FarSurroundings(QObject):
    """Asks one question of a kind at a time (see gui.changing.removal_questions.Surroundings).

    Args:
        place: The runs of the remote.
        columns: What was listed of them.
        sizes: Finds out how large they are.
        bridge: Runs what asks the host.
        bar: Says that the host is waited for.
        parent: Owner.
    """

    def __init__(
        self,
        place: FarPlace,
        columns: RunColumns,
        sizes: Sizes,
        bridge: JobBridge,
        bar: UndoBar,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._place = place
        self._columns = columns
        self._sizes = sizes
        self._bar = bar
        self._size = Latest(bridge, f"sizes {place.name}", self)
        self._along = Latest(bridge, f"sizes {place.name}", self)
        self._patience = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._patience.timeout.connect(self._on_slow)

    def find_along(self, ids: Ids, then: Callable[[Along], None], *, from_trash: bool) -> None:
        """Ask the host which trials and steps belong to runs alone.

        Where it cannot be asked, none is known of: what is done next fails for the same reason,
        and says so.
        """
        self.drop()
        if not ids:
            return

        def go_on(along: Along) -> None:
            self.drop()
            then(along)

        self._patience.start()
        self._along.ask(
            f"Look for trials and steps on {self._place.name}",
            partial(self._find, ids, from_trash),
            go_on,
            lambda _error: go_on(Along()),
        )

    def count_size(self, ids: Ids, tell: Callable[[str], None], *, from_trash: bool) -> None:
        """Ask the host how large runs are; one that does not say is told as well."""

        def failed(error: Error) -> None:
            tell(f"Their size is not known: {error}.")

        work = partial(_count_sizes, self._sizes, ids)
        self._size.ask("Count the size of runs", work, tell, failed, tell)

    def stop_counting(self) -> None:
        """Nobody wants to know the size any more."""
        self._size.drop()

    def drop(self) -> None:
        """Nobody waits for what belongs to runs any more."""
        self._along.drop()
        if self._patience.isActive():
            self._patience.stop()
        elif self._bar.sentence == self._waiting_text():
            self._bar.dismiss()

    # Inside

    def _waiting_text(self) -> str:
        return f"Looking for trials and steps on {self._place.name}…"

    def _find(self, ids: Ids, from_trash: bool, context: JobContext) -> Along:
        found = self._place.find_related(ids, context, in_trash=from_trash)
        slots = map(self._columns.slot_of, found.parents)
        batches = {bool(self._columns.value("is_batch", s)) for s in slots if s is not None}
        own = found.related.own
        return Along(own, words_along(len(own), batches))

    @Slot()
    def _on_slow(self) -> None:
        self._bar.say(BarText(self._waiting_text(), [("Stop", self.drop)], is_lasting=True))


def _count_sizes(sizes: Sizes, ids: Sequence[str], context: JobContext) -> str:
    """How large runs are together, told while it is being found out."""
    total = known = 0
    for start in range(0, len(ids), _SIZES_AT_ONCE):
        some = sizes(ids[start : start + _SIZES_AT_ONCE], context.check)
        total, known = total + sum(some.values()), known + len(some)
        done = min(len(ids), start + _SIZES_AT_ONCE)
        context.publish(f"{format_bytes(total)} in {done:,} of {plural(len(ids), 'run')}…")
    if known < len(ids):
        return f"{format_bytes(total)} in {known:,} of {plural(len(ids), 'run')}"
    return f"{format_bytes(total)} on the host"
