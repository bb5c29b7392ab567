"""`export` and `import`: what they take, ask, refuse and say."""

from __future__ import annotations

import io
import os
import shutil
import tarfile

import pytest

from tests.support.answers import Terminal
from tests.support.archives import raw_zip
from tests.support.runs import make_run
from tests.support.trees import tree

A, B, C = "ab12" * 8, "ab34" * 8, "cd56" * 8


@pytest.fixture
def runs(desk):
    """Three runs, A the newest."""
    for start, (run_id, label) in enumerate([(C, "third"), (B, "second"), (A, "first")]):
        make_run(
            desk.home / "runs",
            run_id,
            attrs={
                "id": run_id,
                "started": f"170000000000000{start}",
                "label": label,
                "env": "TOKEN: x",
            },
            files={"model": b"x" * 1000},
        )
    return desk.home / "runs"


@pytest.fixture
def other(desk, tmp_path):
    """The command line on another, empty home."""
    home = tmp_path / "other"
    (home / "runs").mkdir(parents=True)
    return desk.on(home)


def names(directory):
    return sorted(path.name for path in directory.iterdir() if path.name != ".guild-nocopy")


def test_exported_runs_are_told_and_stay(desk, runs, tmp_path):
    outcome = desk("export", "-y", str(tmp_path / "out"), "ab12", "2:")

    assert outcome.err.startswith(f"Exported 3 runs to {tmp_path / 'out'} (")
    assert outcome.data == b""
    assert names(tmp_path / "out") == names(runs) == [A, B, C]
    assert not (tmp_path / "out" / A / ".guild" / "attrs" / "env").exists()


@pytest.mark.parametrize("name", ["x.zip", "x.tar.gz", "x.tar.zst", "x"])
def test_what_is_exported_is_imported_elsewhere(desk, runs, other, tmp_path, name):
    desk("export", "-y", "--with-env", str(tmp_path / name), ":")

    outcome = other("import", "-y", str(tmp_path / name))

    assert outcome.err.startswith("Imported 3 runs (")
    assert tree(other.home / "runs", times=False) == tree(runs, times=False)
    again = other("import", "-y", str(tmp_path / name))
    assert again.err == "Imported 0 runs (0 bytes).\n3 runs were here already.\n"


def test_moved_runs_are_there_and_not_here(desk, runs, tmp_path):
    outcome = desk("export", "-y", "-m", str(tmp_path / "x.zip"), "1")

    assert outcome.err.endswith("Removed 1 run here.\n")
    assert names(runs) == [B, C]


def test_runs_that_are_there_are_skipped(desk, runs, tmp_path):
    desk("export", "-y", str(tmp_path / "x.zip"), "1")

    outcome = desk("export", "-y", str(tmp_path / "x.zip"), "1", "2")

    assert outcome.err.startswith("Exported 1 run ")
    assert outcome.err.endswith("1 run is there already: skipped.\n")


def test_nothing_named_is_an_error(desk, runs, tmp_path):
    outcome = desk.fails("export", "-y", str(tmp_path / "x.zip"))

    assert "No run is named" in outcome.err
    assert not (tmp_path / "x.zip").exists()


@pytest.mark.parametrize("command", ["export", "import"])
def test_without_a_person_to_ask_nothing_is_done(desk, runs, other, tmp_path, command):
    desk("export", "-y", str(tmp_path / "x.zip"), ":")
    if command == "export":
        outcome = desk.call("-H", str(desk.home), "export", str(tmp_path / "y.zip"), "1")
    else:
        outcome = other.call("-H", str(other.home), "import", str(tmp_path / "x.zip"))

    assert outcome.code == 4
    assert "Nobody can answer here" in outcome.err
    assert not (tmp_path / "y.zip").exists()
    assert names(other.home / "runs") == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("missing/x.zip", "There is no directory"),
        ("odd.zip", "is there already and is no zip"),
        ("odd.zip/below", "is no directory"),
    ],
)
def test_what_cannot_be_is_said_before_anybody_is_asked(desk, runs, tmp_path, name, said):
    (tmp_path / "odd.zip").write_text("mine")

    outcome = desk.call("-H", str(desk.home), "export", str(tmp_path / name), "1")

    assert outcome.code == 1
    assert said in outcome.err
    assert "about to" not in outcome.err
    assert (tmp_path / "odd.zip").read_text() == "mine"


