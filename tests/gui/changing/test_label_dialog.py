from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton

from core.index.columns import RunColumns
from core.runs.change import (
    AppendLabel,
    ClearLabel,
    PrependLabel,
    RemoveFromLabel,
    ResetLabel,
    SetLabel,
)
from core.runs.label_preview import LabelPreviews
from core.runs.store import Store
from gui.dialogs import label_dialog
from gui.dialogs.label_dialog import MOST_PREFILLED, LabelDialog, Labelled
from gui.models.label_preview_model import (
    FIRST_SLICE,
    LONGEST,
    KindRole,
    LabelPreview,
    LabelPreviewModel,
)
from tests.support.model_rules import watch_model
from tests.support.runs import make_run

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

NOW, AFTER = 1, 2


@pytest.fixture
def runs_dir(tmp_path):
    return tmp_path / "runs"


@pytest.fixture
def open_dialog(qtbot, services, runs_dir):
    """Opens the dialog on runs with these attributes, one mapping a run."""
    dialogs = []

    def open_(*attrs_of_runs):
        store, columns, slots = Store(runs_dir), RunColumns(), []
        ids = tuple(f"{number:032x}" for number in range(len(attrs_of_runs)))
        for run_id, attrs in zip(ids, attrs_of_runs, strict=True):
            make_run(runs_dir, run_id, attrs=attrs)
            slots.append(columns.put(store.read(run_id, None)))
        dialog = LabelDialog(Labelled(ids, columns, tuple(slots), LabelPreviews(store)), services)
        dialogs.append(dialog)
        dialog.show()
        dialog.activateWindow()
        qtbot.waitUntil(lambda: not dialog._flags.is_waiting)
        return dialog

    yield open_
    for dialog in dialogs:
        dialog.reject()
        dialog.deleteLater()


@pytest.fixture
def settle(qtbot):
    def settle(dialog):
        qtbot.waitUntil(lambda: not dialog._typing.isActive() and not dialog._previews.is_waiting)

    return settle


def cell(dialog, row, column):
    return dialog.model.index(row, column).data()


def apply_button(dialog):
    return dialog.findChild(QPushButton, "labelApply")


def note(dialog):
    return dialog.findChild(QLabel, "labelNote").text()


def summary(dialog):
    return dialog.findChild(QLabel, "labelSummary").text()


LR = {"flags": "lr: 0.1"}


def test_each_run_is_shown_as_it_will_be(open_dialog, qtbot, settle):
    dialog = open_dialog(
        {"label": "a", "flags": "lr: 0.1"}, {"label": "b", "flags": "lr: 0.25"}, {}
    )

    qtbot.keyClicks(dialog.field, "lr is ${lr}")
    settle(dialog)

    assert [cell(dialog, row, NOW) for row in range(3)] == ["a", "b", "no label"]
    assert [cell(dialog, row, AFTER) for row in range(3)] == ["lr is 0.1", "lr is 0.25", "lr is"]
    assert apply_button(dialog).text() == "Set Label of 3 Runs"


def test_runs_that_stay_the_same_are_told_apart_and_not_counted(open_dialog, qtbot, settle):
    dialog = open_dialog({"label": "new"}, {"label": "old"}, {"label": "older"})

    qtbot.keyClicks(dialog.field, "new")
    settle(dialog)

    assert cell(dialog, 0, AFTER) == "stays the same"
    assert dialog.model.index(0, AFTER).data(KindRole) == "same"
    assert dialog.model.index(1, AFTER).data(KindRole) == "changed"
    assert apply_button(dialog).text() == "Set Label of 2 Runs"
    assert summary(dialog) == "2 of 3 labels will change, 1 stay the same."


def test_where_nothing_changes_nothing_can_be_done(open_dialog, qtbot, settle):
    dialog = open_dialog({"label": "same"}, {"label": "same"})
    assert dialog.field.text() == "same"

    settle(dialog)

    assert not apply_button(dialog).isEnabled()


def test_runs_of_one_label_begin_with_it_selected(open_dialog):
    dialog = open_dialog({"label": "same"}, {"label": "same"})

    assert dialog.field.selectedText() == "same"


def test_runs_of_several_labels_begin_with_an_empty_field(open_dialog):
    dialog = open_dialog({"label": "a"}, {"label": "b"})

    assert dialog.field.text() == ""
    assert not apply_button(dialog).isEnabled()


