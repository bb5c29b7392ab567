"""The commands of the page that compares runs, as data like those in `gui.actions`."""

from __future__ import annotations

from gui.action_spec import ActionSpec, Area

COMPARING = Area(
    "compare",
    "Comparing runs",
    (
        ActionSpec(
            "compare.open",
            "Compare R&uns",
            "Compare the selected runs, or all that the filter shows",
            "Alt+2",
            "compare",
            short="Compare",
        ),
        ActionSpec(
            "compare.pin",
            "Pin as &Baseline",
            "Measure the other runs against this one, or against none when it is pinned",
            "Ctrl+B",
            "pin",
            short="Pin",
        ),
        ActionSpec(
            "compare.only-different",
            "Only &Differences",
            "Leave out columns that are the same for all compared runs",
            "Ctrl+Shift+D",
            "filter",
            checkable=True,
        ),
        ActionSpec(
            "compare.turn",
            "Runs as C&olumns",
            "Put the compared runs beside each other, while they are few",
            "Ctrl+Alt+O",
            "turn",
            checkable=True,
        ),
        ActionSpec(
            "compare.group",
            "&Group Runs…",
            "Put compared runs together that have flags or attributes in common",
            "Ctrl+G",
            "batch",
        ),
        ActionSpec(
            "compare.export",
            "&Export Comparison…",
            "Copy or save the comparison as CSV, TSV, Markdown, LaTeX or JSON",
            "Ctrl+Shift+E",
            "export",
            short="Export",
        ),
        ActionSpec(
            "compare.tensorboard",
            "Open in &TensorBoard",
            "Show the selected runs, or all that are shown, in TensorBoard if installed",
            "Ctrl+Alt+B",
            "plots",
        ),
        ActionSpec(
            "compare.views",
            "&Choose View…",
            "Open a named view of the comparison, or one that somebody sent",
            "Ctrl+Alt+V",
            "list",
        ),
        ActionSpec(
            "compare.save-view",
            "&Save View…",
            "Give columns, order and groups of the comparison a name",
            "Ctrl+Shift+S",
            "save",
        ),
    ),
)
