"""The filter box: one line for words or an expression.

What is typed is applied by itself when it is understood; what is not is underlined where it goes
wrong and explained below, and the runs stay as they were. An expression that only lacks its end is
left in peace for a moment, since it is probably still being typed. A word that tests nothing is
underlined too, and explained for a while to who is at the box: it is allowed, but a slip.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QHideEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QWidget

from core.clock import now_us
from core.errors import QueryError
from core.index.columns import RunColumns
from core.index.filters import Filters
from core.index.query_lexer import Token
from core.index.query_parser import MAX_TEXT, first_idle_word
from gui.services import Services
from gui.table.filter_history import FilterHistory
from gui.views.filter.filter_completer import FilterCompleter
from gui.views.filter.filter_field import FilterField
from gui.views.filter.filter_help import FilterHelp
from gui.views.filter.filter_hint import hint_of
from gui.views.filter.filter_paint import paints_of
from gui.views.filter.filter_problem import FilterProblem

APPLY_MS = 120
COMPLAIN_MS = 800
"""How long an expression may lack its end before that is called an error."""

HINT_MS = 10_000
"""How long a hint is read; then it no longer covers the tabs."""

PLACEHOLDER = "Find runs: words, or an expression like loss < 0.5 and started last 7 days"
_SHOWN_IN_HISTORY = 12


class FilterEdit(QWidget):
    """The box with its completions, history, help and error.

    Args:
        columns: Where names and values for completion come from.
        services: Theme, and the bridge for counting them.
        parent: Owner.
        clock: The present in microseconds since 1970-01-01 UTC.

    Attributes:
        field: The line edit itself (object name filterEdit).
        completer: Its completions.
        history: What was entered; the caller restores and keeps its texts.

    Signals:
        filters_changed: The user asks for other runs, and it is understood (a Filters).
        table_requested: The user wants to go on to the table (Down, or Escape when empty).
        remembered: A text came into the history.
    """

    filters_changed = Signal(object)
    table_requested = Signal()
    remembered = Signal()

    def __init__(
        self,
        columns: RunColumns,
        services: Services,
        parent: QWidget | None = None,
        clock: Callable[[], int] = now_us,
    ) -> None:
        super().__init__(parent)
        self._theme = services.theme
        self._applied = Filters()
        self._error: QueryError | None = None
        self._idle: Token | None = None
        self.history = FilterHistory()
        self.field = self._make_field()
        self._search, self._clear = self._make_actions()
        self.completer = FilterCompleter(self.field, columns, services, clock)
        self._help: FilterHelp | None = None
        self._problem = FilterProblem(self)
        self._apply_timer = self._make_timer(APPLY_MS, self._apply)
        self._complain_timer = self._make_timer(COMPLAIN_MS, self._show_problem)
        self._hint_timer = self._make_timer(HINT_MS, self._problem.hide)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.field)
        self._connect()
        self._on_theme_changed()

    # What others ask for

    def text(self) -> str:
        """What stands in the box."""
        return self.field.text()

    def set_text(self, text: str) -> None:
        """Put a text into the box; who does so shows the runs, so nothing is emitted."""
        self._apply_timer.stop()
        self.field.setText(text)
        self.history.leave()
        self.completer.hide()
        self._applied = Filters.of_box(text)
        self._check()

    def show_error(self, error: QueryError) -> None:
        """Underline and explain what was found wrong later, e.g. a day that does not exist."""
        self._error = error
        self._show_problem()

    def error(self) -> QueryError | None:
        """What is wrong with the text; None when it is understood."""
        return self._error

    def problem_text(self) -> str:
        """The sentence that is shown below the box; empty when there is none."""
        return self._problem.sentence

    def start_typing(self) -> None:
        """Take the focus, with all text selected, ready to be replaced."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def clear(self) -> None:
        """Ask for all runs."""
        self.field.clear()
        self.apply_now()

    def apply_now(self) -> None:
        """Use what is in the box without waiting for the end of typing."""
        self._apply_timer.stop()
        self._apply()

    def show_help(self) -> None:
        """Open the card with examples."""
        self.completer.hide()
        if self._help is None:  # most boxes are never asked
            self._help = FilterHelp(self)
            self._help.example_chosen.connect(self._try_example)
        self._help.show_below(self.mapToGlobal(QPoint(0, self.height() + 4)))

    # Applying

    def _apply(self) -> None:
        filters = self._check()
        if filters is None or filters == self._applied:
            return
        self._applied = filters
        self.filters_changed.emit(filters)

    def _check(self) -> Filters | None:
        """Understand the text; None when it is not, which is then shown."""
        text = self.text()
        filters = Filters.of_box(text)
        try:
            filters.validate()
        except QueryError as e:
            self._error = e
            if e.position >= len(text.rstrip()):
                self._complain_timer.start()
                self._paint()
            else:
                self._show_problem()
            return None
        self._drop_problem()
        self._idle = first_idle_word(filters.expression) if filters.expression else None
        if self._idle is not None:
            self._complain_timer.start()
        return filters

    def _drop_problem(self) -> None:
        self._error = self._idle = None
        self._complain_timer.stop()
        self._hint_timer.stop()
        self._problem.hide()
        self.field.setAccessibleDescription(PLACEHOLDER)
        self._paint()

    @Slot()
    def _show_problem(self) -> None:
        self._complain_timer.stop()
        if self._error is None:
            self._show_hint()
            return
        self.field.setAccessibleDescription(self._error.told)
        self._paint()
        if not self.isVisible():
            return
        self._hint_timer.stop()
        self._problem.explain(self._error.told)

    def _show_hint(self) -> None:
        """Say what a word that tests nothing does, to who is at the box."""
        if self._idle is None:
            return
        hint = hint_of(self._idle)
        self.field.setAccessibleDescription(hint)
        self._paint()
        if self.field.hasFocus() and self.isVisible() and not self.completer.popup.isVisible():
            self._problem.explain(hint, is_hint=True)
            self._hint_timer.start()

    @Slot()
    def _on_completions_closed(self) -> None:
        if self._error is None and not self._complain_timer.isActive():
            self._show_hint()

    @Slot()
    def _on_unfocused(self) -> None:
        if self._hint_timer.isActive():
            self._hint_timer.stop()
            self._problem.hide()

    def _paint(self) -> None:
        is_shown = not self._complain_timer.isActive()
        error, idle = (self._error, self._idle) if is_shown else (None, None)
        words = self.completer.words
        self.field.paint_words(paints_of(self.text(), error, words, self._theme, idle))

    # Keys

    @Slot(str)
    def _on_key(self, key: str) -> None:
        if self.completer.takes(key):
            self.field.take_key()
            return
        handlers: dict[str, Callable[[], None]] = {
            "up": self._go_back,
            "down": self._go_forward,
            "enter": self._enter,
            "escape": self._escape,
            "help": self.show_help,
            "complete": lambda: self.completer.complete(asked=True),
        }
        handler = handlers.get(key)
        if handler is not None:
            self.field.take_key()
            handler()

    def _enter(self) -> None:
        self.completer.hide()
        self.apply_now()
        if self._error is not None or self._idle is not None:
            self._show_problem()
        if self._error is None and self.text().strip():
            self.history.add(self.text())
            self.remembered.emit()

    def _escape(self) -> None:
        if self.text():
            self.clear()
        else:
            self.table_requested.emit()

    def _go_back(self) -> None:
        text = self.history.older(self.text())
        if text is not None:
            self._put(text)

    def _go_forward(self) -> None:
        text = self.history.newer()
        if text is None:
            self.completer.hide()
            self.table_requested.emit()
        else:
            self._put(text)

    def _try_example(self, text: str) -> None:
        self._put(text)
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)  # to make it one's own

    def _put(self, text: str) -> None:
        """A text from the history or the help: shown and applied at once."""
        self.completer.hide()
        self.field.setText(text)
        self.apply_now()

    # Parts

    def _make_field(self) -> FilterField:
        field = FilterField(self)
        field.setObjectName("filterEdit")
        field.setAccessibleName("Filter")
        field.setAccessibleDescription(PLACEHOLDER)
        field.setPlaceholderText(PLACEHOLDER)
        field.setToolTip("Words or an expression (F1 explains; Up brings back earlier ones)")
        field.setMaxLength(MAX_TEXT + 1)  # one more, so that the rest is not lost unsaid
        field.setTextMargins(-5, 0, 0, 0)  # Qt leaves more room behind the icon than it needs
        return field

    def _make_actions(self) -> tuple[QAction, QAction]:
        leading = QLineEdit.ActionPosition.LeadingPosition
        search = self.field.addAction(self._theme.icon("search", "muted"), leading)
        search.setToolTip("Earlier filters and help")
        search.triggered.connect(self._show_menu)
        trailing = QLineEdit.ActionPosition.TrailingPosition
        clear = self.field.addAction(self._theme.icon("clear", "muted"), trailing)
        clear.setToolTip("Show all runs (Esc)")
        clear.setObjectName("filterClear")
        clear.setVisible(False)
        clear.triggered.connect(self.clear)
        return search, clear

    def _make_timer(self, interval: int, slot: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(interval)
        timer.timeout.connect(slot)
        return timer

    def _connect(self) -> None:
        self.field.textEdited.connect(self._on_typed)
        self.field.textChanged.connect(self._on_text_changed)
        self.field.key_asked.connect(self._on_key)
        self.field.unfocused.connect(self._on_unfocused)
        self.completer.accepted.connect(self._on_typed)
        self.completer.words_changed.connect(self._paint)
        self.completer.popup.closed.connect(self._on_completions_closed)
        self._theme.changed.connect(self._on_theme_changed)

    @Slot()
    def _on_typed(self) -> None:
        self.history.leave()
        self._apply_timer.start()
        self.completer.complete(asked=False)

    @Slot()
    def _on_text_changed(self) -> None:
        self._clear.setVisible(bool(self.text()))
        # The place of an error means nothing in another text.
        self._drop_problem()

    @Slot()
    def _show_menu(self) -> None:
        menu = QMenu(self)
        for text in self.history.texts[:_SHOWN_IN_HISTORY]:
            shown = text if len(text) <= 60 else f"{text[:59]}…"
            menu.addAction(shown.replace("&", "&&"), partial(self._put, text))
        if not self.history.texts:
            menu.addAction("No earlier filters").setEnabled(False)
        menu.addSeparator()
        menu.addAction("How to Filter\tF1", self.show_help)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.mapToGlobal(QPoint(0, self.height() + 2)))

    @Slot()
    def _on_theme_changed(self) -> None:
        self._search.setIcon(self._theme.icon("search", "muted"))
        self._clear.setIcon(self._theme.icon("clear", "muted"))
        self._paint()

    # Qt overrides

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.completer.hide()
        self._problem.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.completer.hide()
        if self.problem_text():
            self._show_problem()
