"""The rows of `rundesk list`, in Guild's columns and fitted to the terminal."""

from __future__ import annotations

import os
from pathlib import PurePath

from cli.label_parts import told_apart
from cli.listing import Listing
from cli.screen import (
    BOLD,
    DIM,
    STATUS_COLOURS,
    aligned,
    coloured,
    fitted,
    printable,
    terminal_width,
    text_width,
    time_text,
)
from core.index.columns import RunColumns

UNREADABLE = "?"
_GAP = "  "
_WIDEST_PROJECT = 22
_NARROWEST_LABEL = 12
_READABLE_LABEL = 40


def row_lines(listing: Listing, *, compact: bool) -> list[str]:
    """One line a run: index and short id, operation, start, status, label.

    Args:
        listing: The runs that are shown, in order.
        compact: Leave out the id and the start.
    """
    columns = listing.columns
    width = terminal_width()
    cells = _leading(listing, compact=compact, with_project=True)
    if width is not None and cells and width - _width_of(cells[0]) < _READABLE_LABEL:
        cells = _leading(listing, compact=compact, with_project=False)
    labels = [printable(columns.value("label", slot) or "") for slot in listing.slots]
    if width is not None and cells:
        room = max(_NARROWEST_LABEL, width - _width_of(cells[0]))
        if any(text_width(label) > room for label in labels):
            operations = [columns.value("operation", slot) or "" for slot in listing.slots]
            labels = told_apart(labels, operations)
    statuses = [columns.value("status", slot) for slot in listing.slots]
    return [_row(*parts, width) for parts in zip(cells, labels, statuses, strict=True)]


def _leading(listing: Listing, *, compact: bool, with_project: bool) -> list[list[str]]:
    """The aligned cells before the label."""
    cells = []
    for place, slot in enumerate(listing.slots, 1):
        short_id = printable(listing.columns.value("short_id", slot))
        index = f"[{place}]" if compact else f"[{place}:{short_id}]"
        started = [] if compact else [time_text(listing.columns.value("started", slot))]
        operation = _operation(listing.columns, slot, with_project=with_project)
        cells.append([index, operation, *started, _status(listing.columns, slot)])
    return aligned(cells)


def _width_of(cells: list[str]) -> int:
    return sum(text_width(cell) + len(_GAP) for cell in cells)


def _operation(columns: RunColumns, slot: int, *, with_project: bool) -> str:
    name = columns.value("operation", slot) or UNREADABLE
    project = project_text(columns.value("project", slot) or "") if with_project else ""
    mark = " [marked]" if columns.value("marked", slot) else ""
    return printable(f"{name}{f' ({project})' if project else ''}{mark}")


def _status(columns: RunColumns, slot: int) -> str:
    status, remote = columns.value("status", slot), columns.value("remote", slot)
    return f"{status} ({printable(remote)})" if remote else str(status)


def project_text(origin: str) -> str:
    """The project's directory as seen from here; empty when it is here, or no directory.

    Args:
        origin: Where an operation comes from: a directory, a project file, a package.
    """
    path = PurePath(origin)
    if not path.is_absolute():
        return ""
    directory = str(path.parent if path.suffix in (".yml", ".yaml") else path)
    try:
        here = os.path.relpath(directory)
    except (OSError, ValueError):  # the working directory is gone, or on another drive
        return shortened(directory)
    return "" if here == "." else shortened(min(here, directory, key=len))


def shortened(path: str, width: int = _WIDEST_PROJECT) -> str:
    """A path with parts in its middle left out: the first and the last say most."""
    if text_width(path) <= width:
        return path
    first, *rest = PurePath(path).parts
    last = rest.pop() if rest else ""
    kept = ""
    for part in reversed(rest):
        if text_width(first) + text_width(f"{part}/{kept}{last}") + 2 > width:
            break
        kept = f"{part}/{kept}"
    return f"{first.rstrip('/')}/…/{kept}{last}"


def _row(cells: list[str], label: str, status: str, width: int | None) -> str:
    """The cells and the label; on a terminal the label is cut rather than the line wrapped."""
    if width is not None:
        label = fitted(label, max(_NARROWEST_LABEL, width - _width_of(cells)))
    index, operation, *rest = cells
    state = coloured(rest.pop(), STATUS_COLOURS.get(status, ""))
    return _GAP.join([coloured(index, DIM), _weighted(operation), *rest, state, label]).rstrip()


def _weighted(operation: str) -> str:
    """The operation's name stands out from where it comes from."""
    name, blank, rest = operation.partition(" ")
    return coloured(name, BOLD) + blank + (coloured(rest, DIM) if rest.strip() else rest)
