"""What tests of remotes in a window do to it, and look at."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QPushButton

from gui.dialogs.transfer_preview import TransferPreview
from gui.models.places_model import PlaceKind, Section
from gui.models.transfer_model import HAPPENS, STATE

HERE, THERE, BOTH = (f"{number:032x}" for number in range(1, 4))
SHORT = THERE[:8]
BATCH = "b" * 32


def places(app):
    return {p.title: p for p in app.window.places_model.places(Section.REMOTES)}


def preview(app, qtbot):
    """The preview, as soon as both sides are compared; a closed one is there a moment longer."""

    def previews():
        return [each for each in app.window.findChildren(TransferPreview) if each.isVisible()]

    qtbot.waitUntil(lambda: bool(previews()))
    [dialog] = previews()
    qtbot.waitUntil(lambda: dialog._is_ready, timeout=20_000)
    dialog.chips.press("all")
    return dialog


def rows(dialog):
    model = dialog.model
    return {
        model.item(row).id: (model.index(row, STATE).data(), model.index(row, HAPPENS).data())
        for row in range(model.rowCount())
    }


def go(dialog):
    dialog.findChild(QPushButton, "transferVerb").click()


def ended(app, qtbot, count=1):
    jobs = app.window.jobs.jobs
    qtbot.waitUntil(
        lambda: len(jobs) >= count and all(row.end is not None for row in jobs), timeout=20_000
    )
    return jobs[-1].end


def trigger(app, id_):
    action = app.window.actions_by_id[id_]
    assert action.isEnabled(), action.toolTip()
    action.trigger()


def choose(app, name):
    index = app.window.places_model.index_of((PlaceKind.REMOTE, name))
    app.window.places.setCurrentIndex(index)


def front(app, qtbot, name="gpu1"):
    """The desk of a remote that is shown, as soon as its runs are known."""
    desk = app.sessions[0].desk
    choose(app, name)
    qtbot.waitUntil(lambda: desk.front is not desk and desk.front.feed.last.is_read, timeout=20_000)
    qtbot.waitUntil(lambda: not desk.front.runs.is_arranging)
    return desk.front


def shown_ids(shelf_desk):
    columns = shelf_desk.shelf.columns
    return {columns.value("id", slot) for slot in shelf_desk.runs.model.order}


def said(app, qtbot, text):
    qtbot.waitUntil(lambda: text in app.window.undo_bar.sentence, timeout=20_000)


def attr(runs, run_id, name):
    path = runs / run_id / ".guild" / "attrs" / name
    return path.read_text() if path.exists() else None


def offered(app, qtbot):
    """What the window offers to go on with, as soon as it has looked into the journal."""
    notices = app.window.centre.notices
    qtbot.waitUntil(lambda: "was interrupted" in notices.text(), timeout=10_000)
    return notices.text()


def go_on(app):
    """Take that offer."""
    app.window.centre.notices._on_button_clicked()


def open_trash(app, qtbot):
    """The trash of gpu1, as soon as it is listed."""
    desk = app.sessions[0].desk
    index = app.window.places_model.index_of((PlaceKind.REMOTE_TRASH, "gpu1"))
    assert index.isValid()
    app.window.places.setCurrentIndex(index)
    qtbot.waitUntil(lambda: desk.front.shelf.title == "Trash of gpu1")
    qtbot.waitUntil(lambda: desk.front.feed.last.is_read, timeout=20_000)
    return desk.front


def question(app, qtbot, name):
    """The question of that name, as soon as the host said what belongs to the runs."""

    def dialogs():
        return [each for each in app.window.findChildren(QDialog, name) if each.isVisible()]

    qtbot.waitUntil(lambda: bool(dialogs()), timeout=10_000)
    return dialogs()[0]


def label_of(shelf_desk, run_id=THERE):
    columns = shelf_desk.shelf.columns
    return columns.value("label", columns.slot_of(run_id))
