"""Exports and imports killed at any moment: no half run, and a clean start after that."""

from __future__ import annotations

import random
import shutil
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

from core.archives.export import ExportOptions, export_runs
from core.archives.importing import import_runs
from core.archives.incoming import finish
from core.archives.plan import plan_import
from core.archives.source import open_source
from core.home import Home
from core.runs.store import Store
from tests.support.kills import kill_at_each_step, killed_before
from tests.support.runs import make_run
from tests.support.trees import tree

A, B, OLD = ("a" * 32, "b" * 32, "d" * 32)
IDS = (A, B)


def made_home(path: Path, ids=IDS) -> Home:
    """A home of small runs."""
    home = Home(path)
    for run_id in ids:
        attrs = {"id": run_id, "label": run_id[:1]}
        make_run(home.runs_dir, run_id, attrs=attrs, files={"data": run_id.encode() * 200})
    return home


def export(home: Home, path: Path, form: str, *, move: bool = False, advance=None):
    options = ExportOptions(format=form, move=move)
    return export_runs(home, IDS, path, options, advance=advance or (lambda amount: None))


def bring(home: Home, path: Path, advance=None):
    with closing(open_source(path)) as source:
        plan = plan_import(home, [source])
        return import_runs(home, plan, "theirs", advance=advance or (lambda amount: None))


def contents(path: Path) -> dict[str, dict[str, tuple[object, ...]]]:
    """Each run of an archive, brought into an empty home; all of them must be whole."""
    home = Home(path.parent / "check")
    home.path.mkdir()
    outcome = bring(home, path)
    assert outcome.refused == ()
    found = {run_id: tree(home.runs_dir / run_id, times=False) for run_id in outcome.imported}
    shutil.rmtree(home.path)
    return found


def runs_of(home: Home) -> dict[str, dict[str, tuple[object, ...]]]:
    ids = Store(home.runs_dir).ids()
    return {run_id: tree(home.runs_dir / run_id, times=False) for run_id in ids}


class Exporting:
    """An export onto an archive that has a run already, killed again and again."""

    def __init__(self, place: Path, form: str, *, move: bool) -> None:
        self._place = place
        self._form = form
        self._move = move
        self._number = count()

    def prepare(self) -> tuple[Home, Path]:
        base = self._place / str(next(self._number))
        base.mkdir()
        path = base / ("out" if self._form == "directory" else f"out.{self._form}")
        export_runs(made_home(base / "old", [OLD]), [OLD], path, ExportOptions(format=self._form))
        return made_home(base / "home"), path

    def work(self, state: tuple[Home, Path]) -> None:
        export(*state, self._form, move=self._move)

    def examine(self, state: tuple[Home, Path]) -> None:
        home, path = state
        whole = runs_of(made_home(path.parent / "whole", [*IDS, OLD]))
        here = runs_of(home)
        finish(home)
        there = contents(path)
        assert runs_of(home) == here
        assert OLD in there
        assert {OLD, *there, *here} == {*IDS, OLD}
        for found in (there, here):
            assert all(found[run_id] == whole[run_id] for run_id in found)
        if not self._move:
            assert set(here) == set(IDS)
        assert not (home.path / "incoming").exists()
        directory = path if path.is_dir() else path.parent
        assert not [entry for entry in directory.iterdir() if entry.name.startswith(".rundesk")]
        shutil.rmtree(path.parent)


@pytest.mark.parametrize(
    ("form", "move"), [("directory", True), ("zip", False), ("zip", True), ("tar.zst", False)]
)
def test_an_export_that_is_killed_destroys_nothing(tmp_path, form, move):
    exporting = Exporting(tmp_path, form, move=move)

    assert kill_at_each_step(exporting.prepare, exporting.work, exporting.examine) > 5


@pytest.mark.parametrize("form", ["directory", "zip", "tar.zst"])
def test_an_import_that_is_killed_leaves_whole_runs(tmp_path, form):
    source = made_home(tmp_path / "source")
    path = tmp_path / ("out" if form == "directory" else f"out.{form}")
    export(source, path, form)
    whole = runs_of(source)
    number = count()

    def prepare() -> Home:
        home = made_home(tmp_path / str(next(number)), [B])
        (home.runs_dir / B / "data").write_bytes(b"mine")
        return home

    def examine(home: Home) -> None:
        mine = runs_of(made_home(home.path / "own", [B]))[B]
        mine["data"] = (*mine["data"][:2], b"mine")
        there = runs_of(home)
        assert there.pop(B, None) in (None, mine, whole[B])
        assert all(there[run_id] == whole[run_id] for run_id in there)

        finish(home)

        found = runs_of(home)
        assert found[B] in (mine, whole[B])
        assert found.keys() == {*there, B}
        if found[B] != mine:
            assert tree(home.trash_dir / B, times=False) == mine
        assert not (home.path / "incoming").exists()
        bring(home, path)
        assert runs_of(home) == whole
        shutil.rmtree(home.path)

    assert kill_at_each_step(prepare, lambda home: bring(home, path), examine) > 20


@pytest.mark.parametrize(("form", "seeds"), [("zip", 50), ("directory", 10), ("tar.zst", 10)])
def test_kills_at_random_moments_of_both(tmp_path, form, seeds):
    source = made_home(tmp_path / "source")
    whole = runs_of(source)
    path = tmp_path / ("full" if form == "directory" else f"full.{form}")
    export(source, path, form)
    home, killed = Home(tmp_path / "home"), 0
    for seed in range(seeds):
        moment = random.Random(seed).randrange(40)
        out = tmp_path / f"out-{seed}.{form}"
        home.path.mkdir()

        killed += killed_before(lambda: export(source, out, form), moment)  # noqa: B023 - called at once
        killed += killed_before(lambda: bring(home, path), moment)
        there = runs_of(home)

        assert all(there[run_id] == whole[run_id] for run_id in there)
        assert runs_of(source) == whole
        finish(source)
        finish(home)
        assert not (home.path / "incoming").exists()
        assert runs_of(home) == there
        found = contents(out) if out.exists() and any(out.glob("?" * 32) or [1]) else {}
        assert all(found[run_id] == whole[run_id] for run_id in found)
        shutil.rmtree(home.path)

    assert killed >= seeds // 2
    assert not [each for each in tmp_path.iterdir() if each.name.startswith(".rundesk")]
