"""Trials and steps of real servers are found that go along with their batches and pipelines."""

from __future__ import annotations

import shutil

import pytest

from core.runs.related import Related
from remote.errors import UnsafeAnswer
from remote.related_there import FoundThere, related_there
from tests.support.runs import make_run
from tests.support.ssh_server import make_programs
from tests.support.two_homes import KINDS

BATCH, FLOW, OTHER, PLAIN = "b" * 32, "f" * 32, "e" * 32, "d" * 32
TRIALS = ["1" * 32, "2" * 32]
STEP, SHARED = "3" * 32, "4" * 32


def go() -> None:
    """Stop nothing."""


@pytest.fixture(params=["shell", "sftp only", "busybox"], ids=str)
def homes(request, make_two_homes):
    """A batch of two trials, two pipelines that share a step, and a run with a resource."""
    homes = make_two_homes(**KINDS[request.param])
    runs = homes.there.runs_dir
    for run_id in (BATCH, FLOW, OTHER, PLAIN, *TRIALS, STEP, SHARED):
        make_run(runs, run_id)
    make_run(runs / BATCH / ".guild", "proto")
    for trial in TRIALS:
        (runs / BATCH / trial).symlink_to(f"../{trial}")
    for flow, steps in ((FLOW, {"prepare": STEP, "train\n1": SHARED}), (OTHER, {"train": SHARED})):
        (runs / flow / ".guild" / "attrs" / "steps").write_text("[]\n")
        for name, step in steps.items():
            (runs / flow / name).symlink_to(f"../{step}")
    (runs / PLAIN / "data").symlink_to(f"../{STEP}")  # a resource, and no step
    (runs / PLAIN / "latest").symlink_to("model.bin")
    return homes


def test_trials_belong_to_their_batch(homes):
    found = related_there(homes.remote(), [BATCH], go)

    assert found.parents == (BATCH,)
    assert sorted(found.related.own) == TRIALS


def test_a_step_of_two_pipelines_stays_until_both_go(homes):
    there = homes.remote()

    assert related_there(there, [FLOW], go).related == Related((STEP,), (SHARED,))
    both = related_there(there, [FLOW, OTHER], go)
    assert set(both.related.own) == {STEP, SHARED}
    assert both.parents == (FLOW, OTHER)


def test_a_run_that_has_another_one_as_its_resource_is_no_pipeline(homes):
    assert related_there(homes.remote(), [PLAIN, TRIALS[0]], go) == FoundThere()


def test_a_trial_that_is_selected_too_is_not_named_again(homes):
    found = related_there(homes.remote(), [BATCH, TRIALS[0]], go)

    assert found.related.own == (TRIALS[1],)


def test_in_the_trash_only_what_is_there_counts(homes):
    trash = homes.there.path / "trash" / "runs"
    trash.mkdir(parents=True)
    for run_id in (BATCH, TRIALS[0]):
        shutil.move(homes.there.runs_dir / run_id, trash / run_id)

    found = related_there(homes.remote(), [BATCH], go, in_trash=True)

    assert found.related.own == (TRIALS[0],)


def test_a_run_that_is_gone_has_nothing(homes):
    assert related_there(homes.remote(), ["9" * 32], go) == FoundThere()


@pytest.mark.parametrize("says", ["x\\0", "./other/x\\0../y\\0"], ids=["odd", "other"])
def test_a_server_that_lists_what_was_not_asked_for_is_not_believed(make_two_homes, tmp_path, says):
    script = f'case "$*" in *-type*) printf \'{says}\';; *) exec /usr/bin/find "$@";; esac'
    homes = make_two_homes(first_on_path=make_programs(tmp_path / "liar", ["find"], script))
    make_run(homes.there.runs_dir, BATCH)

    with pytest.raises(UnsafeAnswer, match="lists"):
        related_there(homes.remote(), [BATCH], go)
