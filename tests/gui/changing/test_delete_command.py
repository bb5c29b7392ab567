"""What a deletion that was taken back does when it is done again."""

from __future__ import annotations

import pytest

from core.home import Home
from gui.changing.commands import DeleteRuns, RestoreRuns
from gui.changing.home_runs import HomeRuns
from tests.support.runs import make_run

BATCH, TRIAL = "b" * 32, "1" * 32


@pytest.fixture
def home(tmp_path):
    """A batch that has ended before its trial was started."""
    home = Home(tmp_path)
    batch_dir = make_run(home.runs_dir, BATCH)
    make_run(home.runs_dir, TRIAL, files={".guild/PENDING": ""})
    (batch_dir / TRIAL).symlink_to(f"../{TRIAL}")
    return home


def go_on(_count: int) -> None:
    """Hears of the progress, and lets it go on."""


def test_a_trial_stays_when_its_batch_runs_again_by_then(home, start_operation):
    runs = HomeRuns(home)
    deleted = DeleteRuns(runs, (BATCH, TRIAL), along=(TRIAL,)).run(go_on)
    restored = deleted.back.run(go_on)
    assert restored.done == (BATCH, TRIAL)
    start_operation(home.runs_dir / BATCH)

    again = restored.back.run(go_on)

    assert [(r.run_id, r.kind) for r in again.refused] == [(BATCH, "running"), (TRIAL, "kept")]
    assert (home.runs_dir / TRIAL).is_dir()


def test_a_restored_trial_stays_when_that_is_taken_back_while_its_batch_runs(home, start_operation):
    runs = HomeRuns(home)
    DeleteRuns(runs, (BATCH, TRIAL)).run(go_on)
    restored = RestoreRuns(runs, (BATCH, TRIAL), along=(TRIAL,)).run(go_on)
    start_operation(home.runs_dir / BATCH)

    undone = restored.back.run(go_on)

    assert [r.kind for r in undone.refused] == ["running", "kept"]
