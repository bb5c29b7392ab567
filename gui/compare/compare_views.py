"""Named views of comparisons: listed in a menu, saved, sent, opened, one default an operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from core.compare.view_file import CompareView, LoadedView
from core.compare.views import DeletedView, KnownViews, Views
from core.errors import Error
from gui.compare.chosen_runs import ChosenRuns
from gui.compare.comparison import Comparison
from gui.file_manager import reveal_path
from gui.job_bridge import Latest
from gui.services import Services
from gui.views.compare.compare_bar import CompareBar

LANE = "views"
PATTERN = "Views of comparisons (*.json)"
_USUAL = CompareView("")


class Beside(Struct, frozen=True):
    """What a view keeps of the window around the comparison.

    Attributes:
        filter: Text of the filter box.
        plots: How the plots are set up, as plain values.
    """

    filter: str = ""
    plots: Mapping[str, Any] = field(default_factory=dict)


class CompareViews(QObject):
    """Fills the menu of views, and does what it says. Files are touched by jobs only.

    Args:
        bar: Has the menu.
        chosen: The runs that are compared.
        comparison: How they are compared.
        services: Shared services of the window.
        parent: Owner; dialogs stand before its window.

    Signals:
        failed: Something could not be read or written (a sentence; empty once that is past).
        filter_wanted: A view wants this text in the filter box.
        plots_wanted: A view wants the plots set up so (plain values).
        deleted: A view was deleted (a sentence, and what brings it back).
        saving_wanted: The user wants to give the present way a name.
    """

    failed = Signal(str)
    filter_wanted = Signal(str)
    plots_wanted = Signal(dict)
    deleted = Signal(str, object)
    saving_wanted = Signal()

    def __init__(
        self,
        bar: CompareBar,
        chosen: ChosenRuns,
        comparison: Comparison,
        services: Services,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._bar = bar
        self._chosen = chosen
        self._comparison = comparison
        self._window = parent
        self._views = Views(services.directories.config)
        self._known = KnownViews()
        self._is_listed = False
        self._operation: str | None = None
        self._is_chosen = False  # by the user
        self._opened = _USUAL  # by itself
        self._listing = Latest(services.bridge, LANE, self)
        self._doing = Latest(services.bridge, LANE, self)
        bar.view_menu.aboutToShow.connect(self.fill)
        comparison.view_changed.connect(self._show)
        comparison.found.connect(self._look_at_operation)

    @property
    def known(self) -> KnownViews:
        """What was found on disk the last time."""
        return self._known

    @property
    def operation(self) -> str:
        """The operation of all compared runs; empty where they have several."""
        return self._operation or ""

    def look(self) -> None:
        """See which views there are."""
        views = self._views

        self._listing.ask("List views", lambda _: views.known(), self._on_known, self._on_error)

    @property
    def is_own(self) -> bool:
        """Whether the present way was chosen, or changed, by the user: no default replaces it."""
        return self._is_chosen or self._comparison.view != self._opened

    def keep(self, *, own: bool) -> None:
        """Whether the present way was chosen by the user, as before the last end."""
        self._is_chosen = own and self._comparison.view != _USUAL
        self._opened = self._comparison.view

    # What the menu does

    @Slot()
    def fill(self) -> None:
        """List the views there are."""
        menu, present = self._bar.view_menu, self._comparison.view
        menu.clear()
        plain = menu.addAction("&Usual Columns", partial(self._use, _USUAL))
        plain.setCheckable(True)
        plain.setChecked(not present.name)
        if self._known.names:
            menu.addSection("Views")
        for name in self._known.names:
            action = menu.addAction(name.replace("&", "&&"), partial(self.open, name))
            action.setCheckable(True)
            action.setChecked(name == present.name)
        self._add_damaged(menu)
        menu.addSeparator()
        menu.addAction("&Save View…", self.saving_wanted.emit)
        self._add_default(menu, present)
        menu.addAction("&Open View File…", self.choose_file)
        for text, do in (
            ("Show View in File &Manager", self.reveal),
            ("De&lete View", self.delete),
        ):
            action = menu.addAction(text, do)
            action.setEnabled(present.name in self._known.names)

    def open(self, name: str) -> None:
        """Compare the runs as a view says."""
        self._do(f"Open the view {name}", lambda: self._views.load(name), self._on_loaded)

    def save(self, beside: Beside, *, name: str, is_default: bool) -> None:
        """Give the present way a name, over the view that has it."""
        view = replace(
            self._comparison.view,
            name=" ".join(name.split()),
            filter=beside.filter,
            plots=beside.plots,
        )
        operation, views = self.operation, self._views

        def work() -> CompareView:
            views.save(view)
            if operation and is_default:
                views.set_default(operation, view.name)
            elif operation and views.known().default_of(operation) == view.name:
                views.set_default(operation, None)
            return view

        self._do(f"Save the view {view.name}", work, self._on_saved)

    def choose_file(self) -> None:
        """Ask for the file of a view that somebody sent."""
        dialog = QFileDialog(self._window.window(), "Open view file", "", PATTERN)
        dialog.setObjectName("viewFileDialog")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda path: self.take(Path(path)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def take(self, path: Path) -> None:
        """Add a view from a file, and compare the runs so."""
        self._do(f"Open {path.name}", lambda: self._views.take(path), self._on_loaded)

    def reveal(self) -> None:
        """Show the file of the present view, to be sent."""
        name = self._comparison.view.name
        self._do("Find a view", lambda: self._views.path_of(name), self._on_path)

    def delete(self) -> None:
        """Delete the present view; the comparison stays as it is."""
        name = self._comparison.view.name
        self._do(f"Delete the view {name}", lambda: self._views.delete(name), self._on_deleted)

    def set_default(self, *, on: bool) -> None:
        """Whether the runs' operation opens with the present view."""
        name, operation = self._comparison.view.name if on else None, self.operation
        self._do(
            "Choose a default view", lambda: self._views.set_default(operation, name), self._on_done
        )

    # Inside

    def _add_default(self, menu: QMenu, present: CompareView) -> None:
        if not self.operation:
            return
        name = self.operation.replace("&", "&&")
        action = menu.addAction(f"&Default for “{name}”")
        action.setCheckable(True)
        is_known = present.name in self._known.names
        action.setChecked(is_known and self._known.default_of(self.operation) == present.name)
        action.setEnabled(is_known)
        action.toggled.connect(lambda is_on: self.set_default(on=is_on))

    def _add_damaged(self, menu: QMenu) -> None:
        """Views whose files cannot be read, so that nobody looks for them in vain."""
        if self._known.damaged:
            menu.addSeparator()
        for name, sentence in self._known.damaged.items():
            shown = name.replace("&", "&&")
            menu.addAction(f"{shown} (Cannot Be Read)…", partial(self.failed.emit, sentence))

    def _do(self, title: str, work: Callable[[], object], on_done: Callable[..., object]) -> None:
        def then(result: object) -> None:
            on_done(result)
            self.look()

        self.failed.emit("")
        self._doing.ask(title, lambda _context: work(), then, self._on_error)

    def _use(self, view: CompareView) -> None:
        self._is_chosen = True
        self._comparison.show(view)
        if view.filter:
            self.filter_wanted.emit(view.filter)
        if view.plots:
            self.plots_wanted.emit(dict(view.plots))

    # Slots

    def _on_known(self, known: KnownViews) -> None:
        self._known, self._is_listed = known, True
        self._open_default()

    def _on_loaded(self, loaded: LoadedView) -> None:
        self._use(loaded.view)
        self.failed.emit(" ".join(loaded.problems))

    def _on_saved(self, view: CompareView) -> None:
        self._is_chosen = True
        self._comparison.change(name=view.name, filter=view.filter, plots=view.plots)

    def _on_deleted(self, deleted: DeletedView) -> None:
        self._is_chosen = True
        self._comparison.change(name="")
        undo = partial(self._bring_back, deleted)
        self.deleted.emit(f"The view “{deleted.name}” is deleted.", undo)

    def _bring_back(self, deleted: DeletedView) -> None:
        self._do(
            f"Bring the view {deleted.name} back",
            lambda: self._views.bring_back(deleted),
            lambda _nothing: self.open(deleted.name),
        )

    def _on_path(self, path: Path) -> None:
        if not reveal_path(path):
            self.failed.emit(f"The view is in {path}.")

    def _on_done(self, _nothing: object) -> None:
        """Nothing on screen is another."""

    def _on_error(self, error: Error) -> None:
        self.failed.emit(error.told)

    @Slot()
    def _show(self) -> None:
        self._bar.show_view(self._comparison.view.name)

    @Slot()
    def _look_at_operation(self) -> None:
        """Other runs may be those of another operation, which opens with another view."""
        answer = self._comparison.answer
        slots = answer.table.slots if answer is not None else ()
        operations = self._chosen.columns.stored("operation")
        found = {operations[slot] for slot in slots[:1_000]}
        operation = found.pop() if len(found) == 1 else ""
        if operation != self._operation:
            self._operation = operation
            if self._comparison.view == _USUAL:  # chosen for the runs of before
                self._is_chosen = False
            self._open_default()

    def _open_default(self) -> None:
        """Have the view of the runs' operation, or the usual columns after that of another."""
        if self.is_own or not self._is_listed or self._operation is None:
            return
        name = self._known.default_of(self.operation)
        if name == self._comparison.view.name:
            return
        if not name:
            self._on_default(LoadedView(_USUAL))
            return
        loading = f"Open the view {name}"
        self._doing.ask(
            loading, lambda _context: self._views.load(name), self._on_default, self._on_error
        )

    def _on_default(self, loaded: LoadedView) -> None:
        """The filter of a default is left alone: nobody asked for other runs."""
        self._opened = loaded.view
        self._comparison.show(loaded.view)
        self.failed.emit(" ".join(loaded.problems))
