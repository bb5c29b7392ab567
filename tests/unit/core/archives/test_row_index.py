"""An archive says itself what its rows are, and is believed only where that is so."""

from __future__ import annotations

import gzip
import json
import random
import shutil
import struct
import subprocess
import zipfile
import zlib
from contextlib import closing

import pytest
import zstandard

from core.archives import archive_target, row_index
from core.archives.export import ExportOptions, export_runs
from core.archives.index_place import as_frame, as_members, checksum_of, in_gzip, in_zstd
from core.archives.row_index import TRAILER, IndexWriter, RowIndex, parse_index
from core.archives.shelf import archive_shelf
from core.archives.source import open_source
from core.archives.tar_packer import TarPacker
from core.errors import ArchiveError
from core.home import Home
from core.index.row import Row
from core.runs.tfevents import EventWriter
from core.scratch import Scratch
from tests.support.runs import make_run

FORMATS = ("zip", "tar.gz", "tar.zst")
IDS = [f"{n:02x}" * 16 for n in range(1, 11)]
BATCH, TRIAL, BROKEN, LARGE, LONG, ODD, REMOTE, STAGED, PLAIN, TAGGED = IDS
PROTO = ".guild/proto/.guild/opref"


@pytest.fixture
def home(tmp_path):
    """Runs of every kind: ordinary, linked, damaged, large, named oddly."""
    home = Home(tmp_path / "home")
    runs = home.runs_dir
    batch = make_run(runs, BATCH, files={PROTO: "guildfile:/p/guild.yml 0a m train"})
    (batch / TRIAL).symlink_to(f"../{TRIAL}")
    (batch / "data").symlink_to("../nowhere")
    make_run(runs, TRIAL, attrs={"flags": "lr: 0.1\nwhen: 2024-01-02", "started": "17"},
             files={".guild/batch": BATCH, "train.py": "1", ".guild/proto": ""})  # fmt: skip
    broken = make_run(runs, BROKEN, attrs={"flags": "{", "started": "x"}, opref="nonsense '")
    (broken / ".guild" / "attrs" / "label").mkdir()
    make_run(runs, LARGE, attrs={"label": "large"}, files={"w.bin": bytes(1 << 20)})
    make_run(runs, LONG, attrs={"label": "l" * 2_000_000}, files={"x": "1" * 999})
    odd = make_run(runs, ODD, files={"\n.txt": "1", "é": "2", ".guild/STAGED": ""})
    (odd / ".guild" / "attrs" / "host").symlink_to("label")
    (odd / ".guild" / "proto").mkdir()
    make_run(runs, REMOTE, files={".guild/LOCK.remote": "far", ".guild/LOCK": "1"})
    make_run(runs, STAGED, files={".guild/PENDING": ""}, attrs={"exit_status": "1"})
    make_run(runs, PLAIN, attrs={"flags": '"lr": .nan\nn: null', "marked": "true", "env": "S: 1"})
    tags = {"tags": "[a, ü]", "comments": "- {body: 'x\n\ny', user: u, time: 1}"}
    make_run(runs, TAGGED, attrs={**tags, "label": "\ud83d\ude00".encode("utf-16", "surrogatepass")
             .decode("utf-16")})  # fmt: skip
    with EventWriter(str(runs / TRIAL / "events.out.tfevents.1")) as writer:
        writer.add(1, [("loss", 0.5)])
    return home


@pytest.fixture(autouse=True)
def few_are_worth_it(monkeypatch):
    """Archives of a handful of runs get an index, in several pieces."""
    monkeypatch.setattr(archive_target, "WORTH_IT", 2)
    monkeypatch.setattr(row_index, "_PIECE", 3)
    monkeypatch.setattr(archive_target, "MOST_BUFFERED", 1 << 20)


def exported(home, tmp_path, form, ids=IDS, **options):
    path = tmp_path / f"a.{form}"
    outcome = export_runs(home, ids, path, ExportOptions(**options))
    assert outcome.exported, outcome
    return path


def index_of(path):
    with closing(open_source(path, with_index=True)) as source:
        return source.index


def true_rows(path):
    """What the runs of an archive say themselves."""
    with closing(open_source(path)) as source:
        assert source.index is None
        return {i: Row.of(source.run(i, brief=True)) for i in source.ids()}


