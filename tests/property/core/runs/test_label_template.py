from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from core.runs.label_template import check_template, references, spot_at
from core.runs.label_text import render

FLAGS = {"lr": 0.1, "opt": "sgd", "n": 3}
NAMES = st.sampled_from([*FLAGS, "label", "default_label", "nope"])
FILTERS = st.sampled_from(
    ["basename", "unquote", "default:x", "%.3f", "%s", "%d", "upper", "%", "%q", "", "%9999999d"]
)
REFERENCES = st.builds(
    lambda name, filters: f"${{{'|'.join([name, *filters])}}}", NAMES, st.lists(FILTERS, max_size=3)
)
PIECES = st.one_of(REFERENCES, st.text(max_size=6), st.sampled_from(["${", "$", "}", "|", "\n"]))
TEMPLATES = st.lists(PIECES, max_size=6).map("".join)


@given(TEMPLATES)
@example("${" * 3000)
@example("${}|}")
def test_a_problem_lies_within_the_template(template):
    for problem in check_template(template, FLAGS):
        assert 0 <= problem.position < len(template)
        assert problem.length >= 1
        assert problem.sentence.endswith(".")


@given(TEMPLATES)
def test_without_a_mistake_no_error_is_written(template):
    if not any(problem.is_error for problem in check_template(template, FLAGS)):
        label = render(template, FLAGS)

        assert "#error#" not in label
        assert "${" not in label


@given(TEMPLATES, st.data())
def test_what_is_typed_lies_around_the_cursor(template, data):
    cursor = data.draw(st.integers(0, len(template)))

    spot = spot_at(template, cursor)

    if spot is not None:
        assert 0 <= spot.start <= cursor <= spot.end <= len(template)
        assert spot.typed in ("", template[spot.start : cursor])


@given(st.sampled_from(sorted(FLAGS)), st.text(alphabet="ab $|", max_size=5))
def test_a_reference_to_a_flag_is_found_and_resolved(name, before):
    template = f"{before}${{{name}}}"

    assert [template[a:b] for a, b in references(template)][-1].endswith(f"${{{name}}}")
