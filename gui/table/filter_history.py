"""Texts that were entered into the filter box, to be called back with the up key."""

from __future__ import annotations

from collections.abc import Iterable

MOST = 50


class FilterHistory:
    """The newest first, each once; and a place in them while the user steps through.

    The text that was being typed when stepping began is kept as the step before the newest.
    """

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._texts: list[str] = []
        self._place = -1
        self._typed = ""
        self.restore(texts)

    @property
    def texts(self) -> tuple[str, ...]:
        """What was entered, the newest first."""
        return tuple(self._texts)

    def restore(self, texts: Iterable[str]) -> None:
        """Replace all texts, e.g. by those of the last time."""
        self._texts = list(dict.fromkeys(text for text in texts if text.strip()))[:MOST]
        self.leave()

    def add(self, text: str) -> None:
        """Make a text the newest."""
        self.restore([text.strip(), *self._texts])

    def leave(self) -> None:
        """The user typed: the next step back begins at the newest again."""
        self._place = -1

    def older(self, present: str) -> str | None:
        """One step back from the text in the box; None at the oldest."""
        if self._place < 0:
            self._typed = present
        place = self._place + 1
        if place < len(self._texts) and self._texts[place] == present:
            place += 1
        if place >= len(self._texts):
            return None
        self._place = place
        return self._texts[place]

    def newer(self) -> str | None:
        """One step forward; at its end the text that was being typed, then None."""
        if self._place < 0:
            return None
        self._place -= 1
        return self._typed if self._place < 0 else self._texts[self._place]
