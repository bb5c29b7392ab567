"""The few protobuf messages of TensorBoard's events that hold scalars, read and written.

An event is `wall_time(1) step(2) file_version(3) summary(5)`; a summary is values `(1)`; a value
is `tag(1)` with `simple_value(2)` or `tensor(8)`. Everything else is skipped by its length.

Why by hand: the generated classes need TensorBoard (200 MB) or protobuf, and build an object for
each field, while a scalar is two numbers at a known place.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

from msgspec import Struct

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_LONGEST_VARINT = 10
_FLOAT, _DOUBLE = 1, 2  # TensorFlow's numbers of these types
_WIDTHS = {_FLOAT: 4, _DOUBLE: 8}
_FORMATS = {4: struct.Struct("<f"), 8: struct.Struct("<d")}
_OTHER_KINDS = (3, 4, 5, 6)  # of a value: histograms, image, audio
_OTHER_EVENTS = (3, 4, 6, 7, 8, 9)  # of an event: file version, graphs, log and session messages

Field = tuple[int, int, int, int]


class MessageError(ValueError):
    """The bytes are no protobuf message of the expected kind."""


class ScalarValue(Struct, frozen=True):
    """One number of a summary, and where its bytes lie.

    Attributes:
        tag: Name of the scalar.
        value: The number; float32 read as float64 unless written as a double.
        offset: Where the number begins in the message.
        width: Its size there: 4 or 8 bytes.
    """

    tag: str
    value: float
    offset: int
    width: int


class ScalarEvent(Struct, frozen=True):
    """The scalars of one event.

    Attributes:
        wall_time: Seconds since 1970-01-01 UTC; 0.0 when not written (Guild 0.9 does not).
        step: Step of all its values.
        values: The scalars, in order; other kinds of value are left out.
        plain: Whether the event is nothing but time, step and one summary, in this order.
    """

    wall_time: float
    step: int
    values: tuple[ScalarValue, ...]
    plain: bool


def read_varint(data: bytes, at: int) -> tuple[int, int]:
    """The unsigned varint at `at`, and the position after it.

    Raises:
        MessageError: It does not end within the data or within ten bytes.
    """
    value = shift = 0
    for byte in data[at : at + _LONGEST_VARINT]:
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value & 0xFFFF_FFFF_FFFF_FFFF, at
        shift += 7
    raise MessageError("a number does not end")


def signed(value: int) -> int:
    """An unsigned 64-bit number as the signed one with the same bits."""
    return value - (1 << 64) if value >= 1 << 63 else value


def decode_event(data: bytes) -> ScalarEvent:
    """Read one event.

    Raises:
        MessageError: The bytes are no event.
    """
    wall_time, step, summaries, numbers = 0.0, 0, [], []
    for number, kind, start, end in _fields(data, 0, len(data)):
        numbers.append(number)
        if (number, kind) == (1, _FIXED64):
            wall_time = struct.unpack_from("<d", data, start)[0]
        elif (number, kind) == (2, _VARINT):
            step = signed(read_varint(data, start)[0])
        elif (number, kind) == (5, _BYTES):
            summaries.append((start, end))
        elif number in _OTHER_EVENTS:
            summaries.clear()
    found = [value for start, end in summaries for value in _values(data, start, end)]
    plain = numbers in ([1, 2, 5], [1, 5], [2, 5], [5])
    return ScalarEvent(wall_time, step, tuple(v for v in found if v is not None), plain)


def encode_scalars(wall_time: float, step: int, values: Sequence[tuple[str, float]]) -> bytes:
    """The event that holds `values` of one step, as Guild and tensorboardX write it."""
    summary = b"".join(b"\x0a" + _sized(_encoded_value(tag, value)) for tag, value in values)
    return _encoded_time(wall_time) + _encoded_step(step) + b"\x2a" + _sized(summary)


def encode_file_version(wall_time: float) -> bytes:
    """The event that every event file begins with."""
    return _encoded_time(wall_time) + b"\x1a" + _sized(b"brain.Event:2")


def encode_varint(value: int) -> bytes:
    """The bytes of an unsigned number."""
    encoded = bytearray()
    while value > 127:
        encoded.append(value & 127 | 128)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def _fields(data: bytes, at: int, stop: int) -> Iterator[Field]:
    """Number, wire type, and first and end position of the payload of each field."""
    while at < stop:
        key, at = read_varint(data, at)
        number, kind = key >> 3, key & 7
        start, at = _payload(data, at, kind)
        if at > stop or number == 0:
            raise MessageError("a field is longer than its message")
        yield number, kind, start, at


def _payload(data: bytes, at: int, kind: int) -> tuple[int, int]:
    if kind == _BYTES:
        size, at = read_varint(data, at)
        return at, at + size
    if kind == _VARINT:
        return at, read_varint(data, at)[1]
    if kind == _FIXED32:
        return at, at + 4
    if kind == _FIXED64:
        return at, at + 8
    raise MessageError("a field has an unknown type")


def _values(data: bytes, at: int, stop: int) -> Iterator[ScalarValue | None]:
    for number, kind, start, end in _fields(data, at, stop):
        if (number, kind) == (1, _BYTES):
            yield _value(data, start, end)


def _value(data: bytes, at: int, stop: int) -> ScalarValue | None:
    """One value of a summary; None when it is no scalar."""
    tag = b""
    place: tuple[int, int] | None = None
    for number, kind, start, end in _fields(data, at, stop):
        if (number, kind) == (1, _BYTES):
            tag = data[start:end]
        elif (number, kind) == (2, _FIXED32):
            place = start, 4
        elif (number, kind) == (8, _BYTES):
            place = _tensor_scalar(data, start, end)
        elif number in _OTHER_KINDS:
            place = None
    if place is None:
        return None
    offset, width = place
    value = _FORMATS[width].unpack_from(data, offset)[0]
    return ScalarValue(tag.decode("utf-8", "replace"), value, offset, width)


def _tensor_scalar(data: bytes, at: int, stop: int) -> tuple[int, int] | None:
    """Offset and width of the one element of a float or double tensor; None for any other."""
    dtype, elements = 0, 1
    contents: dict[int, list[tuple[int, int]]] = {4: [], 5: [], 6: []}
    for number, kind, start, end in _fields(data, at, stop):
        if (number, kind) == (1, _VARINT):
            dtype = read_varint(data, start)[0]
        elif (number, kind) == (2, _BYTES):
            elements = _element_count(data, start, end)
        elif number in contents and end > start:
            contents[number].append((start, end))
    width = _WIDTHS.get(dtype)
    if width is None or elements != 1:
        return None
    # Raw bytes win over the list of numbers, which is field 5 for float and 6 for double.
    places = contents[4][-1:] or contents[4 + dtype]
    if len(places) != 1 or places[0][1] - places[0][0] != width:
        return None
    return places[0][0], width


def _element_count(data: bytes, at: int, stop: int) -> int:
    """How many elements a tensor of this shape has; a shape without dimensions is one number."""
    count = 1
    for number, kind, start, end in _fields(data, at, stop):
        if (number, kind) == (2, _BYTES):
            count *= _dimension_size(data, start, end)
    return count


def _dimension_size(data: bytes, at: int, stop: int) -> int:
    size = 0
    for number, kind, start, _end in _fields(data, at, stop):
        if (number, kind) == (1, _VARINT):
            size = signed(read_varint(data, start)[0])
    return size


def _encoded_time(wall_time: float) -> bytes:
    return b"\x09" + struct.pack("<d", wall_time) if wall_time else b""


def _encoded_step(step: int) -> bytes:
    return b"\x10" + encode_varint(step & 0xFFFF_FFFF_FFFF_FFFF) if step else b""


def _encoded_value(tag: str, value: float) -> bytes:
    return b"\x0a" + _sized(tag.encode("utf-8")) + b"\x15" + _encoded_float(value)


def _encoded_float(value: float) -> bytes:
    try:
        return struct.pack("<f", value)
    except OverflowError:  # too large for float32
        return struct.pack("<f", float("inf") if value > 0 else float("-inf"))


def _sized(payload: bytes) -> bytes:
    return encode_varint(len(payload)) + payload
