"""What is kept of a listing comes back as it was, or not at all."""

import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.archives.archive_index import ArchiveIndex
from core.index.columns import RunColumns
from core.index.row import FIELDS, Row, encode_flags
from core.scratch import Scratch
from remote.catalog import Catalog, CatalogIndex, CatalogShelf, filled, rows_of

texts = st.none() | st.text(min_size=1, max_size=20)
numbers = st.none() | st.integers(-(2**63) + 1, 2**63 - 1)
flag_values = st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5)
flags = st.dictionaries(st.text(min_size=1, max_size=5), flag_values, min_size=1, max_size=4)
rows = st.fixed_dictionaries(
    {
        "id": st.text("abc", min_size=1, max_size=3),
        "opref": texts,
        "status": st.sampled_from(["completed", "error", "running"]),
        "exit_status": numbers,
        "started": numbers,
        "label": texts,
        "tags": st.none() | st.just('["a", "b"]'),
        "marked": st.integers(0, 1),
        "comments": st.none() | st.just('[["one", "ada", "box", 5]]'),
        "pid": numbers,
        "attr_names": st.none() | st.just("flags\nlabel"),
        "flags": st.none() | flags.map(encode_flags),
        "scalar_keys": st.none() | st.just("loss"),
        "summaries": st.none() | st.binary(min_size=80, max_size=80),
        "signature": st.integers(0, 2**63 - 1),
    }
).map(lambda values: Row(**values))
some_rows = st.lists(rows, max_size=4, unique_by=lambda row: row.id)
ROW = Row("a" * 32, label="first", status="completed", flags='{"lr": 0.1}', signature=7)


@pytest.fixture
def catalog(tmp_path):
    return Catalog(tmp_path, "box", ".guild")


def path_of(tmp_path):
    [path] = (tmp_path / "remotes").iterdir()
    return path


def written(tmp_path, text: str) -> None:
    path_of(tmp_path).write_bytes(zlib.compress(text.encode()))


def columns_with(some) -> RunColumns:
    columns = RunColumns()
    list(filled(columns, some))
    return columns


@given(some_rows)
def test_rows_come_back_as_they_were(tmp_path_factory, some):
    catalog = Catalog(tmp_path_factory.mktemp("cache"), "box", ".guild")

    catalog.save(some)

    assert catalog.load() == some


@given(some_rows)
def test_columns_give_the_rows_that_were_put_into_them(some):
    found = rows_of(columns_with(some))

    assert [row._replace(flags=None) for row in found] == [row._replace(flags=None) for row in some]
    assert [json.loads(row.flags or "{}") for row in found] == [
        json.loads(row.flags or "{}") for row in some
    ]


@given(some_rows)
def test_columns_are_filled_at_once_as_one_by_one(some):
    columns = RunColumns()
    for row in some:
        columns.put_row(row)

    assert rows_of(columns_with(some)) == rows_of(columns)


def test_thousands_of_rows_come_in_steps(catalog):
    some = [ROW._replace(id=f"{number:032x}") for number in range(4500)]
    catalog.save(some)
    columns = RunColumns()

    steps = list(filled(columns, catalog.load()))

    assert [len(step.added) for step in steps] == [2000, 2000, 500]
    assert (steps[-1].checked, steps[-1].total) == (4500, 4500)
    assert columns.value("flag:lr", 4499) == 0.1


def test_rows_that_are_known_already_are_replaced(catalog):
    columns = columns_with([ROW])

    [step] = filled(columns, [ROW._replace(label="second"), ROW._replace(id="b")])

    assert step.added == (0, 1)
    assert columns.value("label", 0) == "second"


def test_nothing_is_kept_at_first(catalog):
    assert catalog.load() == []


def test_each_remote_home_is_kept_by_itself(tmp_path):
    Catalog(tmp_path, "box", ".guild").save([ROW])

    assert Catalog(tmp_path, "box", "other").load() == []
    assert Catalog(tmp_path, "box2", ".guild").load() == []


