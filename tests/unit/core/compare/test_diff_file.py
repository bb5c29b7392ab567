"""Two files beside each other, each kind in its own way."""

from __future__ import annotations

import json
import os

import pytest

from core.compare import diff_file
from core.compare.diff_file import diff_files
from core.errors import Cancelled, RunError
from tests.support.sides import compared, two_runs

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


def kinds(diff) -> list[str]:
    return [block.kind for block in diff.text.blocks]


def test_texts_are_compared_line_by_line(tmp_path):
    diff = compared(tmp_path, "train.py", "a\nb\nc\n", "a\nB\nc\nd\n")

    assert diff.look == "text"
    assert not diff.is_same
    assert kinds(diff) == ["same", "changed", "same", "added"]
    assert (diff.text.removed, diff.text.added) == (1, 2)
    assert diff.notes == ()


def test_equal_files_are_the_same(tmp_path):
    diff = compared(tmp_path, "a.txt", "x\ny\n", "x\ny\n")

    assert diff.is_same
    assert kinds(diff) == ["same"]


def test_a_file_on_one_side_only_is_all_added(tmp_path):
    diff = compared(tmp_path, "a.txt", None, "x\ny\n")

    assert diff.left is None
    assert not diff.text.left.is_there
    assert kinds(diff) == ["added"]
    assert not diff.is_same


def test_two_empty_files_are_the_same(tmp_path):
    diff = compared(tmp_path, "a.txt", "", "")

    assert diff.is_same
    assert diff.text.blocks == ()


def test_line_ends_that_differ_are_told_and_compared_away(tmp_path):
    diff = compared(tmp_path, "a.txt", "x\r\ny\r\n", "x\ny\n")

    assert kinds(diff) == ["same"]
    assert not diff.is_same
    assert diff.notes == ("Lines end differently: CRLF on the left, LF on the right.",)


def test_a_last_line_without_an_end_is_told(tmp_path):
    diff = compared(tmp_path, "a.txt", "x\ny", "x\ny\n")

    assert kinds(diff) == ["same"]
    assert diff.notes == ("The last line on the left has no end.",)


def test_encodings_that_differ_are_told(tmp_path):
    diff = compared(tmp_path, "a.txt", "größe\n".encode("latin-1"), "größe\n")

    assert kinds(diff) == ["same"]
    assert diff.notes == ("The encoding differs: LATIN-1 on the left, UTF-8 on the right.",)


def test_a_mark_of_the_encoding_is_no_difference_of_lines(tmp_path):
    diff = compared(tmp_path, "a.txt", "\ufeffx\n".encode(), "x\n")

    assert kinds(diff) == ["same"]
    assert not diff.is_same


def test_of_a_long_line_the_part_that_differs_is_kept(tmp_path):
    long = "word " * 3000
    diff = compared(tmp_path, "a.txt", f"{long}one {long}\n", f"{long}two {long}\n")

    left, right = diff.text.left.lines[0], diff.text.right.lines[0]
    assert len(left) < 2100
    assert left.startswith("… ")
    assert left.endswith(" …")
    assert "one" in left
    assert right == left.replace("one", "two")
    assert "Lines longer than 2,000 characters are cut." in diff.notes


def test_escapes_in_the_output_are_no_difference(tmp_path):
    diff = compared(
        tmp_path, ".guild/output", "\x1b[31mred\x1b[0m\n10%\r100%\n", "red\n50%\r100%\n"
    )

    assert kinds(diff) == ["same"]
    assert diff.text.left.lines == ("red", "100%")


# Large files


@pytest.fixture
def small_limits(monkeypatch):
    monkeypatch.setattr(diff_file, "MOST_TEXT", 300_000)


def numbered(count: int) -> list[str]:
    return [f"line {number}" for number in range(1, count + 1)]


