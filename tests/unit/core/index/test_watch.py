import os
from pathlib import Path

import pytest

from core.home import Home
from core.index.index import RunIndex
from core.index.watch import SWEEP_SECONDS, Watch
from tests.support.runs import make_run

A, B = "a" * 32, "b" * 32
OLD = 1_600_000_000


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path / "home")
    for run_id in (A, B):
        run_dir = make_run(home.runs_dir, run_id, attrs={"label": "old", "tags": '["x"]'})
        for root, dirs, files in os.walk(run_dir):
            for name in (*dirs, *files, "."):
                os.utime(Path(root, name), (OLD, OLD))
    return home


@pytest.fixture
def index(home):
    index = RunIndex(home, None)
    assert any(index.refresh())
    yield index
    index.close()


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def changed_within(watch, clock, seconds):
    """Slots that a watch tells of while its clock goes on so far."""
    found = set()
    for _ in range(int(seconds / 0.25)):
        clock.now += 0.25
        for changes in watch.step():
            found |= {*changes.changed, *changes.added}
    return found


@pytest.mark.parametrize("waited", [0, 1, 2, 3])
def test_edit_in_place_is_seen_in_every_pass(home, index, waited):
    clock = Clock()
    watch = Watch(index, clock)
    changed_within(watch, clock, waited * SWEEP_SECONDS)

    (home.runs_dir / A / ".guild" / "attrs" / "label").write_text("new")

    assert changed_within(watch, clock, SWEEP_SECONDS + 0.5) == {index.columns.slot_of(A)}
    assert index.columns.value("label", index.columns.slot_of(A)) == "new"


@pytest.mark.parametrize("waited", [1, 2])
def test_mark_is_seen_within_two_passes(home, index, waited):
    clock = Clock()
    watch = Watch(index, clock)
    changed_within(watch, clock, waited * SWEEP_SECONDS)

    (home.runs_dir / B / ".guild" / "attrs" / "marked").write_text("true")

    assert changed_within(watch, clock, 2 * SWEEP_SECONDS + 0.5) == {index.columns.slot_of(B)}


def test_run_that_begins_to_run_is_looked_at_each_second(home, index):
    clock = Clock()
    watch = Watch(index, clock)
    changed_within(watch, clock, 2 * SWEEP_SECONDS)
    run_dir = home.runs_dir / A
    (run_dir / ".guild" / "LOCK").write_text(str(os.getppid()))
    changed_within(watch, clock, 2 * SWEEP_SECONDS + 0.5)
    assert index.columns.value("status", index.columns.slot_of(A)) == "running"

    (run_dir / ".guild" / "LOCK").unlink()

    assert changed_within(watch, clock, 1.0) == {index.columns.slot_of(A)}
