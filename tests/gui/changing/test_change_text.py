from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from core.errors import Error
from core.home import Home
from core.runs.refusal import Refusal
from gui.changing.change_text import needs_attention, offers_of, sentence_of
from gui.changing.changes import Report
from gui.changing.commands import (
    LABELLING,
    TAGGING,
    DeleteRuns,
    PurgeRuns,
    RestoreRuns,
    Result,
    RevertEdits,
)
from gui.changing.home_runs import HomeRuns

HOME = Home(Path("/nowhere"))
IDS = tuple(f"{n:032x}" for n in range(0xABCD0000, 0xABCD0010))
BACK = RestoreRuns(HomeRuns(HOME), IDS)
REVERT = RevertEdits(HomeRuns(HOME), (), LABELLING)


def deleted(**result) -> Report:
    known = {"back": BACK} if result.get("done") else {}
    return Report(
        "do", "Move 3 runs to the trash", DeleteRuns(HomeRuns(HOME), IDS), Result(**known, **result)
    )


def refusal(number: int, kind="other", why="because") -> Refusal:
    return Refusal(IDS[number], f"Run {IDS[number][:8]} cannot be deleted: {why}.", kind)


CASES = {
    "Moved 3 runs to the trash.": deleted(done=IDS[:3]),
    "Moved run 00000000 to the trash.": deleted(done=IDS[:1]),
    "Moved 3 runs to the trash; 2 are still running.": deleted(
        done=IDS[:3], refused=(refusal(3, "running"), refusal(4, "running"))
    ),
    "Moved 3 runs to the trash; 2 refused.": deleted(
        done=IDS[:3], refused=(refusal(3, "denied"), refusal(4, "full", "no space left"))
    ),
    "Moved 3 runs to the trash; 2 refused: because.": deleted(
        done=IDS[:3], refused=(refusal(3, "denied"), refusal(4, "denied"))
    ),
    "2 runs refused: because.": deleted(refused=(refusal(3, "denied"), refusal(4, "denied"))),
    "2 runs are not there any more.": deleted(refused=(refusal(3, "gone"), refusal(4, "gone"))),
    "Run 00000000 cannot be deleted: because.": deleted(refused=(refusal(3, "running"),)),
    "Moved run 00000000 to the trash; run 00000000 cannot be deleted: because.": deleted(
        done=IDS[:1], refused=(refusal(3, "denied"),)
    ),
    "Stopped: moved 3 runs to the trash; 13 runs left as they were.": deleted(
        done=IDS[:3], cancelled=True
    ),
    "Stopped: deleted 16 runs permanently. Files are left.": Report(
        "do",
        "x",
        PurgeRuns(HomeRuns(HOME), IDS, from_trash=True),
        Result(done=IDS, cancelled=True, problem="Files are left."),
    ),
    "Nothing to change: the run is like that already.": deleted(unchanged=1),
    "Nothing to change: 2 runs are like that already.": deleted(unchanged=2),
    "Undone: label 2 runs.": Report("undo", "Label 2 runs", REVERT, Result(done=IDS[:2])),
    "Undone: change the tags of 2 runs.": Report(
        "undo", "x", RevertEdits(HomeRuns(HOME), (), TAGGING), Result(done=IDS[:2])
    ),
    "Undone: move 2 runs to the trash.": Report(
        "undo", "Move 2 runs to the trash", BACK, Result(done=IDS[:2])
    ),
    "Undone: restore 1 run from the trash.": Report(
        "undo", "x", DeleteRuns(HomeRuns(HOME), IDS), Result(done=IDS[:1])
    ),
    "Restored 2 runs from the trash.": Report(
        "redo", "Restore 2 runs from the trash", BACK, Result(done=IDS[:2])
    ),
    "Labelled 2 runs.": Report("redo", "Label 2 runs", REVERT, Result(done=IDS[:2])),
    "Undone: label 1 run; 2 runs changed meanwhile and left: 00000000, 00000000.": Report(
        "undo", "Label 3 runs", REVERT, Result(done=IDS[:1], refused=(refusal(1), refusal(2)))
    ),
    "Deleted 2 runs permanently, 3.0 KB are free again.": Report(
        "do", "x", PurgeRuns(HomeRuns(HOME), IDS, from_trash=True), Result(done=IDS[:2], freed=3000)
    ),
    "Not done: move 3 runs to the trash.": replace(deleted(), result=None),
    "It failed. Try again.": replace(
        deleted(), result=None, error=Error("It failed.", hint="Try again.")
    ),
}


@pytest.mark.parametrize("sentence", CASES)
def test_what_came_of_it_is_one_sentence(sentence):
    assert sentence_of(CASES[sentence]) == sentence


def test_what_was_done_can_be_taken_back_and_what_was_taken_back_done_again():
    assert offers_of(deleted(done=IDS[:3])) == ("undo",)
    assert offers_of(replace(deleted(done=IDS[:3]), kind="undo")) == ("redo",)
    assert offers_of(replace(deleted(done=IDS[:3]), kind="redo")) == ("undo",)


def test_running_runs_may_be_stopped_first_and_doubtful_ones_insisted_on():
    assert offers_of(deleted(refused=(refusal(0, "running"),))) == ("stop",)
    assert offers_of(deleted(refused=(refusal(0, "elsewhere"),))) == ("insist",)
    found = offers_of(deleted(done=IDS[:1], refused=(refusal(1, "running"), refusal(2, "full"))))
    assert found == ("undo", "stop", "show")


def test_what_was_not_done_stays_until_it_is_closed():
    assert not needs_attention(deleted(done=IDS))
    assert needs_attention(deleted(done=IDS, refused=(refusal(0),)))
    assert needs_attention(deleted(done=IDS, cancelled=True))
    assert needs_attention(deleted(done=IDS, problem="Files are left."))
    assert needs_attention(replace(deleted(), result=None))
