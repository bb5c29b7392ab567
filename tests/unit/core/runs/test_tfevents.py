from __future__ import annotations

import math
import struct
import tracemalloc

import pytest

from core.runs import tfevents
from core.runs.event_message import MessageError, decode_event, encode_scalars, encode_varint
from core.runs.tfevents import EventReader, EventWriter, frame, masked_checksum


def field(number: int, kind: int, payload: bytes) -> bytes:
    sized = encode_varint(len(payload)) + payload if kind == 2 else payload
    return encode_varint(number << 3 | kind) + sized


def event(*values: bytes, step: int = 0, wall_time: float = 0.0) -> bytes:
    summary = b"".join(field(1, 2, value) for value in values)
    time = field(1, 1, struct.pack("<d", wall_time)) if wall_time else b""
    return time + field(2, 0, encode_varint(step)) + field(5, 2, summary)


def tensor(tag: str, *fields: bytes) -> bytes:
    return field(1, 2, tag.encode()) + field(8, 2, b"".join(fields))


FLOAT = field(1, 0, b"\x01")
DOUBLE = field(1, 0, b"\x02")
NO_SHAPE = field(2, 2, b"")


def shape(*sizes: int) -> bytes:
    return field(2, 2, b"".join(field(2, 2, field(1, 0, encode_varint(n))) for n in sizes))


def write(path, *events: bytes) -> str:
    path.write_bytes(b"".join(frame(e) for e in events))
    return str(path)


def read(path, offset: int = 0):
    reader = EventReader(str(path), offset, timed=True)
    found: dict[str, list[tuple[int, float, float]]] = {}
    for batch in reader.batches():
        for tag, points in batch.items():
            assert len(points.steps) == len(points.values) == len(points.wall_times)
            found.setdefault(tag, []).extend(
                zip(points.steps, points.values, points.wall_times, strict=True)
            )
    return {tag: points for tag, points in found.items() if points}, reader


def test_what_was_written_is_read_back(tmp_path):
    path = tmp_path / "events"
    with EventWriter(str(path), 12.0) as writer:
        writer.add(0, [("loss", 0.5)], wall_time=100.5)
        writer.add(300, [("loss", 0.25)], wall_time=101.5)
        writer.add(2**62, [("val/acc", 2.0)])

    found, reader = read(path)

    assert found == {
        "loss": [(0, 0.5, 100.5), (300, 0.25, 101.5)],
        "val/acc": [(2**62, 2.0, 0.0)],
    }
    assert (reader.offset, reader.problem) == (path.stat().st_size, "")


def test_values_are_float32_read_as_float64(tmp_path):
    path = tmp_path / "events"
    with EventWriter(str(path)) as writer:
        writer.add(1, [("loss", 0.1)])

    found, _reader = read(path)

    assert found["loss"][0][1] == 0.10000000149011612


def test_several_values_of_one_event_are_all_read(tmp_path):
    path = tmp_path / "events"
    with EventWriter(str(path)) as writer:
        for step in range(3):
            writer.add(step, [("a", step), ("b", -step), ("a", 9.0)])

    found, _reader = read(path)

    assert [p[:2] for p in found["a"]] == [(0, 0), (0, 9), (1, 1), (1, 9), (2, 2), (2, 9)]
    assert [p[:2] for p in found["b"]] == [(0, 0), (1, -1), (2, -2)]


def test_negative_steps_are_read_as_negative(tmp_path):
    path = write(tmp_path / "events", *(encode_scalars(1.0, step, [("x", 1)]) for step in (-5, -1)))

    found, _reader = read(path)

    assert [p[0] for p in found["x"]] == [-5, -1]


def test_nan_and_infinities_are_read(tmp_path):
    path = tmp_path / "events"
    with EventWriter(str(path)) as writer:
        for step, value in enumerate((math.nan, math.inf, -math.inf, 1e300, -1e300)):
            writer.add(step, [("x", value)])

    found, _reader = read(path)

    values = [p[1] for p in found["x"]]
    assert math.isnan(values[0])
    assert values[1:] == [math.inf, -math.inf, math.inf, -math.inf]


