from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QPushButton, QToolButton

from core.errors import Error
from gui.dialogs.transfer_preview import TransferPreview
from gui.models.tick_model import ButtonRole
from gui.models.transfer_model import HAPPENS, RUN, SIZE, STATE, TransferModel
from gui.remotes.transfer_row import TransferOptions, TransferRow, TransferTitle
from gui.views.check_box import CheckBox
from tests.support.model_rules import watch_model

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

RUNNING, NEW, NEWER, LABELLED, OTHER, SAME, BAD = (f"{number:032x}" for number in range(1, 8))
WORDS = {"theirs": "take theirs in place of mine", "mine": "keep mine"}
BOTH = {"both": "model.pt differs: keep both", "mine": "keep mine", "theirs": "take theirs"}
ROWS = [
    TransferRow(RUNNING, "train", "lr=0.01", "new", "copy", 210_000_000, 40, is_running=True),
    TransferRow(NEW, "train", "baseline", "new", "copy", 412_000_000, 40),
    TransferRow(NEWER, "train", "plain", "newer-there", "send what grew: output", 1_200_000, 2),
    TransferRow(LABELLED, "test", "final", "conflict", "", 2_000, 2, choices=WORDS),
    TransferRow(OTHER, "train", "warm", "conflict", "", 38_000_000, 1, choices=BOTH, why="Differs"),
    TransferRow(SAME, "train", "equal", "same", can_copy=False),
    TransferRow(BAD, "train", "", "problem", can_copy=False, why="A link leads out of the run."),
]
CHECK = Qt.ItemDataRole.CheckStateRole


@pytest.fixture
def open_preview(services):
    dialogs = []

    def open_(rows=ROWS, title=None, options=None, *, group="all"):
        title = title or TransferTitle("pull", "gpu1", "me@gpu1.lab:2222 · /home/me/.guild")
        dialog = TransferPreview(title, options or TransferOptions(), services.theme)
        dialogs.append(dialog)
        dialog.chosen_values = []
        dialog.chosen.connect(dialog.chosen_values.append)
        dialog.show()
        if rows is not None:
            dialog.show_rows(rows, 0.31)
            if group is not None:
                dialog.chips.press(group)
        return dialog

    yield open_
    for dialog in dialogs:
        dialog.reject()
        dialog.deleteLater()


def row_of(dialog, run_id):
    rows = range(dialog.model.rowCount())
    return next(row for row in rows if dialog.model.item(row).id == run_id)


def cell(dialog, run_id, column, role=Qt.ItemDataRole.DisplayRole):
    return dialog.model.index(row_of(dialog, run_id), column).data(role)


def shown(dialog):
    return [dialog.model.item(row).id for row in range(dialog.model.rowCount())]


def tick(dialog, run_id, *, on):
    index = dialog.model.index(row_of(dialog, run_id), RUN)
    assert dialog.model.setData(
        index, Qt.CheckState.Checked if on else Qt.CheckState.Unchecked, CHECK
    )


def chip(dialog, group):
    return dialog.findChild(QToolButton, f"kind-{group}")


def verb(dialog):
    return dialog.findChild(QPushButton, "transferVerb")


def box(dialog, name):
    return dialog.findChild(CheckBox, name)


def label(dialog, name):
    return dialog.findChild(QLabel, name).text()


def test_each_run_says_what_it_is_how_much_there_is_and_what_happens(open_preview):
    dialog = open_preview()

    assert label(dialog, "transferTitle") == "Pull from gpu1"
    where = "me@gpu1.lab:2222 · /home/me/.guild · 7 runs compared in 0.3 s"
    assert label(dialog, "transferWhere") == where
    said = [(cell(dialog, i, STATE), cell(dialog, i, SIZE), cell(dialog, i, HAPPENS))
            for i in (RUNNING, NEWER, LABELLED, SAME, BAD)]  # fmt: skip
    assert said == [
        ("running there", "210 MB", "copy"),
        ("newer there", "1.2 MB", "send what grew: output"),
        ("changed on both sides", "2.0 KB", "take theirs in place of mine"),
        ("same", "–", "nothing"),
        ("not possible", "–", "A link leads out of the run."),
    ]
    assert verb(dialog).text() == "Pull 5 Runs"


