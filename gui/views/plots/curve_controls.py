"""How curves are drawn: smoothing, the meaning of x, logarithms; and the plot as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSlider,
    QToolButton,
    QWidget,
)

from core.curves import Axis
from core.errors import Error
from core.jobs import JobContext
from gui.job_bridge import Latest
from gui.services import Services
from gui.views.details.fact_sheet import IconButton
from gui.views.plots.axis_button import AxisButton
from gui.views.plots.curve_plot import CurvePlot

SMOOTHING_STEPS = 100
MOST_SMOOTHING = 0.99
FIRST_SMOOTHING = 0.6


class CurveControls(QWidget):
    """Two rows of controls over a plot, narrow enough for a side panel.

    Args:
        plot: What is controlled.
        services: Shared services.
        parent: Owner.

    Signals:
        saved: The picture was written to this path.
        failed: It could not be written: one sentence.
    """

    saved = Signal(str)
    failed = Signal(str)

    def __init__(self, plot: CurvePlot, services: Services, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plot = plot
        self._latest = Latest(services.bridge, "files", self)
        self.smoothing = QSlider(Qt.Orientation.Horizontal, self)
        self.smoothing.setRange(0, SMOOTHING_STEPS)
        self.smoothing.setPageStep(10)
        self.smoothing.setAccessibleName("Smoothing")
        self._amount = QLabel(self)
        self._amount.setMinimumWidth(self.fontMetrics().horizontalAdvance("0.00 "))
        self.axis = AxisButton(self)
        self.log_x = _switch("log x", "Logarithmic x", self)
        self.log_y = _switch("log y", "Logarithmic values", self)
        self._lay_out(services)
        self.smoothing.valueChanged.connect(self._on_changed)
        self.smoothing.setValue(round(FIRST_SMOOTHING / MOST_SMOOTHING * SMOOTHING_STEPS))
        self.axis.chosen.connect(self._on_changed)
        for box in (self.log_x, self.log_y):
            box.toggled.connect(self._on_changed)
        self.setEnabled(False)

    def _lay_out(self, services: Services) -> None:
        caption = QLabel("Smoothing", self)
        caption.setProperty("role", "muted")
        caption.setBuddy(self.smoothing)
        rows = QGridLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setVerticalSpacing(6)
        first = QHBoxLayout()
        first.addWidget(caption)
        first.addWidget(self.smoothing, 1)
        first.addWidget(self._amount)
        second = QHBoxLayout()
        second.setSpacing(4)
        second.addWidget(self.axis)
        second.addWidget(self.log_x)
        second.addWidget(self.log_y)
        second.addStretch(1)
        for icon, name, slot in (
            ("fit", "Show everything (0)", self._plot.reset_view),
            ("copy", "Copy the plot as a picture", self._plot.copy_image),
            ("save", "Save the plot as a picture…", self.ask_where_to_save),
        ):
            button = IconButton(services.theme, icon, name, self)
            button.clicked.connect(lambda _=False, slot=slot: slot())
            second.addWidget(button)
        rows.addLayout(first, 0, 0)
        rows.addLayout(second, 1, 0)

    def offer_axes(self, axes: Sequence[Axis]) -> None:
        """Offer these meanings of x, best first; the user's choice stays while it is offered."""
        self.axis.offer(axes)

    def choices(self) -> dict[str, Any]:
        """What the user chose, as plain values."""
        return {
            "smoothing": self.smoothing.value(),
            "axis": self.axis.wish,
            "log_x": self.log_x.isChecked(),
            "log_y": self.log_y.isChecked(),
        }

    def set_choices(self, choices: Mapping[str, Any]) -> None:
        """Take what `choices` gave; what is not understood is left as it is."""
        if isinstance(smoothing := choices.get("smoothing"), int):
            self.smoothing.setValue(min(max(0, smoothing), SMOOTHING_STEPS))
        self.axis.set_wish(choices.get("axis"))
        for box, name in ((self.log_x, "log_x"), (self.log_y, "log_y")):
            if isinstance(is_on := choices.get(name), bool):
                box.setChecked(is_on)

    def ask_where_to_save(self) -> None:
        """Ask for a file name and write the plot there as PNG."""
        dialog = QFileDialog(self, "Save the plot", "curves.png", "Pictures (*.png)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("png")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: self.save_image(Path(path)))
        dialog.open()

    def save_image(self, path: Path) -> None:
        """Write the plot to `path` as PNG, on a worker thread."""
        image = self._plot.image()
        self._latest.ask(
            f"Save {path.name}",
            lambda context: _save(image, path, context),
            lambda _: self.saved.emit(str(path)),
            lambda error: self.failed.emit(str(error)),
        )

    def _on_changed(self) -> None:
        smoothing = self.smoothing.value() / SMOOTHING_STEPS * MOST_SMOOTHING
        self._amount.setText(f"{smoothing:.2f}")
        options = replace(
            self._plot.options,
            axis=self.axis.axis,
            smoothing=smoothing,
            log_x=self.log_x.isChecked(),
            log_y=self.log_y.isChecked(),
        )
        self._plot.set_options(options)


def _switch(text: str, name: str, parent: QWidget) -> QToolButton:
    button = QToolButton(parent)
    button.setText(text)
    button.setCheckable(True)
    button.setAccessibleName(name)
    button.setToolTip(name)
    return button


def _save(image: QImage, path: Path, context: JobContext) -> None:
    context.check()
    if not image.save(str(path), "PNG"):  # type: ignore[call-overload]  # the stubs want bytes
        raise Error(f"Cannot write {path}.", hint="Choose a directory you may write to.")
