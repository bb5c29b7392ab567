"""The plotted runs elsewhere: every value of their curves as CSV, or TensorBoard in a browser."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget

from core.compare.series_text import ScalarValue, csv_pieces, scalar_values, write_whole
from core.errors import Error, RunDamaged
from core.jobs import JobContext
from core.tensorboard import TensorBoard, find_tensorboard, start_tensorboard
from gui.chosen_runs import ChosenRuns
from gui.job_bridge import Latest
from gui.run_names import run_name
from gui.services import Services
from gui.views.curves_view import CurvesView

MOST_RUNS = 1_000
"""TensorBoard does not get along with more runs than these."""

_NOT_ON_DISK = "The files of these runs are not on this computer: import or pull them first."

Runs = Sequence[tuple[str, Path]]


class CurveSaver(QObject):
    """Writes every step of the shown curves as CSV, with the columns of `rundesk scalars`.

    Args:
        curves: What is shown.
        chosen: The runs.
        services: Shared services.
        parent: Owner, over which the file is asked for.

    Signals:
        saved: The file was written.
        failed: It was not: one sentence.
    """

    saved = Signal(str)
    failed = Signal(str)

    def __init__(
        self, curves: CurvesView, chosen: ChosenRuns, services: Services, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._curves, self._chosen, self._parent = curves, chosen, parent
        self._latest = Latest(services.bridge, "files", self)

    def ask_for_csv(self) -> None:
        """Ask for a file name and write the values there."""
        if not all(self._chosen.ref(slot).is_on_disk for slot in self._curves.feed.slots):
            self.failed.emit(_NOT_ON_DISK)
            return
        dialog = QFileDialog(self._parent, "Save the values", "scalars.csv", "Tables (*.csv)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("csv")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: self.save(Path(path)))
        dialog.open()

    def save(self, path: Path) -> None:
        """Write every step of the shown scalars of the shown runs."""
        refs = [self._chosen.ref(slot) for slot in self._curves.feed.slots]
        runs = [(ref.id, ref.path) for ref in refs]
        keys = frozenset(self._curves.scalars.keys)

        def work(context: JobContext) -> str:
            problems: list[str] = []
            write_whole(path, csv_pieces(_values(runs, keys, problems, context)))
            return problems[0] if problems else ""

        self._latest.ask(
            f"Save {path.name}",
            work,
            lambda problem: self._on_written(path, problem),
            lambda error: self.failed.emit(f"{error} {error.hint}"),
        )

    def _on_written(self, path: Path, problem: str) -> None:
        self.failed.emit(problem)
        self.saved.emit(str(path))


class BoardOpener(QObject):
    """Opens the chosen runs in TensorBoard; it ends with this object.

    Args:
        chosen: The runs.
        services: Shared services.
        parent: Owner.

    Signals:
        started: It is being started.
        opened: TensorBoard answers at this address.
        failed: It does not: one sentence.
    """

    started = Signal()
    opened = Signal(str)
    failed = Signal(str)

    def __init__(self, chosen: ChosenRuns, services: Services, parent: QObject) -> None:
        super().__init__(parent)
        self._chosen = chosen
        self._boards: list[TensorBoard] = []
        self._latest = Latest(services.bridge, "tensorboard", self)
        self.destroyed.connect(_Ending(self._boards))

    def open(self) -> None:
        """Start TensorBoard on the chosen runs, and show it in the browser."""
        columns, slots = self._chosen.columns, list(self._chosen.slots())[:MOST_RUNS]
        refs = [self._chosen.ref(slot) for slot in slots]
        if not all(ref.is_on_disk for ref in refs):
            self.failed.emit(_NOT_ON_DISK)
            return
        runs = [(run_name(columns, slot), ref.path) for slot, ref in zip(slots, refs, strict=True)]
        self._latest.ask(
            "Start TensorBoard",
            lambda context: _start(runs, context),
            self._on_started,
            lambda error: self.failed.emit(f"{error} {error.hint}"),
        )
        self.started.emit()

    def _on_started(self, board: TensorBoard) -> None:
        self._boards.append(board)
        QDesktopServices.openUrl(QUrl(board.address))
        self.opened.emit(board.address)


class _Ending:
    """Ends what was started, without waiting; holds no reference to the object that goes."""

    def __init__(self, boards: list[TensorBoard]) -> None:
        self._boards = boards

    def __call__(self, *_: object) -> None:
        for board in self._boards:
            threading.Thread(target=board.close, name="end-tensorboard").start()


def _start(runs: Runs, context: JobContext) -> TensorBoard:
    program = find_tensorboard(os.environ)
    if program is None:
        raise Error(
            "TensorBoard is not installed.",
            hint="Install it into the environment that you work with: pip install tensorboard.",
        )
    return start_tensorboard(program, runs, os.environ, check=context.check)


def _values(
    runs: Runs, keys: frozenset[str], problems: list[str], context: JobContext
) -> Iterator[ScalarValue]:
    """Values of all runs; one that is damaged does not keep the others back."""
    for run_id, path in runs:
        try:
            yield from scalar_values(run_id, path, wanted=keys.__contains__, check=context.check)
        except RunDamaged as e:
            problems.append(str(e))
