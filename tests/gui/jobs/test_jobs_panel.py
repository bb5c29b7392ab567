from __future__ import annotations

import threading
import time

import pytest
from PySide6.QtCore import QAbstractItemModel, QItemSelectionModel, QModelIndex, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QMenu, QToolButton

from core.errors import Error
from core.jobs import Job, JobState
from gui.jobs.job_list import MOST_FINISHED, JobEnd, JobList, JobQuestion
from gui.jobs.job_text import Recess, left_text
from gui.models.jobs_model import ACTS, JOB, LEFT, PROGRESS, RATE, STATE
from gui.views.jobs.jobs_delegate import BAR_WIDTH
from gui.views.jobs.jobs_table import JobsTable

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


class Work:
    """A job that goes on as the test says."""

    def __init__(self, steps: int = 4) -> None:
        self.steps = steps
        self._go = threading.Semaphore(0)

    def __call__(self, context):
        context.advance(total=self.steps, unit="runs", item="copying")
        for _ in range(self.steps):
            while not self._go.acquire(timeout=0.01):
                context.check()
            context.advance(1)
        return "result"

    def step(self, count: int = 1) -> None:
        self._go.release(count)


@pytest.fixture
def app(open_app, sample_home):
    app = open_app(sample_home)
    app.window.resize(1500, 900)
    app.window.show()
    return app


@pytest.fixture
def jobs(window) -> JobList:
    return window.jobs


@pytest.fixture
def table(window) -> JobsTable:
    found = window.findChild(JobsTable, "jobsTable")
    window.actions_by_id["view.toggle-jobs"].setChecked(True)
    return found


@pytest.fixture
def start(app, jobs):
    """Starts a job that the user asked for."""

    def start(work, title="Export 4 runs", lane="test", **follow) -> Job:
        job = Job(title, lane, work)
        jobs.follow(job, "export", **follow)
        return app.sessions[0]._services.bridge.submit(job)

    return start


def fail(context):
    context.advance(2, total=4)
    raise Error("Cannot write to /mnt/x.zip: the disk is full.", hint="Choose another place.")


def cell(table, row: int, column: int) -> str:
    model: QAbstractItemModel = table.model()
    return model.index(row, column).data()


@pytest.mark.parametrize("width", [645, 1200])
def test_how_far_a_job_is_has_room_beside_long_titles(table, start, qtbot, width):
    work = Work(steps=5_000)
    start(work, title="Push run b1b1b1b1 to a computer with a long name")
    work.step(9)
    qtbot.waitUntil(lambda: cell(table, 0, PROGRESS) == "9 of 5,000 runs")

    table.setFixedWidth(width)

    qtbot.waitUntil(lambda: not table.isColumnHidden(PROGRESS))
    assert table.columnWidth(JOB) >= 12 * table.fontMetrics().averageCharWidth()
    assert table.columnWidth(STATE) >= 12 * table.fontMetrics().averageCharWidth()
    work.step(5_000)


@pytest.mark.parametrize("width", [470, 520])
def test_in_a_narrow_table_the_bar_stands_alone(table, start, qtbot, width):
    work = Work(steps=5_000)
    start(work, title="Push run b1b1b1b1 to a computer with a long name")
    work.step(9)
    table.setFixedWidth(1200)
    qtbot.waitUntil(lambda: table.columnWidth(PROGRESS) > 2 * BAR_WIDTH)

    table.setFixedWidth(width)

    qtbot.waitUntil(lambda: table.columnWidth(PROGRESS) < BAR_WIDTH + 20)
    assert not table.isColumnHidden(PROGRESS)
    assert table.columnWidth(STATE) >= 12 * table.fontMetrics().averageCharWidth()
    table.setFixedWidth(1200)
    qtbot.waitUntil(lambda: table.columnWidth(PROGRESS) > 2 * BAR_WIDTH)
    work.step(5_000)


def test_a_job_shows_title_state_amount_rate_and_time_left(table, jobs, start, qtbot):
    work = Work(steps=5_000)
    job = start(work)
    work.step(9)

    qtbot.waitUntil(lambda: cell(table, 0, PROGRESS) == "9 of 5,000 runs")
    assert cell(table, 0, JOB) == "Export 4 runs"
    assert cell(table, 0, STATE) == "copying"

    def is_measured() -> bool:
        work.step()
        return "runs/s" in cell(table, 0, RATE) and cell(table, 0, LEFT) != left_text(None)

    qtbot.waitUntil(is_measured)
    work.step(5_000)
    qtbot.waitUntil(lambda: cell(table, 0, STATE) == "done")
    assert cell(table, 0, RATE) == cell(table, 0, LEFT) == ""
    assert job.state is JobState.DONE


