"""What the attributes that people write make of the row of a run.

Why not read the run: it has twenty other attributes, which a change of its label leaves alone, and
reading 10,000 runs takes seconds. What is told here is what reading the run would tell of the same
bytes; a property test holds both together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import RunDamaged
from core.index.reading import MOST_BYTES
from core.index.row import Row
from core.runs.attrs import load_yaml
from core.runs.run import Run
from core.runs.run_reading import comments_of, tags_of, text_of

if TYPE_CHECKING:
    from core.index.columns import RunColumns

_READERS: dict[str, Callable[[Any], Any]] = {
    "label": text_of,
    "tags": tags_of,
    "marked": bool,
    "comments": comments_of,
}


def written_fields(
    columns: RunColumns, slot: int, written: Mapping[str, bytes | None]
) -> dict[str, Any] | None:
    """Fields of `core.index.row` that are others now.

    Args:
        columns: What is known of all runs.
        slot: The run.
        written: What its attributes hold now; None where one was removed.

    Returns:
        None where the run must be read: other attributes were written, or one cannot be
        understood, or could not before.
    """
    if not written.keys() <= _READERS.keys() or columns.stored("problem")[slot] is not None:
        return None
    try:
        values = {name: _READERS[name](_value(data)) for name, data in written.items()}
    except RunDamaged:
        return None
    row = Row.of(Run(columns.stored("id")[slot], Path(), **values))
    fields = {name: getattr(row, name) for name in written}
    known = columns.stored("attr_names")[slot]
    names = set(known.split("\n")) if known else set()
    there = {name for name, data in written.items() if data is not None}
    return fields | {"attr_names": "\n".join(sorted((names - written.keys()) | there)) or None}


def _value(data: bytes | None) -> Any:
    if data is None:
        return None
    if len(data) > MOST_BYTES:
        raise RunDamaged("is larger than what the index keeps")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as e:
        raise RunDamaged("holds bytes that are not text") from e
    if not text.strip():
        raise RunDamaged("is empty, as if it were just being written")
    return load_yaml(text)