def test_of_large_files_only_the_part_that_differs_is_held(tmp_path, small_limits):
    lines = numbered(100_000)
    changed = [*lines[:50_000], "another line", *lines[50_000:]]
    diff = compared(tmp_path, "a.log", "\n".join(lines) + "\n", "\n".join(changed) + "\n")

    assert kinds(diff) == ["same", "added", "same"]
    added = diff.text.blocks[1]
    assert added.right + diff.text.first == 50_001
    assert len(diff.text.right.lines) < 20_000
    assert diff.notes[0] == f"{diff.text.first - 1:,} lines before are the same on both sides."
    assert diff.notes[1].endswith("after are the same on both sides.")


def test_what_is_beyond_the_limit_is_said_to_be_left_out(tmp_path, small_limits):
    lines = numbered(100_000)
    changed = [line.replace("line", "row") for line in lines]
    diff = compared(tmp_path, "a.log", "\n".join(lines), "\n".join(changed))

    assert not diff.is_same
    assert diff.text.left.lines[-1] in lines  # a whole line
    assert diff.notes[-1].startswith("The rest was not compared: 789 KB on the left, ")


def test_large_files_without_a_difference_are_the_same(tmp_path, small_limits):
    text = "\n".join(numbered(60_000))
    diff = compared(tmp_path, "a.log", text, text)

    assert diff.is_same
    assert kinds(diff) == ["same"]


def test_a_large_text_of_wide_letters_is_compared_from_its_beginning(tmp_path, small_limits):
    text = "\n".join(numbered(20_000))
    diff = compared(tmp_path, "a.txt", text.encode("utf-16"), (text + "x").encode("utf-16"))

    assert not diff.is_same
    assert kinds(diff)[0] == "same"
    assert diff.notes[-1].startswith("The rest was not compared")


def test_a_sparse_gigabyte_is_compared_in_little_memory(tmp_path):
    left, right = two_runs(tmp_path, {"a.txt": "begin\n"}, {"a.txt": "begin\n"})
    for side, end in ((left, b"\nend\n"), (right, b"\nother end\n")):
        with (side.path / "a.txt").open("r+b") as file:
            file.seek(64 * 1024 * 1024)
            file.write(b"x" * 100 + end)
            file.truncate()
    diff = diff_files((left, "a.txt"), (right, "a.txt"), lambda: None)

    assert diff.look == "binary"  # zeros are no text
    assert not diff.is_same
    assert diff.left.size == 64 * 1024 * 1024 + 105
    assert diff.notes[0] == f"The first difference is at byte {64 * 1024 * 1024 + 101:,}."


# Tables and documents


def test_tables_are_compared_cell_by_cell(tmp_path):
    diff = compared(tmp_path, "a.csv", "step,loss\n1,0.5\n2,0.4\n", "step,loss\n1,0.5\n2,0.3\n")

    assert diff.look == "table"
    assert [row.change for row in diff.table.rows] == ["same", "changed"]
    assert diff.other_looks == ("text", "binary")


def test_the_same_files_can_be_compared_as_text(tmp_path):
    diff = compared(tmp_path, "a.csv", "a,b\n1,2\n", "a,b\n1,3\n", look="text")

    assert diff.look == "text"
    assert diff.other_looks == ("table", "binary")


@pytest.mark.parametrize("name", ["a.json", "a.yml"])
def test_documents_are_compared_by_key(tmp_path, name):
    left, right = {"lr": 0.1, "net": {"sizes": [1, 2]}}, {"lr": 0.2, "net": {"sizes": [1, 2, 3]}}
    diff = compared(tmp_path, name, json.dumps(left), json.dumps(right))

    assert diff.look == "document"
    assert [(fact.name, fact.change, fact.left, fact.right) for fact in diff.document] == [
        ("lr", "changed", "0.1", "0.2"),
        ("net.sizes[0]", "same", "1", "1"),
        ("net.sizes[1]", "same", "2", "2"),
        ("net.sizes[2]", "added", None, "3"),
    ]


