"""How fast a job is, and how long it will still take."""

from __future__ import annotations

from collections import deque

SPAN_SECONDS = 5.0
"""What a speed is measured over: shorter jumps about, longer lags behind."""

SHORTEST_SECONDS = 0.8


class Speed:
    """Measures from what is done at several moments."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def note(self, now: float, done: int) -> None:
        """So much is done by now (a monotonic clock's seconds)."""
        self._seen.append((now, done))
        while len(self._seen) > 2 and now - self._seen[1][0] > SPAN_SECONDS:
            self._seen.popleft()

    def forget(self) -> None:
        """Measure anew: what was done before a pause says nothing."""
        self._seen.clear()

    def per_second(self) -> float | None:
        """The amount a second; None while that cannot be said."""
        if not self._seen:
            return None
        (began, before), (now, done) = self._seen[0], self._seen[-1]
        if now - began < SHORTEST_SECONDS or done <= before:
            return None
        return (done - before) / (now - began)

    def seconds_left(self, total: int | None) -> float | None:
        """How long the rest takes at this speed; None while that cannot be said."""
        speed = self.per_second()
        if speed is None or total is None:
            return None
        return max(0, total - self._seen[-1][1]) / speed
