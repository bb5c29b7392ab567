"""SHA-256 of files, computed where they are.

Why OpenSSL is asked for large files where it is there: it uses what processors have for it, and is
four times as fast as sha256sum. For small files its start costs more than that saves.

Why a file that is to be copied there is hashed at the same time: both read it, and neither waits.
"""

from __future__ import annotations

import hashlib
import os
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from core.check import Check
from core.runs.guild_files import open_file
from remote.errors import UnsafeAnswer
from remote.files import Fetch
from remote.remote_home import RemoteHome
from remote.sftp_wire import encode

_PIECE = 1 << 20
_AT_ONCE = 5000
"""Files of one question: names and answers fit into what a channel holds without being read."""

_HEX = frozenset("0123456789abcdef")
_LARGE = 1 << 20
_HASH = (
    "cd -- {directory} && xargs -0 -n 128 sh -c '"
    'while [ $# -gt 1 ]; do h=$(head -c "$1" < "$2" | {hash}); {say}; shift 2; done'
    "' sh"
)
_COPY = (
    "cd -- {directory} && umask 077 && xargs -0 -n 128 sh -c '"
    "while [ $# -gt 1 ]; do"
    ' {{ cp --reflink=auto -- "$1" "$2" || cp -- "$1" "$2"; }} 2>/dev/null &'
    ' h=$({hash} < "$1"); wait; {say}; shift 2; done'
    "' sh"
)
_USUAL = ("sha256sum", 'echo "${h%% *}"')
_FASTER = ("openssl dgst -sha256", 'echo "${h##* }"')


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
    with hashing_there(home, directory, sizes, check) as answer:
        return answer()


@contextmanager
def hashing_there(
    home: RemoteHome, directory: str, sizes: Mapping[str, int], check: Check
) -> Iterator[Callable[[], dict[str, str]]]:
    """The same, begun: the server computes while something else is done; the call waits for it."""
    items = list(sizes.items())
    if not items:
        yield dict
    elif not (home.capabilities.can_hash and "head" in home.capabilities.programs):
        yield lambda: _read_and_hashed(home, directory, sizes, check)
    else:
        first, rest = items[:_AT_ONCE], items[_AT_ONCE:]
        with _computing(home, directory, first, check) as answer:
            yield lambda: answer() | hashes_there(home, directory, dict(rest), check)


def hashes_of_both(
    home: RemoteHome,
    directory: str,
    sizes: Mapping[str, int],
    own: Callable[[str], str],
    check: Check,
) -> tuple[dict[str, str], dict[str, str]]:
    """Checksums here and there, computed at the same time.

    Args:
        home: The server.
        directory: Where the names begin there.
        sizes: Name below the directory to the number of bytes.
        own: The checksum of the same file here, by its name.
        check: Called often; raises to stop.

    Raises:
        UnsafeAnswer: The server answers something else.
    """
    with hashing_there(home, directory, sizes, check) as answer:
        here = {name: own(name) for name in sizes}
        return here, answer()


def can_copy(home: RemoteHome) -> bool:
    """Whether a server copies files and tells their checksums."""
    return home.capabilities.can_hash and "cp" in home.capabilities.programs


@contextmanager
def copying_there(
    home: RemoteHome, directory: str, copies: Mapping[str, tuple[int, str]], check: Check
) -> Iterator[Callable[[], dict[str, str]]]:
    """Copy files on a server, begun; the call waits, and tells checksums of what was copied.

    Whether all of it was written is to be looked at: a disk may be full.

    Args:
        home: The server; it can (`can_copy`).
        directory: Where the names begin.
        copies: Name below the directory to the number of its bytes, and to the path of the copy.
        check: Called often; raises to stop.

    Raises:
        UnsafeAnswer: The server answers something else.
    """
    given = b"".join(
        b"%b\0%b\0" % (encode(f"./{name}"), encode(new)) for name, (_, new) in copies.items()
    )
    command = _command(home, _COPY, directory, [size for size, _ in copies.values()])
    with home.connection.running(command, given=given, check=check, is_slow=True) as running:
        yield lambda: parse_hashes(running.result(check=check).output, list(copies))


def _read_and_hashed(
    home: RemoteHome, directory: str, sizes: Mapping[str, int], check: Check
) -> dict[str, str]:
    sinks = {name: _HashSink(check) for name in sizes}
    home.files.fetch(
        [Fetch(f"{directory}/{name}", size, sinks[name]) for name, size in sizes.items()], check
    )
    return {name: sink.hexdigest for name, sink in sinks.items()}


@contextmanager
def _computing(
    home: RemoteHome, directory: str, items: Sequence[tuple[str, int]], check: Check
) -> Iterator[Callable[[], dict[str, str]]]:
    given = b"".join(b"%d\0%b\0" % (size, encode(f"./{name}")) for name, size in items)
    command = _command(home, _HASH, directory, [size for _, size in items])
    names = [name for name, _ in items]
    with home.connection.running(command, given=given, check=check, is_slow=True) as running:
        yield lambda: parse_hashes(running.result(check=check).output, names)


def _command(home: RemoteHome, form: str, directory: str, sizes: Sequence[int]) -> str:
    are_large = sum(sizes) > _LARGE * len(sizes)
    is_faster = are_large and "openssl" in home.capabilities.programs
    program, say = _FASTER if is_faster else _USUAL
    return form.format(directory=shlex.quote(directory), hash=program, say=say)


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
