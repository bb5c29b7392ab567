"""What is asked of a table of runs as a whole: other columns, the largest first, its menu."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu

from core.index.arrange import SortKey
from gui.action_set import fill_menu
from gui.main_window import MainWindow
from gui.menus import MenuSpec
from gui.services import Services
from gui.views.table.run_table import RunTable


def choose_columns(table: RunTable, services: Services, window: MainWindow) -> None:
    """Open the choice of columns."""
    from gui.dialogs.columns_dialog import ColumnsDialog, TableColumns

    dialog = ColumnsDialog(TableColumns(table.run_list), services, window)
    dialog.keys_chosen.connect(table.show_columns)
    dialog.reset_chosen.connect(table.reset_columns)
    dialog.finished.connect(dialog.deleteLater)
    dialog.show()


def show_largest_first(table: RunTable) -> None:
    """Sort by size, and show it, from the largest run on."""
    keys = table.column_keys()
    if "size" not in keys:
        table.show_columns([*keys[:4], "size", *keys[4:]])
    table.verticalScrollBar().setValue(0)
    table.run_list.show(sort=[SortKey("size", descending=True)])


def pop_up(spec: MenuSpec, window: MainWindow, position: QPoint) -> None:
    """Open a menu of the window's actions at a place on the screen."""
    menu = QMenu(window)
    fill_menu(menu, spec, window.actions_by_id)
    menu.aboutToHide.connect(menu.deleteLater)
    menu.popup(position)
