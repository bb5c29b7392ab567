"""paramiko, loaded without what a third of its start goes into.

It loads `invoke` for the commands of `Match exec` in its reader of OpenSSH's configuration, and
does without where that is not installed. Ours is another reader (remote/ssh_config.py), so that
nothing here ever needs it. Whoever wants paramiko takes it from here.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def _without(name: str) -> Iterator[None]:
    """Let a module count as not installed meanwhile, unless somebody has loaded it already."""
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment]  # documented: an import of it then fails
    try:
        yield
    finally:
        del sys.modules[name]


with _without("invoke"):
    import paramiko as paramiko
    from paramiko.agent import AgentKey as AgentKey
    from paramiko.agent import AgentSSH as AgentSSH
    from paramiko.auth_handler import AuthHandler as AuthHandler
    from paramiko.packet import Packetizer as Packetizer
    from paramiko.pkey import PublicBlob as PublicBlob
