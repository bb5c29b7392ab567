from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.errors import SettingsError
from core.saved_lists import SavedList, add_list
from core.settings import FILE_NAME, Settings, load_settings, save_settings

names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)


@given(
    st.lists(st.tuples(names, st.text(st.characters(codec="utf-8"))), max_size=4),
    st.sampled_from(["system", "light", "dark"]),
)
def test_any_settings_survive_the_file(tmp_path_factory, pairs, scheme):
    lists: tuple[SavedList, ...] = ()
    for name, text in pairs:
        try:
            lists = add_list(lists, SavedList(name, text))
        except SettingsError:
            continue
    path = tmp_path_factory.mktemp("settings") / FILE_NAME

    save_settings(path, Settings(scheme=scheme, lists=lists))

    assert load_settings(path).settings == Settings(scheme=scheme, lists=lists)


@given(st.one_of(st.binary(), st.text().map(lambda text: text.encode("utf-8", "surrogatepass"))))
def test_any_bytes_load_as_usable_settings(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("settings") / FILE_NAME
    path.write_bytes(data)

    loaded = load_settings(path)

    assert loaded.settings.scheme in ("system", "light", "dark")
