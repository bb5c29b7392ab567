"""Ordinary runs of an archive written by this process and a helper beside each other.

A run is written below the area of the import (core.archives.incoming), verified before the first of
its files is made, and put in place by whoever asked, as any other run. Killed: a helper notices
after the run that it is writing, and holds the lock of the area until then, so that nobody cleans
up under its hands. What a helper does not answer is written again by the general way.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Sequence
from functools import partial
from typing import IO

from core.archives.quick_write import IS_ABLE, masked_bits, write_run
from core.archives.side_process import Helper, Ids, answer_all, may_fork, portions, share_out
from core.archives.source import RunSource
from core.errors import ArchiveError, RunNotFound

WORTH_FORK = 24
"""So many runs take longer to write than a helper takes until it is at work."""

SMALL_BYTES = 1 << 20
"""A run of more is not small."""

_RUNS = 8
_DRESS = (0o755, 0)


def iter_written(
    source: RunSource, ids: Sequence[str], directory: str
) -> Generator[tuple[Ids, list[str]], None, None]:
    """Runs that were dealt with together, and those of them that are written.

    Args:
        source: Where they are; nobody else uses it meanwhile.
        ids: Their ids.
        directory: Where their directories are made; locked by this process.
    """
    if not IS_ABLE:
        yield ids, []
        return
    write = partial(_write_some, source, directory, masked_bits())
    helper = None
    if len(ids) >= WORTH_FORK and may_fork():
        helper = partial(Helper, partial(_serve, write, os.getpid()))
    yield from share_out(portions(ids, _RUNS), helper, list[str], write)


def _write_some(source: RunSource, directory: str, masked: int, ids: Ids) -> list[str]:
    return [run_id for run_id in ids if _write(source, directory, masked, run_id)]


def _write(source: RunSource, directory: str, masked: int, run_id: str) -> bool:
    """Write a run; False, and nothing of it is there, where the general way is to be taken."""
    try:
        ordinary = source.ordinary(run_id)
        items = None if ordinary is None else ordinary.unpack()
    except (ArchiveError, RunNotFound, OSError):
        return False  # told by whoever reads it again
    if items is None:
        return False
    place = f"{directory}/{run_id}"
    try:
        write_run(place, items, _DRESS, masked)
    except (OSError, OverflowError):
        shutil.rmtree(place, ignore_errors=True)
        return False
    return True


def _serve(write: partial[list[str]], asker: int, asking: IO[bytes], answering: IO[bytes]) -> None:
    def work(ids: Ids) -> list[str]:
        written: list[str] = []
        for run_id in ids:
            if os.getppid() != asker:
                os._exit(1)  # killed: nobody wants the rest
            written += write([run_id])
        return written

    answer_all(asking, answering, work)
