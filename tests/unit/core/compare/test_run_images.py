"""Which pictures runs have."""

from __future__ import annotations

import pytest

from core.compare import run_images
from core.compare.diff_side import RunSide
from core.compare.run_images import find_images
from core.errors import Cancelled
from tests.support.runs import make_run


def found(tmp_path, *runs: list[str]):
    paths = [
        make_run(tmp_path, f"{number:032x}", files=dict.fromkeys(names, b"x"))
        for number, names in enumerate(runs)
    ]
    return find_images([RunSide(path) for path in paths], lambda: None)


def test_pictures_are_told_by_their_names_those_of_most_runs_first(tmp_path):
    images = found(tmp_path, ["a.png", "z.JPG", "x.txt"], ["z.JPG", "dir/b.svg"])

    assert [(each.name, each.runs) for each in images.series] == [
        ("z.JPG", 2),
        ("a.png", 1),
        ("dir/b.svg", 1),
    ]
    assert images.series[0].path(0, 0) == "z.JPG"
    assert images.series[1].path(1, 0) is None


def test_names_that_differ_in_one_number_are_a_series(tmp_path):
    images = found(tmp_path, ["step 2.png", "step 10.png", "v1/x.png"], ["step 2.png"])
    series = images.series[0]

    assert (series.name, series.steps, series.runs) == ("step #.png", (2, 10), 2)
    assert (series.path(0, 1), series.path(1, 1)) == ("step 10.png", None)
    assert images.series[1].name == "v1/x.png"


def test_the_number_that_differs_makes_the_series(tmp_path):
    images = found(tmp_path, ["v2/step_1.png", "v2/step_2.png", "v2/step_3.png", "v3/step_1.png"])

    assert [each.name for each in images.series] == ["v2/step_#.png", "v3/step_1.png"]


def test_files_of_guild_and_links_out_of_the_run_are_left_out(tmp_path):
    run = make_run(tmp_path, files={".guild/a.png": b"x", "b.png": b"x"})
    (run / "c.png").symlink_to("/etc/passwd")

    assert [each.name for each in find_images([RunSide(run)], lambda: None).series] == ["b.png"]


def test_a_run_that_is_gone_is_told_and_the_others_are_looked_at(tmp_path):
    run = make_run(tmp_path, files={"a.png": b"x"})
    images = find_images([RunSide(tmp_path / ("f" * 32)), RunSide(run)], lambda: None)

    assert [each.name for each in images.series] == ["a.png"]
    assert images.problems[0].startswith("Run ffffffff: Cannot open the run: ")


def test_of_very_many_files_the_first_are_looked_at(tmp_path, monkeypatch):
    monkeypatch.setattr(run_images, "MOST_FILES", 3)
    images = found(tmp_path, [f"{letter}.png" for letter in "abcdef"])

    assert len(images.series) < 4


def test_looking_stops_when_it_is_asked_to(tmp_path):
    def stop():
        raise Cancelled

    with pytest.raises(Cancelled):
        find_images([RunSide(make_run(tmp_path, files={"a.png": b"x"}))], stop)


def test_what_the_first_of_many_runs_have_is_told_meanwhile(tmp_path, monkeypatch):
    monkeypatch.setattr("core.compare.run_images.FIRST_TOLD", 2)
    dirs = []
    for number in range(9):
        path = tmp_path / f"run{number}"
        path.mkdir()
        (path / "a.png").touch()
        dirs.append(path)
    told = []

    whole = find_images(list(map(RunSide, dirs)), lambda: None, told.append)

    assert [each.looked for each in told] == [2, 4, 8]
    assert [each.series[0].runs for each in told] == [2, 4, 8]  # not what was found later
    assert (whole.looked, whole.series[0].runs) == (9, 9)


def test_of_too_many_pictures_those_of_the_first_runs_are_kept(tmp_path, monkeypatch):
    monkeypatch.setattr("core.compare.run_images.MOST_PICTURES", 3)
    dirs = []
    for number in range(4):
        path = tmp_path / f"run{number}"
        path.mkdir()
        for name in ("a.png", "b.png"):
            (path / name).touch()
        dirs.append(path)

    assert find_images(list(map(RunSide, dirs)), lambda: None).looked == 2
