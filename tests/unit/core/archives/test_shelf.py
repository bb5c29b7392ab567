from __future__ import annotations

import os
import shutil
import threading
import time
import zipfile
from pathlib import Path

import pytest

from core.archives import shelf_look
from core.archives.export import ExportOptions, export_runs
from core.archives.shelf import Shelf, archive_shelf
from core.archives.shelf_look import ShelfLook
from core.archives.source import open_source
from core.check import go_on
from core.compare.series import SeriesCache
from core.errors import ArchiveError, Cancelled, RunError
from core.home import Home
from core.runs.contents import DirectoryContents
from core.runs.tfevents import EventWriter
from core.scratch import Scratch
from tests.support.archives import FORMS, zip_runs
from tests.support.patience import PATIENCE
from tests.support.runs import make_run

BATCH, TRIAL, OLD = "a" * 32, "b" * 32, "c" * 32
PICTURE = b"\x89PNG\r\n\x1a\n" + b"0" * 40


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A batch with its trial, which has some of everything, and a run of an older Guild."""
    home = Home(tmp_path_factory.mktemp("home"))
    make_run(
        home.runs_dir,
        BATCH,
        files={
            ".guild/proto/.guild/opref": "guildfile:/p/guild.yml 0a m train",
            ".guild/proto/.guild/attrs/flags": "lr: [1, 2]",
        },
    )
    (home.runs_dir / BATCH / TRIAL).symlink_to(f"../{TRIAL}")
    trial = make_run(
        home.runs_dir,
        TRIAL,
        attrs={
            "flags": "lr: 0.1\nname: x",
            "user_flags": "lr: 0.1",
            "label": "the trial",
            "started": "1700000000000000",
            "exit_status": "0",
            "comments": "- body: good\n  user: ann\n  time: 1700000000000000",
        },
        files={
            "train.py": "print(1)\n",
            "data/set10.csv": "a,b\n1,2\n",
            "data/set9.csv": "a,b\n",
            "picture.png": PICTURE.decode("latin-1"),
            ".guild/manifest": "s train.py 0a train.py\n",
            ".guild/output": "one\ntwo\nthree\n",
        },
    )
    (trial / "picture.png").write_bytes(PICTURE)
    times = b"".join(
        (1_700_000_000_000 + n).to_bytes(8, "little") + bytes([n == 1]) for n in range(3)
    )
    (trial / ".guild" / "output.index").write_bytes(times)
    with EventWriter(str(trial / ".guild" / "events.out.tfevents.1.box")) as writer:
        for step in range(5):
            writer.add(step, [("loss", 1 / (step + 1))])
    make_run(home.runs_dir, OLD, files={".guild/sourcecode/m/train.py": "old"})
    return home


@pytest.fixture(params=["zip", "tar", "tar.gz", "tar.zst", "zip of a home"])
def shelf(request, home, tmp_path):
    """The same runs in an archive, read."""
    path = FORMS[request.param](home.runs_dir, tmp_path)
    yield from _opened(path, tmp_path)


@pytest.fixture
def zip_shelf(home, tmp_path):
    yield from _opened(zip_runs(home.runs_dir, tmp_path / "a.runs.zip"), tmp_path)


def _opened(path, tmp_path):
    scratch = Scratch(tmp_path / "scratch")
    shelf = archive_shelf(path, scratch)
    for _ in shelf.read(go_on):
        pass
    yield shelf
    shelf.close()
    scratch.close()


def both(shelf, home, run_id):
    return shelf.contents(run_id), DirectoryContents(home.runs_dir / run_id, home.trash_dir)


def test_all_runs_are_known_and_then_their_scalars(shelf, home):
    columns = shelf.columns
    assert set(columns.stored("id")) == {BATCH, TRIAL, OLD}
    assert columns.value("label", columns.slot_of(TRIAL)) == "the trial"
    assert columns.value("batch", columns.slot_of(TRIAL)) == BATCH
    assert not columns.scalars(columns.slot_of(TRIAL))

    changed = [slot for changes in shelf.sweep(go_on) for slot in changes.changed]

    assert set(changed) == {columns.slot_of(run_id) for run_id in (BATCH, TRIAL, OLD)}
    files = [p for p in (home.runs_dir / OLD).rglob("*") if p.is_file()]
    assert columns.value("size", columns.slot_of(OLD)) == sum(p.stat().st_size for p in files)
    assert columns.scalars(columns.slot_of(TRIAL))["loss"].last == pytest.approx(0.2)


@pytest.mark.parametrize("run_id", [BATCH, TRIAL, OLD])
def test_an_archived_run_says_what_it_says_in_a_home(shelf, home, run_id):
    there, here = both(shelf, home, run_id)

    assert there.flags(go_on) == here.flags(go_on)
    assert there.attributes(go_on) == here.attributes(go_on)
    assert there.source(go_on) == here.source(go_on)
    assert there.run(go_on).comments == here.run(go_on).comments
    assert there.run(go_on).label == here.run(go_on).label
    for linked in (False, True):
        found, known = (each.scalars(None, go_on, linked=linked) for each in (there, here))
        assert list(found.summaries.items()) == list(known.summaries.items())
        assert found.problem == known.problem == ""
    assert bool(known.summaries) == (run_id != OLD)


def test_the_overview_is_that_of_a_home(shelf, home):
    for run_id in (BATCH, TRIAL):
        there, here = (each.details(None, go_on) for each in both(shelf, home, run_id))
        assert there.tail == here.tail
        assert there.source_files == here.source_files
        assert there.user_flags == here.user_flags
        assert there.run.status == here.run.status
        assert [r.id for r in there.related] == [r.id for r in here.related]
        assert [r.run.label for r in there.related] == [r.run.label for r in here.related]


def test_a_curve_is_read(shelf, home):
    there, here = both(shelf, home, TRIAL)

    assert there.series("loss", go_on) == here.series("loss", go_on)
    assert list(there.series("loss", go_on).steps) == [0, 1, 2, 3, 4]


def test_the_curve_of_a_trial_is_that_of_its_batch(shelf, home):
    there, here = both(shelf, home, BATCH)

    for key in there.scalars(None, go_on).summaries:
        assert there.series(key, go_on) == here.series(key, go_on)
        assert len(there.series(key, go_on).steps) == 5
    assert not there.series("loss", go_on).steps
    assert not there.series(f"{OLD}/.guild#loss", go_on).steps


def test_a_plot_of_a_batch_has_its_trials(shelf, home):
    keys = [f"{TRIAL}/.guild#loss", f"{TRIAL}#loss", "loss", f"{OLD}/.guild#loss"]
    found = shelf.series(BATCH, keys, go_on)
    known = SeriesCache().read(home.runs_dir / BATCH, keys)

    assert set(found) >= set(known) == {keys[0]}
    assert list(found[keys[0]].values) == list(known[keys[0]].values)
    assert shelf.series(TRIAL, ["loss"], go_on)["loss"].steps[-1] == 4


def test_a_trial_that_is_not_there_has_no_scalars(home, tmp_path):
    export_runs(home, [BATCH, OLD], tmp_path / "a.zip", ExportOptions())
    for shelf in _opened(tmp_path / "a.zip", tmp_path):
        assert shelf.contents(BATCH).scalars(None, go_on) == shelf.contents(BATCH).scalars(
            None, go_on, linked=False
        )


def test_a_trial_that_cannot_be_read_is_named(home, tmp_path):
    path = zip_runs(home.runs_dir, tmp_path / "a.zip", method=zipfile.ZIP_STORED)
    events = next((home.runs_dir / TRIAL / ".guild").glob("events*")).read_bytes()
    data = path.read_bytes()
    at = data.index(events) + 30
    path.write_bytes(data[:at] + b"?" + data[at + 1 :])
    for shelf in _opened(path, tmp_path):
        reading = shelf.contents(BATCH).scalars(None, go_on)
        assert TRIAL[:8] in reading.problem
        assert "checksum" in reading.problem


def test_output_is_read_with_streams_and_times(shelf, home):
    there, here = (each.output() for each in both(shelf, home, TRIAL))

    assert list(there.extend(go_on))[-1].lines == 3
    list(here.extend(go_on))
    assert there.window(0, 0, 9, go_on).lines == here.window(0, 0, 9, go_on).lines
    assert there.last(1, go_on).lines[0].text == "three"
    assert there.next_stderr(0, go_on) == here.next_stderr(0, go_on) == 4
    assert not there.is_running()


def test_a_run_without_output_says_so(shelf):
    assert "There is no output" in list(shelf.contents(OLD).output().extend(go_on))[-1].problem


def test_files_are_listed_directory_by_directory(shelf, home):
    there, here = both(shelf, home, TRIAL)
    for path in ("", "data"):
        found, wanted = there.listing(path, go_on, 100), here.listing(path, go_on, 100)
        assert [(e.path, e.kind, e.shape, e.size) for e in found.entries] == [
            (e.path, e.kind, e.shape, e.size) for e in wanted.entries
        ]
    assert "1 of 2 files in data" in there.listing("data", go_on, 1).problem


def test_a_link_to_another_run_leads_there(shelf):
    links = [e for e in shelf.contents(BATCH).listing("", go_on, 100).entries if e.run_id]

    assert [link.run_id for link in links] == [TRIAL]


@pytest.mark.parametrize("name", ["train.py", "data/set10.csv", "picture.png", ".guild/output"])
def test_a_file_looks_as_it_does_in_a_home(shelf, home, name):
    there, here = both(shelf, home, TRIAL)

    assert there.preview(name, 1 << 16, go_on) == here.preview(name, 1 << 16, go_on)


def test_a_file_that_is_not_there_is_told(shelf):
    with pytest.raises(RunError, match="Cannot read nothing: there is no file nothing in run bbbb"):
        shelf.contents(TRIAL).preview("nothing", 100, go_on)


def test_only_what_is_asked_for_is_copied_and_goes_at_the_end(zip_shelf, tmp_path):
    def copies():
        return {p.name for p in (tmp_path / "scratch").rglob("*") if p.is_file()}

    zip_shelf.contents(TRIAL).flags(go_on)
    assert "output" not in copies()
    assert "train.py" not in copies()
    zip_shelf.contents(TRIAL).output().last(1, go_on)
    assert "output" in copies()

    zip_shelf.close()

    assert not copies()


def test_only_the_runs_looked_at_last_are_kept(home, tmp_path):
    many = tmp_path / "many"
    ids = [f"{n:032x}" for n in range(20)]
    for run_id in ids:
        make_run(many, run_id)
    for shelf in _opened(zip_runs(many, tmp_path / "a.zip"), tmp_path):
        for run_id in ids:
            shelf.contents(run_id).flags(go_on)
        kept = {p.name for p in (tmp_path / "scratch").rglob("*") if p.name in ids}
        assert kept == set(ids[-12:])


def test_a_directory_is_read_where_it_is(home, tmp_path):
    for shelf in _opened(home.runs_dir, tmp_path):
        assert shelf.is_on_disk
        assert shelf.run_dir(TRIAL) == home.runs_dir / TRIAL
        assert shelf.contents(TRIAL).listing("data", go_on, 9).entries
        assert not (tmp_path / "scratch").exists()


def test_a_run_that_is_refused_says_why_to_every_question(tmp_path):
    path = tmp_path / "bad.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{TRIAL}/.guild/opref", "guildfile:/p 0a m train")
        archive.writestr(f"{TRIAL}/../../out", "x")
        archive.writestr(f"{TRIAL}/x/../y", "x")
    for shelf in _opened(path, tmp_path):
        contents = shelf.contents(TRIAL)
        for ask, *more in (
            (contents.flags, go_on),
            (contents.scalars, None, go_on),
            (contents.listing, "", go_on, 9),
            (contents.attributes, go_on),
        ):
            with pytest.raises(ArchiveError, match="is refused"):
                ask(*more)
        assert "is refused" in list(contents.output().extend(go_on))[-1].problem
    assert not list(tmp_path.glob("*out*"))


def test_a_damaged_file_of_a_run_is_named(home, tmp_path):
    path = zip_runs(home.runs_dir, tmp_path / "a.zip", method=zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    data[data.index(b"one\ntwo") + 1] ^= 1
    path.write_bytes(data)
    for shelf in _opened(path, tmp_path):
        problem = list(shelf.contents(TRIAL).output().extend(go_on))[-1].problem
        assert ".guild/output of run bbbbbbbb is damaged" in problem


def test_reading_again_sees_what_is_new_and_what_is_gone(home, tmp_path):
    runs = tmp_path / "runs"
    make_run(runs, BATCH)
    make_run(runs, OLD)
    path = zip_runs(runs, tmp_path / "a.zip")
    for shelf in _opened(path, tmp_path):
        look = ShelfLook(shelf, path)
        before = look()
        shutil.rmtree(runs / OLD)
        make_run(runs, TRIAL, attrs={"label": "new"})
        path.unlink()
        zip_runs(runs, path)

        for _ in shelf.read(go_on):
            pass

        columns = shelf.columns
        assert look() != before
        assert columns.slot_of(OLD) is None
        assert columns.value("label", columns.slot_of(TRIAL)) == "new"
        assert columns.count() == 2


def test_what_is_known_stays_when_the_archive_is_gone(zip_shelf, tmp_path):
    (tmp_path / "a.runs.zip").unlink()

    with pytest.raises(ArchiveError, match="Cannot open"):
        list(zip_shelf.read(go_on))

    assert zip_shelf.columns.count() == 3
    assert zip_shelf.contents(TRIAL).run(go_on).label == "the trial"


def test_whoever_asks_goes_before_the_sweep(zip_shelf):
    """The sweep over all runs waits while a question about one run waits for its turn."""
    asked, answered = threading.Event(), []

    def ask():
        asked.set()
        with zip_shelf.using(go_on):
            answered.append(time.monotonic())

    with zip_shelf.using(go_on):
        asking = threading.Thread(target=ask)
        asking.start()
        asked.wait()
        while not zip_shelf._turns._waiting:
            time.sleep(0.001)
        sweeping = threading.Thread(
            target=lambda: [*zip_shelf.sweep(go_on), answered.append("sweep")]
        )
        sweeping.start()
    asking.join()
    sweeping.join()

    assert answered[-1] == "sweep"
    assert len(answered) == 2


def test_waiting_for_the_turn_can_be_cancelled(zip_shelf):
    def stop():
        raise Cancelled

    def wait():
        try:
            with zip_shelf.using(stop):
                raise AssertionError("it is in use")
        except Cancelled:
            stopped.set()

    stopped = threading.Event()
    with zip_shelf.using(go_on):
        thread = threading.Thread(target=wait)
        thread.start()
        assert stopped.wait(PATIENCE)
    thread.join()


def test_a_shelf_needs_no_file_on_this_disk(home, tmp_path):
    """As another machine is one: all it needs is a source."""
    scratch = Scratch(tmp_path / "scratch")
    shelf = Shelf("gpu1", lambda check: open_source(home.runs_dir, check=check), scratch)
    assert shelf.file is None
    assert shelf.run_dir(TRIAL) == Path("gpu1", TRIAL)
    with pytest.raises(ArchiveError, match="gpu1 is not open"):
        shelf.contents(TRIAL).flags(go_on)

    for _ in shelf.read(go_on):
        pass

    assert shelf.columns.count() == 3
    shelf.close()
    scratch.close()


def test_an_export_of_ours_is_a_shelf(home, tmp_path):
    path = tmp_path / "x.runs.tar.zst"
    export_runs(home, [BATCH, TRIAL], path, ExportOptions("tar.zst"))
    for shelf in _opened(path, tmp_path):
        assert shelf.columns.count() == 2
        assert shelf.contents(TRIAL).series("loss", go_on).values[0] == 1
        assert os.fspath(shelf.run_dir(TRIAL)).startswith(os.fspath(path))


@pytest.fixture
def looked_at(tmp_path):
    """A directory of runs that is a shelf, and the look at it."""
    runs = tmp_path / "out"
    for run_id in (BATCH, TRIAL, OLD):
        make_run(runs, run_id, attrs={"label": "a"})
    for shelf in _opened(runs, tmp_path):
        yield ShelfLook(shelf, runs), runs


def test_a_look_tells_of_a_label_that_was_edited_in_place(looked_at):
    look, runs = looked_at
    before = look()
    assert look() == before

    (runs / TRIAL / ".guild" / "attrs" / "label").write_text("something longer")

    assert look() != before
    assert look() == look()


def test_a_look_tells_of_runs_that_come_and_go(looked_at):
    look, runs = looked_at
    before = look()

    shutil.rmtree(runs / OLD)

    assert look() != before


def test_each_run_is_compared_once_in_some_looks(looked_at, monkeypatch):
    look, runs = looked_at
    monkeypatch.setattr(shelf_look, "MOST_RUNS", 1)
    for _ in range(3):
        before = look()

    (runs / OLD / ".guild" / "attrs" / "label").write_text("something longer")

    assert before != [look() for _ in range(3)][-1]


def test_a_look_at_a_home_tells_of_a_new_run(tmp_path):
    make_run(tmp_path / "home" / "runs", OLD)
    for shelf in _opened(tmp_path / "home", tmp_path):
        look = ShelfLook(shelf, tmp_path / "home")
        before = look()

        make_run(tmp_path / "home" / "runs", TRIAL)

        assert look() != before
