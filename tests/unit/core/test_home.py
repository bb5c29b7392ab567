from pathlib import Path

import pytest

from core.errors import HomeError
from core.home import Home, find_home_in, open_home, resolve_home


@pytest.fixture
def user(tmp_path):
    path = tmp_path / "user"
    path.mkdir()
    return path


def test_named_home_wins_over_everything(tmp_path, user):
    (tmp_path / "named").mkdir()
    environ = {"GUILD_HOME": str(user), "VIRTUAL_ENV": str(tmp_path)}

    home = resolve_home(Path("named"), environ, tmp_path, user)

    assert home.path == tmp_path / "named"


def test_environment_names_the_home_with_a_tilde(user):
    (user / "runs-of-mine").mkdir()

    home = resolve_home(None, {"GUILD_HOME": "~/runs-of-mine"}, user, user)

    assert home.path == user / "runs-of-mine"


def test_missing_named_home_is_one_sentence(tmp_path, user):
    with pytest.raises(HomeError, match=r"Cannot open .*gone: there is no such directory\."):
        resolve_home(tmp_path / "gone", {}, tmp_path, user)


def test_home_that_is_a_file_is_one_sentence(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(HomeError, match="not a directory"):
        open_home(tmp_path / "file")


@pytest.mark.parametrize(
    ("made", "environ", "expected"),
    [
        (("env/.guild", "work/.guild"), {"VIRTUAL_ENV": "env"}, "env/.guild"),
        (("work/.guild",), {"VIRTUAL_ENV": "env"}, "work/.guild"),
        (
            ("conda/.guild", "env/.guild"),
            {"CONDA_PREFIX": "conda", "VIRTUAL_ENV": "env"},
            "conda/.guild",
        ),
        ((), {}, "user/.guild"),
        (("env/.guild",), {"VIRTUAL_ENV": "env", "GUILD_HOME_SCHEME": "pre-0.9"}, "env/.guild"),
        ((), {"VIRTUAL_ENV": "env", "GUILD_HOME_SCHEME": "pre-0.9"}, "env/.guild"),
        (("work/.guild",), {"GUILD_HOME_SCHEME": "pre-0.9"}, "user/.guild"),
    ],
)
def test_home_is_found_in_the_order_of_guild(tmp_path, user, made, environ, expected):
    for name in (*made, "work/deep/er"):
        (tmp_path / name).mkdir(parents=True)
    absolute = {
        name: value if name == "GUILD_HOME_SCHEME" else str(tmp_path / value)
        for name, value in environ.items()
    }

    home = resolve_home(None, absolute, tmp_path / "work" / "deep" / "er", user)

    assert home.path == tmp_path / expected


def test_search_upwards_stops_at_the_users_home(tmp_path, user):
    (tmp_path / ".guild").mkdir()
    (user / "project").mkdir()

    assert resolve_home(None, {}, user / "project", user).path == user / ".guild"


def test_dropped_folder_may_be_home_project_or_runs(tmp_path):
    guild = tmp_path / "project" / ".guild"
    (guild / "runs" / "x" / ".guild").mkdir(parents=True)
    (guild / "runs" / "x" / ".guild" / "opref").touch()

    for folder in (guild, guild.parent, guild / "runs"):
        assert find_home_in(folder) == Home(guild)
    assert find_home_in(tmp_path) is None
    assert Home(guild).name == "project"
