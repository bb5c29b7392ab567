"""What two processes of this program say to each other through pipes: one value after the other.

Why plain pipes and not multiprocessing: see core.index.reading.
"""

from __future__ import annotations

import marshal
import select
import struct
import sys
from typing import IO, Any

_LENGTH = struct.Struct("<Q")


def is_ready(pipe: IO[bytes]) -> bool:
    """Whether something, or the end, can be read at once; the pipe has no buffer of its own."""
    return sys.platform != "win32" and bool(select.select([pipe], [], [], 0)[0])


def send(pipe: IO[bytes] | None, value: Any) -> None:
    """Write a value of plain types.

    Raises:
        OSError: Nobody reads any more.
    """
    assert pipe is not None
    data = marshal.dumps(value)
    rest = memoryview(_LENGTH.pack(len(data)) + data)
    while rest:
        rest = rest[pipe.write(rest) :]
    pipe.flush()


def receive(pipe: IO[bytes] | None) -> Any:
    """The next value; None at the end."""
    assert pipe is not None
    head = _exactly(pipe, _LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    data = _exactly(pipe, _LENGTH.unpack(head)[0])
    try:
        return marshal.loads(data)  # from our own process only
    except (EOFError, ValueError, TypeError):
        return None


def _exactly(pipe: IO[bytes], size: int) -> bytes:
    """So many bytes; fewer at the end."""
    data = bytearray()
    while len(data) < size and (piece := pipe.read(size - len(data))):
        data += piece
    return bytes(data)
