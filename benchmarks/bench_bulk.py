"""All runs labelled, deleted and brought back in the open window: how long, and the gaps."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.report import Figure
from benchmarks.screen import screen
from benchmarks.setting import ROOT, Setting, runs_of

LARGEST = 10_000
SEEN_MS = 100.0
GAP_MAX_MS = 50.0
GAP_P99_MS = 16.0
LABEL_SECONDS_PER_RUN = 0.0005
MOVE_SECONDS = 3.0


def figures(setting: Setting) -> Iterator[Figure]:
    """Each size, in a copy: what a cancelled benchmark leaves undone is thrown away with it."""
    with screen() as environ:
        for size in setting.sizes:
            if size > LARGEST:
                continue
            home = setting.scratch("bulk") / "home"
            shutil.copytree(setting.home(size), home, symlinks=True)
            yield from _figures(size, _probe(home, setting.scratch("bulk-config"), environ))
            shutil.rmtree(home)


def _figures(size: int, found: dict[str, float]) -> Iterator[Figure]:
    runs = runs_of(size)
    yield Figure("a mark is seen", runs, found["mark_seen"], "ms", at_most=SEEN_MS)
    limits = {
        "label": LABEL_SECONDS_PER_RUN * size,
        "delete": MOVE_SECONDS,
        "restore": MOVE_SECONDS,
    }
    for name in ("label", "unlabel", "delete", "restore"):
        yield Figure(f"{name} all, done", runs, found[name], at_most=limits.get(name))
        yield Figure(f"{name} all, shown", runs, found[f"{name}_shown"])
        p99, longest = found[f"{name}_gap_p99"], found[f"{name}_gap_max"]
        yield Figure(f"{name} all, gaps p99", runs, p99, "ms", at_most=GAP_P99_MS)
        yield Figure(f"{name} all, longest gap", runs, longest, "ms", at_most=GAP_MAX_MS)
        yield Figure(f"{name} all, longest own work", runs, found[f"{name}_work_max"], "ms")


def _probe(home: Path, config: Path, environ: dict[str, str]) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.bulk_probe", str(home), str(config)],
        env=os.environ | environ, cwd=ROOT, stdout=subprocess.PIPE, check=True, text=True,
    )  # fmt: skip
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found
