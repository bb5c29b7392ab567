"""Push and pull beside rsync and Guild, near and 20 ms away; memory; cancel.

The same sshd serves all. rsync and Guild pay their logins each time, as commands do; ours goes over
a connection that is open, as the window's is. The login is a row of its own, and so is the whole
command, start and login included. Beside the time by the clock stands that of the processors, of
both sides together: a machine that does other things as well lengthens the first. Small files are
copied several times, by turns, and medians are told.
"""

from __future__ import annotations

import gc
import os
import shutil
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from benchmarks.far import Cost, Far, emptied, make_runs
from benchmarks.relay import relayed
from benchmarks.report import Figure
from benchmarks.setting import Setting, own_directories
from core.errors import Cancelled
from core.home import Home
from core.jobs import JobContext
from remote.memory import TransferMemory
from remote.moves import Tally
from remote.plan import Direction
from remote.remote_home import RemoteHome, open_remote_home
from remote.transfer import Order, plan_transfer, run_transfer
from tests.support.ssh_server import ServerOptions, SshServer

DELAYS = (0.0, 0.010)
FEW = 20
"""Runs that Guild is given: it logs in for each, and takes minutes for hundreds."""

MOST_MB = 150.0
_GIB = 1 << 30
_NEEDED = 6 * _GIB
_TURNS = 3


class _Shape(Struct, frozen=True):
    """What is copied, and how many times faster than rsync it is to be.

    Attributes:
        name: In words.
        runs: How many.
        files: Of each.
        size: Bytes of most files.
        push: Target of a push.
        pull: Target of a pull.
    """

    name: str
    runs: int
    files: int
    size: int
    push: float
    pull: float


SMALL = _Shape("500 × 24 small files", 500, 24, 900, 1.0, 1.3)
LARGE = _Shape("1 GiB", 1, 1, _GIB, 1.0, 1.1)
SHAPES = (SMALL, _Shape("50 × 20 MB", 50, 1, 20 << 20, 1.0, 1.1), LARGE)


def figures(setting: Setting) -> Iterator[Figure]:
    """Every shape near and far."""
    gc.set_threshold(200_000)  # as the commands do; the window collects by itself
    scratch = setting.scratch_in_memory("transfer", _NEEDED)
    (scratch / "sshd").mkdir()
    server = SshServer(scratch / "sshd", ServerOptions()).start()
    try:
        for delay in DELAYS:
            with relayed(server.port, delay) as port:
                bench = _Bench(
                    Far(server, port, scratch), scratch / "here", f"{delay * 2e3:.0f} ms"
                )
                yield from bench.figures()
    finally:
        server.close()
        shutil.rmtree(scratch)


