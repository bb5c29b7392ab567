"""`rundesk diff`: what differs between two runs, or between a run and a directory."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click
from msgspec import Struct

from cli.completion_command import complete_run
from cli.diff_json import diff_document
from cli.diff_text import write_diff
from cli.filter_options import filter_options
from cli.listing import listing_of, open_index, store_of, up_to_date
from cli.parsing import DeskCommand, Request, archive_option, check_place, number_json_options
from cli.screen import printable, write_json, writing
from core.check import go_on
from core.compare.diff_command import (
    choose_command,
    guild_config_path,
    read_diff_commands,
    run_attached,
)
from core.compare.diff_file import FileDiff, diff_files
from core.compare.diff_paths import command_paths, project_dir
from core.compare.diff_runs import (
    SECTIONS,
    FilePair,
    RunDiff,
    SectionName,
    diff_runs,
    has_file,
)
from core.compare.diff_side import DiffSide, DirectorySide, RunSide
from core.directories import Directories
from core.errors import RunError, RunNotFound
from core.home import Home
from core.index.filters import Filters
from core.runs.selection import needs_order, resolve_run
from core.runs.source_code import list_source

AnyFunction = TypeVar("AnyFunction", bound=Callable[..., Any])

_OF_ATTRS: tuple[SectionName, ...] = (
    *("flags", "attributes", "environment", "packages", "dependencies"),
)
_PARTS = (
    ("-O", "output", "what the runs printed"),
    ("-s", "sourcecode", "source code, line by line"),
    ("-e", "env", "environments and packages"),
    ("-f", "flags", "flags"),
    ("-a", "attrs", "all attributes, flags included"),
    ("-D", "deps", "resolved dependencies"),
)
_OPTIONS: dict[str, tuple[SectionName, ...]] = {
    "output": ("output",),
    "sourcecode": ("source",),
    "env": ("environment", "packages"),
    "flags": ("flags",),
    "attrs": _OF_ATTRS,
    "deps": ("dependencies",),
}
_OF_FILES: tuple[SectionName, ...] = ("source", "files", "output")
_WITH_LINES = ("source", "output")
"""Sections whose files are compared line by line where they are asked for by name."""


class Found(Struct, frozen=True):
    """What the command found out.

    Attributes:
        runs: Section by section.
        files: Line by line, where that was asked for: the name of each file and its diff.
    """

    runs: RunDiff
    files: tuple[tuple[str, FileDiff], ...]


def _part_options(function: AnyFunction) -> AnyFunction:
    """Add the options that choose sections."""
    for letter, name, what in reversed(_PARTS):
        function = click.option(letter, f"--{name}", is_flag=True, help=f"Compare {what}.")(
            function
        )
    return function


def _other_options(function: AnyFunction) -> AnyFunction:
    """Add the options that let a directory, or another program, take part."""
    for option in (
        click.option(
            *("-g", "--guild-cmd", "by_guild"),
            is_flag=True,
            help="Let the program compare that Guild's configuration names.",
        ),
        click.option("-c", "--cmd", "command", metavar="CMD", help="Let the program CMD compare."),
        click.option(
            *("-d", "--dir", "directory"),
            metavar="DIR",
            help="Compare a run's source code with DIR.",
        ),
        click.option(
            *("-w", "--working"),
            is_flag=True,
            help="Compare a run's source code with its project.",
        ),
    ):
        function = option(function)
    return function


@click.command(cls=DeskCommand)
@click.argument("run", required=False, shell_complete=complete_run)
@click.argument("other", required=False, shell_complete=complete_run)
@_part_options
@click.option(
    *("-p", "--path", "paths"),
    multiple=True,
    metavar="PATH",
    help="Compare this file; with -s a file of the source code.",
)
@_other_options
@click.option("--deleted", is_flag=True, help="Look among deleted runs.")
@archive_option
@number_json_options
@filter_options
@click.pass_obj
def diff(
    request: Request,
    /,
    *,
    run: str | None,
    other: str | None,
    filters: Filters,
    deleted: bool,
    paths: tuple[str, ...],
    working: bool,
    directory: str | None,
    command: str | None,
    by_guild: bool,
    archive: str | None,
    as_json: bool,
    **parts: bool,
) -> None:
    """Show what differs between two runs.

    RUN and OTHER are ids, beginnings of ids, or numbers of the list; 2 and 1 where none is named,
    so that the latest run is compared to the one before. Without options all sections are told,
    and files by their names.
    """
    _check_options(working=working, directory=directory, runs=(run, other))
    check_place(archive, deleted=deleted)
    is_alone = working or directory is not None
    texts = [run or "1"] if is_alone else [run or "2", other or "1"]
    if archive is None:
        left, *others = _find(request.home, texts, filters, deleted=deleted)
    else:
        left, *others = _find_archived(archive, texts, filters)
    if is_alone:
        asked: list[SectionName] = ["source"]
        right = _directory_for(left, directory)
        side: DiffSide = DirectorySide(
            right, frozenset(file.title for file in list_source(left).files)
        )
    else:
        asked, right = _sections(parts), others[0]
        side = RunSide(right)
    if command is not None or by_guild:
        _run_command((left, right), asked, paths, command)
        return
    _write(_compare(RunSide(left), side, asked, paths), as_json=as_json)


def _write(found: Found, *, as_json: bool) -> None:
    if as_json:
        write_json(diff_document(found.runs, found.files))
    else:
        write_diff(found.runs, found.files)


def _check_options(
    *, working: bool, directory: str | None, runs: tuple[str | None, str | None]
) -> None:
    """Raises UsageError where options exclude each other, or runs are missing."""
    is_run_alone = working or directory is not None
    if working and directory is not None:
        raise click.UsageError("-w/--working and -d/--dir exclude each other.")
    if runs[1] is not None and is_run_alone:
        raise click.UsageError("-w/--working and -d/--dir take one run.")
    if runs[0] is not None and runs[1] is None and not is_run_alone:
        raise click.UsageError("Two runs are needed: rundesk diff RUN OTHER.")


def _sections(parts: dict[str, bool]) -> list[SectionName]:
    """Sections that were asked for by options, in order; none for no option."""
    asked = {name for option, names in _OPTIONS.items() if parts[option] for name in names}
    return [name for name in SECTIONS if name in asked]


def _find(home: Home, texts: Sequence[str], filters: Filters, *, deleted: bool) -> list[Path]:
    """Directories of the runs that are named.

    Raises:
        RunNotFound: There is none of that name, or too few.
        RunAmbiguous: A text means several.
    """
    store = store_of(home, deleted=deleted)
    if filters == Filters() and not any(map(needs_order, texts)):
        ids: Sequence[str] = store.ids()
    else:
        with open_index(home) as index:
            ids = up_to_date(
                index, lambda: listing_of(index, filters, deleted=deleted).ids, deleted=deleted
            )
    return [store.run_dir(run_id) for run_id in _resolved(texts, ids)]


def _find_archived(archive: str, texts: Sequence[str], filters: Filters) -> list[Path]:
    """Directories of the runs of an archive: copies, which go when the command ends.

    Raises:
        ArchiveError: The archive cannot be read, or a run is unsafe, damaged or too large.
        RunNotFound: There is none of that name, or too few.
    """
    from cli.archived import open_archive, read_index
    from core.archives.run_copies import RunCopies
    from core.scratch import Scratch

    context = click.get_current_context()
    source = context.with_resource(open_archive(archive))
    ids: Sequence[str] = source.ids()
    if filters != Filters() or any(map(needs_order, texts)):
        index = read_index(source, scalars=bool(filters.expression))
        ids = listing_of(index, filters, deleted=False).ids
    found = _resolved(texts, ids)
    if source.kind in ("directory", "home"):
        return [source.run_dir(run_id) for run_id in found]
    scratch = Scratch(Directories.of_user().cache / "scratch")
    context.call_on_close(scratch.close)
    copies = RunCopies(scratch)
    return [copies.copy(source, run_id, "files", go_on) for run_id in found]


def _resolved(texts: Sequence[str], ids: Sequence[str]) -> list[str]:
    """Ids of the runs that are named among these."""
    if len(ids) < len(texts):
        raise RunNotFound(
            f"Two runs are needed to compare, and there {'is one' if ids else 'are none'}."
            if len(texts) > 1
            else "There is no run to compare."
        )
    return [ids[resolve_run(text, ids)] for text in texts]


def _directory_for(run_dir: Path, named: str | None) -> Path:
    """The directory that was named, or that of the project the run was made from.

    Raises:
        RunError: There is no such directory.
    """
    path = Path(named).absolute() if named is not None else project_dir(run_dir)
    if not path.is_dir():
        raise RunError(f"There is no directory {path}.", hint="Name one with -d DIR.")
    return path


def _run_command(
    pair: tuple[Path, Path], asked: Sequence[SectionName], paths: Sequence[str], command: str | None
) -> None:
    """Let a program compare; what it says goes where our own answer would go."""
    if command is not None:
        commands: Mapping[str, str] = {"default": command}
    else:
        config = guild_config_path(os.environ, Path.cwd(), Path("~").expanduser())
        commands = read_diff_commands(config)
    for left, right in command_paths(*pair, asked, paths):
        with writing():
            sys.stdout.flush()
        run_attached(choose_command(commands, str(left)), left, right)


def _compare(
    left: DiffSide, right: DiffSide, asked: Sequence[SectionName], paths: Sequence[str]
) -> Found:
    """The sections that were asked for, and the files that are compared line by line."""
    if not paths:
        runs = diff_runs(left, right, asked or SECTIONS)
        by_line = [name for name in _WITH_LINES if name in asked]
        pairs = [
            pair
            for section in runs.sections
            for pair in section.files
            if section.name in by_line and pair.change != "same"
        ]
    else:
        runs = diff_runs(left, right, [name for name in asked if name not in _OF_FILES])
        pairs = list(_named_pairs(left, right, asked, paths))
    files = [
        (pair.name, diff_files((left, pair.left), (right, pair.right), go_on)) for pair in pairs
    ]
    return Found(runs, tuple(files))


def _named_pairs(
    left: DiffSide, right: DiffSide, asked: Sequence[SectionName], paths: Sequence[str]
) -> Iterator[FilePair]:
    """The files that are named, and those in the directories that are.

    Raises:
        RunError: Neither side has a file of that name.
    """
    found = diff_runs(left, right, ["source"] if "source" in asked else _OF_FILES)
    pairs = [pair for section in found.sections for pair in section.files]
    for path in paths:
        name = path.removeprefix("./").rstrip("/")
        named = [pair for pair in pairs if pair.name == name or pair.name.startswith(f"{name}/")]
        if named:
            yield from (pair for pair in named if pair.name == name or pair.change != "same")
        else:
            yield _own_pair(left, right, name)


def _own_pair(left: DiffSide, right: DiffSide, path: str) -> FilePair:
    """A file that belongs to no section, such as one of Guild's own."""
    left_path, right_path = (path if has_file(side, path) else None for side in (left, right))
    if left_path is None and right_path is None:
        raise RunError(
            f"Neither {left.name[:8]} nor {right.name[:8]} has a file {printable(path)}."
        )
    return FilePair(path, "unsure", left_path, right_path)
