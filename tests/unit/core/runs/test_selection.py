from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import RunAmbiguous, RunNotFound
from core.runs.selection import needs_order, resolve_run, resolve_runs

IDS = ["aa11", "aa22", "bb33", "7f44", "123x"]


@pytest.mark.parametrize(
    ("text", "positions"),
    [
        ("1", [0]),
        ("5", [4]),
        ("03", [2]),
        ("2:4", [1, 2, 3]),
        ("3:3", [2]),
        (":2", [0, 1]),
        ("4:", [3, 4]),
        (":", [0, 1, 2, 3, 4]),
        ("bb33", [2]),
        ("b", [2]),
        ("aa1", [0]),
        ("7", [3]),
        ("12", [4]),
    ],
)
def test_a_run_is_meant_by_index_slice_id_or_prefix(text, positions):
    assert resolve_runs([text], IDS) == positions


def test_a_number_in_range_is_an_index_even_where_an_id_begins_with_it():
    assert resolve_run("1", ["zz", "1abc"]) == 0


def test_a_number_out_of_range_is_the_beginning_of_an_id():
    assert resolve_run("0", ["zz", "03af"]) == 1
    assert resolve_run("12345678", ["zz", "12345678ab"]) == 1


def test_a_whole_id_means_that_run_even_where_it_begins_another():
    assert resolve_run("ab12", ["ab12_x1", "ab12"]) == 1


def test_several_texts_keep_their_order_and_each_run_comes_once():
    assert resolve_runs(["3", "1:2", "bb", "2"], IDS) == [2, 0, 1]


@pytest.mark.parametrize(
    "text",
    [
        *("zz", "6", "0", "6:7", "4:9", "0:2", "3:2", ":0", "", " ", "1:2:3", ":-1"),
        *("9" * 5000, f"1:{'9' * 5000}", f"{'9' * 5000}:"),
    ],
)
def test_what_matches_nothing_is_said_with_the_text(text):
    with pytest.raises(RunNotFound, match="No run matches") as caught:
        resolve_runs([text], IDS)

    assert repr(text) in str(caught.value)
    assert caught.value.hint


def test_an_index_out_of_range_tells_how_long_the_list_is():
    with pytest.raises(RunNotFound, match="the list has 5 runs"):
        resolve_run("6", IDS)
    with pytest.raises(RunNotFound, match="the list has 1 run\\."):
        resolve_run("6", IDS[:1])
    with pytest.raises(RunNotFound, match="the list is empty"):
        resolve_run("1", [])


def test_a_slice_of_an_empty_list_matches_nothing():
    with pytest.raises(RunNotFound):
        resolve_runs([":"], [])


def test_an_ambiguous_prefix_names_the_runs_it_matches():
    with pytest.raises(RunAmbiguous, match=r"'aa' matches 2 runs \(aa11, aa22\)"):
        resolve_run("aa", IDS)


def test_an_ambiguous_prefix_shows_enough_of_each_id_to_tell_them_apart():
    ids = [f"0123456789{end}000" for end in ("a", "b")]

    with pytest.raises(RunAmbiguous, match="0123456789a000, 0123456789b000"):
        resolve_run("0123456789", ids)


def test_an_id_that_is_there_twice_is_named_with_all_that_follows_it():
    run_id = "71f0" * 8
    ids = [run_id, f"{run_id}_age_153f"]

    with pytest.raises(RunAmbiguous, match=rf"\({run_id}, {run_id}_age_153f\)"):
        resolve_run("71f", ids)


def test_ids_that_differ_at_their_end_only_are_told_apart():
    ids = ["a" * 32, "a" * 31 + "b", "a" * 8 + "c" * 24]

    with pytest.raises(RunAmbiguous) as raised:
        resolve_run("aaa", ids)

    assert all(run_id in str(raised.value) for run_id in ids)


def test_a_slice_of_several_runs_is_ambiguous_where_one_is_needed():
    with pytest.raises(RunAmbiguous, match=r"matches 6 runs .*…"):
        resolve_run(":", [f"run{number}" for number in range(6)])


def test_a_list_without_runs_is_needed_only_for_indexes_and_slices():
    assert all(map(needs_order, ["1", "007", "1:2", ":"]))
    assert not any(map(needs_order, ["", "1a", "a:b", "-1", "1:2:3", "٣"]))


@given(st.text(max_size=8), st.lists(st.text(min_size=1, max_size=4), max_size=8))
def test_any_text_gives_positions_of_the_list_or_an_error_to_show(text, ids):
    found = []
    with suppress(RunNotFound, RunAmbiguous):
        found = resolve_runs([text], ids)
        assert found

    assert all(0 <= position < len(ids) for position in found)
