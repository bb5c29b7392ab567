"""The same picture of many runs beside each other, and pictures compared in pairs."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from core.compare.run_images import FoundImages
from gui.compare.picture_difference import picture_difference
from gui.compare.picture_store import PictureKey, PictureStore
from gui.compare.picture_zoom import PictureZoom
from gui.services import RunRef
from gui.theme import Theme
from gui.views.compare.image_grid import make
from gui.views.compare.image_pair import ImagePair
from tests.support.diff_pages import bomb, diff_rig, ids, png
from tests.support.patience import PATIENCE

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
COLOURS = ("#ff0000", "#00ff00", "#0000ff")


class Page:
    """What a test asks of the page."""

    def __init__(self, rig):
        self.rig, self.grid = rig, rig.page

    def settle(self) -> None:
        self.rig.wait(lambda: not self.grid._latest.is_waiting)
        self.rig.wait(
            lambda: all(
                tile.key is None or self.grid._store.get(tile.key)
                for tile in self.grid.tiles.seen()
            )
        )

    def names(self) -> list[str]:
        model = self.grid.model
        return [
            f"{model.index(row, 0).data()} {model.index(row, 1).data()}"
            for row in range(model.rowCount())
        ]

    def colour(self, tile: int) -> str:
        """The colour in the middle of a tile."""
        place = self.grid.tiles._rect(tile).center().toPoint()
        return self.grid.tiles.viewport().grab().toImage().pixelColor(place).name()


def run_with(number: int, **more: bytes) -> tuple[dict, dict]:
    files = {"plots/hist.png": png(COLOURS[number % 3]), "notes.txt": "x"}
    return files | more, {}


@pytest.fixture
def open_page(qtbot, tmp_path):
    with ExitStack() as stack:

        def open_(*runs):
            page = Page(stack.enter_context(diff_rig(qtbot, tmp_path, make, runs)))
            page.settle()
            return page

        yield open_


@pytest.fixture
def page(open_page):
    return open_page(run_with(0), run_with(1, **{"roc.png": png("black")}), run_with(2))


def test_pictures_that_most_runs_have_come_first(page):
    assert page.names() == ["plots/hist.png 3", "roc.png 1"]
    assert page.grid.bar.note.text() == "In 3 of 3 runs"


def test_each_run_shows_its_own_picture(page):
    assert [page.colour(tile) for tile in range(3)] == list(COLOURS)


def test_a_run_without_the_picture_says_so(page):
    page.grid.look_at("roc.png")
    page.settle()

    assert page.grid.bar.note.text() == "In 1 of 3 runs"
    assert [tile.key is None for tile in page.grid.tiles.seen()] == [False, True, True]


def test_names_are_searched(page):
    page.grid.search.setText("ROC")

    assert page.names() == ["roc.png 1"]
    page.grid.search.setText("nothing")
    assert page.names() == []
    page.grid.search.clear()
    assert len(page.names()) == 2


def test_names_that_differ_in_a_number_are_one_with_a_slider(open_page):
    page = open_page(
        ({"step_2.png": png("#ff0000"), "step_10.png": png("#00ff00")}, {}),
        ({"step_2.png": png("#0000ff")}, {}),
    )

    assert page.names() == ["step_#.png 2"]
    assert page.grid.bar.step.isVisible()
    assert page.grid.bar.step_text.text() == "# 10"  # the last one at first
    page.grid.bar.step.setValue(0)
    page.settle()
    assert page.grid.bar.step_text.text() == "# 2"
    assert [page.colour(tile) for tile in range(2)] == ["#ff0000", "#0000ff"]


def test_what_is_called_a_picture_and_is_none_is_said(open_page):
    page = open_page(({"a.png": b"no picture"}, {}), ({"a.png": b"\x89PNG\r\n\x1a\nx"}, {}))
    problems = [page.grid._store.get(tile.key).problem for tile in page.grid.tiles.seen()]

    assert problems == ["This is no picture", "It cannot be decoded"]


@pytest.mark.qt_log_ignore("Rejecting image")
def test_a_picture_that_would_take_gigabytes_is_told_to_be_too_large(open_page):
    page = open_page(({"a.png": bomb()}, {}), ({"a.png": bomb()}, {}))
    problems = {page.grid._store.get(tile.key).problem for tile in page.grid.tiles.seen()}

    assert problems == {"It is too large to be shown here: 60,000 × 60,000 pixels"}


def test_runs_without_pictures_say_so(open_page):
    page = open_page(({"a.txt": "x"}, {}), ({}, {}))

    assert page.grid.message.isVisible()
    assert page.grid.message.text() == "None of 2 runs has a picture."


def test_all_pictures_are_zoomed_together(page):
    tiles = page.grid.tiles
    place = QPointF(tiles._rect(0).center())
    event = QWheelEvent(
        *(place, tiles.viewport().mapToGlobal(place), QPoint(), QPoint(0, 240)),
        *(Qt.MouseButton.NoButton, Qt.KeyboardModifier.ControlModifier),
        *(Qt.ScrollPhase.NoScrollPhase, False),
    )
    QApplication.sendEvent(tiles.viewport(), event)

    assert tiles.zoom.factor == pytest.approx(1.25**2)
    QTest.keyClick(tiles, Qt.Key.Key_Plus)
    assert tiles.zoom.factor == pytest.approx(1.25**3)
    before = tiles.zoom.place(QSize(200, 100), QRectF(0, 0, 400, 300))
    QTest.keyClick(tiles, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert tiles.zoom.place(QSize(200, 100), QRectF(0, 0, 400, 300)).left() < before.left()
    QTest.keyClick(tiles, Qt.Key.Key_0)
    assert tiles.zoom.is_fitted


def test_a_click_selects_the_run_and_a_double_click_goes_to_it(page):
    wanted = []
    page.rig.chosen.run_wanted.connect(wanted.append)
    viewport, place = page.grid.tiles.viewport(), page.grid.tiles._rect(1).center().toPoint()
    QTest.mouseClick(viewport, LEFT, NONE, place)
    assert page.rig.rig.selected_ids() == ids(1)

    QTest.mouseDClick(viewport, LEFT, NONE, place)
    assert wanted == ids(1)


def test_arrow_keys_go_from_run_to_run_and_the_picture_is_copied(page):
    tiles = page.grid.tiles
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right):
        QTest.keyClick(tiles, key)
    QTest.keyClick(tiles, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)

    assert page.rig.rig.selected_ids() == ids(1)
    assert QGuiApplication.clipboard().image().pixelColor(0, 0).name() == COLOURS[1]


def test_of_many_runs_only_the_pictures_in_view_are_read(open_page):
    page = open_page(*(run_with(number) for number in range(60)))
    page.grid.bar.tile_size.setValue(5)
    page.settle()
    tiles = page.grid.tiles
    kept = len(page.grid._store._kept)

    assert len(tiles.seen()) < 20
    assert kept < 60
    tiles.verticalScrollBar().setValue(tiles.verticalScrollBar().maximum())
    page.settle()
    assert tiles.seen()[-1].run_id == ids(59)[0]


def test_in_a_narrow_pane_two_pictures_are_beside_each_other_until_one_is_wanted(open_page):
    page = open_page(*(run_with(number) for number in range(20)))
    tiles = page.grid.tiles
    page.grid.resize(700, 500)
    page.grid.splitter.setSizes([280, 420])
    page.settle()
    narrow = tiles.viewport().width(), tiles._columns
    page.grid.bar.tile_size.setValue(5)

    assert narrow[0] < 2 * 240
    assert narrow[1] == 2
    assert tiles._columns == 1


def test_of_many_runs_only_the_tiles_in_view_are_made(open_page):
    page = open_page(*(run_with(number) for number in range(60)))
    page.grid.bar.tile_size.setValue(5)
    page.settle()
    page.grid._show_tiles()
    tiles = page.grid.tiles
    made = len(tiles._tiles._made)

    assert made < 20
    tiles.mark(ids(59)[0])
    QTest.keyClick(tiles, Qt.Key.Key_Left)
    assert tiles._current == ids(58)[0]


def test_more_runs_than_can_be_shown_are_counted(open_page, monkeypatch):
    monkeypatch.setattr("gui.views.compare.image_grid.MOST_RUNS", 2)
    page = open_page(run_with(0), run_with(1), run_with(2))

    assert page.grid.bar.note.text() == (
        "In 2 of 2 runs · 1 further run not shown: select fewer, or filter"
    )


def test_the_first_runs_are_shown_while_more_are_looked_through(page):
    grid = page.grid
    grid._latest.ask("Look on", lambda context: context.sleep(5), lambda _: None)

    grid._on_found(FoundImages((grid.model.series(0),), looked=1))

    assert grid.bar.note.text() == "In 1 of 1 run · looking through 2 further runs…"
    assert len(grid.tiles.seen()) == 1
    grid._latest.drop()


def test_the_picture_that_was_looked_at_is_restored(page):
    page.grid.look_at("roc.png")
    state = page.grid.state()

    assert state["picture"] == "roc.png"
    page.grid.restore({"picture": "plots/hist.png", "size": 4, "sizes": "no"})
    assert page.grid.tiles.size_number == 4


def test_a_hidden_page_asks_nothing(page):
    page.grid.hide()
    page.rig.select(0, 1)
    assert not page.grid._latest.is_waiting

    page.grid.show()
    page.settle()
    assert page.grid.bar.note.text() == "In 2 of 2 runs"


# What the page is made of


def at(run_dir) -> RunRef:
    return RunRef(run_dir.name, run_dir)


def test_pictures_beyond_the_limit_of_memory_are_let_go(qtbot, services, tmp_path):
    keys = []
    for number in range(4):
        (tmp_path / f"{number}.png").write_bytes(png("red", 100, 100))
        keys.append(PictureKey(at(tmp_path), f"{number}.png", 4096))
    store = PictureStore(services, services.bridge, most_bytes=100_000)  # two of them
    store.want(keys)
    qtbot.waitUntil(lambda: store.get(keys[3]) is not None, timeout=10_000)

    assert store.get(keys[0]) is None
    assert store.bytes <= 100_000


def test_the_same_picture_in_another_size_stands_in_for_one_that_is_read(qtbot, services, tmp_path):
    (tmp_path / "a.png").write_bytes(png("red", 2000, 10))
    small, large = PictureKey(at(tmp_path), "a.png", 256), PictureKey(at(tmp_path), "a.png", 4096)
    store = PictureStore(services, services.bridge)
    store.want([small])
    qtbot.waitUntil(lambda: store.get(small) is not None, timeout=10_000)
    assert store.get(large).image.width() == 256

    store.want([large])
    qtbot.waitUntil(lambda: store.get(large).image.width() == 2000, timeout=10_000)


def test_a_picture_that_changed_is_read_again_and_seen_until_then(qtbot, services, tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(png("red"))
    key = PictureKey(at(tmp_path), "a.png", 4096)
    store = PictureStore(services, services.bridge)
    store.want([key])
    qtbot.waitUntil(lambda: store.get(key) is not None, timeout=10_000)
    path.write_bytes(png("blue"))
    store.outdate({tmp_path})
    assert store.get(key).image.pixelColor(0, 0).name() == "#ff0000"

    store.want([key])
    qtbot.waitUntil(
        lambda: store.get(key).image.pixelColor(0, 0).name() == "#0000ff", timeout=10_000
    )
    assert store.bytes == store.get(key).image.sizeInBytes()


@pytest.mark.parametrize("when", ["while it is read", "before its reading has ended"])
def test_news_of_a_picture_that_is_still_being_read_are_not_lost(qtbot, services, tmp_path, when):
    path = tmp_path / "a.png"
    path.write_bytes(png("red"))
    key = PictureKey(at(tmp_path), "a.png", 4096)
    store = PictureStore(services, services.bridge)

    def change():
        path.write_bytes(png("blue"))
        store.outdate({tmp_path})

    def on_loaded():
        store.loaded.disconnect()
        if when == "before its reading has ended":
            change()
        assert store._latest.is_waiting
        store.want([key])

    store.loaded.connect(on_loaded)
    store.want([key])
    if when == "while it is read":
        assert store._latest._job.wait(PATIENCE)  # and nobody has heard of it yet
        change()

    qtbot.waitUntil(lambda: store.get(key) is not None)
    qtbot.waitUntil(lambda: store.get(key).image.pixelColor(0, 0).name() == "#0000ff")


def test_news_of_a_run_are_followed(page):
    path = page.rig.runs_dir / ids(0)[0] / "plots" / "hist.png"
    path.write_bytes(png("#ffff00"))
    page.grid._follow.setInterval(0)  # nobody waits three seconds in a test
    page.rig.chosen.tell_changes({0})

    page.rig.wait(lambda: page.colour(0) == "#ffff00")


def test_a_picture_of_many_pixels_is_decoded_smaller(qtbot, services, tmp_path):
    (tmp_path / "a.png").write_bytes(png("red", 3000, 10))
    key = PictureKey(at(tmp_path), "a.png", 512)
    store = PictureStore(services, services.bridge)
    store.want([key])
    qtbot.waitUntil(lambda: store.get(key) is not None, timeout=10_000)

    assert store.get(key).image.width() == 512
    assert store.get(key).size == QSize(3000, 10)


def test_what_is_under_the_pointer_stays_there_when_zooming():
    zoom, size, room = PictureZoom(), QSize(200, 100), QRectF(0, 0, 400, 300)
    point = QPointF(300, 150)
    before = zoom.place(size, room)
    zoom.zoom_at(point, 4, size, room)
    after = zoom.place(size, room)

    assert (point.x() - before.x()) / before.width() == pytest.approx(
        (point.x() - after.x()) / after.width()
    )
    zoom.move_by(QPointF(1e6, 1e6), size, room)
    assert zoom.place(size, room).left() == pytest.approx(0)  # no further than to its edge
    zoom.zoom_at(point, 1e-9, size, room)
    assert zoom.place(size, room) == before


def test_the_share_of_pixels_that_differ_is_exact():
    left = QImage(10, 10, QImage.Format.Format_RGB32)
    left.fill(QColor("white"))
    right = QImage(left)
    right.setPixelColor(3, 4, QColor("#fefefe"))
    found = picture_difference(left, right)

    assert found.share == pytest.approx(0.01)
    assert found.image.pixelColor(3, 4).lightness() > 0
    assert found.image.pixelColor(0, 0).lightness() == 0
    assert picture_difference(left, left).share == 0


@pytest.fixture
def pair(qtbot, show_in_window):
    view = ImagePair(Theme("light"))
    show_in_window(view, 600, 400)
    images = []
    for colour in ("#ff0000", "#0000ff"):
        image = QImage(60, 40, QImage.Format.Format_RGB32)
        image.fill(QColor(colour))
        images.append(image)
    view.show_images(images[0], images[1], ("left", "right"))
    return view


def colour_at(view: ImagePair, x: float) -> str:
    return view.grab().toImage().pixelColor(int(view.width() * x), view.height() // 2).name()


def test_two_pictures_are_beside_each_other_at_first(pair):
    assert (colour_at(pair, 0.25), colour_at(pair, 0.75)) == ("#ff0000", "#0000ff")


def test_a_slider_uncovers_one_or_the_other(pair):
    pair.set_mode("slider")
    assert (colour_at(pair, 0.3), colour_at(pair, 0.7)) == ("#ff0000", "#0000ff")

    QTest.mousePress(pair, LEFT, NONE, QPoint(300, 100))
    QTest.mouseMove(pair, QPoint(500, 100))
    QTest.mouseRelease(pair, LEFT, NONE, QPoint(500, 100))
    assert colour_at(pair, 0.7) == "#ff0000"
    for _ in range(20):
        QTest.keyClick(pair, Qt.Key.Key_Left)
    assert colour_at(pair, 0.3) == "#0000ff"


def test_blinking_shows_one_after_the_other_and_stops_when_hidden(qtbot, pair):
    pair.set_mode("blink")
    seen = {colour_at(pair, 0.5)}
    with qtbot.waitSignal(pair.side_shown, timeout=5000):
        pass
    seen.add(colour_at(pair, 0.5))

    assert seen == {"#ff0000", "#0000ff"}
    pair.hide()
    assert not pair.is_blinking


def test_blinking_is_stopped_goes_on_and_is_done_by_hand_with_keys(qtbot, pair):
    pair.set_mode("blink")
    QTest.keyClick(pair, Qt.Key.Key_Space)
    stopped, before = pair.is_blinking, colour_at(pair, 0.5)
    QTest.keyClick(pair, Qt.Key.Key_Return)
    after = colour_at(pair, 0.5)
    pair.hide()
    pair.show()
    shown_again = pair.is_blinking

    QTest.keyClick(pair, Qt.Key.Key_Space)

    assert not stopped
    assert {before, after} == {"#ff0000", "#0000ff"}
    assert not shown_again
    assert pair.is_blinking


def test_a_picture_that_is_missing_or_broken_leaves_the_other_one(pair):
    image = pair.images[0]
    pair.show_images(None, image, ("left", "right"))
    assert colour_at(pair, 0.75) == "#ff0000"
    assert not pair.has_both

    pair.show_images(QImage(), image, ("left", "right"))
    pair.set_mode("slider")
    assert not pair.has_both
    assert colour_at(pair, 0.5) == "#ff0000"
    pair.show_images(image, None, ("left", "right"))
    assert colour_at(pair, 0.5) == "#ff0000"
