"""`rundesk label` on many runs, killed in the middle: each label is the old one or the new one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from core.runs.attrs import list_attrs
from tests.support.patience import PATIENCE
from tests.support.runs import make_run

ROOT = Path(__file__).parents[2]
COUNT = 400


def test_a_killed_command_leaves_each_label_whole(desk):
    ids = [f"{number:032x}" for number in range(COUNT)]
    for run_id in ids:
        make_run(desk.home / "runs", run_id, attrs={"label": "old", "started": "1"})
    files = [desk.home / "runs" / run_id / ".guild" / "attrs" / "label" for run_id in ids]
    desk("list")  # the index is there: most of the time goes into writing

    process = subprocess.Popen(
        [sys.executable, "-m", "cli", "-H", str(desk.home), "label", "-y", "-s", "new", ":"],
        **{"cwd": ROOT, "env": dict(os.environ), "stderr": subprocess.PIPE},
    )
    end = time.monotonic() + PATIENCE
    was_there = True
    while all(file.read_bytes() == b"old\n" for file in files[-20:] + files[:20]):
        assert time.monotonic() < end
        assert was_there, "it ended and labelled nothing"
        was_there = process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=PATIENCE)

    found = [file.read_bytes() for file in files]
    assert set(found) <= {b"old\n", b"new\n"}
    assert b"new\n" in found
    assert desk("label", "-y", "-s", "new", ":").err.startswith("Labelled ")
    assert {file.read_bytes() for file in files} == {b"new\n"}
    for run_id in ids:
        names = (desk.home / "runs" / run_id / ".guild" / "attrs").iterdir()
        assert sorted(path.name for path in names) == list_attrs(desk.home / "runs" / run_id)
