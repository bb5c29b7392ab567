"""The page that shows what differs between two runs, with everything behind it."""

from __future__ import annotations

import sys
import threading

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from gui.models.diff_list_model import FileRole, SectionRole
from gui.views.compare.diff_view import make
from tests.support.diff_pages import diff_rig, ids, png
from tests.support.patience import PATIENCE

MANIFEST = "s train.py 0a train.py\ns lib/a.py 0b lib/a.py\n"
NEW = (
    {
        ".guild/manifest": MANIFEST,
        ".guild/output": "one\ntwo\n",
        "train.py": "import os\nlr = 0.2\nprint(lr)\n",
        "lib/a.py": "same = 1\n",
        "table.csv": "step,loss\n1,0.5\n2,0.3\n",
        "config.json": '{"a": 2, "b": 1}',
        "plot.png": png("red"),
        "other.png": png("red"),
        "model.bin": b"\0\1",
    },
    {"flags": "lr: 0.2\nseed: 1", "pip_freeze": "- numpy==2.0"},
)
OLD = (
    {
        ".guild/manifest": MANIFEST,
        ".guild/output": "one\nthree\n",
        "train.py": "import os\nlr = 0.1\nprint(lr)\n",
        "lib/a.py": "same = 1\n",
        "table.csv": "step,loss\n1,0.5\n2,0.4\n",
        "config.json": '{"a": 1, "b": 1}',
        "plot.png": png("blue"),
        "other.png": png("red", 4, 4),
        "model.bin": b"\0\2",
    },
    {"flags": "lr: 0.1\nseed: 1", "pip_freeze": "- numpy==1.0"},
)


class Page:
    """What a test asks of the page."""

    def __init__(self, rig):
        self.rig, self.view = rig, rig.page

    def settle(self) -> None:
        self.rig.wait(lambda: not self.view.is_waiting)
        QTest.qWait(0)

    def look_at(self, section: str, file: str = "") -> None:
        self.view.look_at(section, file)
        self.settle()

    def rows(self) -> list[str]:
        """Names and counts in the list, files below their sections."""
        model, found = self.view.model, []
        for row in range(model.rowCount()):
            index = model.index(row, 0)
            found.append(f"{index.data()} {index.siblingAtColumn(1).data()}")
            for child in range(model.rowCount(index)):
                first = model.index(child, 0, index)
                found.append(f"  {first.data()} {first.siblingAtColumn(1).data()}")
        return found

    def current(self) -> str:
        index = self.view.list.current()
        pair = index.data(FileRole)
        return pair.name if pair is not None else index.data(SectionRole)

    def facts(self) -> list[tuple[str, ...]]:
        model = self.view.pane.facts.model()
        return [
            tuple(model.index(row, column).data() for column in range(4))
            for row in range(model.rowCount())
        ]


@pytest.fixture
def open_page(qtbot, tmp_path):
    from contextlib import ExitStack

    with ExitStack() as stack:

        def open_(*runs):
            page = Page(stack.enter_context(diff_rig(qtbot, tmp_path, make, runs)))
            page.settle()
            return page

        yield open_


@pytest.fixture
def page(open_page):
    return open_page(NEW, OLD)


def test_the_run_before_is_compared_with_the_one_after(page):
    assert page.view.choice.ids == tuple(ids(1, 0))
    assert page.view.bar.left.currentText().startswith(ids(1)[0][:8])


def test_what_differs_is_listed_section_by_section(page):
    assert page.rows() == [
        "Flags 1",
        "Attributes same",
        "Environment same",
        "Packages 1",
        "Source code 1",
        "  train.py ~",
        "Dependencies same",
        "Files 5",
        *("  config.json ~", "  model.bin ~", "  other.png ~", "  plot.png ~", "  table.csv ~"),
        "Output 1",
    ]


