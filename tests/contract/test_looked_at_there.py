"""Who looks at a run that goes on at a server sees it go on, and only what is new of it travels."""

import os
import shutil
from contextlib import contextmanager
from pathlib import PurePosixPath

import pytest

from core.archives import growing_copy
from core.archives.growing_copy import MOST_WHOLE, TAIL_BYTES
from core.errors import Error
from core.runs.tfevents import EventWriter
from core.scratch import Scratch
from remote.catalog import Catalog, CatalogShelf
from remote.connection import go_on
from remote.errors import RemoteError
from remote.remote_home import open_remote_home
from remote.remote_source import RemoteSource
from remote.sftp_channel import SftpChannel
from remote.sftp_files import SftpFiles
from tests.support.two_homes import make_full_run

A, B = "a" * 32, "b" * 32
EVENTS = ".guild/events.out.tfevents.0001.host"


class Looked:
    """A run that goes on there, and what a window asks of it."""

    def __init__(self, homes, shelf, run_dir, process):
        self.homes = homes
        self.shelf = shelf
        self.run_dir = run_dir
        self.process = process
        self.contents = shelf.contents(A)
        self.reader = self.contents.output()

    def write(self, data, name=".guild/output"):
        with (self.run_dir / name).open("ab") as file:
            file.write(data)

    def state(self):
        """What a look at the output says, without waiting until it is time for one."""
        self.reader._due = 0.0
        self.shelf._copies._due.clear()
        return list(self.reader.extend(go_on))[-1]

    def lines(self, count=3):
        return [line.text for line in self.reader.last(count, go_on).lines]

    def copied(self):
        return self.shelf._copies.has(A, "facts")

    def details(self):
        self.shelf._copies._due.clear()
        return self.contents.details(None, go_on)

    def scalars(self):
        self.shelf._copies._due.clear()
        return self.contents.scalars(None, go_on).summaries

    def finish(self):
        """End well, as an operation does."""
        self.process.kill()
        self.process.wait()
        (self.run_dir / ".guild/attrs/exit_status").write_text("0\n")
        (self.run_dir / ".guild/LOCK").unlink()

    def status(self, run_id=A):
        """What the table shows."""
        columns = self.shelf.columns
        return columns.stored("status")[columns.slot_of(run_id)]


@pytest.fixture
def make_looked(homes, start_operation, tmp_path):
    """Begins a run there that has written this output."""
    shelves = []

    def make(output=b"step 1\n"):
        run_dir = make_full_run(homes.there.runs_dir, A)
        (run_dir / ".guild/attrs/exit_status").unlink()
        for name in (".guild/output", ".guild/output.index", EVENTS):
            (run_dir / name).unlink(missing_ok=True)
        (run_dir / ".guild/output").write_bytes(output)
        process = start_operation(run_dir)

        def open_(check):
            connection = homes.connect(homes.server)
            return RemoteSource(open_remote_home(connection, homes.path, check=check), check)

        shelf = CatalogShelf("box", open_, Scratch(tmp_path / "scratch"), Catalog(tmp_path, "", ""))
        shelves.append(shelf)
        list(shelf.read(go_on))
        return Looked(homes, shelf, run_dir, process)

    yield make
    for shelf in shelves:
        shelf.close()


@pytest.fixture
def fetched(monkeypatch):
    """Bytes of each file that travelled, by its name."""
    found = {}
    real = SftpFiles.fetch

    def counting(files, wanted, check=go_on):
        wanted = list(wanted)
        for each in wanted:
            name = PurePosixPath(each.path).name
            found[name] = found.get(name, 0) + each.size - each.offset
        return real(files, wanted, check)

    monkeypatch.setattr(SftpFiles, "fetch", counting)
    return found


@contextmanager
def breaths(monkeypatch):
    """Counts how often SFTP sends what it has, to wait for the answers."""
    sent = []
    real = SftpChannel._flush

    def counting(channel, check):
        sent.append(bytes(channel._out))
        return real(channel, check)

    with monkeypatch.context() as patched:
        patched.setattr(SftpChannel, "_flush", counting)
        yield sent


# Output


def test_new_lines_of_output_are_seen_and_nothing_travels_twice(make_looked, fetched):
    looked = make_looked(b"".join(b"line %06d\n" % n for n in range(20_000)))
    before = looked.state()
    assert looked.reader.is_running()
    first = fetched["output"]
    looked.write(b"the last one\n")

    now = looked.state()

    assert now.generation == before.generation
    assert now.lines == 20_001
    assert looked.lines(2) == ["line 019999", "the last one"]
    assert fetched["output"] - first == len("the last one\n") + growing_copy._OVERLAP


