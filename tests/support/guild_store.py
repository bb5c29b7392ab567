"""A Guild home that the real Guild made: every kind of run there is, in some twenty seconds.

The commands run in a few chains beside each other; within a chain they are in order. Runs that
Guild lets us name get an id made from their name, so that tests can ask for `store.id("plain")`.
The store is shared by a whole test session, also by the workers of a parallel one: never change
it, take `guild_copy` for that.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from msgspec import Struct

from tests.support.guild_projects import write_projects
from tests.support.peer import Peer

WORKERS = 3
HOUR = 3_600_000_000
DAY = 24 * HOUR

LONG_LABEL = "Überblick λ=0,1 → “best” run of the week, " + "a label that goes on and on " * 6
COMMENT = "First line\n\nThird line: naïve café\n  indented"


def run_id(name: str) -> str:
    """The id of the run that the maker calls `name`."""
    return hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()


class GuildStore(Struct, frozen=True):
    """The home and what its maker knows of it.

    Attributes:
        home: The Guild home.
        projects: Directory of the projects, one folder each.
        now: When the store was finished, in microseconds since 1970 UTC.
    """

    home: Path
    projects: Path
    now: int

    def id(self, name: str) -> str:
        """The full id of a named run."""
        return run_id(name)

    def run_dir(self, name: str) -> Path:
        """The directory of a named run."""
        return self.home / "runs" / run_id(name)

    def links(self, name: str) -> dict[str, str]:
        """Trials or steps of a named run: name of the link to id."""
        found = self.run_dir(name).iterdir()
        return {path.name: path.readlink().name for path in found if path.is_symlink()}


class _Maker:
    def __init__(self, peer: Peer, base: Path) -> None:
        self.peer = peer
        self.home = base / "home"
        self.projects = base / "projects"
        self.home.mkdir()
        write_projects(self.projects)

    def guild(self, *args: str, cwd: str = "model", fails: bool = False) -> None:
        done = self.peer.guild(self.home, *args, cwd=self.projects / cwd, check=not fails)
        assert bool(done.returncode) == fails, (args, done.stdout, done.stderr)

    def run(self, name: str, *args: str, cwd: str = "model", fails: bool = False) -> None:
        self.guild("run", "-y", "--run-id", run_id(name), *args, cwd=cwd, fails=fails)

    def change(self, command: str, name: str, *args: str) -> None:
        self.guild(command, "-y", *args, run_id(name))

    def rewrite_times(self, name: str, started: int) -> None:
        """Let a run have happened at another time."""
        attrs = self.home / "runs" / run_id(name) / ".guild" / "attrs"
        (attrs / "initialized").write_text(f"{started - 1000}\n")
        (attrs / "started").write_text(f"{started}\n")
        (attrs / "stopped").write_text(f"{started + 3723 * 1_000_000}\n")


def _organised(make: _Maker) -> None:
    """Plain runs with labels, tags, marks and comments."""
    make.run("plain", "m:train")
    make.run("evaluate", "m:evaluate", "k=3", f"operation:m:train={run_id('plain')}")
    make.run("labelled", "m:train", "lr=0.01", "-l", "best so far")
    make.run("tagged", "m:train", "lr=0.001", "opt=adamw", "-t", "paper", "-t", "seed 2")
    make.change("tag", "tagged", "-a", "Ablation")
    make.change("mark", "labelled")
    make.change("mark", "tagged")
    make.change("mark", "tagged", "--clear")
    make.change("comment", "labelled", "-a", COMMENT, "-u", "ada@box")
    make.change("comment", "labelled", "-a", "Second comment", "-u", "grace")
    make.change("comment", "tagged", "-a", "Only ONE", "-u", "ada")
    make.run("unlabelled", "m:train", "lr=1e-05", "-l", "")
    make.run("long label", "m:train", "-l", LONG_LABEL)
    make.run("cleared", "m:train", "-t", "gone")
    make.change("tag", "cleared", "-d", "gone")
    make.change("label", "cleared", "--clear")


def _outcomes(make: _Maker) -> None:
    """Every way a run can end, and those that never began."""
    make.run("error", "m:fail", "code=3", fails=True)
    make.run("terminated", "m:killed", fails=True)
    make.run("no flags", "m:noop")
    make.run("silent", "m:silent")
    make.run("staged", "m:train", "lr=0.7", "--stage")
    make.run("missing dependency", "m:needs-file", fails=True)
    make.run("restarted", "m:train", "lr=0.3")
    make.guild("run", "-y", "--restart", run_id("restarted"), "lr=0.4")
    make.run("started from staged", "m:train", "lr=0.8", "--stage")
    make.guild("run", "-y", "--start", run_id("started from staged"))
    make.run("far", "m:noop", "-l", "on another machine")
    (make.home / "runs" / run_id("far") / ".guild" / "LOCK.remote").write_text("gpu1")
    make.run("deleted", "m:train", "lr=0.9", "-l", "thrown away", "-t", "paper")
    make.run("deleted error", "m:fail", fails=True)
    make.guild("runs", "rm", "-y", run_id("deleted"), run_id("deleted error"))


def _values(make: _Maker) -> None:
    """Flags of every type, and strings that look like another one."""
    make.run("types", "m:types")
    make.run(
        "odd strings",
        "m:types",
        "number='1'",
        "yes='yes'",
        "text='1e-05'",
        "date='2020-01-01'",
        "empty=",
    )
    make.run("texts", "m:types", "text=Blue Sky, café", "number=abc", "date=2021-12-31")
    make.run("mixed", "m:types", "number=2", "text=5", "yes=no", "null=here", "map={b: 2, a: 1}")
    make.run("lists", "m:types", "@lists.json", "--keep-batch")
    make.run("shadowing", "m:shadow")
    make.run("anonymous", "train", "x=-0.5", "y=1.5e10", cwd="flat")
    make.run("anonymous again", "train", "x=.nan", "y=.inf", cwd="flat")
    make.run("exact", "train", "x=0.25", "y=3", cwd="flat")


def _batches(make: _Maker) -> None:
    """Batches of each kind, and a pipeline."""
    grid = ("lr=[0.1,0.2]", "batch-size=[32,64]")
    make.run("grid", "m:train", *grid, "--keep-batch", "-bl", "a grid")
    make.guild("run", "-y", "m:train", "lr=[0.5,0.6]", "-bt", "swept")
    make.run("random", "m:train", "lr=[0.001:0.1]", "-m", "2", "--random-seed", "7", "--keep-batch")
    make.run(
        "halted", "m:fail", "code=[1,2,3]", "--fail-on-trial-error", "--keep-batch", fails=True
    )
    make.run("steps", "m:pipeline", "opt=adamw")


def _scripts(make: _Maker) -> None:
    """Runs of scripts without a project file, one of which writes event files itself."""
    make.run("script", "train.py", "lr=0.05", cwd="scripts")
    make.run("script with arguments", "tool.py", "name=it's me", "fast=yes", cwd="scripts")
    make.run("script that fails", "broken.py", cwd="scripts", fails=True)
    make.run("event files", "tb.py", cwd="scripts")
    make.run("script in folder", "sub/deep.py", cwd="scripts")


def _aged(make: _Maker) -> None:
    """Runs of earlier days."""
    for name in AGES:
        make.run(name, "m:silent", "-l", name)


AGES = {
    "an hour old": HOUR,
    "a day old": DAY,
    "three days old": 3 * DAY,
    "nine days old": 9 * DAY,
    "forty days old": 40 * DAY,
    "a year old": 370 * DAY,
}


def make_guild_store(peer: Peer, base: Path) -> None:
    """Make the store below `base`, which must exist and be empty."""
    maker = _Maker(peer, base)
    chains = (_organised, _outcomes, _values, _batches, _scripts, _aged)
    with ThreadPoolExecutor(WORKERS) as pool:
        for done in [pool.submit(chain, maker) for chain in chains]:
            done.result()
    newest = run_id("three days old")
    now = int((maker.home / "runs" / newest / ".guild" / "attrs" / "started").read_text())
    for name, age in AGES.items():
        maker.rewrite_times(name, now - age)
    (base / "facts.json").write_text(json.dumps({"now": now}))


@pytest.fixture(scope="session")
def guild_store(peer: Peer, tmp_path_factory, worker_id_or_master) -> GuildStore:
    """The store of this session and its maker's knowledge; read only."""
    root = tmp_path_factory.getbasetemp()
    if worker_id_or_master != "master":
        root = root.parent  # what the workers of a parallel session share
    base = root / "guild-store"
    with (root / "guild-store.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (base / "facts.json").exists():
            shutil.rmtree(base, ignore_errors=True)
            base.mkdir()
            make_guild_store(peer, base)
    facts = json.loads((base / "facts.json").read_text())
    return GuildStore(base / "home", base / "projects", facts["now"])


@pytest.fixture(scope="session")
def worker_id_or_master(request) -> str:
    """Name of this worker of a parallel session, or "master"."""
    return getattr(request.config, "workerinput", {}).get("workerid", "master")


@pytest.fixture(scope="session")
def guild_home(guild_store: GuildStore) -> Path:
    """The Guild home that real Guild made for this session; read only."""
    return guild_store.home


@pytest.fixture
def guild_copy(guild_store: GuildStore, tmp_path: Path) -> GuildStore:
    """A copy of the store that the test may change."""
    home = tmp_path / "guild-home"
    shutil.copytree(guild_store.home, home, symlinks=True)
    return GuildStore(home, guild_store.projects, guild_store.now)