def test_kinds_have_their_number_and_amount_and_only_those_that_occur_are_shown(open_preview):
    dialog = open_preview()

    texts = {group: chip(dialog, group).text() for group in ("copy", "new", "conflict", "running")}
    assert texts == {
        "copy": "To copy 5 · 661 MB",
        "new": "New 2 · 622 MB",
        "conflict": "Conflict 2 · 38.0 MB",
        "running": "Running 1 · 210 MB",
    }
    assert chip(dialog, "same").isVisible()
    assert not chip(dialog, "newer-here").isVisible()


def test_a_kind_that_is_pressed_shows_its_runs_alone(open_preview, qtbot):
    dialog = open_preview()

    qtbot.mouseClick(chip(dialog, "conflict"), Qt.MouseButton.LeftButton)
    assert shown(dialog) == [LABELLED, OTHER]
    qtbot.mouseClick(chip(dialog, "running"), Qt.MouseButton.LeftButton)
    assert shown(dialog) == [RUNNING]
    qtbot.mouseClick(chip(dialog, "copy"), Qt.MouseButton.LeftButton)
    assert shown(dialog) == [RUNNING, NEW, NEWER, LABELLED, OTHER]
    assert verb(dialog).text() == "Pull 5 Runs"  # what is not shown is copied all the same


def test_a_tick_that_is_taken_off_counts_and_leaves_the_row_where_it_is(open_preview):
    dialog = open_preview()
    dialog.chips.press("copy")

    tick(dialog, NEW, on=False)

    assert NEW in shown(dialog)
    assert cell(dialog, NEW, HAPPENS) == "nothing"
    assert verb(dialog).text() == "Pull 4 Runs"
    assert chip(dialog, "copy").text() == "To copy 4 · 249 MB"


def test_words_narrow_the_rows(open_preview):
    dialog = open_preview()

    dialog.search.setText("train BASE")
    assert shown(dialog) == [NEW]
    dialog.search.setText("both sides")
    assert shown(dialog) == [LABELLED, OTHER]
    dialog.search.clear()
    assert len(shown(dialog)) == len(ROWS)


def test_a_conflict_offers_its_choices_and_each_says_what_it_means(open_preview, qtbot):
    dialog = open_preview()
    assert cell(dialog, NEW, HAPPENS, ButtonRole) is None
    assert cell(dialog, OTHER, HAPPENS, ButtonRole) == "Choose…"

    dialog.table.press_button(row_of(dialog, OTHER))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    texts = [action.text().replace("&", "") for action in menu.actions()]
    assert texts == [
        "Differs", "",
        "Keep Both — theirs comes in under a new id",
        "Take Theirs — mine goes to the trash",
        "Keep Mine — nothing is copied",
    ]  # fmt: skip
    assert not menu.actions()[0].isEnabled()
    assert [action.isChecked() for action in menu.actions()][2:] == [True, False, False]
    menu.actions()[3].trigger()
    menu.close()

    assert cell(dialog, OTHER, HAPPENS) == "take theirs"
    assert dialog.model.choices() == {LABELLED: "theirs", OTHER: "theirs"}


def test_keeping_mine_takes_the_tick_off_and_a_tick_chooses_what_loses_nothing(open_preview):
    dialog = open_preview()

    dialog.model.choose([row_of(dialog, OTHER)], "mine")
    assert cell(dialog, OTHER, RUN, CHECK) == Qt.CheckState.Unchecked
    assert cell(dialog, OTHER, SIZE) == "–"
    tick(dialog, OTHER, on=True)
    assert cell(dialog, OTHER, HAPPENS) == "model.pt differs: keep both"


