"""What changes would make of the labels of runs on a remote, from what was listed of them.

Why no host is asked: a preview is worked out again at every letter typed. The change itself reads
there what is there by then.
"""

from __future__ import annotations

from typing import Any

from core.errors import RunNotFound
from core.index.columns import RunColumns
from core.runs.run_attrs import Change, RunAttrs


class FarPreviews:
    """Works out labels (see gui.models.label_preview_model.Previews).

    Args:
        columns: What was listed.
    """

    def __init__(self, columns: RunColumns) -> None:
        self._columns = columns

    def begin(self) -> None:
        """Nothing: what was listed is always looked at anew."""

    def of(self, run_id: str, change: Change) -> tuple[str, str]:
        """The label of a run as it was listed, and what a change would make of it.

        Raises:
            core.errors.Error: The change would refuse, or the run is not listed any more.
        """
        slot = self._columns.slot_of(run_id)
        if slot is None:
            raise RunNotFound("it is not there any more")
        before = self._columns.value("label", slot) or ""
        attrs = _ListedAttrs(run_id, {"label": before or None, "flags": self._columns.flags(slot)})
        after = change.values(attrs).get("label", before)
        return before, "" if after is None else str(after)


class _ListedAttrs(RunAttrs):
    """The attributes that a label is made of, as they were listed."""

    def __init__(self, run_id: str, values: dict[str, Any]) -> None:
        super().__init__(run_id, lambda _name: None)
        self._values = values

    def value(self, name: str) -> Any:
        return self._values.get(name)
