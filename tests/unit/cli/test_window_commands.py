from __future__ import annotations

import sys

import pytest


@pytest.fixture
def opened(monkeypatch):
    """The arguments that the window was opened with."""
    import gui.__main__

    calls = []

    def open_window(arguments):
        calls.append(list(arguments))
        return 3

    monkeypatch.setattr(gui.__main__, "main", open_window)
    return calls


def test_without_a_command_the_window_opens(desk, opened, tmp_path):
    assert desk.call().code == 3
    assert desk.call("-H", str(desk.home)).code == 3

    assert opened == [[], [str(desk.home)]]


def test_the_window_opens_on_the_folders_that_are_named(desk, opened):
    desk.call("gui")
    desk.call("gui", "a", "b/c")
    desk.call("gui", "a", "-H", str(desk.home))

    assert opened == [[], ["a", "b/c"], [str(desk.home), "a"]]


def test_a_home_that_is_missing_opens_no_window(desk, opened, tmp_path):
    desk.on(tmp_path / "nowhere").fails("gui")

    assert opened == []


def test_without_a_screen_there_is_a_sentence_and_no_crash(desk, monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(desk.user_home))

    outcome = desk.call()

    assert outcome.code == 1
    assert outcome.err.startswith("rundesk: No window can be opened: there is no screen")
    assert "rundesk list" in outcome.err


@pytest.mark.parametrize(
    ("environ", "platform", "is_there"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ""}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-1"}, "linux", True),
        ({"QT_QPA_PLATFORM": "offscreen"}, "linux", True),
        ({"XDG_RUNTIME_DIR": "/nowhere"}, "linux", False),
        ({}, "darwin", True),
        ({}, "win32", True),
    ],
)
def test_a_screen_is_found_by_what_the_desktop_sets(environ, platform, is_there):
    from gui.__main__ import has_screen

    assert has_screen(environ, platform) is is_there


def test_a_desktop_of_wayland_without_variables_has_a_screen(tmp_path):
    from gui.__main__ import has_screen

    (tmp_path / "wayland-0").touch()

    assert has_screen({"XDG_RUNTIME_DIR": str(tmp_path)}, "linux")


def test_the_desktop_integration_is_installed_and_removed(desk, tmp_path):
    prefix = tmp_path / "share"

    installed = desk.call("install-desktop", "--prefix", str(prefix))

    assert (installed.code, installed.out) == (0, "")
    assert str(prefix) in installed.err
    (entry,) = (prefix / "applications").glob("*.desktop")
    assert "rundesk-gui" in entry.read_text()
    assert desk.call("uninstall-desktop", "--prefix", str(prefix)).code == 0
    assert not [path for path in prefix.rglob("*") if path.is_file()]


def test_the_desktop_integration_goes_where_the_users_desktop_looks(desk):
    desk.call("install-desktop")

    assert list((desk.user_home / ".local" / "share" / "applications").glob("*.desktop"))


def test_without_an_installed_command_nothing_is_installed(desk, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setattr(sys, "argv", [str(tmp_path / "rundesk")])

    outcome = desk.call("install-desktop", "--prefix", str(tmp_path / "share"))

    assert outcome.code == 1
    assert "rundesk-gui was not found" in outcome.err
    assert not (tmp_path / "share").exists()
