"""What can go wrong with a remote, as one branch of the tree in `core/errors.py`.

* RemoteError             + remote; something is wrong with a remote, or with what it was asked
  - RemoteUnreachable     retryable; no connection, or it was lost
    + RemoteTimeout       the host did not answer in time
    + RemoteBusy          the host takes no more connections or sessions at present
  - RemoteIncompatible    no common ground: algorithms, protocol, or services
  - AuthenticationFailed  the host took none of what was offered
  - AnswerNeeded          a question was not answered, and nothing goes on without
  - HostKeyError          + facts; the host did not prove to be the one that is known
    + HostKeyUnknown      nobody vouched for its key yet
      = HostKeyDeclined   who was asked did not
    + HostKeyChanged      another key is known for it
    + HostKeyRevoked      its key is marked as stolen
  - RemotePermission      the host refuses to read or write something
  - RemoteFull            no space is left there
  - RemoteRefused         the host, or a program on it, does not do what it was asked
  - UnsafeAnswer          the host answered what no honest one does; nothing of it is used
  - TransferBusy          retryable; another process transfers between the same two places
  - RemoteConfigError     + path; a configuration file cannot be read, written or understood
    + RemoteNotFound      no remote has that name
    + RemoteUnsupported   the remote is of a kind that Rundesk does not speak

`retryable` says whether the same may succeed later without anybody doing something: only then is
waiting and trying again honest.

Why one function translates: paramiko tells a refused channel, a lost connection and a wrong
password by some twenty classes, and plain `EOFError`, `OSError` and `ValueError` besides. They
are told apart here and nowhere else.
"""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

from msgspec import Struct

from core.errors import Error
from remote.host_text import shown
from remote.ssh_library import paramiko

OPEN_SSH_PROHIBITED = 1  # RFC 4254: administratively prohibited
_NO_MORE_SESSIONS = (2, 4)  # connect failed (what OpenSSH says of MaxSessions), resource shortage
_ENDED = ("SSH session not active", "Channel closed.", "Socket is closed")
_BANNER = "Error reading SSH protocol banner"


