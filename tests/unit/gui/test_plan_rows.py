from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from core.index.columns import RunColumns
from core.runs.label_text import default_label
from core.runs.refusal import Refusal
from gui.models.transfer_model import LABEL, TransferModel
from gui.remotes.plan_rows import Compared, rows_of
from gui.remotes.remote_draft import RemoteDraft, problems_of
from gui.remotes.run_words import RunWords, words_of
from gui.remotes.transfer_text import job_title, touched, transfer_grade, transfer_sentence
from remote.moves import TransferOutcome
from remote.plan import PlanItem
from remote.transfer import TransferPlan
from tests.support.run_tables import make_run

ID = "a" * 32
NOTHING = RunWords()


def row(direction="pull", verdict="new", words=NOTHING, **values):
    item = PlanItem(ID, direction, verdict, **values)
    from remote.plan import Options

    plan = TransferPlan(direction, "gpu1", (item,), Options())
    [found] = rows_of(Compared((plan,), 0.1), lambda _id: words)
    return found


def test_a_new_run_is_copied():
    found = row(files=("a", "b"), size=7, words=RunWords("train", "best"))

    assert (found.kind, found.does, found.bytes, found.files) == ("new", "copy", 7, 2)
    assert (found.operation, found.label) == ("train", "best")
    assert found.can_copy


def test_what_is_newer_where_it_would_go_stays_and_says_why():
    assert row("pull", "newer here").does == "nothing: this computer has more of it"
    assert not row("pull", "newer here").can_copy
    assert row("push", "newer there").does == "nothing: there is more of it there"


def test_what_is_newer_names_the_files():
    found = row(verdict="newer there", files=(".guild/output", "a/model.bin"), size=3)
    assert found.does == "copy what is newer: output, model.bin"
    many = row(verdict="newer there", files=tuple(f"f{n}" for n in range(9)))
    assert many.does == "copy what is newer: f0, f1, f2, f3 and 5 more"


def test_what_people_wrote_is_taken_over_attribute_by_attribute():
    found = row(verdict="newer there", merged={"label": b"x\n", "tags": None})

    assert found.does == "take over label, tags"


def test_a_conflict_names_what_cannot_be_merged_and_not_what_can():
    found = row(verdict="conflict", differs=("label", "tags"), unsettled=("label",))

    assert found.choices["both"] == "label differs: keep both"


def test_a_conflict_suggests_what_loses_nothing():
    found = row(verdict="conflict", differs=("label", "model.bin"))

    assert list(found.choices) == ["both", "theirs", "mine"]
    assert found.choices["both"] == "model.bin differs: keep both"
    assert found.leaving == "mine"
    assert found.why == "Differs: label, model.bin."


def test_a_conflict_of_a_push_leaves_theirs_when_it_is_not_ticked():
    found = row("push", "conflict", differs=("a", "b"))

    assert found.is_push
    assert list(found.choices) == ["both", "mine", "theirs"]
    assert found.choices["both"] == "a, b differ: keep both"
    assert found.leaving == "theirs"


def test_a_problem_says_why():
    found = row(verdict="problem", why="A link leads out.", remarks=("A device is left out.",))

    assert found.why == "A link leads out. A device is left out."
    assert not found.can_copy


def test_a_sync_says_of_each_run_which_way_it_goes():
    from remote.plan import Options

    new = PlanItem(ID, "push", "new")
    grown = PlanItem(ID, "pull", "newer there", files=("output",))
    plans = tuple(TransferPlan(item.direction, "gpu1", (item,), Options()) for item in (new, grown))
    rows = rows_of(Compared(plans, 0.1), lambda _id: RunWords())

    assert [row.does for row in rows] == ["push", "pull what is newer: output"]


def test_what_wants_a_decision_is_first_and_what_is_the_same_last():
    from remote.plan import Options

    verdicts = ("same", "new", "conflict", "newer there", "problem")
    items = tuple(PlanItem(ID, "pull", verdict) for verdict in verdicts)
    rows = rows_of(
        Compared((TransferPlan("pull", "gpu1", items, Options()),), 0.1), lambda _: RunWords()
    )

    assert [row.kind for row in rows] == ["conflict", "problem", "new", "newer-there", "same"]


def test_automatic_labels_are_as_short_as_in_the_table_and_whole_in_the_tip(qapp):
    from remote.plan import Options

    columns = RunColumns()
    for number, lr in enumerate((0.1, 0.01, 0.001)):
        flags = {"batch": 64, "epochs": 50, "lr": lr}
        columns.put(make_run(number, operation="train", label=default_label(flags), flags=flags))
    run_id = columns.stored("id")[1]
    plan = TransferPlan("pull", "gpu1", (PlanItem(run_id, "pull", "new"),), Options())
    whole = "batch=64 epochs=50 lr=0.01"
    compared = Compared((plan,), 0.1, words={run_id: ("train", whole)})

    [found] = rows_of(compared, words_of(None, columns))

    assert (found.label, found.short) == (whole, "lr=0.01 …")
    model = TransferModel()
    model.show([found])
    cell = model.index(0, LABEL)
    assert cell.data() == "lr=0.01 …"
    assert whole in cell.data(Qt.ItemDataRole.ToolTipRole)
    model.narrow("all", "epochs=50")
    assert model.rowCount() == 1


