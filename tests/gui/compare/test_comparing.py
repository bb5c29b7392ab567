"""Comparing in a whole window: the actions, the tabs, and what a home remembers."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QToolButton

from tests.support.application import wait_until_settled

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

ACTIONS = [
    "compare.open", "compare.pin", "compare.only-different", "compare.turn", "compare.group",
    "compare.export", "compare.views", "compare.save-view",
]  # fmt: skip
ON_PAGE = [
    "compare.only-different", "compare.group", "compare.export", "compare.views",
    "compare.save-view",
]  # fmt: skip


class Bench:
    """A window, and its comparison once it is open."""

    def __init__(self, app, qtbot) -> None:
        self.app, self.qtbot = app, qtbot
        self.window = app.window
        self.actions = app.window.actions_by_id
        self.desk = app.sessions[0].desk
        self.tabs = self.window.centre.tabs

    @property
    def page(self):
        return self.tabs.page("compare")

    def first_ids(self, count: int) -> list[str]:
        return self.desk.chosen.ids()[:count]

    def compare(self, ids: list[str]):
        self.actions["view.runs"].trigger()
        self.desk.runs.select_ids(ids)
        self.actions["compare.open"].trigger()
        self.settle()
        return self.page

    def settle(self) -> None:
        QTest.qWait(0)
        wait_until_settled(self.qtbot, self.app)
        self.qtbot.waitUntil(lambda: not self.page.comparison.is_waiting)


@pytest.fixture
def bench(open_app, sample_home, qtbot):
    app = open_app(sample_home)
    app.window.resize(1300, 800)
    app.window.show()
    app.window.activateWindow()
    qtbot.waitUntil(app.window.isActiveWindow)
    return Bench(app, qtbot)


def test_without_runs_nothing_can_be_compared(open_app):
    app = open_app(None)

    assert not any(app.window.actions_by_id[id_].isEnabled() for id_ in ACTIONS)


def test_what_is_about_the_comparison_can_be_done_while_it_is_looked_at(bench):
    before = [bench.actions[id_].isEnabled() for id_ in ON_PAGE]

    bench.compare(bench.first_ids(3))
    during = [bench.actions[id_].isEnabled() for id_ in ON_PAGE]
    bench.actions["view.runs"].trigger()

    assert not any(before)
    assert all(during)
    assert not any(bench.actions[id_].isEnabled() for id_ in ON_PAGE)
    assert "look at that first" in bench.actions["compare.group"].toolTip()


def test_the_selected_runs_are_compared_and_the_table_has_the_keyboard(bench):
    page = bench.compare(bench.first_ids(3))

    assert bench.tabs.page_name() == "compare"
    assert bench.tabs.bar.tabText(1) == "Compare (3)"
    assert len(page.table.compare_model.lines) == 3
    assert bench.window.focusWidget() is page.table


def test_selected_rows_can_be_compared_among_themselves(bench):
    page = bench.compare(bench.first_ids(5))
    page.table.selectAll()
    page.table.clearSelection()
    for row in (1, 3):
        index = page.table.model().index(row, 0)
        flag = page.table.selectionModel().SelectionFlag
        page.table.selectionModel().select(index, flag.Select | flag.Rows)
    QTest.qWait(0)
    kept = len(bench.desk.chosen.slots())

    bench.actions["compare.open"].trigger()
    bench.settle()

    assert kept == 5
    assert len(page.table.compare_model.lines) == 2


def test_the_current_run_is_pinned_and_unpinned_by_one_action(bench):
    page = bench.compare(bench.first_ids(4))
    page.table.setCurrentIndex(page.table.model().index(2, 0))
    QTest.qWait(0)
    run_id = page.current_id()

    bench.actions["compare.pin"].trigger()
    bench.settle()
    pinned, text = bench.desk.chosen.pinned, bench.actions["compare.pin"].text()
    first = page.table.compare_model.slot(0)
    bench.actions["compare.pin"].trigger()
    bench.settle()

    assert pinned == run_id == bench.desk.runs.columns.value("id", first)
    assert text == "Unpin &Baseline"
    assert bench.desk.chosen.pinned is None


def test_only_differences_and_runs_as_columns_are_toggled(bench):
    page = bench.compare(bench.first_ids(3))
    few = len(page.table.compare_model.facts)

    bench.actions["compare.only-different"].trigger()
    bench.settle()
    bench.actions["compare.turn"].trigger()

    assert len(page.table.compare_model.facts) > few
    assert page.table.compare_model.is_turned
    assert bench.actions["compare.turn"].isChecked()


def test_the_bar_has_a_button_for_each_action_of_the_page(bench):
    page = bench.compare(bench.first_ids(3))

    shown = [button.text().rstrip("…") for button in page.bar.findChildren(QToolButton)]
    assert sorted(shown) == sorted(
        ["Only Differences", "Runs as Columns", "Group", "View", "Export"]
    )


def test_the_button_for_columns_is_about_what_is_looked_at(bench):
    bench.compare(bench.first_ids(3))

    bench.actions["view.columns"].trigger()
    dialog = next(w for w in QApplication.topLevelWidgets() if w.objectName() == "columnsDialog")
    title = dialog.windowTitle()
    dialog.reject()

    assert title == "Columns of the comparison"


def test_enter_leads_to_the_run_in_the_table_of_runs(bench):
    page = bench.compare(bench.first_ids(4))
    page.table.setCurrentIndex(page.table.model().index(2, 0))
    QTest.qWait(0)
    run_id = page.current_id()

    QTest.keyClick(page.table, Qt.Key.Key_Return)
    wait_until_settled(bench.qtbot, bench.app)

    assert bench.tabs.page_name() == "runs"
    assert bench.desk.runs.selected_ids() == [run_id]
    assert bench.tabs.bar.tabText(1) == "Compare (4)"


def test_the_details_are_about_the_row_that_is_current(bench):
    page = bench.compare(bench.first_ids(4))

    page.table.setCurrentIndex(page.table.model().index(3, 0))
    QTest.qWait(0)

    assert bench.window.details.run.id == page.current_id()


def test_a_deleted_row_is_compared_no_more_and_the_others_are(bench):
    columns, slots = bench.desk.runs.columns, bench.desk.chosen.slots()
    done = [slot for slot in slots if columns.value("status", slot) == "completed"]
    page = bench.compare([columns.value("id", slot) for slot in done[:4]])
    page.table.setCurrentIndex(page.table.model().index(1, 0))
    QTest.qWait(0)
    run_id = page.current_id()

    bench.actions["run.delete"].trigger()
    bench.qtbot.waitUntil(lambda: bench.desk.runs.columns.slot_of(run_id) is None, timeout=10_000)

    bench.qtbot.waitUntil(lambda: len(page.table.compare_model.lines) == 3, timeout=10_000)
    assert run_id not in bench.desk.chosen.ids()


def test_a_right_click_opens_the_menu_of_runs(bench):
    page = bench.compare(bench.first_ids(3))
    page.table.setCurrentIndex(page.table.model().index(1, 0))

    QTest.keyClick(page.table, Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)

    def menus() -> list[QMenu]:
        return [m for m in bench.window.findChildren(QMenu) if m.isVisible()]

    bench.qtbot.waitUntil(lambda: bool(menus()))
    texts = [action.text().replace("&", "") for action in menus()[0].actions()]
    for menu in menus():
        menu.close()
    assert texts[:2] == ["Pin as Baseline", "Compare Runs"]


def test_the_group_menu_opens_by_its_shortcut(bench, qtbot):
    page = bench.compare(bench.first_ids(3))
    seen = []
    page.bar.group_menu.aboutToShow.connect(lambda: seen.append(1))
    page.bar.group_menu.aboutToShow.connect(
        lambda: QTest.qWait(0) or page.bar.group_menu.close(), Qt.ConnectionType.QueuedConnection
    )

    bench.actions["compare.group"].trigger()

    qtbot.waitUntil(lambda: bool(seen))


def test_the_next_start_shows_the_same_comparison(open_app, sample_home, qtbot):
    app = open_app(sample_home)
    app.window.show()
    bench = Bench(app, qtbot)
    page = bench.compare([])
    page.comparison.change(sort=(("status", True),), only_different=False)
    bench.settle()
    app.shutdown()

    again = Bench(open_app(sample_home), qtbot)
    again.window.show()
    again.settle()

    assert again.tabs.page_name() == "compare"
    assert again.page.comparison.view.sort == (("status", True),)
    assert not again.page.comparison.view.only_different
    assert not again.actions["compare.only-different"].isChecked()


def test_closing_the_home_closes_its_pages(bench, tmp_path):
    from core.home import Home

    bench.compare(bench.first_ids(3))
    other = tmp_path / "other"
    (other / "runs").mkdir(parents=True)

    bench.app.sessions[0].open_home(Home(other))

    assert bench.tabs.page_name() == "runs"
    assert not bench.actions["compare.export"].isEnabled()


def test_a_saved_view_keeps_the_filter_and_the_plots_and_brings_them_back(bench):
    bench.tabs.show_page("plots")
    bench.tabs.current().show_mode("scatter")
    bench.desk.navigation.show_filter("operation contains train")
    page = bench.compare([])
    shown = len(page.table.compare_model.lines)
    bench.actions["compare.save-view"].trigger()
    dialog = next(w for w in QApplication.topLevelWidgets() if w.objectName() == "viewDialog")
    dialog.name_edit.setText("training")
    dialog.accept_name()
    bench.qtbot.waitUntil(lambda: page.comparison.view.name == "training")
    bench.desk.navigation.clear_filter()
    bench.tabs.page("plots").show_mode("curves")
    bench.settle()

    page.views.open("training")
    bench.qtbot.waitUntil(lambda: bench.desk.filter_box.text() == "operation contains train")
    bench.settle()

    assert len(page.table.compare_model.lines) == shown < 24
    assert bench.tabs.page("plots").mode == "scatter"


def test_the_menu_of_a_column_is_that_of_the_table_that_is_looked_at(bench):
    page = bench.compare(bench.first_ids(3))
    fact = len(page.table.compare_model.facts) - 1
    page.table.setCurrentIndex(page.table.compare_model.index_of(1, fact))

    bench.actions["view.column-menu"].trigger()

    menu = page.table.findChild(QMenu, "compareColumnMenu")
    title = page.table.compare_model.title(fact)
    assert f"Hide “{title}”" in [action.text().replace("&", "") for action in menu.actions()]
    menu.close()


def test_where_runs_are_columns_the_menu_is_beside_the_line(bench):
    page = bench.compare(bench.first_ids(3))
    bench.actions["compare.turn"].trigger()
    page.table.setCurrentIndex(page.table.compare_model.index_of(0, 1))

    bench.actions["view.column-menu"].trigger()

    menu = page.table.findChild(QMenu, "compareColumnMenu")
    head = page.table.fact_head
    top = head.viewport().mapFromGlobal(menu.pos()).y()
    assert top == head.sectionViewportPosition(1) + head.sectionSize(1)
    menu.close()


def test_where_no_table_is_looked_at_no_menu_of_a_column_can_be_asked_for(bench):
    assert bench.actions["view.column-menu"].isEnabled()

    bench.tabs.show_page("plots")

    assert not bench.actions["view.column-menu"].isEnabled()
    assert "look at one of these first" in bench.actions["view.column-menu"].toolTip()

    bench.actions["view.runs"].trigger()

    assert bench.actions["view.column-menu"].isEnabled()
