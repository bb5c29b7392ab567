"""Exports of real Guild are listed as Guild lists them, and as the home that they came from.

What differs on purpose: Guild sees no markers inside a zip, so that a staged or pending run is an
error there, and one running elsewhere too; we read the markers.
"""

from __future__ import annotations

import pytest

FIELDS = ("id", "opref", "exit_status", "cmd", "started", "stopped", "status", "label", "tags")
BY_MARKERS = {"staged", "pending", "running"}


@pytest.fixture(scope="module", params=["directory", "zip"])
def export(request, peer, guild_home, tmp_path_factory):
    """All runs of the store as real Guild exports them."""
    name = "exported" if request.param == "directory" else "exported.zip"
    path = tmp_path_factory.mktemp("export") / name
    peer.guild(guild_home, "export", "-y", str(path))
    return path


def test_every_run_is_what_guild_says_of_it(peer, guild_home, desk, export):
    theirs = peer.json(guild_home, "runs", "list", "--json", "-A", str(export))
    ours = desk("list", "-A", str(export), "--json").json

    assert len(theirs) > 30
    assert [run["id"] for run in ours] == [run["id"] for run in theirs]
    seen = set()
    for our, their in zip(ours, theirs, strict=True):
        if export.suffix == ".zip" and our["status"] in BY_MARKERS:
            seen.add(our["status"])
            their["status"] = our["status"]
        assert {key: our[key] for key in FIELDS} == {
            **{key: their[key] for key in FIELDS},
            "label": their["label"] or None,
            "tags": their["tags"] or [],
        }
    assert seen >= ({"staged", "pending"} if export.suffix == ".zip" else set())


def test_every_run_is_what_the_home_says_of_it(guild_home, desk, export):
    at_home = desk.on(guild_home)("list", "--json").json
    exported = desk("list", "-A", str(export), "--json").json

    exported_ids = {run["id"] for run in exported}
    for there, here in zip(at_home, exported, strict=True):
        assert here.pop("run_dir") == f"{export}/{here['id']}"
        there.pop("run_dir")
        if there["batch"] not in exported_ids:  # the home knows it from its trash
            there["batch"] = None
        assert here == there


@pytest.mark.parametrize(
    "question", [("-Fo", "m:train"), ("-Fm",), ("-Fl", "best"), ("-Ft", "paper")]
)
def test_filters_choose_the_same_runs(peer, guild_home, desk, export, question):
    theirs = peer.json(guild_home, "runs", "list", "--json", "-A", str(export), *question)

    ours = desk("list", "-A", str(export), "--json", *question).json

    assert theirs
    assert [run["id"] for run in ours] == [run["id"] for run in theirs]


def test_trials_know_their_batch_in_guilds_exports(guild_store, desk, export):
    for name in ("grid", "random", "halted"):
        trials = set(guild_store.links(name).values())
        runs = desk("list", "-A", str(export), "--json").json

        assert {run["id"] for run in runs if run["batch"] == guild_store.id(name)} == trials


def test_files_and_output_are_those_of_the_run(guild_store, desk, export):
    run_id, run_dir = guild_store.id("plain"), guild_store.run_dir("plain")
    files = desk("ls", "-A", str(export), run_id, "-n", "-a").lines

    assert [name for name in files if not name.endswith("/")] == [
        name
        for name in desk.on(guild_store.home)("ls", run_id, "-n", "-a").lines
        if not name.endswith("/")
    ]
    output = desk("output", "-A", str(export), run_id).data
    assert output == (run_dir / ".guild" / "output").read_bytes()
