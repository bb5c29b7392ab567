"""Real Guild lists and reads on both sides what moved, and pushes and pulls in turns with us."""

import json
import os
import subprocess

import pytest

from tests.support.peer import PEER
from tests.support.trees import tree
from tests.support.two_homes import make_full_run

A, B = "a" * 32, "b" * 32


@pytest.fixture
def guild_remote(two_homes, tmp_path, peer):
    """Calls real Guild with the server as its remote "box", over real ssh and rsync."""
    server, home = two_homes.server, tmp_path / "guild-user"
    programs = tmp_path / "guild-programs"
    for folder in (home / ".guild", programs):
        folder.mkdir(parents=True)
    config = tmp_path / "ssh_config"
    config.write_text(server.ssh_config("box"))
    (programs / "ssh").write_text(f'#!/bin/sh\nexec /usr/bin/ssh -F {config} "$@"\n')
    (programs / "ssh").chmod(0o755)
    (home / ".guild/config.yml").write_text(
        f"remotes:\n  box:\n    type: ssh\n    host: box\n"
        f"    guild-home: {two_homes.there.path}\n"
        f"    venv-activate: export PATH={PEER / 'bin'}:$PATH\n"
    )

    def guild(*arguments):
        return subprocess.run(
            [str(PEER / "bin/guild"), "-H", str(two_homes.here.path), *arguments],
            env=peer.environ | {"HOME": str(home), "PATH": f"{programs}:{peer.environ['PATH']}"},
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )

    return guild


def listed(peer, home):
    """Ids of the runs that Guild lists."""
    return {run["id"] for run in json.loads(peer.guild(home, "runs", "list", "--json").stdout)}


def test_guild_lists_and_reads_what_was_pushed_and_pulled(two_homes, peer):
    make_full_run(two_homes.here.runs_dir, A)
    make_full_run(two_homes.there.runs_dir, B)
    two_homes.push(A)
    two_homes.pull(B)

    for home in (two_homes.here.path, two_homes.there.path):
        assert listed(peer, home) == {A, B}
        assert "label: first try" in peer.guild(home, "runs", "info", A).stdout
        assert "lr: 0.1" in peer.guild(home, "runs", "info", B).stdout


def test_what_guild_pushed_is_the_same_for_us_and_the_other_way_round(two_homes, guild_remote):
    make_full_run(two_homes.here.runs_dir, A)
    guild_remote("push", "-y", "box", A)
    assert two_homes.verdicts("pull", A) == two_homes.verdicts("push", A) == {A: "same"}

    make_full_run(two_homes.here.runs_dir, B)
    two_homes.push(B)
    before = tree(two_homes.there.runs_dir / B)
    (two_homes.here.runs_dir / B / ".guild/attrs/env").unlink()
    guild_remote("push", "-y", "box", B)
    assert tree(two_homes.there.runs_dir / B) == before


def test_a_label_of_guild_there_comes_here(two_homes, peer):
    make_full_run(two_homes.here.runs_dir, A)
    two_homes.push(A)
    peer.guild(two_homes.there.path, "label", "-y", "-s", "by Guild", A)
    path = two_homes.there.runs_dir / A / ".guild/attrs/label"
    os.utime(path, (path.stat().st_mtime + 5,) * 2)

    assert two_homes.pull(A).merged == (A,)
    assert (two_homes.here.runs_dir / A / ".guild/attrs/label").read_text() == "by Guild\n"
