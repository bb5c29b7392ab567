"""Two texts beside each other: drawn, scrolled, gone through, selected."""

from __future__ import annotations

import time

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from core.compare.diff_text import RawText, TextDiff, diff_texts
from gui.compare.diff_rows import DiffLayouts
from gui.theme import Theme
from gui.views.compare.diff_canvas import DiffCanvas
from gui.views.compare.diff_painter import DiffLook, selected_columns
from gui.views.compare.diff_wrap import layout_of

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier


def diff_of(left: list[str], right: list[str]) -> TextDiff:
    raws = [RawText("".join(f"{line}\n" for line in lines)) for lines in (left, right)]
    return diff_texts(raws[0], raws[1], lambda: None)


@pytest.fixture
def canvas(qtbot, show_in_window):
    view = DiffCanvas(Theme("light"))
    show_in_window(view, 800, 400)
    return view


def numbered(count: int, *changed: int) -> list[str]:
    return [f"line {n}" if n not in changed else f"other {n}" for n in range(count)]


def place(canvas: DiffCanvas, row: int, column: int, side: int) -> QPoint:
    """Where a letter is drawn."""
    rect = canvas.painter.side_rect(side, canvas.viewport().width(), 0)
    x = rect.x() + canvas.painter.gutter(canvas.look) + column * canvas.painter.cell
    y = (row - canvas.verticalScrollBar().value() + 0.5) * canvas.painter.row_height
    return QPoint(round(x), round(y))


def test_the_first_difference_is_gone_to(canvas):
    canvas.show_diff(diff_of(numbered(500), numbered(500, 300, 400)))

    assert canvas.difference == 1
    assert canvas.verticalScrollBar().value() < 300 < canvas.verticalScrollBar().value() + 20


def test_keys_lead_from_difference_to_difference(canvas):
    canvas.show_diff(diff_of(numbered(500), numbered(500, 100, 300, 400)))
    seen = [canvas.difference]
    for key in (Qt.Key.Key_N, Qt.Key.Key_N, Qt.Key.Key_N, Qt.Key.Key_P):
        QTest.keyClick(canvas, key)
        seen.append(canvas.difference)

    assert seen == [1, 2, 3, 3, 2]


def test_after_scrolling_the_next_difference_is_the_next_one_from_there(canvas):
    canvas.show_diff(diff_of(numbered(500), numbered(500, 10, 300, 400)))
    canvas.verticalScrollBar().setValue(320)
    canvas.go_to_difference(1)

    assert canvas.difference == 3


def test_only_differences_hide_equal_lines_until_their_row_is_clicked(canvas):
    canvas.show_diff(diff_of(numbered(500), numbered(500, 300)))
    assert canvas.rows.count == 500
    canvas.show_only_differences(on=True)
    assert canvas.rows.count == 9  # two folds, and the change with three lines on either side

    canvas.verticalScrollBar().setValue(0)
    QTest.mouseClick(canvas.viewport(), LEFT, NONE, QPoint(50, 5))
    assert canvas.rows.count == 305


def test_letters_are_selected_on_one_side_and_copied(canvas):
    canvas.show_diff(diff_of(["alpha", "beta"], ["alpha", "gamma", "delta"]))
    viewport = canvas.viewport()
    QTest.mousePress(viewport, LEFT, NONE, place(canvas, 0, 2, 1))
    QTest.mouseMove(viewport, place(canvas, 1, 3, 1))
    QTest.mouseRelease(viewport, LEFT, NONE, place(canvas, 1, 3, 1))
    QTest.keyClick(canvas, Qt.Key.Key_C, CTRL)

    assert canvas.selected_text() == "pha\ngam"
    assert QGuiApplication.clipboard().text() == "pha\ngam"


def test_all_lines_of_a_side_are_copied_without_gaps(canvas):
    canvas.show_diff(diff_of(["a", "b", "c"], ["a", "c"]))
    QTest.mouseClick(canvas.viewport(), LEFT, NONE, place(canvas, 0, 0, 1))
    QTest.keyClick(canvas, Qt.Key.Key_A, CTRL)

    assert canvas.selected_text() == "a\nc"


