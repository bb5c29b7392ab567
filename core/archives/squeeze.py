"""Deflate on several cores, and whether it is worth it.

How: the data is cut into pieces that are compressed side by side, each with the end of the one
before as its dictionary, and joined by sync marks into one ordinary deflate stream (as pigz does).

Why a sample decides: files of a run are mostly text, which becomes a quarter, or weights and
pictures, which become nothing smaller for any amount of time. Three pieces of a large file tell
which; a small file is simply tried.

Why level 6 for large files: it is what `zip` and `gzip` use. Level 1 takes half the time for event
files and a tenth more room; on two cores it is the disk that limits.

Why small ones have a window of their own length: the tables of a large one are made ready for each
file anew, which takes as long as compressing where the system takes the memory back in between.
Level 5 makes of them what level 6 does, to a ten-thousandth, in four fifths of the time.
"""

from __future__ import annotations

import os
import zlib
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, TypeVar

from core.archives.pieces import read_at

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor  # 4 ms that most do without

ResultT = TypeVar("ResultT")

LEVEL = 6
PIECE = 512 * 1024
SMALLEST = 256
"""Bytes of the smallest content that is worth compressing: half the files of a run are smaller, and
trying them took a fifth of the time of an export."""

_SMALL_LEVEL = 5
_SMALL_BITS = 14  # of a length: less than 16 KiB
_MOST_TABLES = 8  # zlib's own choice
_WINDOW = 32 * 1024
_SAMPLE = 64 * 1024
_WORTH = 0.95
_MOST_WORKERS = 4


def worker_count() -> int:
    """How many pieces are compressed at once."""
    return min(os.cpu_count() or 1, _MOST_WORKERS)


class Pool:
    """Threads that compress, begun when there is the first piece; to be used in a `with`."""

    def __init__(self) -> None:
        self._threads: ThreadPoolExecutor | None = None

    def submit(self, work: Callable[..., ResultT], *arguments: object) -> Future[ResultT]:
        """Let one of them do something."""
        if self._threads is None:
            from concurrent.futures import ThreadPoolExecutor

            self._threads = ThreadPoolExecutor(worker_count(), "squeeze")
        return self._threads.submit(work, *arguments)

    def __enter__(self) -> Pool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._threads is not None:
            self._threads.shutdown()


def deflated(data: bytes) -> bytes | None:
    """The content as a raw deflate stream; None where that is not smaller."""
    if len(data) < SMALLEST:
        return None
    bits = len(data).bit_length()
    if bits > _SMALL_BITS:
        packed = zlib.compress(data, LEVEL, -zlib.MAX_WBITS)
    else:
        tables = min(bits - 5, _MOST_TABLES)
        packer = zlib.compressobj(_SMALL_LEVEL, zlib.DEFLATED, -(bits + 1), tables)
        packed = packer.compress(data) + packer.flush()
    return packed if len(packed) < len(data) else None


def is_worth_it(descriptor: int, size: int) -> bool:
    """Whether a large file becomes smaller by compressing it; its position does not move."""
    places = (0, size // 2, max(0, size - _SAMPLE))
    samples = [read_at(descriptor, _SAMPLE, place) for place in places]
    before = sum(map(len, samples))
    after = sum(len(zlib.compress(sample, 1)) for sample in samples)
    return after < before * _WORTH


class DeflateStream:
    """Compresses what is written to it, on several cores, into one raw deflate stream.

    Args:
        write: Takes the compressed bytes, in order, on the caller's thread.
        pool: Does the work.
        level: Of deflate; 0 lets all be as it is.
    """

    def __init__(self, write: Callable[[bytes], object], pool: Pool, level: int = LEVEL) -> None:
        self._write = write
        self._pool = pool
        self._level = level
        self._waiting: deque[Future[bytes]] = deque()
        self._buffer = bytearray()
        self._before = b""

    def write(self, data: bytes | bytearray) -> None:
        """Take more of the content."""
        self._buffer += data
        while len(self._buffer) >= PIECE:
            piece = bytes(self._buffer[:PIECE])
            del self._buffer[:PIECE]
            self._submit(piece, is_last=False)

    def finish(self) -> None:
        """Compress the rest and write the end of the stream."""
        self._submit(bytes(self._buffer), is_last=True)
        self._buffer.clear()
        while self._waiting:
            self._write(self._waiting.popleft().result())

    def drop(self) -> None:
        """Forget what has not been written."""
        for future in self._waiting:
            future.cancel()
        self._waiting.clear()
        self._buffer.clear()

    def _submit(self, piece: bytes, *, is_last: bool) -> None:
        work = self._pool.submit(_deflate_piece, piece, self._before, self._level, is_last)
        self._waiting.append(work)
        self._before = piece[-_WINDOW:]
        while len(self._waiting) > 2 * worker_count():
            self._write(self._waiting.popleft().result())


def _deflate_piece(piece: bytes, before: bytes, level: int, is_last: bool) -> bytes:  # noqa: FBT001 - private
    if before and level:
        packer = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS, zdict=before)
    else:
        packer = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(piece)
    return packed + packer.flush(zlib.Z_FINISH if is_last else zlib.Z_SYNC_FLUSH)
