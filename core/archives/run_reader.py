"""Reading the files of a run that leaves, with the checksum of each.

A file that grows meanwhile, as the output of a run that is going on does, is taken as long as it
was when it was opened. One that becomes shorter, or is gone, ends in an error: what would be
written is no state that the run ever had.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection, Iterator

from core.archives.hashing import Hashing
from core.archives.record_file import RecordFile
from core.archives.tree_items import TreeItem
from core.errors import RunError
from core.runs.files import shown
from core.runs.guild_files import read_file

PIECE = 1 << 20


class RunReader:
    """Reads files of one run.

    Args:
        advance: Called with the number of bytes that were read; raises to stop.

    Attributes:
        record: Gets the checksum of each that was read to its end.
        unrecorded: Paths that are not in the record: links that are written as files.
        remarks: Clauses on what of the run could not be written there.
    """

    def __init__(self, advance: Callable[[int], None]) -> None:
        self.record = RecordFile()
        self.unrecorded: Collection[str] = ()
        self.remarks: list[str] = []
        self._advance = advance

    def whole(self, item: TreeItem) -> bytes:
        """The content of a file that fits into memory.

        Raises:
            OSError: It cannot be read, or is gone.
        """
        data = read_file(item.source, most=item.size, follow=True)[: item.size]
        self._note(item, hashlib.sha256(data).hexdigest())
        self._advance(len(data))
        return data

    def pieces(self, item: TreeItem, descriptor: int, size: int) -> Iterator[bytes]:
        """The content of a large file, piece by piece.

        Args:
            item: The file.
            descriptor: It, opened.
            size: How much of it.

        Raises:
            RunError: It became shorter meanwhile. The message is a clause.
            OSError: It cannot be read.
        """
        with Hashing() as digest:
            left = size
            while left:
                piece = os.read(descriptor, min(PIECE, left))
                if not piece:
                    raise RunError(f"{shown(item.path)} became shorter while it was copied")
                digest.update(piece)
                left -= len(piece)
                yield piece
                self._advance(len(piece))
            self._note(item, digest.hexdigest())

    def _note(self, item: TreeItem, digest: str) -> None:
        if item.path not in self.unrecorded:
            self.record.note(item.path, digest)
