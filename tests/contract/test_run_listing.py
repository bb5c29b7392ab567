"""The runs of every kind of server are listed, and their rows tell what the runs here would."""

import os

import pytest
from msgspec.structs import replace

from core.errors import RunNotFound
from core.runs.store import Store
from core.scratch import Scratch
from remote.catalog import Catalog, CatalogShelf
from remote.errors import RemoteRefused
from remote.listing import Listing
from remote.remote_home import open_remote_home
from remote.remote_source import RemoteSource
from tests.support.runs import make_run
from tests.support.two_homes import KINDS, TwoHomes

A, B, C = "a" * 32, "b" * 32, "c" * 32
ATTRS = {
    "exit_status": "0",
    "started": "1700000000000000",
    "stopped": "1700000001000000",
    "initialized": "1699999999000000",
    "label": "first try",
    "tags": "- good\n- old",
    "marked": "true",
    "comments": "- body: |-\n    two\n    lines\n  time: 1700000002000000\n  user: ada",
    "flags": "lr: 0.1\nname: ü",
    "host": "box",
    "user": "ada",
    "sourcecode_digest": "0" * 32,
    "vcs_commit": "git:1234",
    "env": "API_TOKEN: hidden",
}
WAYS = {"perl": {}, "grep": {"without": ("perl",)}, "sftp": {"sftp_only": True}}
"""Servers of which each has runs listed another way."""


@pytest.fixture(params=[*KINDS, "no perl"], ids=str)
def homes(request, make_two_homes):
    return make_two_homes(**KINDS.get(request.param, WAYS["grep"]))


@pytest.fixture(params=WAYS, ids=str)
def one_of_each_way(request, make_two_homes):
    homes = make_two_homes(**WAYS[request.param])
    homes.there.runs_dir.mkdir(parents=True, exist_ok=True)
    return homes


def rows(homes: TwoHomes):
    """What a listing says: id to run, or to nothing where it is none."""
    source = RemoteSource(homes.remote())
    found = {}
    for run_id in source.ids():
        try:
            found[run_id] = source.run(run_id, brief=True)
        except RunNotFound:
            found[run_id] = None
    source.close()
    return found


def as_here(homes: TwoHomes, run_id: str, far):
    """The same run as it is read here, with what a listing leaves out taken from the listed one."""
    near = Store(homes.there.runs_dir).read(run_id)
    return replace(
        near,
        **{name: getattr(far, name) for name in ("path", "attr_names", "cmd", "deps")},
        scalars={},
        links=(),
    )


def test_rows_tell_what_the_runs_here_would(homes):
    runs_dir = homes.there.runs_dir
    make_run(runs_dir, A, attrs=ATTRS)
    make_run(runs_dir, B, attrs={"exit_status": "1", "label": "no line end"})
    (runs_dir / B / ".guild" / "attrs" / "label").write_bytes(b"no line end")
    make_run(runs_dir, C, files={".guild/PENDING": "", ".guild/batch": A})
    make_run(runs_dir, "d" * 32, files={".guild/STAGED": ""})
    make_run(runs_dir, "e" * 32, opref="")
    make_run(
        runs_dir, "f" * 32, opref="guildfile:/p '' '' +", files={
            ".guild/proto/.guild/opref": "script:/p '' '' train.py"
        }
    )  # fmt: skip
    make_run(runs_dir, "a name", attrs={"flags": "a: [1, 2"})

    found = rows(homes)

    assert len(found) == 7
    for run_id, run in found.items():
        assert run == as_here(homes, run_id, run)
    assert [run_id for run_id, run in found.items() if run.problem] == ["a name", "e" * 32]


def test_what_is_no_run_is_none(one_of_each_way):
    homes = one_of_each_way
    runs_dir = homes.there.runs_dir
    make_run(runs_dir, A)
    make_run(runs_dir, B, opref=None)
    make_run(runs_dir, ".hidden")
    make_run(runs_dir, "two\nlines")
    make_run(runs_dir, b"\xff\xfe".decode("utf-8", "surrogateescape"))
    (runs_dir / "empty").mkdir()
    (runs_dir / "file").write_text("no directory")
    (runs_dir / "gone").symlink_to(runs_dir / "nowhere")

    found = rows(homes)

    assert [run_id for run_id, run in found.items() if run is not None] == [A]
    assert {B, "empty"} <= found.keys()


