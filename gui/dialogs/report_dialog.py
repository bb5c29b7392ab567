"""The dialog that shows unexpected failures and lets the user copy what helps to mend them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from gui.dialogs.dialog_size import text_size
from gui.naming import in_role, named
from gui.report import Failure, Reporter, about_lines
from gui.theme import Theme, mono_font

_EXPLANATION = (
    "Your runs are not affected: Rundesk only looked at them. "
    "Please report this with the details below; nothing is sent by itself."
)


class ReportDialog(QDialog):
    """Lists every failure since it was last closed; opened again, it is the same dialog.

    Args:
        reporter: Whose failures are shown.
        theme: Draws the icon.
        log_path: Named in the details.
        parent: The window.
    """

    def __init__(
        self, reporter: Reporter, theme: Theme, log_path: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("reportDialog")
        self.setWindowTitle("Something went wrong")
        self._reporter = reporter
        self._theme = theme
        self._log_path = log_path
        self._title = in_role(QLabel(), "heading")
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self._title.setWordWrap(True)
        self._details = named(QPlainTextEdit(), "reportDetails", "Details of the failure")
        self._details.setReadOnly(True)
        self._details.setFont(mono_font())
        self._details.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._lay_out()
        reporter.failed.connect(self._refresh)
        self.finished.connect(self._on_finished)
        self.resize(text_size(self, 82, 25))

    def details(self) -> str:
        """Everything a report needs, as text."""
        failures = [_as_text(failure) for failure in self._reporter.failures]
        return "\n".join([*about_lines(), f"Log: {self._log_path}", "", *failures])

    def _lay_out(self) -> None:
        sign = QLabel()
        sign.setPixmap(self._theme.icon("warning", "error").pixmap(24, 24))
        sign.setAccessibleName("Warning")
        explanation = in_role(QLabel(_EXPLANATION), "muted")
        explanation.setWordWrap(True)
        words = QVBoxLayout()
        words.addWidget(self._title)
        words.addWidget(explanation)
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(words, 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        self._copy = named(QPushButton("Copy Details"), "copyDetails")
        self._copy.setAutoDefault(False)
        self._copy.clicked.connect(self._copy_details)
        buttons.addButton(self._copy, QDialogButtonBox.ButtonRole.ActionRole)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 18, 18, 14)
        layout.setSpacing(12)
        layout.addLayout(top)
        layout.addWidget(self._details, 1)
        layout.addWidget(buttons)

    def _refresh(self) -> None:
        failures = self._reporter.failures
        if not failures:
            return
        more = sum(failure.count for failure in failures) - 1
        also = f" (and {more} more)" if more else ""
        self._title.setText(failures[-1].summary + also)
        self._details.setPlainText(self.details())

    def _copy_details(self) -> None:
        QGuiApplication.clipboard().setText(self.details())
        self._copy.setText("Copied")

    def _on_finished(self) -> None:
        self._reporter.clear()
        self._copy.setText("Copy Details")

    # Qt overrides

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._refresh()


def _as_text(failure: Failure) -> str:
    times = f" ({failure.count} times)" if failure.count > 1 else ""
    return f"{failure.summary}{times}\n{failure.details}"
