from gui.selection_size import MOST_RUNS
from gui.views.status_line import StatusLine


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
