"""`rundesk info` tells what `guild runs info` tells, on every run and field."""

from __future__ import annotations

import contextlib
import io
import json
import shlex

import pytest

from cli.__main__ import run
from cli.screen import time_text
from core.runs.store import Store
from tests.support.guild_infos import guild_infos

SAME = ("id", "operation", "from", "status", "run_dir", "tags")
AS_TEXT = ("sourcecode_digest", "vcs_commit", "label", "pid")
KNOWN = {
    *("id", "operation", "from", "status", "started", "stopped", "marked", "label", "run_dir"),
    *("sourcecode_digest", "vcs_commit", "command", "exit_status", "pid", "tags", "flags"),
    *("scalars", "comments", "environment", "proto-flags"),
}


@pytest.fixture(scope="module")
def ids(guild_home):
    return sorted(Store(guild_home / "runs").ids())


@pytest.fixture(scope="module")
def theirs(peer, guild_home, ids, tmp_path_factory):
    """Guild's document of each run, by its id."""
    scratch = tmp_path_factory.mktemp("infos")
    return guild_infos(peer, guild_home, ids, scratch, "--all-scalars", "--env", "--comments")


@pytest.fixture(scope="module")
def ours(ids, guild_home, tmp_path_factory):
    """Our document of each run, by its id."""
    documents = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(tmp_path_factory.mktemp("user")))
        for run_id in ids:
            with contextlib.redirect_stdout(io.StringIO()) as out:
                assert run(["info", "--json", "--env", run_id, "-H", str(guild_home)]) == 0
            documents[run_id] = json.loads(out.getvalue())
    return documents


def test_there_are_runs_of_every_status_and_with_everything_to_tell(ours):
    assert len(ours) > 40
    statuses = {run["status"] for run in ours.values()}
    assert statuses >= {"running", "pending", "staged", "completed", "terminated", "error"}
    for key in ("tags", "comments", "flags", "scalars", "attributes", "env", "deps"):
        assert any(run[key] for run in ours.values()), key


def test_every_field_of_every_run_is_guilds(theirs, ours):
    for run_id, their in theirs.items():
        our = ours[run_id]
        assert {key: our[key] for key in SAME} == {key: their[key] for key in SAME}
        assert {key: our[key] for key in AS_TEXT} == {key: their[key] or None for key in AS_TEXT}
        assert our["exit_status"] == (None if their["exit_status"] == "" else their["exit_status"])
        assert time_text(our["started"]) == their["started"]
        assert time_text(our["stopped"]) == their["stopped"]
        assert our["marked"] == (their["marked"] == "yes")
        assert (our["cmd"] or []) == shlex.split(their["command"])
        assert our["env"] == their["environment"]


def test_every_flag_is_guilds(theirs, ours):
    for run_id, their in theirs.items():
        # as text, since nan differs from itself
        assert json.dumps(ours[run_id]["flags"], sort_keys=True) == json.dumps(
            their["flags"], sort_keys=True
        )
        assert (ours[run_id]["proto_flags"] or {}) == their.get("proto-flags", {})


def test_every_value_of_every_scalar_is_guilds(theirs, ours):
    for run_id, their in theirs.items():
        assert set(ours[run_id]["scalars"]) == set(their["scalars"])
        for key, scalar in ours[run_id]["scalars"].items():
            expected = their["scalars"][key]
            for name in ("first", "last"):
                assert [scalar[name], scalar[f"{name}_step"]] == expected[name]
            # Guild prints the step of the least value for the greatest too, and for averages and
            # totals the count in place of a step.
            assert [scalar["min"], scalar["min_step"]] == expected["min"]
            assert scalar["max"] == expected["max"][0]
            assert [scalar["avg"], scalar["count"]] == pytest.approx(expected["avg"])
            assert [scalar["total"], scalar["count"]] == pytest.approx(expected["total"])


def test_every_comment_is_guilds(theirs, ours):
    for run_id, their in theirs.items():
        told = [
            {**comment, "time": time_text(comment["time"])} for comment in ours[run_id]["comments"]
        ]
        assert told == their["comments"]


def test_attributes_that_have_no_field_are_told_too(theirs, ours):
    for run_id, their in theirs.items():
        attributes = ours[run_id]["attributes"]
        assert set(attributes) - {"objective"} == set(their) - KNOWN  # which Guild keeps to itself
        # Guild makes text of them, without a form for what is nested.
        for key in set(their) - KNOWN:
            if isinstance(attributes[key], str | int):
                assert str(attributes[key]) == str(their[key])


def test_the_text_tells_guilds_fields_in_guilds_order(peer, guild_store, desk):
    for name in ("labelled", "error", "staged", "grid"):
        their = peer.guild(guild_store.home, "runs", "info", guild_store.id(name)).stdout
        our = desk.on(guild_store.home)("info", guild_store.id(name)).lines
        fields = [line.partition(":")[0] for line in their.splitlines() if line[:1] != " "]
        fields.remove("command")  # quoted in another way
        by_name = {line.partition(":")[0]: line for line in our if line[:1] != " "}
        for line in their.splitlines():
            field = line.partition(":")[0]
            if field in fields and field not in ("flags", "tags", "scalars", "proto-flags"):
                assert by_name[field] == line.rstrip()
        assert [field for field in by_name if field in fields] == fields


def test_trials_name_their_batch_as_the_list_does(guild_home, ours, desk):
    listed = desk.on(guild_home)("list", "--json").json

    assert {run["id"]: run["batch"] for run in listed} == {
        run_id: run["batch"] for run_id, run in ours.items()
    }
    assert sum(run["batch"] is not None for run in listed) >= 8
