"""A run that is wanted is selected as soon as it is shown, not only when it is known.

A text that a place put into the filter box goes with that place, also after another start.
"""

from __future__ import annotations

import pytest
from PySide6.QtCore import QObject

from core.index.filters import Filters
from gui.models.places_model import PlaceKind, PlacesModel
from gui.places.navigation import Navigation
from gui.places.place_catalogue import RUNS, TRASH, tag_filter
from gui.theme import Theme
from gui.views.filter.filter_edit import FilterEdit
from gui.views.sidebar.places import PlacesView
from tests.support.run_tables import make_columns, make_run, table_rig


@pytest.fixture
def rig(qtbot, tmp_path):
    with table_rig(qtbot, make_columns(0), tmp_path) as rig:
        yield rig


@pytest.fixture
def box(rig, qtbot):
    box = FilterEdit(rig.columns, rig.services)
    qtbot.addWidget(box)
    return box


@pytest.fixture
def navigation(rig, box, qtbot):
    theme, owner = Theme("light"), QObject()
    places = PlacesView(PlacesModel(), theme)
    qtbot.addWidget(places)
    navigation = Navigation(rig.runs, places, box, owner)
    navigation.start(RUNS, "")
    rig.settle()
    yield navigation
    owner.deleteLater()


def test_a_run_that_is_known_before_it_is_shown_is_selected_later(rig, navigation):
    wanted = make_run(3).id
    navigation.want_run(wanted)
    for number in range(5):
        rig.columns.put(make_run(number))

    rig.runs.arranged.emit(0, 5)  # an answer to the question before they were known
    assert rig.selected_ids() == []
    rig.runs.refresh()
    rig.settle()

    assert rig.selected_ids() == [wanted]


def test_a_run_that_a_filter_hides_is_not_waited_for(rig, navigation):
    for number in range(20):
        rig.columns.put(make_run(number))
    rig.runs.show(filters=Filters(statuses=("error",)))
    rig.settle()
    shown, *_ = rig.shown_ids()
    hidden = next(run.id for run in map(make_run, range(20)) if run.id not in rig.shown_ids())

    navigation.want_run(hidden)
    rig.runs.refresh()
    rig.settle()
    rig.runs.select_ids([shown])
    rig.runs.show(filters=Filters())
    rig.settle()

    assert hidden in rig.shown_ids()
    assert rig.selected_ids() == [shown]


def test_the_text_of_a_place_that_was_left_open_goes_with_it(rig, box, navigation):
    navigation.start((PlaceKind.TAG, "best"), tag_filter("best"))

    navigation.go(RUNS)
    rig.settle()

    assert box.text() == ""
    assert rig.runs.view.filters.is_empty


def test_a_text_that_was_typed_the_last_time_stays_in_every_place(rig, box, navigation):
    navigation.start(RUNS, "lr < 1")

    navigation.go(TRASH)
    rig.settle()

    assert box.text() == "lr < 1"
    assert rig.runs.view.deleted
