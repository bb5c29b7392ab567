"""Runs commands of `rundesk` in this process, apart from the user's own home and directories."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from cli.__main__ import run


class Outcome(Struct, frozen=True):
    """What a command left behind."""

    code: int
    data: bytes
    err: str

    @property
    def out(self) -> str:
        return self.data.decode("utf-8", "surrogateescape")

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def json(self) -> Any:
        return json.loads(self.data)


class CommandLine(Struct, frozen=True):
    """Calls commands on one home.

    Attributes:
        home: A Guild home; -H names it for every command.
        user_home: Stands for the user's home directory.
    """

    home: Path
    user_home: Path
    call: Callable[..., Outcome]

    def __call__(self, *arguments: str) -> Outcome:
        """Run `rundesk -H home ARGUMENTS`, which must be done without an error."""
        outcome = self.call("-H", str(self.home), *arguments)
        assert outcome.code == 0, outcome
        return outcome

    def fails(self, *arguments: str, code: int = 1) -> Outcome:
        """The same for a command that must end with `code`, a sentence, and no data."""
        outcome = self.call("-H", str(self.home), *arguments)
        assert outcome.code == code, outcome
        assert outcome.data == b""
        assert outcome.err.startswith("rundesk: ")
        assert "Traceback" not in outcome.err
        return outcome

    def fails_after(self, done: str, *arguments: str) -> Outcome:
        """The same for a command that does a part, says so first, and ends with an error."""
        outcome = self.call("-H", str(self.home), *arguments)
        assert outcome.code == 1, outcome
        assert outcome.err.startswith(f"{done}\nrundesk: "), outcome
        assert "Traceback" not in outcome.err
        return outcome

    def on(self, home: Path) -> CommandLine:
        """The same on another home."""
        return CommandLine(home, self.user_home, self.call)


@pytest.fixture
def user_home(tmp_path, monkeypatch):
    """An empty directory as the user's home, and none of the user's settings."""
    path = tmp_path / "user"
    path.mkdir()
    for name in (
        *("GUILD_HOME", "GUILD_HOME_SCHEME", "CONDA_PREFIX", "VIRTUAL_ENV", "NO_COLOR", "COLUMNS"),
        *("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "_RUNDESK_COMPLETE"),
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(path))
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield path
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def desk(tmp_path, user_home, capsysbinary):
    """The command line on an empty home."""
    home = tmp_path / "home"
    (home / "runs").mkdir(parents=True)

    def call(*arguments: str) -> Outcome:
        capsysbinary.readouterr()
        code = run(arguments)
        captured = capsysbinary.readouterr()
        return Outcome(code, captured.out, captured.err.decode())

    return CommandLine(home, user_home, call)
