from __future__ import annotations

import zipfile

import pytest

from core.archives.opened import open_sources
from core.errors import Cancelled
from core.home import Home
from tests.support.runs import make_run

A, B, C = ("a" * 32, "b" * 32, "c" * 32)


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path / "home")
    home.runs_dir.mkdir(parents=True)
    return home


@pytest.fixture
def there(tmp_path):
    there = tmp_path / "there"
    for run_id in (A, B, C):
        make_run(there, run_id)
    return there


def test_run_directories_side_by_side_are_one_source(home, there):
    opened = open_sources(home, [there / A, there / C, there / A])

    (source,) = opened.sources
    assert source.ids() == [A, C]
    assert source.path == there
    assert opened.problems == []
    assert opened.home is None


def test_places_of_all_kinds_are_opened_together(home, there, tmp_path):
    make_run(tmp_path / "other" / "runs", B)
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr(f"{C}/.guild/opref", "script:x '' '' x.py\n")

    opened = open_sources(home, [there, tmp_path / "other", tmp_path / "x.zip"])

    assert [source.kind for source in opened.sources] == ["directory", "home", "zip"]
    opened.close()
    opened.close()


def test_one_home_alone_can_be_opened_instead(home, tmp_path):
    make_run(tmp_path / "other" / "runs", B)

    assert open_sources(home, [tmp_path / "other"]).home == tmp_path / "other"


def test_what_is_no_source_is_told_and_the_others_go_on(home, there, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.txt").write_text("no archive")

    names = [tmp_path / "empty", tmp_path / "text.txt", tmp_path / "gone", there]
    opened = open_sources(home, names)

    assert [source.path for source in opened.sources] == [there]
    assert len(opened.problems) == 3
    assert "There is no run in" in opened.problems[0]
    assert "text.txt is no archive" in opened.problems[1]
    assert "Cannot open" in opened.problems[2]


def test_the_homes_own_runs_are_no_source(home):
    make_run(home.runs_dir, A)

    for path in (home.path, home.runs_dir, home.runs_dir / A):
        opened = open_sources(home, [path])
        assert opened.sources == []
        assert "in this home already" in opened.problems[0]


def test_stopping_leaves_nothing_open(home, there):
    def stop():
        raise Cancelled

    with pytest.raises(Cancelled):
        open_sources(home, [there], check=stop)
