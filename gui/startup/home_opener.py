"""Finds the home that the user means: by a dialog, a dropped folder, or the sample store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from core.errors import Error, HomeError
from core.home import Home, find_home_in
from gui.job_bridge import JobBridge, Latest
from gui.startup.sample_home import SampleHome

LANE = "home"


class HomeOpener(QObject):
    """Looks at folders on a worker's thread, since they may lie on a disk that sleeps.

    Args:
        bridge: Runs the looking.
        sample: The sample store.
        window: Parent of the dialog.

    Signals:
        found: A home to show in this window.
        found_beside: A home to show in another window.
        began: A sentence on what is being done.
        failed: What could not be opened (a core.errors.Error).
    """

    found = Signal(object)
    found_beside = Signal(object)
    began = Signal(str)
    failed = Signal(object)

    def __init__(self, bridge: JobBridge, sample: SampleHome, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._sample = sample
        self._opening = Latest(bridge, LANE, self)
        self._opening_beside = Latest(bridge, LANE, self)
        self._beside: list[Path] = []  # folders that are still to be looked at

    def open_folders(self, folders: Sequence[Path]) -> None:
        """Find the home of the first folder for this window, of each other for one of its own."""
        if folders:
            self._find(self._opening, folders[0], self.found.emit, self.failed.emit)
        for folder in folders[1:]:
            self.open_beside(folder)

    def open_beside(self, folder: Path) -> None:
        """Find the home of a folder for another window, after those that were asked for before."""
        self._beside.append(folder)
        if not self._opening_beside.is_waiting:
            self._find_next_beside()

    def open_sample(self) -> None:
        """Make the sample store if need be, for this window."""
        self.began.emit("Making a sample store…")
        self._opening.ask(
            "Make a sample store",
            lambda context: self._sample.make(context.check),
            self.found.emit,
            self.failed.emit,
        )

    def choose(self, near: Path | None) -> None:
        """Ask for a folder, for this window."""
        self._ask(near, lambda folder: self.open_folders([folder]))

    def choose_beside(self, near: Path | None) -> None:
        """Ask for a folder, for another window."""
        self._ask(near, self.open_beside)

    def _find_next_beside(self) -> None:
        if not self._beside:
            return
        folder = self._beside.pop(0)

        def use(home: Home) -> None:
            self.found_beside.emit(home)
            self._find_next_beside()

        def say(error: Error) -> None:
            self.failed.emit(error)
            self._find_next_beside()

        self._find(self._opening_beside, folder, use, say)

    def _find(
        self,
        question: Latest,
        folder: Path,
        use: Callable[[Home], None],
        say: Callable[[Error], None],
    ) -> None:
        question.ask(f"Look for runs in {folder}", lambda _: find_home(folder), use, say)

    def _ask(self, near: Path | None, use: Callable[[Path], object]) -> None:
        dialog = QFileDialog(self._window, "Open a home, a project, or a folder of runs")
        dialog.setObjectName("homeDialog")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        if near is not None:
            dialog.setDirectory(str(near))
        dialog.fileSelected.connect(lambda text: use(Path(text)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


def find_home(folder: Path) -> Home:
    """The home that a folder means.

    Raises:
        HomeError: It means none.
    """
    try:
        home = find_home_in(folder)
    except OSError as e:
        raise HomeError(f"Cannot look into {folder}: {e.strerror}.") from e
    if home is None:
        raise HomeError(
            f"There are no runs in {folder}.",
            hint="Choose a Guild home, a project with a .guild folder, or a runs folder.",
        )
    return home
