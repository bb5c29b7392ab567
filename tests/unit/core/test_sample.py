"""Sample stores are made anew from their arguments, and never over somebody's runs."""

from __future__ import annotations

import hashlib
import os
import shlex
import struct
from pathlib import Path

import pytest

from core.errors import Cancelled, HomeError
from core.sample import make_sample_store

STORY = 60


@pytest.fixture(scope="module")
def story(tmp_path_factory) -> Path:
    home = tmp_path_factory.mktemp("story")
    make_sample_store(home, story=True, running_pid=os.getpid())
    return home


def digests(home: Path) -> dict[str, str]:
    """Every path of a home with what it holds."""
    return {
        str(path.relative_to(home)): hashlib.sha1(path.read_bytes()).hexdigest()
        for path in home.rglob("*")
        if path.is_file()
    }


def test_the_same_arguments_give_the_same_store(tmp_path):
    make_sample_store(tmp_path / "a", runs=40, seed=3)
    make_sample_store(tmp_path / "b", runs=40, seed=3)

    assert digests(tmp_path / "a") == digests(tmp_path / "b")


def test_another_seed_gives_another_store(tmp_path):
    make_sample_store(tmp_path / "a", runs=10, seed=1)
    make_sample_store(tmp_path / "b", runs=10, seed=2)

    ids = [{path.name for path in (tmp_path / name / "runs").iterdir()} for name in "ab"]
    assert not ids[0] & ids[1]


@pytest.mark.parametrize("runs", [0, 1, 5, 7, 60, 200])
def test_as_many_runs_are_made_as_asked_for(tmp_path, runs):
    make_sample_store(tmp_path, runs=runs)

    found = [path for path in (tmp_path / "runs").iterdir() if (path / ".guild/opref").exists()]
    assert len(found) == len(list((tmp_path / "runs").iterdir())) == runs


def test_a_home_that_holds_runs_is_left_alone(tmp_path):
    (tmp_path / "runs" / "precious").mkdir(parents=True)

    with pytest.raises(HomeError, match="there are runs already"):
        make_sample_store(tmp_path, runs=5)

    assert [path.name for path in tmp_path.rglob("*")] == ["runs", "precious"]


def test_what_check_raises_ends_the_work(tmp_path):
    calls = iter(range(100))

    def check() -> None:
        if next(calls) == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        make_sample_store(tmp_path, runs=60, check=check)

    assert len(list((tmp_path / "runs").iterdir())) == 3


def test_a_place_that_cannot_be_written_is_explained(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(HomeError, match="cannot be written") as caught:
        make_sample_store(tmp_path / "file", runs=5)

    assert caught.value.hint


def test_manifests_tell_the_truth_about_files(story):
    checked = 0
    for manifest in story.glob("runs/*/.guild/manifest"):
        run_dir = manifest.parents[1]
        is_old = (manifest.parent / "sourcecode").exists()
        for line in manifest.read_text().splitlines():
            kind, path, sha1, *_ = shlex.split(line)
            place = manifest.parent / "sourcecode" if is_old else run_dir
            assert hashlib.sha1((place / path).read_bytes()).hexdigest() == sha1, (kind, path)
            checked += 1
    assert checked > 150


def test_output_index_has_one_record_a_line(story):
    outputs = list(story.glob("runs/*/.guild/output"))
    assert outputs
    for output in outputs:
        index = output.with_name("output.index").read_bytes()
        records = list(struct.iter_unpack(">QB", index))

        assert len(records) == output.read_bytes().count(b"\n")
        assert [time for time, _ in records] == sorted(time for time, _ in records)
        assert {stream for _, stream in records} <= {0, 1}


def test_links_of_batches_and_pipelines_lead_to_runs(story):
    links = [path for path in (story / "runs").glob("*/*") if path.is_symlink()]

    assert len(links) >= 8 + 12 + 3
    assert all((path / ".guild" / "opref").is_file() for path in links)
    assert len(list((story / "runs").glob("*/.guild/proto/.guild/opref"))) >= 2


def test_the_story_has_something_of_everything(story):
    runs = story / "runs"

    assert len(list(runs.iterdir())) == STORY
    for pattern in (
        "*/.guild/LOCK", "*/.guild/STAGED", "*/.guild/PENDING", "*/.guild/attrs/marked",
        "*/.guild/attrs/comments", "*/.guild/attrs/tags", "*/pictures/*.png", "*/results/*.csv",
        "*/results/*.yml", "*/metrics.json", "*/logs/train/events.out.tfevents.*",
        "*/.guild/sourcecode/train.py",
    ):  # fmt: skip
        assert list(runs.glob(pattern)), pattern
    assert list((story / "trash" / "runs").iterdir())
    assert any(b"\x1b[3" in path.read_bytes() for path in runs.glob("*/.guild/output"))


def test_a_run_has_about_26_files(tmp_path):
    make_sample_store(tmp_path, runs=400)

    files = sum(len(names) for _, _, names in os.walk(tmp_path / "runs"))
    assert 24 < files / 400 < 30
