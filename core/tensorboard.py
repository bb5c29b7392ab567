"""TensorBoard for some runs, where it is installed: found, started as a process of its own, ended.

What it reads is a temporary directory of links, one a run, named as people know the run. Nothing
is installed, nothing is written to a run, and nobody else can reach it: it listens on this machine
only, on a port that is free. It ends with the program that started it.
"""

from __future__ import annotations

import atexit
import os
import re
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from core.errors import Error

PROGRAM = "tensorboard"
PATIENCE = 60.0
"""Seconds that it may take to start: it imports much."""

_ADDRESS = re.compile(rb"(http://[\w.\-]+:\d+/?)")
_UNSAFE = re.compile(r"[^\w.\-=+@ ]+")
_MOST_NAME = 80
_END_SECONDS = 5.0
_POLL_SECONDS = 0.05
_LAST_WORDS = 2_000


class TensorBoard:
    """A TensorBoard that runs.

    Attributes:
        address: Where a browser finds it.
    """

    def __init__(self, process: subprocess.Popen[bytes], log_dir: Path, address: str) -> None:
        self.address = address
        self._process = process
        self._log_dir = log_dir
        self._lock = threading.Lock()
        atexit.register(self.close)

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def close(self) -> None:
        """End it and remove its directory of links; the runs stay as they are."""
        with self._lock:
            _end(self._process)
            shutil.rmtree(self._log_dir, ignore_errors=True)
        atexit.unregister(self.close)


def find_tensorboard(environ: Mapping[str, str], interpreters: Sequence[Path] = ()) -> Path | None:
    """The program, beside one of the user's interpreters or on the PATH; None without one.

    Args:
        environ: The environment; names an active virtual environment.
        interpreters: Python interpreters that the user works with, best first.
    """
    places = [interpreter.parent for interpreter in interpreters]
    places += [
        Path(environ[name], "Scripts" if os.name == "nt" else "bin")
        for name in ("VIRTUAL_ENV", "CONDA_PREFIX")
        if environ.get(name)
    ]
    path = os.pathsep.join([*map(str, places), environ.get("PATH", "")])
    found = shutil.which(PROGRAM, path=path)
    return Path(found) if found else None


def start_tensorboard(
    program: Path,
    runs: Sequence[tuple[str, Path]],
    environ: Mapping[str, str],
    *,
    check: Callable[[], None] = lambda: None,
) -> TensorBoard:
    """Start TensorBoard on some runs and wait until it answers.

    Args:
        program: What `find_tensorboard` found.
        runs: Name and directory of each.
        environ: The environment it runs in.
        check: Called while it starts; raises to stop.

    Raises:
        Error: It did not start.
    """
    log_dir = Path(tempfile.mkdtemp(prefix="rundesk-tensorboard-"))
    process = None
    try:
        link_runs(log_dir, runs)
        output = log_dir / ".output"
        process = _started(program, log_dir, output, environ)
        address = _wait_for_address(process, output, check)
    except BaseException:
        if process is not None:
            _end(process)
        shutil.rmtree(log_dir, ignore_errors=True)
        raise
    return TensorBoard(process, log_dir, address)


def link_runs(log_dir: Path, runs: Sequence[tuple[str, Path]]) -> None:
    """Make a link for each run, by names that are safe and different.

    Raises:
        Error: A link cannot be made.
    """
    for name, path in runs:
        safe = _UNSAFE.sub("_", name).strip(" .")[:_MOST_NAME] or "run"
        link, number = log_dir / safe, 2
        while link.is_symlink():
            link, number = log_dir / f"{safe} {number}", number + 1
        try:
            link.symlink_to(path, target_is_directory=True)
        except OSError as e:
            raise Error(
                f"Cannot link {path.name[:8]} for TensorBoard: {e.strerror}.",
                hint="Temporary files need a directory that allows links.",
            ) from e


def _started(
    program: Path, log_dir: Path, output: Path, environ: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    argv = [str(program), "--logdir", str(log_dir), "--host", "localhost", "--port", "0"]
    try:
        with output.open("wb") as file:
            return subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                env=dict(environ),
                start_new_session=True,  # Ctrl+C in a terminal is not for it
            )
    except OSError as e:
        raise Error(
            f"Cannot start {program}: {e.strerror}.", hint="Install TensorBoard anew."
        ) from e


def _wait_for_address(
    process: subprocess.Popen[bytes], output: Path, check: Callable[[], None]
) -> str:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        check()
        said = output.read_bytes()
        found = _ADDRESS.search(said)
        if found:
            return found.group(1).decode()
        if process.poll() is not None:
            lines = said[-_LAST_WORDS:].decode("utf-8", "replace").strip().splitlines()
            last = lines[-1] if lines else f"exit status {process.returncode}"
            raise Error(
                f"TensorBoard ended at once: {last}", hint="Try it in a terminal to see more."
            )
        time.sleep(_POLL_SECONDS)
    raise Error(
        f"TensorBoard has not answered for {PATIENCE:.0f} seconds.",
        hint="Try it in a terminal to see why.",
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process of ours, at last by force."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
