"""Tags one run or many: which tags all, some or none of them have, and shall have.

Why a list and no row of chips to type into: with many runs a tag is on all, on some or on none of
them, and each of the three is a state to see and to choose.
"""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QObject,
    QRect,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from core.runs.change import ChangeTags
from core.text import plural
from gui.changing.tag_counts import TagCounts
from gui.dialogs.dialog_size import text_size
from gui.models.any_index import AnyIndex
from gui.models.label_preview_model import one_line
from gui.models.roles import CHECK
from gui.models.tag_choice_model import NewsRole, NoteRole, TagChoiceModel
from gui.naming import in_role, named
from gui.services import Services
from gui.theme import Theme
from gui.tool_tip import plain
from gui.views.check_box import CheckBox
from gui.views.check_paint import box_size, draw_check
from gui.views.chip_painter import ChipPainter
from gui.views.clear_button import add_clear_button

_Key = Qt.Key
_PAD = 9
_MIDDLE = Qt.AlignmentFlag.AlignVCenter
_SHRINKING = (_Key.Key_Backspace, _Key.Key_Delete)
LONGEST = 1_000  # letters of a tag
_MOST_NAMED = 3


class TagEditor(QDialog):
    """Asks which tags some runs are to have.

    Args:
        counts: What is known of their tags.
        title: How the runs are called: "run 7f3c21ab" or "12 runs".
        services: Shared services of the window.
        parent: The window.

    Signals:
        chosen: The user wants this change (a ChangeTags).
    """

    chosen = Signal(object)

    def __init__(
        self, counts: TagCounts, title: str, services: Services, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        named(self, "tagEditor")
        self.setWindowTitle(f"Tags of {title}")
        self._is_shrinking = False
        self.model = TagChoiceModel(counts, self)
        self._build(services.theme)
        self._connect()
        self._show_plan()

    # Building

    def _build(self, theme: Theme) -> None:
        self.field = named(QLineEdit(), "tagField", "Find or add a tag")
        self.field.setPlaceholderText("Find a tag, or type a new one and press Enter")
        add_clear_button(self.field, theme)
        self.field.setMaxLength(LONGEST)
        self.list = named(QListView(), "tagList", "Tags")
        self.list.setModel(self.model)
        self.list.setItemDelegate(_TagDelegate(theme, self.list))
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self._clear = named(QPushButton("Delete &All"), "tagClear")
        self._clear.setToolTip("No run is to have any tag")
        self._clear.setAutoDefault(False)
        self.sync = named(CheckBox("Also in the &label", theme), "tagSync")
        self.sync.setToolTip(
            "Put added tags before the label and take deleted ones out of it, as guild tag -s does"
        )
        self._plan = in_role(named(plain(QLabel()), "tagPlan"), "muted")
        self._plan.setWordWrap(True)
        self._apply = named(QPushButton(), "tagApply")
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._buttons.addButton(self._apply, QDialogButtonBox.ButtonRole.AcceptRole)
        self._lay_out()

    def _lay_out(self) -> None:
        options = QHBoxLayout()
        options.addWidget(self.sync, 1)
        options.addWidget(self._clear)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(10)
        layout.addWidget(self.field)
        layout.addWidget(self.list, 1)
        layout.addLayout(options)
        layout.addWidget(self._plan)
        layout.addWidget(self._buttons)
        self._plan.setMinimumHeight(self.fontMetrics().lineSpacing() * 2)
        self._plan.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.resize(text_size(self, 54, 29))
        self.setMinimumSize(QSize(320, 320))
        self._apply.setDefault(True)  # not before it is in the dialog: that would choose another
        self.field.setFocus()

    def _connect(self) -> None:
        self.field.textEdited.connect(self._on_typed)
        self.field.textChanged.connect(self._on_text_changed)
        self.field.installEventFilter(self)
        self.list.installEventFilter(self)
        self._clear.clicked.connect(self.model.want_none)
        self.model.changed.connect(self._show_plan)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)

    # What is chosen

    def change(self) -> ChangeTags | None:
        """What would be done; None while nothing would change."""
        added, deleted = self.model.added(), self.model.deleted()
        if not added and not deleted:
            return None
        return ChangeTags(
            add=tuple(added),
            delete=tuple(deleted),
            clear=False,
            sync_labels=self.sync.isChecked(),
        )

    def add_typed(self) -> None:
        """All runs are to have the tag in the field."""
        tag = self.field.text().strip()
        if tag:
            self.field.clear()
            self.model.search("")
            self.model.want(tag, on=True)
            self._show_row(self.model.row_of(tag))

    # Slots

    @Slot(str)
    def _on_typed(self, text: str) -> None:
        """Complete what was typed; the rest is selected, so that going on typing replaces it."""
        whole = "" if self._is_shrinking else self.model.completion(text)
        if len(whole) > len(text):
            self.field.setText(whole)
            self.field.setSelection(len(text), len(whole) - len(text))
        self.model.search(text)

    @Slot(str)
    def _on_text_changed(self, text: str) -> None:
        if not text:
            self.model.search("")
        self._show_plan()

    @Slot()
    def _show_plan(self) -> None:
        changes = self.model.changes()
        self._apply.setEnabled(changes > 0)
        text = f"Change Tags of {plural(changes, 'Run')}" if changes else "No Changes"
        self._apply.setText(text)
        self._plan.setText(self._plan_now())

    def _plan_now(self) -> str:
        parts = []
        if typed := self.field.text().strip():
            if self.model.is_on_all(typed):
                return f"{_named([typed])} is chosen already."
            is_known = self.model.row_of(typed) is not None
            return f"Enter adds {_named([typed])}{'' if is_known else ', a new tag'}."
        if added := self.model.added():
            parts.append(f"Adds {_named(added)}")
        if deleted := self.model.deleted():
            parts.append(f"deletes {_named(deleted)}")
        sentence = " and ".join(parts)
        return f"{sentence[0].upper()}{sentence[1:]}." if sentence else ""

    # Keys

    def _field_takes(self, event: QKeyEvent) -> bool:
        self._is_shrinking = event.key() in _SHRINKING
        if event.key() in (_Key.Key_Return, _Key.Key_Enter):
            if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                self.add_typed()
                self.accept()
            elif self.field.text().strip():
                self.add_typed()
            else:
                self.accept()
            return True
        if event.key() == _Key.Key_Down and self.model.rowCount():
            self.list.setFocus()
            self._show_row(max(0, self.list.currentIndex().row()))
            return True
        if event.key() == _Key.Key_Escape and self.field.text():
            self.field.clear()
            return True
        return False

    def _list_takes(self, event: QKeyEvent) -> bool:
        row, key = self.list.currentIndex().row(), event.key()
        if key in (_Key.Key_Return, _Key.Key_Enter):
            self.accept()
        elif key == _Key.Key_Up and row <= 0:
            self.field.setFocus()
        elif key in _SHRINKING and row >= 0:
            self.model.want(self.model.tag(row), on=False)
        elif key == _Key.Key_Space and row >= 0:
            self.model.turn(row)
        elif event.text().isprintable() and event.text().strip() and not _is_command(event):
            self.field.setFocus()
            self.field.setText(event.text())
            self._is_shrinking = False
            self._on_typed(event.text())
        else:
            return False
        return True

    def _show_row(self, row: int | None) -> None:
        if row is not None:
            self.list.setCurrentIndex(self.model.index(row))
            self.list.scrollTo(self.model.index(row))

    # Qt overrides

    def accept(self) -> None:
        change = self.change()
        if change is not None:
            super().accept()
            self.chosen.emit(change)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            takes = self._field_takes if watched is self.field else self._list_takes
            if takes(event):
                return True
        return super().eventFilter(watched, event)


