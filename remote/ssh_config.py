"""What the user's OpenSSH configuration says about a host.

The rules are OpenSSH's: the first value that applies is taken, except for IdentityFile and
CertificateFile, whose values add up; the user's file goes before the system's; `Match final` makes
a second pass over both. The command of `Match exec` runs only where the person allowed it. Criteria
of later OpenSSH versions that are not known here (`tagged`, `localnetwork`) never match, and that
is noted.
"""

from __future__ import annotations

import fnmatch
import re
import subprocess
from collections.abc import Callable, Iterator

from remote.host_options import (
    DEFAULT_PORT,
    HostOptions,
    OptionReader,
    Values,
    config_error,
    expanded,
    tokens_of,
)
from remote.local_user import LocalUser
from remote.ssh_config_lines import Line, Place, read_ssh_config

Allow = Callable[[str, Place], bool]

MATCH_SECONDS = 30.0
_WITHOUT_VALUE = frozenset({"all", "canonical", "final"})
_CRITERIA = _WITHOUT_VALUE | {"host", "originalhost", "user", "localuser", "exec"}


class SshConfig:
    """The configuration files, as read once.

    Args:
        local: Whose they are.

    Raises:
        RemoteConfigError: A file cannot be read, or a line not be understood.
    """

    def __init__(self, local: LocalUser) -> None:
        self._local = local
        self._files = (
            read_ssh_config(local.ssh_configs[0], local.ssh_folder),
            read_ssh_config(local.ssh_configs[1], local.system),
        )

    def hosts(self) -> tuple[str, ...]:
        """Names that Host sections of the user's file give to hosts, without patterns."""
        found: dict[str, None] = {}
        for line in _walk(self._files[0]):
            if line.keyword == "host":
                found |= dict.fromkeys(w for w in line.arguments if not set(w) & set("*?!"))
        return tuple(found)

    def resolve(
        self,
        name: str,
        allow: Allow,
        *,
        user: str | None = None,
        port: int | None = None,
    ) -> HostOptions:
        """How to connect to `name`.

        Args:
            name: A host, or an alias of the configuration.
            allow: Whether a command of `Match exec` may run.
            user: Goes before what the files say, as `ssh -l` does.
            port: The same, as `ssh -p` does.

        Raises:
            RemoteConfigError: A value that matters is not understood, or not safe.
        """
        given = Values()
        if user is not None:
            given.first("user", (user,), None)
        if port is not None:
            given.first("port", (str(port),), None)
        return _Resolution(self._local, self._files, name, allow).options(given)


def _walk(lines: tuple[Line, ...]) -> Iterator[Line]:
    for line in lines:
        yield line
        for included in line.included:
            yield from _walk(included)


