from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QLabel, QPushButton

from core.runs.change import ChangeTags
from gui.changing.tag_counts import TagCounts
from gui.dialogs.tag_dialog import TagDialog
from gui.dialogs.tag_editor import TagEditor
from gui.models.tag_choice_model import NoteRole, TagChoiceModel
from gui.theme import Theme
from tests.support.model_rules import watch_model

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

ON, SOME, OFF = Qt.CheckState.Checked, Qt.CheckState.PartiallyChecked, Qt.CheckState.Unchecked
TAGS = [("paper", "best"), ("paper",), ("paper", "seed 2")]
HOME = {"paper": 40, "best": 7, "seed 2": 3, "pilot": 12, "pacing": 2}


@pytest.fixture
def model(qtbot):
    model = TagChoiceModel(TagCounts.of(TAGS, HOME))
    watch_model(model)
    return model


@pytest.fixture
def editor(qtbot, services):
    editor = TagEditor(TagCounts.of(TAGS, HOME), "3 runs", services)
    editor.show()
    editor.activateWindow()
    editor.field.setFocus()
    qtbot.waitUntil(editor.field.hasFocus)
    yield editor
    editor.reject()
    editor.deleteLater()


def tags(model):
    return [model.index(row).data() for row in range(model.rowCount())]


def state(model, tag):
    return Qt.CheckState(model.index(model.row_of(tag)).data(Qt.ItemDataRole.CheckStateRole))


def note(model, tag):
    return model.index(model.row_of(tag)).data(NoteRole)


def plan(editor):
    return editor.findChild(QLabel, "tagPlan").text()


def apply_button(editor):
    return editor.findChild(QPushButton, "tagApply")


def test_tags_of_the_runs_come_first_then_the_others_of_the_home(model):
    assert tags(model) == ["paper", "best", "seed 2", "pilot", "pacing"]


def test_a_tag_is_on_all_on_some_or_on_none(model):
    assert [state(model, tag) for tag in ("paper", "best", "pilot")] == [ON, SOME, OFF]
    assert [note(model, tag) for tag in ("paper", "best", "pilot")] == [
        "all", "1 of 3", "12 runs",
    ]  # fmt: skip


def test_a_box_goes_from_some_to_all_to_none_and_back_to_some(model):
    row, seen = model.row_of("best"), []
    for _ in range(4):
        seen.append(state(model, "best"))
        model.turn(row)

    assert seen == [SOME, ON, OFF, SOME]


def test_a_box_of_all_or_none_has_two_states(model):
    row, seen = model.row_of("paper"), []
    for _ in range(3):
        seen.append(state(model, "paper"))
        model.turn(row)

    assert seen == [ON, OFF, ON]


def test_what_will_happen_is_told_and_counted(model):
    model.want("best", on=True)
    model.want("paper", on=False)
    model.want("new", on=True)

    assert model.added() == ["new", "best"]
    assert model.deleted() == ["paper"]
    assert note(model, "best") == "add to 2 runs"
    assert note(model, "paper") == "delete from 3 runs"
    assert model.changes() == 3


def test_only_runs_that_change_are_counted(model):
    model.want("best", on=True)
    assert model.changes() == 2

    model.want("best", on=False)
    assert model.changes() == 1


def test_turning_back_is_no_change(model):
    model.turn(model.row_of("paper"))
    model.turn(model.row_of("paper"))

    assert (model.added(), model.deleted(), model.changes()) == ([], [], 0)


def test_a_search_finds_words_and_puts_beginnings_first(model):
    model.search("p")
    assert tags(model) == ["paper", "pilot", "pacing"]

    model.search("2 SEED")
    assert tags(model) == ["seed 2"]


def test_a_hundred_thousand_runs_are_counted_by_their_tags(qtbot):
    counts = TagCounts.of([("a", "b") if n % 2 else ("a",) for n in range(100_000)], {})

    assert len(counts.groups) == 2
    assert (counts.having("a"), counts.having("b")) == (100_000, 50_000)


# The dialog


def test_the_dialog_grows_with_the_font_as_far_as_the_screen_allows(qapp, services):
    usual, sizes = qapp.font(), []
    try:
        for factor in (1, 1.5, 6):
            font = QFont(usual)
            font.setPointSizeF(usual.pointSizeF() * factor)
            qapp.setFont(font)
            editor = TagEditor(TagCounts.of(TAGS, HOME), "3 runs", services)
            sizes.append(editor.size())
            editor.deleteLater()
    finally:
        qapp.setFont(usual)

    assert sizes[1].width() > sizes[0].width()
    screen = qapp.primaryScreen().availableSize()
    assert max(size.height() for size in sizes) < screen.height()


def test_typing_completes_the_most_used_tag_and_enter_adds_it(editor, qtbot):
    qtbot.keyClicks(editor.field, "pi")
    assert editor.field.text() == "pilot"
    assert editor.field.selectedText() == "lot"
    assert plan(editor) == "Enter adds “\u2068pilot\u2069”."

    qtbot.keyClick(editor.field, Qt.Key.Key_Return)

    assert state(editor.model, "pilot") == ON
    assert editor.field.text() == ""
    assert apply_button(editor).text() == "Change Tags of 3 Runs"


