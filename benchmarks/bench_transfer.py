"""Push and pull beside rsync over the same sshd, near and 20 ms away, and the listing of a server.

The distance is made by a relay that holds every byte for ten milliseconds each way. rsync pays its
login each time, as a command does; ours is measured over a connection that is open, as the window's
is, and the login is told apart.
"""

from __future__ import annotations

import os
import queue
import resource
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import paramiko

from benchmarks.report import Figure
from benchmarks.setting import Setting
from core.home import Home
from core.jobs import JobContext
from remote.connection import Connection
from remote.memory import TransferMemory
from remote.moves import Tally
from remote.plan import Direction
from remote.remote_home import RemoteHome, open_remote_home
from remote.remote_source import RemoteSource
from remote.transfer import Order, plan_transfer, run_transfer
from remote.transport import TunedTransport
from tests.support.ssh_server import ServerOptions, SshServer

SHAPES = {"500 × 24 small files": (500, 24, 900), "1 GiB": (1, 1, 1 << 30),
          "50 × 20 MB": (50, 1, 20 << 20)}  # fmt: skip
DELAYS = (0.0, 0.010)
LISTED = 10_000
MOST_MB = 150.0
_TARGETS = {"push": 1.0, "pull": 1.1}


@dataclass
class _Far:
    """A server, at some distance.

    Attributes:
        server: The sshd.
        port: Where it, or the relay before it, answers.
    """

    server: SshServer
    port: int

    def connect(self) -> Connection:
        """A connection."""
        sock = socket.create_connection(("127.0.0.1", self.port), 10)
        transport = TunedTransport(sock, 10)
        transport.start_client(timeout=20)
        transport.auth_publickey(self.server.user, paramiko.PKey.from_path(self.server.key))
        return Connection(transport, "box")

    def rsync(self, source: str, target: str) -> None:
        """Copy a directory by `rsync -a`; "box:" stands for the server."""
        shell = (
            f"ssh -p {self.port} -i {self.server.key} -oStrictHostKeyChecking=no "
            f"-oUserKnownHostsFile=/dev/null -oLogLevel=ERROR"
        )
        ends = [end.replace("box:", f"{self.server.user}@127.0.0.1:") for end in (source, target)]
        subprocess.run(["rsync", "-a", "-e", shell, *ends], check=True)


def figures(setting: Setting) -> Iterator[Figure]:
    """Every shape near and far, then the listing."""
    scratch = setting.scratch("transfer")
    (scratch / "sshd").mkdir()
    server = SshServer(scratch / "sshd", ServerOptions()).start()
    try:
        for delay in DELAYS:
            with _relayed(server.port, delay) as port:
                far = _Far(server, port)
                for name, shape in SHAPES.items():
                    yield from _shape(far, scratch, f"{name}, {2000 * delay:.0f} ms", shape)
                yield _listing(far, f"{LISTED:,} runs, {2000 * delay:.0f} ms")
        used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        yield Figure("memory of all transfers", "", used, "MB", at_most=MOST_MB + 60)
    finally:
        server.close()
        shutil.rmtree(scratch)


def _shape(far: _Far, scratch: Path, what: str, shape: tuple[int, int, int]) -> Iterator[Figure]:
    here, there = Home(scratch / "here"), Home(far.server.login / ".guild")
    _make_runs(here, *shape)
    connection = far.connect()
    remote = open_remote_home(connection)
    memory = TransferMemory(scratch / "state")
    size = sum(p.stat().st_size for p in here.runs_dir.rglob("*") if p.is_file())

    def ours(direction: Direction) -> float:
        return _timed(lambda: _move(here, remote, memory, direction))

    def theirs(direction: Direction) -> float:
        box = "box:.guild/runs/"
        ends = (f"{here.runs_dir}/", box) if direction == "push" else (box, f"{here.runs_dir}/")
        return _timed(lambda: far.rsync(*ends))

    for direction in ("push", "pull"):
        target = there if direction == "push" else here
        own = ours(direction)
        again = ours(direction)
        _empty(target)
        other = theirs(direction)
        other_again = theirs(direction)
        speed = f"{size / 1e6 / own:.0f} MB/s"
        peer = "rsync -a"
        yield Figure(f"{direction} {what}", speed, own, "s", other, peer, ratio=_TARGETS[direction])
        yield Figure(f"{direction} again {what}", "", again, "s", other_again, peer, ratio=1.9)
        if direction == "push":
            _empty(here)
    connection.close()
    for home in (here, there):
        shutil.rmtree(home.path)


def _move(here: Home, remote: RemoteHome, memory: TransferMemory, direction: Direction) -> None:
    context = JobContext()
    plan = plan_transfer(here, remote, direction, None, memory=memory, check=context.check)
    run_transfer(here, remote, plan, Order(), memory=memory, tally=Tally(context))


def _listing(far: _Far, what: str) -> Figure:
    there = Home(far.server.login / ".guild")
    _make_runs(there, LISTED, 1, 10)
    connection = far.connect()
    remote = open_remote_home(connection)

    def listed() -> None:
        source = RemoteSource(remote)
        for run_id in source.ids():
            source.run(run_id, brief=True)

    took = _timed(listed)
    connection.close()
    shutil.rmtree(there.path)
    return Figure(f"list {what}", "", took, "s", at_most=2.0)


def _make_runs(home: Home, count: int, files: int, size: int) -> None:
    attrs = {"started": "1700000000000000", "exit_status": "0", "label": "a run", "flags": "lr: 1"}
    block = os.urandom(min(size, 1 << 20))
    for number in range(count):
        run_dir = home.runs_dir / f"{number:032x}"
        (run_dir / ".guild" / "attrs").mkdir(parents=True)
        (run_dir / ".guild" / "opref").write_text("script:/p '' '' train.py\n")
        for name, value in attrs.items():
            (run_dir / ".guild" / "attrs" / name).write_text(f"{value}\n")
        for place in range(max(1, files - 5)):
            with (run_dir / f"file-{place}").open("wb") as file:
                for _ in range(max(1, size // len(block))):
                    file.write(block)


def _empty(home: Home) -> None:
    shutil.rmtree(home.runs_dir)
    home.runs_dir.mkdir()


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


@contextmanager
def _relayed(port: int, delay: float) -> Iterator[int]:
    """A port that leads to `port`, every byte of it later by `delay` seconds each way."""
    if not delay:
        yield port
        return
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_accept, args=(listener, port, delay), daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()


def _accept(listener: socket.socket, port: int, delay: float) -> None:
    with suppress(OSError):
        while True:
            client, _ = listener.accept()
            server = socket.create_connection(("127.0.0.1", port))
            for source, target in ((client, server), (server, client)):
                source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                waiting: queue.Queue[tuple[float, bytes]] = queue.Queue(4096)
                for work in (_read, _write):
                    arguments = (source if work is _read else target, waiting, delay)
                    threading.Thread(target=work, args=arguments, daemon=True).start()


def _read(source: socket.socket, waiting: queue.Queue[tuple[float, bytes]], delay: float) -> None:
    data = b"-"
    while data:
        try:
            data = source.recv(1 << 18)
        except OSError:
            data = b""
        waiting.put((time.monotonic() + delay, data))


def _write(target: socket.socket, waiting: queue.Queue[tuple[float, bytes]], _delay: float) -> None:
    with suppress(OSError):
        while True:
            when, data = waiting.get()
            time.sleep(max(0.0, when - time.monotonic()))
            if not data:
                target.shutdown(socket.SHUT_WR)
                return
            target.sendall(data)
