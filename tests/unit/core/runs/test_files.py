from __future__ import annotations

import os
import socket

import pytest

from core.errors import Cancelled, RunError
from core.runs import files
from core.runs.files import list_directory, open_file, resolve_path, shown, walk_files

SHA = "0" * 40


@pytest.fixture
def run(tmp_path):
    """A run with source code, a dependency, generated files and a sibling run."""
    path = tmp_path / "runs" / "a1"
    guild = path / ".guild"
    (guild / "attrs").mkdir(parents=True)
    (guild / "opref").write_text("x")
    (guild / "manifest").write_text(f"s train.py {SHA} train.py\nd data - file:data\n")
    (path / "train.py").write_text("print()\n")
    (path / "data" / "deep").mkdir(parents=True)
    (path / "data" / "deep" / "a.csv").write_text("a,b\n")
    (path / "model").mkdir()
    for name in ("ckpt10", "ckpt9"):
        (path / "model" / name).write_bytes(b"12345")
    other = tmp_path / "runs" / "b2"
    (other / ".guild").mkdir(parents=True)
    (other / ".guild" / "opref").write_text("x")
    (other / "result.txt").write_text("result")
    return path


def entries(run, path=""):
    return {entry.name: entry for entry in list_directory(run, path).entries}


def test_entries_have_kind_shape_size_and_time(run):
    os.utime(run / "train.py", ns=(0, 1_500_000_000_123_456_789))

    found = entries(run)

    assert (found["train.py"].kind, found["train.py"].shape) == ("source", "file")
    assert found["train.py"].size == 8
    assert found["train.py"].modified == 1_500_000_000_123_456
    assert (found["data"].kind, found["data"].shape) == ("dependency", "directory")
    assert (found["model"].kind, found["model"].size) == ("directory", None)
    assert found[".guild"].kind == "internal"


def test_directories_come_first_and_names_in_natural_order(run):
    assert [e.name for e in list_directory(run).entries] == [".guild", "data", "model", "train.py"]
    assert [e.name for e in list_directory(run, "model").entries] == ["ckpt9", "ckpt10"]


def test_numbers_in_names_count_as_numbers(run):
    names = ["a", "a0", "a00", "a1", "a2b", "a2c", "A10", "a100", "b", "é1"]
    for name in reversed(names):
        (run / "data" / "deep" / name).touch()

    listed = [entry.name for entry in list_directory(run, "data/deep").entries]

    assert [name for name in listed if name not in ("a0", "a00", "a.csv")] == [
        name for name in names if name not in ("a0", "a00")
    ]


def test_what_lies_below_a_dependency_is_one_and_the_rest_is_generated(run):
    assert entries(run, "data/deep")["a.csv"].kind == "dependency"
    assert entries(run, "model")["ckpt9"].kind == "generated"
    assert entries(run, "model")["ckpt9"].path == "model/ckpt9"


def test_a_link_to_another_run_is_told_with_its_id(run):
    (run / "trial").symlink_to("../b2")
    (run / "result.txt").symlink_to("../b2/result.txt")

    found = entries(run)

    assert (found["trial"].kind, found["trial"].shape) == ("run", "run")
    assert (found["trial"].run_id, found["trial"].target) == ("b2", "../b2")
    assert (found["result.txt"].shape, found["result.txt"].run_id) == ("file", "b2")
    with open_file(run, "result.txt") as file:
        assert file.read() == b"result"


def test_broken_links_loops_and_special_files_say_so(run):
    (run / "gone").symlink_to("../c3")
    (run / "loop").symlink_to("loop")
    os.mkfifo(run / "pipe")
    with socket.socket(socket.AF_UNIX) as sock:
        here = os.open(run, os.O_RDONLY)
        sock.bind(f"/proc/self/fd/{here}/sock")
        os.close(here)

        found = entries(run)

    assert (found["gone"].problem, found["gone"].target) == ("broken link", "../c3")
    assert found["loop"].problem == "broken link"
    assert found["pipe"].problem == found["sock"].problem == "no ordinary file"


def test_a_link_out_of_the_run_is_shown_but_not_opened(run, tmp_path):
    (tmp_path / "secret").write_text("x")
    (tmp_path / "folder").mkdir()
    (run / "out").symlink_to(tmp_path / "secret")
    (run / "dir").symlink_to(tmp_path / "folder")
    (run / "runs").symlink_to("..")

    found = entries(run)

    assert found["out"].problem == found["dir"].problem == "leads out of the run"
    assert not found["dir"].is_directory
    assert not found["runs"].is_directory
    for name in ("out", "dir", "runs"):
        with pytest.raises(RunError, match="leads out of the run"):
            open_file(run, name)


@pytest.mark.parametrize("path", ["/etc/passwd", "../b2/result.txt", "model/../../b2", "a\0b"])
def test_paths_that_are_not_inside_are_refused(run, path):
    with pytest.raises(RunError, match="no path inside of a run"):
        resolve_path(run, path)


