"""Questions that a connection has for a person, and the answers that others share.

The questions are plain values and the asker a protocol, so that a window, a terminal and a test
answer the same way. Each method is called on the thread of the job that needs the answer, and may
wait as long as the person does; `check` is to be called now and then meanwhile (every tenth of a
second or so), as it raises Cancelled when the job is to end.

Why answers are shared: three jobs that need the same host at the same time are one question for
the person, not three. The first asks; the others wait for its answer. Answers are kept in memory
only, for as long as the `SharedAnswers` live, and an answer that a host refused is asked again.
A password goes to the system's keyring only where the person says so, and only where the optional
package `keyring` is installed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol, TypeVar

from msgspec import Struct

from core.check import Check
from remote.errors import AnswerNeeded, HostKeyFacts, HostKeyUnknown

Value = TypeVar("Value")

KEYRING_SERVICE = "rundesk"
_GLANCE_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Secret:
    """A password or passphrase; its text is never part of what is printed or logged.

    Attributes:
        text: What was typed.
        keep: Whether the person wants it in the system's keyring.
    """

    text: str = field(repr=False)
    keep: bool = False


class HostKeyQuestion(Struct, frozen=True):
    """Whether a key that was never seen is the host's.

    Attributes:
        remote: The remote's name.
        host: As known_hosts names it: `host`, or `[host]:port`.
        key_type: For example "ssh-ed25519".
        fingerprint: "SHA256:…" as `ssh-keygen -l` prints it.
        known_hosts: The file that a line is added to when the answer is yes.
        other_types: Types of keys that are already known for the host.
    """

    remote: str
    host: str
    key_type: str
    fingerprint: str
    known_hosts: Path
    other_types: tuple[str, ...] = ()


class PasswordQuestion(Struct, frozen=True):
    """The password of a login.

    Attributes:
        remote: The remote's name.
        login: `user@host`.
        attempt: 1 for the first; after that, the last one was refused.
    """

    remote: str
    login: str
    attempt: int = 1


class PassphraseQuestion(Struct, frozen=True):
    """The passphrase of a private key.

    Attributes:
        remote: The remote's name.
        key: The file.
        attempt: 1 for the first; after that, the last one was wrong.
    """

    remote: str
    key: Path
    attempt: int = 1


class Prompt(Struct, frozen=True):
    """One line that a host asks for.

    Attributes:
        text: What the host writes before it, without control characters.
        is_shown: Whether what is typed may be seen.
    """

    text: str
    is_shown: bool


class PromptsQuestion(Struct, frozen=True):
    """What a host asks by itself (keyboard-interactive), for example for a second factor.

    Attributes:
        remote: The remote's name.
        login: `user@host`.
        title: A heading by the host, often empty.
        text: An explanation by the host, often empty.
        prompts: What to answer, at least one.
        attempt: 1 for the first time since the last refusal.
    """

    remote: str
    login: str
    title: str
    text: str
    prompts: tuple[Prompt, ...]
    attempt: int = 1


class CommandQuestion(Struct, frozen=True):
    """Whether a command of a configuration file may run on this computer.

    Attributes:
        remote: The remote's name.
        command: As the shell would get it.
        path: The file that names it.
        line: Its line there, from 1.
        purpose: "match" for `Match exec`, "proxy" for a command that makes the connection.
    """

    remote: str
    command: str
    path: Path
    line: int
    purpose: Literal["match", "proxy"] = "match"


class Ask(Protocol):
    """Asks a person. Every answer but a plain "no" may be refused with None."""

    def accept_host_key(self, question: HostKeyQuestion, check: Check) -> bool:
        """Whether the key is the host's, so that it is remembered."""

    def ask_password(self, question: PasswordQuestion, check: Check) -> Secret | None:
        """The password; None when the person does not want to."""

    def ask_passphrase(self, question: PassphraseQuestion, check: Check) -> Secret | None:
        """The passphrase; None to go on without that key."""

    def answer_prompts(self, question: PromptsQuestion, check: Check) -> Sequence[Secret] | None:
        """One answer a prompt; None when the person does not want to."""

    def allow_command(self, question: CommandQuestion, check: Check) -> bool:
        """Whether the command may run now; no means that it counts as having failed."""


