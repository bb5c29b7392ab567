"""Keys that a login may use: files, and what an SSH agent holds.

A key that cannot be used is no reason to end: it is passed over with a note, as OpenSSH does.
Which of them were tried, and why some were not, is what "test" shows.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from msgspec import Struct

from remote.host_options import HostOptions
from remote.host_text import shown
from remote.ssh_library import AgentKey, AgentSSH, PublicBlob, paramiko

AGENT_SECONDS = 120.0  # it may ask the person
_LIST, _LISTED = bytes([11]), 12
_MOST_HELD = 1000
_CERTIFIED = "-cert-v01@openssh.com"
_UNREADABLE = (
    *(ValueError, UnsupportedAlgorithm, paramiko.SSHException),
    paramiko.pkey.UnknownKeyType,
)


class PassphraseWanted(Exception):
    """A key file is encrypted, and no passphrase or a wrong one was given."""


class Certificate(Struct, frozen=True):
    """What an authority says about a key, in OpenSSH's form.

    Attributes:
        path: The file.
        blob: What is shown to a host in place of the public key.
    """

    path: Path
    blob: PublicBlob

    @classmethod
    def of_file(cls, path: Path) -> Certificate:
        """Read one.

        Raises:
            OSError: It cannot be read.
            ValueError: It is no certificate.
        """
        try:
            blob = PublicBlob.from_file(str(path))
        except (*_UNREADABLE, IndexError) as e:
            raise ValueError(f"{path} is no certificate") from e
        if not blob.key_type.endswith(_CERTIFIED):
            raise ValueError(f"{path} is no certificate")
        return cls(path, blob)

    def certifies(self, key_blob: bytes) -> bool:
        """Whether it is about this public key: its fields follow the type and a random text."""
        message = paramiko.Message(self.blob.key_blob)
        kind = message.get_text().removesuffix(_CERTIFIED)
        message.get_binary()
        start = paramiko.Message()
        start.add_string(kind)
        return start.asbytes() + message.get_remainder()[
            : len(key_blob) - len(start.asbytes())
        ] == (key_blob)


class KeyFile(Struct, frozen=True):
    """A file that may hold a private key.

    Attributes:
        path: The file.
        is_named: Whether somebody named it, and its absence is worth a word.
    """

    path: Path
    is_named: bool

    @property
    def public(self) -> PublicBlob | None:
        """Its public half, where a readable `.pub` lies beside it or it is one."""
        for path in (self.path, Path(f"{self.path}.pub")):
            if path.suffix == ".pub":
                with contextlib.suppress(OSError, *_UNREADABLE, IndexError):
                    return PublicBlob.from_file(str(path))
        return None

    @property
    def certificate(self) -> Certificate | None:
        """The certificate that lies beside it, if it can be read."""
        with contextlib.suppress(OSError, ValueError):
            return Certificate.of_file(Path(f"{self.path}-cert.pub"))
        return None

    def load(self, passphrase: str | None) -> paramiko.PKey:
        """Read the key.

        Raises:
            PassphraseWanted: It is encrypted, and `passphrase` is None or wrong.
            OSError: It cannot be read.
            ValueError: It is no private key, or of a kind that is not supported.
        """
        secret = None if passphrase is None else passphrase.encode("utf-8")
        try:
            # It is said to take text, and takes bytes alone.
            return paramiko.PKey.from_path(self.path, password=secret)  # type: ignore[arg-type]
        except (TypeError, paramiko.PasswordRequiredException) as e:
            raise PassphraseWanted from e
        except _UNREADABLE as e:
            if passphrase is not None:  # without one, it was found to be encrypted before
                raise PassphraseWanted from e
            raise ValueError(f"{self.path} is no private key of a supported kind") from e


class Agent(AgentSSH):
    """An SSH agent at a socket.

    Args:
        path: Its Unix socket.

    Raises:
        OSError: It does not answer.
        SSHException: What answers is no agent, or refuses.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        family = getattr(socket, "AF_UNIX", None)
        if family is None:
            raise OSError("this platform has no such sockets")
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.settimeout(AGENT_SECONDS)
            sock.connect(str(path))
            self._conn = sock
            self._held = self._listed()
        except (OSError, paramiko.SSHException):
            sock.close()
            raise

    def keys(self) -> list[HeldKey]:
        """Keys that it holds; none when it is empty, or locked."""
        return self._held

    def close(self) -> None:
        """Let go of it: whoever waits for a signature does not any more."""
        if self._conn is not None:
            with contextlib.suppress(OSError):
                self._conn.shutdown(socket.SHUT_RDWR)
        self._close()  # type: ignore[attr-defined]  # the stubs leave it out

    def _listed(self) -> list[HeldKey]:
        """What it holds. paramiko's own way of asking ends at a comment that is not UTF-8."""
        kind, answer = self._send_message(_LIST)  # type: ignore[attr-defined]  # as above
        if kind != _LISTED:
            raise paramiko.SSHException("it does not list its keys")
        found = []
        for _ in range(min(answer.get_int(), _MOST_HELD)):
            blob, comment = answer.get_binary(), answer.get_binary()
            with contextlib.suppress(*_UNREADABLE):
                found.append(HeldKey(AgentKey(self, blob, shown(comment))))  # type: ignore[call-arg, unused-ignore]  # as above
        return found


