"""Which runs of which sources an import means."""

from __future__ import annotations

from contextlib import ExitStack, closing

import pytest

from core.archives.archive_files import list_archived_directory
from core.archives.importing import import_runs
from core.archives.plan import plan_import
from core.archives.source import open_source
from core.home import Home
from core.text import format_bytes
from tests.support.archives import gzip_bytes, raw_zip, tar_bytes, zip_runs, zstd_bytes
from tests.support.runs import make_run

A, B, C = "a" * 32, "b" * 32, "c" * 32


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path / "home")
    home.runs_dir.mkdir(parents=True)
    return home


@pytest.fixture
def alike(tmp_path):
    """Two archives of one name in two directories: A and B, and B and C."""
    paths = []
    for name, ids in (("monday", (A, B)), ("friday", (B, C))):
        for run_id in ids:
            make_run(tmp_path / name / "runs", run_id, attrs={"label": name})
        paths.append(zip_runs(tmp_path / name / "runs", tmp_path / name / "paper.zip"))
    return paths


def planned(home, paths, **more):
    with ExitStack() as opened:
        sources = [opened.enter_context(closing(open_source(path))) for path in paths]
        return plan_import(home, sources, **more)


def test_a_run_in_two_archives_of_one_name_is_taken_from_the_first_which_is_named(home, alike):
    plan = planned(home, alike)

    assert [(item.run.id, item.verdict) for item in plan.items] == [
        (A, "new"),
        (B, "new"),
        (B, "problem"),
        (C, "new"),
    ]
    assert plan.items[2].why == f"The run is in {alike[0]} too, and is taken from there."


def test_archives_of_different_names_are_told_by_them(home, alike, tmp_path):
    other = alike[1].rename(alike[1].with_name("other.zip"))

    (item,) = [i for i in planned(home, [alike[0], other]).items if i.verdict == "problem"]

    assert item.why == "The run is in paper.zip too, and is taken from there."


def test_runs_of_both_arrive(home, alike):
    with ExitStack() as opened:
        sources = [opened.enter_context(closing(open_source(path))) for path in alike]
        outcome = import_runs(home, plan_import(home, sources))

    assert sorted(outcome.imported) == [A, B, C]
    assert (home.runs_dir / B / ".guild" / "attrs" / "label").read_text().strip() == "monday"


def test_only_the_runs_that_are_named_are_planned_and_those_of_other_sources_all(home, alike):
    plan = planned(home, alike, only={alike[0]: {A}})

    assert [item.run.id for item in plan.items] == [A, B, C]
    assert {item.verdict for item in plan.items} == {"new"}


UNREADABLE = [
    ({"flags": 0x801}, "is encrypted"),
    ({"method": 14}, "is packed by method 14, which is not understood"),
    ({"size": 1 << 31}, "declares more than can be in it"),
]


def zip_with(tmp_path, lies, name="weights.bin"):
    opref = b"script:t.py '' '' t"
    entries = [(f"{run_id}/.guild/opref", opref, {}) for run_id in (A, B)]
    return raw_zip([*entries, (f"{A}/{name}", b"x" * 99, lies)], tmp_path / "z.zip")


@pytest.mark.parametrize("is_large", [False, True])
@pytest.mark.parametrize(("lies", "why"), UNREADABLE)
def test_a_file_of_which_the_zip_says_that_it_cannot_be_read_is_a_problem_of_its_run(
    home, tmp_path, monkeypatch, lies, why, is_large
):
    if is_large:
        monkeypatch.setattr("core.archives.zip_source._LARGE_LIST", 0)

    refused, fine = planned(home, [zip_with(tmp_path, lies)]).items

    assert (refused.verdict, fine.verdict) == ("problem", "new")
    assert refused.why == f"Run aaaaaaaa of z.zip is refused: the file “weights.bin” {why}."


def test_such_a_run_is_a_problem_where_it_is_here_too(home, tmp_path):
    make_run(home.runs_dir, A)

    items = planned(home, [zip_with(tmp_path, {"flags": 0x801})]).items

    assert [item.verdict for item in items] == ["problem", "new"]


def test_such_a_run_is_refused_by_an_import_with_the_same_sentence(home, tmp_path):
    with closing(open_source(zip_with(tmp_path, {"flags": 0x801}))) as source:
        outcome = import_runs(home, plan_import(home, [source]))

    assert outcome.imported == (B,)
    (refusal,) = outcome.refused
    assert refusal.reason.endswith("is refused: the file “weights.bin” is encrypted.")


def test_such_a_run_is_looked_at_in_a_place(tmp_path):
    with closing(open_source(zip_with(tmp_path, {"flags": 0x801}))) as source:
        listing = list_archived_directory(source, A)

        assert source.ids() == [A, B]
        assert [entry.name for entry in listing.entries] == [".guild", "weights.bin"]


def test_a_lock_that_cannot_be_read_is_none_of_what_arrives(home, tmp_path):
    path = zip_with(tmp_path, {"flags": 0x801}, name=".guild/LOCK")

    assert [item.verdict for item in planned(home, [path]).items] == ["new", "new"]


def swollen(there, name, tmp_path):
    """An archive of one run with 64 MB of zeros."""
    make_run(there, A, files={"zeros": bytes(64_000_000)})
    path = tmp_path / name
    if name.endswith(".zip"):
        return zip_runs(there, path)
    pack = gzip_bytes if name.endswith(".gz") else zstd_bytes
    path.write_bytes(pack(tar_bytes(there)))
    return path


@pytest.mark.parametrize("name", ["x.zip", "x.tar.gz", "x.tar.zst"])
def test_an_archive_whose_runs_take_far_more_than_itself_is_told_of(
    home, tmp_path, monkeypatch, name
):
    monkeypatch.setattr("core.archives.room.MUCH", 10_000_000)
    path = swollen(tmp_path / "there", name, tmp_path)

    (warning,) = planned(home, [path]).warnings

    own = format_bytes(path.stat().st_size)
    assert warning.startswith(f"{name} has {own}, and its runs would take 64.0 MB, ")
    assert warning.endswith(" times as much: import only what you trust.")


def test_an_archive_of_logs_that_pack_well_is_told_of_only_where_it_is_much(home, tmp_path):
    assert planned(home, [swollen(tmp_path / "there", "x.zip", tmp_path)]).warnings == ()
