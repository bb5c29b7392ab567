import json
import os

import pytest

from core.compare.view_file import MAX_BYTES, CompareView, read_view, view_text
from core.compare.views import Views
from core.errors import SettingsError

WHOLE = CompareView(
    name="Best of the week",
    columns=("=lr", "min loss as best"),
    added=(".label",),
    only_different=False,
    sort=(("best", False), ("lr", True)),
    group_by=("=lr",),
    filter="loss < 1",
    directions={"loss": "down", "score": None},
    plots={"kind": "curves", "keys": ["loss"]},
    others={"from later": [1]},
)


@pytest.fixture
def views(tmp_path):
    return Views(tmp_path / "config")


def write(path, **document):
    base = {"format": "rundesk-compare-view", "version": 1, "name": "x"}
    path.write_text(json.dumps(base | document))
    return path


@pytest.mark.parametrize("view", [WHOLE, CompareView("plain")])
def test_a_view_comes_back_as_it_was_saved(views, view):
    path = views.save(view)

    assert views.names() == [view.name]
    assert views.load(view.name).view == view
    assert views.load(view.name.upper()).view == view
    assert read_view(path).view == view
    assert read_view(path).problems == ()


def test_without_views_there_are_none(views):
    assert views.names() == []
    with pytest.raises(SettingsError, match="no view called “x”"):
        views.load("x")


def test_saving_again_replaces_the_file(views):
    first = views.save(CompareView("a", filter="one"))
    second = views.save(CompareView("A", filter="two"))

    assert first == second
    assert views.names() == ["A"]
    assert views.load("a").view.filter == "two"
    assert list(views.directory.iterdir()) == [first]


@pytest.mark.parametrize("name", ["", "  \n"])
def test_a_view_needs_a_name(views, name):
    with pytest.raises(SettingsError, match="needs a name"):
        views.save(CompareView(name))


@pytest.mark.parametrize(
    "name", ["../../up", "/etc/x", "a/b\\c", ".hidden", "CON", "ü" * 300, "…", "a\0b", "x.json"]
)
def test_any_name_is_one_file_in_the_directory(views, name):
    path = views.save(CompareView(name))

    assert path.parent == views.directory
    assert path.is_file()
    assert not path.name.startswith(".")
    assert views.names() == [read_view(path).view.name]


def test_names_that_make_the_same_file_name_are_two_files(views):
    views.save(CompareView("a/b"))
    views.save(CompareView("a:b"))

    assert views.names() == ["a/b", "a:b"]


def test_a_view_that_was_sent_is_taken_under_a_name_of_its_own(views, tmp_path):
    views.save(CompareView("x"))
    sent = write(tmp_path / "sent.json", filter="lr < 1")

    taken = views.take(sent)

    assert taken.view.name == "x (2)"
    assert views.names() == ["x", "x (2)"]
    assert views.load("x (2)").view.filter == "lr < 1"


def test_a_view_that_was_sent_twice_is_there_once(views, tmp_path):
    views.save(CompareView("x"))
    sent = write(tmp_path / "sent.json", filter="lr < 1")

    taken, again = views.take(sent), views.take(sent)
    own = views.take(views.path_of("x"))

    assert again == taken
    assert own.view.name == "x"
    assert views.names() == ["x", "x (2)"]


def test_a_default_is_found_under_the_name_that_its_view_has_now(views):
    views.save(CompareView("mine"))
    views.set_default("train", "mine")

    views.save(CompareView("Mine"))

    assert views.known().default_of("train") == "Mine"
    assert views.known().default_of("test") == ""


def test_only_the_columns_that_are_not_understood_are_left_out(tmp_path):
    loaded = read_view(
        write(tmp_path / "sent.json", columns=["min loss", "a b", "=lr"], group_by=["'"])
    )
    nothing = read_view(write(tmp_path / "bad.json", columns=[f"a b{n}" for n in range(5)]))

    assert loaded.view.columns == ("min loss", "=lr")
    assert loaded.view.group_by == ()
    assert [text.partition(" in ")[0] for text in loaded.problems] == [
        "The column “a b”", "The column “'”",
    ]  # fmt: skip
    assert nothing.view.columns is None
    assert nothing.problems[-1] == "And 2 other columns."


def test_a_deleted_view_is_no_default_any_more(views):
    for name in ("a", "b"):
        views.save(CompareView(name))
    views.set_default("train", "a")
    views.set_default("test", "b")

    views.delete("A")

    assert views.names() == ["b"]
    assert views.defaults() == {"test": "b"}
    with pytest.raises(SettingsError):
        views.delete("a")


