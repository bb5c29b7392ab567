"""Labels, tags and comments in the whole window, down to the files of the runs."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QDialog, QPushButton

from core.runs.store import Store
from gui.changing.tag_actions import runs_with, short
from gui.models.places_model import Place, PlaceKind, Section
from tests.support.application import wait_until_settled

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def read(sample_home):
    store = Store(sample_home / "runs")
    return lambda run_id: store.read(run_id, None)


@pytest.fixture
def select(desk, qtbot):
    def select(*rows):
        ids = [desk.runs.columns.value("id", desk.runs.model.order[row]) for row in rows]
        desk.runs.select_ids(ids)
        desk.table.setFocus()
        return ids

    return select


@pytest.fixture
def opened(window, qtbot):
    """Waits for a dialog of that name."""

    def find(name):
        dialogs = [d for d in window.findChildren(QDialog, name) if d.isVisible()]
        return dialogs[0] if dialogs else None

    def opened(name):
        qtbot.waitUntil(lambda: find(name) is not None)
        return find(name)

    return opened


def shown_label(desk, run_id):
    return desk.runs.columns.value("label", desk.runs.columns.slot_of(run_id)) or ""


def rewrite(home, run_id, attr, text):
    """What another program does: it writes the attribute."""
    (home / "runs" / run_id / ".guild" / "attrs" / attr).write_text(f"{text}\n")


def test_f2_enter_writes_the_label_and_ctrl_z_takes_it_back(
    desk, window, qtbot, trigger, select, read
):
    (run_id,) = select(2)
    before = read(run_id).label
    trigger("run.edit-label")
    line = desk.table.label_editor.line

    qtbot.keyClicks(line, "best of ${lr}")
    qtbot.keyClick(line, Qt.Key.Key_Return)

    qtbot.waitUntil(lambda: shown_label(desk, run_id) == "best of ${lr}")
    assert read(run_id).label == "best of ${lr}"
    qtbot.waitUntil(lambda: desk.table.label_editor.line is None)
    trigger("edit.undo")
    qtbot.waitUntil(lambda: shown_label(desk, run_id) == before)
    assert read(run_id).label == before


def test_a_label_that_was_emptied_in_its_cell_is_told_as_cleared(
    desk, window, qtbot, trigger, select, read
):
    (run_id,) = select(2)
    trigger("run.edit-label")
    line = desk.table.label_editor.line

    qtbot.keyClick(line, Qt.Key.Key_Delete)
    qtbot.keyClick(line, Qt.Key.Key_Return)

    qtbot.waitUntil(lambda: read(run_id).label == "")
    said = f"Cleared the label of run {run_id[:8]}."
    qtbot.waitUntil(lambda: window.undo_bar.sentence == said)


def test_beside_another_page_than_the_runs_the_label_is_edited_in_the_dialog(
    desk, trigger, select, opened
):
    select(2)
    trigger("view.plots")

    trigger("run.edit-label")

    opened("labelDialog").reject()
    assert desk.table.label_editor.line is None


def test_a_label_written_by_another_program_meanwhile_stays(
    desk, window, qtbot, trigger, select, read, sample_home, monkeypatch
):
    # A slow change is told in the bar.
    monkeypatch.setattr("gui.changing.change_bar.PATIENCE_MS", 60_000)
    (run_id,) = select(2)
    trigger("run.edit-label")
    line = desk.table.label_editor.line
    qtbot.keyClicks(line, "mine")
    rewrite(sample_home, run_id, "label", "theirs")

    qtbot.keyClick(line, Qt.Key.Key_Return)

    editor = desk.table.label_editor
    qtbot.waitUntil(lambda: editor.problem_text().startswith("Its label is"))
    assert "theirs" in editor.problem_text()
    assert window.undo_bar.isHidden(), "it is told once"
    assert read(run_id).label == "theirs"
    assert line.text() == "mine"
    qtbot.waitUntil(lambda: shown_label(desk, run_id) == "theirs")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: read(run_id).label == "mine")


def test_a_run_deleted_by_another_program_meanwhile_leaves_the_text_over(
    desk, window, qtbot, trigger, select, sample_home
):
    (run_id,) = select(2)
    trigger("run.edit-label")
    qtbot.keyClicks(desk.table.label_editor.line, "mine")
    (sample_home / "trash" / "runs").mkdir(parents=True, exist_ok=True)
    (sample_home / "runs" / run_id).rename(sample_home / "trash" / "runs" / run_id)

    desk.feed.look_now()

    qtbot.waitUntil(lambda: "not written" in window.centre.notices.text(), timeout=10_000)
    window.centre.notices.findChild(QPushButton, "noticeButton").click()
    assert QGuiApplication.clipboard().text() == "mine"


def test_what_could_not_be_written_after_tab_is_told_and_can_be_copied(
    desk, window, qtbot, trigger, select, sample_home, read
):
    (run_id,) = select(2)
    trigger("run.edit-label")
    qtbot.keyClicks(desk.table.label_editor.line, "mine")
    rewrite(sample_home, run_id, "label", "theirs")

    qtbot.keyClick(desk.table.label_editor.line, Qt.Key.Key_Tab)

    qtbot.waitUntil(lambda: "theirs" in window.centre.notices.text())
    assert read(run_id).label == "theirs"
    window.centre.notices.findChild(QPushButton, "noticeButton").click()
    assert QGuiApplication.clipboard().text() == "mine"


def test_several_runs_are_labelled_in_one_step(desk, qtbot, trigger, select, read, opened):
    ids = select(0, 1, 2)
    before = [read(run_id).label for run_id in ids]
    trigger("run.edit-label")
    dialog = opened("labelDialog")
    dialog.choose_mode("prepend")
    qtbot.keyClicks(dialog.field, "final:")
    qtbot.keyClick(dialog.field, Qt.Key.Key_Return)

    wanted = [f"final: {label}".strip() for label in before]
    qtbot.waitUntil(lambda: [shown_label(desk, run_id) for run_id in ids] == wanted)
    assert [read(run_id).label for run_id in ids] == wanted

    trigger("edit.undo")
    qtbot.waitUntil(lambda: [read(run_id).label for run_id in ids] == before)


def test_tags_are_added_and_deleted_in_one_step(desk, qtbot, trigger, select, read, opened):
    ids = select(0, 1, 2)
    trigger("run.tag")
    editor = opened("tagEditor")
    qtbot.keyClicks(editor.field, "for the talk")
    qtbot.keyClick(editor.field, Qt.Key.Key_Return)
    editor.sync.setChecked(True)
    qtbot.keyClick(editor.field, Qt.Key.Key_Return)

    qtbot.waitUntil(lambda: all("for the talk" in read(run_id).tags for run_id in ids))
    assert all(read(run_id).label.startswith("for the talk") for run_id in ids)
    trigger("edit.undo")
    qtbot.waitUntil(lambda: not any("for the talk" in read(run_id).tags for run_id in ids))
    assert not any(read(run_id).label.startswith("for the talk") for run_id in ids)


def test_a_comment_is_written_on_all_selected_runs(desk, window, qtbot, trigger, select, read):
    ids = select(0, 1)
    counts = [len(read(run_id).comments) for run_id in ids]
    trigger("run.comment")
    box = window.details.tab("comments").box
    qtbot.waitUntil(box.text.hasFocus)

    qtbot.keyClicks(box.text, "seen by both")
    qtbot.keyClick(box.text, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)

    qtbot.waitUntil(lambda: box.body() == "")
    assert [len(read(run_id).comments) for run_id in ids] == [count + 1 for count in counts]
    assert read(ids[0]).comments[-1].body == "seen by both"


def test_undo_in_an_empty_comment_is_left_to_the_window(desk, window, qtbot, trigger, select):
    select(0)
    trigger("run.comment")
    text = window.details.tab("comments").box.text

    def takes_undo() -> bool:
        held = Qt.KeyboardModifier.ControlModifier
        event = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Z, held)
        event.ignore()
        text.event(event)  # sent, it would go on to the parents
        return event.isAccepted()

    assert not takes_undo()
    qtbot.keyClicks(text, "typed")
    assert takes_undo()


def test_an_edit_of_a_comment_that_guild_deleted_is_refused(
    window, qtbot, trigger, select, read, sample_home
):
    (run_id,) = select(0)
    rewrite(sample_home, run_id, "comments", "- body: old\n  host: h\n  time: 5\n  user: ada")
    trigger("run.comment")
    tab = window.details.tab("comments")
    qtbot.waitUntil(lambda: "old" in tab.text.toPlainText())
    tab.text.link_activated.emit("edit:1")
    qtbot.keyClicks(tab.box.text, " and new")
    rewrite(sample_home, run_id, "comments", "- body: other\n  host: h\n  time: 6\n  user: bob")

    tab.box.enter()

    qtbot.waitUntil(lambda: "another one now" in tab.box.note())
    assert tab.box.body() == "old and new"
    assert [c.body for c in read(run_id).comments] == ["other"]


def test_in_the_trash_nothing_is_edited_and_the_tip_says_why(app, window, desk, qtbot, trigger):
    trigger("view.trash")
    wait_until_settled(qtbot, app)
    desk.table.selectRow(0)

    for id_ in ("run.label", "run.edit-label", "run.tag", "run.comment"):
        action = window.actions_by_id[id_]
        assert not action.isEnabled()
        assert "restore them first" in action.toolTip()
    desk.table.edit_label()
    assert desk.table.label_editor.line is None


def test_without_a_selected_run_the_tip_says_so(window, desk):
    desk.runs.selection.clear()

    assert "Select a run first" in window.actions_by_id["run.label"].toolTip()


def test_a_click_on_a_tag_shows_its_runs(app, window, desk, qtbot):
    model = desk.runs.model
    row = next(r for r, slot in enumerate(model.order) if model.columns.value("tags", slot))
    tag = model.columns.value("tags", model.order[row])[0]
    desk.table.scrollTo(model.index(row, 0))
    area = desk.table.visualRect(model.index(row, desk.table.column_keys().index("tags")))

    place = QPoint(area.left() + 16, area.center().y())
    qtbot.mouseClick(desk.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    wait_until_settled(qtbot, app)

    qtbot.waitUntil(lambda: window.places.current_place() is not None)
    assert window.places.current_place().name == (PlaceKind.TAG, tag)
    tags = [model.columns.value("tags", slot) for slot in model.order]
    assert tags
    assert all(tag in some for some in tags)


def choose_tag(window, qtbot):
    model = window.places_model
    qtbot.waitUntil(lambda: bool(model.places(Section.TAGS)))
    tag = model.places(Section.TAGS)[0]
    window.places.setCurrentIndex(model.index_of(tag.name))
    return tag


def test_a_tag_is_renamed_on_all_runs_in_one_step(app, window, desk, qtbot, trigger, opened, read):
    columns = desk.runs.columns
    tag = choose_tag(window, qtbot)
    ids = runs_with(columns, tag.key)
    assert ids
    trigger("tag.rename")
    dialog = opened("tagDialog")
    qtbot.keyClicks(dialog.field, "renamed")
    qtbot.keyClick(dialog.field, Qt.Key.Key_Return)

    qtbot.waitUntil(lambda: all("renamed" in read(run_id).tags for run_id in ids))
    assert not any(tag.key in read(run_id).tags for run_id in ids)
    qtbot.waitUntil(lambda: desk.filter_box.text() == "tags contains renamed")
    trigger("edit.undo")
    qtbot.waitUntil(lambda: all(tag.key in read(run_id).tags for run_id in ids))


def test_f2_on_a_tag_asks_for_its_new_name(window, desk, qtbot, opened):
    tag = choose_tag(window, qtbot)

    qtbot.keyClick(window.places, Qt.Key.Key_F2)

    dialog = opened("tagDialog")
    assert dialog.field.text() == tag.key
    dialog.close()


def test_a_tag_is_taken_off_all_runs_and_put_back(window, desk, qtbot, trigger, read):
    columns = desk.runs.columns
    tag = choose_tag(window, qtbot)
    ids = runs_with(columns, tag.key)

    trigger("tag.delete")
    qtbot.waitUntil(lambda: not any(tag.key in read(run_id).tags for run_id in ids))
    trigger("edit.undo")

    qtbot.waitUntil(lambda: all(tag.key in read(run_id).tags for run_id in ids))


def test_an_empty_tag_that_guild_wrote_can_be_taken_off(
    app, window, desk, qtbot, trigger, read, sample_home
):
    run_id = desk.runs.columns.value("id", desk.runs.model.order[0])
    rewrite(sample_home, run_id, "tags", "- ''\n- kept")
    desk.feed.look_now()
    qtbot.waitUntil(lambda: "" in desk.runs.columns.tags())
    place = Place(PlaceKind.TAG, "", "“”")
    window.places.ask_about(place)

    trigger("tag.delete")

    qtbot.waitUntil(lambda: read(run_id).tags == ("kept",))


def test_a_tag_of_several_lines_is_named_on_one():
    assert short("two\nlines") == "“\u2068two↵lines\u2069”"


def test_tag_actions_want_a_tag(window):
    assert not window.actions_by_id["tag.rename"].isEnabled()
    assert "Choose a tag" in window.actions_by_id["tag.rename"].toolTip()


def test_the_overview_edits_the_label_too(desk, window, qtbot, select, read):
    (run_id,) = select(1)
    window.details.show_tab("overview")
    overview = window.details.tab("overview")
    qtbot.waitUntil(lambda: overview.label.isVisible() and overview.run.id == run_id)
    qtbot.mouseClick(overview.label._edit, Qt.MouseButton.LeftButton)

    qtbot.keyClicks(overview.label.line, "from the page")
    qtbot.keyClick(overview.label.line, Qt.Key.Key_Return)

    qtbot.waitUntil(lambda: overview.heading.toPlainText().strip() == "from the page")
    assert read(run_id).label == "from the page"
    assert overview.label.line.isHidden()


def test_the_overview_refuses_where_the_label_was_changed_meanwhile(
    window, qtbot, select, read, sample_home
):
    (run_id,) = select(1)
    window.details.show_tab("overview")
    overview = window.details.tab("overview")
    qtbot.waitUntil(lambda: overview.label.isVisible() and overview.run.id == run_id)
    overview.label.edit()
    qtbot.keyClicks(overview.label.line, "mine")
    rewrite(sample_home, run_id, "label", "theirs")

    qtbot.keyClick(overview.label.line, Qt.Key.Key_Return)

    qtbot.waitUntil(lambda: "theirs" in overview.label.problem())
    assert read(run_id).label == "theirs"
    assert overview.label.line.text() == "mine"


def test_a_closed_home_lets_go_of_the_actions(app, window, sample_home, tmp_path, qtbot):
    from core.home import Home
    from core.sample import make_sample_store

    other = tmp_path / "other"
    make_sample_store(other, runs=3, seed=1)
    app.sessions[0].open_home(Home(other))
    wait_until_settled(qtbot, app)
    desk = app.sessions[0].desk
    desk.table.selectRow(0)

    window.actions_by_id["run.edit-label"].trigger()
    qtbot.keyClicks(desk.table.label_editor.line, "here")
    qtbot.keyClick(desk.table.label_editor.line, Qt.Key.Key_Return)

    store = Store(other / "runs")
    qtbot.waitUntil(lambda: "here" in [store.read(n, None).label for n in store.names()])


def test_without_a_home_nothing_can_be_edited(open_app):
    window = open_app(None).window

    ids = ("run.label", "run.edit-label", "run.tag", "run.comment", "tag.rename", "tag.delete")
    assert [id_ for id_ in ids if window.actions_by_id[id_].isEnabled()] == []
