"""Replacing a small file of a server whole or not at all."""

from __future__ import annotations

import uuid

from core.archives.entries import ArchiveEntry
from core.runs.attr_file import TEMPORARY
from core.runs.files import shown
from remote.connection import Check
from remote.errors import RemoteRefused
from remote.files import Store
from remote.remote_home import RemoteHome
from remote.springs import BytesSpring


def write_small(there: RemoteHome, path: str, data: bytes | None, check: Check) -> None:
    """Replace a small file of a server by one rename; None removes it.

    A crash before the rename leaves a hidden file beside it, which the next change of the run
    removes (core.runs.attr_file); after it the change is done.

    Raises:
        RemoteError: The server refuses.
    """
    if data is None:
        there.files.remove(path)
        return
    directory, _, name = path.rpartition("/")
    there.files.make_dirs([directory], check)
    old = there.files.look(path)
    temporary = f"{directory}/{TEMPORARY}{uuid.uuid4().hex[:8]}"
    spring = BytesSpring(data)
    mode = old.mode if old and old.kind == "file" else 0o644
    if old is not None and old.kind != "file":
        raise RemoteRefused(
            f"{there.name} has no file at {shown(path)}: it stays as it is.", remote=there.name
        )
    there.files.store(
        [Store(temporary, ArchiveEntry(name, "file", len(data), mode), spring)], check
    )
    if spring.problem:
        there.files.remove(temporary)
        raise RemoteRefused(
            f"{there.name} does not write {shown(path)}: {spring.problem}.", remote=there.name
        )
    there.files.replace(temporary, path)
