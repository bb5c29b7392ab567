"""Ctrl+C while runs are erased: what was begun is finished by the next purge, the rest is whole."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

from core.home import Home
from tests.support.runs import make_run
from tests.support.trees import tree

ROOT = Path(__file__).parents[2]
RUNS = 300
FILES = {f"part{part}/{name}": "" for part in range(4) for name in range(10)}
SECONDS = 60.0


def test_an_interrupted_purge_leaves_whole_runs(tmp_path):
    home = Home(tmp_path / "home")
    for number in range(RUNS):
        make_run(home.trash_dir, f"{number:032x}", files=FILES)
    whole = tree(home.trash_dir / f"{0:032x}", times=False)
    argv = [sys.executable, "-m", "cli", "-H", str(home.path), "purge", "-y", ":"]
    process = subprocess.Popen(argv, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    end = time.monotonic() + SECONDS
    while sum(1 for _ in home.trash_dir.iterdir()) == RUNS:
        assert time.monotonic() < end

    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=SECONDS)

    assert process.returncode == 130
    assert "Interrupted; the other runs are as they were." in told
    left = [path for path in home.trash_dir.iterdir() if not path.name.startswith(".")]
    assert 0 < len(left) < RUNS
    assert f"Permanently deleted {RUNS - len(left)} run" in told
    assert all(tree(path, times=False) == whole for path in left)

    subprocess.run([*argv[:-1], left[0].name], cwd=ROOT, check=True, capture_output=True)
    after = sorted(path.name for path in home.trash_dir.iterdir())
    assert after == sorted(path.name for path in left[1:])
