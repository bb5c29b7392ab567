"""Making sure that exported runs can be read from where they went, before a move removes them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from core.archives.checksums import NAME as RECORD
from core.archives.checksums import differing, parse_record
from core.archives.source import RunSource, open_source
from core.errors import ArchiveError
from core.runs.guild_files import reason
from core.runs.tree_copy import flush

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
        for run_id, digests, record in _runs(source, list(records), check):
            yield run_id, _problem(digests, record, left.pop(run_id))
    except (ArchiveError, OSError) as e:
        why = reason(e) if isinstance(e, OSError) else str(e).removesuffix(".")
    finally:
        source.close()
    yield from ((run_id, why) for run_id in left)


def _runs(
    source: RunSource, ids: list[str], check: Callable[[], None]
) -> Iterator[tuple[str, dict[str, str], bytes]]:
    """Each run with the checksums of its files and its record; one pass through a tar."""
    known = set(source.ids())
    now, digests, record = "", dict[str, str](), b""
    for run_id in (wanted := [run_id for run_id in ids if run_id in known]):
        source.entries(run_id)
    for run_id, entry, file in source.files(wanted, check):
        if run_id != now:
            if now:
                yield now, digests, record
            now, digests, record = run_id, {}, b""
        if entry.name == RECORD:
            record = file.read()
        else:
            digests[entry.name] = digest_of(file, check)
    if now:
        yield now, digests, record


def _problem(digests: dict[str, str], record: bytes, wanted: str) -> str:
    if hashlib.sha256(record).hexdigest() != wanted:
        return "its checksums cannot be read back"
    return next(iter(differing(parse_record(record), digests)), "")


def digest_of(file: BinaryIO, check: Callable[[], None]) -> str:
    """SHA-256 of the rest of a file."""
    digest = hashlib.sha256()
    while piece := file.read(_PIECE):
        check()
        digest.update(piece)
    return digest.hexdigest()
