from __future__ import annotations

import pytest

from core.errors import Cancelled
from core.runs.attribute_tree import (
    MAX_CHILDREN,
    MAX_TEXT,
    AttrNode,
    read_attribute_tree,
    search_nodes,
    whole_text,
)
from tests.support.runs import make_run


def tree_of(tmp_path, **attrs):
    nodes = read_attribute_tree(make_run(tmp_path, attrs=attrs))
    return {node.name: node for node in nodes}


def test_the_environment_comes_first_and_the_rest_in_natural_order(tmp_path):
    tree = tree_of(tmp_path, a10="1", a9="1", env="HOME: /h", pip_freeze="- x")

    assert list(tree) == ["env", "pip_freeze", "a9", "a10"]


def test_maps_and_lists_open_into_their_entries(tmp_path):
    tree = tree_of(tmp_path, op="deps:\n- name: data\nflags: null")

    deps, flags = tree["op"].children
    assert tree["op"].text == "2 entries"
    assert deps.text == "1 item"
    assert (deps.children[0].name, deps.children[0].children[0].text) == ("1", "data")
    assert flags.text == "null"


def test_an_attribute_that_cannot_be_read_is_one_sentence_on_its_row(tmp_path):
    tree = tree_of(tmp_path, good="1", bad="{")

    assert tree["bad"].problem.startswith("Attribute bad is not valid YAML")
    assert tree["bad"].text == tree["bad"].problem
    assert tree["good"].text == "1"


def test_a_large_value_is_shortened_in_its_row_and_whole_in_copies(tmp_path):
    node = tree_of(tmp_path, big="word " * 1000)["big"]

    assert len(node.text) == MAX_TEXT + 1
    assert whole_text(node) == ("word " * 1000).strip()


def test_a_long_list_says_how_much_is_not_shown(tmp_path):
    lines = "\n".join("- 1" for _ in range(MAX_CHILDREN + 7))

    node = tree_of(tmp_path, long=lines)["long"]

    assert node.text == f"{MAX_CHILDREN + 7:,} items"
    assert node.children[-1].text == "7 more are not shown"
    assert len(node.children) == MAX_CHILDREN + 1


def test_nested_values_are_copied_in_indented_lines(tmp_path):
    node = tree_of(tmp_path, op="a:\n- 1\n- b: x\nc: |-\n  two\n  lines")["op"]

    assert whole_text(node) == "a:\n  - 1\n  -\n    b: x\nc:\n  two\n  lines"


def node(name, text="", *children):
    return AttrNode(name, text, children)


def test_a_search_finds_values_and_keeps_what_holds_them():
    nodes = (node("env", "2 entries", node("HOME", "/home/ada"), node("SHELL", "bash")),)

    assert search_nodes(nodes, ["ada"]) == (node("env", "2 entries", node("HOME", "/home/ada")),)
    assert search_nodes(nodes, ["nothing"]) == ()


def test_a_name_that_matches_keeps_all_below_it():
    nodes = (node("env", "1 entry", node("HOME", "/home/ada")), node("label", "x"))

    assert search_nodes(nodes, ["env"]) == nodes[:1]


def test_every_word_must_be_found_on_the_way_down():
    nodes = (node("env", "", node("HOME", "/home/ada")), node("op", "", node("HOME", "elsewhere")))

    assert search_nodes(nodes, ["env", "home"]) == nodes[:1]
    assert search_nodes(nodes, ["home", "elsewhere"]) == nodes[1:]


def test_reading_can_be_stopped(tmp_path):
    def stop():
        raise Cancelled

    with pytest.raises(Cancelled):
        read_attribute_tree(make_run(tmp_path, attrs={"a": "1"}), stop)


def test_a_run_without_attributes_has_an_empty_tree(tmp_path):
    assert read_attribute_tree(tmp_path / "nothing") == ()
