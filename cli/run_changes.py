"""What commands that change attributes share: the question before, the outcome after."""

from __future__ import annotations

from collections.abc import Sequence

from cli.endings import end
from cli.listing import store_of
from cli.questions import MOST_NAMES, require_yes, run_name, until_interrupted
from cli.screen import note, printable
from core.errors import Error
from core.home import Home
from core.runs.change import Change, Outcome, apply, preview
from core.text import plural

NO_LABEL = "(no label)"


def ask_first(
    home: Home, ids: Sequence[str], lead: str, *, label: Change | None = None, default: bool = True
) -> None:
    """Say what is about to be done to which runs, and ask.

    Ends the command with the code for "declined" unless the user says yes.

    Args:
        home: The home.
        ids: The runs.
        lead: What is to be done: "You are about to mark".
        label: A change of labels, whose results are shown.
        default: What an empty answer means.
    """
    store = store_of(home, deleted=False)
    note(f"{lead} {plural(len(ids), 'run')}:")
    for run_id in ids[:MOST_NAMES]:
        note(f"  {preview_line(home, run_id, label) if label else run_name(store, run_id)}")
    if len(ids) > MOST_NAMES:
        note(f"  and {len(ids) - MOST_NAMES:,} more")
    require_yes("Continue?", default=default)


def preview_line(home: Home, run_id: str, change: Change) -> str:
    """What a change makes of a label, on one line."""
    try:
        before, after = preview(store_of(home, deleted=False), run_id, change)
    except Error as e:
        return printable(f"{run_id[:8]}  {e}")
    return printable(f"{run_id[:8]}  {before or NO_LABEL} → {after or NO_LABEL}")


def carry_out(home: Home, ids: Sequence[str], change: Change, done_word: str) -> None:
    """Change runs and tell what came of it.

    Args:
        home: The home.
        ids: The runs.
        change: What becomes of each.
        done_word: How it is called afterwards: "Labelled".

    Raises:
        Cancelled: The user interrupted it.
    """
    with until_interrupted() as advance:
        outcome = apply(store_of(home, deleted=False), ids, change, advance=advance)
    tell_changes(outcome, done_word)


def tell_changes(outcome: Outcome, done_word: str) -> None:
    """Say what came of a change.

    Raises:
        Cancelled: The user interrupted it.
        click.exceptions.Exit: Runs were refused.
    """
    count, same = len(outcome.changed), len(outcome.unchanged)
    rest = f" {plural(same, 'run')} needed no change." if same else ""
    if count or not outcome.refused:
        note(f"{done_word} {plural(count, 'run')}.{rest}")
    end(outcome.refused, cancelled=outcome.cancelled)
