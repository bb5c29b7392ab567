"""Offers of a login, one at a time: sent, waited for, and counted.

Why no convenience of paramiko's: its client tries methods in an order of its own, answers
keyboard-interactive questions on its reading thread and from the terminal, and cannot be stopped
while it waits. Here every wait looks at `check`, and every question is asked on the thread of the
job: `Relay` brings it there from paramiko's thread, and the answer back.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from msgspec import Struct, field

from core.check import Check
from remote.eager_auth import EagerAuth
from remote.errors import AuthenticationFailed, RemoteError, RemoteTimeout, translated
from remote.host_options import HostOptions
from remote.host_text import shown
from remote.keyring_store import SecretStore
from remote.prompts import Ask, Prompt, Secret, SharedAnswers
from remote.ssh_library import AuthHandler, paramiko
from remote.transport import Farewell, TunedTransport

MOST_PROMPTS = 20
ANSWER_SECONDS = 30.0
MANY_KEYS = 5  # OpenSSH ends a login after six attempts
_TICK_SECONDS = 0.05
Say = Callable[[str], None]


class Asking(Struct, frozen=True):
    """How a login gets its answers.

    Attributes:
        ask: Asks the person.
        answers: Shares and keeps answers.
        secrets: Where the person may keep passwords for good.
        check: Raises Cancelled when the job is to end.
        say: Takes lines for the log of "test"; no secrets.
    """

    ask: Ask
    answers: SharedAnswers
    secrets: SecretStore
    check: Check
    say: Say


class Tried(Struct):
    """What was offered in vain, for the error."""

    keys: int = 0
    passwords: int = 0
    answers: int = 0
    notes: list[tuple[str, str]] = field(default_factory=list)


class Exchange:
    """What is offered over one connection, and what the host says to it.

    Args:
        transport: The host has proved who it is.
        options: Who logs in, and with what.
        remote: The remote's name, for questions and errors.
        asking: Where answers come from.

    Attributes:
        allowed: Methods that the host takes next.
        steps: How many proofs were accepted so far, while more are wanted.
        tried: What was offered in vain.
        banner: What the host showed before the login.
        was_ended: Whether the connection ended instead of an answer.
    """

    def __init__(
        self, transport: TunedTransport, options: HostOptions, remote: str, asking: Asking
    ) -> None:
        self.transport = transport
        self.options = options
        self.remote = remote
        self.asking = asking
        self.allowed: tuple[str, ...] = ()
        self.steps = 0
        self.tried = Tried()
        self.banner = ""
        self.was_ended = False

    def attempt(
        self,
        start: Callable[[AuthHandler, threading.Event], object],
        serve: Callable[[], bool] = lambda: False,
        *,
        patience: float | None = None,
        handler: EagerAuth | None = None,
    ) -> bool:
        """Offer something.

        Args:
            start: Sends it; the event is set when there is an answer.
            serve: Called again and again while there is none; says whether it did something.
            patience: Seconds to wait for an answer, or after something was done; None for the
                usual ones.
            handler: Takes the answers; None for the usual one.

        Returns:
            True when the login is done. False when not: what was offered was refused or, where
            `steps` has grown, is not enough.

        Raises:
            RemoteUnreachable: The connection was lost, or there is no answer.
            AuthenticationFailed: It was ended because too much was offered.
            Cancelled: `check` said so.
        """
        event = threading.Event()
        handler = EagerAuth(self.transport) if handler is None else handler
        self.transport.auth_handler = handler
        try:
            start(handler, event)
            self._wait(event, serve, ANSWER_SECONDS if patience is None else patience)
            self.banner = self.banner or shown(handler.banner or b"")
            more = handler.answer(event)
        except (OSError, EOFError) as e:
            raise self._lost(e, handler) from e
        except paramiko.SSHException as e:
            if self.transport.is_active():
                self.allowed = handler.allowed or self.allowed
                return False
            raise self._lost(e, handler) from e
        if more:
            self.allowed = tuple(more)
            self.steps += 1
            self.asking.say(f"Accepted, and more is wanted: {', '.join(self.allowed)}.")
        return not more

    @property
    def is_done(self) -> bool:
        """Whether the host let somebody in."""
        return self.transport.is_authenticated()

    def _wait(self, event: threading.Event, serve: Callable[[], bool], patience: float) -> None:
        """Wait for an answer or the end of the connection; see `attempt`."""
        end = time.monotonic() + patience
        while not event.wait(_TICK_SECONDS) and self.transport.is_active():
            self.asking.check()
            if serve():
                end = time.monotonic() + patience
            elif time.monotonic() > end:
                raise RemoteTimeout(
                    f"Cannot log in to {self.options.login}: the host did not answer in time",
                    remote=self.remote,
                )

    def secret(
        self, account: str, ask: Callable[[], Secret | None], refused: Secret | None
    ) -> Secret | None:
        """A kept secret, or a new one."""

        def find() -> Secret | None:
            kept = None if refused is not None else self.asking.secrets.read(account)
            return ask() if kept is None else Secret(kept)

        key = (account, self.options.port)
        return self.asking.answers.get(key, find, self.asking.check, refused=refused)

    def keep(self, account: str, secret: Secret) -> None:
        """Keep a secret for good, where the person said so."""
        if secret.keep:
            self.asking.secrets.write(account, secret.text)

    def forget(self, account: str, secret: Secret | None) -> None:
        """Forget what the host refused, so that the next login asks for it."""
        if secret is not None:
            key = (account, self.options.port)
            self.asking.answers.get(key, _nothing, self.asking.check, refused=secret)

    def _lost(self, error: Exception, handler: EagerAuth) -> RemoteError:
        """The error for a connection that ended: by the host, which had enough, or by itself."""
        attempt = f"log in to {self.options.login}"
        if isinstance(error, _TooMuchAsked):
            return translated(error, attempt, self.remote)
        is_told = isinstance(error, (Farewell, paramiko.AuthenticationException))
        self.was_ended = is_told or not isinstance(error, paramiko.SSHException)
        tried = self.tried
        if handler.was_refused or tried.keys or tried.passwords or tried.answers:
            return self.failure("the host ended the login after too many attempts")
        if isinstance(error, Farewell):
            return self.failure(f"the host ended the login, saying “{error}”")
        if isinstance(error, paramiko.AuthenticationException):  # what paramiko makes of an end
            error = EOFError()
        return translated(error, attempt, self.remote)

    def failure(self, reason: str = "") -> AuthenticationFailed:
        """The error that says what was offered, and what the host takes."""
        tried = self.tried
        offered = [
            f"{count} {what}{'s' if count > 1 else ''}"
            for count, what in (
                (tried.keys, "key"),
                (tried.passwords, "password"),
                (tried.answers, "answer"),
            )
            if count
        ]
        nothing = "there is nothing more to offer" if self.steps else "there is nothing to offer"
        reason = reason or (f"the host refused {' and '.join(offered)}" if offered else nothing)
        taken = ", ".join(self.allowed) or "no method that is known"
        notes = [text for about, text in tried.notes if not self.allowed or about in self.allowed]
        is_told = self.allowed or not self.was_ended
        hint = " ".join((*([f"The host takes: {taken}."] if is_told else []), *notes))
        if tried.keys >= MANY_KEYS:
            hint += " Name the right key for this host: many hosts end a login after six attempts."
        return AuthenticationFailed(
            f"Cannot log in to {self.options.login}: {reason}", remote=self.remote, hint=hint
        )

    def note(self, text: str, *, about: str) -> None:
        """Say something that also belongs into the error, if it comes to one.

        Args:
            text: A sentence.
            about: The method that it is about: where the host does not take that, nobody wants to
                know.
        """
        self.tried.notes.append((about, text))
        self.asking.say(text)


def _nothing() -> None:
    """Nobody is asked."""


class _TooMuchAsked(paramiko.SSHException):
    """No person answers that."""


class Relay:
    """Brings questions of the host from paramiko's thread to the job's, and answers back."""

    def __init__(self, transport: TunedTransport, attempt: int, refused: Secret | None) -> None:
        self.attempt = attempt
        self.refused = refused
        self.password: Secret | None = None
        self.was_asked = False
        self.title = ""
        self.text = ""
        self.prompts: list[Prompt] = []
        self._transport = transport
        self._answers: list[str] = []
        self._asked = threading.Event()
        self._answered = threading.Event()

    def __call__(self, title: str, text: str, prompts: Sequence[tuple[str, bool]]) -> list[str]:
        """What paramiko calls for each question; returns the answers."""
        if not prompts:
            return []
        if len(prompts) > MOST_PROMPTS:
            raise _TooMuchAsked(f"the host asks {len(prompts)} questions at once")
        self.title, self.text = shown(title), shown(text)
        self.prompts = [Prompt(shown(prompt), is_shown) for prompt, is_shown in prompts]
        self.was_asked = True
        self._answered.clear()
        self._asked.set()
        while not self._answered.wait(_TICK_SECONDS):
            if not self._transport.is_active():
                raise paramiko.SSHException("the login was ended")
        return self._answers

    @property
    def is_waiting(self) -> bool:
        """Whether a question waits for its answer."""
        return self._asked.is_set()

    def answer(self, answers: Sequence[str]) -> None:
        """Answer the question that waits."""
        self._answers = list(answers)
        self._asked.clear()
        self._answered.set()
