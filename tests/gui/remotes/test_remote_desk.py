from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QDialog, QLabel, QPushButton

from core.jobs import JobState
from core.runs.tfevents import EventWriter
from core.sample import make_sample_store
from gui.dialogs.host_key_dialog import HostKeyDialog
from gui.dialogs.password_dialog import PasswordDialog
from gui.dialogs.remote_dialog import RemoteDialog
from gui.dialogs.transfer_preview import TransferPreview
from gui.models.places_model import PlaceKind
from gui.run_mime import RunsFrom
from gui.views.check_box import CheckBox
from gui.views.place_drops import PlaceDrop
from tests.support.desktop import ROOT
from tests.support.far_desk import (
    BOTH,
    HERE,
    THERE,
    choose,
    ended,
    front,
    go,
    places,
    preview,
    rows,
    shown_ids,
    trigger,
)
from tests.support.runs import make_run
from tests.support.ssh_server import make_key

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


def test_selected_runs_are_pushed_after_a_preview(open_desk, configure, server, there, qtbot):
    configure(server)
    app, _desk = open_desk()
    app.sessions[0].desk.runs.select_ids([HERE, BOTH])

    trigger(app, "run.push")
    dialog = preview(app, qtbot)
    assert rows(dialog) == {HERE: ("new", "copy"), BOTH: ("same", "nothing")}
    go(dialog)

    end = ended(app, qtbot)
    assert end.grade == "done", end.sentence
    assert end.sentence.startswith("Pushed 1 run, ")
    assert "sizes verified" in end.sentence
    assert (there / HERE / "model.bin").read_text() == "y" * 9_000
    qtbot.waitUntil(lambda: places(app)["gpu1"].spoken == "connected")


def test_runs_of_a_remote_are_pulled_and_appear(open_desk, configure, server, home, qtbot):
    configure(server)
    app, _desk = open_desk()

    trigger(app, "run.pull")
    dialog = preview(app, qtbot)
    assert rows(dialog)[THERE] == ("new", "copy")
    go(dialog)

    assert ended(app, qtbot).grade == "done"
    assert (home / "runs" / THERE / "model.bin").read_text() == "x" * 5_000
    columns = app.sessions[0].desk.runs.columns
    qtbot.waitUntil(lambda: columns.slot_of(THERE) is not None)


def test_a_sync_copies_both_ways(open_desk, configure, server, home, there, qtbot):
    configure(server)
    app, _desk = open_desk()

    trigger(app, "remote.sync")
    dialog = preview(app, qtbot)
    assert {i: state for i, (state, _) in rows(dialog).items()} == {
        HERE: "new", THERE: "new", BOTH: "same",
    }  # fmt: skip
    assert dialog.findChild(QPushButton, "transferVerb").text() == "Sync 2 Runs"
    go(dialog)

    assert ended(app, qtbot).grade == "done"
    assert (home / "runs" / THERE).is_dir()
    assert (there / HERE).is_dir()


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
    area = dialog._hosts.visualItemRect(item)
    qtbot.mouseClick(dialog._hosts.viewport(), Qt.MouseButton.LeftButton, pos=area.center())
    dialog.findChild(QPushButton, "remoteVerb").click()

    qtbot.waitUntil(lambda: "gpu9" in places(app))
    assert "gpu9:\n" in (user_home / ".guild" / "config.yml").read_text()


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


def test_a_lost_connection_is_waited_for_on_the_row_and_can_be_tried_at_once(
    open_desk, configure, server, there, home, qtbot
):
    configure(server)
    app, desk = open_desk()
    trigger(app, "run.pull")
    dialog = preview(app, qtbot)
    server.stop()
    desk.remotes.session("gpu1").close()
    go(dialog)

    [row] = app.window.jobs.jobs
    qtbot.waitUntil(lambda: row.recess is not None, timeout=10_000)
    assert "retry in" in row.look.text or "trying again" in row.look.text
    assert row.look.button == "Now"
    server.start()
    qtbot.waitUntil(lambda: row.recess is not None or row.end is not None)
    row.answer()

    assert ended(app, qtbot).grade == "done"
    assert (home / "runs" / THERE).is_dir()