def test_a_typed_tag_that_all_runs_have_promises_nothing(editor, qtbot):
    qtbot.keyClicks(editor.field, "paper")
    assert plan(editor) == "“\u2068paper\u2069” is chosen already."

    qtbot.keyClick(editor.field, Qt.Key.Key_Return)

    assert not editor.model.changes()


def test_a_new_tag_is_what_is_left_when_the_completion_is_deleted(editor, qtbot):
    qtbot.keyClicks(editor.field, "pi")
    qtbot.keyClick(editor.field, Qt.Key.Key_Delete)
    assert editor.field.text() == "pi"
    assert plan(editor).endswith("a new tag.")

    qtbot.keyClick(editor.field, Qt.Key.Key_Return)

    assert editor.model.added() == ["pi"]
    assert tags(editor.model)[0] == "pi"


def test_going_on_typing_replaces_the_completion(editor, qtbot):
    qtbot.keyClicks(editor.field, "pab")

    assert editor.field.text() == "pab"


def test_everything_is_done_by_keys(editor, qtbot):
    chosen = []
    editor.chosen.connect(chosen.append)
    qtbot.keyClicks(editor.field, "new tag")
    qtbot.keyClick(editor.field, Qt.Key.Key_Return)
    qtbot.keyClick(editor.field, Qt.Key.Key_Down)
    qtbot.waitUntil(editor.list.hasFocus)
    qtbot.keyClick(editor.list, Qt.Key.Key_Down)
    assert editor.model.tag(editor.list.currentIndex().row()) == "paper"
    qtbot.keyClick(editor.list, Qt.Key.Key_Delete)
    qtbot.keyClick(editor.list, Qt.Key.Key_Down)
    qtbot.keyClick(editor.list, Qt.Key.Key_Space)
    qtbot.keyClick(editor, Qt.Key.Key_L, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(editor.sync.isChecked)

    qtbot.keyClick(editor.list, Qt.Key.Key_Return)

    assert chosen == [ChangeTags(("new tag", "best"), ("paper",), False, True)]
    assert not editor.isVisible()


def test_a_letter_typed_in_the_list_goes_to_the_field(editor, qtbot):
    editor.list.setFocus()

    qtbot.keyClicks(editor.list, "s")

    assert editor.field.text() == "seed 2"
    assert editor.field.hasFocus()


def test_up_leads_from_the_first_tag_back_to_the_field(editor, qtbot):
    qtbot.keyClick(editor.field, Qt.Key.Key_Down)
    qtbot.waitUntil(editor.list.hasFocus)

    qtbot.keyClick(editor.list, Qt.Key.Key_Up)

    assert editor.field.hasFocus()


def test_a_click_on_a_row_turns_its_box(editor, qtbot):
    place = editor.list.visualRect(editor.model.index(1)).center()

    qtbot.mouseClick(editor.list.viewport(), Qt.MouseButton.LeftButton, pos=place)

    assert state(editor.model, "best") == ON
    assert plan(editor) == "Adds “\u2068best\u2069”."


def test_all_tags_are_deleted_by_one_button(editor, qtbot):
    qtbot.mouseClick(editor.findChild(QPushButton, "tagClear"), Qt.MouseButton.LeftButton)

    assert editor.change() == ChangeTags((), ("paper", "best", "seed 2"), False, False)


def test_without_changes_nothing_can_be_done(editor, qtbot):
    assert not apply_button(editor).isEnabled()

    qtbot.keyClick(editor.field, Qt.Key.Key_Return)

    assert editor.isVisible()


def test_escape_empties_the_field_before_it_closes_the_dialog(editor, qtbot):
    qtbot.keyClicks(editor.field, "x")

    qtbot.keyClick(editor.field, Qt.Key.Key_Escape)
    assert editor.field.text() == ""
    assert editor.isVisible()
    qtbot.keyClick(editor.field, Qt.Key.Key_Escape)

    assert not editor.isVisible()


def test_a_tag_of_any_letters_is_shown_as_text(editor, qtbot):
    editor.field.setText("<img src=x> \u202e עברית 🎉 " + "x" * 300)
    editor.add_typed()

    tip = editor.model.index(0).data(Qt.ItemDataRole.ToolTipRole)
    assert "&lt;img" in tip
    assert len(plan(editor)) < 100


# Renaming


@pytest.fixture
def renaming(qtbot):
    dialog = TagDialog("paper", HOME, Theme("light"))
    qtbot.addWidget(dialog)
    dialog.show()
    yield dialog
    dialog.close()


def test_renaming_says_on_how_many_runs(renaming):
    button = renaming.findChild(QPushButton, "tagRenameApply")

    assert button.text() == "Rename on 40 Runs"
    assert not button.isEnabled()


def test_a_name_that_another_tag_has_joins_them(renaming, qtbot):
    qtbot.keyClicks(renaming.field, "pilot")

    assert "12 runs have this tag already" in renaming.findChild(QLabel, "tagRenameNote").text()


def test_the_new_name_is_handed_over(renaming, qtbot):
    qtbot.keyClicks(renaming.field, " article ")
    qtbot.mouseClick(renaming.sync, Qt.MouseButton.LeftButton, pos=QPoint(8, 8))

    with qtbot.waitSignal(renaming.chosen) as caught:
        qtbot.keyClick(renaming.field, Qt.Key.Key_Return)

    assert caught.args == ["article", True]
