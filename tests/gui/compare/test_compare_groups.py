from __future__ import annotations

import pytest

from core.compare.view_file import CompareView, read_view, view_text
from tests.support.comparisons import page_rig
from tests.support.run_tables import make_columns, make_run


@pytest.fixture
def rig(qtbot, tmp_path):
    columns = make_columns(0)
    for number in range(12):
        flags = {"lr": (0.1, 0.2)[number % 2], "seed": number, "epochs": 5}
        columns.put(make_run(number, flags=flags, operation="train"))
    with page_rig(qtbot, columns, tmp_path) as rig:
        yield rig


def entries(rig) -> dict[str, object]:
    rig.page._groups.fill()
    actions = rig.page.bar.group_menu.actions()
    return {action.text().replace("&", ""): action for action in actions if action.text()}


def test_all_flags_but_the_seed_are_one_click(rig):
    entries(rig)["All Flags But “seed”"].trigger()
    rig.settle()

    assert rig.page.comparison.view.group_by == ("all but =seed",)
    assert [group.title for group in rig.model.answer.groups] == ["lr=0.1", "lr=0.2"]
    assert rig.page.bar._group.text() == "Group: all but seed"


def test_all_flags_but_the_seed_are_also_those_that_come_later(rig):
    rig.page.comparison.change(group_by=("all but =seed",))
    rig.settle()
    columns, run = (
        rig.table_rig.columns,
        make_run(1, flags={"lr": 0.2, "seed": 1, "epochs": 5, "drop": 0.5}),
    )

    columns.put(run)
    rig.chosen.tell_changes([columns.slot_of(run.id, False)])
    rig.settle()

    titles = [group.title for group in rig.model.answer.groups]
    assert sorted(titles) == ["drop=0.5  lr=0.2", "lr=0.1", "lr=0.2"]


def test_flags_of_all_but_the_seed_can_be_left_out_and_taken_back(rig):
    rig.page.comparison.change(group_by=("all but =seed", ".operation"))
    rig.settle()
    assert entries(rig)["lr"].isChecked()
    assert not entries(rig)["seed"].isChecked()

    entries(rig)["lr"].trigger()
    rig.settle()
    assert rig.page.comparison.view.group_by == ("all but =seed, =lr", ".operation")
    assert rig.page.bar._group.accessibleName() == "Group: all but seed, lr, Operation"

    entries(rig)["lr"].trigger()
    rig.settle()
    entries(rig)["seed"].trigger()
    rig.table_rig.wait_until(lambda: "all but" not in rig.page.comparison.view.group_by[0])
    assert rig.page.comparison.view.group_by == ("=epochs", "=lr", "=seed", ".operation")


def test_a_view_that_was_sent_keeps_all_but_the_seed(tmp_path):
    path = tmp_path / "sent.json"
    path.write_text(view_text(CompareView("sent", group_by=("all but =seed", "all but '"))))

    loaded = read_view(path)

    assert loaded.view.group_by == ("all but =seed",)
    assert len(loaded.problems) == 1


def test_flags_that_differ_are_offered_and_can_be_combined(rig):
    entries(rig)["lr"].trigger()
    rig.settle()
    entries(rig)["Operation"].trigger()
    rig.settle()

    assert "epochs" not in entries(rig)
    assert rig.page.comparison.view.group_by == ("=lr", ".operation")
    assert entries(rig)["lr"].isChecked()


def test_no_groups_is_one_click_too(rig):
    rig.page.comparison.change(group_by=("=lr",))
    rig.settle()

    entries(rig)["No Groups"].trigger()
    rig.settle()

    assert rig.model.answer.groups == ()
    assert rig.page.bar._group.text() == "Group"


def test_all_groups_are_closed_and_opened_at_once(rig):
    rig.page.comparison.change(group_by=("=lr",))
    rig.settle()

    entries(rig)["Collapse All"].trigger()
    closed = len(rig.model.lines)
    entries(rig)["Expand All"].trigger()

    assert closed == 2
    assert len(rig.model.lines) == 14


def test_without_groups_there_is_nothing_to_open(rig):
    assert not entries(rig)["Expand All"].isEnabled()
