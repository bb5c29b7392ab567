from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFocusEvent

from core.index.columns import RunColumns
from core.index.filters import Filters
from core.index.place_counts import BatchCount, PlaceCounts, count_places
from core.runs.run import Run
from core.saved_lists import SavedList
from gui.models.places_model import Place, PlaceKind, PlaceRole, PlacesModel, Section
from gui.places.place_catalogue import (
    BUILT_IN,
    RUNS,
    TRASH,
    all_lists,
    filter_places,
    home_places,
    recent_places,
    tag_filter,
)
from gui.theme import Theme
from gui.views.sidebar.places import PlacesView
from tests.support.model_rules import watch_model

NOW = 1_768_478_400_000_000
DAY = 86_400_000_000


def place(key: str, kind: PlaceKind = PlaceKind.TAG, **values) -> Place:
    return Place(kind, key, key, **values)


@pytest.fixture
def model(qtbot):
    model = PlacesModel()
    watch_model(model)
    model.show(home_places(PlaceCounts(runs=12_408, trash=31)))
    return model


@pytest.fixture
def view(qtbot, model):
    view = PlacesView(model, Theme("light"))
    qtbot.addWidget(view)
    view.resize(220, 600)
    view.show()
    yield view
    view.close()


@pytest.fixture
def columns() -> RunColumns:
    columns = RunColumns()
    runs = [
        Run("a" * 32, Path("/a"), status="error", started=NOW - DAY, tags=("paper", "seed 2")),
        Run("b" * 32, Path("/b"), status="running", started=NOW, marked=True),
        Run("c" * 32, Path("/c"), status="completed", started=NOW, tags=("paper",)),
        Run(
            "d" * 32,
            Path("/d"),
            status="running",
            started=NOW,
            operation="train+",
            is_batch=True,
            links=(("b" * 32, "b" * 32), ("c" * 32, "c" * 32), ("gone", "e" * 32)),
        ),
    ]
    for run in runs:
        columns.put(run)
    columns.put(Run("f" * 32, Path("/f")), deleted=True)
    return columns


def test_every_place_is_counted(columns):
    lists = [(s.name, Filters.of_box(s.filter)) for s in all_lists([SavedList("P", "paper")])]

    counts = count_places(columns, lists, now=NOW)

    assert (counts.runs, counts.trash) == (4, 1)
    assert counts.lists == {"Marked": 1, "Running": 2, "Failed this week": 1, "P": 2}
    assert counts.tags == {"paper": 2, "seed 2": 1}
    assert counts.batches == (BatchCount("d" * 32, "", "train+", 1, 2, NOW),)


def batch_of(columns: RunColumns, letter: str, values, label: str = "") -> str:
    """A batch with a trial for each of `values`; the later the letter, the earlier it began."""
    ids = [f"{number:032x}{letter}"[-32:] for number in range(len(values))]
    for run_id, flags in zip(ids, values, strict=True):
        columns.put(Run(run_id, Path("/t"), status="completed", started=NOW, flags=flags))
    batch = Run(
        letter * 32,
        Path("/b"),
        started=NOW - (ord(letter) - ord("a")) * DAY,
        operation="train+",
        label=label,
        is_batch=True,
        links=tuple((run_id, run_id) for run_id in ids),
    )
    columns.put(batch)
    return batch.id


def batch_places(columns: RunColumns) -> list[Place]:
    return list(filter_places(count_places(columns, [], now=NOW), [], lambda: NOW)[Section.BATCHES])


def test_batches_without_label_are_called_by_what_varies():
    columns = RunColumns()
    batch_of(columns, "a", [{"lr": 0.1, "epochs": 5, "opt": o} for o in ("sgd", "adam")])
    batch_of(columns, "b", [{"lr": lr, "seed": lr, "opt": o} for lr, o in ((1, "x"), (2, "x"))])
    batch_of(columns, "c", [{"lr": 1}], label="my own")

    places = batch_places(columns)

    assert [(p.title, p.note) for p in places] == [("opt", ""), ("lr × seed", ""), ("my own", "")]
    assert "Varying: lr, seed" in places[1].tip


def test_batches_that_read_alike_are_told_apart_by_time():
    columns = RunColumns()
    for letter in "ab":
        batch_of(columns, letter, [{"lr": 1}, {"lr": 2}])
    places = batch_places(columns)

    notes = [place.note for place in places]

    assert {place.title for place in places} == {"lr"}
    assert len(set(notes)) == 2
    assert all(note.endswith(" Jan") for note in notes)


