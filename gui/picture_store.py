"""Pictures of runs, read and decoded away from the GUI thread, and kept within a limit.

Why a limit by bytes and not by number: a picture takes between a kilobyte and 64 MB once it is
decoded. The ones that were looked at longest ago are let go first.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QSize, Signal
from PySide6.QtGui import QImage

from core.errors import Error
from core.jobs import JobContext
from core.runs.preview import read_preview
from gui.job_bridge import Latest
from gui.services import Services
from gui.views.image_view import decode_image

MOST_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class PictureKey:
    """Which picture: a file of a run, decoded to some size at most.

    Attributes:
        run_dir: The run.
        path: The file, relative to it.
        most: Pixels of its longer side at most.
    """

    run_dir: Path
    path: str
    most: int


@dataclass(frozen=True, slots=True)
class StoredPicture:
    """A picture, or why there is none.

    Attributes:
        image: The picture; a null one where there is none.
        size: Its own size, which may be larger.
        problem: Why there is none, in a few words; empty where there is one.
    """

    image: QImage
    size: QSize = QSize()  # noqa: RUF009 - nobody changes it
    problem: str = ""


class PictureStore(QObject):
    """Reads the pictures that are wanted now, one after another.

    Args:
        services: Shared services.
        parent: Owner.
        most_bytes: Memory for decoded pictures.

    Signals:
        loaded: A picture is there (its PictureKey).
    """

    loaded = Signal(object)

    def __init__(
        self, services: Services, parent: QObject, *, most_bytes: int = MOST_BYTES
    ) -> None:
        super().__init__(parent)
        self._latest = Latest(services.bridge, "pictures", self)
        self._most_bytes = most_bytes
        self._kept: OrderedDict[PictureKey, StoredPicture] = OrderedDict()
        self._asked: tuple[PictureKey, ...] = ()
        self.bytes = 0

    def get(self, key: PictureKey) -> StoredPicture | None:
        """The picture, if it is there."""
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def want(self, keys: Sequence[PictureKey]) -> None:
        """Read these, the first one first, and nothing else that was wanted before."""
        missing = tuple(key for key in keys if key not in self._kept)
        if missing == self._asked and self._latest.is_waiting:
            return
        self._asked = missing
        if not missing:
            self._latest.drop()
            return

        def work(context: JobContext) -> None:
            for key in missing:
                context.check()
                context.publish((key, _read(key, context)))

        self._latest.ask("Read pictures", work, lambda _: None, on_item=self._on_item)

    def drop(self) -> None:
        """Read no more."""
        self._latest.drop()

    def forget(self) -> None:
        """Let go of all pictures: their files may be others now."""
        self._latest.drop()
        self._kept.clear()
        self._asked, self.bytes = (), 0

    def _on_item(self, item: tuple[PictureKey, StoredPicture]) -> None:
        key, picture = item
        self._kept[key] = picture
        self.bytes += picture.image.sizeInBytes()
        while self.bytes > self._most_bytes and len(self._kept) > 1:
            _, old = self._kept.popitem(last=False)
            self.bytes -= old.image.sizeInBytes()
        self.loaded.emit(key)


def _read(key: PictureKey, context: JobContext) -> StoredPicture:
    """On a worker's thread: one picture."""
    try:
        preview = read_preview(key.run_dir, key.path, check=context.check)
    except Error as e:
        return StoredPicture(QImage(), problem=str(e))
    if preview.look != "image":
        return StoredPicture(QImage(), problem=preview.note or "This is no picture")
    image, size = decode_image(preview.data, preview.encoding, key.most)
    return StoredPicture(image, size, "" if not image.isNull() else "It cannot be decoded")
