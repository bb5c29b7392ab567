"""`rundesk remotes` and `rundesk remote`: places with runs of their own.

They live in Guild's configuration, so that Guild's `push` and `pull` know the same names.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click

from cli.parsing import AnyFunction, DeskCommand, Request, SubGroup, json_option
from cli.questions import require_yes, until_interrupted, yes_option
from cli.remote_place import accept_option, accepted_keys, complete_remote, open_place
from cli.screen import aligned, note, printable, write_json, write_line
from cli.terminal_ask import person
from core.errors import Error
from core.text import format_bytes
from remote.config import RemoteList, find_config
from remote.errors import RemoteConfigError
from remote.kept_pieces import discard_pieces, kept_pieces
from remote.local_user import LocalUser
from remote.remote import KEYS, Remote
from remote.ssh_config import SshConfig
from remote.trial import try_remote

_HOST = re.compile(r"(?:(?P<user>[^@]+)@)?(?P<host>\[[^]]+\]|[^:\[\]]+)(?::(?P<port>\d+))?")
_SWITCHES = frozenset({"use-prerelease"})
_NUMBERS = frozenset({"port", "connect-timeout"})


def _remotes() -> RemoteList:
    return RemoteList(find_config(LocalUser.current(), Path.cwd()))


def _complete_alias(
    _ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[click.shell_completion.CompletionItem]:
    """Hosts of ~/.ssh/config."""
    try:
        hosts = SshConfig(LocalUser.current()).hosts()
    except Error:
        return []
    return [click.shell_completion.CompletionItem(h) for h in hosts if h.startswith(incomplete)]


def key_options(function: AnyFunction) -> AnyFunction:
    """Add an option for each key of a remote, passed on by the key's name with `_` for `-`."""
    for key, meaning in reversed(list(KEYS.items())):
        kind: Any = int if key in _NUMBERS else bool if key in _SWITCHES else str
        metavar = {int: "N", bool: "BOOL"}.get(kind, "TEXT")
        function = click.option(
            f"--{key}", type=kind, metavar=metavar, help=f"{meaning[0].upper()}{meaning[1:]}."
        )(function)
    return function


name_argument = click.argument("name", metavar="NAME", shell_complete=complete_remote)


@click.command(cls=DeskCommand, needs_home=False)
@json_option
def remotes(*, as_json: bool) -> None:
    """List the remotes of Guild's configuration."""
    found = _remotes()
    known = found.all()
    if as_json:
        write_json([_facts(remote) for remote in known])
        return
    if not known:
        note(f"There are no remotes in {found.path}. Add one with “rundesk remote add”.")
    rows = [[printable(cell) for cell in _row(remote)] for remote in known]
    for row in aligned(rows):
        write_line("  ".join(row).rstrip())


@click.group(cls=SubGroup, short_help="Add, change, test and remove remotes.")
def remote() -> None:
    """Add, change, test and remove remotes; erase what transfers keep."""


@remote.command(cls=DeskCommand, needs_home=False)
@click.argument("name", metavar="NAME", shell_complete=_complete_alias)
@click.argument("place", metavar="[[USER@]HOST[:PORT]]", required=False)
@key_options
def add(*, name: str, place: str | None, **values: Any) -> None:
    """Add a remote that is reached by SSH.

    Without HOST, NAME is the host: a section of ~/.ssh/config, or a name of the network. What
    ~/.ssh/config says about it (user, port, keys, jumps) applies and need not be repeated.
    """
    named = {key.replace("_", "-"): value for key, value in values.items() if value is not None}
    at = _parsed(place if place is not None else str(named.get("host", name)))
    known = _remotes()
    added = known.add(name, {**at, **named, "host": at["host"]})
    note(f"Added {added.name} ({_place(added)}) to {known.path}.")


@remote.command(cls=DeskCommand, needs_home=False)
@name_argument
@key_options
@click.option("--unset", multiple=True, metavar="KEY", help="Take a key out.")
def edit(*, name: str, unset: tuple[str, ...], **values: Any) -> None:
    """Change a remote; keys that are not named stay as they are."""
    changes = {key.replace("_", "-"): value for key, value in values.items() if value is not None}
    changes |= dict.fromkeys(unset)
    if not changes:
        raise click.UsageError("Nothing to change: name a key, e.g. --host, or --unset KEY.")
    edited = _remotes().edit(name, changes)
    note(f"Changed {edited.name} ({_place(edited)}).")