def test_jobs_that_nobody_asked_for_are_not_listed(app, table, jobs, qtbot):
    desk = app.sessions[0].desk
    desk.feed.look_now()
    desk.runs.refresh()
    qtbot.waitUntil(lambda: not desk.runs.is_arranging)

    assert jobs.jobs == []


def test_a_failure_opens_the_panel_and_says_what_to_do(window, jobs, start, qtbot):
    assert not window.jobs_panel.isVisible()

    start(fail)

    qtbot.waitUntil(window.jobs_panel.isVisible)
    table = window.jobs_panel.table
    sentence = "Cannot write to /mnt/x.zip: the disk is full. Choose another place."
    assert cell(table, 0, STATE) == sentence
    assert table.columnSpan(0, STATE) == 1 + len((PROGRESS, RATE, LEFT))
    assert window.status.jobs.isVisible()
    assert window.status.jobs.text() == "1 job failed"


def test_a_long_sentence_has_as_many_lines_as_it_takes(window, table, jobs, start, qtbot):
    def fail_at_length(context):
        raise Error("Cannot write to /mnt/x.zip, since it has been taken away meanwhile. " * 4)

    start(fail)
    start(fail_at_length)
    qtbot.waitUntil(lambda: all(row.end is not None for row in jobs.jobs) and len(jobs.jobs) == 2)
    lines = table.fontMetrics().height()
    qtbot.waitUntil(lambda: table.rowHeight(1) >= 2 * lines)
    before = table.rowHeight(1)

    window.resize(1000, 700)

    qtbot.waitUntil(lambda: table.rowHeight(1) > before)
    assert table.rowHeight(0) <= before


def test_the_actions_cancel_the_selected_job(table, jobs, start, trigger, qtbot):
    job = start(Work())
    qtbot.waitUntil(lambda: job.state is JobState.RUNNING)
    table.selectRow(0)

    trigger("job.cancel")

    qtbot.waitUntil(lambda: jobs.jobs[0].end is not None)
    assert cell(table, 0, STATE) == "cancelled"


def test_the_actions_pause_a_job_and_let_it_go_on(window, table, jobs, start, trigger, qtbot):
    work = Work()
    job = start(work)
    qtbot.waitUntil(lambda: job.state is JobState.RUNNING)
    table.selectRow(0)

    trigger("job.pause")
    qtbot.waitUntil(lambda: window.actions_by_id["job.pause"].text() == "&Resume Job")
    qtbot.waitUntil(lambda: job.state is JobState.PAUSED)
    assert cell(table, 0, STATE) == "paused"

    trigger("job.pause")
    work.step(4)
    qtbot.waitUntil(lambda: cell(table, 0, STATE) == "done")


def test_trying_again_replaces_the_row(table, jobs, start, trigger, qtbot):
    start(fail, "Export once", retry=lambda: start(Work(0), "Export once more"))
    qtbot.waitUntil(lambda: jobs.jobs[0].end is not None)
    table.selectRow(0)

    trigger("job.retry")

    qtbot.waitUntil(lambda: cell(table, 0, STATE) == "done")
    assert [row.job.title for row in jobs.jobs] == ["Export once more"]


def test_what_cannot_be_done_is_disabled_and_says_why(window, table, jobs, start, qtbot):
    actions = [window.actions_by_id[f"job.{n}"] for n in ("pause", "cancel", "retry", "clear")]
    assert not any(action.isEnabled() for action in actions)
    assert all("No job" in action.statusTip() for action in actions)

    work = Work()
    start(work)
    table.selectRow(0)
    assert [action.isEnabled() for action in actions] == [True, True, False, False]

    work.step(4)
    qtbot.waitUntil(lambda: jobs.jobs[0].end is not None)
    assert [action.isEnabled() for action in actions] == [False, False, False, True]


def test_finished_jobs_stay_until_they_are_cleared(window, table, jobs, start, trigger, qtbot):
    work = Work()
    start(fail, lane="a")
    start(Work(0), lane="b")
    going = start(work, lane="c")
    qtbot.waitUntil(lambda: [row.end is None for row in jobs.jobs] == [False, False, True])
    assert window.status.jobs.text() == "1 job going on · 1 failed"

    trigger("job.clear")

    assert [row.job for row in jobs.jobs] == [going]
    assert table.model().rowCount() == 1
    work.step(4)
    qtbot.waitUntil(lambda: window.status.jobs.text() == "1 job finished")
    trigger("job.clear")
    assert not window.status.jobs.isVisible()


