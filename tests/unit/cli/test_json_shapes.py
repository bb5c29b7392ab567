"""The shape of every JSON document that a command on one's own runs prints: programs rely on it.

A key may be added; one that goes, or whose type changes, breaks what others wrote.
"""

from __future__ import annotations

from types import NoneType

import pytest

from core.samples.events import event_file
from tests.support.runs import make_run

RUN, BATCH = "a" * 32, "b" * 32
STARTED = 1_700_000_000_000_000

RUN_SHAPE = {
    "id": str,
    "run_dir": str,
    "opref": str,
    "operation": str,
    "status": str,
    "exit_status": int,
    "started": int,
    "stopped": int,
    "label": str,
    "tags": list,
    "marked": bool,
    "comments": list,
    "flags": dict,
    "scalars": dict,
    "host": str,
    "user": str,
    "from": str,
    "remote": NoneType,
    "sourcecode_digest": str,
    "vcs_commit": str,
    "pid": NoneType,
    "cmd": list,
    "deps": dict,
    "batch": str,
    "problem": NoneType,
}
INFO_SHAPE = RUN_SHAPE | {"size": int, "attributes": dict, "proto_flags": NoneType}
SCALAR_SHAPE = {
    "last": float, "last_step": int, "first": float, "first_step": int, "min": float,
    "min_step": int, "max": float, "max_step": int, "avg": float, "total": float, "count": int,
}  # fmt: skip
CHECK_SHAPE = {
    "home": str, "home_exists": bool, "home_writable": bool, "runs_dir": str, "free_space": int,
    "left_over": bool, "kept": int, "runs": int, "statuses": dict, "deleted": int,
    "unreadable": int, "index": str, "index_size": int, "index_problem": NoneType, "version": str,
    "python": str, "python_exe": str, "platform": str, "packages": dict, "log": str,
}  # fmt: skip
FILE_SHAPE = {
    "path": str, "kind": str, "type": str, "size": int, "modified": int, "target": NoneType,
    "run": NoneType, "problem": NoneType,
}  # fmt: skip


@pytest.fixture
def runs(desk):
    """A run that has everything, and the batch it belongs to."""
    attrs = {
        "started": str(STARTED), "stopped": str(STARTED + 5_000_000), "exit_status": "0",
        "label": "best", "tags": "[paper]", "marked": "true", "flags": "{lr: 0.1, opt: adam}",
        "comments": f"- {{body: good, user: ada, host: box, time: {STARTED}}}", "host": "box",
        "user": "ada", "sourcecode_digest": "abc", "vcs_commit": "git:123", "cmd": "[python]",
        "deps": "{}", "own": "1",
    }  # fmt: skip
    run_dir = make_run(desk.home / "runs", RUN, attrs=attrs, files={"out.txt": "x"})
    (run_dir / ".guild" / "events.out.tfevents.1").write_bytes(
        event_file({"loss": [1.0, 0.5, 0.25]})
    )
    batch_dir = make_run(desk.home / "runs", BATCH, opref="builtin:. '' '' +")
    (batch_dir / ".guild" / "proto" / ".guild").mkdir(parents=True)
    (batch_dir / RUN).symlink_to(run_dir)
    return desk


def assert_shape(document, shape) -> None:
    """Every key is there, and what stands under it has its type."""
    assert set(shape) <= set(document)
    wrong = {key: document[key] for key, kind in shape.items() if type(document[key]) is not kind}
    assert not wrong


def test_list_tells_each_run_in_this_shape(runs):
    documents = {each["id"]: each for each in runs("list", "--json").json}

    assert_shape(documents[RUN], RUN_SHAPE)
    assert_shape(documents[RUN]["scalars"]["loss"], SCALAR_SHAPE)
    assert documents[RUN]["batch"] == BATCH
    assert_shape(documents[RUN]["comments"][0], {"user": str, "host": str, "time": int})
    assert documents[BATCH]["batch"] is None


def test_list_leaves_nothing_out_of_a_run_that_has_nothing(desk):
    make_run(desk.home / "runs", RUN, opref="half")

    (document,) = desk("list", "--json").json

    assert set(RUN_SHAPE) <= set(document)
    assert document["problem"]
    assert (document["tags"], document["flags"], document["scalars"]) == ([], {}, {})


def test_info_adds_size_and_attributes(runs):
    document = runs("info", RUN, "--json").json

    assert_shape(document, INFO_SHAPE)
    assert_shape(document["scalars"]["loss"], SCALAR_SHAPE)
    assert document["attributes"] == {"own": 1}
    assert set(runs("info", BATCH, "--json").json) == set(document)


def test_check_tells_home_index_and_versions(runs):
    document = runs("check", "--json").json

    assert_shape(document, CHECK_SHAPE)
    assert document["runs"] == 2
    assert set(document["statuses"]) == {
        "running", "completed", "terminated", "error", "pending", "staged",
    }  # fmt: skip


def test_ls_tells_each_file_in_this_shape(runs):
    document = next(each for each in runs("ls", RUN, "--json").json if each["path"] == "out.txt")

    assert_shape(document, FILE_SHAPE)


def test_label_shows_before_and_after(runs):
    (document,) = runs("label", RUN, "-n", "-a", "x", "--json").json

    assert document == {"id": RUN, "before": "best", "after": "best x", "problem": None}


def test_tag_lists_tags(runs):
    assert runs("tag", "--list-all", "--json").json == ["paper"]


def test_comment_lists_comments(runs):
    document = runs("comment", RUN, "-l", "--json").json

    assert_shape(document[0]["comments"][0], {"user": str, "host": str, "time": int})
