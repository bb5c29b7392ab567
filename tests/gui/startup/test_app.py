from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QDialog, QPushButton

from core.sample import make_sample_store
from gui.app import APP_ID
from tests.support.application import RUNS, lanes, wait_until_settled


def test_the_window_shows_the_runs_of_the_home(open_app, sample_home):
    app = open_app(sample_home)

    assert app.window.objectName() == "mainWindow"
    assert app.window.isVisible()
    assert len(app.sessions[0].desk.runs.model.order) == RUNS
    assert "project" in app.window.windowTitle()


def test_the_widgets_relied_on_from_outside_have_their_names(open_app, sample_home):
    app = open_app(sample_home)

    for name in ("placesTree", "filterEdit", "runTable", "detailsTabs"):
        assert app.window.findChild(QObject, name) is not None, name


def test_shutting_down_ends_every_job_and_closes_the_window(open_app, sample_home):
    app = open_app(sample_home, settled=False)

    assert app.shutdown()

    assert not app.window.isVisible()
    assert lanes() == []
    assert app.shutdown()


def test_closing_the_window_ends_its_jobs(open_app, sample_home):
    app = open_app(sample_home)

    app.window.close()

    assert app.sessions == []
    assert lanes() == []


def test_the_application_is_named_as_its_desktop_entry(open_app, sample_home):
    open_app(sample_home)

    assert QApplication.desktopFileName() in (APP_ID, "pytest-qt-qapp", "")
    assert QApplication.applicationName()


def test_nothing_is_written_into_the_home(open_app, sample_home):
    def listing() -> dict[Path, tuple[int, int]]:
        found = [sample_home, *sample_home.rglob("*")]
        return {p: (p.lstat().st_mtime_ns, p.lstat().st_size) for p in found}

    before = listing()
    app = open_app(sample_home)
    app.sessions[0].desk.table.selectAll()
    app.shutdown()

    assert listing() == before


def test_its_own_files_are_below_the_directory_that_was_named(open_app, sample_home, tmp_path):
    app = open_app(sample_home)
    app.shutdown()

    names = {p.name for p in (tmp_path / "config").rglob("*") if p.is_file()}
    assert {"windows.ini", "rundesk.log"} <= names
    assert not list((tmp_path / "user").iterdir())


def test_a_home_that_does_not_exist_is_said_in_the_window(open_app, tmp_path):
    app = open_app(tmp_path / "nowhere")

    assert "nowhere" in app.window.centre.notices.text()
    assert app.window.centre.empty.title() == "No home is open"
    assert app.window.centre.empty.isVisible()
    for id_ in ("run.copy", "run.reveal", "view.refresh", "view.columns", "list.save"):
        assert not app.window.actions_by_id[id_].isEnabled(), id_


def test_without_a_home_named_the_nearest_one_is_shown(open_app, sample_home, monkeypatch):
    monkeypatch.chdir(sample_home.parent)

    app = open_app(None)

    assert app.sessions[0].home.path == sample_home


def test_without_a_home_anywhere_the_one_used_last_is_shown(open_app, sample_home, monkeypatch):
    open_app(sample_home).shutdown()

    app = open_app(None)

    assert app.sessions[0].home.path == sample_home


def test_the_usual_home_is_shown_at_the_first_start(open_app, tmp_path):
    app = open_app(None)

    assert app.sessions[0].home.path == tmp_path / "user" / ".guild"
    assert app.window.centre.empty.title() == "No runs yet"


def test_where_every_run_is_in_the_trash_the_window_says_so(open_app, sample_home, qtbot):
    trash = sample_home / "trash" / "runs"
    shutil.rmtree(trash, ignore_errors=True)
    trash.parent.mkdir(exist_ok=True)
    (sample_home / "runs").rename(trash)

    app = open_app(sample_home)
    wait_until_settled(qtbot, app)
    empty = app.window.centre.empty
    qtbot.waitUntil(lambda: empty.title() == "No runs here")
    empty.findChild(QPushButton, "empty:view.trash").click()
    wait_until_settled(qtbot, app)

    assert app.sessions[0].desk.runs.view.deleted
    assert app.sessions[0].desk.runs.model.order


