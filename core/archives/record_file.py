"""The record of checksums (core.archives.checksums) while a run is read that leaves."""

from __future__ import annotations

import hashlib
import weakref
from collections.abc import Iterator, Mapping
from tempfile import SpooledTemporaryFile

from core.archives.checksums import Record, dump_record

_IN_MEMORY = 2 << 20
_PIECE = 1 << 20


class RecordFile:
    """Takes checksums one by one; what does not fit into memory is in a file without a name.

    Attributes:
        size: Its bytes so far.
    """

    def __init__(self) -> None:
        self.size = 0
        self._file = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - gone with this
        weakref.finalize(self, self._file.close)
        self._digest = hashlib.sha256()

    def note(self, path: str, digest: str) -> None:
        """A file has this SHA-256 in hex.

        Raises:
            OSError: The record cannot be written.
        """
        self._add(dump_record(Record({path: digest})))

    def end(self, links: Mapping[str, str]) -> str:
        """What is a link, and what each says; the SHA-256 of the whole record in hex.

        Raises:
            OSError: The record cannot be written.
        """
        self._add(dump_record(Record(links=links)))
        return self._digest.hexdigest()

    def pieces(self) -> Iterator[bytes]:
        """All of it."""
        self._file.seek(0)
        while piece := self._file.read(_PIECE):
            yield piece

    def _add(self, data: bytes) -> None:
        self._file.write(data)
        self._digest.update(data)
        self.size += len(data)
