from __future__ import annotations

import csv

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest

from gui.plots.run_colours import AUTOMATIC, run_colours
from gui.views.plots.parallel_view import ParallelView
from gui.views.plots.scatter_view import ScatterView
from tests.support.plot_pages import run
from tests.support.plotted import BEGUN, run_id, write_events


def wait_for_curves(qtbot, page, count):
    """Wait until each panel has drawn so many runs."""
    qtbot.waitUntil(
        lambda: (
            bool(page.curves.panels)
            and all(
                panel.picture is not None and len(panel.picture.curves) == count
                for panel in page.curves.panels.values()
            )
        ),
        timeout=10_000,
    )


def test_there_is_a_panel_for_each_scalar_that_the_runs_have(page_of, qtbot):
    page, _ = page_of(run(0, loss=1.0, acc=0.5), run(1, loss=2.0, acc=0.7))

    wait_for_curves(qtbot, page, 2)

    assert page.objectName() == "plotsPage"
    assert sorted(page.curves.panels) == ["acc", "loss"]
    assert all(panel.objectName() == "curvePlot" for panel in page.curves.panels.values())


def test_only_scalars_of_the_chosen_runs_are_offered(page_of, qtbot):
    page, chosen = page_of(run(0, loss=1.0), run(1, reward=2.0), run(2, loss=3.0))
    qtbot.waitUntil(lambda: len(page.curves.panels) == 2)

    slots = [chosen.columns.slot_of(run_id(n)) for n in (0, 2)]
    chosen.choose(slots)

    qtbot.waitUntil(lambda: list(page.curves.panels) == ["loss"])
    assert list(page.curves.feed.scalars) == ["loss"]


def test_the_user_chooses_scalars_and_finds_them_by_a_part_of_their_name(page_of, qtbot):
    page, _ = page_of(run(0, **{f"metric{n}": 1.0 for n in range(30)}))
    chooser = page.curves.scalars
    qtbot.waitUntil(lambda: len(chooser.keys) == 4)

    chooser.search.setText("METRIC2")
    assert chooser.list.model().rowCount() == 11
    chooser._tick_none()
    assert page.curves.panels == {}
    chooser._tick_found()

    assert len(page.curves.panels) == 11


def test_two_runs_have_their_own_colours_which_stay(page_of, qtbot, services):
    page, chosen = page_of(*(run(n, loss=1.0) for n in range(4)))
    colours = run_colours(chosen, services)
    slots = chosen.columns.slots()
    before = {slot: colours.style(slot).number for slot in slots}

    chosen.choose(slots[2:])

    assert sorted(before.values()) == [0, 1, 2, 3]
    assert {slot: colours.style(slot).number for slot in slots[2:]} == {
        slot: before[slot] for slot in slots[2:]
    }
    assert colours is page._colours


def test_many_runs_are_coloured_by_a_flag_that_tells_them_apart(page_of, qtbot):
    page, _ = page_of(*(run(n, loss=1.0) for n in range(14)))

    qtbot.waitUntil(lambda: page._colours.key == "flag:opt")

    assert page.legend.text == "Colours: opt adam, sgd"
    assert page.colour_by.text() == "Colour: opt ▾"


def test_groups_of_all_flags_but_one_have_a_mean_each(page_of, qtbot):
    runs = [({"opt": opt, "seed": seed}, {"loss": [seed]}) for opt in "ab" for seed in (1, 2, 3)]
    page, _ = page_of(*runs)
    wait_for_curves(qtbot, page, 6)

    page.colour_by.choose("but:seed")
    qtbot.waitUntil(lambda: page._colours.key == "but:seed")
    page.curves.averages.setChecked(True)

    panel = page.curves.panels["loss"]
    qtbot.waitUntil(lambda: len(panel.picture.strokes) == 2)
    assert [stroke.curve.smoothed[0] for stroke in panel.picture.strokes] == [2, 2]
    assert page.legend.text == "Colours: all flags but seed opt=a, opt=b"


def test_a_click_at_a_curve_selects_the_run_and_the_selected_run_stands_out(page_of, qtbot):
    page, chosen = page_of(run(0, loss=1.0), run(1, loss=9.0))
    wait_for_curves(qtbot, page, 2)
    panel = page.curves.panels["loss"]
    slot = chosen.columns.slot_of(run_id(1))

    panel.runs_wanted.emit([slot])

    assert chosen.selected == [run_id(1)]
    assert panel._standing_out == (slot,)
    assert panel.canvas.opacity < 1


