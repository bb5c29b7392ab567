"""Attributes that the index does not keep: read from disk when a column of them is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

AttrReader = Callable[[str, bool, str], Any]
"""Reads one attribute of a run by (run id, deleted, name); None where it has none."""

_UNREAD: Any = object()


class AttrColumns:
    """Attributes by name and slot; None where a run has no such attribute.

    Args:
        fields: The stored fields, of which "id", "deleted" and "attr_names" are read.
        read: Reads one attribute.
    """

    def __init__(self, fields: Mapping[str, list[Any]], read: AttrReader) -> None:
        self._fields = fields
        self._read = read
        self._columns: dict[str, list[Any]] = {}

    def value(self, name: str, slot: int) -> Any:
        """One value; None when it was not read yet."""
        column = self._columns.get(name, ())
        value = column[slot] if slot < len(column) else None
        return None if value is _UNREAD else value

    def column(self, name: str, slots: Iterable[int] | None = None) -> list[Any]:
        """The attribute by slot: reads what was not read yet. Shared: do not change it.

        Args:
            name: The attribute.
            slots: The runs that matter; None for all.
        """
        column = self._columns.setdefault(name, [])
        column.extend([_UNREAD] * (len(self._fields["id"]) - len(column)))
        for slot in range(len(column)) if slots is None else slots:
            if column[slot] is _UNREAD:
                column[slot] = self._read_one(name, slot)
        return column

    def forget(self, slot: int) -> None:
        """The run changed: read its attributes again when they are asked for."""
        for column in list(self._columns.values()):
            if slot < len(column):
                column[slot] = _UNREAD

    def _read_one(self, name: str, slot: int) -> Any:
        names, deleted = self._fields["attr_names"][slot], self._fields["deleted"][slot]
        if deleted is None or not names or name not in names.split("\n"):
            return None
        return self._read(self._fields["id"][slot], deleted, name)