def test_an_operation_has_one_default(views):
    views.set_default("train", "a")
    views.set_default("train", "b")
    assert views.defaults() == {"train": "b"}

    views.set_default("train", None)

    assert views.defaults() == {}
    assert views.names() == []


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a": 1}', "\xff"])
def test_damaged_defaults_are_none(views, text):
    views.set_default("train", "a")
    (views.directory / "defaults").write_text(text, "latin-1")

    assert views.defaults() == {}


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"{", b"[]", b"3", b"null", b'{"format": "other"}', b"\xff\xfe", b'{"name": "x"}'),
        *(b"[" * 100_000, b'"' + b"x" * MAX_BYTES + b'"', b"1" * 5000),
        b'{"format": "rundesk-compare-view", "plots": {"a": "\\ud800"}}',
    ],
)
def test_what_is_no_view_is_refused_and_not_listed(views, tmp_path, data):
    views.directory.mkdir(parents=True)
    path = views.directory / "bad.json"
    path.write_bytes(data)

    with pytest.raises(SettingsError, match="is not a view"):
        read_view(path)
    assert views.names() == []
    assert list(views.known().damaged) == ["bad.json"]
    assert "is not a view" in views.known().damaged["bad.json"]


@pytest.mark.parametrize(
    ("cut", "why"),
    [
        (lambda text: text[: len(text) // 2], "its end is missing"),
        (lambda _: "", "it is empty"),
        (lambda text: text.replace('"sort": ', '"sort": oh '), "it is damaged in line 11"),
        (lambda text: text.replace("best", "b\udcff"), "it holds bytes that are no text"),
        (lambda text: text.replace('"version": 1', f'"version": {"1" * 5_000}'), "too long"),
    ],
)
def test_why_a_file_is_no_view_is_said_in_words_for_people(views, cut, why):
    path = views.save(CompareView("best", columns=("loss",)))
    path.write_text(cut(path.read_text()), errors="surrogateescape")

    with pytest.raises(SettingsError, match=f"{path} is not a view: .*{why}") as refused:
        read_view(path)
    assert refused.value.hint == "Ask for the file again, or delete it."


def test_damaged_defaults_are_told_and_cost_no_view(views):
    views.save(CompareView("best"))
    (views.directory / "defaults").write_text("{")

    known = views.known()

    assert known.names == ("best",)
    assert known.damaged["defaults"].startswith("Which views operations open with is lost")


def test_where_nothing_was_saved_nothing_is_damaged(views):
    assert views.known().damaged == {}


def test_a_file_that_is_not_there_or_none_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe.json")

    for path in (tmp_path / "none.json", tmp_path / "pipe.json", tmp_path):
        with pytest.raises(SettingsError, match="Cannot read"):
            read_view(path)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("columns", "=lr"), ("columns", ["a", 1]), ("added", [1]), ("added", None)),
        *(("only_different", 1), ("sort", [["a"]]), ("sort", [{"descending": True}])),
        *(("group_by", {}), ("filter", 3), ("filter", "x" * 30_000), ("directions", {"a": "left"})),
        *(("directions", {"a": []}), ("plots", []), ("name", [])),
    ],
)
def test_a_value_of_the_wrong_kind_is_left_out_and_told(tmp_path, key, value):
    path = write(tmp_path / "view.json", **{"filter": "kept", key: value})

    loaded = read_view(path)

    assert getattr(loaded.view, key) == getattr(CompareView("view"), key)
    (problem,) = loaded.problems
    assert f"“{key}”" in problem


def test_a_view_of_a_later_version_is_read_as_far_as_it_goes(tmp_path):
    path = write(tmp_path / "view.json", version=2, filter="kept", shine="new")

    loaded = read_view(path)

    assert loaded.view.filter == "kept"
    assert json.loads(view_text(loaded.view))["shine"] == "new"
    assert "later version" in loaded.problems[0]


def test_where_nothing_can_be_written_a_sentence_says_so(tmp_path):
    (tmp_path / "config").write_text("in the way")
    views = Views(tmp_path / "config")

    with pytest.raises(SettingsError, match="Cannot save the view “x”"):
        views.save(CompareView("x"))
    with pytest.raises(SettingsError, match="which views operations open with"):
        views.set_default("train", "x")


def test_a_deleted_view_is_brought_back_with_all_that_was_in_it(views):
    path = views.save(CompareView("a", columns=("=lr",), others={"later": 1}))
    text = path.read_text()
    for operation in ("train", "test"):
        views.set_default(operation, "a")
    deleted = views.delete("a")
    views.set_default("test", "other")

    views.bring_back(deleted)

    assert path.read_text() == text
    assert views.defaults() == {"test": "other", "train": "a"}


def test_a_deleted_view_does_not_come_back_over_another_of_its_name(views):
    views.save(CompareView("a"))
    deleted = views.delete("a")
    views.save(CompareView("A", filter="new"))

    with pytest.raises(SettingsError, match="another view called “a”"):
        views.bring_back(deleted)

    assert views.load("a").view.filter == "new"
