from hypothesis import given
from hypothesis import strategies as st

from core.compare.column_spec import WITHOUT_STEP, ColumnSpec, parse_columns
from core.errors import QueryError
from core.index.query_tree import AGGREGATES

names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
specs = st.one_of(
    st.builds(ColumnSpec, st.sampled_from(["attr", "flag"]), names, heading=names | st.just("")),
    st.builds(
        ColumnSpec,
        st.just("scalar"),
        names,
        st.none() | st.sampled_from(AGGREGATES),
        st.booleans(),
        names | st.just(""),
    ).filter(lambda spec: not (spec.step and spec.aggregate in WITHOUT_STEP)),
)
pieces = st.sampled_from(
    [
        *AGGREGATES,
        "step",
        "as",
        "=",
        ".",
        ",",
        " ",
        "#",
        "'",
        '"',
        "\\",
        "scalar:",
        "attr:",
        "flag:",
    ]
)


@given(st.lists(specs, min_size=1, max_size=5))
def test_every_column_is_read_as_it_is_written(columns):
    assert parse_columns(", ".join(map(str, columns))) == tuple(columns)


@given(st.text(max_size=60) | st.lists(pieces | names, max_size=12).map("".join))
def test_any_text_is_columns_or_an_error_within_it(text):
    try:
        columns = parse_columns(text)
    except QueryError as e:
        assert 0 <= e.position <= len(text)
        assert e.length >= 1
    else:
        assert all(column.name for column in columns)
        assert parse_columns(", ".join(map(str, columns))) == columns
