"""Adds a remote or changes one: a form with the hosts of `~/.ssh/config` beside it.

Why the dialog stays open for a test: whoever tests is about to correct something. What a host
asks meanwhile is asked over this dialog at once, by whoever runs the test.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from core.errors import Error
from gui.naming import as_title, in_role, named
from gui.remotes.remote_draft import SSH, HostOffer, RemoteDraft, problems_of
from gui.theme import Theme
from gui.tool_tip import plain, plain_tip
from gui.views.previews.connection_log import ConnectionLog
from gui.views.remote_form import RemoteForm

_ALIAS = Qt.ItemDataRole.UserRole
_MARGIN = 60  # pixels of the screen that stay free for title bar and panels
_USUAL_HEIGHT = 380
_HOST_PADDING = 6  # above and below the name of a host, together


class _FindEdit(QLineEdit):
    """What is sought in the list below; Down and Enter are about what was found."""

    went_down = Signal()
    entered = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down:
            self.went_down.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        else:
            super().keyPressEvent(event)


class RemoteDialog(QDialog):
    """One remote.

    Args:
        draft: What is known of it; an empty name for one to be added.
        taken: Names of the other remotes.
        theme: Colours and icons.
        parent: The window.

    Attributes:
        form: The fields.
        log: What a test says.

    Signals:
        saved: The user wants it so (RemoteDraft).
        test_wanted: Connect with what the fields say (RemoteDraft).
        stop_wanted: End the test that goes on.
    """

    saved = Signal(object)
    test_wanted = Signal(object)
    stop_wanted = Signal()

    def __init__(
        self,
        draft: RemoteDraft,
        taken: Collection[str],
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        named(self, "remoteDialog")
        self._old = draft
        self._taken = frozenset(taken)
        self._theme = theme
        self._is_testing = False
        self._is_fitted = False
        self._had_focus: QWidget | None = None
        self._is_new = not draft.old_name
        is_ssh = draft.type == SSH
        known = f"Edit {draft.old_name}" if is_ssh else draft.old_name
        self.setWindowTitle("Add remote" if self._is_new else known)
        self._build()
        self._connect()
        self.form.show_draft(draft)
        self._show_state()

    # What others find out

    def show_hosts(self, hosts: Sequence[HostOffer], note: str = "") -> None:
        """Offer the hosts of `~/.ssh/config`.

        Args:
            hosts: In their order there.
            note: What to say in their place when there are none.
        """
        self._hosts.clear()
        for host in hosts:
            item = QListWidgetItem(host.alias)
            item.setData(_ALIAS, host.alias)
            item.setToolTip(plain_tip("\n".join(filter(None, (host.alias, host.address)))))
            item.setSizeHint(QSize(0, self._hosts.fontMetrics().height() + _HOST_PADDING))
            if host.alias in self._taken:
                item.setText(f"{host.alias} · added")
            self._hosts.addItem(item)
        self._hosts_note.setText(note or "No host is named in ~/.ssh/config.")
        self._hosts_note.setVisible(not hosts)
        self._hosts.setVisible(bool(hosts))

    def begin_test(self) -> None:
        """A test goes on from now."""
        self._is_testing = True
        self._had_focus = self.focusWidget()
        if not self.log.isVisible():
            self.log.show()
            self.resize(self.width(), self.height() + self.log.sizeHint().height())
        self.log.begin()
        self._show_state()

    def end_test(self, sentence: str, *, is_good: bool) -> None:
        """The test is over.

        Args:
            sentence: What came of it.
            is_good: Whether the remote can be used.
        """
        self._is_testing = False
        self.log.end(sentence, is_good=is_good)
        self._show_state()
        if self._had_focus is not None:
            self._had_focus.setFocus()  # the fields lost it while they could not be used

    def close_saved(self) -> None:
        """It is saved."""
        super().accept()

    def show_failure(self, error: Error) -> None:
        """It could not be saved."""
        self._failure.setText(error.told)
        self._failure.show()

    # Building

    def _build(self) -> None:
        self.form = RemoteForm(self._theme)
        self.log = ConnectionLog(self._theme)
        self.log.hide()
        self._hosts = named(QListWidget(), "remoteHosts", "Hosts of your SSH configuration")
        self._hosts_note = in_role(plain(QLabel("Reading ~/.ssh/config…")), "muted")
        self._hosts_note.setWordWrap(True)
        self._hosts_note.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._hosts.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._hosts.hide()
        self._test = named(QPushButton("&Test Connection"), "remoteTest")
        self._test.setAutoDefault(False)
        standard = QDialogButtonBox.StandardButton
        is_ssh = self._old.type == SSH
        self._buttons = QDialogButtonBox(standard.Cancel if is_ssh else standard.Close)
        self._buttons.addButton(self._test, QDialogButtonBox.ButtonRole.ActionRole)
        self._verb = named(QPushButton("&Add" if self._is_new else "&Save"), "remoteVerb")
        self._buttons.addButton(self._verb, QDialogButtonBox.ButtonRole.AcceptRole)
        self._failure = in_role(named(plain(QLabel()), "remoteFailure"), "error")
        self._failure.setWordWrap(True)
        self._failure.hide()
        self._lay_out()

    def _lay_out(self) -> None:
        title = as_title(named(plain(QLabel(self.windowTitle())), "remoteTitle"))
        right = QVBoxLayout()
        right.setSpacing(10)
        right.addWidget(self._scrolled(), 1)
        right.addWidget(self.log)
        middle = QHBoxLayout()
        middle.setSpacing(18)
        if self._is_new:
            middle.addLayout(self._hosts_column())
        middle.addLayout(right, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(14)
        layout.addWidget(title)
        layout.addLayout(middle, 1)
        layout.addWidget(self._failure)
        layout.addWidget(self._buttons)
        letter = self.fontMetrics().averageCharWidth()
        self.setMinimumWidth((96 if self._is_new else 70) * letter)
        self.resize(QSize(110 * letter if self._is_new else 84 * letter, _USUAL_HEIGHT))
        self._verb.setDefault(True)  # not before it is in the dialog: that would choose another

    def _scrolled(self) -> QScrollArea:
        """The form, which has more fields than a small screen."""
        self._area = named(QScrollArea(), "remoteScroll")
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidget(self.form)
        self._area.setMinimumHeight(8 * self.fontMetrics().lineSpacing())
        return self._area

    @Slot()
    def _fit(self) -> None:
        """Be as high as what is shown wants, within the screen."""
        wanted = self.form.sizeHint().height() - self._area.height()
        most = self.screen().availableSize().height() - _MARGIN
        self.resize(self.width(), min(most, max(self.height() + wanted, self.minimumHeight())))

    def _hosts_column(self) -> QVBoxLayout:
        heading = in_role(plain(QLabel("From ~/.ssh/config")), "section")
        self._find = named(_FindEdit(), "remoteFind", "Find hosts")
        self._find.setPlaceholderText("Find hosts")
        self._find.textChanged.connect(self._on_find)
        self._find.went_down.connect(self._on_to_hosts)
        self._find.entered.connect(self._on_first_wanted)
        column = QVBoxLayout()
        column.setSpacing(6)
        column.addWidget(heading)
        column.addWidget(self._find)
        column.addWidget(self._hosts, 1)
        column.addWidget(self._hosts_note, 1)
        width = 28 * self.fontMetrics().averageCharWidth()
        for widget in (self._find, self._hosts, self._hosts_note):
            widget.setFixedWidth(width)
        return column

    def _connect(self) -> None:
        self.form.edited.connect(self._show_state)
        self.form.resized.connect(self._fit)
        self._hosts.itemClicked.connect(self._on_host_chosen)
        self._hosts.itemActivated.connect(self._on_host_chosen)
        self._hosts.currentItemChanged.connect(self._on_host_passed)
        self._test.clicked.connect(self._on_test)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)

    # What is shown

    @Slot()
    def _show_state(self) -> None:
        draft = self.form.draft()
        problems = problems_of(draft, self._taken) if draft.type == SSH else {}
        self.form.show_problems(problems)
        is_able = draft.type == SSH and not problems
        for button in (self._verb, self._test):
            button.setVisible(draft.type == SSH)
        self._verb.setEnabled(is_able)
        self._test.setEnabled(self._is_testing or (is_able and bool(draft.values.get("host"))))
        self._test.setText("Stop &Test" if self._is_testing else "&Test Connection")
        self.form.setEnabled(not self._is_testing)

    # Slots

    @Slot(str)
    def _on_find(self, text: str) -> None:
        words = text.casefold().split()
        for row in range(self._hosts.count()):
            item = self._hosts.item(row)
            said = f"{item.text()} {item.toolTip()}".casefold()
            item.setHidden(not all(word in said for word in words))

    @Slot()
    def _on_to_hosts(self) -> None:
        """Down goes on from what is sought to what was found."""
        if (item := self._first_found()) is not None:
            self._hosts.setFocus()
            self._hosts.setCurrentItem(item)

    @Slot()
    def _on_first_wanted(self) -> None:
        """Enter takes the first host that was found; the next Enter adds it."""
        if (item := self._first_found()) is not None:
            self._hosts.setCurrentItem(item)
            self._on_host_chosen(item)
            self._verb.setFocus()

    def _first_found(self) -> QListWidgetItem | None:
        items = (self._hosts.item(row) for row in range(self._hosts.count()))
        return next((item for item in items if not item.isHidden()), None)

    @Slot(QListWidgetItem)
    def _on_host_chosen(self, item: QListWidgetItem | None) -> None:
        """Fill the form with a host: the rest is what its configuration says."""
        if item is not None:
            alias = str(item.data(_ALIAS))
            self.form.show_draft(RemoteDraft(alias, values={"host": alias}))
            self._show_state()

    @Slot(QListWidgetItem, QListWidgetItem)
    def _on_host_passed(self, item: QListWidgetItem | None, old: QListWidgetItem | None) -> None:
        """Arrow keys choose; that the list takes the keyboard replaces nothing that was typed."""
        if old is not None or not self.form.draft().values:
            self._on_host_chosen(item)

    @Slot()
    def _on_test(self) -> None:
        if self._is_testing:
            self.stop_wanted.emit()
            return
        self.test_wanted.emit(self.form.draft())

    # Qt overrides

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._is_fitted:  # once: what is chosen later does not move the fields
            self._is_fitted = True
            self._fit()

    def accept(self) -> None:
        draft = self.form.draft()
        self.form.show_problems(problems_of(draft, self._taken), also_untouched=True)
        if draft.type != SSH or problems_of(draft, self._taken):
            return
        self.saved.emit(draft)

    def done(self, result: int) -> None:
        self.stop_wanted.emit()
        super().done(result)
