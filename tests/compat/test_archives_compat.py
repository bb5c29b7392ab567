"""Runs out of the real Guild into ours and back, as directories and as zips."""

from __future__ import annotations

import shutil
from contextlib import closing

import pytest

from core.archives import archive_target
from core.archives.checksums import NAME as RECORD
from core.archives.export import ExportOptions, export_runs
from core.archives.importing import import_runs
from core.archives.plan import plan_import
from core.archives.source import open_source
from core.home import Home
from core.index.row import Row
from core.runs.store import Store
from tests.support.trees import tree

FORMS = ["out", "out.zip"]
INDEXED = "indexed.zip"
PLAIN = (
    *("plain", "labelled", "tagged", "long label", "error", "terminated", "staged", "restarted"),
    *("missing dependency", "far", "odd strings", "event files", "script with arguments"),
)
ODD = "Überblick\n of files"


@pytest.fixture
def home(guild_store, tmp_path) -> Home:
    """Runs of every kind that the real Guild made, some files with odd names among them."""
    home = Home(tmp_path / "made")
    ids = [guild_store.id(name) for name in (*PLAIN, "grid", "steps", "halted")]
    for name in ("grid", "steps", "halted"):
        ids += guild_store.links(name).values()
    for run_id in ids:
        source = guild_store.home / "runs" / run_id
        shutil.copytree(source, home.runs_dir / run_id, symlinks=True)
    (home.runs_dir / ids[0] / ODD).write_text("odd")
    return home


@pytest.fixture
def empty(tmp_path) -> Home:
    home = Home(tmp_path / "empty")
    home.runs_dir.mkdir(parents=True)
    return home


def brought(home: Home, path):
    source = open_source(path)
    try:
        return import_runs(home, plan_import(home, [source]))
    finally:
        source.close()


def verdicts(home: Home, path) -> set[str]:
    source = open_source(path)
    try:
        return {item.verdict for item in plan_import(home, [source]).items}
    finally:
        source.close()


def facts(peer, home: Home) -> dict[str, tuple[object, ...]]:
    """What Guild says of each run."""
    keys = ("operation", "label", "status", "started", "tags", "marked", "flags", "exit_status")
    return {
        run["id"]: tuple(str(run.get(key)) for key in keys)
        for run in peer.json(home, "runs", "--json")
    }


def without_env(home: Home, *, times: bool = True) -> dict[str, tuple[object, ...]]:
    left = ("attrs/env", ".guild/ENV", RECORD)
    found = tree(home.runs_dir, times=times)
    return {name: entry for name, entry in found.items() if not name.endswith(left)}


@pytest.fixture
def many(monkeypatch, request):
    """Archives get an index as those of thousands of runs do, where their form is that one."""
    if request.node.callspec.params.get("form") in (INDEXED, "all"):
        monkeypatch.setattr(archive_target, "WORTH_IT", 2)


@pytest.mark.parametrize("form", [*FORMS, INDEXED])
def test_guild_imports_what_we_export(peer, home, empty, tmp_path, form, many):
    ids = Store(home.runs_dir).ids()
    outcome = export_runs(home, ids, tmp_path / form, ExportOptions())
    assert outcome.refused == ()

    peer.guild(empty.path, "import", "-y", str(tmp_path / form))

    assert facts(peer, empty.path) == facts(peer, home.path)
    assert verdicts(empty, tmp_path / form) == {"same"}
    assert verdicts(empty, home.path) == {"same"}
    if form == "out":
        assert without_env(empty) == without_env(home)


@pytest.mark.parametrize("form", [*FORMS, INDEXED])
def test_guild_lists_what_we_export_without_importing_it(peer, home, tmp_path, form, many):
    ids = Store(home.runs_dir).ids()
    export_runs(home, ids, tmp_path / form, ExportOptions())

    listed = peer.guild(home.path, "runs", "-A", str(tmp_path / form), "-n", "1000").stdout

    assert {line.split()[0].partition(":")[2].strip("[]") or line for line in listed.splitlines()}
    assert sum(run_id[:8] in listed for run_id in ids) == len(ids)
    assert len(listed.splitlines()) == len(ids)


