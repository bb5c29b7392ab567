"""What differs between two runs, section by section."""

from __future__ import annotations

import pytest

from core.compare import diff_side
from core.compare.diff_facts import read_packages
from core.compare.diff_runs import SECTIONS, diff_runs
from core.compare.diff_side import DirectorySide
from core.errors import Cancelled
from tests.support.sides import LEFT, RIGHT, two_runs

MANIFEST = "s train.py 0a train.py\ns lib/net.py 0b lib/net.py\n"


def changes(section) -> dict[str, str]:
    return {each.name: each.change for each in (*section.facts, *section.files)}


def section_of(pair, name):
    return diff_runs(*pair, [name]).section(name)


def test_sections_come_in_their_order_and_are_told_one_by_one(tmp_path):
    told = []
    diff = diff_runs(*two_runs(tmp_path), on_section=lambda section: told.append(section.name))

    assert (diff.left, diff.right) == (LEFT, RIGHT)
    assert [section.name for section in diff.sections] == list(SECTIONS) == told


def test_flags_are_changed_removed_and_added(tmp_path):
    pair = two_runs(
        tmp_path,
        attrs=({"flags": "lr: 0.1\nseed: 1\nn: .nan"}, {"flags": "lr: 0.2\nwd: 1\nn: .nan"}),
    )

    assert changes(section_of(pair, "flags")) == {
        "lr": "changed",
        "n": "same",
        "seed": "removed",
        "wd": "added",
    }


@pytest.mark.parametrize(("left", "right"), [("1", "1.0"), ("1", "'1'"), ("yes", "'yes'")])
def test_values_of_another_type_are_others(tmp_path, left, right):
    pair = two_runs(tmp_path, attrs=({"flags": f"a: {left}"}, {"flags": f"a: {right}"}))

    assert changes(section_of(pair, "flags")) == {"a": "changed"}


def test_packages_are_told_by_version(tmp_path):
    pair = two_runs(
        tmp_path,
        attrs=(
            {"pip_freeze": "- numpy==1.26.4\n- torch==2.2.1"},
            {"pip_freeze": "- numpy==2.0.0\n- click==8.1"},
        ),
    )
    section = section_of(pair, "packages")

    assert changes(section) == {"click": "added", "numpy": "changed", "torch": "removed"}
    assert [(fact.left, fact.right) for fact in section.facts][1] == ("1.26.4", "2.0.0")


def test_versions_and_variables_are_told_without_quotes(tmp_path):
    pair = two_runs(
        tmp_path,
        attrs=(
            {"pip_freeze": "- a==1.0", "env": "N: '1'"},
            {"pip_freeze": "- a==2", "env": "N: '2'"},
        ),
    )

    assert [(f.left, f.right) for f in section_of(pair, "packages").facts] == [("1.0", "2")]
    assert [(f.left, f.right) for f in section_of(pair, "environment").facts] == [("1", "2")]


def test_every_line_of_pip_is_understood():
    assert read_packages(
        [
            "a-b.c==1.0",
            "d[extra]==2.0",
            "e @ file:///home/e",
            "-e git+https://host/f@0a1b#egg=f_name&subdirectory=x",
            "-e /home/ada/project",
            "# a note",
            "whatever this is",
            7,
        ]
    ) == {
        "a-b.c": "1.0",
        "d": "2.0",
        "e": "file:///home/e",
        "f_name": "git+https://host/f@0a1b",
        "project": "/home/ada/project",
        "whatever this is": "",
        "7": "",
    }


def test_attributes_are_told_key_by_key_and_those_of_every_run_last(tmp_path):
    pair = two_runs(
        tmp_path,
        attrs=(
            {"id": LEFT, "started": "1", "host": "a", "platform": "cpus: 8\nname: x"},
            {"id": RIGHT, "started": "2", "host": "b", "platform": "cpus: 16\nname: x"},
        ),
    )

    assert changes(section_of(pair, "attributes")) == {
        "host": "changed",
        "platform.cpus": "changed",
        "platform.name": "same",
        "id": "changed",
        "started": "changed",
    }
    assert list(changes(section_of(pair, "attributes")))[-2:] == ["id", "started"]


def test_source_code_is_that_of_the_manifest(tmp_path):
    pair = two_runs(
        tmp_path,
        {".guild/manifest": MANIFEST, "train.py": "x", "lib/net.py": "y", "made.txt": "1"},
        {".guild/manifest": MANIFEST, "train.py": "x", "lib/net.py": "Y", "made.txt": "1"},
    )

    assert changes(section_of(pair, "source")) == {"train.py": "same", "lib/net.py": "changed"}
    assert changes(section_of(pair, "files")) == {"made.txt": "same"}


def test_source_code_in_the_old_place_is_known_by_its_path_in_the_project(tmp_path):
    pair = two_runs(
        tmp_path,
        {".guild/sourcecode/train.py": "x"},
        {".guild/manifest": "s train.py 0a train.py\n", "train.py": "x"},
    )
    (file,) = section_of(pair, "source").files

    assert (file.change, file.left, file.right) == (
        "same",
        ".guild/sourcecode/train.py",
        "train.py",
    )