def test_what_was_interrupted_can_be_gone_on_with(open_desk, configure, server, there, home, qtbot):
    configure(server)
    from remote.memory import TransferMemory

    app, desk = open_desk()
    memory = TransferMemory(app.sessions[0]._services.directories.state)
    options = {"all": False, "path": ".guild"}
    memory.begin(home, "gpu1", "pull", (THERE,), options)

    desk.transferring.offer_unfinished()
    notices = app.window.centre.notices
    qtbot.waitUntil(lambda: "was interrupted" in notices.text())
    notices._on_button_clicked()

    assert ended(app, qtbot).grade == "done"
    assert (home / "runs" / THERE).is_dir()
    assert memory.unfinished(home) == []


# The runs of a remote in the table


def test_choosing_a_remote_shows_its_runs_in_the_table(open_desk, configure, server, there, qtbot):
    configure(server)
    app, _desk = open_desk()

    shelf_desk = front(app, qtbot)

    qtbot.waitUntil(lambda: shown_ids(shelf_desk) == {THERE, BOTH})
    slot = shelf_desk.shelf.columns.slot_of(THERE)
    assert shelf_desk.shelf.columns.value("label", slot) == "from afar"
    qtbot.waitUntil(lambda: places(app)["gpu1"].count == "2")
    assert places(app)["gpu1"].spoken == "connected"
    app.window.places.setCurrentIndex(app.window.places_model.index_of((PlaceKind.RUNS, "")))
    assert app.sessions[0].desk.is_front


def test_selected_runs_of_a_remote_are_pulled(open_desk, configure, server, there, home, qtbot):
    configure(server)
    app, _desk = open_desk()
    shelf_desk = front(app, qtbot)
    qtbot.waitUntil(lambda: shelf_desk.runs.select_ids([THERE]))

    trigger(app, "run.pull")
    dialog = preview(app, qtbot)
    assert list(rows(dialog)) == [THERE]
    assert dialog.model.item(0).label == "from afar"
    go(dialog)

    assert ended(app, qtbot).grade == "done"
    assert (home / "runs" / THERE).is_dir()


def test_what_changed_there_is_seen_after_a_refresh(open_desk, configure, server, there, qtbot):
    configure(server)
    app, _desk = open_desk()
    shelf_desk = front(app, qtbot)
    make_run(there, "f" * 32)
    shutil.rmtree(there / BOTH)

    trigger(app, "remote.refresh")

    qtbot.waitUntil(lambda: shown_ids(shelf_desk) == {THERE, "f" * 32}, timeout=10_000)


def test_pushed_runs_appear_on_the_remote_that_is_looked_at(
    open_desk, configure, server, there, qtbot
):
    configure(server)
    app, desk = open_desk()
    shelf_desk = front(app, qtbot)

    desk.push("gpu1", [HERE])
    go(preview(app, qtbot))

    qtbot.waitUntil(lambda: HERE in shown_ids(shelf_desk), timeout=20_000)


def test_a_remote_that_is_off_says_so_in_place_of_its_runs(
    open_desk, configure, server, there, qtbot
):
    configure(server)
    server.stop()
    app, _desk = open_desk()

    choose(app, "gpu1")

    desk = app.sessions[0].desk
    qtbot.waitUntil(lambda: bool(desk.front.feed.last.problem), timeout=10_000)
    empty = app.window.centre.empty
    assert empty.isVisible()
    said = " ".join(label.text() for label in empty.findChildren(QLabel))
    assert "gpu1 cannot be reached" in said
    server.start()
    trigger(app, "remote.refresh")
    qtbot.waitUntil(lambda: desk.front.feed.last.is_read, timeout=10_000)


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


def test_details_of_a_run_there_are_read_on_demand(open_desk, configure, server, there, qtbot):
    configure(server)
    app, _desk = open_desk()
    shelf_desk = front(app, qtbot)
    qtbot.waitUntil(lambda: shelf_desk.runs.select_ids([THERE]))

    ref = shelf_desk.runs.current_ref()
    assert ref.id == THERE
    assert ref.can_change
    names = [entry.name for entry in ref.contents.listing("", lambda: None, 100).entries]
    assert "model.bin" in names


# Where runs are


def titles(page):
    """Headings of a comparison."""
    model = page.table.compare_model
    return [model.title(place) for place in range(len(model.facts))]


