"""Real Guild lists and reads on both sides what moved, and pushes and pulls in turns with us."""

import json
import os
import subprocess

import pytest

from tests.support.peer import PEER
from tests.support.trees import tree
from tests.support.two_homes import content, make_full_run

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
    before = content(two_homes.there.runs_dir / B)  # without times of links: whole seconds
    (two_homes.here.runs_dir / B / ".guild/attrs/env").unlink()
    guild_remote("push", "-y", "box", B)
    assert content(two_homes.there.runs_dir / B) == before


def test_a_label_of_guild_there_comes_here(two_homes, peer):
    make_full_run(two_homes.here.runs_dir, A)
    two_homes.push(A)
    peer.guild(two_homes.there.path, "label", "-y", "-s", "by Guild", A)
    path = two_homes.there.runs_dir / A / ".guild/attrs/label"
    os.utime(path, (path.stat().st_mtime + 5,) * 2)

    assert two_homes.pull(A).merged == (A,)
    assert (two_homes.here.runs_dir / A / ".guild/attrs/label").read_text() == "by Guild\n"


def test_guild_and_we_push_and_pull_in_turns_and_nothing_is_lost(two_homes, guild_remote, peer):
    here, there = two_homes.here, two_homes.there
    ids = [letter * 32 for letter in "cdef"]
    ours, theirs = "1" * 32, "2" * 32
    for run_id in ids[:2]:
        make_full_run(here.runs_dir, run_id)
    two_homes.push(ids[0])
    guild_remote("push", "-y", "box", ids[1])
    for run_id in ids[2:]:
        make_full_run(there.runs_dir, run_id)
    guild_remote("pull", "-y", "box", ids[2])
    two_homes.pull(ids[3])
    assert listed(peer, here.path) == listed(peer, there.path) == set(ids)
    assert two_homes.verdicts("push", *ids) == dict.fromkeys(ids, "same")

    # Each goes on with what the other one copied.
    for run_id, program in ((ids[0], "guild"), (ids[1], "ours")):
        peer.guild(here.path, "label", "-y", "-s", f"by {program}", run_id)
        (here.runs_dir / run_id / f"more-{program}.txt").write_text("more")
    guild_remote("push", "-y", "box", ids[0])
    assert two_homes.push(ids[1]).updated == (ids[1],)
    for run_id, program in ((ids[2], "guild"), (ids[3], "ours")):
        (there.runs_dir / run_id / f"more-{program}.txt").write_text("more")
    guild_remote("pull", "-y", "box", ids[2])
    two_homes.pull(ids[3])

    for run_id in ids:
        found = [
            {name: facts[2] for name, facts in tree(home.runs_dir / run_id).items()
             if not name.endswith("attrs/env")}
            for home in (here, there)
        ]  # fmt: skip
        assert found[0].keys() == found[1].keys()
        assert [name for name in found[0] if found[0][name] != found[1][name]] == []
        assert any(name.startswith("more-") for name in found[0])
    assert two_homes.verdicts("push", *ids) == dict.fromkeys(ids, "same")

    # A new run of each program on each side, all at once.
    make_full_run(here.runs_dir, ours)
    make_full_run(there.runs_dir, theirs)
    two_homes.sync()
    guild_remote("pull", "-y", "box")
    guild_remote("push", "-y", "box")
    assert listed(peer, here.path) == listed(peer, there.path) == {*ids, ours, theirs}
    assert two_homes.verdicts("pull") == dict.fromkeys([*ids, ours, theirs], "same")
