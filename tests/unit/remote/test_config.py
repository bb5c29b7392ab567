"""Remotes in Guild's configuration: found, read, changed, and nothing else touched."""

from __future__ import annotations

import threading

import pytest
import yaml

from remote import config as config_module
from remote.config import RemoteList, find_config
from remote.errors import RemoteConfigError, RemoteNotFound, RemoteUnsupported
from remote.local_user import LocalUser
from tests.support.patience import PATIENCE

TEXT = """\
# Written by hand
diff:
    command: meld   # best

remotes:

    # The big one
    gpu1:
        type: ssh
        host: "gpu1.example"   # quoted
        port: 2222
        user: 'me'
        my-own-key: [1, 2]
    store: {type: s3, bucket: runs}   # cold

config:
    base:
        connect-timeout: 5
# The end
"""


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "config.yml"
    file.write_text(TEXT)
    return file


@pytest.fixture
def remotes(path):
    return RemoteList(path)


def user(home, **environ):
    return LocalUser("me", home, environ)


# Which file


def test_the_environment_names_the_file(tmp_path):
    local = user(tmp_path / "home", GUILD_CONFIG="here/c.yml")

    assert find_config(local, tmp_path) == tmp_path / "here" / "c.yml"


def test_a_home_in_the_environment_is_the_users(tmp_path):
    local = user(tmp_path / "home", GUILD_CONFIG="~/c.yml")

    assert find_config(local, tmp_path) == tmp_path / "home" / "c.yml"


def test_a_file_beside_goes_before_the_users(tmp_path):
    (tmp_path / "guild-config.yml").touch()

    assert find_config(user(tmp_path / "home"), tmp_path) == tmp_path / "guild-config.yml"


def test_else_it_is_the_users_file_which_need_not_be_there(tmp_path):
    expected = tmp_path / "home" / ".guild" / "config.yml"

    assert find_config(user(tmp_path / "home"), tmp_path) == expected
    assert RemoteList(expected).all() == []


# Reading


def test_every_key_of_guild_is_understood(remotes):
    gpu = remotes.find("gpu1")

    assert (gpu.host, gpu.port, gpu.user) == ("gpu1.example", 2222, "me")
    assert gpu.guild_home == ".guild"
    assert gpu.is_supported


def test_remotes_of_other_types_are_shown_and_refused(remotes):
    store = remotes.find("store")

    assert (store.name, store.type, store.is_supported) == ("store", "s3", False)
    with pytest.raises(RemoteUnsupported):
        store.require_supported()


@pytest.mark.parametrize(
    ("keys", "home"),
    [
        ({}, ".guild"),
        ({"guild-home": "/data/guild"}, "/data/guild"),
        ({"venv-path": "~/venv/"}, "~/venv/.guild"),
        ({"guild-env": "env"}, "env/.guild"),
        ({"conda-env": "/opt/conda/envs/x"}, "/opt/conda/envs/x/.guild"),
        ({"conda-env": "name", "guild-home": "x"}, "x"),
        ({"conda-env": "/c", "venv-path": "/v"}, "/c/.guild"),
    ],
)
def test_the_home_there_is_found_as_guild_finds_it(remotes, keys, home):
    remotes.add("there", {"host": "h", **keys})

    assert remotes.find("there").guild_home == home


def test_a_user_may_stand_before_the_host(remotes):
    remotes.add("there", {"host": "me@box"})
    remotes.add("other", {"host": "me@box", "user": "you"})

    assert (remotes.find("there").user, remotes.find("there").host) == ("me", "box")
    assert (remotes.find("other").user, remotes.find("other").host) == ("you", "box")


def test_a_conda_environment_without_a_path_needs_a_home(remotes):
    with pytest.raises(RemoteConfigError, match="“guild-home” is needed"):
        remotes.add("there", {"host": "h", "conda-env": "name"})


def test_the_private_key_is_found_beside_the_configuration(remotes, path):
    remotes.edit("gpu1", {"private-key": "keys/gpu"})

    assert remotes.find("gpu1").private_key == path.parent / "keys" / "gpu"


def test_a_private_key_of_a_user_who_is_not_there_is_no_file(remotes, path):
    remotes.edit("gpu1", {"private-key": "~nobody-of-that-name/key"})

    key = remotes.find("gpu1").private_key
    assert key == path.parent / "~nobody-of-that-name/key"


@pytest.mark.parametrize("text", ["remotes: [a, b]\n", "remotes: hello\n"])
def test_remotes_of_another_form_are_not_replaced_by_a_new_one(path, remotes, text):
    path.write_text(text)

    with pytest.raises(RemoteConfigError, match="cannot be changed"):
        remotes.add("there", {"host": "h"})

    assert path.read_text() == text


