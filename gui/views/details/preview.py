"""The beginning of a file, shown as what it is: text, table, picture or bytes."""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from PySide6.QtCore import (
    QAbstractTableModel,
    QObject,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from core.errors import Error
from core.jobs import JobContext
from core.runs.contents import RunContents
from core.runs.files import shown
from core.runs.preview import MOST_BYTES, SHOWN_BYTES, Preview
from core.text import format_bytes
from gui.highlight import Spans, highlight
from gui.job_bridge import Latest
from gui.models.any_index import NOWHERE, AnyIndex
from gui.naming import in_role, named
from gui.services import RunRef, Services
from gui.tool_tip import plain, plain_tip
from gui.views.details.code_view import CodeView
from gui.views.find_bar import FindBar
from gui.views.image_view import ImageView, decode_image, why_not_decoded
from gui.views.plain_table import make_plain
from gui.views.row_delegate import ROW_PADDING, RowDelegate

FIRST_LINES = 12_000  # characters that are coloured before the rest
PAUSE = 0.0005  # seconds; a worker that only computes takes turns with the GUI thread so
_WIDEST = 320  # pixels of a column of a table


class _Found(Struct, frozen=True):
    """What the worker found out about a file."""

    preview: Preview
    image: QImage | None = None
    image_size: QSize | None = None


class PreviewPane(QWidget):
    """Shows one file of a run; asks for it on the lane "files".

    Args:
        services: Shared services.
        parent: Owner.

    Signals:
        loaded: The preview of the file that was asked for is on screen (its path).
    """

    loaded = Signal(object)  # Qt's own text would lose bytes of a name that is no UTF-8

    def __init__(self, services: Services, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._latest = Latest(services.bridge, "files", self)
        self._run: RunRef | None = None
        self._path = ""
        self._most = SHOWN_BYTES
        self._preview: Preview | None = None
        theme = services.theme
        self.message = named(plain(QLabel()), "previewMessage")
        self.code = named(CodeView(theme), "previewText", "Text of the file")
        self.table = named(QTableView(), "previewTable", "Table in the file")
        self.image = named(ImageView(theme), "previewImage", "Picture in the file")
        self.find_bar = FindBar(self.code, theme, self, self)
        self._rows = TablePreviewModel(self)
        self._note = in_role(named(plain(QLabel()), "previewNote"), "muted")
        self._more = QPushButton("Show More")
        self._build()
        self.show_message("Select a file to look into it.")

    def _build(self) -> None:
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.message.setWordWrap(True)
        self.message.setMargin(16)
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        in_role(self.message, "muted")
        self._set_up_table()
        self._more.setFlat(True)
        self._more.clicked.connect(self._on_more)
        self._stack = QStackedWidget()
        for widget in (self.message, self.code, self.table, self.image):
            self._stack.addWidget(widget)
        self._foot = QWidget()
        foot = QHBoxLayout(self._foot)
        foot.setContentsMargins(12, 2, 4, 2)
        self._note.setWordWrap(True)
        foot.addWidget(self._note, 1)
        foot.addWidget(self._more)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._stack, 1)
        layout.addWidget(self.find_bar)
        layout.addWidget(self._foot)

    def _set_up_table(self) -> None:
        table = self.table
        table.setModel(self._rows)
        table.setFrameShape(QFrame.Shape.NoFrame)
        table.setItemDelegate(RowDelegate(table, first=0))
        make_plain(table)
        table.horizontalHeader().setResizeContentsPrecision(50)  # rows looked at for a width
        table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + ROW_PADDING)
        table.verticalHeader().setVisible(False)

    def show_file(self, run: RunRef, path: str) -> None:
        """Show another file, or newer bytes of the same one."""
        if (run, path) != (self._run, self._path):
            self._most = SHOWN_BYTES
            self._preview = None
        self._run, self._path = run, path
        self._ask()

    def show_message(self, sentence: str) -> None:
        """Show a sentence and no file."""
        self._latest.drop()
        self._run, self._path, self._preview = None, "", None
        self._say(sentence, role="muted")

    def _ask(self) -> None:
        run, path, most, before = self._run, self._path, self._most, self._preview
        if run is None:
            return
        contents: RunContents = run.contents

        def look(context: JobContext) -> Spans | None:
            preview = contents.preview(path, most, context.check)
            if preview == before:
                return None
            context.publish(_look_at(preview))
            if preview.look != "text" or preview.is_plain:
                return ()
            context.publish(highlight(preview.text[:FIRST_LINES], path, context.check))
            return highlight(preview.text, path, lambda: context.sleep(PAUSE))

        self._latest.ask(
            f"Look into {shown(path)}", look, self._on_coloured, self._on_error, self._on_found
        )

    def _on_found(self, found: _Found | Spans) -> None:
        if not isinstance(found, _Found):
            self._on_coloured(found)
            return
        before, self._preview = self._preview, found.preview
        self._show(found, is_same=before is not None)
        self.loaded.emit(self._path)

    def _on_coloured(self, spans: Spans | None) -> None:
        if spans and self._preview is not None and self._preview.look == "text":
            self.code.show_spans(spans)

    def _on_error(self, error: Error) -> None:
        self._preview = None
        self._say(error.told, role="")
        self.loaded.emit(self._path)

    def _show(self, found: _Found, *, is_same: bool) -> None:
        preview = found.preview
        if preview.look in ("text", "binary"):
            if is_same:
                self.code.replace_text(preview.text)
            else:
                self.code.show_text(preview.text, numbered=preview.look == "text")
            self._stack.setCurrentWidget(self.code)
        elif preview.look == "table":
            self._rows.show(preview.rows)
            self._stack.setCurrentWidget(self.table)
            if not is_same:
                self._fit_columns()
        elif found.image is not None and not found.image.isNull():
            self.image.show_image(found.image)
            self._stack.setCurrentWidget(self.image)
        else:
            is_empty = preview.look == "empty"
            self._say("The file is empty" if is_empty else _no_picture(found), role="muted")
            return
        self._show_foot(found)

    def _show_foot(self, found: _Found) -> None:
        preview = found.preview
        self.find_bar.setEnabled(self._stack.currentWidget() is self.code)
        self._note.setText(_note(found))
        can_more = preview.look == "text" and preview.is_cut and self._most < MOST_BYTES
        self._more.setVisible(can_more)
        self._foot.show()

    def _say(self, sentence: str, *, role: str) -> None:
        self.message.setProperty("role", role)
        self.message.style().polish(self.message)
        self.message.setText(sentence)
        self._stack.setCurrentWidget(self.message)
        self._foot.hide()
        self.find_bar.hide()

    def _fit_columns(self) -> None:
        self.table.resizeColumnsToContents()
        header = self.table.horizontalHeader()
        for column in range(header.count()):
            header.resizeSection(column, min(_WIDEST, header.sectionSize(column)))

    def _on_more(self) -> None:
        self._most = min(MOST_BYTES, self._most * 2)
        self._ask()


