"""About Rundesk: version, what it runs on, and whose work it stands on."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.version import program_version
from gui.naming import in_role, named
from gui.report import about_lines

_LICENCES = (
    ("Rundesk", "Apache 2.0"),
    ("Qt and PySide6", "LGPL 3"),
    ("NumPy", "BSD 3-Clause"),
    ("PyYAML, ruamel.yaml, tomlkit, platformdirs", "MIT"),
    ("Pygments, click", "BSD"),
    ("psutil, msgspec, zstandard", "BSD 3-Clause"),
    ("paramiko", "LGPL 2.1"),
    ("google-crc32c", "Apache 2.0"),
    ("Python", "PSF"),
)


class AboutDialog(QDialog):
    """Its text can be selected; one button copies what a report of a fault needs."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("aboutDialog")
        self.setWindowTitle("About Rundesk")
        self._copy = named(QPushButton("Copy Details"), "copyDetails")
        self._copy.setAutoDefault(False)
        self._copy.clicked.connect(self._copy_details)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.addButton(self._copy, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 22, 22, 14)
        layout.setSpacing(14)
        layout.addLayout(_top())
        layout.addWidget(_selectable("\n".join(about_lines()[1:])))
        layout.addWidget(_heading("Licences"))
        layout.addLayout(_licences())
        layout.addStretch()
        layout.addWidget(buttons)
        self.setMinimumWidth(420)
        buttons.button(QDialogButtonBox.StandardButton.Close).setFocus()

    def _copy_details(self) -> None:
        QGuiApplication.clipboard().setText("\n".join(about_lines()))
        self._copy.setText("Copied")


def _top() -> QHBoxLayout:
    sign = QLabel()
    sign.setPixmap(QApplication.windowIcon().pixmap(64, 64))
    sign.setAccessibleName("Rundesk")
    title = QLabel(f"Rundesk {program_version()}")
    font = title.font()
    font.setPointSizeF(font.pointSizeF() * 1.5)
    font.setBold(True)
    title.setFont(font)
    words = QVBoxLayout()
    words.addWidget(title)
    words.addWidget(in_role(QLabel("See, find and understand the runs you made."), "muted"))
    top = QHBoxLayout()
    top.setSpacing(14)
    top.addWidget(sign)
    top.addLayout(words, 1)
    return top


def _licences() -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(24)
    grid.setVerticalSpacing(3)
    for row, (name, terms) in enumerate(_LICENCES):
        grid.addWidget(QLabel(name), row, 0)
        grid.addWidget(in_role(QLabel(terms), "muted"), row, 1)
    grid.setColumnStretch(1, 1)
    return grid


def _heading(text: str) -> QLabel:
    return in_role(QLabel(text), "heading")


def _selectable(text: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse
        | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    return label
