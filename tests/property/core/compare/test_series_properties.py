"""The cache says what the plain reader says, however a run's files come to be."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from core.compare.series import SeriesCache
from core.runs.scalars import read_series
from core.runs.tfevents import EventWriter, encode_scalars, frame

TAGS = ("loss", "a/b c")
points = st.tuples(
    st.sampled_from(TAGS), st.integers(-5, 2**40), st.floats(width=32), st.sampled_from((0.0, 1e9))
)


def events(batch) -> bytes:
    return b"".join(frame(encode_scalars(time, step, [(tag, v)])) for tag, step, v, time in batch)


def same(ours, plain) -> bool:
    return (
        list(ours.steps) == list(plain.steps)
        and list(map(repr, ours.values)) == list(map(repr, plain.values))
        and list(ours.wall_times) == list(plain.wall_times)
        and ours.starts == plain.starts
    )


@given(st.lists(st.tuples(st.integers(0, 2), st.lists(points, max_size=8)), max_size=6))
def test_reading_on_gives_what_reading_everything_gives(writings):
    with tempfile.TemporaryDirectory() as place:
        run_dir, cache = Path(place), SeriesCache()
        for number, batch in writings:
            path = run_dir / f"events.out.tfevents.{number}"
            if not path.exists():
                EventWriter(str(path)).close()
            with path.open("ab") as file:
                file.write(events(batch))

            found = cache.read(run_dir, TAGS)

            for tag in TAGS:
                plain = read_series(run_dir, tag)
                assert (tag in found) == bool(len(plain.values))
                assert tag not in found or same(found[tag], plain)


@given(st.binary(max_size=300), st.integers(0, 400))
def test_any_bytes_are_read_as_far_as_they_make_sense(data, cut):
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "events.out.tfevents.1"
        EventWriter(str(path)).close()
        whole = path.read_bytes() + events([("loss", 1, 2.0, 0.0)] * 5)
        path.write_bytes(whole[:cut] + data)

        found = SeriesCache().read(place, ["loss"])

        plain = read_series(place, "loss")
        assert len(found["loss"].values if found else ()) == len(plain.values)


@given(
    st.lists(st.floats(width=32), min_size=1, max_size=400),
    st.integers(4, 40),
    st.integers(1, 60),
)
def test_thinning_out_keeps_extremes_order_and_points_that_were_written(values, most, batch):
    with tempfile.TemporaryDirectory() as place:
        run_dir, cache = Path(place), SeriesCache(most_points=most)
        path = run_dir / "events.out.tfevents.1"
        EventWriter(str(path)).close()
        written = [("loss", step, value, 0.0) for step, value in enumerate(values)]
        for first in range(0, len(written), batch):
            with path.open("ab") as file:
                file.write(events(written[first : first + batch]))
            series = cache.read(run_dir, ["loss"])["loss"]

    assert len(series.values) <= most
    assert list(series.steps) == sorted(set(series.steps))
    kept = dict(zip(series.steps, series.values, strict=True))
    assert all(repr(values[step]) == repr(value) for step, value in kept.items())
    numbers = [value for value in values if not math.isnan(value)]
    if numbers:
        left = [value for value in series.values if not math.isnan(value)]
        assert (min(left), max(left)) == (min(numbers), max(numbers))
