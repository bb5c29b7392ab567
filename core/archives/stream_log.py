"""What is in a tar with an index: each of its streams is read when a run in it is asked for.

An index says in which stream a run is. Whether that is so is seen when the stream is read; where it
is not, the index lied, and the tar is read as one without.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.archives.roots import RunRoots
from core.archives.tar_log import TarLog
from core.archives.tar_pass import read_through
from core.archives.tar_stream import STEP, Mark, TarStream
from core.check import Check

if TYPE_CHECKING:
    from core.archives.row_index import RowIndex

_MOST_KNOWN = 4


class IndexLies(Exception):
    """In a stream are other runs than the index says."""


class StreamLog:
    """Gives what is remembered of a stream, and reads it where nothing is.

    Args:
        stream: The tar.
        index: Its index.
    """

    def __init__(self, stream: TarStream, index: RowIndex) -> None:
        self._stream = stream
        self._index = index
        self._known: dict[int, TarLog] = {}
        self._runs: dict[int, set[bytes]] = {}
        for run_id, number in index.stream_of.items():
            self._runs.setdefault(number, set()).add(run_id.encode("utf-8", "surrogateescape"))
        stream.know([Mark(position, packed) for packed, position in index.streams])

    def of(self, run_id: str, check: Check) -> TarLog:
        """What is in the stream that a run is in.

        Raises:
            IndexLies: The run is not there, or others are.
            ArchiveError: The stream is damaged.
        """
        number = self._index.stream_of[run_id]
        log = self._known.get(number)
        if log is None:
            log = self._read(number, check)
            while len(self._known) >= _MOST_KNOWN:
                del self._known[next(iter(self._known))]
            self._known[number] = log
        return log

    def _read(self, number: int, check: Check) -> TarLog:
        streams = self._index.streams
        end = streams[number + 1][1] if number + 1 < len(streams) else None
        self._stream.go_to(streams[number][1])
        log = TarLog()
        found = read_through(_Part(self._stream, end), log, check)
        roots = RunRoots(found, "")
        log.assign(roots.owner)
        is_whole = end is None or self._stream.position == end
        if set(roots.ids) != self._runs[number] or log.outside or not is_whole:
            raise IndexLies
        return log


class _Part:
    """The bytes of a tar up to a place."""

    def __init__(self, stream: TarStream, end: int | None) -> None:
        self._stream = stream
        self._end = end

    @property
    def position(self) -> int:
        """Of the next byte, in the whole stream."""
        return self._stream.position

    def read(self, size: int = STEP) -> bytes:
        """At most `size` bytes; none at the end."""
        if self._end is not None:
            size = min(size, self._end - self._stream.position)
        return self._stream.read(size) if size > 0 else b""

    def skip(self, size: int) -> int:
        """Pass over at most `size` bytes; how many."""
        if self._end is not None:
            size = min(size, self._end - self._stream.position)
        return self._stream.skip(size) if size > 0 else 0
