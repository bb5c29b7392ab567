"""Nothing is ever written to a home by looking at it, and a home that forbids writing is enough."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.sample import make_sample_store
from tests.support.desktop import BIN, Desktop, wait_until
from tests.support.ordinary_user import as_ordinary_user_command
from tests.support.patience import PATIENCE

RUNS = 40


@pytest.fixture(scope="module")
def pristine(tmp_path_factory) -> Path:
    home = tmp_path_factory.mktemp("pristine") / "home"
    make_sample_store(home, runs=RUNS, story=True)
    return home


def traces(home: Path) -> dict[str, tuple[int, int, int, bytes]]:
    """Everything about every path of a home that writing could change."""
    found = {}
    for path in [home, *sorted(home.rglob("*"))]:
        status = path.lstat()
        content = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
        found[str(path)] = (status.st_mtime_ns, status.st_ctime_ns, status.st_ino, content)
    return found


def rundesk(home: Path, away: Path, *arguments: str) -> str:
    """What `rundesk ARGUMENTS` prints with an ordinary user's rights; its own files go away."""
    directories = {f"XDG_{kind}_HOME": str(away / kind) for kind in ("CACHE", "CONFIG", "STATE")}
    done = subprocess.run(
        as_ordinary_user_command(sys.executable, "-m", "cli", "-H", str(home), *arguments),
        env=os.environ | directories | {"HOME": str(away)}, capture_output=True, text=True,
        check=False, timeout=PATIENCE, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def a_trained_run(home: Path) -> str:
    """Id of a run that has everything to look at."""
    return next(path.parent.name for path in sorted(home.glob("runs/*/metrics.json")))


def test_no_command_that_looks_leaves_a_trace(pristine, tmp_path):
    run = a_trained_run(pristine)
    before = traces(pristine)

    for arguments in (
        ["check"],
        ["list", "--json"],
        ["list", "-F", "lr >= 0.001 and last loss < 2", "--text", "baseline"],
        ["list", "--deleted"],
        ["info", run],
        ["info", run, "--json", "--env", "--files"],
        ["ls", run],
        ["cat", run, "metrics.json"],
        ["output", run],
    ):
        assert rundesk(pristine, tmp_path, *arguments), arguments

    assert traces(pristine) == before


def test_no_window_leaves_a_trace(desktop: Desktop, pristine):
    before = traces(pristine)

    program = desktop.start(BIN / "rundesk-gui", pristine)
    window = desktop.wait_for_window("home — Rundesk")
    desktop.activate(window)
    # Through the table, into the filter, through every tab of the details.
    desktop.key("ctrl+f")
    desktop.type("loss < 1")
    desktop.key("Return", "Tab", "Down", "Down", "End", "Home")
    for _ in range(10):
        desktop.key("alt+Right")
    desktop.key("F5", "ctrl+q")
    wait_until(lambda: program.poll() is not None, "the window closes")

    assert program.returncode == 0, desktop.logs()
    assert traces(pristine) == before


def test_a_home_that_may_only_be_read_is_shown_in_full(open_dir, tmp_path):
    home = open_dir / "home"
    make_sample_store(home, runs=RUNS, story=True)
    for path in [home, *home.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o555 if path.is_dir() else 0o444)
    touch = as_ordinary_user_command("touch", str(home / "runs" / "new"))
    assert subprocess.run(touch, stderr=subprocess.DEVNULL, check=False).returncode != 0

    listed = json.loads(rundesk(home, tmp_path, "list", "--json"))
    info = rundesk(home, tmp_path, "info", a_trained_run(home))

    assert len(listed) == RUNS
    assert not any(run["problem"] for run in listed)
    assert "metrics" in info or "loss" in info
