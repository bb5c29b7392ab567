"""Lets Python collect cyclic garbage on the GUI thread only.

Why: Python collects on whichever thread happens to allocate. When that is a worker and the garbage
holds a widget or another QObject that Python owns, Qt's destructors run on the wrong thread and
the process dies (seen: a closed view in a cycle, collected while a worker imported pyqtgraph,
crashed six times of six).

Why the oldest generation is left alone: with a hundred thousand runs in memory one full collection
would stop the window for far longer than a frame. What survives two collections and dies later is
little (a closed dialog); a closed window is much, so `collect_all` is called then.

Why very many young objects are not looked through either: they are the rows of a store that was
just read, and looking through half a million of them stopped the window for 54 ms. They are set
aside until `collect_all`, and so are those of the middle generation when a store arrives in many
small parts: while 100,000 runs were read, looking through that took 41 ms.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

BEGIN_MS = 3_000
"""What a start makes is no garbage, and looking through it takes 10 ms each time."""

INTERVAL_MS = 200
MOST_YOUNG = 20_000
"""Looking through so many objects takes some 2 ms."""
MOST_MIDDLE = 30_000
"""So many with those that survived the collections before, some 3 ms. On a busy machine, whose
caches others fill, 37 ms were seen with twice as many."""


class Collector(QObject):
    """Takes over from Python's automatic collection until `close`. One an application.

    Args:
        parent: Owner.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        gc.freeze()  # what was imported stays, and looking through it takes 30 ms
        self._survivors = 0
        self._timer = QTimer(self)
        self._timer.setInterval(BEGIN_MS)
        self._timer.timeout.connect(self._on_time)
        self._timer.start()

    def collect_young(self) -> None:
        """Collect the younger generations by Python's own thresholds."""
        young, middle, _ = gc.get_count()
        limits = gc.get_threshold()
        if young > MOST_YOUNG or self._survivors + young > MOST_MIDDLE:
            gc.freeze()
            self._survivors = 0
        elif young > limits[0]:
            is_middle_due = middle > limits[1]
            gc.collect(1 if is_middle_due else 0)
            self._survivors = 0 if is_middle_due else self._survivors + young

    def _on_time(self) -> None:
        if self._timer.interval() != INTERVAL_MS:
            self._timer.setInterval(INTERVAL_MS)
        self.collect_young()

    def collect_all(self) -> None:
        """Collect everything, which may take a while."""
        gc.unfreeze()
        gc.collect()

    def close(self) -> None:
        """Leave collection to Python again."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()
