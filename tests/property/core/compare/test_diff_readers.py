"""No bytes, however odd, disturb what compares two files; and what is said of them is true."""

from __future__ import annotations

import io
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.compare import diff_window
from core.compare.diff_document import diff_documents
from core.compare.diff_facts import flat_values, read_packages
from core.compare.diff_file import diff_files
from core.compare.diff_hunks import hunks_of
from core.compare.diff_table import diff_tables
from core.compare.diff_window import find_window, first_difference
from core.text import flag_text
from tests.support.runs import make_run

NAMES = st.sampled_from(
    ["a.txt", "a.csv", "a.tsv", "a.json", "a.yml", "a.png", "a", ".guild/output"]
)
TEXTISH = st.text(alphabet='ab,;"\n\r\t{}[]:- 1é\x1b\0', max_size=60).map(str.encode)
BYTES = st.binary(max_size=60) | TEXTISH
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=12,
)


class MemorySide:
    """A side whose only file is in memory."""

    name = "memory"

    def __init__(self, data: bytes) -> None:
        self._data = data

    def open(self, _path: str) -> io.BytesIO:
        return io.BytesIO(self._data)


@given(NAMES, BYTES, BYTES)
def test_any_two_files_are_compared_and_are_the_same_only_if_they_are(name, left, right):
    diff = diff_files((MemorySide(left), name), (MemorySide(right), name), lambda: None)

    assert diff.is_same == (left == right)
    for look in diff.other_looks:
        other = diff_files((MemorySide(left), name), (MemorySide(right), name), lambda: None, look)
        assert other.is_same == (left == right)
    if diff.text is not None:
        list(hunks_of(diff.text))


@given(NAMES, BYTES)
def test_any_file_is_compared_with_none(name, data):
    diff = diff_files((MemorySide(data), name), (MemorySide(b""), None), lambda: None)

    assert not diff.is_same
    assert diff.right is None


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_the_first_difference_is_the_first(left, right):
    place = first_difference(io.BytesIO(left), io.BytesIO(right), lambda: None)

    if place is None:
        assert left == right
    else:
        assert left[:place] == right[:place]
        assert left[place : place + 1] != right[place : place + 1]


@pytest.fixture(scope="module")
def small_pieces():
    usual = diff_window.PIECE, diff_window.CONTEXT
    diff_window.PIECE, diff_window.CONTEXT = 7, 10
    yield
    diff_window.PIECE, diff_window.CONTEXT = usual


LINES = st.lists(st.sampled_from([b"a", b"bb", b"ccc", b"", b"x" * 30]), max_size=40).map(
    b"\n".join
)


@given(LINES, LINES, LINES, LINES, st.integers(20, 80))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_a_window_and_what_is_said_around_it_are_the_whole_file(
    small_pieces, before, left, right, after, most
):
    left, right = before + left + after, before + right + after
    window = find_window(io.BytesIO(left), io.BytesIO(right), most, lambda: None)

    for whole, part, out in zip(
        (left, right), (window.left, window.right), window.left_out, strict=True
    ):
        assert len(part) <= max(most, 10 * 2 + len(whole))
        assert whole[window.start : window.start + len(part)] == part
        assert window.start + len(part) + window.same_after + out == len(whole)
    assert left[: window.start] == right[: window.start]
    assert left[: window.start].count(b"\n") == window.lines_before
    if window.same_after:
        assert left[-window.same_after :] == right[-window.same_after :]
    assert (window.first_difference is None) == (left == right)


CELLS = st.lists(st.lists(st.sampled_from(["", "a", "b", "1"]), max_size=4), max_size=6)


@given(CELLS, CELLS)
def test_every_row_of_both_tables_is_there_once(left, right):
    texts = ["\n".join(map(",".join, rows)) for rows in (left, right)]
    diff = diff_tables(texts[0], texts[1], ",", lambda: None)
    if diff is None:
        return

    for side, text in enumerate(texts):
        rows = [row for row in text.split("\n") if row]
        numbers = [row.left if side == 0 else row.right for row in diff.rows]
        assert sorted(n for n in numbers if n is not None) == list(range(1, len(rows)))
    assert all(len(row.cells) == len(diff.columns) for row in diff.rows)
    assert len({column.name for column in diff.columns}) == len(diff.columns)


@given(JSON, JSON)
def test_a_document_differs_from_another_only_by_its_values(left, right):
    facts, is_all = diff_documents(left, right, lambda: None)

    assert is_all
    for value, side in ((left, 0), (right, 1)):
        told = [(f.left, f.right)[side] for f in facts if (f.left, f.right)[side] is not None]
        values = list(map(flag_text, flat_values(value)[0].values()))
        unsaid = ["[]", "{}"]  # of what has parts on the other side
        assert Counter(t for t in told if t not in unsaid) == Counter(
            t for t in values if t not in unsaid
        )


@given(JSON)
def test_a_document_does_not_differ_from_itself(value):
    facts, _ = diff_documents(value, value, lambda: None)

    assert all(fact.change == "same" for fact in facts)
    assert {fact.name for fact in facts} == flat_values(value)[0].keys()


@given(st.recursive(st.integers(), lambda i: st.dictionaries(st.text(max_size=3), i, max_size=3)))
def test_no_two_values_of_a_document_have_one_path(value):
    def count(each) -> int:
        return sum(map(count, each.values())) if isinstance(each, dict) and each else 1

    assert len(flat_values(value)[0]) == count(value)


@given(
    st.lists(st.text(max_size=20), max_size=8) | st.text(max_size=60) | st.none() | st.integers()
)
def test_any_list_of_packages_is_read(frozen):
    assert all(isinstance(name, str) for name in read_packages(frozen))


@given(
    attrs=st.dictionaries(
        st.sampled_from(["flags", "env", "op", "deps", "id"]), st.binary(max_size=40)
    )
)
@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_runs_with_any_attributes_are_compared(tmp_path_factory, attrs):
    from core.compare.diff_runs import SECTIONS, diff_runs
    from core.compare.diff_side import RunSide

    runs_dir = tmp_path_factory.mktemp("runs")
    left = make_run(runs_dir, "a" * 32, attrs=attrs)
    right = make_run(runs_dir, "b" * 32)
    diff = diff_runs(RunSide(left), RunSide(right))

    assert [section.name for section in diff.sections] == list(SECTIONS)
