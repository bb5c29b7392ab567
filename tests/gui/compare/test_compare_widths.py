"""The room that columns, names and words of a comparison have, and give each other."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QFontMetrics, QIcon, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from gui.views.table.run_painter import PAD
from tests.support.comparisons import click_heading, ids, page_rig
from tests.support.run_tables import make_columns, make_run, make_summary

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

SHIFT = Qt.KeyboardModifier.ShiftModifier
LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
GAP = 6


@pytest.fixture
def rig(open_comparison):
    return open_comparison(make_columns(20))


def test_columns_get_the_width_of_their_cells_though_none_was_there_at_first(open_comparison):
    full = open_comparison(make_columns(20))
    rig = open_comparison(make_columns(0))
    for number in range(20):
        rig.table_rig.columns.put(make_run(number))
    rig.table_rig.runs.refresh()
    rig.settle()

    def widths(rig):
        head = rig.page.table.columns_head
        return {title: head.sectionSize(n) for n, title in enumerate(rig.titles())}

    assert rig.titles()
    assert widths(rig) == widths(full)


def test_a_column_keeps_the_width_that_the_user_gave_it(rig):
    head = rig.page.table.columns_head
    head.resizeSection(1, 199)

    click_heading(rig, "opt")

    assert head.sectionSize(1) == 199


def test_the_head_with_the_runs_can_be_made_wider(rig):
    head = rig.page.table.rows_head
    before = head.width()
    edge = QPoint(before - 2, 40)

    QTest.mousePress(head.viewport(), LEFT, NONE, edge)
    QTest.mouseMove(head.viewport(), QPoint(before + 60, 40))
    QTest.mouseRelease(head.viewport(), LEFT, NONE, QPoint(before + 60, 40))

    assert head.width() > before + 40


def test_texts_on_the_bar_give_way_to_icons_where_it_is_narrow(rig):
    button = rig.page.bar._group
    wide = button.toolButtonStyle()

    rig.page.resize(150, 400)
    QTest.qWait(0)

    assert wide == Qt.ToolButtonStyle.ToolButtonTextBesideIcon
    assert button.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonIconOnly


def test_what_is_rarely_clicked_gives_way_to_the_name_of_a_view(rig):
    bar = rig.page.bar
    icon = QIcon(QPixmap(16, 16))
    often, rarely = (QAction(icon, text, bar) for text in ("Only Differences", "Runs as Columns"))
    bar.use_actions([often, rarely], [])
    bar.show_view("my view")
    needed = sum(button.sizeHint().width() + 4 for button in bar._buttons) + 24

    bar.resize(needed - 10, bar.height())

    styles = {button.text(): button.toolButtonStyle() for button in bar._buttons}
    assert styles.pop("Runs as Columns") == Qt.ToolButtonStyle.ToolButtonIconOnly
    assert set(styles) == {"Only Differences", "Group", "View: my view"}
    assert set(styles.values()) == {Qt.ToolButtonStyle.ToolButtonTextBesideIcon}


def test_hundreds_of_columns_have_widths_though_not_all_are_measured(open_comparison):
    columns = make_columns(0)
    for number in range(3):
        scalars = {f"metric {n}": make_summary(number + n) for n in range(400)}
        columns.put(make_run(number, scalars=scalars))
    rig = open_comparison(columns)

    head = rig.page.table.columns_head
    assert len(rig.titles()) > 400
    assert head.sectionSize(len(rig.titles()) - 3) > 60


def test_short_names_are_shown_whole(open_comparison):
    rig = open_comparison(make_columns(0))
    rig.page.setStyleSheet("QHeaderView { border: 1px solid; }")  # as the theme's has an edge
    for number in range(3):
        rig.table_rig.columns.put(make_run(number, label=f"wide {number}"))
    rig.table_rig.runs.refresh()
    rig.settle()
    head = rig.page.table.rows_head
    edges = head.width() - head.viewport().width()

    assert edges > 0
    assert rig.model.name(0).startswith("wide")
    assert head.width() >= max(map(whole_width(head), range(3))) + edges


def whole_width(head):
    """What the name of a run needs with all that stands beside it."""

    def width(line):
        beside = head._left_of_name(line) + 2 * PAD + GAP
        words = QFontMetrics(head.font()).horizontalAdvance(head._name(line))
        mark = QFontMetrics(head._mono()).horizontalAdvance(head._model.mark(line))
        return words + mark + beside

    return width


def test_in_a_narrow_window_the_names_leave_room_for_values(rig):
    rig.page.resize(320, 400)
    QTest.qWait(0)

    assert rig.page.table.rows_head.width() <= 160


def test_what_is_said_of_a_comparison_is_never_cut(rig):
    bar, label = rig.page.bar, rig.page.bar.findChild(QLabel, "compareSummary")
    bar.show_summary("12 groups of 300 runs · 6 of 14 columns differ")
    texts = []
    for width in (1000, 700, 560, 480):
        bar.resize(width, bar.height())
        texts.append(label.text())
        assert label.fontMetrics().horizontalAdvance(label.text()) <= label.width()

    assert texts[0] == "12 groups of 300 runs · 6 of 14 columns differ"
    assert label.toolTip().startswith("<") or "14 columns" in label.toolTip()


def test_a_long_name_of_groups_gives_way_before_the_words_on_buttons_do(rig):
    bar = rig.page.bar
    bar.show_group("a very long name of", "tip")
    bar.resize(1000, bar.height())
    roomy = bar._group.text()
    needed = sum(b.sizeHint().width() + bar._row.spacing() for b in bar._buttons)

    bar.resize(needed - 40, bar.height())

    assert roomy == "Group: a very long name of"
    assert bar._group.text() == "Group"
    assert bar._group.accessibleName() == "Group: a very long name of"
    assert bar._group.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonTextBesideIcon


def test_columns_are_as_wide_as_the_runs_need_that_are_compared_now(rig):
    columns, runs = rig.table_rig.columns, rig.table_rig.runs
    for number in range(2, 12):
        flags = {"lr": 0.000123456 + number / 1e8, "opt": "sgd"}
        columns.put(make_run(number, flags=flags))
    columns.decode_flags()
    rig.page.comparison.change(columns=("=lr",), only_different=False)
    runs.select_ids(ids(0, 1))
    rig.settle()
    table, model = rig.page.table, rig.model
    narrow = table.columnWidth(0)

    runs.select_ids(ids(*range(12)))
    rig.settle()

    assert len(model.lines) == 12
    needed = max(table._painter.natural_width(line, 0) for line in range(12))
    assert table.columnWidth(0) >= needed > narrow


def test_columns_further_right_are_measured_in_a_moment(qtbot, tmp_path):
    columns = make_columns(0)
    for number in range(4):
        flags = {f"flag{n:02}": f"a long value {number} of {n}" for n in range(40)}
        columns.put(make_run(number, flags=flags, scalars={}))
    with page_rig(qtbot, columns, tmp_path) as rig:
        table = rig.page.table
        section = rig.titles().index("flag38")
        needed = max(table._painter.natural_width(line, section) for line in range(4))

        qtbot.waitUntil(lambda: table.columnWidth(section) >= needed)

        assert rig.page.state()["widths"] == {}
