"""How a command ends that did something to runs: what was left as it was, and the exit code."""

from __future__ import annotations

from collections.abc import Sequence

import click

from cli.screen import PROGRAM, note
from core.errors import Cancelled
from core.runs.refusal import Refusal

MOST_REFUSALS = 20
MOST_REMARKS = 20


def end(
    refused: Sequence[Refusal],
    *,
    cancelled: bool,
    left: str = "the other runs are as they were",
    remote: str = "",
) -> None:
    """Say what was not done, and end the command with the code for that; do nothing if all was.

    Args:
        refused: Runs that stayed as they were, and why.
        cancelled: The user interrupted it.
        left: What is to be said of the rest then, as a clause.
        remote: Where the runs are; empty for this computer.

    Raises:
        Cancelled: The user interrupted it.
        click.exceptions.Exit: Runs were refused.
    """
    tell_refusals(refused, remote)
    if cancelled:
        note(f"{PROGRAM}: Interrupted; {left}.")
        raise Cancelled
    if refused:
        raise click.exceptions.Exit(1)


def tell_refusals(refused: Sequence[Refusal], remote: str = "") -> None:
    """Say why runs were left as they are, a line each."""
    for each in refused[:MOST_REFUSALS]:
        note(f"{PROGRAM}: {each.reason}")
    if len(refused) > MOST_REFUSALS:
        note(f"{PROGRAM}: {len(refused) - MOST_REFUSALS:,} more runs were refused.")
    if any(each.kind == "running" for each in refused):
        where = f"-r {remote} " if remote else ""
        note(f"Stop a running run first: {PROGRAM} stop {where}RUN.")


def tell_remarks(remarks: Sequence[str]) -> None:
    """Say what else is to be known, a line each."""
    for remark in remarks[:MOST_REMARKS]:
        note(remark)
    if len(remarks) > MOST_REMARKS:
        note(f"{len(remarks) - MOST_REMARKS:,} more remarks of that kind.")
