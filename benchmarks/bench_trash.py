"""Deleting, restoring and erasing many runs, beside Guild's commands for the same."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks.report import Figure
from benchmarks.setting import PEER, ROOT, Setting, own_directories, runs_of
from core.home import Home
from core.index.index import RunIndex
from core.runs.disk_size import disk_size
from core.runs.store import Store
from core.runs.trash import delete, restore

LARGEST = 10_000
MOVE_SECONDS = {LARGEST: 3.0}
ROUNDS = 3


def figures(setting: Setting) -> Iterator[Figure]:
    """Moves there and back as often as it takes, then one purge of everything."""
    for size in setting.sizes:
        if size > LARGEST:
            continue
        scratch = setting.scratch("trash")
        ours, theirs = (_linked_copy(setting.home(size), scratch / name) for name in ("a", "b"))
        yield from _in_process(ours, size)
        yield from _as_commands(ours, theirs, size, own_directories(scratch / "own"))
        yield from _sizes(setting.home(size), size)
        shutil.rmtree(scratch)


def _in_process(home: Path, size: int) -> Iterator[Figure]:
    ids = Store(home / "runs").ids()
    deletes, restores = [], []
    for _ in range(ROUNDS):
        deletes.append(_timed(lambda: delete(Home(home), ids)))
        restores.append(_timed(lambda: restore(Home(home), ids)))
    for what, times in (("delete, in the window", deletes), ("restore, in the window", restores)):
        seconds = statistics.median(times)
        yield Figure(what, runs_of(size), seconds, at_most=MOVE_SECONDS.get(size))


def _as_commands(ours: Path, theirs: Path, size: int, environ: dict[str, str]) -> Iterator[Figure]:
    """Whole commands in turns with the peer's; `:` means all runs to both."""
    rundesk = str(Path(sys.executable).with_name("rundesk"))
    _run([rundesk, "-H", str(ours), "check"], environ)  # builds the index
    times: dict[str, list[tuple[float, float]]] = {"delete": [], "restore": [], "purge": []}
    words = {"delete": "rm", "restore": "restore", "purge": "purge"}
    for command in ["delete", "restore"] * ROUNDS + ["delete", "purge"]:
        mine = _timed(lambda c=command: _run([rundesk, "-H", str(ours), c, "-y", ":"], environ))
        peer = _timed(
            lambda c=command: _run(
                [str(PEER / "guild"), "-H", str(theirs), "runs", words[c], "-y", ":"],
                {"NO_WARN_RUNDIR": "1", "PYTHONWARNINGS": "ignore"},
            )
        )
        times[command].append((mine, peer))
    for command, pairs in times.items():
        mine, peer = (statistics.median(each) for each in zip(*pairs, strict=True))
        limit = MOVE_SECONDS.get(size) if command != "purge" else None
        yield Figure(
            f"rundesk {command}", runs_of(size), mine,
            peer=peer, peer_name=f"guild runs {words[command]}", at_most=limit,
        )  # fmt: skip


def _sizes(home: Path, size: int) -> Iterator[Figure]:
    """Measuring every run: nobody waits for it, but the disk should not be busy for long."""
    index = RunIndex(Home(home), None)
    for _ in index.refresh():
        pass
    seconds = _timed(lambda: list(index.measure()))
    index.close()
    yield Figure(
        "sizes of all runs, first time", runs_of(size), seconds,
        peer=_timed(lambda: _run(["du", "-s", str(home / "runs")], {})), peer_name="du -s",
    )  # fmt: skip
    yield Figure(
        "size of one run", runs_of(1), _timed(lambda: disk_size(next((home / "runs").iterdir())))
    )


def _linked_copy(home: Path, target: Path) -> Path:
    """A copy whose files are further names of the originals: they are moved and removed only."""
    shutil.copytree(home, target, symlinks=True, copy_function=os.link)
    return target


def _timed(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def _run(argv: Sequence[str], environ: dict[str, str]) -> None:
    subprocess.run(
        argv, cwd=ROOT, env=os.environ | environ, check=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
