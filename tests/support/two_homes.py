"""Two homes, one on this computer and one on a real SSH server, between which runs flow."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from msgspec import Struct, field

from core.home import Home
from core.jobs import JobContext
from remote.memory import TransferMemory
from remote.moves import TransferOutcome
from remote.plan import Choice, Direction, Options
from remote.remote_home import RemoteHome, open_remote_home
from remote.transfer import Order, TransferPlan, plan_transfer
from remote.worker import TransferRequest, TransferWork
from tests.support.connections import Connect
from tests.support.runs import make_run
from tests.support.ssh_server import SshServer, StartServer
from tests.support.trees import tree

KINDS: dict[str, dict[str, object]] = {
    "shell": {},
    "no tar": {"without": ("tar",)},
    "sftp only": {"sftp_only": True},
    "busybox": {"busybox": True},
    "one session": {"lines": ("MaxSessions 1",)},
}
"""Kinds of servers, as options of `start_ssh_server`."""

ATTRS = {
    "label": "first try",
    "flags": "lr: 0.1",
    "exit_status": "0",
    "started": "1700000000000000",
    "env": "API_TOKEN: hidden",
}
ODD = b"-odd\n\xff name".decode("utf-8", "surrogateescape")
"""A name with a dash first, a line break, and a byte that is no UTF-8."""


class TwoHomes(Struct):
    """Both homes and the connection between them.

    Attributes:
        server: The server.
        here: The home of this computer.
        there: The other home, as this computer sees it.
        memory: What is remembered of transfers.
        context: Of the next job.
        waits: Seconds before each further try.
        path: The other home as the configuration names it.
    """

    server: SshServer
    here: Home
    there: Home
    memory: TransferMemory
    connect: Connect
    context: JobContext = field(default_factory=JobContext)
    waits: Sequence[float] = ()
    path: str = ".guild"

    def sides(self, direction: Direction) -> tuple[Home, Home]:
        """Where runs come from, and where they go."""
        return (self.here, self.there) if direction == "push" else (self.there, self.here)

    def remote(self) -> RemoteHome:
        """The other home over a new connection."""
        return open_remote_home(self.connect(self.server), self.path)

    def plan(
        self,
        direction: Direction,
        *ids: str,
        options: Options | None = None,
    ) -> TransferPlan:
        """What a transfer would do."""
        remote = self.remote()
        return plan_transfer(
            *(self.here, remote, direction, ids or None, options),
            memory=self.memory,
            check=self.context.check,
        )

    def verdicts(self, direction: Direction, *ids: str) -> dict[str, str]:
        """How runs differ: id to verdict."""
        return {item.run_id: item.verdict for item in self.plan(direction, *ids).items}

    def move(
        self,
        direction: Direction,
        *ids: str,
        choices: Mapping[str, Choice] | Choice | None = None,
        options: Options | None = None,
        verify: bool = False,
        limit: int = 0,
        follows: bool = False,
        plan: TransferPlan | None = None,
    ) -> TransferOutcome:
        """Push or pull runs, by a plan that was made before where one is given."""
        request = TransferRequest(
            *(self.here, "box", self.path, (direction,), ids or None),
            options or Options(),
            Order(choices=choices or {}, is_verified=verify, limit=limit, follows=follows),
        )
        work = TransferWork(
            *(request, lambda check: self.connect(self.server), self.memory),
            plans=(plan,) if plan is not None else None,
            waits=self.waits,
            pause=0.05,
        )
        return work(self.context)

    def sync(self, *, choices: Choice | None = None) -> TransferOutcome:
        """Pull what is newer there, then push what is newer here."""
        request = TransferRequest(
            *(self.here, "box", self.path, ("pull", "push"), None),
            Options(),
            Order(choices=choices or {}),
        )
        work = TransferWork(request, lambda check: self.connect(self.server), self.memory)
        return work(self.context)

    def push(self, *ids: str, **more) -> TransferOutcome:
        """Push runs."""
        return self.move("push", *ids, **more)

    def pull(self, *ids: str, **more) -> TransferOutcome:
        """Pull runs."""
        return self.move("pull", *ids, **more)


class AtBytes(JobContext):
    """A context that does something once so many bytes have travelled.

    Attributes:
        published: What the job published, in its order.
    """

    def __init__(self, amount: int, act: Callable[[], object]) -> None:
        super().__init__()
        self._left, self._act = amount, act
        self.published: list[object] = []
        self.follow(self.published.append)

    def advance(self, amount=0, **more):
        self._left -= amount
        if self._left <= 0 and self._act is not None:
            act, self._act = self._act, None
            act()
        super().advance(amount, **more)


def make_full_run(runs_dir: Path, run_id: str = "a" * 32, **more) -> Path:
    """A run with everything that runs have: odd names, links, directories, an empty file."""
    run_dir = make_run(
        runs_dir,
        run_id,
        attrs=ATTRS,
        files={"model.bin": os.urandom(70_000), "deep/er/empty": b"", ODD: b"odd", **more},
    )
    (run_dir / "latest").symlink_to("model.bin")
    (run_dir / "none").mkdir()
    (run_dir / "model.bin").chmod(0o640)
    os.utime(run_dir / "model.bin", ns=(1_600_000_000_123_456_789, 1_600_000_000_123_456_789))
    return run_dir


def content(run_dir: Path, *, env: bool = True) -> dict[str, tuple[object, ...]]:
    """What a run consists of: kinds, modes and contents, and times in whole seconds."""
    found = tree(run_dir)
    if not env:
        found = {path: facts for path, facts in found.items() if not path.endswith("attrs/env")}
    return {
        path: (mode, when // 1_000_000_000 if mode.startswith("-") else 0, data)
        for path, (mode, when, data) in found.items()
    }


def left_over(home: Home) -> list[str]:
    """What transfers left beside the runs."""
    hidden = [p.name for p in home.runs_dir.iterdir() if p.name.startswith(".")]
    return [*hidden, *(p.name for p in home.path.iterdir() if p.name not in ("runs", "trash"))]


MakeTwoHomes = Callable[..., TwoHomes]


@pytest.fixture
def make_two_homes(tmp_path: Path, start_ssh_server: StartServer, connect: Connect) -> MakeTwoHomes:
    """Makes both homes around a server with the given options."""

    def make(**options) -> TwoHomes:
        server = start_ssh_server(**options)
        here, there = Home(tmp_path / "here"), Home(server.login / ".guild")
        here.runs_dir.mkdir(parents=True)
        there.runs_dir.mkdir(parents=True)
        return TwoHomes(server, here, there, TransferMemory(tmp_path / "state"), connect)

    return make


@pytest.fixture
def two_homes(make_two_homes: MakeTwoHomes) -> TwoHomes:
    """Both homes around a plain server."""
    return make_two_homes()
