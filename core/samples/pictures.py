"""Small pictures of a sample run, made with nothing but the standard library."""

from __future__ import annotations

import math
import random
import struct
import zlib
from collections.abc import Callable
from typing import TypeAlias

Colour: TypeAlias = tuple[int, int, int]

# Dark violet over red to pale yellow: ordered by lightness, so it reads without colour too.
_RAMP: tuple[Colour, ...] = (
    (13, 8, 44),
    (87, 20, 110),
    (188, 55, 84),
    (249, 142, 9),
    (252, 255, 164),
)


def png(width: int, height: int, pixel: Callable[[int, int], Colour]) -> bytes:
    """A PNG picture whose colours `pixel(x, y)` gives."""
    rows = b"".join(
        b"\0" + b"".join(bytes(pixel(x, y)) for x in range(width)) for y in range(height)
    )
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = (b"IHDR", head), (b"IDAT", zlib.compress(rows, 6)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def spectrogram(rng: random.Random, width: int = 320, height: int = 160) -> bytes:
    """What a song looks like: a few rising and falling notes over noise."""
    notes = [
        (
            rng.uniform(0, width),
            rng.uniform(20, height - 20),
            rng.uniform(-1, 1),
            rng.uniform(12, 40),
        )
        for _ in range(7)
    ]
    noise = [rng.random() * 0.16 for _ in range(997)]

    def loudness(x: int, y: int) -> Colour:
        loud = noise[(x * 31 + y * 17) % 997] + 0.12 * y / height
        for middle, pitch, slope, length in notes:
            away = abs(x - middle) / length
            if away < 1:
                centre = pitch + slope * (x - middle) + 4 * math.sin(x / 3)
                loud += (1 - away) * math.exp(-(((height - y) - centre) ** 2) / 14)
        return _shade(loud)

    return png(width, height, loudness)


def confusion(rng: random.Random, classes: int, accuracy: float, cell: int = 24) -> bytes:
    """A confusion matrix: true classes downwards, predicted ones across."""
    wrong = (1 - accuracy) * 1.6
    table = [
        [
            accuracy + rng.uniform(-0.1, 0.05) if x == y else rng.random() ** 4 * wrong
            for x in range(classes)
        ]
        for y in range(classes)
    ]
    return png(classes * cell, classes * cell, lambda x, y: _shade(table[y // cell][x // cell]))


def _shade(value: float) -> Colour:
    place = min(max(value, 0.0), 0.999) * (len(_RAMP) - 1)
    low, high = _RAMP[int(place)], _RAMP[int(place) + 1]
    part = place - int(place)
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(low, high, strict=True))
    return red, green, blue


def _chunk(name: bytes, data: bytes) -> bytes:
    body = name + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))
