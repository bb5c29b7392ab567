import datetime
import itertools
import math

import pytest

from core.errors import RunDamaged
from core.runs import attrs as attrs_module
from core.runs.attrs import MAX_DEPTH, list_attrs, load_yaml, read_attr
from tests.support.directory_ways import BOTH_WAYS
from tests.support.runs import make_run

pytestmark = BOTH_WAYS


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-05", 1e-05),
        ("1e3", 1000.0),
        ("2E5", 200000.0),
        ("1.0e-07", 1e-07),
        ("-.5", "-.5"),
        (".5", 0.5),
        ("'1'", "1"),
        ("yes", True),
        ("off", False),
        ("y", "y"),
        ("010", 8),
        ("1:30", 90),
        ("2020-01-01", datetime.date(2020, 1, 1)),
        ("~", None),
        (".inf", math.inf),
        ('"caf\\xE9"', "café"),
        ("lr=0.1 a=yes\n  b='x y'", "lr=0.1 a=yes b='x y'"),
        ("a: 1\nb: [x, 2]", {"a": 1, "b": ["x", 2]}),
        ("- a\n- '1'\n- --lr\n- -um", ["a", "1", "--lr", "-um"]),
        ("0b11", 3),
        ("0123e45678901234567890123456789a", "0123e45678901234567890123456789a"),
        ("12345678901234567890123456789e12", 12345678901234567890123456789e12),
        ("git:9fb8*", "git:9fb8*"),
    ],
)
def test_yaml_is_read_by_the_rules_of_guild(text, value):
    assert load_yaml(text + "\n") == value
    assert type(load_yaml(text)) is type(value)


@pytest.mark.parametrize(
    "text",
    ["a: [1", "\x00", "!!python/object:os.x {}", "a: b: c", "'", "- a\nb", "0x", "2020-99-99"],
)
def test_text_that_is_no_yaml_is_damage_or_plain_text(text):
    try:
        value = load_yaml(text)
    except RunDamaged as e:
        assert "is not valid YAML" in str(e)
    else:
        assert value == text


def test_expanding_aliases_are_refused():
    lines = ["a0: &a0 [x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 10)]

    with pytest.raises(RunDamaged, match="too many values"):
        load_yaml("\n".join(lines))


def test_value_that_contains_itself_is_refused():
    with pytest.raises(RunDamaged, match="contains itself"):
        load_yaml("&a [1, *a]")


def test_shared_values_as_guild_writes_them_are_read():
    assert load_yaml("a: &id001\n- 1\nb: *id001") == {"a": [1], "b": [1]}


@pytest.mark.parametrize("nested", ["[" * 50_000, "{a: " * 20_000, "- " * 50_000])
def test_deep_nesting_is_refused(nested):
    with pytest.raises(RunDamaged, match=f"deeper than {MAX_DEPTH}|is not valid YAML"):
        load_yaml(nested)


def test_attribute_is_absent_damaged_or_read(tmp_path):
    run_dir = make_run(
        tmp_path, attrs={"label": "x", "bad": b"\xff\xfe", "broken": "[", "none": ""}
    )
    (run_dir / ".guild" / "attrs" / "folder").mkdir()

    assert read_attr(run_dir, "label") == "x"
    assert read_attr(run_dir, "absent") is None
    assert read_attr(run_dir, "none") is None
    for name, why in (("bad", "not text"), ("broken", "YAML"), ("folder", "cannot be read")):
        with pytest.raises(RunDamaged, match=f"attribute {name} .*{why}"):
            read_attr(run_dir, name)
    with pytest.raises(RunDamaged, match="attribute none is empty"):
        read_attr(run_dir, "none", empty_is_damage=True)
    assert list_attrs(run_dir) == ["bad", "broken", "folder", "label", "none"]


def test_attribute_longer_than_one_read_is_whole(tmp_path):
    run_dir = make_run(tmp_path, attrs={"label": "x" * 200_000})

    assert len(read_attr(run_dir, "label")) == 200_000


def test_pipe_in_place_of_an_attribute_does_not_hang(tmp_path):
    import os

    run_dir = make_run(tmp_path)
    os.mkfifo(run_dir / ".guild" / "attrs" / "label")

    with pytest.raises(RunDamaged, match="it is not a file"):
        read_attr(run_dir, "label")


def test_maps_that_merge_maps_without_end_cost_nothing():
    levels = "".join(
        f"{name}: &{name} {{<<: [{', '.join([f'*{before}'] * 9)}]}}\n"
        for before, name in itertools.pairwise("abcdefgh")
    )

    try:
        value = load_yaml(f"a: &a {{x: 1, y: 2}}\n{levels}")
    except RunDamaged as error:
        assert "expands to too many values" in str(error)
    else:  # PyYAML takes each key once since 6.0.4: then there is nothing to refuse
        assert value["h"] == {"x": 1, "y": 2}


def test_many_maps_that_merge_a_large_one_are_refused():
    large = ", ".join(f"k{number}: 1" for number in range(1_000))
    merging = "".join(f"m{number}: {{<<: *a}}\n" for number in range(110))

    with pytest.raises(RunDamaged, match="expands to too many values"):
        load_yaml(f"a: &a {{{large}}}\n{merging}")


def test_merged_maps_are_read():
    assert load_yaml("a: &a {x: 1}\nb: {<<: *a, y: 2}\n")["b"] == {"x": 1, "y": 2}


def test_aliases_that_nest_deeper_than_the_text_are_refused():
    links = "".join(f"a{i}: &a{i} [*a{i - 1}]\n" for i in range(1, 5000))

    with pytest.raises(RunDamaged, match="nested deeper than"):
        load_yaml(f"a0: &a0 [x]\n{links}<<: {{first: *a4999}}\n")


def test_text_that_is_too_large_is_refused_however_plain(monkeypatch):
    monkeypatch.setattr(attrs_module, "MAX_BYTES", 100)

    with pytest.raises(RunDamaged, match="is larger than"):
        load_yaml("x" * 101)


def test_attributes_behind_links_are_not_read(tmp_path):
    other = make_run(tmp_path, "b" * 32, attrs={"label": "secret"}) / ".guild" / "attrs"
    run_dir = make_run(tmp_path)
    attrs = run_dir / ".guild" / "attrs"
    (attrs / "label").symlink_to(other / "label")

    with pytest.raises(RunDamaged, match="it is a link, and links in a run are not followed"):
        read_attr(run_dir, "label")
    (attrs / "label").unlink()
    attrs.rmdir()
    attrs.symlink_to(other)
    with pytest.raises(RunDamaged, match="it is a link, and links in a run are not followed"):
        read_attr(run_dir, "label")
    assert list_attrs(run_dir) == []


def test_no_name_of_an_attribute_leads_out_of_the_attributes(tmp_path):
    run_dir = make_run(tmp_path, attrs={"label": "x"}, files={".guild/secret": "y"})

    assert read_attr(run_dir, "../secret") is None
    assert read_attr(run_dir, str(run_dir / ".guild" / "secret")) is None


def test_aliases_in_order_that_nest_too_deep_are_refused():
    links = "".join(f"a{i}: &a{i} [*a{i - 1}]\n" for i in range(1, MAX_DEPTH + 2))

    with pytest.raises(RunDamaged, match="nested deeper than"):
        load_yaml(f"a0: &a0 [x]\n{links}")
