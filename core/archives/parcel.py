"""One archive of some runs, made for a drag or the clipboard where nobody looks.

From a home it is an export. From an archive the runs are imported into a home that is made for that
and exported from there, so that everything that either checks is checked: what is handed on is
whole, and named by its checksums.

Killed at any moment it leaves a directory that core.scratch removes at the next start; a full disk
or a cancel leaves nothing but that directory's own end.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from core.archives.destination import look_at_place
from core.archives.export import ExportOptions, ExportOutcome, export_runs, format_of
from core.archives.importing import ImportOutcome, import_runs
from core.archives.plan import plan_import
from core.archives.source import clause_of, open_source
from core.errors import ArchiveError, Cancelled
from core.home import Home
from core.runs.guild_files import reason
from core.runs.refusal import Refusal
from core.scratch import Scratch

Advance = Callable[[int], None]


class Parcel(Struct, frozen=True):
    """An archive that is kept until the program ends.

    Attributes:
        path: Where it is.
        runs: How many runs are in it.
        size: Its bytes.
    """

    path: Path
    runs: int
    size: int


def pack_runs(
    home: Home, ids: Sequence[str], name: str, scratch: Scratch, *, advance: Advance
) -> Parcel:
    """Pack runs of a home.

    Args:
        home: Where they are.
        ids: Which.
        name: What the archive is called, with its ending.
        scratch: Keeps it until the program ends.
        advance: Called with the bytes that were copied, often; raises to stop.

    Raises:
        ArchiveError: They cannot be packed; none is left out in silence.
        Cancelled: `advance` asked for it.
    """
    path = _place(scratch) / name
    outcome = export_runs(home, ids, path, ExportOptions(), advance=advance)
    _require_all(outcome.refused, cancelled=outcome.cancelled)
    return Parcel(path, len(outcome.exported), path.stat().st_size)


def repack_runs(
    file: Path, ids: Sequence[str], name: str, scratch: Scratch, *, advance: Advance
) -> Parcel:
    """Pack runs of an archive or of a directory of runs; arguments, result and errors as above.

    Args:
        file: The archive or directory.
        ids: Which of its runs.
        name: What the new archive is called, with its ending.
        scratch: Keeps it until the program ends.
        advance: Called with the bytes that were copied, often; raises to stop.
    """
    home, brought = _unpacked(file, ids, scratch, advance)
    _require_all(brought.refused, cancelled=brought.cancelled)
    return pack_runs(home, brought.imported, name, scratch, advance=lambda _: advance(0))


def export_packed(
    file: Path, ids: Sequence[str], destination: Path, scratch: Scratch, *, advance: Advance
) -> ExportOutcome:
    """Export runs of an archive or of a directory of runs; those that are damaged are refused.

    Killed or cancelled, nothing of an archive is there (core.archives.archive_target), and of a
    directory whole runs only.

    Args:
        file: The archive or directory.
        ids: Which of its runs.
        destination: A directory or an archive; what is there stays.
        scratch: Keeps the runs meanwhile.
        advance: Called with the bytes that were copied, often; raises to stop.

    Raises:
        ArchiveError: They cannot be read, or the destination cannot be written.
    """
    if os.path.realpath(file) == os.path.realpath(destination):
        what = f"Cannot export to {destination}: the runs themselves are there."
        raise ArchiveError(what, path=destination, hint="Choose another name.")
    problem = look_at_place(destination, format_of(destination)).problem
    if problem:
        raise ArchiveError(problem, path=destination)
    home, brought = _unpacked(file, ids, scratch, advance)
    try:
        if brought.cancelled:
            return ExportOutcome(destination, cancelled=True)
        check = partial(advance, 0)
        outcome = export_runs(
            home, brought.imported, destination, ExportOptions(), advance=lambda _: check()
        )
    finally:
        shutil.rmtree(home.path, ignore_errors=True)
    remarks = (*brought.remarks, *outcome.remarks)
    return replace(outcome, refused=(*brought.refused, *outcome.refused), remarks=remarks)


def _unpacked(
    file: Path, ids: Sequence[str], scratch: Scratch, advance: Advance
) -> tuple[Home, ImportOutcome]:
    """A home with the runs, verified.

    Raises:
        ArchiveError: They cannot be read, or there is no room.
    """
    home = Home(_place(scratch))
    check = partial(advance, 0)
    try:
        source = open_source(file, check=check, for_import=True)
        try:
            only = {source.path: frozenset(ids)}
            plan = plan_import(home, [source], only=only, with_runs=False, check=check)
            return home, import_runs(home, plan, advance=advance)
        finally:
            source.close()
    except ArchiveError as e:
        raise ArchiveError(f"The runs cannot be packed: {clause_of(e)}.", path=file) from e


def _place(scratch: Scratch) -> Path:
    try:
        return scratch.make()
    except OSError as e:
        raise ArchiveError(f"Nothing can be packed: {reason(e)}.") from e


def _require_all(refused: Sequence[Refusal], *, cancelled: bool) -> None:
    if cancelled:
        raise Cancelled
    if refused:
        more = f" (and {len(refused) - 1:,} more runs)" if len(refused) > 1 else ""
        raise ArchiveError(f"Not all runs can be packed: {refused[0].reason}{more}")
