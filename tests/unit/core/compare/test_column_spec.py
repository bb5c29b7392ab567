import pytest

from core.compare.column_spec import MAX_TEXT, ColumnSpec, parse_column, parse_columns
from core.errors import QueryError


def flag(name, **more):
    return ColumnSpec("flag", name, **more)


def attr(name, **more):
    return ColumnSpec("attr", name, **more)


def scalar(name, **more):
    return ColumnSpec("scalar", name, **more)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("loss", scalar("loss")),
        ("scalar:loss", scalar("loss")),
        ("min loss", scalar("loss", aggregate="min")),
        ("scalar:max loss", scalar("loss", aggregate="max")),
        ("last loss step", scalar("loss", aggregate="last", step=True)),
        ("loss step", scalar("loss", step=True)),
        ("train#loss", scalar("train#loss")),
        ("count x/y as n", scalar("x/y", aggregate="count", heading="n")),
        ("scalar:.guild#loss", scalar(".guild#loss")),
        ("'.guild#loss'", scalar(".guild#loss")),
        ("'a, b' step", scalar("a, b", step=True)),
        ("a=b", scalar("a=b")),
        ("'min'", scalar("min")),
        ("=lr", flag("lr")),
        ("flag:lr", flag("lr")),
        ("= lr", flag("lr")),
        ("=a.b:c=d", flag("a.b:c=d")),
        ("='two words'", flag("two words")),
        ("=step", flag("step")),
        ("flag:.x", flag(".x")),
        (".label", attr("label")),
        ("attr:label", attr("label")),
        (". label", attr("label")),
        (".'two words'", attr("two words")),
        (".label as 'a heading'", attr("label", heading="a heading")),
        ("loss as min", scalar("loss", heading="min")),
        ("loss as a as b", scalar("loss", heading="b")),
        ("MIN", scalar("MIN")),
    ],
)
def test_a_column_is_understood(text, expected):
    assert parse_column(text) == expected


def test_commas_part_columns_with_or_without_blanks():
    assert parse_columns("=a,.b , min c\n,d") == (
        flag("a"),
        attr("b"),
        scalar("c", aggregate="min"),
        scalar("d"),
    )


@pytest.mark.parametrize(
    ("text", "position", "length", "words"),
    [
        ("", 0, 1, "name of a column is missing"),
        ("loss, ", 6, 1, "name of a column is missing"),
        ("a,,b", 2, 1, "name of a column is missing"),
        ("min", 3, 1, "name of a column is missing"),
        ("=", 1, 1, "name of a column is missing"),
        ("''", 0, 2, "name of a column is missing"),
        ("a b", 2, 1, "comma is missing before “b”"),
        ("loss step step", 10, 4, "comma is missing"),
        ("min max loss", 4, 3, "name of a scalar is missing before “max”"),
        ("step", 0, 4, "name of a scalar is missing before “step”"),
        ("avg loss step", 9, 4, "average of a scalar has no step"),
        ("=lr step", 4, 4, "comma is missing"),
        ("loss as", 7, 1, "heading is missing"),
        ("loss as , b", 8, 1, "heading is missing"),
        ("x, 'open", 3, 5, "closing ' is missing"),
        (r'"\q"', 0, 4, "not understood"),
    ],
)
def test_what_is_not_understood_is_said_with_its_place(text, position, length, words):
    with pytest.raises(QueryError) as caught:
        parse_columns(text)

    assert (caught.value.position, caught.value.length) == (position, length)
    assert words in str(caught.value)


def test_braces_in_a_name_are_shown_as_they_are():
    with pytest.raises(QueryError, match=r"before “\{0\}”"):
        parse_columns("a {0}")


def test_where_one_column_is_wanted_several_are_refused():
    with pytest.raises(QueryError) as caught:
        parse_column("'a,b', c")

    assert caught.value.position == 5


def test_a_list_without_end_is_refused():
    with pytest.raises(QueryError, match="too long"):
        parse_columns("a," * MAX_TEXT)


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("loss", "loss"),
        ("min loss", "loss"),
        ("max loss step", "loss step"),
        ("train#loss", "train loss"),
        ("'#loss'", "loss"),
        ("loss as best", "best"),
        ("=lr", "lr"),
        (".label", "label"),
    ],
)
def test_headers_are_guilds(text, header):
    assert parse_column(text).header == header


def test_only_values_of_scalars_can_be_best():
    texts = ("loss", "min loss", "avg loss", "loss step", "count loss", "=lr", ".exit_status")

    assert [parse_column(text).is_number for text in texts] == [True] * 3 + [False] * 4


@pytest.mark.parametrize("text", ["min loss", "=lr", ".label as x", "avg a#b", "loss step"])
def test_a_simple_column_reads_as_it_was_written(text):
    assert str(parse_column(text)) == text