def test_a_choice_for_selected_conflicts_is_for_all_of_them(open_preview):
    dialog = open_preview()
    dialog.table.selectAll()

    dialog.table.press_button(row_of(dialog, OTHER))
    menu = QApplication.activePopupWidget()
    titles = {a.text().replace("&", "").partition(" — ")[0]: a for a in menu.actions()}
    assert set(titles) == {"Keep Mine", "Take Theirs", "Keep Both"}
    titles["Take Theirs"].trigger()
    menu.close()

    assert dialog.model.choices() == {LABELLED: "theirs", OTHER: "theirs"}


def test_between_two_remotes_both_are_named(open_preview):
    title = TransferTitle("push", "plain", source="gpu1")
    both = {"both": "keep both", "mine": "send that of gpu1", "theirs": "leave that of plain"}
    rows = [
        TransferRow(OTHER, "train", "", "conflict", choices=both, is_push=True, leaving="theirs"),
        TransferRow(NEWER, "train", "", "newer-there", can_copy=False, is_push=True),
        TransferRow(NEW, "train", "", "newer-here", "copy", is_push=True),
    ]
    dialog = open_preview(rows, title)

    assert cell(dialog, NEWER, STATE) == "newer on plain"
    assert cell(dialog, NEW, STATE) == "newer on gpu1"
    dialog.table.press_button(row_of(dialog, OTHER))
    menu = QApplication.activePopupWidget()
    texts = [action.text().replace("&", "") for action in menu.actions()]
    menu.close()
    assert texts == [
        "Keep Both — that of gpu1 goes to plain under a new id",
        "Send That of gpu1 — that of plain goes to the trash there",
        "Leave That of plain — nothing is copied",
    ]


def test_a_comparison_of_contents_is_said(open_preview):
    dialog = open_preview(options=TransferOptions(compare=True))

    assert "7 runs compared by their contents in" in label(dialog, "transferWhere")


def test_the_button_of_a_conflict_can_be_clicked(open_preview, qtbot):
    dialog = open_preview()
    index = dialog.model.index(row_of(dialog, OTHER), HAPPENS)
    cell_area = dialog.table.visualRect(index)
    area = dialog.table._delegate.button_area(dialog.table.fontMetrics(), cell_area, index)

    viewport = dialog.table.viewport()
    qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=area.center())

    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    menu.close()
    qtbot.mouseClick(
        viewport, Qt.MouseButton.LeftButton, pos=QPoint(cell_area.left() + 4, area.center().y())
    )
    assert QApplication.activePopupWidget() is None


def test_keys_tick_and_choose(open_preview, qtbot):
    dialog = open_preview()
    dialog.table.selectRow(row_of(dialog, NEW))
    dialog.table.setFocus()

    qtbot.keyClick(dialog.table, Qt.Key.Key_Space)
    assert cell(dialog, NEW, RUN, CHECK) == Qt.CheckState.Unchecked
    dialog.table.selectRow(row_of(dialog, OTHER))
    qtbot.keyClick(dialog.table, Qt.Key.Key_F4)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    menu.close()


def test_the_search_is_one_key_away(open_preview, qtbot):
    dialog = open_preview()
    with qtbot.waitActive(dialog):
        dialog.activateWindow()

    qtbot.keyClick(dialog, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)

    assert dialog.focusWidget() is dialog.search


def test_the_verb_hands_out_what_was_decided(open_preview):
    dialog = open_preview()
    tick(dialog, NEW, on=False)
    box(dialog, "transferVerify").setChecked(True)
    box(dialog, "transferFollow").setChecked(True)

    assert cell(dialog, RUNNING, HAPPENS) == "copy, then follow until it ends"
    verb(dialog).click()

    [wanted] = dialog.chosen_values
    assert wanted.ids == (RUNNING, NEWER, LABELLED, OTHER)
    assert wanted.choices == {LABELLED: "theirs", OTHER: "both"}
    assert wanted.options == TransferOptions(verify=True, follow=True)


