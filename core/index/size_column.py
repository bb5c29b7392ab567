"""How large each run is, by slot; `core.index.sizes` finds it out."""

from __future__ import annotations

import threading


class SizeColumn:
    """The size of each run by slot; None where it is not known yet."""

    def __init__(self) -> None:
        self._sizes: list[int | None] = []
        self._lock = threading.Lock()

    def value(self, _name: str, slot: int) -> int | None:
        """Bytes of one run; there is one kind of size, without a name."""
        return self._sizes[slot] if slot < len(self._sizes) else None

    def column(self, length: int) -> list[int | None]:
        """All of them, at least `length`. Shared: do not change it."""
        self._fill(length)
        return self._sizes

    def put(self, slot: int, size: int | None) -> bool:
        """Note the size of a run; returns whether it is news."""
        self._fill(slot + 1)
        is_news = self._sizes[slot] != size
        self._sizes[slot] = size
        return is_news

    def _fill(self, length: int) -> None:
        with self._lock:  # a filter may ask for the column while it is filled
            missing = length - len(self._sizes)
            if missing > 0:
                self._sizes += [None] * missing
