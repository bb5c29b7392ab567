"""Choose columns: search, check, put in order, or write them as Guild does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QModelIndex,
    QObject,
    QRect,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from core.errors import QueryError
from core.jobs import JobContext
from gui.dialogs.dialog_size import text_size
from gui.job_bridge import Latest
from gui.models.any_index import AnyIndex
from gui.models.column_choice_model import ColumnChoiceModel, CountRole, HeadingRole
from gui.naming import in_role, named
from gui.services import Services
from gui.table.column_offers import ColumnOffer, column_offers, title_of
from gui.table.run_list import LANE, RunList
from gui.theme import Theme
from gui.tool_tip import plain, plain_tip
from gui.views.check_paint import box_size, draw_check
from gui.views.clear_button import add_clear_button
from gui.views.quiet_sentence import quiet_sentence

SEARCH_MS = 80
_KEY_ROLE = 300  # apart from the roles of the offers
_PAD = 8
_MIDDLE = Qt.AlignmentFlag.AlignVCenter
_RELEASE = QEvent.Type.MouseButtonRelease
_PLAIN = Qt.KeyboardModifier.NoModifier
_ALT = Qt.KeyboardModifier.AltModifier


class ColumnSource(Protocol):
    """What columns are chosen for.

    Attributes:
        title: Of the dialog.
        can_be_none: Whether choosing nothing means something.
        spec_hint: What can be written in place of choosing; empty where nothing can.
    """

    title: str
    can_be_none: bool
    spec_hint: str

    @property
    def keys(self) -> list[str]:
        """Keys of the columns that are chosen now."""

    def offers(self) -> list[ColumnOffer]:
        """Everything that can be chosen; on a worker's thread."""

    def name(self, key: str) -> str:
        """How a chosen column is called."""

    def keys_of(self, text: str) -> list[str]:
        """The columns of a text, as the hint says; raises QueryError."""

    def find_default_keys(self, on_found: Callable[[list[str]], None]) -> None:
        """Call `on_found` with the columns that suit the runs."""


class TableColumns:
    """The columns of a table of runs, for the dialog.

    Args:
        run_list: The table's runs; offers what they have.
    """

    title = "Columns"
    can_be_none = False
    spec_hint = ""

    def __init__(self, run_list: RunList) -> None:
        self._run_list = run_list

    @property
    def keys(self) -> list[str]:
        """Keys of the columns from left to right."""
        return self._run_list.model.keys

    def offers(self) -> list[ColumnOffer]:
        """Everything that can be a column of the table."""
        return column_offers(self._run_list.columns)

    def name(self, key: str) -> str:
        """How a chosen column is called."""
        return title_of(key)

    def keys_of(self, text: str) -> list[str]:
        """The keys in a text."""
        return text.split()

    def find_default_keys(self, on_found: Callable[[list[str]], None]) -> None:
        """Call `on_found` with the columns that suit the runs."""
        self._run_list.find_default_keys(on_found)