def test_a_person_is_asked_once(desk, runs, tmp_path):
    with Terminal(desk) as terminal:
        terminal.start("export", str(tmp_path / "x.zip"), "1")
        terminal.wait_for("Export 1 run to")
        terminal.type("y\n")
        assert terminal.finish() == 0

    assert (tmp_path / "x.zip").exists()


def test_a_dry_run_says_and_does_nothing(desk, runs, other, tmp_path):
    desk("export", "-y", str(tmp_path / "x.zip"), ":")
    other("import", "-y", str(tmp_path / "x.zip"))
    (other.home / "runs" / A / "model").write_bytes(b"y" * 1000)
    (other.home / "runs" / C / ".guild" / "opref").unlink()
    before = tree(other.home)

    text = other("import", "--dry-run", str(tmp_path / "x.zip"))
    document = other("import", "--dry-run", "--json", str(tmp_path / "x.zip")).json

    assert tree(other.home) == before
    assert len(text.lines) == 3
    found = {item["id"]: item for item in document["items"]}
    assert {run_id: item["verdict"] for run_id, item in found.items()} == {
        A: "conflict",
        B: "same",
        C: "conflict",
    }
    assert found[A]["differs"] == ["model"]
    assert found[A]["label"] == "first"
    assert document["problems"] == []


@pytest.mark.parametrize(
    ("choice", "label", "said"),
    [
        ("mine", "mine", "1 run is here with other content, unchanged"),
        ("theirs", "first", "Replaced 1 run; what was here is in the trash."),
        ("merge", "mine", "1 run is here with other content, and nothing that"),
        ("both", "mine", f"Run {A[:8]} of the source is "),
    ],
)
def test_a_conflict_ends_as_it_is_said(desk, runs, other, tmp_path, choice, label, said):
    desk("export", "-y", str(tmp_path / "x.zip"), ":")
    other("import", "-y", str(tmp_path / "x.zip"))
    other("label", "-y", "-s", "mine", A)

    outcome = other("import", "-y", "--on-conflict", choice, str(tmp_path / "x.zip"))

    assert said in outcome.err
    attr = other.home / "runs" / A / ".guild" / "attrs" / "label"
    assert attr.read_text() == f"{label}\n"
    assert len(names(other.home / "runs")) == (4 if choice == "both" else 3)


def test_a_run_of_two_sources_is_taken_once_and_refused_by_none(desk, runs, other, tmp_path):
    desk("export", "-y", str(tmp_path / "x.zip"), ":")
    desk("export", "-y", str(tmp_path / "y.tar.gz"), A, B)
    sources = [str(tmp_path / "x.zip"), str(tmp_path / "y.tar.gz")]

    shown = other("import", "--dry-run", *sources)
    outcome = other("import", "-y", *sources)

    assert "5 runs: 3 new, 2 in an earlier source too." in shown.err
    assert outcome.err.splitlines() == [
        "Imported 3 runs (3.3 KB).",
        "2 runs are in several of the sources, and taken from the first.",
    ]
    assert names(other.home / "runs") == [A, B, C]


def test_an_import_can_tell_its_outcome_as_json(desk, runs, other, tmp_path):
    desk("export", "-y", str(tmp_path / "x.zip"), ":")

    document = other("import", "-y", "--json", str(tmp_path / "x.zip")).json

    assert sorted(document["imported"]) == [A, B, C]
    assert document["refused"] == []


def test_what_is_left_out_is_told_only_of_runs_that_come(desk, runs, other, tmp_path):
    for run_id in (A, B):
        (runs / run_id / "data").symlink_to("/nowhere/at/all")
    desk("export", "-y", str(tmp_path / "x"), ":")
    other("import", "-y", str(tmp_path / "x" / A))

    outcome = other("import", "--dry-run", str(tmp_path / "x"), str(desk.home))

    told = [line for line in outcome.err.splitlines() if "is left out" in line]
    assert told == ["Run ab34ab34: “data” is a link to an absolute place and is left out."]


def test_who_has_no_home_yet_gets_one_by_importing(desk, runs, tmp_path, monkeypatch):
    monkeypatch.chdir(desk.user_home)  # no home above it is taken for the nearest one
    desk("export", "-y", str(tmp_path / "x.zip"), "ab12")
    assert not (desk.user_home / ".guild").exists()

    outcome = desk.call("import", "-y", str(tmp_path / "x.zip"))

    assert (outcome.code, outcome.err.partition(" (")[0]) == (0, "Imported 1 run")
    assert names(desk.user_home / ".guild" / "runs") == [A]