def test_a_remote_of_another_form_is_not_changed(path, remotes):
    path.write_text("remotes:\n  there: hello\n")

    with pytest.raises(RemoteConfigError, match="cannot be changed"):
        remotes.edit("there", {"host": "h"})

    assert path.read_text() == "remotes:\n  there: hello\n"


def test_what_is_extended_counts_and_the_own_value_wins(path, remotes):
    path.write_text(
        "config:\n  slow: {connect-timeout: 60, port: 1}\n"
        "remotes:\n"
        "  base: {type: ssh, host: base.example, user: me}\n"
        "  a: {extends: base, host: a.example}\n"
        "  b: {extends: [a, slow], port: 7}\n"
    )

    b = remotes.find("b")

    assert (b.type, b.host, b.user, b.port, b.connect_timeout) == ("ssh", "a.example", "me", 7, 60)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("remotes:\n  a: {extends: b}\n  b: {extends: a}\n", "in a circle"),
        ("remotes:\n  a: {extends: gone}\n", "“gone”, which is extended"),
        ("- a list\n", "no sections"),
        ("remotes: [\n", "not valid YAML"),
        ("remotes: {a: &x [*x]}\n", "contains itself"),
        ("\x00", "not valid YAML"),
    ],
)
def test_what_cannot_be_understood_is_told_with_the_file(path, remotes, text, words):
    path.write_text(text)

    with pytest.raises(RemoteConfigError, match=words) as caught:
        remotes.all()

    assert str(path) in str(caught.value)


@pytest.mark.parametrize("text", ["", "# only this\n", "remotes:\n", "remotes: text\n", "a: b\n"])
def test_a_file_without_remotes_has_none(path, remotes, text):
    path.write_text(text)

    assert remotes.all() == []


def test_a_name_that_is_not_there_is_told_with_those_that_are(remotes):
    with pytest.raises(RemoteNotFound) as caught:
        remotes.find("gpu2")

    assert caught.value.hint == "There are: gpu1, store."


# Changing


def test_a_change_touches_one_line(path, remotes):
    remotes.edit("gpu1", {"port": 22})

    assert path.read_text() == TEXT.replace("2222", "22")


def test_a_new_remote_comes_below_the_others_and_all_comments_stay(path, remotes):
    remotes.add("gpu2", {"host": "gpu2.example", "user": None})

    text = path.read_text()
    assert [line for line in TEXT.splitlines() if line not in text.splitlines()] == []
    assert "    gpu2:\n        type: ssh\n        host: gpu2.example\n" in text
    assert [remote.name for remote in remotes.all()] == ["gpu1", "store", "gpu2"]


def test_a_removed_remote_leaves_everything_else(path, remotes):
    remotes.remove("store")

    data = yaml.safe_load(TEXT)
    del data["remotes"]["store"]
    assert yaml.safe_load(path.read_text()) == data
    assert "# best" in path.read_text()


def test_the_last_remote_takes_its_section_along(path, remotes):
    path.write_text("# mine\nremotes:\n  a: {type: ssh, host: h}\n")

    remotes.remove("a")

    assert path.read_text() == "# mine\n"


def test_a_remote_that_others_extend_is_not_removed(path, remotes):
    path.write_text("remotes:\n  a: {type: ssh, host: h}\n  b: {extends: a}\n")

    with pytest.raises(RemoteConfigError, match="b extends it"):
        remotes.remove("a")


def test_the_first_remote_makes_the_file(tmp_path):
    path = tmp_path / "new" / "config.yml"

    RemoteList(path).add("a", {"host": "h"})

    assert yaml.safe_load(path.read_text()) == {"remotes": {"a": {"type": "ssh", "host": "h"}}}


def test_values_with_every_kind_of_letter_come_back(remotes):
    odd = "a: b # 'c' \"d\" \\ $(e) `f`\ng ünï 🎉"

    remotes.edit("gpu1", {"description": odd, "init": "- x\n- y\n", "venv-activate": "1e-05"})

    found = remotes.find("gpu1").values
    assert (found["description"], found["init"], found["venv-activate"]) == (
        odd,
        "- x\n- y\n",
        "1e-05",
    )


@pytest.mark.parametrize(
    ("key", "value"),
    [("host", "a b"), ("host", "-x"), ("user", "a;b"), ("port", 70000), ("connect-timeout", -1)],
)
def test_a_value_that_cannot_be_is_not_saved(path, remotes, key, value):
    with pytest.raises(RemoteConfigError):
        remotes.edit("gpu1", {key: value})

    assert path.read_text() == TEXT


