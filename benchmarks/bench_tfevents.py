"""Reading event files of several shapes, beside TensorBoard's loader and the one Guild uses.

The peer's loaders run in their own interpreter with the faster of protobuf's implementations,
and only the reading is timed, not the imports.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.report import Figure
from benchmarks.setting import PEER, Setting, median_ms
from core.runs.scalars import read_summaries
from core.runs.tfevents import EventReader, EventWriter

STEPS = (100, 1_000, 10_000)
TAGS = ("loss", "accuracy", "val/loss", "val/accuracy")
PEERS = (("EventFileLoader", 10.0), ("LegacyEventFileLoader", 4.0))
EVENTS = "events.out.tfevents.1700000000.box.1.0"

_WRITE_TENSORS = """
import sys
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.plugins.scalar import metadata
from tensorboard.summary.writer.record_writer import RecordWriter
from tensorboard.util import tensor_util
import numpy as np

about = metadata.create_summary_metadata("", "")
with open(sys.argv[1], "wb") as file:
    writer = RecordWriter(file)
    for step in range(int(sys.argv[2])):
        for tag in sys.argv[3:]:
            tensor = tensor_util.make_tensor_proto(np.float32(1 / (step + 1)))
            value = summary_pb2.Summary.Value(tag=tag, metadata=about, tensor=tensor)
            summary = summary_pb2.Summary(value=[value])
            event = event_pb2.Event(step=step, wall_time=1.7e9 + step, summary=summary)
            writer.write(event.SerializeToString())
"""
_TIME_LOADER = """
import statistics, sys, time
from tensorboard import compat
compat.notf = True
from tensorboard.backend.event_processing import event_file_loader

loader = getattr(event_file_loader, sys.argv[1])
times = []
for _ in range(4):
    begin = time.perf_counter()
    count = sum(1 for _ in loader(sys.argv[2]).Load())
    times.append(time.perf_counter() - begin)
    if sum(times) > 20:
        break
assert count >= int(sys.argv[3]), count
print(statistics.median(times[1:] or times) * 1000)
"""


def figures(setting: Setting) -> Iterator[Figure]:
    """Each shape at each size beside both loaders, and the summary of a whole run."""
    directory = setting.scratch("tfevents")
    for shape, write in (
        ("as Guild writes", _write_as_guild),
        ("with wall times", _write_as_tensorboardx),
        ("tensors, TensorFlow 2", _write_tensors),
        ("4 values an event", _write_together),
    ):
        for steps in STEPS:
            run_dir = directory / f"{shape.replace(' ', '-')}-{steps}"
            run_dir.mkdir()
            events = write(run_dir / EVENTS, steps)
            yield from _beside_peers(f"events {shape}", run_dir / EVENTS, events)
            if shape == "as Guild writes":
                yield Figure(
                    "scalars of a run, summed up",
                    f"{steps:,} steps × {len(TAGS)}",
                    median_ms(lambda run_dir=run_dir: read_summaries(run_dir)),
                    "ms",
                )


def _beside_peers(what: str, path: Path, events: int) -> Iterator[Figure]:
    ours = median_ms(lambda: _read(path))
    for loader, ratio in PEERS:
        peer = _peer_ms(loader, path, events)
        yield Figure(what, f"{events:,} events", ours, "ms", peer, loader, ratio=ratio)


def _read(path: Path) -> int:
    reader = EventReader(str(path))
    count = sum(len(points.values) for batch in reader.batches() for points in batch.values())
    if reader.problem or not count:
        raise AssertionError(reader.problem or "no values")
    return count


def _peer_ms(loader: str, path: Path, events: int) -> float:
    return float(_peer_python(_TIME_LOADER, loader, str(path), str(events)))


def _peer_python(code: str, *arguments: str) -> str:
    environ = {k: v for k, v in os.environ.items() if not k.startswith("PROTOCOL_BUFFERS")}
    done = subprocess.run(
        [str(PEER / "python"), "-W", "ignore", "-c", code, *arguments],
        env=environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        sys.stderr.write(done.stderr)
        raise SystemExit("The peer's loader failed.")
    return done.stdout


def _write_as_guild(path: Path, steps: int) -> int:
    return _write(path, steps, wall_time=0.0)


def _write_as_tensorboardx(path: Path, steps: int) -> int:
    return _write(path, steps, wall_time=1.7e9)


def _write(path: Path, steps: int, wall_time: float) -> int:
    with EventWriter(str(path)) as writer:
        for step in range(steps):
            for tag in TAGS:
                writer.add(step, [(tag, 1 / (step + 1))], wall_time=wall_time)
    return steps * len(TAGS)


def _write_together(path: Path, steps: int) -> int:
    with EventWriter(str(path)) as writer:
        for step in range(steps):
            writer.add(step, [(tag, 1 / (step + 1)) for tag in TAGS], wall_time=1.7e9)
    return steps


def _write_tensors(path: Path, steps: int) -> int:
    _peer_python(_WRITE_TENSORS, str(path), str(steps), *TAGS)
    return steps * len(TAGS)
