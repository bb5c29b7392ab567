from __future__ import annotations

import os
import shutil
import zipfile

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QFileDialog, QLabel, QPushButton, QToolButton

from core.archives.export import ExportOptions, export_runs
from core.home import Home
from core.text import format_bytes
from gui.dialogs.import_preview import ImportPreview
from gui.models.import_model import (
    HAPPENS,
    HERE,
    LABEL,
    OPERATION,
    RUN,
    SIZE,
    ImportModel,
    about,
    gentle_choice,
)
from gui.models.tick_model import SignRole
from tests.support.archives import raw_zip
from tests.support.model_rules import watch_model
from tests.support.runs import make_run

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

IDS = tuple(f"{number:032x}" for number in range(6))
NEW, NEWER, SAME, LABELLED, OTHER = IDS[:5]
CHECK = Qt.ItemDataRole.CheckStateRole


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path / "home")
    make_run(home.runs_dir, SAME, attrs={"label": "same"})
    make_run(home.runs_dir, LABELLED, attrs={"label": "mine"})
    make_run(home.runs_dir, OTHER, files={"model.bin": "mine"})
    return home


@pytest.fixture
def archive(tmp_path):
    """Two runs that are new, one that is here, two that are here with other content."""
    there = Home(tmp_path / "there")
    make_run(there.runs_dir, NEW, attrs={"label": "first"})
    make_run(there.runs_dir, NEWER)
    make_run(there.runs_dir, SAME, attrs={"label": "same"})
    make_run(there.runs_dir, LABELLED, attrs={"label": "theirs"})
    make_run(there.runs_dir, OTHER, files={"model.bin": "their model"})
    path = tmp_path / "paper.runs.zip"
    assert len(export_runs(there, IDS[:5], path, ExportOptions("zip")).exported) == 5
    return path


@pytest.fixture
def open_preview(qtbot, services, home):
    dialogs = []

    def open_(*paths):
        dialog = ImportPreview(home, services)
        dialogs.append(dialog)
        dialog.show()
        dialog.add(paths)
        settle(dialog)
        return dialog

    def settle(dialog):
        qtbot.waitUntil(lambda: not dialog._question.is_waiting)

    open_.settle = settle
    yield open_
    for dialog in dialogs:
        dialog.reject()
        dialog.deleteLater()


def row_of(dialog, run_id):
    rows = range(dialog.model.rowCount())
    return next(row for row in rows if dialog.model.item(row).run.id == run_id)


def cell(dialog, run_id, column):
    return dialog.model.index(row_of(dialog, run_id), column).data()


def verb(dialog):
    return dialog.findChild(QPushButton, "importVerb")


def text(dialog, name):
    return dialog.findChild(QLabel, name).text()


def press(dialog, name):
    dialog.findChild(QPushButton, name).click()


def choose(dialog, choice):
    dialog.findChild(QToolButton, f"conflict-{choice}").click()


def test_each_run_says_what_it_is_and_what_happens_to_it(open_preview, archive):
    dialog = open_preview(archive)

    assert text(dialog, "importCounts") == "2 new · 2 here with other content · 1 here already"
    assert (cell(dialog, NEW, HERE), cell(dialog, NEW, HAPPENS)) == ("new", "import")
    assert (cell(dialog, SAME, HERE), cell(dialog, SAME, HAPPENS)) == ("same", "nothing")
    assert (cell(dialog, OTHER, HERE), cell(dialog, OTHER, HAPPENS)) == ("differs", "keep mine")
    assert cell(dialog, NEW, LABEL) == "first"
    assert cell(dialog, NEW, SIZE)
    assert verb(dialog).text() == "Import 2 Runs"
    assert verb(dialog).isEnabled()
    assert text(dialog, "importTitle") == "From paper.runs.zip"


def test_a_verdict_has_a_sign_and_a_box_only_where_something_can_happen(open_preview, archive):
    dialog = open_preview(archive)

    signs = {dialog.model.index(row_of(dialog, i), HERE).data(SignRole) for i in IDS[:5]}
    assert len(signs) == 3
    assert dialog.model.index(row_of(dialog, SAME), RUN).data(CHECK) is None
    assert dialog.model.index(row_of(dialog, NEW), RUN).data(CHECK) == Qt.CheckState.Checked
    assert dialog.model.index(row_of(dialog, OTHER), RUN).data(CHECK) == Qt.CheckState.Unchecked


