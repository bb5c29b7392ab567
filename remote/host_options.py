"""How to connect to a host, in values, and how they are read from OpenSSH's words.

Values that end up in a command or a protocol are checked where they are read: a host or user that
could be taken for an option, or for a piece of shell, is refused with file and line.
"""

from __future__ import annotations

import hashlib
import os
import re
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from msgspec import Struct

from remote.errors import RemoteConfigError
from remote.host_text import shown
from remote.local_user import LocalUser
from remote.ssh_config_lines import Place

Strictness = Literal["ask", "yes", "no", "accept-new"]

DEFAULT_PORT = 22
_DEFAULT_KEYS = ("id_rsa", "id_ecdsa", "id_ed25519")
_HOST = re.compile(r"(?!-)[^\s'\"`$\\;&<>|(){}\x00-\x1f\x7f]{1,255}")
_USER = re.compile(
    r"(?!-)(?!.*\s-)[^'\"`;&<>|(){}\x00-\x1f\x7f]{0,254}[^'\"`;&<>|(){}\x00-\x1f\x7f\\]"
)
_LONGEST_SHOWN = 60
_JUMP = re.compile(
    r"(?:ssh://)?(?:(?P<user>.+)@)?(?P<host>\[[^]]+\]|[^:\[\]]+)(?::(?P<port>\d{1,5}))?/?"
)


class Jump(Struct, frozen=True):
    """A host to go through.

    Attributes:
        host: As the configuration knows it, often an alias.
        user: None for what the configuration says.
        port: None for what the configuration says.
    """

    host: str
    user: str | None = None
    port: int | None = None


class ProxyCommand(Struct, frozen=True):
    """A command that makes the connection; it talks through its stdin and stdout.

    Attributes:
        command: For the shell, with host, port and user put in.
        place: Who says so.
    """

    command: str
    place: Place


class HostOptions(Struct, frozen=True):
    """How to connect to a host.

    Attributes:
        name: The host as it was asked for.
        host: The name or address to connect to.
        port: TCP port.
        user: Who logs in.
        identity_files: Private keys to try; those named come before the usual ones.
        has_identities: Whether any was named.
        certificate_files: Certificates of keys, beside those that lie next to theirs.
        identities_only: Whether the agent's other keys are left out.
        identity_agent: The agent's socket; None for no agent.
        jumps: Hosts to go through, the nearest first.
        proxy_command: None for a plain connection.
        user_known_hosts: Files with host keys; new ones are added to the first.
        global_known_hosts: Further files, never written.
        hash_known_hosts: Whether names of hosts are hashed when they are added.
        host_key_alias: The name to look up host keys by; None for host and port.
        strictness: What becomes of unknown host keys.
        connect_timeout: Seconds; None where nothing is said.
        alive_interval: Seconds between signs of life; 0 where nothing is said.
        alive_count: How many may stay unanswered.
        notes: What was not understood and passed over, one sentence each.
    """

    name: str
    host: str
    port: int
    user: str
    identity_files: tuple[Path, ...]
    has_identities: bool
    certificate_files: tuple[Path, ...]
    identities_only: bool
    identity_agent: Path | None
    jumps: tuple[Jump, ...]
    proxy_command: ProxyCommand | None
    user_known_hosts: tuple[Path, ...]
    global_known_hosts: tuple[Path, ...]
    hash_known_hosts: bool
    host_key_alias: str | None
    strictness: Strictness
    connect_timeout: float | None
    alive_interval: int
    alive_count: int
    notes: tuple[str, ...] = ()

    @property
    def login(self) -> str:
        """`user@host`, for people."""
        return f"{self.user}@{self.host}"


class Values:
    """Values as written: the first of each keyword, all of IdentityFile and CertificateFile.

    Attributes:
        found: Keyword to its arguments and where they stand; None for what was not in a file.
        identity_files: Each with the place that names it, in their order.
        certificate_files: The same.
    """

    def __init__(self) -> None:
        self.found: dict[str, tuple[tuple[str, ...], Place | None]] = {}
        self.identity_files: dict[str, Place] = {}
        self.certificate_files: dict[str, Place] = {}

    def first(self, keyword: str, values: tuple[str, ...], place: Place | None) -> None:
        """Keep the arguments of a keyword, unless it was there before."""
        self.found.setdefault(keyword, (values, place))

    def text(self, keyword: str, default: str = "") -> str:
        """The first argument of a keyword."""
        found = self.found.get(keyword)
        return found[0][0] if found else default

    def place(self, keyword: str) -> Place | None:
        """Where a keyword stands; None where it does not, or was not in a file."""
        found = self.found.get(keyword)
        return found[1] if found else None