def test_links_pipes_and_directories_in_place_of_files_are_told_and_not_followed(one_of_each_way):
    homes = one_of_each_way
    secret = homes.there.path / "secret"
    attrs = make_run(homes.there.runs_dir, A, attrs={"user": "ada"}) / ".guild" / "attrs"
    secret.write_text("not for rows")
    (attrs / "label").symlink_to(secret)
    os.mkfifo(attrs / "host")
    (attrs / "tags").mkdir()

    [run] = rows(homes).values()

    assert (run.label, run.host, run.tags, run.user) == ("", "", (), "ada")
    assert "cannot be read (it is not a file)" in run.problem


def test_an_attribute_of_megabytes_is_left_where_it_is(one_of_each_way):
    homes = one_of_each_way
    make_run(homes.there.runs_dir, A, attrs={"flags": f"a: {'x' * 2_000_000}", "label": "here"})

    [run] = rows(homes).values()

    assert (run.label, run.flags) == ("here", {})
    assert "attribute flags cannot be read (it is larger than 1.0 MB)" in run.problem


def test_attributes_of_many_kilobytes_come_whole(one_of_each_way):
    homes = one_of_each_way
    label = "x" * 700_000
    make_run(homes.there.runs_dir, A, attrs={"label": label, "user": "ada"})
    make_run(homes.there.runs_dir, B, attrs={"label": "y" * 65_536, "user": "y" * 65_535})

    one, two = rows(homes).values()

    assert (one.label, one.user) == (label, "ada")
    assert (len(two.label), len(two.user)) == (65_536, 65_535)


def test_a_run_with_hundreds_of_files_in_its_guild_directory_is_listed(one_of_each_way):
    homes = one_of_each_way
    files = {f".guild/events.{n}": "" for n in range(350)}
    make_run(homes.there.runs_dir, A, attrs={"label": "many"}, files=files)

    [run] = rows(homes).values()

    assert (run.label, run.problem) == ("many", "")


def test_a_run_whose_process_lives_there_is_running_there(one_of_each_way):
    homes = one_of_each_way
    make_run(homes.there.runs_dir, A, files={".guild/LOCK": str(os.getpid())})
    make_run(homes.there.runs_dir, B, files={".guild/LOCK": "999999999"})
    make_run(homes.there.runs_dir, C, files={".guild/LOCK.remote": "other"})

    running, ended, elsewhere = rows(homes).values()

    assert (running.status, running.remote) == ("running", "box")
    assert ended.status in ("terminated", "error")
    assert (elsewhere.status, elsewhere.remote) == ("running", "other")


def test_a_home_without_runs_has_none(one_of_each_way):
    homes = one_of_each_way
    assert rows(homes) == {}

    homes.there.runs_dir.rmdir()
    assert rows(homes) == {}


def test_many_runs_come_in_their_order(one_of_each_way):
    homes = one_of_each_way
    for number in range(700):
        make_run(homes.there.runs_dir, f"{number:032x}", attrs={"label": str(number)})

    found = rows(homes)

    assert [run.label for run in found.values()] == list(map(str, range(700)))


def test_a_run_that_is_asked_for_first_comes_first(one_of_each_way):
    homes = one_of_each_way
    for number in range(60):
        make_run(homes.there.runs_dir, f"{number:032x}", attrs={"label": str(number)})
    source = RemoteSource(homes.remote())

    assert source.run(f"{50:032x}", brief=True).label == "50"
    assert source.run(f"{2:032x}").label == "2"
    with pytest.raises(RunNotFound, match=r"There is no run ffffffff on box\."):
        source.run("f" * 32)
    source.close()


def test_a_directory_of_runs_that_cannot_be_listed_is_told(one_of_each_way):
    homes = one_of_each_way
    home = open_remote_home(homes.connect(homes.server), "x" * 300)

    with pytest.raises(RemoteRefused, match="box does not list"):
        Listing(home, lambda: None)


@pytest.mark.parametrize("what", ["file", "loop"])
def test_what_is_no_directory_of_runs_has_none(one_of_each_way, what):
    homes = one_of_each_way
    homes.there.runs_dir.rmdir()
    if what == "file":
        homes.there.runs_dir.write_text("no directory")
    else:
        homes.there.runs_dir.symlink_to("runs")

    assert rows(homes) == {}


# Listing again


