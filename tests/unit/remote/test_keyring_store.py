"""Passwords in the system's keyring, by the real package with a backend in memory."""

from __future__ import annotations

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

from remote import keyring_store
from remote.keyring_store import Keyring
from remote.prompts import KEYRING_SERVICE


class Memory(KeyringBackend):
    """Keeps secrets as long as it lives; may be locked."""

    priority = 1

    def __init__(self):
        super().__init__()
        self.kept = {}
        self.is_locked = False

    def get_password(self, service, username):
        self._check()
        return self.kept.get((service, username))

    def set_password(self, service, username, password):
        self._check()
        self.kept[service, username] = password

    def _check(self):
        if self.is_locked:
            raise KeyringLocked("locked")


@pytest.fixture
def backend():
    before = keyring.get_keyring()
    memory = Memory()
    keyring.set_keyring(memory)
    yield memory
    keyring.set_keyring(before)


def test_what_is_kept_comes_back(backend):
    Keyring().write("me@host", "secret")

    assert Keyring().read("me@host") == "secret"
    assert backend.kept == {(KEYRING_SERVICE, "me@host"): "secret"}


def test_nothing_kept_is_none(backend):
    assert Keyring().is_there
    assert Keyring().read("me@host") is None


def test_a_locked_keyring_is_no_reason_to_fail(backend, caplog):
    backend.is_locked = True

    Keyring().write("me@host", "secret")

    assert Keyring().read("me@host") is None
    assert "secret" not in caplog.text


def test_without_the_package_nothing_is_kept(monkeypatch):
    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr(keyring_store.importlib, "import_module", missing)
    without = Keyring()

    without.write("me@host", "secret")

    assert not without.is_there
    assert without.read("me@host") is None