def test_runs_of_a_remote_are_compared_and_their_curves_are_drawn(
    open_desk, configure, server, there, qtbot
):
    configure(server)
    for number, run_id in enumerate((THERE, BOTH)):
        with EventWriter(str(there / run_id / ".guild" / "events.out.tfevents.1.box")) as writer:
            for step in range(3):
                writer.add(step, [("loss", number + step)])
    app, _desk = open_desk()
    shelf_desk = front(app, qtbot)

    trigger(app, "compare.open")
    page = shelf_desk.tabs.page("compare")
    qtbot.waitUntil(lambda: "loss" in titles(page), timeout=20_000)
    lines = len(page.table.compare_model.lines)
    trigger(app, "view.plots")
    plots = shelf_desk.tabs.current()
    plots.show_mode("curves")

    feed, columns = plots.curves.feed, shelf_desk.shelf.columns
    qtbot.waitUntil(lambda: len(feed.series("loss")) == 2, timeout=20_000)
    assert lines == 2
    assert list(feed.series("loss")[columns.slot_of(BOTH)].values) == [1, 2, 3]
    assert app.window.actions_by_id["view.images"].isEnabled()


def test_the_plots_say_that_files_of_runs_there_cannot_be_had(
    open_desk, configure, server, there, qtbot
):
    configure(server)
    with EventWriter(str(there / THERE / ".guild" / "events.out.tfevents.1.box")) as writer:
        for step in range(3):
            writer.add(step, [("loss", step)])
    app, desk = open_desk()
    shelf_desk = front(app, qtbot)
    columns = shelf_desk.shelf.columns
    qtbot.waitUntil(lambda: "loss" in columns.scalar_keys(), timeout=10_000)
    server.stop()
    desk.remotes.session("gpu1").close()

    trigger(app, "view.plots")
    plots = shelf_desk.tabs.current()
    plots.show_mode("curves")

    status = plots.curves._status
    qtbot.waitUntil(lambda: "cannot be had" in status.text(), timeout=20_000)
    assert "no curve of 2 runs" in status.text()
    assert f"Run {THERE[:8]}: " in status.toolTip()


def where(columns, run_id):
    slot = columns.slot_of(run_id)
    return columns.value("where", slot) if slot is not None else None


def test_where_runs_are_is_known_at_the_next_start_and_the_table_is_as_it_was_left(
    open_desk, configure, server, there, home, qtbot
):
    configure(server)
    app, _desk = open_desk()
    shelf_desk = front(app, qtbot)
    here = app.sessions[0].desk.runs.columns
    qtbot.waitUntil(lambda: where(here, BOTH) == "here, gpu1")
    qtbot.waitUntil(lambda: "where" in shelf_desk.table.column_keys())
    section = shelf_desk.table.column_keys().index("where")
    shelf_desk.table.horizontalHeader().resizeSection(section, 171)
    assert app.shutdown()
    server.stop()

    again, _desk = open_desk()

    here = again.sessions[0].desk.runs.columns
    qtbot.waitUntil(lambda: where(here, BOTH) == "here, gpu1", timeout=10_000)
    qtbot.waitUntil(lambda: "where" in again.sessions[0].desk.table.column_keys())
    assert places(again)["gpu1"].spoken == "not connected"
    choose(again, "gpu1")
    table = again.sessions[0].desk.front.table
    qtbot.waitUntil(lambda: "where" in table.column_keys(), timeout=10_000)
    header = table.horizontalHeader()
    qtbot.waitUntil(lambda: header.sectionSize(table.column_keys().index("where")) == 171)


def test_the_column_where_has_room_for_what_it_may_say(open_desk, configure, server, there, qtbot):
    configure(server)
    app, _desk = open_desk()
    front(app, qtbot)
    table = app.sessions[0].desk.table
    qtbot.waitUntil(lambda: "where" in table.column_keys())

    width = table.horizontalHeader().sectionSize(table.column_keys().index("where"))
    assert width > table.fontMetrics().horizontalAdvance("here, newer on gpu1") + 20


def test_each_run_says_where_it_is_once_a_remote_was_looked_at(
    open_desk, configure, server, there, home, qtbot
):
    configure(server)
    make_run(home / "runs", "e" * 32, attrs={"label": "mine"})
    make_run(there, "e" * 32, attrs={"label": "theirs"})
    app, _desk = open_desk()
    shelf_desk = front(app, qtbot)

    here = app.sessions[0].desk.runs.columns
    far = shelf_desk.shelf.columns
    qtbot.waitUntil(lambda: where(here, BOTH) == "here, gpu1")
    assert where(here, HERE) == "here"
    assert where(here, "e" * 32) == "here, differs on gpu1"
    assert where(far, THERE) == "on gpu1"
    assert where(far, BOTH) == "here, gpu1"
    tables = app.sessions[0].desk.table, shelf_desk.table
    qtbot.waitUntil(lambda: all("where" in table.column_keys() for table in tables))


