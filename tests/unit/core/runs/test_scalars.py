from __future__ import annotations

import math
import os
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.compare.series import SeriesCache
from core.errors import Cancelled
from core.runs import scalars, tfevents
from core.runs.run import ScalarSummary
from core.runs.scalars import fold, read_series, read_summaries
from core.runs.tfevents import EventWriter, Points

FIRST = "events.out.tfevents.0000000001.box.10.0"
SECOND = "events.out.tfevents.0000000002.box.11.0"


def write(directory, points, name=FIRST):
    """An event file with (tag, step, value) points; returns its path."""
    directory.mkdir(parents=True, exist_ok=True)
    with EventWriter(str(directory / name)) as writer:
        for tag, step, value in points:
            writer.add(step, [(tag, value)], wall_time=1000.0 + step)
    return directory / name


@pytest.fixture
def run(tmp_path):
    """A run directory with nothing in it."""
    path = tmp_path / "runs" / "a1"
    (path / ".guild" / "attrs").mkdir(parents=True)
    (path / ".guild" / "opref").write_text("x")
    return path


def grow(path, extra):
    """Let `path` hold what the file `extra` holds after its own records."""
    with path.open("ab") as file:
        file.write(extra.read_bytes())


def test_a_run_without_event_files_has_no_scalars(run):
    reading = read_summaries(run)

    assert (reading.summaries, reading.problem) == ({}, "")


def test_a_summary_has_first_last_min_max_total_and_count(run):
    write(run / ".guild", [("loss", 2, 0.5), ("loss", 1, 0.75), ("loss", 3, 0.25), ("n", 1, 7)])

    found = read_summaries(run).summaries

    assert found["loss"] == ScalarSummary(0.25, 3, 0.75, 1, 0.25, 3, 0.75, 1, 1.5, 3)
    assert found["loss"].average == 0.5
    assert found["n"].count == 1


def test_of_equal_steps_the_latest_is_last_and_the_earliest_is_first(run):
    write(run / ".guild", [("x", 0, 3), ("x", 0, 1), ("x", 0, 2), ("x", 0, 1), ("x", 0, 3)])

    x = read_summaries(run).summaries["x"]

    assert (x.first, x.last, x.min, x.max, x.count) == (3, 3, 1, 3, 5)


def test_min_and_max_have_the_step_of_the_earliest_of_equal_values(run):
    write(run / ".guild", [("x", 5, 1), ("x", 6, 2), ("x", 7, 1), ("x", 8, 2)])

    x = read_summaries(run).summaries["x"]

    assert (x.min_step, x.max_step) == (5, 6)


def test_the_key_has_the_directory_unless_it_is_the_run_or_guilds(run):
    write(run, [("own", 1, 1)])
    write(run / ".guild", [("captured", 1, 1)])
    write(run / "logs" / "train", [("loss", 1, 1)])
    write(run / ".hidden", [("loss", 1, 2)])

    found = read_summaries(run).summaries

    assert set(found) == {"own", "captured", "logs/train#loss", ".hidden#loss"}


def test_of_a_scalar_in_the_run_and_below_guild_the_runs_own_is_meant_and_both_are_there(run):
    write(run, [("loss", 1, 1)])
    write(run / ".guild", [("loss", 1, 2), ("acc", 1, 3)])
    keys = {"loss": 1, ".guild#loss": 2, "acc": 3}

    found = read_summaries(run).summaries

    assert {key: summary.last for key, summary in found.items()} == keys
    assert {key: list(read_series(run, key).values) for key in keys} == {
        key: [value] for key, value in keys.items()
    }
    series = SeriesCache().read(run, list(keys))
    assert {key: list(each.values) for key, each in series.items()} == {
        key: [value] for key, value in keys.items()
    }


def test_all_event_files_of_a_directory_count_in_name_order(run):
    write(run / ".guild", [("x", 1, 20)], SECOND)
    write(run / ".guild", [("x", 1, 10)], FIRST)

    x = read_summaries(run).summaries["x"]

    assert (x.first, x.last, x.count) == (10, 20, 2)


