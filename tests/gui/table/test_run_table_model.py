from __future__ import annotations

import math
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from core.home import Home
from core.runs.run import Comment
from gui.models.row_change import row_change
from gui.models.run_table_model import (
    NoteRole,
    RunRole,
    RunTableModel,
    SlotRole,
    SparkRole,
    ValueRole,
    row_numbers,
)
from gui.services import HomeRuns
from gui.table.columns import BASE_KEYS, study
from tests.support.run_tables import NOW, SECOND, make_columns, make_run, make_summary


def make_model(columns, keys=BASE_KEYS, now=NOW):
    model = RunTableModel(HomeRuns(Home(Path("/home"))), columns, lambda: now)
    model.set_columns([study(key, columns) for key in keys])
    model.show_order(columns.slots())
    return model


def cell(model, row, key, role=Qt.ItemDataRole.DisplayRole):
    return model.index(row, model.keys.index(key)).data(role)


def test_model_passes_the_tester_of_models(qtmodeltester):
    model = make_model(make_columns(60), (*BASE_KEYS, "flag:lr", "scalar:last:loss", "spark:loss"))

    qtmodeltester.check(model)


def test_model_passes_the_tester_while_rows_come_and_go(qtmodeltester):
    model = make_model(make_columns(60))
    qtmodeltester.check(model)

    for order in ([3, 5, 8], [3, 4, 5, 8, 9, 10], list(range(60)), [], [7]):
        model.show_order(order, row_change(model.order, order))
        assert list(model.order) == order
        assert [model.index(row, 0).data(SlotRole) for row in range(len(order))] == order


def test_cell_texts_are_what_people_read():
    run = make_run(1, started=NOW - 120 * SECOND, stopped=NOW - 60 * SECOND, status="completed")
    columns = make_columns(1)
    columns.put(run)
    model = make_model(columns)

    assert cell(model, 1, "status") == "completed"
    assert cell(model, 1, "started") == "2 min ago"
    assert cell(model, 1, "duration") == "0:01:00"
    assert cell(model, 1, "tags") == "paper"
    assert cell(model, 1, "operation") == "evaluate"


def test_missing_nan_and_infinity_are_told_apart():
    columns = make_columns(0)
    for number, loss in enumerate((0.5, math.nan, math.inf, -math.inf)):
        columns.put(make_run(number, scalars={"loss": make_summary(loss)}))
    columns.put(make_run(9, scalars={}))
    model = make_model(columns, ("scalar:last:loss",))

    texts = [cell(model, row, "scalar:last:loss") for row in range(5)]

    assert texts == ["0.5000", "nan", "inf", "-inf", ""]


def test_flags_read_as_in_guild():
    columns = make_columns(0)
    values = (True, False, [1, 2], {"a": 1}, "1", 1e-05, 3)
    for number, value in enumerate(values):
        columns.put(make_run(number, flags={"x": value}))
    model = make_model(columns, ("flag:x",))

    texts = [cell(model, row, "flag:x") for row in range(len(values))]

    assert texts == ["yes", "no", "[1, 2]", "{a: 1}", "'1'", "1e-05", "3"]


@pytest.mark.parametrize(
    ("values", "is_right"), [((1, 2.5, 3), True), (("a", "b", 1), False), ((1, 2, "auto"), True)]
)
def test_a_flag_column_stands_where_most_of_its_values_belong(values, is_right):
    columns = make_columns(0)
    for number, value in enumerate(values):
        columns.put(make_run(number, flags={"x": value}))
    model = make_model(columns, ("flag:x",))

    alignment = cell(model, 0, "flag:x", Qt.ItemDataRole.TextAlignmentRole)

    assert bool(alignment & Qt.AlignmentFlag.AlignRight) is is_right


def test_a_run_without_a_start_says_in_brackets_when_it_was_made():
    columns = make_columns(1)
    made = NOW - 7200 * SECOND
    columns.put(make_run(0, status="pending", started=None, stopped=None, initialized=made))
    columns.put(make_run(1, status="error", started=None, stopped=None, initialized=None))
    model = make_model(columns)

    assert [cell(model, row, "started") for row in (0, 1)] == ["(2 h ago)", ""]
    tip = cell(model, 0, "started", Qt.ItemDataRole.ToolTipRole)
    assert tip.startswith("No start is recorded; made ")
    assert "2025" in tip
    assert cell(model, 0, "started", ValueRole) is None


