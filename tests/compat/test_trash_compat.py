"""Deleting, restoring and erasing in turns with the real Guild on the same home."""

from __future__ import annotations

import re
import shutil

import pytest

from core.home import Home
from core.runs.purge import purge
from core.runs.related import related
from core.runs.store import Store
from core.runs.trash import delete, restore
from tests.support.trees import tree

NAMES = ("plain", "grid", "steps", "error", "far")


@pytest.fixture
def twins(guild_store, tmp_path):
    """Two equal small homes: one for us, one for Guild; they come with ids by name."""
    ids = [guild_store.id(name) for name in NAMES]
    for twin in ("ours", "theirs"):
        for run_id in ids:
            source = guild_store.home / "runs" / run_id
            shutil.copytree(source, tmp_path / twin / "runs" / run_id, symlinks=True)
    ours, theirs = Home(tmp_path / "ours"), Home(tmp_path / "theirs")
    assert tree(ours.path) == tree(theirs.path)
    return ours, theirs, ids


def without_cache(home):
    """Everything in a home but Guild's cache of scalars."""
    return {path: entry for path, entry in tree(home.path).items() if not path.startswith("cache")}


def listed(peer, home, *options):
    return sorted(run["id"] for run in peer.json(home.path, "runs", "--json", *options))


def test_the_same_commands_leave_equal_trees(peer, twins):
    ours, theirs, ids = twins

    delete(ours, ids[:4])
    peer.guild(theirs.path, "runs", "rm", "-y", *ids[:4])
    assert without_cache(ours) == without_cache(theirs)

    restore(ours, ids[:2])
    peer.guild(theirs.path, "runs", "restore", "-y", *ids[:2])
    assert without_cache(ours) == without_cache(theirs)

    purge(ours, ids[2:3], from_trash=True)
    peer.guild(theirs.path, "runs", "purge", "-y", ids[2])
    purge(ours, ids[:1], from_trash=False)
    peer.guild(theirs.path, "runs", "rm", "-yp", ids[0])
    assert without_cache(ours) == without_cache(theirs)


def test_each_program_goes_on_where_the_other_ended(peer, twins):
    home, _, ids = twins

    delete(home, ids[:2])
    assert listed(peer, home, "-d") == sorted(ids[:2])
    peer.guild(home.path, "runs", "restore", "-y", ids[0])
    peer.guild(home.path, "runs", "rm", "-y", ids[2])
    assert [move.name_there for move in restore(home, [ids[2], ids[1]]).moves] == [ids[2], ids[1]]

    assert listed(peer, home) == sorted(ids)
    assert listed(peer, home, "-d") == []


def test_an_id_that_is_in_the_trash_already_makes_room_as_in_guild(peer, twins):
    ours, theirs, ids = twins
    run_id = ids[0]

    def shape(home):
        found = sorted(path.name for path in home.trash_dir.iterdir())
        return [re.sub(r"(?<=_)[a-z0-9_]{8}\Z", "*", name) for name in found]

    for home, take in (
        (ours, lambda: delete(ours, [run_id])),
        (theirs, lambda: peer.guild(theirs.path, "runs", "rm", "-y", run_id)),
    ):
        take()
        source = home.trash_dir / run_id
        shutil.copytree(source, home.runs_dir / run_id, symlinks=True)
        (home.runs_dir / run_id / "second").touch()
        take()

    assert shape(ours) == shape(theirs) == [run_id, f"{run_id}_*"]
    for home in (ours, theirs):
        assert (home.trash_dir / run_id / "second").exists()

    (longer,) = (path.name for path in theirs.trash_dir.iterdir() if path.name != run_id)
    delete(theirs, [ids[1]])
    assert restore(theirs, [longer]).moves[0].name_there == longer
    assert longer in listed(peer, theirs)


def test_guild_does_not_list_what_is_put_aside(peer, twins):
    home, _, ids = twins
    delete(home, ids[:1])
    for place, run_id in ((home.runs_dir, ids[1]), (home.trash_dir, ids[0])):
        (place / ".rundesk").mkdir()
        (place / run_id).rename(place / ".rundesk" / "removed-abcdefgh")

    assert listed(peer, home) == sorted(ids[2:])
    assert listed(peer, home, "-d") == []
    assert "Nothing to purge" in peer.guild(home.path, "runs", "purge", "-y").stderr


def test_a_link_to_a_run_is_moved_by_both(peer, twins):
    ours, theirs, ids = twins
    for home in (ours, theirs):
        (home.runs_dir / ids[0]).rename(home.path / "elsewhere")
        (home.runs_dir / ids[0]).symlink_to("../elsewhere")

    delete(ours, [ids[0]])
    peer.guild(theirs.path, "runs", "rm", "-y", ids[0])

    kept = [name for name in without_cache(ours) if not name.startswith(f"trash/runs/{ids[0]}")]
    assert kept == [n for n in without_cache(theirs) if not n.startswith(f"trash/runs/{ids[0]}")]
    for home in (ours, theirs):
        assert (home.trash_dir / ids[0]).is_symlink()
        assert (home.path / "elsewhere" / ".guild" / "opref").exists()


def test_batches_and_pipelines_of_guild_have_their_trials_and_steps(guild_store):
    store = Store(guild_store.home / "runs")
    everything = [store.read(run_id, scalars=None) for run_id in store.ids()]

    grid = related(everything, [guild_store.id("grid")])
    steps = related(everything, [guild_store.id("steps")])

    assert sorted(grid.own) == sorted(guild_store.links("grid").values())
    assert sorted(steps.own) == sorted(guild_store.links("steps").values())
