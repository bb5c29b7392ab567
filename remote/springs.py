"""Where the content of files that go to a server comes from."""

from __future__ import annotations

import os

from core.archives.entries import ArchiveEntry
from core.runs.guild_files import open_file, read_file, reason
from remote.moves import Tally

_SMALL = 32 << 10  # read_file takes so many bytes without asking what kind of file it is


class FileSpring:
    """Gives the content of a file of this computer, no more than it was long.

    Args:
        path: The file.
        entry: What it was when it was listed.
        tally: Counts.
    """

    __slots__ = ("_descriptor", "_left", "_path", "_size", "_tally", "offset", "problem")

    def __init__(self, path: str, entry: ArchiveEntry, tally: Tally) -> None:
        self.offset = 0
        self.problem = ""
        self._path = path
        self._left = -1
        self._size = entry.size
        self._tally = tally
        self._descriptor = -1

    def give(self, size: int) -> bytes:
        """The next bytes, at most so many; none at the end."""
        if self._left < 0 and self._size <= min(size, _SMALL) and not self.offset:
            return self._whole()
        if self._left < 0 and not self._open():
            return b""
        if not self._left:
            return b""
        data = os.read(self._descriptor, min(size, self._left))
        self._left = self._left - len(data) if data else 0
        if not self._left:
            self.close()
        self._tally.pace(len(data))
        return data

    def _whole(self) -> bytes:
        """All of a small file, at once."""
        self._left = 0
        try:
            data = read_file(self._path, most=self._size)[: self._size] if self._size else b""
        except OSError as e:
            self.problem = reason(e)
            return b""
        self._tally.pace(len(data))
        return data

    def end(self, problem: str) -> None:
        """All was stored, or why not."""
        self.problem = problem
        self.close()

    def close(self) -> None:
        """Close the file."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _open(self) -> bool:
        self._left = max(0, self._size - self.offset)
        if not self._left:
            return False
        try:
            self._descriptor = open_file(self._path)
        except OSError as e:
            self.problem, self._left = reason(e), 0
            return False
        if self.offset:
            os.lseek(self._descriptor, self.offset, os.SEEK_SET)
        return True


class BytesSpring:
    """Gives bytes.

    Args:
        data: The bytes.
    """

    def __init__(self, data: bytes) -> None:
        self.problem = ""
        self._data = data

    def give(self, size: int) -> bytes:
        """The next bytes, at most so many; none at the end."""
        data, self._data = self._data[:size], self._data[size:]
        return data

    def end(self, problem: str) -> None:
        """All was stored, or why not."""
        self.problem = problem
