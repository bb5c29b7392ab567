"""What interrupted transfers keep is shown, and erased when that is agreed."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QDialog, QLabel, QPushButton

from remote.local_shelf import key_of
from remote.memory import TransferMemory
from tests.support.far_desk import THERE, ended, front, offered, said, trigger

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def kept(open_desk, configure, server, there, home, qtbot):
    """A window over a remote, with a piece of a pull that did not end."""
    configure(server)
    app, desk = open_desk()
    front(app, qtbot)
    path = f"{server.login}/.guild"
    pieces = home / "incoming" / f"pull-{key_of('gpu1', path)}" / "pieces"
    pieces.mkdir(parents=True)
    (pieces / "0f").write_bytes(b"x" * 3_000)
    return app, desk, pieces


def asked(app, qtbot):
    qtbot.waitUntil(lambda: app.window.findChild(QDialog, "discardQuestion") is not None)
    return app.window.findChild(QDialog, "discardQuestion")


def test_kept_pieces_are_shown_and_erased(kept, qtbot):
    app, _desk, pieces = kept

    trigger(app, "remote.discard")
    dialog = asked(app, qtbot)
    names = [label.text() for label in dialog.findChildren(QLabel, "questionName")]
    assert names == ["3.0 KB on this computer", "0 bytes on gpu1"]
    dialog.findChild(QPushButton, "questionVerb").click()

    assert ended(app, qtbot).sentence == "erased 3.0 KB here and 0 bytes on gpu1"
    assert not pieces.exists()
    trigger(app, "remote.discard")
    said(app, qtbot, "Interrupted transfers with gpu1 keep nothing.")


def test_kept_pieces_stay_where_nobody_agrees(kept, qtbot):
    app, _desk, pieces = kept

    trigger(app, "remote.discard")
    asked(app, qtbot).reject()

    assert (pieces / "0f").exists()
    assert app.window.jobs.jobs == []


def test_a_host_that_is_off_is_said_and_nothing_is_erased(kept, server, qtbot):
    app, desk, pieces = kept
    desk.remotes.session("gpu1").close()
    server.stop()

    trigger(app, "remote.discard")

    said(app, qtbot, "refused")
    assert (pieces / "0f").exists()


def test_what_was_interrupted_is_not_offered_any_more(
    open_desk, configure, server, there, home, tmp_path, qtbot
):
    configure(server)
    app, _desk = open_desk()
    app.shutdown()
    memory = TransferMemory(app.shared.directories.state)
    memory.begin(home, "gpu1", "pull", (THERE,), {"all": False, "path": ".guild"})
    memory.begin(home, "other", "pull", (THERE,), {"all": False, "path": ".guild"})
    again, _desk = open_desk()
    offered(again, qtbot)
    front(again, qtbot)

    trigger(again, "remote.discard")
    dialog = asked(again, qtbot)
    names = [label.text() for label in dialog.findChildren(QLabel, "questionName")]
    assert names[-1] == "1 transfer to go on with"
    dialog.findChild(QPushButton, "questionVerb").click()

    assert ended(again, qtbot).grade == "done"
    assert [each.remote for each in memory.unfinished(home)] == ["other"]
    assert "was interrupted" not in again.window.centre.notices.text()