def test_only_so_many_finished_jobs_are_kept_and_failed_ones_longest(jobs, start, qtbot):
    failed = start(fail, lane="a")
    qtbot.waitUntil(lambda: jobs.jobs[0].end is not None)
    for number in range(MOST_FINISHED + 5):
        start(Work(0), f"Export {number}", lane="a")

    qtbot.waitUntil(lambda: jobs.jobs[-1].end is not None)
    assert len(jobs.jobs) == MOST_FINISHED
    assert jobs.jobs[0].job is failed


def test_keys_pause_cancel_and_take_off(table, jobs, start, qtbot):
    job = start(Work())
    qtbot.waitUntil(lambda: job.state is JobState.RUNNING)
    table.selectRow(0)

    qtbot.keyClick(table, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: job.state is JobState.PAUSED)
    qtbot.keyClick(table, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: jobs.jobs[0].end is not None)
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(table, Qt.Key.Key_Delete)

    assert jobs.jobs == []
    assert QGuiApplication.clipboard().text() == "Export 4 runs\tcancelled"


def test_the_button_of_a_row_cancels_its_job(table, jobs, start, qtbot):
    start(Work(), lane="a")
    job = start(Work(), lane="b")
    area = table.visualRect(table.model().index(1, ACTS))
    button = table._delegate.buttons(jobs.jobs[1], area)[-1]
    assert button.tip == "Cancel this job"

    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=button.area.center())

    qtbot.waitUntil(lambda: jobs.jobs[1].end is not None)
    assert job.state is JobState.CANCELLED
    assert jobs.jobs[0].end is None
    jobs.cancel(jobs.jobs)
    qtbot.waitUntil(lambda: jobs.jobs[0].end is not None)


def test_enter_shows_the_result(table, jobs, start, qtbot):
    shown = []
    end = JobEnd("done", "done, 24 files verified", show=lambda: shown.append("it"))
    start(Work(0), sum_up=lambda _result: end)
    qtbot.waitUntil(lambda: jobs.jobs[0].end is end)
    table.selectRow(0)

    qtbot.keyClick(table, Qt.Key.Key_Return)

    assert shown == ["it"]


def test_the_context_menu_offers_what_the_menu_bar_does(window, table, start, qtbot):
    start(Work(0))
    table.selectRow(0)
    table.setFocus()

    qtbot.keyClick(table, Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)

    def menu() -> QMenu | None:
        menus = window.jobs_panel.findChildren(QMenu)
        return next((m for m in menus if m.isVisible()), None)

    qtbot.waitUntil(lambda: menu() is not None)
    texts = {action.text() for action in menu().actions()}
    menu().close()
    assert {"&Pause Job", "&Cancel Job", "&Try Again", "Clear &Finished Jobs"} <= texts


def test_a_change_of_many_runs_is_a_job_and_one_of_few_is_not(app, table, jobs, trigger, qtbot):
    desk = app.sessions[0].desk
    desk.table.selectRow(0)
    trigger("run.mark")
    qtbot.waitUntil(lambda: not desk.tidying.changer.is_busy)
    assert jobs.jobs == []

    ids = [f"{number:032x}" for number in range(300)]
    desk.tidying.changes.mark_ids(ids)

    qtbot.waitUntil(lambda: bool(jobs.jobs) and jobs.jobs[0].end is not None)
    assert cell(table, 0, JOB) == "Mark 300 runs"
    assert jobs.jobs[0].end.grade == "partly"
    assert jobs.jobs[0].end.show is not None


def test_only_cells_that_say_something_else_are_painted_again(table, jobs, start, qtbot):
    work = Work()
    start(work)
    qtbot.waitUntil(lambda: cell(table, 0, STATE) == "copying")
    changed, told = [], []
    table.model().dataChanged.connect(lambda *_: changed.append(1))
    jobs.changed.connect(told.append)

    qtbot.waitUntil(lambda: len(told) >= 2)  # what was just begun is told
    changed.clear()
    qtbot.waitUntil(lambda: len(told) >= 6)

    assert changed == []
    jobs.cancel(jobs.jobs)
    qtbot.waitUntil(lambda: jobs.jobs[0].end is not None)


