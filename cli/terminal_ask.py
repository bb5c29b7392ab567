"""What a connection asks, asked on the terminal; where there is none, an error says what to do.

Questions go to stderr, so that they never mix with data. What a host wrote is made printable first.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from getpass import getpass

from cli.questions import can_ask, is_confirmed
from cli.screen import note, printable
from core.check import Check
from remote.prompts import (
    Ask,
    CommandQuestion,
    HostKeyQuestion,
    Nobody,
    PassphraseQuestion,
    PasswordQuestion,
    PromptsQuestion,
    Secret,
)


def person(accepted_keys: Sequence[str] = ()) -> Ask:
    """Who answers here.

    Args:
        accepted_keys: Fingerprints of host keys that the command line accepted.
    """
    nobody = Nobody(accepted_keys)
    return TerminalAsk(nobody, accepted_keys) if can_ask() else nobody


class TerminalAsk:
    """Asks the person at the terminal.

    Args:
        nobody: Answers what needs no person.
        accepted_keys: Fingerprints of host keys that were accepted beforehand.
    """

    def __init__(self, nobody: Nobody, accepted_keys: Sequence[str]) -> None:
        self._nobody = nobody
        self._accepted_keys = accepted_keys

    def accept_host_key(self, question: HostKeyQuestion, check: Check) -> bool:
        """Show the fingerprint, and ask."""
        if question.fingerprint in self._accepted_keys:
            return self._nobody.accept_host_key(question, check)
        note(f"{question.host} is not known yet. Its key is")
        note(f"  {question.key_type}  {question.fingerprint}")
        if question.other_types:
            note(f"Another kind of key is known for it: {', '.join(question.other_types)}.")
        return is_confirmed(
            f"Is that right, and to be kept in {question.known_hosts}?", default=False
        )

    def ask_password(self, question: PasswordQuestion, _check: Check) -> Secret | None:
        """Ask without showing what is typed."""
        if question.attempt > 1:
            note("That was refused.")
        return _secret(f"Password of {question.login}: ")

    def ask_passphrase(self, question: PassphraseQuestion, _check: Check) -> Secret | None:
        """Ask without showing what is typed."""
        if question.attempt > 1:
            note("That was wrong.")
        return _secret(f"Passphrase of {question.key}: ")

    def answer_prompts(self, question: PromptsQuestion, _check: Check) -> Sequence[Secret] | None:
        """Ask each thing as the host words it."""
        if question.attempt > 1:
            note("That was refused.")
        for text in (f"{question.login} asks:", question.title, question.text):
            if text:
                note(text)
        answers = []
        for prompt in question.prompts:
            text = f"{prompt.text} "
            answer = _line(text) if prompt.is_shown else _secret(text)
            if answer is None:
                return None
            answers.append(answer)
        return answers

    def allow_command(self, question: CommandQuestion, _check: Check) -> bool:
        """Show the command and who wants it, and ask."""
        note(f"{question.path}, line {question.line}, wants to run here:")
        note(f"  {question.command}")
        return is_confirmed("Run it?", default=False)


def _secret(prompt: str) -> Secret | None:
    try:
        text = getpass(printable(prompt))
    except EOFError:
        note("")
        return None
    return Secret(text) if text else None


def _line(prompt: str) -> Secret | None:
    sys.stderr.write(printable(prompt))
    sys.stderr.flush()
    line = sys.stdin.readline()
    return Secret(line.rstrip("\r\n")) if line else None
