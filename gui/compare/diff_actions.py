"""The actions on what differs between two runs."""

from __future__ import annotations

from gui.action_spec import ActionSpec, Area

DIFFERENCES = Area(
    "diff",
    "Differences of two runs",
    (
        ActionSpec(
            "diff.next",
            "&Next Difference",
            "Go to the next difference of two runs, in the next file if need be",
            "Alt+PgDown",
            "down",
        ),
        ActionSpec(
            "diff.previous",
            "Pre&vious Difference",
            "Go to the difference before, in the file before if need be",
            "Alt+PgUp",
            "up",
        ),
        ActionSpec(
            "diff.swap",
            "S&wap Sides",
            "Have the left run on the right, and the right one on the left",
            icon="swap",
        ),
        ActionSpec(
            "diff.open-program",
            "Open in Guild's Diff &Program",
            "Start the program that diff.command in Guild's configuration names",
            icon="command",
        ),
    ),
)
