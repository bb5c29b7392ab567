import os
import shutil
from pathlib import Path

import pytest

from core.home import Home
from core.index.file_notices import FileNotices
from core.index.index import RunIndex
from core.index.watch import SWEEP_SECONDS, TOLD_PASSES, Watch
from tests.support.runs import make_run

A, B, C = "a" * 32, "b" * 32, "c" * 32
OLD = 1_600_000_000


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path / "home")
    for run_id in (A, B):
        run_dir = make_run(home.runs_dir, run_id, attrs={"label": "old", "tags": '["x"]'})
        for root, dirs, files in os.walk(run_dir):
            for name in (*dirs, *files, "."):
                os.utime(Path(root, name), (OLD, OLD))
    return home


@pytest.fixture
def index(home):
    index = RunIndex(home, None)
    assert any(index.refresh())
    yield index
    index.close()


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def changed_within(watch, clock, seconds):
    """Slots that a watch tells of while its clock goes on so far."""
    found = set()
    for _ in range(int(seconds / 0.25)):
        clock.now += 0.25
        for changes in watch.step():
            found |= {*changes.changed, *changes.added}
    return found


@pytest.mark.parametrize("waited", [0, 1, 2, 3])
def test_edit_in_place_is_seen_in_every_pass(home, index, waited):
    clock = Clock()
    watch = Watch(index, clock)
    changed_within(watch, clock, waited * SWEEP_SECONDS)

    (home.runs_dir / A / ".guild" / "attrs" / "label").write_text("new")

    assert changed_within(watch, clock, SWEEP_SECONDS + 0.5) == {index.columns.slot_of(A)}
    assert index.columns.value("label", index.columns.slot_of(A)) == "new"


@pytest.mark.parametrize("waited", [1, 2])
def test_mark_is_seen_within_two_passes(home, index, waited):
    clock = Clock()
    watch = Watch(index, clock)
    changed_within(watch, clock, waited * SWEEP_SECONDS)

    (home.runs_dir / B / ".guild" / "attrs" / "marked").write_text("true")

    assert changed_within(watch, clock, 2 * SWEEP_SECONDS + 0.5) == {index.columns.slot_of(B)}


def test_run_that_begins_to_run_is_looked_at_each_second(home, index):
    clock = Clock()
    watch = Watch(index, clock)
    changed_within(watch, clock, 2 * SWEEP_SECONDS)
    run_dir = home.runs_dir / A
    (run_dir / ".guild" / "LOCK").write_text(str(os.getppid()))
    changed_within(watch, clock, 2 * SWEEP_SECONDS + 0.5)
    assert index.columns.value("status", index.columns.slot_of(A)) == "running"

    (run_dir / ".guild" / "LOCK").unlink()

    assert changed_within(watch, clock, 1.0) == {index.columns.slot_of(A)}


@pytest.fixture
def told(home, index):
    """A watch that the system tells of every run, after its first two passes, and its clock."""
    clock = Clock()
    watch = Watch(index, clock, FileNotices(lambda path: "ext4"))
    changed_within(watch, clock, 2 * SWEEP_SECONDS)
    yield watch, clock
    watch.close()


@pytest.mark.parametrize(("name", "text"), [("label", "new"), ("marked", "true")])
def test_edit_that_the_system_tells_of_is_read_at_once(home, index, told, name, text):
    watch, clock = told

    (home.runs_dir / B / ".guild" / "attrs" / name).write_text(text)

    assert changed_within(watch, clock, 0.25) == {index.columns.slot_of(B)}


def test_start_that_is_set_right_by_hand_is_read(home, index, told):
    watch, clock = told
    path = home.runs_dir / A / ".guild" / "attrs" / "started"
    path.write_text("1600000000000000")  # the first one comes: that moves a directory's time
    changed_within(watch, clock, 5.0)

    path.write_text("1600000000000001")

    assert changed_within(watch, clock, 0.25) == {index.columns.slot_of(A)}
    assert index.columns.value("started", index.columns.slot_of(A)) == 1600000000000001


