from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from gui.views.details.attributes_tab import AttributesTab
from tests.support.runs import make_run
from tests.support.tabs import ref

ATTRS = {
    "env": "HOME: /home/ada\nPATH: /usr/bin",
    "pip_freeze": "- numpy==2.0\n- torch==2.4",
    "op": "op-cmd:\n  cmd-args:\n  - python\n  - -um",
    "host": "box",
    "broken": "{",
}


@pytest.fixture
def tab(services, show_in_window):
    tab = AttributesTab(services)
    show_in_window(tab)
    return tab


@pytest.fixture
def shown(tab, qtbot, tmp_path):
    with qtbot.waitSignal(tab.shown):
        tab.show_run(ref(make_run(tmp_path, attrs=ATTRS)))
    return tab


def rows(tab, parent=None):
    model = tab.model
    at = (parent,) if parent is not None else ()
    return {
        model.index(row, 0, *at).data(): model.index(row, 1, *at).data()
        for row in range(model.rowCount(*at))
    }


def index_of(tab, name):
    model = tab.model
    found = model.match(
        model.index(0, 0),
        Qt.ItemDataRole.DisplayRole,
        name,
        1,
        Qt.MatchFlag.MatchExactly | Qt.MatchFlag.MatchRecursive,
    )
    assert found, name
    return found[0]


def test_the_environment_is_first_and_open(shown):
    assert next(iter(rows(shown))) == "env"
    assert shown.tree.isExpanded(shown.model.index(0, 0))
    assert rows(shown, shown.model.index(0, 0)) == {"HOME": "/home/ada", "PATH": "/usr/bin"}


def test_every_other_attribute_is_there_with_what_it_holds(shown):
    assert rows(shown)["pip_freeze"] == "2 items"
    assert rows(shown)["host"] == "box"


def test_an_attribute_that_cannot_be_read_is_a_sentence_on_its_row(shown, services):
    index = index_of(shown, "broken").siblingAtColumn(1)

    assert index.data().startswith("Attribute broken is not valid YAML")
    colour = index.data(Qt.ItemDataRole.ForegroundRole)
    assert colour == services.theme.colour("warning")


def test_the_search_looks_at_names_and_values_at_any_depth(shown):
    shown.search_edit.setText("PYTHON")

    assert list(rows(shown)) == ["op"]
    leaf = index_of(shown, "1")
    assert leaf.siblingAtColumn(1).data() == "python"
    assert shown.tree.isExpanded(leaf.parent())


def test_a_search_without_a_match_says_so_and_an_empty_one_shows_all_again(shown):
    shown.search_edit.setText("nothing like it")
    assert shown._nothing.isVisible()

    shown.search_edit.clear()

    assert len(rows(shown)) == len(ATTRS)
    assert shown.tree.isVisible()


def test_the_selected_value_is_shown_whole_and_can_be_copied(shown):
    shown.tree.setCurrentIndex(index_of(shown, "op"))

    shown.copy_value()

    whole = "op-cmd:\n  cmd-args:\n    - python\n    - -um"
    assert shown.value_view.toPlainText() == whole
    assert QGuiApplication.clipboard().text() == whole


def test_a_name_can_be_copied(shown):
    shown.tree.setCurrentIndex(index_of(shown, "HOME"))

    shown.copy_name()

    assert QGuiApplication.clipboard().text() == "HOME"


def test_a_refresh_keeps_what_is_open(shown, qtbot):
    shown.tree.expand(index_of(shown, "op"))
    (shown.run.path / ".guild" / "attrs" / "host").write_text("other\n")

    with qtbot.waitSignal(shown.shown):
        shown.refresh()

    assert rows(shown)["host"] == "other"
    assert shown.tree.isExpanded(index_of(shown, "op"))


def test_a_refresh_without_a_change_keeps_the_selection(shown, qtbot):
    shown.tree.setCurrentIndex(index_of(shown, "HOME"))

    with qtbot.waitSignal(shown.shown):
        shown.refresh()

    assert shown.tree.currentIndex().data() == "HOME"


def test_a_large_value_is_bounded_on_screen_and_whole_in_a_copy(tab, qtbot, tmp_path):
    text = "y" * 300_000
    with qtbot.waitSignal(tab.shown):
        tab.show_run(ref(make_run(tmp_path, attrs={"big": text})))
    tab.tree.setCurrentIndex(tab.model.index(0, 0))

    tab.copy_value()

    assert len(tab.model.index(0, 1).data()) < 2000
    assert "100,000 characters more" in tab.value_view.toPlainText()
    assert QGuiApplication.clipboard().text() == text


def test_a_run_without_attributes_says_so(tab, qtbot, tmp_path):
    with qtbot.waitSignal(tab.shown):
        tab.show_run(ref(make_run(tmp_path)))

    assert tab._nothing.text() == "This run has no attributes."
    assert tab._nothing.isVisible()


def test_the_tree_model_obeys_qts_rules(shown, qtmodeltester):
    qtmodeltester.check(shown.model)


def test_the_searched_tree_model_obeys_qts_rules(shown, qtmodeltester):
    shown.search_edit.setText("o")

    qtmodeltester.check(shown.model)
