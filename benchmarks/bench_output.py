"""The output of one run at two sizes: memory, first screen, counting, searching, following.

`wc -l` and `grep -c` do the same work without showing anything; theirs is the pace of the disk's
cache, and a view that keeps near it is never waited for.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.output_probe import COMMON, FOLLOW_RATE, RARE
from benchmarks.report import Figure
from benchmarks.screen import screen
from benchmarks.setting import ROOT, Setting

SIZES = (100_000_000, 1_000_000_000)
MB = 1_000_000
FRAME_MS, LONGEST_MS = 16.0, 50.0
MOST_MEMORY = 50.0


def figures(setting: Setting) -> Iterator[Figure]:
    """Each size as it is, then a file that grows."""
    with screen() as environ:
        for size in SIZES:
            run_dir = _make_run(setting, size)
            yield from _shown(setting, run_dir, size, environ)
            shutil.rmtree(run_dir)
        run_dir = _make_run(setting, 0)
        yield from _followed(_probe("follow", run_dir, environ))
        shutil.rmtree(run_dir)


def _shown(setting: Setting, run_dir: Path, size: int, environ: dict[str, str]) -> Iterator[Figure]:
    output = str(run_dir / ".guild" / "output")
    found = _probe("show", run_dir, environ)
    name = f"{size // MB:,} MB"
    yield Figure("output: first screen", name, found["first"], at_most=0.05)
    yield Figure("output: end of the file on screen", name, found["end"], at_most=0.05)
    wc = setting.command_seconds(["wc", "-l", output], {})
    yield Figure("output: all lines counted", name, found["counted"], peer=wc, peer_name="wc -l")
    for key, word in (("rare", RARE), ("common", COMMON)):
        # Through a pipe: with nowhere to write to, grep stops at the first match.
        grep = setting.command_seconds(["sh", "-c", f"grep -c {word} '{output}' | cat"], {})
        what = f"output: matches of a {key} word counted"
        yield Figure(what, name, found[key], peer=grep, peer_name="grep -c")
    yield Figure("output: memory over the empty tab", name, found["memory"], "MB",
                 at_most=MOST_MEMORY)  # fmt: skip
    yield Figure("output: longest gap meanwhile", name, found["gap_max"], "ms", at_most=LONGEST_MS)
    yield Figure("output: gaps, 99th percentile", name, found["gap_p99"], "ms", at_most=FRAME_MS)


def _followed(found: dict[str, float]) -> Iterator[Figure]:
    name = f"{FOLLOW_RATE // MB} MB/s"
    yield Figure("output: followed, shown behind written", name, found["behind"], at_most=0.5)
    yield Figure("output: followed, longest gap", name, found["gap_max"], "ms", at_most=LONGEST_MS)
    yield Figure("output: followed, gaps, 99th percentile", name, found["gap_p99"], "ms",
                 at_most=FRAME_MS)  # fmt: skip
    yield Figure("output: followed, memory", name, found["memory"], "MB", at_most=MOST_MEMORY)


def _make_run(setting: Setting, size: int) -> Path:
    """A run with so many bytes of output, about 30 million lines for a gigabyte."""
    run_dir = setting.scratch("output") / ("0" * 32)
    (run_dir / ".guild").mkdir(parents=True)
    block = b"".join(b"step: %d loss: 0.%04d acc: 0.97\n" % (i, i % 10_000) for i in range(50_000))
    with (run_dir / ".guild" / "output").open("wb") as file:
        while file.tell() < size:
            file.write(block)
        file.write(b"a needle\n")
    return run_dir


def _probe(what: str, run_dir: Path, environ: dict[str, str]) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.output_probe", what, str(run_dir)],
        env=os.environ | environ, cwd=ROOT, stdout=subprocess.PIPE, check=True, text=True,
    )  # fmt: skip
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found
