"""Parts of an archive: some ordinary small runs at a time, read and compressed beside each other.

A part can stand anywhere in its archive: the entries of a zip with a list that counts from the
first of them, a stream of its own of a tar. So parts are made on every core, by this process and
by helpers, and only written one after the other. Which is ready first is written first.

A helper (core.archives.side_process) reads runs and answers; it writes no file.
"""

from __future__ import annotations

import hashlib
import os
import struct
import sys
import zlib
from collections.abc import Generator, Sequence
from functools import partial
from pathlib import Path
from stat import S_IFLNK
from typing import IO, Any, NamedTuple

from core.archives.quick_run import QuickRun, quick_run
from core.archives.quick_tar import KINDS, tar_entries
from core.archives.quick_zip import ZipPart
from core.archives.side_process import Helper, answer_all, may_fork, portions, share_out
from core.archives.squeeze import LEVEL
from core.archives.tar_packer import GZIP_HEAD, ZSTD_LEVEL

WORTH_FORK, WORTH_START = 48, 192
"""So many runs take longer to pack than a helper takes until it is at work."""

_RUNS = 16


class PackedRun(NamedTuple):
    """A run that is in a part.

    Attributes:
        id: Its id.
        record: SHA-256 of the record of checksums that goes with it.
        bytes: What its files hold.
        row: The values of its row (core.index.row); None where that was not asked for.
    """

    id: str
    record: str
    bytes: int
    row: tuple[Any, ...] | None = None


Taken = Generator[tuple[Sequence[str], Sequence[PackedRun]], None, None]
"""Runs that were dealt with together, and those of them that are where they are to be."""


class Part(NamedTuple):
    """A piece of an archive.

    Attributes:
        packed: Whole entries, compressed.
        directory: Of a zip: the list of them, in which offsets count from the first entry on.
        places: Where in the list each of those offsets is.
        runs: What is in it.
        size: Of a tar: bytes before they were compressed.
    """

    packed: bytes
    directory: bytes
    places: Sequence[int]
    runs: Sequence[PackedRun]
    size: int = 0


def pack_part(runs_dir: str, ids: Sequence[str], suffix: str, *, with_rows: bool = False) -> Part:
    """Pack runs; those that are not ordinary (core.archives.quick_run) are not in the part.

    Args:
        runs_dir: Where they are.
        ids: Their ids.
        suffix: Of the archive: ".zip", ".tar.gz" or ".tar.zst".
        with_rows: Whether rows are made for an index (core.archives.row_index).
    """
    packed, runs, in_zip = list[bytes](), list[PackedRun](), ZipPart()
    is_zip = suffix == ".zip"
    for run_id in ids:
        is_usual = run_id.isascii() and run_id.isalnum()
        run = quick_run(f"{runs_dir}/{run_id}", with_links=not is_zip) if is_usual else None
        if run is None or (is_zip and not in_zip.add(run_id, run)):
            continue
        if not is_zip:
            packed += tar_entries(run_id, run)
        row = _row_of(run_id, run) if with_rows else None
        runs.append(PackedRun(run_id, hashlib.sha256(run.record).hexdigest(), run.bytes, row))
    if is_zip:
        listed = b"".join(in_zip.directory)
        return Part(b"".join(in_zip.packed), listed, in_zip.places, runs)
    data = b"".join(packed)
    return Part(_stream(data, suffix) if runs else b"", b"", (), runs, len(data))


def iter_parts(
    runs_dir: Path, ids: Sequence[str], suffix: str, *, with_rows: bool = False
) -> Generator[tuple[Sequence[str], Part], None, None]:
    """Runs that were asked for together, and the part with those of them that are ordinary.

    Args:
        runs_dir: Where they are.
        ids: Their ids.
        suffix: Of the archive.
        with_rows: Whether rows are made for an index.
    """
    top = os.fspath(runs_dir)
    pack = partial(pack_part, top, suffix=suffix, with_rows=with_rows)
    arguments = (top, suffix, "rows" if with_rows else "")
    helper = None
    if len(ids) >= (WORTH_FORK if may_fork() else WORTH_START):
        helper = partial(Helper, partial(serve, arguments=arguments), __name__, arguments)
    return share_out(portions(ids, _RUNS), helper, _part_of, pack)


def serve(
    asking: IO[bytes] | None = None,
    answering: IO[bytes] | None = None,
    arguments: Sequence[str] = (),
) -> None:
    """What a helper does: ids in, parts out, until its input ends."""
    runs_dir, suffix, rows = arguments or sys.argv[1:]

    def work(ids: Sequence[str]) -> Any:
        part = pack_part(runs_dir, ids, suffix, with_rows=bool(rows))
        runs = [tuple(run) for run in part.runs]
        return part.packed, part.directory, list(part.places), runs, part.size

    answer_all(asking or sys.stdin.buffer, answering or sys.stdout.buffer, work)


def _part_of(found: Any) -> Part:
    packed, directory, places, runs, size = found
    return Part(packed, directory, places, [PackedRun(*run) for run in runs], size)


def _row_of(run_id: str, run: QuickRun) -> tuple[Any, ...] | None:
    from core.archives.written_row import Written, written_row

    written = [Written(path, KINDS[kind], data) for path, kind, _, _, data in run.items]
    links = [(path, os.fsdecode(data)) for path, kind, _, _, data in run.items if kind == S_IFLNK]
    row = written_row(run_id, written, links)
    return None if row is None else tuple(row)


def _stream(data: bytes, suffix: str) -> bytes:
    """Data as a whole compressed stream."""
    if suffix == ".tar.gz":
        deflated = zlib.compress(data, LEVEL, -zlib.MAX_WBITS)
        ending = struct.pack("<2L", zlib.crc32(data), len(data) & 0xFFFF_FFFF)
        return b"%b%b%b" % (GZIP_HEAD, deflated, ending)
    import zstandard

    return zstandard.ZstdCompressor(level=ZSTD_LEVEL, write_checksum=True).compress(data)
