import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.compare.view_file import CompareView, read_view, view_text
from core.compare.views import Views
from core.errors import SettingsError

keys = st.sampled_from(
    [
        *("name", "columns", "added", "only_different", "sort", "group_by", "filter", "directions"),
        *("plots", "version", "other"),
    ]
)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10)
anything = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=10,
)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("views") / "view.json"


def read(path, data):
    path.write_bytes(data)
    try:
        return read_view(path)
    except SettingsError:
        return None


@given(st.binary(max_size=200))
def test_any_bytes_are_a_view_or_refused(path, data):
    assert read(path, data) is None


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(keys, anything))
def test_any_document_is_read_and_can_be_saved_again(path, document):
    loaded = read(path, json.dumps(document | {"format": "rundesk-compare-view"}).encode())

    if loaded is not None:
        again = read(path, view_text(loaded.view).encode())
        assert again is not None
        assert repr(again.view) == repr(loaded.view)  # as NaN is unlike itself


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_any_name_is_saved_within_the_directory(tmp_path_factory, name):
    views = Views(tmp_path_factory.mktemp("any"))
    try:
        path = views.save(CompareView(name))
    except SettingsError:
        assert not name.split()
        return
    assert path.parent == views.directory
    assert len(views.names()) == 1
    assert views.load(name).view.name == views.names()[0]
