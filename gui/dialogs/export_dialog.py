"""Asks where runs are to be exported to, and how; what that means is said while it is chosen.

Why the trials of a batch go along unless that is taken off: a batch without them is a list of
links that lead nowhere.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QDir, QSize, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QCompleter,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFileSystemModel,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core.archives.destination import Outlook, look_at_destination
from core.archives.export import ExportFormat, ExportOptions
from core.jobs import JobContext
from core.runs.disk_size import disk_size
from core.text import format_bytes, plural
from gui.archives.export_choice import (
    FORMATS,
    Exportable,
    ExportHabit,
    ExportWanted,
    format_of_text,
    path_of,
    with_format,
)
from gui.job_bridge import Latest
from gui.naming import in_role, named
from gui.services import Services
from gui.tool_tip import plain
from gui.views.check_box import CheckBox
from gui.views.return_key import press_in_dialog

TYPING_MS = 120
TELL_SECONDS = 0.1
_TITLES = {"zip": "&Zip", "tar.zst": "Tar.z&st", "tar.gz": "Tar.&gz", "directory": "&Directory"}
_TIPS = {
    "zip": "One file that every system opens, and Guild imports",
    "tar.zst": "One file, the quickest and the smallest; keeps links as they are",
    "tar.gz": "One file that keeps links as they are, for older systems",
    "directory": "Each run as a directory, as Guild exports them",
}
_ENV_TIP = "The environment variables of each run, which may hold passwords"


class ExportDialog(QDialog):
    """One form about one export.

    Args:
        runs: What can be exported.
        habit: What was chosen the last time.
        services: Shared services of the window.
        parent: The window.

    Signals:
        chosen: The user wants this (ExportWanted).
    """

    chosen = Signal(object)

    def __init__(
        self,
        runs: Exportable,
        habit: ExportHabit,
        services: Services,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        named(self, "exportDialog")
        self.setWindowTitle(f"Export {plural(len(runs.ids), 'run')}")
        self._runs = runs
        self._services = services
        self._outlook: Outlook | None = None
        self._is_pressed = False
        self._sizes: dict[str, int] = {}
        self._looking = Latest(services.bridge, "preview", self)
        self._counting = Latest(services.bridge, "sizes", self)
        self._typing = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._typing.timeout.connect(self._look)
        self._build()
        self._connect()
        self.field.setText(self._suggestion(habit))
        self._count()

    # What is chosen

    def ids(self) -> tuple[str, ...]:
        """The runs that would leave."""
        chosen = (*self._runs.ids, *(self._runs.own if self.along.isChecked() else ()))
        if not self.move_runs.isChecked():
            return chosen
        return tuple(run_id for run_id in chosen if run_id not in self._runs.running)

    def wanted(self) -> ExportWanted | None:
        """What would be done; None while it cannot."""
        text = self.field.text().strip()
        if not text or not self.ids() or (self._outlook and self._outlook.problem):
            return None
        options = ExportOptions(
            format_of_text(text),
            move=self.move_runs.isChecked(),
            copy_resources=self.resources.isChecked(),
            with_env=self.env.isChecked(),
        )
        return ExportWanted(self.ids(), path_of(text), options)

    def _suggestion(self, habit: ExportHabit) -> str:
        directory = habit.directory or str(Path.home())
        return with_format(f"{directory.rstrip('/')}/{self._runs.name}", habit.format)

    # Building

    def _build(self) -> None:
        theme = self._services.theme
        self._formats = QButtonGroup(self)
        self.field = named(QLineEdit(), "exportDestination", "Destination")
        self.field.setCompleter(_path_completer(self))
        self._browse = named(QPushButton("&Browse…"), "exportBrowse")
        self._browse.setAutoDefault(False)
        self._note = in_role(named(plain(QLabel()), "exportNote"), "muted")
        self._note.setWordWrap(True)
        self.along = named(CheckBox(f"&Take {self._runs.own_words} along", theme), "exportAlong")
        self.along.setVisible(bool(self._runs.own))
        self.along.setChecked(bool(self._runs.own))
        self.move_runs = named(CheckBox("&Move: delete the runs here", theme), "exportMove")
        self.move_runs.setToolTip("A run is deleted here only when all of it was read back there")
        links = "Copy what &links lead to, instead of the links"
        self.resources = named(CheckBox(links, theme), "exportResources")
        self.env = named(CheckBox("Include the &environment", theme), "exportEnv")
        self.env.setToolTip(_ENV_TIP)
        self._moving_note = in_role(named(plain(QLabel()), "exportMoveNote"), "muted")
        self._moving_note.setWordWrap(True)
        self._summary = in_role(named(plain(QLabel()), "exportSummary"), "muted")
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._verb = named(QPushButton(), "exportVerb")
        self._buttons.addButton(self._verb, QDialogButtonBox.ButtonRole.AcceptRole)
        self._lay_out()

    def _lay_out(self) -> None:
        bottom = QHBoxLayout()
        bottom.addWidget(self._summary, 1)
        bottom.addWidget(self._buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(12)
        layout.addLayout(self._form())
        layout.addStretch(1)
        layout.addLayout(bottom)
        lines = self.fontMetrics().lineSpacing()
        self._note.setMinimumHeight(2 * lines)
        self._moving_note.setMinimumHeight(2 * lines)
        self.setMinimumSize(QSize(480, self.sizeHint().height()))
        self.resize(620, self.sizeHint().height())
        self._verb.setDefault(True)  # not before it is in the dialog: that would choose another
        self.field.setFocus()

    def _form(self) -> QGridLayout:
        form = QGridLayout()
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(8)
        form.setColumnStretch(1, 1)
        label = QLabel("T&o")
        label.setBuddy(self.field)
        where = QHBoxLayout()
        where.setSpacing(6)
        where.addWidget(self.field, 1)
        where.addWidget(self._browse)
        form.addWidget(plain(QLabel("As")), 0, 0)
        form.addLayout(self._format_row(), 0, 1)
        form.addWidget(label, 1, 0)
        form.addLayout(where, 1, 1)
        form.addWidget(self._note, 2, 1)
        for row, box in enumerate((self.along, self.move_runs, self.resources, self.env), 3):
            form.addWidget(box, row, 1)
        form.addWidget(self._moving_note, 7, 1)
        return form

    def _format_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        for number, kind in enumerate(FORMATS):
            button = named(QToolButton(), f"exportFormat-{kind}")
            button.setText(_TITLES[kind])
            button.setToolTip(_TIPS[kind])
            button.setCheckable(True)
            button.setProperty("segment", "true")
            self._formats.addButton(button, number)
            row.addWidget(button)
        row.addStretch(1)
        return row

    def _connect(self) -> None:
        self._formats.idClicked.connect(self._on_format_clicked)
        self._browse.clicked.connect(self.browse)
        self.field.textChanged.connect(self._on_typed)
        for box in (self.move_runs, self.along, self.resources, self.env):
            box.toggled.connect(self._show_state)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)

    # What others find out

    def _look(self) -> None:
        text, home = self.field.text(), self._runs.home
        if not text.strip():
            self._on_looked(Outlook("Say where the runs are to go."))
            return
        path, kind = path_of(text), format_of_text(text)
        self._looking.ask(
            "Look at the destination",
            lambda _context: look_at_destination(home, path, kind),
            self._on_looked,
        )

    def _count(self) -> None:
        runs_dir, ids = self._runs.home.runs_dir, (*self._runs.ids, *self._runs.own)

        def work(context: JobContext) -> dict[str, int]:
            return _count_sizes(runs_dir, ids, context)

        def show(sizes: dict[str, int]) -> None:
            self._sizes = sizes
            self._show_state()

        self._counting.ask("Count the size of runs", work, show, on_item=show)

    # Slots

    @Slot()
    def browse(self) -> None:
        """Let the user choose in a dialog of files."""
        kind = format_of_text(self.field.text())
        dialog = QFileDialog(self, "Export runs to")
        dialog.setObjectName("exportBrowser")
        if kind == "directory":
            dialog.setFileMode(QFileDialog.FileMode.Directory)
            dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        else:
            dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
            dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)  # runs are added to it
            dialog.setNameFilter(f"Archives (*.{kind})")
        path = path_of(self.field.text())
        dialog.setDirectory(str(path.parent))
        dialog.selectFile(path.name)
        dialog.fileSelected.connect(lambda text: self._take(text, kind))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _take(self, text: str, kind: ExportFormat) -> None:
        is_plain = kind != "directory" and format_of_text(text) == "directory"
        self.field.setText(with_format(text, kind) if is_plain else text)

    @Slot(int)
    def _on_format_clicked(self, number: int) -> None:
        self.field.setText(with_format(self.field.text().rstrip("/"), FORMATS[number]))
        self._show_format()

    @Slot(str)
    def _on_typed(self, _text: str) -> None:
        self._outlook, self._is_pressed = None, False
        self._show_format()
        self._typing.start()
        self._show_state()

    def _on_looked(self, outlook: Outlook) -> None:
        self._outlook = outlook
        self._show_state()
        if self._is_pressed:
            self._is_pressed = False
            self.accept()

    def _show_format(self) -> None:
        kind = format_of_text(self.field.text())
        self._formats.button(FORMATS.index(kind)).setChecked(True)

    @Slot()
    def _show_state(self) -> None:
        is_move = self.move_runs.isChecked()
        self.env.setEnabled(not is_move)
        self._verb.setText(f"{'Move' if is_move else 'Export'} {plural(len(self.ids()), 'Run')}")
        self._verb.setEnabled(self.wanted() is not None)
        self._moving_note.setText(self._moving_now())
        self._summary.setText(self._summary_now())
        self._show_note()

    def _moving_now(self) -> str:
        along = self._runs.own if self.along.isChecked() else ()
        running = sum(run_id in self._runs.running for run_id in (*self._runs.ids, *along))
        if not self.move_runs.isChecked():
            which = "A run is" if running == 1 else f"{running:,} runs are"
            far = "it is" if running == 1 else "they are"
            return f"{which} still running: exported as far as {far}." if running else ""
        said = "The environment goes along in a move: it would be lost."
        if not self.ids():
            return "Running runs cannot be moved: wait for them, or stop them."
        if running:
            return f"{plural(running, 'run')} still running cannot be moved and stay. {said}"
        return said

    def _summary_now(self) -> str:
        ids = self.ids()
        known = [self._sizes[run_id] for run_id in ids if run_id in self._sizes]
        if len(known) < len(ids):
            return f"Counting… {format_bytes(sum(known))}"
        free = self._outlook.free if self._outlook else None
        is_packed = format_of_text(self.field.text()) != "directory"
        unpacked = " unpacked" if is_packed else ""
        left = "" if free is None else f", {format_bytes(free)} free there"
        return f"About {format_bytes(sum(known))}{unpacked}{left}"

    def _show_note(self) -> None:
        outlook = self._outlook or Outlook()
        size = sum(self._sizes.get(run_id, 0) for run_id in self.ids())
        problem = outlook.problem or _room_problem(outlook.free, size, self.field.text())
        role = "error" if problem else "muted"
        if self._note.property("role") != role:
            in_role(self._note, role)
            self._note.style().unpolish(self._note)
            self._note.style().polish(self._note)
        self._note.setText(problem or outlook.note)

    # Qt overrides

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not press_in_dialog(event, self):
            super().keyPressEvent(event)

    def accept(self) -> None:
        if self._outlook is None:  # Return was quicker than the look: check first
            self._is_pressed = True
            self._typing.stop()
            self._look()
            return
        wanted = self.wanted()
        if wanted is None:
            self.field.setFocus()
            return
        super().accept()
        self.chosen.emit(wanted)

    def done(self, result: int) -> None:
        self._typing.stop()
        self._looking.drop()
        self._counting.drop()
        super().done(result)


def _room_problem(free: int | None, size: int, text: str) -> str:
    """That the runs will not fit; of an archive nobody knows before it is packed."""
    if free is None or size <= free or format_of_text(text) != "directory":
        return ""
    return f"The runs take {format_bytes(size)}, and only {format_bytes(free)} are free there."


def _path_completer(parent: QWidget) -> QCompleter:
    """Completes names of directories and archives; reads the disk on a thread of its own."""
    model = QFileSystemModel(parent)
    model.setFilter(QDir.Filter.AllDirs | QDir.Filter.Files | QDir.Filter.NoDotAndDotDot)
    model.setNameFilters(["*.zip", "*.tar.gz", "*.tar.zst"])
    model.setNameFilterDisables(False)
    model.setRootPath("/")
    completer = QCompleter(parent)
    completer.setModel(model)
    return completer


def _count_sizes(runs_dir: Path, ids: Sequence[str], context: JobContext) -> dict[str, int]:
    """Bytes of each run; what is known by then is published now and then."""
    sizes: dict[str, int] = {}
    told = time.monotonic()
    for run_id in ids:
        sizes[run_id] = disk_size(runs_dir / run_id, context.check).bytes
        if time.monotonic() - told >= TELL_SECONDS:
            context.publish(dict(sizes))
            told = time.monotonic()
    return sizes
