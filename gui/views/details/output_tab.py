"""The details tab with the output of a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QGuiApplication, QHideEvent, QKeyEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import QLabel, QMenu, QStackedWidget, QVBoxLayout, QWidget

from core.runs.output import OutputState, OutputWindow, TextPosition
from core.runs.output_matchers import Needle
from core.runs.output_search import Match
from core.text import format_bytes
from gui.naming import in_role, named
from gui.services import RunRef, Services
from gui.tool_tip import plain
from gui.views.details.details_tab import DetailsTab
from gui.views.output.output_bar import OutputBar
from gui.views.output.output_feed import COPY_LIMIT, OutputFeed
from gui.views.output.output_find import OutputFind
from gui.views.output.output_find_bar import OutputFindBar
from gui.views.output.output_view import OutputView

SCREENS_AROUND = 3


class OutputTab(DetailsTab):
    """Everything a run has written to its standard output and error, while it runs and after.

    A running run is shown from its end and followed; one that failed from its end too, where it
    says why; another one from its beginning.
    """

    name: ClassVar[str] = "output"
    title: ClassVar[str] = "Output"

    def __init__(self, services: Services, parent: QWidget | None = None) -> None:
        super().__init__(services, parent)
        self._begins_at_end = False
        self.feed = OutputFeed(services.bridge, self)
        self.search = OutputFind(services.bridge, self)
        self.bar = OutputBar(services.theme)
        self.find_bar = OutputFindBar(services.theme, self.search)
        self.view = OutputView(services.theme)
        self.message = named(in_role(plain(QLabel()), "muted"), "outputMessage", "Output")
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.message.setWordWrap(True)
        self.message.setMargin(24)
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.view)
        self.pages.addWidget(self.message)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for widget in (self.bar, self.find_bar):
            layout.addWidget(widget)
        layout.addWidget(self.pages, 1)
        self._connect()
        self._clear()

    def _connect(self) -> None:
        bar, feed, search, view = self.bar, self.feed, self.search, self.view
        bar.follow.toggled.connect(view.set_following)
        bar.wrap.toggled.connect(view.set_wrapped)
        bar.numbers.toggled.connect(view.set_numbers)
        bar.times_changed.connect(lambda: view.set_times(bar.time_mode))
        bar.copy.triggered.connect(lambda: self._copy())
        bar.select_all.triggered.connect(lambda: view.select_all())
        bar.read_all.triggered.connect(lambda: feed.read_all())
        bar.search.triggered.connect(lambda: self._open_find())
        bar.next_stderr.triggered.connect(lambda: self._go_to_stderr(forward=True))
        bar.previous_stderr.triggered.connect(lambda: self._go_to_stderr(forward=False))
        feed.opened.connect(self._on_opened)
        feed.state_changed.connect(self._on_state)
        feed.window_read.connect(self._on_window)
        feed.text_read.connect(self._on_text)
        feed.stderr_found.connect(self._on_stderr)
        view.window_wanted.connect(self._on_window_wanted)
        view.following_changed.connect(self._on_following)
        view.copy_wanted.connect(self._copy)
        view.menu_wanted.connect(self._show_menu)
        search.match_found.connect(self._on_match)
        search.marks_found.connect(lambda marks: self._mark(marks))
        search.changed.connect(lambda: self._mark(view.look.marks))
        self.find_bar.needle_changed.connect(self._on_needle)
        self.find_bar.step_wanted.connect(lambda forward: self._step(forward=forward))
        self.find_bar.closed.connect(self._close_find)

    def choices(self) -> dict[str, Any]:
        return self.bar.choices()

    def set_choices(self, choices: Mapping[str, Any]) -> None:
        self.bar.set_choices(choices)

    def _load(self, run: RunRef) -> None:
        if self.feed.reader is None:
            self.feed.lines = self._lines_around()
            self.feed.open(run.contents)
            self._restart_search()
        else:
            self.feed.look()

    def _clear(self) -> None:
        self.feed.close()
        self.search.stop()
        self.view.clear()
        self.view.set_following(False)
        self.bar.say("")
        self._show_message("")

    def _lines_around(self) -> int:
        return max(60, SCREENS_AROUND * self.view.rows.height)

    # What was read

    def _on_opened(self, is_running: bool, has_failed: bool) -> None:
        self.view.set_following(is_running or self.view.is_following)
        self._begins_at_end = has_failed

    def _on_state(self, state: OutputState) -> None:
        self.bar.show_state(state)
        self.bar.setEnabled(not state.problem)
        self._show_message(state.problem)
        if state.problem:
            self.view.clear()
            return
        self.view.set_state(state)
        window = self.view.rows.window
        is_other = not window.lines or window.generation != state.generation
        if is_other and not self.feed.is_reading:
            self.feed.begin()
        self.view.want_more()
        self.search.extend()

    def _on_window(self, window: OutputWindow) -> None:
        if not window.lines:
            return
        self._show_message("")
        self.view.show_window(window)
        if self._begins_at_end:
            self._begins_at_end = False
            self.view.go_to("end")
        if self.find_bar.isVisible():
            self.search.mark(window)

    def _on_window_wanted(self, place: object) -> None:
        self.feed.lines = self._lines_around()
        self.feed.want("end" if place == "end" else int(str(place)))

    def _on_following(self, following: bool) -> None:
        self.feed.follow = following
        self.bar.follow.setChecked(following)

    def _show_message(self, text: str) -> None:
        self.message.setText(text)
        self.pages.setCurrentWidget(self.message if text or self.run is None else self.view)

    # Copy and menu

    def _copy(self) -> None:
        selection = self.view.selection
        if selection is not None:
            self.feed.copy(*selection)

    def _on_text(self, text: str, is_whole: bool) -> None:
        QGuiApplication.clipboard().setText(text)
        if not is_whole:
            size = format_bytes(COPY_LIMIT)
            self.bar.say(f"Copied the first {size} of the selection; the rest is too large.")

    def _show_menu(self, point: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.bar.copy.setEnabled(self.view.selection is not None)
        self.bar.fill_menu(menu)
        menu.aboutToHide.connect(lambda: self.bar.copy.setEnabled(True))
        menu.popup(point)

    # Search

    def _open_find(self) -> None:
        self.find_bar.open(self._selected_on_one_line())

    def _selected_on_one_line(self) -> str:
        selection = self.view.selection
        if selection is None or selection[0].offset != selection[1].offset:
            return ""
        index = self.view.rows.index_of(selection[0].offset)
        if index is None:
            return ""
        text = self.view.rows.window.lines[index].text
        return text[selection[0].column : selection[1].column]

    def _close_find(self) -> None:
        self.find_bar.hide()
        self.search.stop()
        self.view.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_needle(self, needle: Needle | None) -> None:
        reader = self.feed.reader
        if needle is None or reader is None:
            self.search.stop()
            return
        current = self.search.current
        begin = self._place_on_screen() if current is None else current.begin
        self.search.start(reader, needle, TextPosition(begin.offset, begin.column - 1))
        self.search.mark(self.view.rows.window)

    def _restart_search(self) -> None:
        if self.find_bar.isVisible():
            self._on_needle(self.find_bar.needle)

    def _step(self, *, forward: bool) -> None:
        if self.find_bar.isVisible():
            current = self.search.current
            at = current.begin if current is not None else self._place_on_screen()
            self.search.go(at, forward=forward)
        else:
            self._open_find()

    def _place_on_screen(self) -> TextPosition:
        return TextPosition(self.view.rows.top_offset, 0)

    def _on_match(self, match: Match) -> None:
        self.view.set_following(False)
        self.view.select(match.begin, match.end)
        self.view.show_caret()

    def _mark(self, marks: object) -> None:
        current = self.search.current
        place = None
        if current is not None:
            place = (current.begin.offset, current.begin.column, current.end.column)
        self.view.set_marks(marks if isinstance(marks, dict) else {}, place)

    # Stderr

    def _go_to_stderr(self, *, forward: bool) -> None:
        self.feed.find_stderr(self.view.caret.offset, forward=forward)

    def _on_stderr(self, offset: int | None) -> None:
        if offset is None:
            self.bar.say("There is no further stderr that way.")
            return
        self.view.set_following(False)
        self.view.place_caret(TextPosition(offset, 0))
        self.view.go_to(offset, rows_above=2)

    def _key_action(self, event: QKeyEvent) -> Callable[[], None] | None:
        """What a key means anywhere in this tab; None when nothing."""
        back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.matches(QKeySequence.StandardKey.Find):
            return self._open_find
        if event.key() == Qt.Key.Key_F3:
            return lambda: self._step(forward=not back)
        if event.key() == Qt.Key.Key_F4:
            return lambda: self._go_to_stderr(forward=not back)
        if event.key() == Qt.Key.Key_Escape and self.find_bar.isVisible():
            return self._close_find
        return None

    # Qt overrides

    def event(self, event: QEvent) -> bool:
        # Claimed before the window's shortcuts: Ctrl+F there means the filter of the runs.
        is_claimed = (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and self._key_action(event) is not None
        )
        if is_claimed:
            event.accept()
        return is_claimed or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        action = self._key_action(event)
        if action is None:
            event.ignore()
        else:
            action()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.feed.look()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.feed.pause()
