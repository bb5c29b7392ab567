"""Questions of a host in words: briefly for a row or a place, and whole for a dialog.

Nothing here holds an answer: what is typed is never part of a text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from remote.prompts import (
        CommandQuestion,
        HostKeyQuestion,
        PassphraseQuestion,
        PasswordQuestion,
        PromptsQuestion,
    )

    HostQuestion = (
        HostKeyQuestion | PasswordQuestion | PassphraseQuestion | PromptsQuestion | CommandQuestion
    )

_LONGEST_PROMPT = 60


class Field(Struct, frozen=True):
    """One line to fill.

    Attributes:
        label: What stands before it.
        is_shown: Whether what is typed may be seen.
    """

    label: str
    is_shown: bool = False


class Form(Struct, frozen=True):
    """What is asked for in a dialog.

    Attributes:
        title: What is wanted, and for what.
        facts: Who asks, and why; may be empty.
        problem: What was wrong with the last answer; empty for the first time.
        fields: What to fill, at least one.
        may_keep: Whether it makes sense to keep the answer in the system's keyring.
    """

    title: str
    facts: str
    problem: str
    fields: tuple[Field, ...]
    may_keep: bool = True


def brief(question: HostQuestion) -> str:
    """A question for a row: "passphrase for id_ed25519"."""
    from remote import prompts

    if isinstance(question, prompts.HostKeyQuestion):
        return f"host key of {question.host} is not known"
    if isinstance(question, prompts.PasswordQuestion):
        return f"password for {question.login}"
    if isinstance(question, prompts.PassphraseQuestion):
        return f"passphrase for {question.key.name}"
    if isinstance(question, prompts.CommandQuestion):
        return f"{question.path.name} wants to run a command"
    return f"{question.login} asks “{_cut(question.prompts[0].text)}”"


def button(question: HostQuestion) -> str:
    """What the button says that opens the dialog."""
    from remote import prompts

    is_look = isinstance(question, prompts.HostKeyQuestion | prompts.CommandQuestion)
    return "Look…" if is_look else "Enter…"


def form_of(
    question: PasswordQuestion | PassphraseQuestion | PromptsQuestion, address: str = ""
) -> Form:
    """A question for a dialog that has something to be filled.

    Args:
        question: What is asked.
        address: Where the remote is by the configuration, "me@gpu1.lab:2222"; empty if unknown.
    """
    from remote import prompts

    has_more = address not in ("", question.remote)
    remote = f"{question.remote} ({address})" if has_more else question.remote
    if isinstance(question, prompts.PasswordQuestion):
        problem = "The host refused that password." if question.attempt > 1 else ""
        facts = f"To log in to {remote}"
        return Form(f"Password for {question.login}", facts, problem, (Field("Password"),))
    if isinstance(question, prompts.PassphraseQuestion):
        problem = "That is not the passphrase of this key." if question.attempt > 1 else ""
        facts = f"To log in to {remote} with the key {question.key}"
        title = f"Passphrase for {question.key.name}"
        return Form(title, facts, problem, (Field("Passphrase"),))
    refused = "those answers" if len(question.prompts) > 1 else "that answer"
    problem = f"The host refused {refused}." if question.attempt > 1 else ""
    said = (f"To log in to {remote}", question.title, question.text)
    facts = "\n".join(part for part in said if part.strip())
    fields = tuple(
        Field(prompt.text.strip().rstrip(":") or "Answer", prompt.is_shown)
        for prompt in question.prompts
    )
    return Form(f"{question.login} asks", facts, problem, fields, may_keep=False)


def _cut(text: str) -> str:
    line = " ".join(text.split()).rstrip(":")
    return line if len(line) <= _LONGEST_PROMPT else f"{line[:_LONGEST_PROMPT]}…"
