"""Two files compared: beside `diff`, which shows nothing, and in what memory.

The peer of the lines is GNU diff, written in C and run for decades; the peer of the whole command
is `guild diff`, which starts it.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.report import Figure
from benchmarks.setting import ROOT, Setting

LINES = 200_000
GIGABYTE = 1_000_000_000
MOST_MEMORY = 400.0  # MB over an interpreter that compared nothing
RUNS = ("a" * 32, "b" * 32)

_PROBE = """
import json, resource, sys, time
from core.compare.diff_file import diff_files
from core.compare.diff_side import RunSide
from pathlib import Path
sides = [RunSide(Path(path)) for path in sys.argv[1:3]]
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
begin = time.perf_counter()
diff = diff_files((sides[0], sys.argv[3]), (sides[1], sys.argv[3]), lambda: None)
seconds = time.perf_counter() - begin
memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1000
print(json.dumps({"seconds": seconds, "memory": memory, "same": diff.is_same}))
"""


def figures(setting: Setting) -> Iterator[Figure]:
    """Lines that changed here and there, other lines throughout, and a gigabyte."""
    scratch = setting.scratch("diff")
    dirs = [scratch / run_id for run_id in RUNS]
    for run_dir in dirs:
        run_dir.mkdir(parents=True)
    for name, left, right in _texts():
        for run_dir, lines in zip(dirs, (left, right), strict=True):
            (run_dir / "a.log").write_text("\n".join(lines) + "\n", encoding="utf-8")
        paths = [str(run_dir / "a.log") for run_dir in dirs]
        gnu = setting.command_seconds(["sh", "-c", f"diff {paths[0]} {paths[1]} | cat"], {})
        found = _probe(dirs, "a.log")
        yield Figure(f"diff: {name}", f"{LINES:,} lines", found["seconds"], peer=gnu,
                     peer_name="diff", ratio=0.1)  # fmt: skip
    yield from _gigabyte(setting, dirs)
    shutil.rmtree(scratch)


def _gigabyte(setting: Setting, dirs: list[Path]) -> Iterator[Figure]:
    """Two files that differ in one line in the middle."""
    block = b"".join(b"step: %d loss: 0.%04d acc: 0.97\n" % (i, i % 10_000) for i in range(50_000))
    for number, run_dir in enumerate(dirs):
        with (run_dir / "big.log").open("wb") as file:
            while file.tell() < GIGABYTE // 2:
                file.write(block)
            file.write(b"run %d was here\n" % number)
            while file.tell() < GIGABYTE:
                file.write(block)
    paths = [str(run_dir / "big.log") for run_dir in dirs]
    cmp_ = setting.command_seconds(["sh", "-c", f"cmp -l {paths[0]} {paths[1]} | cat"], {})
    found = _probe(dirs, "big.log")
    assert not found["same"]
    yield Figure("diff: one line of a gigabyte", "1,000 MB", found["seconds"], peer=cmp_,
                 peer_name="cmp -l", ratio=0.3)  # fmt: skip
    yield Figure("diff: memory for a gigabyte", "1,000 MB", found["memory"], "MB",
                 at_most=MOST_MEMORY)  # fmt: skip


def _texts() -> Iterator[tuple[str, list[str], list[str]]]:
    chance = random.Random(7)
    base = [f"step {n} loss {chance.random():.4f}" for n in range(LINES)]
    edited = list(base)
    for _ in range(LINES // 40):
        edited[chance.randrange(LINES)] = f"another {chance.random()}"
    yield "a line in forty changed", base, edited
    yield "no line in common", base, [f"other {line}" for line in base]
    few = [[str(chance.randrange(20)) for _ in range(LINES)] for _ in range(2)]
    yield "twenty lines in any order", few[0], few[1]


def _probe(dirs: list[Path], name: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-c", _PROBE, *map(str, dirs), name],
        env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, check=True, text=True,
    )  # fmt: skip
    found: dict[str, float] = json.loads(done.stdout)
    return found
