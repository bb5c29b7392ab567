"""Scalars are what TensorBoard's own reader finds, and summaries are what Guild shows."""

from __future__ import annotations

import json
import math
import sqlite3

import pytest

from core.compare.series import SeriesCache
from core.runs.scalars import read_series, read_summaries
from core.runs.tfevents import EventReader, EventWriter

WRITE_TENSORBOARD = """
import sys
from tensorboard.summary.writer.event_file_writer import EventFileWriter
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.util import tensor_util
from tensorboard.plugins.scalar import metadata
import numpy as np

writer = EventFileWriter(sys.argv[1])
meta = metadata.create_summary_metadata("", "")
def put(step, time, *values):
    writer.add_event(event_pb2.Event(
        step=step, wall_time=time, summary=summary_pb2.Summary(value=values)))
V = summary_pb2.Summary.Value
for step in list(range(200)) + [10**6, 2**40, -3]:
    put(step, 1e9 + step, V(tag="old", simple_value=step / 7))
    put(step, 1e9 + step, V(tag="new", metadata=meta,
        tensor=tensor_util.make_tensor_proto(np.float32(step / 3))))
    put(step, 1e9 + step, V(tag="double",
        tensor=tensor_util.make_tensor_proto(np.float64(step / 3))))
    put(step, 0, V(tag="a", simple_value=1.5), V(tag="b/c d", simple_value=step))
    put(step, 1, V(tag="vector", tensor=tensor_util.make_tensor_proto([1.0, 2.0])))
    put(step, 1, V(tag="text", tensor=tensor_util.make_tensor_proto("hello")))
put(1, 1, V(tag="odd", simple_value=float("nan")), V(tag="odd", simple_value=float("inf")))
put(2, 1, V(tag="caf\\u00e9 \\u03bb", simple_value=-0.0))
writer.close()
"""

WRITE_TENSORBOARDX = """
import sys
import numpy as np
from tensorboardX import SummaryWriter

with SummaryWriter(sys.argv[1]) as writer:
    for step in range(300):
        writer.add_scalar("loss", 1 / (step + 1), step, walltime=1e9 + step)
        writer.add_scalar("acc", step, step, display_name="accuracy")
        writer.add_scalars("both", {"train": step, "val": -step}, step)
    writer.add_histogram("weights", np.arange(1000.0), 1)
    writer.add_text("note", "a text", 1)
    writer.add_image("image", np.zeros((3, 64, 64)), 1)
    writer.add_hparams({"lr": 0.1}, {"result": 0.5})
"""

READ_TENSORBOARD = """
import glob, json, sys
from tensorboard import compat
compat.notf = True
from tensorboard.backend.event_processing.event_file_loader import LegacyEventFileLoader
from tensorboard.util import tensor_util

found = {}
for path in sorted(glob.glob(sys.argv[1] + "/**/*tfevents*", recursive=True)):
    for event in LegacyEventFileLoader(path).Load():
        for value in event.summary.value:
            if value.HasField("simple_value"):
                number = value.simple_value
            elif value.HasField("tensor") and value.tensor.dtype in (1, 2):
                array = tensor_util.make_ndarray(value.tensor)
                if array.size != 1:
                    continue
                number = array.item()
            else:
                continue
            point = [event.step, repr(number), event.wall_time]
            tags = found.setdefault(path[len(sys.argv[1]) + 1:], {})
            tags.setdefault(value.tag, []).append(point)
print(json.dumps(found))
"""


def read_all(directory):
    """What our reader finds, in the form of READ_TENSORBOARD."""
    found = {}
    for path in sorted(directory.rglob("*tfevents*")):
        reader = EventReader(str(path), timed=True)
        tags: dict[str, list] = {}
        for batch in reader.batches():
            for tag, p in batch.items():
                points = zip(p.steps, map(repr, p.values), p.wall_times, strict=True)
                tags.setdefault(tag, []).extend(map(list, points))
        assert reader.problem == ""
        assert reader.offset == path.stat().st_size
        if tags:
            found[str(path.relative_to(directory))] = tags
    return found


@pytest.mark.parametrize("code", [WRITE_TENSORBOARD, WRITE_TENSORBOARDX], ids=["tb", "tbx"])
def test_scalars_are_those_that_tensorboard_reads(peer, tmp_path, code):
    peer.python(code, str(tmp_path))

    theirs = json.loads(peer.python(READ_TENSORBOARD, str(tmp_path)).stdout)

    assert sum(len(points) for tags in theirs.values() for points in tags.values()) > 600
    assert read_all(tmp_path) == theirs


def test_a_cut_or_damaged_file_gives_what_tensorboard_reads_of_it(peer, tmp_path):
    peer.python(WRITE_TENSORBOARDX, str(tmp_path / "whole"))
    (whole,) = (tmp_path / "whole").glob("events*")
    data = whole.read_bytes()
    for number, end in enumerate((11, 12, 40, 1000, 5555, len(data) - 1)):
        (tmp_path / f"{number}.tfevents.cut").write_bytes(data[:end])
        (tmp_path / f"{number}.tfevents.bad").write_bytes(data[:end] + b"\x55" + data[end + 1 :])
    for path in whole.parent.rglob("*tfevents*"):
        path.unlink()

    theirs = json.loads(peer.python(READ_TENSORBOARD, str(tmp_path)).stdout)

    assert len(theirs) > 5
    for path in sorted(tmp_path.glob("*tfevents*")):
        reader = EventReader(str(path))
        ours = {}
        for batch in reader.batches():
            for tag, p in batch.items():
                ours.setdefault(tag, []).extend(p.values)
        expected = theirs.get(path.name, {})
        assert {tag: [*map(repr, values)] for tag, values in ours.items() if values} == {
            tag: [point[1] for point in points] for tag, points in expected.items()
        }
        assert bool(reader.problem) == path.name.endswith("bad")