@remote.command(cls=DeskCommand, needs_home=False)
@name_argument
@yes_option
def remove(*, name: str, yes: bool) -> None:
    """Take a remote out of the configuration; its runs stay where they are."""
    known = _remotes()
    found = known.find(name)
    if not yes:
        require_yes(f"Remove the remote {name} from {found.path}?", default=False)
    known.remove(name)
    note(f"Removed {name}.")


@remote.command(cls=DeskCommand, needs_home=False)
@name_argument
@accept_option
@json_option
def test(*, name: str, as_json: bool) -> None:
    """Connect to a remote, and show every step."""
    lines: list[str] = []

    def say(line: str) -> None:
        lines.append(line)
        if not as_json:
            write_line(printable(line))

    found = _remotes().find(name)
    try:
        findings = try_remote(found, person(accepted_keys()), lambda: None, say)
    except Error as e:
        if as_json:
            write_json({"name": name, "ok": False, "log": lines, "error": str(e), "hint": e.hint})
        raise
    if as_json:
        write_json(
            {
                "name": name,
                "ok": True,
                "log": lines,
                "server": findings.server,
                "can": findings.can,
                "guild_home": findings.home,
                "runs": findings.runs,
            }
        )


@remote.command(cls=DeskCommand)
@name_argument
@accept_option
@yes_option
@click.pass_obj
def discard(request: Request, /, *, name: str, yes: bool) -> None:
    """Erase what interrupted transfers with a remote keep, here and there.

    The next transfer would go on with it; without it that one begins anew. No run is lost.
    """
    with open_place(name) as place, until_interrupted() as advance:

        def check() -> None:
            advance(0)

        with place.home(check) as there:
            found = kept_pieces(request.home, there, check)
            if not found:
                note(f"Interrupted transfers with {name} keep nothing.")
                return
            sizes = f"{format_bytes(found.here)} here and {format_bytes(found.there)} on {name}"
            if not yes:
                note(f"Interrupted transfers keep {sizes}.")
                require_yes("Erase that?", default=False)
            discard_pieces(request.home, there, check)
    note(f"Erased {sizes}.")


def _parsed(text: str) -> dict[str, Any]:
    """User, host and port of `[USER@]HOST[:PORT]`."""
    match = _HOST.fullmatch(text)
    if match is None:
        raise click.UsageError(f"“{text}” is not understood: give [USER@]HOST[:PORT].")
    port = int(match["port"]) if match["port"] else None
    named = {"host": match["host"].strip("[]"), "user": match["user"], "port": port}
    return {key: value for key, value in named.items() if value is not None}


def _facts(remote: Remote) -> dict[str, Any]:
    """A remote in JSON; what is not understood is told as `problem`."""
    facts: dict[str, Any] = {
        "name": remote.name,
        "type": remote.type,
        "supported": remote.is_supported,
        "problem": None,
    }
    try:
        facts |= {
            "description": remote.description,
            "host": remote.host if remote.is_supported else None,
            "user": remote.user,
            "port": remote.port,
            "guild_home": remote.guild_home if remote.is_supported else None,
        }
    except RemoteConfigError as e:
        facts["problem"] = str(e)
    return facts


def _row(remote: Remote) -> list[str]:
    if not remote.is_supported:
        return [remote.name, remote.type or "?", "not supported", ""]
    try:
        return [remote.name, remote.type, _place(remote), remote.description]
    except RemoteConfigError as e:
        return [remote.name, remote.type, f"not usable: {e}", ""]


def _place(remote: Remote) -> str:
    """`[USER@]HOST[:PORT]`, and the home there where it is not the usual one."""
    host = f"[{remote.host}]" if ":" in remote.host and remote.port else remote.host
    place = f"{remote.user}@{host}" if remote.user else host
    place += f":{remote.port}" if remote.port else ""
    return place if remote.guild_home == ".guild" else f"{place} {remote.guild_home}"
