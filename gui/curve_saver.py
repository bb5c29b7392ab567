"""Every value of the plotted curves, as CSV."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from core.compare.series_text import ScalarValue, csv_pieces, scalar_values, write_whole
from core.errors import RunDamaged
from core.jobs import JobContext
from gui.chosen_runs import ChosenRuns
from gui.job_bridge import Latest
from gui.services import Services
from gui.views.curves_view import CurvesView

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


def _values(
    runs: Runs, keys: frozenset[str], problems: list[str], context: JobContext
) -> Iterator[ScalarValue]:
    """Values of all runs; one that is damaged does not keep the others back."""
    for run_id, path in runs:
        try:
            yield from scalar_values(run_id, path, wanted=keys.__contains__, check=context.check)
        except RunDamaged as e:
            problems.append(str(e))