def test_what_the_system_cannot_tell_is_found_in_time(home, index, told):
    watch, clock = told
    label = home.runs_dir / A / ".guild" / "attrs" / "label"
    beside = home.path / "other name"
    os.link(label, beside)
    changed_within(watch, clock, 2.5)

    beside.write_text("new")

    assert changed_within(watch, clock, 0.25) == set()
    assert changed_within(watch, clock, (TOLD_PASSES + 1) * SWEEP_SECONDS) == {
        index.columns.slot_of(A)
    }


def test_run_that_is_put_in_the_place_of_another_is_read_at_once(home, index, told):
    watch, clock = told
    make_run(home.path / "incoming", A, attrs={"label": "other"})
    (home.runs_dir / A).rename(home.path / "away")

    (home.path / "incoming" / A).rename(home.runs_dir / A)

    slot = index.columns.slot_of(A)
    assert changed_within(watch, clock, 0.25) == {slot}
    assert index.columns.value("label", slot) == "other"

    changed_within(watch, clock, 2 * SWEEP_SECONDS)
    (home.runs_dir / A / ".guild" / "attrs" / "label").write_text("new")

    assert changed_within(watch, clock, 0.25) == {slot}


@pytest.fixture
def unlisted(index, told, monkeypatch):
    """The same watch, and nothing is listed any more."""

    def no_listing():
        raise AssertionError("All runs were listed.")

    monkeypatch.setattr(index.arrivals, "listed", no_listing)
    return told


def test_runs_that_come_and_go_are_told_without_a_listing(home, index, unlisted):
    watch, clock = unlisted
    new = make_run(home.runs_dir, C)
    (home.runs_dir / A).rename(home.path / "away")

    assert changed_within(watch, clock, 0.25) == {index.columns.slot_of(C)}
    assert index.columns.slot_of(A) is None

    new.rename(home.runs_dir / A)

    assert changed_within(watch, clock, 0.25) == {index.columns.slot_of(A)}
    assert index.columns.slot_of(C) is None


def test_directory_becomes_a_run_later_and_hidden_ones_never_do(home, index, unlisted):
    watch, clock = unlisted
    (home.runs_dir / C).mkdir()
    make_run(home.runs_dir, ".hidden")
    assert changed_within(watch, clock, 0.25) == set()

    make_run(home.runs_dir, C)

    assert changed_within(watch, clock, 0.25) == {index.columns.slot_of(C)}
    assert index.columns.count() == 3


def test_run_that_goes_to_a_trash_there_was_not_yet_is_found(home, index, told):
    watch, clock = told
    assert not home.trash_dir.exists()
    home.trash_dir.mkdir(parents=True)
    (home.runs_dir / A).rename(home.trash_dir / A)

    changed_within(watch, clock, 0.5)

    assert index.columns.slot_of(A) is None
    assert index.columns.slot_of(A, deleted=True) is not None


@pytest.mark.parametrize("part", ["", ".guild", ".guild/opref"])
def test_run_that_is_none_any_more_is_gone_until_it_is_one_again(home, index, told, part):
    watch, clock = told
    run_dir = home.runs_dir / A
    (run_dir / part).rename(home.path / "away")
    if not part:
        run_dir.write_text("no run")

    changed_within(watch, clock, (TOLD_PASSES + 1) * SWEEP_SECONDS)

    assert index.columns.slot_of(A) is None

    run_dir.unlink() if not part else None
    (home.path / "away").rename(run_dir / part)

    assert changed_within(watch, clock, 15.0) == {index.columns.slot_of(A)}


def test_directory_becomes_a_run_while_others_come_all_the_time(home, index, unlisted):
    watch, clock = unlisted
    (home.runs_dir / C).mkdir()
    changed_within(watch, clock, 0.25)
    make_run(home.runs_dir, C)
    make_run(home.runs_dir, "d" * 32)

    changed_within(watch, clock, 0.25)

    assert index.columns.slot_of(C) is not None


