"""What a window remembers is a file that anybody can edit: nothing in it stops the window."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from core.archives.export import ExportOptions, export_runs
from core.home import Home
from gui.window_state import WindowState
from tests.support.application import wait_until_settled
from tests.support.runs import make_run

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

MAPS = ("table", "pages", "history", "export", "archives")
RUBBISH = {
    "null": None,
    "minus one": -1,
    "beyond 64 bits": 1 << 80,
    "infinite": float("inf"),
    "a boolean": True,
    "long": "x" * 200_000,
    "a NUL and a surrogate": "/a\0b\ud800",
    "an empty list": [],
    "a list of all": [None, -1, "x", [], {}, 1 << 80],
    "a map": {"a": {"b": []}},
}


@pytest.fixture
def archive(tmp_path) -> Path:
    home = Home(tmp_path / "there")
    make_run(home.runs_dir, "a" * 32)
    export_runs(home, ["a" * 32], tmp_path / "a.runs.zip", ExportOptions())
    return tmp_path / "a.runs.zip"


@pytest.fixture
def remembered(open_app, sample_home, archive, qtbot, tmp_path) -> dict[str, object]:
    """What a window leaves that showed an archive, a page and a filter."""
    app = open_app(sample_home, "first")
    desk = app.sessions[0].desk
    desk.filter_box.history.add("label:x")
    desk.archives.open([archive])
    qtbot.waitUntil(lambda: desk.archives.front is not None and desk.archives.front.feed.is_settled)
    assert app.shutdown()
    state = WindowState(tmp_path / "first").of_home(sample_home)
    found = {key: json.loads(str(state.read_own(key, "null"))) for key in MAPS}
    assert str(archive) in found["archives"]["archives"]
    assert found["history"] == {"texts": ["label:x"]}
    return found


def spoilt(value: object, rubbish: object, depth: int) -> object:
    """The value with rubbish in place of all that is so deep in it."""
    if depth == 0 or not value or not isinstance(value, dict | list):
        return rubbish
    if isinstance(value, dict):
        return {key: spoilt(each, rubbish, depth - 1) for key, each in value.items()}
    return [spoilt(each, rubbish, depth - 1) for each in value]


@pytest.mark.parametrize("rubbish", RUBBISH.values(), ids=RUBBISH)
def test_a_window_opens_whatever_is_remembered(
    open_app, sample_home, archive, remembered, rubbish, qtbot, tmp_path
):
    for depth in (1, 2, 4):
        config = f"depth-{depth}"
        window_state = WindowState(tmp_path / config)
        state = window_state.of_home(sample_home)
        for key in MAPS:
            state.write(key, json.dumps(spoilt(remembered[key], rubbish, depth)))
        for key in ("filter", "tab", "selected", "left", "place/kind", "place/key"):
            state.write_own(key, str(rubbish)[:1000])
        window_state.sync()
        app = open_app(sample_home, config)
        desk = app.sessions[0].desk
        desk.archives.open([archive])

        def is_shown(archives=desk.archives):  # what was open may be shown before
            return archives.front is not None and archives.front.runs.model.rowCount() == 1

        qtbot.waitUntil(is_shown)
        wait_until_settled(qtbot, app)
        assert app.shutdown()


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "{", '"', "{}" * 9, '{"archives": {"\\u0000": 1, "/x\\u0000": 2}}']
)
def test_a_window_opens_where_what_is_remembered_is_no_json(
    open_app, sample_home, text, qtbot, tmp_path
):
    window_state = WindowState(tmp_path / "config")
    for key in MAPS:
        window_state.of_home(sample_home).write(key, text)
    window_state.sync()

    app = open_app(sample_home)

    assert app.sessions[0].desk.runs.model.rowCount() > 0


def test_an_archive_place_that_is_no_archive_any_more_is_told(
    open_app, sample_home, archive, qtbot
):
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("x", "no run")
    desk = open_app(sample_home).sessions[0].desk
    desk.archives.open([archive])
    qtbot.waitUntil(lambda: bool(desk.archives.front and desk.archives.front.feed.last.problem))
    assert "There is no run in a.runs.zip" in desk.archives.front.feed.last.problem
