"""Runs are pushed, pulled and synced, and go from one remote to another."""

from __future__ import annotations

import os
import shutil

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QDialog, QLabel, QPushButton

from core.jobs import JobState
from gui.dialogs.transfer_preview import TransferPreview
from gui.models.places_model import PlaceKind
from gui.run_mime import RunsFrom
from gui.views.check_box import CheckBox
from gui.views.sidebar.place_drops import PlaceDrop
from remote.memory import TransferMemory
from tests.support.far_desk import (
    BOTH,
    HERE,
    THERE,
    attr,
    ended,
    front,
    go,
    go_on,
    offered,
    places,
    preview,
    rows,
    shown_ids,
    trigger,
)
from tests.support.runs import make_run

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


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


def test_what_came_there_before_its_disk_was_full_is_shown(
    open_desk, configure, start_ssh_server, home, make_disk, qtbot
):
    server, large = start_ssh_server(), "e" * 32
    (make_disk(server.login / ".guild") / "runs").mkdir()
    make_run(home / "runs", large, files={"model.bin": "z" * 8_000_000})
    configure(server)
    app, desk = open_desk()
    there = front(app, qtbot).shelf.columns
    app.window.places.setCurrentIndex(app.window.places_model.index_of((PlaceKind.RUNS, "")))

    desk.push("gpu1", [HERE, large])
    go(preview(app, qtbot))

    assert "its disk is full" in ended(app, qtbot).sentence
    qtbot.waitUntil(lambda: there.slot_of(HERE) is not None, timeout=10_000)


@pytest.mark.parametrize(
    ("choice", "here_says", "there_says"),
    [
        ("mine", "mine", "mine"),
        ("theirs", "theirs", "theirs"),
        ("both", "mine", "theirs"),
        ("leave", "mine", "theirs"),
    ],
)
def test_a_sync_settles_what_changed_on_both_sides_as_it_is_wanted(
    open_desk, configure, server, home, there, qtbot, choice, here_says, there_says
):
    for runs, text in ((home / "runs", "mine"), (there, "theirs")):
        (runs / BOTH / "result.txt").write_text(text)
        os.utime(runs / BOTH / "result.txt", (1_700_000_000, 1_700_000_000))
    configure(server)
    app, _desk = open_desk()
    trigger(app, "remote.sync")
    dialog = preview(app, qtbot)
    assert list(dialog.model.item(0).choices) == ["both", "theirs", "mine", "leave"]

    dialog.model.choose([0], choice)
    go(dialog)

    assert ended(app, qtbot).grade == "done"
    assert (home / "runs" / BOTH / "result.txt").read_text() == here_says
    assert (there / BOTH / "result.txt").read_text() == there_says
    copies = [path for path in (home / "runs").iterdir() if path.name not in (HERE, THERE, BOTH)]
    assert [path.joinpath("result.txt").read_text() for path in copies] == (
        ["theirs"] if choice == "both" else []
    )
    assert (home / "runs" / THERE).is_dir()
    assert (there / HERE).is_dir()


def test_a_sync_merges_what_people_wrote_on_both_sides(
    open_desk, configure, server, home, there, qtbot
):
    configure(server)
    app, _desk = open_desk()
    trigger(app, "remote.sync")
    go(preview(app, qtbot))
    assert ended(app, qtbot).grade == "done"
    (home / "runs" / BOTH / ".guild" / "attrs" / "tags").write_text("[paper]\n")
    (there / BOTH / ".guild" / "attrs" / "marked").write_text("true\n")

    trigger(app, "remote.sync")
    qtbot.waitUntil(lambda: len(app.window.findChildren(TransferPreview)) == 1)
    dialog = preview(app, qtbot)
    assert rows(dialog)[BOTH][1] == "take over marked"
    go(dialog)

    assert ended(app, qtbot, count=2).grade == "done"
    for runs in (home / "runs", there):
        assert (attr(runs, BOTH, "tags"), attr(runs, BOTH, "marked")) == ("[paper]\n", "true\n")


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
    app, desk = open_desk()
    memory = TransferMemory(app.sessions[0]._services.directories.state)
    options = {"all": False, "path": ".guild"}
    memory.begin(home, "gpu1", "pull", (THERE,), options)

    desk.transferring.offer_unfinished()
    offered(app, qtbot)
    go_on(app)

    assert ended(app, qtbot).grade == "done"
    assert (home / "runs" / THERE).is_dir()
    assert memory.unfinished(home) == []


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