@pytest.mark.parametrize("part", ["runs", f"runs/{A}/.guild"])
def test_edits_are_told_where_what_holds_the_run_was_replaced(home, index, told, part):
    watch, clock = told
    shutil.copytree(home.path / part, home.path / "other")
    (home.path / part).rename(home.path / "away")
    (home.path / "other").rename(home.path / part)
    changed_within(watch, clock, (TOLD_PASSES + 1) * SWEEP_SECONDS)

    (home.runs_dir / A / ".guild" / "attrs" / "label").write_text("new")

    assert changed_within(watch, clock, 0.25) == {index.columns.slot_of(A)}


def test_run_that_comes_while_the_others_cannot_be_looked_at_is_found_after_that(
    open_dir, as_ordinary_user
):
    home, clock = Home(open_dir / "home"), Clock()
    make_run(home.runs_dir, A)
    index = RunIndex(home, None)
    watch = Watch(index, clock, FileNotices(lambda path: "ext4"))
    changed_within(watch, clock, 2 * SWEEP_SECONDS)
    home.runs_dir.chmod(0)
    with as_ordinary_user():
        changed_within(watch, clock, 1.0)
    make_run(home.runs_dir, B)
    with as_ordinary_user():
        changed_within(watch, clock, 1.0)
        assert index.problem

    home.runs_dir.chmod(0o755)

    with as_ordinary_user():
        assert changed_within(watch, clock, 1.25) == {index.columns.slot_of(B)}
    watch.close()
    index.close()


def test_many_that_come_at_once_are_found_by_a_listing(home, index, told, monkeypatch):
    watch, clock = told
    monkeypatch.setattr("core.index.watch.MOST_ENTRIES", 2)
    for letter in "cdef":
        make_run(home.runs_dir, letter * 32)

    assert len(changed_within(watch, clock, 0.5)) == 4


def test_directory_of_runs_in_the_place_of_another_is_listed_and_told_of(home, index, told):
    watch, clock = told
    make_run(home.path / "others", C)
    home.runs_dir.rename(home.path / "away")
    (home.path / "others").rename(home.runs_dir)

    assert changed_within(watch, clock, 0.25) == {index.columns.slot_of(C)}
    assert index.columns.count() == 1

    make_run(home.path / "away", "d" * 32)
    make_run(home.runs_dir, "e" * 32)

    assert changed_within(watch, clock, 0.5) == {index.columns.slot_of("e" * 32)}
    assert index.columns.count() == 2


def test_edits_beyond_what_the_system_can_tell_are_found_in_the_next_pass(home, index, told):
    watch, clock = told
    directory = home.runs_dir / A / ".guild" / "attrs"
    most = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    files = [os.open(directory / name, os.O_WRONLY) for name in ("label", "tags")]
    for number in range(most + 10):
        os.pwrite(files[number % 2], b"x", 0)
    for file in files:
        os.close(file)
    (home.runs_dir / B / ".guild" / "attrs" / "label").write_text("new")
    make_run(home.runs_dir, C)

    found = changed_within(watch, clock, 2 * SWEEP_SECONDS + 0.5)

    assert found == {index.columns.slot_of(run_id) for run_id in (A, B, C)}


def test_edits_are_told_after_many_runs_were_being_changed(home, index, told):
    watch, clock = told

    (home.runs_dir / A / ".guild" / "attrs" / "label").write_text("new")
    clock.now += 0.25
    assert not any(watch.step(only_urgent=True))

    assert changed_within(watch, clock, 0.25) == {index.columns.slot_of(A)}


def test_looks_that_take_long_come_more_seldom(home, index, monkeypatch):
    clock = Clock()
    watch = Watch(index, clock)
    times = iter(range(10_000))
    monkeypatch.setattr("core.index.watch.time.thread_time", lambda: 40.0 * next(times))
    changed_within(watch, clock, SWEEP_SECONDS)
    label = home.runs_dir / A / ".guild" / "attrs" / "label"
    label.write_text("new")

    # By then it is known that looking at one of the two runs takes 0.8 s at the least.
    assert changed_within(watch, clock, SWEEP_SECONDS) == set()
    assert changed_within(watch, clock, 300) == {index.columns.slot_of(A)}
