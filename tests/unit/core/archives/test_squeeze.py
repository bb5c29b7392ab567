"""What is compressed can be read by anybody, and is as small as by usual means."""

from __future__ import annotations

import random
import zlib

import pytest

from core.archives.squeeze import LEVEL, SMALLEST, deflated

LENGTHS = [SMALLEST, 511, 512, 1000, 4095, 4096, 8191, 8192, 16_383, 16_384, 32_768, 100_000]


def text_of(length: int) -> bytes:
    """Output as programs write it: much alike, and nothing twice."""
    chance = random.Random(length)
    lines = (f"step: {n} loss: {chance.random():.6f} lr: 0.001\n" for n in range(length))
    text = ""
    while len(text) < length:
        text += next(lines)
    return text[:length].encode("ascii")


@pytest.mark.parametrize("length", LENGTHS)
def test_a_content_comes_back_and_is_as_small_as_by_the_usual_level(length):
    data = text_of(length)

    packed = deflated(data)

    assert packed is not None
    assert zlib.decompress(packed, -zlib.MAX_WBITS) == data
    assert len(packed) <= 1.01 * len(zlib.compress(data, LEVEL, -zlib.MAX_WBITS)) + 8


@pytest.mark.parametrize("length", LENGTHS)
def test_what_repeats_only_from_its_beginning_to_its_end_is_found(length):
    half = random.Random(length).randbytes(min(length, 32_000) // 2)

    packed = deflated(half * 2)

    assert packed is not None
    assert len(packed) < 1.6 * len(half) + 64


@pytest.mark.parametrize("length", [0, 1, SMALLEST - 1])
def test_what_is_tiny_is_not_tried(length):
    assert deflated(bytes(length)) is None


@pytest.mark.parametrize("length", [SMALLEST, 5000, 20_000])
def test_what_cannot_become_smaller_stays(length):
    assert deflated(random.Random(1).randbytes(length)) is None
