"""Writing a file that the user names: whole, or not at all.

What is written lies beside its place under a hidden name that ends in `.part`, is forced to the
disk, and then renamed. After a crash, a full disk or an interruption there is the old file or the
new one, and at worst the hidden one besides. A new file may be read by whom the user lets read new
files (the umask); one that was there keeps its permissions. Compare `core.own_file`, whose files
are the user's alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from core.errors import Error


def write_whole(path: Path, pieces: Iterable[str | bytes]) -> None:
    """Write a file, a piece after the other.

    Args:
        path: Its name.
        pieces: Texts, written as UTF-8 with halves of characters escaped, or bytes.

    Raises:
        Error: It cannot be written; a file that was there is as it was.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        try:
            with part.open("wb") as file:
                for piece in pieces:
                    file.write(_bytes_of(piece))
                file.flush()
                os.fsync(file.fileno())
            if path.exists():
                part.chmod(path.stat().st_mode & 0o777)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as e:
        raise Error(
            f"Cannot write {path}: {e.strerror or e}.",
            hint="Choose a directory you may write to, with enough free space.",
        ) from e


def _bytes_of(piece: str | bytes) -> bytes:
    return piece if isinstance(piece, bytes) else piece.encode("utf-8", "backslashreplace")
