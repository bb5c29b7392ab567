"""A remote as its form knows it: texts by Guild's keys, what each means, and what is wrong.

Why texts: what is typed is shown again as it is, with the sentence on what is wrong beside it;
whoever saves it makes numbers and lists of them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Literal

from msgspec import Struct, field

SSH = "ssh"
_NAME = re.compile(r"[^\s:/\\]+\Z")
_HOST = re.compile(r"[^\s@/]+\Z")


class KeySpec(Struct, frozen=True):
    """One of Guild's keys for a remote of the type ssh.

    Attributes:
        key: As in `config.yml`.
        title: Before its field, with a mnemonic where it is one of the common ones.
        hint: What stands in the empty field: what counts then.
        tip: What it is for.
        kind: How it is entered.
        is_common: Whether it is shown without asking for more.
    """

    key: str
    title: str
    hint: str = ""
    tip: str = ""
    kind: Literal["text", "number", "file", "lines", "switch"] = "text"
    is_common: bool = False


KEYS: tuple[KeySpec, ...] = (
    KeySpec("host", "&Host", "name, address, or a Host of ~/.ssh/config", "", is_common=True),
    KeySpec("user", "&User", "as ~/.ssh/config says, or your name here", is_common=True),
    KeySpec("port", "&Port", "as ~/.ssh/config says, or 22", "", "number", is_common=True),
    KeySpec(
        "private-key",
        "Private &key",
        "as ~/.ssh/config says, the agent's, or the usual ones",
        "A key that is chosen here is the only one that is offered",
        "file",
        is_common=True,
    ),
    KeySpec(
        "guild-home",
        "&Guild home",
        ".guild in the login directory",
        "Where the runs are on that host",
        is_common=True,
    ),
    KeySpec("description", "&Description", is_common=True),
    KeySpec("connect-timeout", "Connect timeout", "as ~/.ssh/config says", "Seconds", "number"),
    KeySpec(
        "proxy",
        "Proxy command",
        "as ~/.ssh/config says",
        "A command here that makes the connection, as ProxyCommand of OpenSSH",
    ),
    KeySpec("venv-path", "Virtual environment", "", "Guild there runs in it; its .guild is used"),
    KeySpec("conda-env", "Conda environment", "", "Guild there runs in it; its .guild is used"),
    KeySpec("venv-activate", "Activate command", "", "How Guild activates the environment there"),
    KeySpec("init", "Set-up command", "", "What Guild does once to set the host up", "lines"),
    KeySpec(
        "use-prerelease",
        "Prereleases",
        "Guild may install prereleases of packages there",
        "",
        "switch",
    ),
)


class RemoteDraft(Struct, frozen=True):
    """What the form holds.

    Attributes:
        name: What the user calls the remote.
        type: Guild's type of remotes.
        values: Texts by Guild's keys; keys without a text are left out.
        old_name: Its name before; empty for one that is being added.
    """

    name: str
    type: str = SSH
    values: Mapping[str, str] = field(default_factory=dict)
    old_name: str = ""


class HostOffer(Struct, frozen=True):
    """A host of `~/.ssh/config` that can become a remote.

    Attributes:
        alias: Its name there.
        address: What it says of it: "me@gpu1.lab:2222".
    """

    alias: str
    address: str = ""


def problems_of(draft: RemoteDraft, taken: Collection[str]) -> dict[str, str]:
    """One sentence for each field that cannot stay as it is, by key; "name" is the name's.

    Args:
        draft: What was typed.
        taken: Names of the other remotes.
    """
    values = draft.values
    found = {
        "name": _name_problem(draft.name, taken),
        "host": _host_problem(values.get("host", "")),
    }
    if (port := values.get("port")) and not _is_number(port, 65_535):
        found["port"] = "A port is a number from 1 to 65535."
    if (seconds := values.get("connect-timeout")) and not _is_number(seconds, 3_600):
        found["connect-timeout"] = "A number of seconds, from 1 to 3600."
    if (user := values.get("user")) and (user.startswith("-") or not _HOST.match(user)):
        found["user"] = "This cannot be the name of a user."
    return {key: sentence for key, sentence in found.items() if sentence}


def _name_problem(name: str, taken: Collection[str]) -> str:
    if not name:
        return "Give the remote a name."
    if not _NAME.match(name) or name.startswith("-"):
        return "A name has no spaces, colons or slashes, and begins with no dash."
    return f"There is a remote “{name}” already." if name in taken else ""


def _host_problem(host: str) -> str:
    if not host:
        return "Name the host."
    if "@" in host:
        return "The user has a field of its own."
    is_host = _HOST.match(host) and not host.startswith("-")
    return "" if is_host else "This cannot be the name of a host."


def _is_number(text: str, most: int) -> bool:
    return text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= most
