from __future__ import annotations

import math

import pytest

from core.compare.view_file import CompareView
from gui.compare.compared import Question, compare, default_columns, shown_facts
from tests.support.comparisons import compared
from tests.support.run_tables import NOW, make_columns, make_run, make_summary


def titles(answer) -> list[str]:
    return [fact.look.title for fact in answer.facts]


def fact(answer, title: str):
    return next(fact for fact in answer.facts if fact.look.title == title)


def losses(*values: float, **changes):
    """Runs that differ in their loss, the newest first."""
    columns = make_columns(0)
    for number, value in enumerate(values):
        columns.put(make_run(number, scalars={"loss": make_summary(value)}, **changes))
    return columns


def test_flags_and_scalars_come_before_times_and_what_the_heads_say_is_left_out():
    answer = compared(make_columns(12), range(12))

    assert titles(answer) == [
        "Operation", "Status", "lr", "opt", "step", "acc", "loss", "Started", "Duration",
    ]  # fmt: skip


def test_only_columns_that_differ_are_shown_unless_all_are_wanted():
    columns = losses(0.1, 0.2, flags={"lr": 0.1}, operation="train", status="completed")

    few = [f.look.title for f in shown_facts(compared(columns, [0, 1]))]
    all_ = [f.look.title for f in shown_facts(compared(columns, [0, 1], only_different=False))]

    assert "loss" in few
    assert "lr" not in few
    assert {"lr", "loss", "Operation"} <= set(all_)


def test_a_single_run_shows_all_it_has():
    assert len(shown_facts(compared(make_columns(3), [1]))) > 5


def test_chosen_columns_are_shown_as_they_are_chosen():
    answer = compared(make_columns(5), range(5), columns=("min loss", "loss", "=lr", ".label"))

    assert titles(answer) == ["min loss", "loss", "lr", "Label"]


def test_added_columns_join_those_of_the_operations():
    answer = compared(make_columns(5), range(5), added=("max acc",))

    assert "max acc" in titles(answer)
    assert "loss" in titles(answer)


def test_a_column_that_is_not_understood_is_left_out_and_said():
    answer = compared(make_columns(5), range(5), columns=("min", "=lr"))

    assert titles(answer) == ["lr"]
    assert "“min” is left out" in answer.built.problems[0]


def test_runs_are_sorted_by_several_columns():
    answer = compared(make_columns(40), range(40), sort=(("opt", False), ("loss", True)))

    opt, loss = fact(answer, "opt").place, fact(answer, "loss").place
    rows = [(answer.table.value(r, opt), -answer.table.value(r, loss)) for r in range(40)]
    assert rows == sorted(rows)


def test_a_level_of_a_column_that_is_gone_is_no_level():
    answer = compared(make_columns(5), range(5), sort=(("gone", True),))

    assert list(answer.table.slots) == [0, 1, 2, 3, 4]


def test_the_baseline_is_the_first_row_in_any_order():
    answer = compared(losses(0.3, 0.1, 0.2), [0, 1, 2], 2, sort=(("loss", False),))

    assert list(answer.table.slots) == [2, 1, 0]
    assert answer.baseline == 0


def test_the_lowest_loss_and_the_highest_accuracy_are_the_best():
    columns = make_columns(9)
    answer = compared(columns, range(9))

    loss, acc = fact(answer, "loss"), fact(answer, "acc")
    numbers = [columns.value("scalar:last:loss", slot) for slot in range(9)]
    assert loss.direction == "down"
    assert acc.direction == "up"
    assert loss.best == acc.best == {numbers.index(min(numbers))}


def test_the_best_value_is_found_beside_what_is_no_number():
    answer = compared(losses(math.nan, 0.2, math.inf, 0.1), range(4))

    assert fact(answer, "loss").best == {3}


def test_the_user_decides_which_way_is_better():
    columns = losses(0.3, 0.1, 0.2)

    up = fact(compared(columns, range(3), directions={"loss": "up"}), "loss")
    neither = fact(compared(columns, range(3), directions={"loss": None}), "loss")

    assert up.best == {0}
    assert neither.best == frozenset()


def test_groups_have_what_their_runs_share_as_title_and_their_means():
    columns = make_columns(30)
    answer = compared(columns, range(30), group_by=("=lr", "=opt"))

    loss = fact(answer, "loss")
    group = next(g for g in answer.groups if g.title == "lr=0.1  opt=sgd")
    numbers = [columns.value("scalar:last:loss", answer.table.slots[row]) for row in group.rows]
    assert group.mean(loss.place) == pytest.approx(sum(numbers) / len(numbers))
    assert sum(len(g.rows) for g in answer.groups) == 30


def test_what_all_groups_share_is_not_in_their_titles():
    columns = make_columns(0)
    for number, lr in enumerate((0.1, 0.2)):
        columns.put(make_run(number, flags={"lr": lr, "opt": "sgd"}))

    answer = compared(columns, range(2), group_by=("=lr", "=opt"))

    assert [group.title for group in answer.groups] == ["lr=0.1", "lr=0.2"]


def test_groups_that_read_the_same_have_titles_of_their_own():
    columns = make_columns(0)
    for number, lr in enumerate((1, "1", None, "a" * 2_000 + "b", "a" * 2_000 + "c")):
        columns.put(make_run(number, flags={"lr": lr}))

    answer = compared(columns, range(5), group_by=("=lr",))

    assert [group.title for group in answer.groups][:3] == ["lr=1", "lr='1'", "nothing in common"]
    assert len({group.title for group in answer.groups}) == 5


def test_groups_are_sorted_by_their_means():
    columns = make_columns(60)
    answer = compared(columns, range(60), group_by=("=lr", "=opt"), sort=(("loss", False),))

    place = fact(answer, "loss").place
    means = [group.mean(place) for group in answer.groups]
    assert means == sorted(means)
    assert fact(answer, "loss").best_groups == {0}


def test_another_order_needs_no_value_again():
    columns = make_columns(10)
    first = compared(columns, range(10))
    columns.put(make_run(3, scalars={"loss": make_summary(99.0)}))

    view = CompareView("", sort=(("loss", True),))
    again = compare(columns, Question(list(range(10)), None, view, NOW), first.built, lambda: None)

    place = fact(again, "loss").place
    assert again.table.value(0, place) < 99
    assert again.built is first.built


def test_the_columns_that_suit_can_be_written_down():
    found = default_columns(make_columns(6), range(6))

    assert found == [
        ".operation", ".status", "=lr", "=opt", 'loss step as "step"', "acc", "loss", ".started",
        ".time",
    ]  # fmt: skip


def test_work_stops_when_it_is_cancelled():
    class Stopped(Exception):
        pass

    def stop() -> None:
        raise Stopped

    with pytest.raises(Stopped):
        compare(make_columns(3), Question([0, 1], None, CompareView(""), NOW), None, stop)