class RemoteError(Error):
    """Something is wrong with a remote, or with what it was asked to do.

    Args:
        message: One sentence naming the attempt and its object.
        remote: The remote's name, or the host where it has none.
    """

    def __init__(self, message: str, *, remote: str = "", hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.remote = remote


class RemoteUnreachable(RemoteError):
    """There is no connection to the host, or it was lost."""

    retryable: ClassVar[bool] = True


class RemoteTimeout(RemoteUnreachable):
    """The host did not answer in time."""


class RemoteBusy(RemoteUnreachable):
    """The host takes no more connections or sessions at present."""


class RemoteIncompatible(RemoteError):
    """The host and this program have no algorithm, protocol or service in common."""


class AuthenticationFailed(RemoteError):
    """The host accepted none of the keys and answers that were offered."""


class AnswerNeeded(RemoteError):
    """A question was not answered, or nobody is there who could."""

    is_declined: ClassVar[bool] = True


class HostKeyFacts(Struct, frozen=True):
    """What is to be seen of a host key that is not trusted.

    Attributes:
        host: As known_hosts names it.
        key_type: For example "ssh-ed25519".
        fingerprint: "SHA256:…" of what the host shows.
        known: The fingerprint that is known for it; empty for none.
        known_hosts: The file with the line that decides; None for none.
        line: That line, from 1; 0 for none.
    """

    host: str = ""
    key_type: str = ""
    fingerprint: str = ""
    known: str = ""
    known_hosts: Path | None = None
    line: int = 0


class HostKeyError(RemoteError):
    """The host did not prove to be the one that is known.

    Attributes:
        facts: What a dialog shows of it.
    """

    def __init__(
        self, message: str, *, remote: str = "", hint: str = "", facts: HostKeyFacts | None = None
    ) -> None:
        super().__init__(message, remote=remote, hint=hint)
        self.facts = facts or HostKeyFacts()


class HostKeyUnknown(HostKeyError):
    """Nobody has said yet that this key is the host's."""


class HostKeyDeclined(HostKeyUnknown):
    """Whoever was asked did not say that this key is the host's."""

    is_declined: ClassVar[bool] = True


class HostKeyChanged(HostKeyError):
    """The host shows another key than the one that is known for it."""


class HostKeyRevoked(HostKeyError):
    """The host shows a key that is marked as revoked."""


class RemotePermission(RemoteError):
    """The host refuses to read or write something."""


class RemoteFull(RemoteError):
    """No space is left on the host."""


class RemoteRefused(RemoteError):
    """The host, or a program on it, does not do what it was asked."""


class UnsafeAnswer(RemoteError):
    """The host answered what no honest one does; nothing of it is used."""


class TransferBusy(RemoteError):
    """Another process transfers between the same two places."""

    retryable: ClassVar[bool] = True


class RemoteConfigError(RemoteError):
    """A configuration file cannot be read, written or understood."""

    def __init__(
        self, message: str, *, path: Path | None = None, remote: str = "", hint: str = ""
    ) -> None:
        super().__init__(message, remote=remote, hint=hint)
        self.path = path


class RemoteNotFound(RemoteConfigError):
    """No remote has the name that was given."""


class RemoteUnsupported(RemoteConfigError):
    """The remote is of a kind that Rundesk shows but does not speak."""


@contextmanager
def translating(attempt: str, remote: str) -> Iterator[None]:
    """Turn what paramiko and the system raise into errors of the tree.

    Args:
        attempt: What is attempted, to follow "Cannot", e.g. "list the runs of gpu1".
        remote: The remote's name.

    Raises:
        RemoteError: One of its leaves, with what was raised as its cause.
    """
    try:
        yield
    except (OSError, EOFError, paramiko.SSHException) as e:
        raise translated(e, attempt, remote) from e


def translated(error: Exception, attempt: str, remote: str) -> RemoteError:
    """The error of the tree that says what `error` means; see `translating`."""
    if isinstance(error, EOFError):
        return RemoteUnreachable(_lost(attempt), remote=remote)
    if isinstance(error, OSError):
        return _translated_system(error, attempt, remote)
    return _translated_ssh(error, attempt, remote)


def _lost(attempt: str) -> str:
    return f"Cannot {attempt}: the connection was lost"


def _translated_system(error: OSError, attempt: str, remote: str) -> RemoteError:
    reason = error.strerror or str(error) or type(error).__name__
    sentence = f"Cannot {attempt}: {_lower(reason)}"
    if isinstance(error, socket.gaierror):
        return RemoteUnreachable(
            f"Cannot {attempt}: the name of the host cannot be resolved",
            remote=remote,
            hint="Check the name, and whether this computer is connected to its network.",
        )
    if isinstance(error, TimeoutError):
        return RemoteTimeout(f"Cannot {attempt}: the host did not answer in time", remote=remote)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return RemotePermission(sentence, remote=remote)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return RemoteFull(sentence, remote=remote)
    if error.errno in _NO_CONNECTION or isinstance(error, ConnectionError):
        return RemoteUnreachable(sentence, remote=remote)
    if str(error) == "Socket is closed":  # paramiko's channels say it so
        return RemoteUnreachable(_lost(attempt), remote=remote)
    return RemoteError(sentence, remote=remote)


def _translated_ssh(error: Exception, attempt: str, remote: str) -> RemoteError:
    if isinstance(error, paramiko.ChannelException):
        return _translated_channel(error, attempt, remote)
    if isinstance(error, paramiko.ssh_exception.IncompatiblePeer):
        return RemoteIncompatible(
            f"Cannot {attempt}: {_lower(str(error))}",
            remote=remote,
            hint="The host's SSH server is very old or very strict; it must be updated, or offer "
            "current algorithms.",
        )
    if isinstance(error, paramiko.AuthenticationException):
        return AuthenticationFailed(f"Cannot {attempt}: the host refused the login", remote=remote)
    if isinstance(error.__context__, TimeoutError):
        return RemoteTimeout(f"Cannot {attempt}: the host did not answer in time", remote=remote)
    if str(error) == "SSH session not active":  # what paramiko says of a connection that has ended
        return RemoteUnreachable(_lost(attempt), remote=remote)
    if str(error).startswith(_BANNER):
        # What a host does whose MaxStartups is reached: it closes without a word.
        return RemoteBusy(
            f"Cannot {attempt}: the host closed the connection before the login",
            remote=remote,
            hint="Too many logins may be waiting there at present, or it is no SSH server.",
        )
    if str(error) in _ENDED:
        return RemoteUnreachable(_lost(attempt), remote=remote)
    return RemoteUnreachable(f"Cannot {attempt}: {_lower(str(error))}", remote=remote)


def _translated_channel(error: paramiko.ChannelException, attempt: str, remote: str) -> RemoteError:
    if error.code == OPEN_SSH_PROHIBITED:
        return RemoteIncompatible(f"Cannot {attempt}: the host does not permit it", remote=remote)
    if error.code in _NO_MORE_SESSIONS:
        return RemoteBusy(
            f"Cannot {attempt}: the host opens no further session",
            remote=remote,
            hint="Its MaxSessions may be reached; it goes on when others end.",
        )
    return RemoteError(f"Cannot {attempt}: {_lower(error.text)}", remote=remote)


def _lower(reason: str) -> str:
    """A reason as the end of a sentence: no capital first, no full stop."""
    text = " ".join(shown(reason).split()).rstrip(".")
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


_NO_CONNECTION = frozenset(
    {
        *(errno.ECONNREFUSED, errno.ECONNRESET, errno.ECONNABORTED, errno.EPIPE, errno.ENOTCONN),
        *(errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN),
        *(errno.EADDRNOTAVAIL, errno.ESHUTDOWN),
    }
)
