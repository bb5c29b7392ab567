"""How a question names a run."""

from __future__ import annotations

from core.index.columns import RunColumns


def run_name(columns: RunColumns, slot: int) -> str:
    """A run as people know it: "7f3c21ab · train · best so far"."""
    keys = ("short_id", "operation", "label")
    return " · ".join(str(value) for key in keys if (value := columns.value(key, slot)))
