"""The place of a row: what Qt hands to a model, to a view and to what draws a row."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex

AnyIndex = QModelIndex | QPersistentModelIndex

NOWHERE = QModelIndex()
"""The place of no row; as a parent, what all rows at the top are in."""
