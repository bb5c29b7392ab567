from __future__ import annotations

from pathlib import Path

import pytest

import gui.startup.start
from gui.__main__ import main


@pytest.fixture
def opened(monkeypatch, pyside_look) -> list[Path]:
    folders: list[Path] = []

    def start(asked, config_dir, *, is_choosing):
        assert not is_choosing
        folders.extend(asked)
        return 0

    monkeypatch.setattr(gui.startup.start, "start", start)
    return folders


@pytest.mark.parametrize(
    "arguments", [["/home"], ["-H", "/home"], ["--home", "/home"], ["--home=/home"]]
)
def test_a_home_is_opened_however_it_is_given(opened, arguments):
    assert main([*arguments, "folder"]) == 0

    assert opened == [Path("/home"), Path("folder")]


def test_help_names_what_can_be_given(opened, capsys):
    assert main(["--help"]) == 0

    assert "[-H HOME]" in capsys.readouterr().out
    assert opened == []
