"""Names a smart list, and changes its filter."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)

from core.errors import QueryError, SettingsError
from core.index.filters import Filters
from core.saved_lists import SavedList
from gui.dialogs.card import lay_out_fields
from gui.naming import in_role, named
from gui.tool_tip import plain


class ListDialog(QDialog):
    """Asks for a name and a filter, and stays open while they cannot be used.

    Args:
        title: Of the window.
        verb: Text of the button that saves.
        saved: What the fields hold at first.
        keep: Called with what the user typed; raises SettingsError to refuse it.
        parent: The window.
    """

    def __init__(
        self,
        title: str,
        verb: str,
        saved: SavedList,
        keep: Callable[[SavedList], object],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("listDialog")
        self.setWindowTitle(title)
        self._keep = keep
        self.name_edit = named(QLineEdit(saved.name), "listName")
        self.filter_edit = named(QLineEdit(saved.filter), "listFilter")
        self.filter_edit.setPlaceholderText("Every run")
        self._problem = in_role(named(plain(QLabel()), "listProblem"), "error")
        self._problem.hide()
        form = QFormLayout()
        form.addRow("&Name", self.name_edit)
        form.addRow("&Filter", self.filter_edit)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        save = QPushButton(verb)
        save.setDefault(True)
        buttons.addButton(save, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self._on_accepted)
        buttons.rejected.connect(self.reject)
        lay_out_fields(self, form, self._problem, buttons)
        self.name_edit.selectAll()

    @Slot()
    def _on_accepted(self) -> None:
        text = self.filter_edit.text()
        try:
            Filters.of_box(text).validate()
            self._keep(SavedList(self.name_edit.text(), text))
        except QueryError as e:
            self._refuse(e.told, self.filter_edit)
        except SettingsError as e:
            self._refuse(e.told, self.name_edit)
        else:
            self.accept()

    def _refuse(self, sentence: str, field: QLineEdit) -> None:
        self._problem.setText(sentence)
        self._problem.show()
        field.setFocus()
