"""The commands about jobs."""

from __future__ import annotations

from gui.action_spec import ActionSpec, Area

JOB_AREA = Area(
    "job",
    "Jobs",
    (
        ActionSpec(
            "job.answer",
            "&Answer",
            "Open what the selected job asks, or let it try again now",
            "Ctrl+Alt+Q",
            "state-asking",
        ),
        ActionSpec(
            "job.pause",
            "&Pause Job",
            "Let the selected jobs wait, or go on when they wait",
            "Ctrl+Alt+P",
            "pause",
        ),
        ActionSpec(
            "job.next",
            "Do &Next",
            "Do the selected jobs before all others that wait for the same place",
            "Ctrl+Alt+N",
            "up",
        ),
        ActionSpec(
            "job.earlier",
            "Do &Earlier",
            "Do the selected jobs before the one that waits above them (Alt+Up in the jobs)",
        ),
        ActionSpec(
            "job.later",
            "Do Late&r",
            "Do the selected jobs after the one that waits below them (Alt+Down in the jobs)",
        ),
        ActionSpec(
            "job.limit",
            "&Limit Bandwidth…",
            "Choose how much pushes and pulls may send a second",
            icon="limit",
        ),
        ActionSpec(
            "job.verify",
            "Always &Verify Transfers",
            "Compare checksums of what pushes and pulls copied, computed on each side",
            checkable=True,
        ),
        ActionSpec(
            "job.cancel",
            "&Cancel Job",
            "Stop the selected jobs; what they have finished stays",
            "Ctrl+Alt+X",
            "close",
        ),
        ActionSpec(
            "job.retry",
            "&Try Again",
            "Do once more what failed or was cancelled",
            "Ctrl+Alt+R",
            "refresh",
        ),
        ActionSpec(
            "job.show",
            "&Show Result",
            "Show what came of the selected job",
            icon="reveal",
        ),
        ActionSpec(
            "job.clear",
            "Clear &Finished Jobs",
            "Take all jobs off the list that have ended",
            icon="clear-list",
        ),
    ),
)
