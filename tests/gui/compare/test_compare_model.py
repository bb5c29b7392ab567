from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from gui.models.compare_model import CompareModel
from tests.support.comparisons import compared
from tests.support.run_tables import make_columns, make_run, make_summary

ACCESSIBLE = Qt.ItemDataRole.AccessibleTextRole
TIP = Qt.ItemDataRole.ToolTipRole


@pytest.fixture
def columns():
    return make_columns(30)


@pytest.fixture
def model(qapp, columns):
    return CompareModel(columns)


def section(model: CompareModel, title: str) -> int:
    return [fact.look.title for fact in model.facts].index(title)


def cell(model: CompareModel, line: int, title: str):
    return model.cell(line, section(model, title))


@pytest.mark.parametrize("is_turned", [False, True])
def test_it_is_a_model_by_the_book(model, columns, qtmodeltester, is_turned):
    model.show(compared(columns, range(30)), is_turned=is_turned)

    qtmodeltester.check(model)


def test_runs_are_rows_or_columns(model, columns):
    answer = compared(columns, range(5))

    model.show(answer)
    as_rows = (model.rowCount(), model.columnCount())
    model.show(answer, is_turned=True)

    assert as_rows == (5, len(model.facts))
    assert (model.rowCount(), model.columnCount()) == (len(model.facts), 5)
    assert model.index_of(3, 1).row() == 1
    assert model.line_at(model.index_of(3, 1)) == 3


def test_cells_say_how_far_they_are_from_the_baseline(qapp):
    columns = make_columns(0)
    model = CompareModel(columns)
    for number, loss in enumerate((0.4, 0.2, 0.5)):
        columns.put(make_run(number, scalars={"loss": make_summary(loss)}))

    model.show(compared(columns, range(3), 0))

    assert cell(model, 0, "loss").note == ""
    assert cell(model, 1, "loss").note == "−0.2000 · −50 %"
    assert [cell(model, line, "loss").tone for line in (1, 2)] == ["better", "worse"]
    assert cell(model, 1, "loss").is_best
    assert model.is_baseline(0)


def test_new_values_of_the_same_runs_reset_nothing(model, columns, qtbot):
    model.show(compared(columns, range(30)))
    resets = []
    model.modelReset.connect(lambda: resets.append(1))
    columns.put(make_run(4, scalars={"loss": make_summary(7.0), "acc": make_summary(0.5)}))

    with qtbot.waitSignal(model.dataChanged):
        is_same = model.show(compared(columns, range(30)))

    assert is_same
    assert resets == []
    assert cell(model, 4, "loss").text == "7.0000"


def test_other_runs_reset_it(model, columns):
    model.show(compared(columns, range(30)))

    assert not model.show(compared(columns, range(20)))


def test_groups_can_be_closed_and_opened_again(model, columns):
    answer = compared(columns, range(30), group_by=("=opt",))
    model.show(answer)
    opened = len(model.lines)

    model.open_groups(["opt=sgd"], on=False)
    closed = [model.name(line) for line in range(len(model.lines))]
    model.open_groups(model.group_titles(), on=False)

    assert opened == 32
    assert closed.count("opt=sgd") == 1
    assert len(closed) < opened
    assert [model.name(line) for line in range(2)] == [group.title for group in answer.groups]
    assert len(model.lines) == 2


def test_the_line_of_a_group_stands_for_its_runs(model, columns):
    model.show(compared(columns, range(30), group_by=("=opt",)))
    model.open_groups(model.group_titles(), on=False)

    assert sorted(model.slots(0) + model.slots(1)) == list(range(30))
    assert model.slot(0) is None
    assert "runs" in model.mark(0)


def test_a_group_shows_what_its_runs_share_and_dots_where_they_differ(model, columns):
    model.show(compared(columns, range(30), group_by=("=opt",)))

    assert cell(model, 0, "opt").text in ("sgd", "adam")
    assert cell(model, 0, "Status").text == "…"
    assert cell(model, 0, "loss").note.startswith("± ")


def test_a_cell_is_heard_with_its_column_its_run_and_what_stands_out(qapp):
    columns = make_columns(0)
    model = CompareModel(columns)
    for number, loss in enumerate((0.4, 0.2)):
        columns.put(make_run(number, scalars={"loss": make_summary(loss)}))
    model.show(compared(columns, range(2), 0))

    heard = model.index_of(1, section(model, "loss")).data(ACCESSIBLE)

    assert heard.startswith("loss, 0.2000, −0.2000 · −50 % against the baseline, best, ")
    assert "warm restart" in heard


def test_a_tip_has_every_digit_and_groups_all_their_numbers(model, columns):
    model.show(compared(columns, range(30), group_by=("=opt",)))
    loss = section(model, "loss")

    assert "Standard deviation" in model.index_of(0, loss).data(TIP)
    assert model.index_of(1, loss).data(TIP) == repr(
        columns.value("scalar:last:loss", model.slot(1))
    )


def test_heads_name_columns_and_runs(model, columns):
    model.show(compared(columns, range(4)))

    assert model.headerData(section(model, "loss"), Qt.Orientation.Horizontal) == "loss"
    assert model.headerData(1, Qt.Orientation.Vertical) == "warm restart"
    assert model.headerData(99, Qt.Orientation.Vertical) is None


def test_a_run_without_a_label_is_called_by_its_operation(qapp):
    columns = make_columns(0)
    model = CompareModel(columns)
    columns.put(make_run(1, label="", operation="train"))
    columns.put(make_run(2))
    model.show(compared(columns, range(2)))

    assert model.headerData(0, Qt.Orientation.Vertical) == "train"


def test_html_in_a_value_is_shown_as_it_is(qapp):
    columns = make_columns(0)
    model = CompareModel(columns)
    for number in (1, 2):
        columns.put(make_run(number, flags={"note": f"<b>{number}</b>"}))
    model.show(compared(columns, range(2)))

    tip = model.index_of(0, section(model, "note")).data(TIP)

    assert "&lt;b&gt;" in tip


def test_a_group_of_one_run_has_one_line_until_it_is_opened(model, columns):
    answer = compared(columns, range(3), group_by=(".started",))
    model.show(answer)
    closed = [model.run_of(line) for line in range(len(model.lines))]

    model.open_groups([answer.groups[0].title], on=True)

    assert closed == [0, 1, 2]
    assert [model.slot(line) for line in range(len(model.lines))] == [None, 0, None, None]
    assert [model.line_of(slot) for slot in range(3)] == [1, 2, 3]
    model.open_groups(model.group_titles(), on=False)
    assert [model.line_of(slot) for slot in range(3)] == [0, 1, 2]


def test_an_automatic_label_begins_with_what_tells_the_run_apart(qapp):
    columns = make_columns(0)
    for number in range(30):
        flags = {"batch_size": 64, "epochs": 50, "lr": number / 100}
        label = f"batch_size=64 epochs=50 lr={number / 100}"
        columns.put(make_run(number, flags=flags, label=label, operation="train"))
    columns.decode_flags()
    model = CompareModel(columns)

    model.show(compared(columns, range(30)))

    assert model.name(7) == "lr=0.07 …"
    assert model.headerData(7, Qt.Orientation.Vertical) == "lr=0.07 …"
    assert "batch_size=64 epochs=50 lr=0.07" in model.headerData(7, Qt.Orientation.Vertical, TIP)
