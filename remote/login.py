"""Logging in to a host: keys, then what the host asks, then a password.

The order is OpenSSH's. What is asked and refused is asked again, three times in all. A passphrase
is only asked for where the host would take the key, if its public half is there to find out.

Why no convenience of paramiko's: its client tries methods in an order of its own, answers
keyboard-interactive questions on its reading thread and from the terminal, and cannot be stopped
while it waits. Here every wait looks at `check`, and every question is asked on the thread of the
job. Answers are never written anywhere; a one-time code is not even kept.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import paramiko
from paramiko.auth_handler import AuthHandler
from paramiko.pkey import PublicBlob

from remote.errors import AnswerNeeded, AuthenticationFailed, RemoteError, translated
from remote.host_options import HostOptions
from remote.keyring_store import SecretStore
from remote.private_keys import (
    Agent,
    HeldKey,
    KeyFile,
    PassphraseWanted,
    arranged,
    key_files,
)
from remote.prompts import (
    Ask,
    Check,
    PassphraseQuestion,
    PasswordQuestion,
    Prompt,
    PromptsQuestion,
    Secret,
    SharedAnswers,
)
from remote.transport import TunedTransport

ATTEMPTS = 3
MOST_PROMPTS = 20
_MOST_LETTERS = 2000
_TICK_SECONDS = 0.05
_PASSWORD_PROMPT = re.compile(r"pass ?word\W*$", re.IGNORECASE)
_METHODS = ("publickey", "keyboard-interactive", "password")
_IS_ACCEPTED = 60  # SSH_MSG_USERAUTH_PK_OK
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Asking:
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


@dataclass(slots=True)
class _Tried:
    """What was offered in vain, for the error."""

    keys: int = 0
    passwords: int = 0
    answers: int = 0
    notes: list[str] = field(default_factory=list)


class Login:
    """One login over a negotiated connection.

    Args:
        transport: The host has proved who it is.
        options: Who logs in, and with what.
        remote: The remote's name, for questions and errors.
        asking: Where answers come from.
    """

    def __init__(
        self, transport: TunedTransport, options: HostOptions, remote: str, asking: Asking
    ) -> None:
        self._transport = transport
        self._options = options
        self._remote = remote
        self._asking = asking
        self._agent: Agent | None = None
        self._keys: list[KeyFile | HeldKey] | None = None
        self._tried = _Tried()
        self._allowed: tuple[str, ...] = ()
        self.banner = ""

    def run(self) -> None:
        """Log in.

        Raises:
            AuthenticationFailed: The host took nothing that was offered.
            AnswerNeeded: The person did not want to answer.
            RemoteUnreachable: The connection was lost.
            Cancelled: `check` said so.
        """
        try:
            if self._attempt(lambda handler, event: handler.auth_none(self._user, event)):
                return
            self._asking.say(f"The host takes: {', '.join(self._allowed) or 'nothing'}.")
            self._work_through()
        finally:
            if self._agent is not None:
                self._agent.close()

    def _work_through(self) -> None:
        spent: set[str] = set()
        while True:
            open_methods = [m for m in _METHODS if m in self._allowed and m not in spent]
            if not open_methods:
                raise self._failure()
            before = self._allowed
            if self._try(open_methods[0]):
                return
            if self._allowed == before:
                spent.add(open_methods[0])
            else:
                self._asking.say(f"Accepted, and more is wanted: {', '.join(self._allowed)}.")

    def _try(self, method: str) -> bool:
        if method == "publickey":
            return self._try_keys()
        if method == "password":
            return self._try_passwords()
        return self._try_prompts()

    @property
    def _user(self) -> str:
        return self._options.user

    # Keys

    def _try_keys(self) -> bool:
        """Offer one key after the other; False when none is left, or more is wanted."""
        if self._keys is None:
            self._keys = self._find_keys()
        before = self._allowed
        while self._keys and self._allowed == before:
            key = self._keys.pop(0)
            loaded = key if isinstance(key, HeldKey) else self._load(key)
            if loaded is not None and self._offer(loaded, _title(key)):
                return True
        return False

    def _find_keys(self) -> list[KeyFile | HeldKey]:
        held = self._held_keys()
        files = list(key_files(self._options))
        return arranged(files, held, only_named=self._options.identities_only)

    def _held_keys(self) -> list[HeldKey]:
        path = self._options.identity_agent
        if path is None:
            self._asking.say("No SSH agent is used.")
            return []
        try:
            self._agent = Agent(path)
        except (OSError, paramiko.SSHException) as e:
            self._note(f"The SSH agent at {path} cannot be used: {e}.")
            return []
        held = self._agent.keys()
        if not held:
            self._note("The SSH agent offers no keys: it is locked (ssh-add -X unlocks) or empty.")
        else:
            self._asking.say(f"The SSH agent holds {len(held)} keys.")
        return held

    def _offer(self, key: paramiko.PKey, title: str) -> bool:
        self._asking.say(f"Offering {title}.")
        done = self._attempt(lambda handler, event: handler.auth_publickey(self._user, key, event))
        if not done and isinstance(key, HeldKey) and key.declined:
            self._note(f"The SSH agent did not sign with {title}.")
        self._tried.keys += not done
        return done

    def _load(self, file: KeyFile) -> paramiko.PKey | None:
        """The key of a file; None, with a note, where it cannot be used."""
        try:
            return file.load(None)
        except PassphraseWanted:
            return self._decrypt(file)
        except OSError as e:
            if file.is_named:
                self._note(f"{file.path} cannot be read: {(e.strerror or str(e)).lower()}.")
        except ValueError as e:
            self._note(f"{e}.")
        return None

    def _decrypt(self, file: KeyFile) -> paramiko.PKey | None:
        if not self._is_wanted(file):
            self._asking.say(f"The host does not take {file.path}.")
            self._tried.keys += 1
            return None
        self._asking.say(f"{file.path} is encrypted.")
        refused: Secret | None = None
        for attempt in range(1, ATTEMPTS + 1):
            question = PassphraseQuestion(self._remote, file.path, attempt)
            secret = self._secret(
                str(file.path),
                partial(self._asking.ask.ask_passphrase, question, self._asking.check),
                refused,
            )
            if secret is None:
                break
            try:
                key = file.load(secret.text)
            except PassphraseWanted:
                self._asking.say("The passphrase is wrong.")
                refused = secret
            else:
                self._keep(str(file.path), secret)
                return key
        self._note(f"{file.path} stayed encrypted: no right passphrase was given.")
        return None

    def _is_wanted(self, file: KeyFile) -> bool:
        """Whether the host would take a key, as far as its public half tells."""
        public = file.public
        if public is None:
            return True
        probe = _Probe(self._transport)
        self._transport.auth_handler = probe
        event = threading.Event()
        probe.ask(self._user, public, event)
        self._wait(event, None)
        return probe.is_accepted or not self._transport.is_active()

    # Passwords and questions of the host

    def _try_passwords(self) -> bool:
        before, refused = self._allowed, None
        for attempt in range(1, ATTEMPTS + 1):
            secret = self._password(attempt, refused)
            if secret is None:
                raise self._no_answer("password")
            self._asking.say("Offering a password.")
            if self._attempt(partial(_send_password, self._user, secret)):
                self._keep(self._options.login, secret)
                return True
            if self._allowed != before:
                return False
            self._tried.passwords += 1
            refused = secret
        return False

    def _try_prompts(self) -> bool:
        before, refused = self._allowed, None
        for attempt in range(1, ATTEMPTS + 1):
            self._asking.say("Letting the host ask (keyboard-interactive).")
            relay = _Relay(self._transport, attempt, refused)
            if self._attempt(partial(_let_ask, self._user, relay), relay):
                if relay.password is not None:
                    self._keep(self._options.login, relay.password)
                return True
            refused = relay.password
            if self._allowed != before or not relay.was_asked:
                return False
            self._tried.answers += 1
        return False

    def _password(self, attempt: int, refused: Secret | None) -> Secret | None:
        question = PasswordQuestion(self._remote, self._options.login, attempt)
        return self._secret(
            self._options.login,
            lambda: self._asking.ask.ask_password(question, self._asking.check),
            refused,
        )

    def _answer(self, relay: _Relay) -> None:
        """Answer what the host asks at present."""
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

    def _secret(
        self, account: str, ask: Callable[[], Secret | None], refused: Secret | None
    ) -> Secret | None:
        """A kept secret, or a new one."""

        def find() -> Secret | None:
            kept = None if refused is not None else self._asking.secrets.read(account)
            return ask() if kept is None else Secret(kept)

        key = (account, self._options.port)
        return self._asking.answers.get(key, find, self._asking.check, refused=refused)

    def _keep(self, account: str, secret: Secret) -> None:
        if secret.keep:
            self._asking.secrets.write(account, secret.text)

    def _no_answer(self, what: str) -> AnswerNeeded:
        return AnswerNeeded(
            f"Cannot log in to {self._options.login}: no {what} was given", remote=self._remote
        )

    # One step of the protocol

    def _attempt(
        self,
        start: Callable[[AuthHandler, threading.Event], object],
        relay: _Relay | None = None,
    ) -> bool:
        """Offer something.

        Returns:
            True when the login is done. False when not: what was offered was refused or, where
            `_allowed` has changed, is not enough.
        """
        event = threading.Event()
        handler = AuthHandler(self._transport)
        self._transport.auth_handler = handler
        start(handler, event)
        self._wait(event, relay)
        self.banner = self.banner or _shown(handler.banner or b"")
        try:
            more = handler.wait_for_response(event)
        except paramiko.BadAuthenticationType as e:
            self._allowed = self._allowed or tuple(e.allowed_types)
            return False
        except (OSError, EOFError, paramiko.SSHException) as e:
            if self._transport.is_active():
                return False
            raise self._lost(e) from e
        if more:
            self._allowed = tuple(more)
        return not more

    def _wait(self, event: threading.Event, relay: _Relay | None) -> None:
        while not event.wait(_TICK_SECONDS) and self._transport.is_active():
            self._asking.check()
            if relay is not None and relay.is_waiting:
                self._answer(relay)

    def _lost(self, error: Exception) -> RemoteError:
        if not (self._tried.keys or self._tried.passwords or self._tried.answers):
            return translated(error, f"log in to {self._options.login}", self._remote)
        return self._failure("the host ended the login after too many attempts")

    def _failure(self, reason: str = "") -> AuthenticationFailed:
        tried = self._tried
        offered = [
            f"{count} {what}{'s' if count > 1 else ''}"
            for count, what in (
                (tried.keys, "key"),
                (tried.passwords, "password"),
                (tried.answers, "answer"),
            )
            if count
        ]
        reason = reason or (
            f"the host refused {' and '.join(offered)}" if offered else "there is nothing to offer"
        )
        taken = ", ".join(self._allowed) or "no method that is known"
        hint = " ".join((f"The host takes: {taken}.", *tried.notes))
        if tried.keys >= 5:
            hint += " Name the right key for this host: many hosts end a login after six attempts."
        return AuthenticationFailed(
            f"Cannot log in to {self._options.login}: {reason}", remote=self._remote, hint=hint
        )

    def _note(self, text: str) -> None:
        self._tried.notes.append(text)
        self._asking.say(text)


class _Relay:
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
            raise paramiko.SSHException(f"the host asks {len(prompts)} questions at once")
        self.title, self.text = _shown(title), _shown(text)
        self.prompts = [Prompt(_shown(prompt), shown) for prompt, shown in prompts]
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


class _Probe(AuthHandler):
    """Asks whether a key would be accepted, without a signature (which paramiko never does)."""

    def __init__(self, transport: TunedTransport) -> None:
        super().__init__(transport)
        self.is_accepted = False
        self._public: PublicBlob | None = None

    def ask(self, user: str, public: PublicBlob, event: threading.Event) -> None:
        """Begin; `event` is set when there is an answer."""
        self._public = public
        self.auth_event = event
        self.auth_method = "publickey"
        self.username = user
        self._request_auth()  # type: ignore[attr-defined]  # the stubs leave it out

    # What paramiko calls

    def _parse_service_accept(self, message: paramiko.Message) -> None:
        message.get_text()
        assert self._public is not None
        kind = self._public.key_type
        if kind == "ssh-rsa":
            kind = self._finalize_pubkey_algorithm(kind)  # type: ignore[attr-defined]  # as above
        request = paramiko.Message()
        request.add_byte(paramiko.common.cMSG_USERAUTH_REQUEST)
        request.add_string(self.username or "")
        request.add_string("ssh-connection")
        request.add_string("publickey")
        request.add_boolean(False)  # noqa: FBT003 - paramiko's
        request.add_string(kind)
        request.add_string(self._public.key_blob)
        self.transport._send_message(request)  # type: ignore[attr-defined]  # as above

    def _parse_userauth_info_request(self, _message: paramiko.Message) -> None:
        """The number of that message means here that the key is accepted."""
        self.is_accepted = True
        if self.auth_event is not None:
            self.auth_event.set()


def _send_password(user: str, secret: Secret, handler: AuthHandler, event: threading.Event) -> None:
    handler.auth_password(user, secret.text, event)


def _let_ask(user: str, relay: _Relay, handler: AuthHandler, event: threading.Event) -> None:
    handler.auth_interactive(user, relay, event)


def _title(key: KeyFile | HeldKey) -> str:
    if isinstance(key, KeyFile):
        return f"the key {key.path}"
    return f"the agent's key {key.comment or key.get_name()}"


def _asks_password(text: str) -> bool:
    return _PASSWORD_PROMPT.search(text.strip()) is not None


def _shown(text: str | bytes) -> str:
    """What a host wrote, without control characters that could play tricks on a screen."""
    plain = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    kept = (c for c in plain[:_MOST_LETTERS] if c == "\n" or unicodedata.category(c)[0] != "C")
    return "".join(kept).strip()
