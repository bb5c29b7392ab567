"""TensorBoard for some runs, where it is installed: found, started as a process of its own, ended.

What it reads is a directory of links to runs, named as people know the run; runs that are packed
or elsewhere are copies of their event files there. Nothing is installed, nothing is written to a
run, and nobody else can reach it: it listens on this machine only, on a port that is free.

It ends with the program that started it. Where that is killed: before TensorBoard is started, its
directory is left alone; after it, the directory and the process. The next program takes up such
directories (core.scratch), ends whatever was started on one, which is known by the directory's
name on its command line and by nothing that another process could have by now, and removes it.
"""

from __future__ import annotations

import atexit
import os
import re
import shutil
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import Error
from core.scratch import Scratch

if TYPE_CHECKING:
    import subprocess  # a window loads this module, and most never start a program

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

    def __init__(self, process: subprocess.Popen[bytes], directory: Path, address: str) -> None:
        self.address = address
        self._process = process
        self._directory = directory
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
            shutil.rmtree(self._directory, ignore_errors=True)
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
    on_path = environ.get("PATH", "").split(os.pathsep)
    # Without an empty one: that would be the current directory, which may be anybody's.
    path = os.pathsep.join(filter(None, [*map(str, places), *on_path]))
    found = shutil.which(PROGRAM, path=path) if path else None
    return Path(found) if found else None


def boards_scratch(parent: Path) -> Scratch:
    """Gives directories for TensorBoard, and clears up those that killed programs left.

    Args:
        parent: A directory for that alone.
    """
    return Scratch(parent, end_boards_in)


def start_tensorboard(
    program: Path,
    fill: Callable[[Path], None],
    environ: Mapping[str, str],
    scratch: Scratch,
    *,
    check: Callable[[], None] = lambda: None,
) -> TensorBoard:
    """Start TensorBoard and wait until it answers.

    Args:
        program: What `find_tensorboard` found.
        fill: Puts the runs into the directory that it will read (see `link_runs`).
        environ: The environment it runs in.
        scratch: What `boards_scratch` gave.
        check: Called while it starts; raises to stop.

    Raises:
        Error: It did not start.
    """
    directory, process = _make_directory(scratch), None
    try:
        log_dir, output = directory / "runs", directory / "output"
        log_dir.mkdir()
        fill(log_dir)
        process = _started(program, log_dir, output, environ)
        address = _wait_for_address(process, output, check)
    except BaseException:
        if process is not None:
            _end(process)
        shutil.rmtree(directory, ignore_errors=True)
        raise
    return TensorBoard(process, directory, address)


def safe_names(names: Sequence[str]) -> list[str]:
    """Names of directories for runs that are called so: safe ones, and all different."""
    taken: set[str] = set()
    found = []
    for name in names:
        safe = _UNSAFE.sub("_", name).strip(" .")[:_MOST_NAME] or "run"
        free, number = safe, 2
        while free.casefold() in taken:
            free, number = f"{safe} {number}", number + 1
        taken.add(free.casefold())
        found.append(free)
    return found


def link_runs(log_dir: Path, runs: Sequence[tuple[str, Path]]) -> None:
    """Make a link for each run (its name and its directory).

    Raises:
        Error: A link cannot be made.
    """
    safe = safe_names([name for name, _ in runs])
    for name, (_, path) in zip(safe, runs, strict=True):
        try:
            (log_dir / name).symlink_to(path, target_is_directory=True)
        except OSError as e:
            raise Error(
                f"Cannot link {path.name[:8]} for TensorBoard: {e.strerror}.",
                hint="Temporary files need a directory that allows links.",
            ) from e


def end_boards_in(directory: Path) -> None:
    """End every TensorBoard, and its helpers, that reads something below a directory."""
    import psutil  # 20 ms to import, and rarely needed

    wanted = re.compile(f"--logdir[=\0]{re.escape(str(directory))}{re.escape(os.sep)}")
    found = []
    for process in psutil.process_iter(["cmdline"]):
        if wanted.search("\0".join(process.info["cmdline"] or ())):
            with suppress(psutil.Error):
                process.terminate()
                found.append(process)
    for process in psutil.wait_procs(found, timeout=_END_SECONDS)[1]:
        with suppress(psutil.Error):
            process.kill()


def _make_directory(scratch: Scratch) -> Path:
    try:
        return scratch.make()
    except OSError as e:
        raise Error(
            f"Cannot make a directory for TensorBoard: {e.strerror}.",
            hint="Check the free space and the permissions of the cache directory.",
        ) from e


def _started(
    program: Path, log_dir: Path, output: Path, environ: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    import subprocess

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
    import subprocess

    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
