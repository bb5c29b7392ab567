"""A measured figure beside its target and the peer's, and the table of all of them."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from msgspec import Struct

HEADINGS = ("figure", "size", "Rundesk", "peer", "ratio", "target", "met")


class Figure(Struct, frozen=True):
    """One measured figure; smaller is better.

    Attributes:
        what: What was measured.
        size: Of what, e.g. "10,000 runs".
        ours: The median, in `unit`.
        unit: e.g. "s", "ms", "MB", "%".
        peer: The peer's figure in the same unit; None where it was not run or has none.
        peer_name: What the peer was, e.g. "guild runs --json".
        at_most: Target for `ours`; None without one.
        ratio: Target for peer divided by ours; None without one.
    """

    what: str
    size: str
    ours: float
    unit: str = "s"
    peer: float | None = None
    peer_name: str = ""
    at_most: float | None = None
    ratio: float | None = None

    @property
    def times(self) -> float | None:
        """How many times less than the peer's ours is."""
        return None if self.peer is None or self.ours <= 0 else self.peer / self.ours

    @property
    def met(self) -> bool | None:
        """Whether every target that can be judged is met; None without one."""
        verdicts = []
        if self.at_most is not None:
            verdicts.append(self.ours <= self.at_most)
        if self.ratio is not None and self.times is not None:
            verdicts.append(self.times >= self.ratio)
        return all(verdicts) if verdicts else None

    def cells(self) -> tuple[str, ...]:
        """The figure as a row of text."""
        peer = "–" if self.peer is None else f"{_number(self.peer)} {self.unit} {self.peer_name}"
        times = "–" if self.times is None else f"{_number(self.times)}×"
        targets = []
        if self.at_most is not None:
            targets.append(f"≤ {_number(self.at_most)} {self.unit}")
        if self.ratio is not None:
            targets.append(f"≥ {_number(self.ratio)}×")
        verdict = {True: "yes", False: "NO", None: ""}[self.met]
        ours = f"{_number(self.ours)} {self.unit}"
        return self.what, self.size, ours, peer.strip(), times, ", ".join(targets), verdict


def print_table(figures: Iterable[Figure]) -> None:
    """Print the figures below each other, each as soon as it is known."""
    widths = (50, 16, 12, 34, 9, 20, 4)
    sys.stdout.write(_line(HEADINGS, widths))
    sys.stdout.write("  ".join("─" * width for width in widths) + "\n")
    for figure in figures:
        sys.stdout.write(_line(figure.cells(), widths))
        sys.stdout.flush()


def _line(cells: Iterable[str], widths: tuple[int, ...]) -> str:
    # The columns of numbers end at the same place, the others begin there.
    shown = (
        cell.rjust(width) if place in (2, 4) else cell.ljust(width)
        for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return "  ".join(shown).rstrip() + "\n"


def _number(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
