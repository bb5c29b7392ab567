"""The commands do the same to the runs of a home and to those of a remote."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from core.errors import Cancelled
from core.home import Home
from core.runs.change import SetMark
from gui.changing.commands import (
    MARKING,
    ChangeableRuns,
    ChangeRuns,
    DeleteRuns,
    PurgeRuns,
    RestoreRuns,
)
from gui.changing.home_runs import HomeRuns
from gui.remotes.far_place import FarPlace
from tests.support.far_desk import BOTH, HERE, THERE, attr, front

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


class Place(NamedTuple):
    """The runs of a place as commands see them, two of them, and where they really are."""

    runs: ChangeableRuns
    ids: tuple[str, str]
    home: Home


@pytest.fixture
def at_home(home):
    return Place(HomeRuns(Home(home)), (HERE, BOTH), Home(home))


@pytest.fixture
def at_remote(open_desk, configure, server, there, qtbot):
    configure(server)
    app, desk = open_desk()
    front(app, qtbot)
    return Place(FarPlace("gpu1", desk.remotes), (THERE, BOTH), Home(server.login / ".guild"))


@pytest.fixture(params=["at_home", "at_remote"])
def place(request):
    return request.getfixturevalue(request.param)


def pass_on(_count: int) -> None:
    """Hears of the progress, and lets it go on."""


def ids_in(directory):
    return {path.name for path in directory.iterdir()} if directory.exists() else set()


def test_a_change_is_written_taken_back_and_made_again(place):
    runs_dir = place.home.runs_dir
    result = ChangeRuns(place.runs, place.ids, SetMark(True), MARKING).run(pass_on)
    assert result.done == place.ids
    assert [attr(runs_dir, run_id, "marked") for run_id in place.ids] == ["true\n"] * 2
    assert [edit.run_id for edit in result.news.written] == list(place.ids)

    undone = result.back.run(pass_on)
    assert set(undone.done) == set(place.ids)
    assert [attr(runs_dir, run_id, "marked") for run_id in place.ids] == [None] * 2

    undone.back.run(pass_on)
    assert [attr(runs_dir, run_id, "marked") for run_id in place.ids] == ["true\n"] * 2


def test_what_holds_something_else_by_now_is_not_taken_back(place):
    result = ChangeRuns(place.runs, place.ids, SetMark(True), MARKING).run(pass_on)
    first, other = place.ids
    (place.home.runs_dir / first / ".guild" / "attrs" / "marked").write_text("false\n")

    undone = result.back.run(pass_on)

    assert undone.done == (other,)
    assert [refusal.run_id for refusal in undone.refused] == [first]
    assert attr(place.home.runs_dir, first, "marked") == "false\n"


def test_deleted_runs_come_back(place):
    result = DeleteRuns(place.runs, place.ids).run(pass_on)
    assert result.done == place.ids
    assert ids_in(place.home.trash_dir) == set(place.ids)
    assert isinstance(result.back, RestoreRuns)

    back = result.back.run(pass_on)

    assert back.done == place.ids
    assert set(place.ids) <= ids_in(place.home.runs_dir)
    assert ids_in(place.home.trash_dir) == set()
    assert back.back == DeleteRuns(place.runs, place.ids)


@pytest.mark.parametrize("from_trash", [False, True])
def test_erased_runs_are_gone_for_good(place, from_trash):
    one, other = place.ids
    if from_trash:
        DeleteRuns(place.runs, place.ids).run(pass_on)

    result = PurgeRuns(place.runs, (one,), from_trash).run(pass_on)

    assert (result.done, result.back, result.problem) == ((one,), None, "")
    found = ids_in(place.home.runs_dir) | ids_in(place.home.trash_dir)
    assert one not in found
    assert other in found


def test_a_run_that_is_gone_is_refused_alone(place):
    gone = "f" * 32

    result = DeleteRuns(place.runs, (gone, place.ids[0])).run(pass_on)

    assert result.done == (place.ids[0],)
    assert [refusal.run_id for refusal in result.refused] == [gone]


def test_a_command_that_is_cancelled_keeps_what_it_did_and_can_be_gone_on_with(place):
    first, other = place.ids

    def cancel_after_one(count: int) -> None:
        if count:
            raise Cancelled

    command = DeleteRuns(place.runs, place.ids)
    result = command.run(cancel_after_one)
    assert (result.done, result.cancelled) == ((first,), True)
    assert other in ids_in(place.home.runs_dir)

    rest = command.without(result.done)
    assert rest.ids == (other,)
    assert rest.run(pass_on).done == (other,)


def test_only_what_is_done_to_a_remote_names_it(at_home, at_remote):
    said = [
        DeleteRuns(place.runs, place.ids).wording.sentence(place.ids)
        for place in (at_home, at_remote)
    ]

    assert said == ["Moved 2 runs to the trash", "Moved 2 runs to the trash on gpu1"]
