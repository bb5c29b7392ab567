from __future__ import annotations

from pathlib import Path

from core.home import Home
from gui.changing.commands import DeleteRuns
from gui.changing.history import MOST_RUNS, MOST_STEPS, History, Step
from gui.changing.home_runs import HomeRuns

HOME = Home(Path("/nowhere"))


def step(title: str, runs: int = 1) -> Step:
    return Step(title, DeleteRuns(HomeRuns(HOME), tuple(str(n) for n in range(runs))))


def test_the_newest_step_is_taken_back_first():
    history = History()
    history.add(step("one"))
    history.add(step("two"))

    assert history.undo_step.title == "two"
    assert history.take_undo().title == "two"
    assert history.take_undo().title == "one"
    assert history.take_undo() is None


def test_something_new_ends_what_could_be_done_again():
    history = History()
    history.keep_redo(step("taken back"))

    history.add(step("new"))

    assert history.redo_step is None


def test_taking_back_and_doing_again_leave_the_others_alone():
    history = History()
    history.add(step("one"))
    taken = history.take_undo()
    history.keep_redo(taken)
    history.keep_undo(history.take_redo())

    assert history.undo_step is taken
    assert history.redo_step is None


def test_only_so_many_steps_are_kept():
    history = History()
    for number in range(MOST_STEPS + 5):
        history.add(step(str(number)))

    kept = []
    while taken := history.take_undo():
        kept.append(taken.title)
    assert len(kept) == MOST_STEPS
    assert kept[-1] == "5"


def test_steps_of_very_many_runs_push_old_ones_out_but_the_newest_stays():
    history = History()
    history.add(step("old", MOST_RUNS // 2 + 1))
    history.add(step("new", MOST_RUNS // 2 + 1))
    assert history.take_undo().title == "new"
    assert history.take_undo() is None

    history.add(step("huge", MOST_RUNS + 1))
    assert history.undo_step.title == "huge"
