from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMargins, QPoint, QRect, QSettings, QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QSplitter, QWidget

from gui.window_state import FILE_NAME, VERSION, WindowState, clamped, geometry_of, splitter_of

SCREEN = QRect(0, 0, 1440, 900)
SECOND = QRect(1440, 0, 1280, 1024)


@pytest.fixture
def state(qtbot, tmp_path) -> WindowState:
    return WindowState(tmp_path)


def reopened(state: WindowState, tmp_path: Path) -> WindowState:
    state.sync()
    return WindowState(tmp_path)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (QRect(100, 100, 800, 600), QRect(100, 100, 800, 600)),
        (QRect(-500, -500, 800, 600), QRect(0, 0, 800, 600)),
        (QRect(1300, 800, 800, 600), QRect(640, 300, 800, 600)),
        (QRect(0, 0, 4000, 3000), QRect(0, 0, 1440, 900)),
        (QRect(9000, 9000, 800, 600), QRect(640, 300, 800, 600)),
        (QRect(10, 10, 5, 5), QRect(10, 10, 640, 400)),
    ],
)
def test_a_window_is_brought_whole_onto_the_screen(wanted, expected):
    assert clamped(wanted, [SCREEN]) == expected


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (QRect(100, 100, 800, 600), QRect(100, 100, 800, 600)),
        (QRect(0, 0, 800, 600), QRect(2, 24, 800, 600)),
        (QRect(640, 300, 800, 600), QRect(638, 295, 800, 600)),
        (QRect(0, 0, 4000, 3000), QRect(2, 24, 1436, 871)),
    ],
)
def test_title_bar_and_borders_are_on_the_screen_too(wanted, expected):
    assert clamped(wanted, [SCREEN], QMargins(2, 24, 2, 5)) == expected


def test_the_frame_of_the_last_time_counts(qtbot, state, tmp_path):
    home = state.of_home(None)
    window = QWidget()
    qtbot.addWidget(window)
    window.setGeometry(0, 0, 700, 500)
    home.write_all(geometry_of(window))
    home.write("frame", "9 60 9 9")

    reopened(state, tmp_path).of_home(None).restore_geometry(window, QSize(800, 600))

    assert window.geometry().topLeft() == QPoint(9, 60)


@pytest.mark.parametrize("rubbish", ["", "1 2 3", "a b c d", "-1 2 3 4", "99999 1 1 1", [1, 2]])
def test_a_frame_that_is_not_understood_is_none(qtbot, state, rubbish):
    home = state.of_home(None)
    window = QWidget()
    qtbot.addWidget(window)
    window.setGeometry(40, 50, 700, 500)
    home.write_all(geometry_of(window))
    home.write("frame", rubbish)

    home.restore_geometry(window, QSize(800, 600))

    assert window.geometry().topLeft() == QPoint(40, 50)


def test_a_window_stays_on_the_screen_that_shows_most_of_it():
    assert clamped(QRect(1500, 50, 800, 600), [SCREEN, SECOND]) == QRect(1500, 50, 800, 600)


def test_without_a_screen_nothing_is_moved():
    assert clamped(QRect(1, 2, 3, 4), []) == QRect(1, 2, 3, 4)


def test_geometry_comes_back(qtbot, state, tmp_path):
    window = QWidget()
    qtbot.addWidget(window)
    window.setGeometry(20, 30, 700, 500)
    state.of_home(None).write_all(geometry_of(window))
    other = QWidget()
    qtbot.addWidget(other)

    reopened(state, tmp_path).of_home(None).restore_geometry(other, QSize(800, 600))

    assert other.size() == QSize(700, 500)


def test_without_a_remembered_geometry_the_usual_size_is_taken(qtbot, state):
    window = QWidget()
    qtbot.addWidget(window)

    state.of_home(None).restore_geometry(window, QSize(700, 450))

    assert window.size() == QSize(700, 450)


def test_the_first_window_leaves_room_for_its_frame_on_a_small_screen(qtbot, state):
    window = QWidget()
    qtbot.addWidget(window)
    screen = QGuiApplication.primaryScreen().availableGeometry().size()

    state.of_home(None).restore_geometry(window, QSize(5000, 5000))

    assert window.height() == screen.height() - 48
    assert window.width() == screen.width() - 12


def test_the_first_place_of_a_window_is_left_to_the_desktop(qtbot, state):
    window = QWidget()
    qtbot.addWidget(window)

    state.of_home(None).restore_geometry(window, QSize(700, 450))

    # A place that is asked for at the top of the screen would hide the title bar.
    assert not window.testAttribute(Qt.WidgetAttribute.WA_Moved)


def test_splitters_come_back_and_say_whether_they_did(qtbot, state, tmp_path):
    splitter = QSplitter(Qt.Orientation.Horizontal)
    qtbot.addWidget(splitter)
    splitter.setObjectName("s")
    splitter.addWidget(QWidget())
    splitter.addWidget(QWidget())
    splitter.resize(400, 100)
    splitter.setSizes([100, 300])
    home = state.of_home(None)
    assert not home.restore_splitter(splitter)

    home.write_all(splitter_of(splitter))
    splitter.setSizes([300, 100])

    assert reopened(state, tmp_path).of_home(None).restore_splitter(splitter)
    assert splitter.sizes()[0] < splitter.sizes()[1]


def test_homes_keep_apart_what_is_their_own_and_share_the_rest_as_a_start(state, tmp_path):
    one, two = state.of_home(Path("/one")), state.of_home(Path("/two"))
    one.write("size", "large")
    one.write_own("filter", "loss < 1")

    assert reopened(state, tmp_path).of_home(Path("/one")).read_own("filter") == "loss < 1"
    assert two.read("size") == "large"
    assert two.read_own("filter") is None
    assert two.read_own("filter", "none") == "none"


def test_the_newest_home_is_first_and_old_ones_go(state, tmp_path):
    for name in ("a", "b", "c", "a"):
        state.add_recent_home(Path("/") / name, limit=2)

    assert reopened(state, tmp_path).recent_homes(9) == [Path("/a"), Path("/c")]
    state.drop_recent_home(Path("/a"))
    assert state.recent_homes(9) == [Path("/c")]
    assert state.recent_homes(0) == []


def test_one_recent_home_survives_the_file(state, tmp_path):
    state.add_recent_home(Path("/only, with comma"), limit=8)

    assert reopened(state, tmp_path).recent_homes(8) == [Path("/only, with comma")]


def test_state_of_another_version_is_ignored_and_replaced(qtbot, tmp_path):
    settings = QSettings(str(tmp_path / FILE_NAME), QSettings.Format.IniFormat)
    settings.setValue("version", VERSION + 1)
    settings.setValue("homes/recent", ["/strange"])
    settings.sync()

    state = WindowState(tmp_path)
    assert state.recent_homes(9) == []
    state.add_recent_home(Path("/mine"), limit=9)

    assert reopened(state, tmp_path).recent_homes(9) == [Path("/mine")]


def test_a_file_of_rubbish_means_nothing_is_remembered(qtbot, tmp_path):
    (tmp_path / FILE_NAME).write_bytes(b"\x00\xff[[[\n=\n@ByteArray(" * 20)

    state = WindowState(tmp_path)

    assert state.recent_homes(9) == []
    assert state.of_home(None).read("geometry") is None