@pytest.mark.parametrize(
    ("name", "bad", "note"),
    [
        ("a.json", '{"a": ', "On the right it is not valid JSON: Expecting value"),
        ("a.json", "[" * 100_000, "On the right it is not valid JSON: it is nested too deeply."),
        ("a.yaml", "a: [", "On the right it is not valid YAML: is not valid YAML"),
    ],
)
def test_what_is_no_valid_document_is_compared_as_text(tmp_path, name, bad, note):
    diff = compared(tmp_path, name, "{}", bad)

    assert diff.look == "text"
    assert diff.notes[0].startswith(note)


def test_what_is_no_table_is_compared_as_text(tmp_path):
    diff = compared(tmp_path, "a.csv", "a,b\n1,2\n", '"' + "x" * 200_000 + "\n")

    assert diff.look == "text"
    assert diff.notes[0] == "It is compared as text, since it cannot be read as a table."


def test_a_table_that_is_too_large_is_compared_as_text(tmp_path, monkeypatch):
    monkeypatch.setattr(diff_file, "MOST_TABLE", 1024 * 1024)
    diff = compared(tmp_path, "a.csv", "a,b\n" + "1,2\n" * 300_000, "a,b\n")

    assert diff.look == "text"
    assert diff.notes[0] == "It is compared as text, since as a table it is larger than 1 MB."


# Pictures and bytes


def test_pictures_are_pictures(tmp_path):
    diff = compared(tmp_path, "a.png", PNG, PNG + b"x")

    assert diff.look == "image"
    assert [picture.kind for picture in diff.pictures] == ["png", "png"]
    assert not diff.is_same


def test_a_picture_beside_a_text_is_compared_as_bytes(tmp_path):
    assert compared(tmp_path, "a.png", PNG, "no picture").look == "binary"


def test_bytes_are_told_by_size_digest_and_first_difference(tmp_path):
    diff = compared(tmp_path, "a.bin", bytes(100) + b"a", bytes(100) + b"b")

    assert diff.look == "binary"
    assert diff.left.digest != diff.right.digest
    assert len(diff.left.digest) == 64
    assert diff.notes == ("The first difference is at byte 100.",)
    assert "changed" in kinds(diff)


def test_equal_bytes_are_the_same(tmp_path):
    diff = compared(tmp_path, "a.bin", b"\0\1", b"\0\1")

    assert diff.is_same
    assert diff.left.digest == diff.right.digest


# Failures


def test_a_link_that_leads_out_of_its_run_is_not_followed(tmp_path):
    left, right = two_runs(tmp_path, {"a.txt": "x"})
    (right.path / "a.txt").symlink_to("/etc/passwd")

    with pytest.raises(RunError, match="leads out of the run"):
        diff_files((left, "a.txt"), (right, "a.txt"), lambda: None)


def test_a_file_that_vanished_is_told(tmp_path):
    left, right = two_runs(tmp_path, {"a.txt": "x"})

    with pytest.raises(RunError, match=r"Cannot open a\.txt: no such file"):
        diff_files((left, "a.txt"), (right, "a.txt"), lambda: None)


def test_a_file_that_is_cut_short_meanwhile_is_compared_as_far_as_it_goes(tmp_path, small_limits):
    left, right = two_runs(tmp_path, *({"a.log": "line\n" * 100_000} for _ in range(2)))
    calls = []

    def cut():
        calls.append(1)
        if len(calls) == 1:
            os.truncate(left.path / "a.log", 1000)

    diff = diff_files((left, "a.log"), (right, "a.log"), cut)

    assert not diff.is_same


def test_a_comparison_stops_when_it_is_asked_to(tmp_path):
    left, right = two_runs(tmp_path, {"a.txt": "x\n" * 1000}, {"a.txt": "y\n" * 1000})

    def stop():
        raise Cancelled

    with pytest.raises(Cancelled):
        diff_files((left, "a.txt"), (right, "a.txt"), stop)
