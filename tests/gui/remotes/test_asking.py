from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLabel, QPushButton, QWidget

from core.jobs import Job, JobState
from gui.dialogs.password_dialog import PasswordDialog
from gui.remotes.asking import Asking
from gui.remotes.question_opener import QuestionOpener
from remote.prompts import (
    CommandQuestion,
    HostKeyQuestion,
    PassphraseQuestion,
    PasswordQuestion,
    Prompt,
    PromptsQuestion,
)

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

PASSWORD = PasswordQuestion("gpu1", "me@gpu1.lab")
KEY = HostKeyQuestion("gpu1", "gpu1.lab", "ssh-ed25519", "SHA256:abc", Path("/k/known_hosts"))


@pytest.fixture
def window(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    return window


@pytest.fixture
def asking(window):
    return Asking(window)


@pytest.fixture
def opener(asking, services, window):
    return QuestionOpener(asking, services.theme, window)


@pytest.fixture
def begin(asking, services):
    """Starts a job that asks one question and returns the answer."""

    def begin_(ask, lane="test"):
        def work(context):
            with asking.during(context):
                return ask(context.check)

        return services.bridge.submit(Job("Pull 3 runs from gpu1", lane, work))

    return begin_


def asked(asking, qtbot, count=1):
    qtbot.waitUntil(lambda: len(asking.waiting) == count)
    return asking.waiting[-1]


def dialog_of(window) -> QDialog:
    return next(d for d in window.findChildren(QDialog) if d.isVisible())


def ended(job, qtbot):
    qtbot.waitUntil(lambda: job.state.is_final)
    return job.result


def test_a_password_goes_from_the_dialog_to_the_job_that_waits(
    asking, opener, begin, window, qtbot
):
    job = begin(lambda check: asking.ask_password(PASSWORD, check))
    waiting = asked(asking, qtbot)
    assert waiting.context is job.context
    assert asking.of(job.context) is waiting

    opener.open(waiting)
    dialog = dialog_of(window)
    qtbot.keyClicks(dialog.fields[0], "secret")
    qtbot.keyClick(dialog.fields[0], Qt.Key.Key_Return)

    assert ended(job, qtbot).text == "secret"
    qtbot.waitUntil(lambda: asking.waiting == [])


def test_giving_up_is_an_answer_too(asking, opener, begin, window, qtbot):
    job = begin(lambda check: asking.ask_passphrase(PassphraseQuestion("x", Path("/k")), check))
    opener.open(asked(asking, qtbot))

    dialog_of(window).reject()

    assert ended(job, qtbot) is None
    assert job.state is JobState.DONE


def test_a_host_key_is_accepted_or_not(asking, opener, begin, window, qtbot):
    job = begin(lambda check: asking.accept_host_key(KEY, check))
    opener.open(asked(asking, qtbot))
    dialog_of(window).findChild(QPushButton, "hostKeyAccept").click()
    assert ended(job, qtbot) is True
    qtbot.waitUntil(lambda: asking.waiting == [])

    job = begin(lambda check: asking.accept_host_key(KEY, check))
    opener.open(asked(asking, qtbot))
    dialog_of(window).reject()
    assert ended(job, qtbot) is False


def test_each_line_of_a_host_gets_its_answer(asking, opener, begin, window, qtbot):
    prompts = (Prompt("Password:", is_shown=False), Prompt("Code:", is_shown=True))
    question = PromptsQuestion("x", "me@x", "", "", prompts)
    job = begin(lambda check: asking.answer_prompts(question, check))
    opener.open(asked(asking, qtbot))
    dialog = dialog_of(window)
    for field, text in zip(dialog.fields, ("secret", "123456"), strict=True):
        field.setText(text)
    dialog.findChild(QPushButton, "passwordVerb").click()

    assert [secret.text for secret in ended(job, qtbot)] == ["secret", "123456"]


def test_a_command_is_shown_whole_and_is_not_run_by_enter(asking, opener, begin, window, qtbot):
    command = "nc -x proxy.example.org:1080 gpu1.lab 22 " + "--very-long " * 20
    question = CommandQuestion("gpu1", command, Path("/home/me/.ssh/config"), 7)
    job = begin(lambda check: asking.allow_command(question, check))
    opener.open(asked(asking, qtbot))
    dialog = dialog_of(window)

    assert any(command in label.text() for label in dialog.findChildren(QLabel))
    qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_Return)
    assert ended(job, qtbot) is False


def test_a_question_of_a_job_that_is_cancelled_goes_with_its_dialog(
    asking, opener, begin, window, qtbot
):
    job = begin(lambda check: asking.ask_password(PASSWORD, check))
    opener.open(asked(asking, qtbot))
    assert dialog_of(window)

    job.cancel()

    qtbot.waitUntil(lambda: asking.waiting == [] and not window.findChildren(PasswordDialog))
    assert ended(job, qtbot) is None
    assert job.state is JobState.CANCELLED


def test_other_jobs_go_on_while_one_waits(asking, begin, services, qtbot):
    begin(lambda check: asking.ask_password(PASSWORD, check), lane="gpu1")
    waiting = asked(asking, qtbot)

    other = services.bridge.submit(Job("Pull from cluster", "cluster", lambda _context: "done"))

    assert ended(other, qtbot) == "done"
    assert not waiting.is_answered
    waiting.answer(None)
    qtbot.waitUntil(lambda: asking.waiting == [])


def test_two_jobs_that_ask_have_a_question_each(asking, begin, qtbot):
    first = begin(lambda check: asking.ask_password(PASSWORD, check), lane="gpu1")
    asked(asking, qtbot, 1)
    second = begin(lambda check: asking.ask_password(PASSWORD, check), lane="cluster")
    asked(asking, qtbot, 2)

    assert asking.of(first.context) is not asking.of(second.context)
    for waiting in list(asking.waiting):
        waiting.answer(None)
    qtbot.waitUntil(lambda: asking.waiting == [])


def test_a_question_is_opened_once(asking, opener, begin, window, qtbot):
    begin(lambda check: asking.ask_password(PASSWORD, check))
    waiting = asked(asking, qtbot)

    opener.open(waiting)
    opener.open(waiting)

    assert len([d for d in window.findChildren(PasswordDialog) if d.isVisible()]) == 1
    dialog_of(window).reject()
    qtbot.waitUntil(lambda: asking.waiting == [])
    opener.open(waiting)
    assert not [d for d in window.findChildren(PasswordDialog) if d.isVisible()]


def test_no_secret_is_part_of_what_may_be_logged(asking, begin, qtbot):
    from remote.prompts import Secret

    begin(lambda check: asking.ask_password(PASSWORD, check))
    waiting = asked(asking, qtbot)
    waiting.answer((Secret("open sesame"),))

    assert "open sesame" not in repr(waiting)
    qtbot.waitUntil(lambda: asking.waiting == [])
