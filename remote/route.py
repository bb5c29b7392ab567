"""The way to a host: its options, and those of every host that is gone through.

What the remote says goes before the OpenSSH configuration. A jump host has a section of its own
there, and may be reached by jumps of its own, as with `ssh -J`.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from core.check import Check
from remote.errors import AnswerNeeded, RemoteConfigError
from remote.host_options import HostOptions, ProxyCommand
from remote.local_user import LocalUser
from remote.prompts import Ask, CommandQuestion, SharedAnswers
from remote.remote import DEFAULT_CONNECT_SECONDS, Remote
from remote.ssh_config import SshConfig
from remote.ssh_config_lines import Place

MOST_HOPS = 10


class Route(Struct, frozen=True):
    """How to reach a remote.

    Attributes:
        hops: Hosts in the order of the way; the last one is the remote's. Only the first may have
            a proxy command.
        timeout: Seconds to wait for each.
    """

    hops: tuple[HostOptions, ...]
    timeout: float

    @property
    def target(self) -> HostOptions:
        """The remote's own host."""
        return self.hops[-1]


class RoutePlanner:
    """Finds the way to a remote.

    Args:
        remote: Where to.
        local: From where.
        ask: Asked before a command of a configuration runs.
        answers: Remembers which were allowed.
        check: Handed on to `ask`.
    """

    def __init__(
        self, remote: Remote, local: LocalUser, ask: Ask, answers: SharedAnswers, check: Check
    ) -> None:
        self._remote = remote
        self._local = local
        self._ask = ask
        self._answers = answers
        self._check = check
        self._config = SshConfig(local)

    def route(self) -> Route:
        """The way.

        Raises:
            RemoteUnsupported: The remote is of another type than `ssh`.
            RemoteConfigError: The remote or a configuration file says something that cannot be.
        """
        remote = self._remote
        remote.require_supported()
        options = self._resolve(remote.host, remote.user, remote.port)
        if remote.private_key is not None:
            usual = options.identity_files
            if not options.has_identities:  # nobody named these: only those that are there count
                usual = tuple(path for path in usual if path.exists())
            files = (remote.private_key, *usual)
            options = replace(options, identity_files=files, has_identities=True)
        if remote.proxy is not None:
            options = replace(options, jumps=(), proxy_command=self._own_proxy(remote.proxy))
        timeout = remote.connect_timeout or options.connect_timeout or DEFAULT_CONNECT_SECONDS
        return Route(tuple(self._hops(options, 0)), timeout)

    def _hops(self, options: HostOptions, depth: int) -> list[HostOptions]:
        if depth > MOST_HOPS or len(options.jumps) > MOST_HOPS:
            raise RemoteConfigError(
                f"Cannot connect to {self._remote.name}: its jump hosts lead in a circle",
                remote=self._remote.name,
                hint="Look at ProxyJump in ~/.ssh/config.",
            )
        hops: list[HostOptions] = []
        for jump in options.jumps:
            hop = self._resolve(jump.host, jump.user, jump.port)
            # Only the first has a way of its own; the others are reached through the one before.
            hops += self._hops(hop, depth + 1) if not hops else [_plain(hop)]
        return [*hops, options]

    def _resolve(self, host: str, user: str | None, port: int | None) -> HostOptions:
        return self._config.resolve(host, self._allow, user=user, port=port)

    def _own_proxy(self, command: str) -> ProxyCommand:
        """The command that the remote itself names.

        One from a file that merely lay in the current directory is asked about first: whoever made
        that directory may be somebody else.
        """
        place = Place(self._remote.path, 1)
        is_own = self._remote.path == self._local.home / ".guild" / "config.yml"
        is_own = is_own or bool(self._local.environ.get("GUILD_CONFIG"))
        if is_own or self._allow(command, place, "proxy"):
            return ProxyCommand(command, place)
        raise AnswerNeeded(
            f"Cannot connect to {self._remote.name}: its command was not allowed to run",
            remote=self._remote.name,
        )

    def _allow(
        self, command: str, place: Place, purpose: Literal["match", "proxy"] = "match"
    ) -> bool:
        question = CommandQuestion(self._remote.name, command, place.path, place.line, purpose)

        def ask() -> str:
            return "yes" if self._ask.allow_command(question, self._check) else "no"

        return self._answers.get(question, ask, self._check) == "yes"


def _plain(options: HostOptions) -> HostOptions:
    return replace(options, jumps=(), proxy_command=None)
