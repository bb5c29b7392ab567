"""Shows what a push, a pull or a sync would copy, run by run, and lets one choose.

Why it asks nothing itself: whoever opens it compares both sides in a job, answers what the host
asks meanwhile, and tells it the rows. So it is the same for every direction and every kind of
remote, and can be filled by a test.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QPoint, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core.errors import Error
from core.text import plural
from gui.dialogs.dialog_size import text_size
from gui.models.transfer_model import TransferModel
from gui.naming import as_title, in_role, named
from gui.remotes.transfer_row import (
    Direction,
    TransferOptions,
    TransferRow,
    TransferTitle,
    TransferWanted,
)
from gui.theme import Theme
from gui.tool_tip import plain
from gui.views.check_box import CheckBox
from gui.views.clear_button import add_clear_button
from gui.views.elided_label import ElidedLabel
from gui.views.flow_row import FlowRow
from gui.views.previews.choice_menu import choice_menu
from gui.views.previews.kind_chips import KindChips
from gui.views.previews.transfer_table import TransferTable

_LETTERS, _LINES = 140, 34  # of the usual size
_VERBS: dict[Direction, str] = {"push": "Push", "pull": "Pull", "sync": "Sync"}
_TITLES: dict[Direction, str] = {
    "push": "Push to {place}",
    "pull": "Pull from {place}",
    "sync": "Sync with {place}",
}
_FAR_TITLE = "Copy from {source} to {place}"
_REMOVES: dict[Direction, str] = {
    "push": "&Remove there what is not here",
    "pull": "&Remove here what is not there",
    "sync": "&Remove what the newer side does not have",
}


class TransferPreview(QDialog):
    """A table of the runs on both sides, and the verb with their number.

    Args:
        title: What it is about.
        options: How runs were copied the last time.
        theme: Colours and icons.
        parent: The window.

    Attributes:
        model: The runs, and what is decided about them.
        table: Shows them.

    Signals:
        chosen: The user wants this (TransferWanted).
        look_wanted: Compare both sides once more: it failed.
        options_changed: What is removed, sent along or read makes another plan (TransferOptions).
    """

    chosen = Signal(object)
    look_wanted = Signal()
    options_changed = Signal(object)

    def __init__(
        self,
        title: TransferTitle,
        options: TransferOptions,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        named(self, "transferPreview")
        self._about = title
        self._theme = theme
        self._is_ready = False
        self._is_first = True
        self._verb_text = _VERBS[title.direction]
        text = _FAR_TITLE if title.source else _TITLES[title.direction]
        self.setWindowTitle(text.format(place=title.place, source=title.source))
        self._verb_text = "Copy" if title.source else self._verb_text
        self._build(options)
        self._connect()
        self.show_progress("")

    # What the one who compares tells

    def show_progress(self, text: str) -> None:
        """Both sides are being compared.

        Args:
            text: What is being done or waited for now; empty for the usual words.
        """
        self._is_ready = False
        self._message.setText(text or f"Comparing with {self._about.place}…")
        in_role(self._message, "muted")
        self._again.hide()
        self._pages.setCurrentIndex(0)
        self._where.setText(self._about.where)
        self._show_state()

    def show_rows(self, rows: Sequence[TransferRow], seconds: float, where: str = "") -> None:
        """Both sides are compared.

        Args:
            rows: Their runs.
            seconds: How long it took.
            where: Address and directory of the other side, where only now known.
        """
        self._is_ready = True
        facts = [where or self._about.where]
        how = " by their contents" if self.options().compare else ""
        facts.append(f"{plural(len(rows), 'run')} compared{how} in {seconds:.1f} s")
        self._where.setText(" · ".join(filter(None, facts)))
        self.model.show(rows)
        self._follow.setVisible(any(row.is_running for row in rows))
        self._pages.setCurrentIndex(1 if rows else 0)
        if not rows:
            self._message.setText("There is no run on either side.")
        elif self._is_first:
            self.chips.press(self.model.telling_group())
        self._is_first = self._is_first and not rows
        self.table.setFocus()

    def show_error(self, error: Error) -> None:
        """The sides could not be compared."""
        self._is_ready = False
        self._message.setText(error.told)
        in_role(self._message, "error")
        self._message.style().polish(self._message)
        self._again.show()
        self._again.setFocus()
        self._pages.setCurrentIndex(0)
        self._show_state()

    def options(self) -> TransferOptions:
        """How runs are to be copied."""
        return TransferOptions(
            verify=self._verify.isChecked(),
            remove_extra=self._remove.isVisibleTo(self) and self._remove.isChecked(),
            follow=self._follow.isVisibleTo(self) and self._follow.isChecked(),
            with_env=self._env.isVisibleTo(self) and self._env.isChecked(),
            compare=self._compare.isVisibleTo(self) and self._compare.isChecked(),
        )

    # Building

    def _build(self, options: TransferOptions) -> None:
        about = self._about
        sides = (about.source, about.place) if about.source else ()
        self.model = TransferModel(self, sides=sides)
        self.table = TransferTable(self.model, self._theme)
        self._heading = as_title(named(plain(QLabel(self.windowTitle())), "transferTitle"))
        self._where = in_role(named(ElidedLabel(), "transferWhere"), "muted")
        self.chips = KindChips(is_sync=self._about.direction == "sync")
        self.search = named(QLineEdit(), "transferFind", "Find runs")
        self.search.setPlaceholderText("Find runs")
        add_clear_button(self.search, self._theme)
        self.search.setFixedWidth(24 * self.fontMetrics().averageCharWidth())
        self._message = named(plain(QLabel()), "transferMessage")
        self._message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._message.setWordWrap(True)
        self._again = named(QPushButton("&Try Again"), "transferAgain")
        self._again.setAutoDefault(False)
        self._build_options(options)
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._verb = named(QPushButton(), "transferVerb")
        self._buttons.addButton(self._verb, QDialogButtonBox.ButtonRole.AcceptRole)
        self.model.show_following(on=options.follow)
        self._lay_out()

    def _build_options(self, options: TransferOptions) -> None:
        direction = self._about.direction
        self._verify = self._box("&Verify with checksums", "transferVerify", on=options.verify)
        self._verify.setToolTip("Compare checksums of what was copied, computed on each side")
        self._compare = self._box("&Compare contents", "transferCompare", on=options.compare)
        self._compare.setToolTip(
            "Read files that look the same on both sides, and compare their checksums: what "
            "changed without a trace is found, and it takes as long as reading all of them"
        )
        self._compare.setVisible(not self._about.source)
        removes = _REMOVES[direction]
        if source := self._about.source:
            names = [name.replace("&", "&&") for name in (self._about.place, source)]
            removes = "&Remove on {} what is not on {}".format(*names)
        self._remove = self._box(removes, "transferRemove", on=options.remove_extra)
        self._remove.setVisible(self._about.can_remove)
        self._env = self._box("Include the &environment", "transferEnv", on=options.with_env)
        self._env.setVisible(self._about.can_send_env)
        self._env.setToolTip("The environment variables of each run, which may hold passwords")
        self._follow = self._box("&Follow running runs", "transferFollow", on=options.follow)
        self._follow.setToolTip("Copy what they add until they end")
        self._follow.hide()

    def _box(self, text: str, object_name: str, *, on: bool) -> CheckBox:
        box = named(CheckBox(text, self._theme), object_name)
        box.setChecked(on)
        return box

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(self._heading)
        words.addWidget(self._where)
        head = QHBoxLayout()
        head.setContentsMargins(20, 16, 20, 12)
        head.setSpacing(16)
        head.addLayout(words, 1)
        head.addWidget(self.search, 0, Qt.AlignmentFlag.AlignBottom)
        kinds = QVBoxLayout()
        kinds.setContentsMargins(20, 10, 20, 10)
        kinds.addWidget(self.chips)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(_line())
        layout.addLayout(kinds)
        layout.addWidget(self._middle(), 1)
        layout.addWidget(_line())
        layout.addLayout(self._foot())
        self.setMinimumSize(QSize(620, 380))
        self.resize(text_size(self, _LETTERS, _LINES))
        self._verb.setDefault(True)  # not before it is in the dialog: that would choose another

    def _foot(self) -> QHBoxLayout:
        """How it is done, and the verb."""
        options = FlowRow(16)
        for box in (self._verify, self._compare, self._remove, self._follow, self._env):
            options.add(box)
        foot = QHBoxLayout()
        foot.setContentsMargins(20, 12, 20, 14)
        foot.setSpacing(16)
        foot.addWidget(options, 1)
        foot.addWidget(self._buttons)
        return foot

    def _middle(self) -> QStackedWidget:
        """The rows, or one sentence in their place."""
        page = QWidget()
        words = QVBoxLayout(page)
        words.setContentsMargins(60, 20, 60, 20)
        words.setSpacing(12)
        words.addStretch(1)
        words.addWidget(self._message)
        words.addWidget(self._again, 0, Qt.AlignmentFlag.AlignHCenter)
        words.addStretch(2)
        self._pages = QStackedWidget()
        self._pages.addWidget(page)
        self._pages.addWidget(self.table)
        return self._pages

    def _connect(self) -> None:
        self.model.decided.connect(self._show_state)
        self.chips.chosen.connect(self._narrow)
        self.search.textChanged.connect(self._narrow)
        self.table.button_clicked.connect(self._on_button_clicked)
        self._follow.toggled.connect(lambda on: self.model.show_following(on=on))
        self._again.clicked.connect(self._on_again)
        for box in (self._compare, self._remove, self._env):
            box.toggled.connect(self._on_option_toggled)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        find = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        find.activated.connect(self.search.setFocus)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._on_menu_requested)

    # What is shown

    @Slot()
    def _show_state(self) -> None:
        sums = self.model.sums() if self._is_ready else {}
        self.chips.show_sums(sums)
        count = sums["copy"].runs if "copy" in sums else 0
        self._verb.setText(
            f"{self._verb_text} {plural(count, 'Run')}" if count else self._verb_text
        )
        self._verb.setEnabled(bool(count))
        self.search.setEnabled(bool(sums))

    @Slot()
    def _narrow(self) -> None:
        self.model.narrow(self.chips.group, self.search.text())

    # Slots

    @Slot(int, QPoint)
    def _on_button_clicked(self, row: int, position: QPoint) -> None:
        selected = self.table.selected_rows()
        among = selected if row in selected else [row]
        choice_menu(self.model, self.model.conflict_rows(among), self).popup(position)

    @Slot(QPoint)
    def _on_menu_requested(self, place: QPoint) -> None:
        rows = self.table.selected_rows()
        menu = choice_menu(self.model, self.model.conflict_rows(rows), self)
        if not menu.isEmpty():
            menu.addSeparator()
        menu.addAction("&Tick", partial(self.model.take, rows, on=True)).setEnabled(bool(rows))
        untick = menu.addAction("&Untick", partial(self.model.take, rows, on=False))
        untick.setEnabled(bool(rows))
        menu.addSeparator()
        menu.addAction("Tick &All Shown", partial(self.model.take_shown, on=True))
        menu.addAction("Untick All &Shown", partial(self.model.take_shown, on=False))
        menu.popup(self.table.viewport().mapToGlobal(place))

    @Slot()
    def _on_again(self) -> None:
        self.show_progress("")
        self.look_wanted.emit()

    @Slot()
    def _on_option_toggled(self) -> None:
        self._is_ready = False  # the rows stay on screen until the new ones are there
        self._show_state()
        self.options_changed.emit(self.options())

    # Qt overrides

    def accept(self) -> None:
        taken = self.model.taken()
        if not self._is_ready or not taken:
            return
        options, choices = self.options(), self.model.choices()
        super().accept()
        ids = tuple(row.id for row in taken)
        running = tuple(row.id for row in taken if row.is_running and not row.is_push)
        self.chosen.emit(TransferWanted(ids, choices, options, running))


def _line() -> QFrame:
    line = named(QFrame(), "dialogLine")
    line.setFixedHeight(1)
    return line
