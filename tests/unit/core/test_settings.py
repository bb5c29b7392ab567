from __future__ import annotations

import stat
import tomllib
from pathlib import Path

import pytest

from core.errors import SettingsError
from core.saved_lists import SavedList, add_list, change_list, delete_list, move_list
from core.settings import FILE_NAME, MAX_BYTES, Settings, load_settings, save_settings

PAPER = SavedList("Paper", "loss < 0.1")
BEST = SavedList("Best", "acc > 0.9")
THIRD = SavedList("Third", "")


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / FILE_NAME


def test_a_missing_file_means_defaults_and_no_problem(path):
    loaded = load_settings(path)

    assert loaded.settings == Settings()
    assert loaded.problems == ()


def test_saved_settings_come_back(path):
    wanted = Settings(scheme="dark", recent_homes=3, log_level="debug", lists=(PAPER, BEST))

    save_settings(path, wanted)

    assert load_settings(path).settings == wanted
    assert load_settings(path).problems == ()


def test_saving_keeps_comments_unknown_keys_and_their_order(path):
    path.write_text(
        "# mine\nfuture = [1, 2]\nscheme = 'light' # bright room\n\n"
        "[[lists]]\nname = 'Paper' # the one\nfilter = 'x'\ncolour = 'red'\n"
    )

    save_settings(path, Settings(scheme="dark", lists=(BEST, PAPER)))

    text = path.read_text()
    assert "# mine" in text
    assert "# bright room" in text
    assert "# the one" in text
    data = tomllib.loads(text)
    assert data["future"] == [1, 2]
    assert [item["name"] for item in data["lists"]] == ["Best", "Paper"]
    assert data["lists"][1] == {"name": "Paper", "filter": "loss < 0.1", "colour": "red"}


def test_defaults_are_not_written(path):
    save_settings(path, Settings())

    assert path.read_text() == ""


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("scheme = 'pink'", "scheme"),
        ("scheme = 3", "scheme"),
        ("scheme = []", "scheme"),
        ("recent_homes = true", "recent_homes"),
        ("recent_homes = -1", "recent_homes"),
        ("recent_homes = 'many'", "recent_homes"),
        ("log_level = {a = 1}", "log_level"),
        ("lists = 1", "lists"),
    ],
)
def test_a_wrong_value_falls_back_and_is_reported_with_its_line(path, line, key):
    path.write_text(f"# first\n\n{line}\n")

    loaded = load_settings(path)

    assert loaded.settings == Settings()
    assert len(loaded.problems) == 1
    assert "line 3" in loaded.problems[0]
    assert key in loaded.problems[0]


def test_one_bad_list_is_reported_and_the_others_are_kept(path):
    path.write_text(
        "[[lists]]\nname = 'Paper'\nfilter = 'loss < 0.1'\n"
        "[[lists]]\nname = 4\n"
        "[[lists]]\nname = 'paper'\n"
        "[[lists]]\nname = 'Best'\nfilter = 'acc > 0.9'\n"
    )

    loaded = load_settings(path)

    assert loaded.settings.lists == (PAPER, BEST)
    assert ["line 4" in loaded.problems[0], "line 6" in loaded.problems[1]] == [True, True]


def test_a_bad_list_survives_saving_the_others(path):
    path.write_text("[[lists]]\nname = 4\nfilter = 'keep me'\n")

    save_settings(path, Settings(lists=(PAPER,)))

    assert "keep me" in path.read_text()
    assert load_settings(path).settings.lists == (PAPER,)


def test_broken_toml_is_reported_and_never_overwritten(path):
    path.write_text("scheme = \n")

    loaded = load_settings(path)

    assert loaded.settings == Settings()
    assert "line 1" in loaded.problems[0]
    with pytest.raises(SettingsError, match="not saved"):
        save_settings(path, Settings(scheme="dark"))
    assert path.read_text() == "scheme = \n"


def test_an_enormous_file_is_refused(path):
    path.write_bytes(b"#" * (MAX_BYTES + 1))

    assert "longer" in load_settings(path).problems[0]


def test_a_folder_in_the_place_of_the_file_is_one_problem(path):
    path.mkdir()

    assert len(load_settings(path).problems) == 1
    with pytest.raises(SettingsError) as caught:
        save_settings(path, Settings(scheme="dark"))
    assert caught.value.hint


def test_saving_follows_a_link_and_keeps_the_permissions(tmp_path, path):
    real = tmp_path / "versioned.toml"
    real.write_text("")
    real.chmod(0o640)
    path.symlink_to(real)

    save_settings(path, Settings(scheme="dark"))

    assert path.is_symlink()
    assert 'scheme = "dark"' in real.read_text()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert sorted(p.name for p in tmp_path.iterdir()) == [FILE_NAME, "versioned.toml"]


def test_a_list_is_added_with_its_name_tidied():
    assert add_list((PAPER,), SavedList("  My \n best ", " a ")) == (
        PAPER,
        SavedList("My best", "a"),
    )


@pytest.mark.parametrize("name", ["", "  ", "paper", "PAPER "])
def test_a_list_without_a_name_of_its_own_is_refused(name):
    with pytest.raises(SettingsError) as caught:
        add_list((PAPER,), SavedList(name, ""))
    assert caught.value.hint


def test_a_list_is_renamed_in_its_place():
    renamed = SavedList("Draft", "x")

    assert change_list((PAPER, BEST), "Paper", renamed) == (renamed, BEST)
    assert change_list((PAPER, BEST), "Paper", SavedList("PAPER", "x"))[0].name == "PAPER"


def test_a_deleted_list_is_gone_and_an_unknown_one_is_an_error():
    assert delete_list((PAPER, BEST), "Paper") == (BEST,)
    with pytest.raises(SettingsError):
        delete_list((PAPER,), "Best")


@pytest.mark.parametrize(
    ("by", "expected"),
    [(1, [BEST, PAPER, THIRD]), (9, [BEST, THIRD, PAPER]), (-1, [PAPER, BEST, THIRD])],
)
def test_a_list_moves_but_not_beyond_the_ends(by, expected):
    assert list(move_list((PAPER, BEST, THIRD), "Paper", by)) == expected
