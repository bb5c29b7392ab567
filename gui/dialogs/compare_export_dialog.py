"""Asks in which form a comparison is wanted, and whether as a file or on the clipboard."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.compare.table_text import FORMATS, TextFormat
from gui.compare.compare_export import FORMAT_NAMES, SUFFIXES, ExportWish
from gui.naming import in_role, named
from gui.theme import Theme
from gui.views.check_box import CheckBox


class CompareExportDialog(QDialog):
    """How a comparison is exported.

    Args:
        what: What will be exported, e.g. "20 runs with 6 of 14 columns".
        wish: What is chosen at first.
        can_be_whole: Whether there are columns that are not shown.
        can_have_deltas: Whether there is a baseline that runs are measured against.
        theme: Colours.
        parent: The window.

    Signals:
        wanted: The text is to go to a file (its path), or to the clipboard (None); and what is
            wanted of it (an ExportWish).
    """

    wanted = Signal(object, object)

    def __init__(
        self,
        what: str,
        wish: ExportWish,
        *,
        can_be_whole: bool,
        can_have_deltas: bool,
        theme: Theme,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("compareExportDialog")
        self.setWindowTitle("Export comparison")
        self._format = named(QComboBox(), "compareExportFormat", "Format")
        for each in FORMATS:
            self._format.addItem(FORMAT_NAMES[each], each)
        self._format.setCurrentIndex(FORMATS.index(wish.form))
        self._whole = named(
            CheckBox("&All columns, also those that do not differ", theme), "exportWhole"
        )
        self._whole.setChecked(can_be_whole and wish.is_whole)
        self._deltas = named(CheckBox("&Differences to the baseline", theme), "exportDeltas")
        self._deltas.setToolTip("Two columns more for each scalar: the difference, and in percent")
        self._deltas.setChecked(wish.has_deltas)
        label = in_role(QLabel(what), "muted")
        label.setWordWrap(True)
        form_layout = QFormLayout()
        form_layout.addRow("&Format", self._format)
        form_layout.addRow("", self._whole)
        form_layout.addRow("", self._deltas)
        for box, is_there in ((self._whole, can_be_whole), (self._deltas, can_have_deltas)):
            form_layout.setRowVisible(box, is_there)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 18, 18, 14)
        layout.setSpacing(12)
        layout.addWidget(label)
        layout.addLayout(form_layout)
        layout.addWidget(self._make_buttons())
        self.setMinimumWidth(420)

    @property
    def form(self) -> TextFormat:
        """The form that is chosen."""
        return cast("TextFormat", self._format.currentData())

    @property
    def wish(self) -> ExportWish:
        """All that is chosen."""
        return ExportWish(self.form, self._whole.isChecked(), self._deltas.isChecked())

    def _make_buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        save = named(QPushButton("&Save to File…"), "compareExportSave")
        save.setDefault(True)
        copy = named(QPushButton("&Copy"), "compareExportCopy")
        buttons.addButton(save, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(copy, QDialogButtonBox.ButtonRole.ActionRole)
        save.clicked.connect(self._choose_file)
        copy.clicked.connect(self._copy)
        buttons.rejected.connect(self.reject)
        return buttons

    @Slot()
    def _copy(self) -> None:
        self.wanted.emit(None, self.wish)
        self.accept()

    @Slot()
    def _choose_file(self) -> None:
        suffix = SUFFIXES[self.form]
        dialog = QFileDialog(self, "Save comparison", f"comparison{suffix}")
        dialog.setObjectName("compareExportFile")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters([f"{FORMAT_NAMES[self.form]} (*{suffix})", "All files (*)"])
        dialog.setDefaultSuffix(suffix)
        dialog.fileSelected.connect(self._save)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @Slot(str)
    def _save(self, path: str) -> None:
        self.wanted.emit(Path(path), self.wish)
        self.accept()