def test_all_none_and_only_new_tick_the_boxes(open_preview, archive):
    dialog = open_preview(archive)

    press(dialog, "importAll")
    assert verb(dialog).text() == "Import 4 Runs"
    assert cell(dialog, LABELLED, HAPPENS) == "merge"
    assert cell(dialog, OTHER, HAPPENS) == "keep both"
    press(dialog, "importNone")
    assert verb(dialog).text() == "Import"
    assert not verb(dialog).isEnabled()
    press(dialog, "importOnlyNew")
    assert {item.run.id for item in dialog.model.taken()} == {NEW, NEWER}


def test_a_choice_counts_for_all_that_differ_or_for_those_selected(open_preview, archive):
    dialog = open_preview(archive)
    assert text(dialog, "conflictText") == "All 2 runs that differ:"

    choose(dialog, "theirs")
    assert set(dialog.model.choices().values()) == {"theirs"}
    dialog.table.selectRow(row_of(dialog, OTHER))
    assert text(dialog, "conflictText") == "1 selected run that differs:"
    choose(dialog, "both")

    assert dialog.model.choices() == {LABELLED: "theirs", OTHER: "both"}
    assert dialog.findChild(QToolButton, "conflict-both").isChecked()
    assert verb(dialog).text() == "Import 4 Runs"


def test_what_differs_is_shown_for_the_selected_run(open_preview, archive):
    dialog = open_preview(archive)

    dialog.table.selectRow(row_of(dialog, LABELLED))
    assert text(dialog, "importAbout") == "Differs: label."
    dialog.table.selectRow(row_of(dialog, OTHER))
    assert "model.bin" in text(dialog, "importAbout")
    assert gentle_choice(dialog.model.item(row_of(dialog, LABELLED))) == "merge"
    assert gentle_choice(dialog.model.item(row_of(dialog, OTHER))) == "both"


def test_why_runs_are_refused_is_shown_while_none_is_selected(open_preview, archive, tmp_path):
    opref = ("{}/.guild/opref", b"script:t.py '' '' t", {})
    entries = []
    for run_id in IDS[:2]:
        entries += [(opref[0].format(run_id), *opref[1:]), (f"{run_id}/w", b"x", {"flags": 0x801})]
    dialog = open_preview(raw_zip(entries, tmp_path / "secret.zip"))

    assert text(dialog, "importAbout") == (
        "Run 00000000 of secret.zip is refused: the file “w” is encrypted."
        " 1 more run cannot be imported."
    )
    assert cell(dialog, NEW, HERE) == "problem"
    assert not verb(dialog).isEnabled()

    other = open_preview(archive)
    assert text(other, "importAbout") == ""


def test_space_and_clicks_tick_boxes(open_preview, archive, qtbot):
    dialog = open_preview(archive)
    row = row_of(dialog, NEW)
    dialog.table.selectRow(row)

    qtbot.keyClick(dialog.table, Qt.Key.Key_Space)
    assert cell(dialog, NEW, HAPPENS) == "nothing"
    area = dialog.table.visualRect(dialog.model.index(row, RUN))
    point = area.topLeft() + area.center() - area.topLeft()
    point.setX(area.left() + 14)
    qtbot.mouseClick(dialog.table.viewport(), Qt.MouseButton.LeftButton, pos=point)

    assert cell(dialog, NEW, HAPPENS) == "import"


def test_a_click_on_what_happens_offers_the_choices(open_preview, archive, qtbot):
    dialog = open_preview(archive)
    area = dialog.table.visualRect(dialog.model.index(row_of(dialog, OTHER), HAPPENS))
    asked = []
    dialog.table.choice_wanted.disconnect(dialog._on_choice_wanted)
    dialog.table.choice_wanted.connect(lambda row, _where: asked.append(row))

    qtbot.mouseClick(dialog.table.viewport(), Qt.MouseButton.LeftButton, pos=area.center())

    assert asked == [row_of(dialog, OTHER)]


def test_what_cannot_be_opened_is_told_and_the_rest_goes_on(open_preview, archive, tmp_path):
    dialog = open_preview(
        archive, tmp_path / "missing.zip", *(tmp_path / f"m{n}" for n in range(4))
    )

    problems = text(dialog, "importProblems")
    assert "Cannot open" in problems
    assert "missing.zip" in problems
    assert "and 2 more" in problems
    assert verb(dialog).text() == "Import 2 Runs"