def test_pushed_runs_appear_on_the_remote_that_is_looked_at(
    open_desk, configure, server, there, qtbot
):
    configure(server)
    app, desk = open_desk()
    shelf_desk = front(app, qtbot)

    desk.push("gpu1", [HERE])
    go(preview(app, qtbot))

    qtbot.waitUntil(lambda: HERE in shown_ids(shelf_desk), timeout=20_000)


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
    remove = dialog.findChild(CheckBox, "transferRemove")
    assert remove.text() == "&Remove on plain what is not on gpu1"
    go(dialog)

    end = ended(app, qtbot)
    assert end.grade == "done", end.sentence
    assert end.sentence.startswith("Copied 2 runs, ")
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
    columns = front(app, qtbot, "plain").shelf.columns

    def where():
        return columns.value("where", columns.slot_of(THERE))

    qtbot.waitUntil(lambda: where() == "on plain, gpu1", timeout=10_000)


def test_where_a_run_is_that_was_copied_between_remotes_is_told_by_the_copy(
    open_desk, configure, start_ssh_server, there, server, qtbot
):
    other = start_ssh_server()
    configure(server)
    configure(other, name="plain")
    app, desk = open_desk()
    columns = front(app, qtbot).shelf.columns
    qtbot.waitUntil(lambda: columns.slot_of(THERE) is not None)

    desk.take(PlaceDrop(QPoint(), RunsFrom((THERE,), remote="gpu1"), remote="plain"))
    go(preview(app, qtbot))

    assert ended(app, qtbot).grade == "done"
    slot = columns.slot_of(THERE)
    qtbot.waitUntil(lambda: columns.value("where", slot) == "on gpu1, plain", timeout=10_000)
    assert desk._places.columns("plain") is None  # nobody looked at it


def test_a_copy_between_remotes_that_was_stopped_is_gone_on_with_at_the_next_start(
    open_desk, open_app, configure, start_ssh_server, there, server, home, qtbot
):
    other = start_ssh_server()
    configure(server)
    configure(other, name="plain")
    app, desk = open_desk()
    desk.transferring._copier._limit = lambda: 20
    shelf_desk = front(app, qtbot)
    qtbot.waitUntil(lambda: shelf_desk.shelf.columns.slot_of(THERE) is not None)
    desk.take(PlaceDrop(QPoint(), RunsFrom((THERE, BOTH), remote="gpu1"), remote="plain"))
    go(preview(app, qtbot))
    [row] = app.window.jobs.jobs
    qtbot.waitUntil(lambda: row.job.context.progress.done > 0, timeout=20_000)
    assert app.shutdown()
    far = other.login / ".guild" / "runs"
    shutil.copytree(there / BOTH, far / BOTH)  # one of them came there some other way
    for path in (there / BOTH).rglob("*"):
        shutil.copystat(path, far / BOTH / path.relative_to(there / BOTH))

    again = open_app(home)
    again.window.show()
    assert offered(again, qtbot).startswith("Copying 2 runs to plain was interrupted.")
    go_on(again)

    end = ended(again, qtbot)
    assert end.grade == "done", end.sentence
    assert (far / THERE / "model.bin").read_text() == "x" * 5_000
    assert TransferMemory(again.shared.directories.state).unfinished(home) == []


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


