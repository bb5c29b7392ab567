"""The drawn part of the output view: lines around a place, scroll bars, following. No input.

Why no text widget of Qt's: those hold the whole document, which for a gigabyte takes minutes and
many gigabytes. This one holds some hundred lines around the place on screen and asks for others
by `window_wanted`; it never reads anything itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractScrollArea, QAbstractSlider, QFrame, QWidget

from core.runs.output import OutputState, OutputWindow
from gui.theme import Theme, mono_font
from gui.views.output.output_colours import OutputColours
from gui.views.output.output_paint import Columns, Look, OutputPainter, TimeMode
from gui.views.output.output_scroll import EMPTY, OutputScroll

WHEEL_ROWS = 3
_BAR_STEPS = 1 << 30

Place = int | Literal["end"]


class OutputCanvas(QAbstractScrollArea):
    """Shows a window of lines and scrolls through it.

    Args:
        theme: Colours and fonts.
        parent: Owner.

    Signals:
        window_wanted: Lines around a place (an offset, or "end") should be shown.
        following_changed: Whether the view stays at the end of the output.
    """

    window_wanted = Signal(object)
    following_changed = Signal(bool)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.rows = OutputScroll()
        self.look = Look()
        self.is_wrapped = False
        self.is_following = False
        self._theme = theme
        self._goal: Place | None = None
        self._goal_rows_above = 0
        self._widest = 0
        self._wheel = 0
        self._bar_unit = 1
        self.verticalScrollBar().actionTriggered.connect(self._on_bar_action)
        self.horizontalScrollBar().valueChanged.connect(self.viewport().update)
        theme.changed.connect(self._dress)
        self._dress()

    # What is shown

    def set_state(self, state: OutputState) -> None:
        """Know how much output there is."""
        self.rows.size = state.size
        if state.lines != self.look.lines or state.base_time != self.look.base_time:
            self.look.lines = state.lines
            self.look.base_time = state.base_time
            self._lay_out()

    def show_window(self, window: OutputWindow) -> None:
        """Show these lines, keeping the place unless another was asked for."""
        if window.generation != self.rows.window.generation:
            self._begin_anew()
        self.rows.show(window)
        self._widest = max([self._widest, *self._widths()])
        if self.is_following:
            self.go_to("end")
        elif self._goal is not None:
            self._reach_goal()
        self._lay_out()
        self.want_more()

    def clear(self) -> None:
        """Show nothing."""
        self.rows.show(EMPTY)
        self._begin_anew()
        self.look.lines = 0
        self._lay_out()

    def set_marks(
        self, marks: Mapping[int, Sequence[Columns]], current: tuple[int, int, int] | None
    ) -> None:
        """Mark matches on lines (by offset), and one of them as the current one."""
        self.look.marks = marks
        self.look.current = current
        self.viewport().update()

    def set_wrapped(self, wrapped: bool) -> None:
        """Break lines at the right edge, or let them go on behind it."""
        self.is_wrapped = wrapped
        self._lay_out()
        self.want_more()

    def set_numbers(self, shown: bool) -> None:
        """Show the number of each line."""
        self.look.numbers = shown
        self._lay_out()

    def set_times(self, mode: TimeMode) -> None:
        """Show the time of each line."""
        self.look.times = mode
        self._lay_out()

    def set_following(self, following: bool) -> None:
        """Stay at the end while the output grows."""
        if following == self.is_following:
            return
        self.is_following = following
        self.following_changed.emit(following)
        if following:
            self.go_to("end")

    @property
    def left(self) -> int:
        """Cells of unwrapped text that are scrolled out to the left."""
        return 0 if self.is_wrapped else self.horizontalScrollBar().value()

    # Places

    def go_to(self, place: Place, *, rows_above: int = 0) -> None:
        """Put the line at an offset near the top, or the last line at the bottom."""
        self._goal, self._goal_rows_above = place, rows_above
        if not self._reach_goal():
            self.window_wanted.emit(place)
            return
        self._after_scrolling()

    def scroll_rows(self, rows: int) -> None:
        """Move down by `rows`, up if negative; at the end the view follows, elsewhere not."""
        self._goal = None
        self.rows.scroll_by(rows)
        self.set_following(self.rows.is_at_end and rows >= 0)
        self._after_scrolling()

    def want_more(self) -> None:
        """Ask for lines where the window of them ends too near."""
        if self._goal is None and self.rows.wanted():
            self.window_wanted.emit(self.rows.top_offset)

    # Within

    def _reach_goal(self) -> bool:
        """Go to the place asked for, if its lines are here."""
        window = self.rows.window
        if self._goal == "end":
            if not self.rows.has_end:
                return False
            self.rows.go_to_end()
        elif self._goal is not None:
            index = self.rows.index_of(self._goal)
            if index is None:
                return not window.lines
            line = window.lines[index]
            share = (self._goal - line.offset) / max(1, line.end - line.offset)
            row = int(share * self.rows.layout(index).rows)
            self.rows.go_to(index, row, self._goal_rows_above)
        self._goal = None
        return True

    def _begin_anew(self) -> None:
        self._goal = None
        self._widest = 0
        self.look.marks, self.look.current = {}, None

    def _after_scrolling(self) -> None:
        self._fill_bars()
        self.viewport().update()
        self.want_more()

    def _lay_out(self) -> None:
        """Fit rows to the size of the viewport and bars to the rows."""
        width = self.viewport().width() - self.painter.margin(self.look)
        columns = max(10, int(width / self.painter.cell)) if self.is_wrapped else None
        stays_at_end = self.is_following and self.rows.is_at_end
        self.rows.resize(self.viewport().height() // self.painter.row_height, columns)
        if stays_at_end:
            self.rows.go_to_end()
        self._fill_bars()
        self.viewport().update()

    def _fill_bars(self) -> None:
        value, maximum, page = self.rows.bar()
        self._bar_unit = max(1, maximum // _BAR_STEPS)
        bar = self.verticalScrollBar()
        bar.blockSignals(True)  # noqa: FBT003 - Qt takes no name
        bar.setRange(0, maximum // self._bar_unit)
        bar.setPageStep(max(1, page // self._bar_unit))
        bar.setValue(value // self._bar_unit)
        bar.setEnabled(maximum > 0)  # the style sheet hides its handle then
        bar.blockSignals(False)  # noqa: FBT003 - as above
        across = self.horizontalScrollBar()
        room = int((self.viewport().width() - self.painter.margin(self.look)) / self.painter.cell)
        across.setRange(0, 0 if self.is_wrapped else max(0, self._widest + 1 - room))
        across.setPageStep(max(1, room))
        across.setSingleStep(4)

    def _widths(self) -> list[int]:
        if self.is_wrapped:
            return []
        return [self.rows.layout(i).cells for i in range(len(self.rows.window.lines))]

    def _dress(self) -> None:
        self.painter = OutputPainter(mono_font(), OutputColours(self._theme))
        self._lay_out()

    def _on_bar_action(self, action: int) -> None:
        """The user moved the scroll bar: `action` says how, its position where to."""
        bar = self.verticalScrollBar()
        steps = {
            QAbstractSlider.SliderAction.SliderSingleStepAdd.value: 1,
            QAbstractSlider.SliderAction.SliderSingleStepSub.value: -1,
            QAbstractSlider.SliderAction.SliderPageStepAdd.value: self.rows.height - 1,
            QAbstractSlider.SliderAction.SliderPageStepSub.value: 1 - self.rows.height,
        }
        if action in steps:
            self.scroll_rows(steps[action])
        elif bar.sliderPosition() >= bar.maximum():
            self.set_following(True)
            self.go_to("end")
        else:
            self.set_following(False)
            self.go_to(bar.sliderPosition() * self._bar_unit)
            return  # the handle stays under the pointer
        bar.setSliderPosition(bar.value())

    # Qt overrides

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        size = self.viewport().size()
        painter.fillRect(self.viewport().rect(), self.painter.colours.ground)
        self.painter.draw(painter, self.rows.visible(), self.look, self.left, size.width())
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()
        self.want_more()

    def wheelEvent(self, event: QWheelEvent) -> None:
        across = event.angleDelta().x()
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            across = across or event.angleDelta().y()
        if across:
            bar = self.horizontalScrollBar()
            bar.setValue(bar.value() - across // 15)
            return
        self._wheel -= event.angleDelta().y() * WHEEL_ROWS
        rows = int(self._wheel / 120)
        self._wheel -= rows * 120
        if rows:
            self.scroll_rows(rows)
        event.accept()

    def sizeHint(self) -> QSize:
        return QSize(int(self.painter.cell * 80), self.painter.row_height * 24)
