"""What can be taken back and done again: two stacks of commands, one pair a home.

Why not a QUndoStack: it wants a command to do its work the moment it is pushed and to be the same
one for undo and redo. Here a step is kept after its job has ended, its redo is made of what the
undo really did, and a step that was taken back half-way leaves its other half to be taken back.
"""

from __future__ import annotations

from msgspec import Struct

from gui.changing.commands import Command

MOST_STEPS = 100
MOST_RUNS = 300_000
"""Runs in all steps together: each keeps a few hundred bytes."""


class Step(Struct, frozen=True):
    """One change that can be taken back, or done again.

    Attributes:
        title: What the user asked for: "Mark 3 runs".
        command: Takes it back, or does it again.
    """

    title: str
    command: Command


class History:
    """The steps of one home, the newest last."""

    def __init__(self) -> None:
        self._undo: list[Step] = []
        self._redo: list[Step] = []

    @property
    def undo_step(self) -> Step | None:
        """What would be taken back next."""
        return self._undo[-1] if self._undo else None

    @property
    def redo_step(self) -> Step | None:
        """What would be done again next."""
        return self._redo[-1] if self._redo else None

    def add(self, step: Step) -> None:
        """Something new was done; what was taken back before cannot be done again."""
        self._redo.clear()
        self._push(self._undo, step)

    def take_undo(self) -> Step | None:
        """The step to take back; it is the caller's until `keep_undo` or `keep_redo`."""
        return self._undo.pop() if self._undo else None

    def take_redo(self) -> Step | None:
        """The step to do again; it is the caller's likewise."""
        return self._redo.pop() if self._redo else None

    def keep_undo(self, step: Step) -> None:
        """This can be taken back (again)."""
        self._push(self._undo, step)

    def keep_redo(self, step: Step) -> None:
        """This can be done again."""
        self._push(self._redo, step)

    def clear(self) -> None:
        """Forget everything."""
        self._undo.clear()
        self._redo.clear()

    def _push(self, steps: list[Step], step: Step) -> None:
        steps.append(step)
        del steps[:-MOST_STEPS]
        counts = [len(step.command.ids) for step in steps]
        while len(steps) > 1 and sum(counts) > MOST_RUNS:
            del steps[0], counts[0]
