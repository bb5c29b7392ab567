"""A place outside of a home that has runs: how it is recognised and what it can tell.

Every kind of place answers the same questions, so that a table, a preview and an import need not
know whether runs lie in a directory, a zip or a tar. Nothing is extracted, executed or written.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, Protocol, runtime_checkable

from core.archives.archive_name import ZIP_SUFFIXES
from core.archives.entries import ArchiveEntry
from core.archives.ordinary import Ordinary
from core.archives.tar_headers import is_header
from core.archives.tar_stream import Packing
from core.check import Check, go_on
from core.errors import ArchiveError
from core.runs.guild_files import open_file, reason
from core.runs.run import Run

if TYPE_CHECKING:
    from core.archives.row_index import RowIndex

SourceKind = Literal["directory", "home", "zip", "tar", "remote"]

_ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
_GZIP_MAGIC = b"\x1f\x8b"
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"

Wanted = Callable[[str, ArchiveEntry], bool]
"""Whether the file with this entry, of the run with this id, is wanted."""


class RunSource(Protocol):
    """Runs of one place outside of a home. It may be used by one thread at a time.

    Attributes:
        path: Absolute path of the directory or archive.
        kind: What it is.
        index: What it says of its runs itself; None where it does not, or was not asked.
    """

    @property
    def path(self) -> Path:
        """Absolute path of the directory or archive."""

    @property
    def kind(self) -> SourceKind:
        """What it is."""

    @property
    def index(self) -> RowIndex | None:
        """What it says of its runs itself; None where it does not, or was not asked."""

    @property
    def title(self) -> str:
        """How it is called on screen."""

    def ids(self) -> list[str]:
        """Ids of its runs, in the order in which they are there."""

    def run_dir(self, run_id: str) -> Path:
        """Where a run is: a directory, or the archive's path with the run's place in it."""

    def run(self, run_id: str, *, brief: bool = False) -> Run:
        """What is known of a run without its event files; `problem` says what is not.

        Args:
            run_id: One of `ids`.
            brief: Whether to leave out what no table shows: command and dependencies.

        Raises:
            RunNotFound: There is no such run (any more).
        """

    def attr(self, run_id: str, name: str) -> Any:
        """One attribute of a run; None where it has none.

        Raises:
            RunDamaged: It cannot be read or understood. The message is a clause.
        """

    def entries(self, run_id: str, check: Check = ...) -> Collection[ArchiveEntry]:
        """Everything of a run that may be written elsewhere, in the order of the archive.

        Args:
            run_id: The run.
            check: Called often; raises to stop.

        Raises:
            ArchiveError: The run is unsafe or damaged, in one sentence: none of it may be written.
        """

    def remarks(self, run_id: str) -> tuple[str, ...]:
        """What `entries` leaves out (links that lead out, devices), a sentence each.

        Names that some disks take for one are told here too.

        Raises:
            ArchiveError: As `entries`.
        """

    def require_readable(self, run_id: str, check: Check = ...) -> None:
        """Refuse a run of which the archive itself says that not all of its files can be read.

        Nothing is unpacked for it: that a content is damaged is only seen when it is read.

        Raises:
            ArchiveError: So it is (a file is encrypted, or packed in a way that is not
                understood), or as `entries`.
        """

    def ordinary(self, run_id: str, check: Check = ...) -> Ordinary | None:
        """A run that can be taken the quick way; None where `entries` and `files` are to be asked.

        Nothing of an ordinary run is left out, and there is nothing to remark.

        Args:
            run_id: The run.
            check: Called often; raises to stop.

        Raises:
            RunNotFound: There is no such run (any more).
            ArchiveError: The archive cannot be read. It need not be raised: None is enough.
        """

    def open(self, run_id: str, name: str) -> BinaryIO:
        """Open a file of a run, one of `entries`. It can be read from its beginning on.

        Reading it to the end verifies it: a wrong checksum or another size than declared raises
        ArchiveError instead of giving the last bytes.

        Raises:
            ArchiveError: It is no file there, or cannot be read.
        """

    def files(
        self, ids: Sequence[str], check: Check, wanted: Wanted = lambda run_id, entry: True
    ) -> Iterator[tuple[str, ArchiveEntry, BinaryIO]]:
        """Id, entry and content of each file of runs, in the order that is quickest to read.

        For many files this is far quicker than `open`: a tar is read from its beginning to its end
        once. A content is valid until the next one is asked for. Directories and links are only in
        `entries`.

        Args:
            ids: The runs; ask `entries` of each first.
            check: Called often; raises to stop (core.errors.Cancelled).
            wanted: Which files.

        Raises:
            ArchiveError: A run is unsafe, or the archive is damaged.
        """

    def problems(self) -> list[str]:
        """Sentences on what was not understood of the whole, e.g. runs that are left out."""

    def close(self) -> None:
        """Close the files that are open."""


@runtime_checkable
class LiveSource(RunSource, Protocol):
    """A source whose runs may go on, and are looked at again meanwhile."""

    def goes_on(self, run_id: str) -> bool:
        """Whether a run was going on when it was looked at last; asks nobody."""

    def renew(self, run_id: str, names: Collection[str] | None, check: Check) -> None:
        """Look anew at a run: what is asked of it from now on is what it is now.

        Args:
            run_id: One of `ids`.
            names: Only at these files of it, and whether it goes on; None for all.
            check: Called often; raises to stop.

        Raises:
            RunNotFound: It is not there any more.
            core.errors.Error: The server cannot be asked.
        """

    def rest(self, run_id: str, starts: Mapping[str, int], check: Check) -> dict[str, BinaryIO]:
        """Files of a run, each from a place in it to the end that it had when it was looked at.

        Args:
            run_id: The run.
            starts: Where to begin, by the names of the files.
            check: Called often; raises to stop.

        Raises:
            ArchiveError: One of them is gone or shorter by now, or cannot be read.
        """


def clause_of(error: Exception) -> str:
    """A sentence as the end of another one."""
    text = reason(error) if isinstance(error, OSError) else str(error).rstrip(".")
    is_word = text.partition(" ")[0].isalpha()  # and not the name of a file
    return text[:1].lower() + text[1:] if is_word else text


def open_source(
    path: Path, *, check: Check = go_on, with_index: bool = False, for_import: bool = False
) -> RunSource:
    """Recognise what `path` is and open it; the caller closes it.

    A tar is read once from its beginning to its end, all else only where its runs are listed.

    Args:
        path: A run directory, a directory of runs, a home, a zip, or a tar (plain, `.gz`, `.zst`).
        check: Called often; raises to stop (core.errors.Cancelled).
        with_index: Whether what an archive says of its runs itself is believed: to look at them,
            never to bring them anywhere. A tar is not read through then.
        for_import: Whether runs are only to be brought somewhere, without looking at them: then
            less of a tar is remembered.

    Raises:
        ArchiveError: It is none of these, is damaged, or holds no run.
    """
    absolute = Path(os.path.abspath(path))  # links stay as they were named
    try:
        if absolute.is_dir():
            from core.archives.directory_source import open_directory_source

            return open_directory_source(absolute)
        with os.fdopen(open_file(os.fspath(absolute), follow=True), "rb") as file:
            head = file.read(512)
    except OSError as e:
        raise ArchiveError(f"Cannot open {path}: {reason(e)}.", path=absolute) from e
    return _open_archive(absolute, head, check, with_index=with_index, for_import=for_import)


def _open_archive(
    path: Path, head: bytes, check: Check, *, with_index: bool, for_import: bool
) -> RunSource:
    """By content, not by name: names of downloads are often wrong."""
    if head.startswith(_ZIP_MAGIC) or path.name.lower().endswith(ZIP_SUFFIXES):
        from core.archives.zip_source import ZipSource

        return ZipSource(path, check, with_index=with_index)
    packing = _packing_of(head)
    if packing is not None:
        from core.archives.tar_source import TarSource

        return TarSource(path, packing, check, with_index=with_index, for_import=for_import)
    raise ArchiveError(
        f"{path.name} is no archive of runs.",
        path=path,
        hint="Directories of runs, .zip, .tar, .tar.gz and .tar.zst are understood.",
    )


def _packing_of(head: bytes) -> Packing | None:
    """How a tar is packed; None where it can be none."""
    if head.startswith(_GZIP_MAGIC):
        return "gzip"
    if head.startswith(_ZSTD_MAGIC) or head[1:4] == b"\x2a\x4d\x18":  # or begins with an index
        return "zstd"
    return "plain" if is_header(head) else None
