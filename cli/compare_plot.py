"""`rundesk compare --plot`: the scalars that are compared, as curves in a file.

One panel a scalar that stands in the table, however many of its values do. Groups share a colour;
so do, of more runs than there are colours, those with the same value of a flag, as in the window.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from cli.listing import store_of
from cli.screen import note
from core.compare.colouring import MOST, best_key, colour_keys, colour_values
from core.compare.groups import GroupedTable
from core.compare.scalar_cells import ScalarCells
from core.compare.table import CompareTable
from core.compare.table_text import cell_text
from core.home import Home
from core.index.columns import RunColumns
from core.text import plural

MOST_PANELS = 36
"""Beyond that nothing can be seen in any of them."""


class PlotWish(Struct, frozen=True):
    """What is to be drawn.

    Attributes:
        keys: Scalars.
        groups: Id of each run, in order, and what its group has in common; empty for no group.
    """

    keys: tuple[str, ...]
    groups: tuple[tuple[str, str], ...]


def plot_of_runs(runs: RunColumns, table: CompareTable) -> PlotWish:
    """The scalars of a table, each run in a colour of its own, or in that of its value."""
    keys = _keys(runs, table)
    ids, slots = runs.stored("id"), _slots_with(runs, table, keys)
    if len(slots) <= MOST:
        return PlotWish(keys, tuple((ids[slot], "") for slot in slots))
    by = best_key(slots, colour_keys(runs), runs.value) or "operation"
    values = {slot: runs.value(by, slot) for slot in slots}
    numbers = colour_values(by, slots, list(values.values())).numbers
    header = by.removeprefix("flag:")
    in_order = sorted(slots, key=lambda slot: numbers[slot])
    return PlotWish(keys, tuple((ids[slot], _part(header, values[slot])) for slot in in_order))


def plot_of_groups(runs: RunColumns, grouped: GroupedTable) -> PlotWish:
    """The scalars of a table, each group in a colour of its own."""
    keys, ids = _keys(runs, grouped.table), runs.stored("id")
    drawn = {ids[slot] for slot in _slots_with(runs, grouped.table, keys)}
    headers = [key.header for key in grouped.keys]
    found: list[tuple[str, str]] = []
    for group in grouped.groups:
        parts = map(_part, headers, group.values)
        name = " ".join(parts) or "all runs"
        found += [(run_id, name) for run_id in grouped.ids(group) if run_id in drawn]
    return PlotWish(keys, tuple(found))


def draw_plot(wish: PlotWish, path: Path, home: Home) -> None:
    """Draw the curves into a file.

    Raises:
        Error: No run has such scalars, or the file cannot be written or is to be of another kind.
    """
    from gui.plots.plot_file import PlotRun, write_plot

    store = store_of(home, deleted=False)
    keys = wish.keys[:MOST_PANELS]
    runs = [PlotRun(run_id[:8], store.run_dir(run_id), group) for run_id, group in wish.groups]
    write_plot(path, runs, keys=keys)
    if len(keys) < len(wish.keys):
        note(f"{path} shows {len(keys)} of {len(wish.keys)} scalars; -cc names others.")
    note(f"Drew {plural(len(keys), 'scalar')} of {plural(len(runs), 'run')} in {path}.")


def _slots_with(runs: RunColumns, table: CompareTable, keys: Sequence[str]) -> list[int]:
    """The runs of a table that have any of these scalars: the others have no curve."""
    rows = {
        row
        for names, rows in ScalarCells(runs, table.slots).by_keys()
        if not set(keys).isdisjoint(names.names)
        for row in rows
    }
    return [slot for row, slot in enumerate(table.slots) if row in rows]


def _part(header: str, value: object) -> str:
    return f"no {header}" if value is None else f"{header}={cell_text(value)}"


def _keys(runs: RunColumns, table: CompareTable) -> tuple[str, ...]:
    """Keys of the scalars whose values stand in a table, in the order of its columns."""
    cells = ScalarCells(runs, table.slots)
    specs = (source.spec for column in table.columns for source in column.sources)
    names = dict.fromkeys(spec.name for spec in specs if spec.kind == "scalar" and not spec.step)
    return tuple(dict.fromkeys(key for name in names for key in cells.keys_of(name)))
