"""TensorBoard's event files: scalars out of them at the speed of a plain loop, and into them.

A file is a sequence of records: u64 length, u32 masked CRC32C of it, an Event, u32 masked CRC32C
of that (all little-endian). The first record names the file version.

Why one loop over whole buffers: nearly every record is "time, step, one value" and differs from
the one before only in the numbers. What stays the same (tag and lengths around it: the *shape*)
is a key in a dictionary, so a record costs a checksum, a few slices and two appends, 5 times
less than a message object (measured, see benchmarks/bench_tfevents.py). Anything else is decoded
field by field by `event_message`, and teaches the reader its shape where it has one.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, BinaryIO, Self

import google_crc32c
from msgspec import Struct, field

from core.runs.event_message import (
    MessageError,
    ScalarEvent,
    ScalarValue,
    decode_event,
    encode_file_version,
    encode_scalars,
)
from core.runs.guild_files import open_file

CHUNK_BYTES = 256 * 1024
LARGEST_EVENT = 4 * 1024 * 1024  # larger ones hold images or graphs: checked, not decoded
LARGEST_RECORD = 2**31  # protobuf allows no larger message
MOST_TAGS = 100_000
MOST_TAG_BYTES = 32 * 1024 * 1024
LONGEST_SHAPE = 2048  # bytes of an event worth remembering
MOST_SHAPE_BYTES = 16 * 1024 * 1024

_MASK_DELTA = 0xA282EAD8
_U32 = 0xFFFF_FFFF
_HEAD = struct.Struct("<QI")
_HEAD_BYTES = _HEAD.size
_FOOT_BYTES = 4
# The last float of an event, its checksum, and the length and checksum of the next record.
_LINK = struct.Struct("<fIQI")
_WALL_TIME = struct.Struct("<d")
_SUMMARY = b"\x2a"

_checksum: Callable[[bytes], int] = google_crc32c.value


class Points(Struct):
    """What was read of one scalar, in the order of the file.

    Attributes:
        steps: One for each value.
        values: The numbers; may hold nan and infinities.
        wall_times: Seconds since 1970-01-01 UTC, one for each value; empty unless asked for.
    """

    steps: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    wall_times: list[float] = field(default_factory=list)

    def clear(self) -> None:
        """Forget the points."""
        self.steps.clear()
        self.values.clear()
        self.wall_times.clear()


class EventReader:
    """Reads the scalars of one event file, from an offset to what is written now.

    A record that is cut at the end is not yet written: reading stops before it and a later
    reader goes on at `offset`. A wrong checksum or an impossible length ends the reading there,
    with a sentence in `problem`; what came before it is kept.

    Args:
        path: The event file, or a link to it.
        offset: Where to begin: 0, or the `offset` of an earlier reader of the same file.
        timed: Whether wall times are wanted too.

    Attributes:
        offset: End of the last whole record.
        size: Size of the file when it was opened.
        inode: Inode of the file that was opened.
        problem: Why reading ended early; empty when it did not.
    """

    def __init__(self, path: str, offset: int = 0, *, timed: bool = False) -> None:
        self.offset = offset
        self.size = 0
        self.inode = 0
        self.problem = ""
        self._path = path
        self._timed = timed
        self._left = 0  # bytes of the file not yet in the buffer
        self._points: dict[str, Points] = {}
        self._tag_bytes = 0
        self._checked: dict[int, int] = {}
        self._shapes: dict[bytes, Points] = {}
        self._inner_layouts: dict[int, Callable[[bytes, int], tuple[Any, ...]]] = {}
        self._inner_shapes: dict[tuple[bytes, ...], Points] = {}
        self._layouts: dict[int, Callable[[bytes, int], tuple[Any, ...]]] = {}
        self._long_shapes: dict[tuple[bytes, ...], list[Points]] = {}
        self._shape_bytes = 0

    def batches(self) -> Iterator[Mapping[str, Points]]:
        """Points by tag, one batch a chunk; a batch is valid until the next is asked for.

        Raises:
            OSError: The file cannot be opened or read.
        """
        fd = open_file(self._path, follow=True)
        try:
            yield from self.batches_of(fd)
        finally:
            os.close(fd)

    def batches_of(self, fd: int) -> Iterator[Mapping[str, Points]]:
        """The same of a file that the caller has opened, and closes."""
        found = os.fstat(fd)
        self.size, self.inode = found.st_size, found.st_ino
        self._left = max(0, self.size - self.offset)
        os.lseek(fd, self.offset, os.SEEK_SET)
        yield from self._chunks(fd)

    def _chunks(self, fd: int) -> Iterator[Mapping[str, Points]]:
        rest = b""
        wanted = CHUNK_BYTES
        while self._left and not self.problem:
            more = self._read(fd, wanted)
            if not more:
                return
            buffer = rest + more if rest else more
            used = self._scan(buffer)
            self.offset += used
            rest = buffer[used:]
            yield self._points
            for points in self._points.values():
                points.clear()
            wanted = max(CHUNK_BYTES, self._missing(rest))
            if wanted > LARGEST_EVENT:
                self._skip_record(fd, rest)
                rest, wanted = b"", CHUNK_BYTES

    def _read(self, fd: int, size: int) -> bytes:
        more = os.read(fd, min(size, self._left))
        self._left -= len(more)
        return more

    def _missing(self, rest: bytes) -> int:
        """How many bytes the record that `rest` begins still lacks; 0 when that is unknown."""
        if self.problem or len(rest) < _HEAD_BYTES:
            return 0
        size: int = _HEAD.unpack_from(rest)[0]
        return _HEAD_BYTES + size + _FOOT_BYTES - len(rest)

    def _scan(self, buffer: bytes) -> int:  # noqa: C901, PLR0912, PLR0915 - a call a record costs a third
        """Take all whole records of `buffer`; returns where the first one that is not begins."""
        checked, shapes, timed = self._checked, self._shapes, self._timed
        inner, inner_shapes = self._inner_layouts, self._inner_shapes
        limit = len(buffer)
        buffer += bytes(_LINK.size)  # so that the last record too has "a next one"
        position = 0
        size, size_sum = _HEAD.unpack_from(buffer)
        while True:
            if checked.get(size) != size_sum and not (
                position + _HEAD_BYTES <= limit and self._check_size(size, size_sum, position)
            ):
                break
            end = (start := position + _HEAD_BYTES) + size
            if end + _FOOT_BYTES > limit:
                break
            event = buffer[start:end]
            value, event_sum, size, size_sum = _LINK.unpack_from(buffer, end - 4)
            found = _checksum(event)
            if (((found >> 15) | (found << 17)) + _MASK_DELTA) & _U32 != event_sum:
                self._stop("a wrong checksum", position)
                break
            try:
                at, step = 9 if event[0] == 0x09 else 0, 0
                if event[at] == 0x10:
                    step = event[at + 1]
                    at += 2
                    if step > 127:
                        step, shift = step & 127, 7
                        while (byte := event[at]) > 127 and shift < 64:
                            step, shift, at = step | (byte & 127) << shift, shift + 7, at + 1
                        step, at = step | byte << shift, at + 1
                points = None
                if inner and (layout := inner.get(len(event) - at)) is not None:
                    before, number, after = layout(event, at)
                    if (points := inner_shapes.get((before, after))) is not None:
                        value = number
                if points is None:
                    points = shapes.get(event[at:-4])
            except IndexError:  # too short for a scalar
                points, at, step = None, len(event), 0
            if points is not None and not step >> 63:
                points.steps.append(step)
                points.values.append(value)
                if timed:
                    points.wall_times.append(_wall_time(event))
            elif not (self._take_long(event, at, step) or self._take_other(event, position)):
                break
            position = end + _FOOT_BYTES
        return position

    def _check_size(self, size: int, size_sum: int, position: int) -> bool:
        if masked_checksum(size.to_bytes(8, "little")) != size_sum:
            self._stop("a wrong checksum", position)
        elif size > LARGEST_RECORD:
            self._stop("an impossible length", position)
        else:
            self._checked[size] = size_sum
        return not self.problem

    def _stop(self, what: str, position: int) -> None:
        name = os.fsencode(os.path.basename(self._path)).decode("utf-8", "replace")
        self.problem = f"{name} has {what} at byte {self.offset + position:,}"

    def _take_other(self, event: bytes, position: int) -> bool:
        """Take an event whose shape the loop does not know; False ends the reading."""
        try:
            decoded = decode_event(event)
        except MessageError:
            self._stop("a record that is no event", position)
            return False
        for value in decoded.values:
            points = self._points_of(value.tag)
            if points is None:
                self._stop(f"more than {MOST_TAGS:,} tags", position)
                return False
            self._add(points, decoded.step, value.value, decoded.wall_time)
        if decoded.plain and decoded.values:
            self._learn(event, decoded)
        return True

    def _take_long(self, event: bytes, at: int, step: int) -> bool:
        """Take an event of a learned shape with several numbers.

        Args:
            event: The event.
            at: Where the bytes after a leading time and step begin.
            step: That step, unsigned.
        """
        layout = self._layouts.get(len(event) - at)
        if layout is None or step >> 63:
            return False
        parts = layout(event, at)
        targets = self._long_shapes.get(parts[::2])
        if targets is None:
            return False
        for points, value in zip(targets, parts[1::2], strict=True):
            points.steps.append(step)
            points.values.append(value)
            if self._timed:
                points.wall_times.append(_wall_time(event))
        return True

    def _learn(self, event: bytes, decoded: ScalarEvent) -> None:
        """Remember the shape of an event: all its bytes but time, step and numbers.

        All lengths are part of the shape, so an event with the same shape has its numbers at
        the same places.
        """
        at = _after_step(event)
        if event[at : at + 1] != _SUMMARY or len(event) > LONGEST_SHAPE:
            return
        self._shape_bytes += len(event)
        if self._shape_bytes > MOST_SHAPE_BYTES:
            return
        targets = [self._points[value.tag] for value in decoded.values]
        last = decoded.values[-1]
        if len(targets) == 1 and last.width == 4 and last.offset + 4 == len(event):
            self._shapes[event[at:-4]] = targets[0]
            return
        layout = _layout(event, at, decoded.values)
        if len(targets) == 1:
            self._inner_layouts[len(event) - at] = layout
            self._inner_shapes[layout(event, at)[::2]] = targets[0]
        else:
            self._layouts[len(event) - at] = layout
            self._long_shapes[layout(event, at)[::2]] = targets

    def _points_of(self, tag: str) -> Points | None:
        """The points of a tag; None when there are too many tags to be an honest file."""
        points = self._points.get(tag)
        if points is None:
            self._tag_bytes += len(tag)
            if len(self._points) >= MOST_TAGS or self._tag_bytes > MOST_TAG_BYTES:
                return None
            points = self._points[tag] = Points()
        return points

    def _add(self, points: Points, step: int, value: float, wall_time: float) -> None:
        points.steps.append(step)
        points.values.append(value)
        if self._timed:
            points.wall_times.append(wall_time)

    def _skip_record(self, fd: int, rest: bytes) -> None:
        """Check a record too large to hold a scalar without keeping it in memory."""
        size = _HEAD.unpack_from(rest)[0]
        if size + _FOOT_BYTES + _HEAD_BYTES - len(rest) > self._left:
            self._left = 0  # not yet written
            return
        found = _checksum(rest[_HEAD_BYTES:])
        missing = size - (len(rest) - _HEAD_BYTES)
        while missing:
            more = self._read(fd, min(missing, CHUNK_BYTES))
            if not more:
                return
            found = google_crc32c.extend(found, more)
            missing -= len(more)
        if self._read(fd, _FOOT_BYTES) != _mask(found).to_bytes(_FOOT_BYTES, "little"):
            self._stop("a wrong checksum", 0)
        else:
            self.offset += _HEAD_BYTES + size + _FOOT_BYTES


class EventWriter:
    """Writes a new event file that TensorBoard, Guild and `EventReader` read.

    Args:
        path: The file to make; it must not exist.
        wall_time: Seconds since 1970-01-01 UTC, for the first record.
    """

    def __init__(self, path: str, wall_time: float = 0.0) -> None:
        self._file: BinaryIO = open(path, "xb")  # noqa: SIM115 - closed by close()
        self._file.write(frame(encode_file_version(wall_time)))

    def add(
        self, step: int, values: Sequence[tuple[str, float]], *, wall_time: float = 0.0
    ) -> None:
        """Write one event with the values of a step; numbers are rounded to float32."""
        self._file.write(frame(encode_scalars(wall_time, step, values)))

    def flush(self) -> None:
        """Let readers see what was added."""
        self._file.flush()

    def close(self) -> None:
        """Write what is left and close the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def frame(event: bytes) -> bytes:
    """The record that holds `event`."""
    size = len(event).to_bytes(8, "little")
    return b"".join(
        (
            size,
            masked_checksum(size).to_bytes(4, "little"),
            event,
            masked_checksum(event).to_bytes(4, "little"),
        )
    )


