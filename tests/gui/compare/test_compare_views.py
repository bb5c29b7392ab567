from __future__ import annotations

import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from core.compare.view_file import CompareView
from core.compare.views import Views
from gui.compare.compare_views import Beside
from gui.dialogs.view_dialog import ViewDialog
from tests.support.comparisons import ids, page_rig
from tests.support.run_tables import make_columns

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def rig(qtbot, tmp_path):
    with page_rig(qtbot, make_columns(12), tmp_path) as rig:
        yield rig


@pytest.fixture
def views(rig):
    return Views(rig.table_rig.services.directories.config)


def settle(rig) -> None:
    own = rig.page.views
    rig.table_rig.wait_until(lambda: not (own._doing.is_waiting or own._listing.is_waiting))
    rig.settle()


def entries(rig) -> dict[str, object]:
    rig.page.views.fill()
    actions = rig.page.bar.view_menu.actions()
    return {action.text().replace("&", ""): action for action in actions if action.text()}


def save(rig, name: str, **more) -> None:
    rig.page.views.save(Beside(**more), name=name, is_default=False)
    settle(rig)


def test_a_saved_view_is_listed_and_opened_again(rig, views):
    rig.page.comparison.change(columns=("min loss", "=lr"), sort=(("lr", True),))
    settle(rig)
    save(rig, "  best   losses ")
    entries(rig)["Usual Columns"].trigger()
    settle(rig)
    usual = rig.titles()

    entries(rig)["best losses"].trigger()
    settle(rig)

    assert views.names() == ["best losses"]
    assert "acc" in usual
    assert rig.titles() == ["min loss", "lr"]
    assert rig.page.comparison.view.sort == (("lr", True),)
    assert rig.page.bar._view.text() == "View: best losses"
    assert entries(rig)["best losses"].isChecked()


def test_the_dialog_asks_for_a_name_and_warns_of_one_that_is_taken(rig, views):
    save(rig, "mine")
    rig.page.save_view(Beside("loss < 1"))
    dialog = next(w for w in QApplication.topLevelWidgets() if isinstance(w, ViewDialog))
    button = dialog.findChild(QPushButton, "viewSave")

    dialog.name_edit.setText("MINE")
    note, verb = dialog.findChild(QLabel, "viewNote").text(), button.text()
    dialog.name_edit.clear()
    is_possible_without = button.isEnabled()
    QTest.keyClicks(dialog.name_edit, "other")
    QTest.keyClick(dialog.name_edit, Qt.Key.Key_Return)
    settle(rig)

    assert "replaced" in note
    assert verb == "Replace"
    assert not is_possible_without
    assert views.load("other").view.filter == "loss < 1"


def test_an_operation_opens_with_its_default(rig, views):
    columns = rig.table_rig.columns
    train = [n for n in range(12) if columns.value("operation", n) == "train"]
    views.save(CompareView("for train", columns=("loss",)))
    views.set_default("train", "for train")
    rig.page.views.look()
    settle(rig)
    mixed = rig.titles()

    rig.table_rig.runs.select_ids(ids(*train))
    settle(rig)
    rig.table_rig.wait_until(lambda: rig.page.comparison.view.name == "for train")
    settle(rig)

    assert "acc" in mixed
    assert rig.titles() == ["loss"]


def test_runs_of_another_operation_are_not_shown_with_the_default_of_the_one_before(rig, views):
    columns = rig.table_rig.columns
    operations = [columns.value("operation", n) for n in range(12)]
    views.save(CompareView("for train", columns=("loss",)))
    views.set_default("train", "for train")
    rig.page.views.look()
    rig.table_rig.runs.select_ids(ids(*(n for n in range(12) if operations[n] == "train")))
    rig.table_rig.wait_until(lambda: rig.page.comparison.view.name == "for train")
    settle(rig)

    rig.table_rig.runs.select_ids(ids(*(n for n in range(12) if operations[n] != "train")))
    rig.table_rig.wait_until(lambda: rig.page.comparison.view.name == "")
    settle(rig)

    assert "acc" in rig.titles()
    assert not rig.page.views.is_own