def test_runs_are_not_moved_out_of_an_archive(desk, runs, other, tmp_path):
    desk("export", "-y", str(tmp_path / "x.zip"), ":")

    outcome = other.fails("import", "-y", "-m", str(tmp_path / "x.zip"))

    assert "cannot be moved out of an archive" in outcome.err


def test_what_holds_no_run_is_an_error(other, tmp_path):
    (tmp_path / "x.zip").write_bytes(b"no zip")

    other.fails("import", "-y", str(tmp_path / "x.zip"))
    other.fails("import", "-y", str(tmp_path / "missing"))


def test_the_own_home_is_no_place_to_export_to(desk, runs):
    outcome = desk.fails("export", "-y", str(runs), ":")

    assert "the runs themselves are there" in outcome.err


def test_a_dry_run_tells_what_would_be_left_out_and_names_what_is_refused(other, tmp_path):
    path = tmp_path / "odd.tar"
    with tarfile.open(path, "w") as archive:
        for name, kind in (("a", tarfile.FIFOTYPE), ("b", tarfile.REGTYPE)):
            run_id = name * 32
            for inner in (".guild/opref", ".guild/attrs/label", "x", *["x"] * (name == "b")):
                info = tarfile.TarInfo(f"{run_id}/{inner}")
                content = b"script:/p '' '' train.py" if inner.endswith("opref") else b"mine\n"
                info.type = kind if inner == "x" else tarfile.REGTYPE
                info.size = 0 if inner == "x" and name == "a" else len(content)
                archive.addfile(info, io.BytesIO(content))

    told = other("import", "--dry-run", str(path))

    assert "Run aaaaaaaa: “x” is no ordinary file and is left out.\n" in told.err
    refused = next(line for line in told.out.splitlines() if "problem" in line)
    assert refused.split()[:4] == ["bbbbbbbb", "problem", "train.py", "mine"]
    assert "the name “x” occurs twice" in refused


def test_a_file_that_is_damaged_is_named_in_one_sentence(other, tmp_path):
    opref, content = (f"{A}/.guild/opref", b"script:/p '' '' x.py", {}), b"x" * 100
    raw_zip([opref, (f"{A}/a", content, {"crc": 1})], tmp_path / "x.zip")

    done = "Imported 0 runs (0 bytes)."
    told = other.fails_after(done, "import", "-y", str(tmp_path / "x.zip"))

    said = f"rundesk: Run {A[:8]} cannot be imported: the file “a” has a wrong checksum.\n"
    assert told.err.endswith(said)


def test_a_zip_that_swells_is_told_of_before_anything_is_done(other, tmp_path):
    swells = (f"{A}/zeros", os.urandom(1_000_000), {"size": 1_031_000_000})
    path = raw_zip([(f"{A}/.guild/opref", b"pkg: . f x train", {}), swells], tmp_path / "x.zip")

    told = other("import", "--dry-run", str(path)).err

    assert "x.zip has 1.0 MB, and its runs would take 1.0 GB, 1,030 times as much" in told


def test_what_cannot_fit_is_refused_before_anybody_is_asked(other, tmp_path):
    make_run(tmp_path / "there", A, files={"holes": ""})
    free = shutil.disk_usage(tmp_path).free
    os.truncate(tmp_path / "there" / A / "holes", free + (64 << 30))  # takes no room itself

    with Terminal(other) as terminal:
        terminal.start("import", str(tmp_path / "there"))
        terminal.wait_for("Cannot import: the runs take ")
        assert terminal.finish() == 1
        assert "Import 1 run?" not in terminal.seen


def test_a_merge_needs_no_room(other, tmp_path):
    make_run(other.home / "runs", A)
    make_run(tmp_path / "there", A, attrs={"label": "theirs"}, files={"holes": ""})
    free = shutil.disk_usage(tmp_path).free
    os.truncate(tmp_path / "there" / A / "holes", free + (64 << 30))

    outcome = other("import", "-y", "--on-conflict", "merge", str(tmp_path / "there"))

    assert outcome.code == 0
    assert "Merged what people wrote into 1 run." in outcome.err