class OptionReader:
    """Turns the values that were found into options.

    Args:
        local: Who connects.
        values: What applies to the host.
        name: The host as it was asked for.
        host: The name or address to connect to.

    Raises:
        RemoteConfigError: A value that matters is not understood, or not safe.
    """

    def __init__(self, local: LocalUser, values: Values, name: str, host: str) -> None:
        self._local = local
        self._values = values
        self._name = name
        self._host = self._safe(host, _HOST, "host", "hostname")
        self._user = self._safe(values.text("user", local.name), _USER, "user", "user")
        self._port = self._number("port", DEFAULT_PORT, 1, 65535)
        self._tokens = tokens_of(
            local, values, name=name, host=self._host, user=self._user, port=str(self._port)
        )

    def options(self, notes: tuple[str, ...]) -> HostOptions:
        """All options of the host; see the class for what is raised."""
        values = self._values
        timeout = values.text("connecttimeout", "none").lower()
        return HostOptions(
            name=self._name,
            host=self._host,
            port=self._port,
            user=self._user,
            identity_files=self._identity_files(),
            has_identities=bool(values.identity_files),
            certificate_files=self._named_files(values.certificate_files),
            identities_only=self._flag("identitiesonly"),
            identity_agent=self._agent(),
            jumps=self._jumps(),
            proxy_command=self._proxy_command(),
            user_known_hosts=self._paths(
                "userknownhostsfile", ("~/.ssh/known_hosts", "~/.ssh/known_hosts2")
            ),
            global_known_hosts=self._paths(
                "globalknownhostsfile",
                tuple(str(self._local.system / f"ssh_known_hosts{n}") for n in ("", "2")),
            ),
            hash_known_hosts=self._flag("hashknownhosts"),
            host_key_alias=values.text("hostkeyalias") or None,
            strictness=self._strictness(),
            connect_timeout=None if timeout == "none" else self._seconds("connecttimeout", timeout),
            alive_interval=int(self._seconds("serveraliveinterval", "0")),
            alive_count=self._number("serveralivecountmax", 3, 0, 1_000_000),
            notes=notes,
        )

    def _identity_files(self) -> tuple[Path, ...]:
        if not self._values.identity_files:
            return tuple(self._local.ssh_folder / name for name in _DEFAULT_KEYS)
        return self._named_files(self._values.identity_files)

    def _named_files(self, named: Mapping[str, Place]) -> tuple[Path, ...]:
        return tuple(
            self._path(text, place) for text, place in named.items() if text.lower() != "none"
        )

    def _agent(self) -> Path | None:
        text = self._values.text("identityagent", "SSH_AUTH_SOCK")
        if text.lower() == "none":
            return None
        if text == "SSH_AUTH_SOCK" or (text.startswith("$") and not text.startswith("${")):
            socket_path = self._local.environ.get(text.removeprefix("$"))
            return Path(socket_path) if socket_path else None
        return self._path(text, self._values.place("identityagent"))

    def _jumps(self) -> tuple[Jump, ...]:
        words, place = self._values.found.get("proxy", (("",), None))
        if words[0] != "proxyjump":
            return ()
        text = expanded(words[1], self._tokens, place)
        return tuple(self._jump(item.strip(), place) for item in text.split(","))

    def _jump(self, text: str, place: Place | None) -> Jump:
        match = _JUMP.fullmatch(text)
        if match is None:
            raise config_error(place, f"“{text}” is no host to jump through")
        host = match["host"].strip("[]")
        _check_safe(host, _HOST, "host", place)
        if match["user"]:
            _check_safe(match["user"], _USER, "user", place)
        return Jump(host, match["user"], int(match["port"]) if match["port"] else None)

    def _proxy_command(self) -> ProxyCommand | None:
        words, place = self._values.found.get("proxy", (("",), None))
        if words[0] != "proxycommand" or words[1].lower() == "none" or place is None:
            return None
        return ProxyCommand(expanded(words[1], self._tokens, place), place)

    def _paths(self, keyword: str, default: tuple[str, ...]) -> tuple[Path, ...]:
        words, place = self._values.found.get(keyword, (default, None))
        if [word.lower() for word in words] == ["none"]:
            return ()
        return tuple(self._path(word, place) for word in words)

    def _path(self, text: str, place: Place | None) -> Path:
        def of_environ(match: re.Match[str]) -> str:
            value = self._local.environ.get(match[1])
            if value is None:
                raise config_error(place, f"the variable {match[1]} is not set")
            return value

        path = re.sub(r"\$\{(\w+)\}", of_environ, text)
        return self._local.expand(expanded(path, self._tokens, place))

    def _strictness(self) -> Strictness:
        text = self._values.text("stricthostkeychecking", "ask").lower()
        known: dict[str, Strictness] = {
            **dict.fromkeys(("yes", "true"), "yes"),
            **dict.fromkeys(("no", "false", "off"), "no"),
            "ask": "ask",
            "accept-new": "accept-new",
        }
        if text not in known:
            raise self._not_understood("stricthostkeychecking")
        return known[text]

    def _flag(self, keyword: str) -> bool:
        text = self._values.text(keyword, "no").lower()
        if text not in ("yes", "true", "no", "false"):
            raise self._not_understood(keyword)
        return text in ("yes", "true")

    def _number(self, keyword: str, default: int, least: int, most: int) -> int:
        text = self._values.text(keyword, str(default))
        if not (text.isascii() and text.isdigit() and least <= int(text[:9]) <= most):
            raise self._not_understood(keyword)
        return int(text)

    def _seconds(self, keyword: str, default: str) -> float:
        """A time: a number of seconds, or numbers with units as in `1h30m`."""
        text = self._values.text(keyword, default).lower()
        parts = re.findall(r"(\d{1,9})([smhdw]?)", text)
        if not parts or "".join(map("".join, parts)) != text:
            raise self._not_understood(keyword)
        units = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
        return float(sum(int(number) * units[unit] for number, unit in parts))

    def _safe(self, text: str, pattern: re.Pattern[str], what: str, keyword: str) -> str:
        _check_safe(text, pattern, what, self._values.place(keyword))
        return text

    def _not_understood(self, keyword: str) -> RemoteConfigError:
        words, place = self._values.found[keyword]
        return config_error(place, f"“{words[0]}” is not understood for {keyword}")