def shelf_rows(shelf):
    """What a shelf shows, and the order in which it is asked does not matter."""
    columns = shelf.columns
    stored = columns.stored("id")
    return {stored[s]: columns.value("label", s) for s in columns.slots()}


@pytest.mark.parametrize("options", [{}, {"with_env": True}, {"copy_resources": True}])
@pytest.mark.parametrize("form", FORMATS)
def test_an_index_says_what_the_runs_say(home, tmp_path, form, options):
    path = exported(home, tmp_path, form, **options)
    told = {i: index_of(path).row(i) for i in index_of(path).ids}

    truth = true_rows(path)
    assert set(told) == set(truth)
    assert told.pop(LONG) is None  # two megabytes of label are not kept for this
    assert truth.pop(LONG).label
    assert told == truth


@pytest.mark.parametrize("form", FORMATS)
def test_of_few_runs_there_is_none(home, tmp_path, form, monkeypatch):
    monkeypatch.setattr(archive_target, "WORTH_IT", 11)
    assert index_of(exported(home, tmp_path, form)) is None


@pytest.mark.parametrize("form", FORMATS)
def test_files_and_attributes_are_the_same_with_an_index(home, tmp_path, form):
    path = exported(home, tmp_path, form)
    with (
        closing(open_source(path)) as plain,
        closing(open_source(path, with_index=True)) as quick,
    ):
        assert quick.index is not None
        assert quick.ids() == plain.ids()
        assert quick.problems() == plain.problems()
        for run_id in reversed(plain.ids()):
            assert quick.run(run_id) == plain.run(run_id)
            assert quick.entries(run_id) == plain.entries(run_id)
            assert quick.run_dir(run_id) == plain.run_dir(run_id)
        found = [
            [(i, e, f.read()) for i, e, f in each.files(each.ids(), lambda: None)]
            for each in (plain, quick)
        ]
        assert found[0] == found[1]
        with quick.open(TRIAL, "train.py") as file:
            assert file.read() == b"1"


@pytest.mark.parametrize("form", FORMATS)
def test_runs_that_are_added_later_leave_none(home, tmp_path, form):
    path = exported(home, tmp_path, form, IDS[:5])
    assert index_of(path) is not None

    export_runs(home, IDS[5:], path, ExportOptions())

    assert index_of(path) is None
    assert set(true_rows(path)) == set(IDS)
    assert row_index.MAGIC not in path.read_bytes()


@pytest.mark.parametrize("form", FORMATS)
def test_an_archive_that_another_program_changed_has_none(home, tmp_path, form):
    path = exported(home, tmp_path, form)
    if form == "zip":
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr(f"{PLAIN}/more.txt", "1")
    else:
        path.write_bytes(path.read_bytes() * 2)
    assert index_of(path) is None


@pytest.mark.parametrize("form", FORMATS)
def test_an_index_of_another_archive_is_none(home, tmp_path, form):
    mine = exported(home, tmp_path, form, IDS[:6]).read_bytes()
    other = tmp_path / "other"
    other.mkdir()
    (home.runs_dir / PLAIN / ".guild" / "attrs" / "label").write_text("new")
    theirs = exported(home, other, form, IDS[:9]).read_bytes()
    if form == "zip":
        at = mine.rindex(row_index.MAGIC) + 8
        size = TRAILER.unpack(mine[at - TRAILER.size : at])[0] + TRAILER.size
        index = mine[at - size : at]
        at = theirs.rindex(row_index.MAGIC) + 8
        size = TRAILER.unpack(theirs[at - TRAILER.size : at])[0] + TRAILER.size
        mixed = theirs[: at - size] + index + theirs[at:]
        moved = struct.pack("<L", struct.unpack("<L", theirs[-6:-2])[0] + len(index) - size)
        mixed = mixed[:-6] + moved + mixed[-2:]
    else:
        start = mine.rindex(b"\x5d\x2a\x4d\x18" if form == "tar.zst" else b"\x1f\x8b\x08\x04")
        mixed = theirs + mine[start:]
    path = tmp_path / f"mixed.{form}"
    path.write_bytes(mixed)

    assert index_of(path) is None
    assert set(true_rows(path)) == set(IDS[:9])


