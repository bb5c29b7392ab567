"""What differs between runs of an archive is what differs between their directories."""

from __future__ import annotations

import zipfile

import pytest

from core.archives import archived_side
from core.archives.shelf import archive_shelf
from core.compare.diff_file import diff_files
from core.compare.diff_runs import SECTIONS, diff_runs
from core.compare.diff_side import RunSide
from core.compare.run_images import find_images
from core.errors import Cancelled, RunError
from core.scratch import Scratch
from tests.support.archives import FORMS, zip_runs
from tests.support.runs import make_run

LEFT, RIGHT = "a" * 32, "b" * 32
BIG = "0123456789abcdef" * 64
MANIFEST = "s train.py 0a train.py\n"


def go_on() -> None:
    pass


@pytest.fixture
def runs_dir(tmp_path):
    """Two runs that differ in everything that can differ."""
    runs_dir = tmp_path / "runs"
    for run_id, number in ((LEFT, 1), (RIGHT, 2)):
        make_run(
            runs_dir,
            run_id,
            attrs={
                "flags": f"lr: 0.{number}\nseed: 1",
                "env": f"HOME: /h{number}",
                "pip_freeze": f"- numpy=={number}",
                "deps": "{}",
            },
            files={
                "train.py": f"x = {number}\n",
                ".guild/manifest": MANIFEST,
                ".guild/output": f"step {number}\n",
                "same.txt": "same\n",
                "other.txt": f"number {number}\n",
                "table.csv": f"id,value\n1,{number}\n2,5\n",
                "plots/a.png": b"\x89PNG\r\n\x1a\n" + bytes([number]) * 40,
                f"only-{number}.txt": f"alone in {number}",
            },
        )
    return runs_dir


@pytest.fixture
def scratch(tmp_path):
    scratch = Scratch(tmp_path / "scratch")
    yield scratch
    scratch.close()


@pytest.fixture
def open_shelf(scratch):
    shelves = []

    def open_(path):
        shelf = archive_shelf(path, scratch)
        for _ in shelf.read(go_on):
            pass
        shelves.append(shelf)
        return shelf

    yield open_
    for shelf in shelves:
        shelf.close()


def sides(shelf, check=go_on):
    return shelf.side(LEFT, check), shelf.side(RIGHT, check)


@pytest.mark.parametrize("form", FORMS)
def test_packed_runs_differ_as_their_directories_do(form, runs_dir, tmp_path, open_shelf):
    expected = diff_runs(RunSide(runs_dir / LEFT), RunSide(runs_dir / RIGHT))
    shelf = open_shelf(FORMS[form](runs_dir, tmp_path))

    found = diff_runs(*sides(shelf))

    assert [section.name for section in found.sections] == list(SECTIONS)
    for name in SECTIONS:
        assert found.section(name) == expected.section(name)


@pytest.mark.parametrize("name", ["other.txt", "table.csv", "plots/a.png", ".guild/output"])
def test_a_file_of_two_packed_runs_is_compared(name, runs_dir, tmp_path, open_shelf):
    left, right = sides(open_shelf(zip_runs(runs_dir, tmp_path / "a.zip")))
    one, other = RunSide(runs_dir / LEFT), RunSide(runs_dir / RIGHT)

    found = diff_files((left, name), (right, name), go_on)

    assert found == diff_files((one, name), (other, name), go_on)
    assert not found.is_same


def test_a_packed_run_is_compared_to_one_in_a_home(runs_dir, tmp_path, open_shelf):
    shelf = open_shelf(zip_runs(runs_dir, tmp_path / "a.zip"))

    found = diff_runs(shelf.side(LEFT, go_on), RunSide(runs_dir / LEFT))

    assert not any(section.differing for section in found.sections)


def test_the_pictures_of_packed_runs_are_found(runs_dir, tmp_path, open_shelf):
    shelf = open_shelf(zip_runs(runs_dir, tmp_path / "a.zip"))

    found = find_images(sides(shelf), go_on)

    assert [(each.name, each.runs) for each in found.series] == [("plots/a.png", 2)]


def test_a_large_file_is_copied_to_a_place_that_leaves_nothing(
    runs_dir, tmp_path, open_shelf, monkeypatch
):
    (runs_dir / LEFT / "big.bin").write_text(BIG)
    shelf = open_shelf(zip_runs(runs_dir, tmp_path / "a.zip"))
    monkeypatch.setattr(archived_side, "_IN_MEMORY", 100)

    with shelf.side(LEFT, go_on).open("big.bin") as file:
        left_over = [path for path in (tmp_path / "scratch").rglob("*") if path.is_file()]
        file.seek(16)
        assert file.read(4) == b"0123"

    assert left_over == []


def test_large_files_of_equal_size_are_not_copied_to_see_whether_they_differ(
    runs_dir, tmp_path, open_shelf, monkeypatch
):
    for run_id in (LEFT, RIGHT):
        (runs_dir / run_id / "big.bin").write_text(BIG)
    shelf = open_shelf(zip_runs(runs_dir, tmp_path / "a.zip"))
    monkeypatch.setattr(archived_side.ArchivedSide, "most_read", 100)

    files = diff_runs(*sides(shelf), ["files"]).section("files").files

    assert {f.name: f.change for f in files}["big.bin"] == "unsure"


def test_what_is_too_large_is_said_in_one_sentence(runs_dir, tmp_path, open_shelf, monkeypatch):
    shelf = open_shelf(zip_runs(runs_dir, tmp_path / "a.zip"))
    monkeypatch.setattr(archived_side, "MOST_OPENED", 4)

    with pytest.raises(RunError, match=r"other\.txt is \d+ bytes, too large") as told:
        shelf.side(LEFT, go_on).open("other.txt")

    assert "Import or pull" in told.value.hint


def test_a_file_that_is_damaged_in_the_archive_is_told(runs_dir, tmp_path, open_shelf):
    path = zip_runs(runs_dir, tmp_path / "a.zip", method=zipfile.ZIP_STORED)
    data = path.read_bytes()
    path.write_bytes(data.replace(b"number 1", b"numbEr 1"))
    left, right = sides(open_shelf(path))

    with pytest.raises(RunError, match=r"Cannot read other\.txt"):
        diff_files((left, "other.txt"), (right, "other.txt"), go_on)


def test_it_can_be_stopped_while_a_file_is_copied(runs_dir, tmp_path, open_shelf):
    shelf = open_shelf(zip_runs(runs_dir, tmp_path / "a.zip"))

    def stop():
        raise Cancelled

    side = shelf.side(LEFT, stop)
    assert side.size("other.txt")
    with pytest.raises(Cancelled):
        side.open("other.txt")


def test_a_file_that_is_not_there_is_none(runs_dir, tmp_path, open_shelf):
    side = open_shelf(zip_runs(runs_dir, tmp_path / "a.zip")).side(LEFT, go_on)

    assert side.size("nothing.txt") is None
    with pytest.raises(RunError, match=r"There is no file nothing\.txt in run aaaaaaaa"):
        side.open("nothing.txt")