def test_a_push_says_that_the_run_is_on_both_sides(open_desk, configure, server, there, qtbot):
    configure(server)
    app, desk = open_desk()
    desk.push("gpu1", [HERE])
    go(preview(app, qtbot))

    here = app.sessions[0].desk.runs.columns
    qtbot.waitUntil(lambda: where(here, HERE) == "here, gpu1", timeout=20_000)
    attrs = app.sessions[0].desk.home.runs_dir / HERE / ".guild" / "attrs"
    (attrs / "label").write_text("another one\n")
    qtbot.waitUntil(lambda: where(here, HERE) == "newer here, gpu1", timeout=10_000)


# From one remote to another


def test_runs_go_from_one_remote_to_another(open_desk, configure, start_ssh_server, there, server,
                                            home, qtbot):  # fmt: skip
    other = start_ssh_server(sftp_only=True)
    configure(server)
    configure(other, name="plain")
    app, desk = open_desk()
    shelf_desk = front(app, qtbot)
    qtbot.waitUntil(lambda: shelf_desk.shelf.columns.slot_of(THERE) is not None)

    desk.take(PlaceDrop(QPoint(), RunsFrom((THERE, BOTH), remote="gpu1"), remote="plain"))
    dialog = preview(app, qtbot)
    assert dialog.windowTitle() == "Copy from gpu1 to plain"
    assert {state for state, _ in rows(dialog).values()} == {"new"}
    assert dialog.model.item(0).label == "from afar"
    go(dialog)

    end = ended(app, qtbot)
    assert end.grade == "done", end.sentence
    far = other.login / ".guild" / "runs"
    assert (far / THERE / "model.bin").read_text() == "x" * 5_000
    assert (far / BOTH).is_dir()
    assert not (home / "runs" / THERE).exists()  # it only passed through
    desk.take(PlaceDrop(QPoint(), RunsFrom((THERE,), remote="gpu1"), remote="plain"))
    qtbot.waitUntil(lambda: desk.transferring._looking is not None)
    again = desk.transferring._looking._dialog
    qtbot.waitUntil(lambda: again._is_ready, timeout=20_000)
    assert rows(again) == {THERE: ("same", "nothing")}
    again.reject()


def test_the_bandwidth_of_transfers_can_be_limited(open_desk, configure, server, there, qtbot):
    configure(server)
    app, desk = open_desk()

    trigger(app, "job.limit")
    dialog = app.window.findChild(QDialog, "limitDialog")
    assert dialog.number.text() == "no limit"
    dialog.number.setValue(2_500)
    assert dialog.number.text() == "2,500 KB/s"
    dialog.accept()

    assert app.shared.settings.value.transfer_limit == 2_500
    assert desk.transferring._copier._limit() == 2_500_000


# Runs that go on


def test_a_running_run_is_followed_until_it_ends(open_desk, configure, server, there, home, qtbot):
    configure(server)
    process = subprocess.Popen(["sleep", "60"], cwd=there / THERE)
    guild = there / THERE / ".guild"
    (guild / "LOCK").write_text(str(process.pid))
    (guild / "output").write_text("step 1\n")
    app, _desk = open_desk()

    trigger(app, "run.pull")
    dialog = preview(app, qtbot)
    assert rows(dialog)[THERE] == ("running there", "copy")
    dialog.findChild(CheckBox, "transferFollow").setChecked(True)
    go(dialog)
    here = home / "runs" / THERE / ".guild"
    qtbot.waitUntil(lambda: (here / "output").exists(), timeout=20_000)
    (guild / "output").write_text("step 1\nstep 2\n")
    process.kill()
    process.wait()
    (guild / "LOCK").unlink()
    (guild / "attrs" / "exit_status").write_text("0\n")

    jobs = app.window.jobs.jobs
    qtbot.waitUntil(
        lambda: len(jobs) == 2 and all(row.end is not None for row in jobs), timeout=40_000
    )
    assert jobs[1].job.title == "Follow 1 run on gpu1"
    assert jobs[1].end.sentence == "done, 1 run ended"
    assert (here / "output").read_text() == "step 1\nstep 2\n"
    assert not (here / "LOCK.remote").exists()


