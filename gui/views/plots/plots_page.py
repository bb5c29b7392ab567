"""The Plots tab: curves, a scatter plot and parallel coordinates of the chosen runs.

Why each kind of plot is made when it is first looked at: making all three takes several frames, and
most people look at curves.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication, QHideEvent, QImage, QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core.compare.colouring import colour_keys
from gui.compare.chosen_runs import ChosenRuns
from gui.job_bridge import FIRST_PAINT_MS, Latest
from gui.naming import in_role
from gui.plots.curve_saver import CurveSaver
from gui.plots.plot_columns import key_title
from gui.plots.plot_file import Sheet, save_sheet, sheet_image
from gui.plots.plotted import Plotted
from gui.plots.run_colours import AUTOMATIC, run_colours
from gui.services import Services
from gui.tool_tip import plain
from gui.views.plots.plot_buttons import KeyButton, menu_button, switch
from gui.views.plots.plot_legend import PlotLegend
from gui.views.tab_order import lead_through
from gui.views.wrap_bar import WrapBar

if TYPE_CHECKING:
    from gui.views.plots.curves_view import CurvesView
    from gui.views.plots.parallel_view import ParallelView
    from gui.views.plots.scatter_view import ScatterView

CURVES = "curves"
SCATTER = "scatter"
PARALLEL = "parallel"
TITLES = {CURVES: "Curves", SCATTER: "Scatter", PARALLEL: "Parallel"}
_CLASSES = {CURVES: "CurvesView", SCATTER: "ScatterView", PARALLEL: "ParallelView"}
"""In modules that are called like them."""


class PlotsPage(QWidget):
    """Plots of the chosen runs, one kind at a time.

    Args:
        chosen: The runs.
        services: Shared services.
        parent: Owner.

    Signals:
        saved: A picture was written to this path.
        board_wanted: The user wants to see the runs in TensorBoard.
        only_wanted: The table is to show only the brushed runs: their slots, and the columns on
            which they were brushed.
    """

    saved = Signal(str)
    board_wanted = Signal()
    only_wanted = Signal(list, list)

    def __init__(
        self, chosen: ChosenRuns, services: Services, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("plotsPage")
        self._chosen = chosen
        self._services = services
        self._colours = run_colours(chosen, services)
        self._plotted = Plotted(chosen, self._colours, services)
        self._saving = Latest(services.bridge, "files", self)
        self._keys = Latest(services.bridge, "columns", self)
        head = self._make_head()  # first: the Tab key goes through widgets as they are made
        self._views: dict[str, Any] = {}
        self._states: dict[str, Mapping[str, Any]] = {}
        self._values: CurveSaver | None = None
        self._first_paint = QTimer(self, singleShot=True, interval=FIRST_PAINT_MS)
        self._first_paint.timeout.connect(self._on_painted)
        self._build(head)
        self.legend.run_wanted.connect(lambda slot: self._on_runs_wanted([slot]))
        self._colours.changed.connect(self._show_colours)
        chosen.changed.connect(self._on_chosen)
        self._show_colours()
        self._on_chosen()

    def _build(self, head: WrapBar) -> None:
        self._message = in_role(plain(QLabel(alignment=Qt.AlignmentFlag.AlignCenter)), "muted")
        self._message.setWordWrap(True)
        self.stack = QStackedWidget(self)
        self._outer = QStackedWidget(self)
        self._outer.addWidget(self.stack)
        self._outer.addWidget(self._message)
        self._problem = in_role(plain(QLabel()), "error")
        self._problem.setContentsMargins(12, 0, 12, 4)
        self._problem.hide()
        self._said = in_role(plain(QLabel()), "muted")
        self._said.setContentsMargins(12, 0, 12, 4)
        self._said.hide()
        self.legend = PlotLegend(self._services.theme, self)
        foot = QHBoxLayout()
        foot.setContentsMargins(12, 0, 12, 4)
        foot.addWidget(self.legend, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(head)
        layout.addWidget(self._problem)
        layout.addWidget(self._said)
        layout.addWidget(self._outer, 1)
        layout.addLayout(foot)

    def _make_head(self) -> WrapBar:
        self._modes = QButtonGroup(self)
        head = WrapBar(self, gap=4, top=6)
        for number, title in enumerate(TITLES.values()):
            button = switch(title, title, self)
            self._modes.addButton(button, number)
            head.add(button)
        self._modes.button(0).setChecked(True)
        self._modes.idClicked.connect(self._on_mode)
        self.colour_by = KeyButton("Colour", self)
        self.colour_by.chosen.connect(self._colours.colour_by)
        entries = (
            ("Picture (PNG or SVG)…", self.ask_where_to_save),
            ("Copy Picture", self.copy),
            ("Values of the Curves (CSV)…", lambda: self.values.ask_for_csv()),
            ("Open in TensorBoard", self.board_wanted.emit),
        )
        self._save = menu_button(
            "Save", "Save the plots, or open the runs elsewhere", entries, self
        )
        self._save_values = self._save.menu().actions()[2]
        head.add_at_right(self.colour_by, self._save)
        return head

    # The kinds of plots

    @property
    def curves(self) -> CurvesView:
        """A panel of curves for each scalar."""
        return cast("CurvesView", self._view(CURVES))

    @property
    def scatter(self) -> ScatterView:
        """A dot for each run."""
        return cast("ScatterView", self._view(SCATTER))

    @property
    def parallel(self) -> ParallelView:
        """A line for each run across several axes."""
        return cast("ParallelView", self._view(PARALLEL))

    @property
    def values(self) -> CurveSaver:
        """Writes the values of the curves."""
        if self._values is None:
            self._values = CurveSaver(self.curves, self._chosen, self._services, self)
            self._values.failed.connect(self._tell_problem)
            self._values.saved.connect(lambda path: self._say(f"Saved as {path}."))
        return self._values

    def _view(self, mode: str) -> Any:
        """The plot of a kind, made if need be as it was left the last time."""
        if mode not in self._views:
            module = import_module(f"gui.views.plots.{mode}_view")
            view = getattr(module, _CLASSES[mode])(self._plotted)
            self._views[mode] = view
            self.stack.addWidget(view)
            lead_through(self._save, view)
            view.runs_wanted.connect(self._on_runs_wanted)
            if mode != CURVES:
                view.only_wanted.connect(self.only_wanted)
            if mode in self._states:
                view.restore(self._states.pop(mode))
        return self._views[mode]

    # What is shown

    @property
    def mode(self) -> str:
        """The kind of plot that is shown: "curves", "scatter" or "parallel"."""
        return list(TITLES)[self._modes.checkedId()]

    def show_mode(self, mode: str) -> None:
        """Show this kind of plot."""
        if mode in TITLES:
            number = list(TITLES).index(mode)
            self._modes.button(number).setChecked(True)
            self._on_mode(number)

    def state(self) -> dict[str, Any]:
        """What the user chose, as plain values."""
        states = dict(self._states) | {name: v.state() for name, v in self._views.items()}
        return {"mode": self.mode, "colour_by": self._colours.wish, "views": states}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take what `state` gave; what is not understood is left as it is."""
        views = state.get("views")
        for name in TITLES:
            part = views.get(name) if isinstance(views, Mapping) else None
            if isinstance(part, Mapping):
                self._restore_view(name, part)
        if isinstance(wish := state.get("colour_by"), str):
            self._colours.colour_by(wish)
        self.show_mode(str(state.get("mode", "")))

    def _restore_view(self, name: str, state: Mapping[str, Any]) -> None:
        if name in self._views:
            self._views[name].restore(state)
        else:
            self._states[name] = state

    def forget_brushes(self) -> None:
        """What was brushed is all that there is now."""
        for mode in self._views.keys() - {CURVES}:
            self._views[mode].forget_brushes()

    # Saving

    def sheet(self) -> Sheet:
        """What is on screen, for a file."""
        title = key_title(self._colours.key) if self._colours.key else ""
        size = (max(600, self.stack.width()), max(400, self.stack.height()))
        panels = tuple(self._view(self.mode).sheet_panels())
        legend = tuple(self._colours.legend())
        return Sheet(panels, legend, title, size, are_dots=self.mode == SCATTER)

    def ask_where_to_save(self) -> None:
        """Ask for a file name and write what is on screen there."""
        forms = "Pictures (*.png);;Vector graphics (*.svg)"
        dialog = QFileDialog(self, "Save the plots", f"{self.mode}.png", forms)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("png")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: self.save(Path(path)))
        dialog.open()

    def save(self, path: Path) -> None:
        """Write what is on screen to a file, on a worker's thread."""
        sheet, theme = self.sheet(), self._services.theme
        self._problem.hide()
        self._saving.ask(
            f"Save {path.name}",
            lambda _: save_sheet(path, sheet, theme),
            lambda _: self._on_saved(path),
            lambda error: self._tell_problem(error.told),
        )

    def _on_saved(self, path: Path) -> None:
        self._say(f"Saved as {path}.")
        self.saved.emit(str(path))

    def copy(self) -> None:
        """Put what is on screen on the clipboard, as a picture."""
        sheet, theme = self.sheet(), self._services.theme
        self._saving.ask("Copy the plots", lambda _: sheet_image(sheet, theme), self._on_copied)

    def _on_copied(self, image: QImage) -> None:
        QGuiApplication.clipboard().setImage(image)
        self._say("Copied.")

    # Slots

    def _say(self, text: str) -> None:
        """Say what goes on, in place of what went wrong before."""
        self._problem.hide()
        self._said.setText(text)
        self._said.setVisible(bool(text))

    def _tell_problem(self, text: str) -> None:
        self._said.hide()
        self._problem.setText(text)
        self._problem.setVisible(bool(text))

    def _on_mode(self, number: int) -> None:
        if self.isVisible():
            self._show_view()
        self._lead_keyboard()
        self._say("")  # what was saved was another kind
        self.legend.show_dots(on=self.mode == SCATTER)
        self._save_values.setEnabled(self.mode == CURVES)
        self._first_paint.start()

    def _lead_keyboard(self) -> None:
        """Have the ring round the kind that is shown, where it is round one of them."""
        if any(button.hasFocus() for button in self._modes.buttons()):
            self._modes.button(self._modes.checkedId()).setFocus()

    def _on_runs_wanted(self, slots: list[int]) -> None:
        columns = self._chosen.columns
        self._chosen.select([columns.value("id", slot) for slot in slots])

    def _on_chosen(self) -> None:
        count = len(self._chosen.slots())
        self._message.setText("There are no runs to plot.")
        self._outer.setCurrentIndex(0 if count else 1)
        self._ask_for_keys()

    def _ask_for_keys(self) -> None:
        if not self.isVisible():
            return
        columns = self._chosen.columns
        self._keys.ask("Look for columns", lambda _: colour_keys(columns), self._offer_keys)

    def _offer_keys(self, keys: list[str]) -> None:
        flags = [key for key in keys if key.startswith("flag:")]
        seeds = [key for key in flags if "seed" in key.lower()]
        first = [(AUTOMATIC, "what suits"), ("", "each run")]
        first += [(f"but:{key[5:]}", key_title(f"but:{key[5:]}")) for key in seeds[:3]]
        self.colour_by.offer(first, keys)
        self._show_colours()

    def _show_colours(self) -> None:
        key = self._colours.key
        title = key_title(key) if key else "each run"
        self.colour_by.show_key(self._colours.wish, title)
        self.legend.show_entries(title if key else "", self._colours.legend())

    def _show_view(self) -> None:
        self.stack.setCurrentWidget(self._view(self.mode))

    @Slot()
    def _on_painted(self) -> None:
        if self.isVisible():
            self._lead_keyboard()  # a page that comes into sight gives it to the first
            self._look(on=True)
            self._ask_for_keys()

    def _look(self, *, on: bool) -> None:
        for name, view in self._views.items():
            view.look(on=on and name == self.mode)

    # Qt overrides

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_view()
        self._first_paint.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._first_paint.stop()
        self._look(on=False)


def make(chosen: ChosenRuns, services: Services) -> PlotsPage:
    """The page of the Plots tab."""
    return PlotsPage(chosen, services)
