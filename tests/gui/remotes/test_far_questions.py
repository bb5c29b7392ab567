"""What a host asks is asked in the window: keys of hosts, passphrases of keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLabel, QPushButton

from core.jobs import JobState
from gui.dialogs.host_key_dialog import HostKeyDialog
from gui.dialogs.password_dialog import PasswordDialog
from gui.dialogs.remote_dialog import RemoteDialog
from gui.dialogs.transfer_preview import TransferPreview
from tests.support.far_desk import (
    THERE,
    choose,
    ended,
    front,
    go,
    places,
    preview,
    rows,
    trigger,
)
from tests.support.ssh_server import make_key

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


def test_an_unknown_host_key_is_asked_over_the_preview_at_once(
    open_desk, configure, server, there, qtbot, user_home
):
    configure(server, known=False)
    app, _desk = open_desk()

    trigger(app, "run.pull")
    qtbot.waitUntil(lambda: bool(app.window.findChildren(HostKeyDialog)), timeout=10_000)
    [dialog] = app.window.findChildren(HostKeyDialog)
    shown = dialog.findChild(QLabel, "hostKeyFingerprint").text()
    assert shown.startswith("SHA256:")
    assert places(app)["gpu1"].spoken == "asks for something"
    dialog.findChild(QPushButton, "hostKeyAccept").click()

    assert THERE in rows(preview(app, qtbot))
    known = (user_home / ".ssh" / "known_hosts").read_text()
    assert known.split()[1:3] == server.known_hosts.read_text().split()[1:3]


def test_a_key_that_is_not_accepted_ends_it_and_is_not_remembered(
    open_desk, configure, server, there, qtbot, user_home
):
    configure(server, known=False)
    app, _desk = open_desk()
    trigger(app, "run.pull")
    qtbot.waitUntil(lambda: bool(app.window.findChildren(HostKeyDialog)), timeout=10_000)

    app.window.findChildren(HostKeyDialog)[0].reject()

    dialog = app.window.findChild(TransferPreview)
    message = dialog.findChild(QLabel, "transferMessage")
    qtbot.waitUntil(lambda: "was not accepted" in message.text(), timeout=10_000)
    assert not (user_home / ".ssh" / "known_hosts").exists()


def test_a_changed_host_key_stops_everything(
    open_desk, configure, server, there, qtbot, user_home, start_ssh_server
):
    configure(server)
    other = start_ssh_server()
    key = other.known_hosts.read_text().split()[2]
    known = user_home / ".ssh" / "known_hosts"
    known.write_text(f"[{server.host}]:{server.port} ssh-ed25519 {key}\n")
    app, _desk = open_desk()

    trigger(app, "run.pull")

    qtbot.waitUntil(lambda: bool(app.window.findChildren(HostKeyDialog)), timeout=10_000)
    [dialog] = app.window.findChildren(HostKeyDialog)
    said = [label.text() for label in dialog.findChildren(QLabel)]
    assert f"{known}, line 1" in said
    assert len({text for text in said if text.startswith("SHA256:")}) == 2
    assert dialog.findChild(QPushButton, "hostKeyAccept") is None
    dialog.reject()
    app.window.findChild(TransferPreview).reject()


def test_a_job_that_asks_waits_on_its_row_and_goes_on_with_the_answer(
    open_desk, configure, server, there, qtbot, user_home
):
    configure(server)
    app, desk = open_desk()
    trigger(app, "run.pull")
    dialog = preview(app, qtbot)
    desk.remotes.session("gpu1").close()
    (user_home / ".ssh" / "known_hosts").unlink()  # so that the job has to ask
    go(dialog)

    [row] = app.window.jobs.jobs
    qtbot.waitUntil(lambda: row.question is not None, timeout=10_000)
    assert "is not known" in row.look.text
    assert row.job.state is JobState.RUNNING
    assert not app.window.findChildren(HostKeyDialog)  # it waits to be opened
    row.answer()
    app.window.findChildren(HostKeyDialog)[0].findChild(QPushButton, "hostKeyAccept").click()

    assert ended(app, qtbot).grade == "done"


def test_a_question_of_a_remote_that_is_looked_at_is_asked_at_once(
    open_desk, configure, server, there, qtbot
):
    configure(server, known=False)
    app, _desk = open_desk()

    choose(app, "gpu1")

    qtbot.waitUntil(lambda: bool(app.window.findChildren(HostKeyDialog)), timeout=10_000)
    assert "gpu1 asks" in app.window.centre.notices.text()
    app.window.findChildren(HostKeyDialog)[0].findChild(QPushButton, "hostKeyAccept").click()
    desk = app.sessions[0].desk
    qtbot.waitUntil(lambda: desk.front.feed.last.is_read, timeout=10_000)
    qtbot.waitUntil(lambda: app.window.centre.notices.text() == "")


def test_a_command_of_the_configuration_is_asked_for_before_it_runs(
    open_desk, user_home, server, there, tmp_path, qtbot
):
    ran = tmp_path / "ran"
    for folder in (".guild", ".ssh"):
        (user_home / folder).mkdir()
    (user_home / ".guild" / "config.yml").write_text(
        "remotes:\n  gpu1:\n    type: ssh\n    host: box\n"
    )
    (user_home / ".ssh" / "config").write_text(
        f'Match originalhost box exec "touch {ran}"\n'
        f"  HostName {server.host}\n  Port {server.port}\n  User {server.user}\n"
        f"  IdentityFile {server.key}\n  UserKnownHostsFile {server.known_hosts}\n"
    )
    app, _desk = open_desk()

    choose(app, "gpu1")
    qtbot.waitUntil(lambda: app.window.findChild(QDialog, "commandQuestion") is not None)
    dialog = app.window.findChild(QDialog, "commandQuestion")
    words = dialog.findChild(QLabel, "questionText").text()
    assert "config, line 1, wants to run this on this computer" in words
    assert words.endswith(f"touch {ran}")
    assert not ran.exists()
    dialog.findChild(QPushButton, "questionVerb").click()

    front(app, qtbot)
    assert ran.exists()


SECRET = "open sesame 4711"


@pytest.fixture
def locked_key(server, tmp_path):
    """A key that the server takes, and that opens with a passphrase."""
    key = tmp_path / "locked_key"
    make_key(key, passphrase=SECRET)
    server.allow(key)
    return key


def test_a_passphrase_opens_the_key_and_is_written_nowhere(
    open_desk, configure, server, there, locked_key, tmp_path, qtbot, caplog
):
    configure(server, key=locked_key)
    app, _desk = open_desk()

    trigger(app, "run.pull")
    qtbot.waitUntil(lambda: bool(app.window.findChildren(PasswordDialog)), timeout=10_000)
    [dialog] = app.window.findChildren(PasswordDialog)
    assert dialog.windowTitle() == "Passphrase for locked_key"
    qtbot.keyClicks(dialog.fields[0], SECRET)
    qtbot.keyClick(dialog.fields[0], Qt.Key.Key_Return)
    found = preview(app, qtbot)
    assert THERE in rows(found)
    go(found)
    assert ended(app, qtbot).grade == "done"

    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any("transfers.db" in path.name for path in written)
    assert [path for path in written if SECRET.encode() in path.read_bytes()] == []
    assert SECRET not in caplog.text


def test_a_test_does_not_ask_again_what_was_typed_for_the_host(
    open_desk, configure, server, there, locked_key, qtbot
):
    configure(server, key=locked_key)
    app, _desk = open_desk()
    choose(app, "gpu1")
    qtbot.waitUntil(lambda: bool(app.window.findChildren(PasswordDialog)), timeout=10_000)
    [dialog] = app.window.findChildren(PasswordDialog)
    facts = dialog.findChild(QLabel, "passwordFacts")
    assert f"gpu1 ({server.user}@{server.host}:{server.port})" in facts.text()
    assert facts.height() >= facts.heightForWidth(facts.width())  # not a line is cut
    dialog.fields[0].setText(SECRET)
    dialog.accept()
    front(app, qtbot)

    trigger(app, "remote.test")
    tested = app.window.findChild(RemoteDialog)
    end = tested.findChild(QLabel, "connectionEnd")
    qtbot.waitUntil(lambda: end.text().startswith("It works"), timeout=10_000)
    assert not [d for d in app.window.findChildren(PasswordDialog) if d.isVisible()]
    tested.reject()


def test_a_wrong_passphrase_is_said_and_asked_again(
    open_desk, configure, server, there, locked_key, qtbot
):
    configure(server, key=locked_key)
    app, _desk = open_desk()

    def dialogs(problem):
        shown = [d for d in app.window.findChildren(PasswordDialog) if d.isVisible()]
        return [d for d in shown if d.findChild(QLabel, "passwordProblem").text() == problem]

    trigger(app, "run.pull")
    for text, problem in (("wrong", ""), (SECRET, "That is not the passphrase of this key.")):
        qtbot.waitUntil(lambda problem=problem: bool(dialogs(problem)), timeout=10_000)
        [dialog] = dialogs(problem)
        dialog.fields[0].setText(text)
        dialog.accept()

    assert THERE in rows(preview(app, qtbot))


def test_a_key_that_is_not_accepted_is_not_told_as_a_host_that_cannot_be_reached(
    open_desk, configure, server, there, qtbot
):
    configure(server, known=False)
    app, _desk = open_desk()
    choose(app, "gpu1")
    qtbot.waitUntil(lambda: places(app)["gpu1"].spoken == "asks for something", timeout=10_000)
    if not app.window.findChildren(HostKeyDialog):
        choose(app, "gpu1")
    qtbot.waitUntil(lambda: bool(app.window.findChildren(HostKeyDialog)), timeout=10_000)

    app.window.findChildren(HostKeyDialog)[0].reject()

    empty = app.window.centre.empty
    desk = app.sessions[0].desk
    qtbot.waitUntil(lambda: bool(desk.front.feed.last.problem), timeout=10_000)
    said = " ".join(label.text() for label in empty.findChildren(QLabel))
    assert "Not connected to gpu1" in said
    assert "was not accepted" in said
    assert "cannot be reached" not in said
    assert app.window.status.index.text() == "gpu1 · not connected"
    qtbot.waitUntil(lambda: places(app)["gpu1"].spoken == "not connected", timeout=10_000)

    trigger(app, "remote.refresh")
    qtbot.waitUntil(lambda: bool(app.window.findChildren(HostKeyDialog)), timeout=10_000)
    app.window.findChildren(HostKeyDialog)[0].findChild(QPushButton, "hostKeyAccept").click()
    qtbot.waitUntil(lambda: desk.front.feed.last.is_read, timeout=20_000)
