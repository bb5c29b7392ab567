"""Logging in to a host: keys, then what the host asks, then a password.

The order is OpenSSH's, except that the host is not asked to let somebody in without any proof, and
thereby what it takes, before the first key, where that can be used at once: that is a breath in
vain for most logins, and a refusal says what it takes as well. It is asked before a person is. Some
hosts end a login after one refusal, or count a key that they do not take at all: where that was in
the way, the login begins anew in OpenSSH's order, with care.

What is asked and refused is asked again, three times in all; where the host wants more than one
proof, it goes on with the next. Answers are never written anywhere but into the keyring, and only
on request; a one-time code is not even kept in memory.
"""

from __future__ import annotations

import re
import threading
from functools import partial

from remote.errors import AnswerNeeded, AuthenticationFailed
from remote.exchange import Asking, Exchange, Relay
from remote.host_options import HostOptions
from remote.key_offers import ATTEMPTS, KeyOffers
from remote.prompts import PasswordQuestion, PromptsQuestion, Secret
from remote.ssh_library import AuthHandler
from remote.transport import TunedTransport

_PASSWORD_PROMPT = re.compile(r"pass ?word\W*$", re.IGNORECASE)
_METHODS = ("publickey", "keyboard-interactive", "password")


class Login:
    """One login over a negotiated connection.

    Args:
        transport: The host has proved who it is.
        options: Who logs in, and with what.
        remote: The remote's name, for questions and errors.
        asking: Where answers come from.
        is_careful: Whether all is done in OpenSSH's order.
    """

    def __init__(
        self,
        transport: TunedTransport,
        options: HostOptions,
        remote: str,
        asking: Asking,
        *,
        is_careful: bool = False,
    ) -> None:
        transport.is_careful = is_careful
        self._is_careful = is_careful
        self._is_asked = False
        self._last: Secret | None = None
        self._exchange = Exchange(transport, options, remote, asking)
        self._options = options
        self._remote = remote
        self._asking = asking
        self._keys = KeyOffers(self._exchange)

    @property
    def banner(self) -> str:
        """What the host showed before the login; safe to show."""
        return self._exchange.banner

    @property
    def wants_care(self) -> bool:
        """Whether the host ended this login, and may not have with care."""
        exchange = self._exchange
        is_in_vain = self._is_asked or "publickey" not in exchange.allowed
        return exchange.was_ended and not self._is_careful and is_in_vain

    @property
    def was_hasty(self) -> bool:
        """Whether the first key was not the right one, so that care costs nothing next time."""
        return self._keys.was_first_refused

    def run(self) -> None:
        """Log in.

        Raises:
            AuthenticationFailed: The host took nothing that was offered.
            AnswerNeeded: The person did not want to answer.
            RemoteUnreachable: The connection was lost.
            Cancelled: `check` said so.
        """
        try:
            if not self._is_careful and self._keys.try_first():
                return
            if not self._exchange.allowed and self._is_free():
                return
            allowed = ", ".join(self._exchange.allowed)
            self._asking.say(f"The host takes: {allowed or 'nothing'}.")
            self._work_through()
        except AuthenticationFailed:
            self._exchange.forget(self._options.login, self._last)
            raise
        finally:
            self._keys.close()

    def _is_free(self) -> bool:
        """Whether the host lets somebody in without any proof; it is asked once."""
        if self._is_asked or self._exchange.steps:
            return False
        self._is_asked = True
        return self._exchange.attempt(partial(_ask_methods, self._options.user))

    def _work_through(self) -> None:
        spent: set[str] = set()
        while True:
            open_methods = [m for m in _METHODS if m in self._exchange.allowed and m not in spent]
            if open_methods[:1] != ["publickey"] and self._is_free():
                return
            if not open_methods:
                raise self._exchange.failure()
            before = self._exchange.steps
            if self._try(open_methods[0]):
                return
            if self._exchange.steps == before:
                spent.add(open_methods[0])
            else:
                spent.clear()

    def _try(self, method: str) -> bool:
        if method == "publickey":
            return self._keys.try_next()
        if method == "password":
            return self._try_passwords()
        return self._try_prompts()

    def _try_passwords(self) -> bool:
        before, refused = self._exchange.steps, None
        for attempt in range(1, ATTEMPTS + 1):
            secret = self._password(attempt, refused)
            if secret is None:
                raise self._no_answer("password")
            self._asking.say("Offering a password.")
            if self._exchange.attempt(partial(_send_password, self._options.user, secret)):
                self._exchange.keep(self._options.login, secret)
                return True
            if self._exchange.steps != before:
                self._last = None
                return False
            self._exchange.tried.passwords += 1
            refused = secret
        return False

    def _try_prompts(self) -> bool:
        before, refused = self._exchange.steps, None
        for attempt in range(1, ATTEMPTS + 1):
            self._asking.say("Letting the host ask (keyboard-interactive).")
            relay = Relay(self._exchange.transport, attempt, refused)
            if self._exchange.attempt(
                partial(_let_ask, self._options.user, relay), partial(self._serve, relay)
            ):
                if relay.password is not None:
                    self._exchange.keep(self._options.login, relay.password)
                return True
            refused = relay.password
            if self._exchange.steps != before:
                self._last = None
                return False
            if not relay.was_asked:
                return False
            self._exchange.tried.answers += 1
        return False

    def _password(self, attempt: int, refused: Secret | None) -> Secret | None:
        question = PasswordQuestion(self._remote, self._options.login, attempt)
        self._last = self._exchange.secret(
            self._options.login,
            lambda: self._asking.ask.ask_password(question, self._asking.check),
            refused,
        )
        return self._last

    def _serve(self, relay: Relay) -> bool:
        """Answer what the host asks at present; says whether it does."""
        if not relay.is_waiting:
            return False
        self._answer(relay)
        return True

    def _answer(self, relay: Relay) -> None:
        prompts = relay.prompts
        if len(prompts) == 1 and not prompts[0].is_shown and _asks_password(prompts[0].text):
            relay.password = self._password(relay.attempt, relay.refused)
            if relay.password is None:
                raise self._no_answer("password")
            relay.answer([relay.password.text])
            return
        question = PromptsQuestion(
            self._remote,
            self._options.login,
            relay.title,
            relay.text,
            tuple(prompts),
            relay.attempt,
        )
        answers = self._asking.ask.answer_prompts(question, self._asking.check)
        if answers is None or len(answers) != len(prompts):
            raise self._no_answer("answer")
        relay.answer([secret.text for secret in answers])

    def _no_answer(self, what: str) -> AnswerNeeded:
        return AnswerNeeded(
            f"Cannot log in to {self._options.login}: no {what} was given", remote=self._remote
        )


def _ask_methods(user: str, handler: AuthHandler, event: threading.Event) -> None:
    handler.auth_none(user, event)


def _send_password(user: str, secret: Secret, handler: AuthHandler, event: threading.Event) -> None:
    handler.auth_password(user, secret.text, event)


def _let_ask(user: str, relay: Relay, handler: AuthHandler, event: threading.Event) -> None:
    handler.auth_interactive(user, relay, event)


def _asks_password(text: str) -> bool:
    return _PASSWORD_PROMPT.search(text.strip()) is not None
