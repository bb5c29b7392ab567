"""Questions before something is done, and what Ctrl+C does while it is done.

Why stdin decides and not stdout: an answer is read from there. Where no person can answer,
a question counts as declined; scripts say `-y`.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

import click

from cli.screen import note, printable
from core.errors import Cancelled, RunNotFound
from core.runs.disk_size import disk_size
from core.runs.store import Store
from core.text import format_bytes, plural

DECLINED = 4
MOST_NAMES = 5
_LONGEST_NAME = 72

yes_option = click.option("-y", "--yes", is_flag=True, help="Do not ask.")


def describe_runs(store: Store, ids: Sequence[str], lead: str) -> None:
    """Say what a question is about: how many runs, how large they are, the first of them.

    Args:
        store: Where the runs are.
        ids: The runs.
        lead: What is about to be done, e.g. "You are about to delete".
    """
    size = sum(disk_size(store.run_dir(run_id)).bytes for run_id in ids)
    note(f"{lead} {plural(len(ids), 'run')} ({format_bytes(size)}):")
    for run_id in ids[:MOST_NAMES]:
        note(f"  {run_name(store, run_id)}")
    if len(ids) > MOST_NAMES:
        note(f"  and {len(ids) - MOST_NAMES:,} more")


def is_confirmed(question: str, *, default: bool) -> bool:
    """Whether the user says yes.

    Args:
        question: Ends with a question mark.
        default: What an empty answer means.
    """
    if not can_ask():
        note(f"{question} Nobody can answer here, so this is declined; -y says yes.")
        return False
    answers = {"": default, "y": True, "yes": True, "n": False, "no": False}
    while True:
        sys.stderr.write(f"{printable(question)} ({'Y/n' if default else 'y/N'}) ")
        sys.stderr.flush()
        line = sys.stdin.readline()
        if not line:
            note("")
            return False
        answer = answers.get(line.strip().lower())
        if answer is not None:
            return answer


def require_yes(question: str, *, default: bool) -> None:
    """End the command with the code for "declined" unless the user says yes."""
    if not is_confirmed(question, default=default):
        raise click.exceptions.Exit(DECLINED)


def can_ask() -> bool:
    """Whether a person can answer."""
    return sys.stdin is not None and sys.stdin.isatty()


@contextmanager
def until_interrupted() -> Iterator[Callable[[int], None]]:
    """A callback for changes that raises Cancelled after Ctrl+C.

    So a change ends between two runs, and what was done is told. Ctrl+C a second time ends the
    program.
    """
    asked: list[int] = []

    def remember(number: int, _frame: FrameType | None) -> None:
        if asked:
            raise KeyboardInterrupt
        asked.append(number)

    def advance(_amount: int = 0) -> None:
        if asked:
            raise Cancelled

    before = signal.signal(signal.SIGINT, remember)
    try:
        yield advance
    finally:
        signal.signal(signal.SIGINT, before)


def run_name(store: Store, run_id: str) -> str:
    """A run by its short id, operation and label, on one line."""
    try:
        run = store.read(run_id, scalars=None)
    except RunNotFound:
        return run_id[:8]
    words = printable("  ".join(filter(None, (run.short_id, run.operation, run.label))))
    return words if len(words) <= _LONGEST_NAME else f"{words[: _LONGEST_NAME - 1]}…"
