"""Asks what differs between two runs, and between two files of theirs, away from the GUI thread.

Why two lanes: somebody who clicks on a file while the sections are still compared wants the file.
"""

from __future__ import annotations

from msgspec import Struct
from PySide6.QtCore import QObject, QSize, Signal
from PySide6.QtGui import QImage

from core.compare.diff_file import FileDiff, Look, Picture, diff_files
from core.compare.diff_runs import SECTIONS, RunDiff, diff_runs
from core.jobs import JobContext
from gui.compare.diff_rows import DiffLayouts
from gui.highlight import Spans, highlight
from gui.job_bridge import Latest
from gui.services import RunRef, Services
from gui.views.image_view import decode_image

MOST_COLOURED = 600_000  # letters of a side that get colours
PAUSE = 0.0005  # seconds; see gui.views.details.preview


class FilePaths(Struct, frozen=True):
    """Which file of either run; None where a run has none."""

    left: str | None
    right: str | None

    @property
    def name(self) -> str:
        """The path that says what kind of file it is."""
        return self.right or self.left or ""


class DecodedPicture(Struct, frozen=True):
    """A picture that can be drawn; a null image where it cannot be decoded."""

    image: QImage
    size: QSize
    kind: str
    bytes: int


class FoundFile(Struct, frozen=True):
    """What differs between two files, with all that takes long to work out for the screen."""

    paths: FilePaths
    diff: FileDiff
    rows: DiffLayouts | None = None
    pictures: tuple[DecodedPicture | None, DecodedPicture | None] = (None, None)


class DiffLookup(QObject):
    """Asks about one pair of runs at a time.

    Args:
        services: Shared services.
        parent: Owner.

    Signals:
        section_found: A section was compared (a Section).
        runs_found: All sections were (a RunDiff).
        file_found: Two files were compared (a FoundFile).
        coloured: The lines of one side have colours (0 or 1, Spans).
        failed: The runs, or a file, could not be compared (an Error).
    """

    section_found = Signal(object)
    runs_found = Signal(object)
    file_found = Signal(object)
    coloured = Signal(int, object)
    failed = Signal(object)

    def __init__(self, services: Services, parent: QObject) -> None:
        super().__init__(parent)
        self._runs = Latest(services.bridge, "diff", self)
        self._file = Latest(services.bridge, "diff-file", self)
        self._colours = Latest(services.bridge, "diff-file", self)

    @property
    def is_waiting(self) -> bool:
        """Whether an answer is still to come."""
        return self._runs.is_waiting or self._file.is_waiting

    def ask_runs(self, left: RunRef, right: RunRef) -> None:
        """Compare two runs."""

        def work(context: JobContext) -> RunDiff:
            sides = left.side(context.check), right.side(context.check)
            return diff_runs(*sides, SECTIONS, context.check, context.publish)

        self._runs.ask(
            "Compare two runs",
            work,
            self.runs_found.emit,
            self.failed.emit,
            on_item=self.section_found.emit,
        )

    def ask_file(
        self, runs: tuple[RunRef, RunRef], paths: FilePaths, look: Look | None = None
    ) -> None:
        """Compare a file of two runs."""
        self._colours.drop()

        def work(context: JobContext) -> FoundFile:
            left, right = (run.side(context.check) for run in runs)
            diff = diff_files((left, paths.left), (right, paths.right), context.check, look)
            one, other = map(_decoded, diff.pictures)
            text = diff.text
            if text is None:
                return FoundFile(paths, diff, None, (one, other))
            _ = (text.longest, text.removed, text.added)  # kept by the diff
            return FoundFile(paths, diff, DiffLayouts(text))

        self._file.ask("Compare two files", work, self._on_file, self.failed.emit)

    def drop(self) -> None:
        """Hear no more of what was asked."""
        for latest in (self._runs, self._file, self._colours):
            latest.drop()

    def drop_file(self) -> None:
        """Hear no more of the file that was asked for."""
        self._file.drop()
        self._colours.drop()

    def _on_file(self, found: FoundFile) -> None:
        self.file_found.emit(found)
        text = found.diff.text
        if found.diff.look != "text" or text is None:
            return
        sides, name = (text.left.lines, text.right.lines), found.paths.name

        def work(context: JobContext) -> None:
            for side, lines in enumerate(sides):
                spans = _spans(lines, name, context)
                context.publish((side, spans))

        self._colours.ask("Colour two files", work, lambda _: None, on_item=self._on_spans)

    def _on_spans(self, item: tuple[int, Spans]) -> None:
        self.coloured.emit(*item)


def _decoded(picture: Picture | None) -> DecodedPicture | None:
    if picture is None:
        return None
    image, size = decode_image(picture.data, picture.kind)
    return DecodedPicture(image, size, picture.kind, len(picture.data))


def _spans(lines: tuple[str, ...], name: str, context: JobContext) -> Spans:
    kept: list[str] = []
    letters = 0
    for line in lines:
        letters += len(line)
        if letters > MOST_COLOURED:
            break
        kept.append(line)

    def check() -> None:
        context.sleep(PAUSE)  # takes turns with the GUI thread

    return highlight("\n".join(kept), name, check)
