"""A server at some distance for benchmarks: the ways to it, and what each costs."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psutil
from msgspec import Struct

from benchmarks.setting import PEER
from core.check import go_on
from core.home import Home
from remote.config import RemoteList, find_config
from remote.connection import Connection
from remote.local_user import LocalUser
from remote.session import Session
from tests.support.ssh_client import Answers, NoSecrets
from tests.support.ssh_server import SshServer


class Cost(Struct, frozen=True):
    """What something took.

    Attributes:
        seconds: By the clock.
        cpu: Seconds of processors, user and system, of all its processes here and of the server.
    """

    seconds: float
    cpu: float


class Far(Struct, frozen=True):
    """A server, at some distance.

    Attributes:
        server: The sshd.
        port: Where it, or the relay before it, answers.
        folder: For what its clients need.
    """

    server: SshServer
    port: int
    folder: Path

    @property
    def home(self) -> Home:
        """The home there."""
        return Home(self.server.login / ".guild")

    def connect(self) -> Connection:
        """A connection of ours, by the login that everybody has."""
        path = self.folder / f"login-{self.port}"
        if not path.exists():
            self.user(path)
        local = LocalUser(self.server.user, path, {})
        remote = RemoteList(find_config(local, path)).find("box")
        return Session(remote, Answers(), local=local, secrets=NoSecrets()).connection(go_on)

    def user(self, path: Path) -> Path:
        """The home directory, made there, of somebody whose Guild knows the server as "box"."""
        server = self.server
        (path / ".guild").mkdir(parents=True)
        (path / ".ssh").mkdir()
        (path / ".guild" / "config.yml").write_text(
            f"remotes:\n  box:\n    type: ssh\n    host: 127.0.0.1\n    port: {self.port}\n"
            f"    user: {server.user}\n    private-key: {server.key}\n"
        )
        known = server.known_hosts.read_text().replace(f":{server.port}", f":{self.port}")
        (path / ".ssh" / "known_hosts").write_text(known)
        return path

    def rsync(self, source: str, target: str) -> None:
        """Copy a directory by `rsync -a`; "box:" stands for the server."""
        argv = ["rsync", "-a", "-e", f"ssh -F {self._ssh_config()}", source, target]
        subprocess.run(argv, check=True)

    def guild(self, home: Home, verb: str) -> None:
        """`guild push` or `guild pull` of everything, by real Guild, real rsync and real ssh."""
        programs = self.folder / "programs"
        own = self.folder / "guild-user"
        for path in (programs, own / ".guild"):
            path.mkdir(parents=True, exist_ok=True)
        (programs / "ssh").write_text(
            f'#!/bin/sh\nexec /usr/bin/ssh -F {self._ssh_config()} "$@"\n'
        )
        (programs / "ssh").chmod(0o755)
        (own / ".guild" / "config.yml").write_text(
            f"remotes:\n  box:\n    type: ssh\n    host: box\n    guild-home: {self.home.path}\n"
            f"    venv-activate: export PATH={PEER}:$PATH\n"
        )
        environ = {
            "HOME": str(own),
            "PATH": f"{programs}:{os.environ['PATH']}",
            "PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION": "python",
        }
        argv = [str(PEER / "guild"), "-H", str(home.path), verb, "-y", "box"]
        subprocess.run(argv, env=os.environ | environ, check=True, capture_output=True)

    def cost(self, work: Callable[[], object]) -> Cost:
        """What `work` takes, on both sides."""
        cpu, begun = self._cpu(), time.perf_counter()
        work()
        seconds = time.perf_counter() - begun
        time.sleep(0.2)  # the server notices late that a session has ended
        return Cost(seconds, self._cpu() - cpu)

    def _ssh_config(self) -> Path:
        path = self.folder / f"ssh-config-{self.port}"
        text = self.server.ssh_config("box", "LogLevel ERROR")
        path.write_text(text.replace(f"Port {self.server.port}", f"Port {self.port}").replace(
            str(self.server.known_hosts), "/dev/null\n  StrictHostKeyChecking no"))  # fmt: skip
        return path

    def _cpu(self) -> float:
        """Of this process, of its children that have ended, and of the server."""
        used = 0.0
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
            usage = resource.getrusage(who)
            used += usage.ru_utime + usage.ru_stime
        for process in psutil.Process().children(recursive=True):
            try:
                if any("benchmarks.relay" in word for word in process.cmdline()):
                    continue
                used += sum(process.cpu_times()[:4])
            except psutil.Error:
                continue
        return used


def make_runs(home: Home, count: int, files: int, size: int) -> None:
    """Runs of so many files, most of them of `size` bytes that cannot be compressed."""
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


def emptied(home: Home) -> None:
    """Leave a home without any run."""
    shutil.rmtree(home.path, ignore_errors=True)
    home.runs_dir.mkdir(parents=True)
