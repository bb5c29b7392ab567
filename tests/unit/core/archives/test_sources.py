"""Every form of archive tells the same of its runs as the directory that it was made of."""

from __future__ import annotations

import shutil
import stat

import pytest
from msgspec.structs import replace

from core.archives.source import open_source
from core.errors import ArchiveError, RunDamaged, RunNotFound
from core.runs.store import Store
from tests.support.archives import FORMS, guild_zip, tar_bytes, zip_runs, zstd_bytes
from tests.support.runs import make_run

BATCH, TRIAL, PLAIN, STAGED, PENDING = (f"{n:02x}" * 16 for n in range(1, 6))
DIRECTORIES = ("directory", "home")


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A batch with a trial, a plain run, one staged and one pending."""
    runs_dir = tmp_path_factory.mktemp("home") / "runs"
    make_run(
        runs_dir,
        BATCH,
        opref="builtin:guildai 0.9.0 '' +",
        attrs={"exit_status": "0", "started": "1700000000000000"},
        files={".guild/proto/.guild/opref": "guildfile:/p/guild.yml 0a m train"},
    )
    (runs_dir / BATCH / TRIAL).symlink_to(f"../{TRIAL}")
    make_run(runs_dir, TRIAL, attrs={"flags": "lr: 0.1", "label": "lr=0.1", "exit_status": "1"})
    make_run(
        runs_dir,
        PLAIN,
        attrs={"tags": "- a\n- b", "marked": "true", "host": "[a, b]", "op": "x: 1"},
        files={
            "deep/er/Größe.txt": "grün\n" * 100,
            "two\nlines": "",
            "large": bytes(range(256)) * 4000,
            ".guild/attrs/big": b"x" * 100_000,
        },
    )
    (runs_dir / PLAIN / "latest").symlink_to("deep/er/Größe.txt")
    (runs_dir / PLAIN / "empty").mkdir()
    (runs_dir / PLAIN / "run.sh").write_text("#!/bin/sh\n")
    (runs_dir / PLAIN / "run.sh").chmod(0o755)
    make_run(runs_dir, STAGED, files={".guild/STAGED": ""})
    make_run(runs_dir, PENDING, files={".guild/PENDING": ""})
    return runs_dir


@pytest.fixture(params=[*FORMS, *DIRECTORIES])
def source(request, runs, tmp_path):
    """Each form of source in turn."""
    form = request.param
    if form in FORMS:
        path = FORMS[form](runs, tmp_path)
    else:
        path = runs if form == "directory" else runs.parent
    opened = open_source(path)
    yield opened
    opened.close()


def test_it_has_the_runs_of_the_directory(source, runs):
    assert sorted(source.ids()) == sorted(Store(runs).ids())
    assert source.problems() == []


def test_each_run_says_what_it_says_on_disk(source, runs):
    store = Store(runs)

    for run_id in source.ids():
        here, there = source.run(run_id), store.read(run_id, scalars=None)

        assert replace(here, path=there.path) == there
        assert here.path == source.run_dir(run_id)
        assert source.run(run_id, brief=True).label == there.label


def test_staged_and_pending_runs_are_what_their_markers_say(source):
    assert source.run(STAGED).status == "staged"
    assert source.run(PENDING).status == "pending"


def test_a_batch_knows_its_trials(source):
    assert source.run(BATCH).is_batch
    assert source.run(BATCH).operation == "m:train+"
    assert source.run(BATCH).links == ((TRIAL, TRIAL),)


def test_entries_and_contents_are_those_of_the_files(source, runs):
    for run_id in source.ids():
        top = runs / run_id
        entries = {entry.name: entry for entry in source.entries(run_id)}

        assert set(entries) == {str(path.relative_to(top)) for path in top.rglob("*")}
        assert source.remarks(run_id) == ()
        for name, entry in entries.items():
            found = (top / name).lstat()
            if entry.kind == "link":
                assert (top / name).readlink().as_posix() == entry.target
                continue
            assert entry.mode == stat.S_IMODE(found.st_mode)
            assert abs(entry.mtime_ns - found.st_mtime_ns) <= 2_000_000_000
            if entry.kind == "file":
                assert entry.size == found.st_size
                with source.open(run_id, name) as file:
                    assert file.read() == (top / name).read_bytes()


def test_all_files_come_in_one_go(source, runs):
    ids = source.ids()
    for run_id in ids:
        source.entries(run_id)
    steps = []

    found = {
        (run_id, entry.name): content.read()
        for run_id, entry, content in source.files(ids, lambda: steps.append(1))
    }

    assert found == {
        (run_id, str(path.relative_to(runs / run_id))): path.read_bytes()
        for run_id in ids
        for path in (runs / run_id).rglob("*")
        if path.is_file() and not path.is_symlink()
    }
    assert len(steps) >= len(found)


def test_only_the_wanted_files_come(source):
    found = [
        (run_id, entry.name)
        for run_id, entry, _ in source.files(
            source.ids(), lambda: None, lambda run_id, entry: entry.name.endswith("opref")
        )
    ]

    assert len(found) == 6


def test_a_content_may_be_left_half_read(source):
    firsts = [content.read(3) for _, _, content in source.files([PLAIN], lambda: None)]
    with source.open(PLAIN, "large") as one, source.open(PLAIN, "deep/er/Größe.txt") as other:
        mixed = [one.read(300_000), other.read(4), one.read(), other.read()]

    assert len(firsts) == 10
    assert b"".join(mixed[::2]) == bytes(range(256)) * 4000
    assert b"".join(mixed[1::2]).decode() == "grün\n" * 100


def test_attributes_are_read_one_by_one(source):
    assert source.attr(PLAIN, "op") == {"x": 1}
    assert source.attr(PLAIN, "big") == "x" * 100_000
    assert source.attr(PLAIN, "nothing") is None


def test_what_is_not_there_is_told(source):
    with pytest.raises(RunNotFound):
        source.run("f" * 32)
    for name in ("nothing", "deep", "../x"):
        with pytest.raises(ArchiveError):
            source.open(PLAIN, name)


def test_a_run_directory_is_a_source_of_one_run(runs):
    source = open_source(runs / TRIAL)

    assert source.ids() == [TRIAL]
    assert source.run(TRIAL).label == "lr=0.1"


def test_an_archive_of_one_run_without_its_directory_takes_the_archives_name(runs, tmp_path):
    zipped = zip_runs(runs / TRIAL, tmp_path / f"{TRIAL}.runs.zip")
    tarred = tmp_path / f"{TRIAL}.tar"
    tarred.write_bytes(tar_bytes(runs / TRIAL, prefix="./"))

    for path in (zipped, tarred):
        source = open_source(path)
        assert source.ids() == [TRIAL]
        assert source.run(TRIAL).label == "lr=0.1"
        assert {entry.name for entry in source.entries(TRIAL)} >= {".guild/attrs/label"}
        source.close()


def test_guilds_zip_of_a_batch_still_knows_the_trials(runs, tmp_path):
    source = open_source(guild_zip(runs, tmp_path / "guild.zip"))

    assert source.run(BATCH).links == ((TRIAL, TRIAL),)
    source.close()


def test_deleted_runs_of_a_home_are_left_out(runs, tmp_path):
    home = tmp_path / "home"
    shutil.copytree(runs / TRIAL, home / "runs" / TRIAL)
    shutil.copytree(runs / PLAIN, home / "trash" / "runs" / PLAIN, symlinks=True)

    for path in (
        zip_runs(home, tmp_path / "home.zip"),
        _written(tmp_path / "home.tar.zst", zstd_bytes(tar_bytes(home))),
        home,
    ):
        source = open_source(path)
        assert source.ids() == [TRIAL]
        if path != home:
            assert source.problems() == ["1 deleted run in it is left out."]
        source.close()


def test_a_run_that_is_there_twice_is_shown_once_and_told(runs, tmp_path):
    both = tmp_path / "both"
    for name in ("one", "two"):
        shutil.copytree(runs / TRIAL, both / name / TRIAL)

    source = open_source(zip_runs(both, tmp_path / "both.zip"))

    assert source.ids() == [TRIAL]
    assert source.problems() == [f"The run “two/{TRIAL}” is there twice; the first is shown."]
    source.close()


def test_damaged_attributes_are_a_problem_of_their_run(tmp_path):
    runs_dir = tmp_path / "runs"
    make_run(runs_dir, PLAIN, attrs={"flags": "{", "label": "fine"})
    source = open_source(zip_runs(runs_dir, tmp_path / "a.zip"))

    assert source.run(PLAIN).label == "fine"
    assert "flags is not valid YAML" in source.run(PLAIN).problem
    with pytest.raises(RunDamaged):
        source.attr(PLAIN, "flags")
    source.close()


@pytest.mark.parametrize(
    "content",
    [b"", b"PK", b"hello", b"x" * 2000, b"\0" * 2000, b"PK\5\6" + b"\0" * 18, b"\x1f\x8b\x08xxx"],
)
def test_what_is_no_archive_of_runs_is_told_in_a_sentence(tmp_path, content):
    path = _written(tmp_path / "something", content)

    if content == b"PK\5\6" + b"\0" * 18:
        assert open_source(path).ids() == []  # an empty export
        return
    with pytest.raises(ArchiveError) as e:
        open_source(path)

    assert str(e.value).endswith(".")
    assert "something" in str(e.value)


def test_a_directory_without_runs_is_told(tmp_path):
    with pytest.raises(ArchiveError, match="There is no run in"):
        open_source(tmp_path)
    (tmp_path / ".guild-nocopy").touch()
    assert open_source(tmp_path).ids() == []
    with pytest.raises(ArchiveError, match="Cannot open"):
        open_source(tmp_path / "nothing")


def _written(path, data):
    path.write_bytes(data)
    return path
