"""Whatever an attribute holds, a change refuses in one sentence or leaves a whole new value."""

from __future__ import annotations

import shutil

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import Error
from core.runs.attr_dump import dump_yaml
from core.runs.attrs import load_yaml
from core.runs.change import (
    AddComment,
    AppendLabel,
    ChangeTags,
    ClearComments,
    ClearLabel,
    DeleteComment,
    EditComment,
    RemoveFromLabel,
    RenameTag,
    ResetLabel,
    SetLabel,
    SetMark,
    apply,
    preview,
    revert,
)
from core.runs.label_text import render, shorten_path
from core.runs.store import Store
from tests.support.runs import make_run

RUN = "ab" * 16
NAMES = ("label", "tags", "comments", "flags")

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
yaml_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts, st.dates()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["body", "user", "time", "a", "label"]), inner, max_size=3),
    ),
    max_leaves=8,
)
contents = st.one_of(
    st.binary(max_size=60),
    yaml_values.map(dump_yaml),
    st.sampled_from([b"", b"\n", b"[", b"- &a [*a]", b"- - - x", b"? [a]\n: b\n", b"\xff"]),
)
templates = st.one_of(
    texts,
    st.lists(
        st.sampled_from(
            ["${label}", "${a}", "${a|%.3f}", "${user|basename}", "${b|default:x}", "${", "}", "|",
             "${default_label}", "${time|unquote|%d}", "${a|%99999d}", "${a|%*d}", " "]
        )
    ).map("".join),
)  # fmt: skip
changes = st.one_of(
    st.builds(SetLabel, templates),
    st.builds(AppendLabel, templates),
    st.builds(RemoveFromLabel, st.tuples(texts)),
    st.sampled_from([ClearLabel(), ResetLabel(), ClearComments(), SetMark(on=True)]),
    st.builds(ChangeTags, st.tuples(texts), st.tuples(texts), st.booleans(), st.booleans()),
    st.builds(RenameTag, texts, texts, st.booleans()),
    st.builds(AddComment, texts, texts, texts),
    st.builds(EditComment, st.integers(-1, 3), texts),
    st.builds(DeleteComment, st.integers(-1, 3)),
)


@settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(held=st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, contents)), wanted=changes)
def test_a_change_refuses_or_leaves_whole_values_and_can_be_taken_back(tmp_path, held, wanted):
    shutil.rmtree(tmp_path / "runs", ignore_errors=True)
    run_dir = make_run(tmp_path / "runs", RUN, attrs=held)
    store = Store(tmp_path / "runs")

    def files():
        return {p.name: p.read_bytes() for p in (run_dir / ".guild" / "attrs").iterdir()}

    outcome = apply(store, [RUN], wanted, advance=lambda _: None)

    after = files()
    if outcome.refused:
        assert after == held
        assert "\n" not in outcome.refused[0].reason
        assert outcome.refused[0].reason.startswith("Run abababab cannot be changed: ")
    for edit in outcome.edits:
        assert edit.after is None or edit.after.endswith(b"\n")
        load_yaml((edit.after or b"").decode())
    if outcome.edits:
        assert not revert(store, outcome.edits, advance=lambda _: None).refused
        assert files() == held


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(label=texts, wanted=changes)
def test_a_preview_is_what_becomes_of_the_label(tmp_path, label, wanted):
    shutil.rmtree(tmp_path / "runs", ignore_errors=True)
    make_run(tmp_path / "runs", RUN, attrs={"label": dump_yaml(label), "flags": b"a: 1.5\n"})
    store = Store(tmp_path / "runs")
    try:
        before, after = preview(store, RUN, wanted)
    except Error as e:
        (refused,) = apply(store, [RUN], wanted, advance=lambda _: None).refused
        assert refused.reason == str(e)
        return

    apply(store, [RUN], wanted, advance=lambda _: None)

    assert before == label
    assert store.read(RUN).label == after


@given(template=templates, values=st.dictionaries(texts, yaml_values, max_size=4))
def test_any_template_of_any_values_is_a_text(template, values):
    assert isinstance(render(template, values, exists=lambda _: True), str)


@given(path=st.text("ab/", max_size=60), length=st.integers(1, 40))
def test_a_shortened_path_is_never_longer_and_keeps_its_last_part(path, length):
    shortened = shorten_path(path, length)

    assert len(shortened) <= len(path)
    if not path.endswith("/"):
        assert shortened.endswith(path.rpartition("/")[2])
