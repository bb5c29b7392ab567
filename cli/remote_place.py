"""The server that a command is about: found by its name, connected, and left again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec import Struct

from cli.parsing import AnyFunction, Request
from cli.questions import until_interrupted
from cli.terminal_ask import person
from core.check import Check
from core.directories import Directories
from core.errors import Error
from remote.config import RemoteList, find_config
from remote.connection import Connection
from remote.local_user import LocalUser
from remote.memory import TransferMemory
from remote.remote import Remote
from remote.remote_home import RemoteHome, open_remote_home, trash_of
from remote.session import Session

if TYPE_CHECKING:
    from remote.remote_source import RemoteSource


class Place(Struct, frozen=True):
    """A remote of the configuration.

    Attributes:
        remote: What the configuration says.
        session: Connects to it.
    """

    remote: Remote
    session: Session

    def connect(self, check: Check) -> Connection:
        """The connection, made where there is none."""
        return self.session.connection(check)

    @contextmanager
    def home(self, check: Check) -> Iterator[RemoteHome]:
        """Its Guild home.

        Raises:
            RemoteError: It cannot be reached.
        """
        there = open_remote_home(self.connect(check), self.remote.guild_home, check=check)
        try:
            yield there
        finally:
            there.close()


@contextmanager
def open_place(name: str) -> Iterator[Place]:
    """The remote of a name; its connection is closed at the end.

    Raises:
        RemoteNotFound: There is none of that name.
        RemoteUnsupported: It is of another kind.
    """
    local = LocalUser.current()
    remote = RemoteList(find_config(local, Path.cwd())).find(name)
    remote.require_supported()
    session = Session(remote, person(accepted_keys()), local=local)
    try:
        yield Place(remote, session)
    finally:
        session.close()


@contextmanager
def open_remote_runs(name: str, *, deleted: bool) -> Iterator[RemoteSource]:
    """The runs of a remote, or those in its trash.

    Raises:
        RemoteError: It cannot be reached.
    """
    from remote.remote_source import RemoteSource  # a transfer lists nothing

    with open_place(name) as place, until_interrupted() as advance:
        home = open_remote_home(
            place.connect(lambda: advance(0)), place.remote.guild_home, check=lambda: advance(0)
        )
        source = RemoteSource(trash_of(home) if deleted else home, lambda: advance(0))
        try:
            yield source
        finally:
            source.close()


def transfer_memory() -> TransferMemory:
    """What is remembered of transfers."""
    return TransferMemory(Directories.of_user().state)


def accept_option(function: AnyFunction) -> AnyFunction:
    """Add `--accept-host-key`, which `accepted_keys` then knows."""
    return click.option(
        "--accept-host-key",
        multiple=True,
        metavar="SHA256:…",
        expose_value=False,
        callback=_keep_accepted,
        help="Take a host key of that fingerprint for known, and remember it.",
    )(function)


def accepted_keys() -> tuple[str, ...]:
    """Fingerprints of host keys that the command line accepts."""
    request = click.get_current_context().find_object(Request)
    return request.accepted_keys if request is not None else ()


def complete_remote(
    _ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[click.shell_completion.CompletionItem]:
    """Names of remotes."""
    try:
        known = RemoteList(find_config(LocalUser.current(), Path.cwd())).all()
    except Error:
        return []
    names = (remote.name for remote in known)
    return [click.shell_completion.CompletionItem(n) for n in names if n.startswith(incomplete)]


def _keep_accepted(ctx: click.Context, _option: click.Parameter, value: tuple[str, ...]) -> None:
    request = ctx.find_object(Request)
    if request is not None:
        request.accepted_keys = value