class _TagDelegate(QStyledItemDelegate):
    """A box, the tag as a chip, and how many runs have it at the right."""

    def __init__(self, theme: Theme, parent: QListView) -> None:
        super().__init__(parent)
        self._theme = theme
        self._chips = ChipPainter(theme, parent.font())

    # Qt overrides

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        painter.save()
        has_focus = bool(option.state & QStyle.StateFlag.State_HasFocus)
        if has_focus or option.state & QStyle.StateFlag.State_MouseOver:
            ground = "selection" if has_focus else "hover"
            painter.fillRect(option.rect, self._theme.colour(ground))
        area = option.rect.adjusted(_PAD, 0, -_PAD, 0)
        side = box_size()
        box = QRect(area.left(), area.center().y() - side // 2, side, side)
        draw_check(
            painter, box, Qt.CheckState(index.data(Qt.ItemDataRole.CheckStateRole)), self._theme
        )
        note = index.data(NoteRole)
        painter.setFont(option.font)
        painter.setPen(self._theme.colour("text" if index.data(NewsRole) else "muted"))
        painter.drawText(area, int(_MIDDLE | Qt.AlignmentFlag.AlignRight), note)
        area.setLeft(box.right() + _PAD)
        area.setRight(area.right() - option.fontMetrics.horizontalAdvance(note) - _PAD)
        self._chips.draw(painter, [index.data()], area)
        painter.restore()

    def editorEvent(
        self,
        event: QEvent,
        model: QAbstractItemModel,
        option: QStyleOptionViewItem,
        index: AnyIndex,
    ) -> bool:
        """A click anywhere in the row turns its box."""
        is_release = event.type() == QEvent.Type.MouseButtonRelease
        if isinstance(event, QMouseEvent) and is_release:
            return model.setData(index, Qt.CheckState.Checked, CHECK)
        return False

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        return QSize(120, option.fontMetrics.height() + 12)


def _named(tags: list[str]) -> str:
    """The first tags by name, each kept apart from the direction of the text around it."""
    shown = [f"“\u2068{one_line(tag[:40])}{'…' if len(tag) > 40 else ''}\u2069”" for tag in tags]
    more = len(shown) - _MOST_NAMED
    return ", ".join(shown[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _is_command(event: QKeyEvent) -> bool:
    held = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    return bool(event.modifiers() & held)
