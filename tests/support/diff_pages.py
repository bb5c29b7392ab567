"""The pages Diff and Images over runs on disk, and how to wait for them."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import shiboken6
from msgspec import Struct
from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QWidget

from gui.compare.chosen_runs import ChosenRuns
from gui.services import Services
from tests.support.run_tables import TableRig, make_columns, make_run, table_rig
from tests.support.runs import make_run as make_run_dir

Files = Mapping[str, str | bytes]


def ids(*numbers: int) -> list[str]:
    """Ids of the invented runs with these numbers; 0 is the newest."""
    return [make_run(number).id for number in numbers]


def bomb() -> bytes:
    """A picture of 60,000 x 60,000 pixels in a few bytes."""
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 6, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 100)), (b"IEND", b""))
    chunks = (
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def png(colour: str, width: int = 8, height: int = 6) -> bytes:
    """A picture of one colour."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(data.data())


class DiffRig(Struct):
    """A page over runs on disk.

    Attributes:
        runs_dir: Where the runs are.
        rig: The table of runs.
        chosen: Which of them are meant.
        page: The page.
    """

    runs_dir: Path
    rig: TableRig
    chosen: ChosenRuns
    page: Any

    def select(self, *numbers: int) -> None:
        """Select runs in the table."""
        self.rig.runs.select_ids(ids(*numbers))

    def wait(self, wanted: Callable[[], bool]) -> None:
        """Wait until something is so."""
        self.rig.wait_until(wanted)


@contextmanager
def diff_rig(
    qtbot: Any,
    tmp_path: Path,
    make: Callable[[ChosenRuns, Services], QWidget],
    runs: Sequence[tuple[Files, Files]],
) -> Iterator[DiffRig]:
    """A visible page over runs with these files and attributes, the newest first."""
    runs_dir = tmp_path / "home" / "runs"
    for run_id, (files, attrs) in zip(ids(*range(len(runs))), runs, strict=True):
        make_run_dir(runs_dir, run_id, files=files, attrs=attrs)
    with table_rig(qtbot, make_columns(len(runs)), tmp_path) as rig:
        chosen = ChosenRuns(rig.runs, rig.table)
        window = QWidget()
        page = make(chosen, rig.services)
        page.setParent(window)
        window.resize(1100, 600)
        page.resize(1100, 600)
        page.show()
        window.show()
        try:
            yield DiffRig(runs_dir, rig, chosen, page)
        finally:
            window.close()
            shiboken6.delete(window)  # now: an answer that is still on its way finds nobody
