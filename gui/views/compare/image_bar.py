"""What is above the pictures of many runs: which one it is, its number, and how large they are."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from core.compare.run_images import ImageSeries
from core.runs.files import shown
from core.text import plural
from gui.compare.picture_zoom import STEP
from gui.naming import in_role, named
from gui.theme import Theme
from gui.tool_tip import plain, plain_tip
from gui.views.compare.image_tiles import SIZES, ImageTiles
from gui.views.details.fact_sheet import IconButton

_ROOMY = 70  # letters that name and controls side by side need


class ImageBar(QWidget):
    """Name, number and size of the pictures.

    Args:
        theme: For the icons.
        tiles: What is zoomed.
        parent: Owner.

    Attributes:
        step: Goes through the numbers of a series.
        tile_size: How large tiles are, where they do not share the room.
    """

    def __init__(self, theme: Theme, tiles: ImageTiles, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tiles = tiles
        self.heading = in_role(named(plain(QLabel()), "imageHeading"), "heading")
        self.note = in_role(named(plain(QLabel()), "imageNote"), "muted")
        self.step = named(QSlider(Qt.Orientation.Horizontal), "imageStep", "Number in the name")
        self.step_text = in_role(plain(QLabel()), "muted")
        self.tile_size = named(QSlider(Qt.Orientation.Horizontal), "imageSize", "Size of the tiles")
        self._size_text = in_role(plain(QLabel("Size")), "muted")
        self._size_text.setBuddy(self.tile_size)
        self._build(theme)

    def show_facts(
        self,
        series: ImageSeries,
        place: int,
        counts: tuple[int, int],
        more: int,
        *,
        is_looking: bool,
    ) -> None:
        """Say what is shown.

        Args:
            series: The pictures.
            place: Which of its numbers.
            counts: How many runs have it, and how many are shown.
            more: Runs that are not shown.
            is_looking: Whether these are still looked through.
        """
        self.heading.setText(shown(series.name))
        self.heading.setToolTip(plain_tip(shown(series.name)))
        facts = [f"In {counts[0]:,} of {plural(counts[1], 'run')}"]
        if more > 0 and is_looking:
            facts.append(f"looking through {plural(more, 'further run')}…")
        elif more > 0:
            facts.append(f"{plural(more, 'further run')} not shown: select fewer, or filter")
        self.note.setText(" · ".join(facts))
        self.note.setToolTip(self.note.text())
        step = series.steps[place]
        for widget in (self.step, self.step_text):
            widget.setVisible(len(series.steps) > 1)
        self.step_text.setText("" if step is None else f"# {step:,}")
        for widget in (self._size_text, self.tile_size):
            widget.setVisible(not self._tiles.shares_room)

    def show_steps(self, count: int, *, anew: bool) -> None:
        """Offer so many numbers; anew from the last one on."""
        self.step.blockSignals(True)  # noqa: FBT003 - Qt takes no name
        self.step.setRange(0, count - 1)
        if anew:
            self.step.setValue(count - 1)
        self.step.blockSignals(False)  # noqa: FBT003 - as above

    def _build(self, theme: Theme) -> None:
        texts = QVBoxLayout()
        texts.setSpacing(1)
        for label in (self.heading, self.note):
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            texts.addWidget(label)
        head = QHBoxLayout()
        head.setSpacing(4)
        self.step.setMinimumWidth(120)
        self.step.setPageStep(1)
        self.tile_size.setRange(0, len(SIZES) - 1)
        self.tile_size.setPageStep(1)
        self.tile_size.setValue(self._tiles.size_number)
        self.tile_size.setFixedWidth(80)
        self.tile_size.setToolTip("Size of the tiles")
        head.addWidget(self.step_text)
        head.addWidget(self.step, 1)
        head.addStretch(0)
        head.addSpacing(6)
        head.addWidget(self._size_text)
        head.addWidget(self.tile_size)
        for icon, name, do in (
            ("zoom-out", "Show smaller (−)", lambda: self._tiles.zoom_by(1 / STEP)),
            (
                "zoom-in",
                "Show larger (+); Shift with arrows moves all",
                lambda: self._tiles.zoom_by(STEP),
            ),
            ("fit", "Show whole pictures (0)", self._tiles.zoom.reset),
        ):
            button = IconButton(theme, icon, name)
            button.clicked.connect(lambda _=False, do=do: do())
            head.addWidget(button)
        self._rows = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._rows.setContentsMargins(12, 6, 8, 6)
        self._rows.addLayout(texts, 1)
        self._rows.addLayout(head)

    # Qt overrides

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        ways = QBoxLayout.Direction
        is_roomy = self.width() >= _ROOMY * self.fontMetrics().averageCharWidth()
        self._rows.setDirection(ways.LeftToRight if is_roomy else ways.TopToBottom)