def masked_checksum(data: bytes) -> int:
    """CRC32C as event files store it: rotated and shifted, so that it can itself be summed."""
    return _mask(_checksum(data))


def _mask(crc: int) -> int:
    return (((crc >> 15) | (crc << 17)) + _MASK_DELTA) & _U32


def _wall_time(event: bytes) -> float:
    """The time at the beginning of an event; 0.0 when it has none there."""
    if event[:1] != b"\x09":
        return 0.0
    wall_time: float = _WALL_TIME.unpack_from(event, 1)[0]
    return wall_time


def _after_step(event: bytes) -> int:
    """Where the bytes after a leading time and step begin."""
    at = 9 if event[:1] == b"\x09" else 0
    if event[at : at + 1] == b"\x10":
        at += 1
        while event[at] > 127:
            at += 1
        at += 1
    return at


def _layout(
    event: bytes, at: int, values: Sequence[ScalarValue]
) -> Callable[[bytes, int], tuple[Any, ...]]:
    """What takes an event from `at` on apart: bytes, number, bytes, number, …, bytes."""
    pieces = ["<"]
    for value in values:
        pieces.append(f"{value.offset - at}s{'f' if value.width == 4 else 'd'}")
        at = value.offset + value.width
    pieces.append(f"{len(event) - at}s")
    return struct.Struct("".join(pieces)).unpack_from
