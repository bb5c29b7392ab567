from __future__ import annotations

import json

import pytest

from core.archives.archive_files import iter_archived_files, read_archived_manifest
from core.archives.archive_index import ArchiveIndex
from core.archives.source import open_source
from core.errors import Cancelled
from core.home import Home
from core.index.filters import Filters
from core.index.index import RunIndex
from core.index.row import FIELDS
from core.runs.files import walk_files
from core.runs.tfevents import EventWriter
from tests.support.archives import FORMS, guild_zip, raw_zip, zip_runs
from tests.support.runs import make_run

BATCH, TRIAL, BROKEN = (f"{n:02x}" * 16 for n in range(1, 4))
NOW = 1_700_000_100_000_000


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A batch, a trial with scalars in three directories, and a run that cannot be read fully."""
    home = tmp_path_factory.mktemp("home")
    runs_dir = home / "runs"
    make_run(
        runs_dir, BATCH, files={".guild/proto/.guild/opref": "guildfile:/p/guild.yml 0a m train"}
    )
    (runs_dir / BATCH / TRIAL).symlink_to(f"../{TRIAL}")
    trial = make_run(
        runs_dir,
        TRIAL,
        attrs={"flags": "lr: 0.1", "started": "1700000000000000", "odd": "7", "exit_status": "0"},
        files={
            "train.py": "1",
            "data/set10": "",
            "data/set9": "",
            ".guild/manifest": "s train.py 0a train.py\n",
            "logs/x.profile-empty": "",
        },
    )
    for place, name in (
        (".guild", "events.out.tfevents.2.box"),
        (".guild", "events.out.tfevents.1.box"),
        ("logs", "events.out.tfevents.1.box"),
        ("odd", "tfevents"),
    ):
        (trial / place).mkdir(exist_ok=True)
        with EventWriter(str(trial / place / name)) as writer:
            for step in range(3):
                writer.add(step, [("loss", step + int(name[-5:-4] if "." in name else 0) / 8)])
    make_run(runs_dir, BROKEN, attrs={"flags": "{"}, files={".guild/tfevents.1": "", "x": "y"})
    (runs_dir / BROKEN / "events.out.tfevents.1").write_bytes(b"nonsense" * 9)
    return home


@pytest.fixture(params=["zip", "tar.gz", "tar.zst", "directory"])
def index(request, home, tmp_path):
    runs_dir = home / "runs"
    path = runs_dir if request.param == "directory" else FORMS[request.param](runs_dir, tmp_path)
    source = open_source(path)
    yield ArchiveIndex(source, lambda: NOW)
    source.close()


@pytest.fixture(scope="module")
def known(home):
    """What the index of a home says of the same runs."""
    index = RunIndex(Home(home), None, lambda: NOW)
    for _ in index.refresh():
        pass
    return index


def test_columns_say_what_they_say_of_a_home(index, known):
    for _ in index.refresh():
        pass

    for run_id in (BATCH, TRIAL, BROKEN):
        here, there = index.columns.slot_of(run_id), known.columns.slot_of(run_id)
        for field in FIELDS:
            if field not in ("signature", "flags"):
                ours, theirs = index.columns.value(field, here), known.columns.value(field, there)
                assert (field, ours) == (field, theirs)
        assert index.columns.flags(here) == known.columns.flags(there)
        assert index.columns.scalars(here) == known.columns.scalars(there)
    assert index.columns.scalar_keys() == {"loss": 1, "logs#loss": 1}
    assert index.columns.batch_of(TRIAL) == BATCH


def test_rows_come_before_scalars(index):
    changes = list(index.refresh())

    assert len(changes[0].added) == changes[0].total == 3
    assert changes[-1].changed
    assert not any(change.added for change in changes[1:])


def test_scalars_are_read_when_they_are_wanted(index):
    for _ in index.refresh(scalars=False):
        pass
    assert index.columns.scalar_keys() == {}

    changes = list(index.read_scalars([TRIAL]))

    assert [change.changed for change in changes] == [(index.columns.slot_of(TRIAL),)]
    assert len(index.columns.scalar_keys()) == 2


def test_attributes_that_are_not_kept_are_read_for_filters(index):
    for _ in index.refresh():
        pass

    slots = Filters(expression="attr:odd = 7 and loss > 1").select(
        index.columns, index.columns.slots(), now=NOW
    )

    assert [index.columns.value("id", slot) for slot in slots] == [TRIAL]


def test_json_is_that_of_a_home_but_for_the_place(index, known):
    for _ in index.refresh():
        pass

    for run_id in (BATCH, TRIAL, BROKEN):
        (ours,) = map(json.loads, index.json_documents([index.columns.slot_of(run_id)]))
        (theirs,) = map(json.loads, known.json_documents([known.columns.slot_of(run_id)]))
        assert ours.pop("run_dir") == str(index.source.run_dir(run_id))
        assert theirs.pop("run_dir")
        assert ours == theirs


def test_files_are_listed_as_those_of_a_home(index, home):
    listed = list(iter_archived_files(index.source, TRIAL))
    on_disk = list(walk_files(home / "runs" / TRIAL))

    assert [(e.path, e.kind, e.shape, e.size) for e in listed] == [
        (e.path, e.kind, e.shape, e.size) for e in on_disk
    ]
    assert read_archived_manifest(index.source, BATCH).entries == {}
    assert [e.run_id for e in iter_archived_files(index.source, BATCH) if e.run_id] == [TRIAL]


def test_reading_stops_when_it_is_asked_to(index):
    def check():
        raise Cancelled

    with pytest.raises(Cancelled):
        list(index.refresh(check))


def test_directories_without_entries_of_their_own_are_listed(tmp_path):
    opref = (f"{TRIAL}/.guild/opref", b"script:/p '' '' x", {})
    source = open_source(raw_zip([opref, (f"{TRIAL}/a/b/c", b"1", {})], tmp_path / "a.zip"))

    listed = [(e.path, e.shape) for e in iter_archived_files(source, TRIAL)]

    assert listed[-3:] == [("a", "directory"), ("a/b", "directory"), ("a/b/c", "file")]
    source.close()


def test_a_run_that_is_refused_is_still_shown(tmp_path, home):
    path = zip_runs(home / "runs", tmp_path / "a.zip")
    data = path.read_bytes().replace(b"data/set10", b"data/../10")
    path.write_bytes(data)
    source = open_source(path)
    index = ArchiveIndex(source)

    for _ in index.refresh():
        pass

    slot = index.columns.slot_of(TRIAL)
    assert index.columns.value("status", slot) == "completed"
    assert "leads upwards" in index.columns.value("problem", slot)
    assert index.columns.value("problem", index.columns.slot_of(BATCH)) is None
    source.close()


def test_guilds_zip_is_listed_too(tmp_path, home):
    source = open_source(guild_zip(home / "runs", tmp_path / "a.zip"))
    index = ArchiveIndex(source)

    for _ in index.refresh():
        pass

    assert index.columns.batch_of(TRIAL) == BATCH
    assert index.problem == ""
    source.close()
