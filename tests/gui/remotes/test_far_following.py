"""The details of a run that is running on a remote go on by themselves."""

from __future__ import annotations

import pytest

from core.archives.growing_copy import MOST_WHOLE
from core.runs.tfevents import EventWriter
from gui.places.place_catalogue import RUNS
from gui.remotes.remote_places import LOOK_MS, RUNNING_MS
from gui.views.details.output_tab import OutputTab
from gui.views.details.scalars_tab import ScalarsTab
from tests.support.far_desk import THERE, front
from tests.support.patience import QT_PATIENCE_MS
from tests.support.processes import end_well
from tests.support.runs import make_run

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def going(open_desk, configure, start_ssh_server, start_operation, home, qtbot):
    """Shows a run that is running there, in one of the tabs; gives tab, directory and process."""

    def show(tab, output="step 1\n", *, sftp_only=False):
        server = start_ssh_server(sftp_only=sftp_only)
        run_dir = make_run(server.login / ".guild" / "runs", THERE)
        process = start_operation(run_dir)
        (run_dir / ".guild" / "output").write_text(output)
        configure(server)
        app, _desk = open_desk()
        shelf_desk = front(app, qtbot)
        app.window.details.show_tab(tab)
        qtbot.waitUntil(lambda: shelf_desk.runs.select_ids([THERE]))
        return app, shelf_desk, run_dir, process

    return show


def output_of(app):
    return app.window.findChild(OutputTab)


def lines(app):
    tab = output_of(app)
    return [line.text for line in tab.view.rows.window.lines] if tab is not None else []


@pytest.mark.parametrize("sftp_only", [False, True])
def test_new_lines_of_output_appear_by_themselves(going, qtbot, sftp_only):
    app, _desk, run_dir, process = going("output", sftp_only=sftp_only)
    qtbot.waitUntil(lambda: lines(app) == ["step 1"], timeout=20_000)
    assert output_of(app).bar.follow.isChecked()

    for number in (2, 3):
        with (run_dir / ".guild" / "output").open("a") as file:
            file.write(f"step {number}\n")
        qtbot.waitUntil(lambda n=number: lines(app)[-1] == f"step {n}", timeout=10_000)

    assert output_of(app).bar.status.text() == "3 lines · 21 bytes"
    with (run_dir / ".guild" / "output").open("a") as file:
        file.write("good bye\n")
    end_well(run_dir, process)
    qtbot.waitUntil(lambda: lines(app)[-1] == "good bye", timeout=10_000)


def test_of_long_output_the_end_is_shown_and_all_of_it_on_request(going, qtbot):
    long = "first\n" + "x" * MOST_WHOLE + "\nthe end\n"
    app, *_ = going("output", long)
    qtbot.waitUntil(lambda: lines(app)[-1:] == ["the end"], timeout=20_000)
    bar = output_of(app).bar
    qtbot.waitUntil(lambda: "left out before the last" in bar.status.text(), timeout=10_000)
    assert bar.read_all.isVisible()
    assert not bar.next_stderr.isEnabled()

    bar.read_all.trigger()

    qtbot.waitUntil(lambda: bar.status.text().startswith("3 lines"), timeout=20_000)
    assert not bar.read_all.isVisible()
    assert bar.next_stderr.isEnabled()


def test_the_curve_of_a_run_there_grows_by_itself(going, qtbot):
    app, _desk, run_dir, _process = going("scalars")
    path = run_dir / ".guild" / "events.out.tfevents.1.box"
    with EventWriter(str(path)) as writer:
        writer.add(1, [("loss", 0.5)])
    qtbot.waitUntil(lambda: app.window.findChild(ScalarsTab) is not None, timeout=10_000)
    tab = app.window.findChild(ScalarsTab)
    qtbot.waitUntil(lambda: "loss" in tab._summaries, timeout=20_000)
    other = run_dir / "more"
    with EventWriter(str(other)) as writer:
        writer.add(2, [("loss", 0.25)])
    with path.open("ab") as file:
        file.write(other.read_bytes())

    qtbot.waitUntil(lambda: tab._summaries["loss"].last == 0.25, timeout=20_000)
    qtbot.waitUntil(lambda: len(tab._series["loss"][1].values) == 2, timeout=20_000)