def test_tensorboard_reads_what_the_writer_writes(peer, tmp_path):
    with EventWriter(str(tmp_path / "events.out.tfevents.1"), 5.0) as writer:
        for step in (0, 1, 127, 128, 2**40, -1):
            writer.add(step, [("loss", step / 3), ("tag with blank", 1e300)], wall_time=step)

    theirs = json.loads(peer.python(READ_TENSORBOARD, str(tmp_path)).stdout)

    assert len(theirs["events.out.tfevents.1"]["loss"]) == 6
    assert read_all(tmp_path) == theirs


def guild_index(home):
    """Guild's own summaries: run id to key to its columns.

    Both of a tag that a run has twice are there: by its plain name Guild's `compare` means the
    run's own, and its `runs info` the one in `.guild`.
    """
    columns = "run, prefix, tag, last_val, last_step, first_val, first_step, min_val, min_step, \
        max_val, max_step, total, count"
    found: dict[str, dict[str, tuple]] = {}
    with sqlite3.connect(home / "cache" / "runs" / "index_v1.db") as db:
        for run, prefix, tag, *rest in db.execute(f"SELECT {columns} FROM scalar ORDER BY 1, 2, 3"):
            known = found.setdefault(run, {})
            is_plain = not prefix or (prefix == ".guild" and tag not in known)
            known[tag if is_plain else f"{prefix}#{tag}"] = tuple(rest)
    return found


def in_index(summary):
    """A summary as a row of Guild's index, where SQLite has made nan a null."""
    values = (getattr(summary, name) for name in summary.__struct_fields__)
    return tuple(None if isinstance(v, float) and math.isnan(v) else v for v in values)


def test_summaries_are_those_of_guilds_index(peer, guild_copy):
    csv = str(guild_copy.home / "compare.csv")
    peer.guild(guild_copy.home, "compare", "--include-batch", "--csv", csv)

    theirs = guild_index(guild_copy.home)

    assert len(theirs) > 20
    assert any("#" in key for keys in theirs.values() for key in keys)
    for run_dir in (guild_copy.home / "runs").iterdir():
        reading = read_summaries(run_dir)
        assert reading.problem == ""
        ours = {key: in_index(summary) for key, summary in reading.summaries.items()}
        assert ours == theirs.get(run_dir.name, {})


def test_summaries_of_odd_values_are_those_of_guilds_index(peer, guild_copy):
    run_dir = guild_copy.run_dir("plain")
    logs = run_dir / "logs" / "deep"
    logs.mkdir(parents=True)
    (logs / "link").symlink_to("/usr")
    odd = [("nan first", math.nan), ("nan first", 1), ("nan last", 1), ("nan last", math.nan)]
    odd += [("inf", math.inf), ("inf", -math.inf), ("tie", 2), ("tie", 1), ("tie", 1), ("tie", 2)]
    for directory in (run_dir, run_dir / ".guild", logs):
        for number in (2, 1):
            path = directory / f"events.out.tfevents.900000000{number}.h.1.0"
            with EventWriter(str(path)) as writer:
                for step, (tag, value) in enumerate(odd):
                    writer.add(step % 3, [(tag, value + number)], wall_time=step)
    peer.guild(guild_copy.home, "runs", "info", run_dir.name)

    theirs = guild_index(guild_copy.home)[run_dir.name]

    ours = {key: in_index(s) for key, s in read_summaries(run_dir).summaries.items()}
    assert "logs/deep#tie" in ours
    assert ours == theirs


def test_last_values_are_those_of_guilds_info(peer, guild_store):
    run_dir = guild_store.run_dir("plain")

    theirs = peer.json(guild_store.home, "runs", "info", "--json", run_dir.name)["scalars"]

    ours = read_summaries(run_dir).summaries
    assert len(theirs) > 1
    assert {key: [s.last, s.last_step] for key, s in ours.items()} == theirs


def test_series_are_those_of_guilds_export(peer, guild_store, tmp_path):
    run_dir = guild_store.run_dir("restarted")
    out = tmp_path / "scalars.csv"
    peer.guild(guild_store.home, "tensorboard", "--export-scalars", str(out), run_dir.name)

    theirs: dict[str, list] = {}
    for line in out.read_text().splitlines()[1:]:
        _run, path, tag, value, step = line.split(",")
        key = tag if path in ("", ".guild") else f"{path}#{tag}"
        theirs.setdefault(key, []).append((int(step), float(value)))

    assert len(theirs) > 1
    for key, points in theirs.items():
        series = read_series(run_dir, key)
        assert list(zip(series.steps, series.values, strict=True)) == points
        assert len(series.starts) >= 2


def cached(directory):
    """What the plots' cache reads, in the form of READ_TENSORBOARD but for its files."""
    keys = {key for path in (directory,) for key in read_summaries(path, linked=False).summaries}
    found = SeriesCache().read(directory, sorted(keys))
    return {
        key: [
            [step, repr(value), time]
            for step, value, time in zip(s.steps, s.values, s.wall_times, strict=True)
        ]
        for key, s in found.items()
    }


@pytest.mark.parametrize("code", [WRITE_TENSORBOARD, WRITE_TENSORBOARDX], ids=["tb", "tbx"])
def test_curves_are_those_that_tensorboard_reads(peer, tmp_path, code):
    peer.python(code, str(tmp_path))

    theirs = json.loads(peer.python(READ_TENSORBOARD, str(tmp_path)).stdout)

    expected = {}
    for name, tags in theirs.items():
        directory = name.rpartition("/")[0]
        for tag, points in tags.items():
            expected[f"{directory}#{tag}" if directory else tag] = points
    assert cached(tmp_path) == expected
