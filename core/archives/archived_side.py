"""One run of an archive, or of another machine, as what is compared asks for it (DiffSide).

Why a file is copied to be opened: files are read from any place in them, and a packed one can only
be read from its beginning. A small copy is in memory; a larger one is a file without a name, which
is gone when it is closed or the program is killed. Sizes are known without that, so two runs of a
hundred files each are mostly compared by the archive's list; of equal size, only small files are
copied to see whether they differ.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, cast

from core.archives.archive_files import iter_archived_files
from core.archives.archived_output import Use
from core.archives.archived_run import ArchivedRun
from core.archives.run_copies import RunCopies
from core.archives.source import clause_of
from core.check import Check
from core.errors import ArchiveError, RunDamaged, RunError
from core.runs.attrs import list_attrs, read_attr
from core.runs.files import FileEntry, shown
from core.runs.guild_files import reason
from core.runs.source_code import SourceFile
from core.scratch import Scratch
from core.text import format_bytes

MOST_READ = 4 * 1024 * 1024
"""Bytes of a file that is copied to see whether it differs from one of equal size."""
MOST_OPENED = 256 * 1024 * 1024
"""Bytes of a file that is copied to be looked at."""

_IN_MEMORY = 4 * 1024 * 1024
_PIECE = 1 << 20


class ArchivedSide:
    """A run that is compared (see core.compare.diff_side.DiffSide).

    Args:
        run_id: The run.
        use: Gives the source to one thread at a time.
        copies: Where its attributes are copied.
        scratch: Where larger files are copied for as long as they are open.
        check: Called often; raises to stop (core.errors.Cancelled).
    """

    most_read = MOST_READ

    def __init__(
        self, run_id: str, use: Use, copies: RunCopies, scratch: Scratch, check: Check
    ) -> None:
        self.name = run_id
        self._use = use
        self._copies = copies
        self._scratch = scratch
        self._check = check
        self._known_sizes: dict[str, int] | None = None

    def attr_names(self) -> Sequence[str]:
        """Names of its attributes."""
        return list_attrs(self._facts())

    def attr(self, name: str) -> Any:
        """One attribute."""
        return read_attr(self._facts(), name)

    def source(self, check: Check) -> tuple[Sequence[SourceFile], str]:
        """Its source code."""
        listing = ArchivedRun(self.name, self._use, self._copies).source(check)
        return listing.files, listing.problem

    def files(self, check: Check) -> Iterator[FileEntry]:
        """Everything in it but what is in `.guild`."""
        with self._use(check) as source:
            found = list(iter_archived_files(source, self.name))
        for entry in found:
            if entry.path != ".guild" and not entry.path.startswith(".guild/"):
                yield entry

    def size(self, path: str) -> int | None:
        """Bytes of a file; None where there is none."""
        return self._sizes().get(path)

    def open(self, path: str) -> BinaryIO:
        """A copy of a file.

        Raises:
            RunError: There is no such file, it is damaged or too large, or the disk is full.
        """
        size = self.size(path)
        if size is None:
            raise RunError(f"There is no file {shown(path)} in run {self.name[:8]}")
        if size > MOST_OPENED:
            what = f"{shown(path)} is {format_bytes(size)}, too large to be compared here"
            raise RunError(what, hint="Import or pull the run to compare it.")
        try:
            return self._copied(path, size)
        except ArchiveError as e:
            raise RunError(f"Cannot read {shown(path)}: {clause_of(e)}", hint=e.hint) from e
        except OSError as e:
            raise RunError(f"Cannot copy {shown(path)}: {reason(e)}") from e

    def _copied(self, path: str, size: int) -> BinaryIO:
        copy = io.BytesIO() if size <= _IN_MEMORY else self._nameless_file()
        try:
            with self._use(self._check) as source, source.open(self.name, path) as file:
                while piece := file.read(_PIECE):
                    self._check()
                    copy.write(piece)
            copy.seek(0)
        except BaseException:
            copy.close()
            raise
        return copy

    def _nameless_file(self) -> BinaryIO:
        place = self._scratch.make()
        try:
            return cast("BinaryIO", tempfile.TemporaryFile(dir=place))
        finally:
            with suppress(OSError):  # where it has a name after all it goes with the program
                place.rmdir()

    def _facts(self) -> Path:
        known = self._copies.has(self.name, "facts")
        if known is not None:
            return known
        try:
            with self._use(self._check) as source:
                return self._copies.copy(source, self.name, "facts", self._check)
        except ArchiveError as e:
            raise RunDamaged(f"attributes cannot be read: {clause_of(e)}") from e

    def _sizes(self) -> dict[str, int]:
        if self._known_sizes is None:
            with self._use(self._check) as source:
                entries = source.entries(self.name)
            self._known_sizes = {e.name: e.size for e in entries if e.kind == "file"}
        return self._known_sizes