@pytest.mark.parametrize(
    ("key", "typed", "change", "after", "verb"),
    [
        ("set", "x", SetLabel("x"), "x", "Set Label of"),
        ("append", "x", AppendLabel("x"), "old one x", "Append to Label of"),
        ("prepend", "x", PrependLabel("x"), "x old one", "Prepend to Label of"),
        ("remove", "o..", RemoveFromLabel(("o..",)), "", ""),
        ("clear", None, ClearLabel(), "no label", "Clear Label of"),
        ("default", None, ResetLabel(), "lr=0.1", "Reset Label of"),
    ],
)
def test_each_way_of_labelling(open_dialog, qtbot, settle, key, typed, change, after, verb):
    dialog = open_dialog({"label": "old one", "flags": "lr: 0.1"})
    dialog.choose_mode(key)
    if typed is not None:
        dialog.field.selectAll()
        qtbot.keyClicks(dialog.field, typed)
    settle(dialog)

    if after:
        assert cell(dialog, 0, AFTER) == after
        assert apply_button(dialog).text() == f"{verb} 1 Run"
    with qtbot.waitSignal(dialog.chosen) as caught:
        qtbot.mouseClick(apply_button(dialog), Qt.MouseButton.LeftButton)
    assert caught.args[0] == change
    assert not dialog.isVisible()


@pytest.mark.parametrize(
    ("key", "chosen"), [(Qt.Key.Key_Return, [SetLabel("x")]), (Qt.Key.Key_Escape, [])]
)
def test_enter_does_it_and_escape_does_not(open_dialog, qtbot, settle, key, chosen):
    dialog = open_dialog({"label": "old"})
    qtbot.keyClicks(dialog.field, "x")
    settle(dialog)
    heard = []
    dialog.chosen.connect(lambda change, _wording: heard.append(change))

    qtbot.keyClick(dialog.field, key)

    assert heard == chosen
    assert not dialog.isVisible()


def test_what_is_wrong_with_a_template_is_said_in_one_sentence(open_dialog, qtbot, settle):
    dialog = open_dialog(LR)

    dialog.field.setText("${lr|upper}")
    settle(dialog)

    assert "no filter “upper”" in note(dialog)
    assert dialog.field.problem().position == 5
    assert cell(dialog, 0, AFTER) == "#error#"


def test_a_pattern_that_is_no_regular_expression_is_refused(open_dialog, settle):
    dialog = open_dialog({"label": "old"})
    dialog.choose_mode("remove")

    dialog.field.setText("a(")
    settle(dialog)

    assert "no regular expression" in note(dialog)
    assert dialog.field.problem().position == 1
    assert dialog.change() is None
    assert not apply_button(dialog).isEnabled()


def test_a_pattern_that_could_take_for_ever_is_not_tried(open_dialog, settle):
    dialog = open_dialog({"label": "a" * 60})
    dialog.choose_mode("remove")

    dialog.field.setText("(a+)+b")
    settle(dialog)

    assert "for ever" in note(dialog)
    assert dialog.change() is None


def test_what_was_typed_comes_back_with_its_mode(open_dialog, qtbot):
    dialog = open_dialog({"label": "old"})
    dialog.choose_mode("append")
    qtbot.keyClicks(dialog.field, "tail")

    dialog.choose_mode("clear")
    assert dialog.field.isHidden()
    dialog.choose_mode("append")

    assert dialog.field.text() == "tail"


def test_modes_are_reached_by_keys(open_dialog, qtbot):
    dialog = open_dialog({"label": "old"})

    qtbot.keyClick(dialog, Qt.Key.Key_P, Qt.KeyboardModifier.AltModifier)

    assert dialog.field.placeholderText() == "What to put before the label"


def test_a_run_that_cannot_be_labelled_says_why(open_dialog, settle):
    dialog = open_dialog({"label": "{"}, {"label": "b"})
    dialog.choose_mode("append")

    dialog.field.setText("x")
    settle(dialog)

    assert "label" in cell(dialog, 0, AFTER)
    assert dialog.model.index(0, AFTER).data(KindRole) == "refused"
    assert "1 cannot be changed" in summary(dialog)


