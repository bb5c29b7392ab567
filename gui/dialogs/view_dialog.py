"""Asks for the name of a view of a comparison."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)

from gui.dialogs.card import lay_out_fields
from gui.naming import in_role, named
from gui.theme import Theme
from gui.tool_tip import plain
from gui.views.check_box import CheckBox


class ViewDialog(QDialog):
    """A name, and whether an operation opens with the view.

    Args:
        name: The name that is proposed.
        names: Of the views there are: one of them would be replaced.
        operation: Of the compared runs; empty where they have several.
        theme: Colours.
        parent: The window.

    Signals:
        chosen: The user gave a name (it, and whether the operation opens with the view).
    """

    chosen = Signal(str, bool)

    def __init__(
        self, name: str, names: Collection[str], operation: str, *, theme: Theme, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setObjectName("viewDialog")
        self.setWindowTitle("Save view")
        self._names = {each.casefold() for each in names}
        self.name_edit = named(QLineEdit(name), "viewName", "Name")
        self.default_box = named(
            CheckBox(f"Open comparisons of “{operation}” with this view", theme), "viewDefault"
        )
        self.default_box.setVisible(bool(operation))
        self._note = in_role(named(plain(QLabel()), "viewNote"), "muted")
        form = QFormLayout()
        form.addRow("&Name", self.name_edit)
        form.addRow("", self.default_box)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        # Else Qt makes it the default for as long as there is no name, and Enter cancels then.
        buttons.button(QDialogButtonBox.StandardButton.Cancel).setAutoDefault(False)
        self._save = named(QPushButton("Save"), "viewSave")
        self._save.setDefault(True)
        buttons.addButton(self._save, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept_name)
        buttons.rejected.connect(self.reject)
        lay_out_fields(self, form, self._note, buttons)
        self.name_edit.selectAll()
        self.name_edit.textChanged.connect(self._refresh)
        self._refresh()

    @Slot()
    def _refresh(self) -> None:
        name = " ".join(self.name_edit.text().split())
        is_known = name.casefold() in self._names
        self._save.setEnabled(bool(name))
        self._save.setText("Replace" if is_known else "Save")
        self._note.setText(
            "There is a view of this name: it will be replaced."
            if is_known
            else "Columns, order, groups, plots, the filter and which way is better are kept."
        )

    @Slot()
    def accept_name(self) -> None:
        """Take the name that is typed."""
        self.chosen.emit(self.name_edit.text(), self.default_box.isChecked())
        self.accept()