def test_a_running_run_that_wrote_nothing_new_can_be_followed(open_preview):
    quiet = TransferRow(SAME, "train", "quiet", "same", can_copy=False, is_running=True)
    dialog = open_preview([quiet])
    assert cell(dialog, SAME, RUN, CHECK) is None
    assert not verb(dialog).isEnabled()

    box(dialog, "transferFollow").setChecked(True)
    assert cell(dialog, SAME, HAPPENS) == "follow until it ends"
    verb(dialog).click()

    [wanted] = dialog.chosen_values
    assert (wanted.ids, wanted.running, wanted.options.follow) == ((SAME,), (SAME,), True)


def test_options_are_those_of_the_last_time_where_they_mean_something(open_preview):
    before = TransferOptions(verify=True, remove_extra=True, follow=True, with_env=True)
    rows = [row for row in ROWS if not row.is_running]
    title = TransferTitle("pull", "gpu1", can_remove=False)
    dialog = open_preview(rows, title, before)

    assert not box(dialog, "transferRemove").isVisible()
    assert not box(dialog, "transferFollow").isVisible()
    assert not box(dialog, "transferEnv").isVisible()
    verb(dialog).click()

    assert dialog.chosen_values[0].options == TransferOptions(verify=True)


def test_a_push_speaks_of_this_side_and_may_send_the_environment(open_preview):
    row = TransferRow(OTHER, "train", "warm", "conflict", "", 9, 1, is_push=True,
                      choices={"both": "keep both", "mine": "send mine", "theirs": "leave theirs"},
                      leaving="theirs")  # fmt: skip
    dialog = open_preview([row], TransferTitle("push", "gpu1", can_send_env=True))

    assert box(dialog, "transferEnv").isVisible()
    assert verb(dialog).text() == "Push 1 Run"
    tick(dialog, OTHER, on=False)
    assert dialog.model.choices() == {OTHER: "theirs"}
    assert verb(dialog).text() == "Push"
    assert not verb(dialog).isEnabled()


def test_the_choices_of_a_push_say_what_becomes_of_theirs(open_preview):
    row = TransferRow(OTHER, "train", "warm", "conflict", "", 9, 1, is_push=True,
                      choices={"both": "keep both", "mine": "send mine", "theirs": "leave theirs"},
                      leaving="theirs")  # fmt: skip
    dialog = open_preview([row], TransferTitle("push", "gpu1"))

    dialog.table.press_button(0)
    menu = QApplication.activePopupWidget()
    assert [action.text().replace("&", "") for action in menu.actions()] == [
        "Keep Both — mine goes there under a new id",
        "Send Mine — theirs goes to the trash there",
        "Leave Theirs — nothing is copied",
    ]
    menu.close()


def test_a_preview_opens_on_what_wants_a_decision_else_on_what_is_copied(open_preview):
    assert shown(open_preview(group=None)) == [LABELLED, OTHER]
    calm = [row for row in ROWS if row.kind != "conflict"]
    assert shown(open_preview(calm, group=None)) == [RUNNING, NEW, NEWER]
    nothing = [row for row in ROWS if not row.can_copy]
    assert shown(open_preview(nothing, group=None)) == [SAME, BAD]


def test_another_plan_does_not_take_the_user_back_to_where_it_opened(open_preview):
    dialog = open_preview(group=None)
    dialog.chips.press("new")

    dialog.show_rows(ROWS, 0.2)

    assert shown(dialog) == [RUNNING, NEW]


def test_a_sync_tells_what_comes_from_what_goes(open_preview):
    gone = TransferRow("9" * 32, "train", "mine", "new", "push", 1_000, 2, is_push=True)
    dialog = open_preview([*ROWS, gone], TransferTitle("sync", "gpu1"), group=None)

    assert chip(dialog, "pull").text() == "Pull 5 · 661 MB"
    assert chip(dialog, "push").text() == "Push 1 · 1.0 KB"
    dialog.chips.press("push")
    assert shown(dialog) == [gone.id]
    tick(dialog, gone.id, on=False)
    assert shown(dialog) == [gone.id]
    assert not chip(open_preview(), "pull").isVisible()


