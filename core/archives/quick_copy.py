"""Ordinary small runs copied into a directory by this process and a helper beside each other.

Each is written where nobody takes it for a run, and put in place by whoever asked. A helper that
lost its asker stops after the run that it is writing; it holds the lock of the directory until
then. What it does not answer is copied by the general way.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Generator, Sequence
from functools import partial
from pathlib import Path
from typing import IO, Any

from core.archives.parts import PackedRun
from core.archives.quick_run import quick_run
from core.archives.quick_write import IS_ABLE, masked_bits, write_run
from core.archives.side_process import Helper, Ids, answer_all, may_fork, portions, share_out

WORTH_FORK = 24
"""So many runs take longer to copy than a helper takes until it is at work."""

_RUNS = 8


def iter_copied(
    runs_dir: Path, ids: Sequence[str], place: str
) -> Generator[tuple[Ids, list[PackedRun]], None, None]:
    """Runs that were dealt with together, and those of them that are copied.

    Args:
        runs_dir: Where they are.
        ids: Their ids.
        place: A directory, locked by this process, that gets a directory of the name of each.
    """
    if not IS_ABLE:
        yield ids, []
        return
    copy = partial(_copy_some, os.fspath(runs_dir), place, masked_bits())
    helper = None
    if len(ids) >= WORTH_FORK and may_fork():
        helper = partial(Helper, partial(_serve, copy, os.getpid()))
    yield from share_out(portions(ids, _RUNS), helper, _understood, copy)


def _copy_some(runs_dir: str, place: str, masked: int, ids: Ids) -> list[PackedRun]:
    copied = (_copy(runs_dir, place, masked, run_id) for run_id in ids)
    return [run for run in copied if run is not None]


def _copy(runs_dir: str, place: str, masked: int, run_id: str) -> PackedRun | None:
    """Copy a run; None, and nothing of it is there, where the general way is to be taken."""
    is_usual = run_id.isascii() and run_id.isalnum()
    run = quick_run(f"{runs_dir}/{run_id}", with_links=True) if is_usual else None
    if run is None:
        return None
    target = f"{place}/{run_id}"
    try:
        write_run(target, run.items, (run.mode, run.mtime_ns), masked)
    except (OSError, OverflowError):
        from shutil import rmtree  # 2 ms that nearly all exports do without

        rmtree(target, ignore_errors=True)
        return None
    return PackedRun(run_id, hashlib.sha256(run.record).hexdigest(), run.bytes)


def _understood(answer: Any) -> list[PackedRun]:
    return [PackedRun(*run) for run in answer]


def _serve(
    copy: partial[list[PackedRun]], asker: int, asking: IO[bytes], answering: IO[bytes]
) -> None:
    def work(ids: Ids) -> list[tuple[Any, ...]]:
        copied: list[PackedRun] = []
        for run_id in ids:
            if os.getppid() != asker:
                os._exit(1)  # killed: nobody wants the rest
            copied += copy([run_id])
        return [tuple(run) for run in copied]

    answer_all(asking, answering, work)
