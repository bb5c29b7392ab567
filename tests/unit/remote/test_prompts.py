"""Answers are asked once, shared with who waits, and never seen."""

from __future__ import annotations

import threading

import pytest

from core.errors import Cancelled
from remote.errors import AnswerNeeded, HostKeyUnknown
from remote.prompts import (
    CommandQuestion,
    HostKeyQuestion,
    Nobody,
    PassphraseQuestion,
    PasswordQuestion,
    Prompt,
    PromptsQuestion,
    Secret,
    SharedAnswers,
)
from tests.support.patience import PATIENCE
from tests.support.processes import wait_until


def go_on():
    pass


class Person:
    """Takes its time: answers when told to, one answer after the other."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.was_asked = threading.Event()
        self.may_answer = threading.Event()
        self.count = 0

    def ask(self):
        self.count += 1
        self.was_asked.set()
        assert self.may_answer.wait(PATIENCE)
        return self.answers.pop(0)


def ask_at_once(shared, person, count):
    """Let so many threads ask the same; returns what each was answered, when all are."""
    found = []
    waiting = set()

    def ask():
        note = lambda: waiting.add(threading.get_ident())  # noqa: E731 - who waits is asked this
        found.append(shared.get("question", person.ask, note))

    threads = [threading.Thread(target=ask) for _ in range(count)]
    threads[0].start()
    assert person.was_asked.wait(PATIENCE)
    for thread in threads[1:]:
        thread.start()
    wait_until(lambda: len(waiting) == count - 1)
    person.may_answer.set()
    for thread in threads:
        thread.join()
    return found


def test_all_who_wait_get_the_one_answer():
    person = Person("yes")

    assert ask_at_once(SharedAnswers(), person, 5) == ["yes"] * 5
    assert person.count == 1


def test_all_who_wait_share_a_refusal():
    person = Person(None, "later")
    shared = SharedAnswers()

    assert ask_at_once(shared, person, 5) == [None] * 5
    assert person.count == 1
    assert shared.get("question", person.ask, go_on) == "later"


def test_an_answer_is_kept():
    shared = SharedAnswers()

    assert shared.get("a", lambda: 1, go_on) == 1
    assert shared.get("a", lambda: 2, go_on) == 1
    assert shared.get("b", lambda: 3, go_on) == 3


def test_an_answer_that_was_refused_is_asked_again_once():
    shared = SharedAnswers()
    shared.get("a", lambda: "wrong", go_on)

    assert shared.get("a", lambda: "right", go_on, refused="wrong") == "right"
    assert shared.get("a", lambda: "never", go_on, refused="wrong") == "right"


def test_answers_can_be_forgotten():
    shared = SharedAnswers()
    shared.get("a", lambda: 1, go_on)

    shared.forget()

    assert shared.get("a", lambda: 2, go_on) == 2


def test_who_waits_for_another_can_be_cancelled():
    shared, person = SharedAnswers(), Person("yes")
    first = threading.Thread(target=lambda: shared.get("question", person.ask, go_on))
    first.start()
    assert person.was_asked.wait(PATIENCE)

    def cancelled():
        raise Cancelled

    with pytest.raises(Cancelled):
        shared.get("question", person.ask, cancelled)

    person.may_answer.set()
    first.join()


def test_an_error_while_asking_lets_the_next_ask():
    shared = SharedAnswers()

    def fail():
        raise AnswerNeeded("nobody is here")

    with pytest.raises(AnswerNeeded):
        shared.get("a", fail, go_on)

    assert shared.get("a", lambda: 1, go_on) == 1


def test_a_secret_is_not_in_its_own_description():
    assert "open sesame" not in repr(Secret("open sesame"))
    assert "open sesame" not in str([Secret("open sesame", keep=True)])


def test_nobody_says_what_to_do(tmp_path):
    nobody = Nobody(["SHA256:good"])
    key = HostKeyQuestion("box", "[h]:2", "ssh-ed25519", "SHA256:bad", tmp_path)

    with pytest.raises(HostKeyUnknown) as caught:
        nobody.accept_host_key(key, go_on)
    assert "rundesk remote test box --accept-host-key SHA256:bad" in caught.value.hint
    with pytest.raises(AnswerNeeded, match="me@h wants a password"):
        nobody.ask_password(PasswordQuestion("box", "me@h"), go_on)
    prompts = (Prompt("Code:", is_shown=False),)
    with pytest.raises(AnswerNeeded, match="me@h asks “Code:”"):
        nobody.answer_prompts(PromptsQuestion("box", "me@h", "", "", prompts), go_on)
    with pytest.raises(AnswerNeeded, match=r"config, line 3, wants to run “touch x”"):
        nobody.allow_command(CommandQuestion("box", "touch x", tmp_path / "config", 3), go_on)
    assert nobody.ask_passphrase(PassphraseQuestion("box", tmp_path), go_on) is None


def test_nobody_accepts_what_was_accepted_beforehand(tmp_path):
    key = HostKeyQuestion("box", "h", "ssh-ed25519", "SHA256:good", tmp_path)

    assert Nobody(["SHA256:good"]).accept_host_key(key, go_on) is True
