"""`.guild/output.index`: when each line of the output ended, and on which stream it was written.

One record of nine bytes a line: milliseconds since 1970 as a big-endian number, and a byte for
the stream. The index can be absent, shorter than the output (a running run writes the line
first), or longer (a stream that ends without a line feed has a record of its own): lines without
a record have no time and no stream.
"""

from __future__ import annotations

import struct
from array import array
from pathlib import Path

from msgspec import Struct

from core.check import Check
from core.errors import RunError
from core.runs.output_file import OutputFile, open_output_index

RECORD = struct.Struct(">QB")
STDOUT, STDERR = 0, 1
MAX_TIME = 253_402_300_799_000  # the end of the year 9999
_RECORDS_A_READ = 1 << 16


class LineRecord(Struct, frozen=True):
    """What the index says of one line.

    Attributes:
        time: When its end was seen, in milliseconds since 1970-01-01 UTC; None when not recorded.
        stream: STDOUT or STDERR; None when not recorded.
    """

    time: int | None = None
    stream: int | None = None


UNKNOWN = LineRecord()


def read_records(run_dir: Path, first: int, count: int) -> list[LineRecord]:
    """The records of `count` lines from the line with number `first`, UNKNOWN where missing."""
    data = _read(run_dir, first * RECORD.size, count * RECORD.size)
    known = len(data) // RECORD.size * RECORD.size
    records = [_record(*fields) for fields in RECORD.iter_unpack(data[:known])]
    return records + [UNKNOWN] * (count - len(records))


def read_first_bytes(run_dir: Path) -> bytes:
    """The first record as it is on disk; empty when there is none."""
    return _read(run_dir, 0, RECORD.size)


def read_first_time(run_dir: Path) -> int | None:
    """When the first line ended, in milliseconds since 1970-01-01 UTC; None when not recorded."""
    return read_records(run_dir, 0, 1)[0].time


def find_stderr(run_dir: Path, number: int, check: Check, *, forward: bool) -> int | None:
    """The number of the nearest line that begins a stretch of stderr after (or before) `number`.

    Args:
        run_dir: The run.
        number: Line to search from; that line itself is not found. -1 searches from the first.
        check: Called between reads; raises to stop.
        forward: Towards the end of the output.
    """
    try:
        with open_output_index(run_dir) as file:
            return (
                _find_after(file, number, check) if forward else _find_before(file, number, check)
            )
    except RunError:
        return None


def _find_after(file: OutputFile, number: int, check: Check) -> int | None:
    first = max(0, number)
    before = b"\1" if number >= 0 else b"\0"  # line `number` itself begins nothing new
    while True:
        check()
        streams = before + _streams(file, first)
        if len(streams) == 1:
            return None
        found = streams.find(b"\0\1")
        if found >= 0:
            return first + found
        before, first = streams[-1:], first + len(streams) - 1


def _find_before(file: OutputFile, number: int, check: Check) -> int | None:
    end = max(0, min(number, file.size // RECORD.size))
    while end > 0:
        check()
        first = max(0, end - _RECORDS_A_READ)
        before = _streams(file, first - 1, 1) if first else b"\0"
        streams = before + _streams(file, first, end - first)
        found = streams.rfind(b"\0\1")
        if found >= 0:
            return first + found
        end = first
    return None


def _streams(file: OutputFile, first: int, count: int = _RECORDS_A_READ) -> bytes:
    """The stream bytes of some records, 1 for stderr and 0 for anything else."""
    data = file.read(first * RECORD.size, count * RECORD.size)
    return data[RECORD.size - 1 :: RECORD.size].translate(_STDERR_OR_NOT)


_STDERR_OR_NOT = bytes(array("B", (int(byte == STDERR) for byte in range(256))))


def _record(time: int, stream: int) -> LineRecord:
    return LineRecord(
        time if 0 < time <= MAX_TIME else None, stream if stream in (STDOUT, STDERR) else None
    )


def _read(run_dir: Path, offset: int, length: int) -> bytes:
    try:
        with open_output_index(run_dir) as file:
            return file.read(offset, length)
    except RunError:
        return b""
