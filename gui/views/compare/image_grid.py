"""The page that shows the same picture of all chosen runs beside each other.

Left the pictures that the runs have, those that most have first; right a tile a run. Names that
differ in a number are one entry, and a slider goes through the numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QModelIndex, Qt, QTimer, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QStackedWidget,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from core.compare.run_images import MOST_RUNS, FoundImages, ImageSeries, find_images
from core.jobs import JobContext
from core.runs.files import shown
from core.text import plural
from gui.compare.chosen_runs import ChosenRuns
from gui.compare.picture_store import PictureKey, PictureStore
from gui.job_bridge import Latest
from gui.models.image_list_model import ImageListModel
from gui.naming import in_role, named
from gui.plots.run_colours import run_colours
from gui.services import Services
from gui.tool_tip import plain
from gui.views.compare.image_bar import ImageBar
from gui.views.compare.image_tiles import ImageTiles, LateTiles, Tile
from gui.views.details.details_tab import set_sizes
from gui.views.list_splitter import ListSplitter
from gui.views.row_delegate import RowDelegate
from gui.views.tab_order import lead_through

FOLLOW_MS = 3000  # between two looks at runs that say something else
SETTLE_MS = 60  # after scrolling, before pictures are asked for


def make(chosen: ChosenRuns, services: Services) -> QWidget:
    """The page about these runs."""
    return ImageGrid(chosen, services)


class ImageGrid(QWidget):
    """Shows one picture of many runs.

    Args:
        chosen: The runs.
        services: Shared services.
        parent: Owner.

    Attributes:
        list: The pictures that there are.
        tiles: The one that is looked at, a tile a run.
    """

    def __init__(
        self, chosen: ChosenRuns, services: Services, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("imageGrid")
        self._chosen = chosen
        self._colours = run_colours(chosen, services)
        self._latest = Latest(services.bridge, "diff", self)
        self._store = PictureStore(services, self)
        self._slots: list[int] = []
        self._looked = 0  # how many of them were looked through
        self._series: ImageSeries | None = None
        self._wanted = ""  # name of the picture that the user looks at
        self._is_stale = True
        self.model = ImageListModel(self)
        self.search = named(QLineEdit(), "imageSearch", "Search pictures")
        self.list = named(QTreeView(), "imageList", "Pictures of the runs")
        self.tiles = named(ImageTiles(services.theme, self._store.get), "imageTiles", "Pictures")
        self.message = in_role(named(plain(QLabel()), "imageMessage"), "muted")
        self.bar = ImageBar(services.theme, self.tiles)
        self._follow = QTimer(self, interval=FOLLOW_MS, singleShot=True)
        self._settle = QTimer(self, interval=SETTLE_MS, singleShot=True)
        self._build()
        self._connect()

    # Between two starts

    def state(self) -> dict[str, object]:
        """What the next start restores."""
        return {
            "picture": shown(self._wanted),
            "size": self.tiles.size_number,
            "sizes": self.splitter.wanted_sizes(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take what `state` gave; what is not understood is left as it is."""
        if isinstance(state.get("picture"), str):
            self._wanted = state["picture"]
        if isinstance(state.get("size"), int):
            self.bar.tile_size.setValue(state["size"])
        set_sizes(self.splitter, state.get("sizes"))

    # What the user asks for

    def look_at(self, name: str) -> None:
        """Look at the picture of that name, as soon as it is known."""
        self._wanted = name
        row = self.model.row_of(name)
        if row >= 0:
            self.list.setCurrentIndex(self.model.index(row, 0))

    # Inside

    def _build(self) -> None:
        side = self._side()
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.message.setWordWrap(True)
        self.message.setMargin(16)
        self._right = QWidget()
        rows = QVBoxLayout(self._right)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(self.bar)
        rows.addWidget(self.tiles, 1)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.message)
        self._stack.addWidget(self._right)
        self.splitter = named(ListSplitter(side, self._stack), "imageSplitter")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.splitter)
        lead_through(self.search, self.list, self.bar, self.tiles)

    def _side(self) -> QWidget:
        """The search box above the list."""
        self._build_list()
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        box = QHBoxLayout()
        box.setContentsMargins(8, 8, 8, 6)
        box.addWidget(self.search)
        column.addLayout(box)
        column.addWidget(self.list, 1)
        side.setMinimumWidth(120)
        return side

    def _build_list(self) -> None:
        self.search.setPlaceholderText("Search")
        self.search.setClearButtonEnabled(True)
        self.list.setModel(self.model)
        self.list.setItemDelegate(RowDelegate(self.list, first=0))
        self.list.setHeaderHidden(True)
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setAllColumnsShowFocus(True)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        header = self.list.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(20)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)

    def _connect(self) -> None:
        chosen = self._chosen
        chosen.changed.connect(self._on_runs_changed)
        chosen.values_changed.connect(self._on_values_changed)
        chosen.standing_out_changed.connect(self._mark_current)
        self._colours.changed.connect(self._show_tiles)
        self._store.loaded.connect(lambda _key: self.tiles.viewport().update())
        self._follow.timeout.connect(self._ask)
        self._settle.timeout.connect(self._want_seen)
        self.tiles.seen_changed.connect(self._settle.start)
        self.tiles.run_selected.connect(lambda run_id: chosen.select([run_id]))
        self.tiles.run_activated.connect(chosen.run_wanted)
        self.search.textChanged.connect(self._on_search)
        self.bar.step.valueChanged.connect(self._on_step)
        self.bar.tile_size.valueChanged.connect(self.tiles.set_size_number)
        self.list.selectionModel().currentChanged.connect(self._on_current_changed)

    def _ask(self) -> None:
        """Ask which pictures there are, if somebody looks."""
        if not self.isVisible():
            self._is_stale = True
            return
        self._is_stale = False
        self._slots = list(self._chosen.slots()[:MOST_RUNS])
        chosen, slots = self._chosen, tuple(self._slots)

        def work(context: JobContext) -> FoundImages:
            sides = [chosen.ref(slot).side(context.check) for slot in slots]
            return find_images(sides, context.check, context.publish)

        self._latest.ask("List the pictures of runs", work, self._on_found, on_item=self._on_found)

    def _show_message(self, text: str) -> None:
        self.message.setText(text)
        self._stack.setCurrentWidget(self.message)

    def _show_tiles(self) -> None:
        series = self._series
        if series is None or not self.isVisible():
            return
        place = min(self.bar.step.value(), len(series.steps) - 1)
        ids, slots = self._chosen.columns.stored("id"), self._slots[: self._looked]
        pixels = self.tiles.pixels
        name_of = self._colours.namer(self._looked)

        have = series.paths[place].keys()
        count = sum(run in have for run in range(len(slots)))
        runs = sorted(range(len(slots)), key=lambda run: run not in have)  # the others behind

        def tile_at(number: int) -> Tile:
            run = runs[number]
            slot, path = slots[run], series.path(run, place)
            key = None if path is None else PictureKey(self._chosen.ref(slot), path, pixels)
            return Tile(ids[slot], name_of(slot), self._colours.colour(slot), key)

        self.tiles.show_tiles(LateTiles([ids[slots[run]] for run in runs], tile_at))
        more = len(self._chosen.slots()) - len(slots)
        looking = self._latest.is_waiting
        self.bar.show_facts(series, place, (count, len(slots)), more, is_looking=looking)
        self._mark_current()

    # Slots

    @Slot()
    def _on_runs_changed(self) -> None:
        self._follow.stop()
        self._ask()

    @Slot(object)
    def _on_values_changed(self, slots: frozenset[int]) -> None:
        news = slots.intersection(self._slots)
        self._store.outdate({self._chosen.ref(slot).path for slot in news})
        if news and not self._follow.isActive():
            self._follow.start()

    @Slot(object)
    def _on_found(self, found: FoundImages) -> None:
        self._looked = found.looked
        if not found.series and self._latest.is_waiting:
            return  # the next runs may have some
        self.model.show_series(found.series, found.looked)
        if not found.series:
            self._series = None
            what = "has a picture" if len(self._slots) != 1 else "has no picture"
            text = f"None of {plural(len(self._slots), 'run')} {what}." if self._slots else ""
            self._show_message(" ".join([text or "There are no runs.", *found.problems[:3]]))
            return
        self._stack.setCurrentWidget(self._right)
        self.list.setCurrentIndex(QModelIndex())
        kept = self._wanted
        row = max(0, self.model.row_of(kept))
        if self.model.rowCount():
            self.list.setCurrentIndex(self.model.index(row, 0))
        self._wanted = kept or self._wanted

    @Slot(QModelIndex, QModelIndex)
    def _on_current_changed(self, current: QModelIndex, _before: QModelIndex) -> None:
        if not current.isValid():
            return
        series = self.model.series(current.row())
        is_other = self._series is None or series.name != self._series.name
        self._series, self._wanted = series, series.name
        self.bar.show_steps(len(series.steps), anew=is_other)
        if is_other:
            self.tiles.zoom.reset()
        self._stack.setCurrentWidget(self._right)
        self._show_tiles()

    @Slot()
    def _on_step(self) -> None:
        self._show_tiles()

    @Slot(str)
    def _on_search(self, text: str) -> None:
        self.model.search(text)
        row = self.model.row_of(self._wanted)
        if row >= 0:
            self.list.setCurrentIndex(self.model.index(row, 0))

    @Slot()
    def _want_seen(self) -> None:
        """Read the pictures in view; larger ones where the tiles, or the zoom, have grown."""
        if not self.isVisible():
            return
        seen = [tile.key for tile in self.tiles.seen() if tile.key is not None]
        if seen and seen[0].most < self.tiles.pixels:
            self._show_tiles()
            return
        self._store.want(seen)

    @Slot()
    def _mark_current(self) -> None:
        slot = self._chosen.current_slot()
        self.tiles.mark("" if slot is None else self._chosen.columns.value("id", slot))

    # Qt overrides

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._is_stale:
            self._ask()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._follow.stop()
        self._settle.stop()
        self._store.drop()
        if self._latest.is_waiting:
            self._latest.drop()
            self._is_stale = True