def test_the_first_thing_that_differs_is_shown_at_once(page):
    assert page.current() == "flags"
    assert page.facts() == [("~", "lr", "0.1", "0.2")]
    assert page.view.pane.note.text() == "1 of 2 differ"


def test_values_that_are_the_same_are_shown_on_request(page):
    page.view.bar.only.setChecked(False)

    assert page.facts() == [("~", "lr", "0.1", "0.2"), ("", "seed", "1", "1")]
    assert "  lib/a.py " in page.rows()


def test_source_code_is_shown_line_by_line_with_colours(page):
    page.look_at("source", "train.py")
    canvas = page.view.pane.canvas
    page.rig.wait(lambda: all(canvas.look.spans))

    assert canvas.isVisible()
    assert page.view.pane.note.text().startswith("−1 +1 lines · ")
    assert canvas.look.spans[0][0][0].role == "accent"  # import
    assert page.view.bar.place.text() == "1 of 1"


def test_a_table_is_shown_by_cell_and_as_text_on_request(page):
    page.look_at("files", "table.csv")
    model = page.view.pane.cells.model()

    assert [model.index(0, column).data() for column in range(3)] == ["~", "2", "0.4 → 0.3"]
    page.view.bar.look_chosen.emit("text")
    page.settle()
    assert page.view.pane.canvas.isVisible()
    assert page.view.bar.look.text() == "Text ▾"


def test_a_document_is_shown_by_key(page):
    page.look_at("files", "config.json")

    assert page.facts() == [("~", "a", "1", "2")]


def test_bytes_are_shown_with_their_digests(page):
    page.look_at("files", "model.bin")

    assert page.view.pane.canvas.isVisible()
    assert "SHA-256" in page.view.pane.note.text()


def test_output_is_shown_line_by_line(page):
    page.look_at("output")

    assert page.view.pane.canvas.rows.diff.left.lines == ("one", "three")


def test_pictures_are_shown_side_by_side_and_their_difference_is_found(page):
    page.look_at("files", "plot.png")
    pictures = page.view.pane.pictures

    assert pictures.isVisible()
    assert [image.pixelColor(0, 0).name() for image in pictures.images] == ["#0000ff", "#ff0000"]
    page.view.bar.mode_chosen.emit("difference")
    page.rig.wait(lambda: "100.0 % of pixels differ" in page.view.pane.note.text())
    assert page.view.bar.look.text() == "Difference ▾"


def test_pictures_of_other_sizes_are_compared_and_that_is_said(page):
    page.look_at("files", "other.png")
    page.view.bar.mode_chosen.emit("difference")

    page.rig.wait(lambda: "no pixel differs, the right one scaled" in page.view.pane.note.text())


def test_going_on_leads_from_difference_to_difference_through_all_files(page):
    seen = []
    for _ in range(16):
        seen.append(page.current())
        page.view.go_to_difference(1)
        page.settle()

    assert list(dict.fromkeys(seen)) == [
        *("flags", "packages", "train.py", "config.json", "model.bin", "other.png", "plot.png"),
        *("table.csv", "output"),
    ]


def test_going_back_leads_to_the_last_difference_of_the_file_before(page):
    page.look_at("output")
    page.view.go_to_difference(-1)
    page.settle()

    assert page.current() == "table.csv"
    assert page.view.pane.cells.currentIndex().row() == 0


def test_sides_are_swapped_and_the_file_stays(page):
    page.look_at("source", "train.py")
    page.view.swap()
    page.settle()

    assert page.view.choice.ids == tuple(ids(0, 1))
    assert page.current() == "train.py"
    assert page.view.pane.canvas.rows.diff.left.lines[1] == "lr = 0.2"


def test_another_run_is_chosen_in_the_box(open_page):
    page = open_page(NEW, OLD, OLD)
    box = page.view.bar.right
    box.setCurrentIndex(2)
    box.activated.emit(2)
    page.settle()

    assert page.view.choice.ids == tuple(ids(1, 2))
    assert page.view.pane.message.text() == "Nothing differs between these two runs."


