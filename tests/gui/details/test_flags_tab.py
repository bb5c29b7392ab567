from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from gui.views.details.flags_tab import FlagsTab
from tests.support.runs import make_run
from tests.support.tabs import ref

FLAGS = """\
batch: 64
epochs: null
f10: 1
f9: 2
lr: 1.0e-05
opt: adam w
'on': true
"""


@pytest.fixture
def tab(services, show_in_window):
    tab = FlagsTab(services)
    show_in_window(tab)
    return tab


@pytest.fixture
def shown(tab, qtbot, tmp_path):
    run_dir = make_run(tmp_path, attrs={"flags": FLAGS, "user_flags": "lr: 1.0e-05\nopt: adam w"})
    tab.show_run(ref(run_dir))
    qtbot.waitUntil(lambda: tab.table.model.rowCount() == 7)
    return tab


def cells(tab, column):
    model = tab.table.model
    return [model.index(row, column).data() for row in range(model.rowCount())]


def clipboard():
    return QGuiApplication.clipboard().text()


def test_names_stand_in_natural_order_with_exact_values_and_types(shown):
    assert cells(shown, 0) == ["batch", "epochs", "f9", "f10", "lr", "on", "opt"]
    assert cells(shown, 1) == ["64", "null", "2", "1", "1e-05", "yes", "adam w"]
    assert cells(shown, 2) == ["int", "null", "int", "int", "float", "boolean", "string"]


def test_flags_of_the_user_are_told_from_defaults(shown):
    given = dict(zip(cells(shown, 0), cells(shown, 3), strict=True))

    assert {name for name, text in given.items() if text == "by user"} == {"lr", "opt"}
    assert {text for name, text in given.items() if name not in ("lr", "opt")} == {"default"}


def test_the_search_looks_at_names_and_values(shown):
    shown.table.search_edit.setText("ADAM")

    assert cells(shown, 0) == ["opt"]


def test_a_search_without_a_match_says_so(shown):
    shown.table.search_edit.setText("nothing like it")

    assert not shown.table.table.isVisible()
    assert "None of 7 flags matches" in shown.table._nothing.text()


def test_values_sort_numbers_before_texts_and_missing_last_both_ways(shown):
    shown.table.table.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    rising = cells(shown, 1)
    shown.table.table.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    falling = cells(shown, 1)

    assert rising[0] == "1e-05"
    assert rising[3:] == ["2", "64", "adam w", "null"]
    assert falling[:3] == ["adam w", "64", "2"]
    assert falling[-1] == "null"


def test_a_copy_of_all_is_a_table_with_a_header(shown):
    shown.table.copy_tsv()

    lines = clipboard().splitlines()
    assert lines[0] == "Name\tValue\tType\tGiven"
    assert lines[5] == "lr\t1e-05\tfloat\tby user"
    assert len(lines) == 8


def test_a_copy_as_assignments_is_quoted_for_a_shell(shown):
    shown.table.select_name("opt")

    shown.copy_assignments()

    assert clipboard() == "'opt=adam w'"


def test_the_value_of_a_text_is_copied_as_it_is(shown):
    shown.table.select_name("opt")

    shown.copy_values()

    assert clipboard() == "adam w"


def test_selected_flags_stay_selected_when_the_run_is_read_again(shown, qtbot):
    shown.table.select_name("lr")
    attr = shown.run.path / ".guild" / "attrs" / "flags"
    attr.write_text(FLAGS.replace("batch: 64", "batch: 65"))

    shown.refresh()

    qtbot.waitUntil(lambda: cells(shown, 1)[0] == "65")
    assert shown.table.selected_names() == ["lr"]


def test_flags_that_cannot_be_read_are_one_sentence(tab, qtbot, tmp_path):
    tab.show_run(ref(make_run(tmp_path, attrs={"flags": "{"})))

    qtbot.waitUntil(lambda: tab._problem.isVisible())
    assert "flags" in tab._problem.problem
    assert tab.table.model.rowCount() == 0


def test_a_run_without_flags_says_so(tab, qtbot, tmp_path):
    tab.show_run(ref(make_run(tmp_path)))

    qtbot.waitUntil(lambda: tab.table._nothing.isVisible())
    assert tab.table._nothing.text() == "This run has no flags."


def test_a_hidden_tab_reads_nothing_until_it_is_shown(tab, qtbot, tmp_path):
    tab.hide()
    tab.show_run(ref(make_run(tmp_path, attrs={"flags": "a: 1"})))
    assert not tab._latest.is_waiting

    tab.show()

    qtbot.waitUntil(lambda: tab.table.model.rowCount() == 1)


def test_no_run_shows_nothing(shown):
    shown.show_run(None)

    assert shown.table.model.rowCount() == 0


def test_a_very_long_value_is_cut_in_its_cell_and_whole_in_a_copy(tab, qtbot, tmp_path):
    long = "x" * 5000
    tab.show_run(ref(make_run(tmp_path, attrs={"flags": f"path: {long}"})))
    qtbot.waitUntil(lambda: tab.table.model.rowCount() == 1)

    tab.copy_values()

    assert len(cells(tab, 1)[0]) < 400
    assert clipboard() == long


def test_markup_in_a_value_stays_text(tab, qtbot, tmp_path):
    tab.show_run(ref(make_run(tmp_path, attrs={"flags": "a: <img src=x>"})))
    qtbot.waitUntil(lambda: tab.table.model.rowCount() == 1)
    index = tab.table.model.index(0, 1)

    assert "<img src=x>" in index.data()
    assert "<img" not in index.data(Qt.ItemDataRole.ToolTipRole)


def test_the_table_model_obeys_qts_rules(shown, qtmodeltester):
    qtmodeltester.check(shown.table.model)
