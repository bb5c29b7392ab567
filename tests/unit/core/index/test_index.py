import json
import os
import shutil
import sqlite3
import time
from pathlib import Path

import pytest

from core.home import Home
from core.index.documents import is_whole
from core.index.index import RunIndex
from core.index.reading import WORTH_PROCESSES
from core.index.schema import Cache, cache_file
from core.index.watch import Watch
from core.runs.run_json import run_document
from core.runs.store import Store
from tests.support.patience import PATIENCE
from tests.support.runs import make_run

A, B, C = "a" * 32, "b" * 32, "c" * 32
OLD = 1_600_000_000


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path / "home")


@pytest.fixture
def open_index(home, tmp_path):
    opened = []

    def make(cache=tmp_path / "cache"):
        index = RunIndex(home, cache)
        opened.append(index)
        return index

    yield make
    for index in opened:
        index.close()


def age(run_dir):
    """Let the files be old, so that nothing waits for a second look."""
    for root, dirs, files in os.walk(run_dir):
        for name in (*dirs, *files, "."):
            os.utime(Path(root, name), (OLD, OLD))


def labels(index):
    columns = index.columns
    return {columns.value("id", slot)[0]: columns.value("label", slot) for slot in columns.slots()}


def settle(index):
    changes = [part for part in index.refresh() if part]
    return changes


def test_what_is_on_disk_is_in_the_columns(home, open_index):
    make_run(home.runs_dir, A, attrs={"label": "one", "flags": "lr: 0.1"})
    make_run(home.trash_dir, B, attrs={"label": "two"})
    index = open_index()

    settle(index)

    assert labels(index) == {"a": "one"}
    assert index.columns.slots(deleted=True) == [index.columns.slot_of(B, True)]
    assert index.columns.flag_names() == {"lr": 1}


def test_second_start_knows_all_before_it_looks(home, open_index):
    age(make_run(home.runs_dir, A, attrs={"label": "one", "flags": "lr: 0.1"}))
    first = open_index()
    settle(first)
    first.close()

    second = open_index()
    loaded = second.load()

    assert labels(second) == {"a": "one"}
    assert len(loaded.added) == 1
    assert second.columns.flag_names() == {"lr": 1}
    assert settle(second) == []


@pytest.mark.parametrize("name", ["label", "tags", "comments"])
def test_edit_in_place_is_seen(home, open_index, name):
    run_dir = make_run(home.runs_dir, A, attrs={name: "- body: old"})
    age(run_dir)
    index = open_index()
    settle(index)
    path = run_dir / ".guild" / "attrs" / name
    with path.open("r+") as file:
        file.write("- body: new\n")
    os.utime(path, (OLD, OLD))

    (change,) = settle(index)

    assert len(change.changed) == 1


@pytest.mark.parametrize(
    "edit",
    [
        lambda run: (run / ".guild" / "attrs" / "marked").write_text("true\n"),
        lambda run: (run / ".guild" / "attrs" / "label").unlink(),
        lambda run: (run / ".guild" / "attrs" / "exit_status").write_text("0\n"),
        lambda run: (run / ".guild" / "STAGED").touch(),
        lambda run: (run / ".guild" / "attrs" / "label").write_text("other\n"),
    ],
)
def test_change_of_a_run_is_seen(home, open_index, edit):
    run_dir = make_run(home.runs_dir, A, attrs={"label": "old"})
    age(run_dir)
    index = open_index()
    settle(index)

    edit(run_dir)

    assert [len(part.changed) for part in settle(index)] == [1]


def test_new_and_gone_and_deleted_runs_are_seen(home, open_index):
    make_run(home.runs_dir, A)
    make_run(home.runs_dir, B, attrs={"label": "b"})
    index = open_index()
    settle(index)

    shutil.rmtree(home.runs_dir / A)
    home.trash_dir.mkdir(parents=True)
    (home.runs_dir / B).rename(home.trash_dir / B)
    make_run(home.runs_dir, C)
    settle(index)

    assert labels(index) == {"c": None}
    assert index.columns.value("label", index.columns.slot_of(B, True)) == "b"


def test_many_runs_are_read_by_processes_and_are_the_same(home, open_index):
    count = WORTH_PROCESSES + 50
    for number in range(count):
        make_run(
            home.runs_dir, f"{number:032x}", attrs={"label": f"l{number}", "flags": f"n: {number}"}
        )
    index = open_index()

    parts = settle(index)

    store = Store(home.runs_dir)
    assert sum(len(part.added) for part in parts) == count
    for number in (0, 1, count - 1):
        run_id = f"{number:032x}"
        slot = index.columns.slot_of(run_id)
        assert index.columns.run(slot, home.runs_dir) == store.read(run_id).__class__(
            **{
                name: getattr(store.read(run_id), name)
                for name in store.read(run_id).__slots__
                if name not in ("cmd", "deps")
            }
        )


