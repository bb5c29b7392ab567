"""Making sure that exported runs can be read from where they went, before a move removes them."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from core.archives.checksums import NAME as RECORD
from core.archives.source import RunSource, open_source
from core.archives.verification import Verification, verification_of
from core.errors import ArchiveError
from core.runs.guild_files import reason
from core.runs.tree_copy import flush

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_PIECE = 1 << 20


def read_back(
    path: Path, records: Mapping[str, str], check: Callable[[], None]
) -> Iterator[tuple[str, str]]:
    """Each run with a clause on why it cannot be read back; empty when it can.

    Args:
        path: The directory or archive.
        records: Id to the SHA-256 of the record that was written with the run.
        check: Called often; raises to stop.
    """
    try:
        if path.is_dir():
            flush(os.fspath(path))
        source = open_source(path, check=check)
    except (ArchiveError, OSError) as e:
        said = reason(e) if isinstance(e, OSError) else str(e).removesuffix(".")
        yield from ((run_id, said) for run_id in records)
        return
    left = dict(records)
    why = "it is not there"
    try:
        for run_id, verification, digest in _runs(source, list(records), check):
            yield run_id, _problem(verification, digest, left.pop(run_id))
    except (ArchiveError, OSError) as e:
        why = reason(e) if isinstance(e, OSError) else str(e).removesuffix(".")
    finally:
        source.close()
    yield from ((run_id, why) for run_id in left)


def _runs(
    source: RunSource, ids: list[str], check: Callable[[], None]
) -> Iterator[tuple[str, Verification, str]]:
    """Each run, what is known of it, and the SHA-256 of its record; one pass through a tar."""
    known = set(source.ids())
    now, digest, verification = "", "", verification_of(())
    for run_id in (wanted := [run_id for run_id in ids if run_id in known]):
        source.entries(run_id, check)
    for run_id, entry, file in source.files(wanted, check):
        if run_id != now:
            if now:
                yield now, verification, digest
            now, digest = run_id, ""
            verification = verification_of(source.entries(run_id, check))
        if entry.name == RECORD:
            hashed = _Hashed(file)
            verification.take(cast("BinaryIO", io.BufferedReader(hashed)))
            digest = hashed.digest.hexdigest()
        else:
            verification.note(entry.name, digest_of(file, check))
    if now:
        yield now, verification, digest


class _Hashed(io.RawIOBase):
    """A file that is read through while its checksum is taken."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self.digest = hashlib.sha256()
        self._file = file

    def readable(self) -> bool:
        """It can only be read."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fill the buffer as far as there is something."""
        target = memoryview(buffer).cast("B")
        data = self._file.read(len(target))
        target[: len(data)] = data
        self.digest.update(data)
        return len(data)


def _problem(verification: Verification, digest: str, wanted: str) -> str:
    if digest != wanted:
        return "its checksums cannot be read back"
    return verification.problem()


def digest_of(file: BinaryIO, check: Callable[[], None]) -> str:
    """SHA-256 of the rest of a file."""
    digest = hashlib.sha256()
    while piece := file.read(_PIECE):
        check()
        digest.update(piece)
    return digest.hexdigest()