def test_homes_in_two_windows_do_not_share_their_runs(open_app, sample_home, tmp_path, qtbot):
    make_sample_store(tmp_path / "second", runs=5)
    app = open_app(sample_home)

    app.open_folder(tmp_path / "second")
    qtbot.waitUntil(lambda: len(app.sessions) == 2)
    second = app.sessions[1]
    qtbot.waitUntil(lambda: second.desk.feed.is_settled and not second.desk.runs.is_arranging)

    assert len(second.desk.runs.model.order) == 5
    assert len(app.sessions[0].desk.runs.model.order) == RUNS


@pytest.mark.qt_log_ignore("does not support raise")  # offscreen there is nothing in front
def test_a_home_that_is_open_already_is_raised_instead(open_app, sample_home, qtbot):
    app = open_app(sample_home)

    app.open_window(app.sessions[0].home)

    assert len(app.sessions) == 1


def test_a_crash_of_the_last_program_is_told_once(open_app, sample_home, tmp_path):
    state = tmp_path / "config" / "state"
    state.mkdir(parents=True)
    (state / "fault.log").write_text("Fatal Python error: Segmentation fault\n")

    app = open_app(sample_home)
    assert "unexpectedly" in app.window.centre.notices.text()
    app.shutdown()

    assert open_app(sample_home).window.centre.notices.text() == ""


def test_broken_settings_are_said_and_do_not_stop_the_start(open_app, sample_home, tmp_path):
    config = tmp_path / "config"
    config.mkdir()
    (config / "settings.toml").write_text("scheme = 'pink'\n")

    app = open_app(sample_home)

    assert "line 1" in app.window.centre.notices.text()
    assert len(app.sessions[0].desk.runs.model.order) == RUNS


def test_settings_changed_just_before_the_end_are_not_lost(open_app, sample_home, tmp_path):
    app = open_app(sample_home)

    app.window.actions_by_id["view.scheme-dark"].trigger()
    app.shutdown()

    assert 'scheme = "dark"' in (tmp_path / "config" / "settings.toml").read_text()
    app.shared.theme.force(None)


def test_the_window_comes_back_as_it_was(open_app, sample_home, qtbot):
    app = open_app(sample_home)
    desk, window = app.sessions[0].desk, app.window
    window.resize(780, 700)
    window.actions_by_id["view.toggle-toolbar"].setChecked(False)
    desk.filter_box.set_text("status = completed")
    desk.filter_box.filters_changed.emit(None)
    wait_until_settled(qtbot, app)
    desk.table.selectRow(2)
    qtbot.waitUntil(lambda: desk.runs.current_ref() is not None)
    window.details.show_tab("flags")
    desk.filter_box.history.add("lr < 0.1")
    chosen, shown = desk.runs.current_ref().id, len(desk.runs.model.order)
    assert 0 < shown < RUNS
    app.shutdown()

    again = open_app(sample_home)
    desk, window = again.sessions[0].desk, again.window

    assert (window.width(), window.height()) == (780, 700)
    assert not window.toolbar.isVisible()
    assert desk.filter_box.text() == "status = completed"
    assert "lr < 0.1" in desk.filter_box.history.texts
    assert len(desk.runs.model.order) == shown
    assert window.details.tab_name() == "flags"
    qtbot.waitUntil(lambda: desk.runs.current_ref() is not None)
    assert desk.runs.current_ref().id == chosen


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_what_nobody_caught_opens_one_dialog_that_collects(open_app, sample_home, qtbot):
    app = open_app(sample_home)
    for number in range(3):
        app.reporter.report("Draw", ValueError(f"number {number}"))

    qtbot.waitUntil(lambda: len(app.reporter.failures) == 3)
    (dialog,) = app.window.findChildren(QDialog, "reportDialog")
    assert dialog.isVisible()
    assert "number 2" in dialog.details()
    assert str(RUNS) in app.window.status.runs.text()
    dialog.reject()

    app.reporter.report("Draw", ValueError("later"))
    qtbot.waitUntil(lambda: len(app.window.findChildren(QDialog, "reportDialog")) == 1)


