"""What can go wrong with a server, as branches of the tree of core.errors, and its translation.

`translating` is the only place that turns failures of paramiko and of sockets into sentences. Of
a failure that may pass (`retryable`) a transfer waits and tries again; of others it does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

import paramiko

from core.errors import Error


class RemoteError(Error):
    """A server did not do what it was asked to.

    Args:
        message: One sentence naming the attempt and its object.
        hint: What the user can do next.
        remote: Name of the remote; empty when not known there.
    """

    def __init__(self, message: str, *, hint: str = "", remote: str = "") -> None:
        super().__init__(message, hint=hint)
        self.remote = remote


class ConnectionLost(RemoteError):
    """The connection ended, or the server does not answer any more."""

    retryable: ClassVar[bool] = True


class RemoteRefused(RemoteError):
    """The server, or a program on it, refused: a missing right, a missing file, or its reason."""


class RemoteFull(RemoteError):
    """There is no room left on the server."""


class UnsafeAnswer(RemoteError):
    """A server answered what no honest one does; nothing of it is used."""


class TransferMismatch(RemoteError):
    """What arrived is not what was sent."""

    retryable: ClassVar[bool] = True


@contextmanager
def translating(name: str) -> Iterator[None]:
    """Turn failures of the connection into ConnectionLost.

    Args:
        name: How the remote is called.

    Raises:
        ConnectionLost: The block failed by the connection.
    """
    try:
        yield
    except (EOFError, OSError, paramiko.SSHException) as e:
        raise ConnectionLost(
            f"The connection to {name} was lost ({_reason(e)}).",
            hint="It is tried again where that may help; otherwise look at the network.",
            remote=name,
        ) from e


def _reason(error: Exception) -> str:
    if isinstance(error, EOFError):
        return "it was closed there"
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return text[:1].lower() + text[1:].rstrip(".")
