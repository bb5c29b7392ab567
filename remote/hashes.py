"""SHA-256 of files, computed where they are."""

from __future__ import annotations

import hashlib
import os
import shlex
from collections.abc import Mapping, Sequence

from core.runs.guild_files import open_file
from remote.connection import Check
from remote.errors import UnsafeAnswer
from remote.files import Fetch
from remote.remote_home import RemoteHome
from remote.sftp_wire import encode

_PIECE = 1 << 20
_AT_ONCE = 5000
"""Files of one question: names and answers fit into what a channel holds without being read."""

_HEX = frozenset("0123456789abcdef")
_COMMAND = (
    "cd -- {directory} && xargs -0 -n 128 sh -c '"
    'while [ $# -gt 1 ]; do h=$(head -c "$1" < "$2" | sha256sum); echo "${{h%% *}}"; shift 2; done'
    "' sh"
)


def hash_here(path: str, size: int | None, check: Check) -> str:
    """The checksum of a file of this computer, or of its beginning; empty if it cannot be read."""
    digest = hashlib.sha256()
    left = size
    try:
        descriptor = open_file(path)
    except OSError:
        return ""
    try:
        while left is None or left:
            data = os.read(descriptor, _PIECE if left is None else min(_PIECE, left))
            if not data:
                break
            digest.update(data)
            left = None if left is None else left - len(data)
            check()
    finally:
        os.close(descriptor)
    return digest.hexdigest()


def hashes_there(
    home: RemoteHome, directory: str, sizes: Mapping[str, int], check: Check
) -> dict[str, str]:
    """Checksums of files on a server, of as many bytes of each as is said.

    Where the server cannot compute them, the files are read.

    Args:
        home: The server.
        directory: Where the names begin.
        sizes: Name below the directory to the number of bytes.
        check: Called often; raises to stop.

    Raises:
        UnsafeAnswer: The server answers something else.
    """
    if not sizes:
        return {}
    if home.capabilities.can_hash and "head" in home.capabilities.programs:
        found: dict[str, str] = {}
        items = list(sizes.items())
        for start in range(0, len(items), _AT_ONCE):
            found.update(_computed(home, directory, items[start : start + _AT_ONCE], check))
        return found
    sinks = {name: _HashSink(check) for name in sizes}
    home.files.fetch(
        [Fetch(f"{directory}/{name}", size, sinks[name]) for name, size in sizes.items()], check
    )
    return {name: sink.hexdigest for name, sink in sinks.items()}


def _computed(
    home: RemoteHome, directory: str, items: Sequence[tuple[str, int]], check: Check
) -> dict[str, str]:
    given = b"".join(b"%d\0%b\0" % (size, encode(f"./{name}")) for name, size in items)
    command = _COMMAND.format(directory=shlex.quote(directory))
    done = home.connection.run(command, given=given, check=check)
    return parse_hashes(done.output, [name for name, _ in items])


def parse_hashes(output: bytes, names: Sequence[str]) -> dict[str, str]:
    """Understand the checksums that a server printed, one a line.

    Raises:
        UnsafeAnswer: They are none, or of another number.
    """
    lines = output.decode("ascii", "replace").split()
    if len(lines) != len(names) or any(len(w) != 64 or not set(w) <= _HEX for w in lines):
        raise UnsafeAnswer("The server does not answer with checksums.")
    return dict(zip(names, lines, strict=True))


class _HashSink:
    """Hashes what is read."""

    def __init__(self, check: Check) -> None:
        self.hexdigest = ""
        self._digest = hashlib.sha256()
        self._check = check

    def take(self, data: bytes) -> None:
        """The next bytes."""
        self._digest.update(data)
        self._check()

    def end(self, problem: str) -> None:
        """All came, or why not."""
        self.hexdigest = "" if problem else self._digest.hexdigest()

    def close(self) -> None:
        """Nothing is open."""
