"""Runs with very large event files do not keep the others waiting."""

from __future__ import annotations

import pytest

from core.errors import Cancelled
from core.home import Home
from core.index import reading
from core.index import run_reader as module
from core.index.index import RunIndex
from core.runs.scalars import EventsTooLarge, read_summaries
from core.runs.tfevents import EventWriter
from tests.support.runs import make_run

IDS = [f"{number:032x}" for number in range(1, 7)]
HEAVY = IDS[1]


def write(run_dir, count):
    path = run_dir / ".guild" / "events.out.tfevents.1"
    path.unlink(missing_ok=True)
    with EventWriter(str(path)) as writer:
        for step in range(count):
            writer.add(step, [("loss", float(step))])


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Six runs, of which the second one has a large event file."""
    home = Home(tmp_path / "home")
    for run_id in IDS:
        write(make_run(home.runs_dir, run_id), 2000 if run_id == HEAVY else 3)
    for place in (reading, module):
        monkeypatch.setattr(place, "HEAVY_BYTES", 10_000)
    return home


@pytest.fixture
def index(home, tmp_path):
    index = RunIndex(home, tmp_path / "cache")
    yield index
    index.close()


def looks(index):
    """For each step of a first look, the last value of each run that is known."""
    found = []
    for _ in index.refresh():
        columns = index.columns
        found.append(
            {
                columns.value("id", slot): columns.value("scalar:last:loss", slot)
                for slot in columns.slots()
            }
        )
    return found


def test_the_others_come_first_and_the_run_is_shown_before_its_scalars_are_read(index):
    steps = [step for step in looks(index) if step]

    assert steps[0] == dict.fromkeys([i for i in IDS if i != HEAVY], 2.0)
    assert steps[1] == {**steps[0], HEAVY: None}
    assert steps[-1] == {**steps[0], HEAVY: 1999.0}


def test_processes_leave_the_large_ones_for_later_too(index, monkeypatch):
    monkeypatch.setattr(module, "WORTH_PROCESSES", 2)
    steps = [step for step in looks(index) if step]

    # The processes know nothing of the smaller limit of this test: all are light for them.
    assert steps[-1][HEAVY] == 1999.0
    assert len(steps[-1]) == len(IDS)


def test_a_look_that_ends_before_the_scalars_are_read_is_made_up_for(home, tmp_path):
    index = RunIndex(home, tmp_path / "cache")
    steps = index.refresh()
    while index.columns.slot_of(HEAVY) is None:
        next(steps)
    index.close()

    again = RunIndex(home, tmp_path / "cache")
    again.load()
    before = again.columns.value("scalar:last:loss", again.columns.slot_of(HEAVY))
    for _ in again.refresh():
        pass
    after = again.columns.value("scalar:last:loss", again.columns.slot_of(HEAVY))
    again.close()

    assert (before, after) == (None, 1999.0)


def test_a_known_run_keeps_its_scalars_while_its_file_is_read_again(index, home):
    looks(index)
    slot = index.columns.slot_of(HEAVY)
    write(home.runs_dir / HEAVY, 3000)
    seen = []
    for _ in index.read_new([(False, HEAVY)]):
        seen.append(index.columns.value("scalar:last:loss", slot))

    assert None not in seen
    assert seen[-1] == 2999.0


def test_a_large_file_is_read_until_somebody_stops_it(home):
    calls = []

    def check():
        calls.append(1)
        raise Cancelled

    with pytest.raises(Cancelled):
        read_summaries(home.runs_dir / HEAVY, check=check)
    assert calls == [1]


def test_the_size_of_event_files_decides(home):
    with pytest.raises(EventsTooLarge):
        read_summaries(home.runs_dir / HEAVY, most=10_000)
    assert read_summaries(home.runs_dir / IDS[0], most=10_000).summaries["loss"].last == 2.0