def test_the_note_of_a_batch_is_as_short_as_can_be():
    days = (3, 400, 430, 431)
    batches = tuple(
        BatchCount(f"{days_ago:032}", "same", "train+", 1, 1, NOW - days_ago * DAY)
        for days_ago in days
    )
    places = filter_places(PlaceCounts(batches=batches), [], lambda: NOW)[Section.BATCHES]

    recent, other_year, *of_one_month = [place.note for place in places]

    assert re.fullmatch(r"\d+ [A-Z][a-z]{2}", recent)
    assert re.fullmatch(r"[A-Z][a-z]{2} \d{4}", other_year)
    assert all(re.fullmatch(r"\d+ [A-Z][a-z]{2} \d{4}", note) for note in of_one_month)


@pytest.mark.parametrize(("done", "count"), [(6, "6 / 8"), (8, "8")])
def test_a_batch_whose_trials_have_all_ended_shows_their_number(done, count):
    batches = (BatchCount("a" * 32, "mine", "train+", done, 8, NOW),)

    (place,) = filter_places(PlaceCounts(batches=batches), [])[Section.BATCHES]

    assert place.count == count


def test_batches_of_one_moment_are_told_apart_by_id():
    batches = tuple(BatchCount(letter * 32, "same", "train+", 1, 1, NOW) for letter in "ab")

    places = filter_places(PlaceCounts(batches=batches), [])[Section.BATCHES]

    assert [place.note for place in places] == ["aaaaaaaa", "bbbbbbbb"]


def test_a_list_that_is_not_understood_does_not_spoil_the_others(columns):
    lists = [("bad", Filters(expression="loss <")), ("good", Filters())]

    counts = count_places(columns, lists, now=NOW)

    assert counts.lists == {"bad": None, "good": 4}


def test_counting_can_be_stopped(columns):
    def stop():
        raise InterruptedError

    with pytest.raises(InterruptedError):
        count_places(columns, [], now=NOW, check=stop)


ODD_TAGS = [
    *("and", "true", "null", "10", "", "it's", "a\\b", "line\nbreak", "\tbell\x07", "a\u2028b"),
    *("\ufeffx", "🎉", "\U0001f468\u200d\U0001f467", "שלום"),
]


@pytest.mark.parametrize(
    "tag", ["paper", "seed 2", 'with "quotes"', "7up", "naïve", "a=b", "-", *ODD_TAGS]
)
def test_the_filter_of_a_tag_finds_its_runs_and_no_others(tag):
    columns = RunColumns()
    slot = columns.put(Run("a" * 32, Path("/a"), tags=(tag,)))
    columns.put(Run("b" * 32, Path("/b"), tags=("other", f"{tag}x")))

    filters = Filters.of_box(tag_filter(tag))

    assert filters.select(columns, columns.slots(), now=NOW) == [slot]


@pytest.mark.parametrize("saved", [saved for saved, _ in BUILT_IN], ids=lambda s: s.name)
def test_the_lists_that_everybody_has_are_understood_as_expressions(saved):
    filters = Filters.of_box(saved.filter)

    filters.validate()
    assert filters.expression


def test_places_show_counts_and_say_them(model):
    index = model.index_of(RUNS)

    assert index.data() == "This computer"
    assert index.data(PlaceRole).count in ("12,408", "12.408", "12408")
    assert "12" in index.data(Qt.ItemDataRole.AccessibleTextRole)


def test_new_counts_change_no_rows(model, qtbot):
    with qtbot.assertNotEmitted(model.rowsInserted), qtbot.assertNotEmitted(model.rowsRemoved):
        model.show(home_places(PlaceCounts(runs=1)))

    assert model.index_of(RUNS).data(PlaceRole).count == "1"


def test_places_come_and_go(model):
    model.show({Section.TAGS: [place("a"), place("b")]})
    model.show({Section.TAGS: [place("b"), place("c")]})

    assert [p.key for p in model.places(Section.TAGS)] == ["b", "c"]
    assert not model.index_of((PlaceKind.TAG, "a")).isValid()
    model.show({Section.TAGS: []})
    assert model.rowCount(model.section_index(Section.TAGS)) == 0


def test_a_list_with_a_filter_that_is_not_understood_says_so():
    counts = PlaceCounts(lists={"Bad": None})

    places = filter_places(counts, [SavedList("Bad", "loss <")])[Section.LISTS]

    assert places[-1].count == "?"
    assert "not understood" in places[-1].tip


