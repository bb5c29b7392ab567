"""Labels are made of flags letter by letter as by the real Guild, whatever flags and template."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.runs.label_text import default_label, render, shorten_path

NAMES = ["lr", "name", "a b", "label", "é", "path"]
texts = st.one_of(
    st.sampled_from(["", "y", "1e-05", "1", "it's", "two words", "/usr", "/usr/share/../share/doc",
                     "café λ", "'x'", '"x y"', "a, b", "word " * 30, "é " * 60, "x" * 99, "[1]"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
)  # fmt: skip
scalars = st.one_of(
    texts, st.none(), st.booleans(), st.integers(), st.floats(), st.dates(), st.datetimes()
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=5,
)
flags = st.dictionaries(st.sampled_from(NAMES), values, max_size=5)
filters = st.sampled_from(
    ["", "|%.3f", "|%5d", "|%s", "|%r", "|%-8s!", "|%x", "|%", "|%y", "|default:x", "|default",
     "|basename", "|basename:x", "|unquote", "|nothing", "|default:/a/b|basename", "|%.2f|%s"]
)  # fmt: skip
references = st.tuples(
    st.sampled_from([*NAMES, "none", "default_label"]), filters
).map(lambda pair: f"${{{pair[0]}{pair[1]}}}")  # fmt: skip
templates = st.lists(st.one_of(references, st.sampled_from([" ", "x", "${", "}", "$", "|", "é"])))


@settings(
    max_examples=300,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(found=flags)
def test_default_labels_are_those_of_guild(guild_session, found):
    theirs = guild_session.run_label(None, found)

    if theirs is not None:  # it fails on a text that is as long as no path may be, and others
        assert default_label(found) == theirs


@settings(
    max_examples=300,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(found=flags, parts=templates)
def test_templates_are_rendered_as_by_guild(guild_session, found, parts):
    template = "".join(parts)
    theirs = guild_session.run_label(template, found)

    if theirs is not None:  # filters that make it fail leave the value here
        assert render(template, found) == theirs


@settings(
    max_examples=200,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(path=st.text("ab/", min_size=1, max_size=60), length=st.integers(1, 40))
def test_paths_are_shortened_as_by_guild(guild_session, path, length):
    if path.strip("/"):
        assert shorten_path(path, length) == guild_session.shorten_path(path, length)
