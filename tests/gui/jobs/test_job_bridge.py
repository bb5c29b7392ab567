import threading
import time

import pytest
from PySide6.QtCore import QObject, QThread, QTimer
from PySide6.QtWidgets import QApplication

from core.errors import Error
from core.jobs import Job, JobQueue, JobState
from gui.job_bridge import TURN_SECONDS, JobBridge, Latest
from tests.support.patience import PATIENCE


@pytest.fixture
def bridge(qtbot):
    queue = JobQueue()
    bridge = JobBridge(queue)
    yield bridge
    assert queue.close(PATIENCE)
    qtbot.wait(0)


def on_gui_thread():
    return QThread.currentThread() is QApplication.instance().thread()


def test_states_items_and_progress_arrive_on_the_gui_thread(bridge, qtbot):
    states, items, ticks, go_on = [], [], [], threading.Event()

    def work(context):
        context.advance(1, total=2)
        context.publish("part")
        go_on.wait(PATIENCE)
        return "whole"

    bridge.state_changed.connect(lambda job: states.append((job.state, on_gui_thread())))
    bridge.published.connect(lambda job, item: items.append((item, on_gui_thread())))
    bridge.progressed.connect(lambda job: ticks.append(job.context.progress.done))
    job = bridge.submit(Job("x", "a", work))

    qtbot.waitUntil(lambda: bool(ticks))
    go_on.set()
    qtbot.waitUntil(lambda: (JobState.DONE, True) in states)

    assert items == [("part", True)]
    assert ticks[0] == 1
    assert job.result == "whole"
    assert all(on_gui for _, on_gui in states)


def test_other_events_have_their_turn_between_what_takes_long_to_tell(bridge, qtbot):
    told, is_published = [], threading.Event()

    def work(context):
        for number in range(3):
            context.publish(number)
        is_published.set()

    def tell(job, number):
        assert is_published.wait(PATIENCE)  # all of them are there by now
        QTimer.singleShot(0, lambda: told.append("other"))
        time.sleep(2 * TURN_SECONDS)
        told.append(number)

    bridge.published.connect(tell)
    bridge.submit(Job("x", "a", work))
    qtbot.waitUntil(lambda: told.count("other") == 3)

    assert told == [0, "other", 1, "other", 2, "other"]


def test_mistake_is_reported_and_an_expected_failure_is_not(bridge, qtbot):
    broke = []
    bridge.broke.connect(lambda job: broke.append(job.title))

    def fail(context):
        raise Error("Expected.")

    def mistake(context):
        return {}["missing"]

    bridge.submit(Job("expected", "a", fail))
    bridge.submit(Job("mistake", "a", mistake))

    qtbot.waitUntil(lambda: broke == ["mistake"])


def test_only_the_newest_question_is_answered(bridge, qtbot):
    owner = QObject()
    latest, answers, gate, entered = (
        Latest(bridge, "a", owner),
        [],
        threading.Event(),
        threading.Event(),
    )

    def slow(context):
        entered.set()
        gate.wait(PATIENCE)
        return "old"

    latest.ask("old", slow, answers.append)
    assert entered.wait(PATIENCE)
    latest.ask("new", lambda context: "new", answers.append)
    gate.set()

    qtbot.waitUntil(lambda: answers == ["new"])
    assert not latest.is_waiting


def test_question_that_fails_tells_why(bridge, qtbot):
    owner = QObject()
    latest, errors, items = Latest(bridge, "a", owner), [], []

    def fail(context):
        context.publish(1)
        raise Error("No.")

    latest.ask("x", fail, lambda result: None, errors.append, items.append)

    qtbot.waitUntil(lambda: [str(e) for e in errors] == ["No."])
    assert items == [1]


def test_dropped_question_is_not_answered(bridge, qtbot):
    owner = QObject()
    latest, answers, after = Latest(bridge, "a", owner), [], []
    latest.ask("x", lambda context: "x", answers.append)

    latest.drop()
    bridge.state_changed.connect(
        lambda job: after.append(job.title) if job.state.is_final else None
    )
    bridge.submit(Job("y", "a", lambda context: None))

    qtbot.waitUntil(lambda: "y" in after)
    assert answers == []


def test_question_after_the_end_is_not_asked(qtbot):
    queue = JobQueue()
    bridge = JobBridge(queue)
    owner = QObject()
    latest = Latest(bridge, "a", owner)
    assert queue.close(PATIENCE)

    latest.ask("late", lambda context: 1, lambda result: None)

    assert not latest.is_waiting
