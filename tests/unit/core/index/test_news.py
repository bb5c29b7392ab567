import shutil
import time

import pytest

from core.errors import Cancelled
from core.home import Home
from core.index.index import AGAIN_SECONDS, RunIndex
from core.index.news import MANY, PORTION, News, take_news
from core.runs.change import FileEdit, SetLabel, apply
from core.runs.store import Store
from tests.support.runs import make_run

A, B, C = "a" * 32, "b" * 32, "c" * 32


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path / "home")


@pytest.fixture
def index(home, tmp_path):
    opened = RunIndex(home, tmp_path / "cache")
    yield opened
    opened.close()


def settle(index):
    for _ in index.refresh():
        pass


def take(index, news):
    return [changes for changes in take_news(index, news) if changes]


def move(home, run_id, name=""):
    home.trash_dir.mkdir(parents=True, exist_ok=True)
    shutil.move(home.runs_dir / run_id, home.trash_dir / (name or run_id))


def known(index, *, deleted=False):
    columns = index.columns
    return {columns.value("id", s): columns.value("label", s) for s in columns.slots(deleted)}


def test_a_run_that_was_changed_says_something_else_at_once(home, index):
    run_dir = make_run(home.runs_dir, A, attrs={"label": "one"})
    settle(index)
    (run_dir / ".guild" / "attrs" / "label").write_text("two")

    (changes,) = take(index, News(touched=((False, A),)))

    assert changes.changed == (index.columns.slot_of(A),)
    assert known(index) == {A: "two"}


def test_a_run_that_was_moved_is_in_the_other_place_with_all_it_says(home, index):
    make_run(home.runs_dir, A, attrs={"label": "one", "flags": "lr: 0.1\nday: 2020-01-02"})
    settle(index)
    before = index.columns.run(index.columns.slot_of(A))
    move(home, A)

    (changes,) = take(index, News(moved=((A, A),)))

    assert len(changes.added) == len(changes.removed) == 1
    assert known(index) == {}
    assert index.columns.run(index.columns.slot_of(A, deleted=True)) == before


def test_a_run_that_came_back_is_in_its_place_again(home, index):
    make_run(home.trash_dir, A, attrs={"label": "one"})
    settle(index)
    home.runs_dir.mkdir(parents=True, exist_ok=True)
    shutil.move(home.trash_dir / A, home.runs_dir / A)

    take(index, News(moved=((A, A),), to_trash=False))

    assert known(index) == {A: "one"}
    assert known(index, deleted=True) == {}


def test_the_cache_knows_where_a_moved_run_is(home, index, tmp_path):
    make_run(home.runs_dir, A, attrs={"label": "one"})
    settle(index)
    move(home, A)
    take(index, News(moved=((A, A),)))
    index.close()

    again = RunIndex(home, tmp_path / "cache")
    again.load()
    documents = list(again.json_documents(again.columns.slots(deleted=True)))
    again.close()

    assert known(again) == {}
    assert known(again, deleted=True) == {A: "one"}
    assert f'"id": "{A}"' in documents[0]
    assert str(home.trash_dir) in documents[0]


def test_the_next_sweep_finds_nothing_new_of_a_moved_run(home, index):
    make_run(home.runs_dir, A, attrs={"label": "one"})
    settle(index)
    move(home, A)
    take(index, News(moved=((A, A),)))

    assert [changes for changes in index.refresh() if changes] == []


def test_a_run_that_was_renamed_on_its_way_is_read_under_its_new_name(home, index):
    make_run(home.runs_dir, A, attrs={"label": "one"})
    settle(index)
    move(home, A, B)

    take(index, News(moved=((A, B),)))

    assert known(index) == {}
    assert known(index, deleted=True) == {B: "one"}


def test_a_move_of_which_the_sweep_heard_first_changes_nothing(home, index):
    make_run(home.runs_dir, A, attrs={"label": "one"})
    settle(index)
    move(home, A)
    settle(index)

    assert take(index, News(moved=((A, A),))) == []
    assert known(index, deleted=True) == {A: "one"}


def test_runs_nobody_knew_are_read_and_gone_ones_forgotten(home, index):
    make_run(home.runs_dir, A, attrs={"label": "one"})
    settle(index)
    make_run(home.runs_dir, B, attrs={"label": "new"})
    shutil.rmtree(home.runs_dir / A)

    take(index, News(touched=((False, A), (False, B), (True, C))))

    assert known(index) == {B: "new"}


