"""Columns of a store on disk, read as the index reads it but without a cache."""

from __future__ import annotations

from pathlib import Path

from core.errors import RunDamaged
from core.index.columns import RunColumns
from core.runs.attrs import read_attr
from core.runs.store import Store


def columns_of(home: Path) -> RunColumns:
    """Every run of a home, deleted ones too."""
    stores = {False: Store(home / "runs"), True: Store(home / "trash" / "runs")}

    def read(run_id: str, deleted: bool, name: str):
        try:
            return read_attr(stores[deleted].run_dir(run_id), name)
        except RunDamaged:
            return None

    columns = RunColumns(read_attr=read)
    for deleted, store in stores.items():
        for run_id in store.ids():
            columns.put(store.read(run_id), deleted=deleted)
    return columns
