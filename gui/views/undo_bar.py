"""The bar that floats above the table's lower edge: what was done, and what can be done about it.

Why it floats: a bar that pushed the table up would move the rows under the pointer each time
something is changed. Why it stays while the pointer or the keyboard is in it: it must not vanish
from under the hand that reaches for its button. Why the shadow is painted: Qt's effect would draw
the bar anew, through a picture, whenever a row below it changes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct, field
from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QColor,
    QEnterEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
)
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui.naming import named
from gui.theme import Theme
from gui.tool_tip import plain

STAY_MS = 10_000
GUARD_MS = 600
"""So long after "Cancel" the buttons do nothing: who wanted to press that would press Redo."""

_SHADOW = 8
_MARGIN = 6
_WIDEST = 720
_NARROWEST_TEXT = 220
_RADIUS = 8
_MOST_BUTTONS = 3

Act = Callable[[], object]


class BarText(Struct, frozen=True):
    """What the bar says.

    Attributes:
        sentence: What was done.
        buttons: What can be done about it: text and action, the most likely first.
        is_lasting: Stays until it is closed, because something was not done.
    """

    sentence: str
    buttons: Sequence[tuple[str, Act]] = field(default_factory=tuple)
    is_lasting: bool = False


class UndoBar(QFrame):
    """One sentence with buttons, or one with progress; hidden most of the time.

    Args:
        theme: Colours.
        area: Above whose lower edge it floats.
        leave: Gives the keyboard back when the bar goes that had it.
        stay_ms: How long a sentence stays.
    """

    def __init__(self, theme: Theme, area: QWidget, leave: Act, stay_ms: int = STAY_MS) -> None:
        super().__init__(area)
        named(self, "undoBar", "What was done")
        self._theme = theme
        self._area = area
        self._leave = leave
        self._is_lasting = False
        self._sentence = ""
        self._text = named(plain(QLabel()), "undoText")
        self._text.setWordWrap(True)
        self._buttons = [named(QPushButton(), f"undoButton{n}") for n in range(_MOST_BUTTONS)]
        self._button_row = QWidget()
        self._acts: list[Act] = []
        self._ground = QPixmap()
        self._close = named(QToolButton(), "undoClose", "Close this message")
        self._close.setToolTip("Close this message (Esc)")
        self._progress = named(QProgressBar(), "undoProgress", "Progress")
        self._progress.setTextVisible(False)
        self._timer = QTimer(self, singleShot=True, interval=stay_ms)
        self._guard = QTimer(self, singleShot=True, interval=GUARD_MS)
        self._lay_out()
        self._connect()
        self.hide()

    # What it says

    @property
    def sentence(self) -> str:
        """The sentence shown; empty while hidden."""
        return "" if self.isHidden() else self._text.text()

    def button(self, text: str) -> QPushButton | None:
        """The button of this text, if it is shown."""
        shown = (b for b in self._buttons if not b.isHidden() and not self.isHidden())
        return next((button for button in shown if button.text() == text), None)

    def say(self, text: BarText) -> None:
        """Show what was done until the next change, or for a while."""
        self._is_lasting = text.is_lasting
        if not self._progress.isHidden() and not self.isHidden():
            self._guard.start()
        self._progress.hide()
        self._close.show()
        self._show(text.sentence, text.buttons)
        self._restart()
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text.sentence))

    def show_progress(self, sentence: str, done: int, total: int, cancel: Act) -> None:
        """Show how far something is that goes on.

        A progress bar that is told a value paints itself and what lies below at once, and holds
        Python's lock until the display has taken it: a tenth of all that held it in a bulk
        change. With updates off and on again it is painted with the rest, in the next turn.
        """
        if self._progress.isHidden() or self.isHidden() or self._sentence != sentence:
            self._begin_progress(sentence, total, cancel)
        self._text.setText(f"{sentence}… {done:,} of {total:,}")
        self._progress.setUpdatesEnabled(False)
        self._progress.setValue(done)
        self._progress.setUpdatesEnabled(True)

    def _begin_progress(self, sentence: str, total: int, cancel: Act) -> None:
        """Make room for the last of the numbers, so that nothing moves while they grow."""
        self._timer.stop()
        self._is_lasting, self._sentence = True, sentence
        self._progress.setRange(0, total)
        self._progress.show()
        self._close.hide()
        self._show(f"{sentence}… {total:,} of {total:,}  ", [("Cancel", cancel)])

    def dismiss(self) -> None:
        """Go away; the keyboard goes back where it came from."""
        had_focus = self._has_keyboard()
        self._timer.stop()
        self.hide()
        if had_focus:
            self._leave()

    # Inside

    def _lay_out(self) -> None:
        row = QHBoxLayout(self._button_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for button in self._buttons:
            button.setAutoDefault(False)
            row.addWidget(button)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(2)
        self._grid.addWidget(self._text, 0, 0)
        self._grid.addWidget(self._close, 0, 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(_SHADOW + 14, _SHADOW + 6, _SHADOW + 6, _SHADOW + 6)
        layout.setSpacing(5)
        layout.addLayout(self._grid)
        layout.addWidget(self._progress)

    def _connect(self) -> None:
        for number, button in enumerate(self._buttons):
            button.clicked.connect(lambda _on=False, number=number: self._act(number))
        self._close.clicked.connect(self.dismiss)
        self._timer.timeout.connect(self._on_timeout)
        self._theme.changed.connect(self._dress)
        self._area.installEventFilter(self)
        for widget in (*self._buttons, self._close):
            widget.installEventFilter(self)
        self._dress()

    def _dress(self) -> None:
        self._close.setIcon(self._theme.icon("close", "on-bar"))
        self._ground = QPixmap()
        self.update()

    def _show(self, sentence: str, buttons: Sequence[tuple[str, Act]]) -> None:
        self._text.setText(sentence)
        shown = list(buttons)[:_MOST_BUTTONS]
        self._acts = [act for _, act in shown]
        for number, button in enumerate(self._buttons):
            button.setVisible(number < len(shown))
            if number < len(shown):
                button.setText(shown[number][0])
        self._place()
        self.show()
        self.raise_()

    def _place(self) -> None:
        """Take the place above the lower edge of the area, in its middle, on one line if it fits.

        The width is given to the label: left to itself, a label that wraps wants to be square.
        """
        room = min(_WIDEST, self._area.width() - 2 * _MARGIN)
        wanted = self._text.fontMetrics().horizontalAdvance(self._text.text()) + 2
        left = self._room_for_text(room, wanted, below=False)
        if left < min(wanted, _NARROWEST_TEXT):
            left = self._room_for_text(room, wanted, below=True)
        self._text.setFixedWidth(left)  # first: a label is never asked below its own width
        self._text.setFixedHeight(max(1, self._text.heightForWidth(left)))
        self._activate_layout()
        size = self.sizeHint()
        x = max(0, (self._area.width() - size.width()) // 2)
        y = self._area.height() - size.height() - _MARGIN
        self.setGeometry(x, y, size.width(), size.height())

    def _room_for_text(self, room: int, wanted: int, *, below: bool) -> int:
        """The width for the sentence with the buttons beside or below it."""
        self._grid.removeWidget(self._button_row)
        place = (1, 0, 1, 3) if below else (0, 1, 1, 1)
        self._grid.addWidget(self._button_row, *place, Qt.AlignmentFlag.AlignRight)
        self._text.setFixedSize(1 if below else wanted, 1)
        self._activate_layout()
        if not below:
            return wanted - max(0, self.sizeHint().width() - room)
        margins = self._close.sizeHint().width() + self._grid.horizontalSpacing()
        outer = self.layout()
        if outer is not None:
            margins += outer.contentsMargins().left() + outer.contentsMargins().right()
        return max(1, min(wanted, room - margins))

    def _activate_layout(self) -> None:
        layout = self.layout()
        if layout is not None:
            layout.invalidate()
            layout.activate()

    def _act(self, number: int) -> None:
        if self._guard.isActive():
            return
        act = self._acts[number]
        self.dismiss()
        act()

    def _restart(self) -> None:
        if not self._is_lasting and not self.underMouse() and not self._has_keyboard():
            self._timer.start()

    def _has_keyboard(self) -> bool:
        focus = QApplication.focusWidget()
        return focus is not None and self.isAncestorOf(focus)

    def _on_timeout(self) -> None:
        if not self.underMouse() and not self._has_keyboard():
            self.dismiss()

    # Qt overrides

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._area:
            if event.type() == QEvent.Type.Resize and not self.isHidden():
                self._place()
        elif event.type() == QEvent.Type.FocusIn:
            self._timer.stop()
        elif event.type() == QEvent.Type.FocusOut:
            QTimer.singleShot(0, self, self._restart)  # once the keyboard is where it goes
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and not self._close.isHidden():
            self.dismiss()
        else:
            super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        self._timer.stop()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        QTimer.singleShot(0, self, self._restart)
        super().leaveEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        ratio = self.devicePixelRatioF()
        if self._ground.isNull() or self._ground.size() != self.size() * ratio:
            self._ground = self._drawn_ground(ratio)
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._ground)
        painter.end()

    def _drawn_ground(self, ratio: float) -> QPixmap:
        """The bar and its shadow, kept: it is painted again with each row that changes below."""
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        ground = self.rect().adjusted(_SHADOW, _SHADOW, -_SHADOW, -_SHADOW)
        painter.setBrush(QColor(0, 0, 0, 9))
        for grow in range(_SHADOW, 0, -1):
            layer = ground.adjusted(-grow, 2 - grow, grow, min(grow + 2, _SHADOW))
            painter.drawRoundedRect(layer, _RADIUS + grow, _RADIUS + grow)
        painter.setBrush(self._theme.colour("bar"))
        painter.drawRoundedRect(ground, _RADIUS, _RADIUS)
        painter.end()
        return picture