class TablePreviewModel(QAbstractTableModel):
    """Rows of text; the first one given is the header."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._header: tuple[str, ...] = ()
        self._rows: tuple[tuple[str, ...], ...] = ()
        self._width = 0

    def show(self, rows: tuple[tuple[str, ...], ...]) -> None:
        """Show other rows."""
        self.beginResetModel()
        self._header, self._rows = rows[0], rows[1:]
        self._width = max(len(row) for row in rows)
        self.endResetModel()

    def _cell(self, row: int, column: int) -> str:
        cells = self._rows[row] if row < len(self._rows) else ()
        return cells[column] if column < len(cells) else ""

    # Qt overrides

    def rowCount(self, parent: AnyIndex = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: AnyIndex = NOWHERE) -> int:
        return 0 if parent.isValid() else self._width

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Vertical:
            return section + 1 if role == Qt.ItemDataRole.DisplayRole else None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(self._cell(0, section))  # the title stands above its values
        if role == Qt.ItemDataRole.DisplayRole:
            return self._header[section] if section < len(self._header) else ""
        return None

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        text = self._cell(index.row(), index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return text
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(text)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(text)
        return None


def _no_picture(found: _Found) -> str:
    """Why a picture is not shown."""
    return f"The picture {why_not_decoded(found.image_size or QSize())}."


def _look_at(preview: Preview) -> _Found:
    if preview.look != "image":
        return _Found(preview)
    image, size = decode_image(preview.data, preview.encoding)
    return _Found(preview, image, size)


def _note(found: _Found) -> str:
    preview = found.preview
    parts = []
    if found.image_size is not None:
        size = found.image_size
        parts.append(f"{size.width()} × {size.height()} {preview.encoding.upper()}")
    if preview.is_cut:
        parts.append(f"First {format_bytes(preview.shown)} of {format_bytes(preview.size)}.")
    else:
        parts.append(format_bytes(preview.size))
    if preview.look == "text" and preview.encoding not in ("utf-8", "utf-8-sig"):
        parts.append(preview.encoding.upper())
    if preview.note:
        parts.append(preview.note)
    return " · ".join(parts)


def _alignment(text: str) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if _is_number(text) else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
