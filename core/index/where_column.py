"""Where each run is besides here, by slot, in words; whoever knows the other places says it."""

from __future__ import annotations

import threading


class WhereColumn:
    """A text a run; None while nothing is known."""

    def __init__(self) -> None:
        self._texts: list[str | None] = []
        self._lock = threading.Lock()

    def value(self, _name: str, slot: int) -> str | None:
        """Where one run is; there is one column of it, without a name."""
        return self._texts[slot] if slot < len(self._texts) else None

    def column(self, length: int) -> list[str | None]:
        """All of them, at least `length`. Shared: do not change it."""
        self._fill(length)
        return self._texts

    def put(self, slot: int, text: str | None) -> bool:
        """Note where a run is; returns whether it is news."""
        self._fill(slot + 1)
        is_news = self._texts[slot] != text
        self._texts[slot] = text
        return is_news

    @property
    def is_known(self) -> bool:
        """Whether anything is known of any run."""
        return any(text is not None for text in self._texts)

    def _fill(self, length: int) -> None:
        with self._lock:  # a filter may ask for the column while it is filled
            missing = length - len(self._texts)
            if missing > 0:
                self._texts += [None] * missing
