"""Reading pieces of a file wherever they are, and a file made of pieces as unpacking makes them."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Generator, Iterator
from typing import TYPE_CHECKING, BinaryIO, cast

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

PIECE = 256 * 1024


class _PieceReader(io.RawIOBase):
    """Gives the bytes of pieces one after another.

    Args:
        pieces: Bytes; may raise where what they come from is damaged.
    """

    def __init__(self, pieces: Iterator[bytes]) -> None:
        super().__init__()
        self._pieces = pieces
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        """It can only be read."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fill the buffer as far as the piece at hand goes; 0 at the end."""
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = memoryview(piece)
        target = memoryview(buffer).cast("B")
        count = min(len(target), len(self._rest))
        target[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count


def file_of(pieces: Iterator[bytes]) -> BinaryIO:
    """A file to be read once from its beginning on."""
    return cast(BinaryIO, io.BufferedReader(_PieceReader(pieces), PIECE))


def iter_ahead(read: Callable[[], bytes]) -> Generator[bytes, None, None]:
    """What a function gives until it gives nothing, each time asked for one piece ahead.

    Why a thread: what reads is unpacking, which takes as long as writing does, and both do without
    Python's lock. It has ended when the generator has: close it where you stop before the end.

    Args:
        read: Gives the next piece; what it raises is raised here.
    """
    from concurrent.futures import ThreadPoolExecutor  # 4 ms that small files do without

    with ThreadPoolExecutor(1, "ahead") as thread:
        coming = thread.submit(read)
        while piece := coming.result():
            coming = thread.submit(read)
            yield piece


def _seek_and_read(descriptor: int, size: int, at: int) -> bytes:
    """For systems without pread; archives are used by one thread at a time."""
    before = os.lseek(descriptor, 0, os.SEEK_CUR)
    os.lseek(descriptor, at, os.SEEK_SET)
    try:
        return os.read(descriptor, size)
    finally:
        os.lseek(descriptor, before, os.SEEK_SET)


read_at: Callable[[int, int, int], bytes] = getattr(os, "pread", _seek_and_read)
"""Bytes of an open file: (descriptor, size, place); fewer at its end."""