def test_a_default_that_the_user_changed_stays_as_it_is(rig, views):
    columns = rig.table_rig.columns
    operations = [columns.value("operation", n) for n in range(12)]
    views.save(CompareView("for train", columns=("loss", "acc")))
    views.set_default("train", "for train")
    rig.page.views.look()
    rig.table_rig.runs.select_ids(ids(*(n for n in range(12) if operations[n] == "train")))
    rig.table_rig.wait_until(lambda: rig.page.comparison.view.name == "for train")
    settle(rig)

    rig.page.comparison.change(sort=(("loss", True),))
    rig.table_rig.runs.select_ids(ids(*(n for n in range(12) if operations[n] != "train")))
    settle(rig)

    assert rig.page.comparison.view.name == "for train"
    assert rig.page.state()["is_own"]


def test_a_default_does_not_replace_what_the_user_chose(rig, views):
    columns = rig.table_rig.columns
    train = [n for n in range(12) if columns.value("operation", n) == "train"]
    save(rig, "mine")
    views.save(CompareView("for train", columns=("loss",)))
    views.set_default("train", "for train")
    rig.page.views.look()
    settle(rig)

    rig.table_rig.runs.select_ids(ids(*train))
    settle(rig)

    assert rig.page.comparison.view.name == "mine"


def test_the_view_becomes_the_default_of_the_operation_by_its_entry(rig, views):
    columns = rig.table_rig.columns
    rig.table_rig.runs.select_ids(
        ids(*(n for n in range(12) if columns.value("operation", n) == "train"))
    )
    settle(rig)
    save(rig, "mine")

    entries(rig)["Default for “train”"].trigger()
    settle(rig)
    chosen = views.defaults()
    entries(rig)["Default for “train”"].trigger()
    settle(rig)

    assert chosen == {"train": "mine"}
    assert views.defaults() == {}


def test_a_view_that_was_sent_is_added_and_opened(rig, views, tmp_path):
    save(rig, "mine")
    sent = tmp_path / "sent.json"
    document = json.loads(views.path_of("mine").read_text())
    sent.write_text(json.dumps(document | {"columns": ["min acc"]}))

    rig.page.views.take(sent)
    settle(rig)

    assert views.names() == ["mine", "mine (2)"]
    assert rig.titles() == ["min acc"]


def test_a_file_that_is_no_view_is_refused_in_a_sentence(rig, tmp_path):
    sent = tmp_path / "sent.json"
    sent.write_text("[]")

    rig.page.views.take(sent)
    settle(rig)

    assert "is not a view" in rig.page._problem.problem


def test_what_is_not_understood_of_a_view_is_said_until_another_is_opened(rig, views, tmp_path):
    save(rig, "mine")
    sent = tmp_path / "sent.json"
    document = json.loads(views.path_of("mine").read_text())
    sent.write_text(json.dumps(document | {"name": "other", "columns": ["min acc", "a b c"]}))

    rig.page.views.take(sent)
    settle(rig)
    said = rig.page._problem.problem
    rig.page.views.open("mine")
    settle(rig)

    assert "The column “a b c”" in said
    assert rig.page._problem.problem == ""


def test_a_view_that_cannot_be_read_is_in_the_menu_and_says_why(rig, views):
    save(rig, "mine")
    views.directory.joinpath("cut.json").write_text('{"format": "rundesk-comp')
    rig.page.views.look()
    settle(rig)

    entries(rig)["cut.json (Cannot Be Read)…"].trigger()

    assert "cut.json is not a view: its end is missing." in rig.page._problem.problem
    assert "mine" in entries(rig)


def test_a_deleted_view_leaves_the_comparison_as_it_is_and_is_brought_back(rig, views):
    rig.page.comparison.change(columns=("loss",))
    save(rig, "mine")

    told = []
    rig.page.views.deleted.connect(lambda *said: told.append(said))

    entries(rig)["Delete View"].trigger()
    settle(rig)
    after = views.names(), rig.titles(), rig.page.comparison.view.name
    ((sentence, undo),) = told
    undo()
    settle(rig)
    rig.table_rig.wait_until(lambda: rig.page.comparison.view.name == "mine")

    assert after == ([], ["loss"], "")
    assert sentence == "The view “mine” is deleted."
    assert views.names() == ["mine"]


def test_a_view_brings_its_filter_and_its_plots_along(rig):
    save(rig, "mine", filter="loss < 1", plots={"mode": "scatter"})
    entries(rig)["Usual Columns"].trigger()
    settle(rig)

    told: list = []
    rig.page.views.filter_wanted.connect(told.append)
    rig.page.views.plots_wanted.connect(told.append)
    rig.page.views.open("mine")
    settle(rig)

    assert told == ["loss < 1", {"mode": "scatter"}]