@pytest.mark.parametrize("form", FORMATS)
def test_a_shelf_compares_and_the_runs_are_right(home, tmp_path, form, monkeypatch):
    add = IndexWriter.add

    def lie(self, run_id, row, stream=0):
        add(self, run_id, row._replace(label="a lie") if run_id == TRIAL else row, stream)

    monkeypatch.setattr(IndexWriter, "add", lie)
    path = exported(home, tmp_path, form)
    shelf = archive_shelf(path, Scratch(tmp_path / "scratch"))
    list(shelf.read(lambda: None))
    assert shelf_rows(shelf)[TRIAL] == "a lie"
    assert shelf.problem == ""

    changes = list(shelf.sweep(lambda: None))

    slot = shelf.columns.slot_of(TRIAL)
    assert shelf_rows(shelf)[TRIAL] in ("", None)
    assert any(slot in each.changed for each in changes)
    assert shelf.columns.run(slot, path).scalars["loss"].last == 0.5
    assert shelf.problem == "What it says itself of 1 run is wrong; the runs are right."
    shelf.close()


@pytest.mark.parametrize("form", FORMATS)
def test_an_honest_shelf_has_nothing_to_say(home, tmp_path, form):
    path = exported(home, tmp_path, form)
    shelf = archive_shelf(path, Scratch(tmp_path / "scratch"))
    list(shelf.read(lambda: None))
    list(shelf.sweep(lambda: None))
    assert shelf.problem == ""
    assert len(shelf_rows(shelf)) == len(IDS)
    shelf.close()


@pytest.mark.parametrize("form", ["tar.gz", "tar.zst"])
def test_runs_that_are_not_where_an_index_says_are_found_all_the_same(
    home, tmp_path, form, monkeypatch
):
    add = IndexWriter.add

    def lie(self, run_id, row, stream=0):
        number = IDS.index(run_id)
        if run_id != PLAIN:  # it is in the archive, and the index does not know it
            add(self, run_id, row, 0 if number < 3 else stream)

    monkeypatch.setattr(IndexWriter, "add", lie)
    path = exported(home, tmp_path, form)
    with closing(open_source(path, with_index=True)) as source:
        assert PLAIN not in source.ids()
        assert source.run(TRIAL).flags["lr"] == 0.1
        assert source.problems() == ["Its own index is wrong and was not used."]
        assert source.index is None
        assert set(source.ids()) == set(IDS)


@pytest.mark.parametrize("form", ["tar.gz", "tar.zst"])
def test_positions_that_lie_show_no_other_file(home, tmp_path, form, monkeypatch):
    add_part = TarPacker.add_part

    def lie(self, packed, directory, places, size=0):
        return add_part(self, packed, directory, places, size + 512)

    monkeypatch.setattr(TarPacker, "add_part", lie)
    path = exported(home, tmp_path, form)
    truth = true_rows(path)
    with closing(open_source(path, with_index=True)) as source:
        assert source.index is not None
        for run_id in source.ids():
            assert Row.of(source.run(run_id, brief=True)) == truth[run_id]
        assert source.problems() == ["Its own index is wrong and was not used."]


@pytest.mark.parametrize("form", ["tar.gz", "tar.zst"])
def test_where_a_part_is_damaged_the_others_can_be_looked_at(home, tmp_path, form):
    path = exported(home, tmp_path, form)
    truth = true_rows(path)
    with closing(open_source(path, with_index=True)) as source:
        assert source.index is not None
        bad = source.index.stream_of[LARGE]
        assert source.index.stream_of[PLAIN] != bad
        at = source.index.streams[bad][0] + 200
    data = path.read_bytes()
    path.write_bytes(data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :])
    with closing(open_source(path, with_index=True)) as source:
        for _ in range(2):
            with pytest.raises(ArchiveError, match=r"checksum|cut off|damaged"):
                source.entries(LARGE)
        assert Row.of(source.run(PLAIN, brief=True)) == truth[PLAIN]
        assert source.ids()[-1] in truth