def test_names_that_are_no_event_files_are_left_alone(run):
    write(run / "a", [("x", 1, 1)], "tfevents")
    write(run / "b", [("x", 1, 1)], "events.tfevents.1.profile-empty")
    (run / "c" / "dir.tfevents.1").mkdir(parents=True)

    reading = read_summaries(run)

    assert (reading.summaries, reading.problem) == ({}, "")


def test_a_linked_run_is_followed_one_level_and_only_when_wanted(run):
    other, further = run.parent / "b2", run.parent / "c3"
    write(other / ".guild", [("loss", 1, 1)])
    (other / ".guild" / "opref").write_text("x")
    write(further / ".guild", [("loss", 1, 1)])
    (further / ".guild" / "opref").write_text("x")
    (run / "trial").symlink_to("../b2")
    (other / "deeper").symlink_to("../c3")

    assert set(read_summaries(run).summaries) == {"trial/.guild#loss"}
    assert read_summaries(run, linked=False).summaries == {}
    assert list(read_series(run, "trial/.guild#loss").values) == [1]


def test_event_files_behind_links_are_read_where_they_lie_in_the_store(run, tmp_path):
    own = write(run / "logs", [("own", 1, 1)])
    beside = write(run.parent / "b2" / "logs", [("beside", 1, 1)])
    (run.parent / "b2" / ".guild").mkdir()
    (run.parent / "b2" / ".guild" / "opref").write_text("x")
    secret = write(tmp_path / "outside", [("secret", 1, 1)])
    for name, target in (("a", own), ("b", beside), ("c", secret)):
        (run / name).mkdir()
        (run / name / "events.out.tfevents.1.link").symlink_to(target)

    reading = read_summaries(run)

    assert set(reading.summaries) == {"logs#own", "a#own", "b#beside"}
    assert reading.problem == "events.out.tfevents.1.link is a link that leads out of the run"
    assert list(read_series(run, "c#secret").values) == []


def test_a_linked_run_of_another_store_is_not_followed(run, tmp_path):
    write(tmp_path / "other" / "d4" / ".guild", [("secret", 1, 1)])
    (tmp_path / "other" / "d4" / ".guild" / "opref").write_text("x")
    (run / "step").symlink_to(tmp_path / "other" / "d4")

    assert read_summaries(run).summaries == {}


def test_links_to_other_directories_loops_and_broken_links_are_not_followed(run, tmp_path):
    write(tmp_path / "outside", [("x", 1, 1)])
    (run / "out").symlink_to(tmp_path / "outside")
    (run / "self").symlink_to(".")
    (run / "gone").symlink_to("nowhere")
    (run / "gone.tfevents.1").symlink_to("nowhere")

    found = read_summaries(run).summaries

    assert "out#x" not in found
    assert found == {}


def test_a_damaged_file_is_a_problem_and_keeps_what_came_before(run):
    path = write(run / ".guild", [("x", 1, 1)])
    path.write_bytes(path.read_bytes() + b"\xff" * 40)
    write(run / ".guild", [("x", 2, 2)], SECOND)

    reading = read_summaries(run)

    assert reading.summaries["x"].count == 2
    assert reading.problem.startswith(f"{FIRST} has a wrong checksum at byte")