def test_a_file_that_only_has_another_name_is_told_as_one(tmp_path):
    pair = two_runs(tmp_path, {"old.txt": "content", "a": "1"}, {"new.txt": "content", "b": "2"})
    files = section_of(pair, "files").files

    assert [(file.name, file.change, file.moved_from) for file in files] == [
        ("a", "removed", ""),
        ("b", "added", ""),
        ("new.txt", "changed", "old.txt"),
    ]


def test_large_files_of_the_same_size_are_unsure(tmp_path, monkeypatch):
    monkeypatch.setattr(diff_side, "MOST_READ", 10)
    pair = two_runs(tmp_path, {"a": "x" * 20, "b": "x" * 20}, {"a": "x" * 20, "b": "x" * 21})

    assert changes(section_of(pair, "files")) == {"a": "unsure", "b": "changed"}


def test_files_of_guild_and_links_out_of_the_run_are_no_files(tmp_path):
    pair = two_runs(tmp_path, {".guild/opref.bak": "x", "a": "1"}, {"a": "1"})
    (pair[0].path / "out").symlink_to("/etc/passwd")

    assert changes(section_of(pair, "files")) == {"a": "same"}


def test_output_is_a_section_only_where_there_is_some(tmp_path):
    pair = two_runs(tmp_path, {".guild/output": "one"}, {})

    assert changes(section_of(pair, "output")) == {"output": "removed"}


def test_what_cannot_be_read_is_told_and_the_rest_is_compared(tmp_path):
    pair = two_runs(
        tmp_path, attrs=({"flags": "a: [", "host": "x"}, {"flags": "a: 1", "host": "x"})
    )
    diff = diff_runs(*pair)

    assert diff.section("flags").problem.startswith("Of run 1a1a1a1a the attribute flags is not ")
    assert changes(diff.section("flags")) == {"a": "added"}
    assert changes(diff.section("attributes")) == {"host": "same"}


def test_a_run_that_is_gone_differs_in_all_it_had(tmp_path):
    left, right = two_runs(tmp_path, {"a": "1"}, {"a": "1"})
    right.path.rename(tmp_path / "elsewhere")
    section = section_of((left, right), "files")

    assert section.problem.startswith("Cannot open the run: ")
    assert changes(section) == {"a": "removed"}


def test_a_directory_is_compared_by_the_files_that_are_wanted(tmp_path):
    project = tmp_path / "project"
    project.mkdir()
    (project / "train.py").write_text("new")
    (project / "notes.txt").write_text("")
    left, _ = two_runs(
        tmp_path, {".guild/manifest": MANIFEST, "train.py": "x", "lib/net.py": "y"}, {}
    )
    side = DirectorySide(project, frozenset({"train.py", "lib/net.py"}))

    assert changes(section_of((left, side), "source")) == {
        "train.py": "changed",
        "lib/net.py": "removed",
    }
    assert changes(diff_runs(left, side, ["attributes"]).section("attributes")) == {}


def test_counts_tell_how_many_differ(tmp_path):
    pair = two_runs(tmp_path, attrs=({"flags": "a: 1\nb: 2\nc: 3"}, {"flags": "a: 1\nb: 3"}))
    section = section_of(pair, "flags")

    assert section.differing == 2
    assert section.counts == {"same": 1, "changed": 1, "removed": 1}


def test_a_comparison_stops_when_it_is_asked_to(tmp_path):
    def stop():
        raise Cancelled

    with pytest.raises(Cancelled):
        diff_runs(*two_runs(tmp_path), check=stop)


def started_of(tmp_path, left, right):
    pair = two_runs(tmp_path, attrs=({"started": left}, {"started": right}))
    (fact,) = (f for f in section_of(pair, "attributes").facts if f.name == "started")
    return fact


def test_moments_read_as_dates_and_keep_their_values(tmp_path):
    fact = started_of(tmp_path, "1700000000000000", "1700000000000001")

    assert fact.left.startswith("2023-11-1")
    assert fact.left != fact.right
    assert fact.values == (1700000000000000, 1700000000000001)


@pytest.mark.parametrize("odd", ["soon", "yes", "99999999999999999999999", "1.5"])
def test_what_is_no_moment_stays_as_it_is_written(tmp_path, odd):
    fact = started_of(tmp_path, odd, "1700000000000000")

    assert fact.left == odd
    assert fact.right.startswith("2023-11-1")


def test_a_moment_on_one_side_only_is_read_too(tmp_path):
    pair = two_runs(tmp_path, attrs=({"stopped": "1700000000000000"}, {}))

    (fact,) = (f for f in section_of(pair, "attributes").facts if f.name == "stopped")
    assert fact.left.startswith("2023-11-1")
    assert fact.right is None
