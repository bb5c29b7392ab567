"""Running runs of a remote are copied until they end."""

from __future__ import annotations

import subprocess

import pytest

from gui.dialogs.transfer_preview import TransferPreview
from gui.views.check_box import CheckBox
from remote.memory import TransferMemory
from tests.support.far_desk import (
    THERE,
    ended,
    go,
    go_on,
    offered,
    preview,
    rows,
    trigger,
)
from tests.support.processes import end_well

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


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
    end_well(there / THERE, process)

    jobs = app.window.jobs.jobs
    qtbot.waitUntil(
        lambda: len(jobs) == 2 and all(row.end is not None for row in jobs), timeout=40_000
    )
    assert jobs[1].job.title == f"Follow run {THERE[:8]} on gpu1"
    assert jobs[1].end.sentence == "done, 1 run ended"
    assert (here / "output").read_text() == "step 1\nstep 2\n"
    assert not (here / "LOCK.remote").exists()


@pytest.fixture
def followed(open_desk, configure, server, there, home, start_operation, qtbot):
    """A run that goes on there and is followed: the application, the run there, and its process."""
    configure(server)
    process = start_operation(there / THERE)
    guild = there / THERE / ".guild"
    (guild / "output").write_text("step 1\n")
    app, _desk = open_desk()
    trigger(app, "run.pull")
    dialog = preview(app, qtbot)
    dialog.findChild(CheckBox, "transferFollow").setChecked(True)
    go(dialog)
    jobs = app.window.jobs.jobs
    qtbot.waitUntil(lambda: len(jobs) == 2 and jobs[1].look.text == "following", timeout=20_000)
    return app, guild, process


def finish(guild, process):
    """Let a run end well."""
    with (guild / "output").open("a") as output:
        output.write("step 2\n")
    end_well(guild.parent, process)


def test_following_is_in_the_journal_until_the_run_has_ended(followed, home, qtbot):
    app, guild, process = followed
    memory = TransferMemory(app.shared.directories.state)
    [line] = memory.unfinished(home)
    assert (line.direction, line.runs, line.options["followed"]) == ("pull", (THERE,), True)

    finish(guild, process)

    assert ended(app, qtbot, count=2).sentence == "done, 1 run ended"
    assert memory.unfinished(home) == []


def test_a_run_that_wrote_nothing_new_is_followed_from_now_on(followed, home, qtbot):
    app, guild, process = followed
    app.window.jobs.jobs[1].job.cancel()
    ended(app, qtbot, count=2)

    trigger(app, "run.pull")
    qtbot.waitUntil(lambda: len(app.window.findChildren(TransferPreview)) == 1)
    dialog = preview(app, qtbot)
    dialog.findChild(CheckBox, "transferFollow").setChecked(True)
    assert rows(dialog)[THERE] == ("running there", "follow until it ends")
    dialog.model.take([n for n in range(2) if dialog.model.item(n).id != THERE], on=False)
    go(dialog)
    jobs = app.window.jobs.jobs
    qtbot.waitUntil(lambda: len(jobs) == 4 and jobs[3].look.text == "following", timeout=20_000)
    finish(guild, process)

    assert ended(app, qtbot, count=4).sentence == "done, 1 run ended"


def test_following_that_is_cancelled_is_not_offered_again(followed, home, qtbot):
    app, _guild, _process = followed

    app.window.jobs.jobs[1].job.cancel()

    end = ended(app, qtbot, count=2)
    assert (end.grade, end.sentence) == (
        "cancelled", "not followed any more; what has arrived is kept",
    )  # fmt: skip
    assert TransferMemory(app.shared.directories.state).unfinished(home) == []


def test_following_outlives_a_lost_connection(followed, server, home, qtbot):
    app, guild, process = followed
    row = app.window.jobs.jobs[1]
    server.stop()
    qtbot.waitUntil(lambda: row.recess is not None, timeout=20_000)
    server.start()
    row.answer()
    qtbot.waitUntil(lambda: row.recess is None, timeout=20_000)

    finish(guild, process)

    assert ended(app, qtbot, count=2).sentence == "done, 1 run ended"
    assert (home / "runs" / THERE / ".guild" / "output").read_text() == "step 1\nstep 2\n"


def test_following_that_the_end_of_the_program_stopped_is_offered_and_settles(
    followed, open_app, home, qtbot
):
    app, guild, process = followed
    assert app.shutdown()
    again = open_app(home)
    again.window.show()
    notices = again.window.centre.notices
    qtbot.waitUntil(lambda: bool(notices.text()), timeout=10_000)
    assert notices.text() == "Following 1 run on gpu1 was interrupted."

    go_on(again)
    jobs = again.window.jobs.jobs
    qtbot.waitUntil(lambda: len(jobs) == 1 and jobs[0].look.text == "following", timeout=10_000)
    finish(guild, process)

    assert ended(again, qtbot).sentence == "done, 1 run ended"
    here = home / "runs" / THERE / ".guild"
    assert (here / "output").read_text() == "step 1\nstep 2\n"
    assert not (here / "LOCK.remote").exists()
    assert TransferMemory(again.shared.directories.state).unfinished(home) == []


def test_a_copy_that_was_to_be_followed_is_followed_when_it_is_gone_on_with(
    open_desk, configure, server, there, home, start_operation, qtbot
):
    configure(server)
    process = start_operation(there / THERE)
    (there / THERE / ".guild" / "output").write_text("step 1\n")
    app, desk = open_desk()
    memory = TransferMemory(app.sessions[0]._services.directories.state)
    options = {"all": False, "path": ".guild", "follow": True}
    memory.begin(home, "gpu1", "pull", (THERE,), options)
    desk.transferring.offer_unfinished()
    offered(app, qtbot)

    go_on(app)

    jobs = app.window.jobs.jobs
    qtbot.waitUntil(lambda: len(jobs) == 2 and jobs[1].look.text == "following", timeout=20_000)
    [line] = memory.unfinished(home)
    assert line.options["followed"]
    finish(there / THERE / ".guild", process)
    assert ended(app, qtbot, count=2).sentence == "done, 1 run ended"