def test_a_double_click_selects_a_word(canvas):
    canvas.show_diff(diff_of(["lr = 0.25"], ["lr = 0.5"]))
    QTest.mouseDClick(canvas.viewport(), LEFT, NONE, place(canvas, 0, 6, 0))

    assert canvas.selected_text() == "0.25"


def test_what_differs_far_to_the_right_is_scrolled_to(canvas):
    long = "word " * 200
    canvas.wrap(on=False)
    canvas.show_diff(diff_of([f"{long}one"], [f"{long}two"]))
    bar = canvas.horizontalScrollBar()

    assert bar.value() <= len(long) <= bar.value() + bar.pageStep()


def test_a_hundred_thousand_lines_are_there_at_once_and_drawn_in_a_frame(canvas):
    left = numbered(200_000)
    right = numbered(200_000, *range(0, 200_000, 97))
    diff = diff_of(left, right)
    rows = DiffLayouts(diff)  # as on a worker's thread
    assert len(diff.longest[0]) == len("line 199999")
    begin = time.process_time()
    canvas.show_diff(diff, rows)
    shown = time.process_time() - begin
    begin = time.process_time()
    for value in range(0, canvas.verticalScrollBar().maximum(), 4000):
        canvas.verticalScrollBar().setValue(value)
        canvas.viewport().repaint()
    drawn = (time.process_time() - begin) / 50

    assert shown < 0.1
    assert drawn < 0.1


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_the_menu_offers_to_copy_what_is_selected(qtbot, canvas):
    canvas.show_diff(diff_of(["a", "b"], ["a", "c"]))
    QTest.keyClick(canvas, Qt.Key.Key_A, CTRL)
    QTest.keyClick(canvas, Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: QApplication.activePopupWidget() is not None)
    menu = QApplication.activePopupWidget()
    titles = [action.text().partition("\t")[0] for action in menu.actions()]

    assert titles == [
        "&Copy",
        "Select &All of This Side",
        "&Next Difference",
        "&Previous Difference",
    ]
    menu.actions()[0].trigger()
    menu.close()
    assert QGuiApplication.clipboard().text() == "a\nb"


def test_the_colours_follow_the_scheme(qtbot, show_in_window):
    theme = Theme("light")
    canvas = DiffCanvas(theme)
    show_in_window(canvas, 400, 200)
    canvas.show_diff(diff_of(["a"], ["b"]))
    light = canvas.grab().toImage().pixelColor(150, 5)
    theme.force("dark")
    dark = canvas.grab().toImage().pixelColor(150, 5)
    theme.force(None)

    assert light.lightness() > 200 > dark.lightness()


def test_nothing_is_drawn_without_a_diff(canvas):
    canvas.show_diff(None)
    canvas.viewport().repaint()
    QTest.keyClick(canvas, Qt.Key.Key_N)
    QTest.mouseDClick(canvas.viewport(), LEFT, NONE, QPoint(30, 30))

    assert canvas.selected_text() == ""
    assert canvas.difference == 0


def test_a_selection_covers_the_ends_of_all_lines_but_the_last():
    look = DiffLook(side=1, selection=((2, 3), (4, 1)))

    assert selected_columns(2, 1, 10, look) == (3, 11)
    assert selected_columns(3, 1, 0, look) == (0, 1)
    assert selected_columns(4, 1, 10, look) == (0, 1)
    assert selected_columns(5, 1, 10, look) is None
    assert selected_columns(3, 0, 10, look) is None


LONG = "value = some_function(of_many, arguments, that_take, room)"


def test_lines_without_room_side_by_side_are_one_below_the_other(canvas):
    canvas.show_diff(diff_of([LONG, "end"], [f"{LONG} + 1", "end"]))
    narrow = canvas.is_stacked, canvas.rows.count, canvas.horizontalScrollBar().maximum()
    canvas.resize(1400, 400)
    wide = canvas.is_stacked, canvas.rows.count

    assert narrow == (True, 3, 0)
    assert wide == (False, 2)


def test_short_lines_stay_side_by_side_in_a_narrow_pane(canvas):
    canvas.resize(400, 300)
    canvas.show_diff(diff_of(["lr = 1"], ["lr = 2"]))

    assert not canvas.is_stacked