def test_an_automatic_label_shows_what_differs_and_keeps_the_whole_in_its_tip():
    columns = make_columns(0)
    for number, lr in enumerate(("0.1", "0.01")):
        flags = {"batch": 64, "lr": lr, "opt": "adam"}
        label = f"batch=64 lr={lr} opt=adam"
        columns.put(make_run(number, operation="train", label=label, flags=flags))
    model = make_model(columns)
    assert cell(model, 0, "label") == "lr=0.1 …"
    assert cell(model, 0, "label", Qt.ItemDataRole.ToolTipRole) == "batch=64 lr=0.1 opt=adam"
    assert cell(model, 0, "label", ValueRole) == "batch=64 lr=0.1 opt=adam"

    flags = {"batch": 32, "lr": "0.1", "opt": "adam"}
    columns.put(make_run(2, operation="train", label="batch=32 lr=0.1 opt=adam", flags=flags))
    model.changed([2])

    assert cell(model, 0, "label") == "batch=64 lr=0.1 …"


def test_automatic_labels_are_shown_whole_where_the_rows_are_in_their_order(qtbot):
    columns = make_columns(0)
    for number in range(2):
        label, flags = f"batch=64 lr={number}", {"batch": 64, "lr": number}
        columns.put(make_run(number, operation="train", label=label, flags=flags))
    model = make_model(columns)
    assert cell(model, 1, "label") == "lr=1 …"

    with qtbot.waitSignal(model.dataChanged):
        model.show_whole_labels(on=True)
    assert cell(model, 1, "label") == "batch=64 lr=1"

    model.show_whole_labels(on=False)
    assert cell(model, 1, "label") == "lr=1 …"


def test_automatic_labels_are_shown_whole_until_all_flags_are_known():
    columns = make_columns(0)
    for number in range(2):
        label = f"batch=64 lr={number}"
        columns.put(make_run(number, operation="train", label=label, flags={}))
    model = make_model(columns)
    columns._flags.defer(lambda: [f'{{"batch": 64, "lr": {number}}}' for number in range(2)])
    assert cell(model, 1, "label") == "batch=64 lr=1"

    columns.decode_flags()

    assert cell(model, 1, "label") == "lr=1 …"


def test_tooltip_of_a_time_is_exact_and_of_a_problem_its_sentence():
    columns = make_columns(0)
    columns.put(make_run(0, problem="The opref has too few words."))
    model = make_model(columns)

    assert "2025" in cell(model, 0, "started", Qt.ItemDataRole.ToolTipRole)
    assert cell(model, 0, "status", Qt.ItemDataRole.ToolTipRole) == "The opref has too few words."
    assert "has a problem" in cell(model, 0, "status", Qt.ItemDataRole.AccessibleTextRole)


def test_accessible_text_tells_cell_and_status():
    model = make_model(make_columns(2))

    assert cell(model, 0, "operation", Qt.ItemDataRole.AccessibleTextRole) == "train, completed"
    assert cell(model, 0, "status", Qt.ItemDataRole.AccessibleTextRole) == "completed"


def test_roles_give_the_run_its_slot_and_its_value():
    model = make_model(make_columns(3))

    run = model.index(2, 0).data(RunRole)

    assert run.id == f"{2:032x}"
    assert run.path == Path("/home/runs") / run.id
    assert model.index(2, 0).data(SlotRole) == 2
    assert cell(model, 2, "started", ValueRole) == NOW - 1200 * SECOND


def test_notes_tell_batches_and_trials():
    columns = make_columns(0)
    trial, batch = make_run(1), make_run(2, is_batch=True, links=(("1", make_run(1).id),))
    columns.put(trial)
    columns.put(batch)
    model = make_model(columns)

    assert cell(model, 0, "operation", NoteRole) == "trial"
    assert cell(model, 1, "operation", NoteRole) == "1 trial"


def test_a_run_without_any_name_is_called_by_its_short_id():
    columns = make_columns(0)
    columns.put(make_run(3, id="0ea86179" * 4, operation="", label="", problem="no permission"))
    columns.put(make_run(4, operation="", label="kept"))
    model = make_model(columns)

    assert cell(model, 0, "operation", NoteRole) == "0ea86179"
    assert cell(model, 1, "operation", NoteRole) == ""


