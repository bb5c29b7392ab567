"""Labels before and after, side by side; what stays the same is quiet."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QHeaderView, QStyleOptionViewItem, QTableView, QWidget

from gui.models.any_index import AnyIndex
from gui.models.label_preview_model import KindRole, LabelPreviewModel
from gui.naming import named
from gui.theme import Theme
from gui.views.plain_table import make_plain
from gui.views.row_delegate import ROW_PADDING, RowDelegate

_MEASURED = 50  # runs whose names tell how wide their column is
_WIDEST = 220


class LabelPreviewTable(QTableView):
    """A table to look at: nothing in it can be chosen.

    Args:
        model: What it shows.
        theme: Colours.
        parent: Owner.
    """

    def __init__(
        self, model: LabelPreviewModel, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        named(self, "labelPreview", "Labels before and after")
        self.setModel(model)
        self.setItemDelegate(_PreviewDelegate(theme, self))
        self.setSelectionMode(QTableView.SelectionMode.NoSelection)
        make_plain(self)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # both ends of a label may change
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + ROW_PADDING)
        self._set_up_header(model)

    def _set_up_header(self, model: LabelPreviewModel) -> None:
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        count = min(model.rowCount(), _MEASURED)
        names = (model.index(row, 0).data() for row in range(count))
        widest = max((self.fontMetrics().horizontalAdvance(name) for name in names), default=0)
        header.resizeSection(0, min(widest + 34, _WIDEST))


class _PreviewDelegate(RowDelegate):
    """The label now in a quiet colour, the one after it as text; what stays the same quiet too."""

    def __init__(self, theme: Theme, parent: QTableView) -> None:
        super().__init__(parent, first=0)
        self._theme = theme

    def _colour(self, index: AnyIndex) -> QColor:
        kind = index.data(KindRole)
        if kind == "refused" and index.column() == 2:
            return self._theme.colour("error")
        is_news = kind == "changed" and index.column() == 2
        return self._theme.colour("text" if is_news else "muted")

    # Qt overrides

    def initStyleOption(self, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        super().initStyleOption(option, index)
        option.palette.setColor(QPalette.ColorRole.Text, self._colour(index))