def test_more_can_be_added_and_decisions_stay(open_preview, archive, tmp_path, qtbot):
    dialog = open_preview(archive)
    dialog.model.take([row_of(dialog, NEW)], on=False)
    dialog.model.choose([row_of(dialog, OTHER)], "both")
    make_run(tmp_path / "more", IDS[5])
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path / "more" / IDS[5]))])
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier

    dialog.dropEvent(QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, mime, left, none))
    open_preview.settle(dialog)

    assert {item.run.id for item in dialog.model.taken()} == {NEWER, OTHER, IDS[5]}
    assert text(dialog, "importTitle") == "From paper.runs.zip and 1 more"


def test_a_run_of_two_archives_is_taken_from_the_first(open_preview, archive, tmp_path):
    make_run(tmp_path / "again", NEW)
    dialog = open_preview(archive, tmp_path / "again")

    problem = next(
        dialog.model.item(row)
        for row in range(dialog.model.rowCount())
        if dialog.model.item(row).verdict == "problem"
    )
    assert problem.run.id == NEW
    assert "is taken from there" in about(problem)
    row = dialog.model.rowCount() - 1  # after all others
    assert dialog.model.item(row) is problem
    assert dialog.model.index(row, HERE).data() == "twice"
    assert text(dialog, "importCounts").endswith("1 here already · 1 in an earlier source too")


def test_a_home_can_be_opened_instead(open_preview, tmp_path):
    make_run(tmp_path / "lab" / ".guild" / "runs", NEW)
    dialog = open_preview(tmp_path / "lab" / ".guild")
    wanted = []
    dialog.home_wanted.connect(wanted.append)

    press(dialog, "importOpenHome")

    assert wanted == [tmp_path / "lab" / ".guild"]
    assert not dialog.isVisible()


def test_an_archive_offers_no_home(open_preview, archive):
    dialog = open_preview(archive)

    assert dialog.findChild(QPushButton, "importOpenHome").isHidden()


def test_without_a_source_it_says_what_to_do(open_preview):
    dialog = open_preview()

    assert dialog.findChild(QLabel, "importEmpty").isVisible()
    assert not verb(dialog).isEnabled()


@pytest.mark.parametrize("name", ["importAddFiles", "importAddDirectory"])
def test_return_on_a_button_presses_it_and_asks_where_one_was(
    open_preview, archive, qtbot, monkeypatch, tmp_path, name
):
    monkeypatch.setenv("HOME", str(tmp_path))
    dialog = open_preview()
    button = dialog.findChild(QPushButton, name)
    button.setFocus()

    qtbot.keyClick(button, Qt.Key.Key_Return)

    browser = dialog.findChild(QFileDialog, "importBrowser")
    assert browser.directory().absolutePath() == str(tmp_path)
    browser.filesSelected.emit([str(archive)])
    browser.reject()
    qtbot.waitUntil(lambda: dialog.model.rowCount() == 5 and dialog._looked is not None)
    assert dialog._folder.begin() == str(archive.parent)


def test_what_is_chosen_is_handed_over_open(open_preview, archive, qtbot):
    dialog = open_preview(archive)
    chosen = []
    dialog.chosen.connect(chosen.append)

    verb(dialog).click()

    (wanted,) = chosen
    assert [item.run.id for item in wanted.items] == [NEW, NEWER]
    assert wanted.items[0].source.entries(NEW)
    wanted.opened.close()


def test_headings_sort_and_sorting_back_keeps_decisions(open_preview, archive):
    dialog = open_preview(archive)
    dialog.model.take([row_of(dialog, NEW)], on=False)

    dialog.model.sort(HERE)
    assert dialog.model.item(0).verdict == "conflict"
    dialog.model.sort(SIZE, Qt.SortOrder.DescendingOrder)
    sizes = [dialog.model.item(row).size for row in range(5)]

    assert sizes == sorted(sizes, reverse=True)
    assert [item.run.id for item in dialog.model.taken()] == [NEWER]


def test_what_is_to_be_decided_comes_first(open_preview, archive, tmp_path, qtbot):
    dialog = open_preview(archive)
    verdicts = [dialog.model.item(row).verdict for row in range(5)]
    assert verdicts == ["conflict", "conflict", "new", "new", "same"]
    header = dialog.table.horizontalHeader()
    assert (header.isSortIndicatorShown(), header.sortIndicatorSection()) == (True, HERE)

    header.setSortIndicator(LABEL, Qt.SortOrder.DescendingOrder)
    header.sectionClicked.emit(LABEL)  # the user wants another order, which stays
    make_run(tmp_path / "more" / "runs", IDS[5], attrs={"label": "second"})
    dialog.add([tmp_path / "more" / "runs"])
    open_preview.settle(dialog)

    labels = [dialog.model.item(row).run.label for row in range(6)]
    assert labels == ["theirs", "second", "same", "first", "", ""]


