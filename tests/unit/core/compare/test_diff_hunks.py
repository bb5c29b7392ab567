"""The usual short form of a diff, as `diff -u` writes it."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.compare.diff_hunks import hunks_of
from core.compare.diff_text import RawText, diff_texts

LINES = st.lists(st.sampled_from(["a", "b", "c", ""]), max_size=40)


def hunks(left: str, right: str) -> list[str]:
    diff = diff_texts(RawText(left), RawText(right), lambda: None)
    found = []
    for hunk in hunks_of(diff):
        found += [hunk.heading, *(f"{sign}{line}" for sign, line in hunk.lines)]
    return found


def test_a_change_has_three_lines_around_it():
    left = "".join(f"{n}\n" for n in range(1, 11))
    right = left.replace("5\n", "five\n")

    assert hunks(left, right) == [
        *("@@ -2,7 +2,7 @@", " 2", " 3", " 4", "-5", "+five", " 6", " 7", " 8"),
    ]


def test_changes_that_are_near_are_one_part_and_others_are_two():
    left = "".join(f"{n}\n" for n in range(1, 31))
    near = left.replace("5\n", "x\n", 1).replace("\n10\n", "\ny\n")
    far = left.replace("5\n", "x\n", 1).replace("\n20\n", "\ny\n")

    assert sum(line.startswith("@@") for line in hunks(left, near)) == 1
    assert sum(line.startswith("@@") for line in hunks(left, far)) == 2


def test_nothing_that_differs_has_no_part():
    assert hunks("a\n", "a\n") == []


def test_a_new_file_is_one_part_after_line_none():
    assert hunks("", "a\nb\n") == ["@@ -0,0 +1,2 @@", "+a", "+b"]


@given(LINES, LINES)
def test_the_parts_are_a_patch_that_makes_the_right_side(left, right):
    text = "".join(f"{line}\n" for line in left)
    other = "".join(f"{line}\n" for line in right)

    assert patched(left, hunks(text, other)) == right


def patched(lines: list[str], parts: list[str]) -> list[str]:
    made, at = [], 0
    for line in parts:
        if line.startswith("@@"):
            start, _, count = line.split()[1][1:].partition(",")
            begin = int(start) if count == "0" else int(start) - 1
            made += lines[at:begin]
            at = begin
        elif line[0] == "+":
            made.append(line[1:])
        else:
            assert lines[at] == line[1:]
            if line[0] == " ":
                made.append(line[1:])
            at += 1
    return made + lines[at:]


@pytest.mark.parametrize("place", [1, 4, 8])
def test_a_single_change_is_written_as_by_diff(tmp_path, place):
    left = [f"line {n}" for n in range(1, 9)]
    right = [*left[: place - 1], "other", *left[place:]]
    for name, lines in (("left", left), ("right", right)):
        (tmp_path / name).write_text("".join(f"{line}\n" for line in lines))
    program = shutil.which("diff")
    assert program, "diff is installed wherever Guild's diff command works"
    theirs = subprocess.run(
        [program, "-u", "left", "right"], cwd=tmp_path, capture_output=True, text=True, check=False
    ).stdout.splitlines()[2:]

    assert hunks((tmp_path / "left").read_text(), (tmp_path / "right").read_text()) == theirs