def check_host(text: str, source: str) -> None:
    """Refuse a host that could be taken for an option or a piece of shell.

    Args:
        text: The host.
        source: Who names it, for the error.

    Raises:
        RemoteConfigError: It is not safe.
    """
    if not _HOST.fullmatch(text):
        raise RemoteConfigError(f"{source}: “{_brief(text)}” cannot be the name of a host")


def check_user(text: str, source: str) -> None:
    """The same for the name of a user."""
    if not _USER.fullmatch(text):
        raise RemoteConfigError(f"{source}: “{_brief(text)}” cannot be the name of a user")


def _brief(text: str) -> str:
    """A value for an error: on one line, and not longer than that."""
    line = " ".join(shown(text).split())
    return line if len(line) <= _LONGEST_SHOWN else f"{line[:_LONGEST_SHOWN]}…"


def _check_safe(text: str, pattern: re.Pattern[str], what: str, place: Place | None) -> None:
    if not text or not pattern.fullmatch(text):
        raise config_error(place, f"“{_brief(text)}” cannot be the name of a {what}")


def config_error(place: Place | None, problem: str) -> RemoteConfigError:
    """The error about a value, with the place where it stands."""
    if place is None:
        return RemoteConfigError(f"Cannot connect: {problem}")
    return RemoteConfigError(f"{place}: {problem}", path=place.path)


def tokens_of(
    local: LocalUser, values: Values, *, name: str, host: str, user: str, port: str
) -> dict[str, str]:
    """What the %-tokens of OpenSSH stand for, by letter.

    `%C` is the name that people give to files of one connection; it is made as OpenSSH makes it
    since 9.6. Before that a jump was no part of it.
    """
    machine, jump = socket.gethostname(), _last_jump(values)
    whole = "".join((machine, host, port, user, jump))
    return {
        "C": hashlib.sha1(
            whole.encode("utf-8", "surrogateescape"), usedforsecurity=False
        ).hexdigest(),
        "h": host,
        "n": name,
        "p": port,
        "r": user,
        "u": local.name,
        "d": str(local.home),
        "i": str(os.getuid()) if hasattr(os, "getuid") else "",
        "j": jump,
        "k": values.text("hostkeyalias", name),
        "l": machine,
        "L": machine.partition(".")[0],
    }


def _last_jump(values: Values) -> str:
    """The host right before the target as ProxyJump names it; empty for none."""
    words, _ = values.found.get("proxy", (("",), None))
    if words[0] != "proxyjump":
        return ""
    match = _JUMP.fullmatch(words[1].rpartition(",")[2].strip())
    return match["host"].strip("[]") if match else ""


def expanded(text: str, tokens: Mapping[str, str], place: Place | None) -> str:
    """`text` with each %-token replaced.

    Raises:
        RemoteConfigError: A token is unknown, or means nothing there.
    """

    def value_of(match: re.Match[str]) -> str:
        letter = match[1]
        if letter == "%":
            return "%"
        if letter not in tokens:
            raise config_error(place, f"“%{letter}” cannot be used there")
        return tokens[letter]

    return re.sub(r"%(.?)", value_of, text)