class _Resolution:
    """One look at the files for one host."""

    def __init__(
        self, local: LocalUser, files: tuple[tuple[Line, ...], ...], name: str, allow: Allow
    ) -> None:
        self._local = local
        self._files = files
        self._name = name
        self._host = name
        self._allow = allow
        self._values = Values()
        self._is_final = False
        self._wants_final = False
        self._notes: dict[str, None] = {}

    def options(self, values: Values) -> HostOptions:
        self._values = values
        self._pass()
        host = self._host_name().lower()
        if self._wants_final or values.text("canonicalizehostname", "no").lower() != "no":
            self._is_final = True
            self._host = host
            values.found["hostname"] = ((host,), None)
            self._pass()
            host = self._host_name().lower()
        return OptionReader(self._local, values, self._name, host).options(tuple(self._notes))

    def _pass(self) -> None:
        for lines in self._files:
            self._apply(lines, active=True)

    def _apply(self, lines: tuple[Line, ...], *, active: bool, never: bool = False) -> None:
        for line in lines:
            if line.keyword == "host":
                active = not never and self._is_host(line)
            elif line.keyword == "match":
                active = not never and self._is_match(line)
            elif line.keyword == "include":
                for included in line.included:
                    self._apply(included, active=active, never=never or not active)
            elif active:
                self._take(line)

    def _take(self, line: Line) -> None:
        if line.keyword == "identityfile":
            self._values.identity_files.setdefault(line.arguments[0], line.place)
        elif line.keyword == "certificatefile":
            self._values.certificate_files.setdefault(line.arguments[0], line.place)
        elif line.keyword == "proxyjump" and line.arguments[0].lower() == "none":
            self._values.first("nojump", line.arguments, line.place)
        elif line.keyword == "proxyjump" and "nojump" in self._values.found:
            return
        elif line.keyword in ("proxyjump", "proxycommand"):
            # Whichever comes first counts, and the other no more; no jump is no choice.
            self._values.first("proxy", (line.keyword, *line.arguments), line.place)
        else:
            self._values.first(line.keyword, line.arguments, line.place)

    def _is_host(self, line: Line) -> bool:
        is_met = False
        for pattern in line.arguments:
            if pattern.startswith("!"):
                if _fits(self._host, pattern[1:]):
                    return False
            else:
                is_met = is_met or _fits(self._host, pattern)
        return is_met

    def _is_match(self, line: Line) -> bool:
        is_met = True
        for name, value, is_negated in _criteria(line):
            if name not in _CRITERIA:
                self._notes[f"{line.place}: “{name}” is not known to Rundesk; passed over."] = None
                return False
            if name == "final":
                self._wants_final = True
            if is_met or name in ("final", "canonical"):
                is_met = (self._meets(name, value, line.place) != is_negated) and is_met
        return is_met

    def _meets(self, name: str, value: str, place: Place) -> bool:
        if name == "exec":
            return self._runs(expanded(value, self._tokens(), place), place)
        if name == "host":
            return _fits_list(self._host_name(), value, fold=True)
        if name == "originalhost":
            return _fits_list(self._name, value, fold=True)
        if name == "user":
            return _fits_list(self._values.text("user", self._local.name), value)
        if name == "localuser":
            return _fits_list(self._local.name, value)
        return name == "all" or self._is_final

    def _runs(self, command: str, place: Place) -> bool:
        if not self._allow(command, place):
            return False
        shell = self._local.environ.get("SHELL") or "/bin/sh"
        try:
            done = subprocess.run(
                [shell, "-c", command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=MATCH_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as e:
            self._notes[f"{place}: the command could not be run ({e})."] = None
            return False
        return done.returncode == 0

    def _host_name(self) -> str:
        pattern = self._values.text("hostname", self._host)
        tokens = {"h": self._host}
        return expanded(pattern, tokens, self._values.place("hostname"))

    def _tokens(self) -> dict[str, str]:
        user = self._values.text("user", self._local.name)
        port = self._values.text("port", str(DEFAULT_PORT))
        return tokens_of(
            self._local,
            self._values,
            name=self._name,
            host=self._host_name(),
            user=user,
            port=port,
        )


def _criteria(line: Line) -> Iterator[tuple[str, str, bool]]:
    """Name, value and whether it is negated, of each criterion of a Match line."""
    words = iter(re.split(r"=", line.arguments[0], maxsplit=1) + list(line.arguments[1:]))
    for word in words:
        name, is_negated = word.removeprefix("!").lower(), word.startswith("!")
        value = "" if name in _WITHOUT_VALUE else next(words, None)
        if value is None:
            raise config_error(line.place, f"“{name}” needs a value")
        yield name, value, is_negated


def _fits(text: str, pattern: str) -> bool:
    return fnmatch.fnmatchcase(text, _only_wildcards(pattern))


def _only_wildcards(pattern: str) -> str:
    return pattern.replace("[", "[[]")  # OpenSSH knows "*" and "?" alone


def _fits_list(text: str, patterns: str, *, fold: bool = False) -> bool:
    is_met = False
    for pattern in patterns.split(","):
        plain = pattern.removeprefix("!")
        subject, plain = (text.lower(), plain.lower()) if fold else (text, plain)
        if fnmatch.fnmatchcase(subject, _only_wildcards(plain)):
            if pattern.startswith("!"):
                return False
            is_met = True
    return is_met
