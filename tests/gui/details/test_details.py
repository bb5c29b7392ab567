from __future__ import annotations

import json

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QWidget

from gui.views.details.details import Details, _TabSpec
from tests.support.runs import make_run
from tests.support.tabs import ref

NAMES = ["overview", "flags", "scalars", "output", "files", "source", "comments", "attributes"]


class Index:
    """A lookup that knows one parent."""

    def parent(self, run_id):
        return "b" * 32


@pytest.fixture
def details(services, show_in_window):
    details = Details(services)
    show_in_window(details)
    yield details
    details.show_run(None)


def test_a_tab_is_made_when_it_is_first_looked_at(qtbot, details, tmp_path):
    details.show_run(ref(make_run(tmp_path)))
    assert not details._made  # the row that was selected is drawn before
    qtbot.waitUntil(lambda: set(details._made) == {"overview"})

    details.show_tab("comments")

    assert set(details._made) == {"overview", "comments"}


class Windows(QObject):
    """Notes the windows that open: each would close the menu that the user has open."""

    def __init__(self):
        super().__init__()
        self.opened = []

    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.opened.append(watched)
        return False


@pytest.mark.parametrize("name", NAMES)
def test_a_tab_that_is_made_opens_no_window(name, details, tmp_path, qapp):
    details.show_run(ref(make_run(tmp_path)))
    windows = Windows()
    qapp.installEventFilter(windows)

    details.tab(name)

    qapp.removeEventFilter(windows)
    assert windows.opened == []


def test_a_tab_that_is_prepared_for_a_run_opens_no_window(details, tmp_path, qapp, qtbot):
    windows = Windows()
    qapp.installEventFilter(windows)

    details.show_run(ref(make_run(tmp_path)))
    qtbot.waitUntil(lambda: "overview" in details._made)
    qtbot.waitUntil(details.tab("overview").isVisible)

    qapp.removeEventFilter(windows)
    assert windows.opened == []


def test_a_tab_is_made_once_for_runs_that_are_selected_in_haste(
    details, tmp_path, qtbot, monkeypatch
):
    made = []
    make = _TabSpec.make
    monkeypatch.setattr(_TabSpec, "make", lambda *args: made.append(args) or make(*args))
    runs = [ref(make_run(tmp_path, letter * 32)) for letter in "abc"]

    for run in (*runs, None, runs[1]):
        details.show_run(run)
        qtbot.wait(1)

    qtbot.waitUntil(lambda: set(details._made) == {"overview"})
    assert len(made) == 1
    assert details.tab("overview").run == runs[1]


def test_a_tab_may_ask_for_another_one(details, tmp_path):
    details.show_run(ref(make_run(tmp_path)))

    details.tab("overview").tab_requested.emit("flags")

    assert details.tab_name() == "flags"


def test_every_tab_asks_the_index_of_the_home_in_force(details, tmp_path):
    details.show_run(ref(make_run(tmp_path)))
    first = details.tab("overview")

    index = Index()
    details.set_lookup(index)

    assert first.lookup is index
    assert details.tab("flags").lookup is index


def test_a_trial_leads_to_the_batch_that_the_index_knows(details, qtbot, tmp_path):
    make_run(tmp_path, "b" * 32, attrs={"label": "grid", "exit_status": "0"})
    details.set_lookup(Index())
    details.show_run(ref(make_run(tmp_path)))
    tab = details.tab("overview")

    qtbot.waitUntil(lambda: "grid" in tab.facts.fact_text("Part of"))


@pytest.mark.parametrize("name", NAMES)
def test_every_tab_bears_its_name_and_shows_a_run(details, qtbot, tmp_path, name):
    details.show_run(ref(make_run(tmp_path, attrs={"label": "x", "flags": "a: 1"})))

    details.show_tab(name)

    assert details.tab(name).name == name
    qtbot.waitUntil(details.tab(name).isVisible)
    qtbot.waitUntil(lambda: not details._services.bridge._watched)


def test_every_tab_is_in_the_menu_beside_the_tabs(qtbot, services):
    details = Details(services)
    qtbot.addWidget(details)
    menu = details.tabs.cornerWidget().menu()

    for place, action in enumerate(menu.actions()):
        action.trigger()
        assert details.tabs.currentIndex() == place
        assert details.tabs.tabText(place) == action.text()
    assert len(menu.actions()) == details.tabs.count()