def test_words_of_the_other_side_go_before_those_of_this_one():
    from remote.plan import Options

    plan = TransferPlan("pull", "gpu1", (PlanItem(ID, "pull", "new"),), Options())
    compared = Compared((plan,), 0.1, words={ID: ("test", "theirs")})

    assert rows_of(compared, lambda _id: RunWords("train", "mine"))[0].label == "theirs"


def test_a_conflict_of_two_remotes_names_them():
    from remote.plan import Options

    item = PlanItem(ID, "push", "conflict", differs=("model.pt",))
    plan = TransferPlan("push", "plain", (item,), Options())

    [found] = rows_of(Compared((plan,), 0.1, source="gpu1"), lambda _id: RunWords())

    assert dict(found.choices) == {
        "both": "model.pt differs: keep both",
        "mine": "send that of gpu1 in place of that of plain",
        "theirs": "leave that of plain",
    }


# What is said afterwards


def test_a_transfer_says_what_was_copied_and_verified():
    outcome = TransferOutcome(
        new=("a", "b"), updated=("c",), sent=5_000_000, skipped=("d",), left=("d",)
    )

    said = transfer_sentence("pull", outcome)
    assert said == "Pulled 3 runs, 5.0 MB, sizes verified; 1 run left as it was."
    assert transfer_grade(outcome) == "done"
    assert touched(outcome) == ("a", "b", "c")


def test_a_transfer_with_nothing_new_says_so_and_not_that_runs_were_left_out():
    outcome = TransferOutcome(skipped=("a", "b", "c"), left=("b",))

    assert transfer_sentence("push", outcome) == "1 run left as it was; 2 runs had nothing new."
    assert transfer_sentence("sync", TransferOutcome(skipped=("a",))) == "1 run had nothing new."


def test_a_transfer_says_what_was_kept_beside_and_merged():
    outcome = TransferOutcome(renamed={"a": "b"}, merged=("c",), sent=9, verified="checksums")

    said = transfer_sentence("push", outcome)
    assert said == (
        "Pushed 1 run, 9 bytes, checksums verified; 1 of them under a new id; "
        "took over label, tags or comments of 1 run."
    )
    assert touched(outcome) == ("c", "b")


def test_a_transfer_says_what_was_refused_or_cancelled():
    refused = TransferOutcome(refused=(Refusal("a", "Run a: the disk is full."),))
    assert transfer_sentence("pull", refused) == "Run a: the disk is full."
    assert transfer_grade(refused) == "partly"
    cancelled = TransferOutcome(cancelled=True)
    assert transfer_sentence("sync", cancelled) == "Cancelled: nothing was copied."
    begun = TransferOutcome(sent=9, cancelled=True)
    assert transfer_sentence("pull", begun) == (
        "Cancelled: nothing was copied. What has arrived is kept for the next time."
    )
    assert transfer_grade(cancelled) == "cancelled"


def test_a_job_is_called_by_what_was_asked_for():
    ids = [digit * 32 for digit in "abc"]
    assert job_title("pull", ids, "gpu1") == "Pull 3 runs from gpu1"
    assert job_title("push", ids[:1], "gpu1") == "Push run aaaaaaaa to gpu1"
    assert job_title("sync", ids[:2], "gpu1") == "Sync 2 runs with gpu1"
    assert job_title("push", ids[:1], "b", "a") == "Copy run aaaaaaaa from a to b"


# The form of a remote


@pytest.mark.parametrize(
    ("name", "values", "wrong"),
    [
        ("gpu1", {"host": "gpu1.lab"}, set()),
        ("", {}, {"name", "host"}),
        ("two words", {"host": "h"}, {"name"}),
        ("-x", {"host": "-oProxyCommand=x"}, {"name", "host"}),
        ("taken", {"host": "h"}, {"name"}),
        ("a", {"host": "me@h"}, {"host"}),
        ("a", {"host": "h", "port": "0"}, {"port"}),
        ("a", {"host": "h", "port": "٣"}, {"port"}),
        ("a", {"host": "h", "port": "22", "connect-timeout": "soon"}, {"connect-timeout"}),
        ("a", {"host": "h", "user": "-l"}, {"user"}),
    ],
)
def test_what_is_wrong_with_a_remote_is_said_at_its_field(name, values, wrong):
    assert set(problems_of(RemoteDraft(name, values=values), {"taken"})) == wrong
