"""The label of a run as the title of a page, and the line in which it is typed anew."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gui.naming import in_role, named
from gui.services import RunRef
from gui.theme import Theme
from gui.tool_tip import plain
from gui.views.details.fact_sheet import IconButton
from gui.views.details.fact_text import FactText
from gui.views.table.label_editor import LONGEST, LabelLine, TypedLabel, fits_a_line


class LabelHeading(QWidget):
    """A title with what can be done to label and tags at its right.

    Args:
        theme: Colours and icons.
        parent: Owner.

    Attributes:
        text: The title.
        line: Where the label is typed; hidden unless it is.

    Signals:
        label_typed: A label is to be written (a TypedLabel).
        dialog_wanted: The label does not fit into a line.
        tags_wanted: The user wants to change the tags.
    """

    label_typed = Signal(object)
    dialog_wanted = Signal()
    tags_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run: RunRef | None = None
        self._label = self._expected = ""
        self._was_refused = False
        self.text = FactText(theme, self, name="Label")
        self.line = named(LabelLine(self), "overviewLabelEdit", "Label")
        self.line.setMaxLength(LONGEST)
        self._problem = in_role(plain(QLabel(self)), "error")
        self._problem.setWordWrap(True)
        self._edit = named(IconButton(theme, "edit", "Edit the label", self), "overviewEditLabel")
        self._tags = named(IconButton(theme, "tag", "Change the tags", self), "overviewEditTags")
        self._lay_out()
        self._edit.clicked.connect(self.edit)
        self._tags.clicked.connect(self.tags_wanted)
        self.line.entered.connect(self._on_entered)
        self.line.left.connect(self.leave)
        self.leave()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(2)
        row.addWidget(self.text, 1)
        row.addWidget(self.line, 1)
        for button in (self._edit, self._tags):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addLayout(row)
        layout.addWidget(self._problem)

    def show_run(self, run: RunRef, label: str) -> None:
        """Be about a run; what is being typed about it stays."""
        if self._run != run:
            self.leave()
        self._run, self._label = run, label
        for button in (self._edit, self._tags):
            button.setVisible(run.can_change)

    def problem(self) -> str:
        """The sentence under the line; empty when there is none."""
        return "" if self._problem.isHidden() else self._problem.text()

    @Slot()
    def edit(self) -> None:
        """Let the user type the label."""
        if self._run is None or not self._run.can_change:
            return
        if not fits_a_line(self._label):
            self.dialog_wanted.emit()
            return
        self._expected, self._was_refused = self._label, False
        self.line.setText(self._label)
        self._show_line(is_shown=True)
        self.line.setFocus(Qt.FocusReason.OtherFocusReason)
        self.line.select_whole()

    @Slot()
    def leave(self) -> None:
        """Show the label again, whatever was typed."""
        self._show_line(is_shown=False)

    def _show_line(self, *, is_shown: bool) -> None:
        had_focus = self.line.hasFocus()
        self.line.setReadOnly(False)
        self.line.setVisible(is_shown)
        self.text.setVisible(not is_shown)
        self._problem.hide()
        if had_focus and not is_shown:
            self._edit.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _on_entered(self) -> None:
        text, run = self.line.text().strip(), self._run
        if run is None or self.line.isReadOnly() or self.line.isHidden():
            return
        if self._was_refused:  # whoever enters it once more has read what it replaces
            self._expected = self._label
        if text == self._expected:
            self.leave()
            return
        self.line.setReadOnly(True)

        def tell(sentence: str) -> bool:
            is_here = self._run == run and not self.line.isHidden()
            if is_here and sentence:
                self._was_refused = True
                self.line.setReadOnly(False)
                self._problem.setText(sentence)
                self._problem.show()
            elif is_here:
                self.leave()
            return is_here

        self.label_typed.emit(TypedLabel(run, text, self._expected, tell))