def test_runs_of_a_home_that_is_not_there_now_are_kept(home, index):
    make_run(home.runs_dir, A, attrs={"label": "one"})
    settle(index)
    home.path.rename(home.path.with_name("away"))

    assert take(index, News(touched=((False, A),))) == []
    assert known(index) == {A: "one"}


def test_many_moves_can_be_stopped_between_portions(home, index):
    ids = [f"{number:032x}" for number in range(PORTION + 1)]
    for run_id in ids:
        make_run(home.runs_dir, run_id)
    settle(index)
    for run_id in ids:
        move(home, run_id)
    looks = iter([None])

    def check():
        if next(looks, Cancelled) is Cancelled:
            raise Cancelled

    parts = take_news(index, News(moved=tuple((i, i) for i in ids)), check)
    first = next(parts)

    assert len(first.added) == PORTION
    with pytest.raises(Cancelled):
        next(parts)
    assert len(index.columns.slots()) == 1


def label_many(home, index, count=MANY):
    ids = [f"{number:032x}" for number in range(count)]
    for run_id in ids:
        make_run(home.runs_dir, run_id, attrs={"label": "one", "flags": "lr: 0.1"})
    settle(index)
    change = SetLabel("two")
    return apply(Store(home.runs_dir), ids, change, advance=lambda _: None).edits


def never_read(monkeypatch, index):
    def read(keys, _check):
        assert not keys
        return iter(())

    monkeypatch.setattr(index, "read_new", read)


def test_many_runs_say_what_was_written_without_being_read(home, index, monkeypatch):
    edits = label_many(home, index)
    never_read(monkeypatch, index)

    (changes,) = take(index, News(written=edits))

    assert sorted(changes.changed) == sorted(index.columns.slots())
    assert set(known(index).values()) == {"two"}
    assert index.columns.values("flag:lr") == [0.1] * MANY


def test_few_runs_that_were_written_are_read_at_once(home, index):
    edits = label_many(home, index, 2)
    (home.runs_dir / edits[0].run_id / ".guild" / "attrs" / "label").write_text("three")

    take(index, News(written=edits))

    assert sorted(known(index).values()) == ["three", "two"]


def test_runs_that_were_written_are_read_once_and_not_before_they_rest(home, index):
    take(index, News(written=label_many(home, index)))
    slots = index.columns.slots()
    signatures = list(index.columns.stored("signature"))
    assert index.changed_among(slots) == []

    due = index.due(time.monotonic() + AGAIN_SECONDS + 1)
    index.reread(due)

    assert sorted(due) == sorted(slots)
    assert index.changed_among(slots) == []
    assert all(a != b for a, b in zip(signatures, index.columns.stored("signature"), strict=True))


def test_what_others_wrote_right_after_us_is_found_when_runs_are_read(home, index):
    edits = label_many(home, index)
    take(index, News(written=edits))
    (home.runs_dir / edits[5].run_id / ".guild" / "attrs" / "label").write_text("theirs")

    index.reread(index.due(time.monotonic() + AGAIN_SECONDS + 1))

    assert known(index)[edits[5].run_id] == "theirs"


def test_a_cache_that_was_closed_before_runs_were_read_is_not_believed(home, index, tmp_path):
    take(index, News(written=label_many(home, index)))
    index.close()

    again = RunIndex(home, tmp_path / "cache")
    again.load()
    settle(again)
    again.close()

    assert set(known(again).values()) == {"two"}


def test_written_runs_that_are_unknown_or_say_more_are_looked_at(home, index):
    edits = label_many(home, index)
    strange = edits[1].run_id
    (home.runs_dir / strange / ".guild" / "attrs" / "label").write_text("read")
    make_run(home.runs_dir, A, attrs={"label": "new"})
    more = (FileEdit(strange, "odd", None, b"1\n"), FileEdit(A, "label", None, b"new\n"))

    take(index, News(written=(*edits, *more)))

    assert known(index)[strange] == "read"
    assert known(index)[A] == "new"


def test_flags_and_texts_go_along_with_runs_that_are_moved(home, index):
    make_run(home.runs_dir, A, attrs={"label": "one", "flags": "lr: 0.1\nname: resnet"})
    make_run(home.runs_dir, B, attrs={"flags": "depth: 3"})
    settle(index)
    index.columns.texts()
    move(home, A)

    take(index, News(moved=((A, A),)))

    (slot,) = index.columns.slots(deleted=True)
    assert index.columns.flags(slot) == {"lr": 0.1, "name": "resnet"}
    assert "name=resnet" in index.columns.texts()[slot]
    assert index.columns.flag_names() == {"depth": 1}
