"""The record of checksums (core.archives.checksums) while a run is read that leaves."""

from __future__ import annotations

import hashlib
import os
import weakref
from collections.abc import Iterator, Mapping

from core.archives.checksums import Record, digest_line, dump_record

_IN_MEMORY = 2 << 20
_PIECE = 1 << 20
_GATHER = 64 << 10


class RecordFile:
    """Takes checksums one by one; what does not fit into memory is in a file without a name.

    Attributes:
        size: Its bytes so far.
    """

    def __init__(self) -> None:
        from tempfile import SpooledTemporaryFile  # 3 ms that small ordinary runs do without

        self.size = 0
        self._gathered = bytearray()
        self._file = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - gone with this
        weakref.finalize(self, self._file.close)
        self._digest = hashlib.sha256()

    def note(self, path: str, digest: str) -> None:
        """A file has this SHA-256 in hex.

        Raises:
            OSError: The record cannot be written.
        """
        line = digest_line(os.fsencode(path), digest)
        self.size += len(line)
        self._gathered += line
        if len(self._gathered) >= _GATHER:
            self._flush()

    def end(self, links: Mapping[str, str]) -> str:
        """What is a link, and what each says; the SHA-256 of the whole record in hex.

        Raises:
            OSError: The record cannot be written.
        """
        lines = dump_record(Record(links=links))
        self.size += len(lines)
        self._gathered += lines
        self._flush()
        return self._digest.hexdigest()

    def pieces(self) -> Iterator[bytes]:
        """All of it."""
        self._file.seek(0)
        while piece := self._file.read(_PIECE):
            yield piece

    def _flush(self) -> None:
        self._file.write(self._gathered)
        self._digest.update(self._gathered)
        self._gathered.clear()
