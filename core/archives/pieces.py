"""A file that is read from pieces made on the way, as unpacking makes them."""

from __future__ import annotations

import io
from collections.abc import Iterator
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
