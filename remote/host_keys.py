"""Whether a host is the one that is known: known_hosts as OpenSSH keeps it.

Why our own reader: paramiko's gives up a whole file at the first line with a marker, so that
`@revoked` would protect nobody. Lines that are not understood are passed over, as OpenSSH does.

The files of the user and of the system are read, and never rewritten: one line is added to the
user's first file when a new key is accepted. An unknown key is asked about, or taken where
`StrictHostKeyChecking` says so; a changed or revoked one ends the connection, whatever that says,
and nothing here goes on anyway. Certificates of hosts (`@cert-authority`) are not supported, and
that is said where such a line is about the host.
"""

from __future__ import annotations

import base64
import binascii
import fnmatch
import hashlib
import hmac
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from msgspec import Struct

from remote.errors import (
    HostKeyChanged,
    HostKeyDeclined,
    HostKeyFacts,
    HostKeyRevoked,
    HostKeyUnknown,
    RemoteConfigError,
)
from remote.host_options import DEFAULT_PORT, HostOptions
from remote.prompts import HostKeyQuestion
from remote.ssh_config_lines import Place
from remote.ssh_library import paramiko

MAX_BYTES = 50_000_000
REVOKED, AUTHORITY = "@revoked", "@cert-authority"
# What the type of a key is called when it is negotiated.
_ALGORITHMS = {"ssh-rsa": ("rsa-sha2-512", "rsa-sha2-256")}
_SALT_BYTES = 20


@dataclass(frozen=True, slots=True)
class HostKey:
    """A public key of a host.

    Attributes:
        key_type: For example "ssh-ed25519".
        data: The key as it is sent.
    """

    key_type: str
    data: bytes = field(repr=False)

    @property
    def fingerprint(self) -> str:
        """SHA256:… as `ssh-keygen -l` prints it."""
        digest = base64.b64encode(hashlib.sha256(self.data).digest()).decode("ascii")
        return f"SHA256:{digest.rstrip('=')}"


class KnownKey(Struct, frozen=True):
    """A line of known_hosts that is about a host.

    Attributes:
        marker: "", "@revoked" or "@cert-authority".
        key: The key it names.
        place: Where it stands.
    """

    marker: str
    key: HostKey
    place: Place


class KnownHosts:
    """What is known of the keys of one host.

    Args:
        options: The host, and where its keys are looked up.

    Raises:
        RemoteConfigError: A file is there and cannot be read.
    """

    def __init__(self, options: HostOptions) -> None:
        self._options = options
        self.name = options.host_key_alias or known_name(options.host, options.port)
        lines = [
            line
            for path in (*options.user_known_hosts, *options.global_known_hosts)
            for line in _read_lines(path)
        ]
        self._keys = [line.known for line in lines if line.is_about(self.name)]
        # A key that is known for the host, whatever the port, is as good.
        plain = options.host if self.name == f"[{options.host}]:{options.port}" else ""
        self._plain_keys = [line.known for line in lines if plain and line.is_about(plain)]

    def key_types(self) -> list[str]:
        """Types that are known for the host, as they are negotiated."""
        types = dict.fromkeys(
            known.key.key_type for known in (*self._keys, *self._plain_keys) if not known.marker
        )
        return [name for kind in types for name in _ALGORITHMS.get(kind, (kind,))]

    def authorities(self) -> list[Place]:
        """Lines that name an authority for the host's certificates, which is not supported."""
        return [known.place for known in self._keys if known.marker == AUTHORITY]

    def verify(self, key: HostKey, remote: str, accept: Callable[[HostKeyQuestion], bool]) -> bool:
        """Make sure that `key` is the host's.

        Args:
            key: What the host showed.
            remote: The remote's name, for questions and errors.
            accept: Asked about an unknown key.

        Returns:
            Whether the key is new and is to be remembered with `add`.

        Raises:
            HostKeyUnknown: Nobody vouches for it, or who was asked does not (HostKeyDeclined).
            HostKeyChanged: Another key of that type is known.
            HostKeyRevoked: It is marked as revoked.
        """
        self._refuse_revoked(key, remote)
        if any(self._is(known, key) for known in (*self._keys, *self._plain_keys)):
            return False
        self._refuse_changed(key, remote)
        question = self._question(key, remote)
        strictness = self._options.strictness
        if strictness == "yes":
            raise HostKeyUnknown(
                f"The host key of {self.name} is not known ({key.key_type}, {key.fingerprint}), "
                "and StrictHostKeyChecking says that only known ones are accepted",
                remote=remote,
                hint=f"Add it to {question.known_hosts} yourself.{self._authority_hint()}",
                facts=self._facts(key, None),
            )
        if strictness == "ask" and not accept(question):
            raise HostKeyDeclined(
                f"The host key of {self.name} was not accepted ({key.fingerprint})",
                remote=remote,
                facts=self._facts(key, None),
            )
        return True

    def add(self, key: HostKey) -> None:
        """Remember a key: one line at the end of the user's first file.

        Raises:
            RemoteConfigError: The file cannot be written.
        """
        if not self._options.user_known_hosts:
            return
        if any(
            line.is_about(self.name) and self._is(line.known, key)
            for line in _read_lines(self._options.user_known_hosts[0])
        ):
            return  # another connection was quicker
        name = _hashed(self.name) if self._options.hash_known_hosts else self.name
        line = f"{name} {key.key_type} {base64.b64encode(key.data).decode('ascii')}\n"
        path = self._options.user_known_hosts[0]
        try:
            _append(path, line.encode("ascii"))
        except OSError as e:
            raise RemoteConfigError(
                f"Cannot remember the host key of {self.name} in {path}: "
                f"{(e.strerror or str(e)).lower()}",
                path=path,
            ) from e

    def _question(self, key: HostKey, remote: str) -> HostKeyQuestion:
        files = self._options.user_known_hosts
        return HostKeyQuestion(
            remote=remote,
            host=self.name,
            key_type=key.key_type,
            fingerprint=key.fingerprint,
            known_hosts=files[0] if files else Path(os.devnull),
            other_types=tuple(
                dict.fromkeys(known.key.key_type for known in self._keys if not known.marker)
            ),
        )

    def _refuse_revoked(self, key: HostKey, remote: str) -> None:
        for known in (*self._keys, *self._plain_keys):
            if known.marker == REVOKED and known.key.data == key.data:
                raise HostKeyRevoked(
                    f"The host key of {self.name} ({key.fingerprint}) is marked as revoked in "
                    f"{known.place}",
                    remote=remote,
                    hint="Somebody who stole it may be answering. Ask the host's administrator.",
                    facts=self._facts(key, known),
                )

    def _refuse_changed(self, key: HostKey, remote: str) -> None:
        for known in self._keys:
            if not known.marker and known.key.key_type == key.key_type:
                raise HostKeyChanged(
                    f"The host key of {self.name} has changed: {known.key.fingerprint} is known, "
                    f"and the host shows {key.fingerprint}",
                    remote=remote,
                    hint="Somebody may be answering in its place. If its administrator confirms "
                    f"the new key, remove line {known.place.line} of {known.place.path}.",
                    facts=self._facts(key, known),
                )

    def _authority_hint(self) -> str:
        places = self.authorities()
        if not places:
            return ""
        return f" ({places[0]} names a certificate authority; these are not supported.)"

    def _facts(self, key: HostKey, known: KnownKey | None) -> HostKeyFacts:
        return HostKeyFacts(
            host=self.name,
            key_type=key.key_type,
            fingerprint=key.fingerprint,
            known=known.key.fingerprint if known else "",
            known_hosts=known.place.path if known else None,
            line=known.place.line if known else 0,
        )

    @staticmethod
    def _is(known: KnownKey, key: HostKey) -> bool:
        return not known.marker and known.key == key


