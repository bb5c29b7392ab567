"""`-A/--archive`: looking at the runs of an export directory or archive instead of a home's."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from cli.screen import note
from core.archives.archive_index import ArchiveIndex
from core.archives.source import RunSource, open_source


@contextmanager
def open_archive(path: str) -> Iterator[RunSource]:
    """The runs of an archive or directory, and a note on what was not understood of it.

    Raises:
        ArchiveError: It is none, or damaged.
    """
    source = open_source(Path(path), with_index=True)
    try:
        for problem in source.problems():
            note(problem)
        yield source
    finally:
        source.close()


def open_runs(
    archive: str | None, remote: str | None, *, deleted: bool
) -> AbstractContextManager[RunSource]:
    """The runs of an archive or, where a remote is named, those of a server or of its trash."""
    if remote is None:
        return open_archive(archive or "")
    from cli.remote_place import open_remote_runs

    return open_remote_runs(remote, deleted=deleted)


def read_index(source: RunSource, *, scalars: bool) -> ArchiveIndex:
    """All runs of a source in columns.

    Args:
        source: The runs.
        scalars: Whether their event files are read too, which takes a few times as long.
    """
    index = ArchiveIndex(source)
    gc.disable()  # thousands of rows and no cycle among them
    try:
        for _ in index.refresh(scalars=scalars):
            pass
    finally:
        gc.enable()
    return index