class Nobody:
    """For programs without a terminal: each question is an error that says what to do.

    Args:
        accepted_keys: Fingerprints ("SHA256:…") of host keys that were accepted beforehand.
    """

    def __init__(self, accepted_keys: Sequence[str] = ()) -> None:
        self._accepted_keys = frozenset(accepted_keys)

    def accept_host_key(self, question: HostKeyQuestion, _check: Check) -> bool:
        """Yes to keys that were accepted beforehand.

        Raises:
            HostKeyUnknown: This one was not.
        """
        if question.fingerprint in self._accepted_keys:
            return True
        raise host_key_unknown(question)

    def ask_password(self, question: PasswordQuestion, _check: Check) -> Secret | None:
        """Nobody knows.

        Raises:
            AnswerNeeded: Always.
        """
        raise AnswerNeeded(
            f"{question.login} wants a password, and nobody can be asked here",
            remote=question.remote,
            hint="Log in with a key (ssh-copy-id puts yours there), or run this in a terminal.",
        )

    def ask_passphrase(self, question: PassphraseQuestion, _check: Check) -> Secret | None:
        """Nobody knows; other keys may do."""
        return None

    def answer_prompts(self, question: PromptsQuestion, _check: Check) -> Sequence[Secret] | None:
        """Nobody knows.

        Raises:
            AnswerNeeded: Always.
        """
        raise AnswerNeeded(
            f"{question.login} asks “{question.prompts[0].text}”, and nobody can be asked here",
            remote=question.remote,
            hint="Run this in a terminal, or connect from the window.",
        )

    def allow_command(self, question: CommandQuestion, _check: Check) -> bool:
        """Nobody allowed it.

        Raises:
            AnswerNeeded: Always.
        """
        raise AnswerNeeded(
            f"{question.path}, line {question.line}, wants to run “{question.command}” here, and "
            "nobody can be asked",
            remote=question.remote,
            hint="Run this in a terminal, or connect from the window.",
        )


def host_key_unknown(question: HostKeyQuestion) -> HostKeyUnknown:
    """The error for a host key that nobody accepted."""
    return HostKeyUnknown(
        f"The host key of {question.host} is not known ({question.key_type}, "
        f"{question.fingerprint})",
        remote=question.remote,
        hint="If that is the fingerprint the host's administrator names, accept it with “rundesk "
        f"remote test {question.remote} --accept-host-key {question.fingerprint}”.",
        facts=HostKeyFacts(question.host, question.key_type, question.fingerprint),
    )


class SharedAnswers:
    """Asks each question once for all connections, and keeps the answers in memory.

    Thread-safe. Each caller brings its own `ask`, as its job is the one that waits; who comes while
    another asks the same waits for that answer, be it a refusal.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._locks: dict[object, threading.Lock] = {}
        self._answers: dict[object, object] = {}
        self._rounds: dict[object, int] = {}

    def get(
        self,
        key: object,
        ask: Callable[[], Value | None],
        check: Check,
        *,
        refused: Value | None = None,
    ) -> Value | None:
        """The answer to the question `key`: a kept one, or a new one.

        Args:
            key: What the question is about; equal keys share an answer.
            ask: Asks the person; None is a refusal, which is not kept.
            check: Called while another job waits for the person.
            refused: An answer that turned out to be wrong: a kept one that equals it is forgotten.
        """
        lock = self._lock_of(key)
        before = self._rounds.get(key, 0)
        while not lock.acquire(timeout=_GLANCE_SECONDS):
            check()
        try:
            kept: Value | None = self._answers.get(key)  # type: ignore[assignment]  # by its key
            if kept is not None and kept != refused:
                return kept
            if kept is None and self._rounds.get(key, 0) != before:
                return None  # refused while this one waited
            self._answers.pop(key, None)
            answer = ask()
            self._rounds[key] = self._rounds.get(key, 0) + 1
            if answer is not None:
                self._answers[key] = answer
            return answer
        finally:
            lock.release()

    def forget(self) -> None:
        """Forget every answer, e.g. when the person wants to be asked again."""
        with self._lock:
            self._answers.clear()

    def _lock_of(self, key: object) -> threading.Lock:
        with self._lock:
            return self._locks.setdefault(key, threading.Lock())