def test_the_open_home_is_not_among_the_recent_ones():
    homes = [Path("/u/a/.guild"), Path("/u/b")]

    places = recent_places(homes, Path("/u/b"), Path("/u"))[Section.HOMES]

    assert [(p.title, p.tip) for p in places] == [("a", "Open ~/a/.guild in this window")]


def test_empty_sections_are_hidden(view, model):
    def is_hidden(section: Section) -> bool:
        return view.isRowHidden(model.section_index(section).row(), model.index_of(("", "")))

    assert is_hidden(Section.TAGS)
    model.show({Section.TAGS: [place("paper")]})
    assert not is_hidden(Section.TAGS)


def test_a_click_chooses_a_place(view, model, qtbot):
    rect = view.visualRect(model.index_of(TRASH))

    with qtbot.waitSignal(view.place_chosen) as caught:
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())

    assert caught.args[0].kind is PlaceKind.TRASH
    assert view.current_place().kind is PlaceKind.TRASH


def test_the_right_button_asks_for_the_menu_of_a_place_and_goes_nowhere(view, model, qtbot):
    chosen, before = [], view.current_place()
    view.place_chosen.connect(chosen.append)
    rect = view.visualRect(model.index_of(TRASH))

    qtbot.mouseClick(view.viewport(), Qt.MouseButton.RightButton, pos=rect.center())
    with qtbot.waitSignal(view.menu_requested) as caught:
        view.customContextMenuRequested.emit(rect.center())

    assert caught.args[0].kind is PlaceKind.TRASH
    assert not chosen
    assert view.current_place() == before


def test_the_arrow_keys_choose_places_and_pass_over_headings(view, model, qtbot):
    model.show({Section.TAGS: [place("paper")]})
    chosen = []
    view.place_chosen.connect(lambda p: chosen.append(p.name))

    qtbot.keyClick(view, Qt.Key.Key_Down)
    qtbot.keyClick(view, Qt.Key.Key_Down)
    qtbot.keyClick(view, Qt.Key.Key_Up)

    assert chosen == [TRASH, (PlaceKind.TAG, "paper"), TRASH]


def test_a_home_needs_a_click_or_enter(view, model, qtbot):
    model.show({Section.HOMES: [place("/other", PlaceKind.HOME)]})
    opened = []
    view.home_chosen.connect(lambda p: opened.append(p.key))

    qtbot.keyClick(view, Qt.Key.Key_Down)
    qtbot.keyClick(view, Qt.Key.Key_Down)
    assert view.current_place().kind is PlaceKind.HOME
    assert opened == []
    qtbot.keyClick(view, Qt.Key.Key_Return)

    assert opened == ["/other"]


def test_the_marked_place_stays_while_others_come_and_go(view, model, qtbot):
    model.show({Section.TAGS: [place("a"), place("b")]})
    view.mark((PlaceKind.TAG, "b"))

    with qtbot.assertNotEmitted(view.place_chosen):
        model.show({Section.TAGS: [place("b"), place("c")]})
        assert view.current_place().key == "b"
        model.show({Section.TAGS: [place("c")]})
        assert view.current_place() is None
        model.show({Section.TAGS: [place("b")]})

    assert view.current_place().key == "b"


def test_the_keyboard_does_not_choose_a_place_while_the_marked_one_is_not_there_yet(
    view, model, qtbot
):
    chosen = []
    view.place_chosen.connect(chosen.append)
    view.mark((PlaceKind.TAG, "new"))

    view.setFocus()
    view.focusInEvent(QFocusEvent(QEvent.Type.FocusIn))
    assert view.currentIndex().isValid()
    assert chosen == []

    model.show({Section.TAGS: [place("new")]})
    assert view.current_place().key == "new"
    assert chosen == []


def test_marking_a_place_does_not_choose_it(view, qtbot):
    with qtbot.assertNotEmitted(view.place_chosen):
        view.mark(TRASH)

    assert view.current_place().kind is PlaceKind.TRASH


def test_f2_asks_for_another_name_of_a_place(view, model, qtbot):
    model.show({Section.LISTS: [place("Mine", PlaceKind.OWN_LIST)]})
    view.mark((PlaceKind.OWN_LIST, "Mine"))
    with qtbot.waitSignal(view.name_requested) as asked:
        qtbot.keyClick(view, Qt.Key.Key_F2)

    assert asked.args[0].title == "Mine"