@pytest.mark.parametrize("sftp_only", [False, True])
def test_the_table_shows_within_seconds_that_a_run_there_ended(going, qtbot, sftp_only):
    _app, shelf_desk, run_dir, process = going("flags", sftp_only=sftp_only)
    columns = shelf_desk.shelf.columns
    status = lambda: columns.stored("status")[columns.slot_of(THERE)]  # noqa: E731
    assert status() == "running"
    assert RUNNING_MS + QT_PATIENCE_MS < LOOK_MS  # it is not the next look at all runs

    end_well(run_dir, process)

    qtbot.waitUntil(lambda: status() == "completed")


def test_nobody_is_asked_for_a_window_that_is_minimised_or_a_place_behind(
    going, qtbot, monkeypatch
):
    app, shelf_desk, *_ = going("output")
    qtbot.waitUntil(lambda: lines(app) == ["step 1"], timeout=20_000)
    with shelf_desk.shelf.using(lambda: None) as source:
        looked = []
        real = source.renew
        monkeypatch.setattr(source, "renew", lambda *a: (looked.append(a), real(*a)))
    qtbot.waitUntil(lambda: bool(looked), timeout=10_000)

    def is_quiet():  # what was on its way has been asked
        looked.clear()
        lanes = {job.lane.split()[0] for job in app.sessions[0]._queue.active()}
        return lanes <= {"index", "measure", "shelf"}  # which go on

    app.window.showMinimized()
    qtbot.waitUntil(is_quiet)
    qtbot.wait(2_500)
    assert looked == []
    app.window.showNormal()
    qtbot.waitUntil(lambda: bool(looked), timeout=15_000)

    app.sessions[0].desk.navigation.go(RUNS)
    assert app.sessions[0].desk.is_front
    qtbot.waitUntil(is_quiet)
    qtbot.wait(2_500)
    assert looked == []


def test_the_view_of_a_run_there_keeps_its_place_when_the_place_is_listed_anew(going, qtbot):
    app, shelf_desk, run_dir, _process = going("output", "".join(f"{n}\n" for n in range(5_000)))
    qtbot.waitUntil(lambda: lines(app)[-1:] == ["4999"], timeout=20_000)
    tab = output_of(app)
    tab.view.set_following(False)
    tab.view.go_to(0)
    qtbot.waitUntil(lambda: lines(app)[:1] == ["0"], timeout=10_000)
    generation = tab.feed.state.generation

    shelf_desk.look_now()
    with (run_dir / ".guild" / "output").open("a") as file:
        file.write("new\n")

    qtbot.waitUntil(lambda: tab.feed.state.lines == 5_001, timeout=20_000)
    assert tab.feed.state.generation == generation
    assert lines(app)[0] == "0"


def test_where_the_connection_is_lost_the_output_stays_and_goes_on_by_itself(going, qtbot):
    app, _desk, run_dir, _process = going("output")
    qtbot.waitUntil(lambda: lines(app) == ["step 1"], timeout=20_000)
    session = app.sessions[0].remote_desk.remotes.session("gpu1")

    session.close()
    with (run_dir / ".guild" / "output").open("a") as file:
        file.write("step 2\n")

    bar = output_of(app).bar
    qtbot.waitUntil(lambda: bar.status.text().endswith("not connected"), timeout=10_000)
    assert lines(app) == ["step 1"]
    qtbot.waitUntil(lambda: lines(app) == ["step 1", "step 2"], timeout=30_000)
    qtbot.waitUntil(lambda: "not connected" not in bar.status.text(), timeout=10_000)
