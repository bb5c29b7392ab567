"""A user who connects to the servers of the tests: a home of its own, and prepared answers."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct, field

from core.check import Check, go_on
from remote.local_user import LocalUser
from remote.prompts import (
    CommandQuestion,
    HostKeyQuestion,
    PassphraseQuestion,
    PasswordQuestion,
    PromptsQuestion,
    Secret,
)
from remote.remote import Remote
from remote.session import Session
from tests.support.processes import wait_until
from tests.support.ssh_server import SshServer


class Answers(Struct):
    """Answers questions as prepared, and remembers what was asked.

    Attributes:
        host_keys: Whether unknown host keys are accepted.
        passwords: One after the other; None declines, and so does an empty list.
        passphrases: The same.
        prompts: The same, for what hosts ask.
        commands: Whether commands may run.
        asked: Every question, in order.
    """

    host_keys: bool = False
    passwords: list[str | None] = field(default_factory=list)
    passphrases: list[str | None] = field(default_factory=list)
    prompts: list[Sequence[str]] = field(default_factory=list)
    commands: bool = False
    asked: list[Any] = field(default_factory=list)
    keep: bool = False

    def accept_host_key(self, question: HostKeyQuestion, check: Check) -> bool:
        check()
        self.asked.append(question)
        return self.host_keys

    def ask_password(self, question: PasswordQuestion, check: Check) -> Secret | None:
        check()
        self.asked.append(question)
        return self._next(self.passwords)

    def ask_passphrase(self, question: PassphraseQuestion, check: Check) -> Secret | None:
        check()
        self.asked.append(question)
        return self._next(self.passphrases)

    def answer_prompts(self, question: PromptsQuestion, check: Check) -> Sequence[Secret] | None:
        check()
        self.asked.append(question)
        return [Secret(text) for text in self.prompts.pop(0)] if self.prompts else None

    def allow_command(self, question: CommandQuestion, check: Check) -> bool:
        check()
        self.asked.append(question)
        return self.commands

    def _next(self, answers: list[str | None]) -> Secret | None:
        text = answers.pop(0) if answers else None
        return None if text is None else Secret(text, self.keep)


class NoSecrets:
    """A keyring that holds nothing and takes nothing."""

    def read(self, account: str) -> str | None:
        return None

    def write(self, account: str, secret: str) -> None:
        pass


class SshUser(Struct):
    """Connects as a user whose home is a folder of the test.

    Attributes:
        local: The user.
        answers: What this user answers.
        said: Lines of the log of every session.
    """

    local: LocalUser
    answers: Answers = field(default_factory=Answers)
    said: list[str] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)

    @property
    def config(self) -> Path:
        """`~/.ssh/config`."""
        return self.local.ssh_folder / "config"

    @property
    def known_hosts(self) -> Path:
        """`~/.ssh/known_hosts`."""
        return self.local.ssh_folder / "known_hosts"

    def knows(self, *servers: SshServer) -> None:
        """Let the user know the host keys of servers."""
        self.known_hosts.write_text("".join(server.known_hosts.read_text() for server in servers))

    def remote(self, server: SshServer, **values: Any) -> Remote:
        """A remote that reaches a server by its key, with more or other values."""
        plain = {
            "host": server.host,
            "port": server.port,
            "user": server.user,
            "private-key": str(server.key),
        }
        named = {key.replace("_", "-"): value for key, value in values.items()}
        return self.named({**plain, **named})

    def named(self, values: dict[str, Any]) -> Remote:
        """The remote `box` with these values; None leaves one out."""
        kept = {key: value for key, value in values.items() if value is not None}
        return Remote("box", "ssh", self.local.home / ".guild" / "config.yml", kept)

    def use_agent(self, agent: SshAgent) -> None:
        """Name an agent in the user's environment."""
        local = self.local
        environ = {**local.environ, "SSH_AUTH_SOCK": str(agent.sock)}
        self.local = LocalUser(local.name, local.home, environ, local.system)

    def session(self, remote: Remote, **more: Any) -> Session:
        """A session that ends with the test."""
        more = {"secrets": NoSecrets(), **more}
        session = Session(remote, self.answers, local=self.local, say=self.said.append, **more)
        self.sessions.append(session)
        return session


@pytest.fixture
def ssh_user(tmp_path) -> Iterator[SshUser]:
    """A user who knows no host and has no key, no agent and no configuration."""
    home = tmp_path / "user"
    (home / ".ssh").mkdir(parents=True, mode=0o700)
    system = tmp_path / "system"
    system.mkdir()
    environ = {"PATH": os.environ["PATH"], "HOME": str(home)}
    user = SshUser(LocalUser("somebody", home, environ, system))
    yield user
    for session in user.sessions:
        session.close()


class SshAgent(Struct):
    """A real ssh-agent."""

    sock: Path

    def call(self, *command: str, answer: str = "") -> None:
        """Run `ssh-add` and the like on it; `answer` is what it asks for."""
        environ = os.environ | {"SSH_AUTH_SOCK": str(self.sock), "SSH_ASKPASS_REQUIRE": "force"}
        environ["SSH_ASKPASS"] = str(self._asker(answer))
        subprocess.run(
            command, env=environ, check=True, capture_output=True, stdin=subprocess.DEVNULL
        )

    def add(self, key: Path) -> None:
        """Give it a key."""
        self.call("ssh-add", str(key))

    def lock(self) -> None:
        """Lock it with the password `lock`."""
        self.call("ssh-add", "-x", answer="lock")

    def unlock(self) -> None:
        """Unlock it again."""
        self.call("ssh-add", "-X", answer="lock")

    def _asker(self, answer: str) -> Path:
        program = self.sock.parent / "askpass"
        program.write_text(f"#!/bin/sh\necho '{answer}'\n")
        program.chmod(0o700)
        return program


@pytest.fixture
def ssh_agent(tmp_path) -> Iterator[SshAgent]:
    """An agent without keys, which ends with the test."""
    sock = tmp_path / "agent.sock"
    process = subprocess.Popen(
        ["ssh-agent", "-D", "-a", str(sock)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    wait_until(lambda: _listens(sock))
    yield SshAgent(sock)
    process.terminate()
    process.wait()


def _listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


def run_command(session: Session, command: str) -> str:
    """What a command prints on the host, over the session's connection."""
    return session.connection(go_on).run(command).output.decode()
