"""Keys, offered one after the other in OpenSSH's order.

A passphrase is only asked for where the host would take the key: its public half, if it lies
beside, is shown first, without a signature. Likewise, an agent is only asked to sign where the host
would take the key: it may ask the person in turn.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial

from core.text import plural
from remote.eager_auth import Probe
from remote.exchange import Exchange
from remote.interruptible import interruptible
from remote.private_keys import (
    Agent,
    Certificate,
    HeldKey,
    KeyFile,
    PassphraseWanted,
    arranged,
    key_files,
)
from remote.prompts import PassphraseQuestion, Secret
from remote.ssh_library import AuthHandler, PublicBlob, paramiko
from remote.transport import LOGIN_SECONDS

ATTEMPTS = 3


class KeyOffers:
    """The keys of a login, each offered once.

    Args:
        exchange: The login.
    """

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._options = exchange.options
        self._say = exchange.asking.say
        self._agent: Agent | None = None
        self._keys: list[KeyFile | HeldKey] | None = None
        self._certificates: list[Certificate] = []
        self._offered = 0
        self._was_first_refused = False

    @property
    def was_first_refused(self) -> bool:
        """Whether the first key that was offered was not taken."""
        return self._was_first_refused

    def close(self) -> None:
        """Let go of the agent."""
        if self._agent is not None:
            self._agent.close()

    def try_first(self) -> bool:
        """Offer the first key, where nobody has to be asked for it; False when that is not all."""
        keys = self._found()
        loaded = self._loaded_at_once(keys[0]) if keys else None
        return loaded is not None and self._offer_each(keys.pop(0), loaded)

    def try_next(self) -> bool:
        """Offer one key after the other; False when none is left, or more is wanted."""
        keys, before = self._found(), self._exchange.steps
        while keys and self._exchange.steps == before:
            key = keys.pop(0)
            loaded = key if isinstance(key, HeldKey) else self._load(key)
            if self._exchange.is_done or (loaded is not None and self._offer_each(key, loaded)):
                return True
        return False

    def _found(self) -> list[KeyFile | HeldKey]:
        """Those that were not offered yet."""
        if self._keys is None:
            self._keys = self._find_keys()
        return self._keys

    def _offer_each(self, key: KeyFile | HeldKey, loaded: paramiko.PKey) -> bool:
        """Offer a key with each certificate, then alone: that may do."""
        before = self._exchange.steps
        for blob in self._shown_with(loaded):
            what = _title(key) if blob is None else f"a certificate of {_title(key)}"
            loaded.public_blob = blob
            if self._exchange.steps == before and self._offer(loaded, what):
                return True
        return False

    def _shown_with(self, key: paramiko.PKey) -> list[PublicBlob | None]:
        """What a host is shown in place of a key; None for the key itself."""
        if isinstance(key, HeldKey) and key.is_certificate:
            return [key.public]
        return [*self._certificates_of(key), None]

    def _loaded_at_once(self, key: KeyFile | HeldKey) -> paramiko.PKey | None:
        if isinstance(key, HeldKey):
            return key
        try:
            return key.load(None)
        except (PassphraseWanted, OSError, ValueError):
            return None  # in its turn it is asked for, or told why it cannot be used

    def _certificates_of(self, key: paramiko.PKey) -> list[PublicBlob]:
        """What certifies a key: files that the configuration names, and the one beside it."""
        plain, beside = key.asbytes(), key.public_blob
        found = [each.blob for each in self._certificates if each.certifies(plain)]
        return found if beside is None or beside in found else [*found, beside]

    def _note(self, text: str) -> None:
        """Say something that also belongs into the error, where the host takes keys at all."""
        self._exchange.note(text, about="publickey")

    def _find_keys(self) -> list[KeyFile | HeldKey]:
        held = self._held_keys()
        files = list(key_files(self._options))
        self._certificates = list(self._read_certificates())
        only_named = self._options.identities_only
        return arranged(files, held, self._certificates, only_named=only_named)

    def _read_certificates(self) -> Iterator[Certificate]:
        for path in self._options.certificate_files:
            try:
                yield Certificate.of_file(path)
            except OSError as e:
                self._note(f"{path} cannot be read: {(e.strerror or str(e)).lower()}.")
            except ValueError as e:
                self._note(f"{e}.")

    def _held_keys(self) -> list[HeldKey]:
        path = self._options.identity_agent
        if path is None:
            self._say("No SSH agent is used.")
            return []
        try:
            self._agent = interruptible(
                lambda: Agent(path),
                Agent.close,
                (OSError, paramiko.SSHException),
                self._exchange.asking.check,
            )
        except (OSError, paramiko.SSHException) as e:
            self._note(f"The SSH agent at {path} cannot be used: {e}.")
            return []
        held = self._agent.keys()
        if not held:
            self._note("The SSH agent offers no keys: it is locked (ssh-add -X unlocks) or empty.")
        else:
            self._say(f"The SSH agent holds {plural(len(held), 'key')}.")
        return held

    def _offer(self, key: paramiko.PKey, title: str) -> bool:
        self._say(f"Offering {title}.")
        self._offered += 1
        before = self._exchange.steps
        done = self._sign_if_wanted(key) if isinstance(key, HeldKey) else self._sign(key)
        if not done and isinstance(key, HeldKey) and key.declined:
            self._note(f"The SSH agent did not sign with {title}.")
        if not done and self._exchange.steps == before:
            self._was_first_refused = self._was_first_refused or self._offered == 1
            if "publickey" in self._exchange.allowed:  # else it was not even looked at
                self._exchange.tried.keys += 1
        return done

    def _sign_if_wanted(self, key: HeldKey) -> bool:
        """Let an agent sign where the host would take the key: it may ask the person for each."""
        if self._would_take(key.public_blob or key.public):
            return self._sign(key, LOGIN_SECONDS)
        return self._exchange.is_done

    def _sign(self, key: paramiko.PKey, patience: float | None = None) -> bool:
        return self._exchange.attempt(
            partial(_send_key, self._options.user, key), patience=patience
        )

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
            self._say(f"The host does not take {file.path}.")
            self._exchange.tried.keys += 1
            return None
        self._say(f"{file.path} is encrypted.")
        refused: Secret | None = None
        for attempt in range(1, ATTEMPTS + 1):
            question = PassphraseQuestion(self._exchange.remote, file.path, attempt)
            secret = self._exchange.secret(
                str(file.path),
                partial(
                    self._exchange.asking.ask.ask_passphrase, question, self._exchange.asking.check
                ),
                refused,
            )
            if secret is None:
                break
            try:
                key = file.load(secret.text)
            except PassphraseWanted:
                self._say("The passphrase is wrong.")
                refused = secret
            else:
                self._exchange.keep(str(file.path), secret)
                return key
        self._note(f"{file.path} stayed encrypted: no right passphrase was given.")
        return None

    def _is_wanted(self, file: KeyFile) -> bool:
        """Whether the host would take a key, as far as its public half and certificates tell."""
        public, beside = file.public, file.certificate
        if public is None:
            return True
        shown = [each.blob for each in self._certificates if each.certifies(public.key_blob)]
        shown += [beside.blob] if beside is not None else []
        return any(self._would_take(blob) for blob in (*shown, public))

    def _would_take(self, public: PublicBlob) -> bool:
        """Whether the host would take a key; where it takes it as it is, the login is done."""
        probe = Probe(self._exchange.transport, public)
        self._exchange.attempt(partial(_ask_about, self._options.user), handler=probe)
        return probe.is_accepted


def _ask_about(user: str, handler: AuthHandler, event: threading.Event) -> None:
    assert isinstance(handler, Probe)
    handler.ask(user, event)


def _send_key(user: str, key: paramiko.PKey, handler: AuthHandler, event: threading.Event) -> None:
    handler.auth_publickey(user, key, event)


def _title(key: KeyFile | HeldKey) -> str:
    if isinstance(key, KeyFile):
        return f"the key {key.path}"
    return f"the agent's key {key.comment or key.get_name()}"