def test_a_run_that_goes_on_is_drawn_as_it_writes(page_of, qtbot):
    page, chosen = page_of(run(0, loss=1.0))
    wait_for_curves(qtbot, page, 1)
    slot = chosen.columns.slot_of(run_id(0))
    write_events(
        chosen.runs_dir / run_id(0), {"loss": [5, 6]}, name="events.out.tfevents.0000000002.h"
    )

    chosen.values_changed.emit(frozenset([slot]))

    panel = page.curves.panels["loss"]
    qtbot.waitUntil(lambda: len(panel.picture.curves[slot].curve.xs) == 5)
    assert [x for x, _ in panel.picture.restarts] == [0]


def test_runs_that_vanish_while_they_are_plotted_are_left_out(page_of, qtbot):
    page, chosen = page_of(run(0, loss=1.0), run(1, loss=2.0))
    wait_for_curves(qtbot, page, 2)
    path = chosen.runs_dir / run_id(0) / ".guild" / "events.out.tfevents.0000000001.h"
    path.unlink()

    chosen.values_changed.emit(frozenset(chosen.slots()))

    wait_for_curves(qtbot, page, 1)


def test_only_runs_that_wrote_are_read_again(page_of, qtbot):
    page, chosen = page_of(*(run(n, loss=1.0) for n in range(5)))
    wait_for_curves(qtbot, page, 5)
    totals = []
    page.curves.feed.reading_changed.connect(lambda: totals.append(page.curves.feed._total))

    chosen.values_changed.emit(frozenset(list(chosen.slots())[:2]))

    qtbot.waitUntil(lambda: bool(totals) and page.curves.feed.progress is None)
    assert set(totals) == {2}


def test_reading_goes_on_when_somebody_looks_again(page_of, qtbot):
    page, _ = page_of(*(run(n, loss=1.0) for n in range(3)))
    page.hide()
    page.show()

    wait_for_curves(qtbot, page, 3)


def test_nothing_is_read_while_nobody_looks(page_of, qtbot):
    page, chosen = page_of(run(0, loss=1.0))
    wait_for_curves(qtbot, page, 1)
    page.hide()
    read = page.curves.feed._cache.bytes_read

    chosen.changed.emit()
    chosen.values_changed.emit(frozenset(chosen.slots()))

    assert page.curves.feed.progress is None
    assert page.curves.feed._cache.bytes_read == read


def test_without_runs_a_sentence_says_so(page_of):
    page, _ = page_of()

    assert page._message.isVisible()
    assert page._message.text() == "There are no runs to plot."


def test_runs_without_scalars_are_said_to_have_none(page_of, qtbot):
    page, _ = page_of(run(0), run(1))

    qtbot.waitUntil(page.curves._nothing.isVisible)
    assert page.curves._nothing.text() == "These runs have logged no scalars."


def test_wall_time_is_offered_only_where_runs_have_it(page_of, qtbot):
    page, _ = page_of(run(0, loss=1.0))
    wait_for_curves(qtbot, page, 1)

    assert "wall" not in page.curves.axis.offered
    assert page.curves.axis.axis == "step"


def test_wall_time_is_offered_where_one_scalar_has_it_and_others_say_that_they_have_none(
    page_of, qtbot
):
    page, _ = page_of(*((*run(n, loss=1.0), {"acc": [0.1, 0.5]}) for n in range(2)))
    wait_for_curves(qtbot, page, 2)
    assert page.curves.axis.offered == ("step", "order", "relative", "wall")

    page.curves.axis.choose("wall")
    wait_for_curves(qtbot, page, 2)

    timed, other = (page.curves.panels[key] for key in ("acc", "loss"))
    qtbot.waitUntil(lambda: timed.picture.wish.options.axis == "wall")
    assert list(timed.picture.shown[0].xs) == [BEGUN, BEGUN + 1]
    assert timed._note.text() == ""
    assert other.picture.wish.options.axis == "step"
    assert other._note.text() == "no times, so by step"


