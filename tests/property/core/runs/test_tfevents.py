"""Event files come from any program and any disk: no bytes may break the reader or mislead it."""

from __future__ import annotations

import struct
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from core.runs import tfevents
from core.runs.event_message import MessageError, decode_event, encode_scalars
from core.runs.tfevents import EventReader, EventWriter, frame

STEPS = st.integers(-(2**63), 2**63 - 1)
VALUES = st.floats(width=32, allow_nan=False)
TAGS = st.text(max_size=8)
TIMES = st.floats(0, 4e9)
SCALARS = st.tuples(STEPS, st.lists(st.tuples(TAGS, VALUES), min_size=1, max_size=4), TIMES)


def read(data: bytes, offset: int = 0, *, chunk: int = tfevents.CHUNK_BYTES):
    """Every point as (tag, step, value, wall time), and the reader."""
    before = tfevents.CHUNK_BYTES
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "events")
        path.write_bytes(data)
        reader = EventReader(str(path), offset, timed=True)
        found = []
        tfevents.CHUNK_BYTES = chunk
        try:
            for batch in reader.batches():
                for tag, p in batch.items():
                    found += [(tag, *x) for x in zip(p.steps, p.values, p.wall_times, strict=True)]
        finally:
            tfevents.CHUNK_BYTES = before
    return found, reader


def points(events) -> list:
    return [(tag, step, value, time) for step, values, time in events for tag, value in values]


def records(events) -> list[bytes]:
    return [frame(encode_scalars(time, step, values)) for step, values, time in events]


@given(st.lists(SCALARS, max_size=30), st.integers(1, 300))
def test_what_is_written_is_read_in_chunks_of_any_size(events, chunk):
    found, reader = read(b"".join(records(events)), chunk=chunk)

    assert reader.problem == ""
    assert sorted(found) == sorted(points(events))


@given(st.lists(SCALARS, max_size=10))
def test_the_writer_writes_what_the_reader_reads(events):
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "events")
        with EventWriter(str(path)) as writer:
            for step, values, time in events:
                writer.add(step, values, wall_time=time)
        data = path.read_bytes()

    found, reader = read(data)

    assert (reader.problem, reader.offset) == ("", len(data))
    assert sorted(found) == sorted(points(events))


@given(st.lists(SCALARS, min_size=1, max_size=8), st.data())
def test_a_file_cut_anywhere_gives_its_whole_records_and_goes_on_later(events, data):
    pieces = records(events)
    whole = b"".join(pieces)
    cut = data.draw(st.integers(0, len(whole)))

    before, first = read(whole[:cut])
    after, second = read(whole, first.offset)

    assert (first.problem, second.problem) == ("", "")
    assert sorted(before + after) == sorted(points(events))
    assert first.offset == max(n for n in _ends(pieces) if n <= cut)


@given(st.lists(SCALARS, min_size=1, max_size=8), st.data())
def test_a_flipped_bit_never_gives_a_point_that_was_not_written(events, data):
    pieces = records(events)
    whole = bytearray(b"".join(pieces))
    place = data.draw(st.integers(0, len(whole) - 1))
    whole[place] ^= 1 << data.draw(st.integers(0, 7))

    found, reader = read(bytes(whole))

    count = max(n for n, end in enumerate(_ends(pieces)) if end <= place)
    assert sorted(found) == sorted(points(events[:count]))
    assert "wrong checksum" in reader.problem
    assert reader.offset == _ends(pieces)[count]


@given(st.binary(max_size=500), st.integers(0, 600))
def test_any_bytes_are_read_without_an_exception(data, offset):
    _found, reader = read(data, offset)

    assert 0 <= reader.offset <= max(len(data), offset)


@given(st.integers(0, 2**64 - 1), st.binary(max_size=60))
def test_any_declared_length_is_survived(size, rest):
    head = size.to_bytes(8, "little")
    data = head + tfevents.masked_checksum(head).to_bytes(4, "little") + rest

    _found, reader = read(data)

    assert reader.offset <= len(data)


@given(st.lists(st.binary(max_size=40), max_size=6))
def test_records_of_any_bytes_are_an_event_or_a_problem(events):
    _found, reader = read(b"".join(frame(event) for event in events))

    assert bool(reader.problem) == any(not _is_event(event) for event in events)


def simple(tag: bytes, value: float) -> bytes:
    return sized(b"\x0a", sized(b"\x0a", tag) + b"\x15" + struct.pack("<f", value))


def tensor(tag: bytes, value: float, after: bytes = b"") -> bytes:
    number = b"\x08\x01\x12\x00\x22\x04" + struct.pack("<f", value)
    return sized(b"\x0a", sized(b"\x0a", tag) + sized(b"\x42", number) + after)


def double(tag: bytes, value: float) -> bytes:
    number = b"\x08\x02\x32\x08" + struct.pack("<d", value)
    return sized(b"\x0a", sized(b"\x0a", tag) + sized(b"\x42", number))


def sized(key: bytes, payload: bytes) -> bytes:
    return key + bytes([len(payload)]) + payload


NUMBERS = st.sampled_from([0.0, 1.0, -2.5, float("inf")])
TAG = st.sampled_from([b"x", b"y", b"long"])
VALUE_PIECES = st.one_of(
    st.builds(simple, TAG, NUMBERS),
    st.builds(tensor, TAG, NUMBERS),
    st.builds(tensor, TAG, NUMBERS, st.just(b"\x4a\x00")),
    st.builds(double, TAG, NUMBERS),
    st.just(sized(b"\x0a", b"\x0a\x01t\x22\x03img")),
)
SUMMARIES = st.lists(VALUE_PIECES, max_size=3).map(lambda v: sized(b"\x2a", b"".join(v)))
EVENT_PIECES = st.one_of(
    SUMMARIES,
    st.sampled_from(
        [
            *(b"\x09" + struct.pack("<d", 5.0), b"\x10\x07", b"\x10\xff\x01", b"\x08\x01"),
            *(b"\x22\x01g", b"\x10" + b"\xff" * 9 + b"\x01", b"\x10\x80\x80\x04"),
        ]
    ),
)
USUAL = st.tuples(st.sampled_from([b"", b"\x10\x07", b"\x10\x88\x01"]), SUMMARIES).map(b"".join)


@given(st.lists(st.lists(EVENT_PIECES, max_size=5).map(b"".join) | USUAL, max_size=12))
def test_learned_shapes_give_what_decoding_every_event_gives(events):
    found, reader = read(b"".join(frame(event) for event in events))

    decoded = [decode_event(event) for event in events]
    assert reader.problem == ""
    assert sorted(found) == sorted(
        (value.tag, event.step, value.value, event.wall_time)
        for event in decoded
        for value in event.values
    )


def _is_event(data: bytes) -> bool:
    try:
        decode_event(data)
    except MessageError:
        return False
    return True


def _ends(pieces: list[bytes]) -> list[int]:
    ends = [0]
    for piece in pieces:
        ends.append(ends[-1] + len(piece))
    return ends
