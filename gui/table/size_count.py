"""How large some runs are together, told while it is being counted.

Why what the index knows is not enough: a size that it has is some seconds old, or older where a
file grew deep inside of a run, and who erases runs asks what is lost now.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject

from core.index.columns import RunColumns
from core.jobs import JobContext
from core.runs.disk_size import disk_size
from core.text import format_bytes, plural
from gui.job_bridge import JobBridge, Latest
from gui.table.run_list import RunList

LANE = "sizes"
TELL_SECONDS = 0.1
MOST_AGAIN = 5_000
"""So many runs are measured again at most whose size is known: more would keep the disk busy."""


class SizeCount(QObject):
    """Measures for one question at a time, anew, whatever the index knows.

    Args:
        runs: Where the runs are.
        bridge: Runs the job.
        parent: Owner; its end ends the counting.
    """

    def __init__(self, runs: RunList, bridge: JobBridge, parent: QObject) -> None:
        super().__init__(parent)
        self._runs = runs
        self._question = Latest(bridge, LANE, self)

    def count(self, slots: Sequence[int], on_text: Callable[[str], None]) -> None:
        """Tell the size of these runs as a text, as far as it is measured, until it is whole."""
        columns, runs = self._runs.columns, self._runs

        def work(context: JobContext) -> str:
            return _count(runs, columns, slots, context)

        self._question.ask("Count the size of runs", work, on_text, on_item=on_text)

    def stop(self) -> None:
        """Count no more."""
        self._question.drop()


def _count(runs: RunList, columns: RunColumns, slots: Sequence[int], context: JobContext) -> str:
    total, again, told = 0, 0, time.monotonic()
    for done, slot in enumerate(slots):
        size = columns.value("size", slot)
        if size is not None and again == MOST_AGAIN:
            total += size
        else:
            again += size is not None
            total += disk_size(runs.ref(slot).path, context.check).bytes
        if time.monotonic() - told >= TELL_SECONDS:
            context.check()
            context.publish(
                f"{format_bytes(total)} in {done + 1:,} of {plural(len(slots), 'run')}…"
            )
            told = time.monotonic()
    about = "about " if again == MOST_AGAIN < len(slots) else ""
    return f"{about}{format_bytes(total)} on disk"