def test_what_was_chosen_is_there_after_a_restart(page_of, qtbot):
    page, _ = page_of(run(0, loss=1.0, acc=1.0), run(1, loss=1.0, acc=1.0))
    wait_for_curves(qtbot, page, 2)
    page.curves.scalars._take(["acc"])
    page.curves.smoothing.setValue(40)
    page.curves.log_y.setChecked(True)
    page.colour_by.choose("flag:opt")
    page.show_mode("scatter")
    state = page.state()

    other, _ = page_of()
    other.restore(state)

    assert other.mode == "scatter"
    assert other.curves._wish == ("acc",)
    assert other.curves.smoothing.value() == 40
    assert other.curves.log_y.isChecked()
    assert other._colours.wish == "flag:opt"
    other.restore({"mode": 3, "views": {"curves": {"smoothing": "much"}}, "colour_by": None})
    assert other.mode == "scatter"


@pytest.mark.parametrize("mode", ["curves", "scatter", "parallel"])
def test_what_is_on_screen_is_saved_as_png_and_svg(page_of, qtbot, tmp_path, mode):
    page, _ = page_of(*(run(n, loss=1.0 + n) for n in range(3)), mode=mode)
    qtbot.waitUntil(lambda: bool(page.sheet().panels), timeout=10_000)
    if mode == "curves":
        wait_for_curves(qtbot, page, 3)

    for name in ("plot.png", "plot.svg"):
        with qtbot.waitSignal(page.saved, timeout=10_000):
            page.save(tmp_path / name)

    image = QImage(str(tmp_path / "plot.png")).convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(-1, 4)  # lives as the image does
    assert len(np.unique(pixels[:, :3], axis=0)) > 20
    text = (tmp_path / "plot.svg").read_text()
    assert "<svg" in text
    assert "<polyline" in text or "<path" in text or "<circle" in text or mode == "scatter"


def test_what_is_on_screen_is_copied_as_a_picture(page_of, qtbot):
    page, _ = page_of(run(0, loss=1.0))
    wait_for_curves(qtbot, page, 1)
    QGuiApplication.clipboard().clear()

    page.copy()

    qtbot.waitUntil(lambda: not QGuiApplication.clipboard().image().isNull())
    assert QGuiApplication.clipboard().image().width() >= 1200
    assert page._said.text() == "Copied."


def test_a_picture_that_cannot_be_written_is_said(page_of, qtbot, tmp_path):
    page, _ = page_of(run(0, loss=1.0))
    wait_for_curves(qtbot, page, 1)

    page.save(tmp_path / "no" / "plot.png")

    qtbot.waitUntil(page._problem.isVisible)
    assert "Cannot write" in page._problem.text()


def test_every_step_of_the_curves_is_saved_as_csv(page_of, qtbot, tmp_path):
    page, _ = page_of(run(0, loss=6.0, acc=1.0), run(1, loss=3.0))
    qtbot.waitUntil(lambda: len(page.curves.panels) == 2)
    page.curves.scalars._take(["loss"])

    with qtbot.waitSignal(page.values.saved, timeout=10_000):
        page.values.save(tmp_path / "out.csv")

    with (tmp_path / "out.csv").open() as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["run", "path", "tag", "value", "step"]
    assert sorted(row[3] for row in rows[1:]) == ["1.0", "1.5", "2.0", "3.0", "3.0", "6.0"]


# Kinds of plots


def kinds_made(page):
    return [kind for kind in (ScatterView, ParallelView) if page.findChild(kind) is not None]


def test_a_kind_of_plot_is_made_when_it_is_looked_at(page_of, qtbot):
    page, _ = page_of(run(0, loss=1.0), run(1, loss=2.0))
    wait_for_curves(qtbot, page, 2)
    before = kinds_made(page)

    page.show_mode("parallel")

    assert before == []
    assert kinds_made(page) == [ParallelView]
    assert page.stack.currentWidget() is page.parallel


def test_what_a_kind_was_like_is_kept_though_nobody_looked_at_it(page_of, qtbot):
    page, _ = page_of(run(0, loss=1.0), run(1, loss=2.0))
    views = {"scatter": {"x": "flag:seed"}, "parallel": {"axes": ["flag:seed", "flag:lr"]}}

    page.restore({"views": views})
    kept = page.state()["views"]
    page.show_mode("parallel")

    assert kinds_made(page) == [ParallelView]
    assert kept["scatter"] == views["scatter"]
    assert kept["parallel"] == views["parallel"]
    assert page.parallel.keys == ("flag:seed", "flag:lr")
    qtbot.waitUntil(lambda: page.parallel.picture is not None, timeout=10_000)


