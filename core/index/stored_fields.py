"""The fields of all runs by name, one list each, taken from the cache when they are asked for.

Why not all at once: a command that lists twenty runs looks at ten of thirty fields, and making
Python's objects of the others took a third of its time. A window takes all of them at once, so
that threads only ever meet lists that are there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

from core.index.row import FIELDS

NAMES = (*FIELDS, "deleted")

_LOOK = ("id", "deleted", "signature", "status", "pid", "is_batch", "attr_names")
_LIST = ("started", "initialized", "operation", "project", "marked", "remote", "label")
# What is asked for together: by a look at every run, by a list, and to tell whose numbers are what.
_TOGETHER = {
    **dict.fromkeys(_LOOK, _LOOK),
    **dict.fromkeys(_LIST, _LIST),
    "summaries": ("scalar_keys", "summaries"),
}

Take = Callable[[Sequence[str]], dict[str, list[Any]]]
"""Gives fields by name, every list in the same order of runs."""


class StoredFields(dict[str, list[Any]]):
    """Field name to the values by slot."""

    def __init__(self) -> None:
        super().__init__({name: [] for name in NAMES})
        self._take: Take | None = None

    def defer(self, take: Take) -> None:
        """Forget all; from now on what is missing is taken when it is asked for."""
        self.clear()
        self._take = take

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left to be taken."""
        return self._take is None

    def complete(self) -> None:
        """Take what is missing, in one go."""
        if self._take is not None:
            missing = (_TOGETHER.get(name, (name,)) for name in NAMES if name not in self)
            wanted = list(dict.fromkeys(chain.from_iterable(missing)))
            if wanted:
                self.update(self._take(wanted))
            self._take = None

    def __missing__(self, name: str) -> list[Any]:
        if self._take is None or name not in NAMES:
            raise KeyError(name)
        self.update(self._take(_TOGETHER.get(name, (name,))))
        return self[name]