def test_a_look_at_output_that_did_not_grow_is_one_question_and_one_answer(
    make_looked, fetched, monkeypatch
):
    looked = make_looked()
    looked.state()
    looked.state()
    fetched.clear()

    with breaths(monkeypatch) as sent:
        looked.state()

    assert len(sent) == 1
    assert fetched == {}


def test_who_looks_twice_within_a_moment_asks_the_server_once(make_looked, monkeypatch):
    looked = make_looked()
    looked.state()

    with breaths(monkeypatch) as sent:
        for _ in range(20):
            list(looked.reader.extend(go_on))

    assert sent == []


def test_of_long_output_the_end_is_shown_and_the_rest_is_said_to_be_left_out(make_looked, fetched):
    line = b"x" * 99 + b"\n"
    count = (MOST_WHOLE + TAIL_BYTES) // 100 + 1
    looked = make_looked(line * count + b"the end\n")

    state = looked.state()

    assert fetched["output"] <= TAIL_BYTES
    assert state.left_out + state.size == 100 * count + len("the end\n")
    assert state.size <= TAIL_BYTES
    assert looked.lines(2) == ["x" * 99, "the end"]
    assert looked.reader.window(0, 0, 0, go_on).lines[0].text == "x" * 99
    assert [line.text for line in looked.details().tail][-1] == "the end"


def test_the_end_of_long_output_grows(make_looked, fetched):
    looked = make_looked(b"x" * (MOST_WHOLE + 1) + b"\n" + b"old\n")
    before = looked.state()
    first = fetched["output"]
    looked.write(b"new\n")

    now = looked.state()

    assert (now.generation, now.left_out) == (before.generation, before.left_out)
    assert looked.lines(2) == ["old", "new"]
    assert fetched["output"] - first <= growing_copy._OVERLAP + 4


def test_the_rest_of_long_output_comes_when_it_is_wanted(make_looked):
    looked = make_looked(b"first\n" + b"x" * (MOST_WHOLE + 1) + b"\nlast\n")
    assert looked.state().left_out

    looked.reader.read_all(go_on)

    state = looked.state()
    assert (state.left_out, state.lines) == (0, 3)
    assert looked.reader.window(0, 0, 0, go_on).lines[0].text == "first"
    looked.write(b"more\n")
    assert looked.state().left_out == 0
    assert looked.lines(2) == ["last", "more"]


def test_much_new_output_at_once_is_shown_from_its_end_too(make_looked, fetched):
    looked = make_looked()
    looked.state()
    looked.write(b"y" * (MOST_WHOLE + 10) + b"\nthe end\n")
    fetched.clear()

    state = looked.state()

    assert fetched["output"] <= TAIL_BYTES
    assert state.left_out > 0
    assert looked.lines(1) == ["the end"]


def test_a_file_that_became_enormous_is_not_brought(make_looked, fetched):
    looked = make_looked()
    looked.write(b"", EVENTS)
    assert looked.scalars() == {}
    os.truncate(looked.run_dir / EVENTS, 2 << 30)
    fetched.clear()

    with pytest.raises(Error, match=r"are 2\.1 GB: too large for a look"):
        looked.scalars()

    assert PurePosixPath(EVENTS).name not in fetched
    assert looked.lines(1) == ["step 1"]


def test_a_file_that_became_a_directory_and_a_file_again_is_seen(make_looked):
    looked = make_looked()
    odd = looked.run_dir / ".guild/odd"
    looked.details()
    (odd / "inner").mkdir(parents=True)
    (odd / "inner/file").write_text("1")
    looked.details()
    shutil.rmtree(odd)
    odd.write_text("2")

    looked.details()
    assert (looked.copied() / ".guild/odd").read_text() == "2"

    odd.unlink()
    odd.mkdir()
    (odd / "file").write_text("3")
    looked.details()
    assert (looked.copied() / ".guild/odd/file").read_text() == "3"


def test_output_that_was_begun_anew_is_shown_anew(make_looked):
    looked = make_looked(b"one\ntwo\nthree\n")
    before = looked.state()
    (looked.run_dir / ".guild/output").write_bytes(b"again\n")

    now = looked.state()

    assert now.generation != before.generation
    assert looked.lines() == ["again"]


