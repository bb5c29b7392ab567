from __future__ import annotations

import pytest

from core.runs.label_template import check_template, references, spot_at

FLAGS = {"lr": 3, "opt": 2}


def sentences(template, names=FLAGS):
    return [problem.sentence for problem in check_template(template, names)]


@pytest.mark.parametrize(
    "template",
    [
        "", "plain", "${lr}", "a ${lr} b ${opt|default:x}", "${lr|%.3f}", "${opt|basename|unquote}",
        "${label} again", "${default_label}", "$5 and {x}", "${none|default:-}", "${opt|%s}",
        "${opt|default:a:b}", "${lr|%05d}",
    ],
)  # fmt: skip
def test_a_template_that_guild_resolves_has_no_problem(template):
    assert sentences(template) == []


@pytest.mark.parametrize(
    ("template", "position", "length", "part"),
    [
        ("a ${lr", 2, 4, "not closed"),
        ("${lr|upper} x", 5, 5, "#error#"),
        ("${lr|}", 5, 1, "no filter “”"),
        ("${lr|%q}", 5, 2, "no format"),
        ("${lr|%99999d}", 5, 7, "too wide"),
        ("${}", 0, 3, "not closed"),
        ("${lr\n}", 0, 2, "not closed"),
    ],
)
def test_a_mistake_is_found_where_it_is(template, position, length, part):
    found = check_template(template, FLAGS)

    assert (found[0].position, found[0].length) == (position, length)
    assert found[0].is_error
    assert part in found[0].sentence


def test_an_unknown_flag_is_told_but_is_no_mistake():
    (found,) = check_template("x ${lrr}", FLAGS)

    assert not found.is_error
    assert "lrr" in found.sentence
    assert (found.position, found.length) == (4, 3)


def test_names_are_left_alone_until_they_are_known():
    assert check_template("${anything}", {}) == []


def test_mistakes_come_before_what_may_be_meant():
    found = check_template("${none} ${lr|nope}", FLAGS)

    assert [problem.is_error for problem in found] == [True, False]


def test_references_are_what_guild_replaces():
    text = "a ${lr} ${x ${opt}"

    assert [text[start:end] for start, end in references(text)] == ["${lr}", "${x ${opt}"]


@pytest.mark.parametrize(
    ("before", "after", "typed", "expected", "replaced", "is_closed"),
    [
        ("a $", "", "", "name", "$", False),
        ("${", "", "", "name", "", False),
        ("${l", "", "l", "name", "l", False),
        ("${l", "r} x", "l", "name", "lr", True),
        ("${l", "r|%.2f}", "l", "name", "lr", True),
        ("${lr|", "", "", "filter", "", False),
        ("${lr|ba", "se}", "ba", "filter", "base", True),
        ("${lr|basename|un", "", "un", "filter", "un", False),
        ("${l", " and ${opt}", "l", "name", "l", False),
    ],
)
def test_the_word_at_the_cursor_is_found(before, after, typed, expected, replaced, is_closed):
    spot = spot_at(before + after, len(before))

    assert spot is not None
    assert (spot.typed, spot.expected, spot.is_closed) == (typed, expected, is_closed)
    assert (before + after)[spot.start : spot.end] == replaced


@pytest.mark.parametrize("text", ["", "plain", "${lr}", "${lr} ", "} x", "$ ", "{x"])
def test_outside_of_references_nothing_is_meant(text):
    assert spot_at(text, len(text)) is None
