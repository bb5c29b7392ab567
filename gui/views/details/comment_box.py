"""Where a comment is written: a text that grows with its lines, and what to do with it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from gui.naming import in_role, named
from gui.tool_tip import plain

MARGIN = 14
LEAST_LINES, MOST_LINES = 3, 10
LONGEST = 100_000


class CommentText(QPlainTextEdit):
    """Plain text; Ctrl+Enter says it is done, Escape that it is not wanted.

    Signals:
        entered: Ctrl+Enter.
        left: Escape.
    """

    entered = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTabChangesFocus(True)
        self.document().setDocumentMargin(2)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        self._fit()
        self.document().clearUndoRedoStacks()  # Qt counts its own set-up

    @Slot()
    def _fit(self) -> None:
        """As high as its lines, within limits."""
        lines = min(max(int(self.document().size().height()), LEAST_LINES), MOST_LINES)
        self.setFixedHeight(lines * self.fontMetrics().lineSpacing() + 16)

    # Qt overrides

    def event(self, event: QEvent) -> bool:
        """Undo and Redo are about what was typed, and about the runs where nothing was."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            document = self.document()
            is_undo = event.matches(QKeySequence.StandardKey.Undo)
            is_redo = event.matches(QKeySequence.StandardKey.Redo)
            if (is_undo and not document.isUndoAvailable()) or (
                is_redo and not document.isRedoAvailable()
            ):
                event.ignore()
                return False
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_enter and held == Qt.KeyboardModifier.ControlModifier:
            self.entered.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


class CommentBox(QWidget):
    """The text, a sentence about it, and its buttons.

    Attributes:
        text: The text (object name commentEdit).

    Signals:
        entered: The text is to be written (itself).
        given_up: Back to a new comment.
        typed: The user changed the text.
    """

    entered = Signal(str)
    given_up = Signal()
    typed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = named(CommentText(self), "commentEdit", "Comment")
        self._note = in_role(named(plain(QLabel(self)), "commentNote"), "muted")
        self._note.setWordWrap(True)
        self._apply = named(QPushButton("Add Comment", self), "commentApply")
        self._cancel = named(QPushButton("Cancel", self), "commentCancel")
        self._apply.setProperty("primary", True)  # noqa: FBT003 - Qt's signature
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self._cancel)
        buttons.addWidget(self._apply)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, 10, MARGIN, 12)
        layout.setSpacing(8)
        layout.addWidget(self._note)
        layout.addWidget(self.text)
        layout.addLayout(buttons)
        self.text.textChanged.connect(self._on_changed)
        self.text.entered.connect(self.enter)
        self.text.left.connect(self._on_left)
        self._apply.clicked.connect(self.enter)
        self._cancel.clicked.connect(self.given_up)
        self._apply.setToolTip("Ctrl+Enter")

    def show_task(self, verb: str, hint: str, *, can_cancel: bool) -> None:
        """What happens to the text: of the button, and in the empty field."""
        self._apply.setText(verb)
        self._cancel.setVisible(can_cancel)
        self.text.setPlaceholderText(hint)
        self._on_changed()

    def say(self, sentence: str, role: str = "muted") -> None:
        """A sentence over the text; empty for none."""
        in_role(self._note, role)
        self._note.style().unpolish(self._note)
        self._note.style().polish(self._note)
        self._note.setText(sentence)
        self._note.setVisible(bool(sentence))

    def note(self) -> str:
        """The sentence over the text."""
        return self._note.text()

    def body(self) -> str:
        """What was typed."""
        return self.text.toPlainText()

    def put(self, body: str) -> None:
        """Show a text, with the cursor behind it."""
        if body != self.body():
            self.text.setPlainText(body)
            self.text.moveCursor(self.text.textCursor().MoveOperation.End)

    def set_busy(self, *, on: bool) -> None:
        """While the text is being written it can only be read."""
        self.text.setReadOnly(on)
        self._on_changed()

    @Slot()
    def enter(self) -> None:
        """Hand over what was typed."""
        if self._apply.isEnabled():
            self.entered.emit(self.body())

    @Slot()
    def _on_changed(self) -> None:
        body = self.body()
        is_fit = bool(body.strip()) and len(body) <= LONGEST
        self._apply.setEnabled(is_fit and not self.text.isReadOnly())
        if len(body) > LONGEST:
            self.say(f"A comment has at most {LONGEST:,} letters; this one {len(body):,}.", "error")
        self.typed.emit()

    @Slot()
    def _on_left(self) -> None:
        if self._cancel.isVisible():
            self.given_up.emit()
        else:
            self.window().setFocus()