def test_a_file_of_one_side_has_all_of_the_room(canvas):
    diff = diff_texts(RawText("", is_there=False), RawText("a\nb\n"), lambda: None)

    canvas.show_diff(diff)

    assert canvas.is_stacked
    assert canvas.rows.count == 2


def test_the_place_and_the_difference_stay_when_the_arrangement_changes(canvas):
    left, right = numbered(500), numbered(500, 100, 300, 400)
    canvas.show_diff(diff_of(left, right))
    canvas.go_to_difference(1)
    canvas.arrange("stacked")
    top = canvas.verticalScrollBar().value()
    below = canvas.is_stacked, canvas.difference, top <= canvas.rows.changes[1] < top + 25
    canvas.arrange("beside")
    top = canvas.verticalScrollBar().value()

    assert below == (True, 2, True)
    assert (canvas.is_stacked, canvas.difference) == (False, 2)
    assert top <= canvas.rows.changes[1] < top + 25


def test_below_each_other_letters_are_selected_as_they_are_seen(canvas):
    canvas.arrange("stacked")
    canvas.show_diff(diff_of(["alpha", "beta"], ["alpha", "gamma"]))
    canvas.setFocus()
    gutter, cell = canvas.painter.gutter(canvas.look), canvas.painter.cell
    height = canvas.painter.row_height
    at = [
        QPoint(round(gutter + n * cell), round((row + 0.5) * height)) for row, n in ((1, 2), (2, 3))
    ]
    QTest.mousePress(canvas.viewport(), LEFT, NONE, at[0])
    QTest.mouseMove(canvas.viewport(), at[1])
    QTest.mouseRelease(canvas.viewport(), LEFT, NONE, at[1])
    some = canvas.selected_text()
    QTest.keyClick(canvas, Qt.Key.Key_A, CTRL)

    assert some == "ta\ngam"
    assert canvas.selected_text() == "alpha\nbeta\ngamma"


def test_below_each_other_each_line_has_the_ground_of_its_side(canvas):
    canvas.arrange("stacked")
    canvas.show_diff(diff_of(["alpha", "beta"], ["alpha", "gamma"]))
    image, theme = canvas.viewport().grab().toImage(), canvas._theme
    x, height = canvas.viewport().width() - 20, canvas.painter.row_height
    grounds = [image.pixelColor(x, round((row + 0.5) * height)).name() for row in range(3)]

    assert grounds == [theme.colour(role).name() for role in ("code", "left-only", "right-only")]


def test_what_was_scrolled_to_is_at_the_left_again_when_it_has_room(canvas):
    canvas.arrange("beside")
    canvas.wrap(on=False)
    canvas.resize(500, 300)
    canvas.show_diff(diff_of([f"{LONG} one"], [f"{LONG} two"]))
    before = canvas.horizontalScrollBar().value()
    canvas.resize(1200, 300)

    assert before > 0
    assert canvas.horizontalScrollBar().value() == 0


WORDS = " ".join(f"word{n}" for n in range(40))


def wrapped_texts(canvas: DiffCanvas, side: int) -> list[str]:
    """What is read in the rows of one side."""
    found = []
    for number in range(canvas.rows.count):
        text, row = canvas.rows.line(number, side), canvas.rows.row(number)
        layout = layout_of(text or "", canvas.rows.columns)
        start, end = layout.range_of(row.piece) if row.piece < layout.rows else (0, 0)
        found.append((text or "")[start:end])
    return found


def test_a_long_line_goes_on_in_further_rows(canvas):
    canvas.arrange("beside")
    canvas.show_diff(diff_of([WORDS, "end"], ["short", "end"]))
    left, right = wrapped_texts(canvas, 0), wrapped_texts(canvas, 1)

    assert canvas.horizontalScrollBar().maximum() == 0
    assert len(left) > 6
    assert "".join(left[:-1]) == WORDS
    assert all(len(text.rstrip()) <= canvas.rows.columns for text in left)
    assert left[-1] == right[-1] == "end"
    assert sorted(right[:-1]) == [*[""] * (len(left) - 2), "short"]


