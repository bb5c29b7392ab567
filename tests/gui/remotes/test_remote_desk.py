"""Remotes as places: shown, added, edited, tested and removed."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QLabel, QPushButton

from gui.dialogs.remote_dialog import RemoteDialog
from gui.dialogs.transfer_preview import TransferPreview
from gui.models.places_model import PlaceKind
from gui.views.status_line import MOST_LETTERS
from tests.support.desktop import ROOT
from tests.support.far_desk import (
    BOTH,
    THERE,
    choose,
    front,
    places,
    preview,
    rows,
    shown_ids,
    trigger,
)
from tests.support.runs import make_run
from tests.support.ssh_server import ServerOptions

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


def test_the_remotes_of_the_configuration_are_places_with_a_command_that_adds_one(
    open_desk, configure, server
):
    configure(server)
    app, _desk = open_desk()

    found = places(app)
    assert list(found) == ["gpu1", "Add Remote…"]
    assert found["gpu1"].spoken == "not connected"
    assert f"{server.user}@{server.host}:{server.port}" in found["gpu1"].tip
    assert found["Add Remote…"].kind is PlaceKind.COMMAND


def test_remotes_of_other_types_are_shown_as_not_supported(open_desk, user_home):
    config = user_home / ".guild" / "config.yml"
    config.parent.mkdir()
    config.write_text("remotes:\n  bucket:\n    type: s3\n    bucket: b\n")
    app, desk = open_desk()

    place = places(app)["bucket"]
    assert (place.spoken, place.count) == ("not supported", "s3")
    assert desk.remotes.supported() == []
    assert not app.window.actions_by_id["run.pull"].isEnabled()


def test_whoever_passes_a_remote_of_another_type_is_told_and_sees_more_on_request(
    open_desk, user_home
):
    config = user_home / ".guild" / "config.yml"
    config.parent.mkdir()
    config.write_text("remotes:\n  bucket:\n    type: s3\n    bucket: b\n")
    app, _desk = open_desk()
    notices = app.window.centre.notices

    choose(app, "bucket")

    assert notices.text().startswith("bucket is a remote of the type s3.")
    assert app.window.findChild(RemoteDialog) is None
    notices._on_button_clicked()
    dialog = app.window.findChild(RemoteDialog)
    assert dialog.windowTitle() == "bucket"
    assert dialog.findChild(QLabel, "remoteForeign").text() == "bucket: b"
    dialog.reject()
    app.window.places.setCurrentIndex(app.window.places_model.index_of((PlaceKind.RUNS, "")))
    assert notices.text() == ""


def test_a_host_that_is_off_is_shown_as_offline_with_the_reason(
    open_desk, configure, server, there, qtbot
):
    configure(server)
    server.stop()
    app, _desk = open_desk()

    trigger(app, "run.pull")

    dialog = app.window.findChild(TransferPreview)
    again = dialog.findChild(QPushButton, "transferAgain")
    qtbot.waitUntil(again.isVisible, timeout=10_000)
    assert "refused" in dialog.findChild(QLabel, "transferMessage").text()
    qtbot.waitUntil(lambda: places(app)["gpu1"].count == "offline")
    server.start()
    again.click()
    assert THERE in rows(preview(app, qtbot))


def test_a_host_without_sftp_is_offline_until_somebody_repairs_it(
    open_desk, configure, start_ssh_server, qtbot
):
    server = start_ssh_server(lines=("Subsystem other /bin/false",))
    make_run(server.login / ".guild" / "runs", THERE)
    configure(server)
    app, desk = open_desk()

    choose(app, "gpu1")
    feed = app.sessions[0].desk.front.feed
    qtbot.waitUntil(lambda: "offers no SFTP" in feed.last.problem, timeout=10_000)
    qtbot.waitUntil(lambda: places(app)["gpu1"].count == "offline")
    desk.remotes._glance.timeout.emit()
    assert places(app)["gpu1"].count == "offline"

    server.reload(ServerOptions())
    trigger(app, "remote.refresh")
    assert shown_ids(front(app, qtbot)) == {THERE}


def test_a_remote_is_added_from_a_host_of_the_ssh_configuration_in_two_clicks(
    open_desk, server, user_home, qtbot
):
    ssh = user_home / ".ssh"
    ssh.mkdir()
    (ssh / "config").write_text(
        f"Host gpu9\n  HostName {server.host}\n  Port {server.port}\n  User {server.user}\n"
        f"  IdentityFile {server.key}\n  UserKnownHostsFile {server.known_hosts}\n"
    )
    app, _desk = open_desk()

    trigger(app, "remote.add")
    dialog = app.window.findChild(RemoteDialog)
    qtbot.waitUntil(dialog._hosts.isVisible)
    item = dialog._hosts.item(0)
    assert item.toolTip() == f"gpu9\n{server.user}@{server.host}:{server.port}"
    area = dialog._hosts.visualItemRect(item)
    qtbot.mouseClick(dialog._hosts.viewport(), Qt.MouseButton.LeftButton, pos=area.center())
    dialog.findChild(QPushButton, "remoteVerb").click()

    qtbot.waitUntil(lambda: "gpu9" in places(app))
    assert "gpu9:\n" in (user_home / ".guild" / "config.yml").read_text()


def test_a_remote_with_a_long_name_fits_the_window(open_desk, configure, server, qtbot):
    name = "a-cluster-whose-name-" + "goes-on-and-" * 12 + "on"
    server.stop()
    configure(server, name=name)
    app, _desk = open_desk()
    width = app.window.width()

    choose(app, name)

    front = app.sessions[0].desk.front
    title = front.tabs.empty.findChild(QLabel, "emptyTitle")
    qtbot.waitUntil(lambda: "cannot be reached" in title.text(), timeout=10_000)
    qtbot.waitUntil(lambda: title.height() >= title.heightForWidth(title.width()))
    assert title.width() <= front.tabs.width()
    assert len(app.window.status.index.text()) <= MOST_LETTERS + 1
    assert app.window.status.index.toolTip().replace("\n", "") == f"{name} · offline"
    assert app.window.width() == width


def test_the_test_of_a_remote_shows_its_whole_log(open_desk, configure, server, there, qtbot):
    configure(server)
    app, _desk = open_desk()
    index = app.window.places_model.index_of((PlaceKind.REMOTE, "gpu1"))
    app.window.places.setCurrentIndex(index)

    trigger(app, "remote.test")
    dialog = app.window.findChild(RemoteDialog)
    end = dialog.findChild(QLabel, "connectionEnd")
    qtbot.waitUntil(lambda: end.text().startswith("It works"), timeout=10_000)

    assert f"{server.login}/.guild holds 2 runs" in end.text()
    assert len(dialog.log.text().splitlines()) > 2
    dialog.reject()


def test_an_edit_keeps_comments_and_unknown_keys(open_desk, configure, server, user_home, qtbot):
    configure(server)
    config = user_home / ".guild" / "config.yml"
    config.write_text("# mine\n" + config.read_text() + "    x-note: kept\n")
    app, _desk = open_desk()
    app.window.places.setCurrentIndex(app.window.places_model.index_of((PlaceKind.REMOTE, "gpu1")))

    trigger(app, "remote.edit")
    dialog = app.window.findChild(RemoteDialog)
    dialog.form._fields["description"].setText("The big one")
    dialog.form._on_edited("description")
    dialog.findChild(QPushButton, "remoteVerb").click()

    qtbot.waitUntil(lambda: "The big one" in places(app)["gpu1"].tip)
    text = config.read_text()
    assert text.startswith("# mine\n")
    assert "x-note: kept" in text


def test_a_remote_is_removed_after_a_question(open_desk, configure, server, user_home, qtbot):
    configure(server)
    app, _desk = open_desk()
    app.window.places.setCurrentIndex(app.window.places_model.index_of((PlaceKind.REMOTE, "gpu1")))

    trigger(app, "remote.remove")
    dialog = app.window.findChild(QDialog, "removeRemoteQuestion")
    dialog.findChild(QPushButton, "questionVerb").click()

    qtbot.waitUntil(lambda: "gpu1" not in places(app))
    assert "gpu1" not in (user_home / ".guild" / "config.yml").read_text()


def come_back():
    """What Qt tells when the user comes back to the window from another program."""
    QGuiApplication.instance().applicationStateChanged.emit(Qt.ApplicationState.ApplicationActive)


def test_what_others_write_into_the_configuration_is_seen_when_the_user_comes_back(
    open_desk, configure, server, user_home, qtbot
):
    configure(server)
    app, _desk = open_desk()
    qtbot.waitUntil(lambda: "gpu1" in places(app))

    configure(server, name="gpu2")
    come_back()

    qtbot.waitUntil(lambda: "gpu2" in places(app))
    config = user_home / ".guild" / "config.yml"
    text = config.read_text()
    config.write_text("remotes: [\n")
    come_back()
    qtbot.waitUntil(lambda: "config.yml" in app.window.centre.notices.text())
    config.write_text(text)
    come_back()
    qtbot.waitUntil(lambda: not app.window.centre.notices.text())
    assert {"gpu1", "gpu2"} <= set(places(app))


def test_a_remote_that_is_described_otherwise_shows_the_runs_that_are_there_now(
    open_desk, configure, server, there, start_ssh_server, user_home, qtbot
):
    other = start_ssh_server()
    make_run(other.login / ".guild" / "runs", "e" * 32)
    configure(server)
    app, _desk = open_desk()
    shelf_desk = front(app, qtbot)
    qtbot.waitUntil(lambda: shown_ids(shelf_desk) == {THERE, BOTH})

    (user_home / ".guild" / "config.yml").unlink()
    configure(other)
    come_back()

    desk = app.sessions[0].desk
    qtbot.waitUntil(lambda: desk.front not in (desk, shelf_desk), timeout=20_000)
    qtbot.waitUntil(lambda: shown_ids(desk.front) == {"e" * 32}, timeout=20_000)
    assert app.window.places.current_place().key == "gpu1"
    (user_home / ".guild" / "config.yml").write_text("remotes: {}\n")
    come_back()
    qtbot.waitUntil(lambda: desk.is_front)
    assert "gpu1" not in places(app)


def test_without_a_configuration_ssh_is_not_loaded(tmp_path):
    code = (
        "import sys; from pathlib import Path\n"
        "from gui.remotes.remote_set import _read\n"
        "assert _read(None) == ()\n"
        "assert 'paramiko' not in sys.modules\n"
    )
    environ = {k: v for k, v in os.environ.items() if k != "GUILD_CONFIG"}
    environ |= {"HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=environ, cwd=tmp_path, check=False)

    assert done.returncode == 0


def test_a_remote_that_was_never_reached_shows_no_trash(open_desk, configure, server, there, qtbot):
    configure(server)
    server.stop()
    app, _desk = open_desk()

    choose(app, "gpu1")

    qtbot.waitUntil(lambda: places(app)["gpu1"].count == "offline", timeout=10_000)
    assert "Trash" not in places(app)
    server.start()
    trigger(app, "remote.refresh")
    qtbot.waitUntil(lambda: "Trash" in places(app), timeout=10_000)