@pytest.mark.parametrize(
    ("fields", "value"),
    [
        ((FLOAT, NO_SHAPE, field(5, 2, struct.pack("<f", 1.5))), 1.5),
        ((FLOAT, NO_SHAPE, field(5, 5, struct.pack("<f", 2.5))), 2.5),
        ((FLOAT, NO_SHAPE, field(4, 2, struct.pack("<f", 3.5))), 3.5),
        ((DOUBLE, NO_SHAPE, field(6, 2, struct.pack("<d", 0.1))), 0.1),
        ((DOUBLE, NO_SHAPE, field(6, 1, struct.pack("<d", 0.2))), 0.2),
        ((DOUBLE, shape(1, 1), field(4, 2, struct.pack("<d", 0.3))), 0.3),
    ],
)
def test_a_float_tensor_of_one_element_is_a_scalar(tmp_path, fields, value):
    twice = [event(tensor("x", *fields), step=step, wall_time=2.0) for step in (1, 300)]

    found, _reader = read(write(tmp_path / "events", *twice))

    assert found == {"x": [(1, value, 2.0), (300, value, 2.0)]}


@pytest.mark.parametrize(
    "value",
    [
        tensor("x", FLOAT, shape(2), field(5, 2, struct.pack("<2f", 1, 2))),
        tensor("x", FLOAT, shape(0), field(5, 2, struct.pack("<f", 1))),
        tensor("x", FLOAT, NO_SHAPE),
        tensor("x", field(1, 0, b"\x07"), NO_SHAPE, field(8, 2, b"text")),
        tensor("x", field(1, 0, b"\x03"), NO_SHAPE, field(7, 2, b"\x05")),
        field(1, 2, b"x") + field(4, 2, b"an image"),
        field(1, 2, b"x") + field(2, 5, struct.pack("<f", 1)) + field(5, 2, b"histogram"),
        field(1, 2, b"x"),
    ],
)
def test_other_kinds_of_value_are_no_scalars(tmp_path, value):
    found, reader = read(write(tmp_path / "events", event(value, step=1), event(value, step=2)))

    assert (found, reader.problem) == ({}, "")


def test_a_number_inside_an_event_is_read_for_every_record_of_its_shape(tmp_path):
    metadata = field(9, 2, b"\x0a\x09\x0a\x07scalars")
    events = [
        event(
            tensor(tag, FLOAT, NO_SHAPE, field(4, 2, struct.pack("<f", step / 2))) + metadata,
            step=step,
        )
        for step in range(300)
        for tag in ("loss", "rate")
    ]

    found, _reader = read(write(tmp_path / "events", *events))

    assert found["loss"] == found["rate"] == [(n, n / 2, 0.0) for n in range(300)]


def test_events_without_scalars_are_passed_over(tmp_path):
    graph = field(2, 0, b"\x05") + field(4, 2, b"a graph of operations")
    path = write(tmp_path / "events", graph, b"", encode_scalars(0, 1, [("x", 1)]))

    found, reader = read(path)

    assert found == {"x": [(1, 1.0, 0.0)]}
    assert reader.problem == ""


def test_a_step_of_a_file_that_writes_it_twice_is_the_last_one(tmp_path):
    value = field(1, 2, b"x") + field(2, 5, struct.pack("<f", 1))
    odd = [
        field(2, 0, encode_varint(n)) + field(5, 2, field(1, 2, value)) + field(2, 0, b"\x07")
        for n in (7, 8)
    ]

    found, _reader = read(write(tmp_path / "events", *odd))

    assert [p[0] for p in found["x"]] == [7, 7]