def test_changed_values_are_shown_and_told_for_visible_rows_only(qtbot):
    columns = make_columns(10)
    model = make_model(columns)
    told = []
    model.dataChanged.connect(lambda first, last, *_: told.append((first.row(), last.row())))
    model.set_visible(2, 5)
    assert cell(model, 3, "label") == make_run(3).label

    columns.put(make_run(3, label="changed"))
    columns.put(make_run(4, label="changed"))
    columns.put(make_run(9, label="changed"))
    model.changed((3, 4, 9))

    assert told == [(3, 4)]
    assert cell(model, 3, "label") == "changed"
    assert cell(model, 9, "label") == "changed"


def test_duration_of_a_running_run_ticks_and_others_are_left_alone(qtbot):
    columns = make_columns(0)
    columns.put(make_run(0, status="running", started=NOW, stopped=None))
    columns.put(make_run(1))
    clock = [NOW + 5 * SECOND]
    model = RunTableModel(HomeRuns(Home(Path("/home"))), columns, lambda: clock[0])
    model.set_columns([study(key, columns) for key in BASE_KEYS])
    model.show_order([0, 1])
    assert cell(model, 0, "duration") == "0:00:05"
    still = cell(model, 1, "duration")
    sections = []
    model.dataChanged.connect(
        lambda first, last, *_: sections.append((first.column(), last.column()))
    )

    clock[0] += 60 * SECOND
    model.tick(with_times=False)

    duration = BASE_KEYS.index("duration")
    assert cell(model, 0, "duration") == "0:01:05"
    assert cell(model, 1, "duration") == still
    assert sections == [(duration, duration)]


def test_relative_times_tick(qtbot):
    columns = make_columns(1)
    clock = [NOW]
    model = RunTableModel(HomeRuns(Home(Path("/home"))), columns, lambda: clock[0])
    model.set_columns([study("started", columns)])
    model.show_order([0])
    assert cell(model, 0, "started") == "now"

    clock[0] += 180 * SECOND
    model.tick()

    assert cell(model, 0, "started") == "3 min ago"


def test_curves_are_kept_until_their_run_changes():
    columns = make_columns(3)
    model = make_model(columns, ("spark:loss",))
    assert model.missing_curves() == [("spark:loss", slot) for slot in range(3)]

    model.set_curves({("spark:loss", 0): (0.0, 1.0), ("spark:loss", 1): (0.5,)})
    assert cell(model, 0, "spark:loss", SparkRole) == (0.0, 1.0)
    model.changed([1])

    assert model.missing_curves() == [("spark:loss", 1), ("spark:loss", 2)]


def test_a_text_with_line_breaks_stays_in_its_row():
    columns = make_columns(0)
    columns.put(make_run(0, label="one\ntwo\tthree", comments=(Comment("a"), Comment("b"))))
    model = make_model(columns, ("label", "comments"))

    assert cell(model, 0, "label") == "one two three"
    assert cell(model, 0, "comments") == "2"


def test_a_column_that_no_run_has_is_empty():
    model = make_model(make_columns(2), ("flag:gone", "scalar:min:gone", "spark:gone", "odd"))

    assert [model.index(1, section).data() for section in range(4)] == ["", "", "", ""]


def test_headings_have_titles_and_stand_over_their_values():
    model = make_model(make_columns(2), ("label", "scalar:min:loss"))
    horizontal = Qt.Orientation.Horizontal

    assert model.headerData(1, horizontal) == "min loss"
    alignment = model.headerData(1, horizontal, Qt.ItemDataRole.TextAlignmentRole)
    assert alignment & Qt.AlignmentFlag.AlignRight
    assert model.headerData(7, horizontal) is None


def test_row_of_a_slot_follows_the_order():
    model = make_model(make_columns(5))

    model.show_order([4, 2])

    assert (model.row_of(4), model.row_of(2), model.row_of(1), model.row_of(99)) == (
        0,
        1,
        None,
        None,
    )
    assert list(row_numbers([])) == []


def test_what_changed_while_no_run_was_shown_is_shown_afterwards(qtbot):
    columns = make_columns(2)
    model = make_model(columns)
    assert cell(model, 0, "label") != "new"
    model.show_order([])
    columns.put(make_run(0, label="new"))

    model.changed([0])
    model.show_order([0])

    assert cell(model, 0, "label") == "new"