def known_name(host: str, port: int) -> str:
    """How known_hosts names a host: `host`, or `[host]:port` for another port than 22."""
    return host if port == DEFAULT_PORT else f"[{host}]:{port}"


def host_key_of(transport: paramiko.Transport) -> HostKey:
    """The key that the host of a negotiated connection showed."""
    key = transport.get_remote_server_key()
    return HostKey(key.get_name(), key.asbytes())


def negotiate_known_types(transport: paramiko.Transport, known: KnownHosts) -> None:
    """Let types of keys that are known for the host be negotiated before others.

    Else a host with a known RSA key would show its unknown Ed25519 one.
    """
    security = transport.get_security_options()
    offered = list(security.key_types)
    first = [kind for kind in known.key_types() if kind in offered]
    security.key_types = [*first, *(kind for kind in offered if kind not in first)]


class _KnownLine(Struct, frozen=True):
    names: str
    known: KnownKey

    def is_about(self, name: str) -> bool:
        """Whether the line's names or patterns fit `name`."""
        if self.names.startswith("|1|"):
            return _is_hash_of(self.names, name)
        is_met = False
        for pattern in self.names.lower().split(","):
            plain = pattern.removeprefix("!").replace("[", "[[]")
            if fnmatch.fnmatchcase(name.lower(), plain):
                if pattern.startswith("!"):
                    return False
                is_met = True
        return is_met


def _read_lines(path: Path) -> Iterator[_KnownLine]:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES)
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as e:
        raise RemoteConfigError(
            f"Cannot read {path}: {(e.strerror or str(e)).lower()}", path=path
        ) from e
    for number, raw in enumerate(data.decode("utf-8", "surrogateescape").split("\n"), 1):
        line = _parsed(raw.split(), Place(path, number))
        if line is not None:
            yield line


def _parsed(words: Sequence[str], place: Place) -> _KnownLine | None:
    """A line of known_hosts; None for comments and what is not understood."""
    marker = words[0] if words and words[0].startswith("@") else ""
    rest = words[1:] if marker else words
    if len(rest) < 3 or rest[0].startswith("#") or marker not in ("", REVOKED, AUTHORITY):
        return None
    names, key_type, encoded = rest[:3]
    try:
        data = base64.b64decode(encoded.encode("ascii"), validate=True)
    except (ValueError, binascii.Error):
        return None
    return _KnownLine(names, KnownKey(marker, HostKey(key_type, data), place))


def _hashed(name: str) -> str:
    salt = os.urandom(_SALT_BYTES)
    digest = hmac.new(salt, name.lower().encode(), hashlib.sha1).digest()
    return "|1|" + "|".join(base64.b64encode(part).decode("ascii") for part in (salt, digest))


def _is_hash_of(hashed: str, name: str) -> bool:
    parts = hashed.split("|")
    if len(parts) != 4:
        return False
    try:
        salt, digest = (base64.b64decode(part.encode("ascii")) for part in parts[2:])
    except (ValueError, binascii.Error):
        return False
    return hmac.compare_digest(
        hmac.new(salt, name.lower().encode("utf-8", "replace"), hashlib.sha1).digest(), digest
    )


def _append(path: Path, line: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(handle, "rb+", buffering=0) as file:
        size = os.fstat(handle).st_size
        file.seek(max(0, size - 1))
        # A last line without its end would swallow ours.
        is_open = size > 0 and file.read(1) != b"\n"
        file.write(b"\n" + line if is_open else line)
