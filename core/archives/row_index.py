"""The rows of an archive's runs, written at its end: a place of ten thousand runs opens at once.

Why: what a table shows of a run is in twenty small files, and reading those of ten thousand runs
takes seconds, of a compressed tar even before the first row is known. Whoever writes the archive
has had them all in its hands.

Why it is believed only so far: it says the same once more, and what is said twice can differ. It
counts for the archive whose checksums it names, so that an archive that was changed by another
program has none; what it says must be of the right types; and whoever reads the runs themselves
later (the scalars of a place) compares, and the runs are right. Nothing is imported by it.

Form: pieces of zlib, each behind its length, of JSON; the last one says what the others are of.
Behind them stand their length, the checksum, and a word by which all this is found. Where in an
archive it is, no other program looks (core.archives.index_place).
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

from core.archives.entries import is_run_id
from core.index.row import Row, decode_many_flags
from core.index.soundness import set_right

READER = 1
"""Another number where the same files make other rows: then those in archives are too old."""

TRAILER = struct.Struct("<QI8s")
MAGIC = b"\x89RunRows"
MOST_BYTES = 256 << 20

_LENGTH = struct.Struct("<I")
_PIECE = 500
_LARGEST_PIECE = 64 << 20
_LARGEST_NUMBER = 1 << 63
_FIELDS = tuple(
    name for name in Row._fields if name not in ("id", "scalar_keys", "summaries", "signature")
)
_NOTHING = Row("")

Stream = tuple[int, int]
"""Where a stream of a compressed tar begins: in the file, and in what it unpacks to."""


class IndexWriter:
    """Collects rows while an archive is written; packed, as there may be very many."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._rows: list[Row] = []
        self._streams: list[int] = []

    def add(self, run_id: str, row: Row | None, stream: int = 0) -> None:
        """Note a run.

        Args:
            run_id: The run.
            row: What it says; None where that is to be read from the run itself.
            stream: Of a tar: number of the stream that the run is in.
        """
        self._rows.append(row or _NOTHING._replace(id=run_id, status=""))
        self._streams.append(stream)
        if len(self._rows) == _PIECE:
            self._pack()

    def finish(self, checksum: int, streams: Sequence[Stream] = ()) -> bytes:
        """All of it as bytes.

        Args:
            checksum: Of the archive that it is of.
            streams: Of a tar: its streams.
        """
        self._pack()
        self._put({"reader": READER, "streams": list(streams)})
        body = b"".join(self._pieces)
        return body + TRAILER.pack(len(body), checksum, MAGIC)

    def _pack(self) -> None:
        if self._rows:
            fields = {name: [getattr(row, name) for row in self._rows] for name in _FIELDS}
            ids = [row.id for row in self._rows]
            self._put({"id": ids, "stream": self._streams, "fields": fields})
            self._rows, self._streams = [], []

    def _put(self, value: Any) -> None:
        data = zlib.compress(json.dumps(value, separators=(",", ":")).encode("ascii"))
        self._pieces.append(_LENGTH.pack(len(data)) + data)


class RowIndex:
    """What an archive says of its runs, one piece of it in memory at a time.

    Attributes:
        ids: The runs in the order of the archive.
        stream_of: Number of the stream that each of them is in.
        streams: The streams of a tar.
    """

    def __init__(self, body: bytes) -> None:
        self._pieces = list(_pieces_of(body))
        self._at: dict[str, int] = {}
        self._unpacked: tuple[int, dict[str, Row]] = -1, {}
        self.stream_of: dict[str, int] = {}
        self.streams: list[Stream] = []
        self._read()

    @property
    def ids(self) -> list[str]:
        """The runs in the order of the archive."""
        return list(self._at)

    def row(self, run_id: str) -> Row | None:
        """The row of a run; None where it says nothing that can be right."""
        piece = self._at.get(run_id)
        if piece is None:
            return None
        if self._unpacked[0] != piece:
            self._unpacked = piece, _rows_of(_unpacked(self._pieces[piece]))
        return self._unpacked[1].get(run_id)

    def _read(self) -> None:
        summary = _unpacked(self._pieces.pop())
        if summary["reader"] != READER:
            raise ValueError("made by another version")
        self.streams = [(int(packed), int(position)) for packed, position in summary["streams"]]
        for number, data in enumerate(self._pieces):
            piece = _unpacked(data)
            for run_id, stream in zip(piece["id"], piece["stream"], strict=True):
                if not is_run_id(run_id) or run_id in self._at or type(stream) is not int:
                    raise ValueError("ids that cannot be")
                self._at[run_id] = number
                self.stream_of[run_id] = stream


def parse_index(data: bytes, checksum: int) -> RowIndex | None:
    """Understand an index.

    Args:
        data: All of it.
        checksum: Of the archive that it is in.

    Returns:
        The index; None where it is none, is of another archive, or is damaged.
    """
    if len(data) < TRAILER.size:
        return None
    size, told, magic = TRAILER.unpack(data[-TRAILER.size :])
    if magic != MAGIC or told != checksum or size != len(data) - TRAILER.size:
        return None
    try:
        return RowIndex(data[:size])
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError,
            zlib.error):  # fmt: skip
        return None


def _pieces_of(body: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(body):
        (size,) = _LENGTH.unpack_from(body, at) if at + _LENGTH.size <= len(body) else (0,)
        at += _LENGTH.size
        if not 0 < size <= len(body) - at:
            raise ValueError("cut off")
        yield body[at : at + size]
        at += size


def _unpacked(data: bytes) -> Any:
    unpacking = zlib.decompressobj()
    text = unpacking.decompress(data, _LARGEST_PIECE)
    if not unpacking.eof:
        raise ValueError("too large, or cut off")
    return json.loads(text)


def _rows_of(piece: Any) -> dict[str, Row]:
    """The rows of a piece that can be right."""
    ids, count = piece["id"], len(piece["id"])
    try:
        fields = {name: list(piece["fields"][name]) for name in _FIELDS}
    except (KeyError, TypeError):
        return {}
    if any(len(values) != count for values in fields.values()):
        return {}
    wrong = set_right(fields) | _beyond(fields) | _with_odd_flags(fields["flags"])
    columns = zip(*fields.values(), strict=True)
    return {
        run_id: Row(run_id, **dict(zip(_FIELDS, values, strict=True)))
        for number, (run_id, values) in enumerate(zip(ids, columns, strict=True))
        if number not in wrong
    }


def _beyond(fields: dict[str, list[Any]]) -> set[int]:
    """Places of numbers that no file of a run can say."""
    return {
        place
        for values in fields.values()
        for place, value in enumerate(values)
        if type(value) is int and not -_LARGEST_NUMBER < value < _LARGEST_NUMBER
    }


def _with_odd_flags(texts: Sequence[str | None]) -> set[int]:
    """Places of flags that cannot be understood."""
    if _are_flags([text for text in texts if text is not None]):
        return set()
    return {
        place for place, text in enumerate(texts) if text is not None and not _are_flags([text])
    }


def _are_flags(texts: list[str]) -> bool:
    try:
        decode_many_flags(texts)
    except (ValueError, TypeError, RecursionError, AttributeError):
        return False
    return True