def test_a_cut_record_is_not_yet_written(tmp_path):
    path = tmp_path / "events"
    whole = frame(encode_scalars(0, 1, [("x", 1)])) * 3
    for length in range(len(whole)):
        path.write_bytes(whole[:length])

        found, reader = read(path)

        count = length // (len(whole) // 3)
        assert len(found.get("x", [])) == count
        assert reader.problem == ""
        assert reader.offset == count * (len(whole) // 3)


def test_reading_goes_on_where_it_ended(tmp_path):
    path = tmp_path / "events"
    record = frame(encode_scalars(0, 1, [("x", 1)]))
    path.write_bytes(record + record[:7])
    _found, first = read(path)
    path.write_bytes(record + frame(encode_scalars(0, 2, [("x", 5)])))

    found, second = read(path, first.offset)

    assert found == {"x": [(2, 5.0, 0.0)]}
    assert second.offset == path.stat().st_size


@pytest.mark.parametrize("place", [0, 3, 8, 11, 12, 20, -5, -1])
def test_a_wrong_checksum_ends_the_reading_and_keeps_what_came_before(tmp_path, place):
    path = tmp_path / "events"
    good = frame(encode_scalars(0, 1, [("loss", 1)]))
    bad = bytearray(good)
    bad[place] ^= 0x10
    path.write_bytes(good + bad + good)

    found, reader = read(path)

    assert found == {"loss": [(1, 1.0, 0.0)]}
    assert reader.offset == len(good)
    assert reader.problem == f"events has a wrong checksum at byte {len(good)}"


def test_an_impossible_length_with_a_right_checksum_is_a_problem(tmp_path):
    path = tmp_path / "events"
    size = (2**63).to_bytes(8, "little")
    path.write_bytes(size + masked_checksum(size).to_bytes(4, "little") + bytes(100))

    found, reader = read(path)

    assert found == {}
    assert reader.problem == "events has an impossible length at byte 0"


def test_a_long_record_that_is_not_all_there_is_not_yet_written(tmp_path):
    path = tmp_path / "events"
    good = frame(encode_scalars(0, 1, [("x", 1)]))
    size = (2**30).to_bytes(8, "little")
    path.write_bytes(good + size + masked_checksum(size).to_bytes(4, "little") + bytes(100_000))

    found, reader = read(path)

    assert list(found) == ["x"]
    assert (reader.offset, reader.problem) == (len(good), "")


def test_a_record_that_is_no_event_is_a_problem(tmp_path):
    path = write(tmp_path / "events", encode_scalars(0, 1, [("x", 1)]), b"\x2a\xff\xff")

    found, reader = read(path)

    assert list(found) == ["x"]
    assert "a record that is no event" in reader.problem


def test_a_step_that_does_not_end_is_a_problem_and_takes_no_time(tmp_path):
    path = write(tmp_path / "events", b"\x10" + b"\xff" * 1_000_000)

    _found, reader = read(path)

    assert "no event" in reader.problem


def test_too_many_tags_end_the_reading(tmp_path, monkeypatch):
    monkeypatch.setattr(tfevents, "MOST_TAGS", 3)
    events = [encode_scalars(0, 1, [(f"tag{n}", n)]) for n in range(5)]

    found, reader = read(write(tmp_path / "events", *events))

    assert list(found) == ["tag0", "tag1", "tag2"]
    assert "more than 3 tags" in reader.problem


def test_a_huge_record_between_scalars_is_checked_but_not_kept(tmp_path):
    path = tmp_path / "events"
    scalar = frame(encode_scalars(0, 1, [("x", 1)]))
    huge = frame(field(4, 2, bytes(tfevents.LARGEST_EVENT * 8)))
    path.write_bytes(scalar + huge + scalar)
    del huge
    tracemalloc.start()

    found, reader = read(path)

    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(found["x"]) == 2
    assert (reader.offset, reader.problem) == (path.stat().st_size, "")
    assert most < tfevents.LARGEST_EVENT


def test_a_damaged_huge_record_ends_the_reading(tmp_path):
    path = tmp_path / "events"
    scalar = frame(encode_scalars(0, 1, [("x", 1)]))
    huge = bytearray(frame(field(4, 2, bytes(tfevents.LARGEST_EVENT + 5))))
    huge[len(huge) // 2] = 1
    path.write_bytes(scalar + huge + scalar)

    found, reader = read(path)

    assert len(found["x"]) == 1
    assert reader.problem == f"events has a wrong checksum at byte {len(scalar)}"


def test_records_across_chunks_are_read_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(tfevents, "CHUNK_BYTES", 50)
    path = tmp_path / "events"
    long_tag = "a tag longer than a chunk " * 4
    with EventWriter(str(path)) as writer:
        for step in range(500):
            writer.add(step, [("x" if step % 3 else long_tag, step)])

    found, reader = read(path)

    assert sorted(found["x"] + found[long_tag]) == [(n, n, 0.0) for n in range(500)]
    assert reader.offset == path.stat().st_size


def test_a_missing_file_is_an_oserror(tmp_path):
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "gone")


def test_a_writer_never_replaces_a_file(tmp_path):
    (tmp_path / "events").write_bytes(b"mine")

    with pytest.raises(FileExistsError):
        EventWriter(str(tmp_path / "events"))


def test_a_group_field_is_no_event():
    with pytest.raises(MessageError):
        decode_event(b"\x0b\x0c")


def test_a_tag_that_is_no_text_is_shown_as_such(tmp_path):
    value = field(1, 2, b"\xff\xfe") + field(2, 5, struct.pack("<f", 1))

    found, _reader = read(write(tmp_path / "events", event(value)))

    assert list(found) == ["\ufffd\ufffd"]