def test_a_run_that_went_meanwhile_says_so(open_dialog, runs_dir, settle):
    import shutil

    dialog = open_dialog({"label": "a"}, {"label": "b"})
    shutil.rmtree(runs_dir / f"{0:032x}")

    dialog.field.setText("x")
    settle(dialog)

    assert cell(dialog, 0, AFTER) == "It is not there any more."
    assert cell(dialog, 0, NOW) == "a"
    assert cell(dialog, 1, AFTER) == "x"


def test_runs_that_come_back_are_looked_at_again(open_dialog, runs_dir, settle, qtbot, monkeypatch):
    monkeypatch.setattr(label_dialog, "AGAIN_MS", 50)
    dialog = open_dialog({"label": "a"}, {"label": "b"})
    runs_dir.rename(runs_dir.with_name("away"))
    dialog.field.setText("x")
    settle(dialog)
    assert not apply_button(dialog).isEnabled()

    runs_dir.with_name("away").rename(runs_dir)

    qtbot.waitUntil(lambda: cell(dialog, 0, AFTER) == "x")
    assert apply_button(dialog).isEnabled()


def test_several_patterns_are_taken_out_at_once(open_dialog, settle):
    dialog = open_dialog({"label": "lr=1 seed=2 a;b x"})
    dialog.choose_mode("remove")

    dialog.field.setText("lr=.; seed=2; a;b;")
    settle(dialog)

    assert dialog.change() == RemoveFromLabel(("lr=.", "seed=2", "a;b"))
    assert cell(dialog, 0, AFTER) == "x"


def test_the_one_of_several_patterns_that_is_wrong_is_underlined(open_dialog):
    dialog = open_dialog({"label": "a b"})
    dialog.choose_mode("remove")

    dialog.field.setText("a; b(")

    assert dialog.change() is None
    assert dialog.field.problem().position == 4


def test_the_first_runs_are_shown_before_the_others(qtbot, services, runs_dir):
    store, columns = Store(runs_dir), RunColumns()
    ids = tuple(f"{number:032x}" for number in range(FIRST_SLICE * 3))
    for run_id in ids:
        make_run(runs_dir, run_id)
    slots = tuple(columns.put(store.read(run_id, None)) for run_id in ids)
    dialog = LabelDialog(Labelled(ids, columns, slots, LabelPreviews(store)), services)
    slices = []
    dialog.model.dataChanged.connect(lambda a, b: slices.append((a.row(), b.row())))

    dialog.field.setText("x")
    qtbot.waitUntil(lambda: dialog.model.known == len(ids))

    assert (0, FIRST_SLICE - 1) in slices
    assert apply_button(dialog).text() == f"Set Label of {len(ids)} Runs"
    dialog.reject()
    dialog.deleteLater()


def test_a_label_too_long_for_a_line_is_not_put_into_it(open_dialog):
    dialog = open_dialog({"label": "x" * (MOST_PREFILLED + 1)})

    assert dialog.field.text() == ""
    assert len(cell(dialog, 0, NOW)) == LONGEST + 1
    assert "10,001 letters" in note(dialog)


def test_flags_of_the_runs_are_offered_with_their_counts(open_dialog, qtbot):
    dialog = open_dialog({"flags": "lr: 1\nopt: sgd"}, {"flags": "lr: 2"})
    dialog.activateWindow()
    dialog.field.setFocus()
    qtbot.waitUntil(dialog.field.hasFocus)

    qtbot.keyClicks(dialog.field, "${")

    offered = [(s.text, s.detail) for s in dialog.field.popup.suggestions()]
    assert offered[:2] == [("lr", "flag · 2 runs"), ("opt", "flag · 1 run")]
    assert "default_label" in [text for text, _ in offered]
    qtbot.keyClick(dialog.field, Qt.Key.Key_Tab)
    assert dialog.field.text() == "${lr}"
    assert dialog.field.cursorPosition() == 5


def test_labels_are_shown_as_plain_text_in_one_line(qtbot):
    hostile = "<b>a</b>\nb\u202ec\x00\u2028d 👩\u200d🔬"
    model = LabelPreviewModel(1, lambda _: "run", lambda _: hostile)
    watch_model(model)

    assert model.index(0, 1).data() == "<b>a</b>↵b c ↵d 👩\u200d🔬"
    assert model.index(0, 1).data(Qt.ItemDataRole.ToolTipRole).startswith("<span")

    model.add([LabelPreview("a", "b")])
    assert (model.changes, model.known) == (1, 1)
    model.forget()
    assert (model.changes, model.known) == (0, 0)