CHOICES = {
    "overview": {"axis": "relative", "log": True},
    "scalars": {"smoothing": 20, "axis": "wall", "log_x": False, "log_y": True},
    "output": {"wrap": True, "numbers": True, "times": "clock"},
}


def test_what_the_user_chose_in_the_tabs_is_there_the_next_time(details, services, show_in_window):
    for name, choices in CHOICES.items():
        details.tab(name).set_choices(choices)
    other = Details(services)
    show_in_window(other)

    other.set_choices(json.loads(json.dumps(details.choices())))

    for name, choices in CHOICES.items():
        found = other.tab(name).choices()
        assert {key: found[key] for key in choices} == choices
    assert other.tab("output").view.is_wrapped
    assert other.tab("output").view.look.times == "clock"
    assert other.tab("output").view.look.numbers
    assert other.tab("scalars").plot.options.log_y


def test_choices_of_a_tab_that_was_not_looked_at_are_kept(details):
    details.set_choices(CHOICES)

    assert details.choices()["output"] == CHOICES["output"]


@pytest.mark.parametrize("rubbish", [None, "x", [1], {"a": 1}, 7.5, [1, "2"], [-1, 0]])
def test_choices_that_are_not_understood_change_nothing(details, rubbish):
    names = ("smoothing", "axis", "log", "log_x", "log_y", "wrap", "numbers", "times", "sizes")
    tabs = [details.tab(name) for name in NAMES if name != "comments"]
    before = [tab.choices() for tab in tabs]

    details.set_choices(dict.fromkeys(NAMES, dict.fromkeys(names, rubbish)))
    details.set_choices({"overview": rubbish})

    assert [tab.choices() for tab in tabs] == before


@pytest.mark.parametrize(("smoothing", "shown"), [(-5, 0), (10**9, 100), (33, 33)])
def test_a_smoothing_that_does_not_exist_is_the_nearest_one(details, smoothing, shown):
    tab = details.tab("scalars")

    tab.set_choices({"smoothing": smoothing})

    assert tab.choices()["smoothing"] == shown


@pytest.mark.parametrize("width", [240, 330, 700])
def test_no_tab_is_cut_off_whatever_is_looked_at(width, details, tmp_path, qapp):
    details.show_run(ref(make_run(tmp_path)))
    details.resize(width, 400)
    bar = details.tabs.tabBar()

    for name in NAMES:
        details.show_tab(name)
        qapp.processEvents()
        shown = [place for place in range(bar.count()) if bar.is_shown(place)]
        assert details.tab_name() == name
        assert bar.is_shown(bar.currentIndex())
        assert bar.tabRect(shown[0]).left() == 0
        assert bar.tabRect(shown[-1]).right() < bar.width()
        assert (len(shown) == len(NAMES)) == (width == 700)


def test_the_row_begins_with_a_whole_tab_when_it_becomes_narrow(details, tmp_path, qapp):
    details.show_run(ref(make_run(tmp_path)))
    details.resize(420, 400)
    details.show_tab("files")
    qapp.processEvents()

    details.resize(250, 400)
    qapp.processEvents()

    bar = details.tabs.tabBar()
    shown = [place for place in range(bar.count()) if bar.is_shown(place)]
    assert bar.tabRect(shown[0]).left() == 0
    assert bar.tabRect(shown[-1]).right() < bar.width()
    assert [NAMES[place] for place in shown][-1] == "files"


def test_arrow_keys_go_to_tabs_that_have_no_room(details, tmp_path, qtbot):
    details.show_run(ref(make_run(tmp_path)))
    details.resize(240, 400)
    bar = details.tabs.tabBar()

    for name in NAMES[1:]:
        qtbot.keyClick(bar, Qt.Key.Key_Right)
        assert details.tab_name() == name
    qtbot.keyClick(bar, Qt.Key.Key_Right)  # there is none

    assert details.tab_name() == NAMES[-1]
    qtbot.keyClick(bar, Qt.Key.Key_Left)
    assert details.tab_name() == NAMES[-2]