def test_documents_are_those_of_the_runs(home, open_index):
    make_run(home.runs_dir, A, attrs={"label": "é", "flags": "lr: .nan\nx: 1", "exit_status": "0"})
    index = open_index()
    settle(index)

    (text,) = index.json_documents(index.columns.slots())

    assert text == json.dumps(run_document(Store(home.runs_dir).read(A)))


def test_document_is_made_when_nothing_is_kept(home, open_index):
    make_run(home.runs_dir, A, attrs={"label": "x"})
    index = open_index(cache=None)
    settle(index)

    (text,) = index.json_documents(index.columns.slots())

    assert json.loads(text)["label"] == "x"


def test_huge_attribute_is_not_kept_and_that_is_said(home, open_index):
    huge = "note: " + "x" * 2_000_000
    make_run(home.runs_dir, A, attrs={"label": "one", "flags": huge, "comments": "[]"})
    index = open_index()

    settle(index)

    slot = index.columns.slot_of(A)
    assert index.columns.value("label", slot) == "one"
    assert index.columns.flags(slot) == {}
    assert "attribute flags is larger than 1 MB" in index.columns.value("problem", slot)
    assert len(next(index.json_documents([slot]))) < 10_000
    assert len(Store(home.runs_dir).read(A).flags["note"]) == 2_000_000


@pytest.mark.parametrize("damage", ["garbage", "truncated", "version", "directory"])
def test_unusable_cache_costs_nothing_but_time(home, open_index, tmp_path, damage):
    make_run(home.runs_dir, A, attrs={"label": "one"})
    first = open_index()
    settle(first)
    first.close()
    file = cache_file(tmp_path / "cache", home.path)
    if damage == "garbage":
        file.write_bytes(b"no database" * 500)
    elif damage == "truncated":
        file.write_bytes(file.read_bytes()[:5000])
    elif damage == "version":
        connection = sqlite3.connect(file)
        connection.execute("PRAGMA user_version = 999")
        connection.close()
    else:
        file.unlink()
        file.mkdir()

    index = open_index()
    index.load()
    settle(index)

    assert labels(index) == {"a": "one"}
    assert bool(index.cache_problem) == (damage == "directory")


@pytest.mark.parametrize("damage", ["page", "text"])
def test_damaged_documents_are_made_again_and_heal(home, open_index, tmp_path, damage):
    for number in range(40):
        attrs = {"label": str(number), "flags": f"text: {'x' * 4000}"}
        make_run(home.runs_dir, f"{number:032x}", attrs=attrs)
    first = open_index()
    settle(first)
    first.close()
    file = cache_file(tmp_path / "cache", home.path)
    connection = sqlite3.connect(file)
    if damage == "text":
        connection.execute("UPDATE document SET text = 'nonsense'")
    connection.commit()
    page = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'document'")
    root, size = page.fetchone()[0], connection.execute("PRAGMA page_size").fetchone()[0]
    connection.close()
    if damage == "page":
        with file.open("r+b") as data:
            data.seek((root - 1) * size)
            data.write(b"\xfe" * size)

    index = open_index()
    index.load()
    documents = [json.loads(text) for text in index.json_documents(index.columns.slots())]
    index.close()

    assert sorted(int(each["label"]) for each in documents) == list(range(40))
    if damage == "page":  # a new file took the place of the damaged one
        again = open_index()
        again.load()
        settle(again)
        assert len(again._cache.documents(deleted=False)) == 40
        assert again.cache_problem == ""


def test_cache_locked_by_another_program_is_said(home, tmp_path, monkeypatch):
    monkeypatch.setattr("core.index.schema.BUSY_SECONDS", 0.05)
    file = tmp_path / "cache.sqlite"
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")

    cache = Cache(file)
    found = cache.fields(["id"])

    assert found == {"id": []}
    assert "another program keeps it locked" in cache.problem
    holder.close()


def test_cache_that_is_locked_keeps_nobody_from_making_an_index(home, tmp_path, monkeypatch):
    monkeypatch.setattr("core.index.schema.BUSY_SECONDS", PATIENCE)
    file = cache_file(tmp_path / "cache", home.path)
    file.parent.mkdir()
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")

    begin = time.monotonic()
    index = RunIndex(home, tmp_path / "cache")

    assert time.monotonic() - begin < PATIENCE / 2
    holder.close()
    index.close()


