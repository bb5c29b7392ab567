"""The window while runs are pushed and pulled by it: how long it takes, and the gaps meanwhile."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

from benchmarks.bench_bulk import GAP_MAX_MS, GAP_P99_MS
from benchmarks.bench_transfer import DELAYS, LARGE, SMALL
from benchmarks.far import Far, emptied, make_runs
from benchmarks.relay import relayed
from benchmarks.report import Figure
from benchmarks.screen import screen
from benchmarks.setting import ROOT, Setting
from core.home import Home
from tests.support.ssh_server import ServerOptions, SshServer

_NEEDED = 3 << 30


def figures(setting: Setting) -> Iterator[Figure]:
    """Many small files and one large, near and far."""
    scratch = setting.scratch_in_memory("copying", _NEEDED)
    (scratch / "sshd").mkdir()
    server = SshServer(scratch / "sshd", ServerOptions()).start()
    try:
        for delay in DELAYS:
            with relayed(server.port, delay) as port, screen() as environ:
                far = Far(server, port, scratch)
                for shape in (SMALL, LARGE):
                    home = Home(scratch / "home")
                    emptied(home)
                    emptied(far.home)
                    make_runs(home, shape.runs, shape.files, shape.size)
                    found = _probe(far, home, environ)
                    yield from _figures(f"{shape.name}, {delay * 2e3:.0f} ms", found)
    finally:
        server.close()
        shutil.rmtree(scratch)


def _figures(what: str, found: dict[str, float]) -> Iterator[Figure]:
    for verb in ("push", "pull"):
        yield Figure(f"window, preview of a {verb}, {what}", "", found[f"{verb}_preview"])
        yield from _gaps(f"{verb}_preview", found)
        yield Figure(f"window, {verb}, {what}", "", found[verb])
        yield from _gaps(verb, found)


def _gaps(name: str, found: dict[str, float]) -> Iterator[Figure]:
    yield Figure("  longest gap", "", found[f"{name}_gap_max"], "ms", at_most=GAP_MAX_MS)
    yield Figure("  gaps p99", "", found[f"{name}_gap_p99"], "ms", at_most=GAP_P99_MS)
    yield Figure("  longest own work", "", found[f"{name}_work_max"], "ms")


def _probe(far: Far, home: Home, environ: dict[str, str]) -> dict[str, float]:
    user = far.user(far.folder / "user")
    argv = [sys.executable, "-m", "benchmarks.copy_probe", str(home.path), str(user / "config")]
    done = subprocess.run(
        argv, env=os.environ | environ | {"HOME": str(user)}, cwd=ROOT,
        stdout=subprocess.PIPE, check=True, text=True,
    )  # fmt: skip
    shutil.rmtree(user)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found
