"""`rundesk compare --plot`: the scalars that are compared, as curves in a file.

One panel a scalar that stands in the table, however many of its values do. Groups share a colour.
"""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from cli.listing import store_of
from cli.screen import note
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
    """The scalars of a table, each run in a colour of its own."""
    return PlotWish(_keys(runs, table), tuple((run_id, "") for run_id in table.ids))


def plot_of_groups(runs: RunColumns, grouped: GroupedTable) -> PlotWish:
    """The scalars of a table, each group in a colour of its own."""
    headers = [key.header for key in grouped.keys]
    found = []
    for group in grouped.groups:
        parts = map(_part, headers, group.values)
        name = " ".join(parts) or "all runs"
        found += [(run_id, name) for run_id in grouped.ids(group)]
    return PlotWish(_keys(runs, grouped.table), tuple(found))


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


def _part(header: str, value: object) -> str:
    return f"no {header}" if value is None else f"{header}={cell_text(value)}"


def _keys(runs: RunColumns, table: CompareTable) -> tuple[str, ...]:
    """Keys of the scalars whose values stand in a table, in the order of its columns."""
    cells = ScalarCells(runs, table.slots)
    specs = (source.spec for column in table.columns for source in column.sources)
    names = dict.fromkeys(spec.name for spec in specs if spec.kind == "scalar" and not spec.step)
    return tuple(dict.fromkeys(key for name in names for key in cells.keys_of(name)))