def test_a_run_that_is_a_link_itself_is_listed(run, tmp_path):
    (tmp_path / "runs" / "linked").symlink_to(run)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    moved = run.rename(elsewhere / "a1")
    run.symlink_to(moved)
    (moved / "sibling").symlink_to(tmp_path / "runs" / "b2")

    assert entries(run)["train.py"].kind == "source"
    assert entries(run)["sibling"].run_id == "b2"


def test_names_are_shown_as_they_are_without_what_would_mislead():
    assert shown("model/café λ.txt") == "model/café λ.txt"
    assert shown("caf\udce9") == "caf\ufffd"
    assert shown("evil\u202egnp.exe") == "evil\ufffdgnp.exe"
    assert shown("\x1b[31mred\nnext\x9b") == "\ufffd[31mred\ufffdnext\ufffd"


def test_what_is_no_file_is_not_opened(run):
    os.mkfifo(run / "pipe")

    with pytest.raises(RunError, match=r"^Cannot open model: it is a directory$"):
        open_file(run, "model")
    with pytest.raises(RunError, match=r"^Cannot open pipe: it is not a file$"):
        open_file(run, "pipe")
    with pytest.raises(RunError, match=r"^Cannot open gone: no such file"):
        open_file(run, "gone")


def test_a_directory_that_is_gone_is_an_error_in_one_sentence(run):
    with pytest.raises(RunError, match=r"^Cannot open gone: no such file or directory$"):
        list_directory(run, "gone")
    with pytest.raises(RunError, match=r"^Cannot list train\.py: not a directory$"):
        list_directory(run, "train.py")


def test_a_name_that_is_no_text_keeps_its_bytes(run):
    name = os.fsdecode(b"caf\xe9")
    (run / name).write_text("x")

    entry = entries(run)[name]

    assert os.fsencode(entry.path) == b"caf\xe9"
    assert files.shown(entry.path) == "caf\ufffd"
    assert resolve_path(run, entry.path).read_text() == "x"


def test_only_so_many_entries_of_a_directory_are_listed_the_first_in_order(run, monkeypatch):
    for n in range(5):
        (run / "model" / f"x{n}").touch()

    listing = list_directory(run, "model", most=3)

    assert [entry.name for entry in listing.entries] == ["ckpt9", "ckpt10", "x0"]
    assert listing.problem == "3 of 7 files in model are shown"
    monkeypatch.setattr(files, "MOST_COUNTED", 4)
    assert list_directory(run, "model", most=3).problem == (
        "3 of more than 4 files in model are shown"
    )


def test_a_walk_goes_everywhere_but_through_links(run):
    (run / "again").symlink_to("model")
    (run / "trial").symlink_to("../b2")

    paths = [
        entry.path for entry in walk_files(run, enter=lambda e: e.name != ".guild" and not e.target)
    ]

    assert paths == [
        *(".guild", "again", "data", "data/deep", "data/deep/a.csv"),
        *("model", "model/ckpt9", "model/ckpt10", "train.py", "trial"),
    ]
    assert ".guild/opref" in [entry.path for entry in walk_files(run)]


def test_directories_deep_inside_each_other_are_not_looked_up_from_the_run_on(run, monkeypatch):
    """A lookup goes through all that are above: a minute where there are a thousand of them."""
    name = "d" * 8
    path = run / "data"
    for _ in range(400):
        path /= name
        path.mkdir()
    looked_up: list[str] = []
    realpath = os.path.realpath

    def count(path, **options):
        looked_up.append(path)
        return realpath(path, **options)

    monkeypatch.setattr(os.path, "realpath", count)

    deepest = max((entry.path for entry in walk_files(run)), key=len)

    assert deepest == "/".join(["data", *[name] * 400])
    assert len(looked_up) < 40


def test_listing_can_be_stopped(run):
    def stop():
        raise Cancelled

    with pytest.raises(Cancelled):
        list_directory(run, check=stop)


def test_a_directory_without_permission_is_told(run, monkeypatch):
    scandir = os.scandir

    def refuse(path):
        if str(path).endswith("model"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)

    with pytest.raises(RunError, match=r"^Cannot list model: permission denied$"):
        list_directory(run, "model")
    assert "model" in [entry.path for entry in walk_files(run)]


def test_links_in_circles_are_followed_once(run):
    (run / "data" / "up").symlink_to("..")
    (run / "data" / "self").symlink_to(".")
    (run / "data" / "model").symlink_to("../model")
    (run / "model" / "data").symlink_to("../data")

    paths = [entry.path for entry in walk_files(run, enter=lambda entry: True)]

    assert "data/model/ckpt9" in paths
    assert "data/up/train.py" not in paths
    assert len(paths) < 40