def test_values_of_curves_are_saved_where_curves_are_looked_at(page_of):
    page, _ = page_of(run(0, loss=1.0), run(1, loss=2.0))
    entry = next(a for a in page._save.menu().actions() if "CSV" in a.text())
    during_curves = entry.isEnabled()

    page.show_mode("scatter")

    assert during_curves
    assert not entry.isEnabled()


# The scatter plot


def test_what_suits_decides_colours_until_the_user_does(page_of, qtbot):
    page, _ = page_of(*(run(n, loss=1.0) for n in range(14)))
    qtbot.waitUntil(lambda: page._colours.key == "flag:opt")

    page.colour_by.choose("")
    assert page._colours.key == ""
    page.colour_by.choose(AUTOMATIC)
    qtbot.waitUntil(lambda: page._colours.key == "flag:opt")


def test_the_menu_asks_for_tensorboard(page_of, qtbot):
    page, _ = page_of(run(0, loss=1.0))
    (entry,) = [e for e in page._save.menu().actions() if e.text() == "Open in TensorBoard"]

    with qtbot.waitSignal(page.board_wanted):
        entry.trigger()


def test_signs_of_colours_are_dots_where_dots_are_drawn(page_of, qtbot):
    page, _ = page_of(run(0, loss=1.0), run(1, loss=2.0))
    page.colour_by.choose("")
    qtbot.waitUntil(lambda: bool(page._colours.legend()))
    lines = page.legend.grab().toImage()

    page.show_mode("scatter")

    assert page.legend.grab().toImage() != lines
    assert page.sheet().are_dots
    page.show_mode("curves")
    assert page.legend.grab().toImage() == lines
    assert not page.sheet().are_dots


def test_names_in_plots_begin_with_what_tells_runs_apart(page_of, qtbot):
    runs = [({"lr": n / 10, "opt": "adam", "seed": 7}, {"loss": [1.0, n]}) for n in range(8)]
    page, chosen = page_of(*runs)
    wait_for_curves(qtbot, page, 8)
    columns = chosen.columns
    columns.decode_flags()
    for slot in chosen.slots():
        flags = columns.known_flags(slot)
        label = " ".join(f"{name}={flags[name]}" for name in sorted(flags))
        columns.put(replace(columns.run(slot), label=label))

    colours = run_colours(chosen, page._services)

    assert {colours.name(slot).partition(" · ")[2] for slot in chosen.slots()} == {
        f"lr={n / 10} …" for n in range(8)
    }


def test_the_ring_is_round_the_kind_that_is_shown_and_arrows_lead_to_the_others(page_of, qtbot):
    page, _ = page_of(run(0, loss=1.0), run(1, loss=2.0), mode="scatter")
    page._modes.button(0).setFocus()
    page.hide()
    page.show()
    qtbot.waitUntil(page._modes.button(1).hasFocus)

    QTest.keyClick(page._modes.button(1), Qt.Key.Key_Right)

    assert page.mode == "parallel"
    assert page._modes.button(2).hasFocus()


def test_values_that_are_missing_in_a_file_are_told_with_how_many_runs_lack_some(
    page_of, qtbot, tmp_path
):
    page, chosen = page_of(*(run(n, loss=1.0) for n in range(3)))
    wait_for_curves(qtbot, page, 3)
    for number in (0, 1):
        path = chosen.runs_dir / run_id(number) / ".guild" / "events.out.tfevents.0000000001.h"
        path.write_bytes(path.read_bytes()[:-4] + b"bad!")

    with qtbot.waitSignal(page.values.failed, timeout=10_000) as failed:
        page.values.save(tmp_path / "out.csv")

    (told,) = failed.args
    assert told.startswith(f"Saved as {tmp_path / 'out.csv'}, but values are missing. Run ")
    assert told.endswith(" And 1 further problem.")
    assert page._problem.isVisible()
    assert (tmp_path / "out.csv").exists()


def test_what_was_saved_is_no_more_told_beside_another_kind_of_plot(page_of, qtbot, tmp_path):
    page, _ = page_of(run(0, loss=1.0), run(1, loss=2.0))
    wait_for_curves(qtbot, page, 2)
    with qtbot.waitSignal(page.saved):
        page.save(tmp_path / "out.png")
    told = page._said.isVisible()

    page.show_mode("scatter")

    assert told
    assert not page._said.isVisible()
    assert (tmp_path / "out.png").read_bytes()[:4] == b"\x89PNG"
