"""What `find` prints: compared with what is expected, understood in whatever pieces it comes."""

import os
import subprocess

import pytest

from remote import found
from remote.errors import UnsafeAnswer
from remote.found import (
    FIND_ALL,
    FIND_NAMED,
    StoreReader,
    listed,
    parse_found,
    records_of,
    words_of,
)
from remote.manifest import manifest_here
from tests.support.runs import make_run

A, B = "a" * 32, "b" * 32
ODD = b"-odd\n\xff name".decode("utf-8", "surrogateescape")


def said(command, directory):
    """What a shell prints for a command that runs in a directory."""
    done = subprocess.run(["sh", "-c", command], cwd=directory, capture_output=True, check=True)
    return done.stdout


def printed(directory):
    """What is printed of all in a directory."""
    return listed(said(FIND_ALL, directory), "box")


@pytest.fixture
def run_dir(tmp_path):
    run_dir = make_run(
        tmp_path, A, attrs={"label": "x"}, files={"model": b"12345", ODD: b"", "d/e": b"1"}
    )
    os.utime(run_dir / "model", ns=(1, 1_600_000_000_000_000_007))
    os.utime(run_dir / ODD, ns=(1, 1_600_000_000_000_000_000))
    return run_dir


def expected(run_dir):
    return {A: records_of(A, manifest_here(A, str(run_dir), lambda: None).entries.values())}


def test_what_is_just_as_expected_is_not_understood(run_dir, tmp_path):
    [tree] = parse_found(printed(tmp_path), [A], wanted=expected(run_dir)).values()

    assert tree.is_known
    assert tree.entries == ()


def put_link(path):
    path.unlink()
    path.symlink_to(ODD)


CHANGES = {
    "longer": lambda run: (
        when := (run / "model").stat().st_mtime_ns,
        (run / "model").write_bytes(b"123456"),
        os.utime(run / "model", ns=(when, when)),
    ),
    "later by a nanosecond": lambda run: os.utime(run / "model", ns=(1, 1_600_000_000_000_000_008)),
    "other rights": lambda run: (run / "model").chmod(0o600),
    "missing": lambda run: (run / ODD).unlink(),
    "one more": lambda run: (run / "d" / "f").touch(),
    "an empty directory more": lambda run: (run / "d" / "g").mkdir(),
    "other rights of a directory": lambda run: (run / "d").chmod(0o700),
    "other rights of the run": lambda run: run.chmod(0o700),
    "a link": lambda run: put_link(run / "model"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_is_not_as_expected_is_understood(run_dir, tmp_path, change):
    wanted = expected(run_dir)
    CHANGES[change](run_dir)

    [tree] = parse_found(printed(tmp_path), [A], wanted=wanted).values()

    assert not tree.is_known
    own = manifest_here(A, str(run_dir), lambda: None)
    assert {entry.name for entry in tree.entries} == own.entries.keys()


def test_what_is_complained_of_is_never_as_expected(run_dir, tmp_path):
    errors = f"find: './{A}/d': Permission denied"

    [tree] = parse_found(printed(tmp_path), [A], errors, wanted=expected(run_dir)).values()

    assert (tree.is_known, tree.problem) == (False, "permission denied")


@pytest.mark.parametrize("size", [1, 7, 1000, 10**6])
def test_a_listing_says_the_same_in_whatever_pieces_it_comes(run_dir, tmp_path, size, monkeypatch):
    monkeypatch.setattr(found, "_WORTH_READING", 300)
    make_run(tmp_path, B, files={f"file {n}": b"1" for n in range(20)})
    (tmp_path / "empty").mkdir()
    (tmp_path / "a file").touch()
    output = printed(tmp_path)
    whole = parse_found(output, [A, B, "empty", "a file"])
    del whole["a file"]

    reader = StoreReader()
    for at in range(0, len(output), size):
        reader.take(output[at : at + size])
    reader.take(b"done\n")

    assert reader.trees("box", "") == whole


def test_a_listing_that_was_cut_is_not_believed(run_dir, tmp_path):
    reader = StoreReader()
    reader.take(printed(tmp_path)[:-3])

    with pytest.raises(UnsafeAnswer):
        reader.trees("box", "")


def test_a_complaint_belongs_to_its_directory_also_when_it_was_read_before(run_dir, tmp_path):
    make_run(tmp_path, B)
    reader = StoreReader()
    reader.take(said(FIND_ALL, tmp_path))

    trees = reader.trees("box", f"find: './{B}/x': Permission denied")

    assert {name: tree.problem for name, tree in trees.items()} == {
        A: "",
        B: "permission denied",
    }


def named(directory, *names):
    """The names that are listed of those that are asked for."""
    words = words_of(names)
    output = said(FIND_NAMED.format(runs=f"'{directory}'", words=words), "/")
    return [tree for tree, own in parse_found(listed(output, "box"), names).items() if own.entries]


def test_of_the_names_in_a_command_those_are_listed_that_are_there(run_dir, tmp_path):
    make_run(tmp_path, B)

    assert named(tmp_path, "c" * 32, B, "d", A) == [B, A]
    assert named(tmp_path, "c" * 32, "d") == []
    assert named(tmp_path / "nowhere", A, B) == []


def test_a_link_to_nothing_is_there(tmp_path):
    (tmp_path / A).symlink_to("nothing")

    output = said(FIND_NAMED.format(runs=f"'{tmp_path}'", words=words_of([A])), "/")

    assert b"l\0" in output