def test_the_panel_is_where_and_as_high_as_it_was(open_app, sample_home, qtbot):
    first = open_app(sample_home)
    first.window.resize(1200, 800)
    first.window.show()
    first.window.actions_by_id["view.toggle-jobs"].setChecked(True)
    first.window._middle.setSizes([400, 260])
    height = first.window.jobs_panel.height()
    assert first.shutdown()

    again = open_app(sample_home)
    again.window.show()

    assert again.window.jobs_panel.isVisible()
    assert abs(again.window.jobs_panel.height() - height) <= 2


def test_the_button_in_the_status_bar_shows_and_hides_the_panel(window, jobs, start, qtbot):
    start(Work(0))
    qtbot.waitUntil(lambda: jobs.jobs[0].end is not None)
    assert not window.jobs_panel.isVisible()

    qtbot.mouseClick(window.status.jobs, Qt.MouseButton.LeftButton)
    assert window.jobs_panel.isVisible()
    qtbot.mouseClick(window.status.jobs, Qt.MouseButton.LeftButton)
    assert not window.jobs_panel.isVisible()


def test_the_model_keeps_the_rules_of_models(table, jobs, start, qtmodeltester, qtbot):
    start(Work(0), lane="a")
    start(fail, lane="b")
    qtbot.waitUntil(lambda: all(row.end is not None for row in jobs.jobs))

    qtmodeltester.check(table.model())


# Questions and waits


@pytest.fixture
def going(start, jobs, qtbot):
    """The row of a job that goes on until it is cancelled."""
    job = start(Work(steps=5))
    qtbot.waitUntil(lambda: job.state is JobState.RUNNING and bool(job.context.progress.item))
    return jobs.row_of(job.context)


def answer_place(table, number=0):
    area = table.visualRect(table.model().index(number, STATE))
    return table._delegate.answer_area(table._model.row(number), area, table.font()).center()


def test_a_job_that_asks_says_so_on_its_row_and_opens_it_by_a_click(table, jobs, going, qtbot):
    opened = []
    with qtbot.waitSignal(jobs.asked):
        question = JobQuestion("passphrase for id_ed25519", "Enter…", lambda: opened.append(True))
        jobs.set_question(going, question)

    assert cell(table, 0, STATE) == "passphrase for id_ed25519"
    heard = table.model().index(0, STATE).data(Qt.ItemDataRole.AccessibleTextRole)
    assert heard == "State: passphrase for id_ed25519, Enter…"
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=answer_place(table))
    assert opened == [True]
    jobs.set_question(going, None)
    assert cell(table, 0, STATE) == "copying"


def test_a_question_opens_by_enter_and_by_its_action(table, jobs, going, window, qtbot, trigger):
    opened = []
    assert not window.actions_by_id["job.answer"].isEnabled()
    jobs.set_question(going, JobQuestion("password", "Enter…", lambda: opened.append(True)))
    table.select_job(going)

    qtbot.keyClick(table, Qt.Key.Key_Return)
    trigger("job.answer")

    assert opened == [True, True]


def test_a_question_opens_the_panel(window, jobs, going):
    window.actions_by_id["view.toggle-jobs"].setChecked(False)

    jobs.set_question(going, JobQuestion("password", "Enter…", lambda: None))

    assert window.jobs_panel.isVisible()


def test_a_job_that_tries_again_later_counts_down_and_can_be_told_now(table, jobs, going, qtbot):
    told = []
    until = time.monotonic() + 3_000
    jobs.set_recess(going, Recess("no route to host", until, lambda: told.append(True)))

    assert cell(table, 0, STATE) == "no route to host · retry in 50 min"
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=answer_place(table))
    assert told == [True]
    jobs.set_recess(going, None)
    assert cell(table, 0, STATE) == "copying"


def test_a_job_that_is_paused_or_stopping_asks_nothing(table, jobs, going):
    jobs.set_question(going, JobQuestion("password", "Enter…", lambda: None))

    jobs.hold([going])
    assert going.look.button == ""
    jobs.let_go([going])
    assert going.look.button == "Enter…"
    jobs.cancel([going])
    assert cell(table, 0, STATE) == "stopping…"


def test_a_job_that_has_ended_asks_nothing_any_more(table, jobs, going, qtbot):
    jobs.set_question(going, JobQuestion("password", "Enter…", lambda: None))

    jobs.cancel([going])

    qtbot.waitUntil(lambda: going.end is not None)
    assert going.question is None
    assert cell(table, 0, STATE) == "cancelled"