def test_a_closed_window_is_gone_for_good(open_app, sample_home, qtbot):
    app = open_app(sample_home)
    gone = []
    app.window.destroyed.connect(lambda: gone.append("window"))
    app.sessions[0].desk.table.destroyed.connect(lambda: gone.append("table"))

    app.shutdown()

    qtbot.waitUntil(lambda: len(gone) == 2)


def test_starting_imports_nothing_that_only_some_tabs_need(peer_free_python):
    found = peer_free_python(
        "import gui.app, sys; heavy = 'numpy paramiko pygments tomlkit PIL'.split();"
        "print([name for name in heavy if name in sys.modules])"
    )

    assert found == "[]"


def test_a_void_call_keeps_its_reference_to_none(qtbot):
    """PySide6 6.12.0 on Python 3.11 lost one reference to None at each call."""
    cushion = [None] * 2_000
    thing = QObject()
    before = sys.getrefcount(None)

    for number in range(500):
        thing.setObjectName(str(number))

    assert before - sys.getrefcount(None) <= 50
    assert len(cushion) == 2_000


@pytest.fixture
def peer_free_python():
    import subprocess

    def run(code: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(__file__).parents[3],
        )
        return done.stdout.strip()

    return run


def test_nothing_is_left_of_a_sample_store(open_app, sample_home, tmp_path, qtbot):
    app = open_app(sample_home)
    directories = app.shared.directories

    def kept() -> set[str]:
        found = {path.name for path in directories.cache.rglob("*") if path.is_file()}
        text = (directories.config / "windows.ini").read_text()
        groups = {line for line in text.splitlines() if line.startswith("[home-")}
        return {name for name in found if "sqlite" in name} | groups

    app.window.actions_by_id["home.open-sample"].trigger()
    session = app.sessions[0]
    qtbot.waitUntil(lambda: app.shared.sample.holds(session.home), timeout=30_000)
    wait_until_settled(qtbot, app)
    app.window.close()
    app.shutdown()

    names = kept()
    assert len([name for name in names if name.startswith("[home-")]) == 1
    assert len([name for name in names if name.startswith("index-")]) == 1


def test_each_of_many_folders_gets_its_window(open_app, sample_home, tmp_path, qtbot):
    names = ("second", "third", "fourth")
    for name in names:
        make_sample_store(tmp_path / name, runs=2)
    app = open_app(sample_home)

    for name in (*names[:2], "nowhere", names[2]):
        app.open_folder(tmp_path / name)

    qtbot.waitUntil(lambda: len(app.sessions) == 4, timeout=20_000)
    assert [session.home.path.name for session in app.sessions[1:]] == list(names)
    assert "nowhere" in app.window.centre.notices.text()


def test_a_trash_that_cannot_be_read_leaves_the_runs_up_to_date(open_app, sample_home, qtbot):
    trash = sample_home / "trash" / "runs"
    trash.rename(trash.with_name("away"))
    trash.write_text("no directory")
    app = open_app(sample_home)
    window = app.window
    qtbot.waitUntil(lambda: str(trash) in window.centre.notices.text(), timeout=20_000)

    assert window.status.index.text() == "Index up to date"
    window.actions_by_id["view.trash"].trigger()
    empty = window.centre.empty
    qtbot.waitUntil(lambda: empty.title() == "The trash cannot be read", timeout=20_000)


def test_the_status_bar_says_that_runs_of_a_home_that_went_away_are_not_up_to_date(
    open_app, sample_home, qtbot
):
    app = open_app(sample_home)
    index = app.window.status.index
    qtbot.waitUntil(lambda: index.text() == "Index up to date", timeout=20_000)
    away = sample_home.with_name("away")

    sample_home.rename(away)
    qtbot.waitUntil(lambda: index.text() == "As last seen", timeout=20_000)
    away.rename(sample_home)

    qtbot.waitUntil(lambda: index.text() == "Index up to date", timeout=20_000)