def test_transfers_are_always_verified_where_the_settings_say_so(
    open_desk, configure, server, there, qtbot
):
    configure(server)
    app, _desk = open_desk()

    trigger(app, "job.verify")
    trigger(app, "run.pull")
    dialog = preview(app, qtbot)
    assert dialog.options().verify
    go(dialog)

    assert "checksums" in ended(app, qtbot).sentence
    assert app.shared.settings.value.transfer_verify
    trigger(app, "job.verify")
    assert not app.shared.settings.value.transfer_verify


def test_what_changed_without_a_trace_is_found_when_contents_are_compared(
    open_desk, configure, server, there, home, qtbot
):
    near, far = (runs / BOTH / ".guild" / "attrs" / "label" for runs in (home / "runs", there))
    big = home / "runs" / BOTH / "model.bin"
    for path, text in ((big, "x"), (there / BOTH / "model.bin", "y")):
        path.write_text(text * 2_000)
        os.utime(path, (1_700_000_000, 1_700_000_000))
    assert near.read_bytes() == far.read_bytes()
    configure(server)
    app, _desk = open_desk()
    trigger(app, "run.pull")
    dialog = preview(app, qtbot)
    assert rows(dialog)[BOTH] == ("same", "nothing")

    dialog.findChild(CheckBox, "transferCompare").setChecked(True)

    qtbot.waitUntil(lambda: dialog._is_ready, timeout=20_000)
    assert rows(dialog)[BOTH][0] == "changed on both sides"
    dialog.reject()


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
    assert TransferMemory(app.shared.directories.state).unfinished(home) == []


def test_what_the_end_of_the_program_stopped_is_offered_at_the_next_start(
    slow_pull, open_app, home, qtbot
):
    app, _row = slow_pull
    assert app.shutdown()
    assert not (home / "runs" / THERE).exists()

    again = open_app(home)
    again.window.show()
    assert offered(again, qtbot).startswith("Copying 1 run from gpu1 was interrupted.")
    go_on(again)

    assert ended(again, qtbot).grade == "done"
    assert (home / "runs" / THERE / "model.bin").read_text() == "x" * 5_000


def test_what_waited_for_its_turn_is_offered_at_the_next_start_too(
    slow_pull, open_app, home, there, qtbot
):
    app, _row = slow_pull
    desk = app.sessions[0].remote_desk
    desk.push("gpu1", [HERE])
    go(preview(app, qtbot))
    memory = TransferMemory(app.shared.directories.state)
    qtbot.waitUntil(lambda: len(memory.unfinished(home)) == 2, timeout=10_000)
    assert app.shutdown()

    again = open_app(home)
    again.window.show()
    assert offered(again, qtbot).startswith("Copying 2 runs with gpu1 was interrupted.")
    go_on(again)

    assert ended(again, qtbot, count=2).grade == "done"
    assert (home / "runs" / THERE).is_dir()
    assert (there / HERE).is_dir()
    assert memory.unfinished(home) == []


def test_what_is_cancelled_while_it_waits_is_not_offered_again(slow_pull, home, qtbot):
    app, row = slow_pull
    app.sessions[0].remote_desk.push("gpu1", [HERE])
    go(preview(app, qtbot))
    memory = TransferMemory(app.shared.directories.state)
    qtbot.waitUntil(lambda: len(memory.unfinished(home)) == 2, timeout=10_000)

    waiting = app.window.jobs.jobs[1]
    assert waiting.look.text == "waiting"
    waiting.job.cancel()
    row.job.cancel()

    qtbot.waitUntil(lambda: memory.unfinished(home) == [], timeout=10_000)


def test_the_preview_says_it_when_nothing_is_there(open_desk, configure, server, qtbot):
    configure(server)
    shutil.rmtree(server.login / ".guild")
    app, _desk = open_desk()

    trigger(app, "run.pull")
    dialog = preview(app, qtbot)

    assert "no run" in dialog.findChild(QLabel, "transferMessage").text()
    dialog.reject()
