"""The menu of a heading of the run table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from msgspec import Struct
from PySide6.QtWidgets import QMenu, QWidget

Direction = Literal["ascending", "descending"]


class ColumnCommands(Struct, frozen=True):
    """What the menu of a heading can do.

    Attributes:
        sort: Sort by this column alone.
        add_sort: Sort by this column below the present order; None where it is in it already.
        sort_newest: Back to the newest run first.
        hide: Leave the column out.
        fit: Make it as wide as its cells on screen.
        choose: Open the chooser.
        reset: Back to the columns that suit the runs.
    """

    sort: Callable[[Direction], None]
    add_sort: Callable[[Direction], None] | None
    sort_newest: Callable[[], None]
    hide: Callable[[], None]
    fit: Callable[[], None]
    choose: Callable[[], None]
    reset: Callable[[], None]


def column_menu(title: str | None, commands: ColumnCommands, parent: QWidget) -> QMenu:
    """The menu of a heading.

    Args:
        title: Of the column; None beside the headings, where only general entries make sense.
        commands: What the entries do.
        parent: Owner.
    """
    menu = QMenu(parent)
    menu.setObjectName("columnMenu")
    if title is not None:
        shown = (title if len(title) <= 40 else f"{title[:39]}…").replace("&", "&&")
        menu.addAction("Sort &Ascending", lambda: commands.sort("ascending"))
        menu.addAction("Sort &Descending", lambda: commands.sort("descending"))
        if commands.add_sort is not None:
            add = commands.add_sort
            menu.addAction("&Then by This, Ascending", lambda: add("ascending"))
            menu.addAction("Then by This, D&escending", lambda: add("descending"))
        menu.addAction("&Newest First", commands.sort_newest)
        menu.addSeparator()
        menu.addAction("&Fit Width", commands.fit)
        menu.addAction(f"&Hide “{shown}”", commands.hide)
        menu.addSeparator()
    menu.addAction("&Choose Columns…", commands.choose)
    menu.addAction("&Reset Columns", commands.reset)
    return menu