class _Bench:
    """Measures at one distance.

    Args:
        far: The server.
        folder: Of the home here.
        distance: In words.
    """

    def __init__(self, far: Far, folder: Path, distance: str) -> None:
        self._far = far
        self._here = Home(folder)
        self._distance = distance
        self._count = 0

    def figures(self) -> Iterator[Figure]:
        """All rows."""
        begun = time.perf_counter()
        self._far.connect().close()
        yield Figure(f"connect, {self._distance}", "", time.perf_counter() - begun)
        for shape in SHAPES:
            _forget_peak()
            before = _peak_mb()
            emptied(self._here)
            make_runs(self._here, shape.runs, shape.files, shape.size)
            yield from self._both_ways(shape)
            name = f"memory over the start, {shape.name}, {self._distance}"
            yield Figure(name, "", _peak_mb() - before, "MB", at_most=MOST_MB)
        yield from self._cancelled()
        yield from self._beside_guild()
        for home in (self._here, self._far.home):
            shutil.rmtree(home.path)

    def _both_ways(self, shape: _Shape) -> Iterator[Figure]:
        remote = self._opened()
        is_small = shape is SMALL
        turns = _TURNS if is_small else 1
        again = 4.0 if self._distance != "0 ms" else 1.9
        for direction, target in (("push", shape.push), ("pull", shape.pull)):
            costs = self._by_turns(remote, direction, turns)
            yield from self._rows(f"{direction} {shape.name}", *costs["first"], target)
            name = f"{direction} again, nothing changed, {shape.name}"
            yield from self._rows(name, *costs["again"], again if is_small else None)
            if is_small:
                yield from self._commands(direction, turns)
            if direction == "push" and is_small:
                yield from self._appended(remote)
            if direction == "push" and shape is LARGE:
                yield from self._grown(remote)
        remote.close()
        remote.connection.close()

    def _by_turns(
        self, remote: RemoteHome, direction: Direction, turns: int
    ) -> dict[str, tuple[Cost, Cost]]:
        """What a copy and a second one cost, ours and rsync's."""
        target = self._far.home if direction == "push" else self._here
        found: dict[str, list[Cost]] = {}
        for _ in range(turns):
            emptied(target)
            found.setdefault("rsync first", []).append(self._rsync(direction))
            found.setdefault("rsync again", []).append(self._rsync(direction))
            emptied(target)
            found.setdefault("first", []).append(self._ours(remote, direction))
            found.setdefault("again", []).append(self._ours(remote, direction, self._count))
        return {
            name: (_median(found[name]), _median(found[f"rsync {name}"]))
            for name in ("first", "again")
        }

    def _commands(self, direction: Direction, turns: int) -> Iterator[Figure]:
        """The whole command, its start and login included, as rsync's are."""
        target = self._far.home if direction == "push" else self._here
        found: dict[str, list[Cost]] = {"": [], " again": [], "rsync": [], "rsync again": []}
        for _ in range(turns):
            emptied(target)
            for name in ("rsync", "rsync again"):
                found[name].append(self._rsync(direction))
            emptied(target)
            user = self._far.user(self._far.folder / "user")
            for name in ("", " again"):
                found[name].append(self._command(user, direction))
            shutil.rmtree(user)
        for name in ("", " again"):
            costs = _median(found[name]), _median(found[f"rsync{name}"])
            yield from self._rows(f"rundesk {direction}{name}, {SMALL.name}", *costs, None)

    def _command(self, user: Path, direction: Direction) -> Cost:
        program = str(Path(sys.executable).with_name("rundesk"))
        argv = [program, direction, "-H", str(self._here.path), "-y", "box"]
        environ = os.environ | own_directories(user / "own") | {"HOME": str(user)}
        return self._far.cost(
            lambda: subprocess.run(argv, env=environ, check=True, capture_output=True)
        )

    def _appended(self, remote: RemoteHome) -> Iterator[Figure]:
        """One file in a hundred has grown: sent by us, then again by rsync."""
        costs = []
        for who in ("ours", "rsync"):
            files = sorted(self._here.runs_dir.glob("*/file-0"))
            for path in files[: SMALL.runs * SMALL.files // 100]:
                with path.open("ab") as file:
                    file.write(b"more\n")
            costs.append(
                self._ours(remote, "push", self._count) if who == "ours" else self._rsync("push")
            )
        yield from self._rows(f"push, 1 % appended, {SMALL.name}", *costs, None)

    def _grown(self, remote: RemoteHome) -> Iterator[Figure]:
        """A large output has grown by a mebibyte."""
        [path] = self._here.runs_dir.glob("*/file-0")
        with path.open("ab") as file:
            file.write(os.urandom(1 << 20))
        tallied: list[Tally] = []
        ours = self._far.cost(lambda: tallied.append(self._move(remote, "push", self._count)))
        with path.open("ab") as file:
            file.write(os.urandom(1 << 20))
        yield from self._rows("push 1 GiB that grew by 1 MiB", ours, self._rsync("push"), None)
        sent = tallied[0].sent / (1 << 20)
        yield Figure(f"  bytes sent, {self._distance}", "", sent, "MiB", at_most=1.1)

    def _cancelled(self) -> Iterator[Figure]:
        """How long a push takes to stop; the run here is that of the last shape."""
        emptied(self._far.home)
        remote, context = self._opened(), JobContext()
        asked: list[float] = []

        def cancel() -> None:
            asked.append(time.perf_counter())
            context.cancel()

        timer = threading.Timer(0.6, cancel)
        timer.start()
        with suppress(Cancelled):
            self._move(remote, "push", None, context)
        timer.join()
        took = time.perf_counter() - asked[0]
        yield Figure(f"cancel a push of 1 GiB, {self._distance}", "", took, at_most=1.0)
        remote.connection.close()

    def _beside_guild(self) -> Iterator[Figure]:
        """A few runs, by us with a login of our own, and by real Guild."""
        there = self._far.home
        emptied(self._here)
        make_runs(self._here, FEW, SMALL.files, SMALL.size)
        for direction, target in (("push", there), ("pull", self._here)):
            emptied(target)
            theirs = self._far.cost(lambda verb=direction: self._far.guild(self._here, verb))
            costs = []
            for _ in range(_TURNS):  # Guild takes ten seconds each time, and once
                emptied(target)
                costs.append(self._far.cost(lambda verb=direction: self._with_login(verb)))
            ours = _median(costs)
            name = f"{direction} {FEW} × {SMALL.files} files, login too"
            yield from self._rows(name, ours, theirs, 35.0, f"guild {direction}")

    def _with_login(self, direction: Direction) -> None:
        remote = self._opened()
        self._move(remote, direction, None)
        remote.connection.close()

    def _rows(
        self, what: str, ours: Cost, theirs: Cost, ratio: float | None, peer: str = "rsync -a"
    ) -> Iterator[Figure]:
        what = f"{what}, {self._distance}"
        yield Figure(what, "", ours.seconds, "s", theirs.seconds, peer, ratio=ratio)
        yield Figure("  processors of both sides", "", ours.cpu, "s", theirs.cpu, peer)

    def _opened(self) -> RemoteHome:
        return open_remote_home(self._far.connect())

    def _ours(self, remote: RemoteHome, direction: Direction, memory: int | None = None) -> Cost:
        return self._far.cost(lambda: self._move(remote, direction, memory))

    def _move(
        self,
        remote: RemoteHome,
        direction: Direction,
        memory: int | None,
        context: JobContext | None = None,
    ) -> Tally:
        """Plan and copy; `memory` numbers what is known of earlier transfers, None for nothing."""
        if memory is None:
            self._count += 1
            memory = self._count
        known = TransferMemory(self._far.folder / f"state-{self._far.port}-{memory}")
        tally = Tally(context or JobContext())
        plan = plan_transfer(
            self._here, remote, direction, None, memory=known, check=tally.check
        )  # fmt: skip
        run_transfer(self._here, remote, plan, Order(), memory=known, tally=tally)
        return tally

    def _rsync(self, direction: Direction) -> Cost:
        here, box = f"{self._here.runs_dir}/", "box:.guild/runs/"
        ends = (here, box) if direction == "push" else (box, here)
        return self._far.cost(lambda: self._far.rsync(*ends))


def _median(costs: Sequence[Cost]) -> Cost:
    return Cost(
        statistics.median(cost.seconds for cost in costs),
        statistics.median(cost.cpu for cost in costs),
    )


def _peak_mb() -> float:
    """The most memory of this process since `_forget_peak`."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")
