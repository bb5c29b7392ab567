"""Runs the probe on a screen of its own, where Xvfb is installed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.setting import ROOT

MOST_SECONDS = 1200
"""A window that never shows what it is waited for is an error, not a wait without end."""


@contextmanager
def screen() -> Iterator[dict[str, str]]:
    """The environment of a program whose window shall be drawn on a screen nobody sees."""
    if shutil.which("Xvfb") is None:
        yield {"QT_QPA_PLATFORM": "offscreen"}
        return
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1600x1000x24", "-nolisten", "tcp"],
        pass_fds=[writing], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(writing)
    with os.fdopen(reading) as numbers:
        number = numbers.readline().strip()
    try:
        yield {"DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb"}
    finally:
        server.terminate()
        server.wait(10)


def probe(what: str, home: Path, config: Path, environ: dict[str, str]) -> dict[str, float]:
    """What `benchmarks.probe` measured in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.probe", what, str(home), str(config)],
        env=os.environ | environ | {"PROBE_BEGIN": str(time.time())},
        cwd=ROOT, stdout=subprocess.PIPE, check=True, text=True, timeout=MOST_SECONDS,
    )  # fmt: skip
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found
