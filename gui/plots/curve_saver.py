"""Every value of the plotted curves, as CSV."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from core.compare.series_text import ScalarValue, csv_pieces, scalar_values
from core.errors import Error, RunDamaged
from core.jobs import JobContext
from core.runs.guild_files import reason
from core.scratch import Scratch
from core.text import plural
from core.whole_file import write_whole
from gui.compare.chosen_runs import ChosenRuns
from gui.job_bridge import Latest
from gui.services import RunRef, Services

if TYPE_CHECKING:
    from gui.views.plots.curves_view import CurvesView


class CurveSaver(QObject):
    """Writes every step of the shown curves as CSV, with the columns of `rundesk scalars`.

    Args:
        curves: What is shown.
        chosen: The runs.
        services: Shared services.
        parent: Owner, over which the file is asked for.

    Signals:
        saved: The file was written, with every value.
        failed: It was not, or some values are missing: what is wrong.
    """

    saved = Signal(str)
    failed = Signal(str)

    def __init__(
        self, curves: CurvesView, chosen: ChosenRuns, services: Services, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._curves, self._chosen, self._parent = curves, chosen, parent
        self._scratch_parent = services.directories.cache / "scratch"
        self._latest = Latest(services.bridge, "files", self)

    def ask_for_csv(self) -> None:
        """Ask for a file name and write the values there."""
        dialog = QFileDialog(self._parent, "Save the values", "scalars.csv", "Tables (*.csv)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("csv")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: self.save(Path(path)))
        dialog.open()

    def save(self, path: Path) -> None:
        """Write every step of the shown scalars of the shown runs."""
        refs = [self._chosen.ref(slot) for slot in self._curves.feed.slots]
        parent = self._scratch_parent
        keys = frozenset(self._curves.scalars.keys)

        def work(context: JobContext) -> list[str]:
            problems: list[str] = []
            scratch = Scratch(parent)
            try:
                values = _values(refs, keys, problems, scratch, context)
                write_whole(path, csv_pieces(values))
            finally:
                scratch.close()
            return problems

        self._latest.ask(
            f"Save {path.name}",
            work,
            lambda problems: self._on_written(path, problems),
            lambda error: self.failed.emit(error.told),
        )

    def _on_written(self, path: Path, problems: Sequence[str]) -> None:
        if not problems:
            self.saved.emit(str(path))
            return
        more = f" And {plural(len(problems) - 1, 'further problem')}." if problems[1:] else ""
        self.failed.emit(f"Saved as {path}, but values are missing. {problems[0]}{more}")


def _values(
    refs: Sequence[RunRef],
    keys: frozenset[str],
    problems: list[str],
    scratch: Scratch,
    context: JobContext,
) -> Iterator[ScalarValue]:
    """Values of all runs; one that cannot be read does not keep the others back."""
    for ref in refs:
        try:
            with _directory_of(ref, scratch, context) as path:
                yield from scalar_values(
                    ref.id, path, wanted=keys.__contains__, check=context.check
                )
        except RunDamaged as e:
            problems.append(str(e))
        except Error as e:
            problems.append(f"Run {ref.id[:8]}: {e}")


@contextmanager
def _directory_of(ref: RunRef, scratch: Scratch, context: JobContext) -> Iterator[Path]:
    """The run's directory, or one with copies of its event files, which is removed again."""
    if ref.shelf is None or ref.is_on_disk:
        yield ref.path
        return
    try:
        place = scratch.make()
    except OSError as e:
        raise Error(f"The event files cannot be copied: {reason(e)}.") from e
    try:
        ref.shelf.copy_events({ref.id: place / ref.id}, context.check)
        yield place / ref.id
    finally:
        shutil.rmtree(place, ignore_errors=True)
