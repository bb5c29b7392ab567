"""Controls that go on in a second row, a list above its view, and texts that give way."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from gui.theme import Theme
from gui.views.elided_label import ElidedLabel
from gui.views.list_splitter import ListSplitter
from gui.views.plots.parallel_axis import short_number
from gui.views.plots.plot_readout import PlotReadout, ReadoutRow
from gui.views.wrap_bar import SIDES, WrapBar


@pytest.fixture
def bar(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    found = WrapBar(window, gap=4)
    found.add(*(sized(100) for _ in range(3)))
    found.add_at_right(sized(60), sized(60))
    window.resize(600, 200)
    window.show()
    yield found
    window.close()


@pytest.fixture
def splitter(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    found = ListSplitter(QLabel("list"), QLabel("view"))
    found.setParent(window)
    window.resize(1000, 500)
    window.show()
    found.show()
    yield found
    window.close()


def sized(width: int) -> QLabel:
    label = QLabel()
    label.setFixedSize(QSize(width, 20))
    return label


def widths(bar: WrapBar, width: int) -> list[list[int]]:
    return [[place.width() for _, place in row] for row in bar.rows(width)]


def test_all_controls_stand_in_one_row_where_there_is_room(bar):
    rows = bar.rows(600)

    assert len(rows) == 1
    assert rows[0][0][1].left() == SIDES
    assert rows[0][-1][1].right() == 600 - SIDES - 1


def test_those_at_the_right_get_a_row_of_their_own_together(bar):
    assert widths(bar, 400) == [[100, 100, 100], [60, 60]]
    assert bar.rows(400)[1][-1][1].right() == 400 - SIDES - 1


def test_a_narrow_bar_has_as_many_rows_as_it_needs_and_cuts_nothing(bar):
    assert widths(bar, 150) == [[100], [100], [100], [60, 60]]
    assert bar.heightForWidth(150) > bar.heightForWidth(400) > bar.heightForWidth(600)


def test_a_bar_is_as_high_as_it_must_be_whenever_its_width_changes(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    page, bar = QWidget(window), WrapBar()
    bar.add(*(sized(100) for _ in range(4)))
    layout = QVBoxLayout(page)
    layout.addWidget(QLabel("above"), 1)
    layout.addWidget(bar)
    window.resize(900, 300)
    window.show()
    heights = []
    for width in (900, 220, 900):
        page.resize(width, 300)
        qtbot.waitUntil(lambda: bar.height() == bar.heightForWidth(bar.width()))
        heights.append(bar.height())

    assert heights[0] == heights[2] < heights[1]
    window.close()


def test_a_hidden_control_takes_no_room(bar, qtbot):
    bar.resize(400, 60)
    first, second = (widget for widget, _ in bar.rows(400)[0][:2])
    first.hide()

    assert widths(bar, 400) == [[100, 100, 60, 60]]
    qtbot.waitUntil(lambda: second.x() == SIDES)


@pytest.mark.parametrize(("width", "is_stacked"), [(900, False), (240, True)])
def test_a_list_is_above_its_view_where_both_have_no_room(splitter, width, is_stacked):
    splitter.resize(880, 400)
    splitter.setSizes([200, 680])
    splitter.resize(width, 400)

    assert splitter.is_stacked == is_stacked
    assert splitter.wanted_sizes()[0] == 200
    splitter.resize(900, 400)
    assert not splitter.is_stacked
    assert splitter.sizes()[0] == 200


def test_a_long_text_takes_no_more_room_than_there_is(qtbot):
    label = ElidedLabel()
    qtbot.addWidget(label)
    label.setText("x" * 500)

    assert label.minimumSizeHint().width() < 5000
    assert label.sizePolicy().horizontalPolicy().name == "Ignored"
    assert label.toolTip()


@pytest.mark.parametrize("width", [260, 900])
def test_what_stands_under_the_pointer_is_inside_of_the_plot(qtbot, width):
    plot = QWidget()
    qtbot.addWidget(plot)
    plot.resize(width, 200)
    plot.show()
    readout = PlotReadout(Theme("dark"), plot)
    row = ReadoutRow("a run with a very long name, longer than any window", "0.123457", None, True)

    readout.show_rows("step 10", [row])

    assert readout.width() <= width
    assert "0.123457" in readout.text()


@pytest.mark.parametrize(
    ("text", "short"),
    [("0.00012", "1.2e-4"), ("100000", "1e5"), ("17", "17"), ("hann", "hann"), ("0", "0")],
)
def test_numbers_are_told_in_few_letters(text, short):
    assert short_number(text) == short


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_faint_lines_can_be_told_from_the_ground(scheme):
    theme = Theme(scheme)
    ground = theme.colour("window").lightnessF()

    few, many = (abs(theme.faint(share).lightnessF() - ground) for share in (0.45, 0.24))

    assert few > many > 0.09
    assert theme.faint(0).rgb() == theme.colour("window").rgb()


def test_the_splitter_is_stacked_by_letters_and_not_by_pixels(splitter):
    font = splitter.font()
    font.setPointSizeF(font.pointSizeF() * 3)
    splitter.setFont(font)
    splitter.resize(600, 400)

    assert splitter.orientation() == Qt.Orientation.Vertical