class ColumnsDialog(QDialog):
    """Which columns are shown, and in which order.

    Args:
        source: What they are chosen for.
        services: Shared services of the window.
        parent: Owner.

    Signals:
        keys_chosen: The user chose these columns (a list of keys).
        reset_chosen: The user wants the columns that suit the runs, now and later.
    """

    keys_chosen = Signal(list)
    reset_chosen = Signal()

    def __init__(
        self, source: ColumnSource, services: Services, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        named(self, "columnsDialog")
        self.setWindowTitle(source.title)
        self._source = source
        self._question = Latest(services.bridge, LANE, self)
        self._default_keys: list[str] | None = None
        self._model = ColumnChoiceModel(self)
        self._build(services.theme)
        self._connect()
        self.show_keys(source.keys)

        def work(_: JobContext) -> list[ColumnOffer]:
            return source.offers()

        self._question.ask("List columns", work, self._on_offers)

    def keys(self) -> list[str]:
        """Keys of the chosen columns, in order."""
        items = (self._chosen.item(row) for row in range(self._chosen.count()))
        return [item.data(_KEY_ROLE) for item in items]

    def show_keys(self, keys: Sequence[str]) -> None:
        """Choose exactly these columns."""
        self._chosen.clear()
        for key in keys:
            self._chosen.addItem(self._item(key))
        self._chosen.setCurrentRow(0)
        self._on_order_changed()

    # Building

    def _build(self, theme: Theme) -> None:
        self._search = named(QLineEdit(self), "columnsSearch", "Search columns")
        self._search.setPlaceholderText("Search columns")
        add_clear_button(self._search, theme)
        self._headings = named(QComboBox(self), "columnsHeadings", "Kind of column")
        self._headings.addItem("Everything", "")
        self._headings.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._offers = named(QListView(self), "columnsOffers", "Columns on offer")
        self._offers.setModel(self._model)
        self._offers.setUniformItemSizes(True)
        self._offers.setMouseTracking(True)
        self._offers.setItemDelegate(_OfferDelegate(theme, self._offers))
        self._nothing = quiet_sentence(self._offers, "No column has this name.")
        self._chosen = named(QListWidget(self), "columnsChosen", "Chosen columns, left to right")
        self._chosen.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self._chosen.setDefaultDropAction(Qt.DropAction.MoveAction)
        self._chosen.setUniformItemSizes(True)
        self._chosen.setItemDelegate(_OfferDelegate(theme, self._chosen))
        self._up = self._button("Move &Up", "Move the column to the left (Alt+Up)")
        self._down = self._button("Move &Down", "Move the column to the right (Alt+Down)")
        self._remove = self._button("&Remove", "Leave the column out (Delete)")
        self._count = QLabel(self)
        self._spec = named(QLineEdit(self), "columnsSpec", "Columns as a text")
        self._spec.setPlaceholderText(self._source.spec_hint)
        self._spec.setVisible(bool(self._source.spec_hint))
        self._problem = in_role(named(plain(QLabel(self)), "columnsProblem"), "error")
        self._problem.setWordWrap(True)
        self._problem.hide()
        self._buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok
            | QDialogButtonBox.StandardButton.Cancel
            | QDialogButtonBox.StandardButton.Reset,
            self,
        )
        self._arrange_widgets()
        self.resize(text_size(self, 95, 35))

    def _arrange_widgets(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self._search, 1)
        top.addWidget(self._headings)
        order = QHBoxLayout()
        order.setSpacing(6)
        for button in (self._up, self._down, self._remove):
            order.addWidget(button)
        order.addStretch(1)
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.addLayout(top, 0, 0)
        grid.addWidget(self._count, 0, 1)
        grid.addWidget(self._offers, 1, 0)
        grid.addWidget(self._chosen, 1, 1)
        grid.addWidget(self._spec, 2, 0)
        grid.addLayout(order, 2, 1)
        grid.setColumnStretch(0, 3)
        grid.setColumnStretch(1, 2)
        layout = QVBoxLayout(self)
        layout.addLayout(grid, 1)
        layout.addWidget(self._problem)
        layout.addWidget(self._buttons)
        self.setTabOrder(self._search, self._headings)
        self.setTabOrder(self._headings, self._offers)
        self.setTabOrder(self._offers, self._spec)
        self.setTabOrder(self._spec, self._chosen)
        self._search.setFocus()

    def _button(self, text: str, tip: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setToolTip(tip)
        button.setAutoDefault(False)
        return button

    def _connect(self) -> None:
        self._typing = QTimer(self, singleShot=True, interval=SEARCH_MS)
        self._typing.timeout.connect(self._on_searched)
        self._search.textChanged.connect(lambda: self._typing.start())
        self._headings.currentIndexChanged.connect(self._on_searched)
        self._model.toggled.connect(self._on_toggled)
        self._offers.doubleClicked.connect(self._on_double_clicked)
        self._chosen.model().rowsMoved.connect(self._on_order_changed)
        self._chosen.currentRowChanged.connect(self._on_row_changed)
        self._chosen.installEventFilter(self)
        self._search.installEventFilter(self)
        self._spec.installEventFilter(self)
        self._spec.textEdited.connect(self._problem.hide)
        self._up.clicked.connect(lambda: self._move(-1))
        self._down.clicked.connect(lambda: self._move(1))
        self._remove.clicked.connect(self._remove_current)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        reset = self._buttons.button(QDialogButtonBox.StandardButton.Reset)
        reset.clicked.connect(lambda: self._source.find_default_keys(self._on_default_keys))

    # Slots

    def _on_offers(self, offers: list[ColumnOffer]) -> None:
        self._model.show_offers(offers)
        for heading in self._model.headings():
            self._headings.addItem(heading, heading)

    def _on_searched(self) -> None:
        self._typing.stop()
        self._model.search(self._search.text(), self._headings.currentData())
        self._offers.scrollToTop()
        self._nothing.setVisible(not self._model.rowCount())

    def _on_toggled(self, key: str, is_checked: bool) -> None:
        keys = self.keys()
        if is_checked and key not in keys:
            self._chosen.addItem(self._item(key))
            self._chosen.setCurrentRow(self._chosen.count() - 1)
        elif not is_checked and key in keys:
            self._chosen.takeItem(keys.index(key))
        self._on_order_changed()

    def _take_spec(self) -> bool:
        """Add the columns that are written; False where they are not understood."""
        text = self._spec.text().strip()
        try:
            keys = self._source.keys_of(text) if text else []
        except QueryError as e:
            self._problem.setText(e.told)
            self._problem.show()
            self._spec.setSelection(e.position, max(1, e.length))
            self._spec.setFocus()
            return False
        for key in keys:
            self._on_toggled(key, is_checked=True)
        self._spec.clear()
        return True

    def _on_double_clicked(self, index: QModelIndex) -> None:
        offer = self._model.offer(index.row())
        if offer is not None:
            self._on_toggled(offer.key, offer.key not in self.keys())

    def _on_default_keys(self, keys: list[str]) -> None:
        self._default_keys = keys
        self.show_keys(keys)

    def _on_order_changed(self) -> None:
        keys = self.keys()
        self._model.show_chosen(keys)
        self._count.setText(f"Chosen, left to right ({len(keys)})")
        ok = self._buttons.button(QDialogButtonBox.StandardButton.Ok)
        ok.setEnabled(bool(keys) or self._source.can_be_none)
        self._on_row_changed(self._chosen.currentRow())

    def _on_row_changed(self, row: int) -> None:
        self._up.setEnabled(row > 0)
        self._down.setEnabled(0 <= row < self._chosen.count() - 1)
        self._remove.setEnabled(row >= 0)

    # Inside

    def _item(self, key: str) -> QListWidgetItem:
        item = QListWidgetItem(self._source.name(key))
        item.setData(_KEY_ROLE, key)
        item.setToolTip(plain_tip(key))
        return item

    def _move(self, by: int) -> None:
        row = self._chosen.currentRow()
        if row < 0 or not 0 <= row + by < self._chosen.count():
            return
        self._chosen.insertItem(row + by, self._chosen.takeItem(row))
        self._chosen.setCurrentRow(row + by)
        self._on_order_changed()

    def _remove_current(self) -> None:
        row = self._chosen.currentRow()
        if row >= 0:
            self._chosen.takeItem(row)
            self._on_order_changed()

    def _go_to_offers(self) -> None:
        """Into the list, on its first column unless one is current: Space checks it there."""
        if self._typing.isActive():
            self._on_searched()
        if not self._offers.currentIndex().isValid() and self._model.rowCount() > 1:
            self._offers.setCurrentIndex(self._model.index(1))  # below the first heading
        self._offers.setFocus()

    def _is_order_key(self, event: QKeyEvent) -> bool:
        """Do what a key means in the list of chosen columns; whether it meant something."""
        key, held = event.key(), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if held == _ALT and key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._move(-1 if key == Qt.Key.Key_Up else 1)
        elif held == _PLAIN and key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._remove_current()
        else:
            return False
        return True

    def _is_spec_key(self, event: QKeyEvent) -> bool:
        """Enter adds what is written, where there is something, and does not end the dialog."""
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if not (is_enter and self._spec.text().strip()):
            return False
        self._take_spec()
        return True

    # Qt overrides

    def accept(self) -> None:
        if not self._take_spec():
            return
        keys = self.keys()
        if keys == self._default_keys:
            self.reset_chosen.emit()
        elif keys or self._source.can_be_none:
            self.keys_chosen.emit(keys)
        super().accept()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if watched is self._chosen:
                return self._is_order_key(event)
            if watched is self._spec:
                return self._is_spec_key(event)
            if event.key() == Qt.Key.Key_Down:
                self._go_to_offers()
                return True
        return super().eventFilter(watched, event)


class _OfferDelegate(QStyledItemDelegate):
    """A check box and a name, headings bold, the number of runs at the right."""

    def __init__(self, theme: Theme, parent: QListView) -> None:
        super().__init__(parent)
        self._theme = theme

    def _draw_ground(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, self._theme.colour("selection"))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(option.rect, self._theme.colour("hover"))

    # Qt overrides

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        self._draw_ground(painter, option)
        area = option.rect.adjusted(_PAD, 0, -_PAD, 0)
        font = QFont(option.font)
        checked = index.data(Qt.ItemDataRole.CheckStateRole)
        if index.data(HeadingRole) is True:
            font.setWeight(QFont.Weight.DemiBold)
        elif checked is not None:
            side = box_size()
            box = QRect(area.left(), area.center().y() - side // 2, side, side)
            draw_check(painter, box, Qt.CheckState(checked), self._theme)
            area.setLeft(box.right() + _PAD)
        painter.setFont(font)
        metrics = painter.fontMetrics()
        count = index.data(CountRole) or ""
        painter.setPen(self._theme.colour("muted"))
        painter.drawText(area, int(_MIDDLE | Qt.AlignmentFlag.AlignRight), count)
        area.setRight(area.right() - metrics.horizontalAdvance(count) - _PAD)
        painter.setPen(self._theme.colour("text"))
        name = metrics.elidedText(index.data(), Qt.TextElideMode.ElideMiddle, area.width())
        painter.drawText(area, int(_MIDDLE | Qt.AlignmentFlag.AlignLeft), name)

    def editorEvent(
        self,
        event: QEvent,
        model: QAbstractItemModel,
        option: QStyleOptionViewItem,
        index: AnyIndex,
    ) -> bool:
        """A click anywhere at the left, where the box is, checks or unchecks."""
        checked = index.data(Qt.ItemDataRole.CheckStateRole)
        if isinstance(event, QMouseEvent) and event.type() == _RELEASE and checked is not None:
            if event.position().x() > option.rect.left() + 2 * _PAD + box_size():
                return False
            is_checked = Qt.CheckState(checked) == Qt.CheckState.Checked
            turned = Qt.CheckState.Unchecked if is_checked else Qt.CheckState.Checked
            return model.setData(index, turned.value, Qt.ItemDataRole.CheckStateRole)
        return super().editorEvent(event, model, option, index)

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        return QSize(120, option.fontMetrics.height() + 10)