@pytest.mark.parametrize("form", [INDEXED, "all.tar.zst", "all.tar.gz"])
def test_an_index_says_of_guilds_runs_what_they_say(home, tmp_path, form, monkeypatch):
    monkeypatch.setattr(archive_target, "WORTH_IT", 2)
    ids = Store(home.runs_dir).ids()
    export_runs(home, ids, tmp_path / form, ExportOptions())

    with closing(open_source(tmp_path / form, with_index=True)) as source:
        told = {run_id: source.index.row(run_id) for run_id in source.index.ids}
    with closing(open_source(tmp_path / form)) as source:
        assert told == {i: Row.of(source.run(i, brief=True)) for i in ids}


@pytest.mark.parametrize("form", FORMS)
def test_we_import_what_guild_exports(peer, home, empty, tmp_path, form):
    peer.guild(home.path, "export", "-y", str(tmp_path / form))

    outcome = brought(empty, tmp_path / form)

    assert outcome.refused == ()
    assert sorted(outcome.imported) == sorted(Store(home.runs_dir).ids())
    assert facts(peer, empty.path) == facts(peer, home.path)
    assert verdicts(empty, tmp_path / form) == {"same"}
    ours, theirs = (without_env(each, times=form == "out") for each in (empty, home))
    if form == "out.zip":  # Guild leaves empty directories of the links to steps
        steps = {name for name, (mode, *_) in ours.items() if mode != theirs[name][0]}
        assert all(theirs.pop(name)[0].startswith("l") and ours.pop(name) for name in steps)
    assert ours == theirs


def test_batches_keep_their_trials_through_our_zips_and_guilds(peer, home, empty, tmp_path):
    batches = [run_id for run_id in Store(home.runs_dir).ids() if _links(home, run_id)]
    assert len(batches) >= 3
    export_runs(home, batches, tmp_path / "ours.zip", ExportOptions())

    brought(empty, tmp_path / "ours.zip")

    assert {run_id: _links(empty, run_id) for run_id in batches} == {
        run_id: _links(home, run_id) for run_id in batches
    }


def _links(home: Home, run_id: str) -> dict[str, str]:
    found = (home.runs_dir / run_id).iterdir()
    return {path.name: str(path.readlink()) for path in found if path.is_symlink()}


@pytest.mark.parametrize("form", ["none", "all"])
def test_guild_adds_to_our_zip_and_we_to_guilds(peer, home, empty, tmp_path, form, many):
    ids = sorted(Store(home.runs_dir).ids())
    path = tmp_path / "turns.zip"
    export_runs(home, ids[:4], path, ExportOptions(with_env=True))
    peer.guild(home.path, "export", "-y", str(path), *ids[4:8])
    export_runs(home, ids[8:12], path, ExportOptions())

    peer.guild(empty.path, "import", "-y", str(path))

    assert sorted(Store(empty.runs_dir).ids()) == ids[:12]
    other = Home(tmp_path / "other")
    other.path.mkdir()
    assert sorted(brought(other, path).imported) == ids[:12]


@pytest.mark.parametrize("form", FORMS)
def test_runs_that_are_here_already_are_skipped_by_both(peer, home, empty, tmp_path, form):
    ids = Store(home.runs_dir).ids()
    export_runs(home, ids, tmp_path / form, ExportOptions())
    peer.guild(empty.path, "import", "-y", str(tmp_path / form))
    before = tree(empty.runs_dir)

    again = export_runs(home, ids, tmp_path / form, ExportOptions())
    outcome = brought(empty, tmp_path / form)

    assert set(again.skipped) == set(outcome.skipped) == set(ids)
    assert tree(empty.runs_dir) == before
