"""Which batch or pipeline each trial or step belongs to, by the links of the former."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.index.row import decode_links


class Parents:
    """What links to a run; made of all runs when it is first asked for.

    Args:
        fields: The stored fields, of which "id", "is_batch" and "links" are read.
    """

    def __init__(self, fields: Mapping[str, list[Any]]) -> None:
        self._fields = fields
        self._known: dict[str, tuple[str, bool]] | None = {}

    def clear(self) -> None:
        """All runs are others."""
        self._known = None

    def note(self, slot: int) -> None:
        """A run that links to others is new, or links to others than before."""
        self._note(slot, self.make())

    def of(self, run_id: str) -> tuple[str, bool] | None:
        """What links to a run, and whether that is a batch."""
        return self.make().get(run_id)

    def make(self) -> dict[str, tuple[str, bool]]:
        """Go through the links of all runs, where that was not done."""
        if self._known is None:
            self._known = {}
            for slot, links in enumerate(self._fields["links"]):
                if links is not None:
                    self._note(slot, self._known)
        return self._known

    def _note(self, slot: int, known: dict[str, tuple[str, bool]]) -> None:
        run_id, is_batch = self._fields["id"][slot], bool(self._fields["is_batch"][slot])
        for _, child in decode_links(self._fields["links"][slot]):
            known[child] = (run_id, is_batch)
