from __future__ import annotations

import os
from math import inf, isnan, nan

import pytest

from core.compare.series import SeriesCache
from core.errors import Cancelled
from core.runs.scalars import read_series
from core.runs.tfevents import EventWriter


def write(path, points, tag="loss", *, timed=False):
    path.parent.mkdir(parents=True, exist_ok=True)
    with EventWriter(str(path)) as writer:
        for step, value in points:
            writer.add(step, [(tag, value)], wall_time=1000.0 + step if timed else 0.0)


def append(path, points, tag="loss"):
    """Add to an event file as a run that is going on does."""
    other = path.with_name("added.tfevents.1")
    write(other, points, tag)
    with EventWriter(str(path.with_name("head.tfevents.1"))) as head:
        head.flush()
    size = path.with_name("head.tfevents.1").stat().st_size
    with path.open("ab") as file:
        file.write(other.read_bytes()[size:])
    other.unlink()
    path.with_name("head.tfevents.1").unlink()


@pytest.fixture
def run_dir(tmp_path):
    return tmp_path / "run"


@pytest.fixture
def events(run_dir):
    return run_dir / ".guild" / "events.out.tfevents.0000000001.h"


def test_a_series_has_every_point(run_dir, events):
    write(events, [(i, i / 2) for i in range(1000)])

    series = SeriesCache().read(run_dir, ["loss"])["loss"]

    assert series.steps == range(1000)
    assert list(series.values) == [i / 2 for i in range(1000)]
    assert series.starts == (0,)
    assert series.thinned == 1
    assert series.is_whole


def test_scalars_that_a_run_does_not_have_are_left_out(run_dir, events):
    write(events, [(0, 1.0)])

    assert set(SeriesCache().read(run_dir, ["loss", "acc"])) == {"loss"}
    assert SeriesCache().read(run_dir / "gone", ["loss"]) == {}


def test_a_file_is_read_once(run_dir, events):
    write(events, [(i, i) for i in range(100)])
    cache = SeriesCache()
    first = cache.read(run_dir, ["loss"])
    read = cache.bytes_read

    again = cache.read(run_dir, ["loss"])

    assert again["loss"] is first["loss"]
    assert cache.bytes_read == read == events.stat().st_size


def test_another_scalar_of_a_known_file_costs_no_reading(run_dir, events):
    write(events, [(0, 1.0)], "loss")
    append(events, [(0, 2.0)], "acc")
    cache = SeriesCache()
    cache.read(run_dir, ["loss"])
    read = cache.bytes_read

    assert list(cache.read(run_dir, ["acc"])["acc"].values) == [2.0]
    assert cache.bytes_read == read


def test_only_what_was_added_is_read(run_dir, events):
    write(events, [(i, i) for i in range(100)])
    cache = SeriesCache()
    cache.read(run_dir, ["loss"])
    before = events.stat().st_size
    append(events, [(i, i) for i in range(100, 110)])

    series = cache.read(run_dir, ["loss"])["loss"]

    assert series.steps == range(110)
    assert cache.bytes_read == events.stat().st_size
    assert cache.bytes_read > before


def test_a_record_that_is_being_written_is_read_when_it_is_whole(run_dir, events):
    write(events, [(i, i) for i in range(100)])
    whole = events.read_bytes()
    events.write_bytes(whole[:-5])
    cache = SeriesCache()
    first = cache.read(run_dir, ["loss"])["loss"]
    events.write_bytes(whole)
    os.utime(events, ns=(1, 1))

    series = cache.read(run_dir, ["loss"])["loss"]

    assert len(first.values) == 99
    assert first.problem == ""
    assert len(series.values) == 100


@pytest.mark.parametrize("number", [50, 100, 300])
def test_a_file_that_was_written_anew_is_read_anew(run_dir, events, number):
    write(events, [(i, i) for i in range(100)])
    cache = SeriesCache()
    cache.read(run_dir, ["loss"])
    other = events.with_name("other")
    write(other, [(i, -i) for i in range(number)], timed=True)
    events.write_bytes(other.read_bytes())  # the same inode
    other.unlink()
    os.utime(events, ns=(1, 1))

    series = cache.read(run_dir, ["loss"])["loss"]

    assert list(series.values) == [-i for i in range(number)]
    assert series.problem == ""


def test_several_event_files_are_attempts_after_each_other(run_dir):
    for number, first in ((1, 0), (2, 5)):
        name = f"events.out.tfevents.000000000{number}.h"
        write(run_dir / ".guild" / name, [(i, number) for i in range(first, first + 10)])

    series = SeriesCache().read(run_dir, ["loss"])["loss"]

    assert list(series.values) == [1] * 10 + [2] * 10
    assert series.starts == (0, 10)


def test_steps_that_go_back_begin_an_attempt_and_repeated_ones_do_not(run_dir, events):
    write(events, [(0, 1), (1, 2), (1, 3), (0, 4), (1, 5)])

    series = SeriesCache().read(run_dir, ["loss"])["loss"]

    assert list(series.steps) == [0, 1, 1, 0, 1]
    assert series.starts == (0, 3)