def test_a_directory_that_may_not_be_read_is_a_problem(run, monkeypatch):
    write(run / ".guild", [("x", 1, 1)])
    (run / "secret").mkdir()
    scandir = os.scandir

    def refuse(path):
        if str(path).endswith("secret"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    reading = read_summaries(run)

    assert set(reading.summaries) == {"x"}
    assert reading.problem == "Cannot read secret: permission denied"


def test_only_so_many_files_are_searched(run, monkeypatch):
    monkeypatch.setattr(scalars, "MOST_ENTRIES", 20)
    write(run / ".guild", [("x", 1, 1)])
    for n in range(30):
        (run / "data" / str(n)).mkdir(parents=True)
    write(run / "data" / "5" / "deep", [("x", 1, 1)])

    reading = read_summaries(run)

    assert "x" in reading.summaries
    assert reading.problem == "Only 20 files were searched for scalars"


def test_a_directory_name_that_is_no_text_is_shown_as_such(run):
    write(run / os.fsdecode(b"caf\xe9"), [("x", 1, 1)])

    assert set(read_summaries(run).summaries) == {"caf\ufffd#x"}
    assert list(read_series(run, "caf\ufffd#x").values) == [1]


# Reading on.


def test_a_grown_file_is_read_from_where_reading_ended(run, tmp_path, monkeypatch):
    path = write(run / ".guild", [("x", 1, 1)])
    first = read_summaries(run)
    grow(path, write(tmp_path, [("x", 2, 4)]))
    offsets = []
    reader = tfevents.EventReader
    monkeypatch.setattr(
        tfevents, "EventReader", lambda p, offset: offsets.append(offset) or reader(p, offset)
    )

    second = read_summaries(run, first.state)

    assert second.summaries == read_summaries(run).summaries
    assert second.summaries["x"].count == 2
    assert offsets[0] > 0


def test_an_unchanged_run_is_not_read_again(run, monkeypatch):
    write(run / ".guild", [("x", 1, 1)])
    first = read_summaries(run)
    monkeypatch.setattr(tfevents, "EventReader", None)

    assert read_summaries(run, first.state).summaries == first.summaries


def test_a_new_file_is_read_after_the_known_ones(run):
    write(run / ".guild", [("x", 1, 1)])
    first = read_summaries(run)
    write(run / ".guild", [("x", 1, 5)], SECOND)

    x = read_summaries(run, first.state).summaries["x"]

    assert (x.first, x.last, x.count) == (1, 5, 2)


def test_a_replaced_shortened_or_removed_file_is_read_from_the_start(run):
    path = write(run / ".guild", [("x", 1, 1), ("x", 2, 2), ("x", 3, 3)])
    state = read_summaries(run).state
    keeps_the_inode = path.with_name("kept")
    path.rename(keeps_the_inode)
    write(run / ".guild", [("x", 9, 9), ("x", 10, 9), ("x", 11, 9), ("x", 12, 9)])
    assert read_summaries(run, state).summaries["x"].count == 4

    state = read_summaries(run).state
    path.unlink()
    write(run / ".guild", [("x", 7, 7)])
    assert read_summaries(run, state).summaries["x"].count == 1

    state = read_summaries(run).state
    path.unlink()
    assert read_summaries(run, state).summaries == {}


def test_a_file_that_no_longer_continues_the_known_one_is_read_from_the_start(run):
    path = write(run / ".guild", [("x", n, n) for n in range(5)])
    state = read_summaries(run).state
    other = write(run / "other", [("longer tag", n, n) for n in range(50)])
    path.write_bytes(other.read_bytes())  # the same inode, other bytes

    reading = read_summaries(run, state)

    assert reading.problem == ""
    assert set(reading.summaries) == {"longer tag", "other#longer tag"}


def test_when_an_older_file_grows_its_directory_is_read_again(run, tmp_path):
    path = write(run / ".guild", [("x", 1, 1)])
    write(run / ".guild", [("x", 1, 2)], SECOND)
    state = read_summaries(run).state
    grow(path, write(tmp_path, [("x", 1, 3)]))

    x = read_summaries(run, state).summaries["x"]

    assert (x.last, x.count) == (2, 3)


def test_a_problem_is_remembered_while_nothing_changes(run):
    path = write(run / ".guild", [("x", 1, 1)])
    path.write_bytes(path.read_bytes() + b"\xff" * 40)
    first = read_summaries(run)

    assert first.problem
    assert read_summaries(run, first.state).problem == first.problem


FLOATS = st.floats(width=32)


@given(st.lists(st.tuples(st.integers(-3, 3), FLOATS), min_size=1, max_size=12), st.data())
def test_folding_in_parts_equals_folding_one_by_one(points, data):
    cuts = sorted(data.draw(st.lists(st.integers(0, len(points)), max_size=3)))
    summary = None
    for start, end in zip([0, *cuts], [*cuts, len(points)], strict=True):
        if start < end:
            part = points[start:end]
            summary = fold(summary, Points([s for s, _ in part], [v for _, v in part]))

    assert repr(summary) == repr(_one_by_one(points))


def _one_by_one(points) -> ScalarSummary:
    """Guild's own rules, point after point."""
    step, value = points[0]
    first = last = least = most = (value, step)
    total = 0.0
    for step, value in points:
        first = (value, step) if step < first[1] else first
        last = (value, step) if step >= last[1] else last
        least = (value, step) if value < least[0] else least
        most = (value, step) if value > most[0] else most
        total += value
    return ScalarSummary(*last, *first, *least, *most, total, len(points))


# Curves.


def test_a_series_has_every_point_and_its_wall_time(run):
    write(run / ".guild", [("loss", n, n / 4) for n in range(5)] + [("other", 1, 1)])

    series = read_series(run, "loss")

    assert list(series.steps) == [0, 1, 2, 3, 4]
    assert list(series.values) == [0, 0.25, 0.5, 0.75, 1]
    assert list(series.wall_times) == [1000, 1001, 1002, 1003, 1004]
    assert (series.starts, series.stride, series.problem) == ((0,), 1, "")


def test_a_restart_begins_a_segment_and_so_does_a_lower_step(run):
    write(run / ".guild", [("x", 0, 1), ("x", 1, 1)])
    write(run / ".guild", [("x", 2, 1), ("x", 0, 1), ("x", 1, 1)], SECOND)

    assert read_series(run, "x").starts == (0, 2, 3)


def test_a_key_that_is_nowhere_has_no_points(run):
    write(run / ".guild", [("x", 0, 1)])

    assert len(read_series(run, "y").steps) == 0
    assert len(read_series(run, "dir#x").steps) == 0


def test_a_tag_with_a_hash_is_found(run):
    write(run / ".guild", [("a#b", 0, 1)])

    assert list(read_summaries(run).summaries) == ["a#b"]
    assert list(read_series(run, "a#b").values) == [1]


def test_a_long_series_is_thinned_out_evenly_and_says_so(run, monkeypatch):
    monkeypatch.setattr("core.runs.tfevents.CHUNK_BYTES", 700)
    write(run / ".guild", [("x", n, n) for n in range(1000)])
    write(run / ".guild", [("x", n, n) for n in range(1000, 1500)], SECOND)

    series = read_series(run, "x", most=100)

    assert series.stride == 16
    assert list(series.steps) == list(range(0, 1500, 16))
    assert list(series.values) == list(range(0, 1500, 16))
    assert series.starts == (0, 63)


def test_reading_a_series_can_be_stopped(run):
    write(run / ".guild", [("x", 0, 1)])

    def stop():
        raise Cancelled

    with pytest.raises(Cancelled):
        read_series(run, "x", check=stop)


def test_what_a_damaged_file_holds_is_in_the_series_with_the_problem(run):
    path = write(run / ".guild", [("x", 0, 1)])
    path.write_bytes(path.read_bytes() + bytes(40))

    series = read_series(run, "x")

    assert list(series.values) == [1]
    assert "wrong checksum" in series.problem


def test_nan_is_summed_up_as_guild_does(run):
    write(run / ".guild", [("x", 0, 1), ("x", 1, math.nan), ("x", 2, 0.5)])

    x = read_summaries(run).summaries["x"]

    assert (x.min, x.max, x.last) == (0.5, 1, 0.5)
    assert math.isnan(x.total)


def test_a_run_that_is_written_to_reads_the_same_at_any_moment(run, tmp_path):
    random.seed(7)
    points = [(random.choice("abc"), random.randint(0, 9), random.random()) for _ in range(60)]
    whole = write(tmp_path, points).read_bytes()
    path = run / ".guild" / FIRST
    state = None
    for end in (0, 5, 40, 41, 300, 700, 701, 1500, len(whole)):
        path.write_bytes(b"") if end == 0 else grow_to(path, whole, end)
        state = read_summaries(run, state).state

    assert read_summaries(run, state).summaries == read_summaries(run).summaries


def grow_to(path, whole, end):
    with path.open("ab") as file:
        file.write(whole[path.stat().st_size : end])
