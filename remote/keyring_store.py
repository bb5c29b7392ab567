"""Passwords that the person wants kept, in the keyring of the system.

The package `keyring` is optional; without it nothing is kept, and nothing is offered. A keyring
that is locked, absent or broken is no reason for a connection to fail: the person is asked.
"""

from __future__ import annotations

import importlib
import logging
from types import ModuleType
from typing import Protocol

from remote.prompts import KEYRING_SERVICE

log = logging.getLogger(__name__)


class SecretStore(Protocol):
    """Keeps secrets by account: `user@host`, or the path of a key."""

    def read(self, account: str) -> str | None:
        """The secret; None for none."""

    def write(self, account: str, secret: str) -> None:
        """Keep a secret, in place of an earlier one."""


class Keyring:
    """The keyring of the system, where the package `keyring` is installed."""

    @property
    def is_there(self) -> bool:
        """Whether secrets can be kept at all, so that it may be offered."""
        return _library() is not None

    def read(self, account: str) -> str | None:
        """The secret; None for none, and where the keyring does not answer."""
        library = _library()
        if library is None:
            return None
        try:
            found = library.get_password(KEYRING_SERVICE, account)
        except library.errors.KeyringError as e:
            log.warning("The keyring cannot be read: %s", type(e).__name__)
            return None
        return found if isinstance(found, str) else None

    def write(self, account: str, secret: str) -> None:
        """Keep a secret; where the keyring does not take it, the person is asked next time."""
        library = _library()
        if library is None:
            return
        try:
            library.set_password(KEYRING_SERVICE, account, secret)
        except library.errors.KeyringError as e:
            log.warning("The keyring cannot be written: %s", type(e).__name__)


def _library() -> ModuleType | None:
    """The package; it takes a tenth of a second to load, and most connections need no password."""
    try:
        return importlib.import_module("keyring")
    except ImportError:
        return None
