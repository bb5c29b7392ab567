"""What writing an archive means, whatever its format, and the file it is written to.

A packer gets the entries of one run after the other. What of a run has been written can be taken
back as long as the run is not complete, so that a run that cannot be read to its end leaves
nothing in the archive.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from core.archives.early_sync import EarlySync
from core.archives.entries import ArchiveEntry
from core.archives.pieces import read_at
from core.errors import ArchiveError
from core.runs.guild_files import reason

if TYPE_CHECKING:
    from core.archives.row_index import IndexWriter

_BUFFER = 1 << 20


class Packer(Protocol):
    """Writes entries of runs to an archive; names begin with the run's id."""

    def begin_run(self) -> int:
        """Begin a run; of a tar the number of the compressed stream that it will be in."""

    def mark(self) -> None:
        """Remember this place for `take_back`."""

    def take_back(self) -> None:
        """Remove all that was written since `mark`."""

    def add(self, entry: ArchiveEntry, data: bytes = b"") -> None:
        """Write a directory, a link, or a file with its whole content."""

    def add_large(self, entry: ArchiveEntry, pieces: Iterator[bytes], *, is_packed: bool) -> None:
        """Write a file whose content does not fit into memory.

        Args:
            entry: The file; `pieces` have exactly its size.
            pieces: Its content.
            is_packed: Whether compressing it is worth the time.
        """

    def add_part(
        self, packed: bytes, directory: bytes, places: Sequence[int], size: int = 0
    ) -> bool:
        """Write whole entries that were compressed already (see core.archives.parts).

        Returns:
            False, and nothing is written, where they are to be added one by one.
        """

    def finish(self, index: IndexWriter | None = None) -> None:
        """Write what comes at the end, and an index if there is one."""

    def close(self) -> None:
        """Let go of everything, finished or not."""


class OutFile:
    """A file being written: buffered, and its failures are sentences.

    Args:
        file: An unbuffered file that is also readable, at the place where writing begins.
        shown: The archive that it becomes, for the sentences.
    """

    def __init__(self, file: BinaryIO, shown: Path) -> None:
        self._file = file
        self._shown = shown
        self._buffer = bytearray()
        self._flushed = file.tell()
        self._sync = EarlySync(file.fileno())

    def tell(self) -> int:
        """The position that comes next."""
        return self._flushed + len(self._buffer)

    def write(self, data: bytes | bytearray) -> None:
        """Append.

        Raises:
            ArchiveError: It cannot be written, e.g. since the disk is full.
        """
        if len(data) >= _BUFFER:
            self.flush()
            self._hand_over(data)
            return
        self._buffer += data
        if len(self._buffer) >= _BUFFER:
            self.flush()

    def flush(self) -> None:
        """Hand everything to the system.

        Raises:
            ArchiveError: It cannot be written.
        """
        self._hand_over(self._buffer)
        self._buffer = bytearray()

    def _hand_over(self, data: bytes | bytearray) -> None:
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[self._file.write(rest) :]
            self._sync.note(len(data))
        except OSError as e:
            raise self._failure(e) from e
        self._flushed += len(data)

    def read(self, size: int, position: int) -> bytes:
        """Bytes that were written before.

        Raises:
            ArchiveError: They cannot be written, or read.
        """
        self.flush()
        try:
            return read_at(self._file.fileno(), size, position)
        except OSError as e:
            raise self._failure(e) from e

    def patch(self, position: int, data: bytes) -> None:
        """Replace bytes that were written before.

        Raises:
            ArchiveError: It cannot be written.
        """
        self.flush()
        try:
            self._file.seek(position)
            self._file.write(data)
            self._file.seek(self._flushed)
        except OSError as e:
            raise self._failure(e) from e

    def cut(self, position: int) -> None:
        """Remove all from a position on.

        Raises:
            ArchiveError: It cannot be done.
        """
        self.flush()
        try:
            self._file.seek(position)
            self._file.truncate()
        except OSError as e:
            raise self._failure(e) from e
        self._flushed = position

    def settle(self) -> None:
        """Hand everything to the system, and let nothing go on: the file may be closed.

        Raises:
            ArchiveError: It cannot be written.
        """
        self.flush()
        try:
            self._sync.settle()
        except OSError as e:
            raise self._failure(e) from e

    def abandon(self) -> None:
        """Let nothing go on with a file that nobody wants."""
        with suppress(OSError):
            self._sync.settle()

    def _failure(self, error: OSError) -> ArchiveError:
        return ArchiveError(
            f"Cannot write {self._shown}: {reason(error)}.",
            path=self._shown,
            hint="Nothing of it is kept; what was there before is as it was.",
        )
