"""What interrupted transfers between two homes keep on either side: how much it is, and its end.

The next transfer goes on with it, and two weeks later it goes by itself. Who wants the room sooner,
or never goes on with it, erases it. No run is lost by that: runs that were on their way are whole
where they come from, and an exchange that was interrupted is finished before.

Killed while it erases: what is erased is gone, the rest is kept as before, and each piece or run in
the making is still as good as it was, or begins anew.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager

from msgspec import Struct

from core.check import Check
from core.home import Home
from core.runs.disk_size import disk_size
from core.runs.erase import erase
from remote.files import Tree
from remote.local_shelf import LocalShelf, key_of, opened_shelf, own_key
from remote.manifest import trees_there
from remote.remote_home import RemoteHome
from remote.remote_shelf import (
    KEPT_PARTS,
    area_of,
    drop_if_empty,
    forget_kept,
    recover_there,
)


class KeptPieces(Struct, frozen=True):
    """What transfers between a home here and one on a server keep.

    Attributes:
        here: Bytes on this computer.
        there: Bytes on the server.
    """

    here: int = 0
    there: int = 0

    def __bool__(self) -> bool:
        return bool(self.here or self.there)


def kept_pieces(home: Home, there: RemoteHome, check: Check) -> KeptPieces:
    """How much is kept.

    Raises:
        TransferBusy: It is being used.
        RemoteError: The server cannot be asked.
    """
    with _held(home, there, check) as shelf:
        return _measured(home, there, shelf, check)


def discard_pieces(home: Home, there: RemoteHome, check: Check) -> KeptPieces:
    """Erase it on both sides; how much it was.

    Raises:
        TransferBusy: It is being used.
        RemoteError: The server cannot be asked.
        OSError: Something here cannot be erased.
    """
    with _held(home, there, check) as shelf:
        found = _measured(home, there, shelf, check)
        area = area_of(there, own_key(home))
        forget_kept(there, area, check, older_than=math.inf)
        drop_if_empty(there, area)
        for path in shelf.kept() if shelf is not None else ():
            check()
            erase(path)
    return found


@contextmanager
def _held(home: Home, there: RemoteHome, check: Check) -> Iterator[LocalShelf | None]:
    """Both areas, used by nobody else, and what was interrupted in them finished."""
    if not home.runs_dir.is_dir():
        yield None
        return
    with opened_shelf(home, key_of(there.name, there.path)) as shelf:
        recover_there(there, own_key(home), check)
        yield shelf


def _measured(home: Home, there: RemoteHome, shelf: LocalShelf | None, check: Check) -> KeptPieces:
    here = sum(_size(path) for path in shelf.kept()) if shelf is not None else 0
    found = trees_there(there, area_of(there, own_key(home)), KEPT_PARTS, check)
    return KeptPieces(here, sum(_bytes(tree) for tree in found.values()))


def _size(path: str) -> int:
    return disk_size(path).bytes if os.path.isdir(path) else os.lstat(path).st_size


def _bytes(tree: Tree) -> int:
    return sum(entry.size for entry in tree.entries if entry.kind == "file")
