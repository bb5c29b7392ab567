"""Asks whether running runs are stopped for what was wanted of them: here and on remotes alike."""

from __future__ import annotations

from collections.abc import Sequence

from core.runs.refusal import RefusalKind
from core.text import plural
from gui.changing.changes import Report
from gui.changing.commands import Command
from gui.dialogs.runs_question import Question

Ids = tuple[str, ...]


def stop_question(
    ids: Sequence[str], names: Sequence[str], *, verb: str = "Stop", on: str = "", more: str = ""
) -> Question:
    """What is asked before runs are stopped that are then waited for.

    Args:
        ids: The runs.
        names: The first of them as people know them.
        verb: What is done, as on a button: "Stop and Delete".
        on: Where they are, behind their number: " on gpu1"; empty for this computer.
        more: What else is to be known.
    """
    return Question(
        "stopQuestion",
        f"{verb.capitalize()} {plural(len(ids), 'run')}{on}?",
        "The processes are asked to end, and are killed when they have not after half a "
        f"minute. A stopped run cannot be continued. {more}".rstrip(),
        names,
        lambda count: f"{verb} {plural(count, 'Run')}",
        len(ids),
    )


def along_words(report: Report) -> str:
    """What a question says of trials that stayed with a running batch; empty where none did."""
    kept = len(refused_as(report, "kept"))
    return f"{plural(kept, 'trial or step goes', 'trials and steps go')} along." if kept else ""


def again_for(report: Report, ids: Ids) -> tuple[Command, bool]:
    """The same for refused runs; and whether for all of them.

    Trials that are kept with their batch go along only when that goes: then all that were refused
    are tried again, so that those whose batch stays once more are kept once more.
    """
    is_whole = bool(refused_as(report, "kept"))
    if is_whole and report.result is not None:
        ids = tuple(refusal.run_id for refusal in report.result.refused)
    return report.command.without(set(report.command.ids) - set(ids)), is_whole


def refused_as(report: Report, kind: RefusalKind) -> Ids:
    """Runs that were refused for such a reason."""
    refused = report.result.refused if report.result else ()
    return tuple(refusal.run_id for refusal in refused if refusal.kind == kind)