def test_each_run_is_compared_with_the_pinned_one(open_page):
    page = open_page(NEW, OLD, OLD)
    page.rig.chosen.pin(ids(2)[0])
    page.settle()

    assert page.view.choice.ids[0] == ids(2)[0]


def test_selected_runs_are_compared(open_page):
    page = open_page(NEW, OLD, NEW, OLD)
    page.rig.select(1, 3)
    page.settle()

    assert set(page.view.choice.ids) == set(ids(1, 3))
    assert page.view.bar.left.count() == 2


def test_names_of_runs_are_made_when_somebody_can_see_them(open_page, monkeypatch):
    page = open_page(*[NEW, OLD] * 10)
    named = []
    name = page.view.choice._colours.name
    monkeypatch.setattr(
        page.view.choice._colours, "name", lambda slot: named.append(slot) or name(slot)
    )

    page.view.choice.choices_changed.emit()
    page.settle()
    few = len(set(named))
    texts = [page.view.bar.left.itemText(row) for row in range(20)]

    assert few <= 2
    assert all(
        text.startswith(short[:8]) for text, short in zip(texts, ids(*range(20)), strict=True)
    )
    assert page.view.bar.left.currentData() == ids(1)[0]


def test_one_run_is_not_enough_and_that_is_said(open_page):
    page = open_page(NEW)

    assert page.view.pane.message.isVisible()
    assert page.view.pane.message.text().startswith("Two runs are needed")


def test_a_file_that_vanished_is_said_and_the_others_can_be_looked_at(page):
    (page.rig.runs_dir / ids(0)[0] / "table.csv").unlink()
    page.look_at("files", "table.csv")
    assert page.view.pane.message.text().startswith("Cannot open table.csv: no such file")

    page.look_at("files", "config.json")
    assert page.facts() == [("~", "a", "1", "2")]


def test_what_cannot_be_read_is_said_above(open_page):
    page = open_page(NEW, (OLD[0], {"flags": "a: ["}))

    assert page.view.model.section("flags").problem in page.view._problem.problem


def test_news_of_a_run_are_followed_and_the_place_stays(page):
    page.look_at("output")
    (page.rig.runs_dir / ids(0)[0] / ".guild/output").write_text("one\ntwo\nfour\n")
    page.view._follow.setInterval(0)  # nobody waits two seconds in a test
    page.rig.chosen.tell_changes({0})

    page.rig.wait(lambda: len(page.view.pane.canvas.rows.diff.right.lines) == 3)
    assert page.current() == "output"


def test_the_arrangement_of_texts_is_chosen_in_the_menu_and_restored(open_page):
    page = open_page(NEW, OLD)
    page.look_at("source", "train.py")
    actions = {a.text(): a for a in page.view.bar.more.menu().actions()}
    first = [title for title, a in actions.items() if a.isChecked()]
    actions["Changed Lines Below Each Other"].trigger()
    state = page.view.state()
    page.view.restore({"arrangement": "beside"})
    beside = page.view.pane.canvas.is_stacked
    page.view.restore(state)
    page.view.restore({"arrangement": "unheard-of", "wraps": "perhaps"})
    actions["Wrap Long Lines"].trigger()

    assert first == ["Arrange Texts by Room", "Wrap Long Lines"]
    assert not beside
    assert page.view.pane.canvas.is_stacked
    assert [t for t, a in actions.items() if a.isChecked()] == ["Changed Lines Below Each Other"]
    assert not page.view.pane.canvas.arranger.wraps
    page.view.restore(state)
    assert page.view.pane.canvas.arranger.wraps


