"""What benchmarks are given: sizes, stores made once, the peer's programs, ways to measure."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec import Struct

from core.sample import make_sample_store

ROOT = Path(__file__).parents[1]
PEER = ROOT / ".peer" / "bin"
# By its own slope Guild would need two minutes a command beyond this.
PEER_LIMIT = 10_000
_MEMORY = Path("/dev/shm")
_SEED = 1
_PEER_ENVIRON = {
    "NO_WARN_RUNDIR": "1",
    "PYTHONWARNINGS": "ignore",
    "PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION": "python",
}


class Setting(Struct, frozen=True):
    """Where and how large to measure.

    Attributes:
        sizes: Numbers of runs.
        directory: Keeps the generated stores from one time to the next.
        repeats: How often a whole process is timed, after one that is not counted.
    """

    sizes: tuple[int, ...]
    directory: Path
    repeats: int = 5

    def home(self, runs: int) -> Path:
        """A sample store of that many runs, made when it is asked for the first time."""
        home = self.directory / f"home-{runs}"
        if not (home / "complete").exists():
            shutil.rmtree(home, ignore_errors=True)
            sys.stderr.write(f"making a store of {runs:,} runs in {home}\n")
            make_sample_store(home, runs=runs, seed=_SEED)
            (home / "complete").touch()
        return home

    def config(self, runs: int) -> Path:
        """Own directory of windows on the home of that size: its index is made once, not again."""
        path = self.directory / "scratch" / f"config-{runs}"
        path.mkdir(parents=True, exist_ok=True)
        return path

    def scratch(self, name: str) -> Path:
        """An empty directory, away from the user's own settings and caches."""
        path = self.directory / "scratch" / name
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True)
        return path

    def scratch_in_memory(self, name: str, size: int) -> Path:
        """The same in the memory of this machine, where there is room for so many bytes.

        How long a disk takes for a new file depends on what was erased before: ext4 looks at each
        inode that was freed in the last five seconds, and ten thousand of them cost more than all
        that is measured.
        """
        if not _MEMORY.is_dir() or shutil.disk_usage(_MEMORY).free < size:
            return self.scratch(name)
        path = _MEMORY / f"rundesk-benchmark-{name}"
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir()
        return path

    def ours(self, *arguments: str, cache: Path) -> float:
        """Median seconds of a whole `rundesk ARGUMENTS`, its index kept below `cache`."""
        argv = [str(Path(sys.executable).with_name("rundesk")), *arguments]
        return self.command_seconds(argv, own_directories(cache))

    def guild(
        self, home: Path, *arguments: str, before: Callable[[], None] = lambda: None
    ) -> float | None:
        """Median seconds of a whole `guild ARGUMENTS`; None where it would take too long."""
        if sum(1 for _ in (home / "runs").iterdir()) > PEER_LIMIT:
            return None
        argv = [str(PEER / "guild"), "-H", str(home), *arguments]
        return self.command_seconds(argv, _PEER_ENVIRON, before)

    def command_seconds(
        self,
        argv: Sequence[str],
        environ: dict[str, str],
        before: Callable[[], None] = lambda: None,
    ) -> float:
        """Median seconds from start to end of a process.

        Args:
            argv: The command.
            environ: Added to the environment.
            before: Called before each start, outside the time.
        """
        times = []
        for number in range(self.repeats + 1):
            before()
            begin = time.perf_counter()
            subprocess.run(argv, env=os.environ | environ, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL, check=True)  # fmt: skip
            if number:
                times.append(time.perf_counter() - begin)
            if times and sum(times) > 60 and number > 1:
                break
        return statistics.median(times)


def own_directories(path: Path) -> dict[str, str]:
    """An environment in which the application's own files are below `path`."""
    return {
        "XDG_CACHE_HOME": str(path / "cache"),
        "XDG_CONFIG_HOME": str(path / "config"),
        "XDG_STATE_HOME": str(path / "state"),
    }


def median_ms(work: Callable[[], object], times: int = 9) -> float:
    """Median milliseconds of `work`, after a call that is not counted."""
    work()
    found = []
    for _ in range(times):
        begin = time.perf_counter()
        work()
        found.append((time.perf_counter() - begin) * 1000)
    return statistics.median(found)


def runs_of(size: int) -> str:
    """A number of runs in words."""
    return f"{size:,} runs"
