"""What the keys of the keyboard do in the output view.

As in a browser: Home and End go to the ends of the output; with Shift they select to the ends of
the line, with Ctrl and Shift to those of the output.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from core.runs.output import TextPosition

if TYPE_CHECKING:
    from gui.views.output.output_view import OutputView

START = TextPosition(0, 0)


class OutputKeys:
    """Moves the caret of one view."""

    def __init__(self, view: OutputView) -> None:
        self._view = view

    def press(self, key: int, *, extend: bool, control: bool) -> bool:
        """Do what a key means with Shift (`extend`) or Ctrl; False when it means nothing here."""
        rows = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        columns = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        pages = {Qt.Key.Key_PageUp: -1, Qt.Key.Key_PageDown: 1}
        edges = {Qt.Key.Key_Home: False, Qt.Key.Key_End: True}
        if key in rows:
            self._move_rows(rows[Qt.Key(key)], extend=extend)
        elif key in columns:
            self._move_columns(columns[Qt.Key(key)], extend=extend)
        elif key in pages:
            self._move_page(pages[Qt.Key(key)], extend=extend)
        elif key in edges:
            of_line = extend and not control
            self._move_to_edge(end=edges[Qt.Key(key)], of_line=of_line, extend=extend)
        elif key == Qt.Key.Key_Space:
            self._move_page(-1 if extend else 1, extend=False)
        else:
            return False
        return True

    def _caret_index(self) -> int | None:
        """The caret's line in the window; None when it is not on screen."""
        index = self._view.rows.index_of(self._view.caret.offset)
        if index is None or not self._view.rows.window.lines:
            return None
        return index

    def _move_rows(self, rows: int, *, extend: bool) -> None:
        index = self._caret_index()
        if index is None or (not extend and not self._caret_is_on_screen()):
            if extend:
                self._view.show_caret()
                return
            visible = self._view.rows.visible()[: self._view.rows.height]
            if not visible:
                return
            edge = visible[0] if rows < 0 else visible[-1]
            self._view.caret = TextPosition(edge.line.offset, edge.layout.starts[edge.row])
            index = self._view.rows.index_of(self._view.caret.offset) or 0
        layout = self._view.rows.layout(index)
        column = min(self._view.caret.column, len(layout.text))
        row = layout.row_of(column)
        cell = layout.cell_of(column, row)
        index, row = self._view.rows.step(index, row, rows)
        column = self._view.rows.layout(index).column_at(cell, row)
        self._view.place_caret(
            TextPosition(self._view.rows.window.lines[index].offset, column), extend=extend
        )
        self._view.show_caret()

    def _move_columns(self, columns: int, *, extend: bool) -> None:
        index = self._caret_index()
        if index is None:
            self._view.show_caret()
            return
        lines = self._view.rows.window.lines
        column = min(self._view.caret.column, len(lines[index].text)) + columns
        if column < 0 and index > 0:
            index -= 1
            column = len(lines[index].text)
        elif column > len(lines[index].text) and index + 1 < len(lines):
            index, column = index + 1, 0
        column = min(max(0, column), len(lines[index].text))
        self._view.place_caret(TextPosition(lines[index].offset, column), extend=extend)
        self._view.show_caret()

    def _move_page(self, pages: int, *, extend: bool) -> None:
        rows = pages * max(1, self._view.rows.height - 1)
        if extend:
            self._move_rows(rows, extend=True)
        else:
            self._view.scroll_rows(rows)

    def _move_to_edge(self, *, end: bool, of_line: bool, extend: bool) -> None:
        if of_line:
            index = self._caret_index()
            if index is not None:
                column = len(self._view.rows.window.lines[index].text) if end else 0
                self._view.place_caret(TextPosition(self._view.caret.offset, column), extend=extend)
                self._view.show_caret()
            return
        self._view.place_caret(
            TextPosition(self._view.rows.size, 0) if end else START, extend=extend
        )
        self._view.set_following(end)
        self._view.go_to("end" if end else 0)

    def _caret_is_on_screen(self) -> bool:
        rows = self._view.rows.visible()
        return bool(rows) and rows[0].line.offset <= self._view.caret.offset <= rows[-1].line.offset