def test_values_that_are_no_numbers_are_kept(run_dir, events):
    write(events, [(0, nan), (1, inf), (2, -inf), (3, 1)])

    values = SeriesCache().read(run_dir, ["loss"])["loss"].values

    assert isnan(values[0])
    assert list(values)[1:] == [inf, -inf, 1]


def test_one_point_is_a_series(run_dir, events):
    write(events, [(7, 0.5)])

    series = SeriesCache().read(run_dir, ["loss"])["loss"]

    assert (list(series.steps), list(series.values), series.starts) == ([7], [0.5], (0,))


def test_times_are_those_written_and_zeros_where_none_were(run_dir, events):
    write(events, [(1, 1), (2, 2)], timed=True)
    write(run_dir / "events.out.tfevents.2", [(1, 1), (2, 2)], "acc")

    found = SeriesCache().read(run_dir, ["loss", "acc"])

    assert list(found["loss"].wall_times) == [1001, 1002]
    assert list(found["acc"].wall_times) == [0, 0]


def test_the_series_are_those_of_the_plain_reader(run_dir):
    for number in (1, 2):
        for place in ("", ".guild", "logs/train"):
            name = f"events.out.tfevents.000000000{number}.h"
            write(run_dir / place / name, [(i, number * i) for i in range(50)], timed=True)
    keys = ["loss", "logs/train#loss"]

    found = SeriesCache().read(run_dir, keys)

    assert set(found) == set(keys)
    for key in keys:
        plain = read_series(run_dir, key)
        ours = found[key]
        assert list(ours.steps) == list(plain.steps)
        assert ours.values == plain.values
        assert list(ours.wall_times) == list(plain.wall_times)
        assert ours.starts == plain.starts


def test_a_long_curve_is_thinned_out_without_losing_a_spike(run_dir, events):
    points = [(i, 1000.0 if i == 7001 else i % 10) for i in range(20_000)]
    points[3] = (3, -50.0)
    write(events, points)

    series = SeriesCache(most_points=1000).read(run_dir, ["loss"])["loss"]

    assert 250 <= len(series.values) <= 1000
    assert series.thinned > 1
    assert max(series.values) == 1000
    assert min(series.values) == -50
    assert list(series.steps) == sorted(series.steps)
    assert all(
        points[step][1] == value for step, value in zip(series.steps, series.values, strict=True)
    )


def test_memory_is_bounded_and_what_was_least_asked_for_goes_first(tmp_path):
    dirs = [tmp_path / f"run{i}" for i in range(10)]
    for each in dirs:
        write(each / "events.out.tfevents.1", [(i, i) for i in range(1000)])
    cache = SeriesCache(most_bytes=100_000)
    for each in dirs:
        cache.read(each, ["loss"])
    read = cache.bytes_read

    assert cache.bytes <= 100_000
    cache.read(dirs[-1], ["loss"])
    assert cache.bytes_read == read
    cache.read(dirs[0], ["loss"])
    assert cache.bytes_read > read


def test_a_damaged_file_gives_what_comes_before_the_damage_and_says_so(run_dir, events):
    write(events, [(i, i) for i in range(100)])
    data = events.read_bytes()
    events.write_bytes(data[:2000] + b"\xff" + data[2001:])
    cache = SeriesCache()

    series = cache.read(run_dir, ["loss"])["loss"]
    read = cache.bytes_read

    assert 10 < len(series.values) < 100
    assert "wrong checksum" in series.problem
    assert cache.read(run_dir, ["loss"])["loss"] is series
    assert cache.bytes_read == read


def test_a_file_that_may_not_be_read_is_said(open_dir, as_ordinary_user):
    run_dir = open_dir / "run"
    events = run_dir / ".guild" / "events.out.tfevents.0000000001.h"
    write(events, [(0, 1.0)])
    other = run_dir / ".guild" / "events.out.tfevents.0000000002.h"
    write(other, [(1, 1.0)])
    other.chmod(0)

    with as_ordinary_user():
        series = SeriesCache().read(run_dir, ["loss"])["loss"]

    assert len(series.values) == 1
    assert series.problem.startswith("Cannot read events.out.tfevents.0000000002.h")


def test_a_long_reading_tells_what_there_is_so_far_and_can_be_cancelled(run_dir, events):
    write(events, [(i, i) for i in range(60_000)])
    data = events.read_bytes()
    cache = SeriesCache()
    parts = []

    def check():
        if cache.bytes_read > 9_000_000:
            raise Cancelled

    with events.open("ab") as file:
        for _ in range(6):
            file.write(records_after_the_first(data))
    with pytest.raises(Cancelled):
        cache.read(run_dir, ["loss"], check=check, on_part=parts.append)

    assert parts
    assert not parts[0]["loss"].is_whole
    read = cache.bytes_read
    series = cache.read(run_dir, ["loss"])["loss"]
    assert series.is_whole
    assert cache.bytes_read == events.stat().st_size
    assert read < cache.bytes_read


def records_after_the_first(data: bytes) -> bytes:
    """An event file without the record that names its version."""
    return data[16 + int.from_bytes(data[:8], "little") :]
