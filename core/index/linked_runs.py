"""Batches and pipelines as the index knows them, for `core.runs.related`."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from core.index.columns import RunColumns
from core.index.row import decode_links


class LinkedRun(Struct, frozen=True):
    """A run and what it links to.

    Attributes:
        id: The run.
        links: Name and run id of each trial or step.
    """

    id: str
    links: tuple[tuple[str, str], ...]


def linked_runs(columns: RunColumns, *, deleted: bool = False) -> Iterator[LinkedRun]:
    """All runs of a home, or of its trash."""
    ids, links = columns.stored("id"), columns.stored("links")
    for slot in columns.slots(deleted):
        text = links[slot]
        yield LinkedRun(ids[slot], decode_links(text) if text else ())
