"""The desktop entry, icons and metainfo are installed, valid, and removed without a trace."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from core.desktop import APPLICATION_ID, ICON_SIZES, default_prefix, install, uninstall
from core.errors import DesktopError

ENTRY = f"applications/{APPLICATION_ID}.desktop"


@pytest.fixture
def command(tmp_path) -> str:
    return make_command(tmp_path / "bin" / "rundesk-gui")


def make_command(path: Path) -> str:
    path.parent.mkdir(parents=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return str(path)


def listing(top: Path) -> dict[str, bytes | None]:
    """Every path below `top`, with the content of files."""
    return {
        str(path.relative_to(top)): path.read_bytes() if path.is_file() else None
        for path in top.rglob("*")
    }


def validate(*argv: str) -> str:
    tool = shutil.which(argv[0])
    assert tool, f"{argv[0]} is not installed"
    done = subprocess.run([tool, *argv[1:]], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_installed_entry_is_valid(tmp_path, command):
    install(tmp_path / "share", command)

    assert validate("desktop-file-validate", str(tmp_path / "share" / ENTRY)) == ""


def test_installed_metainfo_is_valid(tmp_path, command):
    install(tmp_path / "share", command)

    metainfo = tmp_path / "share" / "metainfo" / f"{APPLICATION_ID}.metainfo.xml"
    validate("appstreamcli", "validate", "--no-net", str(metainfo))


def test_the_desktop_knows_archives_of_runs_by_their_names(tmp_path, command):
    install(tmp_path / "share", command)

    assert shutil.which("update-mime-database"), "shared-mime-info is not installed"
    globs = (tmp_path / "share" / "mime" / "globs2").read_text().splitlines()
    types = dict(reversed(line.split(":")[1:3]) for line in globs if "rundesk" in line)
    entry = (tmp_path / "share" / ENTRY).read_text()
    opened = re.search(r"^MimeType=(.*)$", entry, re.M)[1].split(";")
    assert types.keys() == {"*.runs.zip", "*.runs.tar.zst", "*.runs.tar.gz"}
    assert set(types.values()) < set(opened)


def test_entry_starts_the_installed_command(tmp_path, command):
    install(tmp_path / "share", command)

    lines = (tmp_path / "share" / ENTRY).read_text().splitlines()
    assert f"Exec={command} %F" in lines
    assert f"TryExec={command}" in lines
    assert f"Exec={command} --open-home" in lines[lines.index("[Desktop Action open-home]") :]


@pytest.mark.parametrize("folder", ["a b", "100%", 'quo"te', "back\\slash", "dollar$HOME", "$(x)`"])
def test_any_path_of_the_command_survives_the_entry(tmp_path, folder):
    command = make_command(tmp_path / folder / "rundesk-gui")

    install(tmp_path / "share", command)

    entry = (tmp_path / "share" / ENTRY).read_text()
    validate("desktop-file-validate", str(tmp_path / "share" / ENTRY))
    assert exec_words(re.search(r"^Exec=(.*)$", entry, re.M)[1]) == [command, "%F"]


def exec_words(value: str) -> list[str]:
    """Words of an Exec value, read as the Desktop Entry Specification says."""
    value = value.replace("\\\\", "\\")
    words = [m[0] or m[1] for m in re.findall(r'"((?:\\.|[^"\\])*)"|(\S+)', value)]
    return [w if w == "%F" else re.sub(r"\\(.)", r"\1", w).replace("%%", "%") for w in words]


def test_every_icon_size_is_installed(tmp_path, command):
    install(tmp_path / "share", command)

    hicolor = tmp_path / "share" / "icons" / "hicolor"
    for size in ICON_SIZES:
        picture = (hicolor / f"{size}x{size}" / "apps" / f"{APPLICATION_ID}.png").read_bytes()
        assert picture[16:24] == size.to_bytes(4, "big") * 2
    assert (hicolor / "scalable" / "apps" / f"{APPLICATION_ID}.svg").exists()
    assert (hicolor / "symbolic" / "apps" / f"{APPLICATION_ID}-symbolic.svg").exists()


def test_installing_twice_changes_nothing(tmp_path, command):
    first = install(tmp_path / "share", command)
    before = listing(tmp_path / "share")

    assert install(tmp_path / "share", command) == first
    assert listing(tmp_path / "share").keys() == before.keys()


def test_uninstalling_leaves_no_trace(tmp_path, command):
    share = tmp_path / "share"
    share.mkdir()
    installed = install(share, command)

    removed = uninstall(share)

    assert set(removed) == set(installed)
    assert listing(share) == {}


def test_uninstalling_after_two_installs_leaves_no_trace(tmp_path, command):
    install(tmp_path / "share", command)
    install(tmp_path / "share", command)

    uninstall(tmp_path / "share")

    assert listing(tmp_path / "share") == {}


def test_uninstalling_keeps_what_others_put_there(tmp_path, command):
    share = tmp_path / "share"
    icon = share / "icons" / "hicolor" / "16x16" / "apps" / "other.png"
    icon.parent.mkdir(parents=True)
    icon.write_bytes(b"other")
    install(share, command)
    (share / "applications" / "other.desktop").write_text("[Desktop Entry]\n")

    uninstall(share)

    left = {name for name, content in listing(share).items() if content is not None}
    assert left - {"applications/mimeinfo.cache", "icons/hicolor/icon-theme.cache"} == {
        "applications/other.desktop",
        "icons/hicolor/16x16/apps/other.png",
    }


def test_uninstalling_what_is_not_installed_is_no_error(tmp_path):
    assert uninstall(tmp_path / "nowhere") == []


def test_a_record_that_leads_out_of_the_prefix_removes_nothing_there(tmp_path, command):
    share = tmp_path / "share"
    install(share, command)
    precious = tmp_path / "precious"
    precious.write_text("mine")
    record = share / "rundesk" / "desktop-files.txt"
    record.write_text(f"../precious\n{precious}\n{record.read_text()}")

    uninstall(share)

    assert precious.read_text() == "mine"


@pytest.mark.parametrize("wrong", ["rundesk-gui", "/no/such/rundesk-gui"])
def test_a_command_that_cannot_be_started_is_refused(tmp_path, wrong):
    with pytest.raises(DesktopError, match="cannot be started"):
        install(tmp_path / "share", wrong)

    assert not (tmp_path / "share").exists()


def test_a_prefix_that_is_a_file_is_explained(tmp_path, command):
    (tmp_path / "share").write_text("")

    with pytest.raises(DesktopError, match="could not be installed") as caught:
        install(tmp_path / "share", command)

    assert caught.value.hint


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"XDG_DATA_HOME": "/data"}, Path("/data")),
        ({"XDG_DATA_HOME": "relative"}, Path("/home/ada/.local/share")),
        ({"XDG_DATA_HOME": ""}, Path("/home/ada/.local/share")),
        ({}, Path("/home/ada/.local/share")),
    ],
)
def test_default_prefix_follows_the_base_directory_specification(environ, expected):
    assert default_prefix(environ, Path("/home/ada")) == expected


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_a_platform_without_desktop_entries_says_so(tmp_path, command, monkeypatch, platform):
    monkeypatch.setattr(sys, "platform", platform)

    with pytest.raises(DesktopError, match="desktops of this platform") as caught:
        install(tmp_path / "share", command)

    assert caught.value.hint
    assert not (tmp_path / "share").exists()