@pytest.fixture
def queue(table, jobs, start, qtbot):
    """Rows of one job that goes on and three that wait; the job, and what was done since."""
    first, order = Work(steps=1), []
    start(first, title="first", lane="remote-gpu1")
    qtbot.waitUntil(lambda: jobs.jobs[0].job.state is JobState.RUNNING)
    for name in ("second", "third", "fourth"):
        start(lambda _context, name=name: order.append(name), title=name, lane="remote-gpu1")
    return first, order


def titles(jobs):
    return [row.job.title for row in jobs.jobs]


def test_a_job_that_waits_can_be_done_before_the_others_of_its_lane(
    table, jobs, queue, window, qtbot, trigger
):
    first, order = queue
    table.select_job(jobs.jobs[3])

    trigger("job.next")
    assert titles(jobs) == ["first", "fourth", "second", "third"]
    assert [row.job.title for row in table.selected_jobs()] == ["fourth"]
    first.step()

    qtbot.waitUntil(lambda: order == ["fourth", "second", "third"])
    qtbot.waitUntil(lambda: not window.actions_by_id["job.next"].isEnabled())


def test_jobs_that_wait_change_places_by_the_keyboard(table, jobs, queue, qtbot):
    first, order = queue
    table.select_job(jobs.jobs[1])
    table.setFocus()

    qtbot.keyClick(table, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert titles(jobs) == ["first", "third", "second", "fourth"]
    qtbot.keyClick(table, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    qtbot.keyClick(table, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert titles(jobs) == ["first", "third", "fourth", "second"]
    qtbot.keyClick(table, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert titles(jobs) == ["first", "third", "second", "fourth"]
    first.step()

    qtbot.waitUntil(lambda: order == ["third", "second", "fourth"])


def test_jobs_that_wait_are_dragged_to_another_turn(table, jobs, queue, qtbot):
    first, order = queue
    model, move = table.model(), Qt.DropAction.MoveAction
    assert not model.flags(model.index(0, JOB)) & Qt.ItemFlag.ItemIsDragEnabled
    data = model.mimeData([model.index(3, column) for column in range(ACTS)])

    assert not model.dropMimeData(data, move, 2, 0, QModelIndex())
    assert titles(jobs) == ["first", "second", "fourth", "third"]
    model.dropMimeData(model.mimeData([model.index(1, JOB)]), move, -1, -1, QModelIndex())
    assert titles(jobs) == ["first", "fourth", "third", "second"]
    model.dropMimeData(model.mimeData([model.index(0, JOB)]), move, 3, 0, QModelIndex())
    assert titles(jobs) == ["first", "fourth", "third", "second"]
    first.step()

    qtbot.waitUntil(lambda: order == ["fourth", "third", "second"])


def test_several_jobs_change_places_together(table, jobs, queue, trigger, window, qtbot):
    table.selectRow(2)
    flags = QItemSelectionModel.SelectionFlag
    table.selectionModel().select(table.model().index(3, 0), flags.Select | flags.Rows)

    trigger("job.earlier")
    assert titles(jobs) == ["first", "third", "fourth", "second"]
    trigger("job.earlier")
    assert titles(jobs) == ["first", "third", "fourth", "second"]
    trigger("job.later")
    assert titles(jobs) == ["first", "second", "third", "fourth"]
    queue[0].step()
    qtbot.waitUntil(lambda: len(queue[1]) == 3)


def test_the_panel_says_whether_the_bandwidth_is_limited(app, window, qtbot):
    button = window.jobs_panel.findChild(QToolButton, "jobsLimit")
    assert button.toolTip().endswith("(now: no limit)")
    window.actions_by_id["view.toggle-jobs"].setChecked(True)

    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    dialog = window.findChild(QDialog, "limitDialog")
    dialog.number.setValue(300)
    dialog.accept()

    assert button.toolTip().endswith("(now: 300 KB/s)")
    app.shared.settings.flush()


def test_finished_jobs_are_news_for_a_while_only(window, start, qtbot):
    window.job_actions._news.setInterval(300)
    start(lambda _context: None)

    qtbot.waitUntil(lambda: window.status.jobs.text() == "1 job finished")
    window.activateWindow()
    qtbot.waitUntil(lambda: window.status.jobs.isHidden())
    assert len(window.jobs.jobs) == 1
