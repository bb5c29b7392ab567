"""Small pictures of a sample run, made with nothing but the standard library."""

from __future__ import annotations

import math
import random
import struct
import zlib
from collections.abc import Sequence
from functools import lru_cache

# Dark violet over red to pale yellow: ordered by lightness, so it reads without colour too.
_RAMP: tuple[tuple[int, int, int], ...] = (
    (13, 8, 44),
    (87, 20, 110),
    (188, 55, 84),
    (249, 142, 9),
    (252, 255, 164),
)


def png(width: int, rows: Sequence[bytes]) -> bytes:
    """A PNG picture of rows of colours, three bytes a pixel."""
    head = struct.pack(">IIBBBBB", width, len(rows), 8, 2, 0, 0, 0)
    body = zlib.compress(b"".join(b"\0" + row for row in rows), 6)
    chunks = (b"IHDR", head), (b"IDAT", body), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def spectrogram(rng: random.Random, width: int = 320, height: int = 160) -> bytes:
    """What a song looks like: a few rising and falling notes over noise, low ones below."""
    loud = [[rng.random() * 0.16 + 0.12 * y / height for _ in range(width)] for y in range(height)]
    for _ in range(7):
        middle, pitch = rng.uniform(0, width), rng.uniform(0.15, 0.85) * height
        slope, length = rng.uniform(-0.6, 0.6), rng.uniform(0.04, 0.12) * width
        for x in range(max(0, int(middle - length)), min(width, int(middle + length) + 1)):
            strength = 1 - abs(x - middle) / (length + 1)
            _sing(loud, x, pitch + slope * (x - middle) + 4 * math.sin(x / 3), strength)
    return png(width, [b"".join(map(_shade, row)) for row in loud])


def confusion(rng: random.Random, classes: int, accuracy: float, cell: int = 24) -> bytes:
    """A confusion matrix: true classes downwards, predicted ones across."""
    wrong = (1 - accuracy) * 1.6
    rows = []
    for y in range(classes):
        values = [rng.random() ** 4 * wrong for _ in range(classes)]
        values[y] = accuracy + rng.uniform(-0.1, 0.05)
        rows += [b"".join(_shade(value) * cell for value in values)] * cell
    return png(classes * cell, rows)


def _sing(loud: list[list[float]], x: int, pitch: float, strength: float) -> None:
    """Add one moment of a note, and of its overtone."""
    for place, share in ((pitch, 1.0), (pitch * 1.9, 0.35)):
        middle = round(len(loud) - place)
        for y in range(max(0, middle - 9), min(len(loud), middle + 10)):
            loud[y][x] += share * strength * math.exp(-((y - middle) ** 2) / 14)


def _shade(value: float) -> bytes:
    """The colour of a value between 0 and 1, three bytes."""
    return _colours()[min(max(int(value * 255), 0), 255)]


@lru_cache(maxsize=1)
def _colours() -> tuple[bytes, ...]:
    found = []
    for i in range(256):
        place = i / 255.001 * (len(_RAMP) - 1)
        low, high = _RAMP[int(place)], _RAMP[int(place) + 1]
        part = place - int(place)
        found.append(bytes(round(a + (b - a) * part) for a, b in zip(low, high, strict=True)))
    return tuple(found)


def _chunk(name: bytes, data: bytes) -> bytes:
    body = name + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))
