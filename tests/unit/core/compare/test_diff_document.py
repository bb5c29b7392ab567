"""Two documents: lists are compared by what is in them."""

from __future__ import annotations

import json
import math

import pytest

from core.compare.diff_document import diff_documents
from core.compare.diff_facts import MOST_KEYS


def changes(left, right) -> list[tuple[str, str, str | None, str | None]]:
    facts, is_all = diff_documents(left, right, lambda: None)
    assert is_all
    return [(f.name, f.change, f.left, f.right) for f in facts if f.change != "same"]


def test_an_item_put_in_at_the_front_is_the_only_difference():
    left = {"layers": [{"size": n} for n in range(20)]}
    right = {"layers": [{"size": 99}, *left["layers"]]}

    assert changes(left, right) == [("layers[0].size", "added", None, "99")]


def test_an_item_that_is_gone_is_the_only_difference():
    assert changes([1, 2, 3, 4], [1, 3, 4]) == [("[1]", "removed", "2", None)]


def test_maps_are_known_by_their_names():
    left = [{"name": "conv", "size": 3}, {"name": "dense", "size": 8}]
    right = [{"name": "drop", "p": 0.5}, {"name": "conv", "size": 3}, {"name": "dense", "size": 9}]

    assert changes(left, right) == [
        ("[0].name", "added", None, "drop"),
        ("[0].p", "added", None, "0.5"),
        ("[1 → 2].size", "changed", "8", "9"),
    ]


def test_items_without_names_are_compared_in_their_order_where_both_have_as_many():
    left, right = [{"a": 1}, {"a": 2}, {"a": 3}], [{"a": 1}, {"a": 7}, {"a": 3}]

    assert changes(left, right) == [("[1].a", "changed", "2", "7")]
    assert changes([1, 2, 3], [1, 9, 3]) == [("[1]", "changed", "2", "9")]


def test_values_where_other_numbers_of_values_were_stand_apart():
    assert changes([1, 2, 3], [1, 8, 9, 3]) == [
        ("[1]", "removed", "2", None),
        ("[1]", "added", None, "8"),
        ("[2]", "added", None, "9"),
    ]


def test_a_list_in_a_list_is_gone_into():
    assert changes([[1, 2], [3]], [[1, 2], [3, 4]]) == [("[1][1]", "added", None, "4")]


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ([math.nan], [math.nan], []),
        ([1], [1.0], [("[0]", "changed", "1", "1.0")]),
        ([], [1], [("[0]", "added", None, "1")]),
        ({}, [], [("", "changed", "{}", "[]")]),
        ({"a": 1}, {"a": {"b": 1}}, [("a", "removed", "1", None), ("a.b", "added", None, "1")]),
        ({"a": [1]}, {}, [("a[0]", "removed", "1", None)]),
        ({"name": ["a"]}, {"name": ["a"]}, []),
    ],
)
def test_values_of_every_kind(left, right, expected):
    assert changes(left, right) == expected


def test_a_document_nested_as_deeply_as_can_be_read_is_compared():
    text = "[" * 900 + "%s" + "]" * 900
    left, right = (json.loads(text % n) for n in (1, 2))

    assert [change[1:] for change in changes(left, right)] == [("changed", "1", "2")]


def test_more_values_than_people_read_are_left_out_and_that_is_told():
    facts, is_all = diff_documents(list(range(MOST_KEYS + 5)), [], lambda: None)

    assert len(facts) == MOST_KEYS
    assert not is_all


def test_it_can_be_stopped():
    class Stop(Exception):
        pass

    def check():
        raise Stop

    with pytest.raises(Stop):
        diff_documents([1, 2], [2, 3], check)