@pytest.fixture
def slow_pull(open_desk, configure, server, there, qtbot):
    """A pull that takes minutes, and has begun."""
    configure(server)
    app, desk = open_desk()
    desk.transferring._copier._limit = lambda: 20
    trigger(app, "run.pull")
    go(preview(app, qtbot))
    [row] = app.window.jobs.jobs
    qtbot.waitUntil(lambda: row.job.context.progress.done > 0, timeout=20_000)
    return app, row


def test_a_transfer_can_be_paused_and_gone_on_with(slow_pull, qtbot):
    app, row = slow_pull
    app.window.jobs_panel.table.select_job(row)

    trigger(app, "job.pause")
    qtbot.waitUntil(lambda: row.job.state is JobState.PAUSED)
    trigger(app, "job.pause")
    qtbot.waitUntil(lambda: row.job.state is JobState.RUNNING)
    row.job.cancel()


def test_a_cancelled_transfer_leaves_no_half_run_and_is_not_offered_again(slow_pull, home, qtbot):
    app, row = slow_pull
    app.window.jobs_panel.table.select_job(row)

    trigger(app, "job.cancel")

    qtbot.waitUntil(lambda: row.end is not None, timeout=10_000)
    assert row.end.grade == "cancelled"
    assert not (home / "runs" / THERE).exists()
    from remote.memory import TransferMemory

    assert TransferMemory(app.shared.directories.state).unfinished(home) == []


def test_what_the_end_of_the_program_stopped_is_offered_at_the_next_start(
    slow_pull, open_app, home, qtbot
):
    app, _row = slow_pull
    assert app.shutdown()
    assert not (home / "runs" / THERE).exists()

    again = open_app(home)
    again.window.show()
    notices = again.window.centre.notices
    qtbot.waitUntil(lambda: "was interrupted" in notices.text(), timeout=10_000)
    notices._on_button_clicked()

    assert ended(again, qtbot).grade == "done"
    assert (home / "runs" / THERE / "model.bin").read_text() == "x" * 5_000


def test_the_preview_says_it_when_nothing_is_there(open_desk, configure, server, qtbot):
    configure(server)
    shutil.rmtree(server.login / ".guild")
    app, _desk = open_desk()

    trigger(app, "run.pull")
    dialog = preview(app, qtbot)

    assert "no run" in dialog.findChild(QLabel, "transferMessage").text()
    dialog.reject()


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


SECRET = "open sesame 4711"


def test_a_passphrase_opens_the_key_and_is_written_nowhere(
    open_desk, configure, server, there, user_home, tmp_path, qtbot, caplog
):
    key = tmp_path / "locked_key"
    make_key(key, passphrase=SECRET)
    with server.authorized_keys.open("a") as file:
        file.write(key.with_suffix(".pub").read_text())
    configure(server, key=key)
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
    open_desk, configure, server, there, tmp_path, qtbot
):
    key = tmp_path / "locked_key"
    make_key(key, passphrase=SECRET)
    with server.authorized_keys.open("a") as file:
        file.write(key.with_suffix(".pub").read_text())
    configure(server, key=key)
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


def test_a_wrong_passphrase_is_said_and_asked_again(open_desk, configure, server, there, tmp_path,
                                                    qtbot):  # fmt: skip
    key = tmp_path / "locked_key"
    make_key(key, passphrase=SECRET)
    with server.authorized_keys.open("a") as file:
        file.write(key.with_suffix(".pub").read_text())
    configure(server, key=key)
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


def test_scalars_of_the_newest_runs_alone_are_fetched_for_the_table(
    open_desk, configure, server, there, qtbot, monkeypatch
):
    monkeypatch.setattr("gui.remotes.far_remote.MOST_SWEPT", 1)
    shutil.rmtree(there)
    make_sample_store(server.login / ".guild", runs=8, seed=3)
    configure(server)
    app, _desk = open_desk()

    shelf_desk = front(app, qtbot)

    qtbot.waitUntil(lambda: len(shown_ids(shelf_desk)) == 8)
    changes = list(shelf_desk.shelf.sweep(lambda: None))
    assert [each.total for each in changes] == [1]
