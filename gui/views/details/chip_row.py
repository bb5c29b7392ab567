"""The tags of one run as chips, side by side, wrapping to the next line where they must."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from gui.theme import Theme
from gui.tool_tip import plain_tip
from gui.views.chip_painter import chip_text

GAP = 5
PADDING = 8


class ChipRow(QWidget):
    """Chips whose texts can be selected; one that is too long ends with an ellipsis.

    Args:
        theme: Colours; the chips follow its changes.
        parent: Owner.

    Signals:
        tag_clicked: The chip of a tag was clicked (its name).
    """

    tag_clicked = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._texts: tuple[str, ...] = ()
        self._tags: tuple[str, ...] = ()
        self._labels: list[QLabel] = []
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme.changed.connect(self._dress)

    def show_tags(self, tags: Sequence[str], *, lead: str = "") -> None:
        """Show these tags, each on its colour.

        Args:
            tags: Names of tags.
            lead: Text of a grey chip before them, which is no tag; empty for none.
        """
        texts = (lead, *tags) if lead else tuple(tags)
        if texts == self._texts and tuple(tags) == self._tags:
            return
        self._texts, self._tags = texts, tuple(tags)
        while len(self._labels) < len(self._texts):
            self._labels.append(self._new_label())
        for number, label in enumerate(self._labels):
            label.setVisible(number < len(self._texts))
        self._dress()
        self._arrange(self.width(), move=True)
        self.updateGeometry()

    def _new_label(self) -> QLabel:
        label = QLabel(self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        label.installEventFilter(self)
        return label

    def _dress(self) -> None:
        colour, theme = self._theme.colour("chip-text").name(), self._theme
        radius = self._chip_height() // 2
        leads = len(self._texts) - len(self._tags)
        for number, (label, text) in enumerate(zip(self._labels, self._texts, strict=False)):
            is_tag = number >= leads
            ground = theme.tag_colour(text) if is_tag else theme.colour("chip")
            shape = Qt.CursorShape.PointingHandCursor if is_tag else Qt.CursorShape.ArrowCursor
            label.setCursor(shape)
            label.setStyleSheet(
                f"background: {ground.name()}; color: {colour}; border-radius: {radius}px;"
                f" padding: 0 {PADDING}px;"
            )

    def _chip_height(self) -> int:
        return self.fontMetrics().height() + 4

    def _arrange(self, width: int, *, move: bool) -> int:
        """Lay the chips out in `width` and return the height they need."""
        x = y = 0
        height = self._chip_height()
        for label, text in zip(self._labels, map(chip_text, self._texts), strict=False):
            wanted = self.fontMetrics().horizontalAdvance(text) + 2 * PADDING + 2
            actual = min(wanted, max(width, 4 * PADDING))
            if x and x + actual > width:
                x, y = 0, y + height + GAP
            if move:
                self._place(label, text, QRect(x, y, actual, height), is_cut=actual < wanted)
            x += actual + GAP
        return y + height if self._texts else 0

    def _place(self, label: QLabel, text: str, place: QRect, *, is_cut: bool) -> None:
        room = place.width() - 2 * PADDING - 2
        elide = Qt.TextElideMode.ElideRight
        label.setText(self.fontMetrics().elidedText(text, elide, room) if is_cut else text)
        label.setToolTip(plain_tip(text) if is_cut else "")
        label.setGeometry(place)

    # Qt overrides

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A click on a tag, where no text was selected by it."""
        is_release = event.type() == QEvent.Type.MouseButtonRelease
        if is_release and isinstance(event, QMouseEvent) and isinstance(watched, QLabel):
            number = self._labels.index(watched) - (len(self._texts) - len(self._tags))
            is_inside = watched.rect().contains(event.position().toPoint())
            is_left = event.button() == Qt.MouseButton.LeftButton
            if is_left and is_inside and number >= 0 and not watched.hasSelectedText():
                self.tag_clicked.emit(self._tags[number])
        return super().eventFilter(watched, event)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._arrange(width, move=False)

    def sizeHint(self) -> QSize:
        return QSize(100, self._arrange(max(self.width(), 60), move=False))

    def minimumSizeHint(self) -> QSize:
        return QSize(40, self._chip_height() if self._texts else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(self.width(), move=True)
