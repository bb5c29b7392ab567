import os
import re
import socket

import pytest

from core.errors import RunNotFound
from core.runs.links import read_links
from core.runs.run import Comment
from core.runs.store import Store
from core.samples.events import event_file
from tests.support.directory_ways import BOTH_WAYS
from tests.support.runs import make_run

pytestmark = BOTH_WAYS

A, B = "a" * 32, "b" * 32


def test_everything_of_a_run_is_read(tmp_path):
    make_run(
        tmp_path,
        A,
        attrs={
            "started": "1700000000000000",
            "stopped": "1700000001500000",
            "initialized": "1699999999000000",
            "exit_status": "0",
            "label": "lr=0.1",
            "tags": "- b\n- a",
            "marked": "true",
            "flags": "lr: 0.1\nname: x",
            "host": socket.gethostname(),
            "user": "ada",
            "cmd": "- python\n- '1'",
            "comments": "- body: hello\n  host: h\n  time: 5\n  user: ada",
            "sourcecode_digest": "f" * 32,
            "vcs_commit": "git:abc*",
            "own": "[1, 2]",
        },
    )

    run = Store(tmp_path).read(A)

    assert (run.operation, run.project, run.status) == (
        "train.py",
        "/home/ada/project",
        "completed",
    )
    assert (run.label, run.tags, run.marked) == ("lr=0.1", ("b", "a"), True)
    assert run.flags == {"lr": 0.1, "name": "x"}
    assert run.comments == (Comment("hello", "ada", "h", 5),)
    assert run.cmd == ("python", "1")
    assert run.duration(0) == 1.5
    assert "own" in run.attr_names
    assert run.problem == ""


def test_directory_without_opref_is_no_run(tmp_path):
    make_run(tmp_path, A, opref=None)
    (tmp_path / "file").touch()
    make_run(tmp_path, "foo")

    assert Store(tmp_path).ids() == ["foo"]
    assert Store(tmp_path / "nowhere").ids() == []
    with pytest.raises(RunNotFound):
        Store(tmp_path).read("nothing")


@pytest.mark.parametrize(
    ("attrs", "opref", "problem"),
    [
        ({}, "script:/x ''", "its opref has 2 words"),
        ({}, b"\xff\x00", "its opref holds bytes that are not text"),
        ({"label": b""}, None, "attribute label is empty"),
        ({"flags": b"\x00\x01\xff"}, None, "attribute flags holds bytes that are not text"),
        ({"flags": "[1"}, None, "attribute flags is not valid YAML"),
        ({"flags": "5"}, None, "attribute flags is not a map"),
        ({"started": "soon"}, None, "attribute started is not a number"),
        ({"started": "1" + "0" * 30}, None, "attribute started is out of range"),
        ({"comments": "5"}, None, "attribute comments is not a list"),
        ({"exit_status": "[]"}, None, "attribute exit_status is not a number"),
    ],
)
def test_damage_is_one_sentence_and_the_rest_is_read(tmp_path, attrs, opref, problem):
    make_run(tmp_path, A, attrs={"user": "ada", **attrs}, **({"opref": opref} if opref else {}))

    run = Store(tmp_path).read(A)

    assert run.problem.startswith("Run aaaaaaaa cannot be read fully: ")
    assert problem in run.problem
    assert run.problem.endswith(".")
    assert run.user == "ada"


def test_an_event_file_that_was_cut_is_said_of_a_run_that_ended(tmp_path):
    whole = event_file({"loss": [3.0, 2.0, 1.0]})
    attrs = {"started": "1", "exit_status": "0"}
    run_dir = make_run(tmp_path, attrs=attrs)
    (run_dir / "events.out.tfevents.1").write_bytes(whole[:-5])

    run = Store(tmp_path).read(run_dir.name)

    assert run.scalars["loss"].last == 2.0
    assert re.search(
        r"events.out.tfevents.1 ends in the middle of a value at byte \d+", run.problem
    )


