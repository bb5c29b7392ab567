"""Shows the key of a host: a new one, to be accepted or not, or a wrong one, which ends it.

Why there is no way to go on with a changed key: it is what an attack looks like, and who is asked
often enough says yes. The file and the line are named instead, for whoever knows better.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from msgspec import Struct
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.errors import Error
from gui.dialogs.card import lay_out_card, sign_of
from gui.naming import as_title, in_role, named
from gui.theme import Theme, mono_font
from gui.tool_tip import plain

if TYPE_CHECKING:
    from remote.prompts import HostKeyQuestion

HostKeyKind = Literal["unknown", "changed", "revoked"]
_WIDTH = 78  # letters
_TITLES: dict[HostKeyKind, str] = {
    "unknown": "Is this {host}?",
    "changed": "The key of {host} has changed",
    "revoked": "The key of {host} is revoked",
}
_SENTENCES: dict[HostKeyKind, str] = {
    "unknown": (
        "Its key was never seen from here. Compare the fingerprint with the one that its "
        "administrator names before you accept it: from then on it is how this host is known."
    ),
    "changed": (
        "Somebody may be listening in between, or the host was installed anew. Nothing was sent. "
        "Rundesk does not connect while the known key is another one."
    ),
    "revoked": (
        "It is marked as stolen or no longer valid, so whoever shows it need not be the host. "
        "Nothing was sent, and Rundesk does not connect."
    ),
}


class HostKeyFacts(Struct, frozen=True):
    """A host's key and what is known of it.

    Attributes:
        kind: What is the matter.
        host: As known_hosts names it.
        key_type: For example "ssh-ed25519".
        fingerprint: Of the key that the host shows, "SHA256:…".
        path: The file that a line goes to, or that has the other key.
        line: The line there, from 1; 0 where there is none.
        known: Fingerprints of keys that are known in its place.
        other_types: Types of other keys that are known for it.
        remote: The remote that is reached by it; empty where nobody said.
    """

    kind: HostKeyKind
    host: str
    key_type: str
    fingerprint: str
    path: Path
    line: int = 0
    known: tuple[str, ...] = ()
    other_types: tuple[str, ...] = ()
    remote: str = ""

    @classmethod
    def of_question(cls, question: HostKeyQuestion) -> HostKeyFacts:
        """Of a key that was never seen."""
        return cls(
            "unknown",
            question.host,
            question.key_type,
            question.fingerprint,
            question.known_hosts,
            other_types=question.other_types,
            remote=question.remote,
        )

    @classmethod
    def of_error(cls, error: Error) -> HostKeyFacts | None:
        """Of a key that ended a connection; None for another failure."""
        from remote.errors import HostKeyChanged, HostKeyRevoked

        if not isinstance(error, HostKeyChanged | HostKeyRevoked):
            return None
        found = error.facts
        return cls(
            "changed" if isinstance(error, HostKeyChanged) else "revoked",
            found.host,
            found.key_type,
            found.fingerprint,
            found.known_hosts or Path(),
            found.line,
            (found.known,) if found.known and isinstance(error, HostKeyChanged) else (),
            remote=error.remote,
        )


class HostKeyDialog(QDialog):
    """Facts about a key, and the choice there is.

    Args:
        facts: The key.
        theme: Colours and icons.
        parent: The window.

    Signals:
        answered: Whether the key is the host's; only for one that was never seen.
    """

    answered = Signal(bool)

    def __init__(self, facts: HostKeyFacts, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "hostKeyDialog")
        self._facts = facts
        self._theme = theme
        self.setWindowTitle(_TITLES[facts.kind].format(host=facts.host))
        self._lay_out()

    # Building

    def _lay_out(self) -> None:
        kind = self._facts.kind
        is_new = kind == "unknown"
        looks = ("shield", "accent", "Question") if is_new else ("warning", "error", "Warning")
        title = as_title(named(plain(QLabel(self.windowTitle())), "hostKeyTitle"))
        sentence = in_role(named(plain(QLabel(_SENTENCES[kind])), "hostKeyText"), "muted")
        words = QVBoxLayout()
        words.setSpacing(8)
        for label in (title, sentence):
            label.setWordWrap(True)
            words.addWidget(label)
        words.addSpacing(2)
        words.addLayout(self._grid())
        if remedy := self._remedy():
            words.addSpacing(2)
            words.addWidget(_selectable(plain(named(QLabel(remedy), "hostKeyRemedy"))))
        lay_out_card(self, sign_of(self._theme, *looks), words, self._buttons())
        self.setFixedWidth(_WIDTH * self.fontMetrics().averageCharWidth())
        self._safe.setDefault(True)  # not before it is in the dialog: that would choose another
        self._safe.setFocus()

    def _rows(self) -> Sequence[tuple[str, str, str]]:
        """Heading, text and object name of each fact."""
        facts = self._facts
        place = f"{facts.path}, line {facts.line}" if facts.line else str(facts.path)
        rows = [("Remote", facts.remote, "hostKeyRemote")] if facts.remote else []
        rows += [("Host", facts.host, "hostKeyHost"), ("Key type", facts.key_type, "hostKeyType")]
        if facts.kind == "unknown":
            rows.append(("Fingerprint", facts.fingerprint, "hostKeyFingerprint"))
            if facts.other_types:
                others = ", ".join(facts.other_types)
                rows.append(("Known by", f"keys of other types: {others}", "hostKeyOthers"))
            rows.append(("Goes into", place, "hostKeyPath"))
            return rows
        shown = "It shows now" if facts.kind == "changed" else "Fingerprint"
        rows.append((shown, facts.fingerprint, "hostKeyFingerprint"))
        rows += [("Known until now", known, "hostKeyKnown") for known in facts.known]
        rows.append(("Is noted in", place, "hostKeyPath"))
        return rows

    def _grid(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        for row, (heading, text, object_name) in enumerate(self._rows()):
            grid.addWidget(
                in_role(plain(QLabel(heading)), "muted"), row, 0, Qt.AlignmentFlag.AlignTop
            )
            label = _selectable(named(plain(QLabel(text)), object_name, heading))
            if text.startswith("SHA256:"):
                label.setFont(mono_font())
                is_bad = self._facts.kind != "unknown" and object_name == "hostKeyFingerprint"
                in_role(label, "error" if is_bad else "")
            grid.addWidget(label, row, 1)
        return grid

    def _remedy(self) -> str:
        """What to do about a key that stops everything."""
        facts = self._facts
        if facts.kind == "unknown":
            return ""
        line = f"line {facts.line} of {facts.path}" if facts.line else f"its line in {facts.path}"
        if facts.kind == "revoked":
            return f"If that is a mistake, whoever looks after the host removes {line}."
        return (
            f"If the administrator confirms the new fingerprint, remove {line}, connect once "
            "more, and compare it there."
        )

    def _buttons(self) -> QDialogButtonBox:
        copy = named(QPushButton("Copy &Fingerprint"), "hostKeyCopy")
        copy.setAutoDefault(False)
        copy.clicked.connect(self._copy)
        is_question = self._facts.kind == "unknown"
        standard = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(standard.Cancel if is_question else standard.Close)
        buttons.addButton(copy, QDialogButtonBox.ButtonRole.ActionRole)
        if is_question:
            accept = named(QPushButton("&Accept and Connect"), "hostKeyAccept")
            accept.setAutoDefault(False)
            buttons.addButton(accept, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        safe = buttons.button(standard.Cancel if is_question else standard.Close)
        self._safe = safe
        return buttons

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._facts.fingerprint)

    # Qt overrides

    def done(self, result: int) -> None:
        super().done(result)
        if self._facts.kind == "unknown":
            self.answered.emit(bool(result))


def _selectable(label: QLabel) -> QLabel:
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
