"""The columns of the run table on screen: which, how wide, in which order of runs; remembered.

Why columns that Qt moved are moved back and put elsewhere in the model: with visually moved
columns Qt keeps a selection as one range a column, which is neither fast nor countable.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from PySide6.QtCore import QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtWidgets import QTableView

from core.index.arrange import NEWEST_FIRST, SortKey
from gui.table.run_list import RunList
from gui.views.table.column_menu import ColumnCommands, Direction, column_menu
from gui.views.table.run_header import RunHeader
from gui.views.table.run_painter import RunPainter

SAMPLE_ROWS = 100
LABELS_EACH = 3  # of the sampled rows: what tells a run from others takes 0.2 ms to find
NARROWEST, WIDEST, WIDEST_FITTED = 44, 190, 900  # at the usual size of the font
WIDEST_LABEL = 460  # where there is room: with more, what stands beside it is far away
USUAL_ROW = 28  # pixels
SHARE = 0.85  # of the texts that a column shows whole before the user widens it
STATE_VERSION = 1
LOOKED_THROUGH = 10_000  # runs, for some that are rare
_USUAL_WHERE = "here, newer on gpu1"
STUDIED = 1_000  # runs beyond these do not change what suits them


class TableLayout(QObject):
    """Keeps the columns of one table as the user left them.

    Args:
        table: The table; owns this object.
        header: Its headings.
        run_list: What it shows.
        painter: Knows how wide a cell is.

    Signals:
        changed: Columns, widths or order are others by the user's doing.
        choose_requested: The user wants to choose columns.
    """

    changed = Signal()
    choose_requested = Signal()

    def __init__(
        self, table: QTableView, header: RunHeader, run_list: RunList, painter: RunPainter
    ) -> None:
        super().__init__(table)
        self._table = table
        self._header = header
        self._run_list = run_list
        self._painter = painter
        self._widths: dict[str, int] = {}
        self._chosen: list[str] | None = None
        self._studied_total = 0
        self._is_applying = False
        header.sectionResized.connect(self._on_resized)
        header.sectionMoved.connect(self._on_moved)
        header.resized.connect(self._widen_label)
        header.sectionHandleDoubleClicked.connect(self.fit)
        header.sort_requested.connect(self._on_sort_requested)
        header.menu_requested.connect(self._on_menu_requested)
        run_list.columns_changed.connect(self.apply)
        run_list.view_changed.connect(self._on_view_changed)
        run_list.arranged.connect(self._on_arranged)
        run_list.model.headerDataChanged.connect(self._on_header_changed)
        self.apply()

    def show(self, keys: Sequence[str]) -> None:
        """Show the columns that the user chose; a new one comes into view."""
        before = self._run_list.model.keys
        self._chosen = list(keys)
        self._run_list.show_columns(keys)
        self.changed.emit()
        added = [section for section, key in enumerate(keys) if key not in before]
        if added and before:
            self._scroll_to(added[-1])

    def hide(self, section: int) -> None:
        """Leave out one column; the last one stays."""
        keys = self._run_list.model.keys
        if len(keys) > 1:
            self.show(keys[:section] + keys[section + 1 :])

    def reset(self) -> None:
        """Show the columns that suit these runs, in their natural widths."""
        self._chosen = None
        self._widths.clear()
        self._run_list.find_default_keys(self._on_default_keys)
        self.changed.emit()

    def suggest(self) -> None:
        """Show the columns that suit these runs now, unless the user chose some."""
        if self._chosen is None:
            self._run_list.find_default_keys(self._on_default_keys)

    def fit(self, section: int) -> None:
        """Make a column as wide as its cells on screen need."""
        slots = self._run_list.model.visible_slots()[:SAMPLE_ROWS]
        width = self._natural_width(section, slots, WIDEST_FITTED, 1.0)
        self._header.resizeSection(section, width)

    def apply(self) -> None:
        """Give headings and widths to the columns that the model shows now."""
        self._apply_to(range(len(self._run_list.model.layout)))

    def _apply_to(self, sections: Iterable[int]) -> None:
        model = self._run_list.model
        self._header.show_layout(model.layout)
        self._painter.forget_fits()
        slots = self._samples()
        self._is_applying = True
        for section in sections:
            column = model.layout[section]
            width = self._widths.get(column.key)
            if width is None:
                # Half a text still says something, half a number says something false.
                is_whole = column.is_right or column.kind in ("status", "where", "time")
                share = 1.0 if is_whole else SHARE
                is_longest_running = column.kind in ("status", "duration")
                shown = [*slots, *self._running()] if is_longest_running else slots
                width = self._natural_width(section, shown, WIDEST, share)
            self._header.resizeSection(section, width)
        self._is_applying = False
        self._widen_label()

    def _widen_label(self) -> None:
        """Give the labels what room is left in the table, until the user gives them a width."""
        keys = self._run_list.model.keys
        if "label" not in keys or "label" in self._widths:
            return
        section, slots = keys.index("label"), self._samples()
        usual = self._natural_width(section, slots, WIDEST, SHARE)
        others = self._header.length() - self._header.sectionSize(section)
        room = self._table.viewport().width() - others
        width = max(usual, min(room, self._natural_width(section, slots, WIDEST_LABEL, 1.0)))
        self._is_applying = True
        self._header.resizeSection(section, width)
        self._is_applying = False

    def state(self) -> dict[str, Any]:
        """What the next start restores; plain values only."""
        return {
            "version": STATE_VERSION,
            "columns": self._chosen,
            "widths": dict(self._widths),
            "sort": [[level.key, level.descending] for level in self._run_list.view.sort],
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take what `state` gave; what is not understood is left as it is."""
        if state.get("version") != STATE_VERSION:
            return
        widths = state.get("widths")
        if isinstance(widths, Mapping):
            self._widths = {
                str(key): max(NARROWEST, min(width, WIDEST_FITTED))
                for key, width in widths.items()
                if isinstance(width, int)
            }
        keys = state.get("columns")
        if isinstance(keys, list) and keys and all(isinstance(key, str) for key in keys):
            self._chosen = list(dict.fromkeys(keys))
            self._run_list.show_columns(self._chosen)
        self._run_list.show(sort=_sort_of(state.get("sort")))
        self.apply()

    def _scroll_to(self, section: int) -> None:
        """Bring a column into view; no row moves."""
        self._table.updateGeometries()
        bar, left = self._table.horizontalScrollBar(), self._header.sectionPosition(section)
        right = left + self._header.sectionSize(section)
        bar.setValue(max(min(bar.value(), left), right - self._table.viewport().width()))

    # Slots

    def _on_default_keys(self, keys: list[str]) -> None:
        if self._chosen is not None:
            return
        if keys != self._run_list.model.keys:
            self._run_list.show_columns(keys)  # which applies them
        else:
            self.apply()

    def _on_arranged(self, shown: int, total: int) -> None:
        """The first runs of a home decide on the columns, until the user does."""
        if self._studied_total < STUDIED and total > 1.3 * self._studied_total:
            self._studied_total = total
            if self._chosen is None:
                self._run_list.find_default_keys(self._on_default_keys)  # which applies them
            else:
                self.apply()

    def _on_header_changed(self, _orientation: Qt.Orientation, first: int, last: int) -> None:
        """Measuring all columns took 15 ms, and one that is as it was keeps its width."""
        self._apply_to(range(first, last + 1))

    def _on_resized(self, section: int, _old: int, width: int) -> None:
        self._painter.forget_fits()
        layout = self._run_list.model.layout
        if not self._is_applying and section < len(layout) and width > 0:
            self._widths[layout[section].key] = width
            self.changed.emit()

    def _on_moved(self, _section: int, old: int, new: int) -> None:
        if self._is_applying:
            return
        self._is_applying = True
        self._header.moveSection(new, old)
        self._is_applying = False
        keys = self._run_list.model.keys
        keys.insert(new, keys.pop(old))
        # Qt is still inside its handling of the mouse here, and a reset would pull that away.
        QTimer.singleShot(0, self, lambda: self.show(keys))

    def _on_sort_requested(self, sort: tuple[SortKey, ...]) -> None:
        self._run_list.show(sort=sort)
        self.changed.emit()

    def _on_view_changed(self) -> None:
        sort = self._run_list.view.sort
        self._header.show_sort(sort)
        # Shortened ones would look as if they were in no order.
        self._run_list.model.show_whole_labels(on=any(level.key == "label" for level in sort))

    def open_menu(self, section: int) -> None:
        """Show the menu of a heading below it."""
        left = max(0, self._header.sectionViewportPosition(section))
        below = self._header.viewport().mapToGlobal(QPoint(left, self._header.height()))
        self._on_menu_requested(section, below)

    def _on_menu_requested(self, section: int, position: QPoint) -> None:
        layout = self._run_list.model.layout
        is_column = 0 <= section < len(layout)
        title = layout[section].title if is_column else None
        menu = column_menu(title, self._commands(section if is_column else 0), self._table)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(position)

    def _commands(self, section: int) -> ColumnCommands:
        key = self._run_list.model.layout[section].value_key
        present = self._run_list.view.sort

        def level(direction: Direction) -> SortKey:
            return SortKey(key, descending=direction == "descending")

        def add(direction: Direction) -> None:
            self._on_sort_requested((*present, level(direction)))

        return ColumnCommands(
            sort=lambda direction: self._on_sort_requested((level(direction),)),
            add_sort=None if any(known.key == key for known in present) else add,
            sort_newest=lambda: self._on_sort_requested(NEWEST_FIRST),
            hide=lambda: self.hide(section),
            fit=lambda: self.fit(section),
            choose=self.choose_requested.emit,
            reset=self.reset,
        )

    def _samples(self) -> Sequence[int]:
        """Some of the runs that are shown, and of the others, which are when the filter goes.

        The trash is soon left, too, and its few runs would leave no room for those of the home.
        """
        order, columns = self._run_list.model.order, self._run_list.columns
        deleted, shown = self._run_list.view.deleted, _spread(order)
        if not deleted and len(order) == columns.count():
            return shown
        places, stride = columns.stored("deleted"), max(1, len(columns) // SAMPLE_ROWS)
        others = [s for s in range(0, len(columns), stride) if deleted or not places[s]]
        return [*(shown[::2] if len(shown) == SAMPLE_ROWS else shown), *others]

    def _running(self) -> list[int]:
        """Some running runs: theirs are the longest statuses and durations."""
        order, status = self._run_list.model.order, self._run_list.columns.values("status")
        running = (slot for slot in order[:LOOKED_THROUGH] if status[slot] == "running")
        return list(islice(running, SAMPLE_ROWS))

    def _natural_width(self, section: int, slots: Sequence[int], most: int, share: float) -> int:
        most = most * max(self._painter.row_height, USUAL_ROW) // USUAL_ROW
        if self._run_list.model.layout[section].key == "label":
            slots = slots[::LABELS_EACH]
        width = self._painter.natural_width(section, slots, share)
        if self._run_list.model.layout[section].kind == "where":
            # A listing tells more of them a moment later, and the column stays as it is.
            usual = self._table.fontMetrics().horizontalAdvance(_USUAL_WHERE)
            width = max(width, usual + self._painter.row_height)
        return max(NARROWEST, min(max(width, self._header.title_width(section)), most))


def _spread(slots: Sequence[int]) -> Sequence[int]:
    """So many of them as are looked at, from the first to the last."""
    return slots[:: max(1, len(slots) // SAMPLE_ROWS)][:SAMPLE_ROWS]


def _sort_of(value: Any) -> tuple[SortKey, ...]:
    """The order that `state` kept; newest first where it is not understood."""
    if not isinstance(value, list):
        return NEWEST_FIRST
    levels = [
        SortKey(pair[0], descending=pair[1])
        for pair in value
        if isinstance(pair, (list, tuple))
        and len(pair) == 2
        and isinstance(pair[0], str)
        and isinstance(pair[1], bool)
    ]
    return tuple(levels) or NEWEST_FIRST