class HeldKey(AgentKey):
    """A key of an agent that may decline to sign.

    paramiko ends the whole connection then. Here a signature that cannot be right is sent instead:
    the host refuses it like any other, and the login goes on with the next key.

    Attributes:
        declined: Why it did not sign; empty while it did.
        public: Its public half, or the certificate that the agent holds with it.
    """

    def __init__(self, key: AgentKey) -> None:
        super().__init__(key.agent, key.blob, key.comment)  # type: ignore[attr-defined, call-arg, unused-ignore]  # the stubs leave them out
        self.declined = ""
        self.public = PublicBlob(self.get_name(), key.blob)  # type: ignore[no-untyped-call, unused-ignore]  # here, too

    @property
    def is_certificate(self) -> bool:
        """Whether the agent holds it with a certificate; the key alone is another one."""
        return self.get_name().endswith(_CERTIFIED)

    def sign_ssh_data(self, data: bytes, algorithm: str | None = None) -> bytes:  # type: ignore[override]  # the stubs promise a message
        """A signature by the agent, or one that no host takes."""
        try:
            signed = super().sign_ssh_data(data, algorithm)
        except (OSError, paramiko.SSHException) as e:
            self.declined = str(e)
            refused = paramiko.Message()
            refused.add_string(algorithm or self.get_name())
            refused.add_string(bytes(64))
            return refused.asbytes()
        assert isinstance(signed, bytes)
        return signed


def key_files(options: HostOptions) -> Iterator[KeyFile]:
    """Files to try for a host, in their order; usual ones only where they are."""
    for path in options.identity_files:
        if options.has_identities or path.exists():
            yield KeyFile(path, options.has_identities)


def arranged(
    files: list[KeyFile],
    held: list[HeldKey],
    certificates: Sequence[Certificate],
    *,
    only_named: bool,
) -> list[KeyFile | HeldKey]:
    """Keys in the order that OpenSSH tries them.

    Those with a certificate that the configuration names; those of the agent that are named as
    files, in the order of the files; then the agent's others, unless only named ones are wanted;
    then files that the agent does not hold.
    """
    blobs = {file.path: file.public.key_blob for file in files if file.public is not None}
    by_blob = {key.blob: key for key in held}
    named = [by_blob[blob] for blob in blobs.values() if blob in by_blob]
    others = [] if only_named else [key for key in held if key not in named]
    rest = [file for file in files if blobs.get(file.path) not in by_blob]
    blobs_of = {id(key): blobs.get(key.path) for key in rest} | {id(k): k.blob for k in held}

    def is_certified(key: KeyFile | HeldKey) -> bool:
        blob = blobs_of[id(key)]
        return blob is not None and any(each.certifies(blob) for each in certificates)

    return sorted([*named, *others, *rest], key=lambda key: not is_certified(key))
