"""The captured output of a run as bytes: opened safely, and told apart from what it was before.

Why a file is opened for each question and not kept open: several threads ask, a home may vanish
and return, and a restart of the run may replace the file. Opening costs some microseconds.

Why an identity of four parts: Guild empties the same file when a run is restarted, so that device
and inode stay, and a busy run can outgrow its old size between two looks. The first bytes, and
the first time in the index of the output, are then others.
"""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import Self

from msgspec import Struct

from core.errors import OutputMissing, RunError
from core.runs.guild_files import open_guild_file, reason

HEAD_BYTES = 64


class Identity(Struct, frozen=True):
    """What tells a file from the one that replaced it.

    Attributes:
        device: The file system.
        inode: The file on it.
        head: Its first HEAD_BYTES bytes at most.
        first_time: The first record of the output's index; empty when there is none yet.
    """

    device: int
    inode: int
    head: bytes
    first_time: bytes

    def is_continued_by(self, other: Identity) -> bool:
        """Whether `other` can be the same file, which may have grown since."""
        return (
            (self.device, self.inode) == (other.device, other.inode)
            and other.head.startswith(self.head)
            and other.first_time.startswith(self.first_time)
        )


class OutputFile:
    """One file of a run, open for reading. For one thread; use as a context manager.

    Args:
        run_dir: The run.
        name: The file in its `.guild`.
        what: How it is called in an error, e.g. "output".

    Raises:
        OutputMissing: There is no such file.
        RunError: It cannot be opened, or is no regular file.
    """

    def __init__(self, run_dir: Path, name: str, what: str) -> None:
        self.path = run_dir / ".guild" / name
        self._what = f"{what} of run {run_dir.name[:8]}"
        self._descriptor = self._open(run_dir, name)
        self._status = os.fstat(self._descriptor)

    @property
    def size(self) -> int:
        """Bytes in the file when it was opened, or last measured."""
        return self._status.st_size

    def measure(self) -> int:
        """Bytes in the file now."""
        try:
            self._status = os.fstat(self._descriptor)
        except OSError as e:
            raise self._error(e) from e
        return self._status.st_size

    def identity(self, first_time: bytes) -> Identity:
        """What tells this file from one that replaces it."""
        head = self.read(0, HEAD_BYTES)
        return Identity(self._status.st_dev, self._status.st_ino, head, first_time)

    def read(self, offset: int, length: int) -> bytes:
        """Up to `length` bytes from `offset`; fewer only where the file ends.

        Raises:
            RunError: The file system refuses.
        """
        try:
            os.lseek(self._descriptor, offset, os.SEEK_SET)
            data = os.read(self._descriptor, length)
            while 0 < len(data) < length:
                more = os.read(self._descriptor, length - len(data))
                if not more:
                    break
                data += more
        except OSError as e:
            raise self._error(e) from e
        return data

    def close(self) -> None:
        """Close the file; it must not be used afterwards."""
        os.close(self._descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _open(self, run_dir: Path, name: str) -> int:
        try:
            return open_guild_file(run_dir, name)
        except (FileNotFoundError, NotADirectoryError) as e:
            raise OutputMissing(f"There is no {self._what}", path=self.path) from e
        except OSError as e:
            raise self._error(e) from e

    def _error(self, error: OSError) -> RunError:
        return RunError(f"The {self._what} cannot be read: {reason(error)}", path=self.path)


def open_output(run_dir: Path) -> OutputFile:
    """Open the output of a run (errors as of OutputFile)."""
    return OutputFile(run_dir, "output", "output")


def open_output_index(run_dir: Path) -> OutputFile:
    """Open the index that tells stream and time of each line (errors as of OutputFile)."""
    return OutputFile(run_dir, "output.index", "output index")