def test_other_output_of_greater_length_is_found_out(make_looked):
    looked = make_looked(b"one\ntwo\n")
    looked.state()
    (looked.run_dir / ".guild/output").write_bytes(b"another beginning\nand more\n")

    looked.state()

    assert looked.lines() == ["another beginning", "and more"]


def test_what_was_written_at_the_very_end_is_seen(make_looked):
    looked = make_looked()
    looked.state()
    assert looked.reader.is_running()
    looked.write(b"good bye\n")
    looked.finish()

    looked.state()

    assert looked.lines() == ["step 1", "good bye"]
    assert not looked.reader.is_running()


def test_a_lost_connection_is_said_and_what_is_here_stays_and_goes_on_later(make_looked):
    looked = make_looked()
    looked.state()
    looked.homes.server.stop()
    with looked.shelf.using(go_on) as source:
        source._home.connection._transport.close()

    assert looked.state().note == "not connected"
    assert looked.lines() == ["step 1"]

    looked.homes.server.start()
    looked.write(b"step 2\n")
    list(looked.shelf.read(go_on))
    assert looked.state().note == ""
    assert looked.lines() == ["step 1", "step 2"]


# Scalars and overview


def add_scalars(looked, steps):
    with EventWriter(str(looked.run_dir / EVENTS)) as writer:
        for step in steps:
            writer.add(step, [("loss", 1.0 / (step + 1))])


def test_event_files_that_grew_are_seen_and_nothing_travels_twice(make_looked, fetched):
    looked = make_looked()
    add_scalars(looked, range(2_000))
    assert looked.scalars()["loss"].count == 2_000
    size = (looked.run_dir / EVENTS).stat().st_size
    name = PurePosixPath(EVENTS).name
    first = fetched[name]
    with EventWriter(str(looked.run_dir / "other.tfevents.x")) as writer:
        writer.add(9_999, [("loss", 7.0)])
    more = (looked.run_dir / "other.tfevents.x").read_bytes()
    (looked.run_dir / "other.tfevents.x").unlink()
    looked.write(more, EVENTS)

    found = looked.scalars()["loss"]

    assert (found.count, found.last_step, found.last) == (2_001, 9_999, 7.0)
    assert fetched[name] - first == len(more) + growing_copy._OVERLAP
    assert len(more) + growing_copy._OVERLAP < size / 10
    assert looked.contents.series("loss", go_on).values[-1] == 7.0


def test_a_new_event_file_is_found(make_looked):
    looked = make_looked()
    assert looked.scalars() == {}
    add_scalars(looked, range(3))

    assert looked.scalars()["loss"].count == 3


def test_small_files_that_did_not_change_do_not_travel_again(make_looked, fetched):
    looked = make_looked()
    details = looked.details()
    assert details.is_followed
    assert details.run.status == "running"
    fetched.clear()
    (looked.run_dir / ".guild/attrs/label").write_text("changed meanwhile\n")

    assert looked.details().run.label == "changed meanwhile"

    assert fetched == {"label": len("changed meanwhile\n")}


def test_another_listing_does_not_bring_again_what_is_here(make_looked, fetched):
    looked = make_looked(b"z" * 100_000 + b"\n")
    add_scalars(looked, range(500))
    looked.details()
    looked.scalars()
    generation = looked.state().generation
    list(looked.shelf.read(go_on))
    fetched.clear()

    looked.details()
    looked.scalars()

    assert looked.state().generation == generation
    assert sum(fetched.values()) <= 2 * growing_copy._OVERLAP


# The table


def test_a_run_that_ended_is_shown_so_at_the_next_look(make_looked):
    looked = make_looked()
    assert looked.status() == "running"
    assert list(looked.shelf.look_at_running(go_on)) == []
    looked.finish()

    changes = list(looked.shelf.look_at_running(go_on))

    assert looked.shelf.columns.slot_of(A) in changes[0].changed
    assert looked.status() == "completed"
    assert list(looked.shelf.look_at_running(go_on)) == []


def test_a_process_that_was_killed_is_noticed_where_processes_are_shown(make_looked):
    looked = make_looked()
    looked.process.kill()
    looked.process.wait()

    list(looked.shelf.look_at_running(go_on))

    with looked.shelf.using(go_on) as source:
        shows = source._listing.alive() is not None
    assert looked.status() == ("error" if shows else "running")
    assert looked.details().run.status == looked.status()


