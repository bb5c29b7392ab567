"""The fields of a remote: the common keys, and the others when they are asked for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from gui.naming import in_role, named
from gui.remotes.remote_draft import KEYS, SSH, KeySpec, RemoteDraft
from gui.theme import Theme
from gui.tool_tip import plain
from gui.views.check_box import CheckBox

_ON = "true"


class RemoteForm(QWidget):
    """A field a key; what is wrong with one is said below it.

    Args:
        theme: Colours and icons.
        parent: Owner.

    Signals:
        edited: A field says something else.
        resized: The user wants to see more fields, or fewer.
    """

    edited = Signal()
    resized = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._type = SSH
        self._old_name = ""
        self._others: dict[str, str] = {}
        self._touched: set[str] = set()
        self._fields: dict[str, QLineEdit | QPlainTextEdit | CheckBox] = {}
        self._notes: dict[str, QLabel] = {}
        self._further: list[QWidget] = []
        self._ssh = QWidget()
        self._unsupported = in_role(named(plain(QLabel()), "remoteUnsupported"), "warning")
        self._foreign = named(plain(QLabel()), "remoteForeign")
        for label in (self._unsupported, self._foreign):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._more = named(QPushButton("More Settings"), "remoteMore")
        self._more.setProperty("flat", "true")
        self._more.setCheckable(True)
        self._more.setAutoDefault(False)
        self._more.toggled.connect(self._show_further)
        self._more.clicked.connect(self.resized)
        self._lay_out()

    def draft(self) -> RemoteDraft:
        """What the fields say."""
        texts = {key: self._text(key) for key in self._fields if key != "name"}
        values = self._others | {key: text for key, text in texts.items() if text}
        return RemoteDraft(self._text("name"), self._type, values, self._old_name)

    def show_draft(self, draft: RemoteDraft) -> None:
        """Fill the fields; keys that have none are kept."""
        self._type, self._old_name = draft.type, draft.old_name
        self._touched = set()
        self._others = {key: v for key, v in draft.values.items() if key not in self._fields}
        for key in self._fields:
            self._fill(key, draft.name if key == "name" else draft.values.get(key, ""))
        is_further = any(draft.values.get(spec.key) for spec in KEYS if not spec.is_common)
        self._more.setChecked(is_further)
        self._show_further(on=is_further)
        is_ssh = draft.type == SSH
        self._ssh.setVisible(is_ssh)
        self._fields["name"].setEnabled(not draft.old_name)
        for label in (self._unsupported, self._foreign):
            label.setVisible(not is_ssh)
        self._unsupported.setText(
            f"Rundesk does not support remotes of the type {draft.type}; Guild uses them as before."
        )
        self._foreign.setText("\n".join(f"{key}: {text}" for key, text in draft.values.items()))

    def show_problems(self, problems: Mapping[str, str], *, also_untouched: bool = False) -> None:
        """Say what is wrong with fields; an empty one is not blamed before it was touched."""
        for key, note in self._notes.items():
            is_blamed = also_untouched or key in self._touched or bool(self._text(key))
            text = problems.get(key, "") if is_blamed else ""
            note.setText(text)
            note.setVisible(bool(text))

    # Building

    def _lay_out(self) -> None:
        self._grid = QGridLayout(self._ssh)
        self._grid.setContentsMargins(0, 0, 4, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(3)
        self._grid.setColumnStretch(1, 1)
        self._add(KeySpec("name", "&Name", "what you call it here", is_common=True))
        for spec in KEYS:
            if spec.is_common:
                self._add(spec)
        self._grid.addWidget(self._more, self._grid.rowCount(), 1, Qt.AlignmentFlag.AlignLeft)
        for spec in KEYS:
            if not spec.is_common:
                self._further += self._add(spec)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self._unsupported)
        layout.addWidget(self._foreign)
        layout.addWidget(self._ssh)
        layout.addStretch(1)

    def _add(self, spec: KeySpec) -> list[QWidget]:
        """Add a field with its title and the place for what is wrong with it."""
        field = named(self._make(spec), f"remote-{spec.key}", spec.title.replace("&", ""))
        field.setToolTip(spec.tip)
        self._fields[spec.key] = field
        title = plain(QLabel(spec.title)) if "&" not in spec.title else QLabel(spec.title)
        title.setBuddy(field)
        note = in_role(named(plain(QLabel()), f"remoteNote-{spec.key}"), "error")
        note.hide()
        self._notes[spec.key] = note
        row = self._grid.rowCount()
        whole: QWidget = field
        if spec.kind == "file" and isinstance(field, QLineEdit):
            whole = self._with_browse(field)
        self._grid.addWidget(title, row, 0)
        self._grid.addWidget(whole, row, 1)
        self._grid.addWidget(note, row + 1, 1)
        return [title, whole]

    def _make(self, spec: KeySpec) -> QLineEdit | QPlainTextEdit | CheckBox:
        touch = partial(self._on_edited, spec.key)
        if spec.kind == "switch":
            box = CheckBox(spec.hint, self._theme)
            box.toggled.connect(touch)
            return box
        if spec.kind == "lines":
            lines = QPlainTextEdit()
            lines.setFixedHeight(3 * self.fontMetrics().lineSpacing() + 14)
            lines.setTabChangesFocus(True)
            lines.textChanged.connect(touch)
            return lines
        line = QLineEdit()
        line.setPlaceholderText(spec.hint)
        line.textEdited.connect(touch)
        return line

    def _with_browse(self, line: QLineEdit) -> QWidget:
        browse = named(QPushButton("&Browse…"), "remoteBrowse")
        browse.setAutoDefault(False)
        browse.clicked.connect(lambda: self._browse(line))
        both = QWidget()
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(line, 1)
        row.addWidget(browse)
        return both

    # Inside

    def _text(self, key: str) -> str:
        field = self._fields[key]
        if isinstance(field, CheckBox):
            return _ON if field.isChecked() else ""
        return (field.toPlainText() if isinstance(field, QPlainTextEdit) else field.text()).strip()

    def _fill(self, key: str, text: str) -> None:
        field = self._fields[key]
        if isinstance(field, CheckBox):
            field.setChecked(text.casefold() in (_ON, "yes", "1"))
        elif isinstance(field, QPlainTextEdit):
            field.setPlainText(text)
        else:
            field.setText(text)

    def _show_further(self, on: bool) -> None:
        for widget in self._further:
            widget.setVisible(on)
        self._more.setText("Fewer Settings" if on else "More Settings")

    def _browse(self, line: QLineEdit) -> None:
        dialog = QFileDialog(self, "Choose a private key")
        dialog.setObjectName("remoteKeyBrowser")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setDirectory(str(Path.home() / ".ssh"))
        dialog.fileSelected.connect(line.setText)
        dialog.fileSelected.connect(lambda _name: self._on_edited("private-key"))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @Slot()
    def _on_edited(self, key: str, _value: object = None) -> None:
        self._touched.add(key)
        self.edited.emit()
