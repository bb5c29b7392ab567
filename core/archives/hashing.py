"""A checksum that is taken beside the reading and writing of a large file.

Why a thread: SHA-256 takes as long as unpacking, and does without Python's lock.
"""

from __future__ import annotations

import hashlib
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from concurrent.futures import Future

WORTH_IT = 4 << 20
"""So many bytes take longer than a thread takes to begin."""


class Hashing:
    """SHA-256 of what it is given, one piece behind; to be used in a `with`."""

    def __init__(self) -> None:
        from concurrent.futures import ThreadPoolExecutor  # 4 ms that small files do without

        self._digest = hashlib.sha256()
        self._pool = ThreadPoolExecutor(1, "hash")
        self._going: Future[None] | None = None

    def update(self, piece: bytes) -> None:
        """Take more; waits for the piece before."""
        self._settle()
        self._going = self._pool.submit(self._digest.update, piece)

    def hexdigest(self) -> str:
        """The checksum of all pieces."""
        self._settle()
        return self._digest.hexdigest()

    def _settle(self) -> None:
        if self._going is not None:
            self._going.result()

    def __enter__(self) -> Hashing:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown()
