"""Real processes in place of operations, for tests of what watches and stops them."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.patience import comes_true

SLEEP = "import time; open('ready', 'w').close(); time.sleep(100)"
OBEDIENT = (
    """
import os, signal

def end(*_):
    open(".guild/attrs/exit_status", "w").write("-15")
    os.remove(".guild/LOCK")
    os._exit(0)

signal.signal(signal.SIGTERM, end)
"""
    + SLEEP
)
"""Ends when it is asked to, and leaves what Guild writes then."""
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SLEEP

StartOperation = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def start_operation() -> Iterator[StartOperation]:
    """Starts `python -c CODE` in a run's directory, as Guild does, and writes its LOCK."""
    started: list[subprocess.Popen[bytes]] = []

    def start(run_dir: Path, code: str = SLEEP, *, cwd: Path | None = None, lock: bool = True,
              environ: dict[str, str] | None = None) -> subprocess.Popen[bytes]:  # fmt: skip
        process = subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=cwd or run_dir,
            env=os.environ | (environ or {}),
        )
        started.append(process)
        ready = (cwd or run_dir) / "ready"
        wait_until(lambda: ready.exists() or process.poll() is not None)
        assert process.poll() is None, "the operation ended by itself"
        if lock:
            (run_dir / ".guild" / "LOCK").write_text(str(process.pid))
        return process

    yield start
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        process.wait()


def end_well(run_dir: Path, process: subprocess.Popen[bytes]) -> None:
    """Let a run end; whoever looks meanwhile sees one that goes on, or all of its end."""
    (run_dir / ".guild" / "attrs" / "exit_status").write_text("0\n")
    (run_dir / ".guild" / "LOCK").unlink()
    process.kill()
    process.wait()


def wait_until(condition: Callable[[], object]) -> None:
    """Wait until something is so, not for a time."""
    assert comes_true(condition, every=0.01), "it did not come to that"