@pytest.fixture
def writer(home, open_index, tmp_path):
    """Another program that writes into the cache of a home with one run, and does not end."""
    make_run(home.runs_dir, A, attrs={"label": "one"})
    age(home.runs_dir)
    first = open_index()
    settle(first)
    first.close()
    holder = sqlite3.connect(cache_file(tmp_path / "cache", home.path), isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    yield holder
    holder.close()


def documents_of(index):
    texts = [json.loads(text) for text in index.json_documents(index.columns.slots())]
    return {text["id"][0]: text["label"] for text in texts}


def test_rows_do_not_wait_for_another_program_that_writes(home, open_index, writer, monkeypatch):
    monkeypatch.setattr("core.index.schema.BUSY_SECONDS", PATIENCE)
    (home.runs_dir / A / ".guild" / "attrs" / "label").write_text("changed")
    make_run(home.runs_dir, B, attrs={"label": "two"})
    index = open_index()
    index.load()

    begin = time.monotonic()
    settle(index)

    assert time.monotonic() - begin < PATIENCE / 2
    assert labels(index) == {"a": "changed", "b": "two"}
    assert documents_of(index) == {"a": "changed", "b": "two"}
    assert index.cache_problem == ""


def test_what_could_not_be_written_is_written_later(home, open_index, writer):
    (home.runs_dir / A / ".guild" / "attrs" / "label").write_text("changed")
    index = open_index()
    index.load()
    settle(index)
    writer.execute("ROLLBACK")
    index._cache._late._not_before = 0.0

    index.write_late()

    assert not index._cache._late
    assert writer.execute("SELECT label FROM run").fetchall() == [("changed",)]


def test_what_was_never_written_is_read_again_at_the_next_start(home, open_index, writer):
    (home.runs_dir / A / ".guild" / "attrs" / "label").write_text("changed")
    first = open_index()
    first.load()
    settle(first)
    first.close()
    writer.execute("ROLLBACK")

    index = open_index()
    index.load()
    known = labels(index)
    settle(index)

    assert known == {"a": "one"}
    assert labels(index) == {"a": "changed"}


def test_last_writes_are_carried_out_when_the_index_is_closed(home, open_index, writer):
    (home.runs_dir / A / ".guild" / "attrs" / "label").write_text("changed")
    index = open_index()
    index.load()
    settle(index)
    writer.execute("ROLLBACK")

    index.close()

    assert writer.execute("SELECT label FROM run").fetchall() == [("changed",)]


def test_moves_that_wait_are_known_to_who_asks_for_documents(home, open_index, writer):
    index = open_index()
    index.load()
    home.trash_dir.mkdir(parents=True)
    (home.runs_dir / A).rename(home.trash_dir / A)

    index.note_moved([A], to_trash=True)

    assert index._cache.documents(deleted=False) == {}
    assert index._cache.documents(deleted=True) == {A: ""}
    writer.execute("ROLLBACK")
    index._cache.write_late(100)
    assert index._cache.documents(deleted=False) == {}
    assert is_whole(index._cache.documents(deleted=True)[A])


def test_too_many_waiting_writes_are_given_up(home, open_index, writer, monkeypatch):
    monkeypatch.setattr("core.index.late_writes.MOST_ROWS", 0)
    (home.runs_dir / A / ".guild" / "attrs" / "label").write_text("changed")
    index = open_index()
    index.load()

    settle(index)

    assert labels(index) == {"a": "changed"}
    assert "another program keeps it locked" in index.cache_problem


def test_two_indexes_on_one_home_agree(home, open_index):
    make_run(home.runs_dir, A, attrs={"label": "one"})
    first, second = open_index(), open_index()

    settle(first)
    settle(second)

    assert labels(first) == labels(second)


def test_empty_attribute_while_it_is_written_keeps_the_old_value(home, open_index):
    run_dir = make_run(home.runs_dir, A, attrs={"label": "old"})
    index = open_index()
    settle(index)
    label = run_dir / ".guild" / "attrs" / "label"

    label.write_text("")
    assert settle(index) == []
    assert labels(index) == {"a": "old"}
    label.write_text("new\n")
    index.reread(index.due(time.monotonic() + 1))

    assert labels(index) == {"a": "new"}


def test_home_that_vanishes_keeps_its_rows_and_returns(home, open_index):
    make_run(home.runs_dir, A, attrs={"label": "one"})
    index = open_index()
    settle(index)

    home.path.rename(home.path.with_name("away"))
    settle(index)

    assert labels(index) == {"a": "one"}
    assert "is not there now" in index.problem

    home.path.with_name("away").rename(home.path)
    settle(index)

    assert index.problem == ""


def remove(runs_dir):
    runs_dir.rename(runs_dir.with_name("elsewhere"))


def replace_by_file(runs_dir):
    remove(runs_dir)
    runs_dir.write_text("no directory")


def replace_by_dead_link(runs_dir):
    remove(runs_dir)
    runs_dir.symlink_to("nowhere")


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        (remove, "The directory {} is not there now; what is shown is what was last seen."),
        (replace_by_file, "Cannot list {}: it is not a directory."),
        (replace_by_dead_link, "Cannot list {}: it is a link that leads nowhere."),
    ],
)
def test_runs_directory_that_goes_keeps_its_rows_and_returns(home, open_index, harm, sentence):
    make_run(home.runs_dir, A, attrs={"label": "one"})
    index = open_index()
    settle(index)

    harm(home.runs_dir)
    settle(index)

    assert labels(index) == {"a": "one"}
    assert index.problem == sentence.format(home.runs_dir)

    if os.path.lexists(home.runs_dir):
        home.runs_dir.unlink()
    home.runs_dir.with_name("elsewhere").rename(home.runs_dir)
    settle(index)

    assert (index.problem, labels(index)) == ("", {"a": "one"})


