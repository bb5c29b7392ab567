"""Ctrl+C while runs are erased: what was begun is finished by the next purge, the rest is whole."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from core.home import Home
from tests.support.runs import make_run
from tests.support.trees import tree

ROOT = Path(__file__).parents[2]
RUNS = 300
FILES = {f"part{part}/{name}": "" for part in range(4) for name in range(10)}
INTERRUPTED = f"""
import os, signal, sys
from cli.__main__ import main

renames = []

def interrupt(event, _details):
    if event == "os.rename":
        renames.append(event)
        if len(renames) == {RUNS // 3}:  # of the runs that go into the hidden place
            os.kill(os.getpid(), signal.SIGINT)

sys.addaudithook(interrupt)
main()
"""


def test_an_interrupted_purge_leaves_whole_runs(tmp_path):
    home = Home(tmp_path / "home")
    for number in range(RUNS):
        make_run(home.trash_dir, f"{number:032x}", files=FILES)
    whole = tree(home.trash_dir / f"{0:032x}", times=False)
    argv = ["-H", str(home.path), "purge", "-y", ":"]

    process = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, *argv], cwd=ROOT, capture_output=True, text=True,
        check=False,
    )  # fmt: skip

    told = process.stderr
    assert process.returncode == 130
    assert "Interrupted; the other runs are as they were." in told
    left = [path for path in home.trash_dir.iterdir() if not path.name.startswith(".")]
    assert 0 < len(left) < RUNS
    assert f"Permanently deleted {RUNS - len(left)} run" in told
    assert all(tree(path, times=False) == whole for path in left)

    again = [sys.executable, "-m", "cli", *argv[:-1]]
    subprocess.run([*again, left[0].name], cwd=ROOT, check=True, capture_output=True)
    after = sorted(path.name for path in home.trash_dir.iterdir())
    assert after == sorted(path.name for path in left[1:])
