"""Trials that were to go along with a batch stay where the batch is refused."""

from __future__ import annotations

import pytest

from core.home import Home
from core.runs.purge import purge
from core.runs.related import related
from core.runs.store import Store
from core.runs.trash import delete
from tests.support.runs import make_run

BATCH, DONE, PENDING, STEP = ("b" * 32, "1" * 32, "2" * 32, "3" * 32)
OTHER, OTHERS = "c" * 32, "4" * 32


@pytest.fixture
def home(tmp_path, start_operation):
    """A batch that runs, whose pending trial has a step; and one that has ended."""
    home = Home(tmp_path / "home")
    for run_id, linked in ((BATCH, (DONE, PENDING)), (PENDING, (STEP,)), (OTHER, (OTHERS,))):
        run_dir = make_run(home.runs_dir, run_id)
        for target in linked:
            (run_dir / target).symlink_to(f"../{target}")
    for run_id in (DONE, STEP, OTHERS):
        make_run(home.runs_dir, run_id)
    start_operation(home.runs_dir / BATCH)
    return home


def names(directory):
    return sorted(path.name for path in directory.iterdir()) if directory.is_dir() else []


def test_what_goes_only_with_a_running_batch_stays_with_it(home):
    along = (DONE, PENDING, STEP, OTHERS)

    outcome = delete(home, (BATCH, OTHER, *along), along=along)

    assert names(home.trash_dir) == [OTHERS, OTHER]
    assert [(r.run_id, r.kind) for r in outcome.refused] == [
        (BATCH, "running"),
        (DONE, "kept"),
        (PENDING, "kept"),
        (STEP, "kept"),
    ]
    said = f"Run {PENDING[:8]} cannot be deleted: it belongs to run {BATCH[:8]}, which stays."
    assert outcome.refused[2].reason == said


def test_a_trial_that_was_chosen_itself_goes(home):
    delete(home, (BATCH, DONE, PENDING), along=(PENDING,))

    assert names(home.trash_dir) == [DONE]


def test_erasing_at_once_keeps_them_as_well(home):
    outcome = purge(home, (BATCH, DONE, PENDING), from_trash=False, along=(DONE, PENDING))

    assert outcome.removed == ()
    assert {BATCH, DONE, PENDING} <= set(names(home.runs_dir))


def test_a_step_of_two_pipelines_stays_with_the_one_that_is_refused(tmp_path, start_operation):
    home = Home(tmp_path / "nested")
    outer, inner, step = "9" * 32, "8" * 32, "7" * 32
    for run_id, linked in ((outer, (step, inner)), (inner, (step,)), (step, ())):
        run_dir = make_run(home.runs_dir, run_id, attrs={"steps": "[]"} if linked else {})
        for target in linked:
            (run_dir / target).symlink_to(f"../{target}")
    start_operation(home.runs_dir / inner)
    store = Store(home.runs_dir)
    along = related([store.read(run_id) for run_id in store.ids()], [outer]).own

    outcome = delete(home, (outer, *along), along=along)

    assert names(home.trash_dir) == [outer]
    assert [(r.run_id, r.kind) for r in outcome.refused] == [(inner, "running"), (step, "kept")]
