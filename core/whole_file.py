"""Writing a file that the user names: whole, or not at all.

What is written lies beside its place under a hidden name that ends in `.part`, is forced to the
disk, and then renamed. After a crash, a full disk or an interruption there is the old file or the
new one, and at worst the hidden one besides. A new file may be read by whom the user lets read new
files (the umask); one that was there keeps its permissions, and a link stays one: what it leads to
is written. What is no file, such as `/dev/null` or a pipe that a shell made, is written to and
never replaced. Compare `core.own_file`, whose files are the user's alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from core.errors import Error
from core.runs.aside import random_suffix

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_THROUGH = os.O_WRONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)


def write_whole(path: Path, pieces: Iterable[str | bytes]) -> None:
    """Write a file, a piece after the other.

    Args:
        path: Its name.
        pieces: Texts, written as UTF-8 with halves of characters escaped, or bytes.

    Raises:
        Error: It cannot be written; a file that was there is as it was.
    """
    try:
        if path.exists() and not path.is_file():
            _write_through(path, pieces)
        else:
            _replace(Path(os.path.realpath(path)), pieces)
    except OSError as e:
        raise Error(
            f"Cannot write {path}: {e.strerror or e}.",
            hint="Choose a directory you may write to, with enough free space.",
        ) from e


def _replace(path: Path, pieces: Iterable[str | bytes]) -> None:
    part = path.parent / f".rundesk-{random_suffix()}.part"
    try:
        with os.fdopen(os.open(part, _NEW, 0o666), "wb") as file:
            for piece in pieces:
                file.write(_bytes_of(piece))
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            part.chmod(path.stat().st_mode & 0o777)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _write_through(path: Path, pieces: Iterable[str | bytes]) -> None:
    descriptor = os.open(path, _THROUGH)  # a pipe that nobody reads is an error, and no wait
    with os.fdopen(descriptor, "wb") as file:
        if hasattr(os, "set_blocking"):
            os.set_blocking(descriptor, True)
        for piece in pieces:
            file.write(_bytes_of(piece))


def _bytes_of(piece: str | bytes) -> bytes:
    return piece if isinstance(piece, bytes) else piece.encode("utf-8", "backslashreplace")
