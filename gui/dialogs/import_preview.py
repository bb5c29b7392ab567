"""Shows what an import would bring before anything is written, and lets one choose.

Why a preview always: an archive comes from somebody else, and what differs from a run here is a
decision that only a person can take. Nothing is extracted for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint, QSize, Qt, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core.archives.archive_name import SUFFIXES
from core.archives.importing import Choice
from core.archives.opened import OpenedSources
from core.archives.plan import ImportPlan, PlanItem
from core.archives.room import lack_of_room
from core.errors import Error
from core.home import Home
from core.jobs import Job
from core.text import format_bytes, plural
from gui.archives.import_look import ImportPlaces, ImportWanted, Looked, look_into
from gui.archives.last_folder import LastFolder
from gui.dialogs.dialog_size import text_size
from gui.job_bridge import Latest
from gui.models.import_model import CHOICES, HERE, ImportModel, about
from gui.naming import in_role, named
from gui.services import Services
from gui.tool_tip import plain, plain_tip
from gui.views.previews.conflict_bar import TITLES, ConflictBar
from gui.views.previews.import_table import ImportTable
from gui.views.return_key import press_in_dialog

LANE = "archive-preview"
MOST_PROBLEMS = 3
_EMPTY = "Drop archives, runs, or directories with runs here, or add them above."


class ImportPreview(QDialog):
    """A table of the runs of some places, and the verb with their number.

    Args:
        home: Where they would go.
        services: Shared services of the window.
        parent: The window.
        folder: Where archives were last looked for.

    Attributes:
        model: The runs, and what is decided about them.
        table: Shows them.

    Signals:
        chosen: The user wants these runs (ImportWanted); whoever hears it closes its sources.
        home_wanted: Open this home instead (its path).
    """

    chosen = Signal(object)
    home_wanted = Signal(object)

    def __init__(
        self,
        home: Home,
        services: Services,
        parent: QWidget | None = None,
        folder: LastFolder | None = None,
    ) -> None:
        super().__init__(parent)
        self._folder = folder or LastFolder()
        named(self, "importPreview")
        self.setWindowTitle("Import runs")
        self.setAcceptDrops(True)
        self._home = home
        self._services = services
        self._places = ImportPlaces()
        self._opened: list[OpenedSources] = []
        self._looked: Looked | None = None
        self._question = Latest(services.bridge, LANE, self)
        self._build()
        self._connect()
        self._show_state()

    def add(self, paths: Iterable[Path]) -> None:
        """Look into these places too."""
        self._take(self._places.with_all(paths))

    def add_some(self, path: Path, ids: Iterable[str]) -> None:
        """Look into these runs of one archive or directory too."""
        self._take(self._places.with_some(path, ids))

    @property
    def _paths(self) -> tuple[Path, ...]:
        return self._places.paths

    def _take(self, places: ImportPlaces) -> None:
        self._places = places
        if places.paths:
            self._look()
            self.table.setFocus()

    # Building

    def _build(self) -> None:
        self.model = ImportModel(self)
        self.table = ImportTable(self.model, self._services.theme)
        self._title = in_role(named(plain(QLabel()), "importTitle"), "heading")
        self._counts = in_role(named(plain(QLabel()), "importCounts"), "muted")
        self._counts.setWordWrap(True)
        self._about = in_role(named(plain(QLabel()), "importAbout"), "muted")
        self._about.setWordWrap(True)
        self._about.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._problems = in_role(named(plain(QLabel()), "importProblems"), "warning")
        self._problems.setWordWrap(True)
        self._summary = in_role(named(plain(QLabel()), "importSummary"), "muted")
        self.conflicts = ConflictBar()
        self._open_home = _button("&Open as Home", "importOpenHome")
        self._add_files = _button("&Add Archives…", "importAddFiles")
        self._add_directory = _button("Add &Directory…", "importAddDirectory")
        self._all = _button("&All", "importAll", is_flat=True)
        self._none = _button("&None", "importNone", is_flat=True)
        self._new = _button("Only Ne&w", "importOnlyNew", is_flat=True)
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._verb = named(QPushButton(), "importVerb")
        self._buttons.addButton(self._verb, QDialogButtonBox.ButtonRole.AcceptRole)
        self._lay_out()

    def _lay_out(self) -> None:
        empty = in_role(named(plain(QLabel(_EMPTY)), "importEmpty"), "muted")
        empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        empty.setWordWrap(True)
        self._stack = QStackedWidget()
        self._stack.addWidget(empty)
        self._stack.addWidget(self.table)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(9)
        adding = (self._open_home, self._add_files, self._add_directory)
        layout.addLayout(_row(self._title, adding))
        layout.addLayout(_row(self._counts, (self._all, self._none, self._new)))
        layout.addWidget(self._stack, 1)
        layout.addWidget(self._about)
        layout.addWidget(self.conflicts)
        layout.addWidget(self._problems)
        layout.addLayout(_row(self._summary, (self._buttons,)))
        self._about.setMinimumHeight(self.fontMetrics().lineSpacing())
        self.setMinimumSize(QSize(560, 360))
        self.resize(text_size(self, 120, 35))
        self._verb.setDefault(True)  # not before it is in the dialog: that would choose another

    def _connect(self) -> None:
        self.model.decided.connect(self._show_state)
        self.model.modelReset.connect(self._show_state)
        self.table.selected.connect(self._show_selection)
        self.table.choice_wanted.connect(self._on_choice_wanted)
        self.conflicts.chosen.connect(self._on_choice)
        self._open_home.clicked.connect(self._on_open_home)
        self._add_files.clicked.connect(self.browse_files)
        self._add_directory.clicked.connect(self.browse_directory)
        self._all.clicked.connect(lambda: self.model.take_all(new=True, others=True))
        self._none.clicked.connect(lambda: self.model.take_all(new=False, others=False))
        self._new.clicked.connect(lambda: self.model.take_all(new=True, others=False))
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)

    # What others find out

    def _look(self) -> None:
        self._question.drop()
        self._close_opened()
        self._looked = None
        self.model.clear()
        home, places, opened = self._home, self._places, self._opened
        self._question.ask(
            "Look at what could be imported",
            lambda context: look_into(home, places, opened, context),
            self._on_looked,
            self._on_failed,
            on_item=self._on_found,
        )
        self._show_state()

    def _close_opened(self) -> None:
        """Close what was opened, after the question that may still use it."""
        opened = self._opened
        self._opened = []
        if self._services.bridge.is_closed:
            return

        def close(_context: object) -> None:
            for each in opened:
                each.close()

        self._services.bridge.submit(Job("Close archives", LANE, close))

    def _on_found(self, items: tuple[PlanItem, ...]) -> None:
        self.model.add(items)
        self._counts.setText(self._counts_now())

    def _on_looked(self, looked: Looked) -> None:
        self._looked = looked
        self.model.finish(looked.plan.items)
        self.table.sort_again(HERE)  # what is to be decided first
        self.table.make_room()
        self._show_state()

    def _on_failed(self, error: Error) -> None:
        self._problems.setText(error.told)
        self._problems.show()

    # What is shown

    @Slot()
    def _show_state(self) -> None:
        is_empty = not self._paths
        self._stack.setCurrentIndex(0 if is_empty else 1)
        self._title.setText(self._title_now())
        self._title.setToolTip(plain_tip("\n".join(map(str, self._paths[:50]))))
        self._counts.setText(self._counts_now())
        for button in (self._all, self._none, self._new):
            button.setVisible(not is_empty)
        self._open_home.setVisible(self._looked is not None and bool(self._looked.opened.home))
        taken = self.model.taken() if self._looked is not None else []
        self._verb.setText(f"Import {plural(len(taken), 'Run')}" if taken else "Import")
        written = [item for item in taken if self.model.choice(item) != "merge"]
        free = self._looked.free if self._looked else None
        size = sum(item.size for item in written)
        lack = "" if free is None else lack_of_room(self._home, size, free)
        self._verb.setEnabled(bool(taken) and not lack)
        self._summary.setText(_summary(written, self._home, free) if taken else "")
        self._show_problems(lack)
        self._show_selection()

    @Slot()
    def _show_selection(self) -> None:
        rows = [row for row in self.table.selected_rows() if row < self.model.rowCount()]
        current = self.table.currentIndex().row()
        row = current if current in rows else rows[0] if rows else -1
        said = about(self.model.item(row)) if row >= 0 else self.model.first_problem()
        self._about.setText(said)
        among = self.model.conflict_rows(rows)
        shown = among or self.model.conflict_rows()
        choices: set[Choice] = {self.model.choice(self.model.item(each)) for each in shown}
        self.conflicts.show_conflicts(len(shown), is_selection=bool(among), choices=choices)

    def _title_now(self) -> str:
        if not self._paths:
            return "Import runs into this home"
        if len(self._paths) == 1:
            return f"From {self._paths[0].name or self._paths[0]}"
        return f"From {self._paths[0].name} and {plural(len(self._paths) - 1, 'more', 'more')}"

    def _counts_now(self) -> str:
        if not self._paths:
            return ""
        if self._question.is_waiting:
            seen = self.model.rowCount()
            return f"Looking at {plural(seen, 'run')}…" if seen else "Opening…"
        counts = self.model.verdicts()
        parts = [
            (counts["new"], "new"),
            (counts["conflict"], "here with other content"),
            (counts["same"], "here already"),
            (counts["twice"], "in an earlier source too"),
            (counts["problem"], "not possible"),
        ]
        return " · ".join(f"{count:,} {word}" for count, word in parts if count) or "No runs"

    def _show_problems(self, lack: str) -> None:
        plan = self._looked.plan if self._looked else ImportPlan()
        problems = [*filter(None, [lack]), *plan.warnings, *plan.problems]
        self._problems.setText("\n".join(_first_of(problems)))
        self._problems.setToolTip(plain_tip("\n".join(problems)))
        self._problems.setVisible(bool(problems))

    # Slots

    def _on_chosen(self, paths: Sequence[Path]) -> None:
        self._folder.note(paths[-1])
        self.add(paths)

    @Slot()
    def browse_files(self) -> None:
        """Let the user choose archives."""
        dialog = QFileDialog(self, "Add archives of runs")
        dialog.setObjectName("importBrowser")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        patterns = " ".join(f"*{suffix}" for suffix in SUFFIXES)
        dialog.setNameFilters([f"Archives ({patterns})", "All files (*)"])
        self._browse(dialog)

    @Slot()
    def browse_directory(self) -> None:
        """Let the user choose a directory."""
        dialog = QFileDialog(self, "Add a run, a directory of runs, or a home")
        dialog.setObjectName("importBrowser")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        self._browse(dialog)

    def _browse(self, dialog: QFileDialog) -> None:
        dialog.setDirectory(self._folder.begin())
        dialog.filesSelected.connect(lambda names: self._on_chosen([Path(n) for n in names]))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @Slot(str)
    def _on_choice(self, choice: Choice) -> None:
        rows = self.model.conflict_rows(self.table.selected_rows())
        self.model.choose(rows or self.model.conflict_rows(), choice)

    @Slot(int, QPoint)
    def _on_choice_wanted(self, row: int, position: QPoint) -> None:
        menu = QMenu(self)
        for choice in CHOICES:
            menu.addAction(TITLES[choice], partial(self.model.choose, [row], choice))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(position)

    @Slot()
    def _on_open_home(self) -> None:
        home = self._looked.opened.home if self._looked else None
        if home is not None:
            self.reject()
            self.home_wanted.emit(home)

    # Qt overrides

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not press_in_dialog(event, self):
            super().keyPressEvent(event)

    def accept(self) -> None:
        looked, taken = self._looked, self.model.taken()
        if looked is None or not taken:
            return
        self._opened.remove(looked.opened)
        super().accept()
        self.chosen.emit(ImportWanted(looked.opened, tuple(taken), self.model.choices()))

    def done(self, result: int) -> None:
        self._question.drop()
        self._close_opened()
        super().done(result)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        urls = event.mimeData().urls()
        event.acceptProposedAction()
        self.add(Path(url.toLocalFile()) for url in urls if url.isLocalFile())


def _first_of(problems: Sequence[str]) -> list[str]:
    """As many as there is room for, and how many more there are."""
    more = len(problems) - MOST_PROBLEMS
    return [*problems[:MOST_PROBLEMS], *([f"… and {more:,} more"] if more > 0 else [])]


def _summary(written: Sequence[PlanItem], home: Home, free: int | None) -> str:
    """How much comes, and how much room there is."""
    size, files = sum(item.size for item in written), sum(item.files for item in written)
    left = "" if free is None else f" · {format_bytes(free)} free"
    return f"{format_bytes(size)} in {plural(files, 'file')} to {home.name}{left}"


def _button(text: str, object_name: str, *, is_flat: bool = False) -> QPushButton:
    button = named(QPushButton(text), object_name)
    button.setAutoDefault(False)
    if is_flat:
        button.setProperty("flat", "true")
    return button


def _row(first: QWidget, others: Sequence[QWidget]) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(6)
    row.addWidget(first, 1)
    for widget in others:
        row.addWidget(widget)
    return row
