"""What windows remember is read from a file that anybody may have written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QByteArray, QSettings, QSize, Qt
from PySide6.QtWidgets import QSplitter, QWidget

from gui.desk_state import read_map, read_place, texts_of
from gui.models.places_model import PlaceKind
from gui.startup.first_home import first_home
from gui.views.table.table_layout import _sort_of
from gui.window_state import FILE_NAME, VERSION, WindowState

USUAL = QSize(800, 600)
KEYS = (
    *("version", "homes/recent", "last/geometry", "last/frame", "last/splitter/panes"),
    *("home-none/place/kind", "home-none/place/key", "home-none/filter", "last/details"),
)

letters = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
words = st.one_of(
    letters, st.sampled_from([str(VERSION), "runs", "tag", "1 2 3 4", "{}", "/tmp", "x" * 300])
)
plain = st.one_of(
    words, st.integers(-(2**31), 2**31 - 1), st.booleans(), st.floats(allow_nan=False)
)
values = st.one_of(
    plain,
    st.none(),
    st.binary(max_size=30).map(QByteArray),
    st.lists(plain, max_size=4),
    st.dictionaries(letters, plain, max_size=3),
)
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), letters),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(letters, inner, max_size=4),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def config_dir(tmp_path_factory):
    return tmp_path_factory.mktemp("config")


@pytest.fixture(scope="module")
def panes(qapp):
    """A window with two panes that nobody sees."""
    window = QWidget()
    splitter = QSplitter(Qt.Orientation.Horizontal, window)
    splitter.setObjectName("panes")
    for _ in range(2):
        splitter.addWidget(QWidget())
    yield window, splitter
    window.deleteLater()


def read_everything(config_dir, window, splitter):
    state = WindowState(config_dir)
    homes = state.recent_homes(5)
    assert len(homes) <= 5
    assert all(isinstance(home, Path) for home in homes)
    first_home(None, state)
    home = state.of_home(None)
    assert read_place(home)[0] in PlaceKind
    assert isinstance(read_place(home)[1], str)
    assert isinstance(home.read_map("details"), dict)
    assert all(isinstance(text, str) for text in texts_of(read_map(home, "filter")))
    home.restore_geometry(window, USUAL)
    home.restore_splitter(splitter)
    state.add_recent_home(Path("/home/ada/.guild"), 5)
    assert state.recent_homes(1) == [Path("/home/ada/.guild")]
    state.drop_recent_home(Path("/home/ada/.guild"))


@given(st.dictionaries(st.sampled_from(KEYS), values, max_size=len(KEYS)))
def test_values_of_any_type_are_read_or_passed_over(config_dir, panes, found):
    file = config_dir / FILE_NAME
    file.unlink(missing_ok=True)
    settings = QSettings(str(file), QSettings.Format.IniFormat)
    settings.clear()
    for key, value in found.items():
        settings.setValue(key, value)
    settings.sync()

    read_everything(config_dir, *panes)


@given(
    st.one_of(
        st.binary(max_size=200),
        st.builds(
            lambda key, text: (
                f"[{key.partition('/')[0]}]\n{key.partition('/')[2]}={text}\n".encode()
            ),
            st.sampled_from(KEYS[1:]),
            st.one_of(
                words, st.sampled_from(["@Invalid()", "@Size(1)", "a, b, c", "@Rect(x)", "x" * 300])
            ),
        ),
    )
)
def test_a_file_of_any_bytes_is_read_or_passed_over(tmp_path_factory, panes, data):
    config_dir = tmp_path_factory.mktemp("config")
    (config_dir / FILE_NAME).write_bytes(data)

    read_everything(config_dir, *panes)


@given(json_values)
def test_a_remembered_order_is_made_of_keys_and_directions(value):
    for level in _sort_of(json.loads(json.dumps(value))):
        assert isinstance(level.key, str)
        assert isinstance(level.descending, bool)
