"""Stores that Guild 0.7.3 and 0.8.2 made are read as those versions read them.

The stores and what those programs said of them lie in `old_stores`; `make_store.py` there made
both. Nothing old needs to be installed to run these tests.
"""

from __future__ import annotations

import json
import shlex
import tarfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core.runs.details import read_details
from core.runs.manifest import read_manifest
from core.runs.source_code import list_source
from core.runs.store import Store

STORES = Path(__file__).parent / "old_stores"
VERSIONS = ["0.7.3", "0.8.2"]
MADE_AT = "/home/ada/home"

SAME = ("id", "opref", "cmd", "exit_status", "started", "stopped", "status")
EMPTY: dict[str, Any] = {"comments": [], "tags": [], "marked": False}
KNOWN = {
    *("id", "operation", "from", "status", "started", "stopped", "marked", "label", "run_dir"),
    *("sourcecode_digest", "vcs_commit", "command", "exit_status", "pid", "tags", "flags"),
    *("scalars", "comments", "environment", "proto-flags", "dependencies"),
}


class OldStore:
    """A home made by an old Guild and the answers of that Guild."""

    def __init__(self, version: str, home: Path) -> None:
        self.home = home
        self.said = json.loads((STORES / f"guild-{version}.json").read_text())
        self.infos: dict[str, dict[str, Any]] = self.said["info"]
        with tarfile.open(STORES / f"guild-{version}.tar.gz") as archive:
            archive.extractall(home, filter="tar")


def move_links(home: Path) -> None:
    """Let absolute links lead into the home, as they did where it was made."""
    for link in [path for path in (home / "runs").glob("*/*") if path.is_symlink()]:
        target = str(link.readlink())
        if target.startswith(f"{MADE_AT}/"):
            link.unlink()
            link.symlink_to(target.replace(MADE_AT, str(home), 1))


@pytest.fixture(scope="module", params=VERSIONS)
def old(request, tmp_path_factory):
    """The store of one version; read only."""
    store = OldStore(request.param, tmp_path_factory.mktemp("old"))
    move_links(store.home)
    return store


@pytest.fixture
def ours(old, desk):
    """Our document of each run, by its id."""
    on = desk.on(old.home)
    return {id_: on("info", "--json", "--env", id_).json for id_ in old.infos}


def clock(time: int | None) -> str:
    """A time as those versions told it, on a machine that keeps UTC."""
    return "" if time is None else f"{datetime.fromtimestamp(time // 10**6, UTC):%Y-%m-%d %H:%M:%S}"


@pytest.mark.parametrize("place", ["runs", "deleted"])
def test_every_field_of_every_listed_run_is_guilds(old, desk, place):
    theirs = old.said[place]
    options = ["--deleted"] if place == "deleted" else []

    ours = desk.on(old.home)("list", "--json", *options).json

    assert len(theirs) >= (20 if place == "runs" else 1)
    assert [run["id"] for run in ours] == [run["id"] for run in theirs]
    for our, their in zip(ours, theirs, strict=True):
        assert {key: our[key] for key in SAME} == {key: their[key] for key in SAME}
        assert our["label"] == (their["label"] or None)
        assert {key: our[key] for key in EMPTY} == {
            key: their[key] or empty for key, empty in EMPTY.items()
        }
        assert our["problem"] is None
        assert Path(our["run_dir"]).relative_to(old.home) == Path(their["run_dir"]).relative_to(
            MADE_AT
        )


def test_the_store_has_a_run_of_every_kind(ours):
    assert {run["status"] for run in ours.values()} >= {
        "completed",
        "error",
        "terminated",
        "staged",
    }
    for key in ("label", "tags", "comments", "marked", "flags", "scalars", "batch", "deps"):
        assert any(run[key] for run in ours.values()), key


def test_every_field_that_guild_tells_of_a_run_is_told(old, ours):
    assert old.infos
    for run_id, their in old.infos.items():
        our = ours[run_id]
        assert our["operation"] == their["operation"]
        assert our["from"] == their["from"].replace("~", "/home/ada")
        assert our["status"] == their["status"]
        assert our["exit_status"] == (None if their["exit_status"] == "" else their["exit_status"])
        assert (clock(our["started"]), clock(our["stopped"])) == (
            their["started"],
            their["stopped"],
        )
        assert our["marked"] == (their["marked"] == "yes")
        assert our["tags"] == their["tags"]
        assert our["flags"] == their["flags"]
        assert our["env"] == their["environment"]
        assert (our["cmd"] or []) == shlex.split(their["command"])
        for key in ("sourcecode_digest", "vcs_commit", "label", "pid"):
            assert our[key] == (their[key] or None)
        assert [{**comment, "time": clock(comment["time"])} for comment in our["comments"]] == (
            their["comments"]
        )


def test_every_scalar_is_guilds(old, ours):
    assert sum(len(run["scalars"]) for run in ours.values()) > 20
    for run_id, their in old.infos.items():
        scalars = ours[run_id]["scalars"]
        assert set(scalars) == set(their["scalars"])
        for key, scalar in scalars.items():
            for name in ("first", "last"):
                assert [scalar[name], scalar[f"{name}_step"]] == their["scalars"][key][name]
            for name in ("min", "max", "avg", "total"):
                assert scalar[name] == pytest.approx(their["scalars"][key][name][0])


def test_every_file_is_listed_and_told_apart(old, desk):
    assert old.said["files"]
    for run_id, theirs in old.said["files"].items():
        listed = desk.on(old.home)("ls", "-n", "-a", run_id).lines

        assert sorted(listed) == sorted(theirs)


def test_output_is_guilds_to_the_byte(old, desk):
    assert len(old.said["output"]) > 15
    for run_id, theirs in old.said["output"].items():
        assert desk.on(old.home)("output", run_id).out == theirs


def test_source_code_in_its_old_place_is_found(old):
    store = Store(old.home / "runs")
    with_source = [id_ for id_, info in old.infos.items() if info["sourcecode_digest"]]

    assert len(with_source) > 10
    for run_id in with_source:
        listing = list_source(store.run_dir(run_id))
        assert {"train.py", "train.sh"} <= {file.title.rpartition("/")[2] for file in listing.files}
        assert listing.problem == read_manifest(store.run_dir(run_id)).problem == ""
        assert read_details(store, store.run_dir(run_id)).source_files == len(listing.files)


@pytest.mark.parametrize("version", VERSIONS)
def test_batches_and_pipelines_lead_to_their_runs_wherever_the_store_is(version, tmp_path):
    old = OldStore(version, tmp_path)
    store = Store(old.home / "runs")
    details = [read_details(store, store.run_dir(run_id)) for run_id in old.infos]

    batches = [found for found in details if found.run.is_batch]
    pipelines = [found for found in details if found.run.operation == "m:pipeline"]
    assert (len(batches), len(pipelines)) == (2, 1)
    for found in batches + pipelines:
        assert found.related_count == len(found.related) == 2
        assert all(each.run is not None for each in found.related)
