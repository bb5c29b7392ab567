from pathlib import Path

from gui.table.selection_size import MOST_RUNS
from gui.views.status_line import MOST_LETTERS, StatusLine


def test_size_of_the_selection_follows_its_number(qtbot):
    status = StatusLine()
    qtbot.addWidget(status)

    status.show_selection(3)
    assert status.selection.text() == "3 selected"

    status.show_selection(3, 2_000_000)
    assert status.selection.text().startswith("3 selected · ")
    assert status.selection.toolTip() == ""


def test_selection_too_large_to_be_measured_says_so(qtbot):
    status = StatusLine()
    qtbot.addWidget(status)

    status.show_selection(MOST_RUNS + 1)

    assert status.selection.text() == "5,001 selected · size not counted"
    assert "5,000" in status.selection.toolTip()

    status.show_selection(0)
    assert (status.selection.text(), status.selection.toolTip()) == ("", "")


def test_an_index_that_is_not_kept_is_said(qtbot):
    status = StatusLine()
    qtbot.addWidget(status)

    status.show_settled("")
    assert (status.index.text(), status.index.toolTip()) == ("Index up to date", "")

    status.show_settled("The disk is full.")
    assert status.index.text() == "Up to date, index not kept"
    assert "The disk is full." in status.index.toolTip()


def test_the_path_of_the_home_is_one_short_line(qtbot):
    status, ada = StatusLine(), Path("/home/ada")
    qtbot.addWidget(status)

    status.show_home(ada / "birds", ada)
    assert status.home.text() == "~/birds"

    status.show_home(ada / "two\nlines", ada)
    assert status.home.text() == "~/two lines"

    long = ada / "/".join(["experiments"] * 30) / "birds"
    status.show_home(long, ada)
    assert status.home.text().startswith("~/experiments/")
    assert status.home.text().endswith("/birds")
    assert len(status.home.text()) == MOST_LETTERS + 1
    assert str(long) in status.home.toolTip().replace("\n", "")
