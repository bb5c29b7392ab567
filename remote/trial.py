"""Trying a remote: what "test" does, and says while it does it.

The connection is made anew, so that the log shows every step: the configuration, the host and its
key, what was offered to it, and what it can. Nothing is made or changed there. No line holds a
secret: `remote/exchange.py` and the others never say one.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from core.check import Check
from core.runs.files import shown
from core.text import plural
from remote.errors import RemoteRefused
from remote.in_the_way import is_in_the_way
from remote.local_user import LocalUser
from remote.prompts import Ask, SharedAnswers
from remote.remote import Remote
from remote.remote_home import RemoteHome, open_remote_home
from remote.session import Session

Say = Callable[[str], None]


class Findings(Struct, frozen=True):
    """What was found at a remote.

    Attributes:
        server: What its SSH server calls itself.
        can: What it can, in words.
        home: Its Guild home, absolute.
        runs: How many runs are there; None where there is no such home yet.
    """

    server: str
    can: str
    home: str
    runs: int | None

    @property
    def words(self) -> str:
        """All of it in one sentence."""
        if self.runs is None:
            return f"It works ({self.can}); {self.home} holds no runs yet."
        return f"It works ({self.can}); {self.home} holds {plural(self.runs, 'run')}."


def try_remote(
    remote: Remote,
    ask: Ask,
    check: Check,
    say: Say,
    *,
    local: LocalUser | None = None,
    answers: SharedAnswers | None = None,
) -> Findings:
    """Connect to a remote, look around, and leave.

    Args:
        remote: Where to.
        ask: Answers questions.
        check: Called several times a second while this waits; what it raises ends it.
        say: Takes each line of the log as it comes.
        local: Who connects; None for the user of this process.
        answers: Answers shared with other connections.

    Raises:
        RemoteError: It does not work; the log says how far it came.
    """
    remote.require_supported()
    say(f"The remote {remote.name} is in {remote.path}.")
    session = Session(remote, ask, local=local, answers=answers, say=say)
    try:
        connection = session.connection(check)
        home = open_remote_home(connection, remote.guild_home, check=check)
        try:
            say(f"It can: {home.capabilities.words()}.")
            _require_directory(home)
            findings = Findings(
                connection.server, home.capabilities.words(), home.path, _count(home, check)
            )
        finally:
            home.close()
    finally:
        session.close()
    say(findings.words)
    return findings


def _require_directory(home: RemoteHome) -> None:
    """A home that is not there yet is made by the first push; what is no directory never is."""
    if is_in_the_way(home.files, home.path):
        raise RemoteRefused(
            f"The Guild home of {home.name}, {shown(home.path)}, is no directory",
            remote=home.name,
            hint=f"Name another one with “rundesk remote edit {home.name} --guild-home …”.",
        )


def _count(home: RemoteHome, check: Check) -> int | None:
    entries = home.files.names(home.runs_dir, check)
    return None if entries is None else len(entries)