def test_home_that_never_had_runs_has_no_problem(home, open_index):
    home.path.mkdir()
    index = open_index()

    settle(index)

    assert index.problem == ""


def test_trash_that_cannot_be_listed_is_told_while_runs_are_followed(home, open_index):
    make_run(home.runs_dir, A, attrs={"label": "one"})
    make_run(home.trash_dir, B, attrs={"label": "two"})
    index = open_index()
    settle(index)

    replace_by_file(home.trash_dir)
    (home.runs_dir / A / ".guild" / "attrs" / "label").write_text("new\n")
    settle(index)

    assert labels(index) == {"a": "new"}
    assert index.columns.slot_of(B, True) is not None
    assert index.problem == f"Cannot list {home.trash_dir}: it is not a directory."
    assert index.problem_of(deleted=False) == ""


def test_run_whose_opref_comes_late_is_seen(home, open_index):
    index = open_index()
    home.runs_dir.mkdir(parents=True)
    settle(index)
    watch = Watch(index)
    list(watch.step())
    run_dir = make_run(home.runs_dir, A, opref=None)
    list(watch.step())

    (run_dir / ".guild" / "opref").write_text("script:/p '' '' x.py")
    list(watch.step())
    list(watch.step())

    assert labels(index) == {"a": None}


def test_names_that_sqlite_cannot_hold_are_read_each_time(home, open_index):
    make_run(home.runs_dir, os.fsdecode(b"run-\xff"), attrs={"label": '"\\uD800"'})
    first = open_index()
    settle(first)
    first.close()

    second = open_index()
    second.load()
    settle(second)

    assert len(second.columns.slots()) == 1
    assert first.cache_problem == ""


def test_running_run_ends_when_its_process_is_gone(home, open_index):
    import subprocess

    process = subprocess.Popen(["sleep", "60"])
    make_run(home.runs_dir, A, files={".guild/LOCK": str(process.pid)})
    index = open_index()
    settle(index)
    slot = index.columns.slot_of(A)
    assert (index.columns.value("status", slot), index.columns.value("pid", slot)) == (
        "running",
        process.pid,
    )

    process.kill()
    process.wait()
    settle(index)

    assert index.columns.value("status", slot) == "error"


def test_trial_read_before_its_batch_is_told_of_it(home, open_index):
    make_run(home.runs_dir, B)
    index = open_index()
    settle(index)
    batch = make_run(home.runs_dir, A, files={".guild/proto/.guild/opref": "script:/p '' '' x"})
    (batch / B).symlink_to(f"../{B}")

    changes = settle(index)

    trial = index.columns.slot_of(B)
    assert any(trial in part.changed for part in changes)
    assert index.columns.value("batch", trial) == A


def test_home_in_a_loop_of_links_shows_no_new_runs(home, open_index):
    make_run(home.runs_dir, A, attrs={"label": "one"})
    (home.runs_dir / B).mkdir()
    index = open_index()
    settle(index)
    shutil.rmtree(home.path)
    home.path.symlink_to(home.path.name)

    assert index.arrivals.of_strangers() == []
    assert labels(index) == {"a": "one"}


@pytest.mark.parametrize("rights", [0o000, 0o400])
def test_runs_that_may_not_be_listed_for_a_while_stay_known(
    open_dir, as_ordinary_user, tmp_path, rights
):
    home = Home(open_dir / "home")
    make_run(home.runs_dir, A, attrs={"label": "one"})
    index = RunIndex(home, tmp_path / "cache")
    settle(index)
    home.runs_dir.chmod(rights)

    with as_ordinary_user():
        settle(index)

    assert labels(index) == {"a": "one"}
    assert index.problem.startswith(f"Cannot list {home.runs_dir}: Permission denied")
    home.runs_dir.chmod(0o755)
    settle(index)
    assert (index.problem, labels(index)) == ("", {"a": "one"})
    index.close()
