"""Pictures of runs, read and decoded away from the GUI thread, and kept within a limit.

Why a limit by bytes and not by number: a picture takes between a kilobyte and 64 MB once it is
decoded. The ones that were looked at longest ago are let go first.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Sequence
from pathlib import Path

from msgspec import Struct
from PySide6.QtCore import QObject, QSize, Signal
from PySide6.QtGui import QImage

from core.errors import Error
from core.jobs import JobContext
from core.runs.preview import SHOWN_BYTES
from gui.job_bridge import Latest
from gui.services import RunRef, Services
from gui.views.image_view import decode_image, why_not_decoded

MOST_BYTES = 256 * 1024 * 1024


class PictureKey(Struct, frozen=True):
    """Which picture: a file of a run, decoded to some size at most.

    Attributes:
        ref: The run.
        path: The file, relative to it.
        most: Pixels of its longer side at most.
    """

    ref: RunRef
    path: str
    most: int

    @property
    def run_dir(self) -> Path:
        """What stands for the run's directory."""
        return self.ref.path


class StoredPicture(Struct, frozen=True):
    """A picture, or why there is none.

    Attributes:
        image: The picture; a null one where there is none.
        size: Its own size, which may be larger.
        problem: Why there is none, in a few words; empty where there is one.
    """

    image: QImage
    size: QSize = QSize()
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
        self._stale: dict[PictureKey, int] = {}  # since which of the news
        self._news, self._asked_at = 0, 0
        self._newest: dict[tuple[Path, str], PictureKey] = {}  # of each file, whatever the size
        self.bytes = 0

    def get(self, key: PictureKey) -> StoredPicture | None:
        """The picture, or the same in another size until it is there; None for neither."""
        if key not in self._kept:
            other = self._newest.get((key.run_dir, key.path))
            return None if other is None else self._kept.get(other)
        self._kept.move_to_end(key)
        return self._kept[key]

    def want(self, keys: Sequence[PictureKey]) -> None:
        """Read these, the first one first, and nothing else that was wanted before."""
        missing = tuple(key for key in keys if key not in self._kept or key in self._stale)
        if missing == self._asked and self._latest.is_waiting and not self._comes_old(missing):
            return
        self._asked, self._asked_at = missing, self._news
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

    def outdate(self, run_dirs: Collection[Path]) -> None:
        """Read the pictures of these runs again when they are wanted; until then they stay."""
        self._news += 1
        known = (*self._kept, *self._asked)  # what is being read now may have been read too early
        self._stale |= {key: self._news for key in known if key.run_dir in run_dirs}

    def _comes_old(self, keys: Sequence[PictureKey]) -> bool:
        """Whether one of them became stale since they were asked for."""
        return any(self._stale.get(key, 0) > self._asked_at for key in keys)

    def _on_item(self, item: tuple[PictureKey, StoredPicture]) -> None:
        key, picture = item
        if not self._comes_old([key]):
            self._stale.pop(key, None)
        self._let_go(key)
        self._kept[key] = picture
        self._newest[(key.run_dir, key.path)] = key
        self.bytes += picture.image.sizeInBytes()
        while self.bytes > self._most_bytes and len(self._kept) > 1:
            self._let_go(next(iter(self._kept)))
        self.loaded.emit(key)

    def _let_go(self, key: PictureKey) -> None:
        old = self._kept.pop(key, None)
        if old is not None:
            self.bytes -= old.image.sizeInBytes()
        if self._newest.get((key.run_dir, key.path)) == key:
            del self._newest[(key.run_dir, key.path)]


def _read(key: PictureKey, context: JobContext) -> StoredPicture:
    """On a worker's thread: one picture."""
    try:
        preview = key.ref.contents.preview(key.path, SHOWN_BYTES, context.check)
    except Error as e:
        return StoredPicture(QImage(), problem=str(e))
    if preview.look != "image":
        return StoredPicture(QImage(), problem=preview.note or "This is no picture")
    image, size = decode_image(preview.data, preview.encoding, key.most)
    problem = f"It {why_not_decoded(size)}" if image.isNull() else ""
    return StoredPicture(image, size, problem)