def make_old(runs_dir, run_id, **attrs) -> None:
    """A run that was written long ago."""
    run_dir = make_run(runs_dir, run_id, attrs=attrs)
    for path in run_dir.rglob("*"):
        os.utime(path, (1_600_000_000, 1_600_000_000))


@pytest.fixture
def shelf(make_two_homes, tmp_path):
    """Runs of a server without a shell, listed once: two old ones, and one of this moment."""
    homes = make_two_homes(sftp_only=True)
    make_old(homes.there.runs_dir, A, label="first")
    make_old(homes.there.runs_dir, B, label="second")
    make_run(homes.there.runs_dir, C, attrs={"label": "third"})
    sources = []

    def open_(_check):
        sources.append(RemoteSource(homes.remote()))
        return sources[-1]

    catalog = Catalog(tmp_path / "cache", "box", ".guild")
    shelf = CatalogShelf("box", open_, Scratch(tmp_path / "copies"), catalog)
    list(shelf.read(lambda: None))
    yield shelf, homes.there.runs_dir, sources
    shelf.close()


def known(sources):
    return [run_id for run_id in sources[-1].ids() if sources[-1].is_known(run_id)]


def labels(shelf):
    columns = shelf.columns
    return [columns.value("label", slot) for slot in columns.slots()]


def test_what_did_not_change_is_not_read_again(shelf):
    shelf, _runs_dir, sources = shelf
    assert known(sources) == []

    list(shelf.read(lambda: None))

    assert known(sources) == [A, B]
    assert labels(shelf) == ["first", "second", "third"]


def test_a_kept_listing_says_what_is_known_after_a_start(shelf, tmp_path):
    before, _runs_dir, sources = shelf
    catalog = Catalog(tmp_path / "cache", "box", ".guild")
    after = CatalogShelf("box", before._open, Scratch(tmp_path / "more"), catalog)

    list(after.read(lambda: None))

    assert known(sources) == [A, B]
    assert labels(after) == ["first", "second", "third"]
    after.close()


@pytest.mark.parametrize("change", ["size", "time", "gone", "new", "lock", "opref"])
def test_what_changed_is_seen(shelf, change):
    shelf, runs_dir, sources = shelf
    guild = runs_dir / A / ".guild"
    label = guild / "attrs" / "label"
    match change:
        case "size":
            label.write_text("another")
            os.utime(label, (1_600_000_000, 1_600_000_000))
        case "time":
            label.write_text("FIRST\n")
            os.utime(label, (1_600_000_001, 1_600_000_001))
        case "gone":
            label.unlink()
        case "new":
            (guild / "attrs" / "exit_status").write_text("0")
        case "lock":
            (guild / "LOCK").write_text(str(os.getpid()))
        case "opref":
            (guild / "opref").unlink()

    list(shelf.read(lambda: None))

    first = {"size": "another", "time": "FIRST", "gone": None}.get(change, "first")
    assert known(sources) == [B]
    assert labels(shelf) == [*([] if change == "opref" else [first]), "second", "third"]
    slot = shelf.columns.slot_of(A)
    status = None if slot is None else shelf.columns.value("status", slot)
    assert (status == "completed", status == "running") == (change == "new", change == "lock")


def test_all_of_a_run_that_is_known_is_there_when_it_is_asked_for(shelf):
    shelf, runs_dir, sources = shelf
    list(shelf.read(lambda: None))

    assert sources[-1].run(A).label == "first"
    assert sources[-1].attr(B, "label") == "second"
    (runs_dir / B / ".guild" / "opref").unlink()
    with pytest.raises(RunNotFound, match=r"There is no run bbbbbbbb on box any more\."):
        sources[-1].run(B)


# Event files


def test_files_of_several_runs_come_together_and_each_to_who_asks(one_of_each_way):
    homes = one_of_each_way
    for run_id in (A, B):
        make_run(homes.there.runs_dir, run_id, files={"one": run_id, "two": b"x" * 5_000_000})
    source = RemoteSource(homes.remote())

    source.bring([A, "d" * 32, B], lambda: None, lambda _run_id, entry: entry.name == "one")
    (homes.there.runs_dir / A / "one").unlink()  # it is here

    found = {
        (run_id, entry.name): content.read()
        for run_id, entry, content in source.files([A, B], lambda: None)
        if entry.name in ("one", "two")
    }

    assert found[A, "one"] == A.encode()
    assert found[B, "one"] == B.encode()
    assert len(found[B, "two"]) == 5_000_000
    source.close()
