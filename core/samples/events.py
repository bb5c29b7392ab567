"""Event files of a sample run, byte for byte as Guild 0.9 and TensorBoard write them.

Why: a large store holds millions of scalar events. All events of one tag have the same few
lengths, so the frame's header is made once a length and only eight bytes change an event.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from functools import lru_cache

import google_crc32c

_FLOAT = struct.Struct("<f")
_DOUBLE = struct.Struct("<d")
_UINT32 = struct.Struct("<I")
_UINT64 = struct.Struct("<Q")


def event_file(
    curves: Mapping[str, Sequence[float]],
    *,
    first_step: int = 0,
    times: Sequence[float] | None = None,
) -> bytes:
    """The content of one event file.

    Args:
        curves: Tag to its values, one a step.
        first_step: The step of the first values.
        times: Seconds since 1970 of each step, as TensorBoard's writer stores them; None for
            Guild 0.9's own files, whose events carry no time.
    """
    parts = [_record(_file_version(times[0] if times else None))]
    middles = {tag: _summary_head(tag) for tag in curves}
    steps = max((len(values) for values in curves.values()), default=0)
    for i in range(steps):
        head = _event_head(first_step + i, times[i] if times else None)
        for tag, values in curves.items():
            if i < len(values):
                parts.append(_record(head + middles[tag] + _FLOAT.pack(values[i])))
    return b"".join(parts)


def _file_version(time: float | None) -> bytes:
    seconds = b"" if time is None else b"\x09" + _DOUBLE.pack(time)
    return seconds + b"\x1a\x0dbrain.Event:2"


def _event_head(step: int, time: float | None) -> bytes:
    seconds = b"" if time is None else b"\x09" + _DOUBLE.pack(time)
    return seconds + (b"\x10" + _varint(step) if step else b"")


def _summary_head(tag: str) -> bytes:
    """Everything of an event between its step and the four bytes of its value."""
    name = tag.encode()
    value = b"\x0a" + _varint(len(name)) + name + b"\x15"
    summary = b"\x0a" + _varint(len(value) + 4) + value
    return b"\x2a" + _varint(len(summary) + 4) + summary


def _record(data: bytes) -> bytes:
    return _header(len(data)) + data + _UINT32.pack(_masked_crc(data))


@lru_cache(maxsize=256)
def _header(length: int) -> bytes:
    size = _UINT64.pack(length)
    return size + _UINT32.pack(_masked_crc(size))


def _masked_crc(data: bytes) -> int:
    crc: int = google_crc32c.value(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)