def test_lines_are_wrapped_anew_when_the_pane_has_another_width(canvas):
    canvas.show_diff(diff_of([WORDS], [f"{WORDS} more"]))
    counts = [canvas.rows.count]
    for width in (500, 1300):
        canvas.resize(width, 400)
        counts.append(canvas.rows.count)
    canvas.wrap(on=False)

    assert counts[1] > counts[0] > counts[2]
    assert canvas.rows.columns is None
    assert canvas.horizontalScrollBar().maximum() > 0


def test_what_is_copied_of_wrapped_lines_has_no_breaks_of_its_own(canvas):
    canvas.arrange("beside")
    canvas.show_diff(diff_of([WORDS, "end"], [WORDS, "fin"]))
    pieces = canvas.rows.count - 1
    QTest.mousePress(canvas.viewport(), LEFT, NONE, place(canvas, 0, 4, 0))
    QTest.mouseMove(canvas.viewport(), place(canvas, pieces, 2, 0))
    QTest.mouseRelease(canvas.viewport(), LEFT, NONE, place(canvas, pieces, 2, 0))
    across = canvas.selected_text()
    start = layout_of(WORDS, canvas.rows.columns).range_of(1)[0]
    QTest.mouseDClick(canvas.viewport(), LEFT, NONE, place(canvas, 1, 2, 0))

    assert across == f"{WORDS[4:]}\nen"
    assert canvas.selected_text() == WORDS[start:].split()[0]


def test_differences_of_wrapped_lines_are_gone_through_and_folds_opened(canvas):
    left = [f"{n} {WORDS}" for n in range(60)]
    right = [f"{text} changed" if n in (20, 40) else text for n, text in enumerate(left)]
    canvas.show_diff(diff_of(left, right))
    canvas.show_only_differences(on=True)
    canvas.go_to_difference(1)
    first = canvas.rows.line(canvas.rows.changes[0], 1)
    canvas.go_to_difference(1)
    second = canvas.difference, canvas.rows.line(canvas.rows.changes[1], 1)
    before = canvas.rows.count

    assert first.startswith("20 ")
    assert second[0] == 2
    assert second[1].startswith("40 ")
    assert canvas.rows.row(0).kind == "fold"
    assert canvas.rows.open_fold(0)
    assert canvas.rows.count > before + 17
    assert canvas.rows.line(canvas.rows.row_of(1, 40), 1) == right[40]


def test_the_end_of_a_line_of_many_rows_is_gone_to_where_it_differs(canvas):
    long = "word " * 390
    canvas.resize(500, 200)
    canvas.show_diff(diff_of([f"{long}one"], [f"{long}two"]))
    bar, row = canvas.verticalScrollBar(), canvas.rows.changes[0]
    pieces = layout_of(f"{long}one", canvas.rows.columns).rows

    assert pieces > canvas._page()
    assert bar.value() < row + pieces <= bar.value() + canvas._page() + 1


def test_very_many_rows_are_not_wrapped(canvas, monkeypatch):
    monkeypatch.setattr("gui.views.compare.diff_wrap.MOST_WRAPPED", 50)

    canvas.show_diff(diff_of([WORDS] * 60, [WORDS] * 61))

    assert canvas.rows.columns is None
    assert canvas.horizontalScrollBar().maximum() > 0


def test_wrapped_rows_are_drawn_in_their_place(canvas):
    canvas.arrange("beside")
    canvas.show_diff(diff_of(["x" * 200], ["x"]))
    viewport, height = canvas.viewport(), canvas.painter.row_height
    image = viewport.grab().toImage()
    gutter = round(canvas.painter.gutter(canvas.look))

    def has_ink(row: int, left: int, right: int) -> bool:
        ground = image.pixelColor(right - 1, round((row + 0.1) * height))
        return any(
            image.pixelColor(x, y) != ground
            for x in range(left, right)
            for y in range(round((row + 0.2) * height), round((row + 0.9) * height))
        )

    half = viewport.width() // 2
    assert has_ink(1, gutter + 2, gutter + 40)
    assert not has_ink(1, 5, gutter - 4)  # a number and a sign once a line
    assert not has_ink(1, half + gutter, viewport.width() - 4)
