"""Asks before something is done to runs: how many, which, how large, and the verb on the button."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.text import plural
from gui.dialogs.card import MARGINS, lay_out_card, sign_of
from gui.naming import in_role, named
from gui.theme import Theme
from gui.tool_tip import plain, plain_tip
from gui.views.check_box import CheckBox

MOST_NAMES = 5
COUNTING = "Counting the size…"
_WIDTH = 440


class Question(Struct, frozen=True):
    """What is asked.

    Attributes:
        object_name: Of the dialog.
        title: The question, with the number of runs: "Delete 3 runs permanently?".
        sentence: What it means.
        names: Each run as people know it; only the first ones are shown.
        verb: The button's text for a number of runs.
        count: How many runs.
        also: How many more may go along; 0 asks nothing.
        also_text: The check box for them.
        is_also: Whether it is checked at first.
        is_safe: It can be taken back: Enter does it. Otherwise Enter cancels.
        has_size: The size is being counted and will be shown.
        third: Text of a button between the verb and Cancel; empty for none.
        cancel: Text of the button that changes nothing; empty for the usual one.
    """

    object_name: str
    title: str
    sentence: str
    names: Sequence[str]
    verb: Callable[[int], str]
    count: int
    also: int = 0
    also_text: str = ""
    is_also: bool = False
    is_safe: bool = False
    has_size: bool = False
    third: str = ""
    cancel: str = ""


class RunsQuestion(QDialog):
    """One question about runs; Cancel is always there, and never in doubt.

    Args:
        question: What is asked.
        theme: Draws the sign.
        parent: The window.

    Signals:
        agreed: The user pressed the verb (whether the others are to go along).
        also_changed: The others are to go along now, or not any more (bool).
        third_chosen: The user pressed the button between the verb and Cancel.
    """

    agreed = Signal(bool)
    also_changed = Signal(bool)
    third_chosen = Signal()

    def __init__(self, question: Question, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(question.object_name)
        self.setWindowTitle(question.title)
        self._question = question
        self._size = in_role(named(plain(QLabel()), "questionSize"), "muted")
        self._size.setText(COUNTING)
        self._size.setVisible(question.has_size)
        self._also = named(CheckBox(question.also_text, theme), "questionAlso")
        self._also.setChecked(question.is_also)
        self._also.setVisible(bool(question.also))
        self._also.toggled.connect(self._show_verb)
        self._also.toggled.connect(self.also_changed)
        self._verb = named(QPushButton(), "questionVerb")
        self._show_verb()
        self._lay_out(theme)
        self.finished.connect(self.deleteLater)

    def show_size(self, text: str) -> None:
        """Show what is known of the size by now."""
        self._size.setText(text)

    def _lay_out(self, theme: Theme) -> None:
        is_safe = self._question.is_safe
        looks = ("info", "accent", "Question") if is_safe else ("warning", "error", "Warning")
        words = QVBoxLayout()
        words.setSpacing(8)
        for widget in (*self._words(), self._names(), self._size, self._also):
            words.addWidget(widget)
        buttons = self._buttons()
        lay_out_card(self, sign_of(theme, *looks), words, buttons)
        needed = buttons.sizeHint().width() + MARGINS.left() + MARGINS.right()
        self.setFixedWidth(max(_WIDTH, needed))  # three verbs with a number want more
        default = self._verb if self._question.is_safe else self._cancel
        default.setDefault(True)
        default.setFocus()  # else the first button takes the keyboard, and with it Enter

    def _words(self) -> tuple[QLabel, QLabel]:
        heading = in_role(named(plain(QLabel(self._question.title)), "questionTitle"), "heading")
        sentence = in_role(named(plain(QLabel(self._question.sentence)), "questionText"), "muted")
        heading.setWordWrap(True)
        sentence.setWordWrap(True)
        return heading, sentence

    def _names(self) -> QWidget:
        """Up to five names, each on one line of its own, and how many there are besides."""
        box = named(QWidget(), "questionNames")
        rows = QVBoxLayout(box)
        rows.setContentsMargins(0, 2, 0, 2)
        rows.setSpacing(3)
        shown = self._question.names[:MOST_NAMES]
        room = _WIDTH - 36 - 24 - 12
        for name in shown:
            label = named(plain(QLabel()), "questionName")
            one_line = " ".join(name.split())
            metrics = label.fontMetrics()
            label.setText(metrics.elidedText(one_line, Qt.TextElideMode.ElideRight, room))
            label.setToolTip(plain_tip(name))
            rows.addWidget(label)
        more = self._question.count - len(shown)
        if more > 0:
            rows.addWidget(in_role(plain(QLabel(f"and {plural(more, 'more', 'more')}")), "muted"))
        return box

    def _buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.addButton(self._verb, QDialogButtonBox.ButtonRole.AcceptRole)
        self._cancel = buttons.button(QDialogButtonBox.StandardButton.Cancel)
        if self._question.cancel:
            self._cancel.setText(self._question.cancel)
        if self._question.third:
            third = named(QPushButton(self._question.third), "questionThird")
            third.setAutoDefault(False)
            third.clicked.connect(self._on_third)
            buttons.addButton(third, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.accepted.connect(self._on_agreed)
        buttons.rejected.connect(self.reject)
        return buttons

    def _show_verb(self) -> None:
        count = self._question.count + (self._question.also if self._is_also() else 0)
        self._verb.setText(self._question.verb(count))

    def _is_also(self) -> bool:
        return bool(self._question.also) and self._also.isChecked()

    def _on_third(self) -> None:
        self.accept()
        self.third_chosen.emit()

    def _on_agreed(self) -> None:
        is_also = self._is_also()
        self.accept()
        self.agreed.emit(is_also)