def test_an_alias_that_two_remotes_share_is_left_alone(path, remotes):
    text = "remotes:\n  a: &a {type: ssh, host: h}\n  b: *a\n"
    path.write_text(text)

    with pytest.raises(RemoteConfigError, match="cannot be changed without touching"):
        remotes.edit("b", {"port": 1})

    assert path.read_text() == text


def test_who_changes_a_remote_that_was_changed_meanwhile_is_told(path, remotes):
    seen = remotes.find("gpu1")
    path.write_text(TEXT.replace("2222", "2223"))

    with pytest.raises(RemoteConfigError, match="changed meanwhile by somebody else"):
        remotes.edit("gpu1", {"port": 22}, seen=seen)

    assert "2223" in path.read_text()


def test_a_change_of_another_place_meanwhile_is_kept(path, remotes, monkeypatch):
    real = config_module._replace
    meddled = []

    def replace(target, before, text):
        if not meddled:
            meddled.append(path.write_text(TEXT.replace("meld", "vimdiff")))
        return real(target, before, text)

    monkeypatch.setattr(config_module, "_replace", replace)

    remotes.edit("gpu1", {"port": 22})

    assert path.read_text() == TEXT.replace("meld", "vimdiff").replace("2222", "22")


def test_two_writers_lose_nothing(remotes, monkeypatch):
    monkeypatch.setattr(config_module, "_TURN_SECONDS", PATIENCE)

    def add(names):
        for name in names:
            remotes.add(name, {"host": "h"})

    groups = [[f"r{group}x{number}" for number in range(8)] for group in range(2)]
    threads = [threading.Thread(target=add, args=(names,)) for names in groups]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {remote.name for remote in remotes.all()} >= {name for names in groups for name in names}


def test_a_link_stays_a_link_and_the_permissions_stay(path, tmp_path):
    path.chmod(0o640)
    link = tmp_path / "link.yml"
    link.symlink_to(path)

    RemoteList(link).edit("gpu1", {"port": 22})

    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o640
    assert "port: 22\n" in path.read_text()


def test_a_folder_that_cannot_be_written_is_told(open_dir, as_ordinary_user):
    path = open_dir / "config.yml"
    path.write_text(TEXT)
    path.chmod(0o644)

    with as_ordinary_user(), pytest.raises(RemoteConfigError, match="Cannot save the remotes"):
        RemoteList(path).edit("gpu1", {"port": 22})

    assert path.read_text() == TEXT


def test_a_full_disk_leaves_the_file_as_it_was(make_disk, tmp_path):
    small_disk = make_disk(tmp_path / "disk", size="64k")
    path = small_disk / "config.yml"
    path.write_text(TEXT)
    with (small_disk / "filler").open("wb") as filler, pytest.raises(OSError, match="No space"):
        filler.write(bytes(200_000))

    with pytest.raises(RemoteConfigError, match="no space left"):
        RemoteList(path).edit("gpu1", {"description": "y" * 100_000})

    assert path.read_text() == TEXT


def test_values_of_others_are_written_as_they_were(path, remotes):
    odd = (
        "other:\n  a: 0e1\n  b: 010\n  c: 0x1F\n  d: 1_000\n  e: on\n  f: ~\n  g:\n  h: .5e+3\n"
        "  i: 2001-01-01\n  j: null\n  k: ''\n  l: !!str 5\n  m: |\n    text\n     more\n"
        "  n: >-\n    folded\n    text\n  0e1: key\n  yes: key\n"
    )
    path.write_text(f"{odd}remotes:\n  a:\n    type: ssh\n    host: h\n")

    remotes.edit("a", {"port": 22})

    assert path.read_text() == f"{odd}remotes:\n  a:\n    type: ssh\n    host: h\n    port: 22\n"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("plain text", "plain text"),
        ("10", '"10"'),
        (10, "10"),
        (True, "true"),
        ("yes", '"yes"'),
        ("0e1", '"0e1"'),
        ("", '""'),
        ("~", '"~"'),
        ("~/keys/gpu", "~/keys/gpu"),
        ("a: b", '"a: b"'),
        ("# x", '"# x"'),
        ("trailing ", '"trailing "'),
    ],
)
def test_a_value_is_written_so_that_guild_reads_it(path, remotes, value, written):
    path.write_text("remotes:\n  a:\n    type: ssh\n    host: h\n")

    remotes.edit("a", {"venv-activate": value})

    assert path.read_text().splitlines()[-1] == f"    venv-activate: {written}"
    assert remotes.find("a").values["venv-activate"] == value