@pytest.mark.parametrize("form", FORMATS)
def test_damage_in_an_index_is_no_damage_of_the_archive(home, tmp_path, form):
    path = exported(home, tmp_path, form)
    data = path.read_bytes()
    end = data.rindex(row_index.MAGIC) + 8
    size = TRAILER.unpack(data[end - TRAILER.size : end])[0]
    for at in range(end - size - TRAILER.size, end, max(1, size // 40)):
        path.write_bytes(data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :])
        index = index_of(path)
        assert index is None or index.ids == list(true_rows(path))
    assert set(true_rows(path)) == set(IDS)


def test_what_cannot_be_right_is_left_to_the_runs():
    writer = IndexWriter()
    rows = [
        Row("a", label="right"),
        Row("b", status="sleeping"),
        Row("c", started=1 << 70),
        Row("d", flags="["),
        Row("e", tags="{}"),
        Row("f", label=7),
        Row("g", exit_status=True),
    ]
    for row in rows:
        writer.add(row.id, row)
    index = parse_index(writer.finish(5), 5)
    assert index is not None
    assert [i for i in index.ids if index.row(i)] == ["a"]


BAD = {
    "nothing": b"",
    "no pieces": TRAILER.pack(0, 5, row_index.MAGIC),
    "cut off": b"\xff" * 20 + TRAILER.pack(20, 5, row_index.MAGIC),
}


@pytest.mark.parametrize("data", BAD.values(), ids=BAD)
def test_no_index_is_none(data):
    assert parse_index(data, 5) is None


def packed(*values):
    body = b""
    for value in values:
        text = value if isinstance(value, bytes) else json.dumps(value).encode()
        data = zlib.compress(text)
        body += struct.pack("<I", len(data)) + data
    return body + TRAILER.pack(len(body), 5, row_index.MAGIC)


SUMMARY = {"reader": row_index.READER, "streams": []}
STRANGE = {
    "no JSON": [b"{"],
    "a list": [[1]],
    "another reader": [{"reader": 0, "streams": []}],
    "streams of texts": [{"reader": row_index.READER, "streams": ["ab"]}],
    "ids of numbers": [{"id": [1], "stream": [0], "fields": {}}, SUMMARY],
    "ids that lead out": [{"id": [".."], "stream": [0], "fields": {}}, SUMMARY],
    "one id twice": [{"id": ["a", "a"], "stream": [0, 0], "fields": {}}, SUMMARY],
    "fewer streams": [{"id": ["a", "b"], "stream": [0], "fields": {}}, SUMMARY],
    "a bomb": [b" " * (65 << 20) + b"[]", SUMMARY],
    "very deep": [b"[" * 100_000, SUMMARY],
}


@pytest.mark.parametrize("values", STRANGE.values(), ids=STRANGE)
def test_a_strange_index_is_none(values):
    assert parse_index(packed(*values), 5) is None


@pytest.mark.parametrize("fields", [{}, [], None, {"label": "ab"}, {"label": [{}]}])
def test_strange_fields_are_no_rows(fields):
    index = parse_index(packed({"id": ["a"], "stream": [0], "fields": fields}, SUMMARY), 5)
    assert isinstance(index, RowIndex)
    assert index.row("a") is None


@pytest.mark.parametrize("size", [1, 59_000, 60_000, 61_000, 120_000, 200_003])
@pytest.mark.parametrize(
    ("packed", "hide", "find"),
    [(gzip.compress(b"tar"), as_members, in_gzip),
     (zstandard.compress(b"tar"), as_frame, in_zstd)],
    ids=["gzip", "zstd"],
)  # fmt: skip
def test_an_index_of_any_size_is_found(tmp_path, size, packed, hide, find):
    label = random.Random(size).randbytes(size).hex()
    writer = IndexWriter()
    writer.add("a", Row("a", label=label))
    checksum = checksum_of(lambda count, at: packed[at : at + count], [(0, 0)], len(packed))
    path = tmp_path / "index"
    path.write_bytes(packed + hide(writer.finish(checksum, [(0, 0)])))
    with path.open("rb") as file:
        index = find(file.fileno(), path.stat().st_size)
    assert index is not None
    assert index.row("a") == Row("a", label=label)


@pytest.mark.parametrize(
    ("form", "command"),
    [
        ("zip", ["unzip", "-tq"]),
        ("zip", ["zip", "-T"]),
        ("tar.gz", ["gzip", "-t"]),
        ("tar.gz", ["tar", "-tzf"]),
        ("tar.zst", ["zstd", "-tq"]),
        ("tar.zst", ["tar", "--zstd", "-tf"]),
    ],
)
def test_other_programs_do_not_see_it(home, tmp_path, form, command):
    if shutil.which(command[0]) is None or (command[1] == "--zstd" and not shutil.which("zstd")):
        pytest.skip(f"no {command[0]} here")
    path = exported(home, tmp_path, form)
    assert index_of(path) is not None
    done = subprocess.run([*command, str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done
    assert done.stderr == ""
    assert "rundesk-index" not in done.stdout
