"""Several places with runs, opened together for one import; what cannot be opened is told.

Why run directories that lie side by side are one source: people drop 500 of them at once, and each
would else be listed, planned and imported by itself.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from msgspec import Struct, field

from core.archives.directory_source import DirectorySource
from core.archives.entries import is_run_id
from core.archives.source import RunSource, open_source
from core.errors import ArchiveError
from core.home import Home
from core.runs.files import shown


class OpenedSources(Struct):
    """What was opened; it may be used by one thread at a time, and is closed by whoever has it.

    Attributes:
        sources: In the order in which they were named.
        problems: A sentence for each that could not be opened.
    """

    sources: list[RunSource] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def home(self) -> Path | None:
        """The one home among them that could be opened instead; None where it is not clear."""
        if len(self.sources) == 1 and self.sources[0].kind == "home":
            return self.sources[0].path
        return None

    def close(self) -> None:
        """Close the files that are open; doing it again is no error."""
        for source in self.sources:
            source.close()


def open_sources(
    home: Home, paths: Iterable[Path], *, check: Callable[[], None] = lambda: None
) -> OpenedSources:
    """Open what a user named.

    Args:
        home: Where the runs are to go; what lies there already is no source.
        paths: Files and directories.
        check: Called often; raises to stop, and then nothing stays open.
    """
    opened = OpenedSources()
    own = {os.path.realpath(place) for place in (home.runs_dir, home.trash_dir)}
    try:
        for path, ids in _grouped(dict.fromkeys(paths)):
            check()
            _open(opened, path, ids, own, check)
    except BaseException:
        opened.close()
        raise
    return opened


def _grouped(paths: Iterable[Path]) -> list[tuple[Path, list[str]]]:
    """Each path without ids; run directories as the directory around them and their ids."""
    groups: dict[Path, list[str]] = {}
    for path in paths:
        if is_run_id(path.name) and os.path.lexists(path / ".guild" / "opref"):
            groups.setdefault(path.parent, []).append(path.name)
        else:
            groups[path] = []
    return list(groups.items())


def _open(
    opened: OpenedSources,
    path: Path,
    ids: Sequence[str],
    own: set[str],
    check: Callable[[], None],
) -> None:
    try:
        source = (
            DirectorySource(path, "directory", path, ids) if ids else open_source(path, check=check)
        )
    except ArchiveError as e:
        opened.problems.append(e.told)
        return
    run_ids = source.ids()
    if run_ids and os.path.realpath(source.run_dir(run_ids[0]).parent) in own:
        source.close()
        opened.problems.append(f"The runs of {shown(str(path))} are in this home already.")
    else:
        opened.sources.append(source)