def test_rows_that_are_selected_stay_where_they_are(open_preview, archive, qtbot):
    dialog = open_preview()
    dialog.model.rowsInserted.connect(lambda: dialog.table.selectRow(0))
    dialog.add([archive])
    open_preview.settle(dialog)

    assert [dialog.model.item(row).run.id for row in range(5)] == sorted(IDS[:5])
    assert dialog.table.selected_rows() == [0]


def test_a_narrow_preview_keeps_labels_and_verdicts(open_preview, archive, qtbot):
    dialog = open_preview(archive)
    dialog.resize(960, 560)
    qtbot.waitUntil(lambda: not dialog.table.isColumnHidden(OPERATION))

    dialog.resize(620, 500)

    qtbot.waitUntil(lambda: dialog.table.isColumnHidden(OPERATION))
    assert dialog.table.columnWidth(LABEL) > 60


def test_the_model_is_sound_while_it_grows(open_preview, archive, qtbot):
    items = open_preview(archive)._looked.plan.items
    model = ImportModel()
    watch_model(model)

    model.add(items[:2])
    model.add(items[2:])
    found = [model.index(row, HERE).data() for row in range(5)]
    assert sorted(found) == ["comparing…", "comparing…", "new", "new", "same"]
    model.finish(items)
    model.sort(LABEL)
    model.clear()

    assert model.rowCount() == 0


def test_a_refused_run_says_why_in_its_row(tmp_path, open_preview):
    path = tmp_path / "bad.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{NEW}/.guild/opref", "script:/p '' '' train.py")
        archive.writestr(f"{NEW}/../../evil", "x")

    dialog = open_preview(path)

    row = row_of(dialog, NEW)
    assert cell(dialog, NEW, OPERATION) == "train.py"
    assert cell(dialog, NEW, HAPPENS) == "refused: the name “../../evil” leads upwards."
    whole = f"Run {NEW[:8]} of bad.zip is refused: the name “../../evil” leads upwards."
    assert about(dialog.model.item(row)) == whole


def test_an_archive_that_swells_says_so_and_may_be_imported(open_preview, tmp_path):
    swells = (f"{NEW}/zeros", os.urandom(1_000_000), {"size": 1_031_000_000})
    entries = [(f"{NEW}/.guild/opref", b"pkg: . f x train", {}), swells]

    dialog = open_preview(raw_zip(entries, tmp_path / "x.zip"))

    assert text(dialog, "importProblems") == (
        "x.zip has 1.0 MB, and its runs would take 1.0 GB, 1,030 times as much: "
        "import only what you trust."
    )
    assert verb(dialog).isEnabled()


def test_what_cannot_fit_is_told_until_less_is_chosen(open_preview, tmp_path):
    make_run(tmp_path / "big", NEW, files={"holes": ""})
    make_run(tmp_path / "big", NEWER)
    free = shutil.disk_usage(tmp_path).free
    os.truncate(tmp_path / "big" / NEW / "holes", free + (64 << 30))  # takes no room itself

    dialog = open_preview(tmp_path / "big")

    assert not verb(dialog).isEnabled()
    assert text(dialog, "importProblems").startswith("Cannot import: the runs take ")
    index = dialog.model.index(row_of(dialog, NEW), RUN)
    dialog.model.setData(index, Qt.CheckState.Unchecked, CHECK)
    assert verb(dialog).isEnabled()
    assert text(dialog, "importProblems") == ""
    size = format_bytes(sum(item.size for item in dialog.model.taken()))
    assert text(dialog, "importSummary").startswith(f"{size} in 1 file to home · ")
    assert text(dialog, "importSummary").endswith(" free")


def test_why_a_run_cannot_be_imported_can_be_read_in_its_row(open_preview, tmp_path):
    entries = [(f"{NEW}/.guild/opref", b"pkg: . f x train", {}), (f"{NEW}/../x", b"", {})]

    table = open_preview(raw_zip(entries, tmp_path / "x.zip")).table

    words = table.model().index(0, HAPPENS).data()
    assert words == "refused: the name “../x” leads upwards."
    assert table.columnWidth(HAPPENS) >= table.fontMetrics().horizontalAdvance(words)