def test_what_is_kept_names_no_host_and_no_path(tmp_path, catalog):
    catalog.save([ROW])

    assert "guild" not in path_of(tmp_path).name
    assert b".guild" not in zlib.decompress(path_of(tmp_path).read_bytes())


@given(st.binary(max_size=200))
def test_any_bytes_are_rows_or_nothing(tmp_path_factory, data):
    tmp_path = tmp_path_factory.mktemp("cache")
    catalog = Catalog(tmp_path, "box", ".guild")
    catalog.save([])
    path_of(tmp_path).write_bytes(data)

    assert catalog.load() == []


@given(st.integers(0, 400), st.integers(0, 255))
def test_a_byte_that_changed_makes_all_of_it_nothing(tmp_path_factory, place, value):
    tmp_path = tmp_path_factory.mktemp("cache")
    catalog = Catalog(tmp_path, "box", ".guild")
    catalog.save([ROW])
    data = bytearray(path_of(tmp_path).read_bytes())
    data[place % len(data)] = value
    path_of(tmp_path).write_bytes(data)

    assert catalog.load() in ([], [ROW])


@pytest.mark.parametrize("cut", [1, 10, 60])
def test_a_file_that_was_cut_is_nothing(tmp_path, catalog, cut):
    catalog.save([ROW])
    path = path_of(tmp_path)
    path.write_bytes(path.read_bytes()[:-cut])

    assert catalog.load() == []


def line(**changes) -> str:
    return json.dumps([[value] for value in ROW._replace(**changes)])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[1]",
        json.dumps([2, *FIELDS]) + "\n[]",
        json.dumps([2, *FIELDS]) + "\n" + line(id=None),
        json.dumps([2, *FIELDS]) + "\n" + line(status=3),
        json.dumps([2, *FIELDS]) + "\n" + line(marked=True),
        json.dumps([2, *FIELDS]) + "\n" + line(started=1 << 70),
        json.dumps([2, *FIELDS]) + "\n" + line(label=["a"]),
        json.dumps([2, *FIELDS]) + "\n" + line(summaries="\u1234"),
        json.dumps([2, *FIELDS]) + "\n" + line() + "\n" + line(),
        json.dumps([1, *FIELDS]) + "\n" + line(),
        "[" * 100_000,
    ],
    ids=lambda text: text[-40:],
)
def test_what_is_no_listing_is_nothing(tmp_path, catalog, text):
    catalog.save([ROW])
    written(tmp_path, text)

    assert catalog.load() == []


def test_what_is_a_listing_is_one(tmp_path, catalog):
    catalog.save([ROW])
    written(tmp_path, json.dumps([2, *FIELDS]) + "\n" + line())

    assert catalog.load() == [ROW]


def test_where_nothing_can_be_kept_nothing_is_said(tmp_path):
    (tmp_path / "remotes").write_text("in the way")
    catalog = Catalog(tmp_path, "box", ".guild")

    catalog.save([ROW])

    assert catalog.load() == []


def test_saving_leaves_one_file(tmp_path, catalog):
    catalog.save([ROW])
    catalog.save([])

    assert len(list((tmp_path / "remotes").iterdir())) == 1
    assert catalog.load() == []


def test_runs_that_are_gone_are_forgotten_and_those_that_are_not_known_passed_over(
    tmp_path, catalog
):
    shelf = CatalogShelf("box", lambda check: None, Scratch(tmp_path / "copies"), catalog)
    list(filled(shelf.columns, [ROW, ROW._replace(id="b")]))

    [changes] = shelf.forget(["b", "c"])

    assert changes.removed == (1,)
    assert rows_of(shelf.columns) == [ROW]


def test_an_archive_in_place_of_a_server_is_read_as_one(tmp_path, catalog):
    shelf = CatalogShelf("box", lambda check: None, Scratch(tmp_path / "copies"), catalog)

    index = shelf.index_of(None)

    assert isinstance(index, CatalogIndex)
    assert isinstance(index, ArchiveIndex)