def test_ten_thousand_rows_are_selected_without_asking_each_of_them(open_preview, qtbot):
    rows = [TransferRow(f"{n:032x}", "train", "", "new", "copy", 1, 1) for n in range(10_000)]
    dialog = open_preview(rows)
    qtbot.wait(50)
    asked = []
    flags = dialog.model.flags
    dialog.model.flags = lambda index: (asked.append(index), flags(index))[1]

    dialog.table.selectAll()
    dialog.repaint()
    qtbot.wait(50)

    assert len(dialog.table.selected_rows()) == 10_000
    assert len(asked) < 1_000


def test_while_both_sides_are_compared_nothing_can_be_begun(open_preview):
    dialog = open_preview(rows=None)

    assert label(dialog, "transferMessage") == "Comparing with gpu1…"
    assert not verb(dialog).isEnabled()
    dialog.accept()
    assert dialog.chosen_values == []
    dialog.show_progress("Waiting for your answer: passphrase for id_ed25519")
    assert "passphrase" in label(dialog, "transferMessage")


def test_a_failure_says_what_to_do_and_can_be_tried_again(open_preview, qtbot):
    dialog = open_preview(rows=None)
    dialog.show_error(Error("Cannot list the runs of gpu1", hint="Check that it is on."))

    said = "Cannot list the runs of gpu1. Check that it is on."
    assert label(dialog, "transferMessage") == said
    assert not verb(dialog).isEnabled()
    with qtbot.waitSignal(dialog.look_wanted):
        dialog.findChild(QPushButton, "transferAgain").click()
    assert label(dialog, "transferMessage") == "Comparing with gpu1…"


def test_where_nothing_can_be_copied_all_runs_are_shown_with_the_reason(open_preview):
    dialog = open_preview(ROWS[5:])

    assert shown(dialog) == [SAME, BAD]
    assert verb(dialog).text() == "Pull"
    assert not verb(dialog).isEnabled()
    empty = open_preview([])
    assert label(empty, "transferMessage") == "There is no run on either side."


def test_columns_sort_and_decisions_stay(open_preview):
    dialog = open_preview()
    tick(dialog, NEW, on=False)

    dialog.model.sort(SIZE, Qt.SortOrder.DescendingOrder)
    assert shown(dialog)[:3] == [RUNNING, OTHER, NEWER]
    dialog.model.sort(STATE)
    assert shown(dialog)[0] == RUNNING
    assert cell(dialog, NEW, RUN, CHECK) == Qt.CheckState.Unchecked


def test_the_model_keeps_the_rules_of_models():
    model = TransferModel()
    watch_model(model)

    model.show(ROWS)
    model.narrow("conflict", "")
    model.narrow("all", "train")
    model.take([0], on=False)
    model.show([])

    assert model.rowCount() == 0


def test_ten_thousand_runs_can_be_narrowed_and_decided_on(open_preview):
    rows = [
        TransferRow(f"{n:032x}", "train", f"run {n}", "new", "copy", n, 3) for n in range(10_000)
    ]
    dialog = open_preview(rows)

    dialog.search.setText("run 9999")
    assert shown(dialog) == [f"{9999:032x}"]
    dialog.search.clear()
    dialog.model.take_shown(on=False)
    assert not verb(dialog).isEnabled()
    dialog.model.take_shown(on=True)
    assert verb(dialog).text() == "Pull 10,000 Runs"


def test_no_text_of_a_run_is_taken_for_html(open_preview):
    row = TransferRow(NEW, "train", "<img src=x>", "new", "copy", 1, 1)
    dialog = open_preview([row])

    tip = dialog.model.index(0, 2).data(Qt.ItemDataRole.ToolTipRole)
    assert "&lt;img" in tip