def test_one_question_tells_of_all_runs_that_are_running(make_looked, start_operation, monkeypatch):
    looked = make_looked()
    for number in range(20):
        run_dir = make_full_run(looked.homes.there.runs_dir, f"{number:032x}")
        (run_dir / ".guild/attrs/exit_status").unlink()
        (run_dir / ".guild/LOCK").write_text(str(looked.process.pid))
    list(looked.shelf.read(go_on))

    assert list(looked.shelf.look_at_running(go_on)) == []  # with the names: one may have come

    with breaths(monkeypatch) as sent:
        assert list(looked.shelf.look_at_running(go_on)) == []

    assert len(sent) == 1


def test_a_run_that_comes_is_shown_at_the_next_look(make_looked):
    looked = make_looked()
    assert list(looked.shelf.look_at_running(go_on)) == []
    make_full_run(looked.homes.there.runs_dir, B)
    os.utime(looked.homes.there.runs_dir, (1, 1))  # SFTP tells whole seconds

    changes = list(looked.shelf.look_at_running(go_on))

    columns = looked.shelf.columns
    assert changes[0].added == (columns.slot_of(B),)
    assert columns.value("status", columns.slot_of(B)) == "completed"
    with looked.shelf.using(go_on) as source:
        assert source.ids() == [A, B]


def test_a_run_that_comes_in_pieces_is_shown_when_it_is_one(make_looked):
    looked = make_looked()
    (looked.homes.there.runs_dir / B).mkdir()
    assert not any(looked.shelf.look_at_running(go_on))
    shutil.rmtree(looked.homes.there.runs_dir / B)

    make_full_run(looked.homes.there.runs_dir, B)
    list(looked.shelf.look_at_running(go_on))

    assert looked.shelf.columns.slot_of(B) is not None


def test_a_run_that_comes_while_others_are_listed_is_shown_at_the_first_look(make_looked):
    looked = make_looked()
    make_full_run(looked.homes.there.runs_dir, B)

    list(looked.shelf.look_at_running(go_on))

    assert looked.shelf.columns.slot_of(B) is not None


def test_a_run_that_goes_is_shown_no_more(make_looked):
    looked = make_looked()
    make_full_run(looked.homes.there.runs_dir, B)
    list(looked.shelf.read(go_on))
    list(looked.shelf.look_at_running(go_on))
    shutil.rmtree(looked.homes.there.runs_dir / B)
    os.utime(looked.homes.there.runs_dir, (1, 1))

    changes = list(looked.shelf.look_at_running(go_on))

    assert len(changes[0].removed) == 1
    assert looked.shelf.columns.slot_of(B) is None
    with looked.shelf.using(go_on) as source:
        assert source.ids() == [A]


def test_where_the_connection_is_lost_looking_says_nothing(make_looked):
    looked = make_looked()
    looked.homes.server.stop()
    with looked.shelf.using(go_on) as source:
        source._home.connection._transport.close()
        with pytest.raises(RemoteError):
            source.ended([A], go_on)

    assert list(looked.shelf.look_at_running(go_on)) == []
    with pytest.raises(Error):
        looked.details()


# What the next start shows at once


def test_what_was_forgotten_or_has_ended_is_kept_so_for_the_next_start(make_looked, tmp_path):
    looked = make_looked()
    make_full_run(looked.homes.there.runs_dir, B)
    list(looked.shelf.read(go_on))
    looked.finish()
    list(looked.shelf.look_at_running(go_on))
    list(looked.shelf.forget([B]))

    looked.shelf.close()

    kept = {row.id: row.status for row in Catalog(tmp_path, "", "").load()}
    assert kept == {A: "completed"}


# The scalars in the table


def swept(looked):
    """What the table shows of a scalar once it was looked through."""
    list(looked.shelf.read(go_on))
    list(looked.shelf.sweep(go_on))
    columns = looked.shelf.columns
    return columns.value("scalar:last:loss", columns.slot_of(A))


def test_event_files_that_are_the_same_are_not_fetched_for_the_table_again(make_looked, fetched):
    looked = make_looked()
    add_scalars(looked, range(50))
    first = swept(looked)
    assert first is not None
    fetched.clear()

    assert swept(looked) == first

    assert PurePosixPath(EVENTS).name not in fetched


def test_event_files_that_grew_are_read_for_the_table_again(make_looked):
    looked = make_looked()
    add_scalars(looked, range(50))
    first = swept(looked)
    with EventWriter(str(looked.run_dir / "other.tfevents.x")) as writer:
        writer.add(99, [("loss", 7.0)])
    looked.write((looked.run_dir / "other.tfevents.x").read_bytes(), EVENTS)
    (looked.run_dir / "other.tfevents.x").unlink()

    assert swept(looked) == 7.0 != first
