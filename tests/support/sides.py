"""Two runs, and files of them, for tests of what differs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from core.compare.diff_file import FileDiff, Look, diff_files
from core.compare.diff_side import RunSide
from tests.support.runs import make_run

LEFT, RIGHT = "1a" * 16, "2b" * 16

Content = Mapping[str, str | bytes]


def two_runs(
    runs_dir: Path,
    left: Content | None = None,
    right: Content | None = None,
    *,
    attrs: tuple[Content, Content] = ({}, {}),
) -> tuple[RunSide, RunSide]:
    """A run with these files (and attributes) and another one."""
    return (
        RunSide(make_run(runs_dir, LEFT, attrs=attrs[0], files=left)),
        RunSide(make_run(runs_dir, RIGHT, attrs=attrs[1], files=right)),
    )


def compared(
    runs_dir: Path, name: str, left: str | bytes | None, right: str | bytes | None, **more: Look
) -> FileDiff:
    """The diff of a file that holds these bytes on either side; None for no file."""
    contents = [{} if each is None else {name: each} for each in (left, right)]
    one, other = two_runs(runs_dir, *contents)
    paths = [None if each is None else name for each in (left, right)]
    return diff_files((one, paths[0]), (other, paths[1]), lambda: None, **more)