def test_of_a_file_that_takes_its_time_what_was_seen_before_does_not_stay(page):
    view = page.view
    page.look_at("flags")
    begun, held = threading.Event(), threading.Event()

    def hold(_context):
        begun.set()
        held.wait(PATIENCE)

    context = view.lookup._colours  # the lane of files, which somebody holds
    context.ask("Hold", hold, lambda _: None)
    assert begun.wait(PATIENCE)  # else it is dropped before it has begun
    view.look_at("source", "train.py")
    at_once = view.pane._stack.currentWidget() is view.pane.facts
    page.rig.wait(view.pane.message.isVisible)
    meanwhile = view.pane.message.text()
    held.set()
    page.rig.wait(lambda: view.pane._stack.currentWidget() is view.pane.canvas)

    assert at_once
    assert meanwhile == "Comparing train.py…"


def test_a_hidden_page_asks_nothing(page):
    page.view.hide()
    page.rig.chosen.pin(ids(0)[0])
    assert not page.view.lookup.is_waiting

    page.view.show()
    page.settle()
    assert page.view.choice.ids == tuple(ids(0, 1))


def test_what_was_chosen_is_restored(page):
    page.view.bar.only.setChecked(False)
    page.view.room.set_mode("slider")
    state = page.view.state()
    page.view.bar.only.setChecked(True)
    page.view.room.set_mode("beside")
    page.view.restore(state)

    assert not page.view.bar.only.isChecked()
    assert page.view.pane.pictures.mode == "slider"
    page.view.restore({"only_differences": 3, "mode": "odd", "sizes": "x"})
    page.view.restore({"mode": [], "arrangement": {}, "wraps": None})
    assert not page.view.bar.only.isChecked()


def test_what_is_restored_waits_for_the_part_that_is_made_later(open_page):
    before = open_page(NEW, OLD)
    before.view.bar.wraps.setChecked(False)
    before.view.bar.arrangement_chosen.emit("stacked")
    before.view.room.set_mode("blink")
    state = before.view.state()

    view = make(before.rig.chosen, before.rig.rig.services)
    view.restore(state)
    is_made = view.room.is_made
    kept = view.state()

    assert not is_made
    assert {**kept, "sizes": ()} == {**state, "sizes": ()}
    assert view.pane.pictures.mode == "blink"
    assert view.pane.canvas.arranger.arrangement == "stacked"
    view.deleteLater()


def test_guilds_program_is_started_and_what_it_says_is_shown(page, tmp_path, monkeypatch):
    script = tmp_path / "program.py"
    script.write_text("import sys; print('compared', *sys.argv[1:], sep='|')")
    config = tmp_path / "config.yml"
    config.write_text(f"diff: {{command: '{sys.executable} {script}'}}")
    monkeypatch.setenv("GUILD_CONFIG", str(config))
    page.look_at("source", "train.py")
    page.view.open_program()

    page.rig.wait(page.view.pane.printed.isVisible)
    old, new = (page.rig.runs_dir / run_id / "train.py" for run_id in ids(1, 0))
    assert page.view.pane.printed.text == f"compared|{old}|{new}\n"


def test_a_program_that_is_not_there_is_told(page, tmp_path, monkeypatch):
    config = tmp_path / "config.yml"
    config.write_text("diff: {command: /no/such/program}")
    monkeypatch.setenv("GUILD_CONFIG", str(config))
    page.view.open_program()

    page.rig.wait(page.view.pane.message.isVisible)
    assert page.view.pane.message.text().startswith("Cannot start the diff command /no/such")


def test_cells_are_copied_with_tabs_between_them(page):
    page.view.pane.facts.selectAll()
    QTest.keyClick(page.view.pane.facts, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)

    assert QGuiApplication.clipboard().text() == "~\tlr\t0.1\t0.2"


def test_every_control_has_a_name_for_those_who_hear_the_screen(page):
    bar = page.view.bar
    for widget in (bar.left, bar.right, bar.swap, bar.previous, bar.next, bar.only, bar.more):
        assert widget.accessibleName()
    assert page.view.objectName() == "diffView"
