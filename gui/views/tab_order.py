"""The order in which the Tab key goes through widgets that are made at different times.

Why: Qt appends each new widget, so that a filter box or a tab that is made late would be reached
after everything else, wherever it stands. Qt moves a widget that passes the focus on to one in it
(`setFocusProxy`) in ways that lose others, so parts must not do that.
"""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget


def lead_through(first: QWidget, *parts: QWidget) -> None:
    """Let Tab go from `first` to everything in `parts`, part by part, each in its own order."""
    last = first
    for part in parts:
        for widget in [each for each in _ring(part) if each is part or part.isAncestorOf(each)]:
            if takes_tab(widget):
                QWidget.setTabOrder(last, widget)
                last = widget


def reached_before(widget: QWidget) -> QWidget:
    """What Tab reaches before a widget and all that is in it; itself where there is nothing."""
    outside = [each for each in _ring(widget) if not widget.isAncestorOf(each)]
    return next((each for each in reversed(outside) if takes_tab(each)), widget)


def takes_tab(widget: QWidget) -> bool:
    """Whether the Tab key stops at a widget."""
    return bool(widget.focusPolicy().value & Qt.FocusPolicy.TabFocus.value)


def _ring(start: QWidget) -> Iterator[QWidget]:
    """Every widget of the window in the order of Tab, beginning with `start`."""
    yield start
    widget = start.nextInFocusChain()
    while widget is not None and widget is not start:
        yield widget
        widget = widget.nextInFocusChain()