def test_an_event_file_that_is_being_written_is_no_problem(tmp_path):
    whole = event_file({"loss": [3.0, 2.0, 1.0]})
    attrs = {"started": "1", "host": socket.gethostname()}
    run_dir = make_run(tmp_path, attrs=attrs, files={".guild/LOCK": str(os.getpid())})
    (run_dir / "events.out.tfevents.1").write_bytes(whole[:-5])

    run = Store(tmp_path).read(run_dir.name)

    assert (run.status, run.problem) == ("running", "")


def test_broken_link_and_loop_of_links_are_runs_with_a_problem(tmp_path):
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    (tmp_path / "loop").symlink_to(tmp_path / "pool")
    (tmp_path / "pool").symlink_to(tmp_path / "loop")
    store = Store(tmp_path)

    assert sorted(store.ids()) == ["gone", "loop", "pool"]
    assert "a link that leads nowhere" in store.read("gone").problem
    assert "cannot be read" in store.read("loop").problem


def test_odd_values_do_not_disturb(tmp_path):
    make_run(
        tmp_path,
        A,
        attrs={
            "tags": "word",
            "label": "0x" + "f" * 5000,
            "flags": "2: x\ntrue: y",
            "comments": "- 5\n- body: [1]\n  time: later",
            "exit_status": "0.0",
            "cmd": "python",
        },
    )

    run = Store(tmp_path).read(A)

    assert run.tags == ("word",)
    assert run.label.startswith("0xfff")
    assert run.flags == {"2": "x", "yes": "y"}
    assert run.comments == (Comment("[1]"),)
    assert run.status == "completed"
    assert run.cmd == ("python",)


def test_batch_names_its_prototype_and_links_its_trials(tmp_path):
    proto = make_run(
        tmp_path,
        A,
        opref="builtin:guildai 0.9.0 '' +",
        files={".guild/proto/.guild/opref": "guildfile:/p/guild.yml 1 m train"},
    )
    make_run(tmp_path, B)
    (proto / B).symlink_to(f"../{B}")
    (proto / "data").symlink_to("/etc")
    (proto / "up").symlink_to("..")

    run = Store(tmp_path).read(A)

    assert (run.operation, run.is_batch) == ("m:train+", True)
    assert run.project == "/p/guild.yml"
    assert run.links == ((B, B),)


def test_links_to_steps_may_be_absolute_and_may_dangle(tmp_path):
    pipeline = make_run(tmp_path, A, attrs={"steps": "- run: x"})
    (pipeline / "prepare").symlink_to(tmp_path / B)
    (pipeline / "train").symlink_to("../" + "c" * 32)
    (pipeline / "outside").symlink_to("/usr/" + "d" * 32)

    assert Store(tmp_path).read(A).links == (("prepare", B), ("train", "c" * 32))
    assert read_links(str(tmp_path / "nothing")) == ()


def test_absolute_links_to_steps_count_after_the_store_was_moved(tmp_path):
    pipeline = make_run(tmp_path / "runs", A, attrs={"steps": "- run: x"})
    (pipeline / "prepare").symlink_to(f"/old/home/runs/{B}")
    (pipeline / "data").symlink_to("/old/home/runs/data")
    (pipeline / "file").symlink_to(f"/old/home/runs/{B}/file")

    assert Store(tmp_path / "runs").read(A).links == (("prepare", B),)


def test_trial_may_know_its_batch(tmp_path):
    make_run(tmp_path, A, files={".guild/batch": B + "\n"})

    assert Store(tmp_path).read(A).batch == B


def test_name_that_is_no_utf8_is_a_run(tmp_path):
    make_run(tmp_path, os.fsdecode(b"run-\xff"))

    (run_id,) = Store(tmp_path).ids()

    assert os.fsencode(run_id) == b"run-\xff"
    assert Store(tmp_path).read(run_id).operation == "train.py"
