"""Listing the runs of a server 20 ms away: cold, again, from what is kept, and in the window.

Two kinds of stores: runs of four attributes, and those of the sample store, which have what Guild
writes. There is no peer: Guild lists a server only where it is installed, one login a command. The
time of the processors, of both sides together, says more where the machine does other things too.
"""

from __future__ import annotations

import gc
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.far import Far, make_runs
from benchmarks.relay import relayed
from benchmarks.report import Figure
from benchmarks.screen import screen
from benchmarks.setting import ROOT, Setting, runs_of
from core.index.columns import RunColumns
from core.scratch import Scratch
from remote.catalog import Catalog, CatalogShelf, filled
from remote.remote_home import open_remote_home
from remote.remote_source import RemoteSource
from tests.support.ssh_server import ServerOptions, SshServer

DELAY = 0.010
LARGEST = 10_000
GAP_MAX_MS = 50.0
GAP_P99_MS = 16.0
CACHE_SECONDS = 0.3
WAYS = {
    "with a shell": (ServerOptions(), 2.0),
    "by SFTP alone": (ServerOptions(sftp_only=True), 20.0),
}
"""What a server is like, and seconds for the largest number of runs."""


def figures(setting: Setting) -> Iterator[Figure]:
    """Each size and kind of store, each way."""
    gc.set_threshold(200_000)  # as the commands do; the window collects by itself
    for way, (options, most) in WAYS.items():
        scratch = setting.scratch("listing")
        (scratch / "sshd").mkdir()
        server = SshServer(scratch / "sshd", options).start()
        try:
            with relayed(server.port, DELAY) as port:
                far = Far(server, port, scratch)
                for size in setting.sizes:
                    if size <= LARGEST:
                        yield from _figures(setting, far, way, size, most * size / LARGEST)
        finally:
            server.close()
            shutil.rmtree(scratch)


def _figures(setting: Setting, far: Far, way: str, size: int, most: float) -> Iterator[Figure]:
    make_runs(far.home, size, 1, 10)
    yield from _listed(far, f"list {way}, 4 attributes", size, most)
    shutil.rmtree(far.home.path)
    far.home.path.symlink_to(_in_memory(setting.home(size)))
    yield from _listed(far, f"list {way}, sample store", size, most)
    yield from _in_window(far, way, size)
    far.home.path.unlink()


def _listed(far: Far, what: str, size: int, most: float) -> Iterator[Figure]:
    connection = far.connect()
    kept = Catalog(far.folder / "cache", "box", ".guild")
    shelf = CatalogShelf(
        "box",
        lambda check: RemoteSource(open_remote_home(connection, check=check), check),
        Scratch(far.folder / "copies"),
        kept,
    )
    runs = runs_of(size)
    seen: list[float] = []

    def read() -> None:
        for changes in shelf.read(lambda: None):
            if changes.added:
                seen.append(time.perf_counter())

    begun = time.perf_counter()
    cost = far.cost(read)
    yield Figure(what, runs, cost.seconds, at_most=most)
    yield Figure("  processors of both sides", runs, cost.cpu)
    yield Figure("  its first rows", runs, seen[0] - begun, at_most=most / 2)
    cost = far.cost(read)
    yield Figure("  again, nothing changed", runs, cost.seconds)
    yield Figure("  processors of both sides", runs, cost.cpu)
    shelf.close()
    connection.close()
    begun = time.perf_counter()
    shown = sum(len(step.added) for step in filled(RunColumns(), kept.load()))
    assert shown == size
    yield Figure("  from what is kept", runs, time.perf_counter() - begun, at_most=CACHE_SECONDS)
    shutil.rmtree(far.folder / "cache")


def _in_memory(home: Path) -> Path:
    """The same home, its runs in the memory of this machine: no disk is measured here."""
    for path in (home / "runs").glob("*/.guild/attrs/*"):
        path.read_bytes()
    return home


def _in_window(far: Far, way: str, size: int) -> Iterator[Figure]:
    """The gaps of the GUI thread while the runs arrive."""
    folder = far.folder / "window"
    home, config = folder / "home", folder / "config"
    (home / "runs").mkdir(parents=True)
    with screen() as environ:
        environ = os.environ | environ | {"HOME": str(far.user(folder / "user"))}
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.far_probe", str(home), str(config)],
            env=environ, cwd=ROOT, stdout=subprocess.PIPE, check=True, text=True,
        )  # fmt: skip
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    assert found["shown"] == size
    runs = runs_of(size)
    opened = f"window, remote {way}: the place is opened, longest gap"
    yield Figure(opened, runs, found["open_gap_max"], "ms", at_most=GAP_MAX_MS)
    for name, words in (("arrive", "runs arrive"), ("again", "listed again")):
        what = f"window, {words} {way}"
        yield Figure(f"{what}, seconds", runs, found[name])
        gap, p99 = found[f"{name}_gap_max"], found[f"{name}_gap_p99"]
        yield Figure("  longest gap", runs, gap, "ms", at_most=GAP_MAX_MS)
        yield Figure("  gaps p99", runs, p99, "ms", at_most=GAP_P99_MS)
        yield Figure("  longest own work", runs, found[f"{name}_work_max"], "ms")
    shutil.rmtree(folder)
