"""The columns that the runs of a home offer, for the chooser."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from core.index.columns import RunColumns
from core.text import natural_key
from gui.table.columns import AGGREGATES, FIELDS, describe

FIELDS_HEADING = "Fields"
FLAGS_HEADING = "Flags"
CURVES_HEADING = "Curves of scalars"
ATTRIBUTES_HEADING = "Attributes"
SCALAR_HEADINGS = {
    "last": "Scalars, last value",
    "min": "Scalars, minimum",
    "max": "Scalars, maximum",
    "first": "Scalars, first value",
    "avg": "Scalars, average",
    "last_step": "Scalars, last step",
    "min_step": "Scalars, step of the minimum",
    "max_step": "Scalars, step of the maximum",
    "first_step": "Scalars, first step",
    "total": "Scalars, sum",
    "count": "Scalars, number of values",
}


class ColumnOffer(Struct, frozen=True):
    """One column that can be chosen.

    Attributes:
        key: Of the column.
        name: As the list shows it below its heading.
        title: As the table's heading shows it.
        heading: Under which the list shows it.
        count: Number of runs that have it; None for fields, which all runs have.
    """

    key: str
    name: str
    title: str
    heading: str
    count: int | None = None


def column_offers(columns: RunColumns) -> list[ColumnOffer]:
    """Everything that can be a column, heading by heading; for a worker's thread."""
    scalars = _by_name(columns.scalar_keys())
    offers = [ColumnOffer(key, FIELDS[key][0], FIELDS[key][0], FIELDS_HEADING) for key in FIELDS]
    offers += _offers("flag:", _by_name(columns.flag_names()), FLAGS_HEADING)
    offers += _offers("scalar:last:", scalars, SCALAR_HEADINGS["last"])
    offers += _offers("spark:", scalars, CURVES_HEADING)
    for aggregate in list(SCALAR_HEADINGS)[1:]:
        offers += _offers(f"scalar:{aggregate}:", scalars, SCALAR_HEADINGS[aggregate])
    return offers + _offers("attr:", _by_name(columns.attr_names()), ATTRIBUTES_HEADING)


def _by_name(counts: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: natural_key(item[0]))


def _offers(prefix: str, names: Iterable[tuple[str, int]], heading: str) -> list[ColumnOffer]:
    pattern = AGGREGATES.get(prefix.rstrip(":").partition(":")[2], "{}")
    return [
        ColumnOffer(prefix + name, name, pattern.replace("{}", name), heading, count)
        for name, count in names
    ]


def title_of(key: str) -> str:
    """How a chosen column is called in the list of those chosen: "min loss", "loss (curve)"."""
    column = describe(key)
    suffix = {"sparklines": " (curve)", "attributes": " (attribute)"}.get(column.group, "")
    return column.title + suffix
