"""Commands on the files of one run: `ls`, `cat`, `output`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Any

import click

from cli.completion_command import complete_path
from cli.filter_options import filter_options
from cli.listing import run_argument
from cli.named_run import NamedRun, name_run
from cli.parsing import (
    DeskCommand,
    Request,
    archive_option,
    deleted_option,
    json_option,
    remote_option,
)
from cli.screen import is_terminal, note, printable, write_json, write_text, writing
from cli.terminal_filter import TerminalFilter
from core.index.filters import Filters
from core.runs.files import FileEntry


@click.command(cls=DeskCommand)
@run_argument
@click.option("-p", "--path", metavar="PATH|GLOB", help="Only files at or below PATH.")
@click.option("-s", "--sourcecode", is_flag=True, help="Only source code.")
@click.option("-d", "--dependencies", is_flag=True, help="Only dependencies.")
@click.option("-g", "--generated", is_flag=True, help="Only what the operation made.")
@click.option("-a", "--all", "all_files", is_flag=True, help="Also hidden files and Guild's own.")
@click.option("-f", "--full-path", is_flag=True, help="Show full paths.")
@click.option("-n", "--no-format", is_flag=True, help="Show paths alone, without a heading.")
@click.option("-L", "--follow-links", is_flag=True, help="Go into linked directories of runs.")
@click.option("--deleted", is_flag=True, help="Look among deleted runs.")
@archive_option
@remote_option()
@json_option
@filter_options
@click.pass_obj
def ls(
    request: Request,
    /,
    *,
    run: str | None,
    filters: Filters,
    deleted: bool,
    archive: str | None,
    remote: str | None,
    path: str | None,
    as_json: bool,
    all_files: bool,
    full_path: bool,
    no_format: bool,
    follow_links: bool,
    **kinds: bool,
) -> None:
    """List the files of a run.

    RUN is an id, the beginning of one, or the number of the run in the list; the latest run
    where none is named.
    """
    found = name_run(request, run, filters, deleted=deleted, archive=archive, remote=remote)
    wanted = _wanted_kinds(**kinds)
    entries = [
        entry
        for entry in _entries(found, follow_links=follow_links, hidden=all_files or bool(wanted))
        if _is_wanted(entry, wanted) and _is_at(entry.path, path)
    ]
    if as_json:
        write_json([_document(entry) for entry in entries])
        return
    if not entries and (path is not None or wanted):
        note(f"No file of run {found.id[:8]} is of that kind and place.")
        return
    is_plain = no_format or full_path
    prefix = f"{found.path}/" if full_path else "" if is_plain else "  "
    if not is_plain:
        write_text(f"{_shown(str(found.path))}:\n")
    write_text("".join(f"{_shown(prefix + _name(entry))}\n" for entry in entries))


@click.command(cls=DeskCommand)
@run_argument
@click.argument("path", required=False, shell_complete=complete_path)
@click.option("-p", "--path", "path_option", metavar="PATH", help="The same as the argument PATH.")
@click.option("-s", "--sourcecode", is_flag=True, help="PATH is that of a source code file.")
@click.option("-O", "--output", is_flag=True, help="Write the run's output instead of a file.")
@deleted_option
@archive_option
@remote_option()
@filter_options
@click.pass_obj
def cat(
    request: Request,
    /,
    *,
    run: str | None,
    path: str | None,
    path_option: str | None,
    sourcecode: bool,
    output: bool,
    filters: Filters,
    deleted: bool,
    archive: str | None,
    remote: str | None,
) -> None:
    """Write a file of a run to standard output.

    PATH is relative to the run's directory and may not lead out of it.
    """
    named = [each for each in (path, path_option) if each is not None]
    if output and (named or sourcecode):
        raise click.UsageError("-O/--output excludes a path and -s/--sourcecode.")
    if not output and len(named) != 1:
        raise click.UsageError("Exactly one path is needed: rundesk cat RUN PATH.")
    if named and not named[0]:
        raise click.UsageError("The path is empty: name a file of the run.")
    found = name_run(request, run, filters, deleted=deleted, archive=archive, remote=remote)
    _write_pieces(
        found.output(follow=False) if output else found.content(named[0], sourcecode=sourcecode)
    )


@click.command(cls=DeskCommand)
@run_argument
@click.option("-f", "--follow", is_flag=True, help="Go on while the run writes.")
@deleted_option
@archive_option
@remote_option()
@filter_options
@click.pass_obj
def output(
    request: Request,
    /,
    *,
    run: str | None,
    follow: bool,
    filters: Filters,
    deleted: bool,
    archive: str | None,
    remote: str | None,
) -> None:
    """Write the output of a run to standard output."""
    found = name_run(request, run, filters, deleted=deleted, archive=archive, remote=remote)
    _write_pieces(found.output(follow=follow))


def _entries(found: NamedRun, *, follow_links: bool, hidden: bool) -> Iterator[FileEntry]:
    def enter(entry: FileEntry) -> bool:
        if entry.name.startswith(".") and not hidden:
            return False
        return not entry.target or (follow_links and not entry.problem)

    for entry in found.files(enter):
        if hidden or not entry.name.startswith("."):
            yield entry


def _wanted_kinds(*, sourcecode: bool, dependencies: bool, generated: bool) -> frozenset[str]:
    """The kinds that were asked for; none for all."""
    asked = {"source": sourcecode, "dependency": dependencies, "generated": generated}
    return frozenset(kind for kind, is_asked in asked.items() if is_asked)


def _is_wanted(entry: FileEntry, wanted: frozenset[str]) -> bool:
    """Directories are left out where only files of some kind are asked for."""
    return not wanted or (entry.kind in wanted and entry.shape in ("file", "other"))


def _is_at(path: str, asked: str | None) -> bool:
    """Whether a path is what was asked for, matches it, or lies below either."""
    if asked is None:
        return True
    pattern = asked.removeprefix("./").rstrip("/")
    parts = path.split("/")
    ancestors = ["/".join(parts[: count + 1]) for count in range(len(parts))]
    return any(each == pattern or fnmatchcase(each, pattern) for each in ancestors)


def _name(entry: FileEntry) -> str:
    return f"{entry.path}/" if entry.shape in ("directory", "run") else entry.path


def _document(entry: FileEntry) -> dict[str, Any]:
    return {
        "path": entry.path,
        "kind": entry.kind,
        "type": entry.shape,
        "size": entry.size,
        "modified": entry.modified,
        "target": entry.target or None,
        "run": entry.run_id or None,
        "problem": entry.problem or None,
    }


def _shown(path: str) -> str:
    """A path for people is made printable; for a program it is what it is."""
    return printable(path) if is_terminal() else path


def _write_pieces(pieces: Iterable[bytes]) -> None:
    """Bytes as they are; on a terminal without what could steer it."""
    with writing():
        sys.stdout.flush()
    safe = TerminalFilter() if is_terminal() else None
    for piece in pieces:
        with writing():
            sys.stdout.buffer.write(safe.feed(piece) if safe else piece)
            sys.stdout.buffer.flush()
